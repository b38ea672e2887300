"""The lead's pages: the team's day, a collector's list, cases without an owner, handing cases on."""

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fairdue.cases import worklist
from fairdue.desk import clock
from fairdue.desk.pages import board as pages
from fairdue.desk.writing import chinese
from fairdue.staff.models import User
from fairdue.staff.policies import grant
from fairdue.staff.queries import members

A_PAGE = 50


@grant("team")
def team(request: HttpRequest) -> HttpResponse:
    """The board: progress, promises, what slips, load. HTMX asks for the lines alone, every minute."""
    lead = cast(User, request.user)
    shown: dict[str, Any] = {"now": clock.now()}
    if lead.team is not None:
        shown["board"] = pages.board(lead=lead, now=clock.now())
    lines_only = bool(request.headers.get("HX-Request"))
    return render(request, "desk/lead/board_lines.html" if lines_only else "desk/lead/board.html", shown)


@grant("team")
def member(request: HttpRequest, user_id: int) -> HttpResponse:
    """One collector's unfinished items or cases, to look at and to hand on."""
    lead = cast(User, request.user)
    if lead.team is None:
        raise Http404
    whose = get_object_or_404(members(lead.team), pk=user_id)
    kind = request.GET.get("show", "today")
    if kind not in pages.KINDS:
        kind = "today"
    things = pages.held_by(whose, kind=kind, now=clock.now())
    line = next(
        (line for line in pages.board(lead=lead, now=clock.now()).lines if line.user.pk == whose.pk), pages.Line(whose)
    )
    return _list(request, things, {"whose": whose, "kind": kind, "line": line, "kinds": pages.KINDS})


@grant("team")
def unowned(request: HttpRequest) -> HttpResponse:
    """Open cases nobody has."""
    return _list(request, pages.unowned(cast(User, request.user)), {"kind": "unowned"})


def _list(request: HttpRequest, things: Any, shown: dict[str, Any]) -> HttpResponse:
    lead = cast(User, request.user)
    page = Paginator(things, A_PAGE).get_page(request.GET.get("page"))
    shown |= {
        "page": page,
        "rows": pages.held(list(page), now=clock.now()),
        "others": members(lead.team) if lead.team else User.objects.none(),
        "here": request.get_full_path(),
    }
    return render(request, "desk/lead/list.html", shown)


@grant("team")
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Give the chosen cases to somebody of the team, with a reason."""
    lead = cast(User, request.user)
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = reverse("desk:team")
    chosen = [int(pk) for pk in request.POST.getlist("case") if pk.isascii() and pk.isdigit()]
    to = _teammate(lead, request.POST.get("to", ""))
    reason = request.POST.get("reason", "").strip()
    if not chosen:
        messages.error(request, _("Choose at least one case; nothing was moved."))
    elif to is None:
        messages.error(request, _("Choose who is to have the cases; nothing was moved."))
    elif not reason:
        messages.error(request, _("Write why the cases move; it is kept with each case. Nothing was moved."))
    else:
        try:
            moved = worklist.reassign(case_ids=chosen, to=to, by=lead, reason=reason, now=clock.now())
        except worklist.NotYours as error:
            messages.error(request, error.zh if chinese() else error.en)
        else:
            told = ngettext("%(n)s case now belongs to %(name)s.", "%(n)s cases now belong to %(name)s.", moved)
            messages.success(request, told % {"n": moved, "name": to})
    return redirect(back)


def _teammate(lead: User, pk: str) -> User | None:
    if lead.team is None or not (pk.isascii() and pk.isdigit()):
        return None
    return members(lead.team).filter(pk=pk).first()
