"""How balances move between buckets from one month's end to the next.

The bucket of an account on a day is that of its last move up to that day, with the balance it held when it entered it.
Moves are read as columns and followed by searching: a third of the time the database needs for the same with windows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final, cast

import numpy as np

from fairdue.accounts.columns import EPOCH, Column, read
from fairdue.insight.queries.scope import Filters, accounts, as_sql, month_cuts, rows

WAYS: Final = ("worse", "same", "better", "all")
ACCOUNTS_AT_ONCE: Final = 500_000
"""So many ids are read at a time: memory stays flat however long the history is."""

_MOVES: Final = """
    select m.account_id, m."on" - date '1970-01-01', m.bucket, m.cents from accounts_bucketmove m
    where m."on" <= %s and m.account_id >= %s and m.account_id < %s and m.account_id in ({accounts})
"""
_DAYS: Final = 1 << 17
"""More days than any date has since 1970: account and day make one number."""


@dataclass(frozen=True)
class Month:
    """One month: `start` and `end` are the two days compared; moved[from][to] = (accounts, cents)."""

    start: date
    end: date
    moved: dict[int, dict[int, tuple[int, int]]]

    def base(self, bucket: int) -> int:
        """Cents that stood in `bucket` at the start."""
        return sum(cents for _n, cents in self.moved.get(bucket, {}).values())

    def went(self, bucket: int, way: str) -> int:
        """Cents of `bucket` that went worse, stayed the same or got better."""
        return sum(cents for to, (_n, cents) in self.moved.get(bucket, {}).items() if _way(bucket, to) == way)

    def rate(self, bucket: int, way: str = "worse") -> Fraction | None:
        """Share of the bucket's balance that went that way; None when the bucket was empty."""
        base = self.base(bucket)
        return Fraction(self.went(bucket, way), base) if base else None


def months(filters: Filters) -> list[Month]:
    """Every month of the period, oldest first; the last may be unfinished. Months nothing is known of are left out."""
    cuts = month_cuts(filters.since, filters.until)
    moved: dict[int, dict[int, dict[int, tuple[int, int]]]] = {}
    for places in _places(filters, cuts):
        for n in range(len(cuts) - 1):
            was, later, cents = places.between(n)
            ways, where, counts = np.unique(was * 8 + later, return_inverse=True, return_counts=True)
            sums = np.zeros(len(ways), np.int64)
            np.add.at(sums, where, cents)  # exact: bincount's weights are floats
            for way, count, money in zip(ways.tolist(), counts.tolist(), sums.tolist(), strict=True):
                by_later = moved.setdefault(n, {}).setdefault(way // 8, {})
                accounts_before, cents_before = by_later.get(way % 8, (0, 0))
                by_later[way % 8] = (accounts_before + count, cents_before + money)
    return [Month(cuts[n], cuts[n + 1], moved[n]) for n in sorted(moved)]


@dataclass(frozen=True)
class Rolled:
    """One account's way: its id, bucket and cents at the start, bucket at the end."""

    account: int
    bucket: int
    cents: int
    later: int


def behind(filters: Filters, *, start: date, end: date, bucket: int, way: str, to: int | None = None) -> list[Rolled]:
    """Accounts in `bucket` on `start`, the largest balance first. `way` is one of WAYS; `to` asks for one bucket of
    arrival alone."""
    found: list[Rolled] = []
    for places in _places(filters, [start, end]):
        was, later, cents = places.between(0)
        fits = {"worse": later > was, "same": later == was, "better": later < was, "all": later >= 0}[way]
        fits &= was == bucket
        if to is not None:
            fits &= later == to
        ids = places.accounts(0)[fits].tolist()
        found += map(Rolled, ids, was[fits].tolist(), cents[fits].tolist(), later[fits].tolist())
    return sorted(found, key=lambda one: (-one.cents, one.account))


@dataclass(frozen=True)
class _Places:
    """Where each account stood at each cut: `at` (cuts, accounts) are places in the sorted moves, −1 = not yet known."""

    ids: Column
    bucket: Column
    cents: Column
    at: Column

    def between(self, n: int) -> tuple[Column, Column, Column]:
        """Bucket and cents at cut `n`, bucket at the next one, of the accounts known at `n`: (was, later, cents)."""
        known = self.at[n] >= 0
        first, second = self.at[n][known], self.at[n + 1][known]
        return self.bucket[first].astype(np.int64), self.bucket[second].astype(np.int64), self.cents[first]

    def accounts(self, n: int) -> Column:
        """Ids of the accounts known at cut `n`, in the order of `between`."""
        found: Column = self.ids[self.at[n] >= 0]
        return found


def _places(filters: Filters, cuts: list[date]) -> Iterator[_Places]:
    """The accounts of the filters, some at a time, with their places at each cut."""
    inner, inner_params = as_sql(accounts(filters), "pk")
    ((most,),) = rows("select coalesce(max(id), 0) from accounts_account", [])
    for low in range(0, int(most) + 1, ACCOUNTS_AT_ONCE):
        params = [cuts[-1], low, low + ACCOUNTS_AT_ONCE, *inner_params]
        moves = read(_MOVES.format(accounts=inner), "i8 i4 i2 i8", cast(Any, params))
        if len(moves[0]):
            yield _placed(*moves, cuts=[(cut - EPOCH).days for cut in cuts])


def _placed(account: Column, on: Column, bucket: Column, cents: Column, *, cuts: list[int]) -> _Places:
    key = account * _DAYS + on
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key // _DAYS, prepend=-1))
    ids = key[first] // _DAYS
    at = np.stack([np.searchsorted(key, ids * _DAYS + cut, side="right") - 1 for cut in cuts])
    return _Places(ids, np.minimum(bucket[order], 7), cents[order], np.where(at >= first, at, -1))


def _way(bucket: int, to: int) -> str:
    return "worse" if to > bucket else "same" if to == bucket else "better"
