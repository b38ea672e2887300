"""Marks of the content check as the screens show them: the words, what is wrong, the rule, how to say it instead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from fairdue.cases.models import Case
from fairdue.contact.models import FalseAlarm
from fairdue.contact.services import Reason, alarms_of, read, read_note
from fairdue.desk.pages import facts
from fairdue.desk.pages.reach import said
from fairdue.law import codes, packs, wordlists
from fairdue.law.content import Mark
from fairdue.people.models import ContactPoint, Relation
from fairdue.staff.models import User

FIELDS = ("subject", "text", "note")
"""The fields of the forms in which somebody types."""
WRITTEN = frozenset({"content", "content_doubts"})
"""Facts about what is written."""
NOT_REPORTABLE = frozenset({codes.Content.MISSING_PART, codes.Content.OTHERS_PERSONAL_DATA})


@cache
def _about_words() -> frozenset[str]:
    """Rules that speak of what is written alone: they say no more than the marks do."""
    rules = (rule for pack in packs.written() for rule in pack.rules)
    return frozenset(rule.id for rule in rules if any(one.fact in WRITTEN for group in rule.when for one in group))


def other_reasons(marks: Sequence[Mark], reasons: Iterable[Reason]) -> list[Reason]:
    """The reasons of a refusal that the marks do not already tell."""
    told = {mark.breach.rule for mark in marks} | (_about_words() if marks else frozenset())
    return [reason for reason in reasons if reason.rule not in told]


@dataclass(frozen=True)
class Row:
    """A mark on screen. `field`: where it was typed; begin, end: places as a browser counts them; `alarm`: what was last
    reported of it as a false alarm."""

    mark: Mark
    field: str = ""
    begin: int = 0
    end: int = 0
    alarm: FalseAlarm | None = None

    @property
    def stops(self) -> bool:
        """Whether the message would be refused."""
        return self.mark.decision == "deny"

    @property
    def phrase(self) -> str:
        """The marked words."""
        return self.mark.phrase

    @property
    def says(self) -> Any:
        """What is wrong, in the language of the page."""
        return said(self.mark.says)

    @property
    def cure(self) -> Any:
        """How to mend it."""
        return said(self.mark.cure)

    @property
    def cites(self) -> Any:
        """Where the rule is written."""
        return said(self.mark.breach.cites)

    @property
    def rule(self) -> str:
        """The rule's id."""
        return self.mark.breach.rule

    @property
    def confidence(self) -> str:
        """How sure the source is, A to D."""
        return self.mark.breach.confidence

    @property
    def reportable(self) -> bool:
        """Whether it can be said to be a false alarm."""
        return self.mark.category not in NOT_REPORTABLE


def rows(marks: Iterable[Mark]) -> list[Row]:
    """Marks that are only told of, such as those of a refusal."""
    return [Row(mark) for mark in marks]


def typed(fields: dict[str, str], *, case: Case, point: ContactPoint | None) -> list[Row]:
    """The marks of what is being typed: a message to `point`, or a note of ours without one."""
    found = [(field, text, mark) for field, text in fields.items() for mark in _marks(text, case, point)]
    reported = alarms_of([(text, mark) for _field, text, mark in found])
    return [
        Row(mark, field, _units(text, mark.start), _units(text, mark.end), alarm)
        for (field, text, mark), alarm in zip(found, reported, strict=True)
    ]


def _marks(text: str, case: Case, point: ContactPoint | None) -> tuple[Mark, ...]:
    if point is None:
        return read_note(text, case=case)
    channel = codes.Channel.EMAIL
    relation = relation_of(case, point.person_id)
    return read(text, case=case, addressee=point.person, relation=relation, channel=channel).marks


def relation_of(case: Case, person_id: int) -> int:
    """The tie of a person to the debt, unknown where none is on record."""
    if person_id == case.person_id:
        return codes.Relation.DEBTOR
    tie = Relation.objects.filter(debtor_id=case.person_id, person_id=person_id).order_by("kind").first()
    return int(tie.kind) if tie else codes.Relation.UNKNOWN


def _units(text: str, place: int) -> int:
    """A browser counts in UTF-16."""
    return len(text[:place].encode("utf-16-le", "surrogatepass")) // 2


# ---- who reported

LATELY: Final = timedelta(days=7)


def decided_lately(user: User, *, now: datetime) -> list[FalseAlarm]:
    """What was decided in the last week about the false alarms a user reported, the latest first."""
    mine = FalseAlarm.objects.filter(by=user, decided_at__gt=now - LATELY).select_related("decided_by")
    return list(mine.order_by("-decided_at")[:8])


# ---- compliance


@dataclass(frozen=True)
class Alarm:
    """A reported false alarm with the entry of the word lists and the source of its rule."""

    row: FalseAlarm
    before: str
    after: str
    says: Any
    cites: Any
    category: Any


def alarms(listed: Iterable[FalseAlarm]) -> list[Alarm]:
    """Reported false alarms, as compliance reads them."""
    entries = {entry.id: entry for words in wordlists.standard() for entry in words.expressions}
    found = []
    for row in listed:
        entry = entries.get(row.expression)
        before, _, after = row.context.partition(row.phrase)
        place = codes.Jurisdiction[row.case.creditor.jurisdiction.upper()] if row.case else 0
        cites = said(wordlists.breach(row.expression, place).cites) if entry else ""
        category = facts.VALUES[codes.Content(row.category).name.lower()]
        found.append(Alarm(row, before, after, said(entry.say) if entry else row.expression, cites, category))
    return found


@dataclass(frozen=True)
class Listed:
    """An expression of the word lists in words."""

    id: str
    category: Any
    stops: bool
    says: Any
    phrases: tuple[str, ...]


def lists() -> list[dict[str, Any]]:
    """The word lists now loaded: id, version, hash, expressions."""
    return [
        {
            "id": words.id,
            "version": words.version,
            "hash": words.hash,
            "expressions": [
                Listed(
                    entry.id,
                    facts.VALUES[entry.category.name.lower()],
                    entry.decision == "deny",
                    said(entry.say),
                    tuple(phrase.written for phrase in entry.phrases) + entry.finds,
                )
                for entry in words.expressions
            ],
        }
        for words in wordlists.standard()
    ]
