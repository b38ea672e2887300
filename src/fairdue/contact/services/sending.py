"""Hand over what was allowed: judged again at the instant of sending, spent once, never doubled.

A message is first marked as being sent, in a transaction of its own, then given to its channel outside any
transaction, then closed. Whoever dies in between leaves a mark from which `requeue_lost` tells what may be tried again
(its permit is unspent: nothing left the house) from what may not.
"""

import contextlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from fairdue.contact import rulebook
from fairdue.contact.channels import ChannelError, Envelope, Receipt, adapter
from fairdue.contact.facts import Row, gather
from fairdue.contact.models import Attempt, Message, Outcome, Permit, Verdict
from fairdue.contact.services import permits, wording
from fairdue.contact.services.asking import judgement, lock, schedule
from fairdue.contact.services.outcomes import record_outcome
from fairdue.journal import services as journal
from fairdue.law import codes
from fairdue.staff.models import User

TRIES: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""Waits after the first, second … failed try; one more failure ends it."""
LOST_AFTER: Final = timedelta(minutes=10)

_STATUS = Message.Status


def hand_over(*, permit: UUID, by: User, now: datetime) -> Receipt:
    """Give the collector the number behind a permit, spending it; the reveal is journalled.

    Not judged a second time: whatever could change the verdict in these few minutes revokes the permit, and its window
    ends with the lawful hours. Raises PermitError when the permit is spent, revoked, expired, forged or another's.
    """
    return adapter(codes.Channel.CALL).deliver(Envelope(permit=permit, by=by), now=now)


def send(*, message_id: int, now: datetime) -> Message.Status:
    """Send one queued message, if it is still lawful at this instant; gives the status after. Safe to call twice."""
    message = _begin(message_id, now)
    if message.status != _STATUS.SENDING:
        return _STATUS(message.status)
    permit = message.permit
    envelope = Envelope(
        permit=permit.pk, key=message.key, language=message.language, subject=message.subject, body=message.body
    )
    try:
        receipt = adapter(permit.channel).deliver(envelope, now=now)
    except permits.PermitError as error:
        return _close(message, _STATUS.REVOKED if error.why == "revoked" else _STATUS.REFUSED, now, error=error.why)
    except ChannelError as error:
        return _failed(message, error, now)
    return _close(message, _STATUS.SENT, now, reference=receipt.reference, outcome=Outcome.Kind.DELIVERED)


def requeue_lost(*, now: datetime) -> int:
    """Give messages whose worker died a new job; those being handed over are closed as in doubt, never resent.

    Returns how many were given a job. Also closes permits that ran out unspent a day ago.
    """
    permits.mark_expired(before=now - timedelta(days=1), now=now)
    begun = Message.objects.filter(status=_STATUS.SENDING, sent_at__lt=now - LOST_AFTER)
    for message in begun.filter(permit__spent_at__isnull=False).select_related("permit__attempt__verdict"):
        _close(message, _STATUS.FAILED, now, error="the worker died while sending; it may have arrived")
    begun.filter(permit__spent_at=None).update(status=_STATUS.QUEUED)
    waiting = Message.objects.filter(status=_STATUS.QUEUED, queued_at__lt=now - LOST_AFTER, permit__spent_at=None)
    queued = {f"message:{pk}": pk for pk in waiting.values_list("pk", flat=True)}
    todo = ProcrastinateJob.objects.filter(status="todo", queueing_lock__in=list(queued))
    lost = queued.keys() - set(todo.values_list("queueing_lock", flat=True))
    for name in sorted(lost):
        with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
            schedule(queued[name])
    return len(lost)


def _begin(message_id: int, now: datetime) -> Message:
    """Judge again and mark the message as being sent, or close it."""
    found = Message.objects.select_related("permit__attempt__verdict__case").get(pk=message_id)
    attempt = found.permit.attempt
    with transaction.atomic():
        lock(attempt.person_id, attempt.addressee_id)
        message = Message.objects.select_for_update(no_key=True).get(pk=message_id)
        message.permit = Permit.objects.select_related("attempt__verdict__case__creditor", "contact_point__person").get(
            pk=found.permit_id
        )
        if message.status != _STATUS.QUEUED:
            return message
        if not _still_lawful(message, now):
            permits.withdraw(permit=message.permit_id, why="refused at sending", now=now)
            _write(message, _STATUS.REFUSED, now, error="not lawful at the instant of sending")
            return message
        message.status, message.tries, message.sent_at = _STATUS.SENDING, message.tries + 1, now
        message.save(update_fields=["status", "tries", "sent_at"])
    return message


def _still_lawful(message: Message, now: datetime) -> bool:
    attempt = message.permit.attempt
    asked = attempt.verdict
    assert asked is not None, "our attempts follow from a verdict"
    case, point = asked.case, message.permit.contact_point
    assert case is not None, "a message is about a case"
    row = Row(case.person_id, case.creditor_id, point.pk, attempt.channel, attempt.purpose)
    gathered = gather([row], at=now, without_attempt=attempt.pk, extra={"mode": attempt.mode})
    text = wording.whole(message.subject, message.body)
    relation = int(gathered.relations[0])
    found = wording.read(text, case=case, addressee=point.person, relation=relation, channel=attempt.channel)
    verdicts, written = wording.judge(gathered, found, rulebook.in_force(now))
    stage = Verdict.Stage.SENDING
    judgement(verdicts, gathered, written, case=case, contact_point=point, by=asked.by, now=now, stage=stage).save()
    return bool(verdicts.lawful[0])


def _failed(message: Message, error: ChannelError, now: datetime) -> Message.Status:
    good = error.retry and permits.give_back(permit=message.permit_id, now=now)
    if good and message.tries <= len(TRIES):
        again = now + TRIES[message.tries - 1]
        with transaction.atomic():
            changed = Message.objects.filter(pk=message.pk, status=_STATUS.SENDING).update(
                status=_STATUS.QUEUED, queued_at=again, sent_at=None, error=str(error)[:500]
            )
            if changed:
                with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
                    schedule(message.pk, at=again)
        return _STATUS.QUEUED
    if error.retry and not good:
        return _close(message, _STATUS.REVOKED, now, error=str(error))
    if good:
        permits.withdraw(permit=message.permit_id, why="too many tries", now=now)
    return _close(message, _STATUS.FAILED, now, error=str(error), outcome=_meaning(error))


def _meaning(error: ChannelError) -> Outcome.Kind | None:
    """What is known to have come of it; a message in doubt keeps counting as sent."""
    return None if error.doubt else Outcome.Kind.BOUNCED if not error.retry else Outcome.Kind.CANCELLED


def _close(
    message: Message, status: Message.Status, now: datetime, *, error: str = "", reference: str = "",
    outcome: Outcome.Kind | None = None,
) -> Message.Status:  # fmt: skip
    with transaction.atomic():
        _write(message, status, now, error=error, reference=reference)
        if outcome:
            record_outcome(attempt=message.permit.attempt, kind=outcome, by=None, now=now, note=error)
    return status


def _write(message: Message, status: Message.Status, now: datetime, *, error: str = "", reference: str = "") -> None:
    message.status, message.error, message.provider_ref = status, error[:500], reference
    message.sent_at = now if status == _STATUS.SENT else None
    message.save(update_fields=["status", "error", "provider_ref", "sent_at"])
    attempt: Attempt = message.permit.attempt
    journal.write(
        f"message.{status.value}",
        subject="case",
        subject_id=attempt.verdict.case_id if attempt.verdict else None,
        person_id=attempt.addressee_id,
        message=message.pk,
        why=error,
    )
