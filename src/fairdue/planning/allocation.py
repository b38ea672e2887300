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
from typing import Final, Literal

import numpy as np

from fairdue.planning.columns import F64, I8, I32, I64, NOBODY, U64
from fairdue.planning.handout import Handout
from fairdue.planning.prices import Market
from fairdue.planning.work import Placement, Team, Work, find_classes, refuse_bad

__all__ = ["NOBODY", "Allocation", "Placement", "Team", "Work", "allocate", "placement_text"]

Skill = Literal["language", "bucket", "product"]


@dataclass(frozen=True, slots=True)
class Allocation:
    """The plan. collector: int32 (n,), NOBODY = unplaced. placement: int8 (n,) Placement.

    load: int32 (m,) minutes given. price_per_hour: int64 (m,) cents that 60 more minutes of each collector would bring
    (0 = time is left over). value: cents placed. bound: cents no plan can exceed, certified by the prices. gap: the
    share of the bound not reached. spread: greatest less least deviation of the loads (as share of
    capacity) from the fair level. skill_prices: (kind, code, cents per hour) of each skill in use: mean over the
    minutes of those who have it. fair_level: float64 (m,) share of the minutes each would get if the placed work were
    spread as evenly as skills allow.
    """

    collector: I32
    placement: I8
    load: I32
    price_per_hour: I64
    value: int
    bound: int
    gap: float
    spread: float
    skill_prices: tuple[tuple[Skill, int, int], ...]
    fair_level: F64


def allocate(work: Work, team: Team, *, owner_bonus: float = 0.1, spread: float = 0.1) -> Allocation:
    """Place the cases.

    owner_bonus: share of its value by which a case is worth more with its owner. spread: loads (minutes given / minutes
    of the day) of collectors who can do each other's work stay within this share of each other. Raises ValueError for
    columns of different length or a code outside 0 … 63.
    """
    refuse_bad(work, team)
    classes = find_classes(work, team)
    open_ = np.flatnonzero(classes.placement == 0)
    market = Market(work, team, classes, open_, owner_bonus)
    prices = market.prices()
    desk = Handout(work, team, classes, market, prices, spread)
    desk.place()
    desk.balance()
    collector = desk.collector
    value = int(work.value[collector >= 0].sum())
    bound = max(market.bound(prices), value)
    by_collector = prices[market.group_of]
    return Allocation(
        collector=collector,
        placement=desk.placements(),
        load=desk.load.astype(np.int32),
        price_per_hour=np.rint(by_collector * 60).astype(np.int64),
        value=value,
        bound=bound,
        gap=(bound - value) / bound if bound else 0.0,
        spread=desk.spread(),
        skill_prices=_skill_prices(team, by_collector),
        fair_level=desk.level,
    )


def _skill_prices(team: Team, price: F64) -> tuple[tuple[Skill, int, int], ...]:
    """Mean price of an hour, over the minutes of those who have each skill."""
    rows: list[tuple[Skill, int, int]] = []
    kinds: tuple[tuple[Skill, U64], ...] = (
        ("language", team.languages),
        ("bucket", team.buckets),
        ("product", team.products),
    )
    for kind, skills in kinds:
        for code in range(64):
            minutes = team.minutes * ((skills >> np.uint64(code)) & np.uint64(1)).astype(np.int64)
            if minutes.any() and code < 63:
                rows.append((kind, code, round(60 * float(price @ minutes) / float(minutes.sum()))))
    return tuple(rows)


_WORDS: Final[dict[Placement, tuple[str, str]]] = {
    Placement.WITH_OWNER: ("由原负责人继续跟进", "Stays with its owner"),
    Placement.NEW: ("新分配", "Newly assigned"),
    Placement.OWNER_FULL: ("原负责人今日时间已满，转交同事", "Moved: its owner has no time left today"),
    Placement.OWNER_CANNOT: (
        "原负责人今日不能处理（技能、班次或回避），转交同事",
        "Moved: its owner cannot take it today (skill, shift or conflict)",
    ),
    Placement.BALANCED: ("为均衡工作量转交同事", "Moved to even out the workload"),
    Placement.NO_WINDOW: ("今日没有合法的联系时段", "No lawful contact window today"),
    Placement.NO_SKILL: (
        "今日无人具备所需的语言、账龄或产品技能",
        "Nobody here today has the language, bucket and product",
    ),
    Placement.NO_SHIFT: ("具备技能者的班次与合法时段不重合", "No shift of those who could meets the lawful window"),
    Placement.NO_TIME: ("今日时间已用于更有价值的案件", "Today's time goes to cases where it does more good"),
    Placement.NOTHING_TO_DO: ("今日无需处理", "Nothing to do today"),
}


def placement_text(code: int, lang: Literal["zh", "en"]) -> str:
    """The placement in words."""
    return _WORDS[Placement(code)][lang == "en"]
