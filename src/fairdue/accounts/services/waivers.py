"""Debt let go, and taken back: within the authority of who does it.

    write_off(account=…, cents=…, reason=…, by=…)     done at once within `by`'s authority, else it waits for approval
    approve(waiver=…, by=…)  /  refuse(waiver=…, by=…)   by somebody else whose authority suffices
    take_back(waiver=…, by=…, reason=…)               the debt stands again

Costs, fees and penalty interest are let go first, then interest, principal last, unless `parts` says otherwise.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from fairdue.accounts.columns import EPOCH, execute, rows
from fairdue.accounts.models import Account, Waiver
from fairdue.accounts.services.charging import restate
from fairdue.journal import services as journal
from fairdue.money.amount import format_amount
from fairdue.staff.models import Authority, User

_LET_GO_FIRST = (4, 3, 2, 1, 0)  # costs, fees, penalty, interest, principal
_OWED = "select principal, interest, penalty, fees, costs from accounts_balance where account_id = %s"
_WRITE = """
    insert into accounts_transfer (account_id, source, target, cents, waiver_id, happened_on)
    select %(account)s, n.book, 22, n.cents, %(waiver)s, %(on)s from unnest(%(parts)s::bigint[]) with ordinality n(cents, book)
    where n.cents > 0 order by n.book
"""
_BACK = """
    insert into accounts_transfer (account_id, source, target, cents, waiver_id, reverses_id, happened_on)
    select t.account_id, t.target, t.source, t.cents, t.waiver_id, t.id, %(on)s
    from accounts_transfer t where t.waiver_id = %(waiver)s and t.account_id = %(account)s and t.target = 22 order by t.id
"""
_STATUS = """
    update accounts_account a set status = case when b.principal + b.interest + b.penalty + b.fees + b.costs = 0
        then 'paid' else 'open' end
    from accounts_balance b where b.account_id = a.id and a.id = %s and a.status in ('open', 'paid')
"""


class WaiverRefused(ValueError):  # noqa: N818
    """Debt that cannot be let go (or taken back) so; `zh` and `en` say why and what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def limit(user: User, currency: str) -> int:
    """How much a user may let go alone, minor units."""
    kind, found = Authority.Kind.WAIVE, Authority.objects.filter(user=user, currency=currency)
    return found.filter(kind=kind).values_list("limit_cents", flat=True).first() or 0


@transaction.atomic
def write_off(
    *, account: Account, cents: int, reason: str, by: User, now: datetime, on: date, parts: Sequence[int] | None = None
) -> Waiver:
    """Let `cents` (> 0, at most what is owed) go. WaiverRefused for an amount that is not owed or a missing reason."""
    owed = _locked(account)
    if not reason.strip():
        raise WaiverRefused(zh="请写明减免原因。", en="Say why the debt is let go.")
    if cents <= 0 or cents > sum(owed):
        there = format_amount(sum(owed), account.currency)
        raise WaiverRefused(
            zh=f"减免金额须大于零且不超过欠款 {there}。",
            en=f"The amount must be above zero and at most {there}, what is owed.",
        )
    parts = list(parts) if parts is not None else _shared(cents, owed)
    if sum(parts) != cents or any(not 0 <= part <= have for part, have in zip(parts, owed, strict=True)):
        raise WaiverRefused(
            zh="各项减免之和与总额不符，或超过该项欠款。", en="The parts do not add up, or exceed what is owed."
        )
    waiver = Waiver.objects.create(account=account, parts=parts, cents=cents, reason=reason.strip(), asked_by=by)
    if cents > limit(by, account.currency):
        _note("waiver.asked", waiver, by)
        return waiver
    return _do(waiver, by=by, now=now, on=on)


@transaction.atomic
def approve(*, waiver: Waiver, by: User, now: datetime, on: date) -> Waiver:
    """Let go what somebody asked for. WaiverRefused when it is not open, too much for `by`, or no longer owed."""
    owed = _locked(waiver.account)
    waiver = _open(waiver, by)
    if waiver.cents > limit(by, waiver.account.currency):
        raise WaiverRefused(
            zh="金额超出您的减免权限，请由权限更高的同事审批。",
            en="It is more than you may let go; ask somebody with more authority.",
        )
    if any(part > have for part, have in zip(waiver.parts, owed, strict=True)):
        raise WaiverRefused(
            zh="申请之后欠款有变动，已不足申请减免的金额。请退回并重新申请。",
            en="Less is owed now than when it was asked for. Refuse it and ask again.",
        )
    return _do(waiver, by=by, now=now, on=on)


@transaction.atomic
def refuse(*, waiver: Waiver, by: User, now: datetime) -> Waiver:
    """Say no to what somebody asked for."""
    _locked(waiver.account)
    waiver = _open(waiver, by)
    _decide(waiver, Waiver.Status.REFUSED, by, now)
    _note("waiver.refused", waiver, by)
    return waiver


@transaction.atomic
def take_back(*, waiver: Waiver, by: User, reason: str, now: datetime, on: date) -> Waiver:
    """The debt stands again. WaiverRefused when it was not written off, or is beyond `by`'s authority."""
    _locked(waiver.account)
    waiver.refresh_from_db()
    if waiver.status != Waiver.Status.DONE:
        raise WaiverRefused(
            zh="这笔减免未生效，无法撤回。", en="This was not written off, so there is nothing to take back."
        )
    if waiver.cents > limit(by, waiver.account.currency):
        raise WaiverRefused(zh="金额超出您的减免权限。", en="It is more than you may decide about alone.")
    execute(_BACK, {"waiver": waiver.pk, "account": waiver.account_id, "on": on})
    _decide(waiver, Waiver.Status.UNDONE, by, now)
    _follow(waiver, on)
    _note("waiver.taken_back", waiver, by, why=reason)
    return waiver


def _do(waiver: Waiver, *, by: User, now: datetime, on: date) -> Waiver:
    execute(_WRITE, {"account": waiver.account_id, "waiver": waiver.pk, "on": on, "parts": list(waiver.parts)})
    _decide(waiver, Waiver.Status.DONE, by, now)
    _follow(waiver, on)
    _note("waiver.done", waiver, by)
    return waiver


def _follow(waiver: Waiver, on: date) -> None:
    execute(_STATUS, [waiver.account_id])
    restate(accounts=[waiver.account_id], since=[(on - EPOCH).days])


def _decide(waiver: Waiver, status: Waiver.Status, by: User, now: datetime) -> None:
    waiver.status, waiver.decided_by, waiver.decided_at = status, by, now
    waiver.save(update_fields=["status", "decided_by", "decided_at"])


def _open(waiver: Waiver, by: User) -> Waiver:
    waiver.refresh_from_db()
    if waiver.status != Waiver.Status.ASKED:
        raise WaiverRefused(zh="这项申请已经处理过。", en="This was decided already.")
    if waiver.asked_by_id == by.pk:
        raise WaiverRefused(zh="不能审批自己的申请。", en="Nobody decides about what they asked for themselves.")
    return waiver


def _locked(account: Account) -> tuple[int, ...]:
    """What is owed by component, the account locked."""
    rows("select id from accounts_account where id = %s for no key update", [account.pk])
    found = rows(_OWED, [account.pk])
    return found[0] if found else (0, 0, 0, 0, 0)


def _shared(cents: int, owed: Sequence[int]) -> list[int]:
    parts = [0] * len(owed)
    for component in _LET_GO_FIRST:
        parts[component] = min(cents, owed[component])
        cents -= parts[component]
    return parts


def _note(verb: str, waiver: Waiver, by: User, **more: str) -> None:
    journal.write(
        verb, by=by, subject="account", subject_id=waiver.account_id, person_id=waiver.account.debtor_id,
        waiver=waiver.pk, cents=waiver.cents, currency=waiver.account.currency, reason=waiver.reason, **more,
    )  # fmt: skip
