"""Debt let go and taken back, within authority; money paid too much goes back."""

from datetime import date

import pytest

from fairdue.accounts.models import Account, Balance
from fairdue.accounts.services import (
    PaymentRefused,
    WaiverRefused,
    accrue,
    approve,
    receive,
    refund,
    refuse,
    reverse,
    set_terms,
    take_back,
    write_off,
)
from fairdue.staff.models import Authority
from stories import account, creditor, person, user, utc

pytestmark = pytest.mark.django_db
NOW = utc("2026-03-02T02:00")
DAY = date(2026, 3, 2)


def may(who, cents):
    Authority.objects.create(user=who, kind="waive", currency="CNY", limit_cents=cents)
    return who


def let_go(loan, by, cents, **more):
    return write_off(account=loan, cents=cents, reason="goodwill", by=by, now=NOW, on=DAY, **more)


def owed(loan):
    balance = Balance.objects.get(account=loan)
    return balance.principal, balance.interest


class TestWriteOff:
    def test_within_authority_it_is_done_at_once_interest_first(self):
        loan, lead = account(person(), creditor(), interest=3_000), may(user("lead"), 5_000)
        assert let_go(loan, lead, 4_000).status == "done"
        assert owed(loan) == (99_000, 0)

    def test_beyond_it_waits_for_somebody_with_enough(self):
        loan, one, boss = account(person(), creditor()), may(user("lead"), 100), may(user("lead"), 10_000)
        waiver = let_go(loan, one, 4_000)
        assert (waiver.status, owed(loan)) == ("asked", (100_000, 0))
        with pytest.raises(WaiverRefused, match="themselves"):
            approve(waiver=waiver, by=one, now=NOW, on=DAY)
        with pytest.raises(WaiverRefused, match="more than you may"):
            approve(waiver=waiver, by=user("lead"), now=NOW, on=DAY)
        approve(waiver=waiver, by=boss, now=NOW, on=DAY)
        assert owed(loan) == (96_000, 0)
        with pytest.raises(WaiverRefused, match="already"):
            refuse(waiver=waiver, by=boss, now=NOW)

    def test_taken_back_the_debt_stands_again(self):
        loan, lead = account(person(), creditor()), may(user("lead"), 200_000)
        waiver = let_go(loan, lead, 100_000)
        assert Account.objects.get(pk=loan.pk).status == "paid"
        take_back(waiver=waiver, by=lead, reason="the promise was broken", now=NOW, on=DAY)
        assert (owed(loan), Account.objects.get(pk=loan.pk).status) == ((100_000, 0), "open")
        with pytest.raises(WaiverRefused, match="nothing to take back"):
            take_back(waiver=waiver, by=lead, reason="again", now=NOW, on=DAY)

    def test_more_than_is_owed_cannot_be_let_go(self):
        loan, lead = account(person(), creditor()), may(user("lead"), 10**9)
        with pytest.raises(WaiverRefused, match=r"1,000\.00"):
            let_go(loan, lead, 100_001)
        with pytest.raises(WaiverRefused, match="add up"):
            let_go(loan, lead, 1_000, parts=[0, 1_000, 0, 0, 0])

    def test_taken_back_it_gives_only_what_it_took_when_a_payment_came_to_light(self):
        """10.00 interest let go; then it turns out that all principal was paid at the start, so none was ever due."""
        loan, lead = account(person(), creditor(), placed_on=date(2026, 1, 1)), may(user("lead"), 10_000)
        set_terms(account=loan, since=date(2026, 1, 1), rate=120_000, day_count=1)
        accrue(upto=date(2026, 1, 30))
        waiver = let_go(loan, lead, 1_000)
        receive(creditor=loan.creditor, account=loan, reference="B", cents=100_000, currency="CNY",
                happened_on=date(2026, 1, 1), now=NOW)  # fmt: skip
        assert owed(loan) == (0, 0)
        take_back(waiver=waiver, by=lead, reason="mistake", now=NOW, on=DAY)
        assert owed(loan) == (0, 0)


class TestRefund:
    def paid_too_much(self):
        loan = account(person(), creditor())
        paid = receive(creditor=loan.creditor, account=loan, reference="B", cents=130_000, currency="CNY",
                       happened_on=DAY, now=NOW)  # fmt: skip
        return loan, paid

    def test_what_was_too_much_goes_back_once(self):
        loan, _ = self.paid_too_much()
        for _again in range(2):
            refund(account=loan, reference="F", cents=20_000, happened_on=DAY, now=NOW)
        assert Balance.objects.get(account=loan).unapplied == 10_000
        with pytest.raises(PaymentRefused, match=r"100\.00"):
            refund(account=loan, reference="F2", cents=10_001, happened_on=DAY, now=NOW)

    def test_a_payment_refunded_in_part_cannot_be_taken_back_whole(self):
        loan, paid = self.paid_too_much()
        refund(account=loan, reference="F", cents=20_000, happened_on=DAY, now=NOW)
        with pytest.raises(PaymentRefused, match="refunded"):
            reverse(payment=paid, reference="R", happened_on=DAY, now=NOW)

    def test_a_refund_is_not_reversed(self):
        loan, _ = self.paid_too_much()
        back = refund(account=loan, reference="F", cents=20_000, happened_on=DAY, now=NOW)
        with pytest.raises(PaymentRefused, match="new payment"):
            reverse(payment=back, reference="R", happened_on=DAY, now=NOW)

    def test_new_debt_meets_only_what_was_not_refunded(self):
        from fairdue.accounts.models import Book, Transfer
        from fairdue.accounts.services import apply_payments

        loan, _ = self.paid_too_much()
        refund(account=loan, reference="F", cents=20_000, happened_on=DAY, now=NOW)
        Transfer.objects.create(account=loan, source=Book.PLACED, target=Book.FEES, cents=15_000, happened_on=DAY)
        apply_payments(now=NOW)
        balance = Balance.objects.get(account=loan)
        assert (balance.fees, balance.unapplied) == (5_000, 0)
