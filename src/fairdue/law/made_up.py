"""Made-up contacts of any number, for benchmarks and property tests: the same seed gives the same contacts."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from fairdue.law import record
from fairdue.law.clock import DAY, minutes, zone_sets
from fairdue.law.codes import Channel, DebtType, Direction, Jurisdiction, Purpose, Relation, Result, Scope, StopKind
from fairdue.law.facts import Facts
from fairdue.law.joins import Ints
from fairdue.law.tables import Contacts, Record

NOW: Final = minutes("2026-11-23T10:00", "Asia/Shanghai")
_US_ZONES: Final = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
_RESULTS: Final = (
    Result.UNANSWERED, Result.BUSY, Result.VOICEMAIL_REACHED, Result.CONVERSATION, Result.DROPPED,
    Result.NOT_IN_SERVICE,
)  # fmt: skip
_SHARES: Final = (0.55, 0.08, 0.12, 0.15, 0.05, 0.05)


def made_up_contacts(n: int, seed: int = 1, *, events_each: int = 8, at: int = NOW) -> tuple[Contacts, Record]:
    """`n` intended contacts (three in four mainland China, one in four United States) and their past three weeks."""
    draw = np.random.default_rng(seed)
    person = np.arange(1, n + 1)
    american = draw.random(n) < 0.25
    debt = person
    columns: dict[str, ArrayLike] = {
        "jurisdiction": np.where(american, Jurisdiction.US, Jurisdiction.CN),
        "relation": np.where(draw.random(n) < 0.95, Relation.DEBTOR, Relation.GUARANTOR),
        "purpose": Purpose.COLLECT,
        "actor_type": 2,
        "debt_type": np.where(draw.random(n) < 0.5, DebtType.CREDIT_CARD, DebtType.CONSUMER_LOAN),
        "debtor_alive": np.where(draw.random(n) < 0.999, 1, 0),
    }
    contacts = Contacts.of(
        instant=at,
        person=person,
        number=person,
        actor=1,
        channel=draw.choice([Channel.CALL, Channel.CALL, Channel.SMS, Channel.EMAIL], n),
        zones=_zones(american, draw),
        debts=record.Links.of(row=np.arange(n), debt=debt),
        columns=columns,
    )
    return contacts, _made_up_record(n, events_each, at, draw)


def made_up_facts(n: int, seed: int = 1, *, events_each: int = 8, at: int = NOW) -> Facts:
    """The facts of `made_up_contacts`, ready to be judged."""
    return record.facts(*made_up_contacts(n, seed, events_each=events_each, at=at))


def _zones(american: np.ndarray[tuple[int], np.dtype[np.bool_]], draw: np.random.Generator) -> Ints:
    """Shanghai, or one of four zones; one American in ten may be in either of two."""
    n = len(american)
    zones = zone_sets([["Asia/Shanghai"], *([name] for name in _US_ZONES)])[:, 0]
    first = np.where(american, draw.integers(1, 5, n), 0)
    second = np.where(american & (draw.random(n) < 0.1), draw.integers(1, 5, n), first)
    return np.stack([zones[first], zones[second]], axis=1)


def _made_up_record(n: int, events_each: int, at: int, draw: np.random.Generator) -> Record:
    m = n * events_each
    person = draw.integers(1, n + 1, m)
    days_back = draw.integers(0, 21, m)
    when = (at // DAY - days_back) * DAY + draw.integers(0, 12 * 60, m)
    phone = draw.random(m) < 0.8
    channel = np.where(phone, Channel.CALL, np.where(draw.random(m) < 0.7, Channel.SMS, Channel.EMAIL))
    result = np.where(phone, draw.choice(_RESULTS, m, p=_SHARES), Result.DELIVERED)
    events = record.Events.of(
        at=np.minimum(when, at), person=person, number=person, actor=1, channel=channel, dir=Direction.OUT,
        result=result, mode=np.where(draw.random(m) < 0.2, 2, 1),
    )  # fmt: skip
    few = max(n // 100, 1)
    someone = draw.integers(1, n + 1, few)
    return Record(
        events=events,
        event_debts=record.EventDebts.of(event=np.arange(m), debt=person),
        opt_outs=record.OptOuts.of(
            at=np.full(few, at - 9 * DAY), person=someone, scope=Scope.CHANNEL, channels=1 << Channel.SMS
        ),
        stops=record.Stops.of(
            start=np.full(few, at - 5 * DAY),
            person=draw.integers(1, n + 1, few),
            kind=draw.choice([StopKind.DISPUTE, StopKind.HARDSHIP, StopKind.CEASE, StopKind.PLAN], few),
        ),
        unwelcome=record.UnwelcomeTimes.of(
            person=draw.integers(1, n + 1, few), days=31, start=np.full(few, 9 * 60), end=np.full(few, 12 * 60)
        ),
    )
