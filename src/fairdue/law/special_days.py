"""The days of a year that are not what their weekday says, with their names and where they are known from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from typing import Final

import chinese_calendar
import holidays

from fairdue.law import calendars
from fairdue.law.calc.figures import table
from fairdue.law.calendars import HOLIDAY, REST_DAY, WORKDAY

_ESTIMATE: Final = " (estimated)"
_CHINESE: Final = {day.value: day.chinese for day in chinese_calendar.Holiday}


@dataclass(frozen=True)
class SpecialDay:
    """A day off, or a weekend that is worked. names by language ("" = not known); sure = it is fixed, no estimate."""

    day: date
    works: bool
    names: Mapping[str, str]
    sure: bool = True


@cache
def special_days(calendar: str, year: int) -> tuple[SpecialDay, ...]:
    """Those of a year, in order; nothing beyond the known years."""
    if year > calendars.known_until(calendar):
        return ()
    named = _named(calendar, year)
    found = []
    for n in range(366):
        day = date(year, 1, 1) + timedelta(days=n)
        kind = calendars.kind_of(calendar, day) if day.year == year else REST_DAY
        if kind == HOLIDAY or (kind == WORKDAY and day.weekday() > 4):
            name = named.get(day, "")
            plain = name.replace(_ESTIMATE, "")
            found.append(
                SpecialDay(day, kind == WORKDAY, {"zh": _CHINESE.get(plain, plain), "en": plain}, plain == name)
            )
    return tuple(found)


def _named(calendar: str, year: int) -> Mapping[date, str]:
    if calendar == "cn":
        return {**chinese_calendar.holidays, **chinese_calendar.workdays}
    return dict(holidays.country_holidays(calendar.upper(), years=year, language="en_US"))


@cache
def source(calendar: str, year: int) -> Mapping[str, str]:
    """Where the days of a year are known from, by language: the yearly notice in our own table, else the package."""
    notice = table("calendar").get(f"days.{year}") if calendar == "cn" else None
    if notice is not None:
        return notice.cites
    package = "chinesecalendar" if calendar == "cn" else "holidays"
    return dict.fromkeys(("zh", "en"), f"{package} {version(package)}")
