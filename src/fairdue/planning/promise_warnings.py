"""What should be said while a promise is being taken: warnings with their numbers and words. None of them forbids it.

found = warnings(facts, strategy().warnings)          # [(Warn.FAR_AHEAD, (30, 0)), …]
warning_text(code, numbers, "en", money=format_money, day=format_day)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

from fairdue.planning.promise_strategy import Limits

Warning_ = tuple["Warn", tuple[int, int]]


class Warn(IntEnum):
    """A warning; the numbers that go with it are named behind it. Stored: members keep their numbers."""

    TOO_MANY_OPEN = 1  # other open promises of the person, their cents
    ABOVE_PAST_DUE = 2  # cents past due
    BEYOND_BUDGET = 3  # cents left over until that day, cents already promised or agreed for it
    BEYOND_INCOME = 4  # percent of a month's income, limit in percent
    FAR_ABOVE_PAID = 5  # greatest single payment in cents
    NEVER_PAID = 6
    FAR_AHEAD = 7  # days ahead, limit
    BANK_CLOSED = 8  # the bank day it counts on, days since 1970-01-01
    BREAKS_PROMISES = 9  # broken, judged


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known while a promise of `cents` for `days_ahead` days from now is taken. Minor units of one currency.

    others, others_cents: other open promises of the person, everywhere. past_due: of what the promise is about.
    left_over: a month, by the latest budget, -1 = none taken. committed: promised or agreed until that day already.
    income: a month, -1 = not known. most_paid: greatest single payment of the last year, 0 = none. counted_on, due_on:
    day numbers. kept, partly, broken: the person's promises judged so far.
    """

    cents: int
    days_ahead: int
    others: int
    others_cents: int
    past_due: int
    left_over: int
    committed: int
    income: int
    most_paid: int
    due_on: int
    counted_on: int
    kept: int
    partly: int
    broken: int


_DAYS_A_MONTH: Final = 30


def warnings(facts: Facts, limits: Limits) -> list[Warning_]:
    """What to warn of, the weightiest first."""
    months = max(1, -(-facts.days_ahead // _DAYS_A_MONTH))
    spare = facts.left_over * months
    judged = facts.kept + facts.partly + facts.broken
    percent = -(-facts.cents * 100 // facts.income) if facts.income > 0 else 0
    held: list[tuple[bool, Warn, tuple[int, int]]] = [
        (facts.left_over >= 0 and facts.cents + facts.committed > spare, Warn.BEYOND_BUDGET, (spare, facts.committed)),
        (
            facts.left_over < 0 and facts.income > 0 and percent > limits.income_percent,
            Warn.BEYOND_INCOME,
            (percent, limits.income_percent),
        ),
        (facts.cents > facts.past_due, Warn.ABOVE_PAST_DUE, (facts.past_due, 0)),
        (facts.others > limits.open_most, Warn.TOO_MANY_OPEN, (facts.others, facts.others_cents)),
        (facts.broken >= limits.broken_from, Warn.BREAKS_PROMISES, (facts.broken, judged)),
        (0 < facts.most_paid * limits.paid_times < facts.cents, Warn.FAR_ABOVE_PAID, (facts.most_paid, 0)),
        (facts.most_paid == 0, Warn.NEVER_PAID, (0, 0)),
        (facts.days_ahead > limits.far_days, Warn.FAR_AHEAD, (facts.days_ahead, limits.far_days)),
        (facts.counted_on != facts.due_on, Warn.BANK_CLOSED, (facts.counted_on, 0)),
    ]
    return [(code, numbers) for holds, code, numbers in held if holds]


_WORDS: Final[dict[Warn, tuple[str, str]]] = {
    Warn.TOO_MANY_OPEN: (
        "另有 {a} 笔承诺未到期，共 {money1}：再多一笔，恐怕哪一笔都难以兑现",
        "{a} other promises are open, {money1} in all: one more may break them all",
    ),
    Warn.ABOVE_PAST_DUE: ("超过目前逾期应还的 {money0}", "More than the {money0} that is past due"),
    Warn.BEYOND_BUDGET: (
        "超出收支结余：到那天约有 {money0}，其中 {money1} 已另有约定",
        "Beyond their budget: {money0} is left over until then, {money1} of it agreed already",
    ),
    Warn.BEYOND_INCOME: ("相当于月收入的 {a}%（提示线 {b}%）", "{a} % of a month's income (we warn from {b} %)"),
    Warn.FAR_ABOVE_PAID: (
        "远高于近一年最大一笔还款 {money0}",
        "Far above the greatest payment of the last year, {money0}",
    ),
    Warn.NEVER_PAID: ("近一年没有还过款：先约小额更稳妥", "Nothing was paid in the last year: a small sum is safer"),
    Warn.FAR_AHEAD: (
        "{a} 天之后才到期：越远越难兑现，可先约一部分",
        "{a} days away: the further, the harder to keep; part of it sooner is better",
    ),
    Warn.BANK_CLOSED: ("那天银行不处理入账，按 {day0} 计算", "Banks are closed that day: it counts on {day0}"),
    Warn.BREAKS_PROMISES: (
        "已有 {a} 次承诺未履行（共 {b} 次）：可改谈分期",
        "{a} of {b} promises were broken: a plan may fit better",
    ),
}


def warning_text(
    code: int,
    numbers: Sequence[int],
    lang: Literal["zh", "en"],
    *,
    money: Callable[[int], str],
    day: Callable[[int], str],
) -> str:
    """A warning in words. `money` writes minor units, `day` a number of days since 1970-01-01."""
    a, b = int(numbers[0]), int(numbers[1])
    return _WORDS[Warn(code)][lang == "en"].format(a=a, b=b, money0=money(a), money1=money(b), day0=day(a))
