"""Promises to pay: made in a contact, judged by real payments.

A promise is about one account, or (`account` empty) about everything of its case. It is kept when enough money with a
day from `made_on` to `due_on` (and the tolerance of `money.promises`) has come in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fairdue.accounts.models import Account
from fairdue.agreements.models import Promise
from fairdue.cases.models import Case
from fairdue.people.models import Person
from fairdue.staff.models import User


class PromiseRefused(ValueError):
    """A promise that cannot stand; `zh` and `en` say what is wrong and how to mend it."""

    def __init__(self, *, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


@dataclass(frozen=True, slots=True)
class Judged:
    """looked: promises judged; the rest: how many changed into each state."""

    looked: int = 0
    kept: int = 0
    partly: int = 0
    broken: int = 0
    reopened: int = 0


def make(
    *,
    case: Case,
    account: Account | None,
    cents: int,
    due_on: date,
    made_on: date,
    by: User | None,
    attempt_id: int | None = None,
    person: Person | None = None,
) -> Promise:
    """Record a promise once (per attempt). `person` is who promised: the debtor when left out; else one who is liable.

    Raises PromiseRefused: amount not positive or more than is owed, day past or more than 60 days ahead, account of
    another case, or somebody who does not owe the debt. An earlier open promise about the same is withdrawn.
    """
    raise NotImplementedError


def withdraw(*, promise: Promise, by: User | None, reason: str) -> None:
    """Take an open promise off the list without calling it broken."""
    raise NotImplementedError


def judge(*, as_of: date, persons: Sequence[int] | None = None) -> Judged:
    """Judge the promises that money or time can still change, of everybody or of `persons` (ids), in one pass."""
    raise NotImplementedError
