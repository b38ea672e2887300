"""What is written: marked while it is typed; false alarms reported by those who write and decided by compliance."""

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairdue.contact import services as door
from fairdue.contact.models import FalseAlarm
from fairdue.desk import clock
from fairdue.desk.pages import marks as pages
from fairdue.desk.views.case import own_case, own_point, told
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 30
LONGEST = 4200


@grant("contact")
@require_POST
@never_cache
def check(request: HttpRequest, case_id: int, point_id: int) -> HttpResponse:
    """The marks of a message that is being typed."""
    case = own_case(request, case_id)
    point = own_point(case, point_id)
    fields = typed(request)
    rows = pages.typed(fields, case=case, point=point)
    return render(
        request,
        "desk/parts/marks.html",
        {"rows": rows, "case": case, "point": point, "place": point.pk, "any": any(fields.values())},
    )


@grant("case.note")
@require_POST
@never_cache
def check_note(request: HttpRequest, case_id: int) -> HttpResponse:
    """Doubts about a note that is being typed; notes are ours, so they never stop anything."""
    case = own_case(request, case_id)
    rows = pages.typed(typed(request), case=case, point=None)
    return render(request, "desk/parts/marks.html", {"rows": rows, "case": case, "note": True})


@grant("case.note")
@require_POST
def report(request: HttpRequest, case_id: int) -> HttpResponse:
    """Say that a mark is a false alarm; the mark is looked for again in what was typed."""
    case = own_case(request, case_id)
    point_id = request.POST.get("point", "")
    point = own_point(case, int(point_id)) if point_id.isdigit() and len(point_id) < 18 else None
    fields = typed(request)
    wanted = (request.POST.get("field", ""), request.POST.get("expression", ""), request.POST.get("begin", ""))
    row = next(
        (
            r
            for r in pages.typed(fields, case=case, point=point)
            if (r.field, r.mark.expression, str(r.begin)) == wanted
        ),
        None,
    )
    if row is None:
        return render(request, "desk/parts/alarm_sent.html", {"gone": True}, status=422)
    user = cast(User, request.user)
    try:
        door.report_alarm(text=fields[row.field], mark=row.mark, case=case, by=user, now=clock.now())
    except door.AlarmError as error:
        return render(request, "desk/parts/alarm_sent.html", {"error": told(error)}, status=422)
    return render(request, "desk/parts/alarm_sent.html", {})


@grant("words.decide")
def alarms(request: HttpRequest) -> HttpResponse:
    """Reported false alarms, those waiting first; and the word lists by which texts are checked."""
    show = request.GET.get("show", "open")
    show = show if show in FalseAlarm.Status.values else "open"
    rows = FalseAlarm.objects.filter(status=show).select_related("by", "decided_by", "case__creditor").order_by("-at")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "alarms": pages.alarms(page.object_list),
        "show": show,
        "states": FalseAlarm.Status.choices,
        "lists": pages.lists(),
    }
    return render(request, "desk/compliance/alarms.html", shown)


@grant("words.decide")
@require_POST
def accept(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Let a phrase pass from now on."""
    alarm = get_object_or_404(FalseAlarm, pk=alarm_id)
    user, phrase = cast(User, request.user), request.POST.get("phrase", "")
    try:
        door.accept_alarm(alarm=alarm, phrase=phrase, by=user, now=clock.now(), reason=request.POST.get("reason", ""))
        messages.success(request, _("Accepted: this phrase is no longer marked."))
    except door.AlarmError as error:
        messages.error(request, told(error))
    return redirect("desk:alarms")


@grant("words.decide")
@require_POST
def decline(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Keep the mark, or take an exception back."""
    alarm = get_object_or_404(FalseAlarm, pk=alarm_id)
    user, reason = cast(User, request.user), request.POST.get("reason", "")
    try:
        door.decline_alarm(alarm=alarm, by=user, now=clock.now(), reason=reason)
        messages.success(request, _("Declined: the words stay marked."))
    except door.AlarmError as error:
        messages.error(request, told(error))
    return redirect("desk:alarms")


def typed(request: HttpRequest) -> dict[str, str]:
    """What stands in the fields, with line ends as the browser counts them."""
    return {
        name: request.POST[name].replace("\r\n", "\n")[:LONGEST]
        for name in pages.FIELDS
        if request.POST.get(name, "").strip()
    }
