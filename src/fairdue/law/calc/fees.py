"""Court fees of mainland China (Measures on Litigation Fees, State Council Order 481; tables/fees.yaml).

How to call, cents in and cents out:

    acceptance(3_685_000)                # 72125: first instance, ordinary procedure
    summary(3_685_000)                   # 36063: half, also when mediated or withdrawn; halved once only
    appeal(2_000_000)                    # on the amount appealed
    payment_order(900_000)               # 1667: a third
    top_up_to_summary(900_000)           # what is still due when a payment order lapses into a summary suit
    execution(120_000_000)               # 1440000
    preservation(50_000_000)             # 302000, never above 500000; preservation(None) = 3000

Slices are worked out exactly and rounded once, half up, to the cent; the Measures do not regulate rounding.
"""

from fractions import Fraction
from functools import cache
from typing import Any

from fairdue.law.calc.amounts import cents, half_up, rate
from fairdue.law.calc.figures import figure


@cache
def _slices(name: str) -> tuple[tuple[int, int | None, Fraction, Fraction], ...]:
    """(from, to, fixed, rate) of each slice, cents."""
    rows: list[dict[str, Any]] = figure("fees", name).values["slices"]
    found, low = [], 0
    for row in rows:
        high = cents(row["up_to"]) if "up_to" in row else None
        fixed = Fraction(cents(row["flat"])) if "flat" in row else Fraction(0)
        found.append((low, high, fixed, Fraction(rate(row["rate"])) if "rate" in row else Fraction(0)))
        low = high or low
    return tuple(found)


def _progressive(name: str, claim: int) -> Fraction:
    """The exact fee by slices; `claim` cents of at least 0."""
    assert claim >= 0, "a claim is at least 0"
    fee = Fraction(0)
    for low, high, fixed, part in _slices(name):
        if low and claim <= low:
            break
        fee += fixed + part * (min(claim, high if high is not None else claim) - low)
    return fee


def _divisor(name: str) -> int:
    return int(figure("fees", name).values["divisor"])


def acceptance(claim: int) -> int:
    """Acceptance fee of a property claim in the ordinary first instance (Art. 13)."""
    return half_up(_progressive("court-fee.acceptance", claim))


def summary(claim: int) -> int:
    """Half of the acceptance fee: summary or small-claims procedure, mediated, withdrawn, counterclaim (Arts. 15-18)."""
    return half_up(_progressive("court-fee.acceptance", claim) / _divisor("court-fee.half"))


def appeal(appealed: int) -> int:
    """Acceptance fee of an appeal, on the amount appealed (Art. 17)."""
    return acceptance(appealed)


def payment_order(claim: int) -> int:
    """Application for a payment order: a third of the acceptance fee (Art. 14(3))."""
    return half_up(_progressive("court-fee.acceptance", claim) / _divisor("court-fee.payment-order"))


def top_up_to_summary(claim: int) -> int:
    """What is added when a payment order lapses into a summary suit, so that both payments make the summary fee."""
    return summary(claim) - payment_order(claim)


def execution(amount: int) -> int:
    """Execution fee on the amount to be executed (Art. 14(1)). Without an amount see `execution_without_amount`."""
    return half_up(_progressive("court-fee.execution", amount))


def execution_without_amount() -> tuple[int, int]:
    """Least and greatest execution fee where there is no amount; the court decides between them."""
    bounds = figure("fees", "court-fee.execution").values["without_amount"]
    return cents(bounds["least"]), cents(bounds["most"])


def preservation(amount: int | None) -> int:
    """Fee for preserving property worth `amount`, None where there is no amount (Art. 14(2)); capped."""
    most = cents(figure("fees", "court-fee.preservation").values["most"])
    return min(most, half_up(_progressive("court-fee.preservation", amount or 0)))


def judicial_confirmation() -> int:
    """Judicial confirmation of a mediation agreement: a special procedure, free of the acceptance fee (Art. 8)."""
    return cents(figure("fees", "court-fee.special-procedure").values["fee"])


def arbitration_review() -> int:
    """Setting aside an arbitral award or testing an arbitration clause, each (Art. 14(5))."""
    return cents(figure("fees", "court-fee.arbitration-review").values["fee"])
