"""Who works on what today: scarce minutes go where they do most good, on columns; 1,000,000 cases in seconds.

How to call::

    plan = allocate(work, team)                        # work: Work (n cases), team: Team (m collectors)
    plan.collector                                     # int32 (n,), index into team or NOBODY
    plan.price_per_hour                                # int64 (m,), cents one more hour of each would bring
    placement_text(int(plan.placement[i]), "zh")       # why it is where it is, or why it is nowhere
    plan.value, plan.bound                             # int cents: reached, and certified: no plan can be above it

A case goes to a collector who knows its language, bucket and product, whose shift meets the case's lawful window for
as long as the case needs, and who has minutes left. Nobody gets a case twice, nobody more minutes than he has. Value is
int64 cents in one house currency (`Scored.priority`). Method, prices and fairness of load: docs/planning.md.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from fairdue.planning.columns import F64, I8, I16, I32, I64, U64


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
class Allocation:
    """The plan. collector: int32 (n,), NOBODY = unplaced. placement: int8 (n,) Placement.

    load: int32 (m,) minutes given. price_per_hour: int64 (m,) cents that 60 more minutes of each collector would bring
    (0 = idle time left). value: cents placed. bound: cents no plan can exceed, certified by the prices. gap: share of
    the bound not reached, (bound - value) / bound. spread: greatest less least load, as share of capacity, over those
    who can be compared (docs/planning.md). skill_prices: (kind, code, cents per hour) of each skill in use.
    """

    collector: I32
    placement: I8
    load: I32
    price_per_hour: I64
    value: int
    bound: int
    gap: float
    spread: float
    skill_prices: tuple[tuple[Literal["language", "bucket", "product"], int, int], ...]
    shares: F64


def allocate(work: Work, team: Team, *, owner_bonus: float = 0.1, spread: float = 0.1) -> Allocation:
    """Place the cases. `owner_bonus`: how much more a case is worth with the collector who knows it."""
    raise NotImplementedError


def placement_text(code: int, lang: Literal["zh", "en"]) -> str:
    """The placement in words."""
    raise NotImplementedError
