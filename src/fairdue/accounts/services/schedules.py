"""Agreed dues that stand in for the original ones, and debt let go when an agreement is fulfilled.

    agree(account=…, plan=…, dues=…, on=…, now=…)      from that day the plan's dues are what falls due
    end(plan=…, on=…, now=…)  /  resume(plan=…, now=…)  the original dues come back; it was kept after all
    redate(plan=…, dues=…, now=…)  /  forget(…)        the same agreement with other days; as if it had never been
    let_go(account=…, most=…, on=…)                     what is left of the debt, up to `most`

All run inside the caller's transaction, which has locked the account.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db.models import F, Q

from fairdue.accounts.columns import execute, rows
from fairdue.accounts.models import Account, Schedule
from fairdue.accounts.services.ageing import read_accounts

# Charges go first: what the agreement spares the borrower is what the delay added.
_LET_GO: Final = """
    with owed as (
        select t.place, t.book, t.cents from accounts_balance b cross join lateral (values
            (1, 3, b.penalty), (2, 4, b.fees), (3, 2, b.interest), (4, 5, b.costs), (5, 1, b.principal)
        ) t(place, book, cents) where b.account_id = %(account)s
    ), parts as (
        select book, least(cents, greatest(%(most)s - coalesce(sum(cents) over (
            order by place rows between unbounded preceding and 1 preceding), 0), 0)) as cents from owed
    )
    insert into accounts_transfer (account_id, source, target, cents, happened_on)
    select %(account)s, book, 22, cents, %(on)s from parts where cents > 0 returning id, cents
"""
_STAND_AGAIN: Final = """
    insert into accounts_transfer (account_id, source, target, cents, reverses_id, happened_on)
    select t.account_id, t.target, t.source, t.cents, t.id, %(on)s from accounts_transfer t
    where t.account_id = %(account)s and t.target = 22 and t.id = any(%(transfers)s)
        and not exists (select from accounts_transfer r where r.reverses_id = t.id)
"""
_STATUS: Final = """
    update accounts_account a set status = case when b.total = 0 then 'paid' else 'open' end
    from (select principal + interest + penalty + fees + costs as total from accounts_balance
        where account_id = %(account)s) b
    where a.id = %(account)s and a.status = case when b.total = 0 then 'open' else 'paid' end
"""


def agree(
    *, account: Account, plan: int, dues: Sequence[tuple[date, int]], on: date, now: datetime, base: int | None = None
) -> Schedule:
    """From `on` the plan's dues (day, cents; rising) stand in for the original ones. `base`: see Schedule, else what was
    paid by then."""
    base = paid_by(account=account, on=on) if base is None else base
    days, cents = zip(*dues, strict=True)
    return Schedule.objects.create(
        account=account, plan=plan, base=base, due_days=list(days), due_cents=list(cents), starts_on=on, learned_at=now
    )


def paid_by(*, account: Account, on: date) -> int:
    """What had covered the account's dues by the end of a day: money.ageing's total paid, minor units."""
    return int(read_accounts([account.pk], as_of=on)[3][0])


def end(*, plan: int, on: date, now: datetime) -> None:
    """The original dues come back on `on`: the plan broke then, or another one takes its place."""
    _restate(plan, on, now)


def resume(*, plan: int, now: datetime) -> None:
    """What was learned late says that the plan was kept: its dues never stopped standing.

    What was agreed about the account since then stays; the plan's dues stand until it begins.
    """
    known = Schedule.objects.filter(plan=plan, replaced_at=None).get()
    since = Q(starts_on__gte=known.starts_on) & (Q(ends_on=None) | Q(ends_on__gt=F("starts_on")))
    later = Schedule.objects.filter(since, account=known.account_id, replaced_at=None).exclude(pk=known.pk)
    _restate(plan, later.order_by("starts_on").values_list("starts_on", flat=True).first(), now)


def redate(*, plan: int, dues: Sequence[tuple[date, int]], now: datetime) -> None:
    """What was agreed falls due on other days from its start on; what was known before stays readable."""
    days, cents = zip(*dues, strict=True)
    known = Schedule.objects.filter(plan=plan, replaced_at=None).get()
    if (known.due_days, known.due_cents) != (list(days), list(cents)):
        _replace(known, now, due_days=list(days), due_cents=list(cents))


def forget(*, plan: int, now: datetime) -> None:
    """The original dues stand as if nothing had been agreed: the schedule ends on the day it began."""
    known = Schedule.objects.filter(plan=plan, replaced_at=None).get()
    _restate(plan, known.starts_on, now)


def standing(*, account: Account, on: date, known_at: datetime | None = None) -> Schedule | None:
    """The schedule that stands in for the account's dues on a day, as known now or at a moment of the past."""
    known = Q(replaced_at=None)
    if known_at is not None:
        known = Q(learned_at__lte=known_at) & (Q(replaced_at=None) | Q(replaced_at__gt=known_at))
    found = Schedule.objects.filter(known, account=account, starts_on__lte=on)
    return found.filter(Q(ends_on=None) | Q(ends_on__gt=on)).first()


def let_go(*, account: Account, most: int, on: date) -> tuple[int, list[int]]:
    """Waive what is left of the debt, at most `most`; how much, and the transfers."""
    gone = rows(_LET_GO, {"account": account.pk, "most": most, "on": on})
    execute(_STATUS, {"account": account.pk})
    return sum(cents for _, cents in gone), [pk for pk, _ in gone]


def stand_again(*, account: Account, transfers: Sequence[int], on: date) -> None:
    """Debt that was let go (these transfers) stands again."""
    execute(_STAND_AGAIN, {"account": account.pk, "transfers": list(transfers), "on": on})
    execute(_STATUS, {"account": account.pk})


def _restate(plan: int, ends_on: date | None, now: datetime) -> None:
    """What is known of the plan's schedule is replaced by the same with another end."""
    known = Schedule.objects.filter(plan=plan, replaced_at=None).get()
    if known.ends_on == ends_on:
        return
    _replace(known, now, ends_on=ends_on)


def _replace(known: Schedule, now: datetime, **other: Any) -> None:
    Schedule.objects.filter(pk=known.pk).update(replaced_at=now)
    same = {"due_days": known.due_days, "due_cents": known.due_cents, "ends_on": known.ends_on} | other
    Schedule.objects.create(
        account_id=known.account_id, plan=known.plan, base=known.base, starts_on=known.starts_on, learned_at=now, **same
    )
