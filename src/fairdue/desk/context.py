"""What every page of the desk knows."""

from typing import Any

from django.http import HttpRequest

from fairdue.staff.policies import PERMISSIONS, may


def frame(request: HttpRequest) -> dict[str, Any]:
    """`may`: the permissions of the signed-in user, as a set of names for templates."""
    user = getattr(request, "user", None)
    return {"may": {p for p in PERMISSIONS if user is not None and may(user, p)}}
