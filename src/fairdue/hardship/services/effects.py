"""What a file grants: begun, moved to another day, finished. Each is one of: a hold, a charge stop, agreed dues.

Holds are placed and lifted by the caller (`flows.hardship`), who also takes back what was not sent; the rest is here. All
run inside the caller's transaction, which has locked the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q

from fairdue.accounts import services as ledger
from fairdue.accounts.columns import rows
from fairdue.accounts.models import Account, ChargeStop, Due, Schedule
from fairdue.hardship.models import Effect, File
from fairdue.hardship.policy import policy
from fairdue.hardship.refusing import HardshipRefused
from fairdue.hardship.services.files import noted
from fairdue.money.grace import moved
from fairdue.staff.models import User

_K = Effect.Kind
_STOPS: Final = {
    _K.GRACE: ChargeStop.What.LATE, _K.INTEREST: ChargeStop.What.INTEREST, _K.LATE: ChargeStop.What.LATE,
    _K.CAP: ChargeStop.What.CAP,
}  # fmt: skip
PER_ACCOUNT: Final = frozenset(_STOPS)
"""Effects on money are about one account each; a pause of contact may be about the person."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be granted. `ends_on` None: until a scheme's event. by_law: a statute grants it, nobody's leave is
    needed; rate: of a cap, millionths a year."""

    kind: str
    starts_on: date
    ends_on: date | None
    account: Account | None = None
    each: bool = False
    rate: int | None = None
    by_law: bool = False


def add(*, file: File, wanted: Sequence[Wanted], by: User, today: date) -> list[Effect]:
    """Write down what is to be granted. What lies within `by`'s authority runs, a longer end is asked for; where none of
    it does, all is asked for. Nothing is carried out yet.

    Raises HardshipRefused.
    """
    made = []
    for one in wanted:
        _refuse_bad(file, one, today)
        alone = one.ends_on if one.by_law else _alone(one, by, today)
        asked = alone is None and not one.by_law
        effect = Effect.objects.create(
            file=file, kind=one.kind, account=one.account, starts_on=one.starts_on, each=one.each,
            ends_on=one.ends_on if asked else alone, asked_until=None if asked or alone == one.ends_on else one.ends_on,
            rate=one.rate, by_law=one.by_law, granted_by=by,
            status=Effect.Status.ASKED if asked else Effect.Status.RUNNING,
        )  # fmt: skip
        made.append(effect)
    return made


def _alone(one: Wanted, by: User, today: date) -> date | None:
    """The last day up to which `by` may grant it alone; None: none from today on."""
    assert one.ends_on is not None, "what no law grants has a last day"
    limit = policy().limit(by.role, one.kind)
    last = min(one.ends_on, one.starts_on + timedelta(limit - 1))
    return last if limit and last >= today else None


def _days(start: date, end: date) -> int:
    return (end - start).days + 1


def _refuse_bad(file: File, one: Wanted, today: date) -> None:
    if one.kind not in _K.values:
        raise HardshipRefused("kind", zh="没有这种安排。", en="There is no such effect.")
    if (one.account is None) == (one.kind in PER_ACCOUNT):
        raise HardshipRefused("account", zh="请选择账户。", en="Choose the account.")
    if one.account and (one.account.debtor_id, one.account.creditor_id) != (file.person_id, file.case.creditor_id):
        raise HardshipRefused("account", zh="该账户不属于本案件。", en="The account is not of this case.")
    if one.by_law and one.starts_on > today:
        raise HardshipRefused("starts_on", zh="起始日不能晚于今天。", en="It cannot begin after today.")
    if not one.by_law and not today - timedelta(policy().back_days) <= one.starts_on <= today:
        raise HardshipRefused(
            "starts_on", zh=f"起始日须在最近 {policy().back_days} 天内，不得晚于今天。",
            en=f"It begins today or at most {policy().back_days} days ago.",
        )  # fmt: skip
    if one.ends_on is None and not one.by_law:
        raise HardshipRefused("ends_on", zh="请填写截止日。", en="Give the last day.")
    if one.ends_on is not None and one.ends_on < max(one.starts_on, today):
        raise HardshipRefused("ends_on", zh="截止日不能早于今天。", en="The last day lies before today.")
    same = Effect.objects.filter(
        file__person=file.person_id, kind=one.kind, account=one.account, file__case=file.case_id, by_law=one.by_law
    )
    waits = Q(status__in=(Effect.Status.RUNNING, Effect.Status.ASKED)) | Q(asked_until__isnull=False)
    if one.kind != _K.PLAN and same.filter(waits).exclude(file__status=File.Status.ENDED).exists():
        raise HardshipRefused("twice", zh="同样的安排正在执行或待审批。", en="The same effect runs or waits already.")


def begin(effect: Effect, *, by: User | None, now: datetime) -> None:
    """Carry out an effect on money from its first day. Raises HardshipRefused where it cannot be."""
    if effect.kind not in PER_ACCOUNT:
        return
    account = _locked(effect)
    until = effect.ends_on
    if effect.kind == _K.GRACE:
        until = _begin_grace(effect, account, now)
    effect.stop = ledger.stop_charges(
        account=account, starts_on=effect.starts_on, ends_on=until, what=_STOPS[_K(effect.kind)], rate=effect.rate,
        reason=f"hardship {effect.file_id}", by=by,
    )  # fmt: skip
    effect.save(update_fields=["stop"])


def _begin_grace(effect: Effect, account: Account, now: datetime) -> date:
    """The account's dues are moved; the last day on which one of them falls due."""
    assert effect.ends_on is not None, "grace has an end"
    stands = Q(ends_on=None) | Q(ends_on__gt=effect.starts_on)
    for other in Schedule.objects.filter(stands, account=account, replaced_at=None):
        if other.plan > 0:
            raise HardshipRefused(
                "plan_stands", zh=f"账户 {account.external_ref} 正在履行还款计划，请改为调整计划。",
                en=f"A plan stands for {account.external_ref}; change the plan instead.",
            )  # fmt: skip
        _supersede(other, effect.starts_on, now)
    base = max(ledger.paid_by(account=account, on=effect.starts_on), 0)
    dues = _moved(effect, _dues(account), base)
    if not dues:
        raise HardshipRefused(
            "nothing_due", zh=f"账户 {account.external_ref} 没有可顺延的应还款。",
            en=f"Nothing of {account.external_ref} falls due that could be moved.",
        )  # fmt: skip
    ledger.agree(account=account, plan=-effect.pk, dues=dues, on=effect.starts_on, now=now, base=base)
    return _protected(effect, dues)


def _supersede(other: Schedule, on: date, now: datetime) -> None:
    """An earlier grace, long over, makes room for the new one."""
    ledger.end(plan=other.plan, on=max(on, other.starts_on), now=now)


def _moved(effect: Effect, dues: list[tuple[date, int]], base: int) -> list[tuple[date, int]]:
    assert effect.ends_on is not None, "grace has an end"
    return moved(dues, paid=base, starts_on=effect.starts_on, until=effect.ends_on, each=effect.each)


def _protected(effect: Effect, dues: list[tuple[date, int]]) -> date:
    """Until when nothing is charged for lateness: moved dues are not late before their new days."""
    assert effect.ends_on is not None, "grace has an end"
    return dues[-1][0] if effect.each else effect.ends_on


def _dues(account: Account) -> list[tuple[date, int]]:
    return list(Due.objects.filter(account=account).order_by("due_on", "n").values_list("due_on", "cents"))


def move(effect: Effect, *, ends_on: date | None, by: User | None, now: datetime) -> None:
    """An effect on money ends on another day, earlier or later; what is over stays as it was. The hold is the caller's."""
    was, effect.ends_on, effect.asked_until = effect.ends_on, ends_on, None
    effect.save(update_fields=["ends_on", "asked_until"])
    if effect.kind in PER_ACCOUNT:
        account = _locked(effect)
        until = ends_on
        if effect.kind == _K.GRACE:
            until = _redate(effect, account, now) or ends_on
        if effect.stop is not None and until is not None:
            ledger.end_stop(stop=effect.stop, ends_on=until, by=by)
        elif effect.stop is not None and effect.stop.ends_on is not None:
            _reopen(effect, effect.stop, account, by)
    noted("hardship.moved", effect.file, by, effect=effect.pk, kind=effect.kind, was=was, ends_on=ends_on)


def _reopen(effect: Effect, was: ChargeStop, account: Account, by: User | None) -> None:
    """A stop that had an end has none, as if it had never had one."""
    effect.stop = ledger.stop_charges(
        account=account, starts_on=was.starts_on, ends_on=None, what=was.what, rate=was.rate, reason=was.reason, by=by
    )
    effect.save(update_fields=["stop"])
    ledger.cancel_stop(stop=was, by=by)


def _redate(effect: Effect, account: Account, now: datetime) -> date | None:
    held = Schedule.objects.filter(plan=-effect.pk, replaced_at=None).first()
    if held is None:
        return None
    dues = _moved(effect, _dues(account), held.base)
    if dues:
        ledger.redate(plan=-effect.pk, dues=dues, now=now)
    return _protected(effect, dues) if dues else None


def finish(effect: Effect, *, on: date, undo: bool, by: User | None, now: datetime) -> None:
    """A running effect is over: `on` is its last day; nothing before it changes, unless `undo`: as if it had never been."""
    if effect.status != Effect.Status.RUNNING:
        return
    if not undo:
        last = max(on, effect.starts_on)
        move(effect, ends_on=min(last, effect.ends_on or last), by=by, now=now)
    elif effect.kind in PER_ACCOUNT:
        _locked(effect)
        if Schedule.objects.filter(plan=-effect.pk, replaced_at=None).exists():
            ledger.forget(plan=-effect.pk, now=now)
        if effect.stop is not None:
            stop, effect.stop = effect.stop, None
            effect.save(update_fields=["stop"])
            ledger.cancel_stop(stop=stop, by=by)
    effect.status, effect.undone = Effect.Status.ENDED, undo
    effect.save(update_fields=["status", "undone"])
    noted("hardship.over", effect.file, by, effect=effect.pk, kind=effect.kind, on=on, undone=undo)


def resume(effect: Effect, *, ends_on: date | None, by: User, now: datetime) -> None:
    """An effect that is over runs again, as if it had not been; the hold is the caller's."""
    effect.status = Effect.Status.RUNNING
    effect.save(update_fields=["status"])
    move(effect, ends_on=ends_on, by=by, now=now)


def beyond(file: File, by: User) -> bool:
    """Whether something that the file asks for is more than `by` may grant alone."""
    asked = Q(status=Effect.Status.ASKED) | Q(asked_until__isnull=False)
    for effect in Effect.objects.filter(asked, file=file):
        end = effect.asked_until or effect.ends_on
        if end is None or _days(effect.starts_on, end) > policy().limit(by.role, effect.kind):
            return True
    return False


def longer(effect: Effect, ends_on: date, by: User) -> bool:
    """Whether an end is beyond what `by` may grant alone."""
    return _days(effect.starts_on, ends_on) > policy().limit(by.role, effect.kind)


def paused(*, person: int) -> bool:
    """Whether a file pauses all contact with a person."""
    running = Effect.objects.filter(file__person=person, kind=_K.QUIET, account=None, status=Effect.Status.RUNNING)
    return running.exists()


def expire(*, day: date) -> int:
    """Effects whose last day lies before `day` are over; how many. Their holds and stops ended by themselves."""
    over = list(Effect.objects.filter(status=Effect.Status.RUNNING, ends_on__lt=day).select_related("file"))
    for effect in over:
        Effect.objects.filter(pk=effect.pk, status=Effect.Status.RUNNING).update(status=Effect.Status.ENDED)
        noted("hardship.over", effect.file, None, effect=effect.pk, kind=effect.kind, on=effect.ends_on, undone=False)
    return len(over)


def retell(*, now: datetime) -> int:
    """Dues that were loaded or corrected since a grace began are moved by it too; how many accounts changed."""
    stands = {-s.plan: s for s in Schedule.objects.filter(plan__lt=0, replaced_at=None, ends_on=None)}
    effects = Effect.objects.filter(pk__in=stands, undone=False).select_related("account")
    loaded: dict[int, list[tuple[date, int]]] = {}
    due = Due.objects.filter(account__in=[e.account_id for e in effects]).order_by("due_on", "n")
    for account, due_on, cents in due.values_list("account_id", "due_on", "cents"):
        loaded.setdefault(account, []).append((due_on, cents))
    changed = 0
    for effect in effects:
        held = stands[effect.pk]
        dues = _moved(effect, loaded.get(held.account_id, []), held.base)
        if dues and dues != list(zip(held.due_days, held.due_cents, strict=True)):
            _locked(effect)
            ledger.redate(plan=-effect.pk, dues=dues, now=now)
            changed += 1
    return changed


def make_room(*, account: Account, on: date, by: User | None, now: datetime) -> None:
    """A plan is about to take the place of the account's dues: a grace ends on that day."""
    for effect in Effect.objects.filter(account=account, kind=_K.GRACE, undone=False).select_related("file", "stop"):
        finish(effect, on=on, undo=False, by=by, now=now)
        if Schedule.objects.filter(plan=-effect.pk, replaced_at=None, ends_on=None).exists():
            ledger.end(plan=-effect.pk, on=max(on, effect.starts_on), now=now)


def note_plan(*, account: Account, plan: int, starts_on: date, last_on: date, by: User | None) -> None:
    """A plan was agreed while a file of the account's case runs: it stands among what the file granted."""
    file = File.objects.filter(
        case__person=account.debtor_id, case__creditor=account.creditor_id, status__in=File.LIVE
    ).first()
    if file and not Effect.objects.filter(file=file, plan_id=plan).exists():
        Effect.objects.create(
            file=file, kind=_K.PLAN, account=account, starts_on=starts_on, ends_on=last_on, plan_id=plan, granted_by=by
        )
        noted("hardship.plan", file, by, plan=plan)


def _locked(effect: Effect) -> Account:
    account = effect.account
    assert account is not None, "an effect on money is about an account"
    rows("select id from accounts_account where id = %s for no key update", [account.pk])
    return account
