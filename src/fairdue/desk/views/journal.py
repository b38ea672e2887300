"""The journal: entries, the chain, checking it."""

from time import perf_counter
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fairdue.desk import clock
from fairdue.desk.asking import Query
from fairdue.desk.pages import entries as pages
from fairdue.desk.pages.entry_words import SUBJECTS
from fairdue.desk.views.compliance import Bounded
from fairdue.journal import queries
from fairdue.journal import services as journal_services
from fairdue.staff.models import User
from fairdue.staff.policies import grant

A_PAGE = 50


@grant("journal")
def journal(request: HttpRequest) -> HttpResponse:
    """Entries by filter, the latest first, and how the chain stands."""
    query = Query(request.GET)
    chosen = pages.filters(query)
    shown = {
        "page": Bounded(pages.found(chosen), A_PAGE).get_page(request.GET.get("page")),
        "chosen": chosen,
        "unread": query.unread,
        "chain": pages.chain(now=clock.now()),
        "verbs": pages.verbs(),
        "subjects": SUBJECTS.items(),
    }
    return render(request, "desk/journal/journal.html", shown)


@grant("journal")
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain now; what was found is itself an entry."""
    begun = perf_counter()
    report = queries.verify()
    journal_services.write(
        pages.VERIFIED, by=cast(User, request.user), entries=report.entries, problems=report.problems, head=report.head,
        seconds=round(perf_counter() - begun, 2),
    )  # fmt: skip
    if report.intact:
        messages.success(
            request,
            _("The journal is intact: every one of its %(n)s entries follows from the one before.")
            % {"n": f"{report.entries:,}"},
        )
    else:
        messages.error(request, _("The journal is broken; see what was found below and keep a copy of the database."))
    return redirect("desk:journal")
