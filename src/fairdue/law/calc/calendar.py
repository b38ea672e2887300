"""Days of mainland China: working or off, the day after a rest, and months by the Civil Code.

How to call:

    is_working(date(2026, 2, 28))            # True: a Saturday worked in exchange; None = the year is not known
    after_rest(date(2026, 10, 1))            # 2026-10-08; None = not known
    months_later(date(2025, 8, 31), 6)       # 2026-02-28: no such day, so the end of the month

Art. 201 to 203 of the Civil Code: the day of the start is not counted; a period of months ends on the corresponding
day, else on the last of the month; an end on a statutory rest day moves to the day after the rest.
"""

import calendar
from datetime import date, timedelta
from functools import cache

import chinese_calendar

from fairdue.law.calc.figures import table

ONE_DAY = timedelta(days=1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@cache
def _adjusted(year: int) -> tuple[frozenset[date], frozenset[date]] | None:
    """Days off and days worked in exchange of a year in our own table; None when it is not there."""
    entry = table("calendar").get(f"days.{year}")
    if entry is None:
        return None
    spans = entry.values["rest"]
    off = frozenset(first + ONE_DAY * n for first, last in spans for n in range((last - first).days + 1))
    return off, frozenset(entry.values["working"])


def is_working(day: date) -> bool | None:
    """Whether offices and courts work on that day; None when the year's arrangement is not known."""
    adjusted = _adjusted(day.year)
    if adjusted is not None:
        off, worked = adjusted
        return day in worked or (day not in off and day.weekday() < 5)
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def after_rest(day: date) -> date | None:
    """The day itself when it is a working day, else the first working day after; None when that is not known."""
    working = is_working(day)
    while working is False:
        day += ONE_DAY
        working = is_working(day)
    return day if working else None


def weekday(day: date) -> str:
    """The English name of the day of the week."""
    return WEEKDAYS[day.weekday()]


def months_later(day: date, months: int) -> date:
    """The corresponding day so many calendar months later, else the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
