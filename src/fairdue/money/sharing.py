"""One payment and several debts at one creditor: which debt it is for (Civil Code of the PRC, Art. 560).

    share(cents, debts, as_of=…, chosen="D2")       # {id: cents}; what is too much is left out

In this order, unless the contract says otherwise: what the debtor named when paying; what is due before what is not;
the debt with no or the least security; the heavier burden (the higher rate); the earlier due day; and in proportion
where all that is equal. Within one debt: `money.waterfall`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Debt:
    """One debt: due: day since 1970-01-01; cents: what is owed (≥ 0); secured: share of it that is secured; rate a year."""

    id: str
    due: int
    cents: int
    secured: Fraction = Fraction(0)
    rate: Fraction = Fraction(0)


def share(cents: int, debts: Sequence[Debt], *, as_of: int, chosen: str | None = None) -> dict[str, int]:
    """What each debt receives, in the order given; 0 for those that receive nothing. ValueError for an unknown choice."""
    if chosen is not None and all(debt.id != chosen for debt in debts):
        raise ValueError(f"debt {chosen!r} was chosen but is not among the debts; name one of them or none")
    given = {debt.id: 0 for debt in debts}
    for together in _turns(debts, as_of, chosen):
        owed = sum(debt.cents for debt in together)
        for debt, part in zip(together, _proportional(min(cents, owed), together), strict=True):
            given[debt.id] = part
        cents -= min(cents, owed)
    return given


def _turns(debts: Sequence[Debt], as_of: int, chosen: str | None) -> Iterator[list[Debt]]:
    """Debts in the order in which they are paid; those that share a turn are paid in proportion."""

    def turn(debt: Debt) -> tuple[bool, bool, Fraction, Fraction, int]:
        return debt.id != chosen, debt.due > as_of, debt.secured, -debt.rate, debt.due

    for _, together in groupby(sorted(debts, key=turn), key=turn):
        yield list(together)


def _proportional(cents: int, debts: Sequence[Debt]) -> list[int]:
    """`cents` in proportion to what is owed; cents left over by rounding go to the first debts."""
    owed = sum(debt.cents for debt in debts)
    if not owed:
        return [0] * len(debts)
    parts = [cents * debt.cents // owed for debt in debts]
    rest = cents - sum(parts)
    for place, debt in enumerate(debts):
        more = min(1, rest, debt.cents - parts[place])
        parts[place] += more
        rest -= more
    return parts
