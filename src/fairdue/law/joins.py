"""Joining two sets of columns by key without a loop over rows: the latest of each, and all of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from fairdue.law.clock import LONG_AGO

Ints = NDArray[np.int64]
_LIMIT: Final = 1 << 62


def _top(*columns: Ints) -> int:
    return 1 + max(int(column.max(initial=0)) for column in columns)


def _dense(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """The same keys as small numbers."""
    _, numbers = np.unique(np.concatenate([left, right]), return_inverse=True)
    return numbers[: len(left)], numbers[len(left) :]


def pack(left: Sequence[Ints], right: Sequence[Ints]) -> tuple[Ints, Ints]:
    """One key out of several columns of non-negative numbers, alike on both sides."""
    a, b = left[0], right[0]
    for c, d in zip(left[1:], right[1:], strict=True):
        radix = _top(c, d)
        if _top(a, b) * radix >= _LIMIT:
            a, b = _dense(a, b)
        a, b = a * radix + c, b * radix + d
    return _dense(a, b) if _top(a, b) >= _LIMIT else (a, b)


@dataclass(frozen=True)
class Latest:
    """Instants sorted by key and time, to be asked for the latest up to a moment.

    `keys` is there only where key and time do not fit one number together: a key is then its place among them.
    """

    lanes: Ints
    base: int
    width: int
    keys: Ints | None = None

    @classmethod
    def of(cls, key: Ints, at: Ints) -> Self:
        """Keys from `pack`; equal keys share a lane."""
        if not len(at):
            return cls(np.empty(0, np.int64), 0, 1)
        base = int(at.min())
        width = int(at.max()) - base + 2
        if _top(key) * width < _LIMIT:
            return cls(np.sort(key * width + (at - base)), base, width)
        keys, place = np.unique(key, return_inverse=True)
        return cls(np.sort(place * width + (at - base)), base, width, keys)

    def _lane(self, key: Ints) -> Ints:
        if self.keys is None:
            return key * self.width
        place = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        return np.where(self.keys[place] == key, place, len(self.keys)) * self.width

    def _place(self, lane: Ints, at: Ints) -> Ints:
        """How many instants lie before the end of the minute `at` in the lane."""
        return np.searchsorted(self.lanes, lane + np.clip(at - self.base, -1, self.width - 1), side="right")

    def up_to(self, key: Ints, at: Ints, depth: int) -> Ints:
        """(n, depth): the latest `depth` instants not after `at` with that key, newest first, LONG_AGO for none."""
        found = np.full((len(key), depth), LONG_AGO, np.int64, order="F")  # read column by column
        if not len(self.lanes):
            return found
        lane = self._lane(key)
        place = self._place(lane, at)
        for back in range(depth):
            place = place - 1
            value = self.lanes[np.maximum(place, 0)]
            there = (place >= 0) & (value >= lane)
            if not there.any():
                break
            found[:, back] = np.where(there, value - lane + self.base, LONG_AGO)
        return found

    def first_after(self, key: Ints, at: Ints, none: int) -> Ints:
        """The first instant later than `at` with that key, `none` where there is none."""
        if not len(self.lanes):
            return np.full(len(key), none, np.int64)
        lane = self._lane(key)
        place = self._place(lane, at)
        value = self.lanes[np.minimum(place, len(self.lanes) - 1)]
        there = (place < len(self.lanes)) & (value < lane + self.width) & (value >= lane)
        return np.where(there, value - lane + self.base, none)


def pairs(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Every pair of rows with the same key: (rows of left, rows of right), ordered by the rows of left."""
    if not len(left) or not len(right):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    low = np.searchsorted(ordered, left, side="left")
    many = np.searchsorted(ordered, left, side="right") - low
    rows = np.repeat(np.arange(len(left)), many)
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many, many)
    return rows, order[low[rows] + rank]


def spread(rows: Ints, values: Ints, n: int, empty: int) -> Ints:
    """(n, k): the values of each row side by side; `rows` is ascending, `empty` fills up."""
    if not len(rows):
        return np.full((n, 1), empty, np.int64)
    many = np.bincount(rows, minlength=n)
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many, many)
    out = np.full((n, int(many.max())), empty, np.int64)
    out[rows, rank] = values
    return out
