"""In which order a collector works through the day.

How to call (all collectors at once)::

    placed = np.flatnonzero(plan.collector >= 0)
    day = order_day(collector=plan.collector[placed], window_start=..., window_end=..., minutes=..., score=...,
                    promise_due=..., fixed_at=..., shift_start=team.shift_start, shift_end=team.shift_end)
    day.rank, day.starts_at                            # int32 each, aligned with `placed`
"""

from dataclasses import dataclass

from fairdue.planning.columns import I16, I32, I64, Bool


@dataclass(frozen=True, slots=True)
class Day:
    """rank: int32, 1 = first of its collector. starts_at: int32 minutes after midnight of the planned slot, -1 = no
    slot inside its lawful window was left (it is ranked last and waits for a gap)."""

    rank: I32
    starts_at: I32


def order_day(
    *,
    collector: I32,
    window_start: I16,
    window_end: I16,
    minutes: I16,
    score: I64,
    promise_due: Bool,
    fixed_at: I32,
    shift_start: I16,
    shift_end: I16,
) -> Day:
    """Rank and planned slot of every item. `fixed_at`: minute the borrower asked for, -1 = none."""
    raise NotImplementedError
