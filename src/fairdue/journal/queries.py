"""Reading and checking the journal."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO

from django.db import connection

from fairdue.journal.models import Head, Link, Seal

GENESIS = hashlib.sha256(b"fairdue").digest()
PROBLEMS_MOST = 100


@dataclass
class Report:
    """What `verify` found: entries read and problems, first 100, in the order of the chain."""

    entries: int = 0
    problems: list[str] = field(default_factory=list)
    head: str = ""

    @property
    def intact(self) -> bool:
        """No gap, no edit."""
        return not self.problems

    def add(self, problem: str) -> None:
        """Note a problem, up to the limit."""
        if len(self.problems) < PROBLEMS_MOST:
            self.problems.append(problem)


def body(seq: int, row: dict[str, object]) -> str:
    """The text that is hashed for one entry; the same as the database's fairdue_journal_body."""
    at = row["at"]
    assert isinstance(at, datetime)
    digest = hashlib.sha256(str(row["detail"]).encode()).hexdigest()
    parts = [
        seq,
        row["id"],
        at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f"),
        row["actor_id"],
        row["actor"],
        row["verb"],
        row["subject"],
        row["subject_id"],
        row["person_id"],
        digest,
    ]
    return "\x1f".join("" if part is None else str(part) for part in parts)


def links() -> Iterator[tuple[int, bytes, bytes, dict[str, object]]]:
    """The chain in order: number, hash before, hash, entry as a dictionary."""
    rows = Link.objects.order_by("seq").values_list(
        "seq",
        "before",
        "hash",
        "entry__id",
        "entry__at",
        "entry__actor_id",
        "entry__actor",
        "entry__verb",
        "entry__subject",
        "entry__subject_id",
        "entry__person_id",
        "entry__detail",
    )
    names = ("id", "at", "actor_id", "actor", "verb", "subject", "subject_id", "person_id", "detail")
    for seq, before, digest, *entry in rows.iterator(chunk_size=5000):
        yield seq, bytes(before), bytes(digest), dict(zip(names, entry, strict=True))


def verify() -> Report:
    """Walk the whole chain and the seals; report every gap and edit (first 100)."""
    report = Report()
    expected, before = 1, GENESIS
    hashes: dict[int, bytes] = {}
    sealed = set(Seal.objects.values_list("seq", flat=True))
    for seq, stated, digest, row in links():
        while expected < seq:
            report.add(f"entry {expected} is missing from the chain")
            expected += 1
            before = stated
        if stated != before:
            report.add(f"entry {seq}: does not follow the entry before it")
        true = hashlib.sha256(stated + body(seq, row).encode()).digest()
        if digest != true:
            # The next link repeats this hash: when it agrees with ours, the hash was changed, else the content.
            changed = "hash" if _next_states(seq, true) else "content"
            report.add(f"entry {seq}: its {changed} was changed")
        if seq in sealed:
            hashes[seq] = digest
        expected, before = seq + 1, digest
        report.entries += 1
    _check_ends(report, expected - 1, before, hashes)
    return report


def _next_states(seq: int, digest: bytes) -> bool:
    after = Link.objects.filter(seq=seq + 1).values_list("before", flat=True).first()
    head = Head.objects.filter(pk=1, seq=seq).values_list("hash", flat=True).first()
    found = after if after is not None else head
    return found is not None and bytes(found) == digest


def _check_ends(report: Report, last: int, digest: bytes, hashes: dict[int, bytes]) -> None:
    head = Head.objects.filter(pk=1).first()
    if head and (head.seq, bytes(head.hash)) != (last, digest):
        report.add(f"the chain ends at entry {last}, the database says {head.seq}")
    for seal in Seal.objects.order_by("day"):
        if seal.seq and hashes.get(seal.seq) != bytes(seal.hash):
            report.add(f"the seal of {seal.day} does not fit entry {seal.seq}")
    with connection.cursor() as cursor:
        cursor.execute(
            "select e.id from journal_entry e left join journal_link l on l.entry_id = e.id where l.seq is null limit 5"
        )
        for (entry,) in cursor.fetchall():
            report.add(f"the entry with id {entry} was never chained")
    report.head = digest.hex()


def export(out: IO[str]) -> int:
    """Write the chain as JSON lines for the stand-alone verifier (scripts/verify_journal.py); gives the number of lines."""
    n = 0
    for seq, before, digest, row in links():
        at = row.pop("at")
        assert isinstance(at, datetime)
        line = {
            "seq": seq,
            "before": before.hex(),
            "hash": digest.hex(),
            "at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f"),
            **row,
        }
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
        n += 1
    return n
