"""Holidays and worked weekends of a year, where they come from, and the firm's corrections laid over them.

`chinesecalendar` holds mainland China's yearly notices of the State Council, with weekends that are worked; `holidays`
holds national public holidays elsewhere, worked out for any year (days of moving calendars are estimates). A
correction says of one day whether it is worked; it stands over both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Final, TypeAlias

import chinese_calendar
import holidays
import numpy as np
from numpy.typing import NDArray

from fairdue.law.clock import Minutes, day_number

CALENDARS: Final = ("cn", "us", "gb", "au", "in", "sg", "br")
LOOKED_UP: Final = 2035
"""Holidays fixed by statute were looked up to the end of this year; a later one has to be confirmed first."""
Overrides: TypeAlias = Mapping[str, Mapping[date, bool]]
"""Calendar → day → whether it is worked."""

_ESTIMATE: Final = " (estimated)"
_CHINESE: Final = {day.value: day.chinese for day in chinese_calendar.Holiday}


@dataclass(frozen=True)
class SpecialDay:
    """A day that is not what its weekday says. names by language; sure = it is fixed, no estimate."""

    day: date
    works: bool
    names: Mapping[str, str]
    sure: bool = True


@cache
def special_days(calendar: str, year: int) -> tuple[SpecialDay, ...]:
    """The holidays and worked weekends of a year, in order; nothing beyond the known years."""
    if year > known_until(calendar):
        return ()
    if calendar == "cn":
        found = [_mainland(day, name, works=False) for day, name in chinese_calendar.holidays.items()]
        found += [_mainland(day, name, works=True) for day, name in chinese_calendar.workdays.items()]
        return tuple(sorted((one for one in found if one.day.year == year), key=lambda one: one.day))
    named = holidays.country_holidays(calendar.upper(), years=year, language="en_US")
    return tuple(
        SpecialDay(day, False, {"zh": (told := name.replace(_ESTIMATE, "")), "en": told}, _ESTIMATE not in name)
        for day, name in sorted(named.items())
    )


def _mainland(day: date, name: str, *, works: bool) -> SpecialDay:
    return SpecialDay(day, works, {"zh": _CHINESE.get(name, name), "en": name})


@cache
def known_until(calendar: str) -> int:
    """The last year of which the days are known."""
    return max(day.year for day in chinese_calendar.holidays) if calendar == "cn" else LOOKED_UP


@cache
def source(calendar: str) -> str:
    """Package and version from which the days come."""
    package = "chinesecalendar" if calendar == "cn" else "holidays"
    return f"{package} {version(package)}"


def corrected(
    kinds: NDArray[np.uint8], days: Minutes, overrides: Mapping[date, bool], *, worked: int, off: int
) -> NDArray[np.uint8]:
    """A column of kinds of day with the corrections of its calendar laid over it; `days`: (n,) day numbers, aligned.

    worked, off: the kinds that a corrected day takes. The column given is left as it is.
    """
    if not overrides:
        return kinds
    known = np.array(sorted(day_number(day) for day in overrides), np.int64)
    works = np.array([overrides[day] for day in sorted(overrides)], np.bool_)
    place = np.minimum(np.searchsorted(known, days), len(known) - 1)
    return np.where(known[place] == days, np.where(works[place], worked, off), kinds).astype(np.uint8)
