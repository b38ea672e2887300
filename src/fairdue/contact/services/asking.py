"""Ask for leave to contact somebody now."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np
from django.db import transaction
from procrastinate.contrib.django import app

from fairdue.accounts import columns
from fairdue.accounts.models import Account
from fairdue.cases.models import Case
from fairdue.contact import rulebook
from fairdue.contact.facts import Gathered, Row, gather
from fairdue.contact.models import Attempt, Message, Permit, Verdict
from fairdue.contact.reading import Part
from fairdue.contact.services import permits, wording
from fairdue.contact.services.answers import Allowed, Draft, Refused
from fairdue.contact.services.words import judged, moment
from fairdue.journal import services as journal
from fairdue.journal.models import Entry
from fairdue.law import codes, gate
from fairdue.people.models import ContactPoint
from fairdue.staff.models import User

GOOD_FOR: Final = {codes.Channel.CALL: timedelta(minutes=5)}
"""How long a permit is good, at most; never past the end of the lawful window, nor into a day of other rules."""
WRITTEN_GOOD_FOR: Final = timedelta(hours=24)


_READY: Final = Part(
    """select (exists (select from contact_permit where key = %(key)s))::int,
        nextval('contact_verdict_id_seq'), nextval('contact_attempt_id_seq') where {who}""",
    3,
    "true",
)
"""Whether the key was used before, and the ids of what will be written: a permit is signed over its attempt's."""
# The plan is the same every time: making it anew costs more than the work.
_LOCK: Final = """
    select id, set_config('plan_cache_mode', 'force_generic_plan', true) from people_person
    where id = any(%(persons)s::bigint[]) order by id for no key update
"""


def ask(
    *,
    case: Case,
    contact_point: ContactPoint,
    channel: codes.Channel,
    by: User | None,
    now: datetime,
    key: str,
    purpose: codes.Purpose | None = None,
    mode: codes.Mode = codes.Mode.HUMAN,
    draft: Draft | None = None,
    account: Account | None = None,
) -> Allowed | Refused:
    """Lock the person, gather facts, judge; in one transaction write verdict, attempt, permit, journal, or the refusal.

    `key` makes the act happen once: the same key gives the first answer again. `purpose` None = what suits the
    addressee. `account`: a call about this one alone; left out, the contact is about all that is open at the creditor,
    and what holds one account holds the contact. With a `draft` the message is queued with its job in the same
    transaction; it tells of the whole case and is never about one account. Returns, never raises, a refusal, so that
    the stored verdict is not rolled back. `by` None = the system (a campaign or reminder). Raises ValueError when an id
    or the key is missing, the key was used for something else, or the account is not the case's.
    """
    if not key or case.pk is None or contact_point.pk is None:
        raise ValueError("no id, no send: a case, a contact point and a key are needed")
    if account is not None and (
        draft or (account.debtor_id, account.creditor_id) != (case.person_id, case.creditor_id)
    ):
        raise ValueError("only a call can be about one account, and the account must be of the case")
    about = account.pk if account else 0
    row = Row(case.person_id, case.creditor_id, contact_point.pk, channel, purpose or 0, about)
    with transaction.atomic():
        lock(case.person_id, contact_point.person_id)
        gathered = gather([row], at=now, extra={"mode": int(mode)}, beside=_READY, key=key)
        known_key, verdict_id, attempt_id = (int(column[0]) for column in gathered.beside)
        if known_key:
            return _again(key, case, contact_point, channel)
        rules = rulebook.standing(now)
        read = _read(draft, gathered, case, contact_point) if draft else None
        verdicts, written = wording.judge(gathered, read, rules.packs)
        marks = written.marks if written else ()
        verdict = judgement(verdicts, gathered, written, case=case, contact_point=contact_point, by=by, now=now)
        verdict.pk = verdict_id
        if not verdicts.lawful[0]:
            columns.insert(verdict, _entry(verdict, by))
            return Refused(**judged(verdicts, 0), verdict_id=verdict_id, marks=marks)
        attempt = _attempt(verdict, gathered, mode=mode, creditor_id=case.creditor_id)
        attempt.pk = attempt_id
        end = now + GOOD_FOR.get(channel, WRITTEN_GOOD_FOR)
        end = min(end, verdict.lawful_until or end, rules.until or end)
        permit = permits.issue(key=key, attempt=attempt, contact_point=contact_point, not_before=now, expires_at=end)
        columns.insert(verdict, attempt, permit, _entry(verdict, by, attempt=attempt_id))
        message = _queue(permit, draft, key) if draft else None
    return Allowed(
        **judged(verdicts, 0),
        verdict_id=verdict_id,
        attempt_id=attempt_id,
        permit=permit.pk,
        expires_at=end,
        message_id=message.pk if message else None,
        marks=marks,
    )


def _read(draft: Draft, gathered: Gathered, case: Case, contact_point: ContactPoint) -> wording.Read:
    return wording.read(
        wording.whole(draft.subject, draft.body),
        case=case,
        addressee=contact_point.person,
        relation=int(gathered.relations[0]),
        channel=int(np.asarray(gathered.facts.column("channel")).flat[0]),
    )


def lock(*persons: int) -> None:
    """Hold the rows of these persons until the transaction ends, in the order of their ids."""
    columns.rows(_LOCK, {"persons": "{" + ",".join(map(str, persons)) + "}"})


def judgement(
    verdicts: gate.Verdicts,
    gathered: Gathered,
    written: wording.Read | None = None,
    *,
    case: Case,
    contact_point: ContactPoint,
    by: User | None,
    now: datetime,
    stage: str = Verdict.Stage.ASKED,
) -> Verdict:
    """The first row of the verdicts, with everything it takes to judge again; not yet written."""
    told = verdicts.as_json(0)
    return Verdict(
        at=now,
        stage=stage,
        person_id=case.person_id,
        addressee_id=contact_point.person_id,
        case=case,
        contact_point=contact_point,
        channel=int(np.asarray(gathered.facts.column("channel")).flat[0]),
        purpose=int(gathered.purposes[0]),
        relation=int(gathered.relations[0]),
        decision=int(verdicts.decision[0]),
        rules=[rule["id"] for rule in told["rules"]],
        facts=told["facts"],
        content=written.as_json() if written else None,
        packs={pack["id"]: {"version": pack["version"], "hash": pack["hash"]} for pack in told["packs"]},
        earliest=moment(told["earliest"]),
        lawful_until=moment(told["until"]) if verdicts.lawful[0] else None,
        by=by,
    )


def schedule(message_id: int, *, at: datetime | None = None) -> None:
    """Write the job that sends a message; in the caller's transaction."""
    job = app.configure_task(
        "fairdue.contact.tasks.send_message", queue="outbox", queueing_lock=f"message:{message_id}", schedule_at=at
    )
    job.defer(message_id=message_id)


def _attempt(verdict: Verdict, gathered: Gathered, *, mode: codes.Mode, creditor_id: int) -> Attempt:
    account, *also = (*gathered.debts[0], None)
    return Attempt(
        happened_at=verdict.at,
        creditor_id=creditor_id,
        person_id=verdict.person_id,
        addressee_id=verdict.addressee_id,
        account_id=account,
        also=[debt for debt in also if debt] or None,
        contact_point_id=verdict.contact_point_id,
        channel=verdict.channel,
        mode=mode,
        relation=verdict.relation,
        purpose=verdict.purpose,
        verdict=verdict,
        by_id=verdict.by_id,
    )


def _queue(permit: Permit, draft: Draft, key: str) -> Message:
    message = Message.objects.create(
        key=key,
        permit=permit,
        language=draft.language,
        template=draft.template,
        subject=draft.subject,
        body=draft.body,
    )
    schedule(message.pk)
    return message


def _entry(verdict: Verdict, by: User | None, **more: int) -> Entry:
    return journal.entry(
        "contact.allowed" if more else "contact.refused",
        by=by,
        subject="case",
        subject_id=verdict.case_id,
        person_id=verdict.addressee_id,
        verdict=verdict.pk,
        channel=codes.Channel(verdict.channel).name.lower(),
        decision=codes.Decision(verdict.decision).name.lower(),
        rules=verdict.rules,
        **more,
    )


def _again(key: str, case: Case, contact_point: ContactPoint, channel: codes.Channel) -> Allowed:
    """The first answer to this key."""
    permit = Permit.objects.select_related("attempt__verdict", "message").get(key=key)
    verdict = permit.attempt.verdict
    assert verdict is not None, "a permit follows from a verdict"
    if (verdict.case_id, permit.contact_point_id, permit.channel) != (case.pk, contact_point.pk, channel):
        raise ValueError(f"the key {permit.key!r} was used for another contact; make a new one")
    verdicts = gate.rejudge({"facts": verdict.facts}, rulebook.of_verdict(verdict.packs))
    message = getattr(permit, "message", None)
    return Allowed(
        **judged(verdicts, 0),
        verdict_id=verdict.pk,
        attempt_id=permit.attempt_id,
        permit=permit.pk,
        expires_at=permit.expires_at,
        message_id=message.pk if message else None,
        again=True,
    )
