"""The story of debts from any day on, told anew: what was placed, paid, waived and charged, in the order of its days.

How to call::

    told = replay(events, opening, terms, until=…, cap=…, future=…, stops=…)
    told.taken, told.rest                  # (m, 5) and (m,): what each event moved, what a payment left over
    told.swept                             # (m, 5): money kept apart that covered later debt, by the payment it came with
    told.charges                           # what every day charged, and what a cap forbade
    told.owed, told.unapplied, told.state  # where the debts stand in the end

The order in which things were learned plays no part: the same events give the same cents. Within a day: what is placed
comes first, then payments, then what is taken off the debt, then what is undone, then refunds, then the day's charge.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from fairdue.money import waterfall
from fairdue.money.days import I8, I32, I64, Bool
from fairdue.money.interest import Standing, State, Terms, charge_day

NONE: Final = -1
_PRINCIPAL, _INTEREST = 0, 1
Rows = npt.NDArray[np.intp]


class Kind(IntEnum):
    """What happened; in the order of a day."""

    ADD = 0  # debt grows: placed, corrected upwards
    PAY = 1
    TAKE = 2  # debt shrinks without money: waived, corrected downwards
    UNDO = 3  # a payment bounced, a waiver was withdrawn: `ref` names the event
    REFUND = 4  # money kept apart goes back


@dataclass(frozen=True, slots=True)
class Events:
    """One row an event, any order. account: int32 place 0 … n-1. cents: int64 above 0 (an UNDO's is not read).

    component: int8 place in COMPONENTS, for ADD and TAKE. order: int8 code of the waterfall, for PAY.
    ref: int64 row of the event that is undone, NONE else; it lies no later than its undoing.
    """

    account: I32
    day: I32
    kind: I8
    component: I8
    cents: I64
    order: I8
    ref: I64


@dataclass(frozen=True, slots=True)
class Opening:
    """Before the first event. owed: int64 (n, 5) as COMPONENTS. day: int32 (n,) last day charged. state: of interest."""

    owed: I64
    day: I32
    state: State


@dataclass(frozen=True, slots=True)
class Future:
    """Principal of dues, any order: account: int32; due_on: int32; principal: int64; counts: False for a due that costs
    no late fee. late_on: int32 day on which its late fee is charged."""

    account: I32
    due_on: I32
    principal: I64
    late_on: I32


CAP: Final = 3


@dataclass(frozen=True, slots=True)
class Stops:
    """Days without charge, [start, end] by account. what: int8, 0 = everything, 1 = interest, 2 = penalty and fees,
    CAP = interest above `rate` (int64 millionths a year; may be left out where no row is a CAP), penalty and fees."""

    account: I32
    start: I32
    end: I32
    what: I8
    rate: I64 | None = None


@dataclass(frozen=True, slots=True)
class Charges:
    """One row an account and day on which something was charged or cut. amounts, cut: int64 (k, 3) as CHARGES."""

    account: I32
    day: I32
    amounts: I64
    cut: I64


@dataclass(frozen=True, slots=True)
class Told:
    """See the head of this file."""

    taken: I64
    rest: I64
    swept: I64
    charges: Charges
    owed: I64
    unapplied: I64
    state: State


def replay(
    events: Events,
    opening: Opening,
    terms: Terms,
    *,
    until: I32,
    cap: Callable[[int], I64],
    future: Future,
    stops: Stops | None = None,
    told_from: int = -(2**31),
) -> Told:
    """Tell the story after `opening.day`; days are charged up to `until` (int32, one an account).

    Events later than that are still applied. cap: day → int64 (n,) millionths a year (interest.NO_CAP for none).
    `charges` leaves out what was charged before the day `told_from`.
    """
    story = _Story(events, opening, terms)
    first = int(opening.day.min(initial=2**31 - 1)) + 1
    last = int(max(until.max(initial=-(2**31)), events.day.max(initial=-(2**31))))
    dues = _Dues(future, len(until), first)
    charges: list[Charges] = []
    for day in range(first, last + 1):
        story.live(day)
        overdue_from, missed = dues.at(day)
        runs = (opening.day < day) & (day <= until)
        if runs.any():
            charged = story.charge(day, runs, overdue_from, missed, cap(day), stops)
            charges += [part for part in charged if day >= told_from]
    assert bool((story.owed >= 0).all() and (story.unapplied >= 0).all()), "the story took more than there was"
    whole = Charges(
        *(np.concatenate([getattr(part, name) for part in charges]) for name in Charges.__slots__)
        if charges
        else (np.empty(0, np.int32), np.empty(0, np.int32), np.empty((0, 3), np.int64), np.empty((0, 3), np.int64))
    )
    return Told(story.taken, story.rest, story.swept, whole, story.owed, story.unapplied, story.state)


class _Story:
    """Where the debts stand while the days pass."""

    def __init__(self, events: Events, opening: Opening, terms: Terms) -> None:
        self.events, self.terms = events, terms
        self.owed, self.state = opening.owed.astype(np.int64), opening.state
        count, size = len(opening.day), len(events.day)
        self.unapplied = np.zeros(count, dtype=np.int64)
        self.taken, self.swept = (np.zeros((size, 5), dtype=np.int64) for _ in range(2))
        self.rest, self._left = (np.zeros(size, dtype=np.int64) for _ in range(2))
        self._by_day = np.lexsort((np.arange(size), events.kind, events.account, events.day))
        self._days = events.day[self._by_day]
        self._payments: dict[int, list[int]] = {}

    def live(self, day: int) -> None:
        """Apply the day's events."""
        low, high = np.searchsorted(self._days, [day, day + 1])
        for rows in _rounds(self._by_day[low:high], self.events.account):
            kind = self.events.kind[rows]
            for which, act in (
                (Kind.ADD, self._add), (Kind.PAY, self._pay), (Kind.TAKE, self._take), (Kind.UNDO, self._undo),
                (Kind.REFUND, self._refund),
            ):  # fmt: skip
                if (chosen := rows[kind == which]).size:
                    act(chosen)

    def charge(
        self, day: int, runs: Bool, future: I64, missed: I64, cap: I64, stops: Stops | None
    ) -> Iterator[Charges]:
        """Charge the night after the day."""
        interest_runs, late_runs = _running(runs, day, stops)
        overdue = np.maximum(self.owed[:, _PRINCIPAL] - future, 0)
        standing = Standing(self.owed[:, _PRINCIPAL], self.owed[:, _INTEREST], overdue, missed)
        # Where interest alone has stopped, the day is charged at a rate of nought.
        rate = _capped(np.where(interest_runs, self.terms.rate, 0), day, stops)
        terms = Terms(rate, *(getattr(self.terms, name) for name in Terms.__slots__[1:]))
        charged, self.state = charge_day(
            terms, self.state, day, standing, cap=cap, runs=interest_runs | late_runs, late_runs=late_runs
        )
        amounts = np.stack([charged.interest, charged.penalty, charged.fees], axis=1)
        self.owed[:, 1:4] += amounts
        self._sweep(np.flatnonzero((self.unapplied > 0) & (amounts.sum(axis=1) > 0)))
        some = np.flatnonzero((amounts.sum(axis=1) > 0) | (charged.cut.sum(axis=1) > 0))
        if some.size:
            days = np.full(some.size, day, dtype=np.int32)
            yield Charges(some.astype(np.int32), days, amounts[some], charged.cut[some])

    def _add(self, rows: Rows) -> None:
        account, cents = self.events.account[rows], self.events.cents[rows]
        self.owed[account, self.events.component[rows]] += cents
        self.taken[rows, self.events.component[rows]] = cents
        self._sweep(account[self.unapplied[account] > 0])

    def _pay(self, rows: Rows) -> None:
        account = self.events.account[rows]
        used = waterfall.taken(self.events.cents[rows], self.owed[account], order=self.events.order[rows])
        self.owed[account] -= used
        self.taken[rows] = used
        self.rest[rows] = self._left[rows] = self.events.cents[rows] - used.sum(axis=1)
        self.unapplied[account] += self.rest[rows]
        for row in rows[self.rest[rows] > 0]:
            self._payments.setdefault(int(self.events.account[row]), []).append(int(row))

    def _take(self, rows: Rows) -> None:
        account, component = self.events.account[rows], self.events.component[rows]
        used = np.minimum(self.events.cents[rows], self.owed[account, component])
        self.owed[account, component] -= used
        self.taken[rows, component] = used

    def _undo(self, rows: Rows) -> None:
        """What the event took is owed again; what it left over goes, and if it has gone back already is owed too."""
        account, ref = self.events.account[rows], self.events.ref[rows]
        self.taken[rows], self.swept[rows], self.rest[rows] = self.taken[ref], self.swept[ref], self.rest[ref]
        gone = self.rest[ref] - self.swept[ref].sum(axis=1) - self._left[ref]
        self.owed[account] += self.taken[ref] + self.swept[ref]
        self.owed[account, _PRINCIPAL] += gone
        self.taken[rows, _PRINCIPAL] += gone
        self.rest[rows] -= gone
        self.unapplied[account] -= self._left[ref]
        self._left[ref] = 0
        self._sweep(account[self.unapplied[account] > 0])

    def _refund(self, rows: Rows) -> None:
        """The oldest money kept apart goes back first."""
        for row in rows:
            account, wanted = int(self.events.account[row]), int(self.events.cents[row])
            for payment in self._payments.get(account, []):
                part = min(wanted, int(self._left[payment]))
                self._left[payment] -= part
                wanted -= part
            back = int(self.events.cents[row]) - wanted
            self.unapplied[account] -= back
            self.rest[row] = back
            if wanted:  # more went back than was too much: the debtor owes it
                self.owed[account, _PRINCIPAL] += wanted
                self.taken[row, _PRINCIPAL] = wanted

    def _sweep(self, accounts: npt.NDArray[Any]) -> None:
        """Money kept apart covers what is owed now, oldest first."""
        for account in np.unique(accounts).tolist():
            for row in self._payments.get(account, []):
                if self._left[row]:
                    used = waterfall.taken(
                        self._left[[row]], self.owed[[account]], order=self.events.order[[row]]
                    )[0]  # fmt: skip
                    self.owed[account] -= used
                    self.swept[row] += used
                    self._left[row] -= used.sum()
                    self.unapplied[account] -= used.sum()


class _Dues:
    """Principal that is not overdue yet, and dues that become late, day by day."""

    def __init__(self, future: Future, accounts: int, first: int) -> None:
        self._accounts = accounts
        self._due = np.argsort(future.due_on, kind="stable")
        self._late = np.argsort(future.late_on, kind="stable")
        self._future, self._first = future, first
        self._due_days, self._late_days = future.due_on[self._due], future.late_on[self._late]
        ahead = future.due_on >= first
        self._principal = _summed(future.account[ahead], future.principal[ahead], accounts)

    def at(self, day: int) -> tuple[I64, I64]:
        """(principal of dues from `day` on, dues late since `day`) by account; called for day after day."""
        if day > self._first:
            low, high = np.searchsorted(self._due_days, [day - 1, day])
            if high > low:
                rows = self._due[low:high]
                self._principal = self._principal - _summed(
                    self._future.account[rows], self._future.principal[rows], self._accounts
                )
        low, high = np.searchsorted(self._late_days, [day, day + 1])
        rows = self._late[low:high]
        ones = np.ones(len(rows), dtype=np.int64)
        return self._principal, _summed(self._future.account[rows], ones, self._accounts)


def _summed(account: I32, cents: I64, accounts: int) -> I64:
    total = np.zeros(accounts, dtype=np.int64)
    np.add.at(total, account, cents)
    return total


def _rounds(rows: Rows, account: I32) -> Iterator[Rows]:
    """Rows (by account, then order) as rounds in which no account occurs twice."""
    if not len(rows):
        return
    owner = account[rows]
    starts = np.r_[True, owner[1:] != owner[:-1]]
    place = np.arange(len(rows))
    rank = place - np.maximum.accumulate(np.where(starts, place, 0))
    for n in range(int(rank.max()) + 1):
        yield rows[rank == n]


def _running(runs: Bool, day: int, stops: Stops | None) -> tuple[Bool, Bool]:
    """Whether interest, and whether penalty and fees, run this day."""
    if stops is None or not len(stops.account):
        return runs, runs
    on = (stops.start <= day) & (day <= stops.end)
    late = (stops.what == 0) | (stops.what == 2) | (stops.what == CAP)
    found = []
    for stopped in ((stops.what == 0) | (stops.what == 1), late):
        free = runs.copy()
        free[stops.account[on & stopped]] = False
        found.append(free)
    return found[0], found[1]


def _capped(rate: I64, day: int, stops: Stops | None) -> I64:
    """The rates of a day, none above what a stop allows."""
    if stops is None or stops.rate is None or not (stops.what == CAP).any():
        return rate
    on = (stops.what == CAP) & (stops.start <= day) & (day <= stops.end)
    lower = rate.copy()
    np.minimum.at(lower, stops.account[on], stops.rate[on])
    return lower
