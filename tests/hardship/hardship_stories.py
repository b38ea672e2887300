"""A borrower who cannot pay for a time: two dues, one past due, a contract that charges, staff of every rank."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import stories
from fairdue.accounts import services as ledger
from fairdue.accounts.models import Account, Ageing, Balance
from fairdue.cases.models import Case
from fairdue.flows import hardship
from fairdue.hardship.models import File
from fairdue.hardship.services import Wanted
from fairdue.staff.models import User

DAY = date(2026, 3, 3)
NOW = stories.utc("2026-03-03T10:00+08:00")
keys = count(1)


@dataclass
class Scene:
    """12,000.00 owed: 4,000.00 due 21 January, 4,000.00 on 23 March, 4,000.00 on 22 April."""

    collector: User
    lead: User
    risk: User
    officer: User
    case: Case
    loan: Account


def set_up(**fields: Any) -> Scene:
    team = stories.team()
    collector, lead = stories.user(team=team), stories.user("lead", team=team)
    debtor, lender = stories.person(), stories.creditor(**fields)
    stories.phone(debtor)
    dues = {date(2026, 1, 21): 400_000, date(2026, 3, 23): 400_000, date(2026, 4, 22): 400_000}
    loan = stories.account(debtor, lender, principal=1_200_000, dues=dues)
    ledger.age(as_of=DAY, accounts=[loan.pk])
    case = stories.case(debtor, lender, owner=collector)
    return Scene(collector, lead, stories.user("risk"), stories.user("compliance"), case, loan)


def at(day: date, hour: int = 10) -> datetime:
    return stories.utc(f"{day.isoformat()}T{hour:02}:00+08:00")


def wants(scene: Scene, kind: str, days: int = 30, *, on: date = DAY, **other: Any) -> Wanted:
    account = None if kind == "quiet" else scene.loan
    return Wanted(kind, on, on + timedelta(days - 1), account=account, **other)


def opened(scene: Scene, *wanted: Wanted, by: User | None = None, on: date = DAY, **other: Any) -> File:
    told = {"reason": "job_loss", "key": f"k{next(keys)}"} | other
    return hardship.open_file(case=scene.case, wanted=wanted, by=by or scene.lead, now=at(on), **told)


def ageing(scene: Scene, on: date) -> tuple[int, int, int]:
    """Past due, days, bucket as worked out for a day."""
    Ageing.objects.all().delete()
    ledger.age(as_of=on, accounts=[scene.loan.pk])
    row = Ageing.objects.get(account=scene.loan)
    return row.past_due, row.days_past_due, row.bucket


def owed(scene: Scene) -> tuple[int, ...]:
    """Principal, interest, penalty, fees."""
    row = Balance.objects.get(account=scene.loan)
    return row.principal, row.interest, row.penalty, row.fees
