"""Days as whole numbers since 1970-01-01, and the one number that means "no such day".

from fairdue.money.days import NO_DAY, day_of, date_of, day_text, day_said
"""

import datetime as dt
from typing import Literal

import numpy as np
import numpy.typing as npt

I8 = npt.NDArray[np.int8]
I16 = npt.NDArray[np.int16]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

NO_DAY = -(2**31)  # the least int32; planning uses the same number
_EPOCH = dt.date(1970, 1, 1).toordinal()
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day_of(date: dt.date) -> int:
    """Days since 1970-01-01."""
    return date.toordinal() - _EPOCH


def date_of(day: int) -> dt.date | None:
    """The date of a day number; None for NO_DAY."""
    return None if day == NO_DAY else dt.date.fromordinal(int(day) + _EPOCH)


def day_text(day: int) -> str | None:
    """ISO text of a day number; None for NO_DAY."""
    date = date_of(day)
    return None if date is None else date.isoformat()


def day_said(date: dt.date, lang: Literal["zh", "en"]) -> str:
    """A date as a letter writes it: 26 November 2026; 2026-11-26 in Chinese."""
    return date.isoformat() if lang == "zh" else f"{date.day} {_MONTHS[date.month - 1]} {date.year}"
