"""Outbound phone calls: how many reached somebody, how many the debtor, by day and by hour of the creditor's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any, Final

from fairdue.insight.queries.scope import Filters, Listed, as_sql, cases, rows
from fairdue.law.codes import Channel, Direction, Relation, Result

REACHED: Final = (Result.CONVERSATION, Result.WRONG_PERSON)
"""Somebody spoke with us."""
NOT_COUNTED: Final = (Result.PENDING, Result.CANCELLED)
"""Not yet recorded, or never dialled."""
WHICH: Final = {"calls": "true", "contacts": "reached", "right": "right_party", "missed": "not reached"}

# Imported calls carry their result; ours carry PENDING and get outcomes, of which the one not superseded counts.
_CALLED: Final = """
    latest as (
        select o.attempt_id, o.result from contact_outcome o
        where not exists (select from contact_outcome n where n.supersedes_id = o.id)
    ),
    called as (
        select a.id, a.happened_at, a.creditor_id, a.relation = {debtor} as debtor,
            case when a.result <> {pending} then a.result else coalesce(l.result, {pending}) end as result
        from contact_attempt a left join latest l on l.attempt_id = a.id and a.result = {pending}
        where a.channel = {call} and a.direction = {out} and a.happened_at >= %s and a.happened_at < %s {narrowed}
    ),
    counted as (
        select id, happened_at, creditor_id, result, result in {reached} as reached,
            result = {spoke} and debtor as right_party
        from called where result not in {not_counted}
    )
"""
# A call about an account is counted in its currency, any other in its creditor's.
_IN_CURRENCY: Final = """
    and (a.account_id in (select id from accounts_account where currency = %s)
        or a.account_id is null and a.creditor_id in (select id from accounts_creditor where currency = %s))
"""
# Every zone on earth lies whole quarters of an hour from UTC: a quarter is turned into local time once, not its calls.
_BY_TIME: Final = f"""
    with {_CALLED},
    quarter as (
        select creditor_id, date_bin('15 minutes', happened_at, timestamptz '2000-01-01 00:00+00') as at,
            count(*) as n, count(*) filter (where reached) as reached, count(*) filter (where right_party) as right_party
        from counted group by 1, 2
    ),
    local as materialized (
        select q.at at time zone c.zone as at, q.n, q.reached, q.right_party
        from quarter q join accounts_creditor c on c.id = q.creditor_id
    )
    select at::date, extract(hour from at)::int, coalesce(sum(n), 0)::int, coalesce(sum(reached), 0)::int,
        coalesce(sum(right_party), 0)::int
    from local where at >= %s and at < %s
    group by grouping sets ((at::date), (extract(hour from at)::int), ()) order by 1, 2
"""  # noqa: S608 - constants of this file
_ROWS: Final = f"""
    with {_CALLED},
    local as (
        select q.*, q.happened_at at time zone c.zone as at
        from counted q join accounts_creditor c on c.id = q.creditor_id
    )
    select id, result from local where at >= %s and at < %s and {{which}} order by happened_at desc, id desc
"""  # noqa: S608 - constants of this file


@dataclass(frozen=True)
class Calls:
    """Calls of one day or hour (`at`): made, reached somebody, reached the debtor."""

    at: Any
    made: int
    contacts: int
    right: int

    @property
    def contact_rate(self) -> Fraction | None:
        """Share of calls that reached somebody."""
        return Fraction(self.contacts, self.made) if self.made else None

    @property
    def right_rate(self) -> Fraction | None:
        """Share of calls that reached the debtor."""
        return Fraction(self.right, self.made) if self.made else None


@dataclass(frozen=True)
class Times:
    """Calls by day (date), by hour (0 … 23) and altogether."""

    days: list[Calls]
    hours: list[Calls]
    all: Calls


def times(filters: Filters) -> Times:
    """Calls of the period by day and by hour, in one walk over them."""
    narrowed, params = _calls(filters)
    found = rows(_BY_TIME.format(narrowed=narrowed, **_CODES), params)
    days = [Calls(day, *counts) for day, _hour, *counts in found if day is not None]
    hours = [Calls(hour, *counts) for day, hour, *counts in found if day is None and hour is not None]
    whole = next((Calls(None, *counts) for day, hour, *counts in found if day is None and hour is None), None)
    return Times(days, hours, whole or Calls(None, 0, 0, 0))


def weeks(days: Sequence[Calls]) -> list[Calls]:
    """Days put together by week; `at` is the Monday."""
    found: dict[date, list[Calls]] = {}
    for day in days:
        found.setdefault(day.at - timedelta(days=day.at.weekday()), []).append(day)
    return [
        Calls(monday, sum(d.made for d in part), sum(d.contacts for d in part), sum(d.right for d in part))
        for monday, part in found.items()
    ]


def behind(filters: Filters, *, which: str = "calls", hour: int | None = None) -> Listed:
    """The calls behind a figure: (attempt id, result), the latest first. `which` is one of WHICH."""
    narrowed, params = _calls(filters)
    at_hour = " and extract(hour from at)::int = %s" if hour is not None else ""
    statement = _ROWS.format(narrowed=narrowed, which=WHICH[which] + at_hour, **_CODES)
    return Listed(statement, [*params, *([hour] if hour is not None else [])])


def latest(filters: Filters) -> date | None:
    """The last day with a call, whatever the period."""
    narrowed, params = _narrowed(filters)
    ((day,),) = rows(
        f"select max(a.happened_at)::date from contact_attempt a where a.channel = {Channel.CALL:d} {narrowed}",  # noqa: S608
        params,
    )
    return day if isinstance(day, date) else None


def _calls(filters: Filters) -> tuple[str, list[Any]]:
    """The condition that narrows the calls, and every parameter of the statements above."""
    narrowed, narrowed_params = _narrowed(filters)
    start, end = filters.since, filters.until + timedelta(days=1)
    # Zones lie within 14 hours of UTC: a first, indexed cut; the exact one is by the local clock.
    early = datetime.combine(start, time(), UTC) - timedelta(hours=14)
    late = datetime.combine(end, time(), UTC) + timedelta(hours=14)
    return narrowed, [early, late, *narrowed_params, start, end]


def _narrowed(filters: Filters) -> tuple[str, list[Any]]:
    """What the asking user may see and the currency asked for, as a condition on attempt `a`."""
    in_currency = [filters.currency, filters.currency]
    if filters.whole_house:
        if filters.creditor is None:
            return _IN_CURRENCY, in_currency
        return f"{_IN_CURRENCY} and a.creditor_id = %s", [*in_currency, filters.creditor]
    inner, params = as_sql(cases(filters), "person_id", "creditor_id")
    return f"{_IN_CURRENCY} and (a.person_id, a.creditor_id) in ({inner})", [*in_currency, *params]


def _list(members: tuple[Result, ...]) -> str:
    return "(" + ", ".join(str(int(member)) for member in members) + ")"


_CODES: Final = {
    "pending": int(Result.PENDING),
    "call": int(Channel.CALL),
    "out": int(Direction.OUT),
    "debtor": int(Relation.DEBTOR),
    "spoke": int(Result.CONVERSATION),
    "reached": _list(REACHED),
    "not_counted": _list(NOT_COUNTED),
}
