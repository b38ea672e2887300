"""Caps and delay interest. Rates in percent a year."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdue.law.calc import interest
from fairdue.law.calc.figures import BeyondTable, CalcError


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2019, 8, 20), "4.25"), (date(2019, 9, 19), "4.25"), (date(2019, 9, 20), "4.20"),
        (date(2021, 12, 19), "3.85"), (date(2021, 12, 20), "3.80"), (date(2024, 10, 20), "3.35"),
        (date(2024, 10, 21), "3.10"), (date(2025, 5, 19), "3.10"), (date(2025, 5, 20), "3.00"),
        (date(2026, 2, 19), "3.00"),
    ],
)  # fmt: skip
def test_the_loan_prime_rate_steps(day, rate):
    assert interest.lpr(day) == Decimal(rate)


@pytest.mark.parametrize(
    ("day", "why"), [(date(2019, 8, 19), "before the table"), (date(2026, 2, 20), "known until 2026-02-19")]
)
def test_a_day_beyond_the_known_rates_is_an_error_that_says_so(day, why):
    with pytest.raises(BeyondTable, match=why):
        interest.lpr(day)


def test_the_cap_of_private_lending_is_four_times_the_rate_of_the_day():
    assert interest.private_cap(date(2025, 5, 19)) == Decimal("12.40")
    assert interest.private_cap(date(2025, 5, 20)) == Decimal("12.00")
    assert interest.private_cap(date(2030, 1, 1), Decimal("2.5")) == 10  # a rate from elsewhere
    with pytest.raises(BeyondTable, match="known from 2021-01-01"):
        interest.private_cap(date(2020, 12, 31))


@pytest.mark.parametrize(
    ("rates", "asked"),
    [
        ({}, "0"),  # nothing agreed, no interest
        ({"agreed": "10"}, "10"),
        ({"overdue": "10", "penalty": "5"}, "15"),
        ({"agreed": "8", "overdue": "10"}, "10"),
        ({"agreed": "8", "penalty": "5"}, "13"),
        ({"penalty": "5"}, "5"),
    ],
)
def test_overdue_interest_and_penalty_count_together(rates, asked):
    assert interest.private_claim(**{name: Decimal(rate) for name, rate in rates.items()}) == Decimal(asked)


def test_only_private_lenders_are_under_the_private_cap():
    assert interest.private_lending_cap_applies("private_person")
    assert len(interest.BOUND_ELSEWHERE) == 9  # licensed: bank, consumer finance; and the seven local kinds
    assert not any(map(interest.private_lending_cap_applies, interest.BOUND_ELSEWHERE))


def test_charges_are_cut_to_24_percent_only_when_the_debtor_asks():
    cut = interest.after_reduction
    assert cut(Decimal("36"), debtor_objects=True) == 24
    assert cut(Decimal("36"), debtor_objects=False) == 36
    assert cut(Decimal("18.25"), debtor_objects=True) == Decimal("18.25")


def test_what_was_taken_off_in_advance_is_no_principal():
    assert interest.real_principal(100_000_00, 10_000_00) == 90_000_00
    with pytest.raises(CalcError, match="more than the principal"):
        interest.real_principal(1_00, 1_01)


@pytest.mark.parametrize(
    ("unpaid", "days", "extra"), [(50_000_00, 100, 875_00), (100_00, 1, 2), (0, 9, 0), (1_00, 28, 0), (1_00, 29, 1)]
)
def test_delay_interest_is_rounded_once_at_the_end(unpaid, days, extra):
    assert interest.delay_interest(unpaid, days) == extra


@given(st.integers(0, 10**12), st.integers(0, 5000), st.integers(0, 5000))
def test_delay_interest_of_two_spells_is_that_of_their_sum_but_for_a_cent(unpaid, first, second):
    parts = interest.delay_interest(unpaid, first) + interest.delay_interest(unpaid, second)
    assert abs(parts - interest.delay_interest(unpaid, first + second)) <= 1


@pytest.mark.parametrize(
    ("lender", "since"), [("micro_loan_company", date(2025, 12, 1)), ("bank_via_platform", date(2025, 10, 1))]
)
def test_new_loans_above_24_percent_stop_on_the_first_day_of_the_rule(lender, since):
    allowed = interest.new_loan_permitted
    assert allowed(lender, since - timedelta(days=1), Decimal("36"))
    assert not allowed(lender, since, Decimal("24.01"))
    assert allowed(lender, since, Decimal("24"))


def test_the_bar_after_the_guidance_is_not_known_yet():
    last = date(2027, 12, 31)
    assert interest.new_loan_permitted("micro_loan_company", last, Decimal("24"))
    assert not interest.new_loan_permitted("micro_loan_company", last + timedelta(days=1), Decimal("25"))
    with pytest.raises(BeyondTable, match="beyond the table"):
        interest.new_loan_permitted("micro_loan_company", last + timedelta(days=1), Decimal("20"))
