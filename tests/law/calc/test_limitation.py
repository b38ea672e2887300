"""Clocks after which a claim may be refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdue.law.calc.calendar import months_later
from fairdue.law.calc.figures import BeyondTable, CalcError
from fairdue.law.calc.limitation import CLAIMS, Act, effect, interrupts, last_day

DUE = date(2023, 5, 20)


def ends(*acts, claim="contract_debt", due=(DUE,), **more):
    return last_day(claim, list(due), list(acts), **more).last_day


def demand(on, outcome="received", **more):
    return Act(on, "demand", outcome, **more)


@pytest.mark.parametrize(
    ("claim", "due", "end"),
    [
        ("contract_debt", DUE, date(2026, 5, 20)),
        ("contract_debt", date(2024, 2, 29), date(2027, 2, 28)),  # no such day: end of the month
        ("contract_debt", date(2025, 2, 28), date(2028, 2, 28)),  # the corresponding day, not the month's end
        ("guarantee_period", date(2025, 8, 31), date(2026, 2, 28)),
        ("guarantee_period", date(2027, 8, 31), date(2028, 2, 29)),
        ("execution_of_judgment", date(2024, 2, 29), date(2026, 2, 28)),
        ("execution_of_notarised_instrument", date(2024, 3, 31), date(2026, 3, 31)),
    ],
)
def test_periods_end_on_the_corresponding_day(claim, due, end):
    assert ends(claim=claim, due=[due]) == end


def test_instalments_run_from_the_last_one():
    period = last_day("contract_debt", [date(2023, 5, 20), date(2024, 1, 20), date(2023, 9, 20)])
    assert (period.start, period.last_day) == (date(2024, 1, 20), date(2027, 1, 20))


@pytest.mark.parametrize(
    ("due", "plain", "after"),
    [
        (date(2023, 10, 1), date(2026, 10, 1), date(2026, 10, 8)),  # National Day week
        (date(2023, 2, 28), date(2026, 2, 28), date(2026, 2, 28)),  # a Saturday that is worked
        (date(2023, 3, 15), date(2026, 3, 15), date(2026, 3, 16)),  # a Sunday
        (date(2024, 3, 1), date(2027, 3, 1), None),  # the calendar of 2027 is not known
    ],
)
def test_both_last_days_are_told(due, plain, after):
    period = last_day("contract_debt", [due])
    assert (period.last_day, period.rest_day_rule) == (plain, after)


def test_a_suit_on_the_day_after_a_rest_is_in_time():
    period = last_day("contract_debt", [date(2023, 3, 15)])
    assert [period.in_time(date(2026, 3, day)) for day in (15, 16, 17)] == [True, True, False]
    unknown = last_day("contract_debt", [date(2024, 3, 1)])  # without a calendar the plain day decides
    assert [unknown.in_time(date(2027, 3, day)) for day in (1, 2)] == [True, False]


@pytest.mark.parametrize(
    ("act", "card", "counts"),
    [
        (demand(DUE), False, True),
        (demand(DUE, "sent", reserved=True), True, True),
        (demand(DUE, "sent", reserved=True), False, False),  # the rule on reserved numbers is for card issuers
        (demand(DUE, "sent"), True, False),
        (demand(DUE, "returned_addressee_unknown"), False, True),  # agreed for service: should have arrived
        (demand(DUE, "returned_addressee_unknown", agreed_address=False), False, False),
        (Act(DUE, "assignment_notice", "received"), False, True),
        (Act(DUE, "assignment_notice", "sent", reserved=True), True, False),
        (Act(DUE, "part_payment"), False, True),
        (Act(DUE, "payment_order_application"), False, True),
        (Act(DUE, "suspension_cause_ended"), False, False),
    ],
)
def test_which_acts_interrupt(act, card, counts):
    assert interrupts(act, card=card) is counts


def test_a_demand_without_an_outcome_is_asked_for_it_only_where_it_matters():
    with pytest.raises(CalcError, match="missing for the demand of 2024-01-05"):
        ends(demand(date(2024, 1, 5), None))
    assert ends(demand(date(2024, 1, 5), None), claim="guarantee_period", due=[date(2023, 12, 20)]) == date(2024, 6, 20)


@pytest.mark.parametrize(
    ("on", "end"),
    [
        (date(2023, 5, 1), date(2026, 5, 20)),  # before the period began
        (date(2026, 5, 20), date(2029, 5, 20)),  # on its last day
        (date(2026, 5, 21), date(2026, 5, 20)),  # a day late
    ],
)
def test_only_an_act_within_the_period_restarts_it(on, end):
    assert ends(Act(on, "part_payment")) == end


def test_an_act_that_comes_after_a_restart_counts_again():
    acts = [Act(date(2026, 5, 1), "part_payment"), demand(date(2029, 4, 1)), demand(date(2024, 1, 1), "sent")]
    assert ends(*acts) == date(2032, 4, 1)


def test_a_guarantee_period_never_stops_or_restarts():
    acts = [demand(date(2025, 10, 1)), Act(date(2026, 2, 1), "suspension_cause_ended")]
    assert ends(*acts, claim="guarantee_period", due=[date(2025, 8, 31)]) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("ended", "end"),
    [
        (date(2026, 3, 10), date(2026, 9, 10)),
        (date(2026, 8, 31), date(2027, 2, 28)),  # the hindrance outlasted the plain end
        (date(2025, 11, 1), date(2026, 5, 20)),  # over before the last six months
    ],
)
def test_a_hindrance_gives_six_months_from_its_end(ended, end):
    period = last_day("contract_debt", [DUE], [Act(ended, "suspension_cause_ended")])
    assert period.last_day == end
    assert (period.start is None) is (end != date(2026, 5, 20))


def test_a_demand_during_the_hindrance_is_in_time():
    acts = [Act(date(2026, 8, 31), "suspension_cause_ended"), demand(date(2026, 7, 1))]
    assert ends(*acts) == date(2029, 7, 1)


def test_a_procedure_restarts_the_period_when_it_ends():
    applied, ended = Act(date(2026, 5, 1), "payment_order_application"), Act(date(2026, 7, 1), "procedure_ended")
    assert ends(applied, ended) == date(2029, 7, 1)
    with pytest.raises(CalcError, match="procedure_ended"):
        ends(applied)


def test_twenty_years_are_the_outer_end():
    acts = [demand(date(2005 + 2 * n, 1, 1)) for n in range(10)]
    period = last_day("contract_debt", [date(2004, 6, 1)], acts)
    assert (period.last_day, period.long_stop) == (date(2024, 6, 1), True)


def test_a_period_that_ended_before_the_civil_code_is_beyond_the_table():
    with pytest.raises(BeyondTable, match="known from 2021-01-01"):
        ends(due=[date(2017, 12, 31)])
    assert ends(due=[date(2018, 1, 1)]) == date(2021, 1, 1)


days = st.dates(date(2019, 1, 1), date(2024, 12, 31))
acts = st.lists(
    st.builds(
        Act,
        on=st.dates(date(2019, 1, 1), date(2030, 12, 31)),
        kind=st.sampled_from(["demand", "part_payment", "assignment_notice", "suspension_cause_ended"]),
        outcome=st.sampled_from(["received", "sent"]),
        reserved=st.booleans(),
    ),
    max_size=5,
)


@given(st.sampled_from(CLAIMS[2:] + CLAIMS[:1]), days, acts, st.booleans())
def test_a_period_never_ends_before_its_latest_restart_and_the_full_time(claim, due, happened, card):
    months = 36 if claim == "contract_debt" else 24
    period = last_day(claim, [due], happened, card=card)
    assert period.last_day >= months_later(due, months)
    assert period.usual_end >= period.last_day
    if period.start:
        assert period.last_day == months_later(period.start, months)
    in_time = [act.on for act in happened if act.on <= months_later(due, months) and interrupts(act, card=card)]
    assert all(period.last_day >= months_later(on, months) for on in in_time)
    assert all(earlier.last_day <= period.last_day for earlier in [last_day(claim, [due])])


@given(days, acts, st.randoms())
def test_the_order_in_which_acts_are_written_down_does_not_matter(due, happened, random):
    shuffled = list(happened)
    random.shuffle(shuffled)
    assert ends(*shuffled, due=[due]) == ends(*happened, due=[due])


# ---- effects

EXPIRED = date(2024, 1, 15)
AFTER = date(2025, 2, 1)


@pytest.mark.parametrize(
    ("act", "defence", "end"),
    [
        (Act(AFTER, "promise_to_pay"), False, date(2028, 2, 1)),
        (Act(AFTER, "signed_repayment_plan", new_due=date(2025, 12, 31)), False, date(2028, 12, 31)),
        (Act(AFTER, "part_payment"), True, None),
        (demand(AFTER), True, None),
        (Act(AFTER, "payment_order_application"), True, None),
    ],
)
def test_after_expiry_only_a_promise_ends_the_defence(act, defence, end):
    found = effect([act], expired_on=EXPIRED)
    assert (found.interrupted, found.defence, found.last_day) == (False, defence, end)


def test_an_act_on_the_last_day_is_in_time():
    assert effect([demand(EXPIRED)], expired_on=EXPIRED).interrupted
    assert not effect([demand(date(2024, 1, 16))], expired_on=EXPIRED).interrupted


def test_a_running_period_is_restarted_at_the_end_of_a_procedure():
    applied = Act(AFTER, "payment_order_application")
    assert effect([applied]).from_procedure
    over = effect([applied, Act(date(2025, 4, 1), "procedure_ended")])
    assert (over.from_procedure, over.last_day) == (False, date(2028, 4, 1))
    assert effect([]).defence is None
