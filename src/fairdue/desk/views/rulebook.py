"""The rulebook: versions, drafts and their forms, trials, the second person's decision, replays."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Final, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as gl
from django.views.decorators.http import require_POST

from fairdue.contact.models import Replay, ReplayDifference, RuleVersion, Trial
from fairdue.contact.rulebook import queries, services
from fairdue.contact.rulebook.reading import firm_day
from fairdue.contact.rulebook.services import RulebookError
from fairdue.desk import clock
from fairdue.desk.pages import versions as pages
from fairdue.law import packtext, settings
from fairdue.staff.models import Role, User
from fairdue.staff.policies import grant

A_PAGE: Final = 30
DAYS: Final = (7, 30, 90, 180)
"""Spans of history a draft is tried on."""
View = Callable[..., HttpResponse]


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _one(version: int) -> RuleVersion:
    found = RuleVersion.objects.select_related("based_on", "author", "decided_by", "kept")
    return get_object_or_404(found, pk=version)


def _act(done: Any) -> Callable[[Callable[[HttpRequest, RuleVersion], str | None]], View]:
    """A verb on a version: POST only; what was done is `done`, or what the verb answers.

    What cannot be done is said on the version's page, which keeps what was typed.
    """

    def wrap(act: Callable[[HttpRequest, RuleVersion], str | None]) -> View:
        @require_POST
        @wraps(act)
        def view(request: HttpRequest, version: int) -> HttpResponse:
            found = _one(version)
            try:
                told = act(request, found)
            except RulebookError as error:
                messages.error(request, str(error))
                return _page(request, _one(version), status=422)
            messages.success(request, told or str(done))
            return redirect("desk:version", found.pk)

        return view

    return wrap


# ---- versions


@grant("rules.draft")
def versions(request: HttpRequest) -> HttpResponse:
    """Every pack: the version in force, what comes, what people work on, what was."""
    today = firm_day(clock.now())
    shown = {"shelves": queries.shelves(today=today), "today": today, "me": _user(request)}
    return render(request, "desk/rulebook/versions.html", shown)


@grant("rules.draft")
@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """Begin a draft of a pack, and open it at a rule's form when one is named."""
    try:
        made = services.draft(pack=request.POST.get("pack", ""), by=_user(request), now=clock.now())
    except RulebookError as error:
        messages.error(request, str(error))
        return redirect("desk:rulebook")
    rule = request.POST.get("rule", "")
    return redirect("desk:version-rule", made.pk, rule) if rule else redirect("desk:version", made.pk)


@grant("rules.draft")
def version(request: HttpRequest, version: int) -> HttpResponse:
    """One version: where it stands, what it changes in words, its mistakes and examples, its trials, what may be done."""
    return _page(request, _one(version))


def _page(request: HttpRequest, found: RuleVersion, status: int = 200) -> HttpResponse:
    """The page of a version; after a refused verb with the day and the reason as they were typed."""
    now, typed = clock.now(), request.POST
    today, me = firm_day(now), _user(request)
    binding = queries.binding(found.pack, on=today)
    trials = list(queries.trials(found)[:10])
    mine = found.author_id in (None, me.pk)
    shown = {
        "version": found,
        "state": pages.STATES[pages.state(found, binding, today)],
        "sheet": pages.sheet(found, at=now),
        "trials": trials,
        "live": any(trial.status in ("queued", "running") for trial in trials),
        "days": DAYS,
        "today": today,
        "settings": found.pack == settings.ID,
        "may_edit": mine and found.status == RuleVersion.Status.DRAFT,
        "may_take_back": mine and found.status == RuleVersion.Status.SUBMITTED,
        "may_decide": not mine and found.status == RuleVersion.Status.SUBMITTED,
        "may_withdraw": found.is_coming(today),
        "force_from": typed.get("force_from", found.force_from.isoformat() if found.force_from else ""),
        "reason": typed.get("reason", ""),
    }
    return render(request, "desk/rulebook/version.html", shown, status=status)


@grant("rules.draft")
def text(request: HttpRequest, version: int) -> HttpResponse:
    """The YAML of a draft, whole or of one rule (`?rule=`); mistakes are shown at their lines, and saved all the same.

    What was typed may leave no rule of that name to be found; then the whole text is shown instead.
    """
    found, name = _one(version), request.GET.get("rule", "")
    place = packtext.places(found.text).get(name)
    if name and place is None and request.method != "POST":
        return _whole_text(request, found, name)
    offset = place[0] if place else 0
    typed = packtext.rule_text(found.text, name) if place else found.text
    if request.method == "POST":
        typed = request.POST.get("text", "").replace("\r\n", "\n")
        whole = packtext.with_rule(found.text, name, typed) if name else typed
        try:
            found = services.write(version=found, by=_user(request), text=whole)
        except RulebookError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The draft is saved."))
            if request.POST.get("then") == "close":
                return redirect("desk:version", found.pk)
            if name and name not in packtext.places(found.text):
                return _whole_text(request, found, name)
    sheet = pages.sheet(found, at=clock.now())
    shown = {
        "version": found,
        "rule": name,
        "text": typed,
        "offset": offset,
        "end": offset + len(typed.splitlines()),
        "sheet": sheet,
        "editable": found.status == RuleVersion.Status.DRAFT and found.author_id in (None, _user(request).pk),
    }
    return render(
        request, "desk/rulebook/text.html", shown, status=422 if request.method == "POST" and sheet.wrong else 200
    )


def _whole_text(request: HttpRequest, version: RuleVersion, rule: str) -> HttpResponse:
    """On to the whole text of a version in which a rule cannot be found or read."""
    told = _("The rule %s cannot be read in this text; here is the whole text with its mistakes.")
    messages.warning(request, told % rule)
    return redirect("desk:version-text", version.pk)


@grant("rules.draft")
def rule(request: HttpRequest, version: int, rule: str) -> HttpResponse:
    """One rule of a draft as a form: its numbers, hours, days and words."""
    found = _one(version)
    try:
        fields = pages.fields(found.text, rule)
    except (LookupError, StopIteration, TypeError, ValueError, AttributeError):
        return _whole_text(request, found, rule)  # what cannot be read is mended in the text
    problem: list[pages.Wrong] = []
    if request.method == "POST":
        given = {field.name: request.POST[field.name] for field in fields if field.name in request.POST}
        changed = pages.with_fields(found.text, rule, given)
        mistakes = packtext.mistakes(changed, file=found.file)
        problem = pages.wrong(changed, [mistake for mistake in mistakes if mistake.rule == rule])
        if not problem:
            try:
                services.write(version=found, by=_user(request), text=changed)
            except RulebookError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, _("The draft is saved."))
                return redirect("desk:version", found.pk)
        fields = pages.fields(changed, rule)
    body = packtext.tree(packtext.rule_text(found.text, rule))[rule]
    shown = {"version": found, "rule": rule, "fields": fields, "wrong": problem, "says": body.get("say", {}),
             "kept": pages.kept(found, rule), "source": packtext.rule_text(found.text, rule)}  # fmt: skip
    return render(request, "desk/rulebook/rule.html", shown, status=422 if problem else 200)


@grant("rules.draft")
def settings_form(request: HttpRequest) -> HttpResponse:
    """Which unconfirmed rules legal signed off and which soft rules refuse; a change is a draft like any other."""
    unconfirmed, soft = pages.settings_choices(at=clock.now())
    me = _user(request)
    if request.method == "POST":
        offered = {choice.rule.id for choice in (*unconfirmed, *soft)}
        signed = set(request.POST.getlist("signed_off")) & offered
        if me.role != Role.LEGAL:  # their form shows the sign-offs and cannot change them
            signed = {choice.rule.id for choice in unconfirmed if choice.chosen}
        stricter = set(request.POST.getlist("stricter")) & offered
        try:
            made = services.draft_settings(signed_off=signed, stricter=stricter, by=me, now=clock.now())
        except RulebookError as error:
            messages.error(request, str(error))
        else:
            return redirect("desk:version", made.pk)
    shown = {"unconfirmed": unconfirmed, "soft": soft, "may_sign": me.role == Role.LEGAL}
    return render(request, "desk/rulebook/settings.html", shown)


# ---- verbs


@grant("rules.draft")
@_act(gl("The examples say now what comes out; the second person sees which changed."))
def examples(request: HttpRequest, version: RuleVersion) -> None:
    """Rewrite the examples that come out otherwise."""
    try:
        anew = packtext.with_outcomes(version.text, file=version.file)
    except (ValueError, LookupError, TypeError) as error:
        raise RulebookError(_("First mend the mistakes and the examples.")) from error
    services.write(version=version, by=_user(request), text=anew)


@grant("rules.draft")
@_act(gl("Handed to a second person."))
def submit(request: HttpRequest, version: RuleVersion) -> None:
    """Hand a draft over, to be in force from a day."""
    try:
        day = date.fromisoformat(request.POST.get("force_from", ""))
    except ValueError as error:
        raise RulebookError(_("Write the day as year-month-day."), "force_from") from error
    services.submit(
        version=version, by=_user(request), force_from=day, reason=request.POST.get("reason", ""), now=clock.now()
    )


@grant("rules.draft")
@_act(gl("It is a draft again."))
def take_back(request: HttpRequest, version: RuleVersion) -> None:
    """A submitted version becomes a draft again."""
    services.take_back(version=version, by=_user(request))


@grant("rules.draft")
@_act(gl("The draft is given up."))
def discard(request: HttpRequest, version: RuleVersion) -> None:
    """Give a draft up."""
    services.discard(version=version, by=_user(request))


@grant("rules.approve")
@_act(gl("Approved. It comes into force on its day by itself."))
def approve(request: HttpRequest, version: RuleVersion) -> str | None:
    """The second person lets it come into force."""
    now, reason = clock.now(), request.POST.get("reason", "")
    done = services.approve(version=version, by=_user(request), now=now, reason=reason)
    return None if done.is_coming(firm_day(now)) else _("Approved. It is in force from this moment on.")


@grant("rules.approve")
@_act(gl("Declined; the author sees your reason."))
def decline(request: HttpRequest, version: RuleVersion) -> None:
    """The second person refuses it."""
    services.decline(version=version, by=_user(request), reason=request.POST.get("reason", ""), now=clock.now())


@grant("rules.approve")
@_act(gl("Withdrawn; the rules stay as they are."))
def withdraw(request: HttpRequest, version: RuleVersion) -> None:
    """Take back what was approved and has not come into force."""
    services.withdraw(version=version, by=_user(request), reason=request.POST.get("reason", ""), now=clock.now())


# ---- trials


@grant("rules.draft")
@require_POST
def try_out(request: HttpRequest, version: int) -> HttpResponse:
    """Queue a trial of a version on the days chosen."""
    found, days = _one(version), request.POST.get("days", "")
    try:
        trial = services.ask_trial(
            text=found.text, pack=found.pack, file=found.file, by=_user(request), now=clock.now(), version=found,
            days=int(days) if days.isascii() and days.isdigit() else 0,
        )  # fmt: skip
    except RulebookError as error:
        messages.error(request, str(error))
        return redirect("desk:version", found.pk)
    return redirect("desk:trial", trial.pk)


@grant("rules.draft")
def trial(request: HttpRequest, trial: int) -> HttpResponse:
    """A trial as it goes, then what it found. HTMX asks for the inside alone."""
    found = get_object_or_404(Trial.objects.select_related("version", "asked_by"), pk=trial)
    shown: dict[str, Any] = {"trial": found, "live": found.status in (Trial.Status.QUEUED, Trial.Status.RUNNING)}
    if found.status == Trial.Status.DONE:
        shown |= {
            "sides": [(name, pages.side(found, name)) for name in ("stopped", "freed", "plan")],
            "result": found.result,
            "lacking": pages.lacking(found),
            "unmoved": pages.unmoved(found),
            "unchanged": pages.unchanged(found),
        }
    inside = bool(request.headers.get("HX-Request"))
    return render(request, "desk/rulebook/trial_inside.html" if inside else "desk/rulebook/trial.html", shown)


# ---- replays


@grant("rules.replay")
def replays(request: HttpRequest) -> HttpResponse:
    """Every replay, the latest first; HTMX asks for the table alone while one is under way."""
    page = Paginator(queries.replays(), A_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "live": any(run.status == Replay.Status.RUNNING for run in page), "now": clock.now()}
    inside = bool(request.headers.get("HX-Request"))
    return render(request, "desk/rulebook/replays_table.html" if inside else "desk/rulebook/replays.html", shown)


@grant("rules.replay")
@require_POST
def replay_start(request: HttpRequest) -> HttpResponse:
    """Queue a replay since the last one, or since a day."""
    given = request.POST.get("since", "").strip()
    try:
        since = date.fromisoformat(given) if given else None
    except ValueError:
        messages.error(request, _("Write the day as year-month-day."))
        return redirect("desk:replays")
    if services.ask_replay(since=since, by=_user(request)):
        messages.success(request, _("The replay is queued; a worker begins within seconds."))
    else:
        messages.warning(request, _("A replay is waiting already."))
    return redirect("desk:replays")


@grant("rules.replay")
def replay(request: HttpRequest, replay: int) -> HttpResponse:
    """One replay with the verdicts that came out otherwise."""
    found = get_object_or_404(queries.replays(), pk=replay)
    rows = ReplayDifference.objects.filter(replay=found).select_related("verdict").order_by("verdict_id")
    page = Paginator(rows.defer("verdict__facts"), A_PAGE).get_page(request.GET.get("page"))
    shown = {"replay": found, "page": page, "rows": [(row, list(pages.told(row.what))) for row in page]}
    return render(request, "desk/rulebook/replay.html", shown)
