"""Until when money for a day may come: days on which banks are closed, and money under way, counted by a calendar.

    counted, last = terms("cn", due_on, grace=2, corrections=firm)      # int32 day numbers, any length

A day on which banks are closed counts on the next bank day; money may then be under way for `grace` bank days more.
Where a calendar's year is not known yet only Saturdays and Sundays count as closed.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fairdue.law import calendars
from fairdue.law.calendars import CALENDARS, NO_CORRECTIONS, Corrections

Days = NDArray[np.int32]

_REACH = 40  # longer than any row of days off, with a few bank days after it


def terms(
    calendar: str, due_on: ArrayLike, *, grace: int, corrections: Corrections = NO_CORRECTIONS
) -> tuple[Days, Days]:
    """(the bank day a due day counts on, the last day on which money still counts), days since 1970-01-01.

    calendar: one of calendars.CALENDARS; any other knows weekends alone.
    """
    days = np.asarray(due_on, np.int32)
    if not days.size:
        return days, days
    first, until = int(days.min()), int(days.max()) + _REACH + grace * 8
    line = np.arange(first, until + 1, dtype=np.int64)
    bank_days = line[_works(calendar, line, corrections)]
    place = np.searchsorted(bank_days, days)
    return bank_days[place].astype(np.int32), bank_days[place + grace].astype(np.int32)


def _works(calendar: str, line: NDArray[np.int64], corrections: Corrections) -> NDArray[np.bool_]:
    weekday = (line + 3) % 7 < 5  # 1970-01-01 was a Thursday
    if calendar not in CALENDARS:
        return weekday
    kinds = calendars.kinds_of(calendar, line, corrections)
    return np.where(kinds == calendars.UNKNOWN, weekday, kinds == calendars.WORKDAY)
