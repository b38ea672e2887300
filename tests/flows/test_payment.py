"""A payment comes in, and everything follows."""

from datetime import date, timedelta

import pytest

from fairdue.accounts.models import Ageing, Payment, Transfer
from fairdue.accounts.services import PaymentRefused, age
from fairdue.agreements.services import make
from fairdue.cases.models import WorkItem
from fairdue.cases.services import open_cases
from fairdue.flows import payment
from fairdue.journal import queries
from fairdue.journal.models import Entry
from stories import account, case, creditor, person, phone, user, utc

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
NOW = utc("2026-03-02T02:00")  # ten in the morning in Shanghai


@pytest.fixture
def debt():
    """10,000 past due since forty days, out of 50,000; on today's list of a collector."""
    debtor, lender = person(), creditor()
    phone(debtor)
    loan = account(
        debtor, lender, principal=50_000, dues={DAY - timedelta(days=40): 10_000, DAY + timedelta(days=20): 10_000}
    )
    age(as_of=DAY, accounts=[loan.pk])
    return loan, item_of(case(debtor, lender))


def item_of(of, action="call"):
    return WorkItem.objects.create(
        on=DAY,
        case=of,
        user=user(),
        rank=1,
        score=1,
        action=action,
        window_start=NOW,
        window_end=NOW + timedelta(hours=9),
    )


def receive(loan, cents, reference="B1", **other):
    facts = {"currency": "CNY", "happened_on": DAY, "now": NOW} | other
    return payment.receive(creditor=loan.creditor, account=loan, reference=reference, cents=cents, **facts)


def test_a_receipt_says_what_was_done(debt):
    got = receive(debt[0], 4_000)
    assert (got.applied, got.balance, got.past_due, got.again) == ({"principal": 4_000}, 46_000, 6_000, False)


def test_the_account_is_aged_at_once(debt):
    receive(debt[0], 10_000)
    row = Ageing.objects.get(account=debt[0])
    assert (row.past_due, row.bucket, row.balance) == (0, 0, 40_000)


def test_a_promise_is_kept_at_once_and_the_receipt_names_it(debt):
    loan, item = debt
    made = make(case=item.case, account=loan, cents=4_000, due_on=DAY, made_on=DAY, by=item.user)
    assert receive(loan, 4_000).promises == ((made.pk, "kept"),)


def test_nothing_past_due_any_more_takes_the_case_off_the_list(debt):
    loan, item = debt
    assert receive(loan, 10_000).items_dropped == 1
    item.refresh_from_db()
    assert (item.status, item.done_how) == ("dropped", "paid")


def test_a_part_payment_leaves_the_case_on_the_list(debt):
    loan, item = debt
    assert receive(loan, 9_999).items_dropped == 0
    item.refresh_from_db()
    assert item.status == "open"


def test_a_kept_promise_needs_no_following_up(debt):
    loan, item = debt
    WorkItem.objects.filter(pk=item.pk).update(action="promise_follow_up")
    make(case=item.case, account=loan, cents=4_000, due_on=DAY, made_on=DAY, by=item.user)
    assert receive(loan, 4_000).items_dropped == 1


def test_another_case_of_the_same_person_stays(debt):
    loan, _ = debt
    other_lender = creditor()
    other = account(loan.debtor, other_lender, principal=5_000, dues={DAY - timedelta(days=5): 5_000})
    age(as_of=DAY, accounts=[other.pk])
    kept = item_of(case(loan.debtor, other_lender))
    assert receive(loan, 10_000).items_dropped == 1
    kept.refresh_from_db()
    assert kept.status == "open"


def test_the_same_payment_twice_is_one(debt):
    first, again = receive(debt[0], 4_000), receive(debt[0], 4_000)
    assert (again.payment_id, again.again, again.balance) == (first.payment_id, True, 46_000)
    assert Payment.objects.count() == 1
    assert Entry.objects.filter(verb="payment.received").count() == 1


def test_a_bounce_makes_it_late_again_and_breaks_the_promise(debt):
    loan, item = debt
    made = make(case=item.case, account=loan, cents=10_000, due_on=DAY, made_on=DAY, by=item.user)
    got = receive(loan, 10_000)
    later = NOW + timedelta(days=5)
    back = payment.reverse(
        payment=Payment.objects.get(pk=got.payment_id), reference="R1", happened_on=DAY + timedelta(days=5), now=later
    )
    assert (back.balance, back.past_due, back.promises) == (50_000, 10_000, ((made.pk, "broken"),))


def test_a_bounce_opens_a_case_that_was_closed_as_paid(debt):
    loan, item = debt
    got = receive(loan, 50_000)
    open_cases()
    item.case.refresh_from_db()
    assert item.case.status == "closed"
    payment.reverse(payment=Payment.objects.get(pk=got.payment_id), reference="R1", happened_on=DAY, now=NOW)
    item.case.refresh_from_db()
    assert item.case.status == "open"


def test_a_refused_payment_leaves_nothing(debt):
    before = Transfer.objects.count()
    with pytest.raises(PaymentRefused):
        receive(debt[0], 4_000, currency="USD")
    assert (Transfer.objects.count(), Payment.objects.count()) == (before, 0)


def test_a_night_that_aged_for_tomorrow_is_not_undone(debt):
    age(as_of=DAY + timedelta(days=1), accounts=[debt[0].pk])
    receive(debt[0], 1_000)
    assert Ageing.objects.get(account=debt[0]).as_of == DAY + timedelta(days=1)


def test_a_loaded_file_walks_the_same_way(debt):
    loan, item = debt
    made = make(case=item.case, account=loan, cents=10_000, due_on=DAY, made_on=DAY, by=item.user)
    Payment.objects.create(
        creditor=loan.creditor,
        account=loan,
        reference="F1",
        cents=10_000,
        currency="CNY",
        happened_on=DAY,
        learned_at=NOW,
    )
    done = payment.apply_loaded(now=NOW, creditor=loan.creditor)
    assert (done["payments"], done["promises_kept"], done["dropped"]) == (1, 1, 1)
    made.refresh_from_db()
    assert made.status == "kept"
    assert payment.apply_loaded(now=NOW)["payments"] == 0


def test_history_of_accounts_no_night_has_seen_is_left_to_the_night_to_age():
    new = account(person(), creditor(), principal=50_000, dues={DAY - timedelta(days=40): 10_000})
    Payment.objects.create(
        creditor=new.creditor, account=new, reference="H1", cents=4_000, currency="CNY", happened_on=DAY, learned_at=NOW
    )
    assert payment.apply_loaded(now=NOW)["payments"] == 1
    assert not Ageing.objects.filter(account=new).exists()


@pytest.mark.django_db(transaction=True)
def test_the_journal_stands_after_it(debt):
    receive(debt[0], 4_000)
    assert queries.verify().intact


def test_a_payment_costs_a_bounded_number_of_queries(debt, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        receive(debt[0], 4_000)
