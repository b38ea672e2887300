"""Promises are judged by what really came in."""

from datetime import date, timedelta

import pytest

from fairdue.accounts.services import receive, reverse
from fairdue.agreements.models import Promise
from fairdue.agreements.services import judge, make
from fairdue.staff.models import DayCorrection
from stories import account, case, creditor, person, user, utc

pytestmark = pytest.mark.django_db
MADE = date(2026, 3, 2)
DUE = date(2026, 3, 6)  # a Friday
LAST = date(2026, 3, 10)  # the second bank day after it: money still counts
OVER = date(2026, 3, 11)
NOW = utc("2026-03-02T02:00")


@pytest.fixture
def work():
    debtor, lender = person(), creditor()
    return case(debtor, lender), account(debtor, lender, principal=90_000)


def promised(work, cents=10_000, **other):
    return make(
        case=work[0], **({"account": work[1], "cents": cents, "due_on": DUE, "made_on": MADE, "by": None} | other)
    )


def paid(work, cents, on, reference=None, **other):
    loan = other.pop("loan", work[1])
    return receive(
        creditor=loan.creditor, account=loan, reference=reference or f"{on}{cents}", cents=cents, currency="CNY",
        happened_on=on, now=utc(f"{on}T12:00"),
    )  # fmt: skip


def state(promise):
    promise.refresh_from_db()
    return promise.status, promise.received


@pytest.mark.parametrize(
    ("payments", "as_of", "expected"),
    [
        ([], DUE, ("open", 0)),
        ([], LAST, ("open", 0)),
        ([], OVER, ("broken", 0)),
        ([(10_000, DUE)], DUE, ("kept", 10_000)),
        ([(9_900, DUE)], DUE, ("kept", 9_900)),
        ([(9_899, DUE)], OVER, ("partly_kept", 9_899)),
        ([(4_000, MADE), (6_000, LAST)], LAST, ("kept", 10_000)),
        ([(9_900, LAST)], LAST, ("kept", 9_900)),
        ([(10_000, OVER)], OVER, ("broken", 0)),
        ([(10_000, MADE - timedelta(days=1))], OVER, ("broken", 0)),
    ],
)
def test_money_in_time_keeps_a_promise(work, payments, as_of, expected):
    one = promised(work)
    for cents, on in payments:
        paid(work, cents, on)
    judge(as_of=as_of)
    assert state(one) == expected


def test_a_bounced_payment_breaks_the_promise_it_kept(work):
    one = promised(work)
    payment = paid(work, 10_000, DUE)
    assert judge(as_of=DUE).changed == ((one.pk, "kept"),)
    reverse(payment=payment, reference="R", happened_on=OVER, now=utc("2026-03-11T02:00"))
    done = judge(as_of=OVER)
    assert (done.broken, state(one)) == (1, ("broken", 0))


def test_money_learned_of_late_mends_a_broken_promise(work):
    one = promised(work)
    judge(as_of=OVER)
    assert state(one)[0] == "broken"
    paid(work, 10_000, DUE)
    assert judge(as_of=OVER + timedelta(days=1)).kept == 1
    assert state(one) == ("kept", 10_000)


def test_two_promises_need_two_payments(work):
    first = promised(work)
    Promise.objects.filter(pk=first.pk).update(due_on=MADE)
    judge(as_of=MADE)
    second = Promise.objects.create(
        case=work[0], account=work[1], person=work[0].person, cents=10_000, currency="CNY", made_on=MADE, due_on=DUE
    )
    paid(work, 10_000, MADE)
    judge(as_of=OVER)
    assert (state(first), state(second)) == (("kept", 10_000), ("broken", 0))


def test_a_promise_about_the_case_is_kept_by_money_on_any_of_its_accounts(work):
    other = account(work[0].person, work[0].creditor, principal=20_000)
    one = promised(work, account=None)
    paid(work, 4_000, MADE)
    paid(work, 6_000, DUE, loan=other)
    judge(as_of=DUE)
    assert state(one) == ("kept", 10_000)


def test_money_that_came_the_same_day_counts_at_once(work):
    paid(work, 10_000, MADE)
    assert promised(work).status == "kept"


def test_money_on_record_before_a_promise_of_the_same_day_does_not_keep_it(work):
    """Paid 100 at noon, promised 100 at 13:00: still owed. What comes at 14:00 keeps it."""
    promise = promised(work)
    Promise.objects.filter(pk=promise.pk).update(learned_at=utc("2026-03-02T13:00"))
    paid(work, 10_000, MADE)
    judge(as_of=MADE)
    assert state(promise) == ("open", 0)
    receive(
        creditor=work[1].creditor, account=work[1], reference="later", cents=10_000, currency="CNY", happened_on=MADE,
        now=utc("2026-03-02T14:00"),
    )  # fmt: skip
    judge(as_of=MADE)
    assert state(promise) == ("kept", 10_000)


def test_only_the_named_are_judged(work):
    one = promised(work)
    assert judge(as_of=DUE + timedelta(days=9), persons=[work[0].person_id + 1]).looked == 0
    assert judge(as_of=DUE + timedelta(days=9), persons=[work[0].person_id]).broken == 1
    assert state(one)[0] == "broken"


def test_judging_twice_changes_nothing(work):
    promised(work)
    assert judge(as_of=DUE + timedelta(days=9)).broken == 1
    assert judge(as_of=DUE + timedelta(days=9)).changed == ()


def test_the_number_of_queries_does_not_grow_with_the_promises(work, django_assert_num_queries):
    for n in range(30):
        Promise.objects.create(
            case=work[0],
            account=work[1],
            person=work[0].person,
            cents=100 + n,
            currency="CNY",
            made_on=MADE,
            due_on=DUE,
        )
    with django_assert_num_queries(5):
        judge(as_of=DUE + timedelta(days=9), persons=[work[0].person_id])


@pytest.mark.parametrize(
    ("jurisdiction", "due", "last"),
    [
        ("cn", date(2026, 3, 7), date(2026, 3, 11)),  # a Saturday counts on Monday, and two bank days more
        ("cn", date(2026, 9, 30), date(2026, 10, 9)),  # the national holidays of 1 to 7 October lie between
        ("us", date(2026, 7, 2), date(2026, 7, 7)),  # Independence Day is kept on Friday 3 July
        ("xx", date(2026, 3, 7), date(2026, 3, 11)),  # no calendar is known: weekends alone
    ],
)
def test_bank_days_are_those_of_the_creditors_jurisdiction(jurisdiction, due, last):
    debtor, lender = person(), creditor(jurisdiction=jurisdiction)
    work = case(debtor, lender), account(debtor, lender, principal=90_000)
    one = promised(work, due_on=due, made_on=due - timedelta(days=3))
    judge(as_of=last)
    assert state(one)[0] == "open"
    judge(as_of=last + timedelta(days=1))
    assert state(one)[0] == "broken"
    paid(work, 10_000, last)
    judge(as_of=last + timedelta(days=1))
    assert state(one) == ("kept", 10_000)


def test_the_firms_word_about_a_day_binds(work):
    """Tuesday 10 March is declared off: money of Wednesday counts still."""
    one = promised(work)
    DayCorrection.objects.create(
        calendar="cn", day=LAST, works=False, reason="bank closed", made_at=NOW, made_by=user("compliance")
    )
    paid(work, 10_000, OVER)
    judge(as_of=OVER)
    assert state(one) == ("kept", 10_000)
