"""Administration: users, teams, who may what."""

from typing import Any, Final, cast

from axes.models import AccessAttempt
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as gl
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairdue.accounts.models import Account, Creditor
from fairdue.desk.writing import chinese
from fairdue.flows import staffing
from fairdue.flows.night.gather import LANGUAGES
from fairdue.money.amount import MINOR_DIGITS, AmountError, parse_amount
from fairdue.staff import queries, services
from fairdue.staff.models import Authority, Role, Team, User
from fairdue.staff.policies import grant

A_PAGE: Final = 50
LANGUAGES_SPOKEN: Final = tuple((code, {"zh": gl("Mandarin"), "en": gl("English")}[code]) for code in LANGUAGES)
PERMISSION_WORDS: Final = {
    "signed_in": gl("Sign in and keep one's own profile"),
    "work": gl("Work a list of cases"),
    "contact": gl("Contact borrowers"),
    "case.see": gl("See cases"),
    "case.note": gl("Write notes on cases"),
    "case.update": gl("Change contact data"),
    "agree": gl("Work out, offer and agree payment plans"),
    "approve": gl("Decide on requests beyond others' authority"),
    "approvals": gl("See the requests that wait for a decision"),
    "plans": gl("See payment plans and print their papers"),
    "promises": gl("See the calendar of promises"),
    "case.reveal": gl("Show masked data in full"),
    "hold.see": gl("See the holds"),
    "hold.place": gl("Stop collection"),
    "hold.lift": gl("Let collection go on"),
    "hardship": gl("See hardship files"),
    "hardship.open": gl("Open, review and end hardship files"),
    "hardship.words": gl("Read what borrowers said about their hardship"),
    "hardship.evidence": gl("Open evidence of hardship"),
    "care.note": gl("Note that somebody is treated with care"),
    "care.see": gl("See why somebody is treated with care, and end it"),
    "complaints": gl("See complaints and data requests of borrowers and take them up"),
    "wish.see": gl("See wishes and permissions of people"),
    "wish.write": gl("Note wishes and permissions"),
    "wish.withdraw": gl("Withdraw an opt-out"),
    "search": gl("Look people up"),
    "team": gl("Lead a team: board, handing cases on"),
    "money.enter": gl("Enter a payment by hand"),
    "money.waive": gl("Write debt off, within one's authority"),
    "money.book": gl("Book incoming money, send back and refund"),
    "intake": gl("Load creditors' files"),
    "run.see": gl("See the night runs"),
    "run.start": gl("Start a night run"),
    "repair": gl("Complete proof of debts"),
    "results": gl("See the results"),
    "verdicts": gl("See and export verdicts"),
    "wall": gl("See the live wall"),
    "rules": gl("See the rules in force"),
    "calendar": gl("See holidays"),
    "calendar.write": gl("Correct holidays"),
    "rules.draft": gl("Draft changes of the rules and try them"),
    "rules.approve": gl("Approve others' changes of the rules"),
    "rules.replay": gl("Judge stored verdicts again"),
    "words.decide": gl("Decide on false alarms about wording"),
    "evidence": gl("Make and take evidence packs"),
    "journal": gl("Read and verify the journal"),
    "admin": gl("Administer users and teams"),
}


class UserForm(forms.Form):
    """What an administrator says about a user."""

    username = forms.CharField(label=gl("Sign-in name"), max_length=150)
    display_name = forms.CharField(label=gl("Name shown"), max_length=80, required=False)
    email = forms.EmailField(label=gl("E-mail"), required=False)
    role = forms.ChoiceField(label=gl("Role"), choices=Role.choices)
    team = forms.ModelChoiceField(
        label=gl("Team"), queryset=Team.objects.none(), required=False, empty_label=gl("none")
    )
    creditor = forms.ModelChoiceField(
        label=gl("Creditor"), queryset=Creditor.objects.none(), required=False, empty_label=gl("none"),
        help_text=gl("For creditor's staff: they see this creditor's cases and nothing else."),
    )  # fmt: skip
    language = forms.ChoiceField(label=gl("Language of the screens"), choices=settings.LANGUAGES)
    minutes_a_day = forms.IntegerField(
        label=gl("Minutes a day"), min_value=0, max_value=720, initial=420,
        help_text=gl("Working time the night may plan for."),
    )  # fmt: skip
    away_until = forms.DateField(
        label=gl("Away until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gl("The night plans nothing up to and with this day."),
    )  # fmt: skip
    speaks = forms.MultipleChoiceField(
        label=gl("Speaks"), choices=LANGUAGES_SPOKEN, required=False, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    products = forms.MultipleChoiceField(
        label=gl("Knows the products"), choices=Account.Product.choices, required=False,
        help_text=gl("None chosen: all."), widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    bucket_from = forms.TypedChoiceField(label=gl("Buckets from"), coerce=int, choices=[])
    bucket_to = forms.TypedChoiceField(label=gl("to"), coerce=int, choices=[])

    def __init__(self, *args: Any, whose: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        buckets = [(n, "M7+" if n == 7 else f"M{n}") for n in range(8)]
        for name in ("bucket_from", "bucket_to"):
            self.fields[name].choices = buckets  # type: ignore[attr-defined]
        self.fields["bucket_to"].initial = 7
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["creditor"].queryset = Creditor.objects.order_by("code")  # type: ignore[attr-defined]
        self.fields["creditor"].label_from_instance = (  # type: ignore[attr-defined]
            lambda creditor: creditor.name_zh if chinese() else creditor.name_en
        )
        if whose is not None:
            del self.fields["username"]
        for name, field in self.fields.items():
            if name not in {"speaks", "products"}:
                chosen = isinstance(field, forms.ChoiceField)
                field.widget.attrs["class"] = "form-select" if chosen else "form-control"
            field.widget.attrs["autocomplete"] = "off"


FIELDS: Final = (
    "display_name", "email", "role", "team", "language", "minutes_a_day", "away_until", "speaks", "products",
    "bucket_from", "bucket_to",
)  # fmt: skip


def _initial(user: User) -> dict[str, Any]:
    tied = getattr(user, "works_for", None)
    return {name: getattr(user, name) for name in FIELDS} | {"creditor": tied.creditor if tied else None}


@grant("admin")
def users(request: HttpRequest) -> HttpResponse:
    """Everybody, with role, team and whether they may sign in."""
    role = request.GET.get("role", "")
    role = role if role in Role.values else ""
    found = queries.people(words=request.GET.get("q", "")[:80], role=role)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    locked = set(
        AccessAttempt.objects.filter(
            username__in=[user.username for user in page], failures_since_start__gte=settings.AXES_FAILURE_LIMIT
        ).values_list("username", flat=True)
    )
    shown = {
        "page": page,
        "locked": locked,
        "roles": Role.choices,
        "role": role,
        "words": request.GET.get("q", "")[:80],
    }
    return render(request, "desk/admin/users.html", shown)


@grant("admin")
@never_cache
def user_new(request: HttpRequest) -> HttpResponse:
    """Hire somebody; the one-time password is shown once."""
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            user, password = staffing.hire(by=cast(User, request.user), **said)
        except services.StaffError as error:
            form.add_error(error.field or None, str(error))
        else:
            return render(request, "desk/admin/password.html", {"whose": user, "password": password, "new": True})
    return render(request, "desk/admin/user_new.html", {"form": form}, status=422 if form.errors else 200)


@grant("admin")
def user(request: HttpRequest, user_id: int) -> HttpResponse:
    """One user: what is known, to be changed; limits; password; lock; door open or shut."""
    whose = get_object_or_404(User.objects.select_related("team", "works_for__creditor"), pk=user_id)
    form = UserForm(request.POST or None, whose=whose, initial=_initial(whose))
    if request.method == "POST" and form.is_valid():
        try:
            changed = staffing.change(user=whose, by=cast(User, request.user), **form.cleaned_data)
        except services.StaffError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was different; nothing was changed."))
            return redirect("desk:user", whose.pk)
    shown = {
        "whose": whose,
        "form": form,
        "authority": whose.authority.order_by("kind", "currency"),
        "kinds": Authority.Kind.choices,
        "open_cases": whose.cases.exclude(status="closed").count(),
        "failures": AccessAttempt.objects.filter(username=whose.username).count(),
    }
    return render(request, "desk/admin/user.html", shown, status=422 if form.errors else 200)


@grant("admin")
@require_POST
@never_cache
def user_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """A new one-time password, shown in this answer and kept nowhere."""
    whose = get_object_or_404(User, pk=user_id)
    password = services.reset_password(user=whose, by=cast(User, request.user))
    return render(request, "desk/admin/password.html", {"whose": whose, "password": password, "new": False})


@grant("admin")
@require_POST
def user_unlock(request: HttpRequest, user_id: int) -> HttpResponse:
    """Forget failed sign-ins."""
    whose = get_object_or_404(User, pk=user_id)
    services.unlock(user=whose, by=cast(User, request.user))
    messages.success(request, _("%(name)s may try to sign in again.") % {"name": whose})
    return redirect("desk:user", whose.pk)


@grant("admin")
@require_POST
def user_active(request: HttpRequest, user_id: int) -> HttpResponse:
    """Shut the door, or open it again."""
    whose = get_object_or_404(User, pk=user_id)
    by = cast(User, request.user)
    try:
        if request.POST.get("active") == "1":
            services.reactivate(user=whose, by=by)
            messages.success(request, _("%(name)s may sign in again.") % {"name": whose})
        else:
            services.deactivate(user=whose, by=by)
            messages.success(request, _("%(name)s can no longer sign in.") % {"name": whose})
    except services.StaffError as error:
        messages.error(request, str(error))
    return redirect("desk:user", whose.pk)


@grant("admin")
@require_POST
def user_authority(request: HttpRequest, user_id: int) -> HttpResponse:
    """Set, change or (left empty) take away how far somebody may go on their own."""
    whose = get_object_or_404(User, pk=user_id)
    currency = request.POST.get("currency", "").strip().upper()
    try:
        cents = _cents(request.POST.get("limit", ""), currency)
        services.set_authority(
            user=whose,
            kind=request.POST.get("kind", ""),
            currency=currency,
            limit_cents=cents,
            by=cast(User, request.user),
        )
    except services.StaffError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The limit was set.") if cents is not None else _("The limit was taken away."))
    return redirect("desk:user", whose.pk)


def _cents(text: str, currency: str) -> int | None:
    """An amount as typed in minor units; None when left empty. Raises StaffError."""
    if not text.strip():
        return None
    if currency not in MINOR_DIGITS:
        raise services.StaffError("currency", _("Write the currency as three letters, such as CNY."))
    amount = parse_amount(text, currency)
    if isinstance(amount, AmountError):
        raise services.StaffError("limit", _("Write the limit as an amount, such as 5000.00."))
    return amount


@grant("admin")
def teams(request: HttpRequest) -> HttpResponse:
    """Every team; POST founds one."""
    if request.method == "POST":
        try:
            services.create_team(name=request.POST.get("name", ""), by=cast(User, request.user))
            messages.success(request, _("The team was founded; give it people under Users."))
        except services.StaffError as error:
            messages.error(request, str(error))
        return redirect("desk:teams")
    return render(request, "desk/admin/teams.html", {"teams": queries.teams()})


@grant("admin")
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    """One team: its people; POST renames or dissolves it."""
    which = get_object_or_404(Team, pk=team_id)
    by = cast(User, request.user)
    if request.method == "POST":
        try:
            if request.POST.get("do") == "dissolve":
                services.dissolve_team(team=which, by=by)
                messages.success(request, _("The team was dissolved."))
                return redirect("desk:teams")
            services.rename_team(team=which, name=request.POST.get("name", ""), by=by)
            messages.success(request, _("Saved."))
        except services.StaffError as error:
            messages.error(request, str(error))
        return redirect("desk:team-edit", which.pk)
    return render(request, "desk/admin/team.html", {"which": which, "people": queries.people(team=which.pk)})


@grant("admin")
def roles(request: HttpRequest) -> HttpResponse:
    """Who may what: the policy table itself."""
    rows = [(PERMISSION_WORDS[row.permission], row.permission, row.held) for row in queries.matrix()]
    return render(request, "desk/admin/roles.html", {"rows": rows, "roles": Role.choices})
