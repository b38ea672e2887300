"""Payments applied to debts, one or a million by the same code: columns in, transfers out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import transaction

from fairdue.accounts.columns import FEW, NO_DAY, Column, Statement, execute, handed_over, read, together
from fairdue.accounts.models import COMPONENTS, Book, Creditor
from fairdue.accounts.services.charging import restate
from fairdue.journal import services as journal
from fairdue.money import waterfall

_OWED: Final = """
        (a.product = 'credit_card' and c.jurisdiction = 'cn')::int, coalesce(g.days_past_due, 0),
        coalesce(b.principal, 0), coalesce(b.interest, 0), coalesce(b.penalty, 0), coalesce(b.fees, 0),
        coalesce(b.costs, 0)"""
_TO_APPLY: Final = f"""
    select p.id, p.account_id, p.cents, coalesce(p.reverses_id, 0), (p.kind = 'refund')::int,
        ((p.learned_at at time zone c.zone)::date < coalesce(
            (select min((t.learned_at at time zone c.zone)::date) from accounts_transfer t
                where t.account_id = p.account_id and t.source = 20),
            (a.learned_at at time zone c.zone)::date))::int,
        case when p.happened_on <= x.upto then p.happened_on - date '1970-01-01' else {NO_DAY} end,
        {_OWED}
    from accounts_payment p join accounts_account a on a.id = p.account_id
    join accounts_creditor c on c.id = p.creditor_id
    left join accounts_balance b on b.account_id = a.id left join accounts_ageing g on g.account_id = a.id
    left join accounts_accrual x on x.account_id = a.id
    where p.applied_at is null and p.account_id = any(%(ids)s) order by p.account_id, p.happened_on, p.id
"""  # noqa: S608
_BALANCES: Final = f"""
    select a.id, {_OWED}
    from accounts_account a join accounts_creditor c on c.id = a.creditor_id
    left join accounts_balance b on b.account_id = a.id left join accounts_ageing g on g.account_id = a.id
    where a.id = any(%(ids)s) order by a.id
"""  # noqa: S608
_MOVE: Final = """
    insert into accounts_transfer (account_id, source, target, cents, payment_id, happened_on, learned_at)
    select n.account_id, n.source, n.target, n.cents, n.payment_id, p.happened_on, p.learned_at
    from {n} join accounts_payment p on p.id = n.payment_id order by n.account_id, n.payment_id
"""
# A payment that was in the placed balances never touched the components: when it bounces after the placing, the debt
# grows by it, and nobody knows in which component; principal bears no interest of its own here.
_MIRROR: Final = """
    insert into accounts_transfer (account_id, source, target, cents, payment_id, reverses_id, happened_on, learned_at)
    select t.account_id, t.target, case t.source when 20 then %(placed)s else t.source end, t.cents, r.id, t.id,
        r.happened_on, r.learned_at
    from accounts_payment r join accounts_transfer t on t.payment_id = r.reverses_id
    where r.id = any(%(payments)s) and not (t.restated and t.reverses_id is not null)
        and not exists (select from accounts_transfer u where u.reverses_id = t.id and u.restated)
    order by t.account_id, t.id
"""
# Refunds took the oldest of what was kept apart: the newest payments hold what is left.
_UNAPPLIED: Final = """
    select payment_id, account_id, least(cents, unapplied - newer) from (
        select p.*, coalesce(sum(cents) over (partition by account_id order by payment_id desc
            rows between unbounded preceding and 1 preceding), 0) as newer
        from (
            select t.payment_id, t.account_id, b.unapplied,
                sum(case t.source when 6 then t.cents else -t.cents end) as cents
            from accounts_transfer t join accounts_balance b on b.account_id = t.account_id
            where 6 in (t.source, t.target) and t.account_id = any(%(ids)s) and b.unapplied > 0
                and b.principal + b.interest + b.penalty + b.fees + b.costs > 0
                and not exists (select from accounts_payment r join accounts_transfer u on u.payment_id = r.id
                    where r.reverses_id = t.payment_id)
            group by t.payment_id, t.account_id, b.unapplied
            having sum(case t.source when 6 then t.cents else -t.cents end) > 0
        ) p
    ) q where unapplied > newer order by account_id, payment_id
"""
_WAITING: Final = """
    select distinct account_id from accounts_payment
    where applied_at is null and (creditor_id = %(creditor)s or %(creditor)s::bigint is null) order by 1
"""
_LEFT_OVER: Final = """
    select b.account_id from accounts_balance b join accounts_account a on a.id = b.account_id
    where b.unapplied > 0 and b.principal + b.interest + b.penalty + b.fees + b.costs > 0
        and (a.creditor_id = %(creditor)s or %(creditor)s::bigint is null) order by 1
"""
_DONE: Final = """
    with paid as (
        update accounts_payment p set applied_at = %(now)s, applied_order = n.place
        from unnest(%(payments)s::bigint[], %(orders)s::smallint[]) n(id, place) where p.id = n.id
        returning p.account_id, p.kind, p.happened_on
    ), latest as (
        select account_id, max(happened_on) as last_on from paid where kind = 'payment' group by account_id
    ), standing as (
        select b.account_id, b.principal + b.interest + b.penalty + b.fees + b.costs as total, l.last_on
        from accounts_balance b left join latest l on l.account_id = b.account_id where b.account_id = any(%(ids)s)
    )
    update accounts_account a set
        last_paid_on = greatest(a.last_paid_on, s.last_on),
        status = case when s.total = 0 and a.status = 'open' and s.last_on is not null then 'paid'
            when s.total > 0 and a.status = 'paid' then 'open' else a.status end
    from standing s
    where a.id = s.account_id and (a.last_paid_on is distinct from greatest(a.last_paid_on, s.last_on)
        or (s.total = 0) <> (a.status = 'paid'))
"""
_OWED_TYPES: Final = "i2 i4 i8 i8 i8 i8 i8"
_TAKEN_FROM: Final = (*COMPONENTS, Book.UNAPPLIED)
_BOOKS: Final = np.array(_TAKEN_FROM, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a bulk application did: payments and reversals applied, their cents, transfers written."""

    payments: int = 0
    reversals: int = 0
    cents: int = 0
    transfers: int = 0
    books: dict[int, int] | None = None
    """Cents of the payments (reversals apart) by the book they were taken from; None when the story was told anew."""

    def __add__(self, other: "Applied") -> "Applied":
        return Applied(
            self.payments + other.payments,
            self.reversals + other.reversals,
            self.cents + other.cents,
            self.transfers + other.transfers,
        )


def apply_payments(
    *,
    now: datetime,
    creditor: Creditor | None = None,
    accounts_at_once: int = 20_000,
    progress: Callable[[int], None] | None = None,
) -> Applied:
    """Apply every payment whose `applied_at` is empty (of `creditor`, or of all), oldest first within an account.

    One transaction per `accounts_at_once` accounts, locked in the order of their ids, so a kill loses at most the chunk
    being written and a second call goes on where the first stopped. Does not judge promises and does not age:
    `flows.payment.apply_loaded` and the night do. `progress` is told the number of payments applied so far.
    """
    done = Applied()
    for accounts in waiting(creditor=creditor, accounts_at_once=accounts_at_once):
        done += apply_chunk(accounts=accounts, now=now)
        if progress:
            progress(done.payments + done.reversals)
    return done


def waiting(*, creditor: Creditor | None = None, accounts_at_once: int = 20_000) -> Iterator[list[int]]:
    """Ids of accounts for which something waits to be applied, ascending, in chunks: first payments, then money kept
    apart although something is owed again."""
    known = {"creditor": creditor.pk if creditor else None}
    for query in (_WAITING, _LEFT_OVER):
        (accounts,) = read(query, "i8", known)
        for start in range(0, len(accounts), accounts_at_once):
            yield accounts[start : start + accounts_at_once].tolist()


@transaction.atomic
def apply_chunk(*, accounts: Sequence[int], now: datetime) -> Applied:
    """Apply what waits for these accounts (ids, ascending), in one transaction, and journal it."""
    execute("select id from accounts_account where id = any(%s) order by id for no key update", [list(accounts)])
    done = apply_some(accounts, now=now)
    if done.transfers:
        journal.write(
            "payments.applied", payments=done.payments, reversals=done.reversals, cents=done.cents,
            accounts=len(accounts), first=accounts[0], last=accounts[-1],
        )  # fmt: skip
    return done


def apply_some(accounts: Sequence[int], *, now: datetime) -> Applied:
    """Apply whatever waits for these accounts (ids, ascending); the caller has locked them in this transaction."""
    few = len(accounts) <= FEW
    ids = {"ids": list(accounts)}
    payment, account, cents, reverses, refund, placed, late, *owed = read(
        _TO_APPLY, f"i8 i8 i8 i8 i2 i2 i4 {_OWED_TYPES}", ids, few=few
    )
    back, before, refunds = reverses > 0, (placed > 0) & (refund == 0), refund > 0
    early, pays = before & ~back, ~back & ~before & ~refunds
    later: list[Statement] = []
    columns = {"payment_id": payment[early], "account_id": account[early], "cents": cents[early]}
    transfers = _move(columns, source=Book.PLACED, target=Book.CLEARING, later=later)
    moved, taken = _spread(
        payment[pays], account[pays], cents[pays], [column[pays] for column in owed], target=Book.CLEARING, later=later
    )
    transfers += moved
    if back.any():  # of a payment that was written just now, perhaps
        together(*later)
        later = []
    for chosen, placed_in in ((back & before, Book.PLACED), (back & ~before, Book.PRINCIPAL)):
        if chosen.any():
            transfers += execute(_MIRROR, {"payments": payment[chosen].tolist(), "placed": int(placed_in)})
    columns = {"payment_id": payment[refunds], "account_id": account[refunds], "cents": cents[refunds]}
    transfers += _move(columns, source=Book.CLEARING, target=Book.UNAPPLIED, later=later)
    if back.any() or not len(payment):
        together(*later)
        later = []
        transfers += _sweep(ids, few=few)
    if transfers:
        done = {"payments": payment.tolist(), "orders": _order(owed).tolist(), "now": now, **ids}
        together(*later, (_DONE, done))
        if (learned_late := late != NO_DAY).any():
            since: dict[int, int] = {}
            for of, day in zip(account[learned_late].tolist(), late[learned_late].tolist(), strict=True):
                since[of] = min(day, since.get(of, day))
            restate(accounts=list(since), since=list(since.values()))
    books = {Book.PLACED: int(cents[early].sum())} | dict(zip(_TAKEN_FROM, taken, strict=True))
    kept = int(np.where(back | refunds, -cents, cents).sum())
    applied = {int(book): amount for book, amount in books.items() if amount}
    told_anew = bool((late != NO_DAY).any())
    return Applied(
        int((~back & ~refunds).sum()), int((back | refunds).sum()), kept, transfers, None if told_anew else applied
    )


def _sweep(ids: dict[str, Any], *, few: bool) -> int:
    """Money kept apart covers what is owed again; how many transfers."""
    payment, account, surplus = read(_UNAPPLIED, "i8 i8 i8", ids, few=few)
    if not len(payment):
        return 0
    owner, *owed = read(_BALANCES, f"i8 {_OWED_TYPES}", ids, few=few)
    mine = np.searchsorted(owner, account)
    return _spread(payment, account, surplus, [column[mine] for column in owed], target=Book.UNAPPLIED)[0]


def _spread(
    payment: Column,
    account: Column,
    cents: Column,
    owed: Sequence[Column],
    *,
    target: Book,
    later: list[Statement] | None = None,
) -> tuple[int, list[int]]:
    """Move each payment (sorted by account) from the components by the waterfall; what is left over from UNAPPLIED.

    owed: the columns of _OWED, by payment. Gives the number of transfers, and the cents from each book of _TAKEN_FROM.
    """
    if not len(payment):
        return 0, [0] * len(_TAKEN_FROM)
    debt, order = np.stack(owed[2:], axis=1), _order(owed)
    # All an account's payments up to and with this one, less all before it: the same as one after the other.
    running = np.cumsum(cents)
    first = np.ones(len(account), np.bool_)
    first[1:] = account[1:] != account[:-1]
    upto = running - np.maximum.accumulate(np.where(first, running - cents, 0))
    taken = waterfall.taken(upto, debt, order=order) - waterfall.taken(upto - cents, debt, order=order)
    rest = cents - taken.sum(axis=1)
    assert (taken >= 0).all(), "a later payment took back what an earlier one gave"
    assert (rest >= 0).all(), "the waterfall took more than was paid"
    if target != Book.CLEARING:
        rest = np.zeros_like(rest)
    parts = np.column_stack([taken, rest])
    row, column = np.nonzero(parts)
    columns = {"payment_id": payment[row], "account_id": account[row], "cents": parts[row, column]}
    return _move(columns, source=_BOOKS[column], target=target, later=later), parts.sum(axis=0).tolist()


def _order(owed: Sequence[Column]) -> Column:
    """Code of the order of application, by row of the columns of _OWED."""
    card, late = owed[:2]
    return np.where(card > 0, waterfall.card_order(late), waterfall.order_code("cn_general"))


def _move(
    columns: dict[str, Column], *, source: Column | Book, target: Book, later: list[Statement] | None = None
) -> int:
    """Write transfers of payment_id, account_id and cents, or leave a few to `later`; how many."""
    size = len(columns["cents"])
    if not size:
        return 0
    books = {
        "source": np.broadcast_to(np.asarray(source, dtype=np.int64), size),
        "target": np.full(size, int(target), dtype=np.int64),
    }
    with handed_over("n", columns | books) as n:
        if later is None or size > FEW:
            return n.execute(_MOVE)
        later.append(n.statement(_MOVE))
        return size
