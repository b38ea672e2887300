"""The buckets of the months before us: worked out once for accounts that no night has aged yet.

A newly loaded portfolio brings its bills and payments of the past. From them the bucket at the end of each past month
follows as exactly as today's; the balance of then is today's plus what was paid since (new purchases are not known).
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
from django.db import transaction

from fairdue.accounts.columns import Column, execute, handed_over, read
from fairdue.accounts.services.ageing import owed_of, read_accounts
from fairdue.money import ageing

AT_ONCE: Final = 50_000
_NEVER_AGED: Final = """
    select a.id from accounts_account a
    where not exists (select from accounts_ageing g where g.account_id = a.id)
        and exists (select from accounts_due d where d.account_id = a.id and d.due_on < %(day)s) order by a.id
"""
_MOVES: Final = """
    insert into accounts_bucketmove (account_id, "on", was, bucket, cents)
    select account_id, date '1970-01-01' + on_day::int, nullif(was, -1), bucket, cents
    from {n} order by account_id, on_day
    on conflict do nothing
"""


def look_back(*, before: date, months: int = 6) -> int:
    """Write bucket moves at the ends of the last `months` months before `before`, for accounts never aged; how many.

    Safe to repeat: once a night has aged an account, it is left alone.
    """
    (ids,) = read(_NEVER_AGED, "i8", {"day": before})
    ends = month_ends(before, months)
    return sum(_slice(ids[start : start + AT_ONCE], ends, before) for start in range(0, len(ids), AT_ONCE))


def month_ends(before: date, months: int) -> list[date]:
    """The last days of the `months` months before the month of `before`, oldest first."""
    first = np.datetime64(before, "M")
    return [(first - back).astype("datetime64[D]").item() - np.timedelta64(1, "D").item() for back in range(months)][
        ::-1
    ]


@transaction.atomic
def _slice(ids: Column, ends: Sequence[date], before: date) -> int:
    accounts = ids.tolist()
    paid_now = read_accounts(accounts, as_of=before)[3]
    was, written = np.full(len(ids), -1, np.int64), 0
    for end in ends:
        found, balance, grace, paid, days, dues, pauses = read_accounts(accounts, as_of=end)
        then = balance + np.maximum(paid_now - paid, 0)
        aged = ageing.age(
            ageing.Dues(account=dues[0].astype(np.int32), due_on=dues[1].astype(np.int32), cents=dues[2]),
            np.maximum(paid, 0),
            as_of=days.astype(np.int32),
            grace_days=grace.astype(np.int32),
            pauses=ageing.Pauses(*(column.astype(np.int32) for column in pauses)) if len(pauses[0]) else None,
        )
        bucket = owed_of(aged, then)["bucket"]
        moved = bucket != was
        columns = {"account_id": found, "on_day": days, "was": was, "bucket": bucket, "cents": then}
        with handed_over("n", {name: column[moved] for name, column in columns.items()}) as n:
            written += n.execute(_MOVES)
        was = bucket
    execute("analyze accounts_bucketmove", {})
    return written
