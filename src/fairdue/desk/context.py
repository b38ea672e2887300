"""What every page of the desk knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from fairdue.desk.navigation import doors
from fairdue.staff.policies import PERMISSIONS, may


def frame(request: HttpRequest) -> dict[str, Any]:
    """`may`: the permissions of the signed-in user, as a set of names for templates; `doors`: the side bar."""
    user = getattr(request, "user", None)
    granted = {p for p in PERMISSIONS if user is not None and may(user, p)}
    return {"may": granted, "doors": doors(request, granted), "languages": settings.LANGUAGES}
