"""What a payment covers: inside one debt, and between several (tables/allocation.yaml).

How to call:

    within({"costs": 500_00, "interest": 1200_00, "principal": 10_000_00}, 1000_00)
    within(owed, paid, card_days_past_due=91)                    # a credit card: principal first
    within(owed, paid, agreed=("principal", "interest"))         # what the contract says first, the law for the rest
    across((Debt("a", date(2026, 1, 10), 400_000, secured=False, rate=Decimal("0.10")), …), 300_000, as_of=…)

Cents in and out, nothing is lost: what covers nothing is the surplus, to be returned or held.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Final

from fairdue.law.calc.amounts import cents
from fairdue.law.calc.figures import CalcError, figure

BUCKETS: Final[tuple[str, ...]] = tuple(figure("allocation", "order.execution").values["order"])
"""Every part a debt may have."""
AGREEABLE: Final = ("costs", "interest", "principal")


@dataclass(frozen=True, slots=True)
class Split:
    """Cents by name: paid + left = owed for each; surplus covers nothing. open: parts whose place the law leaves open."""

    paid: Mapping[str, int]
    left: Mapping[str, int]
    surplus: int
    open: tuple[str, ...] = ()


def _order(name: str) -> tuple[str, ...]:
    return tuple(figure("allocation", name).values["order"])


def order_within(
    *, card_days_past_due: int | None = None, in_execution: bool = False, agreed: Sequence[str] = ()
) -> tuple[str, ...]:
    """Names of the parts, first to last.

    In execution the judgment's debt comes before the extra delay interest. A credit card outside execution follows
    the regulator's order by days past due, whatever was agreed. Else what was agreed, then Civil Code Art. 561.
    """
    if card_days_past_due is not None and not in_execution:
        to_90 = figure("allocation", "order.card-to-90").values["most_days"]
        order = _order("order.card-to-90" if card_days_past_due <= to_90 else "order.card-from-91")
    else:
        order = (*agreed, *(name for name in _order("order.general") if name not in agreed))
    return (*order, *(name for name in _order("order.execution") if name not in order))


def within(
    owed: Mapping[str, int],
    paid: int,
    *,
    card_days_past_due: int | None = None,
    in_execution: bool = False,
    agreed: Sequence[str] = (),
) -> Split:
    """Cover the parts of one debt (names of BUCKETS, cents of at least 0) with `paid` cents, in `order_within`."""
    order = order_within(card_days_past_due=card_days_past_due, in_execution=in_execution, agreed=agreed)
    given, rest = dict.fromkeys(owed, 0), paid
    for name in order:
        if name in owed:
            given[name] = min(rest, owed[name])
            rest -= given[name]
    assert sum(given.values()) + rest == paid, "the split lost money"
    open_ = tuple(name for name in ("penalty",) if owed.get(name) and name not in agreed)
    return Split(given, {name: owed[name] - given[name] for name in owed}, rest, open_)


@dataclass(frozen=True, slots=True)
class Debt:
    """One of several debts to the same creditor. amount: cents; rate: share a year, None = not known."""

    id: str
    due: date
    amount: int
    secured: bool
    rate: Decimal | None


def across(debts: Sequence[Debt], paid: int, *, as_of: date, designated: str | None = None) -> Split:
    """Cover several debts with `paid` cents (Civil Code Art. 560).

    designated: the debt the debtor named when paying; what is left over goes on by law. Debts that are equal in all
    grades share in proportion to their amounts.
    """
    given, rest = {debt.id: 0 for debt in debts}, paid
    first = [[debt] for debt in debts if debt.id == designated]
    for group in [*first, *_grades([debt for debt in debts if debt.id != designated], as_of)]:
        total = sum(debt.amount for debt in group)
        for debt, part in zip(group, _in_proportion(min(rest, total), [d.amount for d in group]), strict=True):
            given[debt.id] = part
        rest -= min(rest, total)
    assert sum(given.values()) + rest == paid, "the split lost money"
    return Split(given, {debt.id: debt.amount - given[debt.id] for debt in debts}, rest)


def _grades(debts: Iterable[Debt], as_of: date) -> list[list[Debt]]:
    """Groups of equal debts, first to last."""

    def due_and_security(debt: Debt) -> tuple[bool, bool]:
        return debt.due > as_of, debt.secured

    found: list[list[Debt]] = []
    for _, same in groupby(sorted(debts, key=due_and_security), due_and_security):
        rivals = list(same)
        unknown = [debt.id for debt in rivals if debt.rate is None]
        if len(rivals) > 1 and unknown:
            mend = "add its rate as a fraction a year, e.g. 0.10; the heavier burden is paid first"
            raise CalcError("debts", f"{', '.join(unknown)} has no rate, and others stand beside it", mend)
        found += _by_burden(rivals)
    return found


def _by_burden(debts: list[Debt]) -> list[list[Debt]]:
    """Heavier rate first, then the earlier due; equal ones together."""

    def burden(debt: Debt) -> tuple[Decimal, date]:
        return -(debt.rate or Decimal(0)), debt.due

    return [list(same) for _, same in groupby(sorted(debts, key=burden), burden)]


def _in_proportion(paid: int, amounts: Sequence[int]) -> list[int]:
    """`paid` (at most the sum) split by amounts to the cent; odd cents go where the most was cut off, then in order."""
    total = sum(amounts)
    if not total:
        return [0] * len(amounts)
    parts = [paid * amount // total for amount in amounts]
    cut = sorted(range(len(amounts)), key=lambda i: (-(paid * amounts[i] % total), i))
    for place in cut[: paid - sum(parts)]:
        parts[place] += 1
    assert all(part <= amount for part, amount in zip(parts, amounts, strict=True)), "more than is owed"
    return parts


def overdraft_principal(principal: int, paid: int) -> int:
    """Principal that counts in a malicious overdraft: every payment counts as principal."""
    return max(0, principal - paid)


def overdraft_start(grade: str) -> int:
    """Cents from which a malicious overdraft has the grade large, huge or especially_huge."""
    return cents(figure("allocation", "overdraft.principal").values["from"][grade])
