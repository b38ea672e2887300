"""Ask for leave to contact somebody now."""

from datetime import datetime

from fairdue.cases.models import Case
from fairdue.contact.models import Attempt
from fairdue.contact.services.answers import Allowed, Draft, Refused
from fairdue.law import codes
from fairdue.people.models import ContactPoint
from fairdue.staff.models import User


def ask(
    *,
    case: Case,
    contact_point: ContactPoint,
    channel: codes.Channel,
    by: User | None,
    now: datetime,
    key: str,
    purpose: codes.Purpose | None = None,
    mode: codes.Mode = codes.Mode.HUMAN,
    draft: Draft | None = None,
    in_reply_to: Attempt | None = None,
) -> Allowed | Refused:
    """Lock the person, gather facts, judge; in one transaction verdict, attempt, permit and journal, or verdict and journal.

    `key` makes the act happen once: the same key gives the first answer again. `purpose` None = what suits the
    addressee. With a `draft` the message is queued with its job in the same transaction. Returns, never raises, a
    refusal, so that the stored verdict is not rolled back. `by` None = the system (a campaign or reminder).
    """
    raise NotImplementedError
