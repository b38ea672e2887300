"""Signing in and the way to one's first page."""

from django.http import HttpRequest, HttpResponse

from fairdue.staff.policies import grant, public


@public
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page."""
    return HttpResponse("sign in")


@grant("signed_in")
def home(request: HttpRequest) -> HttpResponse:
    """Everyone's first page, by role."""
    return HttpResponse("home")
