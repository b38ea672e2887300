"""Promises that fell due: what was kept of them, by count and by amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Least, TruncMonth, TruncWeek

from fairdue.agreements.models import Promise
from fairdue.insight.queries.scope import Filters, cases

JUDGED: Final = (Promise.Status.KEPT, Promise.Status.PARTLY, Promise.Status.BROKEN)
WEEKS_UP_TO: Final = 100
"""Periods of so many days are shown by weeks, longer ones by months."""


@dataclass(frozen=True)
class Kept:
    """Promises due in the week or month that begins on `start`: counts, and cents promised and received for them.

    `received` counts at most what was promised, promise by promise: paying twice makes no other promise kept.
    """

    start: date
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


def unit(filters: Filters) -> str:
    """`week` or `month`: how the period is cut."""
    return "week" if (filters.until - filters.since).days <= WEEKS_UP_TO else "month"


def by_time(filters: Filters) -> list[Kept]:
    """Judged promises by week or month of their due day, oldest first."""
    cut = TruncWeek("due_on") if unit(filters) == "week" else TruncMonth("due_on")
    found = (
        _judged(filters)
        .annotate(start=cut)
        .values("start")
        .annotate(
            kept=Count("pk", filter=Q(status=Promise.Status.KEPT)),
            partly=Count("pk", filter=Q(status=Promise.Status.PARTLY)),
            broken=Count("pk", filter=Q(status=Promise.Status.BROKEN)),
            promised=Sum("cents"),
            paid=Sum(Least(F("received"), F("cents"))),
        )
        .order_by("start")
    )
    return [Kept(r["start"], r["kept"], r["partly"], r["broken"], r["promised"], r["paid"]) for r in found]


def total(parts: Sequence[Kept], *, start: date) -> Kept:
    """All parts together."""
    sums = [sum(getattr(part, name) for part in parts) for name in ("kept", "partly", "broken", "promised", "received")]
    return Kept(start, *sums)


def behind(filters: Filters, *, status: str = "") -> QuerySet[Promise]:
    """The promises behind a figure, the latest due first."""
    found = _judged(filters)
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
