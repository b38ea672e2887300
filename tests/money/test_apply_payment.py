"""The waterfall: which component a payment covers first, and that no cent is lost on the way."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fairdue.money.waterfall import COMPONENTS, ORDERS, apply_payment, card_order, order_code, taken

OWED = {"principal": 300_00, "interest": 40_00, "penalty": 10_00, "fees": 5_00, "costs": 20_00}


def pay(cents, order, owed=OWED):
    split = apply_payment(np.array([cents]), np.array([[owed[name] for name in COMPONENTS]]), order=order)
    return {name: int(c) for name, c in zip(COMPONENTS, split.taken[0], strict=True) if c}, int(split.surplus[0])


STORIES = [
    ("cn_general", 10_00, {"costs": 10_00}, 0),
    ("cn_general", 50_00, {"costs": 20_00, "interest": 30_00}, 0),
    ("cn_general", 100_00, {"costs": 20_00, "interest": 40_00, "penalty": 10_00, "fees": 5_00, "principal": 25_00}, 0),
    ("cn_general", 400_00, OWED, 25_00),
    ("cn_card_1_90", 65_00, {"costs": 20_00, "interest": 40_00, "fees": 5_00}, 0),
    ("cn_card_91", 290_00, {"principal": 290_00}, 0),
    ("cn_card_91", 345_00, {"principal": 300_00, "costs": 20_00, "interest": 25_00}, 0),
    ("cn_card_91", 0, {}, 0),
]


@pytest.mark.parametrize(("order", "cents", "goes_to", "surplus"), STORIES)
def test_a_payment_goes_where_the_law_sends_it(order, cents, goes_to, surplus):
    assert pay(cents, order) == (goes_to, surplus)


def test_a_card_payment_reaches_principal_first_from_the_91st_day_on():
    owed = np.tile([300_00, 40_00, 0, 0, 0], (3, 1))
    order = card_order(np.array([1, 90, 91], dtype=np.int32))
    used = taken(np.full(3, 50_00), owed, order=order)
    assert used[:, :2].tolist() == [[10_00, 40_00], [10_00, 40_00], [50_00, 0]]


def test_an_order_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="order 'mine' is unknown; known: cn_general"):
        order_code("mine")


def test_a_payment_below_nothing_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        pay(-1, "cn_general")


def test_every_order_names_every_component_once():
    for order in ORDERS.values():
        assert sorted(order) == sorted(COMPONENTS)


cents = st.integers(0, 10**13)
rows = st.integers(1, 6).flatmap(
    lambda n: st.tuples(
        hnp.arrays(np.int64, n, elements=cents),
        hnp.arrays(np.int64, (n, 5), elements=cents | st.integers(0, 3)),
        hnp.arrays(np.int8, n, elements=st.integers(0, len(ORDERS) - 1)),
    )
)


@given(rows)
def test_nothing_is_lost_and_nothing_later_is_paid_while_something_earlier_is_owed(case):
    paid, owed, order = case
    split = apply_payment(paid, owed, order=order)
    assert (split.taken.sum(axis=1) + split.surplus == paid).all()
    assert (split.taken + split.left == owed).all()
    assert (split.taken >= 0).all()
    assert (split.left >= 0).all()
    assert (split.surplus >= 0).all()
    for row in range(len(paid)):
        places = [COMPONENTS.index(name) for name in list(ORDERS.values())[order[row]]]
        for earlier, later in pairwise(places):
            assert split.left[row, earlier] == 0 or split.taken[row, later] == 0


@given(rows)
def test_two_payments_one_after_the_other_do_what_one_of_both_does(case):
    paid, owed, order = case
    first = apply_payment(paid // 3, owed, order=order)
    second = apply_payment(paid - paid // 3, first.left, order=order)
    assert (first.taken + second.taken == apply_payment(paid, owed, order=order).taken).all()
