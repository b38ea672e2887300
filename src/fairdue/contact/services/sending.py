"""Hand over what was allowed: judged again at the instant of sending, spent once, never doubled."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fairdue.contact.models import Message
from fairdue.staff.models import User


@dataclass(frozen=True)
class Receipt:
    """What a channel gives back. `address` only from the manual phone: the number to dial."""

    reference: str = ""
    address: str = ""


def hand_over(*, permit: UUID, by: User, now: datetime) -> Receipt:
    """Give the collector the number behind a permit, spending it; the reveal is journalled.

    Raises PermitError when the permit is spent, revoked, expired, forged or somebody else's.
    """
    raise NotImplementedError


def send(*, message_id: int, now: datetime) -> Message.Status:
    """Send one queued message, if it is still lawful at this instant. Safe to call twice."""
    raise NotImplementedError


def requeue_lost(*, now: datetime) -> int:
    """Give messages whose worker died a new job; those that were being sent are closed as in doubt, never resent."""
    raise NotImplementedError
