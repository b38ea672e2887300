"""Stripe Checkout: a session is created over HTTPS; the money is told by a signed webhook.

Signature: header `t=<unix seconds>,v1=<hex>`, v1 = HMAC-SHA-256 of "<t>.<body>" under the webhook's secret; several v1
while a secret is being changed. Older than five minutes, or further ahead, is refused.
"""

import hashlib
import hmac
import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from fairdue.portal.paying.values import Begun, NotGenuineError, Order, Paid, ProviderError

TOLERANCE_SECONDS: Final = 300
CURRENCIES: Final = frozenset({"AUD", "BRL", "CNY", "EUR", "GBP", "HKD", "INR", "SGD", "USD", "JPY"})
"""Currencies whose minor unit is the same at Stripe as here."""
_PAID: Final = frozenset({"checkout.session.completed", "checkout.session.async_payment_succeeded"})
_SECONDS: Final = 10


def begin(*, order: Order, back: str) -> Begun:
    """Create a Checkout session; repeated with the same reference it is the same session. Raises ProviderError."""
    if order.currency not in CURRENCIES:
        raise ProviderError(f"currency {order.currency} is not taken")
    told = _post(
        "/v1/checkout/sessions",
        {
            "mode": "payment",
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": order.currency.lower(),
            "line_items[0][price_data][unit_amount]": str(order.cents),
            "line_items[0][price_data][product_data][name]": order.reference,
            "client_reference_id": order.reference,
            "success_url": back,
            "cancel_url": back,
        },
        key=order.reference,
    )
    reference, address = told.get("id"), told.get("url")
    if not isinstance(reference, str) or not isinstance(address, str) or not address.startswith("https://"):
        raise ProviderError("the provider's answer names no session or no address")
    return Begun(provider_ref=reference, address=address)


def read(*, body: bytes, signature: str, now: datetime) -> Paid | None:
    """What an event says about money in; None for every other event. Raises NotGenuineError."""
    _verify(body, signature, now)
    try:
        event = json.loads(body)
        session = event["data"]["object"]
        if event["type"] not in _PAID or session["payment_status"] != "paid":
            return None
        return Paid(
            provider_ref=str(session["id"]),
            reference=str(session["client_reference_id"]),
            cents=int(session["amount_total"]),
            currency=str(session["currency"]).upper(),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise NotGenuineError("the event cannot be read") from error


def _verify(body: bytes, signature: str, now: datetime) -> None:
    parts = [part.partition("=")[::2] for part in signature.split(",")]
    stamp = next((value for name, value in parts if name.strip() == "t"), "")
    if not settings.STRIPE_WEBHOOK_SECRET or not (stamp.isascii() and stamp.isdigit()):
        raise NotGenuineError("no signature, or no secret to check it by")
    made = hmac.new(settings.STRIPE_WEBHOOK_SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not any(name.strip() == "v1" and hmac.compare_digest(value.encode(), made.encode()) for name, value in parts):
        raise NotGenuineError("the signature is wrong")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE_SECONDS:
        raise NotGenuineError("the event is too old")


def _post(path: str, fields: dict[str, str], *, key: str) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked in the settings
        settings.STRIPE_URL + path,
        data=urllib.parse.urlencode(fields).encode(),
        headers={"Authorization": f"Bearer {settings.STRIPE_KEY}", "Idempotency-Key": key},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
            told = json.load(answer)
    except urllib.error.HTTPError as error:
        raise ProviderError(f"the provider answered {error.code}") from error
    except (OSError, ValueError) as error:
        raise ProviderError("the provider cannot be reached") from error
    if not isinstance(told, dict):
        raise ProviderError("the provider's answer cannot be read")
    return told
