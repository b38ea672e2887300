"""Payments from the borrower's page: begun at a provider, finished by what the provider tells us.

checkout = begin(link=…, account=…, cents=…, back=…, now=…)
finish(provider="stripe", paid=…, now=…)                       # once, however often it is told
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from fairdue.accounts.models import Account, Balance
from fairdue.contact.models import Link
from fairdue.flows import payment as flow
from fairdue.journal import services as journal
from fairdue.portal import paying
from fairdue.portal.models import Checkout


class CheckoutError(ValueError):
    """The payment cannot be begun or booked so; `zh` and `en` say why and what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def begin(*, link: Link, account: Account, cents: int, back: Callable[[str], str], now: datetime) -> Checkout:
    """Begin a payment of `cents` on an account of the link's case. `back` gives the address to return to for our
    reference. The provider is asked outside any transaction. Raises CheckoutError.
    """
    name = paying.in_use()
    owed = Balance.objects.filter(account=account).first()
    if not name:
        raise CheckoutError(
            zh="这里暂不能付款，请通过债权人的官方渠道还款。",
            en="Payments are not taken here; use the creditor's official channels.",
        )
    if not 0 < cents <= (owed.total if owed else 0):
        raise CheckoutError(
            zh="金额须大于零，且不超过该账户的欠款。", en="The amount must be above zero and no more than is owed."
        )
    waiting = Checkout.objects.filter(link=link, account=account, cents=cents, provider=name, payment=None)
    if begun_before := waiting.order_by("-pk").first():  # a button pressed twice must not ask for the money twice
        return begun_before
    reference = "P" + secrets.token_hex(12)
    order = paying.Order(reference=reference, cents=cents, currency=account.currency)
    try:
        begun = paying.named(name).begin(order=order, back=back(reference))
    except paying.ProviderError as error:
        raise CheckoutError(
            zh="支付机构暂时没有响应，未产生任何扣款。请稍后再试。",
            en="The payment provider did not answer; nothing was charged. Try again later.",
        ) from error
    with transaction.atomic():
        checkout = Checkout.objects.create(
            link=link, account=account, reference=reference, provider=name, provider_ref=begun.provider_ref,
            address=begun.address, cents=cents, currency=account.currency, begun_at=now,
        )  # fmt: skip
        _noted("checkout.begun", checkout, provider=name, cents=cents, currency=account.currency)
    return checkout


@transaction.atomic
def finish(*, provider: str, paid: paying.Paid, now: datetime) -> Checkout | None:
    """Book what a provider says was paid, once. None when the order is not ours, or sum or currency are not the order's:
    that is journalled for people to look at, and nothing is booked.
    """
    found = Checkout.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "account__creditor", "link__case"
    )
    checkout = found.filter(provider=provider, provider_ref=paid.provider_ref, reference=paid.reference).first()
    if checkout is None:
        journal.write("checkout.unknown", provider=provider, reference=paid.reference[:40])
        return None
    if checkout.payment_id:
        return checkout
    if (paid.cents, paid.currency) != (checkout.cents, checkout.currency):
        _noted("checkout.differs", checkout, told_cents=paid.cents, told_currency=paid.currency)
        return None
    account = checkout.account
    receipt = flow.receive(
        creditor=account.creditor, account=account, reference=f"{provider}:{checkout.reference}", cents=paid.cents,
        currency=paid.currency, happened_on=now.astimezone(ZoneInfo(account.creditor.zone)).date(), now=now,
        method=provider,
    )  # fmt: skip
    checkout.payment_id, checkout.paid_at = receipt.payment_id, now
    checkout.save(update_fields=["payment", "paid_at"])
    _noted("checkout.paid", checkout, payment=receipt.payment_id)
    return checkout


def _noted(verb: str, checkout: Checkout, **detail: Any) -> None:
    case = checkout.link.case
    journal.write(verb, subject="case", subject_id=case.pk, person_id=case.person_id, checkout=checkout.pk, **detail)
