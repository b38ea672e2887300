"""The list of borrowers' complaints, and taking one up."""

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairdue.cases import services
from fairdue.desk.pages import complaints as pages
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 50


@grant("complaints")
@never_cache
def complaints(request: HttpRequest) -> HttpResponse:
    """What borrowers complained of on their page, in the cases one may see; what nobody took up first."""
    rows = pages.complaints_of(cast(User, request.user))
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "waiting": sum(1 for row in rows if row.taken is None)}
    return render(request, "desk/complaints.html", shown)


@grant("complaints")
@require_POST
def take(request: HttpRequest, note_id: int) -> HttpResponse:
    """Take one up; whoever was first keeps it."""
    user = cast(User, request.user)
    row = next((row for row in pages.complaints_of(user) if row.note.pk == note_id), None)
    if row is None:
        raise Http404
    if services.take_complaint(note=row.note, by=user):
        messages.success(request, _("You have taken the complaint up."))
    else:
        messages.warning(request, _("Somebody took this complaint up before you."))
    return redirect("desk:complaints")
