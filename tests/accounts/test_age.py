"""Ageing is written down: for one account after a payment, for all of them at night."""

from datetime import date, timedelta

import pytest

from fairdue.accounts import services
from fairdue.accounts.models import Ageing, Book, BucketMove, DayTotal, Pause, Placement, Transfer
from fairdue.accounts.services import age, age_all
from stories import account, creditor, person, utc

DAY = date(2026, 3, 2)
NOW = utc("2026-03-02T02:00")
pytestmark = pytest.mark.django_db


def loan(*, late=40, cents=10_000, owed=50_000, **fields):
    """One due `late` days before DAY."""
    return account(
        person(),
        fields.pop("at", None) or creditor(),
        principal=owed,
        dues={DAY - timedelta(days=late): cents},
        **fields,
    )


def figures(of):
    row = Ageing.objects.get(account=of)
    return row.past_due, row.days_past_due, row.bucket


def test_a_due_unpaid_for_forty_days_is_in_the_second_bucket():
    late = loan(late=40)
    age_all(as_of=DAY)
    row = Ageing.objects.get(account=late)
    assert (row.past_due, row.since, row.days_past_due, row.bucket, row.balance) == (
        10_000,
        DAY - timedelta(days=40),
        40,
        2,
        50_000,
    )


def test_a_due_of_today_is_not_late():
    due_today = loan(late=0)
    age_all(as_of=DAY)
    assert figures(due_today) == (0, 0, 0)


def test_grace_and_pauses_shorten_delinquency_not_days_past_due():
    late = loan(late=40, at=creditor(grace_days=3))
    Pause.objects.create(
        account=late, starts_on=DAY - timedelta(days=20), ends_on=DAY - timedelta(days=10), reason="illness"
    )
    age_all(as_of=DAY)
    row = Ageing.objects.get(account=late)
    assert (row.days_past_due, row.delinquent_days) == (40, 27)


def test_nothing_is_late_on_an_account_that_owes_nothing():
    waived = loan(late=40, owed=10_000)
    Transfer.objects.create(account=waived, source=Book.PRINCIPAL, target=Book.WAIVED, cents=10_000, happened_on=DAY)
    age_all(as_of=DAY)
    assert figures(waived) == (0, 0, 0)


def test_a_waiver_covers_the_oldest_due():
    late = account(
        person(),
        creditor(),
        principal=50_000,
        dues={DAY - timedelta(days=40): 10_000, DAY - timedelta(days=10): 10_000},
    )
    Transfer.objects.create(account=late, source=Book.PRINCIPAL, target=Book.WAIVED, cents=10_000, happened_on=DAY)
    age_all(as_of=DAY)
    assert figures(late) == (10_000, 10, 1)


def test_one_account_aged_alone_equals_the_night():
    late = loan(late=100)
    age(as_of=DAY, accounts=[late.pk])
    alone = figures(late)
    age_all(as_of=DAY)
    assert figures(late) == alone == (10_000, 100, 4)


def test_a_second_run_of_the_same_day_changes_nothing():
    for late in (5, 40, 200):
        loan(late=late)
    assert age_all(as_of=DAY).changed == 3
    again = age_all(as_of=DAY)
    assert (again.accounts, again.changed, again.moved) == (3, 0, 0)
    assert BucketMove.objects.count() == 3


def test_a_move_is_noted_when_the_bucket_changes():
    late = loan(late=29)
    for night in range(4):
        age_all(as_of=DAY + timedelta(days=night))
    moves = BucketMove.objects.filter(account=late).order_by("on")
    assert [(m.on, m.was, m.bucket) for m in moves] == [(DAY, None, 1), (DAY + timedelta(days=2), 1, 2)]


def test_there_and_back_on_one_day_is_no_move():
    late = loan(late=40)
    age_all(as_of=DAY - timedelta(days=1))
    paid = services.receive(
        creditor=late.creditor, account=late, reference="B", cents=10_000, currency="CNY", happened_on=DAY, now=NOW
    )
    age(as_of=DAY, accounts=[late.pk])
    assert BucketMove.objects.get(account=late, on=DAY).bucket == 0
    services.reverse(payment=paid, reference="R", happened_on=DAY, now=NOW)
    age(as_of=DAY, accounts=[late.pk])
    assert not BucketMove.objects.filter(account=late, on=DAY).exists()


def test_totals_hold_every_live_account_once():
    lender = creditor()
    for late in (5, 6, 40):
        loan(late=late, at=lender)
    loan(late=40, at=lender, status="recalled")
    for _ in range(2):
        age_all(as_of=DAY)
    totals = DayTotal.objects.filter(on=DAY, creditor=lender).order_by("bucket")
    assert [(t.bucket, t.accounts, t.cents, t.past_due) for t in totals] == [
        (1, 2, 100_000, 20_000),
        (2, 1, 50_000, 10_000),
    ]


@pytest.mark.django_db(transaction=True)
def test_many_slices_age_as_one(monkeypatch):
    """Two at a time, in sessions of their own."""
    from fairdue.accounts.services import ageing

    loans = [loan(late=n * 10) for n in range(1, 8)]
    monkeypatch.setattr(ageing, "ACCOUNTS_AT_ONCE", 2)
    seen = []
    assert age_all(as_of=DAY, progress=seen.append).accounts == 7
    assert seen == [2, 4, 6, 7]
    assert [figures(one)[1] for one in loans] == [n * 10 for n in range(1, 8)]


def test_accounts_of_an_ended_placement_go_back():
    lender = creditor()
    ended, running = (
        Placement.objects.create(
            creditor=lender, reference=f"P{n}", placed_on=date(2026, 1, 5), ends_on=DAY + timedelta(days=n)
        )
        for n in (-1, 0)
    )
    gone, kept = loan(at=lender, placement=ended), loan(at=lender, placement=running)
    assert services.end_placements(day=DAY) == 1
    gone.refresh_from_db(), kept.refresh_from_db()
    assert (gone.status, kept.status) == ("recalled", "open")


@pytest.mark.django_db(transaction=True)
def test_a_payment_that_comes_while_the_night_counts_is_not_overwritten(monkeypatch):
    """The night has read 10,000 past due; before it writes, the money comes in."""
    from threading import Thread

    from django.db import connection

    from fairdue.accounts.services import ageing
    from fairdue.flows import payment

    late = loan(late=40)
    age_all(as_of=DAY - timedelta(days=1))
    write, came = ageing._write, []

    def pay():
        payment.receive(
            creditor=late.creditor, account=late, reference="B", cents=10_000, currency="CNY", happened_on=DAY, now=NOW
        )
        connection.close()

    def slowly(*args):
        if not came:
            came.append(True)
            teller = Thread(target=pay)
            teller.start()
            teller.join()
        return write(*args)

    with monkeypatch.context() as patch:
        patch.setattr(
            ageing, "_write", lambda *args: slowly(*args) if connection.in_atomic_block and not came else write(*args)
        )
        age_all(as_of=DAY)
    assert came
    assert figures(late) == (0, 0, 0)
