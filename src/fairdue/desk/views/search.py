"""Finding a person."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from fairdue.desk.pages import search as pages
from fairdue.staff.models import User
from fairdue.staff.policies import grant


@grant("search")
@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """By name, reference, phone, ID or e-mail. What is looked for travels in the body, never in an address or a log."""
    text = request.POST.get("q", "").strip()
    if not text:
        return render(request, "desk/search.html", {"text": ""})
    found = pages.look_up(text=text, user=cast(User, request.user))
    if len(found.mine) == 1 and not found.others and not found.tied and not found.caseless and found.exact:
        return redirect("desk:case", case_id=found.mine[0].case.pk)
    return render(request, "desk/search.html", {"text": text, "found": found, "most": pages.MOST})
