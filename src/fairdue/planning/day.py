"""In which order a collector works through the day.

How to call (all collectors at once)::

    placed = np.flatnonzero(plan.collector >= 0)
    day = order_day(collector=plan.collector[placed], window_start=..., window_end=..., minutes=..., score=...,
                    promise_due=..., written=..., fixed_at=..., shift_start=team.shift_start, shift_end=team.shift_end)
    day.rank, day.starts_at                            # int32 each, aligned with `placed`

A list is filled from the start of the shift on. At every moment the next item is the best one whose lawful window is
open and which leaves time for all that close earlier; where not all windows can be met, the least important item waits.
An item asked for at a fixed minute comes at that minute. Best means: promises due today first, then what can be called, then
what can only be written to, each by score.
"""

from dataclasses import dataclass

import numpy as np

from fairdue.planning.columns import I16, I32, I64, Bool


@dataclass(frozen=True, slots=True)
class Day:
    """rank: int32, 1 = first of its collector. starts_at: int32 minutes after midnight of the planned slot, -1 = no
    slot inside its lawful window was left (it is ranked last and waits for a gap)."""

    rank: I32
    starts_at: I32


@dataclass(slots=True)
class _Item:
    place: int  # 0 = the best of its collector
    row: int
    opens: int
    latest: int  # the last minute at which it can begin and still end inside its window
    minutes: int
    fixed: bool


def order_day(
    *,
    collector: I32,
    window_start: I16,
    window_end: I16,
    minutes: I16,
    score: I64,
    promise_due: Bool,
    written: Bool,
    fixed_at: I32,
    shift_start: I16,
    shift_end: I16,
) -> Day:
    """Rank and planned slot of every item.

    collector: int32 (n,) index into the shifts. window_start, window_end: int16 minutes after midnight, lawful today.
    minutes: int16. score: int64. promise_due: bool. written: bool, nothing but writing is lawful. fixed_at: int32,
    minute the borrower asked for, -1 = none. shift_start, shift_end: int16 (m,) by collector.
    """
    opens = np.maximum(window_start, shift_start[collector]).astype(np.int64)
    latest = np.minimum(window_end, shift_end[collector]).astype(np.int64) - minutes
    fixed = (fixed_at >= opens) & (fixed_at <= latest)
    opens = np.where(fixed, fixed_at, opens)
    by_collector = np.lexsort((-score, written, ~promise_due, collector))
    starts_at = np.full(len(collector), -1, dtype=np.int32)
    cuts = np.flatnonzero(np.diff(collector[by_collector])) + 1
    for rows in np.split(by_collector, cuts) if len(by_collector) else []:
        columns = (np.arange(len(rows)), rows, opens[rows], latest[rows], minutes[rows], fixed[rows])
        items = [_Item(*values) for values in zip(*(column.tolist() for column in columns), strict=True)]
        for row, start in _slots(items, int(shift_start[collector[rows[0]]])):
            starts_at[row] = start
    return Day(rank=_ranks(collector, starts_at, by_collector), starts_at=starts_at)


def _slots(items: list[_Item], now: int) -> list[tuple[int, int]]:
    """(row, start) of the items that find a slot; `items` come best first."""
    slots: list[tuple[int, int]] = []
    while items := [item for item in items if item.latest >= now]:
        item = _next(items, now)
        if item is None:
            now = min(other.opens for other in items if other.opens > now)
            continue
        slots.append((item.row, now))
        items.remove(item)
        now += item.minutes
    return slots


def _next(items: list[_Item], now: int) -> _Item | None:
    """The item to begin now; None to wait until the next one opens."""
    ready = [item for item in items if item.opens <= now]
    asked_for = [item for item in ready if item.fixed]
    if asked_for:
        return asked_for[0]
    next_fixed = min((item.opens for item in items if item.fixed), default=None)
    if next_fixed is not None:
        ready = [item for item in ready if now + item.minutes <= next_fixed]
    if not ready:
        return None
    by_closing = _in_time(sorted(ready, key=lambda item: item.latest), now)
    best, slack, start = by_closing[0], 24 * 60, now
    for item in by_closing:  # an item may go first if all that close before it can wait so long
        if item.minutes <= slack and item.place < best.place:
            best = item
        slack = min(slack, item.latest - start)
        start += item.minutes
    return best


def _in_time(by_closing: list[_Item], now: int) -> list[_Item]:
    """Those that can all be done in time one after the other; where not all can, the least important are left out."""
    kept: list[_Item] = []
    end = now
    for item in by_closing:
        kept.append(item)
        end += item.minutes
        while end - item.minutes > item.latest:
            least = max(kept, key=lambda one: one.place)
            kept.remove(least)
            end -= least.minutes
            if least is item:
                break
    return kept


def _ranks(collector: I32, starts_at: I32, best_first: I64) -> I32:
    """1, 2, 3 … within each collector: by slot, those without one last, best first."""
    place = np.empty(len(collector), dtype=np.int64)
    place[best_first] = np.arange(len(collector))
    order = np.lexsort((place, np.where(starts_at < 0, 10_000, starts_at), collector))
    counts = np.bincount(collector) if len(collector) else np.zeros(0, dtype=np.int64)
    first = np.cumsum(counts) - counts
    rank = np.empty(len(collector), dtype=np.int32)
    rank[order] = np.arange(len(collector)) - first[collector[order]] + 1
    return rank
