"""Paying in parts: the borrower's month, what fits, a proposal of their own, the code that agrees it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fairdue.accounts.models import Account
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Offer, Plan
from fairdue.agreements.papers import discharged, paper_of
from fairdue.agreements.printing import printed
from fairdue.agreements.services import AgreementRefused
from fairdue.contact import services as door
from fairdue.contact.models import Link
from fairdue.contact.services import Allowed
from fairdue.flows import portal as flow
from fairdue.money.plans import Kind
from fairdue.portal import clock
from fairdue.portal import owed as reading
from fairdue.portal import plan as planning
from fairdue.portal.views import pages
from fairdue.portal.views.door import day, network, visited


@visited
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, link: Link) -> HttpResponse:
    """One account at a time: its plan, or the way to one."""
    accounts = list(reading.accounts_of(link.case).filter(status=Account.Status.OPEN))
    asked = request.POST.get("account") or request.GET.get("account", "")
    account = next((one for one in accounts if str(one.pk) == asked), None) or _usual(accounts)
    if asked and account is not None and str(account.pk) != asked:
        raise Http404
    found = Plan.objects.filter(case=link.case, status__in=(Plan.Status.COMPLETED, Plan.Status.BROKEN))
    ended = list(found.select_related("account").order_by("-turned_on", "-pk"))
    over = {
        "done": [one for one in ended if discharged(one)],
        "broken": [one for one in ended if one.status == Plan.Status.BROKEN],
    }
    if account is None:
        return pages.show(request, link, "plan", {"accounts": accounts, **over})
    error = ""
    if request.method == "POST":
        try:
            if said := _act(request, link, account):
                messages.success(request, said)
            response = redirect("portal:plan")
            response["Location"] += f"?account={account.pk}"
            return response
        except AgreementRefused as refused:
            error = pages.told(planning.plain(refused))
        except planning.UnclearError as unclear:
            error = pages.told(unclear)
    shown = planning.shown(link.case, account, given=request.POST if error else {}, now=clock.now())
    known = {"accounts": accounts, "one": shown, "error": error, "given": request.POST, **over}
    return pages.show(request, link, "plan", known, status=422 if error else 200)


def _usual(accounts: list[Account]) -> Account | None:
    """The account shown when none is asked for: one with an offer on the table, else with a plan, else the first."""
    for found in (Offer.objects.filter(status=Offer.Status.OPEN), Plan.objects.filter(status__in=Plan.LIVE)):
        known = set(found.filter(account__in=accounts).values_list("account_id", flat=True))
        if one := next((account for account in accounts if account.pk in known), None):
            return one
    return accounts[0] if accounts else None


@visited
@require_GET
def paper(request: HttpRequest, link: Link, plan: int) -> HttpResponse:
    """What was agreed, on paper; once nothing is owed any more, the letter that says so."""
    found = get_object_or_404(
        Plan.objects.select_related("case__creditor", "account", "person").filter(case=link.case), pk=plan
    )
    kind: Any = "discharge" if "done" in request.GET else "agreement"
    if kind == "discharge" and not discharged(found):
        raise Http404
    response = HttpResponse(printed(paper_of(found, kind), found), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="page-P{found.pk}.pdf"'
    return response


def _act(request: HttpRequest, link: Link, account: Account) -> str:
    """One of the small forms; what to say when it is done. Raises AgreementRefused, UnclearError."""
    act, now = request.POST.get("act", ""), clock.now()
    today = timezone.localdate(now)
    if act == "budget":
        fields = planning.budget_fields(request.POST, account.currency)
        agreements.take_budget(case=link.case, by=None, now=now, **fields)
        return ""
    if act in {"choose", "propose"}:
        budget = planning.budget_of(link.case)
        if budget is None:
            raise planning.UnclearError(zh="请先填写每月收支。", en="Fill in your month first.")
        if act == "propose":
            terms = planning.own_terms(request.POST, account, today)
            kind: Kind = "equal"
        else:
            best = planning.proposals(account, budget, today)
            n = request.POST.get("n", "")
            if n not in {str(k) for k in range(len(best))}:
                raise planning.UnclearError(zh="请重新选择方案。", en="Choose a plan again.")
            terms, kind = best[int(n)].terms, best[int(n)].kind
        made = flow.offer_plan(
            link=link, account=account, budget=budget, terms=terms, kind=kind, ours=act == "choose", now=now
        )
        return _("We have it. Somebody looks at it and answers here.") if made.reasons or made.needs else ""
    named = request.POST.get("offer", "")
    offer = Offer.objects.filter(
        account=account, status=Offer.Status.OPEN, pk=int(named) if named.isdecimal() else 0
    ).first()
    if offer is None:
        raise planning.UnclearError(zh="该方案已失效，请重新选择。", en="That plan is off the table; choose again.")
    if act == "code":
        answer = flow.plan_code(link=link, offer=offer, now=now)
        if answer is None:
            raise planning.UnclearError(
                zh="我们没有您的电子邮箱，请联系我们。", en="We have no e-mail address of yours; please get in touch."
            )
        if not isinstance(answer, Allowed):
            raise planning.UnclearError(
                zh="现在不能发送确认码。您可以在下方再次填写证件后四位或出生日期来确认。",
                en="We cannot send a code now; you can agree by showing once more who you are instead.",
            )
        return _("The code is on its way to your e-mail.")
    if act == "accept":
        who = door.Answer(tail=request.POST.get("tail", "").strip(), born_on=day(request.POST.get("born_on", "")))
        flow.agree_plan(
            link=link, offer=offer, code=request.POST.get("code", "").strip(), answer=who, address=network(request),
            now=now,
        )  # fmt: skip
        return _("Agreed. Nobody chases you while you keep it.")
    if act == "decline":
        agreements.decline(offer=offer, by=None, now=now, why="declined on the own page")
        return _("Taken off. You may choose again.")
    raise Http404
