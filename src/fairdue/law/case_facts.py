"""One law case as the record and the intended contact that `record.facts` reads. Defaults are those of the form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final, Self

import numpy as np

from fairdue.law import calendars, checks, record
from fairdue.law.case_form import Block, CaseError, day, member, minute_of_day, moment, relation, zone
from fairdue.law.clock import LONG_AGO, NEVER, Local, day_number, midnight, minutes, zone_number, zone_sets
from fairdue.law.codes import (
    Action,
    ActorType,
    Channel,
    Content,
    DebtStatus,
    DebtType,
    Direction,
    Endpoint,
    Entity,
    Guarantee,
    Jurisdiction,
    Known,
    Mode,
    NumberSource,
    Part,
    Place,
    Purpose,
    Result,
    Scope,
    StopKind,
)
from fairdue.law.facts import EVERY_PART, NO_DAY, UNKNOWN, Facts, Spans, bits_of
from fairdue.law.tables import ALL_CHANNELS, Contacts, Record

_WEEK: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TEXT_DAYS: Final = 60
_COST_SHEET: Final = date(2026, 8, 1)
_PHONE: Final = (Channel.CALL, Channel.VOICEMAIL)
_Rows = dict[str, list[int]]


def _known(value: bool | None) -> int:
    return UNKNOWN if value is None else int(value)


def _day_or(missing: int, value: Any, name: str) -> int:
    return missing if value is None else day_number(day(value, name))


def _minute_or(value: Any, name: str) -> int:
    return UNKNOWN if value is None else minute_of_day(value, name)


@dataclass
class _Numbers:
    """Small numbers for the identifiers of a case; nothing = 0."""

    seen: dict[str, int] = field(default_factory=dict)

    def of(self, name: str | None) -> int:
        return 0 if name is None else self.seen.setdefault(name, len(self.seen) + 1)


@dataclass
class Reading:
    """A case taken apart. One row of facts per debt that the contact is about."""

    case: Block
    given: Block
    when: Block
    pack: str
    action: Action
    ids: _Numbers = field(default_factory=_Numbers)

    @classmethod
    def of(cls, case: Block) -> Self:
        """Read the outline; raises CaseError."""
        when, pack = case["when"], str(case["pack"])
        member(Jurisdiction, pack, "pack")
        return cls(case, case["given"], when, pack, member(Action, when["action"], "when.action"))

    # ---- the act

    @cached_property
    def facts_given(self) -> Block:
        found: Block = self.given.get("facts", {})
        return found

    @cached_property
    def zone(self) -> str:
        """The zone of every time in the case; one clock in cn."""
        return zone(self.when["tz"], "when.tz")

    @cached_property
    def at(self) -> datetime:
        return moment(self.when["at"], "when.at")

    @cached_property
    def instant(self) -> int:
        return self.minute(self.when["at"], "when.at")

    def minute(self, value: Any, name: str) -> int:
        """UTC minutes of a time of the case."""
        moment(value, name)
        return minutes(value, self.zone)

    @property
    def relation_name(self) -> str:
        return str(self.when.get("to", "debtor")).split(":")[0]

    @property
    def direction(self) -> Direction:
        return member(Direction, self.when.get("dir", "out"), "when.dir")

    @cached_property
    def channel(self) -> int:
        name = self.when.get("channel")
        return UNKNOWN if name is None else int(member(Channel, name, "when.channel"))

    @property
    def actor(self) -> Block:
        found: Block = self.given.get("actor", {})
        return found

    @property
    def actor_type(self) -> ActorType:
        return member(ActorType, self.actor.get("type", "creditor"), "given.actor.type")

    # ---- debts

    @cached_property
    def all_debts(self) -> dict[str, Block]:
        return {debt["id"]: debt for debt in self.given.get("debts", [])}

    @cached_property
    def debts(self) -> list[str]:
        """The debts the act is about, one of each group of student loans that count as one."""
        names = self.when.get("debts") or list(self.all_debts)
        for name in names:
            if name not in self.all_debts:
                raise CaseError(f"when.debts names {name}, which is not among given.debts")
        return list({self.debt_number(name): name for name in names}.values())

    def debt_number(self, name: str) -> int:
        """Student loans under one account number at acquisition are one debt: 12 CFR 1006.14(b)(4)."""
        return self.ids.of("debt " + self._group(name))

    def _group(self, name: str) -> str:
        account = self.all_debts.get(name, {}).get("account_at_acquisition")
        student = self.all_debts.get(name, {}).get("type") == "student_loan"
        return f"group:{account}" if student and account is not None and self.pack == "us" else name

    @cached_property
    def keys(self) -> list[str]:
        """What counts are called in a result: the debt, its group, or the third person with id."""
        person = str(self.when.get("to", "debtor"))
        return [person if ":" in person else self._group(name) for name in self.debts] or [person]

    @property
    def key_of_debt(self) -> dict[int, str]:
        """The name of a count by debt number."""
        return {self.debt_number(name): key for name, key in zip(self.debts, self.keys, strict=True)}

    # ---- the record

    @cached_property
    def known_events(self) -> list[Block]:
        """Events up to the moment of the decision."""
        return [e for e in self.given.get("events", []) if moment(e["at"], f"{e.get('id')}.at") <= self.at]

    @cached_property
    def contacts_past(self) -> list[Block]:
        return [e for e in self.known_events if e["type"] == "contact"]

    @cached_property
    def event_ids(self) -> list[str]:
        return [str(e["id"]) for e in self.contacts_past]

    def person(self, name: Any) -> int:
        """The number of a person; `debtor` is one as well."""
        return self.ids.of(f"person {name}")

    def _other_side(self, event: Block) -> int:
        return self.person(event["to"] if event["dir"] == "out" else event["by"])

    def _actor(self, event: Block) -> int:
        return self.ids.of(f"actor {event['by'] if event['dir'] == 'out' else event['to']}")

    def _number(self, name: str | None) -> int:
        return 0 if name is None else self.ids.of(f"number {name}")

    def _address(self, name: str | None) -> int:
        return 0 if name is None else self.ids.of(f"address {name}")

    @cached_property
    def record(self) -> Record:
        """Everything on record at the moment of the decision."""
        return Record(
            events=record.Events.of(**self._events()),
            event_debts=record.EventDebts.of(**self._event_debts()),
            opt_outs=record.OptOuts.of(**self._opt_outs()),
            consents=record.Consents.of(**self._consents()),
            stops=record.Stops.of(**self._stops()),
            unwelcome=record.UnwelcomeTimes.of(**self._unwelcome()),
            reserved=record.Reserved.of(**self._reserved()),
            wrong_numbers=record.WrongNumbers.of(**self._wrong_numbers()),
            sessions=record.Sessions.of(**self._sessions()),
        )

    def _events(self) -> _Rows:
        events = self.contacts_past
        places = {e["id"]: i for i, e in enumerate(events)}
        return {
            "at": [self.minute(e["at"], "at") for e in events],
            "person": [self._other_side(e) for e in events],
            "channel": [member(Channel, e["channel"], f"{e['id']}.channel") for e in events],
            "dir": [member(Direction, e["dir"], f"{e['id']}.dir") for e in events],
            "result": [member(Result, e["result"], f"{e['id']}.result") for e in events],
            "actor": [self._actor(e) for e in events],
            "number": [self._number(e.get("number")) for e in events],
            "mode": [member(Mode, e.get("mode", "human"), f"{e['id']}.mode") for e in events],
            "purpose": [member(Purpose, e.get("purpose", "collect"), f"{e['id']}.purpose") for e in events],
            "reply_to": [places.get(e.get("in_reply_to"), -1) for e in events],
            "endpoint": [member(Endpoint, e.get("endpoint", "none"), f"{e['id']}.endpoint") for e in events],
            "asked_for": [int(str(e["id"]) in self.called_back[0]) for e in events],
        }

    @cached_property
    def called_back(self) -> tuple[frozenset[str], bool]:
        """(our calls that somebody had asked for, whether the call intended now is one).

        A request is met by the call that says so, else by the next one.
        """
        requests = sorted((e["at"], str(e["id"])) for e in self.known_events if e["type"] == "callback_request")
        calls = sorted((e["at"], str(e["id"]), e) for e in self.contacts_past if self._is_dialled(e))
        met: set[str] = set()
        open_ones: list[str] = []
        for at, name, call in calls:
            waiting = [request for asked, request in requests if asked <= at and request not in met]
            which = call.get("in_reply_to") if call.get("in_reply_to") in waiting else next(iter(waiting), None)
            if which is not None:
                met.add(which)
                open_ones.append(name)
        intended = any(request not in met for _, request in requests)
        return frozenset(open_ones), intended

    @staticmethod
    def _is_dialled(e: Block) -> bool:
        return e["dir"] == "out" and member(Channel, e["channel"], f"{e['id']}.channel") in _PHONE

    def _event_debts(self) -> _Rows:
        rows: _Rows = {"event": [], "debt": [], "called": [], "talked": []}
        for i, event in enumerate(self.contacts_past):
            called, talked = self._subjects(event)
            for debt in dict.fromkeys([*called, *talked]):
                rows["event"].append(i)
                rows["debt"].append(debt)
                rows["called"].append(int(debt in called))
                rows["talked"].append(int(debt in talked))
        return rows

    def _subjects(self, event: Block) -> tuple[list[int], list[int]]:
        """The debts for which an event counts as a call, and those it talked about.

        A debt that only the debtor raised was talked about but not called for: comment 14(b)(4)-2.vi.
        """
        about = [self.debt_number(name) for name in event.get("debts") or self.all_debts]
        if event["result"] != "conversation":
            return about, about
        talked = [self.debt_number(name) for name in event.get("talked_about") or []] or about
        started = event.get("topic_started_by", {})
        theirs = {self.debt_number(name) for name, who in started.items() if who != event["by"]}
        called = [debt for debt in talked if debt not in theirs] or [debt for debt in about if debt not in theirs]
        return called, talked

    def _opt_outs(self) -> _Rows:
        rows: _Rows = {"at": [], "person": [], "scope": [], "channels": [], "number": [], "address": []}

        def add(at: int, person: int, scope: Scope, channels: int, number: int = 0, address: int = 0) -> None:
            for name, value in zip(rows, (at, person, scope, channels, number, address), strict=True):
                rows[name].append(value)

        for e in self.known_events:
            if e["type"] == "opt_out":
                scope = member(Scope, e["scope"], f"{e['id']}.scope")
                bits = _channels(e.get("channels"))
                who = self.person(e.get("by", "debtor"))
                at = self.minute(e["at"], "at")
                add(at, who, scope, bits, self._number(e.get("number")), self._address(e.get("address")))
        for d in self._designations():
            if d.get("only_channels"):
                at = self._start_of(d["made_on"], "made_on")
                add(at, self.person("debtor"), Scope.CHANNEL, ~_channels(d["only_channels"]))
        return rows

    def _designations(self) -> Iterable[Block]:
        """Wishes that stand on the day of the decision."""
        today = self.at.date()
        for d in self.given.get("designations", []):
            made = day(d["made_on"], "made_on") <= today
            withdrawn = "withdrawn_on" in d and day(d["withdrawn_on"], "withdrawn_on") <= today
            if made and not withdrawn:
                yield d

    def _start_of(self, text: str, name: str) -> int:
        number = day_number(day(text, name))
        return int(midnight(np.array([zone_number(self.zone)]), np.array([number]))[0])

    def _consents(self) -> _Rows:
        rows: _Rows = {name: [] for name in ("given", "person", "extra", "debt", "channels", "day", "revoked", "valid")}
        for c in self.given.get("consents", []):
            if moment(c["given_at"], "given_at") > self.at:
                continue
            revoked = self.minute(c["revoked_at"], "revoked_at") if c.get("revoked_at") else NEVER
            only = day_number(day(c["on_date"], "on_date")) if c.get("on_date") else -1
            extra = c["kind"] == "additional_calls"
            valid = c.get("direct", True) and (extra or self.pack != "cn" or c.get("recorded", False))
            named = _channels(c.get("channels"), 0 if self.pack == "cn" and not extra else ALL_CHANNELS)
            for debt in c.get("debts") or [None]:
                number = 0 if debt is None else self.debt_number(debt)
                line = (self.minute(c["given_at"], ""), self.person("debtor"), int(extra), number)
                for name, value in zip(rows, (*line, named, only, revoked, int(valid)), strict=True):
                    rows[name].append(value)
        return rows

    def _stops(self) -> _Rows:
        rows: _Rows = {"start": [], "person": [], "kind": [], "debt": [], "end": []}

        def add(start: int, kind: StopKind, debt: str | None = None, end: int = NEVER) -> None:
            number = 0 if debt is None else self.debt_number(debt)
            for name, value in zip(rows, (start, self.person("debtor"), kind, number, end), strict=True):
                rows[name].append(value)

        for e in self.known_events:
            if self._ceases(e):
                add(self.minute(e["at"], "at"), StopKind.CEASE)
        for start, debt, end in self._disputes():
            add(start, StopKind.DISPUTE, debt, end)
        for debt in self.facts_given.get("represented_on", []):
            add(LONG_AGO, StopKind.ATTORNEY, debt)
        if self.facts_given.get("instalment_plan") == "performing":
            add(LONG_AGO, StopKind.PLAN)
        pause = self.given.get("moratorium")
        if pause:
            last = self.last_day_of_pause()
            end = NEVER if last is None else self._start_of((last + timedelta(days=1)).isoformat(), "last day")
            for debt in pause.get("debts") or [None]:
                add(self._start_of(pause["start"], "moratorium.start"), StopKind.MORATORIUM, debt, end)
        return rows

    def last_day_of_pause(self) -> date | None:
        """The last day of the statutory pause of the case; None while it has no end."""
        pause = self.given["moratorium"]
        ended = pause.get("treatment_ended")
        return checks.last_day_of_pause(
            checks.of_jurisdiction(self.pack),
            str(pause["kind"]),
            day(pause["start"], "given.moratorium.start"),
            None if ended is None else day(ended, "given.moratorium.treatment_ended"),
        )

    def _ceases(self, e: Block) -> bool:
        """A notice to stop or to refuse, in writing or by a medium we accept, once received: comment 6(c)(1)-1."""
        return e["type"] == "notice" and e.get("status") == "received" and self._in_writing(e)

    def _in_writing(self, e: Block) -> bool:
        accepted = e.get("channel") in self.facts_given.get("accepts_notices_by", [])
        return e.get("form") == "written" or (e.get("form") == "electronic" and accepted)

    def _disputes(self) -> Iterable[tuple[int, str | None, int]]:
        """(start, debt, end) of each dispute that stops collection."""
        for e in self.known_events:
            if e["type"] not in ("dispute", "original_creditor_request") or e.get("status") != "received":
                continue
            if self.pack == "us" and not (self._in_writing(e) and self._timely(e) and not self.duplicates(e)):
                continue
            if self.pack == "gb" and not e.get("valid_grounds", True):
                continue
            start = self.minute(e["at"], "at")
            for debt in e.get("debts") or [None]:
                yield start, debt, self._verified(start, debt)

    def _timely(self, e: Block) -> bool:
        """Within the validation period printed in the latest notice; a period not known is taken as open."""
        end = self.validation_period(until=e["at"]).get("validation_period_end")
        return end is None or e["at"][:10] <= end

    def validation_period(self, until: str | None = None) -> dict[str, str]:
        """assumed_receipt, validation_period_end and based_on of the latest notice; nothing without one.

        Receipt is assumed five working days after sending; the period ends thirty days later, or as printed: 12 CFR
        1006.34(b)(5). A notice sent again begins anew; that the first arrived on another day changes nothing.
        """
        sent = [
            n
            for n in self.known_events
            if n["type"] == "validation_notice_sent" and (until is None or n["at"] <= until)
        ]
        if not sent:
            return {}
        last = max(sent, key=lambda n: str(n["at"]))
        on = moment(last["at"], "at").date()
        terms = checks.terms_of(checks.of_jurisdiction(self.pack), "validation_period")
        receipt = calendars.add_working_days(terms["calendar"], on, terms["working_days"])
        end = last.get("printed_end") or (receipt + timedelta(days=terms["days"])).isoformat()
        return {
            "assumed_receipt": receipt.isoformat(), "validation_period_end": end, "based_on": on.isoformat(),
        }  # fmt: skip

    def duplicates(self, e: Block) -> bool:
        """The same dispute again, answered already, with nothing new: 12 CFR 1006.38(a)(1)."""
        answered = any(v["type"] == "verification_sent" and v["at"] <= e["at"] for v in self.known_events)
        fresh = e.get("new_information", "none") != "none"
        return answered and bool(e.get("same_grounds", False)) and not fresh

    def _verified(self, start: int, debt: str | None) -> int:
        sent = [
            self.minute(v["at"], "at")
            for v in self.known_events
            if v["type"] == "verification_sent" and (debt is None or debt in (v.get("debts") or [debt]))
        ]
        return min((at for at in sent if at >= start), default=NEVER)

    def _unwelcome(self) -> _Rows:
        rows: _Rows = {"person": [], "days": [], "start": [], "end": [], "first": [], "last": []}
        for d in self._designations():
            if d["kind"] != "times":
                continue
            days = sum(1 << _WEEK.index(name) for name in d.get("days") or _WEEK)
            last = [day_number(day(d["until"], "until"))] if d.get("until") else []
            if d.get("withdrawn_on"):
                last.append(day_number(day(d["withdrawn_on"], "withdrawn_on")) - 1)
            start = minute_of_day(d["from"], "from") if "from" in d else 0
            end = minute_of_day(d["to"], "to") if "to" in d else 1440
            first = day_number(day(d["made_on"], "made_on"))
            line = (self.person("debtor"), days, start, end, first, min(last, default=NEVER))
            for name, value in zip(rows, line, strict=True):
                rows[name].append(value)
        return rows

    def _reserved(self) -> _Rows:
        own = [
            n
            for n in self.given.get("numbers", [])
            if n.get("owner", "debtor") == "debtor" and n.get("source", "reserved") == "reserved"
        ]
        return {
            "person": [self.person("debtor") for _ in own],
            "number": [self._number(n["id"]) for n in own],
            "invalid_since": [0 if n.get("status") == "invalid" else NEVER for n in own],
        }

    def _wrong_numbers(self) -> _Rows:
        learned = [e for e in self.known_events if e["type"] == "learned" and e.get("fact") == "number_not_consumers"]
        rows: _Rows = {"person": [], "number": [], "learned": []}
        for e in learned:
            for person in {self._other_side(c) for c in self.contacts_past if c.get("number") == e.get("number")}:
                rows["person"].append(person)
                rows["number"].append(self._number(e.get("number")))
                rows["learned"].append(self.minute(e["at"], "at"))
        return rows

    def _sessions(self) -> _Rows:
        sessions = [e for e in self.known_events if e["type"] == "portal_session"]
        return {
            "person": [self.person(e.get("by", "debtor")) for e in sessions],
            "start": [self.minute(e["at"], "at") for e in sessions],
            "end": [self.minute(e["until"], "until") if "until" in e else NEVER for e in sessions],
        }

    # ---- facts

    def contacts(self) -> Contacts:
        """The intended contact, one row per debt."""
        n = max(len(self.debts), 1)
        zones = [z["tz"] for z in self.given.get("debtor", {}).get("zones", [])] or [self.zone]
        person = self.person(self.when.get("to", "debtor"))
        reply = self.when.get("in_reply_to")
        return Contacts.of(
            instant=self.instant,
            person=[person] * n,
            debtor=self.person("debtor"),
            actor=self.ids.of(f"actor {self.actor.get('id')}"),
            number=self._number(self.when.get("number")),
            address=self._address(self.when.get("address")),
            channel=max(self.channel, 0),
            reply_to=self.event_ids.index(reply) if reply in self.event_ids else -1,
            zones=zone_sets([[zone(name, "given.debtor.zones.tz") for name in zones]]),
            debts=record.Links.of(row=range(len(self.debts)), debt=[self.debt_number(d) for d in self.debts]),
            columns=self._columns(),
        )

    def facts(self, **instead: int) -> Facts:
        """The facts of the intended contact, one row per debt; `instead` names columns that are taken otherwise."""
        found = record.facts(self.contacts(), self.record)
        columns, spans = dict(found.columns), dict(found.spans)
        columns |= {name: np.full(len(found), code, np.int16) for name, code in instead.items()}
        if self.channel == UNKNOWN and "channel" not in instead:
            columns["channel"] = np.full(len(found), UNKNOWN, np.int16)
        if "debtor_reachable" in self.facts_given:
            reachable = self.facts_given["debtor_reachable"]
            spans.pop("out_of_reach")
            if reachable is not None:
                since = np.full(len(found), NEVER if reachable else LONG_AGO)
                spans["out_of_reach"] = Spans.since(since)
        return Facts(found.instant, found.zones, columns, spans, found.past, found.wishes)

    def _columns(self) -> dict[str, Any]:
        when = self.when
        return (
            {
                "action": self.action,
                "mode": member(Mode, when.get("mode", "human"), "when.mode"),
                "dir": self.direction,
                "purpose": self._purpose(),
                "endpoint": member(Endpoint, when.get("endpoint", "none"), "when.endpoint"),
                "call_back_asked": self._is_call_back(),
                "required_by_law": bool(when.get("required_by_law", False)) or self._required_document(),
                "sent_to_all_alike": "recipients" in when,
                "jurisdiction": member(Jurisdiction, self.pack, "pack"),
                "place": member(Place, self.given.get("place", "none"), "given.place"),
                "actor_type": self.actor_type,
                "entity": member(Entity, self.actor.get("entity", "none"), "given.actor.entity"),
                "licensed": _known(self.actor.get("licensed", True)),
                "relation": relation(when.get("to", "debtor"), "when.to"),
            }
            | self._debt_columns()
            | self._person_columns()
            | self._message_columns()
            | self._conduct_columns()
            | self._local_columns()
        )

    def _purpose(self) -> Purpose:
        """As told; else an answer where a question of theirs is answered, else to collect."""
        asked = {str(e["id"]) for e in self.known_events if e["type"] in ("query", "information_request")}
        usual = "answer_query" if self.when.get("in_reply_to") in asked else "collect"
        return member(Purpose, self.when.get("purpose", usual), "when.purpose")

    def _is_call_back(self) -> bool:
        asked = {str(e["id"]) for e in self.known_events if e["type"] == "callback_request"}
        return self.when.get("in_reply_to") in asked or (self.channel in _PHONE and self.called_back[1])

    def _required_document(self) -> bool:
        """A mortgage servicer's periodic statements are required in writing, or electronically where consented to.

        12 CFR 1026.41(c), whatever medium was refused: comment 14(h)(2)-1.
        """
        f = self.facts_given
        statement = self.when.get("document") == "periodic_statement_1026_41"
        in_writing = self.channel == Channel.LETTER
        consented = bool(f.get("electronic_statement_consent", False))
        return statement and bool(f.get("collector_is_mortgage_servicer", False)) and in_writing != consented

    def _debt_columns(self) -> dict[str, Any]:
        debts = [self.all_debts[name] for name in self.debts] or [{}]
        paid = {
            name: day_number(moment(e["at"], "at").date())
            for e in self.known_events
            if e["type"] == "paid_in_full"
            for name in e.get("debts") or self.debts
        }
        status = ["paid_or_settled" if d.get("id") in paid else d.get("status", "open") for d in debts]
        return {
            "debt_type": [member(DebtType, d.get("type", "other"), "given.debts.type") for d in debts],
            "debt_status": [member(DebtStatus, s, "given.debts.status") for s in status],
            "in_default_when_obtained": [bool(d.get("in_default_when_obtained", True)) for d in debts],
            "limitation_expired": [bool(d.get("limitation_expired", False)) for d in debts],
            "closed_book": [bool(d.get("closed_book", False)) for d in debts],
            "overdue_since": [_day_or(UNKNOWN, d.get("overdue_since"), "given.debts.overdue_since") for d in debts],
            "default_ended_on": [paid.get(str(d.get("id")), NO_DAY) for d in debts],
            "loan_on_cost_sheet_rule": [
                _known(day(d["made_on"], "made_on") >= _COST_SHEET if "made_on" in d else None) for d in debts
            ],
        }

    def _person_columns(self) -> dict[str, Any]:
        f = self.facts_given
        number: Block = next((n for n in self.given.get("numbers", []) if n["id"] == self.when.get("number")), {})
        owner = number.get("owner", self.relation_name)
        home = any(d.get("place") == "home" for d in self._designations())
        columns: dict[str, Any] = {
            "debtor_alive": _known(f.get("debtor_alive", True)),
            "number_owner_is_addressee": owner == self.relation_name,
            "point_works": number.get("status") != "invalid",
            "number_source": member(NumberSource, number.get("source", "reserved"), "given.numbers.source"),
            "home_unwelcome": home,
            "known_at_home": _known(f.get("debtor_known_at_home", False)),
            "learned_inconvenient": any(e.get("learned_inconvenient") for e in self.contacts_past[-1:]),
            "employer_prohibits": _known(f.get("employer_prohibits_contact", False)),
            "work_email_known": _known(f.get("address_known_employer_provided", False)),
            "work_email_allowed": self._work_email_allowed(),
            "attorney_known": _known(f.get("attorney_contact_known", True)),
            "attorney_consented": _known(f.get("attorney_consented_direct", False)),
            "attorney_unresponsive": _known(f.get("attorney_unresponsive", False)),
            "location_asked_before": int(f.get("prior_location_contacts", 0)) > 0,
            "location_may_ask_again": bool(
                f.get("asked_to_be_contacted_again") or f.get("earlier_answer_believed_wrong")
            ),
            "text_procedure_met": self._text_procedure(),
            "prior_notice_given": _known(f.get("prior_notice_given", True)),
            "spoken_to": _known(f.get("spoke_by_phone", False)),
            "letter_on": self._letter_on(),
            "joint_debt_evidence": f.get("joint_debt_evidence", "none") == "co_signed",
            "guarantee": member(Guarantee, f.get("guarantee_type", "general"), "given.facts.guarantee_type"),
            "guarantee_claimed_in_time": self._guarantee_in_time(),
            "guarantee_callable": self._guarantee_callable(),
            "estate_accepted": f.get("estate", "accepted") == "accepted",
        }
        if f.get("opted_out"):
            columns["opted_out"] = True
        return columns

    def _work_email_allowed(self) -> bool:
        """12 CFR 1006.22(f)(3): used with us, consented to directly, or qualified through a prior collector."""
        f = self.facts_given
        ways = ("address_used_by_debtor", "address_consented_directly", "address_from_qualified_prior_collector")
        out = f.get("opted_out", False) or f.get("opted_out_with_prior_collector", False)
        return any(f.get(way, False) for way in ways) and not out

    def _within(self, name: str, days: int) -> bool:
        value = self.facts_given.get(name)
        return value is not None and (self.at.date() - day(value, name)).days <= days

    def _text_procedure(self) -> bool:
        """Their text or consent within 60 days, or a check of the number within 60 days; asked only where told."""
        f = self.facts_given
        if not f.keys() & {"debtor_last_text_on", "text_consent_on", "reassigned_check_on"}:
            return True
        fresh = self._within("debtor_last_text_on", _TEXT_DAYS) or self._within("text_consent_on", _TEXT_DAYS)
        checked = f.get("reassigned_check", "not_reassigned") == "not_reassigned"
        timely = "reassigned_check_on" not in f or self._within("reassigned_check_on", _TEXT_DAYS)
        return fresh or (checked and timely)

    def _letter_on(self) -> int:
        """The day of the letter before a report to a bureau; one that came back was never sent."""
        f = self.facts_given
        sent = f.get("letter_sent_on", "none")
        gone = sent == "none" or f.get("letter_returned", False)
        return NO_DAY if gone else _day_or(NO_DAY, sent, "given.facts.letter_sent_on")

    def _guarantee_in_time(self) -> bool:
        f = self.facts_given
        end = f.get("guarantee_period_end")
        return bool(f.get("claimed_within_period", False)) or end is None or self.at.date() <= day(end, "period end")

    def _guarantee_callable(self) -> int:
        f = self.facts_given
        met = f.get("guarantee_exception_met")
        return int(Known.YES) if f.get("debtor_assets_executed", False) or met else _known(met)

    def _message_columns(self) -> dict[str, Any]:
        message: Mapping[str, Any] = self.when.get("message", {})
        unasked = message.get("names_employer", False) and not message.get("employer_expressly_requested", False)
        for name in message.get("categories", []):
            member(Content, name, "when.message.categories")
        return {
            "content": bits_of(Content, message.get("categories", [])),
            "discloses_debt": _known(message.get("discloses_debt", False)),
            "identifies_self": _known(message.get("identifies_self", True)),
            "opt_out_notice": self._simple_opt_out(message),
            "names_employer_unasked": unasked,
            "public_view": message.get("visible_to", "addressee") != "addressee",
            "overshadows_dispute": self._overshadows(message),
            "parts": self._parts(message.get("includes")),
            "threatens_action": _known(message.get("threatens_action", False)),
            "anonymous": _known(message.get("anonymous", False)),
            "premium_number": message.get("callback_number", "standard") == "premium_rate",
        }

    @staticmethod
    def _parts(names: list[str] | None) -> int:
        """What the letter holds; one that is not described holds everything."""
        if names is None:
            return EVERY_PART
        return sum(1 << member(Part, name, "when.message.includes") for name in names)

    def _overshadows(self, message: Mapping[str, Any]) -> bool:
        """Hides the right to dispute while the validation period runs: 12 CFR 1006.38(b)."""
        end = self.validation_period().get("validation_period_end") if self.pack == "us" else None
        over = end is not None and self.at.date().isoformat() > end
        return bool(message.get("overshadows_dispute_right", False)) and not over

    @staticmethod
    def _simple_opt_out(message: Mapping[str, Any]) -> bool:
        """The message says how to stop such messages, and the way is free and simple."""
        method = message.get("opt_out_method", "reply_stop")
        told = message.get("opt_out_notice", True) and method != "postal_mail_only"
        return bool(told) and not message.get("opt_out_asks")

    def _conduct_columns(self) -> dict[str, Any]:
        f = self.facts_given
        agency = self.actor_type == ActorType.DEBT_COLLECTOR
        entered = f.get("entered_private_place", False) and not f.get("consent_to_enter", False)
        private = f.get("device", "company") == "private" and not f.get("creditor_consented_private_device", False)
        passed_on = f.get("sub_delegated", False) and not f.get("creditor_consented_sub_delegation", False)
        return {
            "identity_verified": _known(f.get("callee_identity_verified", True)),
            "institution_named": _known(f.get("institution_identified", True)),
            "posing_as_creditor": f.get("claimed_identity", "own") == "creditor" and agency,
            "fee_off_sheet": f.get("fee_claimed", False) and not f.get("fee_on_cost_sheet", True),
            "recording": _known(f.get("recording", True)),
            "collectors": _known(f.get("collectors_present", 2)),
            "id_shown": _known(f.get("id_shown", True)),
            "entered_without_consent": entered,
            "private_device": private,
            "outsourcing_notice_sent": _known(f.get("outsourcing_notice_sent", True)),
            "agency_listed": _known(f.get("agency_on_public_list", True)),
            "sub_delegated": passed_on,
            "assignment_notified": _known(f.get("assignment_notice_delivered", True)),
        }

    def _local_columns(self) -> dict[str, Any]:
        """Facts that the rules of one country or state ask for."""
        f = self.facts_given
        hours = f.get("working_hours") or [None, None]
        return {
            "contacted_in_limitation": _known(f.get("creditor_contact_in_limitation_period", True)),
            "relies_on_limitation": _known(f.get("debtor_relies_on_limitation", False)),
            "default_notice_on": _day_or(UNKNOWN, f.get("default_notice_served_on"), "default_notice_served_on"),
            "adviser_since": self._adviser_since(),
            "transferred": self.is_transferred(),
            "transfer_told": self._transfer_told(),
            "forbearance_considered": _known(f.get("forbearance_considered", True)),
            "works_from": _minute_or(hours[0], "given.facts.working_hours"),
            "works_until": _minute_or(hours[1], "given.facts.working_hours"),
            "nights_until": _minute_or(f.get("works_nights_until"), "given.facts.works_nights_until"),
            "lacks_capacity": _known(f.get("suspected_no_mental_capacity", False)),
            "visit_announced": _known(f.get("visit_notice_given", True)),
            "prior_opt_out": _known(f.get("opted_out_with_prior_collector", False)),
            "electronic_opt_in": self._opted_in(),
            "automatic_allowed": bool(f.get("text_consent_on")) or any(self._consents_in_force()),
            "automatic_revoked": self.pack == "us" and self._revocation_is_due(),
            "alias_traceable": self._alias_traceable(),
        }

    def _adviser_since(self) -> int:
        began = [e["at"] for e in self.known_events if e["type"] == "debt_adviser_preparing_plan"]
        return day_number(moment(max(began), "at").date()) if began else NO_DAY

    def is_transferred(self) -> bool:
        """A credit in default that had gone to a purchaser by the day of the case."""
        on = self.facts_given.get("transferred_on")
        return on is not None and day(on, "given.facts.transferred_on") <= self.at.date()

    def _transfer_told(self) -> int:
        """The communication of the transfer went out, on paper or a durable medium, and nothing is missing from it."""
        f = self.facts_given
        if "transfer_communication" not in f:
            return UNKNOWN
        on = f.get("transfer_communication_on")
        late = on is not None and day(on, "given.facts.transfer_communication_on") > self.at.date()
        durable = f.get("transfer_communication_medium", "durable") == "durable"
        missing = self.missing_in_transfer_communication()
        return int(f["transfer_communication"] == "sent" and not late and durable and not missing)

    def missing_in_transfer_communication(self) -> list[str]:
        """Elements of the communication that are not in it; one that is not described is in order."""
        held = self.facts_given.get("transfer_communication_contents")
        if held is None or self.pack != "eu":
            return []
        return [part for part in checks.transfer_elements(self.pack) if part not in held]

    def _consents_in_force(self) -> Iterable[Block]:
        for c in self.given.get("consents", []):
            given = moment(c["given_at"], "given_at") <= self.at
            revoked = "revoked_at" in c and moment(c["revoked_at"], "revoked_at") <= self.at
            if given and not revoked and c.get("direct", True):
                yield c

    def _opted_in(self) -> bool:
        """They chose this medium: by texting us, by consent to texts, by using the address, or by a consent to it."""
        f = self.facts_given
        if self.channel in (Channel.SMS, Channel.IM):
            own = bool(f.get("text_consent_on") or f.get("debtor_last_text_on"))
        else:
            own = bool(f.get("address_consented_directly") or f.get("address_used_by_debtor"))
        named = any(
            _channels(c["channels"]) >> self.channel & 1 for c in self._consents_in_force() if c.get("channels")
        )
        return own or named

    def revoked_on(self) -> date | None:
        """The day on which the debtor revoked the consent to automatic calls and texts, in words or by an opt-out."""
        words = checks.terms_of(checks.of_jurisdiction("us"), "revocation")["words"]
        days = [
            moment(e["at"], "at").date()
            for e in self.known_events
            if e["type"] == "opt_out"
            or (e["type"] == "contact" and e["dir"] == "in" and checks.says_one_of(e.get("words", ""), words))
        ]
        return min(days, default=None)

    def last_day_to_honour(self) -> date | None:
        """The last day to act on a revocation; None without one."""
        on = self.revoked_on()
        terms = checks.terms_of(checks.of_jurisdiction("us"), "revocation")
        return None if on is None else calendars.add_working_days(terms["calendar"], on, terms["working_days"])

    def _revocation_is_due(self) -> bool:
        last = self.last_day_to_honour()
        return last is not None and self.at.date() > last

    def _alias_traceable(self) -> int:
        f = self.facts_given
        if f.get("one_alias_per_employee") is False or f.get("alias_shared"):
            return int(Known.NO)
        told = {"one_alias_per_employee", "alias_shared"} <= f.keys()
        return int(Known.YES) if told and f["one_alias_per_employee"] else UNKNOWN

    # ---- questions about the record alone

    def first_minute_of_window(self, days: int) -> int:
        """The first minute of the `days` calendar days that end with the day of the case."""
        first = day_number(self.at.date()) - days + 1
        return int(midnight(np.array([zone_number(self.zone)]), np.array([first]))[0])

    def is_talk(self, event: int) -> bool:
        """A conversation by phone."""
        e = self.contacts_past[event]
        return e["result"] == "conversation" and member(Channel, e["channel"], "channel") in _PHONE

    def is_our_call(self, event: int) -> bool:
        """A call we made."""
        e = self.contacts_past[event]
        return e["dir"] == "out" and member(Channel, e["channel"], "channel") in _PHONE

    def called_after_talking(self) -> bool:
        """A counted call within seven days of an earlier conversation about the same debt."""
        counted, _ = record.counted_calls(self.contacts(), self.record)
        links, events = self.record.event_debts, self.record.events
        talks: dict[tuple[int, int], list[int]] = {}
        for event, debt in zip(links.event.tolist(), links.debt.tolist(), strict=True):
            if self.is_talk(event):
                talks.setdefault((int(events.person[event]), debt), []).append(int(events.at[event]))
        for line, (event, debt) in enumerate(zip(links.event.tolist(), links.debt.tolist(), strict=True)):
            earlier = talks.get((int(events.person[event]), debt), [])
            at = int(events.at[event])
            if counted[line] and any(t < at < self._days_after(t, 7) for t in earlier):
                return True
        return False

    def _days_after(self, instant: int, days: int) -> int:
        place = np.array([zone_number(self.zone)])
        clock = Local(place, np.array([instant]))
        return int(midnight(place, clock.day + days)[0])

    def insulted(self) -> bool:
        """Our side used words of abuse."""
        return any(e["dir"] == "out" and e.get("categories") for e in self.contacts_past)

    def pestered(self) -> bool:
        """Two or more unsolicited messages on one day."""
        days = [
            e["at"][:10]
            for e in self.contacts_past
            if e["dir"] == "out" and e["channel"] in ("sms", "email", "im") and not e.get("solicited", True)
        ]
        return any(days.count(one) >= 2 for one in days)


def _channels(names: list[str] | None, missing: int = ALL_CHANNELS) -> int:
    if not names:
        return missing
    bits = 0
    for name in names:
        bits |= 1 << member(Channel, name, "channels")
    return bits
