"""Verbs of cases: opened, owned, closed, noted; items of the day dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fairdue.accounts.models import Creditor
from fairdue.cases.models import Case, Note
from fairdue.staff.models import User


@dataclass(frozen=True, slots=True)
class Opened:
    """Cases newly opened, sent to repair (proof below the bar), back from repair, closed, reopened."""

    opened: int = 0
    to_repair: int = 0
    repaired: int = 0
    closed: int = 0
    reopened: int = 0


def open_cases(*, creditor: Creditor | None = None, persons: Sequence[int] | None = None) -> Opened:
    """A case for every person × creditor with an account, each in the state its accounts put it in. Set-based.

    closed: no open account; repair: an open account's proof score lies below the creditor's bar; else open.
    """
    raise NotImplementedError


def own(*, case_ids: Sequence[int], to: User | None, by: User | None, reason: str, now: datetime) -> int:
    """Give cases to `to` (None: to nobody): old ownership periods end, new ones begin; how many really moved."""
    raise NotImplementedError


def drop_items(*, case_ids: Sequence[int], why: str, on: date | None = None) -> int:
    """Take a case's open or leased items off the lists (`why`: paid, held, recalled…); how many."""
    raise NotImplementedError


def note(*, case: Case, by: User, text: str) -> Note:
    """Write a note on a case; ValueError when it is empty or longer than 4,000 characters."""
    raise NotImplementedError
