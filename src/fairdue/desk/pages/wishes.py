"""What one person asked for and allowed, in time order, with who noted it and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairdue.cases.models import Case
from fairdue.cases.queries import visible_to
from fairdue.desk.pages.keeping import CLASS, PICK, WISH_CHANNELS, TimesForm
from fairdue.law import codes
from fairdue.people.models import Consent, ContactPoint, Person, Relation, Source, Wish, Withdrawal
from fairdue.staff.models import User


@dataclass(frozen=True)
class Row:
    """One wish or permission. loosens: while in force it lets more through; over: withdrawn, or its last day is past."""

    made: Wish | Consent
    loosens: bool
    at: datetime
    withdrawal: Withdrawal | None
    ended_at: datetime | None
    last_day: date | None
    over: bool

    @property
    def wish(self) -> bool:
        """Whether it is a wish; else a permission."""
        return isinstance(self.made, Wish)


@dataclass(frozen=True)
class Page:
    """Everything about one person's wishes. ties: the visible cases through which one may see the person."""

    person: Person
    rows: list[Row]
    ties: list[tuple[Case, int]]
    points: list[ContactPoint]

    @property
    def open(self) -> list[Row]:
        """What binds now."""
        return [row for row in self.rows if not row.over]

    @property
    def closed(self) -> list[Row]:
        """What was taken back or ran out."""
        return [row for row in self.rows if row.over]


def ties_of(person_id: int, user: User) -> list[tuple[Case, int]]:
    """The visible cases a person belongs to, with the tie: the debtor's own, and those of debtors they are tied to."""
    kinds = dict(Relation.objects.filter(person_id=person_id).order_by("-kind").values_list("debtor_id", "kind"))
    cases = visible_to(user).filter(person_id__in=[person_id, *kinds]).select_related("person", "creditor", "owner")
    found = [(case, int(kinds.get(case.person_id, codes.Relation.DEBTOR))) for case in cases.distinct().order_by("pk")]
    return [(case, int(codes.Relation.DEBTOR) if case.person_id == person_id else kind) for case, kind in found]


def page_of(*, person: Person, ties: list[tuple[Case, int]], now: datetime) -> Page:
    """The wishes and permissions of a person, the latest first, in a fixed number of queries."""
    today = timezone.localdate(now)
    wishes = Wish.objects.filter(person=person).select_related("contact_point", "noted_by", "withdrawal__by")
    consents = Consent.objects.filter(person=person).select_related("contact_point", "noted_by", "withdrawal__by")
    rows = [*_wish_rows(wishes, today), *_consent_rows(consents, today)]
    points = list(ContactPoint.objects.filter(person=person).order_by("kind", "rank", "pk"))
    return Page(person, sorted(rows, key=lambda row: (row.at, row.made.pk), reverse=True), ties, points)


def _wish_rows(wishes: Iterable[Wish], today: date) -> Iterable[Row]:
    for wish in wishes:
        taken = getattr(wish, "withdrawal", None)
        yield Row(wish, False, wish.made_at, taken, wish.withdrawn_at, wish.until_on, not wish.holds(today))


def _consent_rows(consents: Iterable[Consent], today: date) -> Iterable[Row]:
    for consent in consents:
        taken = getattr(consent, "withdrawal", None)
        yield Row(consent, True, consent.given_at, taken, consent.revoked_at, consent.on_date, not consent.holds(today))


class NewForm(TimesForm):
    """Something a person asked for or allowed; which fields count follows from the kind."""

    kind = forms.ChoiceField(
        label=_("What they said"), widget=forms.Select(PICK),
        choices=[
            (_("They ask"), [
                (Wish.Kind.OPT_OUT.value, _("not to be reached (opt-out)")),
                (Wish.Kind.UNWELCOME.value, _("not at certain times")),
                (Wish.Kind.PLACE.value, _("not at home")),
                (Wish.Kind.PREFERRED.value, _("best at certain times")),
            ]),
            (_("They allow"), [
                (Consent.Kind.MORE_CALLS.value, _("more calls")),
                (Consent.Kind.OFF_HOURS.value, _("contact outside the hours")),
            ]),
        ],
    )  # fmt: skip
    reach = forms.ChoiceField(label=_("About"), required=False, widget=forms.Select(PICK))
    last_day = forms.DateField(
        label=_("Day"), required=False,
        widget=forms.DateInput({**CLASS, "type": "date"}),
    )  # fmt: skip
    source = forms.ChoiceField(label=_("How we know"), choices=Source.choices, widget=forms.Select(PICK))
    recorded = forms.BooleanField(
        label=_("Recorded when it was said (without a record a permission has no effect)"), required=False,
        widget=forms.CheckboxInput({"class": "form-check-input"}),
    )  # fmt: skip
    words = forms.CharField(label=_("In their words"), max_length=200, widget=forms.TextInput(CLASS))

    def __init__(self, data: Any = None, *, points: Iterable[ContactPoint]) -> None:
        super().__init__(data, auto_id="new-%s", label_suffix="")
        self.points = {point.pk: point for point in points}
        channels = [(f"c{code}" if code else "", word) for code, word in WISH_CHANNELS]
        listed = [(f"p{pk}", f"{point.get_kind_display()} {point.masked}") for pk, point in self.points.items()]
        field = self.fields["reach"]
        assert isinstance(field, forms.ChoiceField), "reach is a choice"
        field.choices = [*channels, (_("One contact point"), listed)] if listed else channels

    @property
    def channel(self) -> codes.Channel | None:
        """The channel named, None for every one."""
        chosen = self.cleaned_data.get("reach", "")
        return codes.Channel(int(chosen[1:])) if chosen.startswith("c") else None

    @property
    def point(self) -> ContactPoint | None:
        """The contact point named."""
        chosen = self.cleaned_data.get("reach", "")
        return self.points[int(chosen[1:])] if chosen.startswith("p") else None
