"""The list of borrowers' complaints and requests for their data, and taking one up."""

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as gl
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairdue.cases import services
from fairdue.desk.pages import complaints as pages
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 50
TABS = {"": gl("All"), "complaints": gl("Complaints"), "data": gl("Requests for data")}


@grant("complaints")
@never_cache
def complaints(request: HttpRequest) -> HttpResponse:
    """What borrowers asked of a desk on their page, in the cases one may see; what nobody took up first."""
    user = cast(User, request.user)
    rows, matters = pages.asked_of(user), pages.matters_of(user)
    tab = request.GET.get("tab", "")
    tab = tab if tab in matters else ""
    asked = {"": rows} | {name: [row for row in rows if row.made == verb] for name, verb in matters.items()}
    waiting = {name: sum(1 for row in of if row.taken is None) for name, of in asked.items()}
    page = Paginator(asked[tab], A_PAGE).get_page(request.GET.get("page"))
    tabs = [(name, word, waiting[name]) for name, word in TABS.items() if name in asked]
    return render(request, "desk/complaints.html", {"page": page, "waiting": waiting[""], "tab": tab, "tabs": tabs})


@grant("complaints")
@require_POST
def take(request: HttpRequest, note_id: int) -> HttpResponse:
    """Take one up; whoever was first keeps it."""
    user = cast(User, request.user)
    row = next((row for row in pages.asked_of(user) if row.note.pk == note_id), None)
    if row is None:
        raise Http404
    if services.take_up(note=row.note, made=row.made, by=user):
        messages.success(request, _("It is yours now."))
    else:
        taker = next((one.taker for one in pages.asked_of(user) if one.note.pk == note_id), None)
        messages.warning(request, _("%(who)s took this up before you.") % {"who": taker or "–"})
    return redirect("desk:complaints")
