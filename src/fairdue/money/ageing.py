"""How late is an account, since when, and in which bucket: for any day, on columns of any length.

How to call (one account or a million, the same way)::

    dues = Dues(account=..., due_on=..., cents=...)              # flat, one row a due
    paid = paid_by(receipts, accounts=n, as_of=today)            # or your own int64 totals by account
    aged = age(dues, paid, as_of=today, grace_days=3, pauses=pauses)
    aged.past_due, aged.days_past_due, aged.bucket               # one value an account
    aged.due_unpaid, aged.due_bucket                             # one value a due, in the order given

Accounts are whole numbers 0 … accounts-1, days are int32 days since 1970-01-01 (`days.day_of`), money is int64 minor
units of the account's own currency. `as_of` and `grace_days` may be one number or one per account. Meaning of every
figure: docs/ageing.md. Two times: `paid_by(..., known_at=d)` and `known_pauses(..., known_at=d)` leave out whatever was
learned after d, so the same call answers "what do we say now of that day" and "what did we say then".
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from fairdue.money.days import I8, I32, I64, NO_DAY

Measure = Literal["days_past_due", "delinquent_days"]
_DAY_SPAN = 1 << 33  # more than any difference of two int32 days, so that (account, day) packs into one int64
_BLOCK = 200_000  # accounts aged at a time: keeps the working memory small whatever the length


@dataclass(frozen=True, slots=True)
class Buckets:
    """Names and inclusive upper bounds of the buckets.

    names: len(upper) + 1 names; the first is that of 0 days, None when 0 days means "in no bucket".
    upper: rising; upper[0] is 0; a count of days d is in the first bucket whose upper bound is at least d.
    measure: which count of days decides.
    """

    names: tuple[str | None, ...]
    upper: tuple[int, ...]
    measure: Measure

    def __post_init__(self) -> None:
        if len(self.names) != len(self.upper) + 1:
            raise ValueError(f"{len(self.upper)} bounds need {len(self.upper) + 1} names, found {len(self.names)}")
        if self.upper[0] != 0 or any(b <= a for a, b in pairwise(self.upper)):
            raise ValueError(f"bucket bounds must begin at 0 and rise, found {list(self.upper)}")

    def codes(self, days: I32) -> I8:
        """Bucket number (index into `names`) of each count of days."""
        table = np.searchsorted(np.array(self.upper), np.arange(self.upper[-1] + 2), side="left").astype(np.int8)
        return table[np.clip(days, 0, len(table) - 1)]

    def days_to_next(self, days: I32) -> I32:
        """Days until each count leaves its bucket for the next worse one if it grows by one a day; NO_DAY in the last.

        0 days counts as current and moves on the next day.
        """
        ends = np.array([*self.upper, NO_DAY - 1], dtype=np.int64)[self.codes(days)]
        return np.where(ends == NO_DAY - 1, NO_DAY, ends + 1 - np.maximum(days, 0)).astype(np.int32)


M_BUCKETS = Buckets(
    names=("M0", "M1", "M2", "M3", "M4", "M5", "M6", "M7+"),
    upper=(0, 30, 60, 90, 120, 150, 180),
    measure="days_past_due",
)
"""The product's own: M0 current, M1 1–30 days past due … M7+ over 180 (docs/ageing.md)."""

DELINQUENCY_BUCKETS = Buckets(
    names=(None, "1-3", "4-30", "31-60", "61-90", "91-120", "121-150", "151-180", "181-240", "241+"),
    upper=(0, 3, 30, 60, 90, 120, 150, 180, 240),
    measure="delinquent_days",
)
"""Those of the outside suite (Apache Fineract's end-to-end tests), on delinquent days."""


@dataclass(frozen=True, slots=True)
class Dues:
    """What fell or falls due; one row a due, any order (sorted by account, due_on, n is fastest).

    account: int32, 0 … accounts-1. due_on: int32 days. cents: int64, at least 0.
    n: int32 number of the instalment, decides the order between dues of one day; None = the order of the rows.
    """

    account: I32
    due_on: I32
    cents: I64
    n: I32 | None = None


@dataclass(frozen=True, slots=True)
class Receipts:
    """Money received, one row a posting; a reversal is a row of its own with cents below 0.

    account: int32. happened_on: int32 days, when the money counts. learned_on: int32 days, when we knew. cents: int64.
    """

    account: I32
    happened_on: I32
    learned_on: I32
    cents: I64


@dataclass(frozen=True, slots=True)
class Pauses:
    """Days that do not count, one row a pause [start, end]; those of one account touch at most.

    account: int32. start, end: int32 days, start < end. learned_on: int32 days, None = always known.
    replaced_on: int32 days on which the row stopped being what we know (ended early, withdrawn), NO_DAY = still valid.
    """

    account: I32
    start: I32
    end: I32
    learned_on: I32 | None = None
    replaced_on: I32 | None = None


@dataclass(frozen=True, slots=True)
class Aged:
    """The answer; the first group has one value per account, the `due_…` group one per due in the order given.

    past_due: int64, unpaid part of dues before as_of. oldest_due: int32, day of the oldest of them, NO_DAY if none.
    days_past_due: int32, as_of - oldest_due, 0 if none. delinquent_since: int32, oldest_due + grace, NO_DAY if none.
    delinquent_days: int32, days past due less grace and paused days, never below 0.
    bucket: int8, index into `buckets.names`. surplus: int64, paid beyond every due, past and future.
    due_unpaid: int64, unpaid part of each due. due_days: int32, days past due of an unpaid due (less paused days where
    the buckets measure delinquent days), 0 if none. due_bucket: int8, index into `buckets.names`.
    """

    past_due: I64
    oldest_due: I32
    days_past_due: I32
    delinquent_since: I32
    delinquent_days: I32
    bucket: I8
    surplus: I64
    due_unpaid: I64
    due_days: I32
    due_bucket: I8
    buckets: Buckets


def paid_by(receipts: Receipts, *, accounts: int, as_of: int | I32, known_at: int | None = None) -> I64:
    """Total received per account by `as_of`, as known at the end of `known_at` (None = everything known now).

    Returns int64 by account. A total below 0 (more taken back than received) counts as 0.
    """
    day = _per_account(as_of, accounts)
    counts = receipts.happened_on <= day[receipts.account]
    if known_at is not None:
        counts &= receipts.learned_on <= known_at
    total = np.zeros(accounts, dtype=np.int64)
    np.add.at(total, receipts.account[counts], receipts.cents[counts])
    return np.maximum(total, 0)


def known_pauses(pauses: Pauses, *, known_at: int) -> Pauses:
    """The pauses as they were known at the end of the day `known_at`."""
    keep = np.ones(len(pauses.account), dtype=np.bool_)
    if pauses.learned_on is not None:
        keep &= pauses.learned_on <= known_at
    if pauses.replaced_on is not None:
        keep &= (pauses.replaced_on == NO_DAY) | (pauses.replaced_on > known_at)
    return Pauses(account=pauses.account[keep], start=pauses.start[keep], end=pauses.end[keep])


def pause_faults(pauses: Pauses) -> list[tuple[int, str]]:
    """Rows that cannot stand, each with the reason; empty when all can. Touching pauses are separate and fine."""
    faults = {int(row): "a pause must start before it ends" for row in np.flatnonzero(pauses.start >= pauses.end)}
    order = np.lexsort((pauses.end, pauses.start, pauses.account))
    account = pauses.account[order]
    starts = _packed(account, pauses.start[order])
    ends_so_far = np.maximum.accumulate(_packed(account, pauses.end[order])) if len(order) else starts
    clash = (account[1:] == account[:-1]) & (starts[1:] < ends_so_far[:-1])
    for i in np.flatnonzero(clash):
        faults.setdefault(int(order[i + 1]), "it overlaps an earlier pause of the same account")
    return sorted(faults.items())


def age(
    dues: Dues,
    paid: I64,
    *,
    as_of: int | I32,
    grace_days: int | I32 = 0,
    pauses: Pauses | None = None,
    buckets: Buckets = M_BUCKETS,
) -> Aged:
    """Age every account: `paid` (int64 by account, at least 0) covers its dues oldest first; see docs/ageing.md.

    len(paid) is the number of accounts; an account without dues is current. Raises ValueError when a due is below 0,
    names an account that does not exist, or when pauses cannot stand (ask `pause_faults` first).
    """
    _refuse_bad(dues, paid, pauses)
    accounts = len(paid)
    order = _order(dues)
    flat = dues if order is None else _taken(dues, order)
    calendar = None if pauses is None or not len(pauses.account) else _Calendar(pauses, accounts)
    out = _empty(accounts, len(flat.account), buckets)
    on = _per_account(as_of, accounts)
    grace = _per_account(grace_days, accounts)
    edges = np.searchsorted(flat.account, np.arange(0, accounts + _BLOCK, _BLOCK))
    for block, (first, last) in enumerate(pairwise(edges)):
        low = block * _BLOCK
        high = min(low + _BLOCK, accounts)
        _age_block(out, flat, paid, on, grace, calendar, (low, high), (int(first), int(last)))
    if order is not None:
        for column in (out.due_unpaid, out.due_days, out.due_bucket):
            column[order] = column.copy()
    return out


def _age_block(
    out: Aged,
    dues: Dues,
    paid: I64,
    on: I32,
    grace: I32,
    calendar: "_Calendar | None",
    accounts: tuple[int, int],
    rows: tuple[int, int],
) -> None:
    """Age accounts[0]:accounts[1], whose dues are the sorted rows[0]:rows[1], into `out`."""
    here, span = slice(*accounts), slice(*rows)
    owner = dues.account[span] - accounts[0]
    cents, due_on = dues.cents[span], dues.due_on[span]
    unpaid, out.surplus[here] = _oldest_first(owner, cents, paid[here])
    out.due_unpaid[span] = unpaid
    today = on[here].astype(np.int64)
    late = (unpaid > 0) & (due_on < today[owner])

    rows_late = np.flatnonzero(late)
    owner_late = owner[rows_late]
    starts = np.flatnonzero(np.r_[True, owner_late[1:] != owner_late[:-1]]) if len(rows_late) else rows_late
    who = owner_late[starts]
    oldest = np.full(accounts[1] - accounts[0], NO_DAY, dtype=np.int32)
    oldest[who] = due_on[rows_late[starts]]
    past_due = np.zeros(len(oldest), dtype=np.int64)
    if len(starts):
        past_due[who] = np.add.reduceat(unpaid[rows_late], starts)

    is_late = oldest != NO_DAY
    days = np.where(is_late, today - oldest, 0)
    paused = np.zeros(len(oldest), dtype=np.int64)
    if calendar is not None:
        paused[who] = calendar.between(who + accounts[0], oldest[who], today[who])
    delinquent = np.maximum(days - grace[here] - paused, 0) * is_late
    out.past_due[here] = past_due
    out.oldest_due[here] = oldest
    out.days_past_due[here] = days
    out.delinquent_since[here] = np.where(is_late, oldest + grace[here].astype(np.int64), NO_DAY)
    out.delinquent_days[here] = delinquent
    measured = days if out.buckets.measure == "days_past_due" else delinquent
    out.bucket[here] = out.buckets.codes(measured.astype(np.int32))

    due_days = today[owner_late] - due_on[rows_late]
    if out.buckets.measure == "delinquent_days":
        if calendar is not None:
            due_days -= calendar.between(owner_late + accounts[0], due_on[rows_late], today[owner_late])
        due_days = np.where(delinquent[owner_late] > 0, due_days, 0)
    out.due_days[rows_late + rows[0]] = due_days
    out.due_bucket[rows_late + rows[0]] = out.buckets.codes(due_days.astype(np.int32))


def _oldest_first(owner: I32, cents: I64, paid: I64) -> tuple[I64, I64]:
    """Unpaid part of each due (sorted, oldest first) and what remains of `paid` after all of them."""
    running = np.cumsum(cents)
    counts = np.bincount(owner, minlength=len(paid))
    ends = np.cumsum(counts)
    upto = np.r_[np.int64(0), running][ends]  # all dues of this account and of those before it
    before = np.r_[np.int64(0), upto[:-1]]
    owed = upto - before
    unpaid = np.clip(running - (before + np.minimum(paid, owed))[owner], 0, cents)
    surplus = np.maximum(paid - owed, 0)
    lost = int(unpaid.sum()) + int(paid.sum()) - int(cents.sum()) - int(surplus.sum())
    assert lost % 2**64 == 0, "ageing lost money"  # sums of a whole block may wrap round; differences stay exact
    return unpaid, surplus


class _Calendar:
    """Paused days of every account, answered by look-up: pauses do not overlap, so sums of whole ones suffice."""

    def __init__(self, pauses: Pauses, accounts: int) -> None:
        order = np.lexsort((pauses.start, pauses.account))
        account = pauses.account[order]
        self._keys = _packed(account, pauses.start[order])
        self._end = pauses.end[order].astype(np.int64)
        lengths = self._end - pauses.start[order]
        self._sum = np.r_[np.int64(0), np.cumsum(lengths)]
        self._first = np.searchsorted(account, np.arange(accounts + 1))

    def between(self, account: I32, since: I32, until: I64) -> I64:
        """Paused days of each account after `since` up to `until`."""
        return self._upto(account, until) - self._upto(account, since)

    def _upto(self, account: I32, day: I32 | I64) -> I64:
        begun = np.searchsorted(self._keys, _packed(account, day), side="right")
        first = self._first[account]
        running_on = np.where(begun > first, self._end[np.maximum(begun, 1) - 1] - day, 0)
        total: I64 = self._sum[begun] - self._sum[first] - np.maximum(running_on, 0)
        return total


def _packed(account: I32, day: I32 | I64) -> I64:
    """Account and day as one number that sorts like the pair."""
    return account.astype(np.int64) * _DAY_SPAN + (day.astype(np.int64) - NO_DAY)


def _per_account(value: int | I32, accounts: int) -> I32:
    return np.broadcast_to(np.asarray(value, dtype=np.int32), (accounts,))


def _order(dues: Dues) -> npt.NDArray[np.intp] | None:
    """The order (account, due_on, n), or None when the dues are in it already."""
    same = dues.account[1:] == dues.account[:-1]
    in_order = (dues.account[1:] > dues.account[:-1]) | (same & (dues.due_on[1:] >= dues.due_on[:-1]))
    if dues.n is not None:
        ties = same & (dues.due_on[1:] == dues.due_on[:-1])
        in_order &= ~ties | (dues.n[1:] >= dues.n[:-1])
    if bool(in_order.all()):
        return None
    if dues.n is None:
        return np.lexsort((dues.due_on, dues.account))
    return np.lexsort((dues.n, dues.due_on, dues.account))


def _taken(dues: Dues, order: npt.NDArray[np.intp]) -> Dues:
    return Dues(account=dues.account[order], due_on=dues.due_on[order], cents=dues.cents[order])


def _empty(accounts: int, dues: int, buckets: Buckets) -> Aged:
    return Aged(
        past_due=np.zeros(accounts, dtype=np.int64),
        oldest_due=np.full(accounts, NO_DAY, dtype=np.int32),
        days_past_due=np.zeros(accounts, dtype=np.int32),
        delinquent_since=np.full(accounts, NO_DAY, dtype=np.int32),
        delinquent_days=np.zeros(accounts, dtype=np.int32),
        bucket=np.zeros(accounts, dtype=np.int8),
        surplus=np.zeros(accounts, dtype=np.int64),
        due_unpaid=np.zeros(dues, dtype=np.int64),
        due_days=np.zeros(dues, dtype=np.int32),
        due_bucket=np.zeros(dues, dtype=np.int8),
        buckets=buckets,
    )


def _refuse_bad(dues: Dues, paid: I64, pauses: Pauses | None) -> None:
    """ValueError for columns that cannot be aged."""
    accounts = len(paid)
    for name, account in (("dues", dues.account), ("pauses", None if pauses is None else pauses.account)):
        if account is not None and len(account) and not 0 <= int(account.min()) <= int(account.max()) < accounts:
            found = f"{account.min()} to {account.max()} found"
            raise ValueError(f"{name}.account: accounts are 0 to {accounts - 1}; {found}")
    if len(dues.cents) and int(dues.cents.min()) < 0:
        row = int(np.argmin(dues.cents))
        raise ValueError(f"dues.cents: row {row} holds {dues.cents[row]}; a due is at least 0")
    if accounts and int(paid.min()) < 0:
        row = int(np.argmin(paid))
        raise ValueError(f"paid: account {row} holds {paid[row]}; totals paid are at least 0 (see paid_by)")
    faults = [] if pauses is None else pause_faults(pauses)
    if faults:
        row, why = faults[0]
        raise ValueError(f"pauses: row {row}: {why} ({len(faults)} such rows); ask pause_faults first")
