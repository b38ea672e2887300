"""What is said to and by a provider."""

from dataclasses import dataclass


class ProviderError(RuntimeError):
    """The provider did not take the order; nothing was begun."""


class NotGenuineError(ValueError):
    """A message that does not come from the provider, or is too old: nothing is done."""


@dataclass(frozen=True)
class Order:
    """A sum to be paid, in minor units. `reference` is ours; what a provider is told says nothing about a debt."""

    reference: str
    cents: int
    currency: str


@dataclass(frozen=True)
class Begun:
    """The provider's reference and the address at which the borrower pays ("" = a page of ours)."""

    provider_ref: str
    address: str


@dataclass(frozen=True)
class Paid:
    """Money in, as the provider tells it: for which order, how much, which currency."""

    provider_ref: str
    reference: str
    cents: int
    currency: str
