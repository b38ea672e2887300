"""The journal for those who check it: entries by filter, the state of the chain, look-ups outside one's cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from fairdue.desk.pages.verdicts import read_day, read_whole
from fairdue.journal.models import Entry, Head, Seal

FLAGGED: Final = "lookup.outside"
"""The verb that notes a look-up outside one's own cases."""
VERIFIED: Final = "journal.verified"
SEEN: Final = ("lookup.", "contact_point.revealed", "person.id_revealed", "verdict.seen", "case.opened")

# A walk along the index from verb to next verb: counting them off the table would read all of it.
_VERBS: Final = """
    with recursive walk(verb) as (
        select min(verb) from journal_entry
        union all
        select (select min(e.verb) from journal_entry e where e.verb > walk.verb) from walk where walk.verb is not null
    ) select verb from walk where verb is not null
"""


@dataclass(frozen=True)
class Filters:
    """What to show; days in the firm's zone, both included. flagged: look-ups outside one's cases alone."""

    since: date | None = None
    until: date | None = None
    verb: str = ""
    actor: str = ""
    person: int | None = None
    subject: str = ""
    subject_id: int | None = None
    flagged: bool = False

    @property
    def query(self) -> str:
        """The filter as the query part of an address."""
        return urlencode({name: value for name, value in self.__dict__.items() if value not in (None, "", False)})

    def without(self, **changes: Any) -> str:
        """The query with something else in place."""
        return Filters(**{**self.__dict__, **changes}).query


def filters(query: QueryDict) -> Filters:
    """Read the filters of an address; what cannot be read is left out."""
    return Filters(
        since=read_day(query.get("since")),
        until=read_day(query.get("until")),
        verb=query.get("verb", "")[:60],
        actor=query.get("actor", "").strip()[:80],
        person=read_whole(query.get("person", "").removeprefix("#")),
        subject=query.get("subject", "").strip()[:40],
        subject_id=read_whole(query.get("subject_id")),
        flagged=query.get("flagged") in {"1", "True"},
    )


def found(chosen: Filters) -> QuerySet[Entry]:
    """The entries of a filter, the latest first, each with its place in the chain."""
    exact = {"actor": chosen.actor, "subject": chosen.subject, "verb": FLAGGED if chosen.flagged else chosen.verb}
    entries = Entry.objects.filter(**{name: value for name, value in exact.items() if value})
    numbers = {"person_id": chosen.person, "subject_id": chosen.subject_id}
    entries = entries.filter(**{name: value for name, value in numbers.items() if value is not None})
    if chosen.since:
        entries = entries.filter(at__gte=_begin(chosen.since))
    if chosen.until:
        entries = entries.filter(at__lt=_begin(chosen.until + timedelta(days=1)))
    return entries.select_related("link").order_by("-id")


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def verbs() -> list[str]:
    """Every verb ever written, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_VERBS)
        return [verb for (verb,) in cursor.fetchall()]


@dataclass(frozen=True)
class Chain:
    """The state of the chain: its length and end, the last seal, the last check that was asked for here."""

    entries: int
    hash: str
    seal: Seal | None
    checked: Entry | None
    flagged_week: int

    @property
    def intact(self) -> bool | None:
        """What the last check found; None when nobody checked yet."""
        return None if self.checked is None else not self.checked.data["problems"]

    @property
    def problems(self) -> Sequence[str]:
        """What the last check found wrong."""
        return list(self.checked.data["problems"]) if self.checked else []


def chain(*, now: datetime) -> Chain:
    """How the chain stands, in four short queries."""
    head = Head.objects.filter(pk=1).first()
    return Chain(
        entries=head.seq if head else 0,
        hash=bytes(head.hash).hex() if head else "",
        seal=Seal.objects.order_by("-day").first(),
        checked=Entry.objects.filter(verb=VERIFIED).order_by("-id").first(),
        flagged_week=Entry.objects.filter(verb=FLAGGED, at__gte=now - timedelta(days=7)).count(),
    )
