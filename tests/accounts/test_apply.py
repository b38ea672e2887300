"""Loaded payments are applied in bulk, and come to the same as one by one."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fairdue.accounts.models import Balance, Book, Payment, Transfer
from fairdue.accounts.services import apply_payments, receive, reverse
from fairdue.journal.models import Entry
from stories import account, creditor, person, utc

NOW = utc("2026-03-02T02:00")
FIRST = date(2026, 2, 1)


def loaded(loan, reference, cents, **other):
    facts = {"happened_on": FIRST, "currency": "CNY", "learned_at": NOW} | other
    return Payment.objects.create(creditor=loan.creditor, account=loan, reference=reference, cents=cents, **facts)


def totals(loan):
    balance = Balance.objects.get(account=loan)
    return balance.total, balance.unapplied


@pytest.mark.django_db
class TestApply:
    def test_every_waiting_payment_is_applied_once(self):
        loans = [account(person(), creditor(), principal=50_000) for _ in range(3)]
        for loan in loans:
            for n in range(4):
                loaded(loan, f"B{n}", 10_000)
        first, again = apply_payments(now=NOW), apply_payments(now=NOW)
        assert (first.payments, first.cents, first.transfers) == (12, 120_000, 12)
        assert again.payments == 0
        assert [totals(loan) for loan in loans] == [(10_000, 0)] * 3

    def test_only_one_creditor_s_when_asked(self):
        ours, theirs = (account(person(), creditor(), principal=50_000) for _ in range(2))
        loaded(ours, "B", 10_000)
        loaded(theirs, "B", 10_000)
        assert apply_payments(now=NOW, creditor=ours.creditor).payments == 1
        assert (totals(ours), totals(theirs)) == ((40_000, 0), (50_000, 0))

    def test_a_payment_and_its_reversal_in_one_file_leave_the_debt_as_it_was(self):
        loan = account(person(), creditor(), principal=50_000)
        paid = loaded(loan, "B", 10_000)
        loaded(loan, "R", 10_000, kind="reversal", reverses=paid)
        done = apply_payments(now=NOW)
        assert (done.payments, done.reversals, done.cents) == (1, 1, 0)
        assert totals(loan) == (50_000, 0)

    def test_chunks_come_to_the_same(self):
        loans = [account(person(), creditor(), principal=50_000) for _ in range(5)]
        for loan in loans:
            loaded(loan, "B", 20_000)
        seen = []
        assert apply_payments(now=NOW, accounts_at_once=2, progress=seen.append).payments == 5
        assert seen == [2, 4, 5]
        assert [totals(loan) for loan in loans] == [(30_000, 0)] * 5

    def test_it_is_journalled_without_a_line_for_nothing(self):
        loan = account(person(), creditor(), principal=50_000)
        apply_payments(now=NOW)
        loaded(loan, "B", 20_000)
        apply_payments(now=NOW)
        assert Entry.objects.get(verb="payments.applied").data["cents"] == 20_000

    def test_a_card_91_days_overdue_is_paid_principal_first(self):
        card = account(person(), creditor(), principal=50_000, interest=9_000, product="credit_card")
        loan = account(person(), creditor(), principal=50_000, interest=9_000)
        for one in (card, loan):
            late(one, days=91)
            loaded(one, "B", 10_000)
        apply_payments(now=NOW)
        assert (Balance.objects.get(account=card).principal, Balance.objects.get(account=loan).principal) == (
            40_000,
            49_000,
        )

    def test_new_debt_uses_money_kept_apart(self):
        loan = account(person(), creditor(), principal=50_000)
        loaded(loan, "B", 60_000)
        apply_payments(now=NOW)
        Transfer.objects.create(account=loan, source=Book.PLACED, target=Book.FEES, cents=4_000, happened_on=FIRST)
        apply_payments(now=NOW)
        assert totals(loan) == (0, 6_000)


def late(loan, *, days):
    from fairdue.accounts.models import Ageing

    Ageing.objects.create(
        account=loan,
        as_of=FIRST,
        past_due=1,
        since=FIRST,
        days_past_due=days,
        delinquent_days=days,
        bucket=4,
        balance=1,
    )


steps = st.lists(st.tuples(st.integers(1, 40_000), st.booleans()), min_size=1, max_size=8)


class TestAnyOrder(TestCase):
    @given(steps, st.integers(1, 60_000), st.integers(0, 20_000), st.randoms(use_true_random=False))
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_any_order_and_any_way_give_the_same_totals(self, steps, principal, interest, random):
        """Owed = max(0, placed − paid), kept apart = max(0, paid − placed), in bulk, one by one, and shuffled."""
        bulk, single = (account(person(), creditor(), principal=principal, interest=interest) for _ in range(2))
        kept = sum(cents for cents, bounces in steps if not bounces)
        for n, (cents, bounces) in enumerate(steps):
            paid = loaded(bulk, f"B{n}", cents, happened_on=FIRST + timedelta(days=n))
            if bounces:
                loaded(bulk, f"R{n}", cents, kind="reversal", reverses=paid)
        apply_payments(now=NOW)
        singly(single, steps, random)
        placed = principal + interest
        for loan in (bulk, single):
            assert totals(loan) == (max(0, placed - kept), max(0, kept - placed))
            assert sums_to_its_payments(loan)


def singly(loan, steps, random):
    order = list(enumerate(steps))
    random.shuffle(order)
    bounced = []
    for n, (cents, bounces) in order:
        paid = receive(
            creditor=loan.creditor,
            account=loan,
            reference=f"B{n}",
            cents=cents,
            currency="CNY",
            happened_on=FIRST,
            now=NOW,
        )
        if bounces:
            bounced.append(paid)
            if random.random() < 0.5:
                reverse(payment=bounced.pop(), reference=f"R{n}", happened_on=FIRST, now=NOW)
    for n, paid in enumerate(bounced):
        reverse(payment=paid, reference=f"Z{n}", happened_on=FIRST, now=NOW)


def sums_to_its_payments(loan):
    """What reached CLEARING and came back from it for each payment is its cents."""
    for paid in Payment.objects.filter(account=loan):
        moved = sum(
            (t.target == Book.CLEARING) * t.cents - (t.source == Book.CLEARING) * t.cents for t in paid.transfers.all()
        )
        if moved != (paid.cents if paid.kind == "payment" else -paid.cents):
            return False
    return True
