"""Debt let go or standing again, with what follows: promises judged, reminders silenced, ageing.

write_off(account=…, cents=…, reason=…, by=…, now=…)  →  approve / refuse / take_back
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from fairdue.accounts import services as ledger
from fairdue.accounts.models import Account, Waiver
from fairdue.cases import services as cases
from fairdue.flows import payment
from fairdue.staff.models import User


@transaction.atomic
def write_off(
    *, account: Account, cents: int, reason: str, by: User, now: datetime, parts: Sequence[int] | None = None
) -> Waiver:
    """Let debt go within `by`'s authority, else ask. WaiverRefused as in accounts.services.write_off."""
    payment.lock(account)
    waiver = ledger.write_off(
        account=account, cents=cents, reason=reason, by=by, now=now, on=timezone.localdate(now), parts=parts
    )
    return _followed(waiver, by, now)


@transaction.atomic
def approve(*, waiver: Waiver, by: User, now: datetime) -> Waiver:
    """Let go what was asked for. WaiverRefused."""
    payment.lock(waiver.account)
    return _followed(ledger.approve(waiver=waiver, by=by, now=now, on=timezone.localdate(now)), by, now)


@transaction.atomic
def refuse(*, waiver: Waiver, by: User, now: datetime) -> Waiver:
    """Say no. WaiverRefused."""
    return ledger.refuse(waiver=waiver, by=by, now=now)


@transaction.atomic
def take_back(*, waiver: Waiver, by: User, reason: str, now: datetime) -> Waiver:
    """The debt stands again. WaiverRefused."""
    payment.lock(waiver.account)
    back = ledger.take_back(waiver=waiver, by=by, reason=reason, now=now, on=timezone.localdate(now))
    cases.open_cases(persons=[back.account.debtor_id])
    return _followed(back, by, now)


def _followed(waiver: Waiver, by: User, now: datetime) -> Waiver:
    if waiver.status != Waiver.Status.ASKED:
        payment.follow(accounts=[waiver.account_id], persons=[waiver.account.debtor_id], now=now, by=by)
    return waiver
