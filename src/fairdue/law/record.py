"""From a record of what happened to the facts a rule may ask about.

Here, once, is decided which calls count, who was talked to, which numbers are wrong, what was agreed, refused or
stopped. The same code serves one contact and a million (sort and search on columns, no loop over rows).

How to call:

    contacts = Contacts.of(instant=..., person=..., debtor=..., actor=..., number=..., channel=..., zones=...,
                           debt_of=Links.of(row=[0, 1], debt=[81, 82]),
                           columns={"relation": ..., "purpose": ..., "jurisdiction": ..., "debtor_alive": ...})
    past = Record(events=Events.of(at=..., person=..., actor=..., channel=..., dir=..., result=..., ...),
                  event_debts=EventDebts.of(event=..., debt=...), opt_outs=OptOuts.of(...), stops=Stops.of(...))
    verdicts = gate.judge(facts(contacts, past), packs.standard())

Identifiers (person, actor, number, address, debt) are any non-negative integers; 0 = not known, matches nothing.
Every instant is UTC minutes. Events after a contact's instant are ignored for that contact. Rows need no order.
Only recent events are needed: 31 days back covers every rule of the standard packs, except the tests for lost contact
(give the debtor's calls since the last success) and standing wishes (opt-outs, stops, which have tables of their own).
"""

from numpy.typing import ArrayLike

from fairdue.law.facts import Facts, Spans
from fairdue.law.standing import out_of_reach, sessions, stop_spans, unwelcome, wishes_kept
from fairdue.law.tables import (
    ALL_CHANNELS,
    Consents,
    Contacts,
    EventDebts,
    Events,
    Links,
    OptOuts,
    Record,
    Reserved,
    Sessions,
    Stops,
    UnwelcomeTimes,
    WrongNumbers,
)
from fairdue.law.tally import Known, consent_spans, counted_calls, past

__all__ = [
    "ALL_CHANNELS",
    "Consents",
    "Contacts",
    "EventDebts",
    "Events",
    "Links",
    "OptOuts",
    "Record",
    "Reserved",
    "Sessions",
    "Stops",
    "UnwelcomeTimes",
    "WrongNumbers",
    "counted_calls",
    "facts",
]


def facts(contacts: Contacts, record: Record) -> Facts:
    """The facts of each intended contact as of its instant, every span and count of the vocabulary filled.

    What is known now is taken as known for every row: numbers learned to be wrong leave the count from the day they
    are learned, if that is not after the earliest of the instants.
    """
    events = Known.of(contacts, record)
    columns: dict[str, ArrayLike] = dict(contacts.columns)
    columns["channel"] = contacts.channel
    columns |= wishes_kept(contacts, record, columns)
    return Facts.of(
        instant=contacts.instant,
        zones=contacts.zones,
        spans=_spans(contacts, record, events),
        past=past(contacts, record, events),
        wishes=unwelcome(contacts, record.unwelcome),
        **columns,
    )


def _spans(contacts: Contacts, record: Record, known: Known) -> dict[str, Spans]:
    off_hours, extra = consent_spans(contacts, record, known)
    stops = stop_spans(contacts, record.stops)
    return {
        "off_hours_agreed": off_hours,
        "extra_calls_agreed": extra,
        "portal_session": sessions(contacts, record.sessions),
        "out_of_reach": out_of_reach(contacts, record, known),
    } | stops
