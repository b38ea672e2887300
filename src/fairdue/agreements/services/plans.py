"""A plan from its first day to its last: accepted, judged by real money, broken, completed, replaced.

`flows.plans` calls these and does what follows from them: holds, ageing, lists.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from secrets import randbelow
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from fairdue.accounts import services as ledger
from fairdue.accounts.columns import EPOCH, Column, handed_over, read, rows
from fairdue.accounts.models import ChargeStop
from fairdue.agreements.models import Approval, Budget, Instalment, Offer, Plan, Promise
from fairdue.agreements.services.promises import withdraw
from fairdue.agreements.services.refusing import AgreementRefused
from fairdue.agreements.services.terms import owed_of, spare_of
from fairdue.journal import services as journal
from fairdue.money import plan_life
from fairdue.money.amount import money_text
from fairdue.money.days import NO_DAY
from fairdue.money.policy import plan_policy
from fairdue.people import sealing
from fairdue.staff.models import User

DAYS_LOOKED_BACK: Final = 120
"""A plan that ended longer ago stays as it was judged, unless its person is named."""
TRIES_MOST: Final = 5
STOP: Final = "payment plan"
"""By this reason charges are stopped while a plan is kept."""

_STATES: Final = (Plan.Status.ACTIVE, Plan.Status.AT_RISK, Plan.Status.BROKEN, Plan.Status.COMPLETED)

_PLANS: Final = """
    select l.id, l.account_id, l.person_id,
        array_position(array['active', 'at_risk', 'broken', 'completed'], l.status::text) - 1, l.paid, l.late,
        coalesce(l.late_since - date '1970-01-01', %(no_day)s)
    from agreements_plan l where l.status <> 'replaced' and {which}
        and not exists (select from agreements_plan n where n.account_id = l.account_id and n.id > l.id)
    order by l.id
"""
_DUES: Final = """
    select i.plan_id, i.due_on - date '1970-01-01', i.cents, i.id, i.paid from agreements_instalment i
    where i.plan_id = any(%(plans)s) order by i.plan_id, i.n
"""
# What ageing counts as paid, less what was paid when the plan began, less what the plan itself let go. What came before the
# plan stands on its eve: on its own day it could seem to fulfil a plan that did not exist yet.
_RECEIPTS: Final = """
    with asked as (select id, account_id, let_go, starts_on - 1 as eve from agreements_plan where id = any(%(plans)s))
    select l.id, greatest(m.happened_on, l.eve) - date '1970-01-01', case m.kind when 'payment' then m.cents else -m.cents end
    from asked l join accounts_payment m on m.account_id = l.account_id
    union all
    select l.id, greatest(t.happened_on, l.eve) - date '1970-01-01', case when t.target in (22, 24) then t.cents else -t.cents end
    from asked l join accounts_transfer t on t.account_id = l.account_id
        and (t.source in (22, 24) or t.target in (22, 24))
    where t.id <> all(l.let_go) and coalesce(t.reverses_id, 0) <> all(l.let_go)
    union all
    select s.plan, s.starts_on - 1 - date '1970-01-01', -s.base from accounts_schedule s
    where s.plan = any(%(plans)s) and s.replaced_at is null
"""
_WRITE: Final = """
    update agreements_plan l set paid = n.paid, late = n.late,
        late_since = case when n.since = %(no_day)s then null else date '1970-01-01' + n.since::int end,
        turned_on = case when n.turned = %(no_day)s then null else date '1970-01-01' + n.turned::int end,
        status = (array['active', 'at_risk', 'broken', 'completed'])[n.state + 1]
    from {n} where l.id = n.id
"""
_WRITE_PAID: Final = "update agreements_instalment i set paid = n.paid from {n} where i.id = n.id"


@dataclass(frozen=True, slots=True)
class Turned:
    """A plan whose state changed: what it was and is."""

    plan: int
    account: int
    person: int
    was: str
    now: str


def new_code() -> str:
    """Six digits by chance; they accept an offer once `issue_code` has kept them."""
    return f"{randbelow(10**6):06d}"


@transaction.atomic
def issue_code(*, offer: Offer, by: User | None, code: str = "") -> str:
    """The code (left out: a new one) accepts this offer from now on; an earlier one is void. It is kept as a keyed hash."""
    code = code or new_code()
    on_the_table = Offer.objects.filter(pk=offer.pk, status=Offer.Status.OPEN)
    if not on_the_table.update(code=_hash(offer, code), tries=0):
        raise _off_the_table()
    journal.write("offer.code_issued", by=by, subject="case", subject_id=offer.case_id, person_id=offer.case.person_id,
                  offer=offer.pk)  # fmt: skip
    return code


@transaction.atomic
def check_code(*, offer: Offer, code: str) -> bool:
    """Whether the code is the offer's; every wrong one counts, after five the code is void. Commits the count."""
    held = Offer.objects.select_for_update(no_key=True).get(pk=offer.pk)
    if held.code is None or held.tries >= TRIES_MOST:
        return False
    if bytes(held.code) == _hash(offer, code.strip()):
        return True
    Offer.objects.filter(pk=offer.pk).update(tries=held.tries + 1)
    return False


def _hash(offer: Offer, code: str) -> bytes:
    return sealing.search_hash("plan code", f"{offer.pk}:{code}")


@transaction.atomic
def accept(
    *, offer: Offer, how: Plan.How, by: User | None, now: datetime, attempt_id: int | None = None
) -> tuple[Plan, bool]:
    """The offer becomes a plan, once; (the plan, whether it is new).

    Raises AgreementRefused: off the table, expired, not allowed, not approved, or the debt changed since it was made.
    A live plan of the account is replaced; open promises about the same money are withdrawn.
    """
    rows("select id from accounts_account where id = %s for no key update", [offer.account_id])
    held = Offer.objects.select_for_update(no_key=True, of=("self",)).select_related("case", "account").get(pk=offer.pk)
    if known := Plan.objects.filter(offer=held).first():
        return known, False
    on = timezone.localdate(now)
    _refuse_bad(held, on)
    _replace(held, on, now)
    plan = Plan.objects.create(
        offer=held, case=held.case, account=held.account, person_id=held.case.person_id, kind=held.kind,
        currency=held.currency, total=held.total, discount=held.discount, starts_on=on, last_on=held.last_on, how=how,
        parts=astuple(owed_of(held.account)), attempt_id=attempt_id, accepted_with=by, learned_at=now,
    )  # fmt: skip
    Instalment.objects.bulk_create(
        Instalment(plan=plan, n=n, due_on=due_on, cents=cents, principal=principal, interest=interest, fees=fees)
        for n, (due_on, cents, principal, interest, fees) in enumerate(held.dues, 1)
    )
    ledger.agree(
        account=held.account, plan=plan.pk, dues=[(date.fromisoformat(row[0]), row[1]) for row in held.dues], on=on,
        now=now,
    )  # fmt: skip
    _stop_charges(plan, on)
    Offer.objects.filter(pk=held.pk).update(status=Offer.Status.ACCEPTED)
    about = Q(account=held.account) | Q(account=None)
    for promise in Promise.objects.filter(about, case=held.case, status=Promise.Status.OPEN):
        withdraw(promise=promise, by=by, reason=f"plan {plan.pk}")
    journal.write(
        "plan.agreed", by=by, subject="case", subject_id=held.case_id, person_id=plan.person_id, plan=plan.pk,
        offer=held.pk, account=held.account_id, total=plan.total, discount=plan.discount, last_on=plan.last_on, how=how,
        attempt=attempt_id,
    )  # fmt: skip
    return plan, True


def _stop_charges(plan: Plan, on: date) -> None:
    """Nothing is charged while the plan is kept: a plan that replaces another goes on with the stop of that one."""
    if not ChargeStop.objects.filter(account=plan.account, reason=STOP, ends_on=None).exists():
        ledger.stop_charges(account=plan.account, starts_on=on, reason=STOP)


def _charge_again(plan: Plan, on: date) -> None:
    """From `on` the contract charges again."""
    for stop in ChargeStop.objects.filter(account=plan.account, reason=STOP, ends_on=None):
        ledger.end_stop(stop=stop, ends_on=max(on - timedelta(days=1), stop.starts_on))


def _refuse_bad(offer: Offer, on: date) -> None:
    if offer.status != Offer.Status.OPEN:
        raise _off_the_table()
    if offer.expires_on < on:
        raise AgreementRefused(
            "expired", zh="该方案已过有效期，请重新测算。", en="The offer has expired; make it anew."
        )
    if offer.reasons:
        says = offer.reasons[0]["says"]
        raise AgreementRefused("not_allowed", zh=f"此方案不可行：{says['zh']}。", en=f"Not allowed: {says['en']}.")
    if offer.needs and not Approval.objects.filter(offer=offer, answer=Approval.Answer.GIVEN).exists():
        raise AgreementRefused(
            "not_approved", zh="此方案需先获审批。", en="The offer needs approval first; ask your lead."
        )
    budget = Budget.objects.filter(case=offer.case).order_by("-taken_at", "-pk")[0]
    spare, most = spare_of(budget, offer.account), plan_policy().offers.most_share_percent
    if offer.monthly * 100 > spare * most:
        now = money_text(spare, offer.currency, "zh"), money_text(spare, offer.currency, "en")
        raise AgreementRefused(
            "no_room",
            zh=f"方案提出后可支配余额已变为每月 {now[0]}（例如另一账户已达成计划），本方案最多占其 {most}%。请重新测算。",
            en=f"Since the offer was made what is left over a month became {now[1]}, as after a plan on another account; "
            f"this one may ask {most} % of it at most. Make it anew.",
        )
    if owed_of(offer.account).total != offer.total + offer.discount or date.fromisoformat(offer.dues[0][0]) < on:
        raise AgreementRefused(
            "debt_changed",
            zh="方案提出后欠款或日期已变动，请重新测算。",
            en="What is owed, or the day, changed since the offer was made; make it anew.",
        )


def _off_the_table() -> AgreementRefused:
    return AgreementRefused("off_the_table", zh="该方案已不在洽谈中。", en="The offer is off the table.")


def _replace(offer: Offer, on: date, now: datetime) -> None:
    """The account's live plan makes room for the new one."""
    old = Plan.objects.filter(account=offer.account, status__in=Plan.LIVE).first()
    if old is None:
        return
    Plan.objects.filter(pk=old.pk).update(status=Plan.Status.REPLACED, turned_on=on)
    ledger.end(plan=old.pk, on=on, now=now)
    journal.write("plan.replaced", subject="case", subject_id=offer.case_id, person_id=old.person_id, plan=old.pk,
                  by_offer=offer.pk)  # fmt: skip


@transaction.atomic(savepoint=False)
def judge_plans(*, today: date, now: datetime, persons: Sequence[int] | None = None) -> list[Turned]:
    """Judge the plans that money or time can still change, of everybody or of the debtors `persons` (ids).

    Nothing is late for the sake of `today`, which is not over; its money counts.

    Broken: the original dues come back on that day. Completed: what is left is let go. Both are undone when something
    learned late says otherwise. Gives the plans whose state changed; the caller has locked the persons.
    """
    known: dict[str, Any] = {
        "no_day": NO_DAY,
        "persons": list(persons or ()),
        "from": today - timedelta(DAYS_LOOKED_BACK),
    }
    some = "l.person_id = any(%(persons)s)"
    which = some if persons is not None else "(l.status in ('active', 'at_risk') or l.turned_on >= %(from)s)"
    few = persons is not None and len(persons) <= 100
    ids, account, person, state, paid, late, since = read(
        _PLANS.format(which=which), "i8 i8 i8 i2 i8 i8 i4", known, few=few
    )
    if not len(ids):
        return []
    lived, due_ids, due_paid_before = _lived(ids, today, few=few)
    moved = (lived.state != state) | (lived.paid != paid) | (lived.late != late) | (lived.late_since != since)
    _write(ids, lived, moved, due_ids, due_paid_before)
    turned = [
        Turned(int(ids[n]), int(account[n]), int(person[n]), str(_STATES[state[n]]), str(_STATES[lived.state[n]]))
        for n in np.flatnonzero(lived.state != state)
    ]
    for one in turned:
        _turn(one, today, now)
    if turned:
        journal.write("plans.judged", today=today, plans=[[t.plan, t.was, t.now] for t in turned][:1_000])
    return turned


def kept_when_broken(plans: Sequence[Plan]) -> dict[int, int]:
    """How many instalments of each broken plan (by id) were paid in full by the day it broke. Two queries."""
    broken_on = {plan.pk: (plan.turned_on - EPOCH).days for plan in plans if plan.turned_on is not None}
    if not broken_on:
        return {}
    known = {"plans": list(broken_on)}
    of_due, _due_on, cents, _ids, _paid = read(_DUES, "i8 i4 i8 i8 i8", known, few=True)
    of_receipt, happened_on, came = read(_RECEIPTS, "i8 i4 i8", known, few=True)
    kept = {}
    for plan, day in broken_on.items():
        money = came[(of_receipt == plan) & (happened_on <= day)].sum()
        kept[plan] = int((np.cumsum(cents[of_due == plan]) <= money).sum())
    return kept


def _lived(ids: Column, today: date, *, few: bool) -> tuple[plan_life.Lived, Column, Column]:
    """What became of the plans, and the ids and paid parts of their instalments as they stand written."""
    known = {"plans": ids.tolist()}
    of_due, due_on, cents, due_ids, before = read(_DUES, "i8 i4 i8 i8 i8", known, few=few)
    of_receipt, happened_on, came = read(_RECEIPTS, "i8 i4 i8", known, few=few)
    life = plan_policy().life
    lived = plan_life.judge(
        plan_life.Dues(np.searchsorted(ids, of_due), due_on, cents),
        plan_life.Receipts(np.searchsorted(ids, of_receipt), happened_on, came),
        plans=len(ids),
        as_of=(today - EPOCH).days - 1,
        money_upto=(today - EPOCH).days,
        bank_days=life.bank_days,
        cure_days=life.cure_days,
    )
    return lived, due_ids, before


def _write(ids: Column, lived: plan_life.Lived, moved: Column, due_ids: Column, before: Column) -> None:
    if moved.any():
        columns = {
            "id": ids[moved], "paid": lived.paid[moved], "late": lived.late[moved],
            "since": lived.late_since[moved].astype(np.int64), "turned": lived.turned_on[moved].astype(np.int64),
            "state": lived.state[moved].astype(np.int64),
        }  # fmt: skip
        with handed_over("n", columns) as n:
            n.execute(_WRITE, {"no_day": NO_DAY})
    filled = lived.due_paid != before
    if filled.any():
        with handed_over("n", {"id": due_ids[filled], "paid": lived.due_paid[filled]}) as n:
            n.execute(_WRITE_PAID)


def _turn(turned: Turned, today: date, now: datetime) -> None:
    """The ledger follows a change of state."""
    plan = Plan.objects.select_related("account").get(pk=turned.plan)
    if turned.was == Plan.Status.BROKEN:
        ledger.resume(plan=plan.pk, now=now)
        for stop in ChargeStop.objects.filter(account=plan.account, reason=STOP).order_by("-pk")[:1]:
            ledger.stop_charges(account=plan.account, starts_on=stop.ends_on or plan.starts_on, reason=STOP)
    elif turned.was == Plan.Status.COMPLETED and plan.let_go:
        ledger.stand_again(account=plan.account, transfers=plan.let_go, on=today)
        Plan.objects.filter(pk=plan.pk).update(let_go=[])
    if turned.now == Plan.Status.BROKEN:
        assert plan.turned_on is not None, "a broken plan knows its day"
        ledger.end(plan=plan.pk, on=plan.turned_on, now=now)
        _charge_again(plan, plan.turned_on)
    elif turned.now == Plan.Status.COMPLETED and plan.discount:
        gone, transfers = ledger.let_go(account=plan.account, most=plan.discount, on=today)
        Plan.objects.filter(pk=plan.pk).update(let_go=transfers)
        journal.write("debt.let_go", subject="account", subject_id=plan.account_id, person_id=plan.person_id,
                      plan=plan.pk, cents=gone)  # fmt: skip
