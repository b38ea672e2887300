"""How likely is a promise to be kept? Worked out from records, on columns of any length.

How to call::

    chances = keeping(promises, seen, strategy().chance)       # int32, parts per million, one a promise

Three steps, each one a shrunken rate (beta-binomial, the prior counted in promises):

1. The firm's first judgement of the promise's class: bucket × size against the greatest payment of the last year × days
   ahead (planning/promises.yaml).
2. The house's own record of that class: (kept + house_prior × first judgement) / (judged + house_prior).
3. The person's own record: (kept + half of the partly kept + own_prior × step 2) / (judged + own_prior).

Once its day has passed and only money under way can keep it, a share of that is left. So nobody starts at nought or at
certainty, a long record of the person outweighs everything, and one more promise kept never lowers the chance.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from fairdue.planning.columns import F64, I8, I32, I64, Bool
from fairdue.planning.promise_strategy import BUCKETS, Chances, Steps

UNKNOWN: Final = -1
MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Promises:
    """One row a promise. bucket: 0 … 7, UNKNOWN when not known. cents: above 0. most_paid: greatest single payment of the
    year before, 0 = none, UNKNOWN = not known. days_ahead: from the promise to its day, at least 0. kept, partly, broken:
    the person's promises judged so far. late: its day has passed, and only money under way can keep it.
    """

    bucket: I8
    cents: I64
    most_paid: I64
    days_ahead: I32
    kept: I32
    partly: I32
    broken: I32
    late: Bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What the house has seen of each class (classes_of): kept, judged; int64 of length classes()."""

    kept: I64
    judged: I64


def keeping(promises: Promises, seen: Seen | None, chances: Chances) -> I32:
    """Chance in parts per million that each promise is kept in full, between the file's least and most."""
    first = _first_judgement(promises, chances)
    house = first
    if seen is not None:
        place = classes_of(promises, chances)
        known = place >= 0
        kept, judged = (np.where(known, column[np.maximum(place, 0)], 0) for column in (seen.kept, seen.judged))
        house = (kept + chances.house_prior * first) / (judged + chances.house_prior)
    own_kept = promises.kept + promises.partly / 2
    own = promises.kept + promises.partly + promises.broken
    chance = (own_kept + chances.own_prior * house) / (own + chances.own_prior)
    chance = np.where(promises.late, chance * chances.late_percent / 100, chance)
    bounded = np.clip(chance, chances.least / 100, chances.most / 100)
    ppm: I32 = np.rint(bounded * MILLION).astype(np.int32)
    return ppm


def classes(chances: Chances) -> int:
    """How many classes of promises there are."""
    return BUCKETS * _sizes(chances) * _spans(chances)


def classes_of(promises: Promises, chances: Chances) -> I64:
    """The class of each promise, 0 … classes()-1; -1 where bucket or payments are not known."""
    size, span = _size(promises, chances), _step(promises.days_ahead, chances.by_days)
    place = (promises.bucket.astype(np.int64) * _sizes(chances) + size) * _spans(chances) + span
    known = (promises.bucket >= 0) & (promises.most_paid >= 0)
    return np.where(known, place, -1).astype(np.int64)


def _first_judgement(promises: Promises, chances: Chances) -> F64:
    by_bucket = np.array([*chances.by_bucket, chances.by_bucket[len(chances.by_bucket) // 2]], np.float64)
    by_size = np.array(
        [*(p for _, p in chances.by_size), chances.by_size_beyond, chances.by_size_never_paid], np.float64
    )
    by_days = np.array([*(p for _, p in chances.by_days), chances.by_days_beyond], np.float64)
    size = np.where(promises.most_paid >= 0, by_size[_size(promises, chances)], 0)
    percent = by_bucket[promises.bucket] + size + by_days[_step(promises.days_ahead, chances.by_days)]
    bounded: F64 = np.clip(percent, 1, 99) / 100
    return bounded


def _size(promises: Promises, chances: Chances) -> I64:
    """Step of the promise's size; the last but one beyond the file's steps, the last for those who never paid."""
    paid = np.maximum(promises.most_paid, 1)
    # Rounded up, so that a promise above a step is never taken for one within it.
    percent = -(-promises.cents * 100 // paid)
    return np.where(promises.most_paid == 0, len(chances.by_size) + 1, _step(percent, chances.by_size))


def _step(values: I64 | I32, steps: Steps) -> I64:
    return np.searchsorted(np.array([upto for upto, _ in steps], np.int64), values, side="left").astype(np.int64)


def _sizes(chances: Chances) -> int:
    return len(chances.by_size) + 2


def _spans(chances: Chances) -> int:
    return len(chances.by_days) + 1
