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

from fairdue.law import calendars
from fairdue.law.clock import DAY, LONG_AGO, NEVER, Local, Minutes, day_number
from fairdue.law.codes import Part, Purpose, Relation
from fairdue.law.facts import COLUMNS, COUNTS, NO_DAY, UNKNOWN, Codes, Facts, Mask, bits_of, code_of

NO: Final = 0
MAYBE: Final = 1
YES: Final = 2
State: TypeAlias = NDArray[np.uint8]
Answer: TypeAlias = tuple[Mask | State, Minutes | int]

EVERY_DAY: Final = 127
WORKING_DAYS: Final = 31
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


_WEEK: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _weekdays(value: object) -> int:
    """Bits, Monday = 1."""
    if not isinstance(value, list) or not value or not all(name in _WEEK for name in value):
        raise ValueError(f"write a list of days out of {', '.join(_WEEK)}")
    return sum(1 << _WEEK.index(name) for name in value)


def _one_of(*known: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise ValueError(f"write one of {', '.join(known)}")
        return str(value)

    return read


def _day_name(value: object) -> str:
    days = [name for name, column in COLUMNS.items() if column.kind == "day"]
    if value not in days:
        raise ValueError(f"write the name of a day: one of {', '.join(days)}")
    return str(value)


def _parts(value: object) -> int:
    known = ", ".join(part.name.lower() for part in Part)
    if not isinstance(value, list) or not value:
        raise ValueError(f"write a list of parts out of {known}")
    try:
        return bits_of(Part, map(str, value))
    except KeyError as error:
        raise ValueError(f"{error} is no part; write some of {known}") from None


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
Weekdays = Annotated[int, _weekdays]
Period = Annotated[str, _one_of("week", "month")]
Calendar = Annotated[str, _one_of(*calendars.CALENDARS)]
DaysOff = Annotated[str, _one_of("holidays", "rest_days")]
DayName = Annotated[str, _day_name]
Parts = Annotated[int, _parts]
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


def _between(minute: Minutes, start: int | Minutes, end: int | Minutes) -> Mask:
    """Minutes of the day from `start` to before `end`, past midnight where the end lies first."""
    inside: Mask = np.where(start > end, (minute >= start) | (minute < end), (minute >= start) & (minute < end))
    return inside


def _named(day: Minutes, days: int | Minutes) -> Mask:
    """Whether local days are among the weekdays; day 0 was a Thursday."""
    named: Mask = (days >> ((day + 3) % 7)) & 1 == 1
    return named


# ---- the kinds


@kind(returns=True)
def quiet_hours(f: Facts, start: TimeOfDay, end: TimeOfDay, days: Weekdays = EVERY_DAY) -> Answer:
    """No contact from `start` to before `end`, local time, in any zone the person may be in.

    With `days` only on these local days, from midnight to midnight.
    """

    def one(clock: Local) -> tuple[Mask, Minutes]:
        minute = clock.minute
        quiet = _between(minute, start, end)
        ahead = np.where(quiet, end - minute, start - minute) % DAY
        if days != EVERY_DAY:
            quiet &= _named(clock.day, days)
            ahead = np.minimum(ahead, DAY - minute)
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


def _none_in_period(f: Facts, times: int, calendar: str, of: str) -> bool:
    return bool((f.last(of, times) < f.instant - 33 * DAY).all())


@kind(idle=_none_in_period)
def at_most_in(f: Facts, times: Whole, calendar: Period, of: CountName) -> Answer:
    """`times` in one calendar week (from Monday) or month."""
    last = np.maximum(f.last(of, times), f.instant - OLDEST_DAYS * DAY)

    def one(clock: Local) -> tuple[Mask, Minutes]:
        first, following = _period(clock.day, calendar)
        full = clock.day_of(last) >= first
        return full, np.where(full, clock.reaches(following * DAY), NEVER)

    return _in_all_zones(f, [one(clock) for clock in f.clocks])


def _period(day: Minutes, calendar: str) -> tuple[Minutes, Minutes]:
    """The first day of the week or month of each day, and of the next one."""
    if calendar == "week":
        first = day - (day + 3) % 7
        return first, first + 7
    month = day.astype("M8[D]").astype("M8[M]")
    first, following = ((month + step).astype("M8[D]").astype(np.int64) for step in (0, 1))
    return first, following


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


def _purposes(f: Facts) -> Codes:
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
        named = _named(day, days) & (day >= first) & (day <= last)
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


@kind(returns=True)
def days_off(f: Facts, calendar: Calendar, of: DaysOff) -> Answer:
    """Not on public holidays, or (rest_days) on weekends either, unless worked by the calendar.

    A day beyond the known years of the calendar bars as far as an unknown fact does.
    """
    least = calendars.HOLIDAY if of == "holidays" else calendars.REST_DAY
    state, change = np.zeros(len(f), np.uint8), np.full(len(f), NEVER)
    for clock in f.clocks:
        kinds = calendars.kinds_of(calendar, clock.day, f.corrections)
        here = np.where(kinds == calendars.UNKNOWN, MAYBE, np.where(kinds >= least, YES, NO)).astype(np.uint8)
        state = np.maximum(state, here)
        change = np.minimum(change, clock.reaches((clock.day + 1) * DAY))
    return np.where(f.zones[:, 0] >= 0, state, np.uint8(NO)), change


@kind(returns=True)
def working_hours(f: Facts, start: TimeOfDay, end: TimeOfDay, days: Weekdays = WORKING_DAYS) -> Answer:
    """Only within the person's own working hours; where they are not known, from `start` to before `end` on `days`."""
    opens, closes = (np.broadcast_to(np.asarray(f.column(name), np.int64), len(f)) for name in _WORKING)
    known = (opens >= 0) & (closes >= 0)
    opens, closes = np.where(known, opens, start), np.where(known, closes, end)

    def one(clock: Local) -> tuple[Mask, Minutes]:
        minute = clock.minute
        at_work = _between(minute, opens, closes) & (known | _named(clock.day, days))
        ahead = np.where(at_work, closes - minute, opens - minute) % DAY
        return ~at_work, clock.reaches(clock.local + np.where(ahead == 0, DAY, ahead))

    return _in_all_zones(f, [one(clock) for clock in f.clocks])


_WORKING: Final = ("works_from", "works_until")


@kind(idle=lambda f, hours: bool((np.asarray(f.column("nights_until")) < 0).all()), returns=True)
def rest_after_night_work(f: Facts, hours: Whole) -> Answer:
    """Not for `hours` after the person's night work ends."""
    start = np.broadcast_to(np.asarray(f.column("nights_until"), np.int64), len(f))
    works = start >= 0
    end = (start + hours * 60) % DAY

    def one(clock: Local) -> tuple[Mask, Minutes]:
        rests = works & _between(clock.minute, start, end)
        ahead = np.where(rests, end - clock.minute, start - clock.minute) % DAY
        return rests, np.where(works, clock.reaches(clock.local + np.where(ahead == 0, DAY, ahead)), NEVER)

    return _in_all_zones(f, [one(clock) for clock in f.clocks])


def _days(f: Facts, name: str) -> Minutes:
    return np.broadcast_to(np.asarray(f.column(name), np.int64), len(f))


@kind()
def wait_days(f: Facts, days: Whole, after: DayName) -> Answer:
    """Not before `days` days have passed since a day; never while that day has not come."""
    day = _days(f, after)

    def one(clock: Local) -> tuple[Mask, Minutes]:
        early = (day == NO_DAY) | (clock.day - day < days)
        waits = early & (day > NO_DAY)
        return early, np.where(waits, clock.reaches(np.where(waits, day + days, clock.day + 1) * DAY), NEVER)

    early, change = _in_all_zones(f, [one(clock) for clock in f.clocks])
    return np.where(day == UNKNOWN, MAYBE, np.where(early, YES, NO)).astype(np.uint8), change


@kind(idle=lambda f, days, since: bool((_days(f, since) == NO_DAY).all()))
def pause_days(f: Facts, days: Whole, since: DayName) -> Answer:
    """Not for `days` days from a day on, which is the first of them."""
    day = _days(f, since)

    def one(clock: Local) -> tuple[Mask, Minutes]:
        paused = (day > NO_DAY) & (clock.day >= day) & (clock.day - day < days)
        return paused, np.where(paused, clock.reaches(np.where(paused, day + days, clock.day + 1) * DAY), NEVER)

    paused, change = _in_all_zones(f, [one(clock) for clock in f.clocks])
    return np.where(day == UNKNOWN, MAYBE, np.where(paused, YES, NO)).astype(np.uint8), change


@kind(returns=True)
def within_years(f: Facts, years: Whole, of: DayName) -> Answer:
    """No longer than so many years after a day, its anniversary included."""
    day = _days(f, of)
    end = years_later(day, years)

    def one(clock: Local) -> tuple[Mask, Minutes]:
        over = (day > NO_DAY) & (clock.day > end)
        ends = (day > NO_DAY) & ~over
        return over, np.where(ends, clock.reaches(np.where(ends, end + 1, clock.day + 1) * DAY), NEVER)

    over, change = _in_all_zones(f, [one(clock) for clock in f.clocks])
    return np.where(day == UNKNOWN, MAYBE, np.where(over, YES, NO)).astype(np.uint8), change


def years_later(day: Minutes, years: int) -> Minutes:
    """The same date so many years later; 28 February for a 29 February that year does not have."""
    date = day.astype("M8[D]")
    month = date.astype("M8[M]")
    target = (month + 12 * years).astype("M8[D]")
    last = (month + 12 * years + 1).astype("M8[D]") - 1
    later: Minutes = np.minimum(target + (date - month.astype("M8[D]")), last).astype(np.int64)
    return later


@kind(idle=lambda f, parts: bool((np.asarray(f.column("parts")) & parts == parts).all()))
def must_hold(f: Facts, parts: Parts) -> Answer:
    """The letter or document holds every one of these parts."""
    held = np.broadcast_to(np.asarray(f.column("parts"), np.int64), len(f))
    return held & parts != parts, NEVER


@kind()
def staffed_by(f: Facts, at_least: Whole) -> Answer:
    """At least so many collectors come along."""
    come = np.broadcast_to(np.asarray(f.column("collectors")), len(f))
    return np.where(come == UNKNOWN, MAYBE, np.where(come < at_least, YES, NO)).astype(np.uint8), NEVER


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
