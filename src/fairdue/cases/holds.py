"""Holds: placing and lifting what stops collection. Called through `flows.contact`, which also takes back permits."""

from datetime import date, datetime

from fairdue.accounts.models import Account
from fairdue.cases.models import Hold
from fairdue.people.models import Person
from fairdue.staff.models import User


class HoldError(Exception):
    """The hold cannot be placed or lifted so; the message says why and what to do."""


def place(
    *, person: Person, kind: Hold.Kind, reason: str, by: User | None, now: datetime, account: Account | None = None,
    ends_on: date | None = None, starts_at: datetime | None = None,
) -> Hold:
    """Stop collection; the same hold placed twice is one hold. Locks the person, journals. Raises HoldError."""
    raise NotImplementedError


def lift(*, hold: Hold, by: User, now: datetime, reason: str) -> Hold:
    """End a hold. Raises HoldError when `by` may not, it was lifted before, or no reason is given."""
    raise NotImplementedError
