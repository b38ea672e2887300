"""How late accounts are, written down: one account after a payment, all of them at night, by the same code.

Past due is never more than the balance: what was waived or paid outside the dues is not owed. Waived money covers the
oldest dues, as paid money does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.db import IntegrityError, OperationalError, connection, transaction

from fairdue.accounts.columns import EPOCH, NO_DAY, Column, execute, handed_over, read
from fairdue.money import ageing

ACCOUNTS_AT_ONCE: Final = 200_000
_TRIES: Final = 5

_ACCOUNTS: Final = """
    select a.id, coalesce(b.principal + b.interest + b.penalty + b.fees + b.costs, 0), c.grace_days,
        coalesce(p.cents, 0) + coalesce(w.cents, 0)
    from accounts_account a
    join accounts_creditor c on c.id = a.creditor_id
    left join accounts_balance b on b.account_id = a.id
    left join (
        select account_id, sum(case kind when 'payment' then cents else -cents end) as cents
        from accounts_payment where happened_on <= %(as_of)s and {account} group by account_id
    ) p on p.account_id = a.id
    left join (
        select account_id, sum(case target when 22 then cents else -cents end) as cents
        from accounts_transfer where 22 in (source, target) and happened_on <= %(as_of)s and {account} group by account_id
    ) w on w.account_id = a.id
    where {id} order by a.id
"""
_DUES: Final = """
    select account_id, due_on - date '1970-01-01', cents from accounts_due where {account} order by account_id, due_on, n
"""
_PAUSES: Final = """
    select account_id, starts_on - date '1970-01-01', ends_on - date '1970-01-01' from accounts_pause
    where {account} order by account_id
"""
_VALUES: Final = """
    as_of = %(as_of)s, past_due = n.past_due, since = case when n.since = %(no_day)s then null
        else date '1970-01-01' + n.since::int end,
    days_past_due = n.days_past_due, delinquent_days = n.delinquent_days, bucket = n.bucket, balance = n.balance
"""
_MOVED: Final = """
    insert into accounts_bucketmove as m (account_id, "on", was, bucket, cents)
    select n.account_id, %(as_of)s, g.bucket, n.bucket, n.balance
    from {n} left join accounts_ageing g on g.account_id = n.account_id
    where g.bucket is distinct from n.bucket order by n.account_id
    on conflict (account_id, "on") do update set bucket = excluded.bucket, cents = excluded.cents
"""
_CHANGED: Final = f"""
    update accounts_ageing g set {_VALUES} from {{n}}
    where g.account_id = n.account_id and (
        g.as_of <> %(as_of)s or g.past_due <> n.past_due or g.bucket <> n.bucket or g.balance <> n.balance
        or coalesce(g.since - date '1970-01-01', %(no_day)s) <> n.since or g.delinquent_days <> n.delinquent_days)
"""  # noqa: S608
_ADDED: Final = """
    insert into accounts_ageing (account_id, as_of, past_due, since, days_past_due, delinquent_days, bucket, balance)
    select n.account_id, %(as_of)s, n.past_due,
        case when n.since = %(no_day)s then null else date '1970-01-01' + n.since::int end,
        n.days_past_due, n.delinquent_days, n.bucket, n.balance
    from {n} where not exists (select from accounts_ageing g where g.account_id = n.account_id)
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

    def __add__(self, other: "Aged") -> "Aged":
        return Aged(self.accounts + other.accounts, self.changed + other.changed, self.moved + other.moved)


@transaction.atomic
def age(*, as_of: date, accounts: Sequence[int]) -> Aged:
    """Work out and store the ageing of a few accounts (ids), within the caller's transaction, which has locked them."""
    return _age_some("= any(%(ids)s)", {"ids": list(accounts)}, as_of=as_of, few=len(accounts) <= 100)


def age_all(*, as_of: date, progress: Callable[[int], None] | None = None) -> Aged:
    """Work out and store the ageing of every account, a transaction per slice; then the day's totals.

    A payment that comes in meanwhile is never overwritten: its account's slice is worked out once more.
    """
    done = Aged()
    for low, high in _slices():
        done += _age_slice(low, high, as_of=as_of)
        if progress:
            progress(done.accounts)
    with transaction.atomic():
        execute('delete from accounts_daytotal where "on" = %s', [as_of])
        execute(_TOTALS, {"as_of": as_of})
    return done


def _slices() -> Iterator[tuple[int, int]]:
    """Ranges of ids that hold at most ACCOUNTS_AT_ONCE accounts each."""
    (cuts,) = read(
        "select id from (select id, row_number() over (order by id) as n from accounts_account) a"  # noqa: S608
        f" where n %% {ACCOUNTS_AT_ONCE} = 1 order by id",
        "i8", {"none": None},
    )  # fmt: skip
    yield from zip(cuts.tolist(), [*cuts[1:].tolist(), 1 << 62], strict=False)


def _age_slice(low: int, high: int, *, as_of: date) -> Aged:
    """One slice from one snapshot; a row changed by others after the snapshot makes the database refuse, and we try again."""
    alone = not connection.in_atomic_block
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                if alone:
                    execute("set transaction isolation level repeatable read")
                return _age_some(">= %(low)s and {key} < %(high)s", {"low": low, "high": high}, as_of=as_of)
        except (OperationalError, IntegrityError):
            if not alone or attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _age_some(which: str, params: dict[str, Any], *, as_of: date, few: bool = False) -> Aged:
    """Age the accounts whose id is `which`; write rows that changed and moves between buckets."""
    known = {**params, "as_of": as_of, "no_day": NO_DAY}
    account = f"account_id {which}".replace("{key}", "account_id")
    where = {"account": account, "id": f"a.id {which}".replace("{key}", "a.id")}
    ids, balance, grace, paid = read(_ACCOUNTS.format(**where), "i8 i8 i4 i8", known, few=few)
    if not len(ids):
        return Aged()
    of_due, due_on, cents = read(_DUES.format(**where), "i8 i4 i8", params, few=few)
    of_pause, starts, ends = read(_PAUSES.format(**where), "i8 i4 i4", params, few=few)
    day = (as_of - EPOCH).days
    found = ageing.age(
        ageing.Dues(account=_places(ids, of_due), due_on=due_on, cents=cents),
        np.maximum(paid, 0),
        as_of=day,
        grace_days=grace,
        pauses=ageing.Pauses(account=_places(ids, of_pause), start=starts, end=ends) if len(of_pause) else None,
    )
    columns = _owed(found, balance) | {"account_id": ids, "balance": balance}
    with handed_over("n", columns) as n:
        moved = n.execute(_MOVED, known)
        changed = n.execute(_CHANGED, known) + n.execute(_ADDED, known)
        if moved:  # there and back on one day is no move
            execute(
                f'delete from accounts_bucketmove where "on" = %(as_of)s and was = bucket and {where["account"]}', known
            )  # noqa: S608
    return Aged(accounts=len(ids), changed=changed, moved=moved)


def _owed(found: ageing.Aged, balance: Column) -> dict[str, Column]:
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


def _places(ids: Column, keys: Column) -> Column:
    """Where each key lies in the sorted ids, as int32."""
    return np.searchsorted(ids, keys).astype(np.int32)
