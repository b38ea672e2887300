"""The walk of one plan: agreed on a call or by code, kept in peace, judged by every payment and every night.

    send_code(offer=…, contact_point=…)   the code that accepts it, to the borrower's own e-mail, if the gate agrees
    call_in_hand(case=…, by=…, now=…)     one's own call with the debtor, which proves that they accepted
    agree(offer=…, …)                     accepted: dues replaced, collection stops, lists and messages follow
    judge(today=…, now=…, persons=…)      kept, at risk, broken, completed; holds and ageing follow

While a plan is kept a hold on its account answers every contact (`plan_kept`); at risk the hold rests, so that help can
be offered; broken, the original dues are back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from django.db import transaction
from django.utils import timezone

from fairdue.accounts import services as ledger
from fairdue.accounts.columns import rows
from fairdue.accounts.models import Account
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Offer, Plan
from fairdue.agreements.services import AgreementRefused, Turned
from fairdue.cases import holds, reasons
from fairdue.cases.models import Case, Hold
from fairdue.contact import services as door
from fairdue.contact.models import Attempt
from fairdue.contact.services import Allowed, Refused
from fairdue.flows.contact import place_hold, write
from fairdue.flows.silence import drop_silent
from fairdue.hardship import services as hardship
from fairdue.law import codes
from fairdue.law.calc.limitation import Act
from fairdue.money.amount import money_text
from fairdue.money.days import day_said
from fairdue.people.models import ContactPoint, Person
from fairdue.staff.models import User

OPEN_CALL: Final = timedelta(hours=2)
"""A call without an outcome counts as still in hand for so long."""
JUST_RECORDED: Final = timedelta(minutes=10)
"""A conversation whose outcome was recorded first counts as still in hand for so long: theirs to us always is."""
_LOCK: Final = """
    select id from people_person where id in (select person_id from agreements_plan where status <> 'replaced')
    order by id for no key update
"""
_AGED: Final = "select account_id from accounts_ageing where account_id = any(%s) order by 1"


@dataclass(frozen=True, slots=True)
class Judged:
    """Plans that changed, by what they became."""

    turned: tuple[Turned, ...] = ()

    def count(self, status: Plan.Status) -> int:
        """How many became this."""
        return sum(turned.now == status for turned in self.turned)


def mail_of(case: Case) -> ContactPoint | None:
    """The debtor's own e-mail that may be written to."""
    own = ContactPoint.objects.filter(person_id=case.person_id, kind=ContactPoint.Kind.EMAIL)
    usable = own.exclude(status__in=[ContactPoint.Status.INVALID, ContactPoint.Status.WRONG])
    return usable.select_related("person").order_by("rank", "pk").first()


@transaction.atomic
def send_code(
    *, offer: Offer, contact_point: ContactPoint, by: User | None, now: datetime, key: str
) -> Allowed | Refused:
    """Send the borrower a new code for the offer; once it is on its way an earlier one is void. `by` None: they asked for
    it on their page.

    Raises AgreementRefused: the address is another person's, or the offer is off the table.
    """
    if contact_point.person_id != offer.case.person_id:
        raise AgreementRefused("address", zh="验证码只能发给本人。", en="The code goes to the debtor alone.")
    lang: Literal["zh", "en"] = "en" if contact_point.person.language.startswith("en") else "zh"
    code = agreements.new_code()
    values = {
        "code": code, "count": str(len(offer.dues)), "first_on": day_said(date.fromisoformat(offer.dues[0][0]), lang),
        "total": money_text(offer.total, offer.currency, lang), "last_on": day_said(offer.last_on, lang),
        "expires_on": day_said(offer.expires_on, lang),
    }  # fmt: skip
    answer = write(
        case=offer.case, contact_point=contact_point, template="plan_code", by=by, now=now, key=key, language=lang,
        values=values, purpose=None if by else codes.Purpose.ANSWER_QUERY,
    )  # fmt: skip
    if isinstance(answer, Allowed) and not answer.again:
        agreements.issue_code(offer=offer, by=by, code=code)
    return answer


def agree(
    *, offer: Offer, by: User | None, now: datetime, attempt: Attempt | None = None, code: str | None = None,
    signed: bool = False,
) -> Plan:  # fmt: skip
    """The borrower accepts: on a call (`attempt`, one that `call_in_hand` finds), by the offer's code, or `signed` on the own
    page, where the caller has had them show once more who they are. Safe to repeat.

    Raises AgreementRefused, as agreements.accept does, or when neither proves that they accepted.
    """
    how = (
        Plan.How.PAGE if signed else _proof(offer, attempt, code, by, now)
    )  # on its own: a wrong code counts although nothing else is written
    today = timezone.localdate(now)
    with transaction.atomic():
        door.lock(offer.case.person_id)
        if not Plan.objects.filter(offer=offer).exists():
            hardship.make_room(account=offer.account, on=today, by=by, now=now)
        plan, new = agreements.accept(
            offer=offer, how=how, by=by, now=now, attempt_id=attempt.pk if attempt and how == Plan.How.CALL else None
        )
        if new:
            why = reasons.kept("plan_replaced", plan.pk)
            holds.release(
                person_id=plan.person_id, account_id=plan.account_id, kind=Hold.Kind.PLAN, now=now, reason=why
            )
            _hold(plan.account, plan.pk, by, now)
            hardship.note_plan(
                account=plan.account, plan=plan.pk, starts_on=plan.starts_on, last_on=plan.last_on, by=by
            )
            kind = "promise_to_pay" if how == Plan.How.CALL else "signed_repayment_plan"
            ledger.restart_limitation(
                account=plan.account, act=Act(today, kind, new_due=offer.last_on), by=by, now=now, plan=plan.pk
            )
            ledger.age(as_of=today, accounts=[plan.account_id])
            judge(today=today, now=now, persons=[plan.person_id])
            drop_silent(persons=[plan.person_id], why="plan", now=now)
            plan.refresh_from_db()
    return plan


def call_in_hand(*, case: Case, by: User, now: datetime) -> Attempt | None:
    """One's own call with the debtor, theirs or ours: dialled and still without its outcome, or recorded a moment ago."""
    calls = (
        Attempt.objects.filter(
            person_id=case.person_id, addressee_id=case.person_id, creditor_id=case.creditor_id, by=by,
            channel=codes.Channel.CALL, result__in=[codes.Result.PENDING, codes.Result.CONVERSATION],
            happened_at__gt=now - OPEN_CALL, happened_at__lte=now,
        )
        .select_related("permit").prefetch_related("outcomes").order_by("-happened_at", "-pk")
    )  # fmt: skip
    return next((call for call in calls if _in_hand(call, now)), None)


def _in_hand(call: Attempt, now: datetime) -> bool:
    outcomes = sorted(call.outcomes.all(), key=lambda outcome: outcome.pk)
    if not outcomes:
        permit = getattr(call, "permit", None)
        return permit is None or permit.spent_at is not None
    return outcomes[-1].result == codes.Result.CONVERSATION and outcomes[0].at >= now - JUST_RECORDED


def _proof(offer: Offer, attempt: Attempt | None, code: str | None, by: User | None, now: datetime) -> Plan.How:
    if code is not None:
        if not agreements.check_code(offer=offer, code=code):
            raise AgreementRefused(
                "code", zh="验证码不正确或已失效。", en="The code is wrong or void; issue a new one."
            )
        return Plan.How.CODE
    spoken = call_in_hand(case=offer.case, by=by, now=now) if attempt and by else None
    if spoken is None or spoken != attempt:
        raise AgreementRefused(
            "no_call",
            zh="您当前没有与本人的通话。请在通话中确认，或由本人凭验证码或在本人页面上签字同意。",
            en="You have no call with them in hand. They agree on a call, by their code, or by signing on their own page.",
        )
    return Plan.How.CALL


@transaction.atomic
def judge(*, today: date, now: datetime, persons: Sequence[int] | None = None) -> Judged:
    """Judge plans (of some debtors, whom the caller has locked, or of all), and let holds and ageing follow."""
    if persons is None:
        rows(_LOCK)
    turned = agreements.judge_plans(today=today, now=now, persons=persons)
    if not turned:
        return Judged()
    for one in turned:
        _follow(one, now)
    # An account that no night has seen yet is aged by the next one.
    aged = [pk for (pk,) in rows(_AGED, [sorted({one.account for one in turned})])]
    if aged:
        ledger.age(as_of=today, accounts=aged)
    return Judged(tuple(turned))


def _follow(turned: Turned, now: datetime) -> None:
    if turned.now == Plan.Status.ACTIVE:
        _hold(Account.objects.select_related("debtor").get(pk=turned.account), turned.plan, None, now)
        return
    why = {
        Plan.Status.AT_RISK: reasons.kept("plan_late"),
        Plan.Status.BROKEN: reasons.kept("plan_broken"),
        Plan.Status.COMPLETED: reasons.kept("plan_completed"),
    }[Plan.Status(turned.now)]
    holds.release(person_id=turned.person, account_id=turned.account, kind=Hold.Kind.PLAN, now=now, reason=why)


def _hold(account: Account, plan: int, by: User | None, now: datetime) -> None:
    """No chasing while it is kept."""
    person: Person = account.debtor
    place_hold(
        person=person, kind=Hold.Kind.PLAN, reason=reasons.kept("plan_kept", plan), by=by, now=now, account=account,
    )  # fmt: skip
