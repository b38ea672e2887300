"""Providers that take payments. Each is a module with the same two verbs:

    begin(order=…, back=…) -> Begun          # register the order with the provider; where the borrower pays
    read(body=…, signature=…, now=…) -> …    # what the provider tells us: Paid, or None when it is not about money in

`settings.PAYING` names the one in use: "sandbox" (pretends), "stripe", or "" for none.
"""

from types import ModuleType

from django.conf import settings

from fairdue.portal.paying import sandbox, stripe
from fairdue.portal.paying.values import Begun, NotGenuineError, Order, Paid, ProviderError

__all__ = ["Begun", "NotGenuineError", "Order", "Paid", "ProviderError", "in_use", "named"]

PROVIDERS: dict[str, ModuleType] = {"sandbox": sandbox, "stripe": stripe}


def in_use() -> str:
    """The name of the provider in use, "" for none."""
    return str(settings.PAYING)


def named(name: str) -> ModuleType:
    """A provider by name; KeyError."""
    return PROVIDERS[name]
