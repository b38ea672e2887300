"""Plans exact to the cent, within what a household can spare; the best few, and why not the others."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fairdue.money.plans import (
    Limits,
    Owed,
    PlanError,
    Reason,
    Terms,
    Wish,
    add_months,
    assess,
    due_dates,
    months_between,
    propose,
    runs,
    schedule,
)  # fmt: skip
from fairdue.money.policy import PolicyError, plan_policy, read

TODAY = date(2026, 3, 3)
FIRST = date(2026, 3, 25)
POLICY = plan_policy()
LIMITS = Limits(months=36, share_percent=80, least=5_000, relief=100_000, discount=300_000, parts=3, days=90)
LOAN = Owed(principal=1_860_000, interest=74_350)


def terms(**other):
    return Terms(**({"made_on": TODAY, "first_on": FIRST, "count": 12, "unit": 100} | other))


def amounts(owed, **other):
    return [i.cents for i in schedule(owed, terms(**other))]


def test_equal_instalments_and_a_last_one_that_absorbs_the_rounding():
    assert amounts(LOAN) == [161_200] * 11 + [161_150]
    assert sum(amounts(LOAN)) == 1_934_350


def test_charges_come_before_principal_in_every_instalment():
    first, second = schedule(LOAN, terms())[:2]
    assert (first.principal, first.interest, first.fees) == (86_850, 74_350, 0)
    assert (second.principal, second.interest) == (161_200, 0)


def test_days_of_the_month_end_where_the_month_ends():
    days = due_dates(terms(first_on=date(2026, 1, 31), made_on=date(2026, 1, 31)), 3)
    assert days == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


def test_two_paydays_a_month_or_every_fortnight():
    assert due_dates(terms(days=(10, 25)), 3) == [date(2026, 3, 25), date(2026, 4, 10), date(2026, 4, 25)]
    assert due_dates(terms(every=14), 3) == [date(2026, 3, 25), date(2026, 4, 8), date(2026, 4, 22)]


def test_a_pause_a_step_a_down_payment_and_a_balloon():
    assert schedule(LOAN, terms(pause=2))[0].due_on == date(2026, 5, 25)
    assert amounts(LOAN, step=(50, 6)) == [107_500] * 6 + [214_900] * 5 + [214_850]
    assert amounts(LOAN, count=4, lumps=((TODAY, 400_000),)) == [400_000] + [383_600] * 3 + [383_550]
    assert amounts(LOAN, count=3, lumps=((date(2026, 12, 20), 1_000_000),)) == [311_500] * 3 + [999_850]


def test_the_amount_may_be_given_instead_of_the_number():
    assert amounts(LOAN, level=500_000) == [500_000] * 3 + [434_350]


def test_interest_that_runs_on_is_simple_and_cut_for_the_debtor():
    """12,000.00 at 12 % over 12 months: about 6.6 % on the falling balance; the last instalment is not the greatest."""
    made = schedule(Owed(principal=1_200_000), terms(rate=Decimal("0.12")))
    assert sum(i.principal for i in made) == 1_200_000
    assert 75_000 < sum(i.interest for i in made) < 82_000
    assert made[-1].cents <= made[0].cents
    # 1,200,000 × 0.12 × 22 / 365 = 8,679.45: the part of a cent is not charged
    assert made[0].interest == 8_679


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 500, "unit": 100_000}, "count"),
        ({"first_on": date(2026, 3, 2)}, "first_on"),
        ({"lumps": ((TODAY, 5_000_000),)}, "lumps"),
        ({"level": 100, "rate": Decimal(1)}, "level"),
    ],
)
def test_terms_that_make_no_schedule_say_what_to_mend(facts, field):
    with pytest.raises(PlanError) as refused:
        schedule(LOAN, terms(**facts))
    assert refused.value.field == field
    assert refused.value.zh != refused.value.en


owed = st.builds(Owed, *[st.integers(0, 3_000_000)] * 5)
any_terms = st.builds(
    Terms,
    made_on=st.just(TODAY),
    first_on=st.dates(TODAY, date(2026, 6, 1)),
    count=st.integers(1, 60),
    days=st.lists(st.integers(1, 31), max_size=2, unique=True).map(tuple),
    every=st.sampled_from([0, 0, 7, 14]),
    pause=st.integers(0, 3),
    step=st.tuples(st.integers(10, 100), st.integers(0, 12)),
    rate=st.sampled_from([Decimal(0), Decimal("0.154"), Decimal("0.24")]),
    unit=st.sampled_from([1, 100, 1000]),
)


@settings(max_examples=200, deadline=None)
@given(owed=owed, terms=any_terms, lump=st.integers(0, 2_000_000))
def test_nothing_is_lost_nothing_is_negative_and_the_days_rise(owed, terms, lump):
    assume(owed.total > 0)
    if 0 < lump <= owed.total:
        terms = replace(terms, lumps=((TODAY, lump),))
    try:
        made = schedule(owed, terms)
    except PlanError:
        return
    new = sum(i.cents for i in made) - owed.total
    assert new >= 0 and (new == 0 or terms.rate)
    assert sum(i.principal for i in made) == owed.principal
    assert sum(i.fees for i in made) == owed.fees + owed.costs
    assert all(min(i.cents, i.principal + 1, i.interest + 1, i.fees + 1) > 0 for i in made)
    assert all(a.due_on < b.due_on for a, b in pairwise(made))


@settings(max_examples=60, deadline=None)
@given(owed=owed, count=st.integers(1, 59))
def test_a_longer_plan_never_asks_more_a_month(owed, count):
    assume(owed.total > 10_000)
    shorter, longer = (schedule(owed, terms(count=n, unit=1)) for n in (count, count + 1))
    assert max(i.cents for i in longer) <= max(i.cents for i in shorter)


@settings(max_examples=60, deadline=None)
@given(
    owed=owed,
    free=st.integers(0, 800_000),
    days=st.sampled_from([(), (10, 25)]),
    every=st.sampled_from([0, 14]),
    down=st.integers(0, 300_000),
)
def test_what_is_offered_never_asks_more_than_is_left_over(owed, free, days, every, down):
    assume(owed.total > 50_000)
    wish = Wish(TODAY, FIRST, days=days, every=every, down=min(down, owed.total - 1), unit=100)
    found = propose(owed, wish, free=free, limits=LIMITS, policy=POLICY)
    assert len(found.best) <= 3
    for plan in found.best:
        assert plan.allowed
        assert plan.monthly * 100 <= free * 80
        assert plan.total + plan.discount == owed.total
        assert 0 < plan.expected <= plan.total
        assert plan.last_on <= add_months(TODAY, 36)
    for out in found.out:
        assert out.proposal.reasons or out.better is not None or len(found.best) == 3


def test_three_that_differ_dearest_first():
    found = propose(LOAN, Wish(TODAY, FIRST, unit=100), free=150_000, limits=LIMITS, policy=POLICY)
    said = [(p.kind, len(p.instalments), p.regular, p.burden_percent) for p in found.best]
    assert said == [("equal", 22, 88_000, 59), ("equal", 33, 58_700, 40), ("equal", 17, 113_800, 76)]
    assert {out.proposal.kind for out in found.out} == {"stepped", "pause"}
    assert all(out.better is not None for out in found.out)


def test_a_term_beyond_the_law_is_out_with_its_source():
    limits = replace(LIMITS, months=12, sources={"months": {"zh": "第70条", "en": "Art. 70"}})
    found = propose(LOAN, Wish(TODAY, FIRST, unit=100), free=150_000, limits=limits, policy=POLICY)
    assert not found.best
    assert {reason.code for out in found.out for reason in out.proposal.reasons} == {"months"}
    assert found.out[0].proposal.reasons[0].cites["en"] == "Art. 70"


def test_a_condition_that_is_not_met_bars_every_plan():
    bar = Reason("ability", {"zh": "有能力还款", "en": "can pay"}, {"zh": "", "en": ""})
    found = propose(
        LOAN, Wish(TODAY, FIRST, unit=100), free=150_000, limits=replace(LIMITS, barred=(bar,)), policy=POLICY
    )
    assert not found.best
    assert all(out.proposal.reasons[0] == bar for out in found.out)


def test_a_settlement_is_offered_when_the_money_for_it_is_there():
    wish = Wish(TODAY, FIRST, down=900_000, unit=100)
    found = propose(LOAN, wish, free=500_000, limits=LIMITS, policy=POLICY)
    settled = next(p for p in found.best if p.kind == "settlement")
    assert (settled.total, settled.discount, len(settled.instalments)) == (1_634_350, 300_000, 3)


def test_relief_in_a_plan_reaches_charges_only():
    plan = assess(LOAN, terms(), free=400_000, limits=LIMITS, recovery=POLICY.recovery, discount=80_000)
    assert [r.code for r in plan.reasons] == ["discount"]  # 743.50 of interest is all there is to let go
    plan = assess(LOAN, terms(), free=400_000, limits=LIMITS, recovery=POLICY.recovery, discount=74_350)
    assert plan.allowed
    assert plan.total == 1_860_000


def test_expected_recovery_by_hand():
    """Two instalments of 100.00 at a burden of 30 %: 99 % after one month, 99 %² after two, less 8 % a year."""
    plan = assess(
        Owed(principal=20_000), terms(count=2, first_on=date(2026, 4, 3)), free=33_400,
        limits=replace(LIMITS, least=1), recovery=POLICY.recovery,
    )  # fmt: skip
    assert plan.burden_percent == 30
    assert plan.expected == round(10_000 * 0.99 / (1 + 0.08 * 31 / 365) + 10_000 * 0.9801 / (1 + 0.08 * 61 / 365))


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [("2026-01-31", "2026-02-28", 1), ("2026-01-31", "2026-03-01", 2), ("2026-03-03", "2026-03-03", 0)],
)
def test_months_between(start, end, months):
    assert months_between(date.fromisoformat(start), date.fromisoformat(end)) == months


def test_a_mistake_in_the_policy_names_its_field():
    with pytest.raises(PolicyError, match=r"life\.cure_days"):
        read(_policy_text().replace("cure_days: 10", "cure_days: ten"))
    with pytest.raises(PolicyError, match=r"allowance\.CNY\.\.first"):
        read(_policy_text().replace('first: "1800.00"', "first: 1800.0"))


def _policy_text():
    return (files("fairdue.money") / "plan_policy.yaml").read_text(encoding="utf-8")


def test_a_schedule_in_short_adds_up():
    assert runs([80_500] * 5 + [80_077]) == [(5, 80_500), (1, 80_077)]
    assert runs([100, 100, 200, 100]) == [(2, 100), (1, 200), (1, 100)]
    assert runs([]) == []
