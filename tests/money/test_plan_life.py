"""A plan lives by real money: kept, at risk, broken, completed; by the day, and the same as walking the days one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.money.days import NO_DAY
from fairdue.money.plan_life import Dues, Receipts, State, judge

BANK, CURE = 2, 10


def judged(plans, as_of):
    """plans: a list of (dues [(day, cents)], receipts [(day, cents)])."""
    dues = np.array([(n, *due) for n, (dues, _) in enumerate(plans) for due in dues], np.int64).reshape(-1, 3)
    got = np.array([(n, *one) for n, (_, got) in enumerate(plans) for one in got], np.int64).reshape(-1, 3)
    return judge(
        Dues(dues[:, 0], dues[:, 1].astype(np.int32), dues[:, 2]),
        Receipts(got[:, 0], got[:, 1].astype(np.int32), got[:, 2]),
        plans=len(plans),
        as_of=as_of,
        bank_days=BANK,
        cure_days=CURE,
    )


THREE = [(30, 100), (60, 100), (90, 100)]


@pytest.mark.parametrize(
    ("as_of", "receipts", "state", "paid", "late"),
    [
        (32, [], "ACTIVE", 0, 0),  # two days for money under way
        (33, [], "AT_RISK", 0, 100),
        (42, [], "AT_RISK", 0, 100),  # the tenth day of the cure
        (43, [], "BROKEN", 0, 100),
        (43, [(42, 100)], "ACTIVE", 100, 0),
        (50, [(43, 100)], "ACTIVE", 100, 0),  # money of the very day saves it
        (50, [(44, 100)], "BROKEN", 100, 0),  # a day too late; it stays broken
        (50, [(20, 99)], "BROKEN", 99, 1),
        (40, [(20, 250)], "ACTIVE", 250, 0),  # money may run ahead
        (40, [(20, 300)], "COMPLETED", 300, 0),
        (95, [(30, 100), (60, 100), (95, 100)], "COMPLETED", 300, 0),
        (95, [(30, 150), (60, 100)], "AT_RISK", 250, 50),
    ],
)
def test_the_life_of_a_plan(as_of, receipts, state, paid, late):
    got = judged([(THREE, receipts)], as_of)
    assert (State(got.state[0]).name, got.paid[0], got.late[0]) == (state, paid, late)


def test_money_covers_the_oldest_instalment_first():
    assert judged([(THREE, [(31, 130)])], 61).due_paid.tolist() == [100, 30, 0]


def test_money_that_goes_back_begins_a_new_cure():
    """Paid in time, gone after twenty days: at risk from then, broken only ten days later."""
    back = [(30, 100), (50, -100)]
    assert [State(judged([(THREE, back)], day).state[0]).name for day in (49, 50, 59, 60)] == [
        "ACTIVE",
        "AT_RISK",
        "AT_RISK",
        "BROKEN",
    ]


def test_a_completed_plan_whose_money_goes_back_lives_again():
    assert State(judged([(THREE, [(40, 300), (70, -300)])], 71).state[0]).name == "AT_RISK"


def test_the_day_it_turned_is_told():
    assert judged([(THREE, []), (THREE, [(5, 300)])], 99).turned_on.tolist() == [43, 5]
    assert judged([(THREE, [])], 40).turned_on.tolist() == [NO_DAY]
    assert judged([(THREE, [])], 40).late_since.tolist() == [33]


def by_days(dues, receipts, as_of):
    """Walk the days."""
    run, state = 0, None
    asked = sum(cents for _, cents in dues)
    start = min(day for day, _ in [*dues, *receipts])
    for day in range(start, as_of + 1):
        paid = max(sum(cents for on, cents in receipts if on <= day), 0)
        late = max(sum(cents for on, cents in dues if on + BANK < day) - paid, 0)
        run = run + 1 if late else 0
        if run > CURE:
            state = "BROKEN"
    paid = max(sum(cents for on, cents in receipts if on <= as_of), 0)
    late = max(sum(cents for on, cents in dues if on + BANK < as_of) - paid, 0)
    return state or ("COMPLETED" if paid >= asked else "AT_RISK" if late else "ACTIVE"), min(paid, asked), late


due = st.tuples(st.integers(0, 60), st.integers(1, 50))
receipt = st.tuples(st.integers(0, 80), st.integers(-40, 80))
plan = st.tuples(st.lists(due, min_size=1, max_size=5), st.lists(receipt, max_size=5))


@settings(max_examples=150, deadline=None)
@given(plans=st.lists(plan, min_size=1, max_size=4), as_of=st.integers(0, 90))
def test_the_columns_say_what_walking_the_days_says(plans, as_of):
    got = judged(plans, as_of)
    for n, (dues, receipts) in enumerate(plans):
        assert (State(got.state[n]).name, got.paid[n], got.late[n]) == by_days(dues, receipts, as_of)
    assert got.due_paid.sum() == got.paid.sum()
