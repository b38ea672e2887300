"""Hardship: the worklist of reviews, the panel of a case, reviews, evidence, statutory schemes."""

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairdue.desk import clock
from fairdue.desk.asking import Query, read_day
from fairdue.desk.pages import hardship as pages
from fairdue.desk.views.case import own_case, told
from fairdue.flows import hardship as flow
from fairdue.hardship import services as hardship
from fairdue.hardship.models import Approval, Evidence, File
from fairdue.hardship.policy import policy
from fairdue.hardship.services import HardshipRefused
from fairdue.hardship.services.evidence import ENDINGS
from fairdue.law.codes import Jurisdiction
from fairdue.law.schemes import schemes as of_country
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 50


@grant("hardship")
def worklist(request: HttpRequest) -> HttpResponse:
    """Every file that runs or waits in the cases one may see, what hurries first."""
    user, today = cast(User, request.user), clock.today()
    query = Query(request.GET)
    chosen = pages.filters(query)
    page = Paginator(pages.found(user, chosen, today=today), A_PAGE).get_page(request.GET.get("page"))
    counts, whole = pages.counts(user, today=today)
    shown = {"page": page, "chosen": chosen, "counts": counts, "whole": whole, "today": today, "unread": query.unread,
             **pages.places(user)}  # fmt: skip
    return render(request, "desk/hardship/worklist.html", shown)


@grant("hardship")
@never_cache
def panel(request: HttpRequest, case_id: int) -> HttpResponse:
    """The file of a case, or the form that opens one."""
    case = own_case(request, case_id)
    return _panel(request, case, request.GET)


@grant("hardship.open")
@require_POST
def open_(request: HttpRequest, case_id: int) -> HttpResponse:
    """Open the file with all it grants."""
    case = own_case(request, case_id)
    user, now = cast(User, request.user), clock.now()
    form = pages.form_of(case=case, user=user, data=request.POST, now=now)
    try:
        flow.open_file(
            case=case, key=f"{case.pk}:{form.key}"[:64], reason=form.reason, wanted=pages.wanted_of(form), by=user, now=now,
            words=form.words, since=form.since, source=form.source, review_on=form.review_on,
            attempt_id=pages.told_in(case, now), scheme=form.scheme, why=form.why,
        )  # fmt: skip
    except HardshipRefused as refused:
        return _panel(request, case, request.POST, error=told(refused))
    messages.success(request, _("The hardship file is open. It comes back by itself when it is to be reviewed."))
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = f"{reverse('desk:case', args=[case_id])}?hardship=1{'&plan=1' if form.plan else ''}"
    return answer


def _panel(request: HttpRequest, case: Any, data: Any, *, error: str = "") -> HttpResponse:
    panel = pages.panel_of(case=case, user=cast(User, request.user), data=data, now=clock.now())
    unfit = told(panel.form.unfit) if panel.form.unfit and not error else ""
    shown = {"panel": panel, "case": case, "error": error, "unfit": unfit, "today": clock.today(), "evidence_kinds": Evidence.Kind.choices,
             "most_mb": policy().most_bytes // 1_000_000}  # fmt: skip
    return render(request, "desk/hardship/panel.html", shown, status=422 if error else 200)


def _file(request: HttpRequest, file_id: int) -> File:
    files = pages.visible(cast(User, request.user)).select_related("case__person", "case__creditor", "person")
    return get_object_or_404(files, pk=file_id)


@grant("hardship.open")
@never_cache
def review(request: HttpRequest, file_id: int) -> HttpResponse:
    """The dialog of a review (GET); what was decided (POST), then back to where one came from."""
    file, user, now = _file(request, file_id), cast(User, request.user), clock.now()
    look = pages.looking_at(file=file, user=user, now=now)
    if request.method != "POST":
        return render(request, "desk/hardship/review.html", {"look": look, "back": request.GET.get("back", "")})
    told_us = pages.review_of(look, request.POST)
    try:
        flow.review(file=file, by=user, now=now, **told_us)
    except HardshipRefused as refused:
        messages.error(request, told(refused))
        return _back(request, file)
    messages.success(request, _("The review is kept."))
    if told_us["decision"] == "plan":
        return redirect(f"{reverse('desk:case', args=[file.case_id])}?plan=1")
    return _back(request, file)


def _back(request: HttpRequest, file: File) -> HttpResponseRedirect:
    """To the list with its filter, or to the case."""
    if request.POST.get("back") == "list":
        return redirect(f"{reverse('desk:hardship')}?{pages.filters(Query(request.GET)).query}")
    return redirect(f"{reverse('desk:case', args=[file.case_id])}?hardship=1")


@grant("approve")
@require_POST
def decide(request: HttpRequest, approval: int) -> HttpResponse:
    """Yes or no to what goes beyond a colleague's authority."""
    user = cast(User, request.user)
    asked = Approval.objects.filter(file__in=pages.visible(user))
    give = request.POST.get("answer") == "give"
    try:
        flow.decide(
            approval=get_object_or_404(asked, pk=approval), by=user, now=clock.now(), give=give,
            words=request.POST.get("words", ""),
        )  # fmt: skip
        messages.success(request, _("Approved; it is carried out.") if give else _("Refused."))
    except HardshipRefused as refused:
        messages.error(request, told(refused))
    return redirect("desk:approvals")


@grant("hardship.open")
@require_POST
def event(request: HttpRequest, file_id: int) -> HttpResponse:
    """What ends the scheme has happened."""
    file, on = _file(request, file_id), read_day(request.POST.get("on"))
    try:
        if on is None:
            raise HardshipRefused("on", zh="请填写日期。", en="Give the day.")
        flow.event_came(file=file, on=on, by=cast(User, request.user), now=clock.now())
        messages.success(request, _("Noted; the end follows from it."))
    except HardshipRefused as refused:
        messages.error(request, told(refused))
    return _back(request, file)


@grant("hold.lift")
@require_POST
def event_correct(request: HttpRequest, file_id: int) -> HttpResponse:
    """The day noted for what ends the scheme was wrong; without a day it has not come."""
    file, on = _file(request, file_id), request.POST.get("on", "").strip()
    try:
        day = read_day(on)
        if on and day is None:
            raise HardshipRefused("on", zh="日期无法识别。", en="The day cannot be read.")
        flow.event_corrected(
            file=file, on=day, why=request.POST.get("why", ""), by=cast(User, request.user), now=clock.now()
        )
        messages.success(request, _("Corrected; the end follows from it."))
    except HardshipRefused as refused:
        messages.error(request, told(refused))
    return _back(request, file)


@grant("hardship.words")
@require_POST
@never_cache
def words(request: HttpRequest, file_id: int) -> HttpResponse:
    """What they said, in full; noted in the journal."""
    file = _file(request, file_id)
    said = hardship.show_words(file=file, by=cast(User, request.user))
    return render(request, "desk/parts/revealed.html", {"value": said, "again": "••••", "seconds": 300})


@grant("hardship.open")
@require_POST
def attach(request: HttpRequest, file_id: int) -> HttpResponse:
    """Keep a document, or note that one was seen."""
    file, upload = _file(request, file_id), request.FILES.get("document")
    kept = request.POST.get("kept") != "seen"
    try:
        if kept and upload is None:
            raise HardshipRefused(
                "document", zh="请选择文件，或选择“已核看，不留存”。", en="Choose a document, or “seen, not kept”."
            )
        content = upload.read(policy().most_bytes + 1) if kept and upload else None
        hardship.attach(
            file=file, kind=request.POST.get("kind", ""), by=cast(User, request.user), now=clock.now(), content=content,
            note=request.POST.get("note", ""),
        )  # fmt: skip
        messages.success(request, _("The evidence is noted."))
    except HardshipRefused as refused:
        messages.error(request, told(refused))
    return _back(request, file)


@grant("hardship.evidence")
@require_POST
@never_cache
def evidence(request: HttpRequest, file_id: int, evidence_id: int) -> HttpResponse:
    """The document as a download, never shown inside a page; noted in the journal."""
    file = _file(request, file_id)
    held = get_object_or_404(Evidence.objects.select_related("file"), pk=evidence_id, file=file)
    try:
        content = hardship.open_evidence(evidence=held, by=cast(User, request.user), now=clock.now())
    except HardshipRefused as refused:
        messages.error(request, told(refused))
        return _back(request, file)
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="evidence-{held.pk}.{ENDINGS[held.media]}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@grant("rules")
def schemes(request: HttpRequest) -> HttpResponse:
    """The statutory schemes of every country: who, what, how long, where it is written."""
    books = [(country, of_country(country.name.lower())) for country in Jurisdiction]
    return render(request, "desk/hardship/schemes.html", {"books": [(c, rows) for c, rows in books if rows]})
