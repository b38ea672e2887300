"""Plans: negotiated inside the case, watched on the plan desk, approved in the inbox."""

from dataclasses import replace
from typing import Any, Literal, cast
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairdue.accounts.models import Account
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Approval, Budget, Offer, Plan
from fairdue.agreements.papers import discharged, paper_of
from fairdue.agreements.printing import printed
from fairdue.agreements.services import AgreementRefused
from fairdue.cases import worklist
from fairdue.cases.models import Case
from fairdue.cases.queries import visible_to
from fairdue.contact.models import Attempt, Outcome
from fairdue.contact.services import Allowed, OutcomeError
from fairdue.desk import clock
from fairdue.desk.pages import approvals as inbox
from fairdue.desk.pages import plan as pages
from fairdue.desk.pages import plan_desk, reach
from fairdue.desk.pages.plan import FieldError
from fairdue.desk.views.acts import today_item
from fairdue.desk.views.case import own_case, told
from fairdue.flows import contact as flow
from fairdue.flows import plans as plan_flow
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 50


@grant("agree")
@never_cache
def panel(request: HttpRequest, case_id: int) -> HttpResponse:
    """The negotiation of one account of the case. Posted when another account is chosen: what was typed stays, unsaved."""
    case = own_case(request, case_id)
    return _panel(request, case, request.POST or request.GET)


@grant("agree")
@require_POST
def budget(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep the budget, once everything typed can be read; the proposals follow."""
    case = own_case(request, case_id)
    error = ""
    account, _accounts = _account(case, request.POST)
    typed = pages.Typed(request.POST)
    fields = pages.budget_fields(typed, case.creditor.currency)
    if account is not None:
        pages.said_of(typed, account, clock.today())
    if not typed.faults:
        try:
            agreements.take_budget(case=case, by=cast(User, request.user), now=clock.now(), **fields)
        except AgreementRefused as refused:
            error = told(refused)
    return _panel(request, case, request.POST, error=error)


@grant("agree")
@require_POST
@never_cache
def work_out(request: HttpRequest, case_id: int) -> HttpResponse:
    """Amount, number or day moved: the rest follows."""
    case = own_case(request, case_id)
    account, _accounts = _account(case, request.POST)
    taken = _budget(case)
    if account is None or taken is None:
        raise Http404
    return _deal(request, case, account, taken, moved=request.headers.get("HX-Trigger-Name", ""))


def _deal(
    request: HttpRequest, case: Case, account: Account, taken: Budget, *, moved: str = "", error: str = ""
) -> HttpResponse:
    deal = pages.deal_of(
        case=case, account=account, budget=taken, data=request.POST, user=cast(User, request.user), now=clock.now(),
        moved=moved,
    )  # fmt: skip
    deal = replace(deal, error=deal.error or error)
    shown = {"deal": deal, "case": case, "account": account, "rhythms": pages.RHYTHMS, "today": clock.today()}
    return render(request, "desk/plan/deal.html", shown, status=422 if deal.error else 200)


@grant("agree")
@require_POST
def offer(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put the terms on the table: ours, or theirs."""
    case = own_case(request, case_id)
    account, _accounts = _account(case, request.POST)
    taken = _budget(case)
    if account is None or taken is None:
        raise Http404
    theirs = request.POST.get("side") == Offer.Side.THEIRS
    try:
        terms, kind, discount = pages.terms_from(pages.deal_fields(request.POST), account, clock.today())
        agreements.offer(
            case=case, account=account, budget=taken, terms=terms, kind=kind, discount=discount,
            by=cast(User, request.user), now=clock.now(), side=Offer.Side.THEIRS if theirs else Offer.Side.OURS,
        )  # fmt: skip
    except (FieldError, AgreementRefused) as refused:
        answer = _deal(request, case, account, taken, error=told(refused))
        answer["HX-Retarget"] = "#deal"  # what was typed stays where it was typed
        return answer
    return _panel(request, case, request.POST)


@grant("agree")
@require_POST
def ask(request: HttpRequest, case_id: int, offer_id: int) -> HttpResponse:
    """Ask somebody with more authority."""
    case, held = _offer(request, case_id, offer_id)
    error = ""
    try:
        agreements.ask(offer=held, by=cast(User, request.user), now=clock.now(), why=request.POST.get("why", ""))
    except AgreementRefused as refused:
        error = told(refused)
    return _panel(request, case, request.POST, error=error)


@grant("agree")
@never_cache
def table(request: HttpRequest, case_id: int, offer_id: int) -> HttpResponse:
    """What is on the table now, asked for every few seconds: nothing new (204) while an offer waits for its word."""
    case, held = _offer(request, case_id, offer_id)
    waits = Approval.objects.filter(offer=held, answer=Approval.Answer.WAITING)
    if held.status == Offer.Status.OPEN and waits.exists():
        return HttpResponse(status=204)
    shown = pages.panel_of(
        case=case,
        account=held.account,
        accounts=[held.account],
        data={},
        user=cast(User, request.user),
        now=clock.now(),
    )
    if shown.table is None:
        return HttpResponse()
    return render(request, "desk/plan/table.html", {"panel": shown, "case": case, "offered": shown.table})


@grant("agree")
@require_POST
def decline(request: HttpRequest, case_id: int, offer_id: int) -> HttpResponse:
    """They said no to ours, or we to theirs."""
    case, held = _offer(request, case_id, offer_id)
    agreements.decline(
        offer=held, by=cast(User, request.user), now=clock.now(), why=request.POST.get("why", "")[:300] or "declined"
    )
    return _panel(request, case, request.POST)


@grant("agree")
@require_POST
def code(request: HttpRequest, case_id: int, offer_id: int) -> HttpResponse:
    """Send the borrower the code that accepts the offer, if the gate agrees."""
    case, held = _offer(request, case_id, offer_id)
    error, point = "", plan_flow.mail_of(case)
    if point is None:
        raise Http404
    try:
        answer = plan_flow.send_code(
            offer=held, contact_point=point, by=cast(User, request.user), now=clock.now(), key=f"plan:{uuid4().hex}"
        )
        error = "" if isinstance(answer, Allowed) else reach.said(answer.headline)
    except AgreementRefused as refused:
        error = told(refused)
    sent = "" if error else _("The code is on its way to %(address)s.") % {"address": point.masked}
    return _panel(request, case, request.POST, error=error, sent=sent)


@grant("agree")
@require_POST
def accept(request: HttpRequest, case_id: int, offer_id: int) -> HttpResponse:
    """They agree, on the call or with their code; the call's outcome is recorded with it, and the page shows the plan
    of this account."""
    case, held = _offer(request, case_id, offer_id)
    user, now = cast(User, request.user), clock.now()
    code = request.POST.get("code", "").strip() or None
    call = plan_flow.call_in_hand(case=case, by=user, now=now)
    try:
        plan_flow.agree(offer=held, by=user, now=now, attempt=call, code=code)
    except AgreementRefused as refused:
        return _panel(request, case, request.POST, error=told(refused))
    _end_call(case, call, user)
    messages.success(request, _("The plan is agreed. Nobody chases while it is kept."))
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = f"{reverse('desk:case', args=[case.pk])}?plan=1&account={held.account_id}"
    return answer


def _end_call(case: Case, call: Attempt | None, user: User) -> None:
    """The call in hand ends with this outcome, unless it has one already."""
    if call is None or call.outcomes.exists():
        return
    try:
        flow.record(attempt=call, kind=Outcome.Kind.PLAN, by=user, now=clock.now(), item=today_item(case, user))
    except (OutcomeError, worklist.NotYours):
        return


def _panel(request: HttpRequest, case: Case, data: Any, *, error: str = "", sent: str = "") -> HttpResponse:
    account, accounts = _account(case, data)
    if account is None:
        return render(request, "desk/plan/none.html", {"case": case})
    shown = pages.panel_of(
        case=case, account=account, accounts=accounts, data=data, user=cast(User, request.user), now=clock.now()
    )
    context = {"panel": shown, "case": case, "account": account, "error": error, "sent": sent, "rhythms": pages.RHYTHMS}
    return render(request, "desk/plan/panel.html", context, status=422 if error or shown.faults else 200)


def _account(case: Case, data: Any) -> tuple[Account | None, list[Account]]:
    accounts = pages.accounts_of(case)
    chosen = str(data.get("account", ""))
    return next((a for a in accounts if str(a.pk) == chosen), accounts[0] if accounts else None), accounts


def _budget(case: Case) -> Budget | None:
    return Budget.objects.filter(case=case).order_by("-taken_at", "-pk").first()


def _offer(request: HttpRequest, case_id: int, offer_id: int) -> tuple[Case, Offer]:
    case = own_case(request, case_id)
    return case, get_object_or_404(Offer.objects.select_related("case", "account"), pk=offer_id, case=case)


@grant("plans")
@never_cache
def agreement(request: HttpRequest, case_id: int, plan_id: int) -> HttpResponse:
    """What was agreed, in the borrower's language, to be read out or printed."""
    return _paper(request, _plan(request, case_id, plan_id), "agreement")


@grant("plans")
@never_cache
def discharge(request: HttpRequest, case_id: int, plan_id: int) -> HttpResponse:
    """Nothing is owed any more: the letter that says so."""
    plan = _plan(request, case_id, plan_id)
    if not discharged(plan):
        raise Http404
    return _paper(request, plan, "discharge")


def _paper(request: HttpRequest, plan: Plan, kind: Literal["agreement", "discharge"]) -> HttpResponse:
    paper = paper_of(plan, kind)
    if "pdf" in request.GET:
        response = HttpResponse(printed(paper, plan), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{kind}-{plan.case.creditor.code}-P{plan.pk}.pdf"'
        return response
    with translation.override("zh-hans" if paper.language == "zh" else "en"):
        schedule = render_to_string("desk/plan/paper_schedule.html", {"paper": paper})
    return render(request, "desk/plan/paper.html", {"plan": plan, "paper": paper, "schedule": schedule})


def _plan(request: HttpRequest, case_id: int, plan_id: int) -> Plan:
    plans_of_case = Plan.objects.filter(case=own_case(request, case_id))
    return get_object_or_404(plans_of_case.select_related("case__creditor", "account", "person"), pk=plan_id)


# ---- the desks


@grant("plans")
def plans(request: HttpRequest) -> HttpResponse:
    """Plans by state: due this week, at risk, kept, broken, completed."""
    user, now = cast(User, request.user), clock.now()
    state = request.GET.get("show", "week")
    if state not in plan_desk.STATES:
        state = "week"
    page = Paginator(plan_desk.plans_of(user, state=state, now=now), A_PAGE).get_page(request.GET.get("page"))
    counts = plan_desk.counts(user, now=now)
    return render(
        request,
        "desk/plan/desk.html",
        {
            "page": page,
            "state": state,
            "counts": counts,
            "today": clock.today(),
            "proposed": plan_desk.proposed(user, today=clock.today())[:A_PAGE],
        },
    )


@grant("approvals")
def approvals(request: HttpRequest) -> HttpResponse:
    """Everything that waits for one's word, and what was decided lately."""
    user = cast(User, request.user)
    shown = inbox.waiting(user) | {"decided": inbox.decided(user, today=clock.today())}
    return render(request, "desk/approvals.html", shown)


@grant("approve")
@require_POST
def decide(request: HttpRequest, approval: int) -> HttpResponse:
    """Approve or refuse, with one click."""
    user = cast(User, request.user)
    found = get_object_or_404(
        Approval.objects.select_related("offer__case", "offer__account").filter(offer__case__in=visible_to(user)),
        pk=approval,
    )
    give = request.POST.get("answer") == "give"
    try:
        agreements.decide(approval=found, by=user, now=clock.now(), give=give, words=request.POST.get("words", ""))
        messages.success(request, _("Approved; the collector may agree it now.") if give else _("Refused."))
    except AgreementRefused as refused:
        messages.error(request, told(refused))
    return redirect("desk:approvals")
