"""The walk of one contact: call, write, record what came of it, and everything that sets off. One transaction each.

The desk calls these; `contact.services.preview` shows what is allowed before. Callers have checked that `by` may work
on the case (`cases.queries.visible_to`); the door asks once more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, Sum

from fairdue.accounts.models import Account
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Plan, Promise
from fairdue.cases import holds, queries, reasons, worklist
from fairdue.cases import services as cases
from fairdue.cases.models import Case, Hold, WorkItem
from fairdue.contact import services as door
from fairdue.contact.models import Attempt, Outcome
from fairdue.contact.services import Allowed, Draft, OutcomeError, Refused
from fairdue.contact.writing import OWN_WORDS, compose, templates
from fairdue.hardship import services as hardship
from fairdue.journal import services as journal
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.money.amount import money_signed
from fairdue.money.days import day_said
from fairdue.people import services as people
from fairdue.people.models import Consent, ContactPoint, Person, Source, Wish
from fairdue.staff.models import User

COOL_DOWN: Final = timedelta(minutes=15)
"""A rest of the collector's own after an abusive call, in which no case is handed out; the firm's policy."""
LOOK_FOR_PAYMENT: Final = timedelta(days=3)
"""How long collection pauses while a payment that the person says was made is looked for."""

_K = Outcome.Kind


@dataclass(frozen=True)
class Promised:
    """What was promised on the phone; `account` None = the case as a whole."""

    cents: int
    due_on: date
    account: Account | None = None


@dataclass(frozen=True)
class OnTheLine:
    """A call that may be dialled now: `number` in the clear, the permit spent, `attempt_id` for the outcome."""

    answer: Allowed
    number: str
    attempt_id: int
    allowed: bool = True


def call(
    *, case: Case, contact_point: ContactPoint, by: User, now: datetime, key: str, account: Account | None = None
) -> OnTheLine | Refused:
    """Press *call*: judged at this second; allowed gives the number once, refused gives the reasons.

    `account`: about this one alone, where another of the case is held.
    The same key (a button pressed twice) gives the same call again, not a second one.
    """
    _must_see(case, by)
    answer = door.ask(
        case=case, contact_point=contact_point, channel=codes.Channel.CALL, by=by, now=now, key=key, account=account
    )
    if isinstance(answer, Refused):
        return answer
    if answer.again:
        return _same_call(answer, case, contact_point, by)
    try:
        number = door.hand_over(permit=answer.permit, by=by, now=now).address
    except door.PermitError:  # taken back between the two: asked again, the gate says why
        return call(case=case, contact_point=contact_point, by=by, now=now, key=f"{key[:118]}:2", account=account)
    return OnTheLine(answer, number, answer.attempt_id)


def write(
    *,
    case: Case,
    contact_point: ContactPoint,
    template: str,
    by: User | None,
    now: datetime,
    key: str,
    language: str | None = None,
    values: Mapping[str, str] | None = None,
    text: str = "",
    purpose: codes.Purpose | None = None,
) -> Allowed | Refused:
    """Queue an e-mail from a template (`contact/templates.yaml`) in the addressee's language.

    `values` adds to what the case gives (names, reference, amount); `text` is the writer's own words, for the template
    that takes them; `purpose` None = what suits the addressee. Raises TemplateError when one is missing.
    """
    if by is not None:
        _must_see(case, by)
    language = language or contact_point.person.language
    filled = _values(case, language) | dict(values or {})
    draft = compose(template=template, language=language, values=filled, text=text)
    return door.ask(
        case=case,
        contact_point=contact_point,
        channel=templates()[template].channel,
        by=by,
        now=now,
        key=key,
        purpose=purpose,
        mode=codes.Mode.HUMAN if by else codes.Mode.AUTOMATED,
        draft=draft,
    )


def preview_text(*, case: Case, contact_point: ContactPoint, template: str, language: str | None = None) -> Draft:
    """What `write` would send, to be read before. Raises TemplateError when a value is missing."""
    language = language or contact_point.person.language
    own = {"subject": "…"} if template == OWN_WORDS else {}
    return compose(template=template, language=language, values=_values(case, language) | own, text="…" if own else "")


def lacking(*, case: Case) -> dict[str, tuple[str, ...]]:
    """The letters that cannot be written about this case now: template → the places that nothing fills."""
    language = case.person.language
    have = {name for name, value in _values(case, language).items() if value}
    own = {"subject", "text"}  # the writer's own words come with the letter
    found = {
        name: tuple(sorted(template.needs(language if language in template.texts else "en") - have - own))
        for name, template in templates().items()
    }
    return {name: lacks for name, lacks in found.items() if lacks}


@transaction.atomic
def record(
    *,
    attempt: Attempt,
    kind: Outcome.Kind,
    by: User,
    now: datetime,
    note: str = "",
    item: WorkItem | None = None,
    promised: Promised | None = None,
    next_at: datetime | None = None,
    reason: str = "",
    corrects: Outcome | None = None,
) -> Outcome:
    """Record what came of a contact and do what follows from it.

    promise (needs `promised`) → promise made; plan: only where one was agreed on it; hardship, dispute, cease → hold
    everywhere and nothing unsent goes out; says it is paid → three days to look for the payment; wrong number, not in
    service → contact point marked; call_back (needs `next_at`, lawful) → due again, more calls agreed that day;
    abusive → cool-down noted. `item`, when given, is finished, or comes back at `next_at`. `reason`: the words for
    the hold. A correction undoes a promise and a mark on the contact point, never a hold: a stop stays until lifted
    by the one who may. Raises OutcomeError, agreements' PromiseRefused, worklist's NotYours; then nothing is
    recorded.
    """
    _must_be_theirs(kind, attempt.relation)
    door.lock(attempt.person_id, attempt.addressee_id)
    outcome = door.record_outcome(
        attempt=attempt, kind=kind, by=by, now=now, note=note, next_at=next_at, supersedes=corrects
    )
    if corrects is not None:
        _undo(corrects, by, now)
    _follow(outcome, _case_of(attempt), promised, reason or note, now)
    if item is not None:
        worklist.finish(item=item, by=by, how=kind.value, now=now, again_at=next_at)
    return outcome


@transaction.atomic
def took_call(
    *,
    case: Case,
    contact_point: ContactPoint | None,
    by: User,
    now: datetime,
    kind: Outcome.Kind,
    note: str = "",
    promised: Promised | None = None,
    next_at: datetime | None = None,
    reason: str = "",
    channel: codes.Channel = codes.Channel.CALL,
) -> Outcome:
    """They called or wrote: recorded as theirs, with what follows as in `record`.

    Who was just talked to need not be called: leave to call them that was not used yet is taken back. Raises OutcomeError
    where a third person's call would end in a promise or another word about the debt; then nothing is recorded.
    """
    _must_see(case, by)
    _must_be_theirs(kind, door.tie_of(case, contact_point))
    they = contact_point.person_id if contact_point else case.person_id
    door.lock(case.person_id, they)
    outcome = door.record_inbound(
        case=case, contact_point=contact_point, channel=channel, by=by, now=now, kind=kind, note=note, next_at=next_at
    )
    if channel in (codes.Channel.CALL, codes.Channel.VOICEMAIL):
        door.revoke(persons=[they], why="they called", now=now, by=by, channel=codes.Channel.CALL)
    _follow(outcome, case, promised, reason or note, now)
    return outcome


@transaction.atomic
def place_hold(
    *,
    person: Person,
    kind: Hold.Kind,
    reason: str,
    by: User | None,
    now: datetime,
    account: Account | None = None,
    ends_on: date | None = None,
) -> Hold:
    """Stop collection from a person everywhere (or about one account) and take back what was not sent yet.

    A hold on the person also takes the person's cases off today's lists. Raises holds.HoldError.
    """
    hold = holds.place(person=person, kind=kind, reason=reason, by=by, now=now, account=account, ends_on=ends_on)
    door.revoke(persons=[person.pk], why=f"hold:{kind}", now=now, by=by)
    if account is None:
        theirs = list(Case.objects.filter(person=person).values_list("pk", flat=True))
        cases.drop_items(case_ids=theirs, why=f"hold:{kind}", now=now)
    return hold


def lift_hold(*, hold: Hold, by: User, now: datetime, reason: str) -> Hold:
    """End a hold; only for those who may (`hold.lift`), with a reason. Raises holds.HoldError."""
    return holds.lift(hold=hold, by=by, now=now, reason=reason)


@transaction.atomic
def opt_out(
    *,
    person: Person,
    by: User | None,
    now: datetime,
    channel: codes.Channel | None = None,
    contact_point: ContactPoint | None = None,
    words: str = "",
    source: str = "",
) -> Wish:
    """A person asked not to be reached (anywhere, on a channel, at a point); what was not sent is taken back."""
    door.lock(person.pk)
    wish = people.opt_out(
        person=person, by=by, now=now, channel=channel, contact_point=contact_point, words=words, source=source
    )
    door.revoke(persons=[person.pk], why="opt_out", now=now, by=by)
    return wish


@transaction.atomic
def note_times(
    *,
    person: Person,
    kind: str,
    start: int,
    end: int,
    by: User | None,
    now: datetime,
    days: int = 127,
    until_on: date | None = None,
    words: str = "",
    source: str = "",
    channel: codes.Channel | None = None,
) -> Wish:
    """A person named preferred or unwelcome times; leave to call that was not used yet is asked for anew."""
    door.lock(person.pk)
    wish = people.note_times(
        person=person, kind=kind, start=start, end=end, by=by, now=now, days=days, until_on=until_on, words=words,
        source=source, channel=channel,
    )  # fmt: skip
    if kind == Wish.Kind.UNWELCOME:
        door.revoke(persons=[person.pk], why="unwelcome times", now=now, by=by, channel=codes.Channel.CALL)
    return wish


@transaction.atomic
def revoke_consent(*, consent: Consent, by: User | None, now: datetime, why: str, source: str = "") -> Consent:
    """A person took a permission back; what rested on it and was not sent yet is taken back too."""
    door.lock(consent.person_id)
    taken = people.revoke_consent(consent=consent, by=by, now=now, why=why, source=source)
    door.revoke(persons=[consent.person_id], why="consent revoked", now=now, by=by)
    return taken


def cooling_down(*, user: User, now: datetime) -> datetime | None:
    """Until when a collector rests after an abusive call; None when there is no need."""
    last = (
        Entry.objects.filter(actor_id=user.pk, verb="contact.abusive", at__gt=now - COOL_DOWN).order_by("-id").first()
    )
    return last.at + COOL_DOWN if last else None


# ---- what an outcome sets off


@dataclass(frozen=True)
class _Story:
    """An outcome with what it is about."""

    outcome: Outcome
    attempt: Attempt
    case: Case
    promised: Promised | None
    words: str
    now: datetime

    @property
    def by(self) -> User | None:
        return self.outcome.by

    @property
    def debtor_spoke(self) -> bool:
        return self.attempt.addressee_id == self.attempt.person_id

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.case.creditor.zone)).date()


def _follow(outcome: Outcome, case: Case, promised: Promised | None, words: str, now: datetime) -> None:
    what = _FOLLOWS.get(_K(outcome.kind))
    if what:
        what(_Story(outcome, outcome.attempt, case, promised, words, now))


def _promise(story: _Story) -> None:
    if story.promised is None:
        raise OutcomeError(zh="请填写承诺金额和日期。", en="Give the amount and the day of the promise.")
    made_before = Promise.objects.filter(attempt_id=story.attempt.pk).exists()
    agreements.make(
        case=story.case,
        account=story.promised.account,
        cents=story.promised.cents,
        due_on=story.promised.due_on,
        made_on=story.today,
        by=story.by,
        attempt_id=None if made_before else story.attempt.pk,
        person=story.attempt.addressee,
        channel=story.attempt.channel,
    )


def _plan_agreed(story: _Story) -> None:
    """A plan binds both sides: it is on record only where one was agreed on this call or since it began."""
    since = Q(attempt_id=story.attempt.pk) | Q(learned_at__gte=story.attempt.happened_at)
    if not Plan.objects.filter(since, case=story.case).exists():
        raise OutcomeError(
            zh="本次通话没有约定还款计划。请先按 p 约定，或选择其他结果。",
            en="No plan was agreed on this call. Agree one first (key p), or choose another outcome.",
        )


def _must_be_theirs(kind: Outcome.Kind, relation: int) -> None:
    """A third person promises, disputes and refuses nothing, whoever called."""
    if not door.may_come(kind, relation):
        raise OutcomeError(
            zh="对方不是债务人，债务的事不与其谈。请选择其他结果。",
            en="This person owes nothing: the debt is not talked about with them. Choose another outcome.",
        )


def _hold(kind: Hold.Kind, silent: str, days: timedelta | None = None) -> Callable[[_Story], None]:
    """`silent`: the reason where nobody wrote what was said."""

    def stop(story: _Story) -> None:
        place_hold(
            person=story.case.person,
            kind=kind,
            reason=story.words.strip()[:300] or reasons.kept(silent),
            by=story.by,
            now=story.now,
            ends_on=story.today + days if days else None,
        )

    return stop


def _hardship(story: _Story) -> None:
    """Collection stops until somebody has looked; the request stands on the hardship worklist. A file that pauses contact
    already needs no second hold."""
    if not hardship.paused(person=story.case.person_id):
        _hold(Hold.Kind.HARDSHIP, "hardship")(story)
    hardship.request(
        case=story.case, source=Source.CALL, words=story.words, by=story.by, now=story.now, attempt_id=story.attempt.pk
    )


def _cease(story: _Story) -> None:
    """The debtor's word stops collection; a third person's word stops contact with that person, for good."""
    if story.debtor_spoke:
        _hold(Hold.Kind.CEASED, "ceased")(story)
    else:
        opt_out(person=story.attempt.addressee, by=story.by, now=story.now, words=story.words, source=Source.CALL)


def _mark(status: ContactPoint.Status) -> Callable[[_Story], None]:
    def mark(story: _Story) -> None:
        point = story.attempt.contact_point
        if point is not None:
            people.set_status(contact_point=point, status=status, by=story.by, now=story.now, why=story.outcome.kind)
            door.revoke(persons=[point.person_id], why="contact point", now=story.now, by=story.by)

    return mark


def _call_back(story: _Story) -> None:
    """Their own request: one more call on that day is agreed. Off hours need a consent of their own (people.allow)."""
    at = story.outcome.next_at
    if at is None or at <= story.now:
        raise OutcomeError(zh="请填写约定的回电时间。", en="Give the time agreed for the call-back.")
    _refuse_barred(story, at)
    people.allow(
        person=story.attempt.addressee,
        kind=Consent.Kind.MORE_CALLS,
        by=story.by,
        now=story.now,
        channel=codes.Channel.CALL,
        on_date=at.astimezone(ZoneInfo(story.case.creditor.zone)).date(),
        words=f"call-back, attempt {story.attempt.pk}",
        source=Source.CALL,
    )


def _refuse_barred(story: _Story, at: datetime) -> None:
    """Nobody is promised a call that the gate would refuse: another time, or first their agreement to off hours."""
    point = story.attempt.contact_point
    if point is None:
        return
    told = door.foresee(case=story.case, contact_point=point, now=story.now, moments=[at])[0]
    if not told.allowed:
        raise OutcomeError(
            zh=f"这个时间不能致电（对方当地时间）。{told.headline['zh']}",
            en=f"No call may be made at that time (by the clock there). {told.headline['en']}",
        )


def _abusive(story: _Story) -> None:
    journal.write(
        "contact.abusive",
        by=story.by,
        subject="case",
        subject_id=story.case.pk,
        person_id=story.attempt.addressee_id,
        attempt=story.attempt.pk,
    )


def _verified(story: _Story) -> None:
    """The right party answered here."""
    point = story.attempt.contact_point
    if point is not None and point.status == ContactPoint.Status.UNVERIFIED:
        people.set_status(
            contact_point=point, status=ContactPoint.Status.VERIFIED, by=story.by, now=story.now, why=story.outcome.kind
        )


def _and(*steps: Callable[[_Story], None]) -> Callable[[_Story], None]:
    def both(story: _Story) -> None:
        for step in steps:
            step(story)

    return both


_FOLLOWS: Final[Mapping[Outcome.Kind, Callable[[_Story], None]]] = {
    _K.PROMISE: _and(_verified, _promise),
    _K.PLAN: _and(_verified, _plan_agreed),
    _K.REFUSES: _verified,
    _K.HARDSHIP: _and(_verified, _hardship),
    _K.DISPUTE: _and(_verified, _hold(Hold.Kind.DISPUTE, "dispute")),
    _K.PAID_ALREADY: _and(_verified, _hold(Hold.Kind.POLICY, "paid_already", LOOK_FOR_PAYMENT)),
    _K.CEASE: _cease,
    _K.CALL_BACK: _and(_verified, _call_back),
    _K.ABUSIVE: _abusive,
    _K.WRONG_NUMBER: _mark(ContactPoint.Status.WRONG),
    _K.NOT_IN_SERVICE: _mark(ContactPoint.Status.INVALID),
    _K.BOUNCED: _mark(ContactPoint.Status.INVALID),
}


def _undo(wrong: Outcome, by: User, now: datetime) -> None:
    """What an outcome entered by mistake had set off, as far as it may be undone."""
    attempt = wrong.attempt
    if wrong.kind == _K.PROMISE:
        # A promise entered as a correction has no attempt of its own: an attempt names its first promise alone.
        of_attempt = Q(attempt_id=attempt.pk) | Q(attempt_id=None, case=_case_of(attempt), taken_by=wrong.by)
        for promise in Promise.objects.filter(of_attempt, status=Promise.Status.OPEN):
            agreements.withdraw(promise=promise, by=by, reason="outcome corrected")
    marked = wrong.kind in {_K.WRONG_NUMBER, _K.NOT_IN_SERVICE, _K.BOUNCED}
    if marked and attempt.contact_point is not None:
        people.set_status(
            contact_point=attempt.contact_point,
            status=ContactPoint.Status.UNVERIFIED,
            by=by,
            now=now,
            why="outcome corrected",
        )


# ---- small things


def _must_see(case: Case, by: User) -> None:
    if not queries.visible_to(by).filter(pk=case.pk).exists():
        raise PermissionDenied


def _case_of(attempt: Attempt) -> Case:
    """The case an attempt belongs to."""
    return Case.objects.select_related("creditor", "person").get(
        person_id=attempt.person_id, creditor_id=attempt.creditor_id
    )


def _same_call(answer: Allowed, case: Case, contact_point: ContactPoint, by: User) -> OnTheLine:
    attempt = Attempt.objects.get(pk=answer.attempt_id)
    if attempt.by_id != by.pk or attempt.outcomes.exists():
        raise door.PermitError("spent")
    number = people.reveal(contact_point=contact_point, by=by, reason="call", case_id=case.pk)
    return OnTheLine(answer, number, answer.attempt_id)


def _values(case: Case, language: str) -> dict[str, str]:
    """What every template may say about a case. amount: past due, the only sum to call due; balance: owed in all;
    promised, due_on: the open promise that falls due first. What there is not is empty."""
    owed = (
        Account.objects.filter(debtor_id=case.person_id, creditor_id=case.creditor_id, status=Account.Status.OPEN)
        .values("currency")
        .annotate(
            past_due=Sum("ageing__past_due"),
            whole=Sum(
                F("balance__principal") + F("balance__interest") + F("balance__penalty") + F("balance__fees")
                + F("balance__costs")
            ),
        )
        .order_by("currency")
    )  # fmt: skip

    def said(sums: list[tuple[int | None, str]]) -> str:
        return ("、" if language == "zh" else ", ").join(money_signed(cents, code) for cents, code in sums if cents)

    promise = Promise.objects.filter(case=case, status=Promise.Status.OPEN).order_by("due_on", "pk").first()
    return {
        "promised": money_signed(promise.cents, promise.currency) if promise else "",
        "due_on": day_said(promise.due_on, "zh" if language.startswith("zh") else "en") if promise else "",
        "name": case.person.name,
        "creditor": case.creditor.name_zh,
        "creditor_en": case.creditor.name_en,
        "reference": f"{case.creditor.code}-{case.pk}",
        "amount": said([(row["past_due"], row["currency"]) for row in owed]),
        "balance": said([(row["whole"], row["currency"]) for row in owed]),
        "firm": str(getattr(settings, "FIRM_NAME", "Fairdue")),
        "contact": settings.DEFAULT_FROM_EMAIL,
    }
