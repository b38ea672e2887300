"""Pages for what went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: signed in, but not granted."""
    return render(request, "desk/403.html", status=403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not theirs to know."""
    return render(request, "desk/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return render(request, "desk/500.html", status=500)
