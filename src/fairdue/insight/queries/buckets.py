"""What is owed now, by creditor and bucket, as the last ageing worked it out."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from fairdue.accounts.models import Ageing
from fairdue.insight.queries.scope import Filters, accounts

BUCKETS = tuple(range(8))
"""M0 … M7+."""


@dataclass(frozen=True)
class Total:
    """What a creditor's bucket holds: accounts, balance and past-due amount in minor units."""

    creditor: int
    bucket: int
    accounts: int
    cents: int
    past_due: int


def totals(filters: Filters) -> list[Total]:
    """One Total for each creditor and bucket that holds anything, ordered by both."""
    found = (
        Ageing.objects.filter(account__in=accounts(filters))
        .values("account__creditor", "bucket")
        .annotate(n=Count("pk"), cents=Sum("balance"), late=Sum("past_due"))
        .order_by("account__creditor", "bucket")
    )
    return [Total(r["account__creditor"], min(r["bucket"], 7), r["n"], r["cents"], r["late"]) for r in found]


def behind(filters: Filters, *, bucket: int | None = None, late: bool = False) -> QuerySet[Ageing]:
    """The accounts behind a figure, the largest amount past due first; `late`: only those with something past due."""
    found = Ageing.objects.filter(account__in=accounts(filters)).select_related("account__creditor")
    if bucket is not None:
        found = found.filter(bucket=bucket)
    if late:
        found = found.filter(past_due__gt=0)
    return found.order_by("-past_due", "-balance", "pk")
