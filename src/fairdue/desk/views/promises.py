"""The promise calendar."""

from typing import cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from fairdue.desk import clock
from fairdue.desk.asking import Query
from fairdue.desk.pages import promise_calendar as pages
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 50


@grant("promises")
@never_cache
def promises(request: HttpRequest) -> HttpResponse:
    """A week or a month of promises, and the rows behind what is chosen."""
    user, today = cast(User, request.user), clock.today()
    query = Query(request.GET)
    asked = pages.asked_of(query, today)
    calendar = pages.page_of(user=user, asked=asked, today=today)
    behind = pages.rows_behind(user=user, asked=asked, currency=calendar.currency, today=today)
    page = Paginator(behind, A_PAGE).get_page(request.GET.get("page"))
    shown = {"calendar": calendar, "asked": asked, "page": page, "rows": pages.rows_of(page.object_list),
             "unread": query.unread}  # fmt: skip
    return render(request, "desk/promises.html", shown)
