"""What came of a contact."""

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from fairdue.cases.models import Case
from fairdue.contact.models import Attempt, Message, Outcome
from fairdue.contact.services import permits
from fairdue.journal import services as journal
from fairdue.law import codes
from fairdue.people import services as people
from fairdue.people.models import ContactPoint, Relation
from fairdue.staff.models import User

_K, _RESULT = Outcome.Kind, codes.Result

RESULTS: Final = {
    _K.NO_ANSWER: _RESULT.UNANSWERED,
    _K.BUSY: _RESULT.BUSY,
    _K.NOT_IN_SERVICE: _RESULT.NOT_IN_SERVICE,
    _K.VOICEMAIL: _RESULT.VOICEMAIL_REACHED,
    _K.WRONG_NUMBER: _RESULT.WRONG_PERSON,
    _K.DELIVERED: _RESULT.DELIVERED,
    _K.BOUNCED: _RESULT.BOUNCED,
    _K.CANCELLED: _RESULT.CANCELLED,
}
"""What an outcome says of the line; every other kind was a conversation."""


_R = codes.Relation
THIRD: Final = frozenset({
    _R.SPOUSE, _R.EMERGENCY_CONTACT, _R.EMPLOYER, _R.PARENT_OF_ADULT, _R.SIBLING, _R.FRIEND, _R.NEIGHBOUR, _R.OCCUPIER,
    _R.OTHER_THIRD_PARTY, _R.UNKNOWN,
})  # fmt: skip
"""Those who owe nothing and do not speak for the debtor: the debt is not talked about with them."""
_ABOUT_THE_DEBT: Final = frozenset({_K.PROMISE, _K.REFUSES, _K.HARDSHIP, _K.DISPUTE, _K.PAID_ALREADY})


class OutcomeError(Exception):
    """The outcome cannot be recorded; `zh` and `en` say what to do instead."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def may_come(kind: str, relation: int) -> bool:
    """Whether our call to somebody so tied to the debt can end this way: nothing about the debt at a third person's."""
    return not (kind in _ABOUT_THE_DEBT and relation in THIRD)


def record_outcome(
    *,
    attempt: Attempt,
    kind: Outcome.Kind,
    by: User | None,
    now: datetime,
    note: str = "",
    next_at: datetime | None = None,
    supersedes: Outcome | None = None,
) -> Outcome:
    """Write what came of an attempt; with `supersedes` a correction as a new row. What it sets off is in flows.contact.

    Raises OutcomeError when an outcome exists and none is superseded, or the superseded one is not the latest.
    """
    if supersedes is not None and supersedes.attempt_id != attempt.pk:
        raise OutcomeError(zh="这条结果属于另一次催收动作。", en="This outcome belongs to another contact.")
    try:
        with transaction.atomic():
            outcome = Outcome.objects.create(
                attempt=attempt,
                kind=kind,
                result=RESULTS.get(kind, _RESULT.CONVERSATION),
                note=note,
                next_at=next_at,
                by=by,
                at=now,
                supersedes=supersedes,
            )
    except IntegrityError as error:
        raise OutcomeError(
            zh="结果已有记录。请打开最新的一条并更正。",
            en="An outcome is on record already. Open the latest one and correct it.",
        ) from error
    if kind == _K.CANCELLED and (permit := getattr(attempt, "permit", None)):
        permits.withdraw(permit=permit.pk, why="not carried out", now=now)
    journal.write(
        "outcome.corrected" if supersedes else "outcome.recorded",
        by=by,
        subject="attempt",
        subject_id=attempt.pk,
        person_id=attempt.person_id,
        kind=kind.value,
        was=supersedes.kind if supersedes else None,
    )
    return outcome


def tie_of(case: Case, contact_point: ContactPoint | None) -> int:
    """How the holder of a contact point is tied to the debt (codes.Relation); None: the debtor, not known from where."""
    if contact_point is None or contact_point.person_id == case.person_id:
        return codes.Relation.DEBTOR
    ties = Relation.objects.filter(debtor_id=case.person_id, person_id=contact_point.person_id).order_by("kind")
    return ties.values_list("kind", flat=True).first() or codes.Relation.UNKNOWN


def record_inbound(
    *,
    case: Case,
    contact_point: ContactPoint | None,
    channel: codes.Channel,
    by: User | None,
    now: datetime,
    kind: Outcome.Kind,
    note: str = "",
    next_at: datetime | None = None,
) -> Outcome:
    """Record that they contacted us, with its outcome. Needs no permit and is counted as theirs. `contact_point` None:
    the debtor, from a number not known."""
    addressee = contact_point.person_id if contact_point else case.person_id
    with transaction.atomic():
        attempt = Attempt.objects.create(
            happened_at=now,
            creditor_id=case.creditor_id,
            person_id=case.person_id,
            addressee_id=addressee,
            contact_point=contact_point,
            channel=channel,
            direction=codes.Direction.IN,
            relation=tie_of(case, contact_point),
            purpose=codes.Purpose.ANSWER_QUERY,
            by=by,
        )
        return record_outcome(attempt=attempt, kind=kind, by=by, now=now, note=note, next_at=next_at)


def note_bounce(*, message: Message, now: datetime, detail: str = "") -> Outcome:
    """A message came back: the attempt's outcome becomes bounced and the contact point invalid."""
    permit = message.permit
    attempt = permit.attempt
    latest = attempt.outcomes.filter(superseded_by=None).first()
    with transaction.atomic():
        Message.objects.filter(pk=message.pk).update(status=Message.Status.FAILED, error=detail[:500])
        people.set_status(
            contact_point=permit.contact_point, status=ContactPoint.Status.INVALID, by=None, now=now, why="bounced"
        )
        return record_outcome(attempt=attempt, kind=_K.BOUNCED, by=None, now=now, note=detail, supersedes=latest)
