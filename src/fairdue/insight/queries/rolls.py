"""How balances move between buckets from one month's end to the next.

The bucket of an account on a day is that of its last move up to that day, with the balance it held when it entered it.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from fairdue.insight.queries.scope import Filters, Listed, accounts, as_sql, month_cuts, rows

WAYS: Final = {"worse": "later > bucket", "same": "later = bucket", "better": "later < bucket", "all": "true"}

# A move holds from its day to the day before the next one, and so covers the cuts `lo` to before `hi`. Moves that cover
# no cut drop out; what is left of an account follows cut upon cut, so that the bucket at cut `hi` is the next one's.
_COVERING: Final = """
    with moved as (
        select m.account_id, m."on", m.bucket, m.cents, width_bucket(m."on" - 1, %s::date[]) as lo,
            coalesce(width_bucket(lead(m."on") over w - 1, %s::date[]), %s) as hi
        from accounts_bucketmove m where m."on" <= %s and m.account_id in ({accounts})
        window w as (partition by m.account_id order by m."on")
    ),
    covering as (
        select account_id, bucket, cents, lo, hi, lead(bucket) over (partition by account_id order by "on") as next
        from moved where lo < hi
    )
"""
_BY_MONTH: Final = """,
    alike as (
        select lo, hi, bucket, next, count(*) as accounts, sum(cents) as cents from covering group by 1, 2, 3, 4
    ),
    step as (
        select n, bucket, case when n < hi - 1 then bucket else next end as later, accounts, cents
        from alike cross join lateral generate_series(lo, hi - 1) as n
    )
    select n, bucket, later, sum(accounts)::bigint, sum(cents)::bigint from step
    where later is not null group by n, bucket, later
"""
_BEHIND: Final = """,
    step as (
        select account_id, bucket, cents, case when hi > 1 then bucket else next end as later from covering where lo = 0
    )
    select account_id, bucket, cents, later from step where later is not null and bucket = %s and {way}
    order by cents desc, account_id
"""


@dataclass(frozen=True)
class Month:
    """One month: `start` and `end` are the two days compared; moved[from][to] = (accounts, cents)."""

    start: date
    end: date
    moved: dict[int, dict[int, tuple[int, int]]]

    def base(self, bucket: int) -> int:
        """Cents that stood in `bucket` at the start."""
        return sum(cents for _n, cents in self.moved.get(bucket, {}).values())

    def went(self, bucket: int, way: str) -> int:
        """Cents of `bucket` that went worse, stayed the same or got better."""
        return sum(cents for to, (_n, cents) in self.moved.get(bucket, {}).items() if _way(bucket, to) == way)

    def rate(self, bucket: int, way: str = "worse") -> Fraction | None:
        """Share of the bucket's balance that went that way; None when the bucket was empty."""
        base = self.base(bucket)
        return Fraction(self.went(bucket, way), base) if base else None


def months(filters: Filters) -> list[Month]:
    """Every month of the period, oldest first; the last may be unfinished. Months nothing is known of are left out."""
    cuts = month_cuts(filters.since, filters.until)
    head, params = _covering(filters, cuts)
    found = rows(head + _BY_MONTH, params)
    moved: dict[int, dict[int, dict[int, tuple[int, int]]]] = {}
    for n, bucket, later, count, cents in found:
        moved.setdefault(n, {}).setdefault(bucket, {})[later] = (int(count), int(cents))
    return [Month(cuts[n], cuts[n + 1], moved[n]) for n in sorted(moved)]


def behind(filters: Filters, *, start: date, end: date, bucket: int, way: str, to: int | None = None) -> Listed:
    """Accounts in `bucket` on `start`: (account id, bucket, cents then, bucket on `end`), the largest balance first.

    `way` is one of WAYS; `to` asks for one bucket of arrival alone.
    """
    head, params = _covering(filters, [start, end])
    arrived = " and later = %s" if to is not None else ""
    statement = head + _BEHIND.format(way=WAYS[way] + arrived)
    return Listed(statement, [*params, bucket, *([to] if to is not None else [])])


def _way(bucket: int, to: int) -> str:
    return "worse" if to > bucket else "same" if to == bucket else "better"


def _covering(filters: Filters, cuts: list[date]) -> tuple[str, list[Any]]:
    inner, inner_params = as_sql(accounts(filters), "pk")
    return _COVERING.format(accounts=inner), [cuts, cuts, len(cuts), cuts[-1], *inner_params]
