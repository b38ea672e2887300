"""Promises that fell due: what was kept of them, by count and by amount."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Least, TruncMonth, TruncWeek

from fairdue.agreements.models import Promise
from fairdue.insight.queries.scope import Filters, cases

JUDGED: Final = (Promise.Status.KEPT, Promise.Status.PARTLY, Promise.Status.BROKEN)
WEEKS_UP_TO: Final = 100
"""Periods of so many days are shown by weeks, longer ones by months."""


BY: Final = {"collector": "taken_by", "creditor": "case__creditor", "bucket": "bucket"}
"""What promises can be parted by: who took them, whose debt it is, the bucket of the case when they were made."""
_SUMS: Final = {
    "kept": Count("pk", filter=Q(status=Promise.Status.KEPT)),
    "partly": Count("pk", filter=Q(status=Promise.Status.PARTLY)),
    "broken": Count("pk", filter=Q(status=Promise.Status.BROKEN)),
    "promised": Sum("cents"),
    "paid": Sum(Least(F("received"), F("cents"))),
}


@dataclass(frozen=True)
class Counts:
    """Judged promises: counts, and cents promised and received for them.

    `received` counts at most what was promised, promise by promise: paying twice makes no other promise kept.
    """

    kept: int
    partly: int
    broken: int
    promised: int
    received: int

    @property
    def judged(self) -> int:
        """Promises whose day has come and been judged."""
        return self.kept + self.partly + self.broken

    @property
    def by_count(self) -> Fraction | None:
        """Share of promises kept in full."""
        return Fraction(self.kept, self.judged) if self.judged else None

    @property
    def by_amount(self) -> Fraction | None:
        """Share of the promised money that came."""
        return Fraction(self.received, self.promised) if self.promised else None


@dataclass(frozen=True)
class Kept(Counts):
    """Promises due in the week or month that begins on `start`."""

    start: date


@dataclass(frozen=True)
class Part(Counts):
    """Promises of one collector, creditor (ids) or bucket; None: nobody is on record, or the bucket is not known."""

    key: int | None


def unit(filters: Filters) -> str:
    """`week` or `month`: how the period is cut."""
    return "week" if (filters.until - filters.since).days <= WEEKS_UP_TO else "month"


def by_time(filters: Filters) -> list[Kept]:
    """Judged promises by week or month of their due day, oldest first."""
    cut = TruncWeek("due_on") if unit(filters) == "week" else TruncMonth("due_on")
    found = _judged(filters).annotate(start=cut).values("start").annotate(**_SUMS).order_by("start")
    return [Kept(*_sums(row), row["start"]) for row in found]


def by(filters: Filters, what: str) -> list[Part]:
    """Judged promises by one of BY, in the order of its numbers; what is not known comes last."""
    found = _judged(filters).annotate(key=F(BY[what])).values("key").annotate(**_SUMS)
    return [Part(*_sums(row), row["key"]) for row in found.order_by(F("key").asc(nulls_last=True))]


def _sums(row: Mapping[str, Any]) -> tuple[int, int, int, int, int]:
    return row["kept"], row["partly"], row["broken"], row["promised"], row["paid"]


def total(parts: Sequence[Kept], *, start: date) -> Kept:
    """All parts together."""
    sums = [sum(getattr(part, name) for part in parts) for name in ("kept", "partly", "broken", "promised", "received")]
    kept, partly, broken, promised, received = sums
    return Kept(kept, partly, broken, promised, received, start)


def counts(behind: QuerySet[Promise]) -> Counts:
    """What the promises behind a figure come to."""
    found = behind.order_by().aggregate(**_SUMS)
    return Counts(*(value or 0 for value in _sums(found)))


def behind(filters: Filters, *, status: str = "", part: tuple[str, int | None] | None = None) -> QuerySet[Promise]:
    """The promises behind a figure, the latest due first. `part`: one of BY and its key."""
    found = _judged(filters)
    if part is not None:
        what, key = BY[part[0]], part[1]
        found = found.filter(**({f"{what}__isnull": True} if key is None else {what: key}))
    if status:
        found = found.filter(status=status)
    return found.select_related("case__creditor", "account", "taken_by").order_by("-due_on", "-cents", "pk")


def _judged(filters: Filters) -> QuerySet[Promise]:
    found = Promise.objects.filter(
        status__in=JUDGED, currency=filters.currency, due_on__gte=filters.since, due_on__lte=filters.until
    )
    if filters.whole_house:
        return found.filter(case__creditor_id=filters.creditor) if filters.creditor is not None else found
    return found.filter(case__in=cases(filters))
