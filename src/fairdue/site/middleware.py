"""What every request passes."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation

from fairdue.staff.policies import may

WITH_A_ONE_TIME_PASSWORD: Final = ("desk:profile", "desk:sign-out")
"""What opens before somebody has chosen a password of their own."""

Handler = Callable[[HttpRequest], HttpResponseBase]


class LanguageOfUser:
    """The screens speak the signed-in user's language; visitors get the cookie's, else the browser's, else Chinese."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            language = request.user.language
        else:
            language = translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class DeniedUnlessGranted:
    """A view opens only for holders of the permission it names (staff/policies.py); one that names none stays shut."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Refuse (403) or send to the sign-in page before the view runs."""
        permission = getattr(view, "permission", getattr(getattr(view, "view_class", None), "permission", "nobody"))
        if permission is None:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if permission == "nobody" or not may(request.user, permission):
            raise PermissionDenied(str(permission))
        if request.user.must_change_password and _name(request) not in WITH_A_ONE_TIME_PASSWORD:
            return redirect("desk:profile")
        return None


def _name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
