"""The tables of a record: what happened, what was asked for, agreed, refused. See `record` for how they are used."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar, Final, Self

import numpy as np
from numpy.typing import ArrayLike

from fairdue.law.clock import NEVER
from fairdue.law.facts import FactError
from fairdue.law.joins import Ints

ALL_CHANNELS: Final = -1
"""Bits of a set of channels (1 << Channel.CALL …); this is all of them."""


@dataclass(frozen=True)
class Table:
    """Aligned integer columns; a column left out takes its default for every row."""

    defaults: ClassVar[Mapping[str, int]] = {}

    @classmethod
    def of(cls, **columns: ArrayLike) -> Self:
        """Align; raises FactError when a column is unknown, missing, or of another length."""
        names = [f.name for f in fields(cls)]
        if wrong := columns.keys() - set(names):
            raise FactError(f"{cls.__name__} has no column {', '.join(sorted(wrong))}; it has {', '.join(names)}")
        given = {name: np.atleast_1d(np.asarray(value)).astype(np.int64) for name, value in columns.items()}
        n = len(given[names[0]]) if names[0] in given else 0
        ready: dict[str, Ints] = {}
        for name in names:
            if name not in given and name not in cls.defaults and given:
                raise FactError(f"{cls.__name__} needs the column {name}")
            column = given.get(name)
            if column is None:
                column = np.full(n, cls.defaults.get(name, 0), np.int64)
            elif len(column) != n:
                if len(column) != 1:
                    raise FactError(f"{cls.__name__}.{name} has {len(column)} rows, {n} are needed")
                column = np.broadcast_to(column, n)
            ready[name] = column
        return cls(**ready)

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))


@dataclass(frozen=True)
class Links(Table):
    """Which debts a row is about: one line per pair."""

    row: Ints
    debt: Ints


@dataclass(frozen=True)
class Events(Table):
    """Contacts that happened. `person` is the other side, whoever began; codes as in `codes`."""

    defaults: ClassVar[Mapping[str, int]] = {
        "actor": 0,
        "number": 0,
        "mode": 1,
        "purpose": 1,
        "reply_to": -1,
        "endpoint": 0,
        "asked_for": 0,
    }
    at: Ints
    person: Ints
    channel: Ints
    dir: Ints
    result: Ints
    actor: Ints
    number: Ints
    mode: Ints
    purpose: Ints
    reply_to: Ints
    """Index of the event this one answers; -1 = none."""
    endpoint: Ints
    asked_for: Ints
    """1 = a call the person had asked for."""


@dataclass(frozen=True)
class EventDebts(Table):
    """What an event was about, one line per event and debt.

    `called`: it counts as a call about this debt (0 where only the debtor raised it).
    `talked`: this debt was talked about, if there was a conversation.
    """

    defaults: ClassVar[Mapping[str, int]] = {"called": 1, "talked": 1}
    event: Ints
    debt: Ints
    called: Ints
    talked: Ints


@dataclass(frozen=True)
class OptOuts(Table):
    """Requests not to be contacted, by `codes.Scope`; `channels` narrows scope CHANNEL and NUMBER."""

    defaults: ClassVar[Mapping[str, int]] = {"channels": ALL_CHANNELS, "number": 0, "address": 0, "lifted": NEVER}
    at: Ints
    person: Ints
    scope: Ints
    channels: Ints
    number: Ints
    address: Ints
    lifted: Ints


@dataclass(frozen=True)
class Consents(Table):
    """Permissions. `extra` 1 = to additional calls, 0 = to off hours. `day`: only that local day number; -1 = any.

    `debt` 0 = every debt. `valid` 0 = not given to us or not recorded: it has no effect.
    """

    defaults: ClassVar[Mapping[str, int]] = {
        "debt": 0,
        "channels": ALL_CHANNELS,
        "day": -1,
        "revoked": NEVER,
        "valid": 1,
    }
    given: Ints
    person: Ints
    extra: Ints
    debt: Ints
    channels: Ints
    day: Ints
    revoked: Ints
    valid: Ints


@dataclass(frozen=True)
class Stops(Table):
    """Pauses by `codes.StopKind`, of a person or, with `debt`, of one debt (0 = all debts of the person)."""

    defaults: ClassVar[Mapping[str, int]] = {"debt": 0, "end": NEVER}
    start: Ints
    person: Ints
    kind: Ints
    debt: Ints
    end: Ints


@dataclass(frozen=True)
class UnwelcomeTimes(Table):
    """Times a person named as unwelcome: see `facts.Wishes` for the units."""

    defaults: ClassVar[Mapping[str, int]] = {"days": 127, "start": 0, "end": 1440, "first": 0, "last": NEVER}
    person: Ints
    days: Ints
    start: Ints
    end: Ints
    first: Ints
    last: Ints


@dataclass(frozen=True)
class Reserved(Table):
    """Numbers the debtor left with the lender; `invalid_since` NEVER while they work."""

    defaults: ClassVar[Mapping[str, int]] = {"invalid_since": NEVER}
    person: Ints
    number: Ints
    invalid_since: Ints


@dataclass(frozen=True)
class WrongNumbers(Table):
    """Numbers learned never to have been the person's."""

    person: Ints
    number: Ints
    learned: Ints


@dataclass(frozen=True)
class Sessions(Table):
    """While a person used the portal."""

    person: Ints
    start: Ints
    end: Ints


@dataclass(frozen=True)
class Record:
    """All that is on record; what is left out is empty."""

    events: Events = field(default_factory=Events.of)
    event_debts: EventDebts = field(default_factory=EventDebts.of)
    opt_outs: OptOuts = field(default_factory=OptOuts.of)
    consents: Consents = field(default_factory=Consents.of)
    stops: Stops = field(default_factory=Stops.of)
    unwelcome: UnwelcomeTimes = field(default_factory=UnwelcomeTimes.of)
    reserved: Reserved = field(default_factory=Reserved.of)
    wrong_numbers: WrongNumbers = field(default_factory=WrongNumbers.of)
    sessions: Sessions = field(default_factory=Sessions.of)


@dataclass(frozen=True)
class Contacts:
    """What is intended, one row per contact.

    person = the addressee, debtor = whose debt it is (the same id when the debtor is addressed). zones: (n, m) zone
    numbers from `clock.zone_sets`. debts: the debts the contact is about. reply_to: index of their event it answers.
    columns: everything known beside the record, by the names of `facts.COLUMNS`.
    """

    instant: Ints
    person: Ints
    debtor: Ints
    actor: Ints
    number: Ints
    address: Ints
    channel: Ints
    reply_to: Ints
    zones: Ints
    debts: Links
    columns: Mapping[str, ArrayLike]

    @classmethod
    def of(
        cls,
        *,
        instant: ArrayLike,
        person: ArrayLike,
        channel: ArrayLike,
        zones: Ints,
        debtor: ArrayLike | None = None,
        actor: ArrayLike = 0,
        number: ArrayLike = 0,
        address: ArrayLike = 0,
        reply_to: ArrayLike = -1,
        debts: Links | None = None,
        columns: Mapping[str, ArrayLike] | None = None,
    ) -> Self:
        """Align; a single value serves every row. A missing debtor is the addressee."""
        people = np.atleast_1d(np.asarray(person, np.int64))
        n = len(people)

        def line(value: ArrayLike) -> Ints:
            return np.broadcast_to(np.asarray(value, np.int64).reshape(-1), n)

        return cls(
            line(instant), people, people if debtor is None else line(debtor), line(actor), line(number),
            line(address), line(channel), line(reply_to), np.broadcast_to(zones, (n, zones.shape[1])),
            debts or Links.of(), columns or {},
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.person)

    @property
    def without_debts(self) -> Ints:
        """Rows that name no debt."""
        return np.flatnonzero(np.bincount(self.debts.row, minlength=len(self)) == 0)
