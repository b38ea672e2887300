"""The columns a rule may ask about: the whole vocabulary.

A `Facts` is a bundle of aligned NumPy columns, one row per intended contact, of any length: one contact on the screen
and a million at night are the same code. Times are whole minutes of UTC since 1970-01-01T00:00Z (int64).

How to make one:

    facts = record.facts(contacts, events, ...)              # from a record of the past: the usual way
    facts = Facts.of(instant=[29_600_000], zones=zone_sets([{"Asia/Shanghai"}]), channel=Channel.CALL, ...)

A column left out takes its default of `COLUMNS`. Where a wrong guess could harm somebody the default is
`Known.UNKNOWN`: the gate then answers hold, never allow.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import IntEnum
from functools import cached_property
from typing import Any, Final, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fairdue.law import codes
from fairdue.law.calendars import Corrections
from fairdue.law.clock import LONG_AGO, NEVER, Local, Minutes, all_zones, day_number, zone_name, zone_sets
from fairdue.law.codes import Known

Codes: TypeAlias = NDArray[np.signedinteger[Any]]
Mask: TypeAlias = NDArray[np.bool_]

UNKNOWN: Final = int(Known.UNKNOWN)
NO_DAY: Final = 0
"""In a column of days: it is known that the day has not come (no letter was sent, nothing was served)."""
EVERY_PART: Final = (1 << len(codes.Part)) - 1


@dataclass(frozen=True)
class Column:
    """One column: how its values are named, what a missing one means, and what it says.

    `kind`: code = a member of `names`; truth = yes, no, unknown; bits = a set of members of `names`; day = a local day
    number since 1970-01-01, NO_DAY where it has not come; minute = a minute of the day; number = how many. These three
    may be UNKNOWN.
    """

    kind: Literal["code", "truth", "bits", "day", "minute", "number"]
    default: int
    meaning: str
    names: type[IntEnum] = Known


def _code(names: type[IntEnum], meaning: str, default: int = UNKNOWN) -> Column:
    return Column("code", default, meaning, names)


def _truth(meaning: str, default: Known) -> Column:
    return Column("truth", int(default), meaning)


def _day(meaning: str, default: int = UNKNOWN) -> Column:
    return Column("day", default, meaning)


def _minute(meaning: str) -> Column:
    return Column("minute", UNKNOWN, meaning)


_YES, _NO, _ASK = Known.YES, Known.NO, Known.UNKNOWN

COLUMNS: Final[Mapping[str, Column]] = {
    # the act
    "action": _code(codes.Action, "what is about to be done", codes.Action.CONTACT),
    "channel": _code(codes.Channel, "how somebody is reached"),
    "mode": _code(codes.Mode, "who or what speaks", codes.Mode.HUMAN),
    "dir": _code(codes.Direction, "ours or theirs", codes.Direction.OUT),
    "purpose": _code(codes.Purpose, "what the contact is for"),
    "endpoint": _code(codes.Endpoint, "what the contact point is tied to", codes.Endpoint.NONE),
    "answers_incoming": _truth("this is the one answer to their own message, on its channel", _NO),
    "call_back_asked": _truth("the addressee asked for this call", _NO),
    "required_by_law": _truth("a law demands this message in this medium", _NO),
    "sent_to_all_alike": _truth("it goes to everybody of the same name and birth date or address", _NO),
    # who
    "jurisdiction": _code(codes.Jurisdiction, "whose rules bind"),
    "place": _code(codes.Place, "a part of the country with rules of its own", codes.Place.NONE),
    "actor_type": _code(codes.ActorType, "in what capacity we act"),
    "entity": _code(codes.Entity, "what kind of house the lender is", codes.Entity.NONE),
    "licensed": _truth("we hold the licence that collecting needs here", _YES),
    "relation": _code(codes.Relation, "the addressee's tie to the debt"),
    "debtor_alive": _truth("the debtor lives", _ASK),
    "number_owner_is_addressee": _truth("the contact point is the addressee's own", _YES),
    "point_works": _truth("the contact point is not known to be out of service", _YES),
    "number_source": _code(codes.NumberSource, "how we came by the contact point", codes.NumberSource.RESERVED),
    "joint_debt_evidence": _truth("the spouse signed or the debt is proven to be common", _NO),
    "guarantee": _code(codes.Guarantee, "the guarantor's kind of guarantee; none stated is general", 1),
    "guarantee_claimed_in_time": _truth("the guarantor was claimed against within the guarantee period", _ASK),
    "guarantee_callable": _truth("the debtor's assets were executed, or an exception was confirmed", _ASK),
    "estate_accepted": _truth("the heir took the estate", _YES),
    # the debt
    "debt_type": _code(codes.DebtType, "the kind of debt"),
    "debt_status": _code(codes.DebtStatus, "whether anything is still owed", codes.DebtStatus.OPEN),
    "in_default_when_obtained": _truth("the debt was in default when we got it", _YES),
    "proof_complete": _truth("the proof of every debt reaches the creditor's bar", _YES),
    "limitation_expired": _truth("the limitation period is over", _NO),
    "contacted_in_limitation": _truth("the creditor was in touch with the debtor within the limitation period", _YES),
    "relies_on_limitation": _truth("the debtor says that the debt is too old to be claimed", _NO),
    "closed_book": _truth("the product is no longer sold", _NO),
    "overdue_since": _day("the day from which the debt is overdue"),
    "default_ended_on": _day("the day on which the debt was paid after a default"),
    "default_notice_on": _day("the day on which the notice of default was served"),
    "transferred": _truth("the debt, in default, went to a purchaser", _NO),
    "transfer_told": _truth("the debtor was told of the transfer, in full and on a durable medium", _ASK),
    "adviser_since": _day("the day on which a debt adviser began to prepare a plan", NO_DAY),
    "forbearance_considered": _truth("easier terms were considered before enforcement", _YES),
    # wishes and bars; the record decides them
    "opted_out": _truth("the addressee asked not to be reached on this channel, number or address", _ASK),
    "refused_all": _truth("the addressee asked for no contact at all", _ASK),
    "home_unwelcome": _truth("the addressee does not want to be reached at home", _NO),
    "known_at_home": _truth("we know the addressee to be at home", _NO),
    "works_from": _minute("when the person's working day begins"),
    "works_until": _minute("when the person's working day ends"),
    "nights_until": _minute("until when the person works at night"),
    "lacks_capacity": _truth("the person is known or thought to lack mental capacity", _NO),
    "learned_inconvenient": _truth("on the running call the debtor said the moment is bad", _NO),
    "employer_prohibits": _truth("the employer forbids such contacts at work", _NO),
    "work_email_allowed": _truth("a known work e-mail may be used: used with us, consented, or a prior collector", _NO),
    "work_email_known": _truth("the address is known to come from the employer", _NO),
    "prior_opt_out": _truth("with the collector before us the person refused this address", _NO),
    "electronic_opt_in": _truth("the person chose to be reached by this electronic medium", _ASK),
    "automatic_allowed": _truth("the person consented to automatic calls and texts", _ASK),
    "automatic_revoked": _truth("that consent was revoked, and the time to honour it is over", _NO),
    "attorney_known": _truth("the debtor's attorney can be reached", _YES),
    "attorney_consented": _truth("the attorney agreed to direct contact", _NO),
    "attorney_unresponsive": _truth("the attorney does not answer", _NO),
    "location_asked_before": _truth("this third person was asked for the debtor's whereabouts before", _NO),
    "location_may_ask_again": _truth("they asked us to come back, or their answer is believed wrong", _NO),
    "text_procedure_met": _truth("texting defence: their text or consent, fresh or checked within 60 days", _YES),
    # what is said and how
    "content": Column("bits", 0, "what a content check found", codes.Content),
    "content_doubts": Column("bits", 0, "what a content check found doubtful", codes.Content),
    "discloses_debt": _truth("the message tells of the debt", _NO),
    "identifies_self": _truth("the message says who is speaking", _YES),
    "opt_out_notice": _truth("the message says how to stop such messages", _YES),
    "names_employer_unasked": _truth("the message names our firm although nobody asked", _NO),
    "public_view": _truth("others can see the message", _NO),
    "overshadows_dispute": _truth("the message hides the right to dispute", _NO),
    "parts": Column("bits", EVERY_PART, "what the letter or document holds", codes.Part),
    "threatens_action": _truth("the message threatens a step", _NO),
    "anonymous": _truth("the caller does not say who speaks", _NO),
    "premium_number": _truth("the number to call back costs more than a standard one", _NO),
    "identity_verified": _truth("the person on the line was checked before any detail", _YES),
    "institution_named": _truth("the institution was named", _YES),
    "posing_as_creditor": _truth("an agency speaks as if it were the lender", _NO),
    "fee_off_sheet": _truth("a fee is asked that is not on the cost sheet", _NO),
    "loan_on_cost_sheet_rule": _truth("the loan was made since the cost-sheet rule", _NO),
    # conduct and organisation (cn)
    "recording": _truth("the contact is recorded", _YES),
    "collectors": Column("number", 2, "how many collectors visit"),
    "visit_announced": _truth("the visit was announced with adequate notice", _YES),
    "id_shown": _truth("identification was shown", _YES),
    "entered_without_consent": _truth("a private place was entered without consent", _NO),
    "private_device": _truth("a private phone or account is used without the creditor's consent", _NO),
    "outsourcing_notice_sent": _truth("the debtor was told that an agency acts", _YES),
    "agency_listed": _truth("the agency is on the creditor's public list", _YES),
    "sub_delegated": _truth("the work was passed on without the creditor's consent", _NO),
    "assignment_notified": _truth("the debtor was told of the new creditor", _YES),
    # other acts
    "prior_notice_given": _truth("the person was told before a report to a credit bureau", _ASK),
    "spoken_to": _truth("the debt was spoken about by phone", _ASK),
    "letter_on": _day("the day of the letter about the debt that did not come back"),
    "alias_traceable": _truth("an assumed name leads to one employee", _ASK),
}

SPANS: Final[Mapping[str, str]] = {
    "off_hours_agreed": "a recorded agreement covers this channel in off hours",
    "extra_calls_agreed": "a consent to additional calls covers this debt",
    "portal_session": "the person is using the portal",
    "out_of_reach": "the debtor cannot be reached by the tests of the law",
    "ceased": "a cease request is in force",
    "disputed": "a dispute about the debt is open",
    "represented": "an attorney acts for the debtor in this debt",
    "moratorium": "a statutory pause runs",
    "plan_kept": "an instalment plan is being kept",
    "on_hold": "hardship or another hold pauses collection",
}
"""Columns that are true from one minute to another, so that a later moment is judged exactly."""

COUNTS: Final[Mapping[str, tuple[int, str]]] = {
    "calls": (7, "our counted calls to this person about this debt by this actor"),
    "conversations": (1, "conversations with this person about this debt, whoever called"),
    "effective_calls": (3, "calls that became a conversation with this person, all actors, all numbers"),
    "notices": (3, "recorded notices this person heard, all actors, all numbers"),
    "failed_dials": (6, "calls to this very number that reached nobody"),
    "unanswered": (1, "calls to this very number that rang unanswered"),
    "dials": (10, "our calls of any result to this person"),
    "sms": (4, "our text and chat messages to this person"),
    "emails": (4, "our e-mails to this person"),
    "letters": (2, "our letters to this person"),
    "visits": (2, "our visits to this person"),
    "contacts": (3, "our contacts and attempts on any channel with this person, by this actor"),
    "contacts_about_debt": (3, "our contacts and attempts on any channel about this debt, by this actor"),
    "contacts_at_work": (1, "our contacts and attempts at the person's work, by this actor"),
    "contacts_made": (10, "contacts made with this person about this debt, all actors, visits apart"),
    "calls_unasked": (3, "our calls to this person by this actor, calls they asked for left out"),
    "phone_tries": (2, "our calls and texts about this debt to personal numbers, by this actor"),
    "phone_messages": (2, "those of them that reached the person or a machine"),
    "work_tries": (2, "our calls and texts about this debt to numbers at work, by this actor"),
    "work_messages": (2, "those of them that reached the person or a machine"),
}
"""Past contacts by name: how many of the latest are kept per row, and what is counted."""


@dataclass(frozen=True)
class Spans:
    """From `start` (inclusive) to `end` (exclusive), both (n, k) UTC minutes; an unused pair has start = NEVER."""

    start: Minutes
    end: Minutes

    @classmethod
    def none(cls, n: int) -> Self:
        """Nobody has one."""
        nothing = np.broadcast_to(np.int64(NEVER), (n, 1))
        return cls(nothing, nothing)

    @classmethod
    def since(cls, start: ArrayLike, end: ArrayLike | None = None) -> Self:
        """One span per row; without `end` it stays open."""
        first = np.asarray(start, np.int64).reshape(-1, 1)
        last = np.full(first.shape, NEVER, np.int64) if end is None else np.asarray(end, np.int64).reshape(-1, 1)
        return cls(first, last)

    @property
    def empty(self) -> bool:
        """Whether nobody has one."""
        some = self.start[:1] if self.start.strides[0] == 0 else self.start
        return int(some.min(initial=NEVER)) >= NEVER

    def holds(self, now: Minutes) -> Mask:
        """Rows on which one of them runs."""
        found = np.zeros(len(now), np.bool_)
        for j in range(self.start.shape[1]):
            found |= (self.start[:, j] <= now) & (now < self.end[:, j])
        return found

    def next_edge(self, now: Minutes) -> Minutes:
        """The next minute at which one begins or ends, NEVER for none."""
        found = np.full(len(now), NEVER)
        for column in (self.start, self.end):
            for j in range(column.shape[1]):
                found = np.minimum(found, np.where(column[:, j] > now, column[:, j], NEVER))
        return found

    def take(self, rows: Any) -> "Spans":
        """The given rows (slice or index array)."""
        if self.start.strides[0] == 0 and not isinstance(rows, slice) and self.empty:
            return Spans.none(len(rows))
        return Spans(self.start[rows], self.end[rows])


@dataclass(frozen=True)
class Wishes:
    """Times named as unwelcome, one line each: the row of the person, weekdays as bits (Monday = 1), minutes, days.

    Barred from ≤ minute < to of the local day; a `to` at or before `from` runs past midnight; from 0 to 1440 is the
    whole day. `first` and `last` are local day numbers since 1970-01-01, both included.
    """

    row: NDArray[np.int64]
    days: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @classmethod
    def none(cls) -> Self:
        """Nobody named any."""
        nothing = np.empty(0, np.int64)
        return cls(nothing, nothing, nothing, nothing, nothing, nothing)

    @property
    def lines(self) -> tuple[NDArray[np.int64], ...]:
        """days, start, end, first, last."""
        return self.days, self.start, self.end, self.first, self.last

    def take(self, rows: Any) -> "Wishes":
        """Those of the given rows (slice, or ascending indices), numbered anew."""
        if not len(self.row):
            return self
        if isinstance(rows, slice):
            kept = np.flatnonzero((self.row >= rows.start) & (self.row < rows.stop))
            place = self.row[kept] - rows.start
        else:
            found = np.minimum(np.searchsorted(rows, self.row), max(len(rows) - 1, 0))
            kept = np.flatnonzero(rows[found] == self.row) if len(rows) else np.empty(0, np.int64)
            place = found[kept]
        return Wishes(place, *(column[kept] for column in self.lines))


class _Later(Mapping[str, Any]):
    """Columns of some rows, gathered only when asked for."""

    __slots__ = ("_seen", "root", "rows")

    def __init__(self, base: Mapping[str, Any], rows: Any) -> None:
        self.root: Mapping[str, Any] = base.root if isinstance(base, _Later) else base
        self.rows: Any = _compose(base.rows, rows) if isinstance(base, _Later) else rows
        self._seen: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        found = self._seen.get(name)
        if found is None:
            whole = self.root[name]
            found = whole.take(self.rows) if isinstance(whole, Spans) else _some(whole, self.rows)
            self._seen[name] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.root)

    def __len__(self) -> int:
        return len(self.root)

    def __contains__(self, name: object) -> bool:
        return name in self.root


def _compose(outer: Any, inner: Any) -> Any:
    """The rows `inner` of the rows `outer`; a slice has a start and a stop."""
    if not isinstance(outer, slice):
        return outer[inner]
    if isinstance(inner, slice):
        return slice(outer.start + inner.start, outer.start + inner.stop)
    return inner + outer.start


class FactError(ValueError):
    """A column that does not exist, has the wrong length, or holds a value outside its table."""


@dataclass(frozen=True)
class Facts:
    """Aligned columns, one row per intended contact.

    instant: (n,) UTC minutes. zones: (n, m) zone numbers of `clock.zone_sets`: every zone the person may be in,
    padded by repetition; a row of -1 = unknown. columns: (n,) codes by the names of `COLUMNS`. spans, past: by the
    names of `SPANS` and `COUNTS`; past[name] is (n, k) UTC minutes of the latest counted contacts, newest first,
    LONG_AGO where there were fewer. A span or count that is missing is unknown, not empty. corrections: the firm's, of
    the calendars of days off, the same for every row.
    """

    instant: Minutes
    zones: NDArray[np.int64]
    columns: Mapping[str, Codes]
    spans: Mapping[str, Spans]
    past: Mapping[str, Minutes]
    wishes: Wishes | None = None
    corrections: Corrections = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        instant: ArrayLike,
        zones: ArrayLike,
        spans: Mapping[str, Spans] | None = None,
        past: Mapping[str, Minutes] | None = None,
        wishes: Wishes | None = None,
        **columns: ArrayLike,
    ) -> Self:
        """Check and align. A single value serves every row. Raises FactError naming the column and the cure."""
        when = np.atleast_1d(np.asarray(instant, np.int64))
        n = len(when)
        places = np.asarray(zones, np.int64)
        if places.ndim == 1:
            places = places.reshape(1, -1) if len(places) != n or n == 1 else places.reshape(-1, 1)
        if len(places) != n:
            places = np.broadcast_to(places, (n, places.shape[1]))
        ready = {name: _column(name, value, n) for name, value in columns.items()}
        _check_names("span", spans or {}, SPANS, n)
        _check_names("count", past or {}, COUNTS, n)
        return cls(when, places, ready, spans or {}, past or {}, wishes)

    @classmethod
    def blank(
        cls,
        *,
        instant: ArrayLike,
        zones: ArrayLike,
        spans: Mapping[str, Spans] | None = None,
        past: Mapping[str, Minutes] | None = None,
        wishes: Wishes | None = None,
        **columns: ArrayLike,
    ) -> Self:
        """Facts of a person about whom nothing else is on record. For examples and tests."""
        n = len(np.atleast_1d(np.asarray(instant)))
        nothing = {name: np.full((n, depth), LONG_AGO, np.int64) for name, (depth, _) in COUNTS.items()}
        known: dict[str, ArrayLike] = {"debtor_alive": 1, "opted_out": 0, "refused_all": 0}
        return cls.of(
            instant=instant,
            zones=zones,
            spans={name: Spans.none(n) for name in SPANS} | dict(spans or {}),
            past=nothing | dict(past or {}),
            wishes=wishes or Wishes.none(),
            **known | columns,
        )

    def __len__(self) -> int:
        return len(self.instant)

    @cached_property
    def clocks(self) -> Sequence[Local]:
        """The wall clock at `instant` in each candidate zone."""
        origin = self.__dict__.get("taken_from")
        if origin is not None and "clocks" in origin[0].__dict__:
            return [clock.take(origin[1]) for clock in origin[0].clocks]
        return all_zones(self.zones, self.instant)

    @cached_property
    def zone_missing(self) -> bool:
        """Whether the zone of some row is unknown."""
        return len(self.zones) > 0 and int(self.zones[:, 0].min()) < 0

    @cached_property
    def days(self) -> tuple[int, int]:
        """A local day number not after, and one not before, that of any row in any of its zones."""
        origin = self.__dict__.get("taken_from")
        if origin is not None and "days" in origin[0].__dict__:
            bounds: tuple[int, int] = origin[0].days
            return bounds
        return min(int(c.day.min()) for c in self.clocks), max(int(c.day.max()) for c in self.clocks)

    @staticmethod
    def default(name: str) -> int:
        """What a column that was not given means."""
        return COLUMNS[name].default

    def column(self, name: str) -> Codes | int:
        """The column, or its default when it was not given."""
        found = self.columns.get(name)
        return COLUMNS[name].default if found is None else found

    def last(self, count: str, times: int) -> Minutes:
        """(n,) the `times`-th last of a count, LONG_AGO where there were fewer."""
        column: Minutes = (
            self.past.root[count][self.past.rows, times - 1]
            if isinstance(self.past, _Later)
            else self.past[count][:, times - 1]
        )
        return column

    def take(self, rows: Any) -> "Facts":
        """The given rows: a slice with start and stop, or ascending indices."""
        taken = Facts(
            self.instant[rows],
            self.zones[rows],
            _Later(self.columns, rows),
            _Later(self.spans, rows),
            _Later(self.past, rows),
            None if self.wishes is None else self.wishes.take(rows),
            self.corrections,
        )
        taken.__dict__["taken_from"] = (self, rows)
        return taken

    def at(self, instant: Minutes) -> "Facts":
        """The same facts at another moment."""
        return Facts(instant, self.zones, self.columns, self.spans, self.past, self.wishes, self.corrections)

    def saying(self, **columns: ArrayLike) -> "Facts":
        """The same facts with further columns: what is written to the addressee."""
        ready = {name: _column(name, value, len(self)) for name, value in columns.items()}
        return Facts(
            self.instant, self.zones, {**self.columns, **ready}, self.spans, self.past, self.wishes, self.corrections
        )

    def in_zones(self, zones: NDArray[np.int64]) -> "Facts":
        """The same facts read by other clocks."""
        return Facts(self.instant, zones, self.columns, self.spans, self.past, self.wishes, self.corrections)

    def as_json(self, row: int) -> dict[str, Any]:
        """One row as plain values with readable names; `from_json` reads it back."""
        wishes = self.wishes
        corrected = {
            name: {day.isoformat(): works for day, works in of.items()} for name, of in self.corrections.items()
        }
        return {
            **({"corrections": corrected} if corrected else {}),
            "instant": int(self.instant[row]),
            "zones": [zone_name(int(z)) for z in dict.fromkeys(self.zones[row].tolist()) if z >= 0],
            "columns": {name: _named(name, int(column[row])) for name, column in self.columns.items()},
            "spans": {name: _pairs(span, row) for name, span in self.spans.items()},
            "past": {name: [t for t in times[row].tolist() if t > LONG_AGO] for name, times in self.past.items()},
            "wishes": None if wishes is None else np.stack(wishes.lines, axis=1)[wishes.row == row].tolist(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """One row from what `as_json` gave. Raises FactError when a name is not known any more."""
        return cls.from_rows([stored])

    @classmethod
    def from_rows(cls, stored: Sequence[Mapping[str, Any]]) -> Self:
        """Rows of one shape (`shape`), in their order. Raises FactError when a name is not known any more."""
        first = stored[0]
        read = cls.of(
            instant=[row["instant"] for row in stored],
            zones=zone_sets([row["zones"] for row in stored]),
            spans={name: _spans([row["spans"][name] for row in stored]) for name in first["spans"]},
            past={name: _past(name, [row["past"][name] for row in stored]) for name in first["past"]},
            wishes=None if first["wishes"] is None else _lines([row["wishes"] for row in stored]),
            **{name: [_number(name, row["columns"][name]) for row in stored] for name in first["columns"]},
        )
        corrected = first.get("corrections", {})
        over = {name: {date.fromisoformat(day): works for day, works in of.items()} for name, of in corrected.items()}
        return replace(read, corrections=over)


_WIDTHS: Final[Mapping[str, type[np.signedinteger[Any]]]] = {"bits": np.int32, "day": np.int32}


def shape(stored: Mapping[str, Any]) -> tuple[object, ...]:
    """Which facts a stored row holds, and by which calendars; rows of the same shape make one `Facts`."""
    names = (frozenset(stored[part]) for part in ("columns", "spans", "past"))
    corrected = tuple((name, tuple(sorted(days.items()))) for name, days in stored.get("corrections", {}).items())
    return *names, stored["wishes"] is None, corrected


def _column(name: str, value: ArrayLike, n: int) -> Codes:
    spec = COLUMNS.get(name)
    if spec is None:
        raise FactError(f"no column is called {name}; known columns: {', '.join(sorted(COLUMNS))}")
    array = np.asarray(value).astype(_WIDTHS.get(spec.kind, np.int16))
    if array.ndim == 0:
        return np.broadcast_to(array, n)
    if array.shape != (n,):
        raise FactError(f"column {name} has {array.shape} values, {n} rows are given; make them one value per row")
    return array


def _some(column: Codes, rows: Any) -> Codes:
    """The given rows; a column that is one value throughout stays one value."""
    if column.strides[0] or isinstance(rows, slice):
        some: Codes = column[rows]
        return some
    n = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
    return np.broadcast_to(column[:1].reshape(()) if len(column) else np.int16(0), n)


def _named(name: str, code: int) -> Any:
    """A value of a column in words: true, false, null = unknown, a name, or a list of names."""
    column = COLUMNS[name]
    if column.kind == "bits":
        return [member.name.lower() for member in column.names if code >> member & 1]
    if code == UNKNOWN:
        return None
    if column.kind == "day":
        return "none" if code == NO_DAY else (date(1970, 1, 1) + timedelta(days=code)).isoformat()
    if column.kind == "number":
        return code
    if column.kind == "minute":
        return f"{code // 60:02}:{code % 60:02}"
    return bool(code) if column.kind == "truth" else name_of(column.names, code)


def _number(name: str, value: Any) -> int:
    column = COLUMNS.get(name)
    if column is None:
        raise FactError(f"no column is called {name}")
    if value is None:
        return UNKNOWN
    return value_of(column, value)


def value_of(column: Column, value: Any) -> int:
    """The number of a value written in words (true, a name, a list of names, a day, `HH:MM`).

    Raises KeyError or ValueError when the column knows no such value.
    """
    if column.kind == "bits":
        return bits_of(column.names, value)
    if column.kind == "day":
        return NO_DAY if value == "none" else day_number(date.fromisoformat(str(value)))
    if column.kind == "minute":
        hour, minute = str(value).split(":")
        return int(hour) * 60 + int(minute)
    return int(value) if column.kind in ("truth", "number") else code_of(column.names, value)


def _pairs(span: Spans, row: int) -> list[list[int | None]]:
    pairs = zip(span.start[row].tolist(), span.end[row].tolist(), strict=True)
    return [[start, None if end >= NEVER else end] for start, end in pairs if start < NEVER]


def _spans(rows: Sequence[Sequence[Sequence[int | None]]]) -> Spans:
    """The spans of each row, side by side as many as the fullest row has."""
    depth = max(map(len, rows), default=0)
    if not depth:
        return Spans.none(len(rows))
    start, end = np.full((len(rows), depth), NEVER), np.full((len(rows), depth), NEVER)
    for row, pairs in enumerate(rows):
        for place, (begin, finish) in enumerate(pairs):
            start[row, place], end[row, place] = begin, NEVER if finish is None else finish
    return Spans(start, end)


def _lines(rows: Sequence[Sequence[Sequence[int]]]) -> Wishes:
    lines = [(row, *line) for row, wishes in enumerate(rows) for line in wishes]
    return Wishes(*np.array(lines, np.int64).reshape(-1, 6).T)


def _past(name: str, rows: Sequence[Sequence[int]]) -> Minutes:
    depth = max(COUNTS[name][0] if name in COUNTS else 0, *map(len, rows))
    found = np.full((len(rows), depth), LONG_AGO)
    for row, times in enumerate(rows):
        found[row, : len(times)] = times
    return found


def _check_names(what: str, given: Mapping[str, Any], known: Mapping[str, Any], n: int) -> None:
    for name, value in given.items():
        if name not in known:
            raise FactError(f"no {what} is called {name}; known: {', '.join(sorted(known))}")
        rows = len(value.start) if isinstance(value, Spans) else len(value)
        if rows != n:
            raise FactError(f"{what} {name} has {rows} rows, {n} are needed")


def code_of(names: type[IntEnum], name: str) -> int:
    """The number of a member by its written name (`sms`, `us-ma`); raises KeyError when there is none."""
    return int(names[name.upper().replace("-", "_")])


def name_of(names: type[IntEnum], code: int) -> str:
    """The written name of a member by its number; `unknown` for UNKNOWN."""
    return "unknown" if code == UNKNOWN else names(code).name.lower()


def bits_of(names: type[IntEnum], members: Iterable[str]) -> int:
    """A set of members as bits."""
    return sum(1 << code_of(names, member) for member in members)
