"""Rights and duties of one borrower: shown with their sources, sent, printed, read out."""

from typing import cast
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairdue.cases.models import Case
from fairdue.contact.models import Explanation
from fairdue.contact.services import Refused
from fairdue.desk import clock
from fairdue.desk.pages import history, reach
from fairdue.desk.views.case import own_case, own_point, told
from fairdue.flows import rights as flow
from fairdue.people.models import ContactPoint
from fairdue.staff.models import User
from fairdue.staff.policies import grant


@grant("case.see")
@require_GET
@never_cache
def rights(request: HttpRequest, case_id: int) -> HttpResponse:
    """The statement for this borrower, sentence by sentence with its source, and what was explained before."""
    return _page(request, own_case(request, case_id))


@grant("contact")
@require_POST
@never_cache
def send(request: HttpRequest, case_id: int, point_id: int) -> HttpResponse:
    """Send it by e-mail through the one door; a refusal is shown with its reasons."""
    case = own_case(request, case_id)
    point = own_point(case, point_id)
    user, now = cast(User, request.user), clock.now()
    key = f"{user.pk}:rights:{request.POST.get('key', '')[:60] or uuid4().hex}:{point.pk}"
    try:
        answer = flow.send(case=case, contact_point=point, by=user, now=now, key=key, language=_language(request))
    except flow.NoStatementError as error:
        messages.error(request, told(error))
        return redirect("desk:case", case_id=case.pk)
    if isinstance(answer, Refused):
        return _page(request, case, refused=answer, status=409)
    messages.success(request, _("The statement is on its way. Version and text are kept."))
    return _back(request, case)


@grant("case.note")
@require_POST
@never_cache
def print_(request: HttpRequest, case_id: int) -> HttpResponse:
    """The statement as PDF; kept as printed."""
    case = own_case(request, case_id)
    try:
        made = flow.print_(case=case, by=cast(User, request.user), now=clock.now(), language=_language(request))
    except flow.NoStatementError as error:
        messages.error(request, told(error))
        return redirect("desk:case", case_id=case.pk)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="rights-{case.creditor.code}-{case.pk}.pdf"'
    return response


@grant("case.note")
@require_http_methods(["GET", "POST"])
@never_cache
def read(request: HttpRequest, case_id: int) -> HttpResponse:
    """In large type, to read out (GET); how it was taken (POST)."""
    case = own_case(request, case_id)
    if request.method == "POST":
        came = request.POST.get("came", "")
        if came not in Explanation.Came.values or not came:
            messages.error(request, _("Say how it was taken."))
            return _back(request, case, "desk:rights-read")
        try:
            flow.read_out(
                case=case, by=cast(User, request.user), now=clock.now(), came=Explanation.Came(came),
                language=_language(request),
            )  # fmt: skip
        except flow.NoStatementError as error:
            messages.error(request, told(error))
            return redirect("desk:case", case_id=case.pk)
        messages.success(request, _("Kept: the statement was read out."))
        return _back(request, case)
    return _page(request, case, template="desk/rights_read.html")


def _page(
    request: HttpRequest,
    case: Case,
    *,
    template: str = "desk/rights.html",
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    try:
        found = flow.filled(case=case, on=clock.today(), language=_language(request))
    except flow.NoStatementError as error:
        messages.error(request, told(error))
        return redirect("desk:case", case_id=case.pk)
    shown = {
        "case": case,
        "told": found,
        "parts": [
            (section, [(one, found.source_of(one)) for one in section.sentences])
            for section in found.sections
            if section.sentences
        ],
        "emails": ContactPoint.objects.filter(person_id=case.person_id, kind="email").order_by("rank", "pk"),
        "earlier": history.explanations_of(case=case)[:20],
        "came": [(value, word) for value, word in Explanation.Came.choices if value],
        "key": uuid4().hex,
        "refused": refused,
        "reasons": reach.reason_rows(refused.reasons) if refused else [],
        "headline": reach.said(refused.headline) if refused else "",
    }
    return render(request, template, shown, status=status)


def _language(request: HttpRequest) -> str:
    """The language asked for; empty: the borrower's."""
    asked = request.POST.get("lang") or request.GET.get("lang", "")
    return asked if asked in {"zh", "en"} else ""


def _back(request: HttpRequest, case: Case, page: str = "desk:rights") -> HttpResponse:
    """To a page of the statement, in the language that was chosen."""
    language = _language(request)
    return redirect(f"{reverse(page, args=[case.pk])}{f'?lang={language}' if language else ''}")
