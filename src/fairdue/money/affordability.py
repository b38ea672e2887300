"""What a household can spare in a month.

How to call::

    spare = left_over(Budget(income=860_000, household=2, spending={"housing": 250_000, "food": 150_000},
                             other_debts=80_000), allowance=410_000)
    spare.free                                   # 370,000: income less the greater of spending and allowance, less debts

Minor units of one currency a month.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

SPENDING: Final = ("housing", "food", "utilities", "transport", "health", "family", "other")
"""What is asked for, in the order of the form."""


@dataclass(frozen=True, slots=True)
class Budget:
    """income: what comes in after tax, of the whole household; household: persons, at least 1; spending: by SPENDING;
    other_debts: instalments to others, and those of plans with us that are kept."""

    income: int
    household: int = 1
    spending: Mapping[str, int] = field(default_factory=dict)
    other_debts: int = 0


@dataclass(frozen=True, slots=True)
class LeftOver:
    """living: what is kept for living, the greater of what was named and the least allowance. free: what is left over,
    at least 0; short: by how much living and debts exceed the income. below_allowance: they named less than the least
    a household needs, which is kept for them all the same."""

    named: int
    living: int
    free: int
    short: int
    below_allowance: bool


def left_over(budget: Budget, *, allowance: int) -> LeftOver:
    """What is left over of a budget; ValueError names the field that cannot be."""
    unknown = budget.spending.keys() - set(SPENDING)
    if unknown:
        raise ValueError(f"spending: {', '.join(sorted(unknown))} is not asked for; known: {', '.join(SPENDING)}")
    amounts = {"income": budget.income, "other_debts": budget.other_debts, "allowance": allowance, **budget.spending}
    for name, cents in amounts.items():
        if cents < 0:
            raise ValueError(f"{name}: {cents} is below zero")
    if budget.household < 1:
        raise ValueError(f"household: {budget.household} persons; a household has at least one")
    named = sum(budget.spending.values())
    living = max(named, allowance)
    rest = budget.income - living - budget.other_debts
    return LeftOver(named, living, max(rest, 0), max(-rest, 0), named < allowance)
