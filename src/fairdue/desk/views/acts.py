"""Reaching out: a call, its outcome, their call, an e-mail."""

from typing import Any, cast
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairdue.accounts.models import Account
from fairdue.agreements.services import PromiseRefused
from fairdue.cases import worklist
from fairdue.cases.models import Case, WorkItem
from fairdue.cases.queries import free_accounts
from fairdue.contact.models import Attempt, Outcome, Verdict
from fairdue.contact.services import NoSecondCheckError, OutcomeError, PermitError, Refused, tie_of
from fairdue.contact.writing import OWN_WORDS, TemplateError, templates
from fairdue.desk import clock, writing
from fairdue.desk.pages import case as pages
from fairdue.desk.pages import history, marks, outcomes, promising, reach
from fairdue.desk.pages import worklist as worklist_pages
from fairdue.desk.pages.in_hand import in_hand
from fairdue.desk.pages.worklist import Owed, owed_by_case
from fairdue.desk.views.case import own_case, own_point, told
from fairdue.desk.views.today import next_case, rest_until
from fairdue.flows import contact as flow
from fairdue.flows import portal
from fairdue.law import codes
from fairdue.people.models import ContactPoint
from fairdue.staff.models import User
from fairdue.staff.policies import grant

STOPPED = (OutcomeError, PromiseRefused, worklist.NotYours)
"""What the services may answer to an outcome that cannot be kept."""


@grant("contact")
@require_POST
@never_cache
def call(request: HttpRequest, case_id: int, point_id: int) -> HttpResponse:
    """Press *call*: the number and the outcome keys, or the article and the first lawful minute."""
    case = own_case(request, case_id)
    point = own_point(case, point_id)
    user, now = cast(User, request.user), clock.now()
    waiting = pages.open_call(history.attempts_of(case=case, most=20), user, now)
    key = request.POST.get("key", "")[:60] or uuid4().hex
    chosen = request.POST.get("account", "")
    account = get_object_or_404(_accounts(case), pk=int(chosen)) if chosen.isdigit() else None
    once = f"{user.pk}:{key}:{point.pk}"
    try:
        answer = (
            flow.call(case=case, contact_point=point, by=user, now=now, key=once, account=account)
            if waiting is None
            else None
        )
    except PermitError:
        answer = None
    if isinstance(answer, Refused):
        return _refused(request, case, answer, point_id)
    if answer is None and waiting is None:
        messages.error(request, _("This call was ended already. Press call again."))
        return _line(request, "desk/parts/line_error.html", case, {})
    _lease(case, user)
    if answer is not None:
        placed = Attempt.objects.select_related("contact_point", "addressee").get(pk=answer.attempt_id)
        shown = _line_context(case, placed) | {
            "number": answer.number,
            "duties": reach.said(answer.answer.duties),
            "care": reach.reason_rows(answer.answer.reasons),
            "alone": account,
        }
    else:
        waiting = cast(Attempt, waiting)
        shown = _line_context(case, waiting) | in_hand(case=case, attempt=waiting, by=user) | {"unfinished": True}
    shown["talk"] = _talk(case, user, shown["attempt"])
    return _line(request, "desk/parts/on_line.html", case, shown)


@grant("contact")
@require_POST
def outcome(request: HttpRequest, case_id: int, attempt_id: int) -> HttpResponse:
    """Record what came of a call, with all that follows; then the way to the next item."""
    case = own_case(request, case_id)
    user, now = cast(User, request.user), clock.now()
    attempt = get_object_or_404(
        Attempt.objects.select_related("contact_point", "addressee"), pk=attempt_id, person_id=case.person_id, by=user
    )
    form = outcomes.OutcomeForm(request.POST, case=case, now=now, relation=attempt.relation)
    if form.is_valid():
        correction = _latest(attempt)
        item = today_item(case, user) if correction is None else None
        try:
            made = flow.record(
                attempt=attempt, kind=Outcome.Kind(form.cleaned_data["kind"]), by=user, now=now,
                note=form.cleaned_data["note"], item=item, promised=form.promised,
                next_at=form.cleaned_data["next_at"], reason=form.cleaned_data["reason"], corrects=correction,
            )  # fmt: skip
        except STOPPED as error:
            form.add_error(None, told(error))
        else:
            zone = form.cleaned_data["zone"]
            return _recorded(request, case, made, user, corrected=correction is not None, zone=zone)
    shown = _line_context(case, attempt) | {"form": form, "failed": request.POST.get("kind", "")}
    return _line(request, "desk/parts/on_line.html", case, shown, status=422)


@grant("contact")
@require_POST
def correct(request: HttpRequest, case_id: int, attempt_id: int) -> HttpResponse:
    """The outcome keys once more, to put a mistake right."""
    case = own_case(request, case_id)
    user = cast(User, request.user)
    attempt = get_object_or_404(
        Attempt.objects.select_related("contact_point", "addressee"), pk=attempt_id, person_id=case.person_id, by=user
    )
    shown = _line_context(case, attempt) | {"correcting": True}
    return _line(request, "desk/parts/on_line.html", case, shown)


@grant("contact")
@require_POST
@never_cache
def promise_check(request: HttpRequest, case_id: int) -> HttpResponse:
    """What is to be said of a promise while it is typed: warnings, chance, or why it cannot stand. Keeps nothing."""
    case = own_case(request, case_id)
    attempt_id, point_id = request.POST.get("attempt", ""), request.POST.get("point", "")
    if attempt_id.isdigit():
        called = Attempt.objects.select_related("addressee").filter(pk=attempt_id, person_id=case.person_id).first()
        who = called.addressee if called else case.person
    else:
        who = own_point(case, int(point_id)).person if point_id.isdigit() else case.person
    check = promising.check(case=case, person=who, data=request.POST, today=clock.today())
    return render(request, "desk/parts/promise_check.html", {"check": check})


@grant("contact")
@require_POST
def took_call(request: HttpRequest, case_id: int) -> HttpResponse:
    """They called: recorded as theirs, with what follows."""
    case = own_case(request, case_id)
    user, now = cast(User, request.user), clock.now()
    point_id = request.POST.get("point", "")
    point = own_point(case, int(point_id)) if point_id.isdigit() else None
    form = outcomes.OutcomeForm(request.POST, case=case, now=now, relation=tie_of(case, point))
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("desk:case", case_id=case_id)
    try:
        flow.took_call(
            case=case, contact_point=point, by=user, now=now, kind=Outcome.Kind(form.cleaned_data["kind"]),
            note=form.cleaned_data["note"], promised=form.promised, next_at=form.cleaned_data["next_at"],
            reason=form.cleaned_data["reason"],
        )  # fmt: skip
        messages.success(request, _("Their call is recorded. It does not count against our limits."))
    except STOPPED as error:
        messages.error(request, told(error))
    return redirect("desk:case", case_id=case_id)


@grant("contact")
@never_cache
def write(request: HttpRequest, case_id: int, point_id: int) -> HttpResponse:
    """Read an e-mail made from a template (GET), send it if the gate agrees (POST)."""
    case = own_case(request, case_id)
    point = own_point(case, point_id)
    if request.method != "POST":
        return _draft(request, case, point)
    user, now = cast(User, request.user), clock.now()
    key = request.POST.get("key", "")[:60] or uuid4().hex
    name = request.POST.get("template", "")
    own = {field: request.POST.get(field, "").replace("\r\n", "\n") for field in ("subject", "text")}
    if name == OWN_WORDS and not all(text.strip() for text in own.values()):
        lacking = _("Write a subject and a text first.")
        return _line(request, "desk/parts/line_error.html", case, {"error": lacking}, status=422)
    try:
        answer = flow.write(
            case=case,
            contact_point=point,
            template=name,
            by=user,
            now=now,
            key=f"{user.pk}:{key}:{point.pk}:{name}"[:120],
            values={"subject": own["subject"]},
            text=own["text"],
        )
    except TemplateError as error:
        return _line(request, "desk/parts/line_error.html", case, {"error": _lacks(error)}, status=422)
    if isinstance(answer, Refused):
        return _refused(request, case, answer, point_id)
    about = reach.said(templates()[name].about)
    return _line(
        request, "desk/parts/written.html", case, {"point": point, "about": about, "doubts": marks.rows(answer.marks)}
    )


@grant("contact")
@require_POST
@never_cache
def invite(request: HttpRequest, case_id: int, point_id: int) -> HttpResponse:
    """Send the borrower a one-time link to their own page, if the gate agrees; staff never see the link."""
    case = own_case(request, case_id)
    point = own_point(case, point_id)
    user, now = cast(User, request.user), clock.now()
    key = f"{user.pk}:page:{request.POST.get('key', '')[:60] or uuid4().hex}:{point.pk}"
    if point.person_id != case.person_id or point.kind != ContactPoint.Kind.EMAIL:
        raise Http404
    site = settings.PUBLIC_URL or request.build_absolute_uri("/")
    try:
        answer = portal.invite(case=case, contact_point=point, by=user, now=now, key=key, site=site)
    except NoSecondCheckError as error:
        return _line(request, "desk/parts/line_error.html", case, {"error": told(error)}, status=422)
    if isinstance(answer, Refused):
        return _refused(request, case, answer, point_id)
    about = _("The link to the borrower's own page")
    return _line(request, "desk/parts/written.html", case, {"point": point, "about": about, "doubts": []})


@grant("contact")
@require_POST
def set_aside(request: HttpRequest, case_id: int, verdict_id: int) -> HttpResponse:
    """After a refusal: the item comes back when the gate's first lawful minute is today, else it is done for today."""
    case = own_case(request, case_id)
    user, now = cast(User, request.user), clock.now()
    verdict = get_object_or_404(Verdict, pk=verdict_id, case=case, by=user)
    item = today_item(case, user)
    if item is not None:
        try:
            worklist.finish(item=item, by=user, how=worklist_pages.REFUSED, now=now, again_at=verdict.earliest)
        except worklist.NotYours as error:
            messages.error(request, told(error))
    return next_case(request)


def _draft(request: HttpRequest, case: Case, point: ContactPoint) -> HttpResponse:
    try:
        text = flow.preview_text(case=case, contact_point=point, template=request.GET.get("template", ""))
    except TemplateError as error:
        return render(request, "desk/parts/draft.html", {"error": _lacks(error)}, status=422)
    template = "desk/parts/own_words.html" if text.template == OWN_WORDS else "desk/parts/draft.html"
    return render(request, template, {"draft": text, "case": case, "point": point})


def _lacks(error: TemplateError) -> str:
    return writing.letter_lacks(error.lacks) or _("There is no such letter. Reload the page and choose again.")


def _line(request: HttpRequest, template: str, case: Case, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    """The panel that answers a press; every answer brings a new key for the next press."""
    return render(request, template, {"case": case, "new_key": uuid4().hex, "case_id": case.pk, **shown}, status=status)


def _line_context(case: Case, attempt: Attempt) -> dict[str, Any]:
    """What the panel of a call offers."""
    owed = owed_by_case([case]).get(case.pk, Owed(currency=case.creditor.currency))
    return {
        "attempt": attempt,
        "call_back": outcomes.call_back(case=case, point=attempt.contact_point, now=clock.now()),
        "owed": owed,
        "outcome_keys": outcomes.keys_for(attempt.relation),
        "promise_days": outcomes.promise_days(clock.today()),
        "accounts": list(_accounts(case).values_list("pk", "external_ref")),
        "today": clock.today(),
    }


def _accounts(case: Case) -> "QuerySet[Account]":
    return Account.objects.filter(debtor_id=case.person_id, creditor_id=case.creditor_id, status=Account.Status.OPEN)


def _refused(request: HttpRequest, case: Case, answer: Refused, point_id: int) -> HttpResponse:
    user, now = cast(User, request.user), clock.now()
    panel = reach.reach_of(case=case, now=now, attempts=[])
    item = today_item(case, user)
    other = marks.other_reasons(answer.marks, answer.reasons)
    shown = {
        "answer": answer,
        "headline": reach.said(answer.headline),
        "reasons": reach.reason_rows(other),
        "minutes": int((answer.earliest - now).total_seconds() // 60) + 1 if answer.earliest else None,
        "others": panel.others(point_id, answer.channel)[:3],
        "point_id": point_id,
        "rows": marks.rows(answer.marks),
        "words": bool(answer.marks) and not other,
        "policy": all(reason.level == "policy" for reason in other),
        "item": item,
        "free": free_accounts(case, today=clock.today()) if answer.channel == codes.Channel.CALL else [],
        "today_again": bool(answer.earliest and timezone.localdate(answer.earliest) == clock.today()),
    }
    return _line(request, "desk/parts/refused.html", case, shown)


def _recorded(
    request: HttpRequest, case: Case, made: Outcome, user: User, *, corrected: bool, zone: str
) -> HttpResponse:
    """What is on record now, and what is true now of the case: its head, its stops, who may be reached."""
    now = clock.now()
    choice = outcomes.choice_of(made.kind, made.attempt.relation)
    today = WorkItem.objects.filter(user=user, on=clock.today()).exclude(status=WorkItem.Status.DROPPED)
    left = today.exclude(status=WorkItem.Status.DONE).count()
    shown = {
        "page": pages.page_of(case=case, user=user, now=now),
        "made": made,
        "choice": choice,
        "corrected": corrected,
        "zone": zone,
        "left": left,
        "rest_until": rest_until(request),
        "attempt": made.attempt,
    }
    return _line(request, "desk/parts/recorded.html", case, shown)


def today_item(case: Case, user: User) -> WorkItem | None:
    """Today's unfinished item of the case on the user's list."""
    mine = WorkItem.objects.filter(case=case, on=clock.today(), user=user)
    return mine.exclude(status__in=[WorkItem.Status.DONE, WorkItem.Status.DROPPED]).first()


def _lease(case: Case, user: User) -> None:
    """Whoever calls has the item in hand."""
    item = today_item(case, user)
    if item is not None:
        try:
            worklist.take(item=item, user=user, now=clock.now())
        except worklist.NotYours:
            return


def _latest(attempt: Attempt) -> Outcome | None:
    return history.outcome_of(attempt)


def _talk(case: Case, user: User, attempt: Attempt) -> pages.Talk | None:
    """Another script when somebody else than the debtor is called."""
    if attempt.relation == codes.Relation.DEBTOR:
        return None
    owed = owed_by_case([case]).get(case.pk, Owed())
    return pages.talk_of(
        case=case, owed=owed, promises=[], row=None, user=user, today=clock.today(), relation=attempt.relation,
        who=attempt.addressee,
    )  # fmt: skip
