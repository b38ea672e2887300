"""Signing in and out, the second factor, one's profile, and the way to one's first page."""

import time
from typing import cast

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from fairdue.desk import services
from fairdue.desk.navigation import first_page
from fairdue.staff.models import User
from fairdue.staff.policies import PERMISSIONS, grant, may, public

HALF_SIGNED_IN = "half_signed_in"
SECONDS_FOR_THE_CODE = 300


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password; then the second factor for those who have one."""
    onward = _onward(request)
    if request.user.is_authenticated:
        return redirect(onward)
    if request.method != "POST":
        return render(request, "desk/sign_in.html", {"next": request.GET.get("next", "")})
    username = request.POST.get("username", "").strip()
    user = authenticate(request, username=username, password=request.POST.get("password", ""))
    if isinstance(user, User):
        if services.second_factor(user):
            request.session[HALF_SIGNED_IN] = {"user": user.pk, "at": time.time(), "next": onward}
            return redirect("desk:second-factor")
        services.open_session(request, user=user)
        return redirect(onward)
    locked = bool(getattr(request, "axes_locked_out", False))
    services.note_refusal(username=username, why="locked" if locked else "password", address=_address(request))
    wrong = {"wrong": True, "username": username, "next": request.POST.get("next", "")}
    return render(request, "desk/sign_in.html", wrong, status=422)


@public
@never_cache
def second_factor(request: HttpRequest) -> HttpResponse:
    """The six figures of the authenticator."""
    half = request.session.get(HALF_SIGNED_IN)
    if not half or time.time() - half["at"] > SECONDS_FOR_THE_CODE:
        request.session.pop(HALF_SIGNED_IN, None)
        return redirect("desk:sign-in")
    if request.method != "POST":
        return render(request, "desk/second_factor.html")
    user = User.objects.get(pk=half["user"])
    device = services.second_factor(user)
    # verify_token throttles by itself: each wrong code doubles the wait.
    if device is not None and device.verify_token(request.POST.get("code", "").replace(" ", "")):
        del request.session[HALF_SIGNED_IN]
        services.open_session(request, user=user, device=device)
        return redirect(half["next"])
    services.note_refusal(username=user.username, why="second factor", address=_address(request))
    return render(request, "desk/second_factor.html", {"wrong": True}, status=422)


@grant("signed_in")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    services.close_session(request)
    return redirect("desk:sign-in")


@grant("signed_in")
def home(request: HttpRequest) -> HttpResponse:
    """Everyone's first page, by role."""
    return redirect(first_page({p for p in PERMISSIONS if may(request.user, p)}))


@grant("signed_in")
@sensitive_post_parameters()
def profile(request: HttpRequest) -> HttpResponse:
    """Language, password, second factor."""
    user = cast(User, request.user)
    form = PasswordChangeForm(user, request.POST or None)
    for field in form.fields.values():
        field.widget.attrs["class"] = "form-control"
        field.widget.attrs.pop("autofocus", None)
    if request.method == "POST" and form.is_valid():
        onward = "desk:home" if user.must_change_password else "desk:profile"
        update_session_auth_hash(request, services.change_password(form=form))
        messages.success(request, _("Your password was changed."))
        return redirect(onward)
    shown = {"form": form, "device": services.second_factor(user)}
    return render(request, "desk/profile.html", shown, status=422 if form.errors else 200)


@grant("signed_in")
@never_cache
def second_factor_setup(request: HttpRequest) -> HttpResponse:
    """Scan, type the first code, done."""
    user = cast(User, request.user)
    wrong = False
    if request.method == "POST":
        if services.confirm_second_factor(user=user, code=request.POST.get("code", "").replace(" ", "")):
            messages.success(request, _("Your authenticator is set up. The next sign-in asks for its code."))
            return redirect("desk:profile")
        wrong = True
    device = services.begin_second_factor(user=user)
    picture = segno.make(device.config_url, error="m").png_data_uri(scale=5, border=2)
    shown = {"picture": picture, "secret": services.secret_of(device), "wrong": wrong}
    return render(request, "desk/second_factor_setup.html", shown, status=422 if wrong else 200)


@grant("signed_in")
@require_POST
def second_factor_remove(request: HttpRequest) -> HttpResponse:
    """Take the authenticator away, against the password."""
    user = cast(User, request.user)
    if user.check_password(request.POST.get("password", "")):
        services.remove_second_factor(user=user)
        messages.success(request, _("Signing in asks for your password only."))
    else:
        messages.error(request, _("That was not your password; nothing was changed."))
    return redirect("desk:profile")


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language: kept with the user, or in a cookie for a visitor."""
    chosen = request.POST.get("language", "")
    known = {code for code, _name in settings.LANGUAGES}
    response = HttpResponseRedirect(_safe(request, request.POST.get("next", "")))
    if chosen not in known:
        return response
    if isinstance(request.user, User):
        services.set_language(user=request.user, language=chosen)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, samesite="Lax", httponly=True,
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )  # fmt: skip
    return response


def _onward(request: HttpRequest) -> str:
    return _safe(request, request.POST.get("next") or request.GET.get("next", ""))


def _safe(request: HttpRequest, address: str) -> str:
    """`address` when it stays on this site, else the home page."""
    if address and url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return address
    return reverse("desk:home")


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
