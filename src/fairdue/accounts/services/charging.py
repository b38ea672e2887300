"""Interest and fees by the contract: charged every night, told anew when something of a past day is learned.

    set_terms(account=…, …)                 what the contract charges; since when
    accrue(upto=…)                          every account with terms, a transaction per chunk; safe to repeat
    restate(accounts=[…])                   told anew from the first day, in the caller's transaction
    stop_charges(account=…, …)              days without charge; end_stop ends an open one

The story (`money.replay`) says which transfers there ought to be; where those on record differ, they are taken back by
name and what ought to be is written, in one statement: totals never depend on the order in which things were learned.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.db import transaction

from fairdue.accounts import caps
from fairdue.accounts.columns import EPOCH, FEW, Column, HandedOver, execute, handed_over, read, rows
from fairdue.accounts.models import Account, Book, ChargeStop, Terms
from fairdue.journal import services as journal
from fairdue.money import interest, replay
from fairdue.staff.models import User

AT_ONCE: Final = 50_000
_WHOLE_AT_ONCE: Final = 2_000
"""Accounts told from their first day at a time: each may bring hundreds of days."""
FIRST: Final = -719_162  # 0001-01-01
FAR: Final = 2**31 - 2
_SINCE_PLACED: Final = """coalesce((select min(o.happened_on) from accounts_transfer o
    where o.account_id = a.id and o.source = 20 and o.target <= 5), t.since) - date '1970-01-01'"""
_WAITING: Final = """
    select a.id, x.upto - date '1970-01-01', (x.stale or b.unapplied > 0
        or exists (select from accounts_payment p left join accounts_payment r on r.id = p.reverses_id
            where p.account_id = a.id and p.kind <> 'payment' and greatest(p.happened_on, r.happened_on) > x.upto)
        or exists (select from accounts_transfer t
            where t.account_id = a.id and t.happened_on > x.upto and t.payment_id is null and t.reverses_id > 0))::int
    from accounts_terms t join accounts_account a on a.id = t.account_id
    join accounts_accrual x on x.account_id = a.id left join accounts_balance b on b.account_id = a.id
    where a.status in ('open', 'paid') and (x.upto < %(upto)s or x.stale) order by a.id
"""
_CONTRACTS: Final = f"""
    select a.id, t.rate, t.penalty, t.late_fee, t.late_fee_after, t.since - date '1970-01-01',
        coalesce(t.until - date '1970-01-01', {FAR}), t.day_count, t.compounding, t.penalty_on, t.fraction,
        x.upto - date '1970-01-01', x.interest_carry, x.penalty_carry, x.cap_carry, x.bearing, x.room, {_SINCE_PLACED},
        t.cap_rate
    from accounts_terms t join accounts_account a on a.id = t.account_id join accounts_accrual x on x.account_id = a.id
    where a.id = any(%(ids)s) order by a.id
"""  # noqa: S608
_CONTRACT_TYPES: Final = "i8 i8 i8 i8 i4 i4 i4 i2 i2 i2 i2 i4 i8 i8 i8 i8 i8 i4 i8"
# The balance when the last day charged had ended: today's less what moved since.
_STOOD: Final = """
    select w.account_id, coalesce(max(b.principal), 0) - coalesce(sum(d.cents) filter (where d.book = 1), 0),
        coalesce(max(b.interest), 0) - coalesce(sum(d.cents) filter (where d.book = 2), 0),
        coalesce(max(b.penalty), 0) - coalesce(sum(d.cents) filter (where d.book = 3), 0),
        coalesce(max(b.fees), 0) - coalesce(sum(d.cents) filter (where d.book = 4), 0),
        coalesce(max(b.costs), 0) - coalesce(sum(d.cents) filter (where d.book = 5), 0)
    from {w} left join accounts_balance b on b.account_id = w.account_id
    left join lateral (
        select v.book, v.cents from accounts_transfer t
        cross join lateral (values (t.target, t.cents), (t.source, -t.cents)) v(book, cents)
        where t.account_id = w.account_id and t.happened_on > date '1970-01-01' + w.start::int and v.book <= 5
    ) d on true
    group by w.account_id order by w.account_id
"""
_IN_WINDOW: Final = "greatest({day} - date '1970-01-01', w.origin) > w.start"
_FIXED: Final = """
    select t.id, t.account_id, greatest(t.happened_on - date '1970-01-01', w.origin),
        t.happened_on - date '1970-01-01', t.source, t.target, t.cents, coalesce(t.reverses_id, 0)
    from {w} join accounts_transfer t on t.account_id = w.account_id
    where t.payment_id is null and not t.restated and t.source <> 24 and t.target <> 24
        and (t.source <= 5 or t.target <= 5) and t.happened_on >= date '1970-01-01' + w.told_from::int
    order by t.account_id, t.id
"""
# Payments of one day by their references: in whatever order they are learned, the story is the same.
_PAID: Final = f"""
    select p.id, p.account_id, greatest(p.happened_on - date '1970-01-01', w.origin,
            r.happened_on - date '1970-01-01'), p.happened_on - date '1970-01-01',
        case p.kind when 'payment' then 1 when 'reversal' then 3 else 4 end, p.cents, coalesce(p.reverses_id, 0),
        coalesce(p.applied_order, 0),
        exists (select from accounts_transfer t where t.payment_id = coalesce(p.reverses_id, p.id)
            and 20 in (t.source, t.target))::int,
        exists (select from accounts_transfer t where t.payment_id = p.id and t.target = 20)::int
    from {{w}} join accounts_payment p on p.account_id = w.account_id
    left join accounts_payment r on r.id = p.reverses_id
    where p.applied_at is not null and {_IN_WINDOW.format(day="greatest(p.happened_on, r.happened_on)")}
    order by p.account_id, p.reference collate "C"
"""  # noqa: S608
_DUES: Final = """
    select account_id, due_on - date '1970-01-01', principal from accounts_due
    where account_id = any(%(ids)s) order by account_id, due_on, n
"""
_STOPS: Final = f"""
    select account_id, starts_on - date '1970-01-01', coalesce(ends_on - date '1970-01-01', {FAR}), what,
        coalesce(rate, 0)::bigint
    from accounts_chargestop where account_id = any(%(ids)s) order by account_id
"""  # noqa: S608
_HOLDS: Final = """not (t.restated and t.reverses_id is not null)
            and not exists (select from accounts_transfer u where u.reverses_id = t.id and u.restated)"""
_KEY: Final = "account_id, payment_id, day, source, target"
_WRITE: Final = f"""
    with ought as (select * from {{n}}), present as (
        select t.id, t.account_id, coalesce(t.payment_id, 0) as payment_id, t.happened_on - date '1970-01-01' as day,
            t.source, t.target, t.cents
        from {{w}} join accounts_transfer t on t.account_id = w.account_id
        where t.happened_on >= date '1970-01-01' + w.differs_from::int and {_HOLDS}
            and case when t.payment_id is not null then t.payment_id in (select payment_id from ought)
                when t.source = 24 then true
                else t.source <= 5 or (t.source = 22 and t.target <= 5) end
    ), had as (select {_KEY}, sum(cents) as cents from present group by {_KEY}
    ), want as (select {_KEY}, sum(cents) as cents, bool_and(fresh) as fresh from ought group by {_KEY}
    ), differ as (
        select {_KEY}, want.cents, want.fresh from had full join want using ({_KEY})
        where had.cents is distinct from want.cents
    )
    insert into accounts_transfer
        (account_id, source, target, cents, payment_id, reverses_id, restated, happened_on)
    select account_id, p.target, p.source, p.cents, nullif(payment_id, 0), p.id, true, date '1970-01-01' + day::int
    from present p join differ d using (account_id, payment_id, day) where (p.source, p.target) = (d.source, d.target)
    union all
    select account_id, source, target, cents, nullif(payment_id, 0), null, not fresh, date '1970-01-01' + day::int
    from differ where cents is not null
"""  # noqa: S608
_KEPT: Final = """
    update accounts_accrual x set upto = date '1970-01-01' + n.upto::int, interest_carry = n.interest_carry,
        penalty_carry = n.penalty_carry, cap_carry = n.cap_carry, bearing = n.bearing, room = n.room, stale = false
    from {n} where x.account_id = n.account_id
"""
_CHARGED: Final = """
    select x.account_id, exists (select from accounts_transfer t where t.account_id = x.account_id and 6 in (t.source, t.target))
    from accounts_accrual x where x.account_id = any(%(ids)s) order by 1
"""
_CUTS: Final = """
    insert into accounts_cut (account_id, "on", interest, penalty, fees)
    select account_id, date '1970-01-01' + day::int, interest, penalty, fees from {n}
"""
_UNCUT: Final = """
    delete from accounts_cut c using {w} where c.account_id = w.account_id and c."on" - date '1970-01-01' >= w.since
"""
_STATUS: Final = """
    update accounts_account a set status = case when s.total = 0 then 'paid' else 'open' end
    from (select account_id, principal + interest + penalty + fees + costs as total from accounts_balance
        where account_id = any(%(ids)s)) s
    where a.id = s.account_id and (s.total = 0 and a.status = 'open' and a.last_paid_on is not null
        or s.total > 0 and a.status = 'paid')
"""
_CHARGES: Final = (Book.INTEREST, Book.PENALTY, Book.FEES)


@dataclass(frozen=True, slots=True)
class Accrued:
    """accounts: looked at; restated: told anew from their first day; transfers: written; charged, cut: minor units."""

    accounts: int = 0
    restated: int = 0
    transfers: int = 0
    charged: int = 0
    cut: int = 0

    def __add__(self, other: "Accrued") -> "Accrued":
        return Accrued(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@transaction.atomic
def set_terms(*, account: Account, since: date, by: User | None = None, **contract: Any) -> Terms:
    """Write down what the contract charges (fields of Terms), from `since` on; what was charged is told anew.

    The height of the ceiling follows from the day of the contract unless `cap_rate` says it. ValueError for a cap that is
    unknown, law.calc.figures.BeyondTable for one whose height is not known for that day.
    """
    contract.setdefault("cap_rate", caps.cap_of(contract.get("cap", ""), account.opened_on or since))
    terms, _ = Terms.objects.update_or_create(account=account, defaults={"since": since, **contract})
    execute(
        """insert into accounts_accrual (account_id, upto, interest_carry, penalty_carry, cap_carry, bearing, room, stale)
        values (%s, %s::date - 1, 0, 0, 0, 0, 0, true) on conflict (account_id) do update set stale = true""",
        [account.pk, since],
    )
    journal.write("terms.set", by=by, subject="account", subject_id=account.pk, person_id=account.debtor_id,
                  since=since, **contract)  # fmt: skip
    return terms


@transaction.atomic
def stop_charges(
    *, account: Account, starts_on: date, reason: str, what: int = ChargeStop.What.ALL, ends_on: date | None = None,
    rate: int | None = None, by: User | None = None,
) -> ChargeStop:  # fmt: skip
    """Charge nothing (or no interest, or nothing for lateness) on these days; days charged already are told anew.

    rate: with CAP, the most that interest may run at, millionths a year.
    """
    stop = ChargeStop.objects.create(
        account=account, what=what, rate=rate, starts_on=starts_on, ends_on=ends_on, reason=reason.strip()
    )
    journal.write("charges.stopped", by=by, subject="account", subject_id=account.pk, person_id=account.debtor_id,
                  stop=stop.pk, what=int(what), rate=rate, starts_on=starts_on, ends_on=ends_on, reason=reason)  # fmt: skip
    _learned(account, starts_on)
    return stop


@transaction.atomic
def end_stop(*, stop: ChargeStop, ends_on: date, by: User | None = None) -> None:
    """The last day of a stop is `ends_on`, earlier or later than it was; days charged already are told anew."""
    was = ChargeStop.objects.values_list("ends_on", flat=True).get(pk=stop.pk)
    ChargeStop.objects.filter(pk=stop.pk).update(ends_on=ends_on)
    journal.write(
        "charges.resumed", by=by, subject="account", subject_id=stop.account_id, stop=stop.pk, ends_on=ends_on
    )
    _learned(stop.account, min(was or ends_on, ends_on))


@transaction.atomic
def cancel_stop(*, stop: ChargeStop, by: User | None = None) -> None:
    """As if it had never been: its days are charged after all. The journal keeps that it was."""
    ChargeStop.objects.filter(pk=stop.pk).delete()
    journal.write(
        "charges.resumed", by=by, subject="account", subject_id=stop.account_id, stop=stop.pk,
        starts_on=stop.starts_on, ends_on=None,
    )  # fmt: skip
    _learned(stop.account, stop.starts_on)


def _learned(account: Account, day: date) -> None:
    """Something about `day` was learned: tell the story anew when that day is charged already."""
    execute("select id from accounts_account where id = %s for no key update", [account.pk])
    if rows("select from accounts_accrual where account_id = %s and upto >= %s", [account.pk, day]):
        restate(accounts=[account.pk], since=[(day - EPOCH).days])


def accrue(*, upto: date, progress: Callable[[int], None] | None = None) -> Accrued:
    """Charge every open account with terms for each day up to `upto` that is not charged yet.

    A chunk is one transaction: a killed call leaves whole chunks, and a second call charges the others.
    """
    ids, charged, anew = read(_WAITING, "i8 i4 i2", {"upto": upto})
    done = Accrued()
    for some, whole in _chunks(ids, charged, anew):
        with transaction.atomic():
            done += _tell(some, until=(upto - EPOCH).days, whole=whole)
        if progress:
            progress(done.accounts)
    if done.transfers:
        journal.write("charges.accrued", upto=upto, accounts=done.accounts, restated=done.restated,
                      transfers=done.transfers, charged=done.charged, cut=done.cut)  # fmt: skip
    return done


def restate(*, accounts: Sequence[int], since: Sequence[int]) -> Accrued:
    """Tell the story of these accounts anew, in the caller's transaction, which has locked them; no new day is charged.

    since: for each account the first day (since 1970-01-01) of which something was learned: earlier days stay as they are.
    """
    changed = dict(zip(accounts, since, strict=True))
    found = rows(_CHARGED, {"ids": list(changed)})
    done = Accrued()
    for mixed in (False, True):
        ids = np.array([pk for pk, kept_apart in found if kept_apart == mixed], dtype=np.int64)
        for start in range(0, len(ids), _WHOLE_AT_ONCE):
            some = ids[start : start + _WHOLE_AT_ONCE]
            days = None if mixed else np.array([changed[pk] for pk in some.tolist()], dtype=np.int64)
            done += _tell(some, until=None, whole=True, since=days)
    return done


def _chunks(ids: Column, charged: Column, anew: Column) -> Iterator[tuple[Column, bool]]:
    """Accounts that are charged up to the same day together: most of them lack one night."""
    for day in np.unique(charged[anew == 0]).tolist():
        some = ids[(charged == day) & (anew == 0)]
        for start in range(0, len(some), AT_ONCE):
            yield some[start : start + AT_ONCE], False
    some = ids[anew > 0]
    for start in range(0, len(some), _WHOLE_AT_ONCE):
        yield some[start : start + _WHOLE_AT_ONCE], True


@dataclass(frozen=True, slots=True)
class _Contracts:
    """The accounts of a chunk, ascending, their terms and where their charging stands. Days since 1970-01-01."""

    accounts: Column
    terms: interest.Terms
    late_fee_after: Column
    upto: Column
    state: interest.State
    origin: Column
    cap: Column

    @classmethod
    def of(cls, known: dict[str, Any]) -> "_Contracts":
        columns = read(_CONTRACTS, _CONTRACT_TYPES, known, few=len(known["ids"]) <= FEW)
        codes = (column.astype(np.int8) for column in columns[7:11])
        return cls(
            columns[0], interest.Terms(*columns[1:4], *columns[5:7], *codes), columns[4], columns[11],
            interest.State(*columns[12:17]), np.minimum(columns[17], columns[5]), columns[18],
        )  # fmt: skip


def _tell(ids: Column, *, until: int | None, whole: bool, since: Column | None = None) -> Accrued:
    """Tell the story of accounts (ascending) and write what differs.

    until: last day to charge, None = as far as now. whole: from the first day, not from where charging stands.
    since: days before are known not to differ.
    """
    known = {"ids": ids.tolist()}
    execute("select id from accounts_account where id = any(%(ids)s) order by id for no key update", known)
    has = _Contracts.of(known)
    start = has.origin - 1 if whole else has.upto
    last = np.maximum(has.upto, until) if until is not None else has.upto
    differs = (start + 1 if since is None else np.maximum(since, start + 1)).astype(np.int64)
    window = {"account_id": has.accounts, "start": start.astype(np.int64), "origin": has.origin.astype(np.int64)}
    # What happened before the first day counts from the first day.
    for name, day in (("told_from", (start + 1).astype(np.int64)), ("differs_from", differs)):
        window[name] = np.where(day <= has.origin, FIRST, day)
    with handed_over("w", window | {"since": differs}) as w:
        past = _Past(
            has.accounts, w.read(_FIXED, "i8 i8 i4 i4 i2 i2 i8 i8"), w.read(_PAID, "i8 i8 i4 i4 i2 i8 i8 i2 i2 i2")
        )
        stood = None if whole else np.stack(w.read(_STOOD, "i8 i8 i8 i8 i8 i8")[1:], axis=1)
        owed = np.zeros((len(ids), 5), np.int64) if stood is None else stood
        told = replay.replay(
            past.events,
            replay.Opening(owed, start.astype(np.int32), interest.opening(has.terms) if whole else has.state),
            has.terms, until=last.astype(np.int32), cap=lambda _day: has.cap,
            future=_future(has.accounts, known, has.late_fee_after), stops=_stops(has.accounts, known),
            told_from=int(differs.min()),
        )  # fmt: skip
        charges = _later(told.charges, differs)
        written = _write(w, past.ought(told, differs), _charges(charges, has.accounts, has.upto))
        _keep(w, has.accounts, last, told.state, charges)
    if whole:
        execute(_STATUS, known)
    return Accrued(len(ids), len(ids) * whole, written, int(charges.amounts.sum()), int(charges.cut.sum()))


def _later(charges: replay.Charges, since: Column) -> replay.Charges:
    kept = charges.day >= since[charges.account]
    return replay.Charges(charges.account[kept], charges.day[kept], charges.amounts[kept], charges.cut[kept])


class _Past:
    """What happened to some accounts, as events, and the transfers that follow once they are told."""

    def __init__(self, accounts: Column, fixed: list[Column], paid: list[Column]) -> None:
        own, of, day, self._fixed_day, self._source, self._target, cents, reverses = fixed
        grows = self._target <= 5
        kind = np.where(grows, np.where(reverses > 0, replay.Kind.UNDO, replay.Kind.ADD), replay.Kind.TAKE)
        component = np.where(grows, self._target, self._source) - 1
        pay, payer, pay_day, pay_raw, pay_kind, pay_cents, undoes, order, early, gone = paid
        # A payment that was in the placed balances touched no component; when it bounced later, the debt grew by it.
        live = (early == 0) | ((pay_kind == replay.Kind.UNDO) & (gone == 0))
        pay, payer, pay_day, pay_raw, pay_kind, pay_cents, undoes, order, early = (
            column[live] for column in (pay, payer, pay_day, pay_raw, pay_kind, pay_cents, undoes, order, early)
        )
        pay_kind = np.where(early > 0, replay.Kind.ADD, pay_kind)
        self._payment = np.r_[np.zeros(len(own), np.int64), pay]
        self._raw_day = np.r_[self._fixed_day, pay_raw]
        self._account = np.r_[of, payer]
        self._fixed = len(own)
        self.events = replay.Events(
            account=np.asarray(np.searchsorted(accounts, self._account), dtype=np.int32),
            day=np.r_[day, pay_day].astype(np.int32),
            kind=np.r_[kind, pay_kind].astype(np.int8),
            component=np.r_[component, np.zeros(len(pay), np.int64)].astype(np.int8),
            cents=np.r_[cents, pay_cents],
            order=np.r_[np.zeros(len(own), np.int64), order].astype(np.int8),
            ref=np.r_[_places(own, reverses), np.where(early > 0, -1, _places(pay, undoes, after=len(own)))],
        )

    def ought(self, told: replay.Told, since: Column) -> dict[str, Column]:
        """The transfers of events (from `since` on) whose split the story decides: columns of _WRITE."""
        found: list[tuple[Column, Column, Column, Column]] = []  # rows, source, target, cents
        kind = self.events.kind
        later = self.events.day >= since[self.events.account]
        outer = np.r_[
            np.where(self._target <= 5, self._source, self._target), np.zeros(len(kind) - self._fixed, np.int64)
        ]
        paid = (np.arange(len(kind)) >= self._fixed) & later
        for amounts, outside, which in (
            (told.taken, None, later & ~paid), (told.taken, Book.CLEARING, paid), (told.swept, Book.UNAPPLIED, paid)
        ):  # fmt: skip
            row, component = np.nonzero(amounts * (which & (kind != replay.Kind.ADD))[:, None])
            book, out = component + 1, outer[row] if outside is None else np.full(len(row), int(outside))
            back = np.isin(kind[row], (replay.Kind.UNDO, replay.Kind.REFUND))
            found.append((row, np.where(back, out, book), np.where(back, book, out), amounts[row, component]))
        row = np.flatnonzero(told.rest * paid)
        back = np.isin(kind[row], (replay.Kind.UNDO, replay.Kind.REFUND))
        books = int(Book.UNAPPLIED), int(Book.CLEARING)
        found.append((row, np.where(back, *books[::-1]), np.where(back, *books), told.rest[row]))
        rows_ = np.concatenate([part[0] for part in found])
        return {
            "account_id": self._account[rows_], "payment_id": self._payment[rows_],
            "day": self._raw_day[rows_].astype(np.int64),
            **{name: np.concatenate([part[n] for part in found]).astype(np.int64)
               for name, n in (("source", 1), ("target", 2), ("cents", 3))},
            "fresh": np.zeros(len(rows_), np.bool_),
        }  # fmt: skip


def _places(ids: Column, wanted: Column, *, after: int = 0) -> Column:
    """The row of each id wanted, NONE for 0; ids ascend by account, not overall."""
    if not len(ids):
        return np.full(len(wanted), replay.NONE)
    order = np.argsort(ids, kind="stable")
    place = order[np.minimum(np.searchsorted(ids[order], wanted), len(ids) - 1)]
    assert (ids[place] == wanted)[wanted > 0].all(), "what is undone lies before the story"
    return np.where(wanted > 0, place + after, replay.NONE)


def _charges(charges: replay.Charges, accounts: Column, upto: Column) -> dict[str, Column]:
    """The charges as transfers."""
    row, column = np.nonzero(charges.amounts)
    place, day = charges.account[row], charges.day[row].astype(np.int64)
    return {
        "account_id": accounts[place], "payment_id": np.zeros(len(row), np.int64), "day": day,
        "source": np.full(len(row), int(Book.CHARGED)), "target": np.array(_CHARGES, np.int64)[column],
        "cents": charges.amounts[row, column], "fresh": day > upto[place],
    }  # fmt: skip


def _write(w: HandedOver, past: dict[str, Column], charges: dict[str, Column]) -> int:
    """Bring the transfers to what they ought to be; how many were written."""
    columns = {name: np.concatenate([past[name], charges[name]]) for name in past}
    with handed_over("n", columns) as n:
        return w.execute(_WRITE.replace("{n}", n.source), n.params)


def _keep(w: HandedOver, accounts: Column, last: Column, state: interest.State, charges: replay.Charges) -> None:
    """Note how far the accounts are charged, what is carried on, and what a cap forbade."""
    carried = {name: getattr(state, name) for name in interest.State.__slots__}
    with handed_over("n", {"account_id": accounts, "upto": last.astype(np.int64), **carried}) as n:
        n.execute(_KEPT)
    w.execute(_UNCUT)
    cut = charges.cut.sum(axis=1) > 0
    if cut.any():
        parts = {name: charges.cut[cut, n] for n, name in enumerate(interest.CHARGES)}
        place, day = charges.account[cut], charges.day[cut].astype(np.int64)
        with handed_over("n", {"account_id": accounts[place], "day": day, **parts}) as n:
            n.execute(_CUTS)


def _future(accounts: Column, known: dict[str, Any], late_after: Column) -> replay.Future:
    of, due_on, principal = read(_DUES, "i8 i4 i8", known)
    place = np.searchsorted(accounts, of)
    late_on = due_on + 1 + late_after[place]
    return replay.Future(place.astype(np.int32), due_on, principal, late_on.astype(np.int32))


def _stops(accounts: Column, known: dict[str, Any]) -> replay.Stops:
    of, start, end, what, rate = read(_STOPS, "i8 i4 i4 i2 i8", known)
    return replay.Stops(np.searchsorted(accounts, of).astype(np.int32), start, end, what.astype(np.int8), rate)
