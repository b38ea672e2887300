"""How late accounts are, written down: one account after a payment, all of them at night, by the same code.

Past due is never more than the balance: what was waived or paid outside the dues is not owed. Waived money covers the
oldest dues, as paid money does; what was charged since the placing uses up money that would have covered them. While a
plan's dues stand in for the original ones (Schedule), they are what falls due, covered by what came since beyond `base`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.db import IntegrityError, OperationalError, connection, transaction

from fairdue.accounts.columns import EPOCH, FEW, NO_DAY, Column, execute, handed_over, read, rows, together
from fairdue.money import ageing

ACCOUNTS_AT_ONCE: Final = 125_000
_AT_A_TIME: Final = 2
_TRIES: Final = 5
Columns3 = tuple[Column, Column, Column]

_OWED: Final = "coalesce(b.principal + b.interest + b.penalty + b.fees + b.costs, 0)"
_PAID: Final = "sum(case kind when 'payment' then cents else -cents end)"
_WAIVED: Final = "sum(case when target in (22, 24) then cents else -cents end)"
_OUTSIDE: Final = "(source in (22, 24) or target in (22, 24))"

# The plan's dues that stand in for the original ones on a day, as known now.
_STANDS: Final = "{s}replaced_at is null and {s}starts_on <= {day} and ({s}ends_on is null or {s}ends_on > {day})"

# Many accounts: sets joined by account.
_ACCOUNTS: Final = f"""
    select a.id, {_OWED}, c.grace_days, coalesce(p.cents, 0) + coalesce(w.cents, 0) - coalesce(l.base, 0)
    from accounts_account a
    join accounts_creditor c on c.id = a.creditor_id
    left join accounts_balance b on b.account_id = a.id
    left join (
        select account_id, {_PAID} as cents from accounts_payment
        where happened_on <= %(as_of)s and {{account}} group by account_id
    ) p on p.account_id = a.id
    left join (
        select account_id, {_WAIVED} as cents from accounts_transfer
        where {_OUTSIDE} and happened_on <= %(as_of)s and {{account}} group by account_id
    ) w on w.account_id = a.id
    left join accounts_schedule l on l.account_id = a.id and {_STANDS.format(s="l.", day="%(as_of)s")}
    where {{id}} order by a.id
"""  # noqa: S608
_DUES: Final = """
    select account_id, due_on - date '1970-01-01', cents from accounts_due
    where {account} order by account_id, due_on, n
"""
# The same while plans stand in for the original dues of some accounts.
_PLANNED: Final = f"""
    select exists (select from accounts_schedule where {{account}} and {_STANDS.format(s="", day="%(as_of)s")})
"""  # noqa: S608
_DUES_WITH_PLANS: Final = f"""
    with standing as materialized (
        select account_id, due_days, due_cents from accounts_schedule
        where {{account}} and {_STANDS.format(s="", day="%(as_of)s")}
    )
    select account_id, due_on - date '1970-01-01', cents from accounts_due
    where {{account}} and account_id not in (select account_id from standing)
    union all select account_id, u.day - date '1970-01-01', u.cents
        from standing cross join unnest(due_days, due_cents) u(day, cents)
    order by 1, 2
"""  # noqa: S608
_PAUSES: Final = """
    select account_id, starts_on - date '1970-01-01', ends_on - date '1970-01-01' from accounts_pause
    where {account} order by account_id
"""
# A few accounts: one statement, a row with lists each. An account aged for a later day already keeps that day.
_FEW: Final = f"""
    select a.id, {_OWED}, c.grace_days,
        coalesce((select {_PAID} from accounts_payment p where p.account_id = a.id and p.happened_on <= d.day), 0)
        + coalesce((select {_WAIVED} from accounts_transfer t
            where t.account_id = a.id and {_OUTSIDE} and t.happened_on <= d.day), 0)
        - coalesce(l.base, 0),
        d.day - date '1970-01-01',
        case when l.id is null
            then array(select due_on - date '1970-01-01' from accounts_due u where u.account_id = a.id order by due_on, n)
            else array(select u - date '1970-01-01' from unnest(l.due_days) u) end,
        case when l.id is null then array(select cents from accounts_due u where u.account_id = a.id order by due_on, n)
            else l.due_cents end,
        array(select starts_on - date '1970-01-01' from accounts_pause s where s.account_id = a.id order by starts_on),
        array(select ends_on - date '1970-01-01' from accounts_pause s where s.account_id = a.id order by starts_on),
        coalesce(g.bucket, -1)
    from accounts_account a
    join accounts_creditor c on c.id = a.creditor_id
    left join accounts_balance b on b.account_id = a.id
    left join accounts_ageing g on g.account_id = a.id
    cross join lateral (select greatest(%(as_of)s::date, g.as_of) as day) d
    left join accounts_schedule l on l.account_id = a.id and {_STANDS.format(s="l.", day="d.day")}
    where a.id = any(%(ids)s) order by a.id
"""  # noqa: S608
_SINCE: Final = f"case when n.since = {NO_DAY} then null else date '1970-01-01' + n.since::int end"
_AS_OF: Final = "date '1970-01-01' + n.as_of::int"
_MOVED: Final = f"""
    insert into accounts_bucketmove as m (account_id, "on", was, bucket, cents)
    select n.account_id, {_AS_OF}, g.bucket, n.bucket, n.balance
    from {{n}} left join accounts_ageing g on g.account_id = n.account_id
    where g.bucket is distinct from n.bucket order by n.account_id
    on conflict (account_id, "on") do update set bucket = excluded.bucket, cents = excluded.cents
"""  # noqa: S608
_CHANGED: Final = f"""
    update accounts_ageing g set as_of = {_AS_OF}, past_due = n.past_due, since = {_SINCE},
        days_past_due = n.days_past_due, delinquent_days = n.delinquent_days, bucket = n.bucket, balance = n.balance
    from {{n}}
    where g.account_id = n.account_id and (
        g.as_of <> {_AS_OF} or g.past_due <> n.past_due or g.bucket <> n.bucket or g.balance <> n.balance
        or g.since is distinct from {_SINCE} or g.delinquent_days <> n.delinquent_days)
"""  # noqa: S608
# No join: on a first night it would be planned for an empty table that another slice is filling meanwhile.
_ADDED: Final = f"""
    insert into accounts_ageing (account_id, as_of, past_due, since, days_past_due, delinquent_days, bucket, balance)
    select n.account_id, {_AS_OF}, n.past_due, {_SINCE}, n.days_past_due, n.delinquent_days, n.bucket, n.balance
    from {{n}} order by n.account_id on conflict (account_id) do nothing
"""  # noqa: S608
_PUT: Final = f"""
    insert into accounts_ageing as g
        (account_id, as_of, past_due, since, days_past_due, delinquent_days, bucket, balance)
    select n.account_id, {_AS_OF}, n.past_due, {_SINCE}, n.days_past_due, n.delinquent_days, n.bucket, n.balance
    from {{n}} order by n.account_id
    on conflict (account_id) do update set as_of = excluded.as_of, past_due = excluded.past_due,
        since = excluded.since, days_past_due = excluded.days_past_due, delinquent_days = excluded.delinquent_days,
        bucket = excluded.bucket, balance = excluded.balance
    where (g.as_of, g.past_due, g.bucket, g.balance, g.delinquent_days)
            <> (excluded.as_of, excluded.past_due, excluded.bucket, excluded.balance, excluded.delinquent_days)
        or g.since is distinct from excluded.since
"""  # noqa: S608
_NO_MOVE: Final = """
    delete from accounts_bucketmove m using {n}
    where m.account_id = n.account_id and m."on" = date '1970-01-01' + n.as_of::int and m.was = m.bucket
"""
_TOTALS: Final = """
    insert into accounts_daytotal ("on", creditor_id, bucket, accounts, cents, past_due)
    select %(as_of)s, a.creditor_id, g.bucket, count(*), sum(g.balance), sum(g.past_due)
    from accounts_ageing g join accounts_account a on a.id = g.account_id
    where a.status in ('open', 'paid') group by a.creditor_id, g.bucket
"""


@dataclass(frozen=True, slots=True)
class Aged:
    """accounts: looked at; changed: ageing rows written; moved: bucket moves written."""

    accounts: int = 0
    changed: int = 0
    moved: int = 0
    standing: tuple[tuple[int, int, int], ...] = ()
    """(account, balance, past due) of those that `age` was asked for by name, when they are few."""

    def __add__(self, other: "Aged") -> "Aged":
        return Aged(self.accounts + other.accounts, self.changed + other.changed, self.moved + other.moved)


@transaction.atomic(savepoint=False)
def age(*, as_of: date, accounts: Sequence[int]) -> Aged:
    """Work out and store the ageing of some accounts (ids), within the caller's transaction, which has locked them.

    An account that a night has aged for a later day keeps that day.
    """
    if len(accounts) > FEW:
        return _write(*read_accounts(accounts, as_of=as_of))
    found = rows(_FEW, {"ids": list(accounts), "as_of": as_of})
    ids, balance, grace, paid, days = (np.array(column, np.int64) for column in list(zip(*found, strict=True))[:5])
    dues, pauses = (_flat([(row[k], row[k + 1]) for row in found]) for k in (5, 7))
    columns = _figures(ids, balance, grace, paid, days, dues, pauses)
    was = np.array([row[9] for row in found])
    moved: list[tuple[Any, ...]] = []
    with handed_over("n", columns) as n:
        put = n.statement(_PUT + " returning account_id")
        if (was != columns["bucket"]).any():
            moved, changed = together(n.statement(_MOVED + " returning xmax <> 0"), put)
            if any(again for (again,) in moved):
                n.execute(_NO_MOVE)  # a move of the same day was written anew: there and back is none
        else:
            (changed,) = together(put)
    standing = tuple(zip(ids.tolist(), balance.tolist(), columns["past_due"].tolist(), strict=True))
    return Aged(accounts=len(ids), changed=len(changed), moved=len(moved), standing=standing)


def age_all(*, as_of: date, progress: Callable[[int], None] | None = None) -> Aged:
    """Work out and store the ageing of every account, a transaction per slice; then the day's totals.

    A payment that comes in meanwhile is never overwritten: its account's slice is worked out once more.
    """
    done = Aged()
    for part in _aged_slices(as_of):
        done += part
        if progress:
            progress(done.accounts)
    with transaction.atomic():
        execute('delete from accounts_daytotal where "on" = %s', [as_of])
        execute(_TOTALS, {"as_of": as_of})
    return done


def _aged_slices(as_of: date) -> Iterator[Aged]:
    """Every slice; two at a time, each in a session of its own, unless a transaction of the caller's is open."""
    slices = list(_slices())
    if connection.in_atomic_block or len(slices) == 1:
        yield from (_age_slice(low, high, as_of=as_of) for low, high in slices)
        return

    def work(bounds: tuple[int, int]) -> Aged:
        try:
            return _age_slice(*bounds, as_of=as_of)
        finally:
            connection.close()  # the thread's own

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        yield from pool.map(work, slices)


def _slices() -> Iterator[tuple[int, int]]:
    """Ranges of ids that hold at most ACCOUNTS_AT_ONCE accounts each."""
    (cuts,) = read(
        "select id from (select id, row_number() over (order by id) as n from accounts_account) a"  # noqa: S608
        f" where n %% {ACCOUNTS_AT_ONCE} = 1 order by id",
        "i8", {"none": None},
    )  # fmt: skip
    yield from zip(cuts.tolist(), [*cuts[1:].tolist(), 1 << 62], strict=False)


def _age_slice(low: int, high: int, *, as_of: date) -> Aged:
    """One slice from one snapshot; a row that others changed since makes the database refuse, and we try again."""
    alone = not connection.in_atomic_block
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                if alone:
                    execute("set transaction isolation level repeatable read")
                which = ">= %(low)s and {key} < %(high)s"
                return _write(*_read(which, {"low": low, "high": high}, as_of=as_of))
        except (OperationalError, IntegrityError):
            if not alone or attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _read(which: str, params: dict[str, Any], *, as_of: date) -> tuple[Any, ...]:
    """What `_write` takes, for the accounts whose id is `which`."""
    account, own = (f"{key} {which}".replace("{key}", key) for key in ("account_id", "a.id"))
    known = {**params, "as_of": as_of}
    ids, balance, grace, paid = read(_ACCOUNTS.format(account=account, id=own), "i8 i8 i4 i8", known)
    planned = rows(_PLANNED.format(account=account), known)[0][0]
    of_due, due_on, cents = read((_DUES_WITH_PLANS if planned else _DUES).format(account=account), "i8 i4 i8", known)
    of_pause, starts, ends = read(_PAUSES.format(account=account), "i8 i4 i4", params)
    days = np.full(len(ids), (as_of - EPOCH).days, np.int64)
    places = (np.searchsorted(ids, keys) for keys in (of_due, of_pause))
    return ids, balance, grace, paid, days, (next(places), due_on, cents), (next(places), starts, ends)


def read_accounts(accounts: Sequence[int], *, as_of: date) -> tuple[Any, ...]:
    """Columns of some accounts as of a day: ids, balance now, grace, paid up to the day, the day, dues, pauses."""
    return _read("= any(%(ids)s)", {"ids": list(accounts)}, as_of=as_of)


def _write(
    ids: Column, balance: Column, grace: Column, paid: Column, days: Column, dues: Columns3, pauses: Columns3
) -> Aged:
    """Age the accounts `ids` as of `days`; write rows that changed and moves between buckets."""
    if not len(ids):
        return Aged()
    with handed_over("n", _figures(ids, balance, grace, paid, days, dues, pauses)) as n:
        moved = n.execute(_MOVED)
        changed = n.execute(_CHANGED) + n.execute(_ADDED)
        if moved:
            n.execute(_NO_MOVE)  # there and back on one day is no move
    return Aged(accounts=len(ids), changed=changed, moved=moved)


def _figures(
    ids: Column, balance: Column, grace: Column, paid: Column, days: Column, dues: Columns3, pauses: Columns3
) -> dict[str, Column]:
    """The rows to store for the accounts `ids` (ascending) as of `days`.

    dues: place in ids, due on, cents. pauses: place in ids, starts on, ends on.
    """
    found = ageing.age(
        ageing.Dues(account=dues[0].astype(np.int32), due_on=dues[1].astype(np.int32), cents=dues[2]),
        np.maximum(paid, 0),
        as_of=days.astype(np.int32),
        grace_days=grace.astype(np.int32),
        pauses=ageing.Pauses(*(column.astype(np.int32) for column in pauses)) if len(pauses[0]) else None,
    )
    return {"account_id": ids, "balance": balance, "as_of": days} | owed_of(found, balance)


def owed_of(found: ageing.Aged, balance: Column) -> dict[str, Column]:
    """The figures to store: nothing is late on an account that owes nothing."""
    owes = balance > 0
    late = (found.past_due > 0) & owes
    return {
        "past_due": np.where(late, np.minimum(found.past_due, balance), 0),
        "since": np.where(late, found.oldest_due, NO_DAY).astype(np.int64),
        "days_past_due": np.where(late, found.days_past_due, 0),
        "delinquent_days": np.where(late, found.delinquent_days, 0),
        "bucket": np.where(late, found.bucket, 0).astype(np.int64),
    }


def _flat(lists: Sequence[tuple[list[int], list[int]]]) -> Columns3:
    """Lists by account as columns: place of the account, first values, second values."""
    place = np.repeat(np.arange(len(lists)), [len(first) for first, _ in lists])
    first, second = (np.array([value for pair in lists for value in pair[k]], np.int64) for k in (0, 1))
    return place, first, second
