"""What came of a contact."""

from datetime import datetime

from fairdue.cases.models import Case
from fairdue.contact.models import Attempt, Message, Outcome
from fairdue.law import codes
from fairdue.people.models import ContactPoint
from fairdue.staff.models import User


class OutcomeError(Exception):
    """The outcome cannot be recorded; the message says what to do instead."""


def record_outcome(
    *,
    attempt: Attempt,
    kind: Outcome.Kind,
    by: User | None,
    now: datetime,
    note: str = "",
    next_at: datetime | None = None,
    supersedes: Outcome | None = None,
) -> Outcome:
    """Write what came of an attempt; with `supersedes` a correction as a new row. What it sets off is in flows.contact.

    Raises OutcomeError when an outcome exists and none is superseded, or the superseded one is not the latest.
    """
    raise NotImplementedError


def record_inbound(
    *,
    case: Case,
    contact_point: ContactPoint | None,
    channel: codes.Channel,
    by: User | None,
    now: datetime,
    kind: Outcome.Kind,
    note: str = "",
    next_at: datetime | None = None,
) -> Outcome:
    """Record that they contacted us, with its outcome. Needs no permit and is counted as theirs. `contact_point` None:
    the debtor, from a number not known."""
    raise NotImplementedError


def note_bounce(*, message: Message, now: datetime, detail: str = "") -> Outcome:
    """A message came back: the attempt's outcome becomes bounced and the contact point invalid."""
    raise NotImplementedError
