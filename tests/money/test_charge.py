"""Interest, penalty interest and fees, day by day, to the cent."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.money.days import day_of
from fairdue.money.interest import (
    NO_CAP,
    Compounding,
    DayCount,
    Fraction,
    PenaltyOn,
    Standing,
    Terms,
    charge_day,
    days_between,
    opening,
    period_interest,
)

JAN_1 = day_of(date(2026, 1, 1))


def terms(rate=240_000, penalty=0, late_fee=0, *, count=DayCount.ACT_365, compounding=Compounding.NONE,
          on=PenaltyOn.OVERDUE_PRINCIPAL, fraction=Fraction.DOWN, since=0, until=2**31 - 1):  # fmt: skip
    one = (np.array([value]) for value in (rate, penalty, late_fee))
    days = (np.array([value], np.int32) for value in (since, until))
    return Terms(*one, *days, *(np.array([value], np.int8) for value in (count, compounding, on, fraction)))


def nights(contract, days, *, principal, interest=0, overdue=0, missed=None, cap=NO_CAP, first=JAN_1):
    """Charge `days` nights on a debt nobody pays; totals (interest, penalty, fees) and what was cut."""
    state, total, cut = opening(contract), np.zeros(3, np.int64), np.zeros(3, np.int64)
    for day in range(first, first + days):
        owed = Standing(*(np.array([v]) for v in (principal, interest + total[0], overdue, (missed or {}).get(day, 0))))
        charged, state = charge_day(contract, state, day, owed, cap=np.array([cap]), runs=np.array([True]))
        total += [charged.interest[0], charged.penalty[0], charged.fees[0]]
        cut += charged.cut[0]
    return total.tolist(), cut.tolist()


class TestSimple:
    def test_a_year_at_24_per_cent(self):
        assert nights(terms(), 365, principal=100_000)[0] == [24_000, 0, 0]

    @pytest.mark.parametrize(
        ("count", "days", "expected"),
        [(DayCount.ACT_365, 31, 2_038), (DayCount.ACT_360, 31, 2_066), (DayCount.THIRTY_360, 31, 2_000)],
    )
    def test_january_by_each_day_count(self, count, days, expected):
        assert nights(terms(count=count), days, principal=100_000)[0][0] == expected

    def test_february_has_thirty_days_in_30_360(self):
        feb, march = (day_of(date(2026, month, 1)) for month in (2, 3))
        assert days_between(feb, march, DayCount.THIRTY_360) == 30
        assert nights(terms(count=DayCount.THIRTY_360), 28, principal=100_000, first=feb)[0][0] == 2_000

    def test_half_a_cent_is_kept_or_rounded_as_agreed(self):
        half = terms(rate=RATE_FOR_HALF_A_CENT)
        assert nights(half, 1, principal=36_500)[0][0] == 0
        assert nights(terms(rate=RATE_FOR_HALF_A_CENT, fraction=Fraction.HALF_UP), 1, principal=36_500)[0][0] == 1

    def test_nothing_before_the_first_and_after_the_last_day(self):
        bounded = terms(since=JAN_1 + 3, until=JAN_1 + 4)
        assert nights(bounded, 10, principal=36_500_000)[0][0] == 2 * 24_000


RATE_FOR_HALF_A_CENT = 5_000


@given(
    st.integers(0, 10**10), st.integers(0, 10**7), st.sampled_from(DayCount), st.sampled_from(Fraction),
    st.integers(1, 200), st.integers(0, 20_000),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_night_by_night_comes_to_the_same_as_in_one_go(cents, rate, count, fraction, days, offset):
    nightly = nights(terms(rate, count=count, fraction=fraction), days, principal=cents, first=offset)[0][0]
    whole = period_interest(np.array([cents]), np.array([rate]), offset, offset + days - 1, day_count=count,
                            fraction=fraction)  # fmt: skip
    assert nightly == whole[0]


@given(st.integers(0, 20_000), st.integers(0, 800), st.integers(0, 800), st.sampled_from(DayCount))
def test_days_of_neighbouring_periods_add_up(first, one, two, count):
    parts = days_between(first, first + one, count) + days_between(first + one, first + one + two, count)
    assert parts == days_between(first, first + one + two, count)


class TestCompound:
    def test_monthly_interest_bears_interest_from_the_next_month(self):
        """1,000.00 at 12 %, 30/360: 10.00 in January, on 1,010.00 then 10.10 in February, 10.20 in March."""
        contract = terms(120_000, count=DayCount.THIRTY_360, compounding=Compounding.MONTHLY)
        assert nights(contract, 31, principal=100_000)[0][0] == 1_000
        assert nights(contract, 59, principal=100_000)[0][0] == 2_010
        assert nights(contract, 90, principal=100_000)[0][0] == 3_030

    def test_daily(self):
        contract = terms(3_650_000, compounding=Compounding.DAILY)  # 1 % a day
        assert nights(contract, 3, principal=100_000)[0][0] == 1_000 + 1_010 + 1_020


class TestLate:
    def test_penalty_runs_on_overdue_principal_alone(self):
        contract = terms(0, 180_000, count=DayCount.ACT_360)
        assert nights(contract, 30, principal=100_000, overdue=40_000)[0] == [0, 600, 0]

    def test_or_on_unpaid_interest_too_when_something_is_overdue(self):
        contract = terms(0, 180_000, count=DayCount.ACT_360, on=PenaltyOn.OVERDUE_PRINCIPAL_AND_INTEREST)
        assert nights(contract, 30, principal=100_000, interest=20_000, overdue=40_000)[0][1] == 900
        assert nights(contract, 30, principal=100_000, interest=20_000)[0][1] == 0

    def test_a_fee_for_each_due_missed_while_principal_is_overdue(self):
        missed = {JAN_1 + 1: 1, JAN_1 + 2: 1}
        assert nights(terms(0, late_fee=2_000), 5, principal=9, overdue=9, missed=missed)[0][2] == 4_000
        assert nights(terms(0, late_fee=2_000), 5, principal=9, missed=missed)[0][2] == 0


class TestCap:
    def test_what_is_above_the_cap_is_never_charged(self):
        """24 % agreed and 12 % penalty, cap 24 %: the penalty is cut whole."""
        total, cut = nights(terms(240_000, 120_000), 365, principal=100_000, overdue=100_000, cap=240_000)
        assert (total, cut) == ([24_000, 0, 0], [0, 12_000, 0])

    def test_a_fee_takes_what_room_there_is(self):
        total, cut = nights(
            terms(0, late_fee=2_000), 100, principal=100_000, overdue=1, missed={JAN_1 + 9: 1}, cap=36_500
        )
        assert (total[2], cut[2]) == (100, 1_900)

    @given(st.integers(0, 10**7), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 120))
    @settings(max_examples=30, deadline=None)
    def test_the_total_stays_within_the_cap(self, principal, rate, penalty, days):
        total, cut = nights(terms(rate, penalty, 700), days, principal=principal, overdue=principal,
                            missed={JAN_1 + 3: 2}, cap=240_000)  # fmt: skip
        free, _ = nights(terms(rate, penalty, 700), days, principal=principal, overdue=principal, missed={JAN_1 + 3: 2})
        assert sum(total) * 365 * 10**6 <= principal * 240_000 * days
        assert [a + b for a, b in zip(total, cut, strict=True)] == free


def test_a_rate_beyond_reason_is_refused():
    with pytest.raises(ValueError, match="rate"):
        terms(rate=10**8)
