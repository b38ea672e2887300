#!/usr/bin/env python3
"""Check an exported journal or an evidence pack without Fairdue. Needs nothing but Python (3.8 or newer).

    python3 verify_journal.py journal.jsonl             an export of the whole journal (fairdue journal export)
    python3 verify_journal.py pack.zip                  an evidence pack; the same script lies in it as verify.py
    python3 verify_journal.py pack.zip --known HASH     also: this hash, known from elsewhere, stands in the chain

Each line of a journal is one entry with its number, the hash before it and its own hash. A line may lack `detail` and
carry `detail_digest` instead: what is not told keeps the chain. In a pack, the manifest names every file with its
SHA-256; the last entry of receipt.jsonl names the SHA-256 of the manifest. Take this script from a source of your own
if you do not trust the pack's. Somebody who owns the database can make a new chain from the beginning: compare a hash
with an evening's seal that was kept elsewhere (--known).
"""

import hashlib
import json
import sys
import zipfile
from typing import Any, Dict, IO, Iterable, List, Optional

FIELDS = ("id", "at", "actor_id", "actor", "verb", "subject", "subject_id", "person_id")
OUTSIDE = {"manifest.json", "receipt.jsonl"}
JOURNAL = "journal.jsonl"
SHOWN = 10


def true_hash(line: Dict[str, Any]) -> str:
    """What the entry's hash must be, from its content and the hash before it."""
    digest = hashlib.sha256(line["detail"].encode()).hexdigest() if "detail" in line else line["detail_digest"]
    parts = [line["seq"], *(line[name] for name in FIELDS), digest]
    body = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(bytes.fromhex(line["before"]) + body.encode()).hexdigest()


class Chain:
    """Follows entries one by one. gaps: entries may be left out between others (never changed)."""

    def __init__(self, seq: int, before: Optional[str], gaps: bool = False) -> None:
        self.seq, self.before, self.gaps = seq, before, gaps
        self.faults: List[str] = []
        self.entries, self.left_out = 0, 0
        self.wanted: Dict[int, str] = {}
        self.known: Optional[str] = None
        self.found = False

    def follow(self, lines: Iterable[bytes]) -> None:
        """Check entries in order."""
        for text in lines:
            try:
                self._entry(json.loads(text.decode()))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                self.faults.append("entry after %d cannot be read: %s" % (self.seq, error))

    def _entry(self, line: Dict[str, Any]) -> None:
        self.seq += 1
        self.entries += 1
        if line["seq"] != self.seq:
            if not (self.gaps and line["seq"] > self.seq):
                self.faults.append("expected entry %d, found %s: entries are missing" % (self.seq, line["seq"]))
            else:
                self.left_out += line["seq"] - self.seq
            self.seq = line["seq"]
        elif self.before is not None and line["before"] != self.before:
            self.faults.append("entry %d does not follow the entry before it" % self.seq)
        if line["hash"] != true_hash(line):
            self.faults.append("entry %d was changed" % self.seq)
        if self.wanted.get(self.seq, line["hash"]) != line["hash"]:
            self.faults.append("entry %d does not fit the seal of its day" % self.seq)
        self.found = self.found or line["hash"] == self.known
        self.before = line["hash"]


def check_journal(path: str) -> int:
    """Print the first ten faults and the verdict; 0 when intact."""
    chain = Chain(0, hashlib.sha256(b"fairdue").hexdigest())
    with open(path, "rb") as lines:
        chain.follow(lines)
    for fault in chain.faults[:SHOWN]:
        print(fault)
    state = "BROKEN" if chain.faults else "intact"
    print("%d entries, head %s: %s" % (chain.entries, chain.before, state))
    return 1 if chain.faults else 0


def digest(file: IO[bytes]) -> str:
    """SHA-256 of a file, read in pieces."""
    found = hashlib.sha256()
    for piece in iter(lambda: file.read(1 << 20), b""):
        found.update(piece)
    return found.hexdigest()


def check_pack(path: str, known: Optional[str] = None) -> int:
    """Print the first ten faults of an evidence pack and the verdict; 0 when intact."""
    faults: List[str] = []
    said: List[str] = []
    try:
        with zipfile.ZipFile(path) as pack:
            manifest = json.loads(pack.read("manifest.json").decode())
            faults += check_files(pack, manifest)
            faults += check_chain(pack, manifest, known, said)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        faults.append("the pack cannot be read: %s" % error)
    for fault in faults[:SHOWN]:
        print(fault)
    for line in said:
        print(line)
    print("pack %s: %s" % (path, "BROKEN" if faults else "intact"))
    return 1 if faults else 0


def check_files(pack: zipfile.ZipFile, manifest: Dict[str, Any]) -> List[str]:
    """Every file is named in the manifest, none is missing, none was changed."""
    names = pack.namelist()
    listed = {one["name"]: one for one in manifest["files"]}
    faults = ["%s is in the pack twice" % name for name in sorted({name for name in names if names.count(name) > 1})]
    faults += ["%s is not named in the manifest" % name for name in sorted(set(names) - set(listed) - OUTSIDE)]
    faults += ["%s is missing" % name for name in sorted(set(listed) - set(names))]
    for name in names:
        if name in listed:
            with pack.open(name) as file:
                if digest(file) != listed[name]["sha256"]:
                    faults.append("%s was changed" % name)
    return faults


def check_chain(pack: zipfile.ZipFile, manifest: Dict[str, Any], known: Optional[str], said: List[str]) -> List[str]:
    """The journal's stretch follows itself, the receipt follows the stretch, and its last entry names the manifest."""
    part = manifest["journal"]
    chain = Chain(part["first"] - 1, None, gaps=not part["whole"])
    chain.wanted = {seal["seq"]: seal["hash"] for seal in manifest["seals"]}
    chain.known = known
    with pack.open(JOURNAL) as lines:
        chain.follow(lines)
    if chain.entries != part["entries"]:
        chain.faults.append("the journal has %d entries, the manifest says %d" % (chain.entries, part["entries"]))
    if chain.entries and chain.seq != part["last"]:
        chain.faults.append("the journal ends at entry %d, the manifest says %d" % (chain.seq, part["last"]))
    told, chain.gaps = chain.entries, False
    receipt = pack.read("receipt.jsonl").splitlines()
    chain.follow(receipt)
    last = json.loads(receipt[-1].decode())
    stated = json.loads(last["detail"])
    if last["verb"] != "evidence.made" or stated["manifest"] != hashlib.sha256(pack.read("manifest.json")).hexdigest():
        chain.faults.append("the manifest is not the one that was journalled")
    if known and not chain.found:
        chain.faults.append("no entry has the hash %s" % known)
    left = "" if part["whole"] else ", %d others left out between them" % chain.left_out
    said.append("%d files, %d journal entries%s" % (len(manifest["files"]), told, left))
    said.append(
        "manifest journalled as entry %d at %s by %s, hash %s" % (last["seq"], last["at"], last["actor"], last["hash"])
    )
    return chain.faults


def main(arguments: List[str]) -> int:
    """0 intact, 1 broken, 2 wrongly asked."""
    if "-h" in arguments[1:] or "--help" in arguments[1:]:
        print(__doc__)
        return 0
    known = None
    if "--known" in arguments[1:]:
        place = arguments.index("--known")
        known = arguments[place + 1].lower() if place + 1 < len(arguments) else ""
        arguments = arguments[:place] + arguments[place + 2 :]
    if len(arguments) != 2 or known == "":
        print(__doc__)
        return 2
    try:
        with open(arguments[1], "rb"):
            pass
    except OSError as error:
        print("%s cannot be opened: %s" % (arguments[1], error.strerror))
        return 2
    if zipfile.is_zipfile(arguments[1]) or arguments[1].endswith(".zip"):
        return check_pack(arguments[1], known)
    return check_journal(arguments[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv))
