"""Promises judged by what really came."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.money.days import NO_DAY
from fairdue.money.promises import Promises, Receipts, Status, judge


def judged(promises, receipts, as_of, **terms):
    """promises: (account, made, due, cents); receipts: (account, day, cents)."""
    p = np.array(promises, dtype=np.int64).reshape(-1, 4)
    r = np.array(receipts, dtype=np.int64).reshape(-1, 3)
    return judge(
        Promises(p[:, 0].astype(np.int32), p[:, 1].astype(np.int32), p[:, 2].astype(np.int32), p[:, 3]),
        Receipts(r[:, 0].astype(np.int32), r[:, 1].astype(np.int32), r[:, 2]),
        as_of=as_of,
        **terms,
    )


def story(receipts, as_of, promise=(0, 1, 10, 500_00), **terms):
    result = judged([promise], [(0, *receipt) for receipt in receipts], as_of, **terms)
    return Status(result.status[0]).name, int(result.received[0]), int(result.kept_on[0])


def test_kept_on_the_day_the_money_is_complete():
    assert story([(3, 200_00), (9, 300_00)], as_of=9) == ("KEPT", 500_00, 9)


def test_open_until_its_day_has_passed():
    assert story([], as_of=10)[0] == "OPEN"
    assert story([], as_of=11)[0] == "BROKEN"


def test_partly_kept_is_judged_only_after_the_day():
    assert story([(3, 200_00)], as_of=10) == ("OPEN", 200_00, NO_DAY)
    assert story([(3, 200_00)], as_of=11) == ("PARTLY_KEPT", 200_00, NO_DAY)


def test_money_under_way_is_waited_for():
    assert story([], as_of=12, grace_days=2)[0] == "OPEN"
    assert story([(12, 500_00)], as_of=13, grace_days=2) == ("KEPT", 500_00, 12)
    assert story([(13, 500_00)], as_of=13, grace_days=2) == ("BROKEN", 0, NO_DAY)


def test_a_promise_is_not_broken_for_the_sake_of_a_few_cents():
    assert story([(3, 499_50)], as_of=11, tolerance_cents=1_00) == ("KEPT", 499_50, 3)
    assert story([(3, 498_99)], as_of=11, tolerance_cents=1_00)[0] == "PARTLY_KEPT"


def test_money_from_before_the_promise_does_not_keep_it():
    assert story([(0, 500_00)], as_of=11)[0] == "BROKEN"
    assert story([(1, 500_00)], as_of=11)[0] == "KEPT"


def test_more_than_promised_keeps_one_promise_and_begins_the_next():
    result = judged([(0, 1, 20, 100), (0, 1, 10, 100)], [(0, 5, 150)], as_of=30)
    assert [Status(s).name for s in result.status] == ["PARTLY_KEPT", "KEPT"]
    assert list(result.received) == [50, 100]


def test_one_payment_does_not_keep_two_promises():
    result = judged([(0, 1, 10, 100), (0, 1, 10, 100)], [(0, 5, 100)], as_of=30)
    assert sorted(Status(s).name for s in result.status) == ["BROKEN", "KEPT"]


def test_accounts_do_not_pay_for_each_other():
    result = judged([(7, 1, 10, 100), (3, 1, 10, 100)], [(3, 5, 100), (9, 5, 100)], as_of=11)
    assert [Status(s).name for s in result.status] == ["BROKEN", "KEPT"]


def test_a_receipt_below_nothing_is_refused_with_its_row():
    with pytest.raises(ValueError, match="row 0 holds -5"):
        story([(3, -5)], as_of=11)


def test_no_promises_and_no_receipts():
    assert len(judged([], [(0, 1, 5)], as_of=3).status) == 0


def one_by_one(promises, receipts, as_of, tolerance, grace):
    """The meaning, in loops: one cent after the other."""
    purses = {i: cents if day <= as_of else 0 for i, (_, day, cents) in enumerate(receipts)}
    out = {}
    for _, _, _, row in sorted((account, due, made, i) for i, (account, made, due, _) in enumerate(promises)):
        account, made, due, cents = promises[row]
        got, kept_on = 0, (made if cents <= tolerance else NO_DAY)
        for day, i in sorted((day, i) for i, (payer, day, _) in enumerate(receipts) if payer == account):
            if made <= day <= due + grace:
                part = min(cents - got, purses[i])
                purses[i] -= part
                got += part
                if got >= cents - tolerance and kept_on == NO_DAY and cents > tolerance:
                    kept_on = day
        if got >= cents - tolerance:
            status = Status.KEPT
        elif as_of <= due + grace:
            status = Status.OPEN
        else:
            status = Status.PARTLY_KEPT if got else Status.BROKEN
        out[row] = (status, got, kept_on)
    return [out[row] for row in range(len(promises))]


few = st.integers(0, 2)
day = st.integers(0, 15)


@settings(max_examples=400, deadline=None)
@given(
    promises=st.lists(st.tuples(few, day, day, st.integers(1, 9)), max_size=7),
    receipts=st.lists(st.tuples(few, day, st.integers(0, 9)), max_size=7),
    as_of=st.integers(0, 20),
    tolerance=st.integers(0, 2),
    grace=st.integers(0, 3),
)
def test_columns_say_what_loops_say(promises, receipts, as_of, tolerance, grace):
    result = judged(promises, receipts, as_of, tolerance_cents=tolerance, grace_days=grace)
    expected = one_by_one(promises, receipts, as_of, tolerance, grace)
    assert list(zip(result.status, result.received, result.kept_on, strict=True)) == expected


ORDER = {Status.BROKEN: 0, Status.PARTLY_KEPT: 1, Status.OPEN: 2, Status.KEPT: 3}


@settings(max_examples=300, deadline=None)
@given(
    receipts=st.lists(st.tuples(day, st.integers(0, 9)), max_size=6),
    more=st.tuples(day, st.integers(0, 9)),
    as_of=st.integers(0, 24),
    tolerance=st.integers(0, 2),
    grace=st.integers(0, 3),
)
def test_money_never_harms_a_promise_and_money_that_goes_back_never_helps(receipts, more, as_of, tolerance, grace):
    """Learned of late or early, the day it happened alone counts: one more receipt is never worse, one less never better."""
    terms = {"promise": (0, 3, 12, 10), "as_of": as_of, "tolerance_cents": tolerance, "grace_days": grace}
    without, with_it = story(receipts, **terms), story([*receipts, more], **terms)
    assert ORDER[Status[with_it[0]]] >= ORDER[Status[without[0]]]
    assert with_it[1] >= without[1]
    longer = story(receipts, **terms | {"grace_days": grace + 1})
    assert ORDER[Status[longer[0]]] >= ORDER[Status[without[0]]]
    assert story(receipts, **terms) == without  # judged again, the same
