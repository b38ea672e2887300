"""What the door reads: for a few persons all of it in one statement, for a whole portfolio table by table by COPY.

Every part gives whole numbers (text only where said), so that one text serves both ways of reading. Moments are UTC
minutes since 1970, days are days since 1970-01-01, an identity of an address is 63 bits of its keyed hash: two persons
with the same number share it.
"""

# ruff: noqa: S608 - the queries are put together from constants of this file; values are always parameters

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from fairdue.accounts import columns
from fairdue.law import codes
from fairdue.law.calendars import CALENDARS
from fairdue.law.clock import NEVER

Ints = NDArray[np.int64]

RECENT: Final = 31
"""Days of past contacts that the standard packs can ask about (law/record.py)."""
MANY: Final = 20_000
"""From so many persons on, whole tables are read instead of rows by id."""

_SHARED_DAYS: Final = 2  # a day in any zone


def _minute(moment: str) -> str:
    return f"floor(date_part('epoch', {moment}) / 60)::bigint"  # extract() computes in numeric, four times slower


def _day(day: str) -> str:
    return f"({day} - date '1970-01-01')::bigint"


def _identity(hashed: str) -> str:
    return f"(('x' || encode(substr({hashed}, 1, 8), 'hex'))::bit(64)::bigint & {(1 << 63) - 1})"


def _packed(*parts: str) -> str:
    """Small numbers in one column, four bits for each but the last; `unpack` takes them apart again."""
    return "(" + " + ".join(f"({part})::bigint * {1 << 4 * n}" for n, part in enumerate(parts)) + ")"


def _code(column: str, values: tuple[str, ...]) -> str:
    whens = " ".join(f"when '{value}' then {n}" for n, value in enumerate(values, 1))
    return f"(case {column} {whens} else 0 end)"


KINDS: Final = ("phone", "email", "address")
LINES: Final = ("mobile", "landline", "work")
STATUSES: Final = ("unverified", "verified", "invalid", "wrong_person")
HOLDS: Final = (
    "dispute", "hardship", "ceased", "attorney", "deceased", "bankrupt", "minor", "moratorium", "plan",
    "wrong_person", "complaint", "paid", "policy",
)  # fmt: skip
WISHES: Final = ("opt_out", "unwelcome_time", "unwelcome_place")
PRODUCTS: Final = ("online_loan", "credit_card")
SOURCES: Final = ("reserved", "device_address_book")

assert max(codes.Channel) < 16, "a packed code has four bits"
assert max(codes.Purpose) < 16, "a packed code has four bits"


@dataclass(frozen=True)
class Part:
    """One of the things read. `query` has a place {who} for the rows wanted, and {text} for the one column of text.

    width: how many whole numbers a row has. who: the rows wanted where few are; of a portfolio all are. table: the
    table whose column `text` is the text.
    """

    query: str
    width: int
    who: str
    text: str = ""
    table: str = ""


CREDITORS: Final = Part(
    "select id, we_act_as, {text} from accounts_creditor where {who}",
    2,
    "id = any(%(creditors)s::bigint[])",
    text="jurisdiction",
    table="accounts_creditor",
)

_POINTS: Final = f"""
    select cp.id, cp.person_id, {_identity("cp.hash")}, {_minute("coalesce(cp.verified_at, cp.learned_at)")},
        {
    _packed(
        _code("cp.kind", KINDS),
        _code("cp.line", LINES),
        _code("cp.source", SOURCES),
        _code("cp.status", STATUSES),
        "case when length(cp.country) = 2 then ascii(cp.country) * 256 + ascii(substr(cp.country, 2)) else 0 end",
    )
},
        {{text}}
    from people_contactpoint cp where {{who}}
"""
_POINTS_WHO: Final = """cp.id in (
    select id from people_contactpoint where person_id = any(%(debtors)s::bigint[])
    union select other.id from people_contactpoint one join people_contactpoint other on other.person_id = one.person_id
        where one.id = any(%(points)s::bigint[])
    union select same.id from people_contactpoint one join people_contactpoint same on same.hash = one.hash
        where one.id = any(%(points)s::bigint[]))"""
POINTS: Final = Part(_POINTS, 5, _POINTS_WHO, text="zones", table="people_contactpoint")

PERSONS: Final = Part(
    "select id, {text} from people_person where {who}", 1, "id = any(%(people)s)", text="region", table="people_person"
)

_ACCOUNTS: Final = f"""
    select a.id, a.debtor_id, a.creditor_id, {_code("a.product", PRODUCTS)},
        coalesce({_day("a.limitation_on")}, {NEVER}),
        b.principal + b.interest + b.penalty + b.fees + b.costs, (a.proof_score >= c.proof_bar)::int
    from accounts_account a join accounts_balance b on b.account_id = a.id join accounts_creditor c on c.id = a.creditor_id
    where a.status = 'open' and b.principal + b.interest + b.penalty + b.fees + b.costs > 0 and {{who}}
"""

ACCOUNTS: Final = Part(_ACCOUNTS, 7, "a.debtor_id = any(%(debtors)s::bigint[])")

_RELATIONS: Final = """
    select r.debtor_id, r.person_id, min(r.kind)::bigint, bool_or(exists (
        select 1 from contact_attempt a
        where a.addressee_id = r.person_id and a.person_id = r.debtor_id and a.addressee_id <> a.person_id
            and a.purpose = 3))::int
    from people_relation r where {who} group by 1, 2
"""

RELATIONS: Final = Part(_RELATIONS, 4, "r.debtor_id = any(%(debtors)s::bigint[]) and r.person_id = any(%(people)s)")

_HOLDS_IN_FORCE: Final = f"""
    select h.person_id, coalesce(h.account_id, 0), {_code("h.kind", HOLDS)}, {_minute("h.starts_at")},
        coalesce({_minute("h.lifted_at")}, {NEVER}), coalesce({_day("h.ends_on")}, {NEVER})
    from cases_hold h
    where (h.lifted_at is null or h.lifted_at > %(at)s) and (h.ends_on is null or h.ends_on >= %(at)s::date - 2)
        and {{who}}
"""

HOLDS_IN_FORCE: Final = Part(_HOLDS_IN_FORCE, 6, "h.person_id = any(%(people)s)")

_WISHES_IN_FORCE: Final = f"""
    select w.person_id, {_code("w.kind", WISHES)}, coalesce(w.channel, 0)::bigint,
        coalesce({_identity("cp.hash")}, 0), coalesce({_code("cp.kind", KINDS)}, 0), w.days::bigint, w.start::bigint,
        w."end"::bigint, coalesce({_day("w.until_on")}, {NEVER}), {_minute("w.made_at")},
        coalesce({_minute("w.withdrawn_at")}, {NEVER})
    from people_wish w left join people_contactpoint cp on cp.id = w.contact_point_id
    where w.kind <> 'preferred_time' and (w.withdrawn_at is null or w.withdrawn_at > %(at)s)
        and (w.until_on is null or w.until_on >= %(at)s::date - 2) and {{who}}
"""

WISHES_IN_FORCE: Final = Part(_WISHES_IN_FORCE, 11, "w.person_id = any(%(people)s)")

_CONSENTS_IN_FORCE: Final = f"""
    select c.person_id, (c.kind = 'additional_calls')::int, coalesce(c.channel, 0)::bigint,
        coalesce(c.contact_point_id, 0), coalesce({_day("c.on_date")}, -1), c.recorded::int, {_minute("c.given_at")},
        coalesce({_minute("c.revoked_at")}, {NEVER})
    from people_consent c
    where (c.revoked_at is null or c.revoked_at > %(at)s) and (c.on_date is null or c.on_date >= %(at)s::date - 2)
        and {{who}}
"""

CONSENTS_IN_FORCE: Final = Part(_CONSENTS_IN_FORCE, 8, "c.person_id = any(%(people)s)")

# 13 = cancelled: a permit taken back or run out unspent was never a contact. 0 = no outcome yet: the law counts it as
# the most that may come of it (law/tally.py).
_EVENTS: Final = f"""
    select a.id, a.person_id, a.addressee_id, a.creditor_id, coalesce(a.account_id, 0), {_minute("a.happened_at")},
        coalesce(a.contact_point_id, 0),
        {
    _packed(
        "a.channel",
        "a.mode",
        "a.direction",
        "a.purpose",
        "(a.also is not null)::int",
        "coalesce((o.kind = 'call_back')::int, 0)",
        '''
            case when o.result is not null then o.result when a.result <> 0 then a.result
                when p.revoked_at is not null or (p.spent_at is null and p.expires_at <= %(at)s) then 13
                else 0 end''',
    )
}
    from contact_attempt a
        left join contact_outcome o on o.attempt_id = a.id
            and not exists (select 1 from contact_outcome later where later.supersedes_id = o.id)
        left join contact_permit p on p.attempt_id = a.id
    where a.happened_at > %(since)s and {{who}}
"""
_EVENTS_WHO: Final = """a.id <> %(without)s and a.id in (
    select id from contact_attempt where person_id = any(%(people)s) and happened_at > %(since)s
    union all
    select id from contact_attempt
    where addressee_id = any(%(people)s) and addressee_id <> person_id and happened_at > %(since)s
    union all
    select t.id from people_contactpoint mine join people_contactpoint same on same.hash = mine.hash
        join contact_attempt t on t.person_id = same.person_id and t.contact_point_id = same.id
    where mine.id = any(%(points)s::bigint[]) and same.id <> mine.id and t.happened_at > %(shared_since)s)"""

EVENTS: Final = Part(_EVENTS, 8, _EVENTS_WHO)

ALSO: Final = Part(
    """
    select a.id, (jsonb_array_elements_text(a.also))::bigint from contact_attempt a
    where a.also is not null and a.happened_at > %(since)s and {who}
    """,
    2,
    "a.id = any(%(several)s::bigint[])",
)
"""Read only where some event was about several debts."""

CORRECTIONS: Final = Part(
    f"""
    select {_code("d.calendar", CALENDARS)}, {_day("d.day")}, d.works::int from staff_daycorrection d
    where d.made_at <= %(at)s and (d.removed_at is null or d.removed_at > %(at)s) and d.day >= %(at)s::date - 2
        and {{who}}
    """,
    3,
    "true",
)
"""The firm's word over the calendars of days off, from two days back on: contacts are judged now or later."""

_AT_ONCE: Final = (
    CREDITORS, POINTS, PERSONS, ACCOUNTS, RELATIONS, HOLDS_IN_FORCE, WISHES_IN_FORCE, CONSENTS_IN_FORCE, EVENTS,
    CORRECTIONS,
)  # fmt: skip


@dataclass(frozen=True)
class Texts:
    """A column of text as codes: `codes` (n,) are places in `texts`."""

    codes: Ints
    texts: tuple[str, ...]


NO_TEXT: Final = Texts(np.empty(0, np.int64), ())


class Reader(Protocol):
    """Either way of reading."""

    wide: bool

    def read(self, part: Part, **params: Any) -> tuple[list[Ints], Texts]:
        """The columns of whole numbers of a part, and its column of text, if it has one."""


class Whole:
    """Whole tables by COPY, for a portfolio."""

    wide = True

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params = params

    def read(self, part: Part, **params: Any) -> tuple[list[Ints], Texts]:
        """See Reader; a text is read by its hash, and the few different ones once."""
        given = {**self.params, **params}
        if not part.text:
            return columns.read(part.query.format(who="true"), " ".join(["i8"] * part.width), given), NO_TEXT
        hashed = f"hashtextextended({part.text}, 0)"
        query = part.query.format(who="true", text=hashed)
        found = columns.read(query, " ".join(["i8"] * (part.width + 1)), given)
        values, codes = np.unique(found.pop(), return_inverse=True)
        known = columns.rows(f"select distinct {hashed}, {part.text} from {part.table}")
        assert len({value for value, _ in known}) == len(known), "two texts share a hash"
        meaning = dict(known)
        return found, Texts(codes.astype(np.int64), tuple(meaning[int(value)] for value in values))


class Few:
    """A few persons by their ids: everything in one statement, with one part more if wanted."""

    wide = False

    def __init__(self, params: Mapping[str, Any], beside: Part | None = None) -> None:
        # As text: a list of numbers is sent as smallint[] today and bigint[] tomorrow, and planned anew each time.
        self.params = {name: _array(value) if isinstance(value, list) else value for name, value in params.items()}
        parts = (*_AT_ONCE, beside) if beside else _AT_ONCE
        found = iter(columns.rows(_together(parts), self.params)[0])
        self._parts = {part: _taken(part, found) for part in parts}

    def read(self, part: Part, **params: Any) -> tuple[list[Ints], Texts]:
        """See Reader; what is not in the one statement is asked for by itself."""
        if part in self._parts:
            return self._parts[part]
        given = {name: _array(value) for name, value in params.items()}
        return _taken(part, iter(columns.rows(_together((part,)), {**self.params, **given})[0]))


@cache
def _together(parts: tuple[Part, ...]) -> str:
    """One row: of every part its rows as an array of arrays, and beside it its text, if it has one."""
    chosen, sources = [], []
    for n, part in enumerate(parts):
        numbers = [f"c{i}" for i in range(part.width)]
        texts = ["t"] if part.text else []
        packed = f"array_agg(array[{', '.join(numbers)}]::bigint[]) as numbers"
        packed += ", array_agg(t) as texts" if part.text else ""
        query = part.query.format(who=part.who, text=part.text)
        sources.append(f"(select {packed} from ({query}) as q({', '.join(numbers + texts)})) as p{n}")
        chosen += [f"p{n}.numbers", *([f"p{n}.texts"] if part.text else [])]
    text = _WHO.format(chosen=", ".join(chosen), sources=", ".join(sources))
    # The planner takes an array of unknown length for ten persons: it looks them up by index.
    return text.replace("any(%(people)s)", "any(array(select id from people))")


_WHO: Final = """
    with people as materialized (
        select unnest(%(debtors)s::bigint[]) as id
        union select person_id from people_contactpoint where id = any(%(points)s::bigint[]))
    select {chosen} from {sources}
"""


def _taken(part: Part, found: Any) -> tuple[list[Ints], Texts]:
    numbers = next(found)
    ints = [np.empty(0, np.int64)] * part.width if numbers is None else list(np.array(numbers, np.int64).T)
    if not part.text:
        return ints, NO_TEXT
    told = next(found) or []
    texts = sorted(set(told))
    place = {value: n for n, value in enumerate(texts)}
    return ints, Texts(np.array([place[value] for value in told], np.int64), tuple(texts))


def _array(values: list[int]) -> str:
    """An array literal of PostgreSQL."""
    return "{" + ",".join(map(str, values)) + "}"


def unpack(column: Ints, parts: int) -> list[Ints]:
    """The `parts` numbers packed into one column."""
    small = [column >> 4 * n & 15 for n in range(parts - 1)]
    return [*small, column >> 4 * (parts - 1)]


def zone() -> str:
    """The firm's zone: a hold's last day is never over before it is over there."""
    return str(settings.TIME_ZONE)


def ranges(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """For each i all places from low[i] to before high[i]: (i repeated, places)."""
    sizes = high - low
    rows = np.repeat(np.arange(len(low)), sizes)
    starts = np.cumsum(sizes) - sizes
    return rows, np.arange(len(rows)) - starts[rows] + low[rows]


class Lookup:
    """Places of keys in a column that may hold a key many times."""

    def __init__(self, keys: Ints) -> None:
        self.order = np.argsort(keys, kind="stable")
        self.keys = keys[self.order]

    def spans(self, wanted: Ints) -> tuple[Ints, Ints]:
        """(low, high) places in `order` of each wanted key."""
        return np.searchsorted(self.keys, wanted, "left"), np.searchsorted(self.keys, wanted, "right")

    def every(self, wanted: Ints) -> tuple[Ints, Ints]:
        """(index into wanted, index into the column) for every match, the column's order kept within a key."""
        rows, places = ranges(*self.spans(wanted))
        return rows, self.order[places]

    def first(self, wanted: Ints) -> Ints:
        """Index into the column of the first match, -1 where there is none."""
        low, high = self.spans(wanted)
        if not len(self.keys):
            return np.full(len(wanted), -1)
        return np.where(high > low, self.order[np.minimum(low, len(self.order) - 1)], -1)


def pair(one: Ints, other: Ints) -> Ints:
    """One key of two ids below 2^31."""
    return one * (1 << 31) + other
