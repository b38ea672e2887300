"""Channels: one folder for each kind, the same file in each (`adapter.py` with `deliver`).

`deliver(envelope, now=…)` spends the envelope's permit before anything leaves the house; without a good permit it
raises PermitError and nothing is sent. A channel that cannot do its work raises ChannelError. Only contact.services
may import this package (import contract).
"""

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Final, Protocol, cast
from uuid import UUID

from fairdue.law import codes
from fairdue.staff.models import User

_FOLDERS: Final = {codes.Channel.CALL: "phone_manual", codes.Channel.EMAIL: "email"}

CAN: Final = frozenset(_FOLDERS)
"""The channels the house has."""


@dataclass(frozen=True)
class Envelope:
    """What a channel gets: the permit, and for messages what is written. `key` is the same on every try."""

    permit: UUID
    by: User | None = None
    key: str = ""
    language: str = "zh"
    subject: str = ""
    body: str = ""


@dataclass(frozen=True)
class Receipt:
    """What a channel gives back. `reference`: the provider's id; `address`: the number to dial (manual phone alone)."""

    reference: str = ""
    address: str = ""


class ChannelError(Exception):
    """Nothing could be handed over. `retry`: certainly nothing left the house, and a later try may succeed."""

    def __init__(self, why: str, *, retry: bool, doubt: bool = False) -> None:
        super().__init__(why)
        self.retry, self.doubt = retry, doubt


class Adapter(Protocol):
    """What every channel's `adapter` module offers. RECORDS: what is said is recorded, and must be told."""

    RECORDS: bool

    def deliver(self, envelope: Envelope, *, now: datetime) -> Receipt:
        """Spend the permit, hand over, give a receipt; raises PermitError or ChannelError."""


def adapter(channel: int) -> Adapter:
    """The adapter of a channel in `CAN`."""
    folder = _FOLDERS[codes.Channel(channel)]
    return cast(Adapter, import_module(f"{__name__}.{folder}.adapter"))


def records(channel: int) -> bool:
    """Whether what is said on a channel in `CAN` is recorded."""
    return adapter(channel).RECORDS
