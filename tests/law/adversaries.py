"""Collectors who try everything, and what the gate lets through: a simulation, counted by `brute`.

    found = simulate(tries=20_000, seed=1)
    found.tries, found.allowed, found.unlawful        # unlawful: [(plan, moment, rules broken)], to be empty

Households (a debtor with three others, their numbers, two debts, four collectors) live through weeks around the days on
which rules began or clocks were moved. In every round each of them hears one more try: at once, minutes or days after
the last one, on any channel, to anybody, for any purpose, well or badly made. Try and life (refusals, consents, stops,
deaths, dead numbers, calls and messages of theirs) come in any order within a minute, as they do behind a lock. What
the gate allows enters the record as the door writes it: as a conversation until its outcome is known.

Judged by `record.facts` and `gate.judge`, the very functions of the door, all households of a round together. When all
is over `brute` judges each allowed contact again, knowing what truly came of the earlier ones, at the minute it was
asked for and at another minute before the end of its permit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from fairdue.law import codes, gate, packs, record
from fairdue.law.clock import NEVER, minutes, zone_sets
from fairdue.law.codes import Channel, Direction, Jurisdiction, Mode, Purpose, Relation, Result, Scope, StopKind
from law import brute

PEOPLE, PHONES, DEBTS = 4, 2, 2
SIGNED_OFF = frozenset(rule.id for pack in packs.written() for rule in pack.rules)
"""Every rule in full force, as after counsel signed it off; the checker knows no doubt."""
PERMIT = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

STARTS = [
    minutes(day + "T06:00", "UTC")
    for day in (
        "2018-03-27", "2021-11-27", "2024-05-12", "2025-02-25", "2026-01-27", "2026-03-04", "2026-04-01", "2026-07-29",
        "2026-09-24", "2026-10-28", "2026-11-20",
    )
]  # fmt: skip
ZONES = {
    "cn": (("Asia/Shanghai",),) * 6 + (("Asia/Urumqi",), ("America/New_York",)),
    "us": (
        ("America/New_York",), ("America/Chicago",), ("America/Los_Angeles",), ("America/Denver", "America/Phoenix"),
        ("America/New_York", "America/Los_Angeles"), ("America/St_Johns",), ("Pacific/Honolulu", "America/Anchorage"),
        ("Australia/Lord_Howe",), ("Asia/Kathmandu", "America/Santiago"), (),
    ),
}  # fmt: skip
RELATIONS = [r for r in Relation if r != Relation.DEBTOR]
ACTS_AS = {1: "creditor", 2: "debt_collector", 3: "debt_buyer", 4: "servicer"}
RESULTS = [
    Result.UNANSWERED, Result.BUSY, Result.NOT_IN_SERVICE, Result.DROPPED, Result.VOICEMAIL_REACHED,
    Result.VOICEMAIL_LEFT, Result.CONVERSATION, Result.WRONG_PERSON, Result.CANCELLED,
]  # fmt: skip
SHARES = [0.37, 0.05, 0.05, 0.05, 0.08, 0.04, 0.26, 0.02, 0.08]

TRAITS: Mapping[str, tuple[str, int, float]] = {
    "discloses_debt": ("discloses_debt", 1, 0.05),
    "identity_not_verified": ("identity_verified", 0, 0.05),
    "institution_not_named": ("institution_named", 0, 0.02),
    "posing_as_lender": ("posing_as_creditor", 1, 0.01),
    "public_view": ("public_view", 1, 0.01),
    "private_device": ("private_device", 1, 0.01),
    "alone": ("collectors", 1, 0.05),
    "no_badge": ("id_shown", 0, 0.03),
    "entered": ("entered_without_consent", 1, 0.02),
    "not_recorded": ("recording", 0, 0.03),
    "letter_incomplete": ("parts", 0, 0.05),
    "agency_not_told": ("outsourcing_notice_sent", 0, 0.02),
    "agency_not_listed": ("agency_listed", 0, 0.02),
    "sub_delegated": ("sub_delegated", 1, 0.01),
    "assignment_not_told": ("assignment_notified", 0, 0.03),
    "no_opt_out": ("opt_out_notice", 0, 0.05),
    "nameless": ("identifies_self", 0, 0.05),
    "names_firm": ("names_employer_unasked", 1, 0.05),
    "number_unchecked": ("text_procedure_met", 0, 0.05),
    "employers_address": ("work_email_known", 1, 0.05),
    "employer_forbids": ("employer_prohibits", 1, 0.05),
    "not_at_home": ("home_unwelcome", 1, 0.06),
    "known_at_home": ("known_at_home", 1, 0.1),
    "attorney_agreed": ("attorney_consented", 1, 0.05),
    "attorney_silent": ("attorney_unresponsive", 1, 0.05),
    "attorney_unknown": ("attorney_known", 0, 0.05),
    "asked_us_back": ("location_may_ask_again", 1, 0.1),
    "joint_debt": ("joint_debt_evidence", 1, 0.3),
    "joint_guarantee": ("guarantee", 2, 0.5),
    "debtor_executed": ("guarantee_callable", 1, 0.3),
    "claimed_in_time": ("guarantee_claimed_in_time", 1, 0.6),
    "estate_refused": ("estate_accepted", 0, 0.2),
    "proof_incomplete": ("proof_complete", 0, 0.03),
    "settled": ("debt_status", 2, 0.02),
    "demanded_by_law": ("required_by_law", 1, 0.03),
}
"""What may be out of the ordinary about a try: the column it sets, the value, how often."""
CONTENT = 0.04


def draw_some(draw: np.random.Generator, choices: list[Any], n: int) -> Any:
    return draw.choice([int(choice) for choice in choices], n)


def moment(minute: int) -> datetime:
    return _EPOCH + timedelta(minutes=int(minute))


@cache
def name(names: Any, code: int) -> str:
    return names(code).name.lower()


class Growing:
    """A table of the record that grows row by row."""

    def __init__(self, table: type, *columns: str) -> None:
        self.table, self.n = table, 0
        self.columns = {column: np.zeros(1024, np.int64) for column in columns}

    def add(self, **values: int) -> int:
        """Append a row; its place."""
        if self.n == len(next(iter(self.columns.values()))):
            self.columns = {column: np.concatenate([old, np.zeros_like(old)]) for column, old in self.columns.items()}
        for column, value in values.items():
            self.columns[column][self.n] = value
        self.n += 1
        return self.n - 1

    def set(self, row: int, column: str, value: int) -> None:
        self.columns[column][row] = value

    def as_table(self) -> Any:
        return self.table.of(**{column: values[: self.n] for column, values in self.columns.items()})


@dataclass
class Household:
    """One debtor's little world: who belongs to it, and its history for `brute`."""

    country: str
    zones: tuple[str, ...]
    now: int
    history: brute.History
    inbound: list[tuple[int, brute.Touch]] = field(default_factory=list)
    ends: list[tuple[Any, int, Any]] = field(default_factory=list)
    """Things that may be lifted again: the table, the row, the thing."""


@dataclass
class Found:
    tries: int = 0
    allowed: int = 0
    by_channel: dict[str, int] = field(default_factory=dict)
    unlawful: list[tuple[brute.Plan, datetime, list[str]]] = field(default_factory=list)


def simulate(*, tries: int, seed: int, households: int = 250) -> Found:
    """That many tries by collectors who stop at nothing; households times rounds, rounded up."""
    world = World(seed, households)
    for _ in range(-(-tries // households)):
        world.round()
    return world.reckoning()


class World:
    """All households, the record the gate reads, and what it allowed."""

    def __init__(self, seed: int, households: int) -> None:
        self.draw = np.random.default_rng(seed)
        self.n = n = households
        self.order = 0
        self.events = Growing(
            record.Events, "at", "person", "channel", "dir", "result", "actor", "number", "mode", "purpose", "reply_to"
        )
        self.event_debts = Growing(record.EventDebts, "event", "debt")
        self.refusals = Growing(record.OptOuts, "at", "person", "scope", "channels", "number", "address", "lifted")
        self.consents = Growing(
            record.Consents, "given", "person", "extra", "debt", "channels", "day", "revoked", "valid"
        )
        self.stops = Growing(record.Stops, "start", "person", "kind", "debt", "end")
        self.unwelcome = Growing(record.UnwelcomeTimes, "person", "days", "start", "end", "first", "last")
        self.reserved = Growing(record.Reserved, "person", "number", "invalid_since")
        self.wrong = Growing(record.WrongNumbers, "person", "number", "learned")
        self.sessions = Growing(record.Sessions, "person", "start", "end")
        country = self.draw.choice(["cn", "us"], n, p=[0.56, 0.44])
        self.relation = np.ones((n, PEOPLE), np.int64)
        self.relation[:, 1:] = self.draw.choice(RELATIONS, (n, PEOPLE - 1))
        habits = ([*[Channel.CALL] * 8, *Channel], list(Mode)[:3], list(ACTS_AS))
        self.habit = np.stack([draw_some(self.draw, choices, n) for choices in habits])
        self.silent = self.draw.random(n) < 0.3
        self.card = self.draw.random(n) < 0.4
        self.scraped = self.draw.random((n, PEOPLE * PHONES)) < 0.06
        self.wrong_since = np.full((n, PEOPLE * PHONES), NEVER)
        self.died = np.full(n, NEVER)
        self.homes = [self._household(h, str(country[h])) for h in range(n)]
        self.zones = zone_sets([home.zones for home in self.homes])
        self.country = np.array([Jurisdiction[home.country.upper()] for home in self.homes])
        self.pending: list[tuple[int, int, int, brute.Touch]] = []
        self.kept: list[tuple[int, brute.Plan, datetime]] = []
        self.tries = 0

    def _household(self, h: int, country: str) -> Household:
        choices = ZONES[country]
        history = brute.History(debtor=self.person(h, 0))
        for slot in range(PEOPLE * PHONES):
            owner, own = self.person(h, slot // PHONES), not self.scraped[h, slot]
            history.numbers[self.number(h, slot)] = brute.Number(owner=owner, reserved=own)
            if own and slot < PHONES:
                self.reserved.add(person=owner, number=self.number(h, slot), invalid_since=NEVER)
        start = int(self.draw.choice(STARTS)) + int(self.draw.integers(0, 1440))
        return Household(country, choices[self.draw.integers(len(choices))], start, history)

    # ---- names of things

    def person(self, h: int, who: int) -> int:
        return h * PEOPLE + who + 1

    def number(self, h: int, slot: int) -> int:
        return 1_000_000 + h * 16 + slot

    def debt(self, h: int, which: int) -> int:
        return h * DEBTS + which + 1

    def _next(self) -> int:
        self.order += 1
        return self.order

    # ---- a round

    def round(self) -> None:
        """Time goes on for everybody, life happens to some, and every household hears one try."""
        draw, n = self.draw, self.n
        step = draw.choice([0, 1, 2, 3], n, p=[0.4, 0.27, 0.25, 0.08])
        span = np.array([1, 8, 180, 2 * 1440])[step]
        for home, minute in zip(self.homes, draw.integers(0, span), strict=True):
            home.now += int(minute)
        self._outcomes()
        before = draw.random(n)
        for h in np.flatnonzero(before < 0.08):
            self._life(int(h))
        self._try()
        for h in np.flatnonzero(before > 0.92):  # in the same minute, but after
            self._life(int(h))

    def _outcomes(self) -> None:
        """What came of earlier contacts becomes known, minutes or hours later."""
        left = []
        for line in self.pending:
            h, due, event, touch = line
            if self.homes[h].now < due:
                left.append(line)
                continue
            self.events.set(event, "result", Result[touch.result.upper()])
        self.pending = left

    def _try(self) -> None:
        draw, n = self.draw, self.n
        rows = np.arange(n)
        now = np.array([home.now for home in self.homes])
        who = np.where(draw.random(n) < 0.6, 0, draw.integers(0, PEOPLE, n))
        channel = draw.choice(list(Channel), n, p=[0.52, 0.04, 0.1, 0.08, 0.05, 0.05, 0.06, 0.03, 0.04, 0.03])
        mode = draw.choice([Mode.HUMAN, Mode.AI_VOICE, Mode.RECORDED], n, p=[0.7, 0.15, 0.15])
        again = draw.random(n) < 0.4  # collectors have habits: caps are met by those who repeat themselves
        channel, mode = np.where(again, self.habit[0], channel), np.where(again, self.habit[1], mode)
        actor = np.where(draw.random(n) < 0.6, self.habit[2], draw.integers(1, 5, n))
        reply, answered = self._replies(channel, who)
        person = rows * PEOPLE + who + 1
        slot = who * PHONES + draw.integers(0, PHONES, n)
        phone = np.isin(channel, (Channel.CALL, Channel.VOICEMAIL, Channel.SMS))
        usual = draw.choice([Purpose.COLLECT, Purpose.RELAY, Purpose.LOCATION_INFORMATION], n, p=[0.6, 0.2, 0.2])
        purpose = np.where(draw.random(n) < 0.85, usual, draw.choice(list(Purpose), n))
        endpoint = np.where(
            phone, draw.integers(1, 4, n), np.where(channel == Channel.LETTER, 6, draw.integers(4, 6, n))
        )
        relation = np.where(draw.random(n) < 0.02, Relation.UNKNOWN, self.relation[rows, who])
        number = np.where(phone, 1_000_000 + rows * 16 + slot, 0)
        address = np.where(phone, 0, 5_000_000 + rows * 16 + who)
        both = draw.random((n, DEBTS)) < 0.6
        both[~both.any(axis=1), 0] = True
        row, which = np.nonzero(both)
        odd = {trait: draw.random(n) < share for trait, (_, _, share) in TRAITS.items()}
        content = np.where(draw.random(n) < CONTENT, 1 << draw.integers(0, len(codes.Content), n), 0)
        fee = draw.random(n) < 0.02
        scraped = self.scraped[rows, slot] & phone
        columns: dict[str, Any] = {
            "jurisdiction": self.country, "relation": relation, "purpose": purpose, "actor_type": actor, "mode": mode,
            "endpoint": endpoint, "debt_type": np.where(self.card, 1, 2), "content": content,
            "debtor_alive": (self.died > now).astype(int), "number_source": np.where(scraped, 2, 1),
            "number_owner_is_addressee": 1 - (phone & (self.wrong_since[rows, slot] <= now)),
            "fee_off_sheet": fee, "loan_on_cost_sheet_rule": fee,
        }  # fmt: skip
        for trait, (column, value, _) in TRAITS.items():
            columns[column] = np.where(odd[trait], value, record.Facts.default(column))
        contacts = record.Contacts.of(
            instant=now, person=person, debtor=rows * PEOPLE + 1, actor=actor, number=number, address=address,
            channel=channel, zones=self.zones, reply_to=reply, columns=columns,
            debts=record.Links.of(row=row, debt=row * DEBTS + which + 1),
        )  # fmt: skip
        verdicts = gate.judge(
            record.facts(contacts, self._record()), packs.standard(SIGNED_OFF), cure=False, horizon=PERMIT
        )
        self.tries += n
        for h in np.flatnonzero(verdicts.lawful):
            traits = {trait for trait in odd if odd[trait][h]}
            traits |= {name(codes.Content, int(content[h]).bit_length() - 1)} if content[h] else set()
            traits |= {"undisclosed_fee"} if fee[h] else set()
            traits |= {"scraped"} if scraped[h] else set()
            plan = brute.Plan(
                at=moment(now[h]), country=self.homes[h].country, zones=self.homes[h].zones, actor=int(actor[h]),
                acts_as=ACTS_AS[int(actor[h])], person=int(person[h]), relation=name(Relation, int(relation[h])),
                channel=name(Channel, int(channel[h])), mode=name(Mode, int(mode[h])),
                purpose=name(Purpose, int(purpose[h])), endpoint=name(codes.Endpoint, int(endpoint[h])),
                number=int(number[h]), address=int(address[h]),
                debts=tuple(int(h) * DEBTS + int(d) + 1 for d in np.flatnonzero(both[h])),
                debt_type="credit_card" if self.card[h] else "consumer_loan", traits=frozenset(traits),
                answers=answered[h], order=self._next(),
            )  # fmt: skip
            self._allowed(int(h), plan, int(reply[h]), int(verdicts.until[h]))

    def _replies(self, channel: Any, who: Any) -> tuple[Any, list[brute.Touch | None]]:
        """Some tries claim to answer a message of the household, rightly or wrongly; written into channel and who."""
        reply, answered = np.full(self.n, -1), [None] * self.n
        for h in np.flatnonzero(self.draw.random(self.n) < 0.2):
            inbound = self.homes[h].inbound
            if inbound:
                reply[h], answered[h] = inbound[-1] if self.draw.random() < 0.8 else inbound[0]
                if self.draw.random() < 0.7:
                    channel[h] = Channel[answered[h].channel.upper()]
                if self.draw.random() < 0.9:
                    who[h] = (answered[h].person - 1) % PEOPLE
        return reply, answered

    def _record(self) -> record.Record:
        return record.Record(
            events=self.events.as_table(), event_debts=self.event_debts.as_table(), opt_outs=self.refusals.as_table(),
            consents=self.consents.as_table(), stops=self.stops.as_table(), unwelcome=self.unwelcome.as_table(),
            reserved=self.reserved.as_table(), wrong_numbers=self.wrong.as_table(), sessions=self.sessions.as_table(),
        )  # fmt: skip

    def _allowed(self, h: int, plan: brute.Plan, reply: int, until: int) -> None:
        """It takes place, now or before its permit ends; what came of it is known later."""
        draw, at = self.draw, self.homes[h].now
        true = self._true_result(h, plan)
        touch = brute.Touch(
            at=plan.at, ours=True, person=plan.person, actor=plan.actor, channel=plan.channel, mode=plan.mode,
            purpose=plan.purpose, number=plan.number, debts=plan.debts, result=name(Result, int(true)),
            answers=plan.answers, order=plan.order,
        )  # fmt: skip
        if true != Result.CANCELLED:
            self.homes[h].history.touches.append(touch)
        event = self._event(touch, h, Result.PENDING, reply)
        self.pending.append((h, at + int(draw.choice([0, 2, 6, 40, 600])), event, touch))
        last = min(until, at + PERMIT) - 1
        self.kept.append((h, plan, moment(draw.integers(at, last + 1) if last > at else at)))

    def _true_result(self, h: int, plan: brute.Plan) -> Result:
        if plan.channel not in brute.PHONE:
            return Result.DELIVERED if self.draw.random() < 0.95 else Result.CANCELLED
        if plan.mode == "recorded" and self.draw.random() < 0.5:
            return Result.NOTICE_PLAYED
        if self.silent[h]:
            return Result.UNANSWERED
        return Result(int(self.draw.choice(RESULTS, p=SHARES)))

    def _event(self, touch: brute.Touch, h: int, result: Result, reply: int = -1) -> int:
        event = self.events.add(
            at=self.homes[h].now, person=touch.person, channel=Channel[touch.channel.upper()],
            dir=Direction.OUT if touch.ours else Direction.IN, result=result, actor=touch.actor, number=touch.number,
            mode=Mode[touch.mode.upper()], purpose=Purpose[touch.purpose.upper()], reply_to=reply,
        )  # fmt: skip
        for debt in touch.debts:
            self.event_debts.add(event=event, debt=debt)
        return event

    # ---- life

    def _life(self, h: int) -> None:
        """One thing happens to a household."""
        happen = (
            self._they_call, self._they_call, self._they_write, self._they_write, self._refuse, self._refuse,
            self._consent, self._consent, self._stop, self._stop, self._name_times, self._number_fails, self._browse,
            self._lift, self._lift, self._lift, self._die,
        )  # fmt: skip
        happen[int(self.draw.integers(len(happen)))](h)

    def _anybody(self, h: int) -> int:
        return self.person(h, 0 if self.draw.random() < 0.7 else int(self.draw.integers(PEOPLE)))

    def _channels(self) -> tuple[int, frozenset[str]]:
        some = self.draw.choice(list(Channel), int(self.draw.integers(1, 4)), replace=False)
        return sum(1 << int(c) for c in some), frozenset(name(Channel, int(c)) for c in some)

    def _they_call(self, h: int) -> None:
        self._inbound(h, "call", Result.CONVERSATION if self.draw.random() < 0.7 else Result.VOICEMAIL_LEFT)

    def _they_write(self, h: int) -> None:
        self._inbound(h, str(self.draw.choice(["sms", "email", "im"])), Result.DELIVERED)

    def _inbound(self, h: int, channel: str, result: Result) -> None:
        some = tuple(self.debt(h, d) for d in range(DEBTS) if self.draw.random() < 0.6)
        touch = brute.Touch(
            at=moment(self.homes[h].now), ours=False, person=self._anybody(h), actor=0, channel=channel, mode="human",
            purpose="answer_query", number=0, debts=some, result=name(Result, int(result)), order=self._next(),
        )  # fmt: skip
        self.homes[h].history.touches.append(touch)
        self.homes[h].inbound.append((self._event(touch, h, result), touch))

    def _refuse(self, h: int) -> None:
        home, draw = self.homes[h], self.draw
        scope = Scope(int(draw.integers(1, 5)))
        bits, channels = self._channels() if scope in (Scope.CHANNEL, Scope.NUMBER) else (-1, frozenset())
        who = int(draw.integers(PEOPLE))
        number = self.number(h, who * PHONES + int(draw.integers(PHONES))) if scope == Scope.NUMBER else 0
        address = 5_000_000 + h * 16 + who if scope == Scope.ADDRESS else 0
        thing = brute.Refusal(
            moment(home.now), self.person(h, who), name(Scope, int(scope)), channels, number, address,
            order=self._next(),
        )  # fmt: skip
        row = self.refusals.add(
            at=home.now, person=thing.person, scope=scope, channels=bits, number=number, address=address, lifted=NEVER
        )
        home.history.refusals.append(thing)
        home.ends.append((self.refusals, row, thing))

    def _consent(self, h: int) -> None:
        home, draw = self.homes[h], self.draw
        extra, recorded = bool(draw.random() < 0.6), bool(draw.random() < 0.9)
        bits, channels = (-1, frozenset()) if extra else self._channels()
        debt = self.debt(h, int(draw.integers(DEBTS))) if extra and draw.random() < 0.5 else 0
        on = home.now // 1440 + int(draw.integers(-1, 3)) if draw.random() < 0.3 else -1
        thing = brute.Consent(
            moment(home.now), self._anybody(h), extra, debt, channels,
            on=None if on < 0 else date(1970, 1, 1) + timedelta(on), recorded=recorded, order=self._next(),
        )  # fmt: skip
        row = self.consents.add(
            given=home.now, person=thing.person, extra=extra, debt=debt, channels=bits, day=on, revoked=NEVER,
            valid=recorded,
        )  # fmt: skip
        home.history.consents.append(thing)
        home.ends.append((self.consents, row, thing))

    def _stop(self, h: int) -> None:
        home, draw = self.homes[h], self.draw
        kind = StopKind(int(draw.integers(1, len(StopKind) + 1)))
        debt = self.debt(h, int(draw.integers(DEBTS))) if draw.random() < 0.4 else 0
        end = home.now + int(draw.integers(1, 4 * 1440)) if draw.random() < 0.7 else NEVER
        thing = brute.Stop(
            moment(home.now), self._anybody(h), name(StopKind, int(kind)), debt,
            None if end >= NEVER else moment(end), order=self._next(),
        )  # fmt: skip
        row = self.stops.add(start=home.now, person=thing.person, kind=kind, debt=debt, end=end)
        home.history.stops.append(thing)
        home.ends.append((self.stops, row, thing))

    def _name_times(self, h: int) -> None:
        home, draw = self.homes[h], self.draw
        bits = int(draw.choice([127, 31, 96, int(draw.integers(1, 128))]))
        start, end = int(draw.integers(0, 24) * 60), int(draw.integers(0, 24) * 60)
        first = home.now // 1440 - 1
        last = first + int(draw.integers(1, 9))
        thing = brute.Unwelcome(
            moment(home.now), self._anybody(h), frozenset(d for d in range(7) if bits >> d & 1), start, end,
            date(1970, 1, 1) + timedelta(first), date(1970, 1, 1) + timedelta(last), order=self._next(),
        )  # fmt: skip
        self.unwelcome.add(person=thing.person, days=bits, start=start, end=end, first=first, last=last)
        home.history.unwelcome.append(thing)

    def _number_fails(self, h: int) -> None:
        """A number is dead, or turns out to be somebody else's."""
        home, slot = self.homes[h], int(self.draw.integers(PEOPLE * PHONES))
        number, owner = self.number(h, slot), self.person(h, slot // PHONES)
        phone = home.history.numbers[number]
        if phone.dead or phone.wrong:
            return
        if self.draw.random() < 0.5:
            phone.wrong = brute.Turn(moment(home.now), self._next())
            self.wrong_since[h, slot] = home.now
            self.wrong.add(person=owner, number=number, learned=home.now)
        else:
            phone.dead = brute.Turn(moment(home.now), self._next())
        for row in range(self.reserved.n):
            if self.reserved.columns["number"][row] == number:
                self.reserved.set(row, "invalid_since", home.now)

    def _browse(self, h: int) -> None:
        home = self.homes[h]
        end = home.now + int(self.draw.integers(1, 60))
        thing = brute.Session(moment(home.now), self._anybody(h), moment(end), order=self._next())
        self.sessions.add(person=thing.person, start=home.now, end=end)
        home.history.sessions.append(thing)

    def _lift(self, h: int) -> None:
        """Something comes to an end: a refusal or a consent taken back, a stop lifted."""
        home = self.homes[h]
        if not home.ends:
            return
        table, row, thing = home.ends.pop(int(self.draw.integers(len(home.ends))))
        column = {"OptOuts": "lifted", "Consents": "revoked", "Stops": "end"}[table.table.__name__]
        if table.columns[column][row] > home.now:
            table.set(row, column, home.now)
            ends = brute.Turn(moment(home.now), self._next()) if column != "end" else moment(home.now)
            setattr(thing, column, ends)

    def _die(self, h: int) -> None:
        home = self.homes[h]
        if self.died[h] >= NEVER and self.draw.random() < 0.3:
            self.died[h] = home.now
            home.history.died = brute.Turn(moment(home.now), self._next())

    # ---- the reckoning

    def reckoning(self) -> Found:
        """Judge by `brute` what was allowed."""
        found = Found(self.tries, len(self.kept))
        for h, plan, later in self.kept:
            found.by_channel[plan.channel] = found.by_channel.get(plan.channel, 0) + 1
            history = self.homes[h].history
            for at in {plan.at, later}:
                rules = brute.broken(history, replace(plan, at=at) if at != plan.at else plan)
                if rules:
                    found.unlawful.append((plan, at, rules))
        return found
