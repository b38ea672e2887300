"""Who is treated with care: noted by those who hear it, the reason seen by few."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairdue.desk import clock
from fairdue.desk.asking import read_day, read_whole
from fairdue.desk.pages import care as pages
from fairdue.desk.views.case import own_case, party, told
from fairdue.flows import hardship as flow
from fairdue.hardship import services as hardship
from fairdue.hardship.models import Care
from fairdue.hardship.services import HardshipRefused
from fairdue.staff.models import User
from fairdue.staff.policies import grant


@grant("care.note")
@never_cache
def panel(request: HttpRequest, case_id: int) -> HttpResponse:
    """The form; of what is on record it shows what to do alone."""
    case = own_case(request, case_id)
    return render(request, "desk/hardship/care.html", pages.panel_of(case=case, today=clock.today()))


@grant("care.note")
@require_POST
def note(request: HttpRequest, case_id: int) -> HttpResponse:
    """Note that the borrower is treated with care."""
    case, data = own_case(request, case_id), request.POST
    helper = read_whole(data.get("helper"))
    try:
        flow.care_for(
            person=case.person, do=data.getlist("do"), by=cast(User, request.user), now=clock.now(),
            kinds=data.getlist("kinds"), notes=data.get("notes", ""), basis=data.get("basis", ""),
            consent_on=read_day(data.get("consent_on")), helper=party(case, helper) if helper else None,
            review_on=read_day(data.get("review_on")) or pages.review_on(clock.today()),
        )  # fmt: skip
    except HardshipRefused as refused:
        shown = pages.panel_of(case=case, today=clock.today(), data=data) | {"error": told(refused)}
        return render(request, "desk/hardship/care.html", shown, status=422)
    messages.success(request, _("Noted. Colleagues see what to do, not why."))
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = reverse("desk:case", args=[case_id])
    return answer


@grant("care.see")
@require_POST
@never_cache
def look(request: HttpRequest, case_id: int) -> HttpResponse:
    """Why; noted in the journal."""
    care = _care(request, case_id)
    secret = hardship.look(care=care, by=cast(User, request.user))
    return render(request, "desk/hardship/secret.html", {"care": care, "secret": pages.secret_words(secret)})


@grant("care.see")
@require_POST
def end(request: HttpRequest, case_id: int) -> HttpResponse:
    """It is no longer needed."""
    flow.care_no_more(care=_care(request, case_id), by=cast(User, request.user), now=clock.now())
    messages.success(request, _("Ended; the wishes that came with it are taken back."))
    return redirect("desk:case", case_id=case_id)


def _care(request: HttpRequest, case_id: int) -> Care:
    case = own_case(request, case_id)
    return get_object_or_404(Care.objects.select_related("helper"), person=case.person_id, ended_at=None)
