"""Money that came in, by day: payments less what bounced and what was paid back."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from fairdue.accounts.models import Payment
from fairdue.insight.queries.scope import Filters, accounts


@dataclass(frozen=True)
class Day:
    """One day: payments, their cents, and cents that bounced or were paid back on that day (whenever they came in)."""

    day: date
    payments: int
    received: int
    reversed: int
    refunded: int

    @property
    def net(self) -> int:
        """What is left of the day."""
        return self.received - self.reversed - self.refunded


def by_day(filters: Filters) -> list[Day]:
    """Days on which money moved, oldest first."""
    came, sent, back = (Q(kind=kind) for kind in (Payment.Kind.PAYMENT, Payment.Kind.REVERSAL, Payment.Kind.REFUND))
    found = (
        behind(filters)
        .order_by("happened_on")
        .values("happened_on")
        .annotate(
            n=Count("pk", filter=came),
            came=Coalesce(Sum("cents", filter=came), 0),
            sent=Coalesce(Sum("cents", filter=sent), 0),
            back=Coalesce(Sum("cents", filter=back), 0),
        )
    )
    return [Day(r["happened_on"], r["n"], r["came"], r["sent"], r["back"]) for r in found]


def behind(filters: Filters, *, kind: str = "") -> QuerySet[Payment]:
    """The payments, reversals and refunds of the period, or those of one kind; the latest first."""
    found = _theirs(filters).filter(happened_on__gte=filters.since, happened_on__lte=filters.until)
    if kind:
        found = found.filter(kind=kind)
    return found.select_related("account__creditor").order_by("-happened_on", "-cents", "pk")


def latest(filters: Filters) -> date | None:
    """The last day money moved, whatever the period."""
    found: date | None = _theirs(filters).aggregate(day=Max("happened_on"))["day"]
    return found


def _theirs(filters: Filters) -> QuerySet[Payment]:
    found = Payment.objects.filter(currency=filters.currency)
    if filters.whole_house:
        return found.filter(creditor_id=filters.creditor) if filters.creditor is not None else found
    return found.filter(account__in=accounts(filters, left_too=True))
