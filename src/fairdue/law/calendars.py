"""Days off by calendar, as far as the calendars are known.

Mainland China: the State Council's yearly notices, with weekends that are worked (`tables/calendar.yaml`, and
`chinesecalendar` for years not in it). Elsewhere: national public holidays (`holidays`); where one falls on a weekend,
the day it is kept on as well. A day beyond the known years is `UNKNOWN` on columns; whoever counts working days gets
CalendarUnknownError.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Final, TypeAlias

import chinese_calendar
import holidays
import numpy as np
from numpy.typing import NDArray

from fairdue.law.calc.figures import table
from fairdue.law.clock import Minutes, day_number

WORKDAY: Final = 0
REST_DAY: Final = 1
"""A Saturday or Sunday that is not worked."""
HOLIDAY: Final = 2
UNKNOWN: Final = 3

_FIRST: Final = 2001
_LOOKED_UP: Final = 2035
"""Holidays fixed by statute were looked up to the end of this year; a later one has to be confirmed first."""
CALENDARS: Final = ("cn", "us", "gb", "au", "in", "sg", "br")
Corrections: TypeAlias = Mapping[str, Mapping[date, bool]]
"""The firm's word over the calendars: calendar → day → whether it is worked."""
NO_CORRECTIONS: Final[Corrections] = MappingProxyType({})


class CalendarUnknownError(ValueError):
    """A day beyond the years for which a calendar is known."""


@cache
def _table(calendar: str) -> tuple[int, NDArray[np.uint8]]:
    """(first day number, kind of each day from there on)."""
    off, worked = _mainland() if calendar == "cn" else (_national(calendar), frozenset[date]())
    years = {day.year for day in off}
    first, last = date(min(years), 1, 1), date(max(years), 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    kinds = [
        HOLIDAY if day in off else REST_DAY if day.weekday() > 4 and day not in worked else WORKDAY for day in days
    ]
    return day_number(first), np.array(kinds, np.uint8)


def _mainland() -> tuple[frozenset[date], frozenset[date]]:
    """Days off and days worked in exchange: of the package, and of the notices in our own table, which go first."""
    off, worked = set(chinese_calendar.holidays), set(chinese_calendar.workdays)
    for name, notice in table("calendar").items():
        year = int(name.removeprefix("days."))
        off = {day for day in off if day.year != year}
        worked = {day for day in worked if day.year != year} | set(notice.values["working"])
        for first, last in notice.values["rest"]:
            off |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return frozenset(off), frozenset(worked)


def _national(calendar: str) -> frozenset[date]:
    return frozenset(holidays.country_holidays(calendar.upper(), years=range(_FIRST, _LOOKED_UP + 1)))


def kinds_of(calendar: str, days: Minutes, corrections: Corrections = NO_CORRECTIONS) -> NDArray[np.uint8]:
    """WORKDAY, REST_DAY, HOLIDAY or UNKNOWN of local day numbers, the firm's corrections laid over the calendar."""
    first, table = _table(calendar)
    place = days - first
    known = (place >= 0) & (place < len(table))
    found = np.where(known, table[np.clip(place, 0, len(table) - 1)], np.uint8(UNKNOWN))
    for day, works in corrections.get(calendar, {}).items():
        found = np.where(days == day_number(day), np.uint8(WORKDAY if works else HOLIDAY), found)
    return found


def kind_of(calendar: str, day: date, corrections: Corrections = NO_CORRECTIONS) -> int:
    """WORKDAY, REST_DAY or HOLIDAY of one day; raises CalendarUnknownError."""
    works = corrections.get(calendar, {}).get(day)
    if works is not None:
        return WORKDAY if works else HOLIDAY
    first, table = _table(calendar)
    place = day_number(day) - first
    if not 0 <= place < len(table):
        last = date(1970, 1, 1) + timedelta(days=first + len(table) - 1)
        raise CalendarUnknownError(
            f"the calendar {calendar} is known until {last}; {day} lies outside: add that year first"
        )
    return int(table[place])


def known_until(calendar: str) -> int:
    """The last year of which the days are known."""
    first, table = _table(calendar)
    return (date(1970, 1, 1) + timedelta(days=first + len(table) - 1)).year


def add_working_days(calendar: str, day: date, number: int) -> date:
    """The `number`-th working day after `day`; raises CalendarUnknownError."""
    left = number
    while left:
        day += timedelta(days=1)
        left -= kind_of(calendar, day) == WORKDAY
    return day
