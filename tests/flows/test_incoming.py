"""Bank lines find their debts; the rest waits for people; nobody confirms their own entry."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from fairdue.accounts.models import Balance, Incoming, Payment
from fairdue.accounts.services import PaymentRefused
from fairdue.flows import incoming, payment
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.people.models import Relation
from stories import account, creditor, person, user, utc

pytestmark = pytest.mark.django_db
NOW = utc("2026-03-02T02:00")
DAY = date(2026, 3, 1)


def line(at, reference, cents, **said):
    facts = {"currency": "CNY", "happened_on": DAY} | said
    return Incoming.objects.create(creditor=at, reference=reference, cents=cents, **facts)


def owed(loan):
    return Balance.objects.get(account=loan).total


def enter(loan, by, reference="H1", cents=10_000):
    return incoming.enter(account=loan, reference=reference, cents=cents, happened_on=DAY, method="cash", payer="",
                          note="", by=by, now=NOW)  # fmt: skip


class TestMatch:
    def test_a_line_with_the_account_s_number_is_booked_at_once(self):
        lender = creditor()
        loan = account(person(), lender, external_ref="A-1001")
        line(lender, "N1", 30_000, text="还款 A-1001", payer="张三")
        done = incoming.match_new(creditor=lender, now=NOW)
        assert (done.looked, done.booked, done.waiting) == (1, 1, 0)
        assert owed(loan) == 70_000
        assert incoming.match_new(creditor=lender, now=NOW).looked == 0

    def test_the_others_wait_with_what_they_may_be_for(self):
        lender = creditor()
        loan = account(person("钱七"), lender)
        line(lender, "N1", 12_300, payer="钱七")
        assert incoming.match_new(creditor=lender, now=NOW).waiting == 1
        waits = Incoming.objects.get()
        assert waits.candidates == [{"account": loan.pk, "score": 45, "why": ["name"]}]
        assert owed(loan) == 100_000

    def test_money_from_before_the_contract_waits_with_nobody(self):
        lender = creditor()
        loan = account(person(), lender, external_ref="A-1001", opened_on=DAY + timedelta(days=1))
        line(lender, "N1", 30_000, text="还款 A-1001")
        assert incoming.match_new(creditor=lender, now=NOW).waiting == 1
        waits = Incoming.objects.get()
        assert waits.candidates == []
        with pytest.raises(PaymentRefused, match="opened on 2026-03-02"):
            incoming.assign(incoming=waits, account=loan, by=user(), now=NOW)
        with pytest.raises(PaymentRefused, match="opened on 2026-03-02"):
            enter(loan, user())

    def test_another_creditor_s_debt_is_never_a_candidate(self):
        ours, theirs = creditor(), creditor()
        account(person(), theirs, external_ref="A-1001")
        line(ours, "N1", 100, text="A-1001")
        incoming.match_new(creditor=ours, now=NOW)
        assert Incoming.objects.get().candidates == []

    def test_paid_twice_the_second_waits(self):
        lender = creditor()
        loan = account(person(), lender, external_ref="A-1001")
        line(lender, "N1", 100_000, text="A-1001")
        incoming.match_new(creditor=lender, now=NOW)
        line(lender, "N2", 100_000, text="A-1001")
        assert incoming.match_new(creditor=lender, now=NOW).waiting == 1
        assert owed(loan) == 0

    def test_what_went_back_at_the_bank_is_taken_back(self):
        lender = creditor()
        loan = account(person(), lender, external_ref="A-1001")
        line(lender, "N1", 30_000, text="A-1001")
        incoming.match_new(creditor=lender, now=NOW)
        line(lender, "N2", 30_000, kind="return", about="N1")
        line(lender, "N3", 999, kind="return", about="unknown")
        done = incoming.match_new(creditor=lender, now=NOW)
        assert (done.taken_back, done.waiting) == (1, 1)
        assert owed(loan) == 100_000

    def test_a_split_payment_that_went_back_is_taken_back_whole(self):
        """Given ¥300 shared 100 + 200, then the bank returns ¥300; then both debts stand again, by themselves."""
        lender, lead = creditor(), user("lead")
        one, two = account(person(), lender), account(person("李四"), lender)
        waits = line(lender, "N1", 30_000, status="waiting", about="E2E-1")
        incoming.split(incoming=waits, parts={one: 10_000, two: 20_000}, by=lead, now=NOW)
        line(lender, "N2", 29_999, kind="return", about="E2E-1")
        line(lender, "N3", 30_000, kind="return", about="E2E-1")
        done = incoming.match_new(creditor=lender, now=NOW)
        assert (done.taken_back, done.waiting) == (1, 1)
        assert (owed(one), owed(two)) == (100_000, 100_000)
        back = Payment.objects.filter(kind="reversal").order_by("pk")
        assert list(back.values_list("reference", "cents")) == [("N3", 10_000), ("N3/2", 20_000)]

    def test_or_somebody_says_which_parts_it_was(self):
        lender, lead = creditor(), user("lead")
        one, two = account(person(), lender), account(person("李四"), lender)
        waits = line(lender, "N1", 30_000, status="waiting")
        incoming.split(incoming=waits, parts={one: 10_000, two: 20_000}, by=lead, now=NOW)
        back = line(lender, "N2", 30_000, kind="return", about="unknown", status="waiting")
        with pytest.raises(PaymentRefused, match=r"no payment of 150\.00 that still stands"):
            incoming.split(incoming=back, parts={one: 15_000, two: 15_000}, by=lead, now=NOW)
        incoming.split(incoming=back, parts={one: 10_000, two: 20_000}, by=lead, now=NOW)
        assert (owed(one), owed(two)) == (100_000, 100_000)

    def test_what_cannot_be_taken_back_waits_and_the_others_go_on(self):
        """Given ¥1,200 paid on ¥1,000 and the ¥200 refunded; then its return waits, another's is taken back."""
        lender, lead = creditor(), user("lead")
        over, plain = account(person(), lender), account(person("李四"), lender)
        paid = {"creditor": lender, "currency": "CNY", "happened_on": DAY, "now": NOW}
        payment.receive(account=over, reference="P1", cents=120_000, **paid)
        payment.receive(account=plain, reference="P2", cents=50_000, **paid)
        payment.refund(account=over, reference="R1", cents=20_000, happened_on=DAY, now=NOW, by=lead)
        line(lender, "B1", 120_000, kind="return", about="P1")
        line(lender, "B2", 50_000, kind="return", about="P2")
        done = incoming.match_new(creditor=lender, now=NOW)
        assert (done.taken_back, done.waiting) == (1, 1)
        assert (owed(over), owed(plain)) == (0, 100_000)

    def test_a_payer_on_record_beside_a_debtor_and_a_name_in_the_text_are_hints(self):
        lender = creditor()
        debtor, mother = person("Rebecca Quillan"), person("Barbara Nguyen")
        Relation.objects.create(debtor=debtor, person=mother, kind=codes.Relation.PARENT_OF_ADULT)
        loan = account(debtor, lender)
        line(lender, "N1", 100_000, payer="BARBARA NGUYEN", text="for my daughter Rebecca Quillan")
        assert incoming.match_new(creditor=lender, now=NOW).waiting == 0
        assert owed(loan) == 0
        line(lender, "N3", 54_321, payer="Somebody Else", text="LOAN REBECCA QUILLAN")
        incoming.match_new(creditor=lender, now=NOW)
        (hint,) = Incoming.objects.get(reference="N3").candidates
        assert (hint["account"], hint["why"]) == (loan.pk, ["named", "closed"])
        other = account(debtor, lender)
        line(lender, "N2", 12_345, payer="BARBARA NGUYEN")
        incoming.match_new(creditor=lender, now=NOW)
        waits = Incoming.objects.get(reference="N2")
        assert {(c["account"], *c["why"]) for c in waits.candidates} == {(other.pk, "kin")}


class TestQueue:
    def test_somebody_assigns_it(self):
        lender, lead = creditor(), user("lead")
        loan = account(person(), lender)
        waits = line(lender, "N1", 30_000, status="waiting")
        receipt = incoming.assign(incoming=waits, account=loan, by=lead, now=NOW)
        assert receipt.balance == 70_000
        with pytest.raises(PaymentRefused, match="already"):
            incoming.assign(incoming=waits, account=loan, by=lead, now=NOW)

    def test_or_splits_it_over_several_debts(self):
        lender, lead = creditor(), user("lead")
        one, two = account(person(), lender), account(person(), lender)
        waits = line(lender, "N1", 30_000, status="waiting")
        with pytest.raises(PaymentRefused, match="add up"):
            incoming.split(incoming=waits, parts={one: 10_000, two: 10_000}, by=lead, now=NOW)
        incoming.split(incoming=waits, parts={one: 10_000, two: 20_000}, by=lead, now=NOW)
        assert (owed(one), owed(two)) == (90_000, 80_000)
        assert set(Payment.objects.values_list("reference", flat=True)) == {"N1", "N1/2"}

    def test_or_sends_it_back(self):
        lead, waits = user("lead"), line(creditor(), "N1", 30_000, status="waiting")
        incoming.send_back(incoming=waits, note="not ours", by=lead, now=NOW)
        waits.refresh_from_db()
        assert (waits.status, Payment.objects.count()) == ("returned", 0)

    def test_money_of_another_currency_is_refused(self):
        lender = creditor()
        waits = line(lender, "N1", 30_000, status="waiting", currency="USD")
        with pytest.raises(PaymentRefused, match="USD"):
            incoming.assign(incoming=waits, account=account(person(), lender), by=user("lead"), now=NOW)


class TestByHand:
    def test_it_counts_once_another_person_has_confirmed_it(self):
        loan, one, other = account(person(), creditor()), user(), user("lead")
        entered = enter(loan, one)
        assert owed(loan) == 100_000
        with pytest.raises(PaymentRefused, match="Another person"):
            incoming.confirm(incoming=entered, by=one, now=NOW)
        incoming.confirm(incoming=entered, by=other, now=NOW)
        assert owed(loan) == 90_000

    def test_the_database_refuses_a_single_person_too(self):
        loan, one = account(person(), creditor()), user()
        entered = enter(loan, one)
        with pytest.raises(IntegrityError), transaction.atomic():
            Incoming.objects.filter(pk=entered.pk).update(status="booked", decided_by=one)

    def test_a_reference_on_record_is_refused(self):
        loan, one = account(person(), creditor()), user()
        enter(loan, one)
        with pytest.raises(PaymentRefused, match="on record"):
            enter(loan, one)

    def test_turned_down_it_never_counts(self):
        loan, one, other = account(person(), creditor()), user(), user("lead")
        entered = enter(loan, one)
        incoming.turn_down(incoming=entered, note="no such receipt", by=other, now=NOW)
        with pytest.raises(PaymentRefused):
            incoming.confirm(incoming=entered, by=other, now=NOW)
        assert owed(loan) == 100_000


class TestRefund:
    @pytest.fixture
    def paid(self):
        """An account on which ¥1,000.00 more was paid than was owed."""
        loan = account(person(), creditor())
        payment.receive(creditor=loan.creditor, account=loan, reference="N1", cents=200_000, currency="CNY",
                        happened_on=DAY, now=NOW)  # fmt: skip
        return loan

    def back(self, loan, by, cents, reference="R1", now=NOW):
        return incoming.refund(account=loan, reference=reference, cents=cents, happened_on=DAY, note="paid twice", by=by,
                               now=now)  # fmt: skip

    def kept(self, loan):
        return Balance.objects.get(account=loan).unapplied

    def test_beyond_what_one_may_send_back_alone_it_waits_for_another_person(self, paid):
        one, other = user("lead"), user("lead")
        asked = self.back(paid, one, 90_000)
        assert (asked.status, self.kept(paid), self.back(paid, one, 90_000)) == ("to_confirm", 100_000, asked)
        with pytest.raises(PaymentRefused, match="Another person"):
            incoming.confirm(incoming=asked, by=one, now=NOW)
        with pytest.raises(PaymentRefused, match=r"Only ¥100\.00, besides ¥900\.00"):
            self.back(paid, one, 20_001, "R2")
        incoming.confirm(incoming=asked, by=other, now=NOW)
        assert self.kept(paid) == 10_000
        assert self.back(paid, one, 90_000).status == "booked"
        with pytest.raises(PaymentRefused, match="dealt with"):
            incoming.confirm(incoming=asked, by=other, now=NOW)
        verbs = ["refund.entered", "payment.refunded", "refund.booked"]
        assert list(Entry.objects.filter(verb__in=verbs).order_by("pk").values_list("verb", "actor_id")) == [
            (verbs[0], one.pk), (verbs[1], other.pk), (verbs[2], other.pk),
        ]  # fmt: skip

    def test_small_sums_go_back_at_once_until_they_are_no_small_sum_together(self, paid):
        lead = user("lead")
        for _again in (1, 2):
            self.back(paid, lead, 15_000)
        assert self.kept(paid) == 85_000
        asked = self.back(paid, lead, 5_001, "R2")
        assert asked.status == "to_confirm"
        assert self.kept(paid) == 85_000
        self.back(paid, lead, 5_000, "R3")
        assert self.kept(paid) == 80_000

    def test_turned_down_it_does_not_go(self, paid):
        one, other = user("lead"), user("lead")
        asked = self.back(paid, one, 90_000)
        incoming.turn_down(incoming=asked, note="not theirs", by=other, now=NOW)
        with pytest.raises(PaymentRefused, match="turned down"):
            self.back(paid, one, 90_000)
        assert self.kept(paid) == 100_000
