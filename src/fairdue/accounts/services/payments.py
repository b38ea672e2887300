"""One payment in, or back out."""

from datetime import date, datetime

from fairdue.accounts.models import Account, Creditor, Payment


class PaymentRefused(ValueError):
    """A payment that cannot be booked; `zh` and `en` say what is wrong and how to mend it."""

    def __init__(self, *, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


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
) -> Payment:
    """Book `cents` (> 0) once and apply it; the same reference with the same content returns the first record.

    Raises PaymentRefused: wrong currency or creditor, a day in the future, cents not positive, or the reference known
    with other content. Runs in the caller's transaction when there is one; locks the account.
    """
    raise NotImplementedError


def reverse(
    *, payment: Payment, reference: str, happened_on: date, now: datetime, learned_at: datetime | None = None
) -> Payment:
    """Take a payment back whole (bounced, charged back), once; gives the reversal. PaymentRefused as in `receive`."""
    raise NotImplementedError
