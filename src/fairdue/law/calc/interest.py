"""Caps on interest and cost, the real principal, and delay interest (tables/interest.yaml).

How to call; rates are Decimal percent a year, money is cents:

    lpr(date(2025, 7, 1))                                    # Decimal("3.00"); BeyondTable outside the known steps
    private_cap(date(2025, 7, 1))                            # Decimal("12.00"): four times
    after_reduction(Decimal("36"), debtor_objects=True)      # Decimal("24")
    real_principal(10_000_000, 1_000_000)                    # 9_000_000
    delay_interest(5_000_000, 100)                           # 87_500
    new_loan_permitted("micro_loan_company", date(2026, 2, 1), Decimal("24.01"))   # False
"""

from datetime import date
from decimal import Decimal
from typing import Final

from fairdue.law.calc.amounts import half_up, share
from fairdue.law.calc.figures import BeyondTable, CalcError, figure

PRIVATE: Final = "private_person"
BOUND_ELSEWHERE: Final[tuple[str, ...]] = tuple(figure("interest", "private-lending.not-for").values["lenders"])
"""Lenders whom the private-lending provisions do not bind."""


def private_lending_cap_applies(lender: str) -> bool:
    """Whether the cap of private lending binds this lender."""
    return lender not in BOUND_ELSEWHERE


def lpr(day: date) -> Decimal:
    """The one-year loan prime rate in force on a day (confidence D). Raises BeyondTable."""
    entry = figure("interest", "lpr.one-year")
    try:
        entry.check(day, "lpr_1y")
    except BeyondTable as error:
        raise BeyondTable("lpr_1y", error.why, f"{error.mend}; write the rate where another source has it") from None
    steps = entry.values["steps"]
    return Decimal(steps[max(first for first in steps if first <= day)])


def private_cap(contract_date: date, lpr_1y: Decimal | None = None) -> Decimal:
    """Highest yearly rate of a private loan: four times the LPR when the contract was made; given or from the table."""
    entry = figure("interest", "private-lending.cap")
    entry.check(contract_date, "contract_date")
    return Decimal(entry.values["times_lpr"]) * (lpr(contract_date) if lpr_1y is None else lpr_1y)


def private_claim(
    *, agreed: Decimal | None = None, overdue: Decimal | None = None, penalty: Decimal | None = None
) -> Decimal:
    """The yearly rate that is asked for: with overdue interest or a penalty, their sum; else the agreed interest.

    Nothing agreed is no interest (Civil Code Art. 680). A penalty without a rate of its own for the time after the due
    day stands beside the agreed interest.
    """
    if penalty is None:
        return next((rate for rate in (overdue, agreed) if rate is not None), Decimal(0))
    return penalty + (overdue if overdue is not None else agreed or Decimal(0))


def after_reduction(charges: Decimal, *, debtor_objects: bool) -> Decimal:
    """Yearly total of interest, penalty and fees of a licensed lender that a court leaves; cut only when asked for."""
    most = Decimal(figure("interest", "licensed-lender.charges").values["most"])
    return min(charges, most) if debtor_objects else charges


def real_principal(on_paper: int, deducted: int) -> int:
    """What was really received is the principal. Raises CalcError when more was deducted than lent."""
    if deducted > on_paper:
        raise CalcError("deducted_in_advance", "more than the principal on paper", "check both amounts")
    return on_paper - deducted


def delay_interest(unpaid: int, days: int) -> int:
    """The extra part of delay interest, half up to the cent. unpaid: money of the judgment without ordinary interest."""
    daily = Decimal(figure("interest", "delay-interest.extra").values["daily_rate"])
    return half_up(share(unpaid, daily) * days)


def new_loan_permitted(lender: str, contract_date: date, annual_cost: Decimal) -> bool:
    """Whether a new loan may cost so much a year. lender: micro_loan_company or bank_via_platform.

    Before the rule's first day nothing is forbidden by it. After the end of the guidance the lower bar is four times
    an LPR that is not known yet: BeyondTable, unless the cost is above the first bar anyway.
    """
    entry = figure("interest", f"total-cost.{lender}")
    assert entry.since is not None, "a cap begins on a day"
    if contract_date < entry.since:
        return True
    if annual_cost > Decimal(entry.values["most"]):
        return False
    guided_by = entry.values.get("guided_by")
    if guided_by is not None and contract_date > guided_by:
        why = f"{contract_date} is beyond the table"
        raise BeyondTable("contract_date", why, f"after {guided_by} the bar is four times an LPR not known yet")
    return True
