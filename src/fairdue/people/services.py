"""Contact data, wishes and permissions of a person: the only writer, always sealed, always journalled."""

from collections.abc import Callable
from datetime import date, datetime

from fairdue.law import codes
from fairdue.people.models import Consent, ContactPoint, Person, Wish
from fairdue.staff.models import User


class ContactPointError(ValueError):
    """The address cannot be kept so; `field`, and a message that says how to write it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def add_contact_point(
    *, person: Person, kind: str, value: str, by: User | None, now: datetime, country: str = "CN", line: str = "",
    source: str = ContactPoint.Source.TOLD, rank: int = 1,
) -> ContactPoint:
    """Keep a phone, e-mail or address (`kind`), normalised and sealed; a known one is returned. Raises ContactPointError."""
    raise NotImplementedError


def set_status(*, contact_point: ContactPoint, status: str, by: User | None, now: datetime, why: str = "") -> ContactPoint:
    """Mark a contact point verified, invalid or somebody else's."""
    raise NotImplementedError


def update_contact_point(
    *, contact_point: ContactPoint, by: User, now: datetime, rank: int | None = None, line: str | None = None,
    zones: str | None = None,
) -> ContactPoint:
    """Change what is known about a contact point, not the address itself. `zones`: comma list of IANA zones."""
    raise NotImplementedError


def opt_out(
    *, person: Person, by: User | None, now: datetime, channel: codes.Channel | None = None,
    contact_point: ContactPoint | None = None, words: str = "",
) -> Wish:
    """Note that a person asked not to be reached. Use flows.contact.opt_out, which also takes back unsent messages."""
    raise NotImplementedError


def note_times(
    *, person: Person, kind: str, start: int, end: int, by: User | None, now: datetime, days: int = 127,
    until_on: date | None = None, words: str = "",
) -> Wish:
    """Note unwelcome or preferred times: minutes of the local day, weekdays as bits (bit 0 Monday)."""
    raise NotImplementedError


def withdraw_wish(*, wish: Wish, by: User | None, now: datetime, why: str) -> Wish:
    """The person took a wish back; a third person's opt-out cannot be taken back by us."""
    raise NotImplementedError


def allow(
    *, person: Person, kind: str, by: User | None, now: datetime, channel: codes.Channel | None = None,
    contact_point: ContactPoint | None = None, on_date: date | None = None, recorded: bool = True, words: str = "",
) -> Consent:
    """Record a permission (off hours, more calls)."""
    raise NotImplementedError


def revoke_consent(*, consent: Consent, by: User | None, now: datetime) -> Consent:
    """The person took a permission back."""
    raise NotImplementedError


def reveal(*, contact_point: ContactPoint, by: User, reason: str, case_id: int | None = None) -> str:
    """The address in the clear; every time is journalled (`contact_point.revealed`)."""
    raise NotImplementedError


def reveal_id(*, person: Person, by: User, reason: str, case_id: int | None = None) -> str:
    """The identity document's number in the clear, journalled; "" when none is kept."""
    raise NotImplementedError


def rotate(*, batch: int = 1000, progress: Callable[[int], None] | None = None) -> int:
    """Seal again with the newest key whatever an older key sealed; safe to stop and repeat. Gives the number of values."""
    raise NotImplementedError
