"""Is a plan kept? Judged by real money, on columns of any length.

How to call::

    lived = judge(plans, dues, receipts, as_of=today, bank_days=2, cure_days=10)
    lived.state                        # int8 State, one value a plan
    lived.due_paid                     # int64, what covers each due, in the order given

Money of a plan covers its dues oldest first, as everywhere (money.ageing). A due is late when it is not covered at the
end of its day and `bank_days`; late for more than `cure_days` without a break, the plan is broken from the next day on.
Money that goes back counts as never come from the day it went: what it covered is late from then, and the cure begins
then. Everything is worked out anew from what happened, so what is learned late changes the past exactly as it should.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from fairdue.money.days import I8, I32, I64, NO_DAY, Bool

_FAR: Final = 1 << 31


class State(IntEnum):
    """What became of a plan. Stored by name."""

    ACTIVE = 0
    AT_RISK = 1
    BROKEN = 2
    COMPLETED = 3


@dataclass(frozen=True, slots=True)
class Dues:
    """One row an instalment, any order. plan: int64, 0 … plans-1. due_on: int32 days. cents: int64, above 0."""

    plan: I64
    due_on: I32
    cents: I64


@dataclass(frozen=True, slots=True)
class Receipts:
    """One row a movement that counts for the plan; below 0 takes money back. plan: int64. happened_on: int32 days."""

    plan: I64
    happened_on: I32
    cents: I64


@dataclass(frozen=True, slots=True)
class Lived:
    """One value a plan: state (int8 State); paid (int64, at most what the plan asks, as of the day); late (int64, dues not
    covered in time); late_since (int32, first day of lateness that goes on, NO_DAY if none); turned_on (int32, the day
    it broke or was completed, NO_DAY while it lives). due_paid: one value a due, in the order given.
    """

    state: I8
    paid: I64
    late: I64
    late_since: I32
    turned_on: I32
    due_paid: I64


def judge(
    dues: Dues,
    receipts: Receipts,
    *,
    plans: int,
    as_of: int,
    bank_days: int,
    cure_days: int,
    money_upto: int | None = None,
) -> Lived:
    """Judge every plan as of the end of the day `as_of`; receipts after it are left out. Every plan has dues.

    money_upto: the day that has begun, whose money counts already although nothing is late for its sake.
    """
    came = receipts.happened_on <= (as_of if money_upto is None else money_upto)
    total = np.bincount(dues.plan, minlength=plans)
    assert bool((total > 0).all()), "a plan without instalments cannot be judged"
    asked = _sum(dues.plan, dues.cents, plans)
    paid = np.clip(_sum(receipts.plan[came], receipts.cents[came], plans), 0, asked)
    plan, day, open_, done = _moments(dues, receipts, came, plans, as_of, bank_days, asked)
    late = open_ > 0
    lasts = np.append(day[1:], _FAR)
    lasts[np.flatnonzero(np.append(plan[1:] != plan[:-1], True))] = as_of + 1
    starts = late & np.append(True, ~late[:-1] | (plan[1:] != plan[:-1]))
    run_start = _carry(np.where(starts, day, NO_DAY))
    snaps = late & (lasts - run_start > cure_days)
    broken_on = _first(plan[snaps], run_start[snaps] + cure_days, plans)
    completed_on = _first(plan[done], day[done], plans)  # a plan that broke before stays broken
    last = np.flatnonzero(np.append(plan[1:] != plan[:-1], True))
    late_now = np.where(late[last], open_[last], 0)
    since = np.where(late[last], run_start[last], NO_DAY)
    broken = broken_on < _FAR
    whole = (paid >= asked) & ~broken
    state = np.select([broken, whole, late_now > 0], [State.BROKEN, State.COMPLETED, State.AT_RISK], State.ACTIVE)
    turned = np.select([broken, whole], [broken_on, completed_on], NO_DAY)
    return Lived(
        state=state.astype(np.int8), paid=paid, late=late_now, late_since=since.astype(np.int32),
        turned_on=turned.astype(np.int32), due_paid=_oldest_first(dues, paid),
    )  # fmt: skip


def _moments(
    dues: Dues, receipts: Receipts, came: Bool, plans: int, as_of: int, bank_days: int, asked: I64
) -> tuple[I64, I64, I64, Bool]:
    """(plan, day, what is late from that day on, all paid) at each day on which something changes, up to `as_of`.

    Each plan has at least the moment before everything (NO_DAY).
    """
    late_on = dues.due_on.astype(np.int64) + bank_days + 1
    falls = late_on <= as_of
    each = np.arange(plans, dtype=np.int64)
    plan = np.concatenate([each, dues.plan[falls], receipts.plan[came]])
    day = np.concatenate([np.full(plans, NO_DAY), late_on[falls], receipts.happened_on[came].astype(np.int64)])
    nothing = np.zeros(plans, np.int64)
    due = np.concatenate([nothing, dues.cents[falls], np.zeros(int(came.sum()), np.int64)])
    got = np.concatenate([nothing, np.zeros(int(falls.sum()), np.int64), receipts.cents[came]])
    order = np.lexsort((day, plan))
    plan, day = plan[order], day[order]
    first = np.searchsorted(plan, each)
    fallen, received = (np.cumsum(column[order]) for column in (due, got))
    fallen, received = (c - (c[first] - column[order][first])[plan] for c, column in ((fallen, due), (received, got)))
    ends = np.append((plan[1:] != plan[:-1]) | (day[1:] != day[:-1]), True)
    plan, day, fallen, received = plan[ends], day[ends], fallen[ends], received[ends]
    return plan, day, np.maximum(fallen - np.maximum(received, 0), 0), received >= asked[plan]


def _oldest_first(dues: Dues, paid: I64) -> I64:
    """What of the money paid covers each due."""
    order = np.lexsort((dues.due_on, dues.plan))
    plan, cents = dues.plan[order], dues.cents[order]
    running = np.cumsum(cents)
    first = np.searchsorted(plan, np.arange(len(paid)))
    before = running - cents
    before = before - before[first][plan]
    covered = np.empty_like(cents)
    covered[order] = np.clip(paid[plan] - before, 0, cents)
    return covered


def _carry(marks: I64) -> I64:
    """Each value carried on until the next that is not NO_DAY."""
    place = np.where(marks != NO_DAY, np.arange(len(marks)), 0)
    carried: I64 = marks[np.maximum.accumulate(place)]
    return carried


def _first(plan: I64, day: I64, plans: int) -> I64:
    """The first day of each plan; far away where there is none."""
    found = np.full(plans, _FAR, np.int64)
    np.minimum.at(found, plan, day)
    return found


def _sum(plan: I64, cents: I64, plans: int) -> I64:
    found = np.zeros(plans, np.int64)
    np.add.at(found, plan, cents)
    return found
