"""Permits: signed, single use, for one address, purpose and window."""

import hmac
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings

from fairdue.contact.models import Attempt, Permit
from fairdue.law import codes
from fairdue.people.models import ContactPoint
from fairdue.staff.models import User

_ALL: Final = ("attempt_id", "person_id", "contact_point_id", "channel", "purpose")


class PermitError(Exception):
    """The permit does not open this door. `why`: missing, forged, channel, holder, early, expired, revoked, spent."""

    def __init__(self, why: str) -> None:
        super().__init__(f"permit: {why}; ask again")
        self.why = why


def issue(
    *, key: str, attempt: Attempt, contact_point: ContactPoint, not_before: datetime, expires_at: datetime
) -> Permit:
    """A signed permit for an attempt, to be written by the caller."""
    permit = Permit(
        key=key,
        attempt=attempt,
        person_id=attempt.person_id,
        contact_point=contact_point,
        channel=attempt.channel,
        purpose=attempt.purpose,
        not_before=not_before,
        expires_at=expires_at,
    )
    permit.signature = _signature(permit)
    return permit


def spend(*, permit: UUID, channel: codes.Channel, by: User | None, now: datetime) -> Permit:
    """Use the permit up; raises PermitError when it is not good. Of several who try at once exactly one succeeds."""
    found = Permit.objects.select_related("contact_point", "attempt__verdict").filter(pk=permit).first()
    if found is None:
        raise PermitError("missing")
    _check(found, channel, by, now)
    if Permit.objects.filter(pk=permit, spent_at=None, revoked_at=None).update(spent_at=now) != 1:
        found.refresh_from_db(fields=["spent_at", "revoked_at"])
        _check(found, channel, by, now)
        raise AssertionError("a permit neither spent nor revoked was not ours to spend")
    found.spent_at = now
    return found


def give_back(*, permit: UUID, now: datetime) -> bool:
    """Nothing left the house: the permit is good again, unless it was to be revoked meanwhile. True when good."""
    mine = Permit.objects.filter(pk=permit, revoked_at=None, spent_at__isnull=False)
    if mine.exclude(revoked_why="").update(spent_at=None, revoked_at=now):
        return False
    return mine.update(spent_at=None) == 1


def withdraw(*, permit: UUID, why: str, now: datetime) -> bool:
    """Take one permit back if it was not spent."""
    unspent = Permit.objects.filter(pk=permit, spent_at=None, revoked_at=None)
    return unspent.update(revoked_at=now, revoked_why=why[:60]) == 1


def mark_expired(*, before: datetime, now: datetime) -> int:
    """Close permits that ran out unspent long ago, so that the list of good ones stays short."""
    old = Permit.objects.filter(spent_at=None, revoked_at=None, expires_at__lt=before)
    return old.update(revoked_at=now, revoked_why="expired")


def _check(permit: Permit, channel: codes.Channel, by: User | None, now: datetime) -> None:
    if not hmac.compare_digest(bytes(permit.signature), _signature(permit)):
        raise PermitError("forged")
    if permit.channel != channel or permit.contact_point.person_id != permit.attempt.addressee_id:
        raise PermitError("channel")
    if by is not None and permit.attempt.by_id != by.pk:
        raise PermitError("holder")
    if permit.revoked_at is not None:
        raise PermitError("revoked")
    if permit.spent_at is not None:
        raise PermitError("spent")
    if now < permit.not_before:
        raise PermitError("early")
    if now >= permit.expires_at:
        raise PermitError("expired")


def _signature(permit: Permit) -> bytes:
    key = hmac.digest(settings.SECRET_KEY.encode(), b"fairdue permit", "sha256")
    parts = [str(permit.pk), permit.key, *(str(int(getattr(permit, name))) for name in _ALL)]
    parts += [str(int(moment.timestamp() * 1_000_000)) for moment in (permit.not_before, permit.expires_at)]
    return hmac.digest(key, "\x1f".join(parts).encode(), "sha256")
