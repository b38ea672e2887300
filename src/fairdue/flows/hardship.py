"""The walk of one hardship file: asked for, opened, reviewed, ended; what it grants is carried out here. One transaction each.

    open_file(case=…, wanted=[…], …)     the file with everything it grants; beyond one's authority it waits
    decide(approval=…, give=…, …)        somebody else's word
    review(file=…, decision=…, …)        goes on, is changed, moves to a plan, ends
    nightly(day=…, now=…)                what is over is over; dues loaded since are moved too
    care_for(…)  /  care_no_more(…)      who is treated with care, and the wishes that follow

A pause of contact is a hold the gate obeys: what the law requires to be sent still goes. The hold that an outcome or the
borrower's page placed until somebody looks is carried on by the file's own.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from fairdue.accounts import services as ledger
from fairdue.accounts.columns import rows
from fairdue.accounts.models import Account
from fairdue.cases import holds, reasons
from fairdue.cases.models import Case, Hold
from fairdue.contact import services as door
from fairdue.flows.contact import opt_out, place_hold
from fairdue.flows.silence import drop_silent
from fairdue.hardship import services as hardship
from fairdue.hardship.models import Approval, Care, Effect, File, Review
from fairdue.hardship.services import HardshipRefused, Wanted
from fairdue.law import codes
from fairdue.law.schemes import Scheme
from fairdue.people import services as people
from fairdue.people.models import Person, Source
from fairdue.staff import policies
from fairdue.staff.models import User

_AGED: Final = "select account_id from accounts_ageing where account_id = any(%s) order by 1"
_LOCK: Final = """
    select id from people_person where id in (
        select f.person_id from hardship_effect e join hardship_file f on f.id = e.file_id
        where e.status = 'running' and e.ends_on < %(day)s
        union select a.debtor_id from accounts_schedule s join accounts_account a on a.id = s.account_id
        where s.plan < 0 and s.replaced_at is null and s.ends_on is null)
    order by id for no key update
"""


@transaction.atomic
def open_file(
    *,
    case: Case,
    key: str,
    reason: str,
    wanted: Sequence[Wanted],
    by: User,
    now: datetime,
    words: str = "",
    since: date | None = None,
    source: str = Source.CALL,
    review_on: date | None = None,
    attempt_id: int | None = None,
    scheme: Scheme | None = None,
    why: str = "",
) -> File:
    """Open the file and carry out what it grants; the same key gives the same file again. `why`: said to who approves.

    Raises HardshipRefused; then nothing is written.
    """
    door.lock(case.person_id)
    if scheme is not None:
        _refuse_unfit(scheme, case, reason, {timezone.localdate(now), *(one.starts_on for one in wanted if one.by_law)})
    file, new = hardship.open_file(
        case=case, key=key, reason=reason, words=words, since=since, source=source, review_on=review_on, by=by, now=now,
        attempt_id=attempt_id, scheme=scheme,
    )  # fmt: skip
    if new:
        _grant(file, hardship.add(file=file, wanted=wanted, by=by, today=timezone.localdate(now)), by, now, why)
    return file


def _refuse_unfit(scheme: Scheme, case: Case, reason: str, days: set[date]) -> None:
    for day in sorted(days):
        if refused := hardship.unfit(scheme, case=case, reason=reason, on=day):
            raise refused


def _grant(file: File, effects: Sequence[Effect], by: User, now: datetime, why: str) -> None:
    running = [effect for effect in effects if effect.status == Effect.Status.RUNNING]
    for effect in running:
        _begin(effect, by, now)
    for effect in effects:
        if effect.status == Effect.Status.ASKED and effect.kind == Effect.Kind.QUIET:
            _pause_until_answered(effect, by, now)
    if any(effect.status == Effect.Status.ASKED or effect.asked_until for effect in effects):
        hardship.ask(file=file, why=why, by=by, now=now)
    _follow(file, effects, now)


def _begin(effect: Effect, by: User | None, now: datetime) -> None:
    if effect.kind != Effect.Kind.QUIET:
        hardship.begin(effect, by=by, now=now)
        return
    file = effect.file
    effect.hold = place_hold(
        person=file.person, kind=Hold.Kind.MORATORIUM if effect.by_law else Hold.Kind.HARDSHIP,
        reason=_told(file), by=by, now=now, account=effect.account, ends_on=effect.ends_on,
    )  # fmt: skip
    effect.save(update_fields=["hold"])
    _carry_on(file, effect.hold, now)


def _pause_until_answered(effect: Effect, by: User, now: datetime) -> None:
    """Nobody is called while somebody's word on a pause is waited for; the hold of an outcome or the page does as well."""
    file = effect.file
    if effect.account_id is None and _interim(file).exists():
        return
    effect.hold = place_hold(
        person=file.person, kind=Hold.Kind.HARDSHIP, reason=_told(file), by=by, now=now, account=effect.account
    )
    effect.save(update_fields=["hold"])


def _told(file: File) -> str:
    """What a hold says to everybody who sees it: that there is a file, never why."""
    return reasons.kept("hardship_file", file.pk)


def _carry_on(file: File, own: Hold, now: datetime) -> None:
    """The hold placed until somebody looks has done its work: the file's own takes its place."""
    if own.account_id is None:
        holds.let_go(holds=_interim(file).exclude(pk=own.pk), by=None, now=now, reason=_told(file))


def _interim(file: File) -> Any:
    """Holds for hardship of the person that stand on no file's effect."""
    own = Effect.objects.filter(hold__isnull=False).values("hold")
    return Hold.objects.filter(
        person=file.person_id, kind=Hold.Kind.HARDSHIP, account=None, ends_on=None, lifted_at=None
    ).exclude(pk__in=own)


def _follow(file: File, effects: Sequence[Effect], now: datetime) -> None:
    """Ageing and lists follow the dues and what is charged."""
    accounts = sorted({effect.account_id for effect in effects if effect.account_id})
    aged = [pk for (pk,) in rows(_AGED, [accounts])] if accounts else []
    if aged:
        ledger.age(as_of=timezone.localdate(now), accounts=aged)
    drop_silent(persons=[file.person_id], why="hardship", now=now)


@transaction.atomic
def decide(*, approval: Approval, by: User, now: datetime, give: bool, words: str = "") -> Approval:
    """Say yes or no to what goes beyond somebody's authority, once; yes is carried out. Raises HardshipRefused."""
    file = File.objects.select_related("case", "person").get(pk=approval.file_id)
    door.lock(file.person_id)
    found = hardship.answered(
        approval=approval, by=by, now=now, give=give, words=words, beyond=hardship.beyond(file, by)
    )
    if found is None:
        approval.refresh_from_db()
        return approval
    effects = list(file.effects.select_related("account", "hold", "stop", "file__case", "file__person").order_by("pk"))
    for effect in effects:
        if effect.status == Effect.Status.ASKED:
            _answer(effect, give, by, now)
        elif effect.asked_until:
            _answer_longer(effect, effect.asked_until, give, by, now)
    _follow(file, effects, now)
    return found


def _refuse_past(last: date | None, now: datetime) -> None:
    if last is not None and last < timezone.localdate(now):
        raise HardshipRefused(
            "past",
            zh="申请的截止日已过，请退回后重新申请。",
            en="What was asked for is over by now; refuse it and have it asked anew.",
        )


def _answer_longer(effect: Effect, asked: date, give: bool, by: User, now: datetime) -> None:
    """A longer end that waited; what ran out meanwhile goes on without a gap."""
    if give:
        _refuse_past(asked, now)
        hardship.refuse_beyond(effect, asked)
        effect.status = Effect.Status.RUNNING
        effect.save(update_fields=["status"])
    _move(effect, asked if give else effect.ends_on, by, now)


def _answer(effect: Effect, give: bool, by: User, now: datetime) -> None:
    if give:
        _refuse_past(effect.ends_on, now)
    effect.status = Effect.Status.RUNNING if give else Effect.Status.REFUSED
    if give:
        effect.granted_by = by
    meanwhile, effect.hold = effect.hold, None
    effect.save(update_fields=["status", "granted_by", "hold"])
    if give:
        _begin(effect, by, now)
    if meanwhile is not None:
        holds.let_go(holds=[meanwhile], by=by, now=now, reason=_told(effect.file))


def _move(effect: Effect, ends_on: date | None, by: User | None, now: datetime) -> None:
    hardship.move(effect, ends_on=ends_on, by=by, now=now)
    if effect.hold is not None:
        holds.move_end(hold=effect.hold, ends_on=ends_on, by=by, reason=_told(effect.file))


@transaction.atomic
def review(
    *,
    file: File,
    decision: str,
    reason: str,
    by: User,
    now: datetime,
    again_on: date | None = None,
    until: Mapping[int, date] | None = None,
    wanted: Sequence[Wanted] = (),
    undo: bool = False,
) -> File:
    """One look at a file. `until`: effect → its new last day; `wanted`: what is granted besides; `undo`: an end that
    takes back everything, but for what a statute granted, as if it had never been.

    An end, or a last day earlier than granted, is for those who may lift a hold. Raises HardshipRefused.
    """
    door.lock(file.person_id)
    file = File.objects.select_related("case", "person").get(pk=file.pk)
    if file.status == File.Status.ENDED:
        return file
    if decision == Review.Decision.END:
        _refuse_end(by)
        hardship.note_review(file=file, decision=decision, reason=reason, again_on=None, by=by, now=now)
        return _end(file, reason, by, now, undo=undo)
    if file.status == File.Status.ASKED:
        raise HardshipRefused("asked", zh="请先建立困难档案。", en="Open the file first.")
    hardship.note_review(file=file, decision=decision, reason=reason, again_on=again_on, by=by, now=now)
    effects = _running(file)
    longer = [effect for effect in effects if _change(effect, (until or {}).get(effect.pk), by, now)]
    added = hardship.add(file=file, wanted=wanted, by=by, today=timezone.localdate(now))
    _grant(file, added, by, now, reason)
    if longer:
        hardship.ask(file=file, why=reason, by=by, now=now)
    _follow(file, [*effects, *added], now)
    file.refresh_from_db()
    return file


def _of(file: File) -> list[Effect]:
    related = ("account", "hold", "stop", "file__case", "file__person")
    return list(file.effects.select_related(*related).order_by("pk"))


def _running(file: File) -> list[Effect]:
    return [effect for effect in _of(file) if effect.status == Effect.Status.RUNNING]


def _refuse_end(by: User) -> None:
    if not policies.may(by, "hold.lift"):
        raise HardshipRefused(
            "not_entitled", zh="您无权提前结束，请交主管、投诉岗或合规处理。",
            en="You may not end it early; hand it to your lead, complaints or compliance.",
        )  # fmt: skip


def _change(effect: Effect, ends_on: date | None, by: User, now: datetime) -> bool:
    """Let an effect end on another day; whether that waits for somebody's word."""
    if ends_on is None or ends_on == effect.ends_on or effect.kind == Effect.Kind.PLAN:
        return False
    today = timezone.localdate(now)
    if ends_on < today:
        raise HardshipRefused("ends_on", zh="截止日不能早于今天。", en="The last day lies before today.")
    hardship.refuse_beyond(effect, ends_on)
    if effect.ends_on is None or ends_on < effect.ends_on:
        _refuse_end(by)
    elif not effect.by_law and hardship.longer(effect, ends_on, by):
        effect.asked_until = ends_on
        effect.save(update_fields=["asked_until"])
        return True
    _move(effect, ends_on, by, now)
    return False


def _end(file: File, reason: str, by: User | None, now: datetime, *, undo: bool) -> File:
    """The file and all it grants are over today; holds are lifted at once. What a statute granted is never undone: its
    days stay as free as they were."""
    today, effects = timezone.localdate(now), _running(file)
    waiting = file.effects.filter(status=Effect.Status.ASKED, hold__isnull=False).select_related("hold")
    stopped = [effect.hold for effect in [*effects, *waiting] if effect.hold is not None]
    for effect in effects:
        if effect.kind != Effect.Kind.PLAN:
            hardship.finish(effect, on=today, undo=undo and not effect.by_law, by=by, now=now)
    others = File.objects.filter(person=file.person_id, status=File.Status.ASKED).exclude(pk=file.pk)
    if not others.exists():
        stopped += list(_interim(file))
    holds.let_go(holds=stopped, by=by, now=now, reason=reason or _told(file))
    ended = hardship.close(file=file, reason=reason, on=today, by=by)
    _follow(file, effects, now)
    return ended


@transaction.atomic
def event_came(*, file: File, on: date, by: User, now: datetime) -> File:
    """What ends a statutory scheme has happened (a treatment, a service ended on `on`): its effects get their last day.

    The same day twice is noted once. Raises HardshipRefused.
    """
    door.lock(file.person_id)
    file = File.objects.select_related("case", "person").get(pk=file.pk)
    today = timezone.localdate(now)
    if hardship.note_event(file=file, on=on, by=by, today=today):
        effects = [effect for effect in _running(file) if effect.by_law]
        for effect in effects:
            last = hardship.law_until(effect)
            _move(effect, last, by, now)
            _finish_past(effect, last, by, now)
        _follow(file, effects, now)
    file.refresh_from_db()
    return file


def _finish_past(effect: Effect, last: date | None, by: User, now: datetime) -> None:
    if last is not None and last < timezone.localdate(now):
        hardship.finish(effect, on=last, undo=False, by=by, now=now)


@transaction.atomic
def event_corrected(*, file: File, on: date | None, why: str, by: User, now: datetime) -> File:
    """The day noted was wrong: it was another, or (None) it has not come. What ended because of it runs again, from its
    first day where money is concerned, contact from now on. Raises HardshipRefused."""
    door.lock(file.person_id)
    file = File.objects.select_related("case", "person").get(pk=file.pk)
    effects = [effect for effect in _of(file) if effect.by_law and not effect.undone]
    ended = [
        effect for effect in effects if effect.ends_on is not None and effect.ends_on == hardship.law_until(effect)
    ]
    was = hardship.correct_event(file=file, on=on, why=why, by=by, now=now)
    for effect in ended if on != was else []:
        effect.file = file
        last = hardship.law_until(effect)
        hardship.resume(effect, ends_on=last, by=by, now=now)
        _rest_again(effect, last, by, now)
        _finish_past(effect, last, by, now)
    _follow(file, ended, now)
    file.refresh_from_db()
    return file


def _rest_again(effect: Effect, last: date | None, by: User, now: datetime) -> None:
    """The hold of an effect gets its end; one that was over stays as it was, and a new one begins."""
    hold, today = effect.hold, timezone.localdate(now)
    if hold is None:
        return
    over = hold.lifted_at is not None or (hold.ends_on is not None and hold.ends_on < today)
    if not over:
        holds.move_end(hold=hold, ends_on=last, by=by, reason=_told(effect.file))
    elif last is None or last >= today:
        _begin(effect, by, now)


@transaction.atomic
def nightly(*, day: date, now: datetime) -> dict[str, int]:
    """What ended the evening before is over; dues loaded since a grace began are moved too. Reviews need nothing written:
    the worklist asks for what is due."""
    rows(_LOCK, {"day": day})
    over, moved = hardship.expire(day=day), hardship.retell(now=now)
    return {"hardship_over": over, "hardship_moved": moved}


def wanted_by(scheme: Scheme, *, accounts: Sequence[Account], start: date, event: date | None = None) -> list[Wanted]:
    """What a scheme grants on its own: to each account, the pause of contact to the person. A plan or a grace whose length
    the parties agree is not among it."""
    ends_on, found = scheme.ends_on(start, event), []
    for kind in scheme.effects:
        if kind in ("pause", "quiet"):
            by_law = kind == "pause"
            found.append(Wanted(Effect.Kind.QUIET, start, ends_on, by_law=by_law))
        elif kind in ("interest", "late", "cap"):
            rate = scheme.rate if kind == "cap" else None
            found += [Wanted(kind, start, ends_on, account=one, rate=rate, by_law=True) for one in accounts]
    return found


# ---- care

_WISHES: Final = {"no_calls": (codes.Channel.CALL, codes.Channel.VOICEMAIL), "no_visits": (codes.Channel.VISIT,)}


@transaction.atomic
def care_for(*, person: Person, do: Sequence[str], by: User, now: datetime, **told: Any) -> Care:
    """Note that somebody is treated with care; channels to be left alone become wishes, which the gate and the night
    obey. Raises HardshipRefused."""
    door.lock(person.pk)
    care, was = hardship.note_care(person=person, do=do, by=by, now=now, **told)
    if was is not None:
        _take_back(was, by, now)
    for code in care.do:
        for channel in _WISHES.get(code, ()):
            wish = opt_out(person=person, by=by, now=now, channel=channel, source=Source.OTHER)
            if wish.made_at == now:
                care.wishes.add(wish)
    return care


@transaction.atomic
def care_no_more(*, care: Care, by: User, now: datetime) -> Care:
    """It is no longer needed; the wishes that came with it end. Raises HardshipRefused."""
    door.lock(care.person_id)
    ended = hardship.end_care(care=care, by=by, now=now)
    _take_back(care, by, now)
    return ended


def _take_back(care: Care, by: User, now: datetime) -> None:
    for wish in care.wishes.filter(withdrawn_at=None):
        people.withdraw_wish(wish=wish, by=None, now=now, why=f"care {care.pk}", source=Source.OTHER)
