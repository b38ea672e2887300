"""Night runs: the list, one run as it goes, starting one."""

from datetime import date
from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from fairdue.cases.models import Run
from fairdue.desk import clock
from fairdue.desk.pages import night as pages
from fairdue.desk.writing import day
from fairdue.flows.night import last_day
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 30


@grant("run.see")
def runs(request: HttpRequest) -> HttpResponse:
    """Every night, the latest first; HTMX asks for the table alone while one is waiting or under way."""
    page = Paginator(Run.objects.prefetch_related("steps").order_by("-on"), A_PAGE).get_page(request.GET.get("page"))
    queued = pages.queued()
    shown = {
        "page": page,
        "today": clock.today(),
        "last": last_day(clock.now()),
        "queued": queued,
        "live": queued is not None or any(run.status == Run.Status.RUNNING for run in page),
        "again": queued.on if queued else None,
        "has_today": Run.objects.filter(on=clock.today()).exists(),
    }
    return render(
        request, "desk/runs/table.html" if request.headers.get("HX-Request") else "desk/runs/runs.html", shown
    )


@grant("run.see")
def run(request: HttpRequest, run: int) -> HttpResponse:
    """One night: its steps, what was left out and why, what an extra hour is worth. HTMX asks for the inside alone."""
    found = get_object_or_404(Run.objects.prefetch_related("steps"), pk=run)
    steps = pages.steps(found)
    shown = {
        "run": found,
        "steps": steps,
        "done": sum(1 for step in steps if step.status == Run.Status.DONE),
        "seconds": sum(step.seconds or 0 for step in steps),
        "left_out": pages.left_out(found),
        "prices": pages.prices(found),
        "live": found.status == Run.Status.RUNNING,
        "now": clock.now(),
    }
    return render(
        request, "desk/runs/inside.html" if request.headers.get("HX-Request") else "desk/runs/run.html", shown
    )


@grant("run.start")
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Queue a night; the worker does it. The same date waits in the queue once."""
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        messages.error(request, _("Write the date as year-month-day; nothing was started."))
        return redirect("desk:runs")
    if on > (last := last_day(clock.now())):
        told = {"last": day(last)}
        messages.error(request, _("Nothing can be planned beyond tomorrow (%(last)s); nothing was started.") % told)
        return redirect("desk:runs")
    later = Run.objects.filter(on__gt=on, status=Run.Status.DONE).order_by("on").values_list("on", flat=True).first()
    if later:
        told = {"later": day(later), "day": day(on)}
        messages.error(request, _("The night of %(later)s has run; %(day)s cannot be planned after it.") % told)
        return redirect("desk:runs")
    again = Run.objects.filter(on=on, status=Run.Status.DONE).exists()
    job = app.configure_task("site.night", queue="night", queueing_lock=f"night:{on}", lock="night")
    try:
        with transaction.atomic():  # a refused job must not spoil a transaction around this
            job.defer(on=on.isoformat(), by=cast(User, request.user).pk, force=again)
    except AlreadyEnqueued:
        messages.warning(request, _("The night of %(day)s is waiting already.") % {"day": day(on)})
    else:
        messages.success(
            request, _("The night of %(day)s is queued; a worker begins within seconds.") % {"day": day(on)}
        )
    return redirect("desk:runs")
