"""Money that came in, by day: payments less what bounced."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from fairdue.accounts.models import Payment
from fairdue.insight.queries.scope import Filters, accounts


@dataclass(frozen=True)
class Day:
    """One day: payments, their cents, and cents that bounced on that day (whenever they had come in)."""

    day: date
    payments: int
    received: int
    reversed: int

    @property
    def net(self) -> int:
        """What is left of the day."""
        return self.received - self.reversed


def by_day(filters: Filters) -> list[Day]:
    """Days on which money moved, oldest first."""
    came, went = Q(kind=Payment.Kind.PAYMENT), Q(kind=Payment.Kind.REVERSAL)
    found = (
        behind(filters)
        .order_by("happened_on")
        .values("happened_on")
        .annotate(
            n=Count("pk", filter=came),
            came=Coalesce(Sum("cents", filter=came), 0),
            went=Coalesce(Sum("cents", filter=went), 0),
        )
    )
    return [Day(r["happened_on"], r["n"], r["came"], r["went"]) for r in found]


def behind(filters: Filters) -> QuerySet[Payment]:
    """The payments of the period, the latest first."""
    found = _theirs(filters).filter(happened_on__gte=filters.since, happened_on__lte=filters.until)
    return found.select_related("account__creditor").order_by("-happened_on", "-cents", "pk")


def latest(filters: Filters) -> date | None:
    """The last day money came in, whatever the period."""
    found: date | None = _theirs(filters).aggregate(day=Max("happened_on"))["day"]
    return found


def _theirs(filters: Filters) -> QuerySet[Payment]:
    found = Payment.objects.filter(currency=filters.currency)
    if filters.whole_house:
        return found.filter(creditor_id=filters.creditor) if filters.creditor is not None else found
    return found.filter(account__in=accounts(filters, left_too=True))
