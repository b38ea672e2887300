"""Evidence packs: ask for one, see it made, take it."""

from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from fairdue.accounts.models import Creditor
from fairdue.desk.writing import chinese
from fairdue.evidence import queries, services
from fairdue.evidence.models import Pack
from fairdue.evidence.scope import Scope, ScopeError, period
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 20


@grant("evidence")
@require_safe
@never_cache
def packs(request: HttpRequest) -> HttpResponse:
    """Every pack, the latest first, and the form for the next; HTMX asks for the table while one is being made."""
    return _page(request)


@grant("evidence")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a pack."""
    sent = {name: request.POST.get(name, "").replace("\0", "").strip() for name in _FIELDS}
    try:
        pack = services.ask(
            scope=_scope(sent), by=cast(User, request.user), full=sent["full"] == "1", reason=sent["reason"],
            language=sent["language"],
        )  # fmt: skip
    except ScopeError as error:
        return _page(request, sent=sent, fault=error.zh if chinese() else error.en, status=422)
    messages.success(request, _("Pack %(n)s is being put together.") % {"n": pack.pk})
    return redirect("evidence:packs")


@grant("evidence")
@require_POST
def again(request: HttpRequest, pack: int) -> HttpResponse:
    """Try once more after a failure or a killed worker."""
    found = get_object_or_404(queries.packs(), pk=pack)
    if services.again(pack=found, by=cast(User, request.user)):
        messages.success(request, _("Pack %(n)s is being put together.") % {"n": found.pk})
    return redirect("evidence:packs")


@grant("evidence")
@require_POST
@never_cache
def take(request: HttpRequest, pack: int) -> HttpResponseBase:
    """Hand the file out; journalled first."""
    found = get_object_or_404(queries.packs(), pk=pack)
    try:
        file = services.take(pack=found, by=cast(User, request.user))
    except FileNotFoundError:
        messages.error(request, _("The file of this pack is not there."))
        return redirect("evidence:packs")
    return FileResponse(file, as_attachment=True, filename=f"evidence-{found.pk}.zip", content_type="application/zip")


_FIELDS = ("person", "since", "until", "creditor", "language", "full", "reason")


def _scope(sent: dict[str, str]) -> Scope:
    creditor = queries.creditor_of(sent["creditor"]) if sent["creditor"] else None
    person = queries.person_of(sent["person"], creditor=creditor) if sent["person"] else None
    since, until = _day(sent["since"]), _day(sent["until"])
    return period(since, until, person_id=person.pk if person else None, creditor_id=creditor.pk if creditor else None)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ScopeError(
            zh=f"日期 {text} 无效，请写成 2026-03-31。", en=f"{text} is no day; write 2026-03-31."
        ) from error


def _page(
    request: HttpRequest, *, sent: dict[str, str] | None = None, fault: str = "", status: int = 200
) -> HttpResponse:
    page = Paginator(queries.packs(), A_PAGE).get_page(request.GET.get("page"))
    running = {Pack.Status.QUEUED, Pack.Status.RUNNING}
    shown: dict[str, Any] = {
        "page": page,
        "live": any(pack.status in running for pack in page),
        "stuck": {pack.pk for pack in page if pack.status == Pack.Status.RUNNING and not services.being_made(pack)},
        "creditors": Creditor.objects.order_by("code"),
        "sent": sent or {"language": "zh" if chinese() else "en"},
        "fault": fault,
        "shortest": services.REASON_SHORTEST,
    }
    template = "evidence/table.html" if request.headers.get("HX-Request") else "evidence/packs.html"
    return render(request, template, shown, status=status)
