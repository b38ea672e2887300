"""The kinds of rule: one small function each, on columns of any length.

A kind is called as `kind(facts, **terms)` and answers two columns: where it bars, and the next minute at which that
answer may change (NEVER, alone or as a column, when time alone changes nothing). Where it bars, the minute is never
later than the first one that is free, so that judging again at it misses nothing; the gate does so until nothing moves.

A kind bars with True, or with a state of `NO`, `MAYBE`, `YES` where a fact may be unknown. Its name is the key in the
YAML; its terms are the parameters after `facts`, read and checked by their annotations.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, TypeAlias, get_type_hints

import numpy as np
from numpy.typing import NDArray

from fairdue.law.clock import DAY, LONG_AGO, NEVER, Local, Minutes, day_number
from fairdue.law.codes import Purpose, Relation
from fairdue.law.facts import COLUMNS, COUNTS, UNKNOWN, Facts, Mask, code_of

NO: Final = 0
MAYBE: Final = 1
YES: Final = 2
State: TypeAlias = NDArray[np.uint8]
Answer: TypeAlias = tuple[Mask | State, Minutes | int]

OLDEST_DAYS: Final = 366
"""No rule looks further back; older times are drawn up to it so that one look at the clock serves the column."""


# ---- terms: how a value of the YAML is read; each raises ValueError saying what is wanted


def _minute_of_day(value: object) -> int:
    if not isinstance(value, str) or len(value) != 5 or value[2] != ":" or not (value[:2] + value[3:]).isdigit():
        raise ValueError('write a time of day in quotes, such as "22:00"')
    hour, minute = int(value[:2]), int(value[3:])
    if hour > 24 or minute > 59 or hour * 60 + minute > DAY:
        raise ValueError("a time of day lies between 00:00 and 24:00")
    return hour * 60 + minute


def _positive(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("write a whole number of at least 1")
    return value


def _count_name(value: object) -> str:
    if value not in COUNTS:
        raise ValueError(f"write one of {', '.join(COUNTS)}")
    return str(value)


def _day(value: object) -> int:
    if not isinstance(value, date):
        raise ValueError("write a date such as 2021-11-30")
    return day_number(value)


def _outside_purposes(value: object) -> State:
    """State by purpose code + 1: outside the listed purposes."""
    if not isinstance(value, list) or not value:
        raise ValueError(f"write a list of purposes out of {', '.join(p.name.lower() for p in Purpose)}")
    table = np.full(max(Purpose) + 2, YES, np.uint8)
    for name in value:
        try:
            table[code_of(Purpose, str(name)) + 1] = NO
        except KeyError:
            known = ", ".join(p.name.lower() for p in Purpose)
            raise ValueError(f"{name} is no purpose; write some of {known}") from None
    table[UNKNOWN + 1] = MAYBE
    return table


def _duties(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(duty, str) for duty in value) or not value:
        raise ValueError("write a list of what must be said, such as [institution, purpose]")
    return tuple(value)


def _fact_names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("write a list of facts")
    for name in value:
        if name != "zone" and name not in COLUMNS:
            raise ValueError(f"{name} is no fact; write zone or a column of facts.COLUMNS")
    return tuple(value)


TimeOfDay = Annotated[int, _minute_of_day]
Whole = Annotated[int, _positive]
CountName = Annotated[str, _count_name]
DayNumber = Annotated[int, _day]
OutsidePurposes = Annotated[NDArray[np.uint8], _outside_purposes]
Duties = Annotated[tuple[str, ...], _duties]
FactNames = Annotated[tuple[str, ...], _fact_names]


@dataclass(frozen=True)
class Kind:
    """A kind with the readers of its terms; `speaks` = it demands words and bars nothing.

    idle: given the facts and terms, whether it bars no row now and at no later minute, so that it need not be asked.
    count: the term that names a count of past contacts, if there is one. returns: a row it leaves free now it may bar
    later; of any other kind the second column is only read where it bars. blunt: it bars every row, always.
    """

    name: str
    judge: Callable[..., Answer]
    readers: Mapping[str, Callable[[object], Any]]
    needed: frozenset[str]
    speaks: bool
    count: str | None
    idle: Callable[..., bool] | None
    returns: bool
    blunt: bool

    def asks_unknown(self, facts: Facts, terms: Mapping[str, Any]) -> bool:
        """Whether the count it asks for was not given."""
        return self.count is not None and terms[self.count] not in facts.past

    def is_idle(self, facts: Facts, terms: Mapping[str, Any]) -> bool:
        """Whether it can bar none of these rows, now or later."""
        return self.idle is not None and not self.asks_unknown(facts, terms) and self.idle(facts, **terms)


KINDS: Final[dict[str, Kind]] = {}


def kind(
    idle: Callable[..., bool] | None = None, *, returns: bool = False, blunt: bool = False
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Register a kind under its function's name."""

    def register(judge: Callable[..., Answer]) -> Callable[..., Answer]:
        hints = get_type_hints(judge, include_extras=True)
        terms = list(inspect.signature(judge).parameters.values())[1:]
        readers = {term.name: hints[term.name].__metadata__[0] for term in terms}
        needed = frozenset(term.name for term in terms if term.default is inspect.Parameter.empty)
        counts = [name for name, reader in readers.items() if reader is _count_name]
        name = judge.__name__
        KINDS[name] = Kind(
            name,
            judge,
            readers,
            needed,
            speaks=name == "must_say",
            count=counts[0] if counts else None,
            idle=idle,
            returns=returns,
            blunt=blunt,
        )
        return judge

    return register


def _in_all_zones(f: Facts, clocks: list[tuple[Mask, Minutes]]) -> Answer:
    """Lawful only if lawful in every zone: barred until the last zone lets go, free until the first one bars.

    Where no zone is known nothing is said about the hour: must_know holds such a row.
    """
    barred, change = clocks[0]
    for also_barred, also_change in clocks[1:]:
        later = np.maximum(np.where(barred, change, LONG_AGO), np.where(also_barred, also_change, LONG_AGO))
        either = barred | also_barred
        change = np.where(either, later, np.minimum(change, also_change))
        barred = either
    return (barred & (f.zones[:, 0] >= 0) if f.zone_missing else barred), change


# ---- the kinds


@kind(returns=True)
def quiet_hours(f: Facts, start: TimeOfDay, end: TimeOfDay) -> Answer:
    """No contact from `start` to before `end`, local time, in any zone the person may be in."""

    def one(clock: Local) -> tuple[Mask, Minutes]:
        minute = clock.minute
        quiet = ((minute >= start) | (minute < end)) if start > end else ((minute >= start) & (minute < end))
        ahead = np.where(quiet, end - minute, start - minute) % DAY
        return quiet, clock.reaches(clock.local + ahead)

    return _in_all_zones(f, [one(clock) for clock in f.clocks])


def _all_old(f: Facts, times: int, days: int, of: str, **_: Any) -> bool:
    """Nobody has so many contacts in the window; two days more for clocks that differ."""
    return bool((f.last(of, times) < f.instant - (days + 2) * DAY).all())


@kind(idle=_all_old)
def at_most(f: Facts, times: Whole, days: Whole, of: CountName, since: DayNumber = -OLDEST_DAYS * 1000) -> Answer:
    """`times` in any `days` consecutive days: the `times`-th last contact lies at least `days` days back.

    Calendar days, not 24-hour periods: comment 14(b)(2)(i)-1 to 12 CFR 1006.14 counts Wednesday to Tuesday as seven.
    Contacts before the local day `since` are not counted.
    """
    last = np.maximum(f.last(of, times), f.instant - OLDEST_DAYS * DAY)

    def one(clock: Local) -> tuple[Mask, Minutes]:
        day = clock.day_of(last)
        full = (clock.day - day < days) & (day >= since)
        return full, np.where(full, clock.reaches((day + days) * DAY), NEVER)

    return _in_all_zones(f, [one(clock) for clock in f.clocks])


def _gap_over(f: Facts, minutes: int, after: str) -> bool:
    return bool((f.last(after, 1) + minutes <= f.instant).all())


@kind(idle=_gap_over)
def minimum_gap(f: Facts, minutes: Whole, after: CountName) -> Answer:
    """At least `minutes` after the last contact of that sort."""
    free = f.last(after, 1) + minutes
    early = f.instant < free
    return early, np.where(early, free, NEVER)


@kind(idle=lambda f, purposes: not purposes[_purposes(f) + 1].any())
def only_for(f: Facts, purposes: OutsidePurposes) -> Answer:
    """Lawful for these purposes alone; waiting does not help."""
    return purposes[_purposes(f) + 1], NEVER


def _purposes(f: Facts) -> NDArray[np.int16]:
    given = f.columns.get("purpose")
    return np.full(len(f), UNKNOWN, np.int16) if given is None else given


@kind(idle=lambda f: f.wishes is not None and not len(f.wishes.row), returns=True)
def unwelcome_times(f: Facts) -> Answer:
    """Not at times the person named as unwelcome, in any zone the person may be in."""
    wishes = f.wishes
    if wishes is None:
        return np.full(len(f), MAYBE, np.uint8), NEVER
    barred, release, next_bar = np.zeros(len(f), np.bool_), np.full(len(f), LONG_AGO), np.full(len(f), NEVER)
    for clock in f.clocks:
        now, change = _wishes(clock.take(wishes.row), *wishes.lines)
        barred[wishes.row[now]] = True
        np.maximum.at(release, wishes.row[now], change[now])
        np.minimum.at(next_bar, wishes.row[~now], change[~now])
    return _in_all_zones(f, [(barred, np.where(barred, release, next_bar))])


def _wishes(
    clock: Local, days: Minutes, start: Minutes, end: Minutes, first: Minutes, last: Minutes
) -> tuple[Mask, Minutes]:
    """Unwelcome times of the week, line by line. A window past midnight belongs to the day on which it begins."""
    length = end - start + DAY * (end <= start)
    barred = np.zeros(len(days), np.bool_)
    change = np.full(len(days), NEVER)
    for back in (1, 0):
        day = clock.day - back
        named = ((days >> ((day + 3) % 7)) & 1 == 1) & (day >= first) & (day <= last)  # day 0 was a Thursday
        begin = day * DAY + start
        inside = named & (clock.local >= begin) & (clock.local < begin + length)
        change = np.where(inside, begin + length, change)
        barred |= inside
    always = barred & (days == 127) & (length == DAY)
    change = np.where(always, np.where(last >= NEVER // DAY, NEVER, (last + 1) * DAY), change)
    today = clock.day * DAY + start
    upcoming = np.where(clock.local < today, today, (clock.day + 1) * DAY)
    change = np.where(barred, change, np.where(days > 0, upcoming, NEVER))
    return barred, np.where(change >= NEVER, NEVER, clock.reaches(np.minimum(change, NEVER)))


@kind(blunt=True)
def stop(f: Facts) -> Answer:
    """Not at all while the rule applies."""
    return np.ones(len(f), np.bool_), NEVER


@kind(blunt=True)
def must_say(f: Facts, what: Duties) -> Answer:
    """Lawful, and these things must be said."""
    return np.ones(len(f), np.bool_), NEVER


def _missing(f: Facts, facts: tuple[str, ...]) -> Mask:
    missing = f.zones[:, 0] < 0 if "zone" in facts else np.zeros(len(f), np.bool_)
    for name in facts:
        if name != "zone":
            column = np.asarray(f.column(name))
            missing = missing | (column == UNKNOWN)
            if name == "relation":
                missing = missing | (column == Relation.UNKNOWN)
    return missing


@kind(idle=lambda f, facts: not _missing(f, facts).any())
def must_know(f: Facts, facts: FactNames) -> Answer:
    """None of these facts may be unknown."""
    return _missing(f, facts), NEVER
