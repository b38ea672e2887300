"""What allocation is about: the work, the team, and who can take what. Used through `planning.allocation`."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from fairdue.planning.columns import I8, I16, I32, I64, U64, Bool

_KINDS_AT_ONCE: Final = 20_000


class Placement(IntEnum):
    """Why a case is where it is. Stored: members keep their numbers."""

    WITH_OWNER = 1  # stays with its owner
    NEW = 2  # had no owner
    OWNER_FULL = 3  # moved: the owner has no minutes left
    OWNER_CANNOT = 4  # moved: owner absent, lacks a skill, barred, or the shift misses the lawful window
    BALANCED = 5  # moved so that loads stay within 10 % of each other
    NO_WINDOW = -1  # no lawful contact window today
    NO_SKILL = -2  # nobody of today's team knows its language, bucket and product
    NO_SHIFT = -3  # those who could have no shift that meets the window for long enough
    NO_TIME = -4  # better cases fill the minutes of all who could take it
    NOTHING_TO_DO = -5  # value or minutes are 0


@dataclass(frozen=True, slots=True)
class Work:
    """Cases that could be worked today; columns of length n.

    value: int64 cents. minutes: int16, time needed. language, bucket, product: int8/int16 codes 0 … 63.
    owner: int32 index into the team, NOBODY if none or absent. window_start, window_end: int16 minutes after midnight
    (house clock) between which contact is lawful today; start >= end = no window today.
    barred_case, barred_collector: int32, pairs that must never meet (conflict of interest, after a threat …).
    """

    value: I64
    minutes: I16
    language: I8
    bucket: I8
    product: I16
    owner: I32
    window_start: I16
    window_end: I16
    barred_case: I32 | None = None
    barred_collector: I32 | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """Collectors at work today; columns of length m.

    minutes: int32, working minutes of today. languages, buckets, products: uint64, bit k set = knows code k.
    shift_start, shift_end: int16 minutes after midnight (house clock).
    """

    minutes: I32
    languages: U64
    buckets: U64
    products: U64
    shift_start: I16
    shift_end: I16


@dataclass(frozen=True, slots=True)
class Classes:
    """Cases that the same collectors can take are one class.

    of: int32 (n,) class of each case. can: bool (classes, m). placement: int8 (n,), 0 = may be placed.
    barred: collectors who must not meet a case, for the few cases that have any.
    """

    of: I32
    can: Bool
    placement: I8
    barred: dict[int, frozenset[int]]

    def owner_can(self, work: Work) -> Bool:
        """Whether each case has an owner who is here and may take it."""
        can: Bool = work.owner >= 0
        can[can] = self.can[self.of[can], work.owner[can]]
        for case, collectors in self.barred.items():
            can[case] &= int(work.owner[case]) not in collectors
        return can


def find_classes(work: Work, team: Team) -> Classes:
    """Find the classes by way of the few combinations of what a collector must know and have time for."""
    n, m = len(work.value), len(team.minutes)
    first, kind = _kinds(work)
    known = np.zeros(len(first), dtype=np.bool_)
    packed = np.zeros((len(first), (m + 7) // 8), dtype=np.uint8)
    for start in range(0, len(first), _KINDS_AT_ONCE):
        rows = slice(start, start + _KINDS_AT_ONCE)
        knows = _knows(work, team, first[rows])
        known[rows] = knows.any(axis=1)
        packed[rows] = np.packbits(knows & _has_time(work, team, first[rows]), axis=1)
    distinct, class_of_kind = np.unique(packed, axis=0, return_inverse=True)
    can: Bool = np.unpackbits(distinct, axis=1, count=m).astype(np.bool_)
    somebody = np.asarray(can.any(axis=1))
    of = class_of_kind.reshape(-1).astype(np.int32)[kind]
    reasons = [Placement.NOTHING_TO_DO, Placement.NO_WINDOW, Placement.NO_SKILL, Placement.NO_SHIFT]
    placement = np.select(
        [
            (work.value <= 0) | (work.minutes <= 0),
            work.window_start >= work.window_end,
            ~known[kind],
            ~somebody[of],
        ],
        [np.full(n, reason, dtype=np.int8) for reason in reasons],
        default=np.int8(0),
    )
    return Classes(of, can, placement, _barred(work))


def _kinds(work: Work) -> tuple[I64, I64]:
    """Cases alike in all that matters: the first row of each kind, and the kind of each row."""
    key = np.zeros(len(work.value), dtype=np.int64)
    for column, size in (
        (work.language, 64),
        (work.bucket, 64),
        (work.product, 64),
        (work.window_start, 2048),
        (work.window_end, 2048),
        (work.minutes, 1024),
    ):
        key = key * size + np.clip(column, 0, size - 1)
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    return first.astype(np.int64), kind.reshape(-1).astype(np.int64)


def _knows(work: Work, team: Team, rows: I64) -> Bool:
    """Who knows language, bucket and product of these cases: (rows, m)."""
    knows = np.ones((len(rows), len(team.minutes)), dtype=np.bool_)
    for skills, code in ((team.languages, work.language), (team.buckets, work.bucket), (team.products, work.product)):
        knows &= (skills[None, :] >> code[rows].astype(np.uint64)[:, None]) & np.uint64(1) == 1
    return knows


def _has_time(work: Work, team: Team, rows: I64) -> Bool:
    """Whose shift meets the lawful window of these cases for long enough: (rows, m)."""
    starts = np.maximum(work.window_start[rows].astype(np.int32)[:, None], team.shift_start[None, :])
    ends = np.minimum(work.window_end[rows].astype(np.int32)[:, None], team.shift_end[None, :])
    minutes = work.minutes[rows].astype(np.int32)[:, None]
    meets: Bool = (ends - starts >= minutes) & (team.minutes[None, :] >= minutes)
    return meets


def _barred(work: Work) -> dict[int, frozenset[int]]:
    barred: dict[int, frozenset[int]] = {}
    if work.barred_case is not None and work.barred_collector is not None:
        for case, collector in zip(work.barred_case.tolist(), work.barred_collector.tolist(), strict=True):
            barred[case] = barred.get(case, frozenset()) | {collector}
    return barred


def refuse_bad(work: Work, team: Team) -> None:
    n, m = len(work.value), len(team.minutes)
    for name in ("minutes", "language", "bucket", "product", "owner", "window_start", "window_end"):
        if len(getattr(work, name)) != n:
            raise ValueError(f"work.{name} has {len(getattr(work, name))} rows, work.value {n}; make them equal")
    for name in ("language", "bucket", "product"):
        column = getattr(work, name)
        if n and not 0 <= int(column.min()) <= int(column.max()) <= 63:
            raise ValueError(f"work.{name}: codes are 0 to 63, found {column.min()} to {column.max()}")
    if n and int(work.owner.max()) >= m:
        raise ValueError(f"work.owner: the team has rows 0 to {m - 1}, found {work.owner.max()}; NOBODY (-1) if absent")
    if m and int(team.minutes.min()) < 0:
        raise ValueError("team.minutes: minutes are at least 0")
