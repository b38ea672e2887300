"""Ceilings on the total cost of a consumer debt: interest, penalty interest and fees together, a year.

    cap_on(name, day, contract_on)          # millionths a year, or NO_CAP

- cn_licensed: 24 %. Courts cut a licensed lender's total above it at the debtor's request (法发〔2017〕22号 item 2;
  confidence B). Here it is charged to nobody in the first place: this is the house's reading.
- cn_private: four times the one-year LPR of the day the contract was made (private lending rules, Arts. 25, 28, 29;
  confidence A). The steps of the LPR are confidence D but for 3.85, 3.10 and 3.00. Contracts made before 2020-08-20
  take 24 % (own knowledge of the rules before; confidence D).
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import numpy as np

from fairdue.money.days import I64
from fairdue.money.interest import NO_CAP

LPR: Final = (
    (date(2019, 8, 20), 42_500), (date(2019, 9, 20), 42_000), (date(2019, 11, 20), 41_500), (date(2020, 2, 20), 40_500),
    (date(2020, 4, 20), 38_500), (date(2021, 12, 20), 38_000), (date(2022, 1, 20), 37_000), (date(2022, 8, 22), 36_500),
    (date(2023, 6, 20), 35_500), (date(2023, 8, 21), 34_500), (date(2024, 7, 22), 33_500), (date(2024, 10, 21), 31_000),
    (date(2025, 5, 20), 30_000),
)  # fmt: skip
"""One-year loan prime rate: first day → millionths a year (National Interbank Funding Center)."""

_FOUR_TIMES_SINCE: Final = date(2020, 8, 20)
_LICENSED: Final = 240_000
CAPS: Final = ("", "cn_licensed", "cn_private")


def cap_of(name: str, contract_on: date) -> int:
    """The ceiling of a contract made on a day, millionths a year. ValueError for a name that is none of CAPS."""
    if name not in CAPS:
        raise ValueError(f"cap {name!r} is unknown; known: {', '.join(CAPS[1:])}")
    if not name:
        return NO_CAP
    if name == "cn_licensed" or contract_on < _FOUR_TIMES_SINCE:
        return _LICENSED
    return 4 * LPR[bisect_right([since for since, _ in LPR], contract_on) - 1][1]


def cap_column(names: Sequence[str], contract_on: Sequence[date]) -> Callable[[int], I64]:
    """Day → ceilings of the accounts, for money.replay."""
    caps = np.array([cap_of(name, made) for name, made in zip(names, contract_on, strict=True)], dtype=np.int64)
    return lambda day: caps
