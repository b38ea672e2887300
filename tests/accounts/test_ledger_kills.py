"""SIGKILL in the middle of a night's charges: no half posting, and the next call comes to the same."""

import random
from datetime import date

import pytest

from fairdue.accounts.models import Balance
from fairdue.accounts.queries import verify
from fairdue.accounts.services import accrue, receive, set_terms
from killing import killed_at
from stories import account, creditor, person, utc

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PLACED, UPTO = date(2026, 1, 1), date(2026, 2, 10)
NOW = utc("2026-12-31T00:00")


def debt():
    loan = account(person(), creditor(), principal=100_000, placed_on=PLACED)
    set_terms(account=loan, since=PLACED, rate=240_000, day_count=1)
    return loan


def story(loan):
    accrue(upto=UPTO)
    receive(creditor=loan.creditor, account=loan, reference="B", cents=30_000, currency="CNY",
            happened_on=date(2026, 1, 20), now=NOW)  # fmt: skip


def test_killed_anywhere_the_ledger_is_whole_and_ends_the_same():
    plain = debt()
    story(plain)
    expected = Balance.objects.get(account=plain).total
    rng, deaths = random.Random(3), 0
    for _ in range(15):
        loan = debt()
        deaths += killed_at(rng.randint(1, 25), lambda loan=loan: story(loan), after=rng.random() < 0.5)
        assert verify().intact
        story(loan)
        assert Balance.objects.get(account=loan).total == expected
    assert deaths >= 8
    assert verify().intact
