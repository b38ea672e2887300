"""The stretch of the journal that proves a pack, as JSON lines for the stand-alone verifier.

Entries about the pack's persons come with their detail; those between them with its digest alone, so that the chain
can be followed without telling what is not asked for. A stretch longer than CHAIN_MOST is cut into islands: own
entries alone, each provable by itself, the gaps stated.
"""

# ruff: noqa: S608 - queries are put together from constants; values are parameters

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from django.db import connection

from fairdue.evidence.datasets import PIECE
from fairdue.evidence.scope import Scope

CHAIN_MOST: Final = 1_000_000
"""Entries of an unbroken stretch; about 400 bytes each before compression."""
_WORDS: Final = re.compile(r'"(?:why|reason|words|note|address|filter|query|what)":"[^"]')
"""Details that may hold somebody's own words; a masked pack gives their digest."""

_LINES: Final = """
    select l.seq, l.before, l.hash, e.id, e.at, e.actor_id, e.actor, e.verb, e.subject, e.subject_id, e.person_id, e.detail,
        {own} as own
    from journal_link l join journal_entry e on e.id = l.entry_id where l.seq between %(first)s and %(last)s {only}
    order by l.seq
"""
_NAMES: Final = ("seq", "before", "hash", "id", "at", "actor_id", "actor", "verb", "subject", "subject_id", "person_id")


@dataclass(frozen=True)
class Stretch:
    """Entries first..last of the chain; whole: every one of them, else own entries alone."""

    first: int
    last: int
    whole: bool


def stretch(scope: Scope) -> Stretch:
    """From the first entry about the pack's persons to the end of the chain; empty (first > last) when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(seq), 0) from journal_link")
        last = cursor.fetchone()[0]
        cursor.execute(
            f"select min(l.seq) from journal_entry e join journal_link l on l.entry_id = e.id where {_own(scope)}",
            scope.terms,
        )
        first = cursor.fetchone()[0] or last + 1
    return Stretch(first, last, last - first + 1 <= CHAIN_MOST)


def lines(scope: Scope, part: Stretch, *, full: bool) -> Iterator[dict[str, Any]]:
    """The lines of a stretch in order. Call inside a transaction."""
    own = _own(scope)
    query = _LINES.format(own=f"({own})", only="" if part.whole else f"and ({own} or l.seq = %(last)s)")
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, {**scope.terms, "first": part.first, "last": part.last})
        while piece := cursor.fetchmany(PIECE):
            for *entry, detail, mine in piece:
                yield _line(entry, detail, told=mine and (full or not _WORDS.search(detail)))


def receipt(*, after: int, entry_id: int) -> list[dict[str, Any]]:
    """The lines after the stretch up to the entry that names the manifest; that one alone with its detail."""
    query = _LINES.format(own="e.id = %(entry)s", only="")
    with connection.cursor() as cursor:
        cursor.execute("select seq from journal_link where entry_id = %s", [entry_id])
        (last,) = cursor.fetchone()
        cursor.execute(query, {"first": after + 1, "last": last, "entry": entry_id})
        return [_line(entry, detail, told=mine) for *entry, detail, mine in cursor.fetchall()]


def seals(part: Stretch) -> list[dict[str, Any]]:
    """The evening seals within a stretch: day, number, hash."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select day, seq, hash from journal_seal where seq between %s and %s order by day", [part.first, part.last]
        )
        return [{"day": str(day), "seq": seq, "hash": bytes(hashed).hex()} for day, seq, hashed in cursor.fetchall()]


def _line(entry: list[Any], detail: str, *, told: bool) -> dict[str, Any]:
    line = dict(zip(_NAMES, entry, strict=True))
    line |= {"before": bytes(line["before"]).hex(), "hash": bytes(line["hash"]).hex()}
    line["at"] = line["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    if told:
        return line | {"detail": detail}
    return line | {"detail_digest": hashlib.sha256(detail.encode()).hexdigest()}


def text(line: dict[str, Any]) -> str:
    """A line as it is written."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def _own(scope: Scope) -> str:
    """Entries about the persons or their cases, and packs of evidence about them, within the period."""
    within = [f"e.at >= %({name})s" for name in ("since",) if scope.since]
    within += ["e.at < %(until)s"] if scope.until else []
    about = []
    if scope.person_id is not None:
        about.append("e.person_id = %(person)s")
        about.append(
            "(e.subject = 'case' and e.subject_id in (select k.id from cases_case k where k.person_id = %(person)s))"
        )
    elif scope.creditor_id is not None:
        about.append("e.person_id in (select x.debtor_id from accounts_account x where x.creditor_id = %(creditor)s)")
        about.append(
            "(e.subject = 'case' and e.subject_id in (select k.id from cases_case k where k.creditor_id = %(creditor)s))"
        )
    about.append("(e.verb like 'evidence.%%' and e.person_id is null)")
    if scope.person_id is None and scope.creditor_id is None:
        about = ["true"]
    return " and ".join([*within, f"({' or '.join(about)})"])
