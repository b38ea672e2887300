"""The case page, and what is kept about a case: notes, holds, contact data, reveals."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairdue.cases import queries, worklist
from fairdue.cases import services as cases
from fairdue.cases.holds import HoldError
from fairdue.cases.models import Case, Hold
from fairdue.desk import clock, writing
from fairdue.desk.pages import case as pages
from fairdue.desk.pages import history, outcomes
from fairdue.desk.pages.in_hand import in_hand
from fairdue.desk.pages.keeping import ContactForm, HoldForm, PointForm, WishForm, drawn
from fairdue.flows import contact as flow
from fairdue.journal import services as journal
from fairdue.people import services as people
from fairdue.people.models import ContactPoint, Person, Relation, Wish
from fairdue.staff.models import User
from fairdue.staff.policies import grant, may


def own_case(request: HttpRequest, case_id: int) -> Case:
    """The case when this user may see it, else 404: a stranger's case is not there."""
    visible = queries.visible_to(cast(User, request.user)).select_related("person", "creditor", "owner")
    case: Case = get_object_or_404(visible.distinct(), pk=case_id)
    return case


def party(case: Case, person_id: int) -> Person:
    """The debtor or somebody tied to the debt; 404 for anybody else."""
    tied = (
        person_id == case.person_id or Relation.objects.filter(debtor_id=case.person_id, person_id=person_id).exists()
    )
    if not tied:
        raise Http404
    return get_object_or_404(Person, pk=person_id)


def own_point(case: Case, point_id: int) -> ContactPoint:
    """A contact point of the case's people, else 404."""
    point = get_object_or_404(ContactPoint.objects.select_related("person"), pk=point_id)
    party(case, point.person_id)
    return point


def told(error: Exception) -> str:
    """A service's refusal in the language of the page."""
    return str(getattr(error, "zh" if writing.chinese() else "en", "") or error)


def noted_wish(kind: str) -> str:
    """What follows from a wish just noted."""
    if kind == Wish.Kind.PREFERRED:
        return _("Noted. Whoever reaches them sees it; it bars nothing.")
    return _("Noted. It binds every contact from now on.")


@grant("case.see")
@never_cache
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Everything about one case on one screen; opening it is journalled."""
    found = own_case(request, case_id)
    user, now = cast(User, request.user), clock.now()
    journal.write("case.opened", by=user, subject="case", subject_id=found.pk, person_id=found.person_id)
    page = pages.page_of(
        case=found, user=user, now=now, language=request.GET.get("script", ""), all_events="all" in request.GET
    )
    call = in_hand(case=found, attempt=page.line, by=user) if page.line and may_contact(request) else None
    return render(request, "desk/case.html", {"page": page, "in_hand": call, **forms_of()})


def forms_of() -> dict[str, Any]:
    """What the small forms of the page offer."""
    today = clock.today()
    return {
        "promise_days": outcomes.promise_days(today),
        "fields": drawn(translation.get_language()),
        "kinds": history.KINDS,
        "today": today,
    }


@grant("case.note")
@require_POST
def note(request: HttpRequest, case_id: int) -> HttpResponse:
    """Write a note."""
    found = own_case(request, case_id)
    try:
        cases.note(case=found, by=cast(User, request.user), text=request.POST.get("text", ""))
        messages.success(request, _("The note is kept."))
    except ValueError as error:
        messages.error(request, told(error))
    return redirect("desk:case", case_id=case_id)


@grant("hold.place")
@require_POST
def hold(request: HttpRequest, case_id: int) -> HttpResponse:
    """Stop collection from this person, or about one account."""
    found = own_case(request, case_id)
    form = HoldForm(request.POST, case=found)
    if not form.is_valid():
        messages.error(request, _first_error(form))
        return redirect("desk:case", case_id=case_id)
    try:
        flow.place_hold(
            person=found.person, kind=Hold.Kind(form.cleaned_data["kind"]), reason=form.cleaned_data["reason"],
            by=cast(User, request.user), now=clock.now(), account=form.about, ends_on=form.cleaned_data["ends_on"],
        )  # fmt: skip
        messages.success(request, _("Collection has stopped. Nothing unsent goes out."))
    except HoldError as error:
        messages.error(request, told(error))
    return redirect("desk:case", case_id=case_id)


@grant("hold.lift")
@require_POST
def lift(request: HttpRequest, case_id: int, hold_id: int) -> HttpResponse:
    """End a hold, with a reason."""
    found = own_case(request, case_id)
    held = get_object_or_404(Hold, pk=hold_id, person_id=found.person_id)
    try:
        flow.lift_hold(hold=held, by=cast(User, request.user), now=clock.now(), reason=request.POST.get("reason", ""))
        messages.success(request, _("The hold is lifted."))
    except HoldError as error:
        messages.error(request, told(error))
    return redirect("desk:case", case_id=case_id)


@grant("case.reveal")
@require_POST
@never_cache
def reveal(request: HttpRequest, case_id: int, point_id: int) -> HttpResponse:
    """A contact point in full, journalled."""
    found = own_case(request, case_id)
    point = own_point(found, point_id)
    value = people.reveal(contact_point=point, by=cast(User, request.user), reason="case page", case_id=found.pk)
    return render(request, "desk/parts/revealed.html", {"value": value, "again": point.masked})


@grant("case.reveal")
@require_POST
@never_cache
def reveal_id(request: HttpRequest, case_id: int, person_id: int) -> HttpResponse:
    """An identity document's number in full, journalled."""
    found = own_case(request, case_id)
    who = party(found, person_id)
    value = people.reveal_id(person=who, by=cast(User, request.user), reason="case page", case_id=found.pk)
    return render(request, "desk/parts/revealed.html", {"value": value, "again": who.id_masked})


@grant("contact")
@require_POST
@never_cache
def check_id(request: HttpRequest, case_id: int, person_id: int) -> HttpResponse:
    """Whether what somebody says (four figures of the ID, or the date of birth) is on record; the record stays hidden."""
    found = own_case(request, case_id)
    who, user = party(found, person_id), cast(User, request.user)
    if "born" in request.POST:
        fits = people.check_birth(person=who, said=request.POST["born"], by=user, case_id=found.pk)
    else:
        fits = people.check_id(person=who, figures=request.POST.get("figures", ""), by=user, case_id=found.pk)
    return render(request, "desk/parts/id_checked.html", {"fits": fits})


@grant("case.update")
@require_POST
def add_point(request: HttpRequest, case_id: int) -> HttpResponse:
    """A new phone, e-mail or address of somebody of the case."""
    found = own_case(request, case_id)
    form = ContactForm(request.POST)
    if not form.is_valid():
        messages.error(request, _first_error(form))
        return redirect("desk:case", case_id=case_id)
    data = form.cleaned_data
    who = party(found, data["person"] or found.person_id)
    try:
        people.add_contact_point(
            person=who, kind=data["kind"], value=data["value"], by=cast(User, request.user), now=clock.now(),
            country=data["country"] or "CN", line=data["line"], source=data["source"] or ContactPoint.Source.TOLD,
        )  # fmt: skip
        messages.success(request, _("The contact point is kept."))
    except people.ContactPointError as error:
        messages.error(request, told(error))
    return redirect("desk:case", case_id=case_id)


@grant("case.update")
@require_POST
def update_point(request: HttpRequest, case_id: int, point_id: int) -> HttpResponse:
    """Mark a contact point, change what is known about it, or note that it must not be used."""
    found = own_case(request, case_id)
    point = own_point(found, point_id)
    form = PointForm(request.POST)
    user, now = cast(User, request.user), clock.now()
    if not form.is_valid():
        messages.error(request, _first_error(form))
    elif form.cleaned_data["act"] == "opt_out":
        flow.opt_out(person=point.person, by=user, now=now, contact_point=point, words=form.cleaned_data["why"])
        messages.success(request, _("Noted: this contact point is not used any more."))
    elif form.cleaned_data["act"] == "first":
        people.update_contact_point(contact_point=point, by=user, now=now, rank=1)
        messages.success(request, _("Noted: this contact point comes first."))
    else:
        people.set_status(
            contact_point=point, status=form.cleaned_data["act"], by=user, now=now, why=form.cleaned_data["why"]
        )
        messages.success(request, _("The contact point is marked."))
    return redirect("desk:case", case_id=case_id)


@grant("case.update")
@require_POST
def wish(request: HttpRequest, case_id: int) -> HttpResponse:
    """What a person asked for: no contact on a channel, or unwelcome or preferred hours."""
    found = own_case(request, case_id)
    form = WishForm(request.POST)
    if not form.is_valid():
        messages.error(request, _first_error(form))
        return redirect("desk:case", case_id=case_id)
    data = form.cleaned_data
    who = party(found, data["person"] or found.person_id)
    user, now = cast(User, request.user), clock.now()
    try:
        if data["kind"] == Wish.Kind.OPT_OUT:
            flow.opt_out(person=who, by=user, now=now, channel=form.channel, words=data["words"])
        else:
            start, end = form.hours
            flow.note_times(
                person=who, kind=data["kind"], start=start, end=end, by=user, now=now, days=form.days,
                words=data["words"],
            )  # fmt: skip
        messages.success(request, noted_wish(data["kind"]))
    except people.ContactPointError as error:
        messages.error(request, told(error))
    return redirect("desk:case", case_id=case_id)


@grant("work")
@require_POST
def skip(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put the case behind everything else of today, with a reason; then the list."""
    found = own_case(request, case_id)
    user, now = cast(User, request.user), clock.now()
    item = found.work_items.filter(on=clock.today(), user=user).first()
    if item is None:
        messages.error(request, _("This case is not on your list today."))
        return redirect("desk:case", case_id=case_id)
    try:
        worklist.take(item=item, user=user, now=now)
        worklist.skip(item=item, by=user, why=request.POST.get("why", ""), now=now)
        messages.success(request, _("Put aside: the case comes again at the end of your list."))
    except ValueError as error:
        messages.error(request, told(error))
    return redirect("desk:today")


def _first_error(form: forms.Form) -> str:
    """The first thing that is wrong, with the name of its field: the form itself is closed."""
    name, errors = next(iter(form.errors.items()))
    label = form.fields[name].label if name in form.fields else None
    return _("%(field)s: %(error)s") % {"field": label, "error": errors[0]} if label else str(errors[0])


def may_contact(request: HttpRequest) -> bool:
    """Whether this user may reach out at all."""
    return may(request.user, "contact")
