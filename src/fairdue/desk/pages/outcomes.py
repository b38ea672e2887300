"""The outcomes of a call, one key each, and what each asks for."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Account
from fairdue.cases.models import Case
from fairdue.contact.models import Outcome
from fairdue.contact.services import THIRD, foresee, may_come
from fairdue.desk import writing
from fairdue.flows.contact import Promised
from fairdue.law import codes
from fairdue.money.amount import AmountError, parse_amount
from fairdue.people.models import ContactPoint

Kind = Outcome.Kind


@dataclass(frozen=True)
class Choice:
    """One key. `asks`: what a small form must ask before it is recorded; empty: nothing, one press is enough."""

    key: str
    kind: str
    label: Any
    icon: str
    tone: str = "quiet"
    asks: Literal["", "promise", "reason", "when", "note"] = ""
    follows: Any = ""


KEYS: list[Choice] = [
    Choice("1", Kind.NO_ANSWER, _("No answer"), "phone-off"),
    Choice("2", Kind.BUSY, _("Busy"), "phone-pause"),
    Choice("3", Kind.WRONG_NUMBER, _("Wrong number"), "user-x", follows=_("The number is marked and not used again.")),
    Choice("4", Kind.PROMISE, _("Promise to pay"), "heart-handshake", "ok", "promise"),
    Choice("y", Kind.PLAN, _("Plan agreed"), "clipboard-check", "ok", "note"),
    Choice("5", Kind.REFUSES, _("Refuses to pay"), "ban", "stop", "note"),
    Choice(
        "6", Kind.HARDSHIP, _("Hardship"), "mood-sad", "warn", "reason", _("Collection stops while it is assessed.")
    ),
    Choice("7", Kind.DISPUTE, _("Dispute"), "scale", "warn", "reason", _("Collection stops until it is answered.")),
    Choice("8", Kind.CALL_BACK, _("Call back at …"), "clock", "info", "when"),
    Choice(
        "9",
        Kind.ABUSIVE,
        _("Abusive call"),
        "mood-angry",
        "stop",
        "note",
        _("Take a breath: the next call waits for you."),
    ),
    Choice("0", Kind.VOICEMAIL, _("Voicemail"), "record-mail"),
    Choice("q", Kind.CEASE, _("Asks us to stop"), "hand-stop", "stop", "reason", _("Contact stops everywhere.")),
    Choice("w", Kind.PAID_ALREADY, _("Says it is paid"), "receipt", "info", "note"),
    Choice("e", Kind.RELAYED, _("Message passed on"), "message"),
    Choice("r", Kind.NOT_IN_SERVICE, _("Not in service"), "phone-x"),
    Choice("x", Kind.CANCELLED, _("Not dialled"), "x"),
]

_WITH_OTHERS: dict[str, dict[str, Any]] = {
    Kind.RELAYED: {"label": _("Message passed on, or where they are"), "asks": "note"},
    Kind.CEASE: {
        "label": _("Wants no contact"), "asks": "note", "follows": _("This person is not contacted again, ever.")
    },
}  # fmt: skip


def keys_for(relation: int) -> list[Choice]:
    """The keys of a call to somebody so tied to the debt: of a third person none that speaks of it."""
    keys = [choice for choice in KEYS if may_come(choice.kind, relation)]
    return [replace(choice, **_WITH_OTHERS.get(choice.kind, {})) for choice in keys] if relation in THIRD else keys


INBOUND = {
    Kind.PROMISE,
    Kind.HARDSHIP,
    Kind.DISPUTE,
    Kind.CALL_BACK,
    Kind.REFUSES,
    Kind.CEASE,
    Kind.PAID_ALREADY,
    Kind.ABUSIVE,
    Kind.RELAYED,
}
"""What may come of a call of theirs."""
BY_KIND: dict[str, Choice] = {str(choice.kind): choice for choice in KEYS}
"""The keys by outcome."""


def choice_of(kind: str, relation: int) -> Choice | None:
    """The key of an outcome, as it stands on the panel of such a call."""
    return next((choice for choice in keys_for(relation) if choice.kind == kind), None)


class OutcomeForm(forms.Form):
    """What came of a call, checked as far as the page can; the services judge the rest."""

    kind = forms.ChoiceField(choices=[(str(k.kind), k.label) for k in KEYS])
    note = forms.CharField(required=False, max_length=4000)
    amount = forms.CharField(required=False, max_length=30)
    due_on = forms.DateField(required=False)
    account = forms.IntegerField(required=False)
    next_at = forms.CharField(required=False, max_length=30)
    zone = forms.CharField(required=False, max_length=60)
    reason = forms.CharField(required=False, max_length=300)

    def __init__(self, data: Any, *, case: Case, now: datetime, relation: int = codes.Relation.DEBTOR) -> None:
        super().__init__(data)
        self.case, self.now, self.relation = case, now, relation
        self.promised: Promised | None = None

    def clean_zone(self) -> str:
        """The clock by which `next_at` is told; empty: the desk's."""
        zone = str(self.cleaned_data["zone"])
        if zone and zone not in available_timezones():
            raise forms.ValidationError(_("Give the time you agreed on."))
        return zone

    def clean_kind(self) -> str:
        """Nothing about the debt is agreed with, or said by, somebody who owes nothing."""
        kind = str(self.cleaned_data["kind"])
        if not may_come(kind, self.relation):
            raise forms.ValidationError(
                _("A third person cannot promise, dispute or refuse. Choose what they asked for.")
            )
        return kind

    def clean(self) -> dict[str, Any]:
        """What each outcome needs."""
        found = super().clean() or {}
        asks = BY_KIND[found["kind"]].asks if found.get("kind") in BY_KIND else ""
        found["next_at"] = _read_moment(found.get("next_at", ""), found.get("zone", "")) if asks == "when" else None
        if asks == "promise":
            self._promise(found)
        elif asks == "when" and not found.get("next_at"):
            self.add_error("next_at", _("Give the time you agreed on."))
        elif asks == "reason" and self.relation not in THIRD and not (found.get("reason") or found.get("note")):
            self.add_error("reason", _("Write what they said, in a sentence: it stands with the hold."))
        return found

    def _promise(self, found: dict[str, Any]) -> None:
        accounts = Account.objects.filter(debtor_id=self.case.person_id, creditor_id=self.case.creditor_id)
        account = accounts.filter(pk=found["account"]).first() if found.get("account") else None
        if found.get("account") and account is None:
            self.add_error("account", _("This account is not part of the case."))
        currency = account.currency if account else self.case.creditor.currency
        cents = parse_amount(found.get("amount", ""), currency)
        if isinstance(cents, AmountError) or cents <= 0:
            self.add_error("amount", _("Write the amount in figures, such as 1,200 or 1200.50."))
        if not found.get("due_on"):
            self.add_error("due_on", _("Give the day of the promise."))
        if not self.errors and not isinstance(cents, AmountError):
            self.promised = Promised(cents, found["due_on"], account)


@dataclass(frozen=True)
class Preset:
    """A value offered by a button: its words and what it writes into the field."""

    label: str
    value: str


@dataclass(frozen=True)
class Caller:
    """A phone somebody may call from. ids: contact points as text ("" a number not known). call_back: their clock."""

    id: str
    label: str
    call_back: "CallBack"


@dataclass(frozen=True)
class Callers:
    """Who may call, those who owe or speak for the debtor apart from third persons; each with what may come of it."""

    callers: list[Caller]
    keys: list[Choice]

    @property
    def ids(self) -> str:
        """As `data-for` wants them; a number not known is the empty word."""
        return " ".join(caller.id for caller in self.callers)


@dataclass(frozen=True)
class CallBack:
    """When to call back, by the clock at the other end: its zone, whether it differs from the desk's, lawful times."""

    zone: str = ""
    there: bool = False
    times: tuple[Preset, ...] = ()


def promise_days(today: date) -> list[Preset]:
    """Days often promised."""
    return [
        Preset(writing.days_from_now(today + timedelta(days=n), today=today), (today + timedelta(days=n)).isoformat())
        for n in (0, 1, 3, 7)
    ]


def call_back(*, case: Case, point: ContactPoint | None, now: datetime) -> CallBack:
    """Times often agreed for a call-back there (soon, in the morning, in the evening), the lawful ones among them."""
    if point is None:
        return CallBack()
    zone = foresee(case=case, contact_point=point, now=now, moments=[now])[0].zone
    local = now.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
    soon = [local + timedelta(minutes=n) for n in (30, 60, 120)]
    named = [(local + timedelta(days=n)).replace(hour=hour, minute=0) for n in (0, 1) for hour in (10, 19)]
    moments = soon + [moment for moment in named if moment > soon[-1]][:2]
    told = foresee(case=case, contact_point=point, now=now, moments=moments)
    lawful = [moment for moment, choice in zip(moments, told, strict=True) if choice.allowed]
    presets = (Preset(writing.when_there(moment, zone), f"{moment:%Y-%m-%dT%H:%M}") for moment in lawful)
    return CallBack(zone, writing.clock_of(now, zone) is not None, tuple(presets))


def _read_moment(text: str, zone: str) -> datetime | None:
    """A moment typed by the clock of `zone`, the desk's where it is empty; None when it is no moment."""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return typed.replace(tzinfo=ZoneInfo(zone) if zone else timezone.get_current_timezone())
