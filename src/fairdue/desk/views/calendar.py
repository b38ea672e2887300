"""The calendar of days off: looked at by year, corrected with a reason."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fairdue.desk import clock
from fairdue.desk.asking import read_day, read_whole
from fairdue.desk.pages import calendar as pages
from fairdue.law.calendars import CALENDARS
from fairdue.staff import services
from fairdue.staff.models import DayCorrection, User
from fairdue.staff.policies import grant

LATEST = 2100


@grant("calendar")
def calendar(request: HttpRequest) -> HttpResponse:
    """Holidays and worked weekends of a year, where they come from, and the firm's corrections."""
    today = clock.today()
    name, year = request.GET.get("of", ""), read_whole(request.GET.get("year"))
    page = pages.page_of(
        calendar=name if name in CALENDARS else CALENDARS[0],
        year=min(max(year or today.year, pages.EARLIEST), LATEST), today=today,
    )  # fmt: skip
    return render(request, "desk/calendar.html", {"page": page, "calendars": pages.choices()})


@grant("calendar.write")
@require_POST
def correct(request: HttpRequest) -> HttpResponse:
    """Say of one day whether it is worked."""
    day, name = read_day(request.POST.get("day")), request.POST.get("of", "")
    if day is None:
        messages.error(request, _("Give the day."))
        return redirect("desk:calendar")
    now = clock.now()
    try:
        made = services.correct_day(
            calendar=name, day=day, works=request.POST.get("works") == "1", reason=request.POST.get("reason", ""),
            by=cast(User, request.user), now=now,
        )  # fmt: skip
        if made.made_at == now:
            messages.success(request, _("The day is corrected."))
        else:
            messages.warning(request, _("Nothing changed: the day was corrected so before, for the same reason."))
    except services.StaffError as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('desk:calendar')}?of={name if name in CALENDARS else ''}&year={day.year}")


@grant("calendar.write")
@require_POST
def remove(request: HttpRequest, correction_id: int) -> HttpResponse:
    """Take a correction away."""
    made = get_object_or_404(DayCorrection, pk=correction_id)
    try:
        services.remove_correction(
            correction=made, reason=request.POST.get("reason", ""), by=cast(User, request.user), now=clock.now()
        )
        messages.success(request, _("The correction is taken away."))
    except services.StaffError as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('desk:calendar')}?of={made.calendar}&year={made.day.year}")
