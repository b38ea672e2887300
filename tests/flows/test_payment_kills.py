"""SIGKILL in the middle of payments: nothing lost, nothing doubled, nothing half done."""

import random
from datetime import date, timedelta

import pytest

from fairdue.accounts.models import Ageing, Balance, Payment
from fairdue.accounts.services import age
from fairdue.agreements.services import make
from fairdue.flows import payment
from fairdue.journal import queries
from fairdue.journal.models import Entry
from killing import killed_at
from stories import account, case, creditor, person, user, utc

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(900)]
DAY = date(2026, 3, 2)
NOW = utc("2026-03-02T02:00")
KILLS = 60
PAYMENTS = 4
STATEMENTS = 11 * PAYMENTS


def debt():
    debtor, lender = person(), creditor()
    loan = account(debtor, lender, principal=100_000, dues={DAY - timedelta(days=40): 40_000})
    age(as_of=DAY, accounts=[loan.pk])
    made = make(case=case(debtor, lender, owner=user()), account=loan, cents=20_000, due_on=DAY, made_on=DAY, by=None)
    return loan, made


def pay_all(loan):
    for n in range(PAYMENTS):
        payment.receive(
            creditor=loan.creditor,
            account=loan,
            reference=f"B{n}",
            cents=10_000,
            currency="CNY",
            happened_on=DAY,
            now=NOW,
        )


def assert_whole(loan):
    """Whatever is on record of the account agrees with itself."""
    paid = list(Payment.objects.filter(account=loan))
    assert all(sum(t.cents for t in one.transfers.all()) == one.cents and one.applied_at for one in paid)
    total = sum(one.cents for one in paid)
    row = Ageing.objects.get(account=loan)
    assert Balance.objects.get(account=loan).total == row.balance == 100_000 - total
    assert row.past_due == max(0, 40_000 - total)
    assert Entry.objects.filter(verb="payment.received", subject_id=loan.pk).count() == len(paid)
    return len(paid)


def test_sixty_kills_lose_and_double_nothing():
    rng = random.Random(7)
    deaths, seen = 0, set()
    for _ in range(KILLS):
        loan, made = debt()
        died = killed_at(rng.randint(1, STATEMENTS), lambda loan=loan: pay_all(loan), after=rng.random() < 0.5)
        deaths += died
        seen.add(assert_whole(loan))
        pay_all(loan)  # the bank sends its file again
        assert assert_whole(loan) == PAYMENTS
        made.refresh_from_db()
        assert (made.status, made.received) == ("kept", 20_000)
    assert deaths > KILLS * 0.8
    assert seen >= set(range(PAYMENTS)), "kills struck in every payment"
    assert queries.verify().intact
