"""One person's wishes and permissions: seen, noted, taken back."""

from datetime import date
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairdue.cases.models import Case
from fairdue.desk import clock
from fairdue.desk.pages import wishes as pages
from fairdue.desk.views.case import noted_wish, told
from fairdue.desk.writing import day
from fairdue.flows import contact as flow
from fairdue.journal import services as journal
from fairdue.people import services as people
from fairdue.people.models import Consent, ContactPoint, Person, Source, Wish
from fairdue.staff.models import User
from fairdue.staff.policies import grant


def own_person(request: HttpRequest, person_id: int) -> tuple[Person, list[tuple[Case, int]]]:
    """A person of a case this user may see, with those cases; 404 for anybody else."""
    ties = pages.ties_of(person_id, cast(User, request.user))
    if not ties:
        raise Http404
    return get_object_or_404(Person, pk=person_id), ties


@grant("wish.see")
@never_cache
def wishes(request: HttpRequest, person_id: int) -> HttpResponse:
    """Everything a person asked for and allowed; opening it is journalled."""
    person, ties = own_person(request, person_id)
    journal.write(
        "wishes.seen", by=cast(User, request.user), subject="person", subject_id=person.pk, person_id=person.pk
    )
    return _shown(request, person, ties)


@grant("wish.write")
@require_POST
def add(request: HttpRequest, person_id: int) -> HttpResponse:
    """Note a wish or a permission. An opt-out takes back at once whatever was not sent yet."""
    person, ties = own_person(request, person_id)
    form = pages.NewForm(request.POST, points=ContactPoint.objects.filter(person=person))
    if not form.is_valid():
        return _shown(request, person, ties, form)
    try:
        _note(form, person, cast(User, request.user))
    except people.ContactPointError as error:
        form.add_error(error.field if error.field in form.fields else None, told(error))
        return _shown(request, person, ties, form)
    made = form.cleaned_data
    _say(request, kind=made["kind"], recorded=made["recorded"], last_day=made["last_day"])
    return redirect("desk:wishes", person_id=person.pk)


def _say(request: HttpRequest, *, kind: str, recorded: bool, last_day: date | None) -> None:
    """What is true of a wish or a permission just noted, and what there is to do."""
    if kind in Wish.Kind.values:
        messages.success(request, noted_wish(kind))
    elif not recorded:
        messages.warning(request, _(
            "Noted, but it has no effect: a permission counts only with a record of the moment it was said. Ask again, "
            "keep the record, and note it anew with “Recorded when it was said” ticked."
        ))  # fmt: skip
    elif last_day:
        messages.success(request, _("Noted. The permission counts on %(day)s.") % {"day": day(last_day)})
    else:
        messages.success(request, _("Noted. The permission counts from now on, until it is taken back."))


def _note(form: pages.NewForm, person: Person, by: User) -> None:
    data, now = form.cleaned_data, clock.now()
    kind, words, source = data["kind"], data["words"], data["source"]
    if kind == Wish.Kind.OPT_OUT:
        flow.opt_out(
            person=person, by=by, now=now, channel=form.channel, contact_point=form.point, words=words, source=source
        )
    elif kind == Wish.Kind.PLACE:
        people.note_place(person=person, by=by, now=now, until_on=data["last_day"], words=words, source=source)
    elif kind in {Wish.Kind.UNWELCOME, Wish.Kind.PREFERRED}:
        start, end = form.hours
        flow.note_times(
            person=person, kind=kind, start=start, end=end, by=by, now=now, days=form.days, until_on=data["last_day"],
            words=words, source=source,
        )  # fmt: skip
    else:
        people.allow(
            person=person, kind=kind, by=by, now=now, channel=form.channel, contact_point=form.point,
            on_date=data["last_day"], recorded=data["recorded"], words=words, source=source,
        )  # fmt: skip


@grant("wish.write")
@require_POST
def withdraw(request: HttpRequest, person_id: int, wish_id: int) -> HttpResponse:
    """They took a wish back; an opt-out only by those who may (`wish.withdraw`)."""
    person, _ties = own_person(request, person_id)
    wish = get_object_or_404(Wish, pk=wish_id, person=person)
    try:
        people.withdraw_wish(
            wish=wish, by=cast(User, request.user), now=clock.now(), why=request.POST.get("why", ""),
            source=_source(request),
        )  # fmt: skip
        messages.success(request, _("The wish is withdrawn."))
    except people.ContactPointError as error:
        messages.error(request, told(error))
    return redirect("desk:wishes", person_id=person.pk)


@grant("wish.write")
@require_POST
def revoke(request: HttpRequest, person_id: int, consent_id: int) -> HttpResponse:
    """They took a permission back; what rested on it and was not sent is taken back too."""
    person, _ties = own_person(request, person_id)
    consent = get_object_or_404(Consent, pk=consent_id, person=person)
    try:
        flow.revoke_consent(
            consent=consent, by=cast(User, request.user), now=clock.now(), why=request.POST.get("why", ""),
            source=_source(request),
        )  # fmt: skip
        messages.success(request, _("The permission is taken back."))
    except people.ContactPointError as error:
        messages.error(request, told(error))
    return redirect("desk:wishes", person_id=person.pk)


def _source(request: HttpRequest) -> str:
    given = request.POST.get("source", "")
    return given if given in Source.values else ""


def _shown(
    request: HttpRequest, person: Person, ties: list[tuple[Case, int]], form: pages.NewForm | None = None
) -> HttpResponse:
    page = pages.page_of(person=person, ties=ties, now=clock.now())
    shown = {"page": page, "form": form or pages.NewForm(points=page.points), "sources": Source.choices}
    return render(request, "desk/wishes/wishes.html", shown, status=422 if form else 200)
