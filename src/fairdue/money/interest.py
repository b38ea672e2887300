"""What a debt grows by: interest, penalty interest and late fees of one day, on columns of any length, to the cent.

How to call::

    state = opening(terms)
    charged, state = charge_day(terms, state, day, Standing(principal=…, interest=…, overdue=…, missed=…), cap=…)
    charged.interest, charged.penalty, charged.fees          # what is charged
    charged.cut                                              # (n, 3) what a cap forbade: never charged, told on statements
    period_interest(cents, rate, first, last, day_count=…)   # one sum over a whole period

Rates are whole millionths of a share a year: 240_000 is 24 % a year. Nothing is rounded twice: the fraction of a minor
unit left over on one day is carried into the next, so that a charge every night adds up to the charge of one go.

Day counts: act/365 and act/360 count calendar days; 30/360 counts every month as 30 days (a 31st counts nothing, the
28th of February counts three), so that counts of neighbouring periods add up.

Charges are worked out for the night from a day to the next, on what is owed when the day ends: money paid on a day
bears no interest from that day on. Penalty interest is what lateness adds to the contract's interest.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from fairdue.money.days import I8, I32, I64, Bool, date_of

RATE_ONE: Final = 1_000_000
"""A rate of 100 % a year."""
RATE_MAX: Final = 10 * RATE_ONE
BASE_MAX: Final = 10**11
"""Greatest base of one charge, minor units: with RATE_MAX and three days it still fits an int64."""
NO_CAP: Final = -1
CHARGES: Final = ("interest", "penalty", "fees")
"""The columns of `cut`, in the order in which a cap leaves room."""


class DayCount(IntEnum):
    """How days become a share of a year. Stored: members keep their numbers."""

    ACT_365 = 0
    ACT_360 = 1
    THIRTY_360 = 2


class Compounding(IntEnum):
    """When unpaid interest begins to bear interest."""

    NONE = 0
    DAILY = 1
    MONTHLY = 2  # at the end of a calendar month


class PenaltyOn(IntEnum):
    """What penalty interest runs on."""

    OVERDUE_PRINCIPAL = 0
    OVERDUE_PRINCIPAL_AND_INTEREST = 1


class Fraction(IntEnum):
    """What becomes of the fraction of a minor unit at the end of a running total."""

    DOWN = 0  # in favour of the debtor
    HALF_UP = 1  # 四舍五入


@dataclass(frozen=True, slots=True)
class Terms:
    """The contract, one row an account. rate, penalty: int64 millionths a year. late_fee: int64 minor units a due missed.

    since, until: int32, the first and last day that is charged. The rest: int8 codes of the enumerations above.
    """

    rate: I64
    penalty: I64
    late_fee: I64
    since: I32
    until: I32
    day_count: I8
    compounding: I8
    penalty_on: I8
    fraction: I8

    def __post_init__(self) -> None:
        for name in ("rate", "penalty"):
            column = getattr(self, name)
            if len(column) and not 0 <= int(column.min()) <= int(column.max()) <= RATE_MAX:
                raise ValueError(
                    f"{name}: {column.min()} to {column.max()} found; a rate is 0 to {RATE_MAX} millionths"
                )

    def at(self, rows: I64) -> "Terms":
        """The terms of some rows."""
        return Terms(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class State:
    """What one day hands to the next, int64 (n,). Carries: numerators below the denominator of the day count.

    bearing: unpaid interest that bears interest. room: what the cap would have allowed so far, less what was charged.
    """

    interest_carry: I64
    penalty_carry: I64
    cap_carry: I64
    bearing: I64
    room: I64

    def at(self, rows: I64) -> "State":
        """The state of some rows."""
        return State(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Standing:
    """What is owed when the day ends, int64 (n,) minor units. overdue: principal whose due day has passed.

    missed: int64 (n,) dues that become late this day (each costs the late fee if principal is overdue).
    """

    principal: I64
    interest: I64
    overdue: I64
    missed: I64


@dataclass(frozen=True, slots=True)
class Charged:
    """Charges of one day, int64 (n,); cut: int64 (n, 3) as CHARGES, what the cap forbade."""

    interest: I64
    penalty: I64
    fees: I64
    cut: I64


def opening(terms: Terms) -> State:
    """The state before the first day."""
    none = np.zeros(len(terms.rate), dtype=np.int64)
    first = np.where(terms.fraction == Fraction.HALF_UP, _per_year(terms.day_count) // 2, 0)
    return State(
        interest_carry=first, penalty_carry=first.copy(), cap_carry=none, bearing=none.copy(), room=none.copy()
    )


def charge_day(
    terms: Terms, state: State, day: int, owed: Standing, *, cap: I64, runs: Bool, late_runs: Bool | None = None
) -> tuple[Charged, State]:
    """Charges of the night after `day`, and the state for the next.

    cap: int64 (n,) highest total cost, millionths of principal a year, NO_CAP for none. runs: whether the account is
    charged this day at all; late_runs: whether penalty and fees run (as `runs` when left out).
    """
    _refuse_large(owed)
    year, days = _per_year(terms.day_count), day_weight(day)[terms.day_count]
    runs = runs & (terms.since <= day) & (day <= terms.until)
    late = runs & (late_runs if late_runs is not None else runs)
    base = owed.principal + np.where(terms.compounding != Compounding.NONE, state.bearing, 0)
    interest, interest_carry = _share(base, terms.rate, days, year, state.interest_carry, runs)
    on_interest = terms.penalty_on == PenaltyOn.OVERDUE_PRINCIPAL_AND_INTEREST
    late_base = owed.overdue + np.where(on_interest & (owed.overdue > 0), owed.interest, 0)
    penalty, penalty_carry = _share(late_base, terms.penalty, days, year, state.penalty_carry, late)
    fees = np.where(late & (owed.overdue > 0), terms.late_fee * owed.missed, 0)
    allowed, cap_carry = _share(owed.principal, np.maximum(cap, 0), days, year, state.cap_carry, runs & (cap != NO_CAP))
    wanted = np.stack([interest, penalty, fees], axis=1)
    room = state.room + allowed
    charged = np.where((cap == NO_CAP)[:, None], wanted, _within(wanted, room))
    assert bool((charged <= wanted).all() and (charged >= 0).all()), "a cap raised a charge"
    grown = owed.interest + charged[:, 0]
    whole = (terms.compounding == Compounding.DAILY) | (
        (terms.compounding == Compounding.MONTHLY) & np.bool_(_ends_month(day))
    )
    bearing = np.where(whole & runs, grown, np.minimum(state.bearing, grown))
    after = State(
        interest_carry, penalty_carry, cap_carry, bearing, np.where(cap == NO_CAP, 0, room - charged.sum(axis=1))
    )
    return Charged(charged[:, 0], charged[:, 1], charged[:, 2], wanted - charged), after


def period_interest(
    cents: I64, rate: I64, first: int, last: int, *, day_count: DayCount, fraction: Fraction = Fraction.DOWN
) -> I64:
    """Simple interest of the days `first` to `last`, both charged, in one go; int64 (n,)."""
    days = days_between(first, last + 1, day_count)
    year = int(_YEAR[day_count]) * RATE_ONE
    numerator = np.asarray(cents, dtype=object) * np.asarray(rate, dtype=object) * days
    return np.asarray((numerator + (year // 2 if fraction == Fraction.HALF_UP else 0)) // year, dtype=np.int64)


def days_between(first: int, last: int, day_count: DayCount) -> int:
    """Days from `first` to `last` as the day count sees them: days_between(a, b) + days_between(b, c) = that of a to c."""
    return _count(last, day_count) - _count(first, day_count)


def day_weight(day: int) -> I64:
    """What the night after `day` counts, by DayCount: 1 but for 30/360 at the end of a month."""
    return np.array([days_between(day, day + 1, count) for count in DayCount], dtype=np.int64)


_YEAR: Final = np.array([365, 360, 360], dtype=np.int64)


def _per_year(day_count: I8) -> I64:
    """Denominator of a charge: cents × rate × days / this."""
    found: I64 = _YEAR[day_count] * RATE_ONE
    return found


def _count(day: int, day_count: DayCount) -> int:
    if day_count != DayCount.THIRTY_360:
        return day
    date = date_of(day)
    assert date is not None, "a charge needs a day"
    return date.year * 360 + date.month * 30 + min(date.day, 30)


def _ends_month(day: int) -> bool:
    date = date_of(day + 1)
    return date is not None and date.day == 1


def _share(base: I64, rate: I64, days: I64, year: I64, carry: I64, runs: Bool) -> tuple[I64, I64]:
    """Whole minor units of base × rate × days / year with what was carried, and what is carried on."""
    numerator = carry + base * rate * days
    whole = numerator // year
    return np.where(runs, whole, 0), np.where(runs, numerator - whole * year, carry)


def _within(wanted: I64, room: I64) -> I64:
    """What of `wanted` (n, 3) the room allows, first column first."""
    upto = np.minimum(np.cumsum(wanted, axis=1), np.maximum(room, 0)[:, None])
    allowed: I64 = np.diff(upto, axis=1, prepend=0)
    return allowed


def _refuse_large(owed: Standing) -> None:
    for name in ("principal", "interest", "overdue"):
        column = getattr(owed, name)
        if len(column) and int(column.max()) > BASE_MAX:
            raise ValueError(f"{name}: {column.max()} minor units; charges are worked out up to {BASE_MAX}")
