"""Ceilings on the total cost of a consumer debt: interest, penalty interest and fees together, a year.

    cap_of("cn_private", date(2025, 7, 1))          # 120_000 millionths: 12 %

- cn_licensed: what a court leaves of a licensed lender's total charges when the debtor asks for it (law/tables:
  licensed-lender.charges). Here nobody has to ask: above it nothing is charged in the first place. House reading.
- cn_private: four times the one-year LPR of the day the contract was made (law/tables: private-lending.cap).
"""

from datetime import date
from decimal import Decimal
from typing import Final

from fairdue.law.calc.figures import figure
from fairdue.law.calc.interest import private_cap
from fairdue.money.interest import NO_CAP, RATE_ONE

CAPS: Final = ("cn_licensed", "cn_private")


def cap_of(name: str, contract_on: date) -> int:
    """The ceiling of a contract made on a day, millionths a year; NO_CAP for "". ValueError for a name not in CAPS.

    Raises law.calc.figures.BeyondTable where the LPR of the day is not known: the ceiling is then given by hand.
    """
    if not name:
        return NO_CAP
    if name not in CAPS:
        raise ValueError(f"cap {name!r} is unknown; known: {', '.join(CAPS)}")
    if name == "cn_licensed":
        percent = Decimal(figure("interest", "licensed-lender.charges").values["most"])
    else:
        percent = private_cap(contract_on)
    return int(percent * RATE_ONE / 100)
