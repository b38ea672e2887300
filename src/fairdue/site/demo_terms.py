"""Some made-up loans are charged by us, so that interest, ceiling and what is not charged can be seen from the first night."""

from datetime import date, timedelta
from typing import Final

from fairdue.money.interest import DayCount

LOANS: Final = 120
NIGHTS: Final = timedelta(days=3)
"""As if the balances of the file were those of three evenings ago."""


def contracts(*, as_of: date) -> int:
    """Write down the contract of some loans on which nothing was promised or offered; how many."""
    from fairdue.accounts.models import Account
    from fairdue.accounts.services import set_terms

    plain = Account.objects.filter(
        creditor__code="cn-lender", product=Account.Product.ONLINE_LOAN, status=Account.Status.OPEN, rate__gt=0,
        offers=None, terms=None, debtor__promises=None,
    )  # fmt: skip
    loans = list(plain.order_by("pk")[:LOANS])
    for loan in loans:
        assert loan.rate is not None
        set_terms(
            account=loan, since=as_of - NIGHTS, rate=int(loan.rate * 10_000), penalty=int(loan.rate * 5_000),
            late_fee=0, late_fee_after=0, day_count=int(DayCount.ACT_360), compounding=0, penalty_on=0, cap="cn_licensed",
        )  # fmt: skip
    return len(loans)
