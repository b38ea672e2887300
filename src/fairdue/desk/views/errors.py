"""Pages for what went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: signed in, but not granted."""
    return render(request, "desk/403.html", status=403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not theirs to know. Whoever is signed in keeps the menu."""
    user = getattr(request, "user", None)
    frame = "desk/base.html" if user is not None and user.is_authenticated else "desk/gate.html"
    return render(request, "desk/404.html", {"frame": frame}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return render(request, "desk/500.html", status=500)
