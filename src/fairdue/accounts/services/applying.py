"""Payments loaded in bulk, applied in bulk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fairdue.accounts.models import Creditor


@dataclass(frozen=True, slots=True)
class Applied:
    """What a bulk application did: payments and reversals applied, their cents, transfers written."""

    payments: int = 0
    reversals: int = 0
    cents: int = 0
    transfers: int = 0


def apply_payments(
    *,
    now: datetime,
    creditor: Creditor | None = None,
    accounts_at_once: int = 20_000,
    progress: Callable[[int], None] | None = None,
) -> Applied:
    """Apply every payment whose `applied_at` is empty (of `creditor`, or of all), oldest first within an account.

    One transaction per `accounts_at_once` accounts, locked in the order of their ids, so a kill loses at most the chunk
    being written and a second call goes on where the first stopped. Does not judge promises and does not age: the night
    (or `flows.payment`) does. `progress` is told the number of payments applied so far.
    """
    raise NotImplementedError
