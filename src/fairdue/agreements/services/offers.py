"""Terms on the table: ours and theirs, all of them kept; beyond one's authority somebody else's word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from fairdue.accounts.columns import rows
from fairdue.accounts.models import Account
from fairdue.agreements.models import Approval, Budget, Offer, Plan
from fairdue.agreements.services.refusing import AgreementRefused
from fairdue.agreements.services.terms import limits_of, owed_of, replans, spare_of, terms_json
from fairdue.cases.models import Case
from fairdue.journal import services as journal
from fairdue.money.amount import parse_amount
from fairdue.money.plans import Kind, Owed, PlanError, Proposal, Terms, assess
from fairdue.money.policy import plan_policy
from fairdue.staff import policies
from fairdue.staff.models import Authority, User

_LIMIT_OF: Final = {"plan": Authority.Kind.PLAN, "settle": Authority.Kind.SETTLE, "waive": Authority.Kind.WAIVE}


@transaction.atomic
def offer(
    *,
    case: Case,
    account: Account,
    budget: Budget,
    terms: Terms,
    kind: Kind,
    discount: int,
    by: User | None,
    now: datetime,
    side: Offer.Side = Offer.Side.OURS,
) -> Offer:
    """Put terms on the table; an open offer on the same account is replaced, the same one said twice stays one.

    Worked out anew from what is owed now. Raises AgreementRefused where the terms make no schedule, are those of the
    plan in force, or an offer of ours is not allowed; a counter-offer that is not allowed is kept with the reasons.
    """
    if (account.debtor_id, account.creditor_id) != (case.person_id, case.creditor_id) or budget.case_id != case.pk:
        raise AgreementRefused("account", zh="该账户不属于本案。", en="The account belongs to another case.")
    rows("select id from accounts_account where id = %s for no key update", [account.pk])
    owed = owed_of(account)
    made = assessed(account, budget, owed, terms, kind, discount)
    if side == Offer.Side.OURS and not made.allowed:
        first = made.reasons[0]
        raise AgreementRefused("not_allowed", zh=f"此方案不可行：{first.says['zh']}。", en=f"Not allowed: {first.says['en']}.")  # fmt: skip
    on = timezone.localdate(now)
    new = Offer(
        case=case, account=account, budget=budget, side=side, kind=kind, currency=account.currency,
        terms=terms_json(terms), dues=[[i.due_on.isoformat(), i.cents, i.principal, i.interest, i.fees] for i in made.instalments],
        total=made.total, discount=discount, monthly=made.monthly, burden=made.burden_percent, expected=made.expected,
        last_on=made.last_on, needs=needs_of(made, account, by, on=on), made_by=by, made_at=now,
        reasons=[{"code": r.code, "says": dict(r.says), "cites": dict(r.cites)} for r in made.reasons],
        expires_on=on + timedelta(days=plan_policy().offers.valid_days),
    )  # fmt: skip
    _refuse_in_force(new)
    open_one = Offer.objects.filter(account=account, status=Offer.Status.OPEN).first()
    if open_one and _same(open_one, new):
        return open_one
    Offer.objects.filter(account=account, status=Offer.Status.OPEN).update(status=Offer.Status.REPLACED)
    new.save()
    journal.write(
        "offer.made" if side == Offer.Side.OURS else "offer.countered", by=by, subject="case", subject_id=case.pk,
        person_id=case.person_id, offer=new.pk, account=account.pk, kind=kind, total=new.total, discount=discount,
        last_on=new.last_on, needs=new.needs, replaces=open_one.pk if open_one else None,
    )  # fmt: skip
    return new


def assessed(account: Account, budget: Budget, owed: Owed, terms: Terms, kind: Kind, discount: int) -> Proposal:
    """The plan with all that follows from it, under the limits of the account. Raises AgreementRefused."""
    if not 0 <= discount < max(owed.total, 1):
        raise AgreementRefused("discount", zh="减免须小于欠款。", en="What is let go must be less than what is owed.")
    latest = terms.made_on + timedelta(days=plan_policy().offers.first_within_days)
    if terms.first_on > latest:
        raise AgreementRefused(
            "first_on", zh=f"首期最晚为 {latest}。", en=f"The first instalment is due on {latest} at the latest."
        )
    try:
        return assess(
            owed, terms, free=spare_of(budget, account), limits=limits_of(account, budget),
            recovery=plan_policy().recovery, kind=kind, discount=discount,
        )  # fmt: skip
    except PlanError as error:
        raise AgreementRefused(error.field, zh=error.zh, en=error.en) from error


def needs_of(made: Proposal, account: Account, by: User | None, *, on: date) -> list[str]:
    """What goes beyond `by`'s authority: plan, settle, waive, or a re-plan too many."""
    asks = _asks(made.kind, made.total, made.discount)
    needs = [what for what, cents in asks.items() if cents > limit(by, what, account.currency)]
    many = replans(account, on=on) >= plan_policy().life.replans_most
    return needs + ["replan"] * (many and not policies.may(by, "approve"))


@dataclass(frozen=True, slots=True)
class Beyond:
    """What of an offer goes beyond the authority of who made it. what: plan, settle, waive: minor units asked, and the
    limit now; replan: plans of the account that failed, and how many are too many."""

    what: str
    asked: int
    limit: int


def beyond(offer: Offer) -> list[Beyond]:
    """Why the offer needs somebody else's word, one for each of its needs."""
    asks = _asks(offer.kind, offer.total, offer.discount)
    found = [
        Beyond(what, asks[what], limit(offer.made_by, what, offer.currency)) for what in offer.needs if what in asks
    ]
    if "replan" in offer.needs:
        failed = replans(offer.account, on=timezone.localdate(offer.made_at))
        found.append(Beyond("replan", failed, plan_policy().life.replans_most))
    return found


def limit(by: User | None, what: str, currency: str) -> int:
    """How far somebody may go on their own, in minor units. None: the borrower on the own page, as the policy says."""
    if by is None and what == "plan":
        most = parse_amount(plan_policy().offers.own_page_most, currency)
        return most if isinstance(most, int) else 0
    held = Authority.objects.filter(user=by, kind=_LIMIT_OF[what], currency=currency).first() if by else None
    return held.limit_cents if held else 0


def _asks(kind: str, total: int, discount: int) -> dict[str, int]:
    """Minor units by the kind of authority they need."""
    let_go = {"settle" if kind == Offer.Kind.SETTLEMENT else "waive": discount} if discount else {}
    return {"plan": total} | let_go


def _refuse_in_force(new: Offer) -> None:
    """What asks the same on the same days as the rest of the account's live plan changes nothing."""
    live = Plan.objects.filter(account=new.account, status__in=Plan.LIVE).first()
    if live is None or live.discount != new.discount:
        return
    rest = [(i.due_on.isoformat(), i.cents - i.paid) for i in live.instalments.order_by("n") if i.paid < i.cents]
    if rest == [(row[0], row[1]) for row in new.dues]:
        raise AgreementRefused(
            "in_force",
            zh=f"还款计划 {live.pk} 已按相同条款生效，无需另订。",
            en=f"Plan {live.pk} is already in force with these very terms.",
        )


def _same(one: Offer, other: Offer) -> bool:
    said = ("side", "kind", "terms", "dues", "total", "discount", "budget_id", "made_by_id", "needs")
    return all(getattr(one, name) == getattr(other, name) for name in said)


@transaction.atomic
def decline(*, offer: Offer, by: User | None, now: datetime, why: str) -> bool:
    """They said no (or we take it back); False when it was not on the table any more."""
    if not Offer.objects.filter(pk=offer.pk, status=Offer.Status.OPEN).update(status=Offer.Status.DECLINED):
        return False
    journal.write("offer.declined", by=by, subject="case", subject_id=offer.case_id, person_id=offer.case.person_id,
                  offer=offer.pk, why=why)  # fmt: skip
    return True


@transaction.atomic
def ask(*, offer: Offer, by: User, now: datetime, why: str) -> Approval:
    """Ask for approval, once for an offer. Raises AgreementRefused when there is nothing to ask."""
    found = _locked(offer)
    if known := Approval.objects.filter(offer=found).first():
        return known
    if found.status != Offer.Status.OPEN or not found.needs or found.reasons:
        raise AgreementRefused(
            "nothing_to_ask",
            zh="此方案无需审批，或已不在洽谈中。",
            en="This offer needs no approval, or is off the table.",
        )
    asked = Approval.objects.create(offer=found, why=why.strip()[:300], asked_by=by, asked_at=now)
    journal.write("approval.asked", by=by, subject="case", subject_id=found.case_id, person_id=found.case.person_id,
                  offer=found.pk, needs=found.needs)  # fmt: skip
    return asked


@transaction.atomic
def decide(*, approval: Approval, by: User, now: datetime, give: bool, words: str = "") -> Approval:
    """Approve or refuse with one word; decided before, it stays as it was.

    Raises AgreementRefused: by who asked (four eyes), by somebody without enough authority, or an offer off the table.
    """
    offer = _locked(approval.offer)
    found = Approval.objects.select_for_update(no_key=True).get(pk=approval.pk)
    if found.answer != Approval.Answer.WAITING:
        return found
    if by.pk in {found.asked_by_id, offer.made_by_id}:
        raise AgreementRefused(
            "four_eyes",
            zh="不能审批自己提交的方案，请由另一人审批。",
            en="Nobody approves their own offer; another person must.",
        )
    if not policies.may(by, "approve"):
        raise AgreementRefused("not_entitled", zh="您没有审批权限。", en="You may not approve.")
    if give and (short := _short_of(offer, by)):
        raise AgreementRefused(
            "authority",
            zh=f"超出您的权限（{'、'.join(short)}），请交给权限更高的人。",
            en=f"Beyond your own authority ({', '.join(short)}); hand it to somebody with more.",
        )
    if give and offer.status != Offer.Status.OPEN:
        raise AgreementRefused("off_the_table", zh="该方案已不在洽谈中。", en="The offer is off the table.")
    answer = Approval.Answer.GIVEN if give else Approval.Answer.REFUSED
    Approval.objects.filter(pk=found.pk).update(answer=answer, decided_by=by, decided_at=now, words=words.strip()[:300])
    journal.write("approval.given" if give else "approval.refused", by=by, subject="case", subject_id=offer.case_id,
                  person_id=offer.case.person_id, offer=offer.pk, asked_by=found.asked_by_id)  # fmt: skip
    found.refresh_from_db()
    return found


def _short_of(offer: Offer, by: User) -> Sequence[str]:
    asks = _asks(offer.kind, offer.total, offer.discount)
    return [what for what in offer.needs if what in asks and asks[what] > limit(by, what, offer.currency)]


def reaches(offer: Offer, by: User) -> bool:
    """Whether `by`'s authority is enough for the offer."""
    return not _short_of(offer, by)


def _locked(offer: Offer) -> Offer:
    return Offer.objects.select_for_update(no_key=True, of=("self",)).select_related("case").get(pk=offer.pk)
