"""A stop, a payment or an opt-out takes back every leave not yet used."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fairdue.staff.models import User


@dataclass(frozen=True)
class Revoked:
    """How many permits and queued messages were taken back."""

    permits: int
    messages: int


def revoke(*, persons: Iterable[int], why: str, now: datetime, by: User | None = None) -> Revoked:
    """Take back unspent permits and queued messages of these persons, as debtors and as addressees, in every case.

    `why` is one word or a few: paid, hold:dispute, opt_out. A fixed number of queries for any number of persons; locks
    the persons. Call it inside the transaction of the cause.
    """
    raise NotImplementedError
