#!/usr/bin/env python3
"""Check an exported journal without Fairdue: python3 verify_journal.py journal.jsonl

Needs nothing but Python. Each line of the export (`fairdue journal export`) is one entry with its number, the hash
before it and its own hash. A line may lack `detail` and carry `detail_digest` instead: redaction keeps the chain.
"""

import hashlib
import json
import sys

FIELDS = ("id", "at", "actor_id", "actor", "verb", "subject", "subject_id", "person_id")


def true_hash(line: dict) -> str:
    """What the entry's hash must be, from its content and the hash before it."""
    digest = line.get("detail_digest") or hashlib.sha256(line["detail"].encode()).hexdigest()
    parts = [line["seq"], *(line[name] for name in FIELDS), digest]
    body = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(bytes.fromhex(line["before"]) + body.encode()).hexdigest()


def main(path: str) -> int:
    """Print the first ten faults and the verdict; 0 when intact."""
    faults, seq, before = [], 0, hashlib.sha256(b"fairdue").hexdigest()
    with open(path, encoding="utf-8") as lines:
        for text in lines:
            line = json.loads(text)
            seq += 1
            if line["seq"] != seq:
                faults.append(f"expected entry {seq}, found {line['seq']}: entries are missing")
                seq = line["seq"]
            elif line["before"] != before:
                faults.append(f"entry {seq} does not follow the entry before it")
            if line["hash"] != true_hash(line):
                faults.append(f"entry {seq} was changed")
            before = line["hash"]
    for fault in faults[:10]:
        print(fault)
    print(f"{seq} entries, head {before}: {'BROKEN' if faults else 'intact'}")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
