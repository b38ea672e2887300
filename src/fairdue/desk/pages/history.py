"""One timeline of a case: contacts, payments, promises, plans, hardship, holds, notes and refusals, newest first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fairdue.accounts.models import Payment
from fairdue.agreements.models import Plan, Promise
from fairdue.cases.models import Case, Hold, Note
from fairdue.contact.models import Attempt, Explanation, Outcome, Verdict
from fairdue.desk import words, writing
from fairdue.desk.pages import promising
from fairdue.desk.pages.agreed import Agreed
from fairdue.hardship.models import Approval, Effect, File, Review
from fairdue.law import codes
from fairdue.people.models import ContactPoint

KINDS = [
    ("contact", gettext_lazy("Contacts")),
    ("payment", gettext_lazy("Payments")),
    ("promise", gettext_lazy("Promises")),
    ("plan", gettext_lazy("Plans")),
    ("hardship", gettext_lazy("Hardship")),
    ("hold", gettext_lazy("Holds")),
    ("note", gettext_lazy("Notes")),
]
"""What the timeline can be narrowed to."""

GOOD = {
    Outcome.Kind.PROMISE,
    Outcome.Kind.PLAN,
    Outcome.Kind.DELIVERED,
    Outcome.Kind.RELAYED,
    Outcome.Kind.PAID_ALREADY,
}
BAD = {Outcome.Kind.REFUSES, Outcome.Kind.ABUSIVE, Outcome.Kind.CEASE, Outcome.Kind.BOUNCED, Outcome.Kind.WRONG_NUMBER}


@dataclass(frozen=True)
class Event:
    """One entry of the timeline. `style`: how its moment is written (a day without an hour: "day")."""

    at: datetime | date
    kind: str
    icon: str
    tone: str
    title: str
    text: str = ""
    by: str = ""
    style: str = "when"
    attempt: Attempt | None = None
    outcome: Outcome | None = None
    point: ContactPoint | None = None

    @property
    def there(self) -> str:
        """The hour at the other end where it was another than the desk's (`09:05 there`), else nothing."""
        zones = [zone for zone in self.point.zones.split(",") if zone] if self.point else []
        return writing.hour_there(self.at, zones[0]) if len(zones) == 1 and isinstance(self.at, datetime) else ""


_Entry = tuple[datetime | date, Callable[[], Event]]
"""When it was, and what says it in words."""


def attempts_of(*, case: Case, most: int = 120) -> list[Attempt]:
    """The latest contacts with the person, newest first, with their outcomes. Two queries."""
    return list(
        Attempt.objects.filter(person_id=case.person_id)
        .select_related("by", "contact_point", "addressee", "permit__message")
        .defer("permit__message__body")
        .prefetch_related("outcomes")
        .order_by("-happened_at", "-pk")[:most]
    )


def outcome_of(attempt: Attempt) -> Outcome | None:
    """The outcome that stands: the one no other supersedes."""
    rows = sorted(attempt.outcomes.all(), key=lambda o: o.pk)
    replaced = {o.supersedes_id for o in rows}
    return next((o for o in reversed(rows) if o.pk not in replaced), None)


def payments_of(*, case: Case) -> list[Payment]:
    """Every payment on the accounts of the case, oldest first."""
    own = Payment.objects.filter(account__debtor_id=case.person_id, account__creditor_id=case.creditor_id)
    return list(own.select_related("account").order_by("happened_on", "pk"))


def explanations_of(*, case: Case) -> "QuerySet[Explanation]":
    """How rights and duties were explained, newest first."""
    return Explanation.objects.filter(case=case).select_related("by", "message").order_by("-at", "-pk")


def timeline(
    *,
    case: Case,
    attempts: Sequence[Attempt],
    payments: Sequence[Payment],
    promises: Sequence[Promise],
    plans: Sequence[Agreed],
    holds: Sequence[Hold],
    files: Sequence[File],
    most: int | None,
) -> tuple[list[Event], int]:
    """The newest `most` entries (None: all), newest first, and how many are older: these are not put into words.

    Three more queries: notes, refusals, rights explained.
    """
    notes = Note.objects.filter(case=case).select_related("by").order_by("-at")[:200]
    refused = (
        Verdict.objects.filter(case=case, decision__gte=codes.Decision.HOLD, by__isnull=False)
        .select_related("by", "contact_point").defer("rules", "facts", "packs", "content").order_by("-at")[:60]
    )  # fmt: skip
    explained = explanations_of(case=case).defer("text", "message__body")[:60]
    entries: list[_Entry] = [
        *((a.happened_at, partial(_contact, a, case)) for a in attempts),
        *((p.happened_on, partial(_payment, p)) for p in payments),
        *((_promised(p), partial(_promise, p)) for p in promises),
        *(entry for one in plans for entry in _plan(one)),
        *(entry for h in holds for entry in _hold(h)),
        *(entry for file in files for entry in _hardship(file)),
        *((n.at, partial(_note, n)) for n in notes),
        *((v.at, partial(_refusal, v)) for v in refused),
        *((e.at, partial(_explanation, e)) for e in explained),
    ]
    entries.sort(key=lambda entry: _moment(entry[0]), reverse=True)
    shown = entries[:most]
    return [told() for _at, told in shown], len(entries) - len(shown)


def _moment(at: datetime | date) -> datetime:
    """A moment to sort by; a day counts as its end."""
    return at if isinstance(at, datetime) else timezone.make_aware(datetime.combine(at, time(23, 59)))


def _note(note: Note) -> Event:
    return Event(note.at, "note", "note", "quiet", _("Note"), note.text, str(note.by or _("Borrower's page")))


def _contact(attempt: Attempt, case: Case) -> Event:
    outcome = outcome_of(attempt)
    inbound = attempt.direction == codes.Direction.IN
    channel = str(words.CHANNELS.get(codes.Channel(attempt.channel), ""))
    whom = ""
    if attempt.addressee_id != attempt.person_id:
        whom = f"{attempt.addressee.name} ({words.RELATIONS.get(codes.Relation(attempt.relation), '')})"
    came = str(outcome.get_kind_display()) if outcome else str(words.RESULTS.get(codes.Result(attempt.result), ""))
    title = " · ".join(
        filter(None, [_("%(channel)s from them") % {"channel": channel} if inbound else channel, whom, came])
    )
    point = attempt.contact_point.masked if attempt.contact_point else ""
    said = outcome.note if outcome and outcome.note else attempt.note
    message = getattr(getattr(attempt, "permit", None), "message", None)
    if message is not None and not said:
        said = f"{message.subject} ({message.get_status_display()})"
    who = str(attempt.by) if attempt.by else attempt.agent
    other = "" if attempt.creditor_id == case.creditor_id else _("for another creditor")
    return Event(
        at=attempt.happened_at,
        kind="contact",
        icon="phone-incoming" if inbound else words.CHANNEL_ICONS.get(codes.Channel(attempt.channel), "send"),
        tone=_tone(outcome, attempt),
        title=title,
        text=said,
        by=" · ".join(filter(None, [who, point, other])),
        attempt=attempt,
        outcome=outcome,
        point=attempt.contact_point,
    )


def _tone(outcome: Outcome | None, attempt: Attempt) -> str:
    if outcome is None:
        return "info" if attempt.result == codes.Result.CONVERSATION else "quiet"
    if outcome.kind in GOOD:
        return "ok"
    if outcome.kind in BAD:
        return "stop"
    return "warn" if outcome.kind in {Outcome.Kind.HARDSHIP, Outcome.Kind.DISPUTE, Outcome.Kind.CALL_BACK} else "quiet"


def _payment(payment: Payment) -> Event:
    sum_ = writing.money(payment.cents, payment.currency)
    back = payment.kind != Payment.Kind.PAYMENT
    title = {
        Payment.Kind.PAYMENT: _("Payment received: %(sum)s"),
        Payment.Kind.REVERSAL: _("Payment taken back: %(sum)s"),
        Payment.Kind.REFUND: _("Refunded: %(sum)s"),
    }[Payment.Kind(payment.kind)] % {"sum": sum_}
    way = str(words.WAYS_PAID.get(payment.method, payment.method))
    text = " · ".join(filter(None, [payment.account.external_ref, way, payment.reference]))
    return Event(
        payment.happened_on,
        "payment",
        "arrow-back-up" if back else "coin",
        "stop" if back else "ok",
        title,
        text,
        style="short_day",
    )


def _promise(promise: Promise) -> Event:
    title = _("Promise: %(sum)s by %(day)s") % {
        "sum": writing.money(promise.cents, promise.currency), "day": writing.short_day(promise.due_on),
    }  # fmt: skip
    state = str(promise.get_status_display())
    if promise.received:
        state += " · " + _("received %(sum)s") % {"sum": writing.money(promise.received, promise.currency)}
    warned = "；" if writing.chinese() else "; "
    if told := [one.text for one in promising.said(promise.warnings, promise.currency)]:
        state += " · " + _("said while it was taken: %(what)s") % {"what": warned.join(told)}
    who = str(promise.taken_by) if promise.taken_by else ""
    tone = words.STATUS_TONES.get(promise.status, "quiet")
    at = _promised(promise)
    style = "when" if isinstance(at, datetime) else "short_day"
    return Event(at, "promise", "heart-handshake", tone, title, state, who, style=style)


def _plan(agreed: Agreed) -> Iterable[_Entry]:
    yield agreed.since, partial(_plan_agreed, agreed)
    if agreed.plan.turned_on is not None and not agreed.live:
        yield agreed.plan.turned_on, partial(_plan_over, agreed)


def _plan_agreed(agreed: Agreed) -> Event:
    plan, since = agreed.plan, agreed.since
    said = [
        str(plan.get_kind_display()), plan.account.external_ref,
        _("%(n)s instalments, %(sum)s in all, until %(day)s")
        % {"n": agreed.of, "sum": writing.money(plan.total, plan.currency), "day": writing.short_day(plan.last_on)},
        str(plan.get_how_display()),
    ]  # fmt: skip
    return Event(
        since,
        "plan",
        "calendar-due",
        "ok",
        _("Plan %(n)s agreed") % {"n": plan.pk},
        " · ".join(said),
        str(plan.accepted_with or ""),
        style="when" if isinstance(since, datetime) else "short_day",
    )


def _plan_over(agreed: Agreed) -> Event:
    plan = agreed.plan
    assert plan.turned_on is not None
    how = {
        Plan.Status.COMPLETED: _("Plan %(n)s completed"),
        Plan.Status.BROKEN: _("Plan %(n)s broke: %(kept)s of %(of)s instalments kept"),
        Plan.Status.REPLACED: _("Plan %(n)s replaced: %(kept)s of %(of)s instalments kept"),
    }[Plan.Status(plan.status)]
    facts = {"n": plan.pk, "kept": agreed.kept, "of": agreed.of}
    tone = words.STATUS_TONES.get(plan.status, "quiet")
    return Event(plan.turned_on, "plan", "calendar-due", tone, how % facts, style="short_day")


def _promised(promise: Promise) -> datetime | date:
    """When it was made: the moment we learned of it, or the day where we learned of it later."""
    learned = timezone.localdate(promise.learned_at) == promise.made_on
    return promise.learned_at if learned else promise.made_on


def _hardship(file: File) -> Iterable[_Entry]:
    """What became of a hardship file; never why somebody cannot pay."""
    for review in file.reviews.all():
        again = _("next review %(day)s") % {"day": writing.short_day(review.again_on)} if review.again_on else ""
        title = _("Hardship reviewed: %(decision)s") % {"decision": review.get_decision_display()}
        yield _in_file(review.at, title, "info", again, review.by)
    for approval in file.approvals.all():
        yield _in_file(approval.asked_at, _("Hardship: approval asked for"), "warn", "", approval.asked_by)
        if approval.decided_at and approval.answer == Approval.Answer.GIVEN:
            yield _in_file(approval.decided_at, _("Hardship: approved"), "ok", approval.words, approval.decided_by)
        elif approval.decided_at:
            yield _in_file(approval.decided_at, _("Hardship: refused"), "stop", approval.words, approval.decided_by)
    over = {(e.ends_on, str(e.get_kind_display())) for e in file.effects.all() if e.status == Effect.Status.ENDED}
    for day in sorted({day for day, _kind in over if day}):
        kinds = " · ".join(sorted(kind for ended, kind in over if ended == day))
        yield _in_file(day, _("Hardship: the last day of what was granted"), "quiet", kinds, "")
    if file.ended_on and not any(review.decision == Review.Decision.END for review in file.reviews.all()):
        yield _in_file(file.ended_on, _("Hardship file ended"), "quiet", "", file.ended_by)
    opened = _("Hardship told") if file.status == File.Status.ASKED else _("Hardship file opened")
    scheme = file.law["name"]["zh" if writing.chinese() else "en"] if file.law else ""
    yield _in_file(file.opened_at, opened, "warn", scheme, file.opened_by or file.get_source_display())


def _in_file(at: datetime | date, *told: Any) -> _Entry:
    return at, partial(_of_file, at, *told)


def _of_file(at: datetime | date, title: str, tone: str, text: str, by: Any) -> Event:
    style = "when" if isinstance(at, datetime) else "short_day"
    return Event(at, "hardship", "heart-handshake", tone, title, text, str(by or ""), style=style)


def _hold(hold: Hold) -> Iterable[_Entry]:
    yield hold.starts_at, partial(_stopped, hold)
    if hold.lifted_at:
        yield hold.lifted_at, partial(_lifted, hold)


def _stopped(hold: Hold) -> Event:
    kind = str(hold.get_kind_display())
    reach = _("account %(ref)s only") % {"ref": hold.account.external_ref} if hold.account else ""
    text = " · ".join(filter(None, [writing.hold_reason(hold.reason), reach]))
    title = _("Collection stopped: %(kind)s") % {"kind": kind}
    return Event(hold.starts_at, "hold", "hand-stop", "stop", title, text, _name(hold.placed_by))


def _lifted(hold: Hold) -> Event:
    assert hold.lifted_at is not None
    title = _("Hold lifted: %(kind)s") % {"kind": str(hold.get_kind_display())}
    return Event(
        hold.lifted_at, "hold", "player-play", "ok", title, writing.hold_reason(hold.lift_reason), _name(hold.lifted_by)
    )


def _refusal(verdict: Verdict) -> Event:
    channel = words.CHANNELS.get(codes.Channel(verdict.channel), "")
    until = _("earliest %(when)s") % {"when": writing.when(verdict.earliest)} if verdict.earliest else ""
    return Event(
        verdict.at,
        "contact",
        "shield-x",
        "warn",
        _("%(channel)s refused by the gate") % {"channel": channel},
        until,
        _name(verdict.by),
        point=verdict.contact_point,
    )


def _explanation(explanation: Explanation) -> Event:
    how = str(explanation.get_how_display())
    came = str(explanation.get_came_display()) if explanation.came else ""
    state = str(explanation.message.get_status_display()) if explanation.message else ""
    language = str(words.LANGUAGES.get(explanation.language, explanation.language))
    version = f"{explanation.statement} {explanation.version} · {explanation.hash[:12]}"
    return Event(
        explanation.at,
        "contact",
        "scale",
        "info",
        _("Rights and duties: %(how)s") % {"how": how},
        " · ".join(filter(None, [language, came, state, version])),
        _name(explanation.by),
    )


def _name(user: Any) -> str:
    return str(user) if user else _("the system")
