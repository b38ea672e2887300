"""How late accounts are, written down: one account after a payment, all of them at night, by the same code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Aged:
    """accounts: looked at; changed: ageing rows written; moved: bucket moves written."""

    accounts: int = 0
    changed: int = 0
    moved: int = 0


def age(*, as_of: date, accounts: Sequence[int]) -> Aged:
    """Work out and store the ageing of a few accounts (ids), within the caller's transaction."""
    raise NotImplementedError


def age_all(*, as_of: date, progress: Callable[[int], None] | None = None) -> Aged:
    """Work out and store the ageing of every account, a transaction per slice; then the day's totals."""
    raise NotImplementedError
