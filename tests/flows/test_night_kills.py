"""SIGKILL in the middle of a night: the next try finishes it, and nothing is lost or doubled."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db.models import Sum

from fairdue.accounts.models import Account, Ageing, Balance, BucketMove, DayTotal, Payment
from fairdue.cases.models import Case, Ownership, Run, WorkItem
from fairdue.flows import night
from fairdue.journal import queries
from killing import killed_at
from stories import account, case, creditor, person, phone, team, user, utc

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(1800)]
FIRST = date(2026, 3, 3)
KILLS = 70
STATEMENTS = 95
PLACED = 500_000


@pytest.fixture
def house():
    """Eight debtors at two creditors, three collectors."""
    here = team()
    for _ in range(3):
        user(team=here)
    for lender in (creditor(), creditor()):
        for late in (1, 20, 45, 100):
            debtor = person()
            phone(debtor, f"+86138{debtor.pk:08d}")
            account(debtor, lender, principal=PLACED, dues={FIRST - timedelta(days=late): 90_000})
            case(debtor, lender)


def load_payments(day):
    """The evening's file: 100 cents on every account, waiting to be applied."""
    for loan in Account.objects.all():
        Payment.objects.create(
            creditor_id=loan.creditor_id, account=loan, reference=f"{day}-{loan.pk}", cents=100, currency="CNY",
            happened_on=day - timedelta(days=1), learned_at=utc(f"{day}T00:00"),
        )  # fmt: skip


def plan(day):
    return night.run(day, now=utc(f"{day}T00:00") - timedelta(hours=6))


def assert_whole(day, nights):
    run = Run.objects.get(on=day)
    assert run.status == "done"
    assert Counter(run.steps.values_list("name", "status")) == Counter((name, "done") for name in night.STEPS)
    assert set(Balance.objects.values_list("principal", flat=True)) == {PLACED - 100 * nights}
    assert set(Ageing.objects.values_list("as_of", "past_due")) == {(day, 90_000 - 100 * nights)}
    assert DayTotal.objects.filter(on=day).aggregate(n=Sum("accounts"), cents=Sum("cents")) == {
        "n": 8, "cents": 8 * (PLACED - 100 * nights),
    }  # fmt: skip
    listed = list(WorkItem.objects.filter(on=day).values_list("case_id", "user_id"))
    assert len(listed) == run.summary["items"] == len({pk for pk, _ in listed})
    owners = dict(Case.objects.values_list("pk", "owner_id"))
    assert all(owners[pk] == owner for pk, owner in listed)
    held = Ownership.objects.filter(during__endswith=None).values_list("case_id", "user_id")
    assert dict(held) == {pk: owner for pk, owner in owners.items() if owner}


def test_seventy_kills_lose_and_double_nothing(house):
    rng = random.Random(11)
    deaths, struck = 0, Counter()
    for n in range(KILLS):
        day = FIRST + timedelta(days=n)
        load_payments(day)
        deaths += killed_at(rng.randint(1, STATEMENTS), lambda day=day: plan(day), after=rng.random() < 0.5)
        if half := Run.objects.filter(on=day).first():
            struck[half.steps.count()] += 1
        plan(day)
        assert_whole(day, n + 1)
    assert deaths > KILLS * 0.8
    assert len(struck) >= 5, f"kills struck in too few steps: {struck}"
    moves = BucketMove.objects.values_list("account_id", "on")
    assert len(moves) == len(set(moves)) > 8
    assert queries.verify().intact
