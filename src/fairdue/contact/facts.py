"""The facts of intended contacts, read from the database: one contact on screen and a million at night alike.

How to call (the night):

    facts = facts_for_night(
        at=moment,                       # datetime with a zone: what is on record up to then
        person=..., creditor=...,        # (n,) int64: the debtor and the creditor of each case
        contact_point=..., channel=...,  # (n,) int64: where and how; codes.Channel
        purpose=...,                     # (n,) or one code; left out: what suits the addressee (collect, relay …)
    )
    days = gate.windows(facts, rulebook.in_force(moment), start=first_minute, end=last_minute)

Rows keep their order; the addressee is the holder of the contact point, the debts are all open accounts of the person
at that creditor, or the one account the contact is confined to. A hold on one account binds contacts about it, alone or
among others; caps per person count whatever a contact was about. A row whose contact point does not exist gets unknown
zones and an unknown relation, so that the gate holds it: no id, no send. The number of queries does not depend on the
number of rows.

How to call (one case): `facts_for(rows, at=...)` with a list of `Row`; the same function underneath.

Decided here, once, for both:
- Which calls count: every attempt on record with the person, whichever creditor, collector or agency made it, and for
  a number that several persons share also the attempts to that number. Ours without an outcome count as if somebody
  had answered, as long as their permit is good or spent; a permit revoked or run out unspent was never a contact.
- Zones: of the contact point; else of the person's other points and region; else of the country; else unknown.
- Whoever has no recorded relation to the debtor is `unknown`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from fairdue.contact import reading
from fairdue.contact.reading import Few, Ints, Lookup, Reader, Texts, Whole, pair
from fairdue.law import codes, record
from fairdue.law.calendars import CALENDARS, Corrections
from fairdue.law.clock import NEVER, midnight, zone_number, zone_sets
from fairdue.law.facts import UNKNOWN, Facts
from fairdue.law.tally import PHONE
from fairdue.people.zones import country_zones, region_zones

CLOCKS_DIFFER: Final = 5
"""Minutes by which what is on record may lie ahead of the moment asked about and still have happened: whoever waits for
a lock reads what was written meanwhile by somebody whose clock was read later."""
US: Final = 1
"""Every attempt on record counts as one actor's: what an agency before us did binds us as if we had done it."""

_C, _R, _P = codes.Channel, codes.Relation, codes.Purpose

_ENDPOINTS: Final = {
    ("phone", "mobile"): codes.Endpoint.MOBILE,
    ("phone", "landline"): codes.Endpoint.HOME_LANDLINE,
    ("phone", "work"): codes.Endpoint.WORK_LANDLINE,
    ("email", "work"): codes.Endpoint.WORK_EMAIL,
    ("email", ""): codes.Endpoint.PERSONAL_EMAIL,
    ("address", ""): codes.Endpoint.HOME_ADDRESS,
}
_STOPS: Final = {
    "dispute": codes.StopKind.DISPUTE,
    "ceased": codes.StopKind.CEASE,
    "attorney": codes.StopKind.ATTORNEY,
    "moratorium": codes.StopKind.MORATORIUM,
    "plan": codes.StopKind.PLAN,
    "hardship": codes.StopKind.HARDSHIP,
}
_DEBTS: Final = np.array([UNKNOWN, codes.DebtType.CONSUMER_LOAN, codes.DebtType.CREDIT_CARD], np.int16)

_MAY_OWE: Final = {
    _R.DEBTOR, _R.SPOUSE, _R.PARENT_OF_MINOR, _R.GUARDIAN, _R.EXECUTOR, _R.INFORMAL_REPRESENTATIVE,
    _R.SUCCESSOR_IN_INTEREST, _R.CO_DEBTOR, _R.GUARANTOR, _R.ATTORNEY,
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One intended contact. `purpose` 0 = what suits the addressee's relation. `account` 0 = all open accounts of the
    person at that creditor, else the one the contact is about and no other."""

    person: int
    creditor: int
    contact_point: int
    channel: int
    purpose: int = 0
    account: int = 0


def facts_for(
    rows: Sequence[Row],
    *,
    at: datetime,
    without_attempt: int = 0,
    extra: Mapping[str, ArrayLike] | None = None,
) -> Facts:
    """Facts of a few intended contacts, in the rows' order.

    `without_attempt`: an attempt that is being judged again. `extra`: further columns of `law.facts.COLUMNS`, such as
    what a message says.
    """
    return gather(rows, at=at, without_attempt=without_attempt, extra=extra).facts


@dataclass(frozen=True)
class Gathered:
    """The facts of a few contacts with what the door writes down beside them.

    debts: account ids per row, the largest first. relations, purposes, addressees: (n,) codes and person ids.
    beside: the columns of the part that was to be read with them.
    """

    facts: Facts
    debts: tuple[tuple[int, ...], ...]
    relations: Ints
    purposes: Ints
    addressees: Ints
    beside: list[Ints]


def gather(
    rows: Sequence[Row],
    *,
    at: datetime,
    without_attempt: int = 0,
    extra: Mapping[str, ArrayLike] | None = None,
    beside: reading.Part | None = None,
    **params: str,
) -> Gathered:
    """`facts_for`, with the debts and the addressee's tie of each row.

    `beside`: something else to be read in the same statement, with its `params`.
    """
    table = [(r.person, r.creditor, r.contact_point, r.channel, r.purpose, r.account) for r in rows]
    columns = np.array(table, np.int64).reshape(-1, 6).T
    read = _Gathering(*columns, at=at, wide=False, without=without_attempt, beside=beside, params=params)
    row, place = read.debts
    debts = tuple(tuple(read.a_id[place[row == n]].tolist()) for n in range(len(rows)))
    told = read.reader.read(beside)[0] if beside else []
    return Gathered(read.facts(extra or {}), debts, read.relation, read.purposes, read.owner, told)


def facts_for_night(
    *,
    at: datetime,
    person: ArrayLike,
    creditor: ArrayLike,
    contact_point: ArrayLike,
    channel: ArrayLike,
    purpose: ArrayLike = 0,
    account: ArrayLike = 0,
) -> Facts:
    """Facts of many intended contacts, read by COPY into columns; aligned with the rows given."""
    persons = np.asarray(person, np.int64)

    def line(value: ArrayLike) -> Ints:
        return np.broadcast_to(np.asarray(value, np.int64), len(persons))

    wide = len(persons) > reading.MANY
    return _Gathering(
        persons,
        line(creditor),
        line(contact_point),
        line(channel),
        line(purpose),
        line(account),
        at=at,
        wide=wide,
        without=0,
    ).facts({})


def default_purposes(relation: Ints, jurisdiction: Ints, alive: Ints) -> Ints:
    """What a contact may be for: to those who may owe, the debt; to others, a message to call back or whereabouts.

    A spouse owes by law only where the common debt is proven (Civil Code of China art. 1064); US law counts a spouse
    as the consumer (12 CFR 1006.6(a)). Heirs are told of the claim against the estate.
    """
    owes = np.isin(relation, list(_MAY_OWE)) & ~((relation == _R.SPOUSE) & (jurisdiction == codes.Jurisdiction.CN))
    other = np.where(jurisdiction == codes.Jurisdiction.US, _P.LOCATION_INFORMATION, _P.RELAY)
    other = np.where((relation == _R.HEIR) & (alive == 0), _P.ESTATE_CLAIM, other)
    return np.where(owes, _P.COLLECT, other).astype(np.int64)


class _Gathering:
    """Everything read for the rows, and the facts made of it."""

    def __init__(
        self, person: Ints, creditor: Ints, point: Ints, channel: Ints, purpose: Ints,
        account: Ints, *, at: datetime, wide: bool, without: int, beside: reading.Part | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.person, self.creditor, self.point, self.channel, self.asked = person, creditor, point, channel, purpose
        self.about = account
        self.now = int(at.timestamp() // 60)
        self.params: dict[str, Any] = {
            "at": at,
            "since": at - timedelta(days=reading.RECENT),
            "shared_since": at - timedelta(days=2),
            "zone": reading.zone(),
            "without": without,
            "debtors": [] if wide else np.unique(person).tolist(),
            "points": [] if wide else np.unique(point).tolist(),
            "creditors": [] if wide else np.unique(creditor).tolist(),
            **(params or {}),
        }
        self.reader: Reader = Whole(self.params) if wide else Few(self.params, beside)
        self._read_points()
        self._read_creditors()
        self._read_ties()

    # ---- reading

    def _read_points(self) -> None:
        found, self.zone_texts = self.reader.read(reading.POINTS)
        self.p_id, self.p_owner, self.p_number, self.p_checked, packed = found
        self.p_kind, self.p_line, self.p_source, self.p_status, self.p_country = reading.unpack(packed, 5)
        self.at_point = Lookup(self.p_id).first(self.point)
        self.known = self.at_point >= 0
        self.owner = self._of_point(self.p_owner, 0)

    def _of_point(self, column: Ints, missing: int) -> Ints:
        """A column of the contact points, by row."""
        if not len(column):
            return np.full(len(self.point), missing, np.int64)
        return np.where(self.known, column[self.at_point], missing)

    def _read_creditors(self) -> None:
        (ids, acts), laws = self.reader.read(reading.CREDITORS)
        numbers = np.array([_jurisdiction(text) for text in laws.texts] + [UNKNOWN], np.int64)
        place = Lookup(ids).first(self.creditor)
        self.jurisdiction = np.where(place >= 0, numbers[laws.codes[place]], UNKNOWN)
        self.actor_type = np.where(place >= 0, acts[place], UNKNOWN)

    def _read_ties(self) -> None:
        accounts = self._ints(reading.ACCOUNTS)
        largest_first = np.lexsort((accounts[0], -accounts[5]))
        self.a_id, self.a_debtor, self.a_creditor, self.a_product, self.a_limit, _, self.a_proven = (
            column[largest_first] for column in accounts
        )
        self.ties = [np.empty(0, np.int64)] * 4
        if (self.owner != self.person).any():
            self.ties = self._ints(reading.RELATIONS)
        self.holds = self._ints(reading.HOLDS_IN_FORCE)
        self.wishes = self._ints(reading.WISHES_IN_FORCE)
        self.consents = self._ints(reading.CONSENTS_IN_FORCE)
        *plain, packed = self._ints(reading.EVENTS)
        self.events = [*plain, *reading.unpack(packed, 7)]
        self.also = [np.empty(0, np.int64)] * 2
        several = self.events[11] == 1
        if several.any():
            self.also = self.reader.read(reading.ALSO, several=self.events[0][several].tolist())[0]

    def _ints(self, part: reading.Part) -> list[Ints]:
        return self.reader.read(part)[0]

    # ---- who and where

    @cached_property
    def relation(self) -> Ints:
        debtor, person, kind, _ = self.ties
        place = Lookup(pair(debtor, person)).first(pair(self.person, self.owner))
        told = np.where(place >= 0, kind[place], _R.UNKNOWN) if len(kind) else np.full(len(place), int(_R.UNKNOWN))
        return np.where(self.owner == self.person, int(_R.DEBTOR), told)

    @cached_property
    def purposes(self) -> Ints:
        suits = default_purposes(self.relation, self.jurisdiction, self.alive)
        return np.where(self.asked > 0, self.asked, suits)

    @cached_property
    def asked_whereabouts(self) -> Ints:
        debtor, person, _, asked = self.ties
        place = Lookup(pair(debtor, person)).first(pair(self.person, self.owner))
        return np.where(place >= 0, asked[place], 0) if len(asked) else np.zeros(len(place), np.int64)

    @cached_property
    def alive(self) -> Ints:
        dead = self.holds[0][(self.holds[2] == 1 + reading.HOLDS.index("deceased")) & (self._held_until > self.now)]
        return np.where(np.isin(self.person, dead), 0, 1)

    @cached_property
    def regions(self) -> Texts | None:
        """The regions of the persons of `region_place`; None in a wide reading that does not need them."""
        us = (self.jurisdiction != codes.Jurisdiction.CN).any()
        if self.reader.wide and not us and not self._zoneless.any():
            return None
        (self._r_id,), texts = self.reader.read(reading.PERSONS)
        return texts

    def _region_codes(self, persons: Ints) -> Ints:
        """Place in regions.texts of each person; -1 not known."""
        if self.regions is None:
            return np.full(len(persons), -1)
        place = Lookup(self._r_id).first(persons)
        return np.where(place >= 0, self.regions.codes[place], -1) if len(self._r_id) else place

    @cached_property
    def place(self) -> Ints:
        """The part of the country where the debtor lives; unknown in the US where the region is not on record."""
        texts = self.regions.texts if self.regions else ()
        known = [codes.PLACE_OF_REGION.get(text, _unknown_place(text)) for text in texts]
        places = np.array([*known, _unknown_place("")], np.int64)[self._region_codes(self.person)]
        elsewhere = (self.jurisdiction != codes.Jurisdiction.US) & (places == UNKNOWN)
        return np.where(elsewhere, int(codes.Place.NONE), places)

    @cached_property
    def _zoneless(self) -> Any:
        """Rows whose contact point names no zone."""
        empty = np.array([not text.strip() for text in self.zone_texts.texts] + [True])
        return empty[self._of_point(self.zone_texts.codes, -1)] & self.known

    @cached_property
    def zones(self) -> Ints:
        sets: list[tuple[str, ...]] = [tuple(z for z in text.split(",") if z) for text in self.zone_texts.texts]
        sets.append(())
        codes_ = self._of_point(self.zone_texts.codes, len(sets) - 1)
        rows = np.flatnonzero(self._zoneless)
        if len(rows):
            codes_ = codes_.copy()
            codes_[rows] = self._fall_back(rows, sets)
        return zone_sets(sets)[codes_]

    def _fall_back(self, rows: Ints, sets: list[tuple[str, ...]]) -> Ints:
        """Zones of the holder's other points and region, else of the country; new sets are added to `sets`."""
        owners = np.unique(self.owner[rows])
        texts = self.regions.texts if self.regions else ()
        region = self._region_codes(owners)
        named = np.array([bool(s) for s in sets])[self.zone_texts.codes]
        lookup = Lookup(self.p_owner[named])
        zone_codes = self.zone_texts.codes[named]
        low, high = lookup.spans(owners)
        seen: dict[tuple[Any, ...], int] = {}
        answer = np.empty(len(owners), np.int64)
        for i in range(len(owners)):
            others = tuple(sorted(set(zone_codes[lookup.order[low[i] : high[i]]].tolist())))
            key = (others, int(region[i]))
            if key not in seen:
                names = {name for code in others for name in sets[code]}
                names |= set(region_zones(texts[region[i]])) if region[i] >= 0 else set()
                seen[key] = len(sets) if names else -1
                if names:
                    sets.append(tuple(sorted(names)))
            answer[i] = seen[key]
        result = answer[np.searchsorted(owners, self.owner[rows])]
        return self._by_country(rows, result, sets)

    def _by_country(self, rows: Ints, result: Ints, sets: list[tuple[str, ...]]) -> Ints:
        country = self._of_point(self.p_country, 0)[rows]
        for number in np.unique(country[result < 0]).tolist():
            zones = country_zones(chr(number >> 8) + chr(number & 255)) if number else ()
            result = np.where((result < 0) & (country == number), len(sets), result)
            sets.append(zones)
        return result

    # ---- the debts

    @cached_property
    def debts(self) -> tuple[Ints, Ints]:
        """(row, place of the account), the largest first within a row."""
        row, place = Lookup(pair(self.a_debtor, self.a_creditor)).every(pair(self.person, self.creditor))
        about = self.about[row]
        wanted = (about == 0) | (about == self.a_id[place])
        return row[wanted], place[wanted]

    def _debt_columns(self) -> dict[str, ArrayLike]:
        n = len(self.person)
        rows, places = self.debts
        first = np.full(n, -1)
        first[rows[::-1]] = places[::-1]
        owes = first >= 0
        kind = np.where(owes, _DEBTS[self.a_product[first]], UNKNOWN) if len(self.a_id) else np.full(n, UNKNOWN)
        today = self.now // 1440
        in_time = np.zeros(n, np.bool_)
        in_time[rows[self.a_limit[places] >= today]] = True
        proven = np.ones(n, np.bool_)
        proven[rows[self.a_proven[places] == 0]] = False
        return {
            "debt_type": kind,
            "debt_status": np.where(owes, int(codes.DebtStatus.OPEN), int(codes.DebtStatus.PAID_OR_SETTLED)),
            "proof_complete": proven.astype(np.int64),
            "limitation_expired": (owes & ~in_time).astype(np.int64),
        }

    # ---- the columns of the law

    def facts(self, extra: Mapping[str, ArrayLike]) -> Facts:
        """Put the intended contacts and the record together."""
        phone = self._of_point(self.p_kind, 0) == 1
        identity = self._of_point(self.p_number, 0)
        rows, places = self.debts
        columns: dict[str, ArrayLike] = {
            "purpose": self.purposes,
            "jurisdiction": self.jurisdiction,
            "place": self.place,
            "actor_type": self.actor_type,
            "relation": self.relation,
            "debtor_alive": self.alive,
            "endpoint": self._endpoints(),
            "number_owner_is_addressee": (self._of_point(self.p_status, 0) != 4).astype(np.int64),
            "point_works": (self._of_point(self.p_status, 0) != 3).astype(np.int64),
            "number_source": np.maximum(self._of_point(self.p_source, 0), 1),
            "call_back_asked": (np.isin(self.channel, PHONE) & np.isin(self.owner, self.called_back[1])).astype(
                np.int64
            ),
            "location_asked_before": self.asked_whereabouts,
            "home_unwelcome": np.isin(self.owner, self.wishes[0][self.wishes[1] == 3]).astype(np.int64),
            "work_email_known": ((self._of_point(self.p_kind, 0) == 2) & (self._of_point(self.p_line, 0) == 3)).astype(
                int
            ),
            **self._debt_columns(),
            **extra,
        }
        contacts = record.Contacts.of(
            instant=np.full(len(self.person), self.now),
            person=self.owner,
            debtor=self.person,
            actor=US,
            number=np.where(phone, identity, 0),
            address=np.where(phone, 0, identity),
            channel=self.channel,
            zones=self.zones,
            debts=record.Links.of(row=rows, debt=self.a_id[places]),
            columns=columns,
        )
        return replace(record.facts(contacts, self._record()), corrections=self._corrections())

    def _corrections(self) -> Corrections:
        """The firm's corrections to the calendars."""
        found: dict[str, dict[date, bool]] = {}
        for calendar, day, works in zip(*self.reader.read(reading.CORRECTIONS)[0], strict=True):
            of = found.setdefault(CALENDARS[int(calendar) - 1], {})
            of[date(1970, 1, 1) + timedelta(days=int(day))] = bool(works)
        return found

    def _endpoints(self) -> Ints:
        table = np.zeros((4, 4), np.int64)
        for kind, name in enumerate(reading.KINDS, 1):
            for line, told in enumerate(("", *reading.LINES)):
                table[kind, line] = _ENDPOINTS.get((name, told), _ENDPOINTS.get((name, ""), codes.Endpoint.NONE))
        return table[self._of_point(self.p_kind, 0), self._of_point(self.p_line, 0)]

    def _happened(self, moments: Ints) -> Ints:
        """Moments on record, those a little ahead of the moment asked about drawn back to it."""
        ahead = (moments > self.now) & (moments <= self.now + CLOCKS_DIFFER)
        return np.where(ahead, self.now, moments)

    def _record(self) -> record.Record:
        events, debts = self._events()
        phone, reserved = self.p_kind == 1, self.p_source == 1
        bad = self.p_status >= 3
        left, wrong = phone & reserved, phone & (self.p_status == 4)
        return record.Record(
            events=events,
            event_debts=debts,
            opt_outs=self._opt_outs(),
            consents=self._consents(),
            stops=self._stops(),
            unwelcome=self._unwelcome(),
            reserved=record.Reserved.of(
                person=self.p_owner[left], number=self.p_number[left],
                invalid_since=np.where(bad, self.p_checked, NEVER)[left],
            ),
            wrong_numbers=record.WrongNumbers.of(
                person=self.p_owner[wrong], number=self.p_number[wrong], learned=self.p_checked[wrong]
            ),
        )  # fmt: skip

    @cached_property
    def held(self) -> list[Ints]:
        """The columns of the events that happened."""
        counted = self.events[13] != codes.Result.CANCELLED
        return [column[counted] for column in self.events]

    @cached_property
    def called_back(self) -> tuple[Ints, Ints]:
        """(our calls that their holder had asked for, by event; persons who still wait for one).

        One request, whoever called, frees one call: the next by phone after it (docs/rules.md, readings).
        """
        person, at, channel, direction, asked = (self.held[n] for n in (2, 5, 7, 9, 12))
        calls = np.flatnonzero((direction == codes.Direction.OUT) & np.isin(channel, PHONE))
        asks = np.flatnonzero(asked == 1)
        event = np.concatenate([calls, asks])
        step = np.repeat([-1, 1], [len(calls), len(asks)])  # a call answers what was asked before it, not during it
        order = np.lexsort((step, at[event], person[event]))
        event, step = event[order], step[order]
        found = np.zeros(len(at), np.int64)
        if not len(asks):
            return found, np.empty(0, np.int64)
        first = np.diff(person[event], prepend=-1) != 0
        group = np.cumsum(first) - 1
        total = np.cumsum(step)
        total -= (total - step)[first][group]
        # What waits: the sum less its lowest so far, below which nothing can be answered; each person by themselves.
        apart = group * (2 * len(step) + 1)
        lowest = np.minimum(np.minimum.accumulate(total - apart) + apart, 0)
        waits = total - lowest
        before = np.where(first, 0, np.concatenate([[0], waits[:-1]]))
        found[event[(step == -1) & (before > 0)]] = 1
        last = np.append(first[1:], True)
        return found, person[event[last & (waits > 0)]]

    def _events(self) -> tuple[record.Events, record.EventDebts]:
        ids, debtor, addressee, creditor, account, at, point, channel, mode, direction, purpose, _, _, result = (
            self.held
        )
        place = Lookup(self.p_id).first(point)
        number = np.where(place >= 0, self.p_number[place], 0) if len(self.p_id) else np.zeros(len(ids), np.int64)
        table = record.Events.of(
            at=self._happened(at), person=addressee, channel=channel, dir=direction, result=result, actor=np.full(len(at), US),
            number=number, mode=mode, purpose=purpose, asked_for=self.called_back[0],
        )  # fmt: skip
        general = np.flatnonzero(account == 0)
        accounts = Lookup(pair(self.a_debtor, self.a_creditor))
        told, places = accounts.every(pair(debtor[general], creditor[general]))
        named = np.flatnonzero(account > 0)
        events_at = Lookup(ids)
        further = events_at.first(self.also[0]) if len(ids) else np.full(len(self.also[0]), -1)
        event = np.concatenate([named, general[told], further[further >= 0]])
        debt = np.concatenate([account[named], self.a_id[places], self.also[1][further >= 0]])
        return table, record.EventDebts.of(event=event, debt=debt)

    def _opt_outs(self) -> record.OptOuts:
        chosen = self.wishes[1] == 1
        person, _, channel, number, kind, _, _, _, _, made, withdrawn = (column[chosen] for column in self.wishes)
        scope = np.where(channel > 0, int(codes.Scope.CHANNEL), int(codes.Scope.ALL))
        scope = np.where(kind > 1, int(codes.Scope.ADDRESS), np.where(kind == 1, int(codes.Scope.NUMBER), scope))
        return record.OptOuts.of(
            at=self._happened(made), person=person, scope=scope, channels=_channels(channel), number=np.where(kind == 1, number, 0),
            address=np.where(kind > 1, number, 0), lifted=withdrawn,
        )  # fmt: skip

    def _unwelcome(self) -> record.UnwelcomeTimes:
        chosen = self.wishes[1] == 2
        person, _, _, _, _, days, start, end, last, made, _ = (column[chosen] for column in self.wishes)
        return record.UnwelcomeTimes.of(
            person=person, days=days, start=start, end=end, first=made // 1440 - 1, last=last
        )

    def _consents(self) -> record.Consents:
        # A permission for one address counts where the rows are about that address alone.
        points = np.unique(self.point)
        ours = (self.consents[3] == 0) | ((len(points) == 1) & np.isin(self.consents[3], points))
        person, extra, channel, _, day, recorded, given, revoked = (column[ours] for column in self.consents)
        return record.Consents.of(
            given=given,
            person=person,
            extra=extra,
            channels=_channels(channel),
            day=day,
            revoked=revoked,
            valid=recorded,
        )

    def _stops(self) -> record.Stops:
        person, account, kind, start, _, _ = self.holds
        dead = 1 + reading.HOLDS.index("deceased")
        names = np.array([0] + [_STOPS.get(name, codes.StopKind.OTHER) for name in reading.HOLDS], np.int64)
        some = kind != dead  # death is a fact of its own: the estate's representatives may still be told of the claim
        return record.Stops.of(
            start=self._happened(start[some]),
            person=person[some],
            kind=names[kind[some]],
            debt=account[some],
            end=self._held_until[some],
        )

    @cached_property
    def _held_until(self) -> Ints:
        """When each hold is over."""
        person, _, _, _, lifted, last = self.holds
        return np.minimum(lifted, self._over(person, last))

    def _over(self, person: Ints, last: Ints) -> Ints:
        """When a day is over wherever the person may be, and for the firm; NEVER where no day is given."""
        found = np.full(len(person), NEVER)
        rows = np.flatnonzero(last < NEVER)
        if not len(rows):
            return found
        persons, days = person[rows], last[rows] + 1
        ends = midnight(np.full(len(rows), zone_number(reading.zone())), days)
        placed = np.zeros(len(rows), np.bool_)
        for of, zones in self._whereabouts(persons, placed):
            for column in zones.T:
                known = np.flatnonzero(column >= 0)
                np.maximum.at(ends, of[known], midnight(column[known], days[of[known]]))
                placed[of[known]] = True
        found[rows] = ends
        return found

    def _whereabouts(self, persons: Ints, placed: Any) -> Iterator[tuple[Ints, Ints]]:
        """(places in `persons`, zones they may be in): of their contact points; of those that are not `placed` by then
        the region, the countries of the points, the countries of who is owed."""
        near = np.flatnonzero(np.isin(self.p_owner, persons))
        of, at = Lookup(self.p_owner[near]).every(persons)
        at = near[at]
        named = [tuple(zone for zone in text.split(",") if zone) for text in self.zone_texts.texts]
        yield of, zone_sets([*named, ()])[self.zone_texts.codes[at]]
        left = np.flatnonzero(~placed)
        if len(left) and self.regions is not None:
            named = [region_zones(text) for text in self.regions.texts]
            yield left, zone_sets([*named, ()])[self._region_codes(persons[left])]
        lost = ~placed[of]
        countries, which = np.unique(self.p_country[at[lost]], return_inverse=True)
        named = [country_zones(chr(n >> 8) + chr(n & 255)) if n else () for n in countries.tolist()]
        yield of[lost], zone_sets([*named, ()])[which]
        left = np.flatnonzero(~placed)
        for number in np.unique(self.jurisdiction).tolist() if len(left) else ():
            owe = left[np.isin(persons[left], self.person[self.jurisdiction == number])]
            named = [country_zones(codes.Jurisdiction(number).name) if number != UNKNOWN else ()]
            yield owe, np.repeat(zone_sets(named), len(owe), axis=0)


def _channels(channel: Ints) -> Ints:
    """Bits of one channel; 0 = every channel."""
    return np.where(channel > 0, np.int64(1) << channel, record.ALL_CHANNELS)


def _jurisdiction(text: str) -> int:
    try:
        return int(codes.Jurisdiction[text.upper()])
    except KeyError:
        return UNKNOWN


def _unknown_place(region: str) -> int:
    return int(codes.Place.NONE) if region and region != "US" else UNKNOWN
