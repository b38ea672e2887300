"""The collector's day: the list, and the next case."""

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fairdue.cases import worklist
from fairdue.desk import clock
from fairdue.desk.pages import hardship, marks
from fairdue.desk.pages import worklist as pages
from fairdue.flows.contact import cooling_down
from fairdue.staff.models import User
from fairdue.staff.policies import grant

RESTED = "rest_ended"
"""In the session: the rest that its collector ended early."""


@grant("work")
def today(request: HttpRequest) -> HttpResponse:
    """Today's list, with reasons, windows and progress."""
    user, now = cast(User, request.user), clock.now()
    shown = {
        "day": pages.day_of(user=user, now=now),
        "today": clock.today(),
        "hardship": hardship.due_for(user, today=clock.today()),
        "rest_until": rest_until(request),
        "alarms": marks.decided_lately(user, now=now),
    }
    return render(request, "desk/today.html", shown)


@grant("work")
@require_POST
def next_case(request: HttpRequest) -> HttpResponse:
    """Lease the next item and open its case; back to the list, which says what waits and until when, when there is none.

    During the rest after an abusive call nothing new is handed out, until it is over or the collector ends it
    (`go_on`). The choice is theirs alone and is written nowhere but in their session.
    """
    user, now = cast(User, request.user), clock.now()
    rest = rest_until(request)
    if rest is not None:
        if "go_on" not in request.POST:
            return redirect("desk:today")
        request.session[RESTED] = rest.isoformat()
    item = worklist.next_item(user=user, now=now)
    if item is not None:
        if request.POST.get("from") == str(item.case_id):
            messages.info(request, _("This case is still in your hands: record what came of it, or put it aside."))
        return redirect("desk:case", case_id=item.case_id)
    return redirect("desk:today")


def rest_until(request: HttpRequest) -> datetime | None:
    """Until when the list waits after an abusive call; None without one, and once the collector would rather go on."""
    until = cooling_down(user=cast(User, request.user), now=clock.now())
    return until if until and request.session.get(RESTED) != until.isoformat() else None
