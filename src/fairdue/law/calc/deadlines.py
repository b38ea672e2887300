"""Clocks counted in days (tables/deadlines.yaml).

    deadline("payment_order_pay_or_object", date(2026, 3, 10))      # Deadline(days=15, plain 2026-03-25, …)
    deadline("complaint_decision", received, complexity="complex")

The start day is not counted. A period before a court that ends on a rest day ends on the first day after it (Civil
Procedure Law Art. 85); complaint and credit-data periods keep the plain day.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from fairdue.law.calc.calendar import after_rest
from fairdue.law.calc.figures import figure, table

KINDS: Final[tuple[str, ...]] = tuple(name.removeprefix("deadline.") for name in table("deadlines"))
COMPLEXITIES: Final[tuple[str, ...]] = tuple(figure("deadlines", "deadline.complaint_decision").values["days"])
"""Of complaints to banks and insurers; see `complexities` for other kinds."""


def complexities(kind: str) -> tuple[str, ...]:
    """The grades by which a period's length differs; empty where there is one length."""
    days = figure("deadlines", f"deadline.{kind}").values["days"]
    return () if isinstance(days, int) else tuple(days)


@dataclass(frozen=True, slots=True)
class Deadline:
    """days counted; plain_date: without the rest-day rule; last_day: None while that year's calendar is not known."""

    days: int
    plain_date: date
    last_day: date | None


def deadline(kind: str, start: date, *, complexity: str = "simple") -> Deadline:
    """The last day of a period. kind: one of KINDS; complexity (complaints): one of `complexities`.

    Raises BeyondTable when it starts before the text that was read was in force.
    """
    entry = figure("deadlines", f"deadline.{kind}")
    entry.check(start, "start_day")
    days = entry.values["days"]
    counted: int = days if isinstance(days, int) else days[complexity]
    plain = start + timedelta(days=counted)
    return Deadline(counted, plain, after_rest(plain) if entry.values["rest_day"] else plain)
