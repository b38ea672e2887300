"""Reads of the ledger: the statement of an account, and whether the ledger agrees with itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from fairdue.accounts.columns import rows
from fairdue.accounts.models import Account
from fairdue.money import statement, waterfall

# In the order of the story: by day; within a day as it was booked, so that each balance is the one that stood then. Where
# the story was told anew, what it told of a day comes first, in its own order (money.replay): placed, paid by reference,
# let go, taken back, refunded. The charge of the night ends the day.
_MOVES: Final = """
    with moves as (
        select t.account_id, t.id, t.happened_on, t.source, t.target, t.cents, coalesce(t.payment_id, 0) as payment,
            coalesce(p.kind, '') as kind, coalesce(p.reference, '') as reference, p.applied_order,
            t.reverses_id is not null as back, t.restated, coalesce(t.waiver_id, 0) as waiver,
            greatest(t.happened_on, r.happened_on,
                case when 20 in (t.source, t.target) then t.happened_on else o.day end) as day
        from accounts_transfer t left join accounts_payment p on p.id = t.payment_id
        left join accounts_payment r on r.id = p.reverses_id
        left join lateral (select min(o.happened_on) as day from accounts_transfer o
            where o.account_id = t.account_id and o.source = 20 and o.target <= 5) o on true
        where t.account_id = any(%(accounts)s) and (%(upto)s::date is null or t.happened_on <= %(upto)s)
            and (%(every)s or not (t.restated and t.reverses_id is not null)
                and not exists (select from accounts_transfer u where u.reverses_id = t.id and u.restated))
    ), placed as (
        select *, case when payment > 0 then min(id) over (partition by account_id, payment, day, target = 6) else id end
                as booked,
            coalesce(max(id) filter (where restated and 24 not in (source, target)) over (partition by account_id, day), 0)
                as retold
        from moves
    )
    select account_id, id, happened_on, source, target, cents, payment, kind, reference, applied_order, back, restated,
        waiver
    from placed
    order by account_id, case when not %(every)s then day end,
        case when %(every)s then 0 when 24 in (source, target) then 2 when booked > retold then 1 else 0 end,
        case when not %(every)s and booked <= retold then
            case when source in (20, 23) and target <= 5 then 0 when payment > 0 and kind = 'payment' then 1
                when payment = 0 and source <= 5 then 2 when kind = 'reversal' or source = 22 then 3
                when kind = 'refund' then 4 else 5 end end,
        case when not %(every)s and booked <= retold then reference end collate "C",
        case when not %(every)s then booked end, id
"""
_CUTS: Final = """
    select date_trunc('month', "on")::date, max("on"), sum(interest)::bigint, sum(penalty)::bigint, sum(fees)::bigint
    from accounts_cut where account_id = %s and (%s::date is null or "on" <= %s) group by 1 order by 1
"""


@dataclass(frozen=True)
class CutLine:
    """What a ceiling kept from being charged in a month, minor units; never owed."""

    month: date
    on: date
    interest: int
    penalty: int
    fees: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.interest + self.penalty + self.fees


@dataclass(frozen=True)
class Statement:
    """A statement of account. cuts: what a ceiling kept from being charged. adds_up: the lines explain the balance."""

    account: Account
    told: statement.Told
    cuts: list[CutLine]
    adds_up: bool
    restated: int
    """Postings taken back because something was learned late."""

    @property
    def cut(self) -> int:
        """Minor units never charged."""
        return sum(line.total for line in self.cuts)


def statement_of(account: Account, *, upto: date | None = None, every: bool = False) -> Statement:
    """The account from its first day to `upto` (all there is, when left out). `every`: each posting as it was written,
    with those taken back because something was learned late, in the order of writing."""
    told = statement.tell(moves_of([account], upto=upto, every=every)[account.pk])
    held = rows(
        "select principal, interest, penalty, fees, costs, unapplied from accounts_balance where account_id = %s",
        [account.pk],
    )
    restated = rows(
        "select count(*) from accounts_transfer where account_id = %s and restated and reverses_id is not null",
        [account.pk],
    )[0][0]
    return Statement(
        account=account, told=told, cuts=[CutLine(*row) for row in rows(_CUTS, [account.pk, upto, upto])],
        adds_up=upto is not None or (*told.closing, told.unapplied) == (held[0] if held else (0,) * 6), restated=restated,
    )  # fmt: skip


def moves_of(
    accounts: Sequence[Account], *, upto: date | None = None, every: bool = False
) -> dict[int, list[statement.Move]]:
    """Account id → its transfers that hold, in the order of the story (or every one, as written). One query."""
    orders = list(waterfall.ORDERS)
    found: dict[int, list[statement.Move]] = {account.pk: [] for account in accounts}
    for of, pk, on, source, target, cents, payment, kind, reference, order, back, restated, waiver in rows(
        _MOVES, {"accounts": list(found), "upto": upto, "every": every}
    ):
        name = orders[order] if order is not None and kind == "payment" else ""
        found[of].append(
            statement.Move(pk, on, source, target, cents, payment, kind, reference, name, back, restated, waiver)
        )
    return found


# ---- does the ledger agree with itself?

_CHECKS: Final[dict[str, str]] = {
    "balances": """
        select b.account_id from accounts_balance b full join (
            select account_id, sum(cents) filter (where book = 1) as principal, sum(cents) filter (where book = 2) as interest,
                sum(cents) filter (where book = 3) as penalty, sum(cents) filter (where book = 4) as fees,
                sum(cents) filter (where book = 5) as costs, -sum(cents) filter (where book = 6) as unapplied
            from (select account_id, target as book, cents from accounts_transfer
                union all select account_id, source, -cents from accounts_transfer) v group by account_id
        ) s using (account_id)
        where (b.principal, b.interest, b.penalty, b.fees, b.costs, b.unapplied) is distinct from (coalesce(s.principal, 0),
            coalesce(s.interest, 0), coalesce(s.penalty, 0), coalesce(s.fees, 0), coalesce(s.costs, 0),
            coalesce(s.unapplied, 0))
        order by 1""",
    "payments": """
        select p.account_id from accounts_payment p left join lateral (
            select coalesce(sum(case when t.target = 21 then t.cents when t.source = 21 then -t.cents else 0 end), 0) as cents,
                count(*) filter (where t.account_id <> p.account_id) as strays
            from accounts_transfer t where t.payment_id = p.id) m on true
        where p.applied_at is not null and (m.strays > 0
            or m.cents <> case when p.kind = 'payment' then p.cents else -p.cents end)
        order by 1""",
    "reversals": """
        select t.account_id from accounts_transfer t join accounts_transfer o on o.id = t.reverses_id
        where t.account_id <> o.account_id or t.restated and (t.source, t.target, t.cents) <> (o.target, o.source, o.cents)
        order by 1""",
    "currencies": """
        select p.account_id from accounts_payment p join accounts_account a on a.id = p.account_id
        where p.currency <> a.currency or p.creditor_id <> a.creditor_id order by 1""",
    "waivers": """
        select w.account_id from accounts_waiver w left join lateral (
            select count(*) as written from accounts_transfer t where t.waiver_id = w.id) m on true
        where (w.status in ('asked', 'refused')) <> (m.written = 0) order by 1""",
}
"""What must hold → accounts for which it does not."""
SHOWN: Final = 20


@dataclass
class Verified:
    """How many accounts and transfers there are, and which break what must hold (at most SHOWN each)."""

    accounts: int = 0
    transfers: int = 0
    broken: dict[str, list[int]] = field(default_factory=dict)

    @property
    def intact(self) -> bool:
        """Whether everything holds."""
        return not self.broken


def verify(*, progress: Callable[[str], None] | None = None) -> Verified:
    """Replay the ledger: balances from transfers, payments from their postings, reversals, currencies, write-offs."""
    found = Verified(
        *rows("select (select count(*) from accounts_account), (select count(*) from accounts_transfer)")[0]
    )
    for name, wrong in _failures():
        if progress:
            progress(name)
        if wrong:
            found.broken[name] = wrong
    return found


def _failures() -> Iterator[tuple[str, list[Any]]]:
    for name, query in _CHECKS.items():
        yield name, [pk for (pk,) in rows(f"{query} limit {SHOWN}")]
