"""What a payment covers, in cents."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdue.law.calc.allocation import (
    BUCKETS,
    Debt,
    across,
    order_within,
    overdraft_principal,
    overdraft_start,
    within,
)
from fairdue.law.calc.figures import CalcError

OWED = {"costs": 500_00, "interest": 1_200_00, "principal": 10_000_00}
TODAY = date(2026, 3, 10)


def first_paid(**how):
    """Which part a payment of a cent covers."""
    [name] = [name for name, cents in within(OWED, 1, **how).paid.items() if cents]
    return name


@pytest.mark.parametrize(
    ("how", "first"),
    [
        ({}, "costs"),
        ({"agreed": ("principal", "interest", "costs")}, "principal"),
        ({"agreed": ("interest",)}, "interest"),
        ({"card_days_past_due": 0}, "costs"),
        ({"card_days_past_due": 90}, "costs"),
        ({"card_days_past_due": 91}, "principal"),
        ({"card_days_past_due": 91, "agreed": ("interest",)}, "principal"),  # the regulator's order binds the issuer
        ({"card_days_past_due": 91, "in_execution": True}, "costs"),
    ],
)
def test_what_is_covered_first(how, first):
    assert first_paid(**how) == first


def test_what_the_contract_does_not_name_follows_by_law():
    split = within(OWED, 10_600_00, agreed=("principal",))
    assert split.paid == {"costs": 500_00, "interest": 100_00, "principal": 10_000_00}


def test_a_card_switches_its_order_on_the_91st_day():
    owed = {"interest_and_fees": 800_00, "principal": 5_000_00}
    assert within(owed, 1_000_00, card_days_past_due=90).paid == {"interest_and_fees": 800_00, "principal": 200_00}
    assert within(owed, 1_000_00, card_days_past_due=91).paid == {"interest_and_fees": 0, "principal": 1_000_00}


def test_execution_money_pays_the_judgment_before_the_extra_interest():
    owed = {"extra_delay_interest": 875_00, "judgment_money": 50_000_00}
    split = within(owed, 50_500_00, in_execution=True)
    assert split.paid == {"judgment_money": 50_000_00, "extra_delay_interest": 500_00}


def test_the_place_of_a_penalty_is_told_to_be_open():
    owed = OWED | {"penalty": 300_00}
    split = within(owed, 2_000_00)
    assert (split.paid["penalty"], split.open) == (300_00, ("penalty",))
    assert within(OWED, 2_000_00).open == ()


amounts = st.integers(0, 10**9)
orders = st.fixed_dictionaries(
    {},
    optional={
        "card_days_past_due": st.integers(0, 400),
        "in_execution": st.booleans(),
        "agreed": st.lists(st.sampled_from(["costs", "interest", "principal"]), unique=True),
    },
)


@given(st.dictionaries(st.sampled_from(BUCKETS), amounts, min_size=1), amounts, orders)
def test_no_cent_is_lost_inside_a_debt(owed, paid, how):
    split = within(owed, paid, **how)
    assert sum(split.paid.values()) + split.surplus == paid
    assert all(split.paid[name] + split.left[name] == owed[name] and split.left[name] >= 0 for name in owed)
    assert split.surplus == 0 or not any(split.left.values())
    started = [name for name in order_within(**how) if split.paid.get(name)]
    assert all(split.left[name] == 0 for name in started[:-1]), "a later part was paid before an earlier one was full"


def debt(name, *, due=date(2026, 1, 10), amount=4_000_00, secured=False, rate="0.10"):
    return Debt(name, due, amount, secured, rate and Decimal(rate))


LATER = date(2026, 9, 10)


@pytest.mark.parametrize(
    ("a", "b", "as_of", "first"),
    [
        ({}, {"due": LATER, "rate": "0.24"}, TODAY, "a"),  # due before not due
        ({}, {"due": TODAY, "rate": "0.24"}, TODAY, "b"),  # due on its due day: both due, b heavier
        ({"secured": True, "rate": "0.24"}, {}, TODAY, "b"),  # no security first
        ({"rate": "0.10"}, {"rate": "0.1001"}, TODAY, "b"),  # heavier burden
        ({"due": date(2026, 1, 11)}, {}, TODAY, "b"),  # earlier due
        ({"due": LATER, "rate": "0.24"}, {"due": LATER}, TODAY, "a"),  # the same grades among those not yet due
    ],
)
def test_the_grades_between_two_debts(a, b, as_of, first):
    split = across([debt("a", **a), debt("b", **b)], 3_000_00, as_of=as_of)
    assert split.paid[first] == 3_000_00


def test_what_the_named_debt_does_not_need_goes_on_by_law():
    split = across([debt("a"), debt("b", due=LATER), debt("c", secured=True)], 9_000_00, as_of=TODAY, designated="b")
    assert split.paid == {"b": 4_000_00, "a": 4_000_00, "c": 1_000_00}


def test_equal_debts_share_in_proportion_to_the_cent():
    thirds = [debt(name, amount=100_00) for name in "abc"]
    assert across(thirds, 100_00, as_of=TODAY).paid == {"a": 33_34, "b": 33_33, "c": 33_33}
    one_two = [debt("a", amount=1_000_00), debt("b", amount=2_000_00)]
    assert across(one_two, 1_000_00, as_of=TODAY).paid == {"a": 333_33, "b": 666_67}


def test_a_burden_that_decides_must_be_known():
    with pytest.raises(CalcError, match="b has no rate"):
        across([debt("a"), debt("b", rate=None)], 1, as_of=TODAY)
    alone = [debt("a", secured=True), debt("b", rate=None)]
    assert across(alone, 1, as_of=TODAY).paid == {"a": 0, "b": 1}


debts = st.lists(
    st.tuples(st.dates(date(2026, 3, 8), date(2026, 3, 12)), amounts, st.booleans(), st.sampled_from(["0.10", "0.24"])),
    min_size=1,
    max_size=6,
)


@given(debts, amounts, st.integers(0, 7))
def test_no_cent_is_lost_between_debts(rows, paid, named):
    several = [debt(f"d{i}", due=due, amount=amount, secured=s, rate=r) for i, (due, amount, s, r) in enumerate(rows)]
    split = across(several, paid, as_of=TODAY, designated=f"d{named}")
    assert sum(split.paid.values()) + split.surplus == paid
    assert all(0 <= split.paid[d.id] <= d.amount for d in several)
    assert split.surplus == 0 or not any(split.left.values())
    overdue = [d for d in several if d.due <= TODAY and d.id != f"d{named}"]
    waiting = [d for d in several if d.due > TODAY and d.id != f"d{named}"]
    if any(split.paid[d.id] for d in waiting):
        assert not any(split.left[d.id] for d in overdue)


def test_every_payment_lowers_the_principal_of_an_overdraft():
    assert overdraft_principal(52_000_00, 2_000_00) == overdraft_start("large") == 50_000_00
    assert overdraft_principal(1_00, 2_00) == 0
    assert (overdraft_start("huge"), overdraft_start("especially_huge")) == (500_000_00, 5_000_000_00)
