"""What the desk says of a promise: warnings and chance while it is taken, chance and next step on the case page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal

import numpy as np
from django.http import QueryDict

from fairdue.accounts.columns import EPOCH
from fairdue.accounts.models import Account
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Promise
from fairdue.agreements.services import PromiseRefused
from fairdue.cases.models import Case
from fairdue.desk import writing
from fairdue.money.amount import AmountError, minor_digits, parse_amount
from fairdue.people.models import Person
from fairdue.planning.promise_strategy import Next, next_steps, next_text, strategy
from fairdue.planning.promise_warnings import Warn, warning_text

HOPEFUL, DOUBTFUL = 650_000, 400_000
"""Chances from which and below which the colour says so."""
STOPS = frozenset({Warn.BEYOND_BUDGET, Warn.BEYOND_INCOME})
"""Warnings that weigh most."""


@dataclass(frozen=True)
class Chance:
    """A chance as the pages write it."""

    ppm: int

    @property
    def percent(self) -> int:
        """Whole percent, half up."""
        return (self.ppm + 5_000) // 10_000

    @property
    def tone(self) -> str:
        """ok, warn or stop."""
        return "ok" if self.ppm >= HOPEFUL else "warn" if self.ppm >= DOUBTFUL else "stop"


@dataclass(frozen=True)
class Said:
    """One warning in words; `tone`: warn or stop."""

    text: str
    tone: str = "warn"


@dataclass(frozen=True)
class Check:
    """What is shown beside the fields. refusal: why it cannot stand, else empty."""

    refusal: str = ""
    warnings: Sequence[Said] = ()
    chance: Chance | None = None
    last_on: date | None = None


def check(*, case: Case, person: Person, data: QueryDict, today: date) -> Check | None:
    """Weigh what has been typed so far; None while amount or day are not there yet. Reads only."""
    accounts = Account.objects.filter(debtor_id=case.person_id, creditor_id=case.creditor_id)
    chosen = data.get("account", "")
    account = accounts.filter(pk=int(chosen)).first() if chosen.isdigit() else None
    currency = account.currency if account else case.creditor.currency
    cents = parse_amount(data.get("amount", ""), currency)
    try:
        due_on = date.fromisoformat(data.get("due_on", ""))
    except ValueError:
        return None
    if isinstance(cents, AmountError):
        return None
    try:
        weighed = agreements.consider(
            case=case, account=account, cents=cents, due_on=due_on, made_on=today, person=person
        )
    except PromiseRefused as refused:
        return Check(refusal=refused.zh if writing.chinese() else refused.en)
    return Check(
        warnings=said([[int(code), list(numbers)] for code, numbers in weighed.warnings], currency),
        chance=Chance(weighed.chance),
        last_on=weighed.last_on,
    )


def said(warnings: Sequence[Any], currency: str) -> list[Said]:
    """Warnings kept with a promise, in words."""
    lang: Literal["zh", "en"] = "zh" if writing.chinese() else "en"
    return [
        Said(
            warning_text(code, numbers, lang, money=partial(writing.money, currency=currency), day=_day),
            "stop" if code in STOPS else "warn",
        )
        for code, numbers in warnings
    ]


def next_step(promises: Sequence[Promise], bucket: int | None) -> str:
    """What the strategy says follows, while the latest promise of the case is a broken one; else empty.

    promises: of the case, the latest first.
    """
    judged = [p for p in promises if p.status != Promise.Status.WITHDRAWN]
    if not judged or judged[0].status != Promise.Status.BROKEN:
        return ""
    times = sum(p.status == Promise.Status.BROKEN for p in judged)
    latest = judged[0]
    step = next_steps(
        strategy(), times=np.array([times]), bucket=np.array([bucket or 0]), cents=np.array([latest.cents]),
        minor=10 ** minor_digits(latest.currency),
    )  # fmt: skip
    return next_text(Next(int(step[0])), times, "zh" if writing.chinese() else "en")


def _day(number: int) -> str:
    return writing.day(EPOCH + timedelta(days=number))
