"""Which past contacts count, and which of them somebody agreed to. Sort and search on columns, no loop over rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final, TypeAlias

import numpy as np

from fairdue.law.clock import DAY, LONG_AGO, NEVER, Local, midnight
from fairdue.law.codes import Channel, Direction, Endpoint, Jurisdiction, Mode, Place, Result
from fairdue.law.facts import COUNTS, UNKNOWN, Mask, Spans
from fairdue.law.joins import Ints, Latest, pack, pairs, spread
from fairdue.law.tables import Consents, Contacts, Events, Links, Record

# ---- which events count


PHONE: Final = (Channel.CALL, Channel.VOICEMAIL)
FAILED: Final = (Result.UNANSWERED, Result.BUSY, Result.NOT_IN_SERVICE, Result.VOICEMAIL_REACHED)
_HEARD: Final = (Result.NOTICE_PLAYED, Result.DELIVERED)
"""What a recorded notice comes to when somebody listens."""
_NOT_CONNECTED: Final = (Result.BUSY, Result.NOT_IN_SERVICE, Result.CANCELLED)
"""12 CFR 1006.14(b)(3)(ii): busy and not in service are no calls; dropped, voicemail and unanswered are."""


def one_of(column: Ints, members: Iterable[int]) -> Mask:
    found = np.zeros(len(column), np.bool_)
    for member in members:
        found |= column == member
    return found


@dataclass(frozen=True)
class Known:
    """The events of the record with the questions every count asks answered once."""

    out: Mask
    phone: Mask
    live: Mask
    """Placed or sent; not cancelled."""
    wrong_since: Ints
    """Since when the number is known not to be the person's; NEVER where it is theirs."""
    talk: Mask
    """A conversation by phone, whoever called; a call that is running may yet become one."""
    debt_event: Ints
    debt: Ints
    talks: Latest
    """Conversations by person and debt, to be asked with `talk_key`."""
    talk_radix: int
    told: tuple[Ints, Ints]
    """Person and instant of every conversation about a debt."""

    @classmethod
    def of(cls, contacts: Contacts, record: Record) -> "Known":
        e, links = record.events, record.event_debts
        phone = one_of(e.channel, PHONE)
        talk = phone & one_of(e.result, (Result.CONVERSATION, Result.PENDING))
        told = np.flatnonzero(talk[links.event] & (links.talked != 0))
        person, at = e.person[links.event[told]], e.at[links.event[told]]
        radix = 1 + max(int(c.max(initial=0)) for c in (links.debt, contacts.debts.debt, record.consents.debt))
        return cls(
            out=e.dir == Direction.OUT,
            phone=phone,
            live=e.result != Result.CANCELLED,
            wrong_since=_wrong_since(record),
            talk=talk,
            debt_event=links.event,
            debt=links.debt,
            talks=Latest.of(person * radix + links.debt[told], at),
            talk_radix=radix,
            told=(person, at),
        )

    @cached_property
    def talks_of_person(self) -> Latest:
        """Conversations by person, whatever the debt."""
        return Latest.of(*self.told)

    def talk_key(self, person: Ints, debt: Ints) -> Ints:
        """The key under which conversations of a person about a debt are kept."""
        return person * self.talk_radix + debt


def _wrong_since(record: Record) -> Ints:
    e, w = record.events, record.wrong_numbers
    since = np.full(len(e), NEVER)
    if len(w) and len(e):
        theirs, known = pack([e.person, e.number], [w.person, w.number])
        event, of = pairs(theirs, known)
        np.minimum.at(since, event, w.learned[of])
        since[e.number == 0] = NEVER
    return since


# ---- counts of past contacts


def past(contacts: Contacts, record: Record, known: Known) -> dict[str, Ints]:
    e = record.events
    out, phone, live = known.out, known.phone, known.live
    spoken = one_of(e.mode, (Mode.HUMAN, Mode.AI_VOICE))
    dialled = out & phone & live

    def by(name: str, which: Mask, key: Ints, wanted: Ints) -> Ints:
        return Latest.of(key[which], e.at[which]).up_to(wanted, contacts.instant, COUNTS[name][0])

    def of_person(name: str, which: Mask) -> Ints:
        return by(name, which & (e.person > 0), e.person, contacts.person)

    def of_number(name: str, which: Mask) -> Ints:
        return by(name, which & (e.number > 0), e.number, contacts.number)

    sent = out & live
    found = {
        "calls": _calls(contacts, record, known),
        "conversations": _conversations(contacts, known),
        "effective_calls": of_person("effective_calls", dialled & spoken & known.talk),
        "notices": of_person("notices", dialled & (e.mode == Mode.RECORDED) & (known.talk | one_of(e.result, _HEARD))),
        "failed_dials": of_number("failed_dials", dialled & one_of(e.result, FAILED)),
        "unanswered": of_number("unanswered", dialled & one_of(e.result, (Result.UNANSWERED, Result.PENDING))),
        "dials": of_person("dials", dialled),
        "sms": of_person("sms", sent & one_of(e.channel, (Channel.SMS, Channel.IM, Channel.PUSH))),
        "emails": of_person("emails", sent & (e.channel == Channel.EMAIL)),
        "letters": of_person("letters", sent & (e.channel == Channel.LETTER)),
        "visits": of_person("visits", sent & (e.channel == Channel.VISIT)),
    }
    return found | _local_counts(contacts, record, known)


# ---- counts that only some places ask for; elsewhere they are left out


def _local_counts(contacts: Contacts, record: Record, known: Known) -> dict[str, Ints]:
    """The counts of the places in which somebody is addressed."""
    found: dict[str, Ints] = {}
    for name, (place, which, about_debt, by_actor) in _LOCAL.items():
        if _asked_in(contacts, place):
            depth = COUNTS[name][0]
            found[name] = _counted_by(contacts, record, which(record.events, known), about_debt, by_actor, depth)
    return found


def _asked_in(contacts: Contacts, place: Place | Jurisdiction) -> bool:
    """Whether somebody lives there, or may."""
    name = "place" if isinstance(place, Place) else "jurisdiction"
    codes = np.asarray(contacts.columns.get(name, UNKNOWN if name == "jurisdiction" else Place.NONE))
    return bool(((codes == place) | (codes == UNKNOWN)).any())


def _counted_by(contacts: Contacts, record: Record, which: Mask, about_debt: bool, by_actor: bool, depth: int) -> Ints:
    """The latest of the events `which` with each addressee; about the same debt, by the same actor, as asked."""
    e, links = record.events, record.event_debts
    if not about_debt:
        event = np.flatnonzero(which & (e.person > 0))
        theirs, wanted = pack(
            [e.person[event], *([e.actor[event]] if by_actor else [])],
            [contacts.person, *([contacts.actor] if by_actor else [])],
        )
        return Latest.of(theirs, e.at[event]).up_to(wanted, contacts.instant, depth)
    lines = np.flatnonzero(which[links.event])
    event, asked = links.event[lines], contacts.debts

    def keys(row: Ints, debt: Ints | None) -> tuple[Ints, Ints]:
        of_debt = ([links.debt[lines]], [debt]) if debt is not None else ([], [])
        of_actor = ([e.actor[event]], [contacts.actor[row]]) if by_actor else ([], [])
        return pack([e.person[event], *of_actor[0], *of_debt[0]], [contacts.person[row], *of_actor[1], *of_debt[1]])

    return _over_debts(contacts, keys, e.at[event], depth, asked)


def _any_contact(e: Events, known: Known) -> Mask:
    ours: Mask = known.out & known.live
    return ours


def _at_work(e: Events, known: Known) -> Mask:
    at_work: Mask = known.out & known.live & one_of(e.endpoint, _WORK)
    return at_work


def _made(e: Events, known: Known) -> Mask:
    made: Mask = known.out & one_of(e.result, _REACHED) & (e.channel != Channel.VISIT)
    return made


def _unasked(e: Events, known: Known) -> Mask:
    unasked: Mask = known.out & known.live & known.phone & (e.asked_for == 0)
    return unasked


def _by_phone(e: Events, known: Known, *, work: bool, reached: bool) -> Mask:
    phone = known.phone | one_of(e.channel, (Channel.SMS, Channel.IM))
    there = one_of(e.endpoint, _WORK)
    through = one_of(e.result, _REACHED) if reached else np.ones(len(e), np.bool_)
    tried: Mask = known.out & known.live & phone & (there if work else ~there) & through
    return tried


_WORK: Final = (Endpoint.WORK_LANDLINE, Endpoint.WORK_EMAIL)
_REACHED: Final = (
    Result.CONVERSATION, Result.NOTICE_PLAYED, Result.VOICEMAIL_LEFT, Result.DELIVERED, Result.DROPPED,
)  # fmt: skip
_Which: TypeAlias = Callable[[Events, Known], Mask]
_LOCAL: Final[dict[str, tuple[Place | Jurisdiction, _Which, bool, bool]]] = {
    # count: where it is asked for, which events, about the same debt, by the same actor
    "contacts": (Place.US_WA, _any_contact, False, True),
    "contacts_at_work": (Place.US_WA, _at_work, False, True),
    "contacts_about_debt": (Place.US_NYC, _any_contact, True, True),
    "contacts_made": (Jurisdiction.AU, _made, True, False),
    "calls_unasked": (Place.US_DC, _unasked, False, True),
    "phone_tries": (Place.US_MA, partial(_by_phone, work=False, reached=False), True, True),
    "phone_messages": (Place.US_MA, partial(_by_phone, work=False, reached=True), True, True),
    "work_tries": (Place.US_MA, partial(_by_phone, work=True, reached=False), True, True),
    "work_messages": (Place.US_MA, partial(_by_phone, work=True, reached=True), True, True),
}


def counted_calls(contacts: Contacts, record: Record) -> tuple[Mask, Mask]:
    """Which lines of `record.event_debts` are counted calls of Regulation F, and which a consent took out.

    A call is counted per actor, person and debt; never per number (12 CFR 1006.14(b)(2), (b)(4)).
    """
    return _counted(contacts, record, Known.of(contacts, record))


def _counted(contacts: Contacts, record: Record, known: Known) -> tuple[Mask, Mask]:
    e, links = record.events, record.event_debts
    theirs = known.wrong_since > contacts.instant.min(initial=NEVER)
    call = known.out & known.phone & ~one_of(e.result, _NOT_CONNECTED) & theirs
    counted = call[links.event] & (links.called != 0)
    agreed = counted & _agreed(contacts, record, known)
    return counted & ~agreed, agreed


def _calls(contacts: Contacts, record: Record, known: Known) -> Ints:
    e, links = record.events, record.event_debts
    counted, _ = _counted(contacts, record, known)
    lines = np.flatnonzero(counted)
    event, asked = links.event[lines], contacts.debts
    return _over_debts(
        contacts,
        lambda row, debt: pack(
            [e.actor[event], e.person[event], *([links.debt[lines]] if debt is not None else [])],
            [contacts.actor[row], contacts.person[row], *([debt] if debt is not None else [])],
        ),
        e.at[event],
        COUNTS["calls"][0],
        asked,
    )


def _over_debts(
    contacts: Contacts,
    keys: Callable[[Ints, Ints | None], tuple[Ints, Ints]],
    at: Ints,
    depth: int,
    asked: Links,
) -> Ints:
    """Counts per debt, the strictest of a contact's debts; a contact that names no debt is counted over all."""
    theirs, wanted = keys(asked.row, asked.debt)
    found = Latest.of(theirs, at).up_to(wanted, contacts.instant[asked.row], depth)
    if len(asked) == len(contacts) and (asked.row == np.arange(len(contacts))).all():
        return found
    result = np.full((len(contacts), depth), LONG_AGO, np.int64, order="F")
    np.maximum.at(result, asked.row, found)
    bare = contacts.without_debts
    if len(bare):
        theirs, wanted = keys(bare, None)
        result[bare] = Latest.of(theirs, at).up_to(wanted, contacts.instant[bare], depth)
    return result


def _conversations(contacts: Contacts, known: Known) -> Ints:
    asked = contacts.debts
    result = np.full((len(contacts), 1), LONG_AGO, np.int64)
    key = known.talk_key(contacts.person[asked.row], asked.debt)
    np.maximum.at(result, asked.row, known.talks.up_to(key, contacts.instant[asked.row], 1))
    bare = contacts.without_debts
    if len(bare):
        result[bare] = known.talks_of_person.up_to(contacts.person[bare], contacts.instant[bare], 1)
    return result


# ---- consents


def _consent_times(contacts: Contacts, record: Record, known: Known) -> tuple[Ints, Ints, Ints]:
    """For every consent of somebody addressed: its row, when it begins and when it ends.

    Consent to additional calls ends with the seventh day (the day it was given is the first), when revoked, or with
    the next conversation on that debt: comments 14(b)(3)(i)-1 and -2 to 12 CFR 1006.14.
    """
    c = record.consents
    people, first = np.unique(contacts.person, return_index=True)
    place = np.minimum(np.searchsorted(people, c.person), max(len(people) - 1, 0))
    rows = np.flatnonzero((people[place] == c.person) & (c.valid != 0)) if len(people) else np.empty(0, np.int64)
    zones = np.maximum(contacts.zones[first[place[rows]]], 0)
    given, day, extra = c.given[rows], c.day[rows], c.extra[rows] != 0
    start, end = given.copy(), c.revoked[rows].copy()
    for j in range(zones.shape[1]):
        zone = zones[:, j]
        seventh = Local(zone, given).day + 7
        last = np.where(day >= 0, day + 1, np.where(extra, seventh, NEVER // DAY - 3))
        end = np.minimum(end, np.where(last < NEVER // DAY - 3, midnight(zone, np.where(last < 10**6, last, 0)), NEVER))
        start = np.maximum(start, np.where(day >= 0, midnight(zone, np.maximum(day, 0)), start))
    key = known.talk_key(c.person[rows], c.debt[rows])
    talk = known.talks.first_after(key, given, NEVER)
    whole = c.debt[rows] == 0
    if whole.any():
        talk = np.where(whole, known.talks_of_person.first_after(c.person[rows], given, NEVER), talk)
    return rows, start, np.where(extra, np.minimum(end, talk), end)


def _agreed(contacts: Contacts, record: Record, known: Known) -> Mask:
    """Lines of `event_debts` whose call was covered by consent; so is the conversation that ends it."""
    links, e, c = record.event_debts, record.events, record.consents
    covered = np.zeros(len(links), np.bool_)
    if not len(c):
        return covered
    rows, start, end = _consent_times(contacts, record, known)
    line, which = pairs(e.person[links.event], c.person[rows])
    at, of = e.at[links.event[line]], rows[which]
    fits = (c.extra[of] != 0) & ((c.debt[of] == 0) | (c.debt[of] == links.debt[line]))
    talked = known.talk[links.event[line]] & (at == end[which])
    # The call in whose minute it was given is the one in which it was given.
    covered[line[fits & (at > start[which]) & ((at < end[which]) | talked)]] = True
    return covered


def consent_spans(contacts: Contacts, record: Record, known: Known) -> tuple[Spans, Spans]:
    """(off hours agreed, extra calls agreed) of each contact; extra calls only where every debt of it is covered."""
    c, n = record.consents, len(contacts)
    if not len(c):
        return Spans.none(n), Spans.none(n)
    rows, start, end = _consent_times(contacts, record, known)
    who, which = pairs(contacts.person, c.person[rows])
    of = rows[which]
    timely = c.given[of] <= contacts.instant[who]
    off = timely & (c.extra[of] == 0) & ((c.channels[of] >> contacts.channel[who]) & 1 == 1)
    hours = Spans(spread(who[off], start[which[off]], n, NEVER), spread(who[off], end[which[off]], n, NEVER))
    return hours, _extra_calls(contacts, c, who[timely], of[timely], start[which[timely]], end[which[timely]])


def _extra_calls(contacts: Contacts, c: Consents, who: Ints, of: Ints, start: Ints, end: Ints) -> Spans:
    n, asked = len(contacts), contacts.debts
    many = np.bincount(asked.row, minlength=n)
    pair, link = pairs(who, asked.row)
    fits = (c.extra[of[pair]] != 0) & ((c.debt[of[pair]] == 0) | (c.debt[of[pair]] == asked.debt[link]))
    pair, link = pair[fits], link[fits]
    first = np.full(len(asked), LONG_AGO, np.int64)
    np.maximum.at(first, link, start[pair])
    last = np.full(len(asked), LONG_AGO, np.int64)
    latest = start[pair] == first[link]
    np.maximum.at(last, link[latest], end[pair][latest])
    begin, finish = np.full(n, LONG_AGO, np.int64), np.full(n, NEVER, np.int64)
    np.maximum.at(begin, asked.row, np.where(first > LONG_AGO, first, NEVER))
    np.minimum.at(finish, asked.row, last)
    covered = (many > 0) & (begin < finish)
    return Spans.since(np.where(covered, begin, NEVER), np.where(covered, finish, NEVER))
