"""The live wall."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from fairdue.desk import clock
from fairdue.desk.asking import read_whole
from fairdue.desk.pages import wall as pages
from fairdue.staff.models import User
from fairdue.staff.policies import grant


@grant("wall")
@never_cache
def wall(request: HttpRequest) -> HttpResponse:
    """What was stopped in the last minutes and who is near a limit; htmx asks again for the inner part alone."""
    asked = read_whole(request.GET.get("minutes"))
    minutes = asked if asked in pages.SPANS else pages.SPANS[1]
    shown = {
        "wall": pages.wall(user=cast(User, request.user), minutes=minutes, now=clock.now()),
        "spans": pages.SPANS, "today": clock.today(),
    }  # fmt: skip
    inner = request.headers.get("HX-Request") == "true"
    return render(request, "desk/wall/inside.html" if inner else "desk/wall/wall.html", shown)
