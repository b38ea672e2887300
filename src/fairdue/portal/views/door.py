"""The way in and out: a one-time link, who are you, a visit of half an hour, leaving.

Every view here and in `pages` and `pay` is public for the middleware and asks for the visit itself (`visited`).
"""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairdue.contact import services as door
from fairdue.contact.models import Link
from fairdue.portal import clock
from fairdue.staff.policies import public

COOKIE = "fairdue_page"
PATH = "/p/"


def quiet(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answers that no cache keeps, no search engine lists and no other site hears of."""

    @public
    @never_cache
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        response = view(request, *args, **more)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        # Not no-referrer: browsers then send "Origin: null", and the check against forged forms fails.
        response["Referrer-Policy"] = "same-origin"
        return response

    return shown


def visited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only during a visit; the view is given the link of the visit, and nothing else says whose page it is."""

    @quiet
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        link = visit_of(request)
        if link is None:
            return redirect("portal:closed")
        with timezone.override(link.case.creditor.zone):
            return view(request, link, *args, **more)

    return shown


def visit_of(request: HttpRequest) -> Link | None:
    """The link of the visit this browser is on."""
    return door.link_of(visit=request.COOKIES.get(COOKIE, ""), now=clock.now())


@quiet
@sensitive_post_parameters()
@sensitive_variables("token", "answer", "visit")
@require_http_methods(["GET", "POST"])
def key(request: HttpRequest, token: str) -> HttpResponse:
    """Who are you? The same page and words for a link that is unknown, old, used or locked and for a wrong answer.

    Opened again by the browser that is on its visit, the link leads back to the page.
    """
    if request.method != "POST":
        link = visit_of(request)
        again = link is not None and door.is_token_of(link=link, token=token)
        return redirect("portal:home") if again else render(request, "portal/key.html")
    answer = door.Answer(tail=request.POST.get("tail", "").strip(), born_on=day(request.POST.get("born_on", "")))
    visit = door.open_link(token=token, answer=answer, address=network(request), now=clock.now())
    if visit is None:
        return render(request, "portal/key.html", {"wrong": True}, status=422)
    response = redirect("portal:home")
    response.set_cookie(
        COOKIE, visit, max_age=int(door.VISIT_LASTS.total_seconds()), path=PATH, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response


@visited
@require_POST
def leave(request: HttpRequest, link: Link) -> HttpResponse:
    """End the visit here and in the house."""
    door.leave(link=link, now=clock.now())
    response = redirect("portal:closed")
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
    return response


@quiet
@require_GET
def closed(request: HttpRequest) -> HttpResponse:
    """Nothing is open; how to get a new link."""
    return render(request, "portal/closed.html", {"contact": settings.DEFAULT_FROM_EMAIL})


@quiet
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on."""
    onward = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    response = redirect(onward if here and onward.startswith(PATH) else reverse("portal:closed"))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, samesite="Lax", httponly=True,
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )  # fmt: skip
    return response


def day(text: str) -> date | None:
    """A day as a date field sends it, or with dots, slashes or nothing between; None when it is none."""
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    try:
        return (
            date.fromisoformat(text.strip())
            if "-" in text
            else date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
        )
    except ValueError:
        return None


def network(request: HttpRequest) -> str:
    """Where a request comes from: behind a proxy of ours, the address the proxy saw."""
    if settings.SECURE_PROXY_SSL_HEADER:
        seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if seen:
            return seen
    return str(request.META.get("REMOTE_ADDR", ""))
