"""The walk of one payment: in, applied, promises judged, reminders silenced, aged, receipted. One transaction."""

from dataclasses import dataclass
from datetime import date, datetime

from fairdue.accounts.models import Account, Creditor, Payment
from fairdue.staff.models import User


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a payment did. Money in minor units; `applied` by component name (principal … costs, unapplied).

    balance, past_due: of the account afterwards. promises: (id, status) of those the money changed. again: the payment
    was known already and nothing was done.
    """

    payment_id: int
    reference: str
    account_id: int
    cents: int
    currency: str
    happened_on: date
    applied: dict[str, int]
    balance: int
    past_due: int
    promises: tuple[tuple[int, str], ...]
    revoked: int
    items_dropped: int
    again: bool


def receive(
    *,
    creditor: Creditor,
    account: Account,
    reference: str,
    cents: int,
    currency: str,
    happened_on: date,
    now: datetime,
    learned_at: datetime | None = None,
    method: str = "",
    payer: str = "",
    by: User | None = None,
) -> Receipt:
    """Receive one payment, with everything that follows from it. Safe to say twice.

    Raises accounts.services.PaymentRefused. Locks person, case and account in that order.
    """
    raise NotImplementedError


def reverse(*, payment: Payment, reference: str, happened_on: date, now: datetime, by: User | None = None) -> Receipt:
    """A payment bounced: the debt stands again, promises are judged anew, ageing follows."""
    raise NotImplementedError
