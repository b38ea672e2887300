"""Holds in force: seen together, lifted, extended, reviewed."""

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fairdue.cases import holds
from fairdue.cases.holds import HoldError
from fairdue.cases.models import Hold
from fairdue.desk import clock
from fairdue.desk.asking import Query, read_day
from fairdue.desk.pages import holds as pages
from fairdue.desk.views.case import told
from fairdue.flows import contact as flow
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 50


@grant("hold.see")
def hold_list(request: HttpRequest) -> HttpResponse:
    """Every hold in force on cases one may see, what is due first."""
    user, today = cast(User, request.user), clock.today()
    query = Query(request.GET)
    chosen = pages.filters(query)
    found = pages.found(user, chosen, today=today).select_related("person", "account", "placed_by")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    counts, whole = pages.counts(user, today=today)
    shown = {
        "page": page, "lines": pages.lines(list(page.object_list), user, today=today), "chosen": chosen,
        "counts": counts, "whole": whole, "kinds": Hold.Kind.choices, "teams": pages.teams(user), "today": today,
        "unread": query.unread,
    }  # fmt: skip
    return render(request, "desk/holds.html", shown)


@grant("hold.lift")
@require_POST
def lift(request: HttpRequest, hold_id: int) -> HttpResponse:
    """End a hold, with a reason."""
    reason = request.POST.get("reason", "")
    return _do(
        request, hold_id, lambda hold, by: flow.lift_hold(hold=hold, by=by, now=clock.now(), reason=reason),
        _("The hold is lifted."),
    )  # fmt: skip


@grant("hold.place")
@require_POST
def extend(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Let a hold end later, with a reason; without a day it stays until lifted."""
    reason, ends_on = request.POST.get("reason", ""), read_day(request.POST.get("ends_on"))
    return _do(
        request, hold_id,
        lambda hold, by: holds.extend(hold=hold, ends_on=ends_on, by=by, now=clock.now(), reason=reason),
        _("The hold goes on."),
    )  # fmt: skip


@grant("hold.place")
@require_POST
def review(request: HttpRequest, hold_id: int) -> HttpResponse:
    """A hold is still needed: when to look again, and why."""
    reason, again_on = request.POST.get("reason", ""), read_day(request.POST.get("again_on"))
    if again_on is None:
        messages.error(request, _("Give the day of the next review."))
        return _back(request)
    return _do(
        request, hold_id,
        lambda hold, by: holds.review(hold=hold, again_on=again_on, by=by, now=clock.now(), reason=reason),
        _("Noted: the hold is still needed."),
    )  # fmt: skip


def _do(request: HttpRequest, hold_id: int, act: Callable[[Hold, User], Hold], done: str) -> HttpResponse:
    user = cast(User, request.user)
    hold = get_object_or_404(pages.in_force(user, today=clock.today()), pk=hold_id)
    try:
        act(hold, user)
        messages.success(request, done)
    except HoldError as error:
        messages.error(request, told(error))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the list with the filter it was shown by."""
    chosen = pages.filters(Query(request.GET))
    return redirect(f"{reverse('desk:holds')}?{chosen.query}")
