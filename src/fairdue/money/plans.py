"""Payment plans: schedules exact to the cent, what each means for both sides, and the best few of many.

How to call::

    terms = Terms(made_on=date(2026, 3, 3), first_on=date(2026, 3, 25), count=12)
    schedule(owed, terms)                         # 12 instalments; the last one absorbs the rounding
    assess(owed, terms, free=370_000, limits=limits, recovery=policy.recovery)      # burden, expected recovery, allowed
    propose(owed, wish, free=…, limits=…, policy=policy)                            # at most three, and why not the others

A lump is money from outside the monthly income: a down payment, a bonus, a balloon at the end. Everything else an
instalment asks comes out of what is left over, and `assess` refuses a plan that asks more. Minor units; rates are
Decimal shares a year. While a plan is kept nothing is past due, so a payment covers interest and charges before
principal for every product (money.waterfall), and the split of each instalment says so.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Context, Decimal
from itertools import groupby
from typing import Final, Literal

import numpy as np

from fairdue.money import waterfall
from fairdue.money.amount import Rounding, round_minor
from fairdue.money.days import I64
from fairdue.money.policy import Policy, Recovery

Kind = Literal["equal", "stepped", "pause", "down", "balloon", "settlement"]
Texts = Mapping[str, str]

INSTALMENTS_MOST: Final = 520
BEST_MOST: Final = 3
_EXACT: Final = Context(prec=50)


class PlanError(ValueError):
    """Terms that make no schedule. `field` names what to mend; `zh` and `en` say how."""

    def __init__(self, field: str, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.field, self.zh, self.en = field, zh, en


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed by component, each at least 0."""

    principal: int = 0
    interest: int = 0
    penalty: int = 0
    fees: int = 0
    costs: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.principal + self.interest + self.penalty + self.fees + self.costs

    @property
    def charges(self) -> int:
        """All but the principal."""
        return self.total - self.principal


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a plan.

    count: instalments from income. level: their amount instead of their number (count is then as many as it takes).
    days: days of the month on which they fall due (a shorter month ends sooner), empty = the day of `first_on`;
    every: so many days apart instead. pause: months at the start without an instalment. step: (share in percent of the
    later amount, how many instalments at the start have it). lumps: (day, cents). rate: interest that runs on, a year.
    unit: instalments are whole multiples of it.
    """

    made_on: date
    first_on: date
    count: int = 1
    level: int = 0
    days: tuple[int, ...] = ()
    every: int = 0
    pause: int = 0
    step: tuple[int, int] = (100, 0)
    lumps: tuple[tuple[date, int], ...] = ()
    rate: Decimal = Decimal(0)
    unit: int = 1

    @property
    def a_year(self) -> tuple[int, int]:
        """Instalments a year, as a fraction."""
        return (365, self.every) if self.every else (12 * max(len(self.days), 1), 1)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One due. cents = principal + interest (penalty interest included) + fees (costs included)."""

    n: int
    due_on: date
    cents: int
    principal: int
    interest: int
    fees: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not allowed: a code, the sentence and the source in both languages."""

    code: str
    says: Texts
    cites: Texts


@dataclass(frozen=True, slots=True)
class Limits:
    """What law and policy allow. months, share_percent, least: bounds on plans; relief: cents of charges that may be let
    go in a plan; discount: cents in a settlement, paid in at most `parts` within `days`. sources: where each is written,
    by the code of the reason. bounds: how far one may let go, in words, in a "plan" and in a "settlement". barred:
    conditions not met, whatever the terms.
    """

    months: int
    share_percent: int
    least: int
    relief: int
    discount: int
    parts: int
    days: int
    sources: Mapping[str, Texts] = field(default_factory=dict)
    bounds: Mapping[str, Texts] = field(default_factory=dict)
    barred: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan with all that follows from it.

    total: what is paid; discount: what is let go once it is paid. months: from the day it is made to the last due.
    monthly: the greatest that a month asks of the income; burden_percent: of what is left over, rounded up, lumps apart.
    expected: today's money, each instalment weighed by the chance that the plan still stands. reasons: why it is not
    allowed; empty when it is.
    """

    kind: Kind
    terms: Terms
    instalments: tuple[Instalment, ...]
    total: int
    discount: int
    months: int
    monthly: int
    burden_percent: int
    expected: int
    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        """Law, policy and budget agree."""
        return not self.reasons

    @property
    def last_on(self) -> date:
        """Day of the last instalment."""
        return self.instalments[-1].due_on

    @property
    def amounts(self) -> list[int]:
        """What each instalment asks, in order."""
        return [one.cents for one in self.instalments]

    @property
    def first(self) -> Instalment:
        """The first instalment."""
        return self.instalments[0]

    @property
    def regular(self) -> int:
        """What most instalments ask: the greatest from income alone."""
        lumps = {day for day, _ in self.terms.lumps}
        return max((i.cents for i in self.instalments if i.due_on not in lumps), default=self.instalments[-1].cents)


def runs(cents: Sequence[int]) -> list[tuple[int, int]]:
    """A schedule in short: (how many, of what amount), equal neighbours together, in order."""
    return [(len(list(alike)), each) for each, alike in groupby(cents)]


@dataclass(frozen=True, slots=True)
class Out:
    """A plan that was looked at and left out. better: place among the best of one that is no worse in anything."""

    proposal: Proposal
    better: int | None = None


@dataclass(frozen=True, slots=True)
class Offering:
    """The best few, dearest first, and the others."""

    best: tuple[Proposal, ...]
    out: tuple[Out, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the borrower says: when money comes, and money beside the income. down: cents paid at once; balloon: (day,
    cents) expected later."""

    made_on: date
    first_on: date
    days: tuple[int, ...] = ()
    every: int = 0
    down: int = 0
    balloon: tuple[date, int] | None = None
    unit: int = 1


# ---- days


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(start: date, end: date) -> int:
    """Months from start to end, a begun one counted whole."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months + (end > add_months(start, months))


def due_dates(terms: Terms, count: int) -> list[date]:
    """The days of `count` instalments from income, rising."""
    begin = add_months(terms.first_on, terms.pause)
    if terms.every:
        return [begin + timedelta(days=terms.every * n) for n in range(count)]
    days = sorted(set(terms.days)) or [terms.first_on.day]
    found: list[date] = []
    month = begin.replace(day=1)
    while len(found) < count:
        length = monthrange(month.year, month.month)[1]
        on = sorted({month.replace(day=min(day, length)) for day in days})
        found += [day for day in on if day >= begin]
        month = add_months(month, 1)
    return found[:count]


# ---- the schedule


def schedule(owed: Owed, terms: Terms, *, asks: int | None = None) -> tuple[Instalment, ...]:
    """The instalments that pay `asks` (all that is owed when left out) and the interest that runs on. Raises PlanError.

    They add up to the cent. All of one kind are equal; the last one absorbs the rounding and is never the greatest.
    """
    whole = owed.total if asks is None else asks
    _refuse_bad(owed, terms, whole)
    run = _Run(owed, terms, whole)
    if terms.level:
        return run.instalments(run.rows(run.count_of(terms.level)), terms.level)
    rows = run.rows(terms.count)
    return run.instalments(rows, run.level(rows))


def _refuse_bad(owed: Owed, terms: Terms, whole: int) -> None:
    if not 0 < whole <= owed.total:
        raise PlanError(
            "amount", zh="金额必须大于零，且不超过欠款。", en="The amount lies above zero and within what is owed."
        )
    if not terms.level and not 1 <= terms.count <= INSTALMENTS_MOST:
        raise PlanError(
            "count", zh=f"期数为 1 至 {INSTALMENTS_MOST}。", en=f"There are 1 to {INSTALMENTS_MOST} instalments."
        )
    if terms.level < 0 or terms.unit < 1:
        raise PlanError("level", zh="每期金额必须大于零。", en="An instalment is above zero.")
    if terms.first_on < terms.made_on or any(day < terms.made_on for day, _ in terms.lumps):
        raise PlanError("first_on", zh="首期不能早于今天。", en="The first instalment cannot fall due in the past.")
    if any(cents <= 0 for _, cents in terms.lumps) or sum(c for _, c in terms.lumps) > whole:
        raise PlanError(
            "lumps",
            zh="一次性款项必须大于零，且不超过要还的金额。",
            en="A lump lies above zero and within what is to be paid.",
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """A day, the share in percent of the level that falls due on it, and lumps."""

    day: date
    share: int
    lump: int


@dataclass(frozen=True, slots=True)
class _Run:
    owed: Owed
    terms: Terms
    whole: int

    def rows(self, count: int) -> list[_Row]:
        low, stepped = self.terms.step
        days = due_dates(self.terms, count)
        shares = {day: low if n < stepped else 100 for n, day in enumerate(days)}
        lumps: dict[date, int] = {}
        for day, cents in self.terms.lumps:
            lumps[day] = lumps.get(day, 0) + cents
        return [_Row(day, shares.get(day, 0), lumps.get(day, 0)) for day in sorted(shares.keys() | lumps.keys())]

    def asked(self, row: _Row, level: int) -> int:
        """What a row asks at a level, in whole units."""
        unit = self.terms.unit
        return -(-level * row.share // (100 * unit)) * unit + row.lump

    def walk(self, rows: Sequence[_Row], level: int) -> tuple[list[tuple[int, int]], int]:
        """(cents, of them new interest) of each row until all is paid, and what is left after the last row."""
        left, carried, since, paid = self.whole, 0, self.terms.made_on, []
        before_principal = max(self.owed.charges - (self.owed.total - self.whole), 0)
        for row in rows:
            bearing = min(left, self.whole - before_principal)
            carried += _interest(bearing, self.terms.rate, (row.day - since).days)
            since = row.day
            cents = min(self.asked(row, level), left + carried)
            new = min(cents, carried)
            carried, left = carried - new, left - (cents - new)
            paid.append((cents, new))
            if not left + carried:
                break
        return paid, left + carried

    def level(self, rows: Sequence[_Row]) -> int:
        """The least amount, in whole units, with which the rows pay everything."""
        unit = self.terms.unit
        low, high = -1, 1
        while self.walk(rows, high * unit)[1]:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.walk(rows, middle * unit)[1] else (low, middle)
        return high * unit

    def count_of(self, level: int) -> int:
        """How many instalments of a given amount it takes."""
        low, high = 0, 1
        while self.walk(self.rows(high), level)[1]:
            if high >= INSTALMENTS_MOST:
                raise PlanError(
                    "level",
                    zh="每期金额太小，永远还不完。",
                    en="With so little an instalment the debt is never paid off.",
                )
            low, high = high, min(high * 2, INSTALMENTS_MOST)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.walk(self.rows(middle), level)[1] else (low, middle)
        return high

    def instalments(self, rows: Sequence[_Row], level: int) -> tuple[Instalment, ...]:
        paid, rest = self.walk(rows, level)
        assert not rest, "the plan leaves something unpaid"
        if len(paid) < len(rows) or any(cents <= 0 for cents, _ in paid):
            raise PlanError(
                "count",
                zh="期数太多，有的期次将为零；请减少期数。",
                en="So many instalments would leave some of them empty; take fewer.",
            )
        cents = np.array([c for c, _ in paid], np.int64)
        new = np.array([n for _, n in paid], np.int64)
        parts = covered(self.owed, cents - new)
        principal = parts[:, 0]
        interest = parts[:, 1] + parts[:, 2] + new
        fees = parts[:, 3] + parts[:, 4]
        assert bool((principal + interest + fees == cents).all()), "an instalment's parts do not add up"
        assert int((cents - new).sum()) == self.whole, "the instalments do not add up to what is asked"
        return tuple(
            Instalment(n, row.day, int(c), int(p), int(i), int(f))
            for n, (row, c, p, i, f) in enumerate(zip(rows, cents, principal, interest, fees, strict=True), 1)
        )


def covered(owed: Owed, cents: I64) -> I64:
    """What payments one after another cover of each component: int64 (n, 5) as waterfall.COMPONENTS."""
    upto = np.cumsum(cents)
    debt = np.array([[getattr(owed, name) for name in waterfall.COMPONENTS]], np.int64)
    debt = np.broadcast_to(debt, (len(cents), debt.shape[1]))
    return waterfall.taken(upto, debt) - waterfall.taken(upto - cents, debt)


def _interest(cents: int, rate: Decimal, days: int) -> int:
    """Simple interest of `days` on act/365, cut to whole units in favour of the debtor."""
    if not rate:
        return 0
    return round_minor(_EXACT.divide(Decimal(cents * days) * rate, Decimal(365)), Rounding.DOWN)


# ---- what it means


def assess(
    owed: Owed,
    terms: Terms,
    *,
    free: int,
    limits: Limits,
    recovery: Recovery,
    kind: Kind = "equal",
    discount: int = 0,
) -> Proposal:
    """The plan and all that follows from it. Raises PlanError where there is no schedule at all."""
    made = schedule(owed, terms, asks=owed.total - discount)
    monthly = monthly_burden(made, terms)
    burden = -(-100 * monthly // free) if free else (0 if not monthly else 999)
    total = sum(i.cents for i in made)
    proposal = Proposal(
        kind=kind,
        terms=terms,
        instalments=made,
        total=total,
        discount=discount,
        months=months_between(terms.made_on, made[-1].due_on),
        monthly=monthly,
        burden_percent=min(burden, 999),
        expected=expected(made, made_on=terms.made_on, burden_percent=burden, recovery=recovery),
    )
    return replace(proposal, reasons=tuple(_reasons(proposal, free, owed, limits)))


def monthly_burden(made: Sequence[Instalment], terms: Terms) -> int:
    """The greatest that a month asks of the income; lumps come from elsewhere.

    Instalments some days apart count by their number in an average month, rounded up.
    """
    lumps: dict[date, int] = {}
    for day, cents in terms.lumps:
        lumps[day] = lumps.get(day, 0) + cents
    from_income = [(i.due_on, max(i.cents - lumps.get(i.due_on, 0), 0)) for i in made]
    if terms.every:
        return -(-max(cents for _, cents in from_income) * 365 // (12 * terms.every))
    months: dict[tuple[int, int], int] = {}
    for day, cents in from_income:
        months[day.year, day.month] = months.get((day.year, day.month), 0) + cents
    return max(months.values())


def expected(made: Sequence[Instalment], *, made_on: date, burden_percent: int, recovery: Recovery) -> int:
    """Today's money: each instalment × the chance that the plan stands then, less simple interest for the wait.

    What comes in after a plan broke is left out, alike for every plan.
    """
    stands = Decimal(recovery.stands_percent(burden_percent)) / 100
    yearly = Decimal(recovery.discount_percent_a_year) / 100
    worth = Decimal(0)
    for one in made:
        chance = _EXACT.power(stands, months_between(made_on, one.due_on))
        wait = 1 + _EXACT.divide(yearly * (one.due_on - made_on).days, Decimal(365))
        worth += _EXACT.divide(one.cents * chance, wait)
    return round_minor(worth, Rounding.HALF_EVEN)


def _reasons(plan: Proposal, free: int, owed: Owed, limits: Limits) -> list[Reason]:
    """Why it is not allowed, the law's reasons first."""
    found = list(limits.barred)

    def against(code: str, broken: bool, zh: str, en: str) -> None:
        if broken:
            found.append(Reason(code, {"zh": zh, "en": en}, limits.sources.get(code, {"zh": "", "en": ""})))

    settles = plan.kind == "settlement"
    most = limits.months
    against(
        "months", plan.last_on > add_months(plan.terms.made_on, most),
        f"期限最长 {most} 个月，此方案 {plan.months} 个月", f"at most {most} months, this one runs {plan.months}",
    )  # fmt: skip
    against(
        "share", plan.monthly * 100 > free * limits.share_percent,
        f"每月最多占可支配余额的 {limits.share_percent}%", f"a month may ask at most {limits.share_percent} % of what is left over",
    )  # fmt: skip
    smallest = min(i.cents for i in plan.instalments[:-1]) if len(plan.instalments) > 1 else limits.least
    against("least", smallest < limits.least, "每期金额低于下限", "an instalment lies below the least amount")
    bound = limits.discount if settles else min(limits.relief, owed.charges)
    says = limits.bounds.get(
        "settlement" if settles else "plan", {"zh": "减免超出上限", "en": "more is let go than may be"}
    )
    against("discount", plan.discount > bound, says["zh"], says["en"])
    late = (plan.last_on - plan.terms.made_on).days > limits.days
    against(
        "parts", settles and (len(plan.instalments) > limits.parts or late),
        f"减免结清最多分 {limits.parts} 次、{limits.days} 天内付清",
        f"a settlement is paid in at most {limits.parts} parts within {limits.days} days",
    )  # fmt: skip
    return found


# ---- the best few


def propose(owed: Owed, wish: Wish, *, free: int, limits: Limits, policy: Policy) -> Offering:
    """At most three plans none of which is worse in everything than another, and the rest with why not.

    Weighed by: expected recovery, burden, last day. Of the best, one is dearest, one lightest, one lies between.
    """
    tried = _distinct(_tried(owed, wish, free, limits, policy))
    allowed = [p for p in tried if p.allowed]
    front = [p for p in allowed if not any(_beats(other, p) for other in allowed)]
    best = _spread(front)
    out = [Out(p, _better_than(p, best) if p.allowed else None) for p in tried if p not in best]
    return Offering(tuple(best), tuple(sorted(out, key=lambda o: (not o.proposal.allowed, -o.proposal.expected))))


def _tried(owed: Owed, wish: Wish, free: int, limits: Limits, policy: Policy) -> list[Proposal]:
    offers = policy.offers
    base = Terms(wish.made_on, wish.first_on, days=wish.days, every=wish.every, unit=wish.unit)
    down = ((wish.made_on, wish.down),) if wish.down else ()
    shapes: list[tuple[Kind, Terms, int]] = [("equal", base, share) for share in offers.shares_percent]
    most = offers.most_share_percent
    shapes.append(
        ("stepped", replace(base, step=(offers.step_start_percent, _in_months(offers.step_months, base))), most)
    )
    shapes.append(("pause", replace(base, pause=offers.holiday_months), most))
    if down:
        shapes += [("down", replace(base, lumps=down), share) for share in offers.shares_percent]
    if wish.balloon:
        shapes += [("balloon", replace(base, lumps=(*down, wish.balloon)), share) for share in offers.shares_percent]
    found = []
    for kind, terms, share in shapes:
        cap = cap_each(free, share, terms)
        if made := _shortest(owed, terms, cap, kind, free, limits, policy.recovery):
            found.append(made)
    return found + _settlements(owed, base, down, free, limits, policy)


def _in_months(months: int, terms: Terms) -> int:
    """How many instalments fall into so many months."""
    times, per = terms.a_year
    return -(-months * times // (12 * per))


def cap_each(free: int, share_percent: int, terms: Terms) -> int:
    """What one instalment may ask so that a month asks at most the share of what is left over, in whole units."""
    times, per = terms.a_year
    cap = free * share_percent * 12 * per // (100 * times)
    return cap // terms.unit * terms.unit


def _shortest(
    owed: Owed, terms: Terms, cap: int, kind: Kind, free: int, limits: Limits, recovery: Recovery
) -> Proposal | None:
    """The shortest plan of a shape whose instalments stay within the cap; None where there is no such plan."""
    rest = owed.total - sum(cents for _, cents in terms.lumps)
    if cap <= 0 or rest <= 0:
        return None
    low = terms.step[0] if terms.step[1] else 100
    fewest = -(-rest // cap)
    most = -(-rest * 100 // (cap * low)) + terms.step[1]
    for count in range(max(fewest, 1), min(most, INSTALMENTS_MOST) + 1):
        try:
            made = assess(owed, replace(terms, count=count), free=free, limits=limits, recovery=recovery, kind=kind)
        except PlanError:
            continue
        if made.regular <= cap:
            return made
    return None


def _settlements(
    owed: Owed, base: Terms, down: tuple[tuple[date, int], ...], free: int, limits: Limits, policy: Policy
) -> list[Proposal]:
    """Less than all, soon: what the borrower can pay within the settlement's days, if the discount may be that great."""
    if not limits.discount:
        return []
    found = []
    for parts in range(1, limits.parts + 1):
        own = cap_each(free, policy.offers.most_share_percent, base) * parts + sum(cents for _, cents in down)
        pays = max(owed.total - limits.discount, 0)
        if not pays <= own or pays <= sum(c for _, c in down):
            continue
        terms = replace(base, count=parts, lumps=down)
        try:
            found.append(
                assess(owed, terms, free=free, limits=limits, recovery=policy.recovery, kind="settlement",
                       discount=owed.total - pays)
            )  # fmt: skip
        except PlanError:
            continue
        break
    return found


def _distinct(plans: Sequence[Proposal]) -> list[Proposal]:
    """One of each schedule."""
    seen: dict[tuple[tuple[date, int], ...], Proposal] = {}
    for plan in plans:
        seen.setdefault(tuple((i.due_on, i.cents) for i in plan.instalments), plan)
    return list(seen.values())


def _beats(one: Proposal, other: Proposal) -> bool:
    """Better in something, worse in nothing."""
    mine = (one.expected, -one.burden_percent, -one.last_on.toordinal())
    theirs = (other.expected, -other.burden_percent, -other.last_on.toordinal())
    return mine != theirs and all(a >= b for a, b in zip(mine, theirs, strict=True))


def _spread(front: Sequence[Proposal]) -> list[Proposal]:
    """The dearest, the lightest and the middle one by burden."""
    dearest_first = sorted(front, key=lambda p: (-p.expected, p.burden_percent))
    if len(dearest_first) <= BEST_MOST:
        return dearest_first
    dearest = dearest_first[0]
    lightest = min(dearest_first[1:], key=lambda p: (p.burden_percent, -p.expected))
    between = sorted((p for p in dearest_first if p not in (dearest, lightest)), key=lambda p: p.burden_percent)
    return [dearest, between[len(between) // 2], lightest]


def _better_than(plan: Proposal, best: Sequence[Proposal]) -> int | None:
    return next((place for place, other in enumerate(best) if _beats(other, plan)), None)
