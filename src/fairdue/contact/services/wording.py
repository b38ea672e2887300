"""What is written, read before it goes: forbidden expressions, figures of others, the parts that must be there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

from django.conf import settings

from fairdue.cases.models import Case
from fairdue.contact.facts import Gathered
from fairdue.contact.models import FalseAlarm
from fairdue.law import codes, content, figures, gate, rights, wordlists
from fairdue.law.content import Mark
from fairdue.law.folding import fold
from fairdue.law.packs import Pack
from fairdue.people import phones, sealing
from fairdue.people.models import ContactPoint, Person

DUTIES: Final = {"opt_out": "opt_out", "debt_collector": "debt_collector", "institution": "identity"}
"""Duties of the packs that a written text must meet, and the part of the text that meets each."""
SAYS: Final = {"identity": "identifies_self", "opt_out": "opt_out_notice", "debt": "discloses_debt"}
"""Parts of a text, and the fact that tells the gate so."""
NOTES: Final = frozenset({codes.Content.INSULT, codes.Content.SHAME})
"""What our own notes are looked through for."""


@dataclass(frozen=True)
class Read:
    """A text as it was read. marks: what was found; parts: what it says; lists: id → version and hash."""

    marks: tuple[Mark, ...]
    parts: frozenset[str]
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, int]:
        """The facts of the law about what is written."""
        found = {"deny": 0, "warn": 0}
        for mark in self.marks:
            found[mark.decision] |= 1 << mark.category
        said = {column: int(part in self.parts) for part, column in SAYS.items()}
        return {**said, "content": found["deny"], "content_doubts": found["warn"]}

    def as_json(self) -> dict[str, Any]:
        """For the verdict: places, words and rules, and the lists by which they were found."""
        return {
            "marks": [
                {
                    "start": mark.start,
                    "end": mark.end,
                    "category": mark.category.name.lower(),
                    "expression": mark.expression,
                    "decision": mark.decision,
                    "rule": mark.breach.rule,
                    "phrase": mark.phrase,
                }
                for mark in self.marks
            ],
            "lists": self.lists,
        }


def whole(subject: str, body: str) -> str:
    """Subject and body as one text: what is read."""
    return f"{subject}\n\n{body}" if subject else body


def read(text: str, *, case: Case, addressee: Person, relation: int, channel: int | None) -> Read:
    """Read a text that is to go to `addressee` about a case."""
    jurisdiction = place_of(case)
    marks = content.check(
        text,
        jurisdiction=jurisdiction,
        relation=relation,
        channel=channel,
        own=_own_figures(text, addressee, case.creditor.jurisdiction.upper()),
        exempted=[*_exempted(), *_stated(jurisdiction)],
    )
    names = {str(settings.FIRM_NAME)}
    lists = {each.id: {"version": each.version, "hash": each.hash} for each in wordlists.for_jurisdiction(jurisdiction)}
    return Read(marks, content.parts(text, names=names), lists)


def read_note(text: str, *, case: Case) -> tuple[Mark, ...]:
    """Doubts about a note of ours: insults alone, and never more than a warning."""
    marks = content.check(text, jurisdiction=place_of(case), exempted=_exempted())
    return tuple(replace(mark, decision="warn") for mark in marks if mark.category in NOTES)


def judge(gathered: Gathered, written: Read | None, packs: Sequence[Pack]) -> tuple[gate.Verdicts, Read | None]:
    """Judge a contact by the facts of the record and of what is written; what must be written is looked for as well."""
    if written is None:
        return gate.judge(gathered.facts, packs), None
    verdicts = gate.judge(gathered.facts.saying(**written.columns), packs)
    lacking = [
        content.missing(rule)
        for rule in verdicts.rules_of(0)
        if {DUTIES[duty] for duty in rule.duties if duty in DUTIES} - written.parts
    ]
    if not lacking:
        return verdicts, written
    written = replace(written, marks=(*written.marks, *lacking))
    return gate.judge(gathered.facts.saying(**written.columns), packs), written


def place_of(case: Case) -> int:
    """The jurisdiction whose word lists bind; 0 where it has no name among the law's."""
    found = codes.Jurisdiction.__members__.get(case.creditor.jurisdiction.upper())
    return 0 if found is None else int(found)


def _exempted() -> list[content.Exempted]:
    rows = FalseAlarm.objects.filter(status=FalseAlarm.Status.ACCEPTED).order_by("pk")
    return [content.Exempted(*row) for row in rows.values_list("expression", "exempted")]


@cache
def _stated(jurisdiction: int) -> tuple[content.Exempted, ...]:
    """What the statement of rights says, of threats for instance, is no threat."""
    if not jurisdiction:
        return ()
    return tuple(
        content.Exempted(mark.expression, text)
        for text in rights.sayings(codes.Jurisdiction(jurisdiction).name.lower())
        for mark in content.check(text, jurisdiction=jurisdiction)
    )


def _own_figures(text: str, addressee: Person, country: str) -> Collection[str]:
    """Figures of the text that are the addressee's own; asked of the record only where the text holds any."""
    plain = fold(text).plain.text
    numbers = {
        figures.digits(plain[a:b]) for name in ("resident_id", "telephone") for a, b in figures.FIGURES[name](plain)
    }
    if not numbers:
        return ()
    own = set()
    theirs = {
        bytes(hashed)
        for hashed in ContactPoint.objects.filter(person=addressee, kind="phone").values_list("hash", flat=True)
    }
    for number in numbers:
        written = phones.of_one(number, country=country)
        if written and sealing.search_hash("phone", written[0]) in theirs:
            own.add(number)
        if addressee.id_hash and sealing.search_hash("id", number.upper()) == bytes(addressee.id_hash):
            own.add(number)
    return own
