"""The walk of one contact: call, write, record what came of it, and everything that sets off. One transaction each.

The desk calls these; `contact.services.preview` shows what is allowed before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from fairdue.accounts.models import Account
from fairdue.cases.models import Case, Hold, WorkItem
from fairdue.contact.models import Attempt, Outcome
from fairdue.contact.services import Allowed, Refused
from fairdue.law import codes
from fairdue.people.models import ContactPoint, Person, Wish
from fairdue.staff.models import User


@dataclass(frozen=True)
class Promised:
    """What was promised on the phone; `account` None = the case as a whole."""

    cents: int
    due_on: date
    account: Account | None = None


@dataclass(frozen=True)
class OnTheLine:
    """A call that may be dialled now: `number` in the clear, the permit spent, `attempt_id` for the outcome."""

    answer: Allowed
    number: str
    attempt_id: int
    allowed: bool = True


def call(*, case: Case, contact_point: ContactPoint, by: User, now: datetime, key: str) -> OnTheLine | Refused:
    """Press *call*: judged at this second; allowed gives the number once, refused gives the reasons."""
    raise NotImplementedError


def write(
    *,
    case: Case,
    contact_point: ContactPoint,
    template: str,
    by: User | None,
    now: datetime,
    key: str,
    language: str | None = None,
    values: Mapping[str, str] | None = None,
) -> Allowed | Refused:
    """Queue an e-mail from a template (`contact/templates.yaml`) in the addressee's language."""
    raise NotImplementedError


def record(
    *,
    attempt: Attempt,
    kind: Outcome.Kind,
    by: User,
    now: datetime,
    note: str = "",
    item: WorkItem | None = None,
    promised: Promised | None = None,
    next_at: datetime | None = None,
    reason: str = "",
    corrects: Outcome | None = None,
) -> Outcome:
    """Record what came of a contact and do what follows from it.

    promise (needs `promised`) → promise made; hardship, dispute, cease → hold everywhere and nothing unsent goes out;
    wrong number → contact point marked; call_back (needs `next_at`) → due again, consent noted; abusive → cool-down
    noted. `item`, when given, is finished, or comes back at `next_at`. `reason`: the words for the hold.
    """
    raise NotImplementedError


def took_call(
    *,
    case: Case,
    contact_point: ContactPoint | None,
    by: User,
    now: datetime,
    kind: Outcome.Kind,
    note: str = "",
    promised: Promised | None = None,
    next_at: datetime | None = None,
    reason: str = "",
    channel: codes.Channel = codes.Channel.CALL,
) -> Outcome:
    """They called or wrote: recorded as theirs, with what follows as in `record`."""
    raise NotImplementedError


def place_hold(
    *,
    person: Person,
    kind: Hold.Kind,
    reason: str,
    by: User | None,
    now: datetime,
    account: Account | None = None,
    ends_on: date | None = None,
) -> Hold:
    """Stop collection from a person everywhere (or about one account) and take back what was not sent yet."""
    raise NotImplementedError


def lift_hold(*, hold: Hold, by: User, now: datetime, reason: str) -> Hold:
    """End a hold; only for those who may (`hold.lift`), with a reason."""
    raise NotImplementedError


def opt_out(
    *,
    person: Person,
    by: User | None,
    now: datetime,
    channel: codes.Channel | None = None,
    contact_point: ContactPoint | None = None,
    words: str = "",
) -> Wish:
    """A person asked not to be reached (anywhere, on a channel, at a contact point): noted, unsent messages taken back."""
    raise NotImplementedError
