"""The demo's contracts: only loans on which nothing was promised or offered, charged from three evenings before."""

from datetime import date

import pytest

import stories
from fairdue.accounts.models import Balance, Terms
from fairdue.accounts.services import accrue
from fairdue.agreements.models import Promise
from fairdue.site.demo_terms import contracts

TODAY = date(2026, 3, 3)


@pytest.mark.django_db
def test_three_nights_on_a_plain_loan_and_nothing_on_a_promised_one():
    """¥10,000.00 at 18 % on act/360, not overdue: 3 × ¥5.00 of interest."""
    lender = stories.creditor("cn-lender")
    plain, promised = (
        stories.account(
            stories.person(), lender, principal=1_000_000, rate=18, opened_on=date(2025, 9, 1),
            dues={date(2026, 9, 1): 1_000_000},
        )
        for _ in range(2)
    )  # fmt: skip
    Promise.objects.create(
        case=stories.case(promised.debtor, lender), person=promised.debtor, cents=100, currency="CNY", made_on=TODAY,
        due_on=TODAY,
    )  # fmt: skip
    assert contracts(as_of=TODAY) == 1
    assert contracts(as_of=TODAY) == 0
    assert Terms.objects.get().account == plain
    accrue(upto=date(2026, 3, 2))
    assert Balance.objects.get(account=plain).interest == 1_500
    assert Balance.objects.get(account=promised).interest == 0
