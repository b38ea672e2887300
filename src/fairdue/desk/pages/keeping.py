"""Small forms of the case page: holds, contact data, wishes."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django import forms
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Account
from fairdue.cases.models import Case, Hold
from fairdue.desk import words
from fairdue.law import codes
from fairdue.people.models import ContactPoint, Wish

POINT_ACTS = [
    ("verified", _("It is theirs: verified")),
    ("first", _("Use this one first")),
    ("wrong_person", _("It belongs to somebody else")),
    ("invalid", _("It does not exist")),
    ("opt_out", _("They ask us not to use it")),
]
"""What may be noted about a contact point."""
COUNTRIES = [(c, c) for c in ("CN", "HK", "MO", "TW", "US", "GB", "SG", "AU", "IN", "BR")]
WISH_CHANNELS = [
    ("", _("Every channel")),
    *(
        (int(c), words.CHANNELS[c])
        for c in (codes.Channel.CALL, codes.Channel.SMS, codes.Channel.EMAIL, codes.Channel.LETTER, codes.Channel.VISIT)
    ),
]
WEEKDAYS = [(0, _("Mon")), (1, _("Tue")), (2, _("Wed")), (3, _("Thu")), (4, _("Fri")), (5, _("Sat")), (6, _("Sun"))]
SOURCES = [
    ContactPoint.Source.TOLD,
    ContactPoint.Source.RESERVED,
    ContactPoint.Source.THIRD,
    ContactPoint.Source.PUBLIC,
]
CLASS = {"class": "form-control"}
PICK = {"class": "form-select"}


class HoldForm(forms.Form):
    """Stop collection."""

    kind = forms.ChoiceField(label=_("Reason"), choices=Hold.Kind.choices, widget=forms.Select(PICK))
    reason = forms.CharField(label=_("In a sentence"), max_length=300, widget=forms.TextInput(CLASS))
    ends_on = forms.DateField(
        label=_("Until (empty: until lifted)"), required=False, widget=forms.DateInput({**CLASS, "type": "date"})
    )
    account = forms.IntegerField(required=False)

    def __init__(self, data: Any = None, *, case: Case | None = None) -> None:
        super().__init__(data, auto_id="hold-%s", label_suffix="")
        self.case = case
        self.about: Account | None = None

    def clean(self) -> dict[str, Any]:
        """The account must be one of the case."""
        found = super().clean() or {}
        if found.get("account") and self.case:
            mine = Account.objects.filter(debtor_id=self.case.person_id, creditor_id=self.case.creditor_id)
            self.about = mine.filter(pk=found["account"]).first()
            if self.about is None:
                self.add_error("account", _("This account is not part of the case."))
        return found


class ContactForm(forms.Form):
    """A new contact point."""

    person = forms.IntegerField(required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=ContactPoint.Kind.choices, widget=forms.Select(PICK))
    value = forms.CharField(
        label=_("Number or address"), max_length=300, widget=forms.TextInput({**CLASS, "autocomplete": "off"})
    )
    country = forms.ChoiceField(label=_("Country"), choices=COUNTRIES, required=False, widget=forms.Select(PICK))
    line = forms.ChoiceField(
        label=_("Line"), required=False, widget=forms.Select(PICK),
        choices=[("", "–"), ("mobile", _("Mobile")), ("landline", _("Landline")), ("work", _("At work"))],
    )  # fmt: skip
    source = forms.ChoiceField(
        label=_("How we know"), required=False, widget=forms.Select(PICK),
        choices=[(s.value, s.label) for s in SOURCES],
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="point-%s", label_suffix="")


class PointForm(forms.Form):
    """Something about one contact point."""

    act = forms.ChoiceField(choices=POINT_ACTS)
    why = forms.CharField(required=False, max_length=200)


class TimesForm(forms.Form):
    """Hours of the day and weekdays, as a person names them. `timed`: the kinds of wish that need them."""

    timed = frozenset({Wish.Kind.UNWELCOME.value, Wish.Kind.PREFERRED.value})
    start = forms.TimeField(label=_("From"), required=False, widget=forms.TimeInput({**CLASS, "type": "time"}))
    end = forms.TimeField(label=_("To"), required=False, widget=forms.TimeInput({**CLASS, "type": "time"}))
    weekdays = forms.MultipleChoiceField(
        label=_("On these days"), choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )

    def clean(self) -> dict[str, Any]:
        """A wish about times names both: an empty one is no whole day."""
        found = super().clean() or {}
        if found.get("kind") in self.timed:
            for name in ("start", "end"):
                if found.get(name) is None and name not in self.errors:
                    self.add_error(name, _(
                        "Write from when and until when. To be left alone altogether is another wish: opt-out."
                    ))  # fmt: skip
        return found

    @property
    def days(self) -> int:
        """Weekdays as bits; none named means every day."""
        return sum(1 << int(n) for n in self.cleaned_data.get("weekdays", [])) or 127

    @property
    def hours(self) -> tuple[int, int]:
        """From and to as minutes of the day; midnight as an end is the end of the day."""
        start, end = (self.cleaned_data[name].hour * 60 + self.cleaned_data[name].minute for name in ("start", "end"))
        return start, end or 1440


class WishForm(TimesForm):
    """What a person asked for."""

    person = forms.IntegerField(required=False)
    kind = forms.ChoiceField(
        label=_("They ask"), widget=forms.Select(PICK),
        choices=[(k.value, k.label) for k in (Wish.Kind.UNWELCOME, Wish.Kind.PREFERRED, Wish.Kind.OPT_OUT)],
    )  # fmt: skip
    channel_code = forms.ChoiceField(
        label=_("Channel"), choices=WISH_CHANNELS, required=False, widget=forms.Select(PICK)
    )
    words = forms.CharField(label=_("In their words"), required=False, max_length=200, widget=forms.TextInput(CLASS))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="wish-%s", label_suffix="")

    @property
    def channel(self) -> codes.Channel | None:
        """The channel named, None for every channel."""
        chosen = self.cleaned_data.get("channel_code")
        return codes.Channel(int(chosen)) if chosen else None


@cache
def drawn(language: str) -> Mapping[str, Mapping[str, SafeString]]:
    """Label and widget of each field of the empty forms (hold, point, wish) as HTML, alike for every case of a language.

    Drawn once: thirty small templates for each opening of a case are a seventh of its time.
    """
    with translation.override(language):
        empty: dict[str, forms.Form] = {"hold": HoldForm(), "point": ContactForm(), "wish": WishForm()}
        found = {
            name: {field.name: format_html("{}{}", field.label_tag(), str(field)) for field in form}
            for name, form in empty.items()
        }
        days = empty["wish"]["weekdays"]
        boxes = format_html_join("", "<label>{} {}</label>", ((box.tag(), box.choice_label) for box in days))
        found["wish"]["weekdays"] = format_html('<legend class="label">{}</legend>{}', days.label, boxes)
    del found["point"]["person"]
    return found
