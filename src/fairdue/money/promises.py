"""Was a promise to pay kept? Judged by real receipts, on columns of any length.

How to call::

    judged = judge(promises, receipts, as_of=today, tolerance_cents=100, grace_days=2)
    judged.status                      # int8 Status, one value a promise
    judged.received                    # int64, what counted for it

A receipt counts for a promise of its account when it happened from the day the promise was made up to its due day plus
grace. `grace_days` is for money under way: a bank posts on working days only. What was on record before a promise was
made the same day does not keep it. A receipt counts once: promises of one
account take from it in the order of their due days (then of their making), so two promises need two payments.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from fairdue.money.days import I8, I32, I64, NO_DAY, Bool


class Status(IntEnum):
    """What became of a promise. Stored: members keep their numbers."""

    OPEN = 0  # its last day has not passed, and it is not kept yet
    KEPT = 1
    PARTLY_KEPT = 2  # something came in time, less than promised
    BROKEN = 3


@dataclass(frozen=True, slots=True)
class Promises:
    """One row a promise, any order. account: int32 or int64. made_on, due_on: int32 days. cents: int64, above 0.

    learned: int64 moment at which it was put on record the day it was made, in any unit; 0 = later, or not known.
    """

    account: I32 | I64
    made_on: I32
    due_on: I32
    cents: I64
    learned: I64 | None = None


@dataclass(frozen=True, slots=True)
class Receipts:
    """One row a payment, any order. account: int32 or int64. happened_on: int32 days. cents: int64, at least 0.

    A payment that bounced in part or whole comes with what is left of it: money that went back kept no promise.
    learned: int64 moment at which it was put on record, in the unit of the promises.
    """

    account: I32 | I64
    happened_on: I32
    cents: I64
    learned: I64 | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One value a promise. status: int8 Status. received: int64 cents that counted, at most the promised amount.

    kept_on: int32 day on which enough had come, NO_DAY if it never had.
    """

    status: I8
    received: I64
    kept_on: I32


def judge(
    promises: Promises,
    receipts: Receipts,
    *,
    as_of: int,
    tolerance_cents: int = 0,
    grace_days: int | I32 = 0,
) -> Judged:
    """Judge every promise as of the end of the day `as_of`; receipts after that day are left out.

    tolerance_cents: so much less still counts as kept. grace_days: one number or one per promise.
    """
    if len(receipts.cents) and int(receipts.cents.min()) < 0:
        row = int(np.argmin(receipts.cents))
        raise ValueError(f"receipts.cents: row {row} holds {receipts.cents[row]}; hand over what is left of a payment")
    last_day = promises.due_on.astype(np.int64) + grace_days
    received, kept_on = _receive(promises, last_day, receipts, as_of, tolerance_cents)
    kept = received >= promises.cents - tolerance_cents
    status = np.select(
        [kept, as_of <= last_day, received > 0], [Status.KEPT, Status.OPEN, Status.PARTLY_KEPT], default=Status.BROKEN
    )
    assert bool((received <= promises.cents).all()), "a promise received more than was promised"
    return Judged(
        status=status.astype(np.int8), received=received, kept_on=np.where(kept, kept_on, NO_DAY).astype(np.int32)
    )


def _receive(
    promises: Promises, last_day: I64, receipts: Receipts, as_of: int, tolerance_cents: int
) -> tuple[I64, I64]:
    """Give receipts to promises: round k serves the k-th promise of every account that has one.

    Returns what each promise received, and the day on which it had enough (NO_DAY where it never had).
    """
    received = np.zeros(len(promises.cents), dtype=np.int64)
    enough_on = np.where(promises.cents <= tolerance_cents, promises.made_on.astype(np.int64), NO_DAY)
    counts = np.flatnonzero((receipts.happened_on <= as_of) & (receipts.cents > 0))
    counts = counts[np.lexsort((receipts.happened_on[counts], receipts.account[counts]))]
    payer, day = receipts.account[counts], receipts.happened_on[counts]
    rest = receipts.cents[counts].astype(np.int64)
    unknown = np.zeros(1, dtype=np.int64)
    told = unknown.repeat(len(promises.cents)) if promises.learned is None else promises.learned
    learned = unknown.repeat(len(counts)) if receipts.learned is None else receipts.learned[counts]
    for served in _rounds(promises):
        place = np.searchsorted(promises.account[served], payer)
        place[place == len(served)] = 0
        asked = promises.account[served[place]] == payer
        payer, day, rest, learned, mine = payer[asked], day[asked], rest[asked], learned[asked], served[place[asked]]
        made_on = promises.made_on[mine]
        after = (day > made_on) | ((day == made_on) & ((told[mine] == 0) | (learned > told[mine])))
        in_time = np.flatnonzero(after & (day <= last_day[mine]))
        mine, offered = mine[in_time], rest[in_time]
        upto = _running_in_group(mine, offered)
        before = upto - offered
        given = np.clip(promises.cents[mine] - before, 0, offered)
        rest[in_time] -= given
        np.add.at(received, mine, given)
        need = promises.cents[mine] - tolerance_cents
        reaches = (upto >= need) & (before < need) & (need > 0)
        enough_on[mine[reaches]] = day[in_time[reaches]]
    return received, enough_on


def _rounds(promises: Promises) -> list[I64]:
    """Rows of the first promise of every account, of the second, …; each round sorted by account."""
    queue = np.lexsort((promises.made_on, promises.due_on, promises.account)).astype(np.int64)
    turn = _place_in_group(promises.account[queue])
    by_turn = queue[np.argsort(turn, kind="stable")]
    return np.split(by_turn, np.cumsum(np.bincount(turn))[:-1]) if len(queue) else []


def _place_in_group(group: I32 | I64) -> I64:
    """0, 1, 2 … within each run of equal neighbours."""
    places = np.arange(len(group), dtype=np.int64)
    return places - np.maximum.accumulate(np.where(_starts(group), places, 0)) if len(group) else places


def _running_in_group(group: I64, values: I64) -> I64:
    """Running sums of values of at least 0 that start anew with each run of equal neighbours."""
    if not len(values):
        return values
    running = np.cumsum(values)
    return running - np.maximum.accumulate(np.where(_starts(group), running - values, 0))


def _starts(group: I32 | I64) -> Bool:
    starts: Bool = np.ones(len(group), dtype=np.bool_)
    starts[1:] = group[1:] != group[:-1]
    return starts
