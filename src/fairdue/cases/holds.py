"""Holds: placing and lifting what stops collection. Called through `flows.contact`, which also takes back permits."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from fairdue.accounts.models import Account
from fairdue.cases.models import Hold
from fairdue.journal import services as journal
from fairdue.people.models import Person
from fairdue.staff import policies
from fairdue.staff.models import User

REVIEW_AFTER: Final = timedelta(days=30)
"""A hold without an end is looked at after so long; the firm's rule, not the law's."""


class HoldError(ValueError):
    """The hold cannot be placed or lifted so; `zh` and `en` say why and what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@transaction.atomic
def place(
    *,
    person: Person,
    kind: Hold.Kind,
    reason: str,
    by: User | None,
    now: datetime,
    account: Account | None = None,
    ends_on: date | None = None,
    starts_at: datetime | None = None,
) -> Hold:
    """Stop collection; the same hold placed twice is one hold, a longer one replaces nothing: both stand.

    `starts_at` may lie in the past (a pause learned of late). Locks the person. Raises HoldError.
    """
    begins = starts_at or now
    if not reason.strip():
        raise HoldError(zh="请写明停催原因。", en="Say why collection stops.")
    if ends_on is not None and ends_on < begins.date():
        raise HoldError(zh="停催的结束日早于开始日。", en="The hold would end before it begins.")
    if account is not None and account.debtor_id != person.pk:
        raise HoldError(zh="该账户属于另一人。", en="The account is another person's.")
    list(Person.objects.select_for_update(no_key=True).filter(pk=person.pk))
    same = Hold.objects.filter(person=person, account=account, kind=kind, ends_on=ends_on, lifted_at=None)
    if found := same.filter(starts_at__lte=begins).first():
        return found
    hold = Hold.objects.create(
        person=person,
        account=account,
        kind=kind,
        reason=reason.strip()[:300],
        starts_at=begins,
        ends_on=ends_on,
        placed_by=by,
        learned_at=now,
    )
    journal.write(
        "hold.placed", by=by, subject="hold", subject_id=hold.pk, person_id=person.pk,
        kind=kind, account=account.pk if account else None, ends_on=ends_on,
    )  # fmt: skip
    return hold


@transaction.atomic
def lift(*, hold: Hold, by: User, now: datetime, reason: str) -> Hold:
    """End a hold. Raises HoldError when `by` may not, or no reason is given; lifted before, it stays as it was."""
    if not policies.may(by, "hold.lift"):
        raise HoldError(
            zh="您无权解除停催，请交主管、法务、投诉岗或合规处理。",
            en="You may not lift a hold; hand it to your lead, legal, complaints or compliance.",
        )
    if not reason.strip():
        raise HoldError(zh="请写明解除原因。", en="Say why the hold ends.")
    list(Person.objects.select_for_update(no_key=True).filter(pk=hold.person_id))
    if Hold.objects.filter(pk=hold.pk, lifted_at=None).update(
        lifted_at=now, lifted_by=by, lift_reason=reason.strip()[:300]
    ):
        journal.write(
            "hold.lifted", by=by, subject="hold", subject_id=hold.pk, person_id=hold.person_id, kind=hold.kind
        )
    hold.refresh_from_db()
    return hold


@transaction.atomic
def extend(*, hold: Hold, ends_on: date | None, by: User, now: datetime, reason: str) -> Hold:
    """Let a hold in force end later; None = only when lifted. Raises HoldError when it is over, or would end sooner."""
    if not policies.may(by, "hold.place"):
        raise HoldError(zh="您无权延长停催。", en="You may not extend a hold.")
    if not reason.strip():
        raise HoldError(zh="请写明延长原因。", en="Say why the hold is extended.")
    if hold.ends_on is None or (ends_on is not None and ends_on <= hold.ends_on):
        raise HoldError(zh="新的结束日须晚于原结束日。", en="The new end must lie after the present one.")
    today = timezone.localdate(now)
    in_force = Hold.objects.filter(pk=hold.pk, lifted_at=None, ends_on=hold.ends_on, ends_on__gte=today)
    if not in_force.update(ends_on=ends_on):
        raise HoldError(
            zh="该停催已结束或已变更，请刷新后再试。", en="The hold is over or was changed; reload the page."
        )
    _noted("hold.extended", hold, by, was=hold.ends_on, ends_on=ends_on, reason=reason.strip()[:300])
    hold.refresh_from_db()
    return hold


@transaction.atomic
def review(*, hold: Hold, again_on: date, by: User, now: datetime, reason: str) -> Hold:
    """Note that a hold is still needed and when to look again. Raises HoldError."""
    if not policies.may(by, "hold.place"):
        raise HoldError(zh="您无权复核停催。", en="You may not review a hold.")
    if not reason.strip():
        raise HoldError(zh="请写明仍需停催的原因。", en="Say why the hold is still needed.")
    if again_on <= timezone.localdate(now):
        raise HoldError(zh="下次复核须在今天之后。", en="The next review must lie after today.")
    if not Hold.objects.filter(pk=hold.pk, lifted_at=None).update(review_on=again_on):
        raise HoldError(zh="该停催已解除。", en="The hold was lifted already.")
    _noted("hold.reviewed", hold, by, again_on=again_on, reason=reason.strip()[:300])
    hold.refresh_from_db()
    return hold


def review_due(hold: Hold) -> date | None:
    """The day on which somebody looks whether a hold without an end is still needed; None where it ends by itself."""
    if hold.review_on is not None:
        return hold.review_on
    return None if hold.ends_on is not None else timezone.localdate(hold.starts_at) + REVIEW_AFTER


def _noted(verb: str, hold: Hold, by: User, **detail: object) -> None:
    journal.write(verb, by=by, subject="hold", subject_id=hold.pk, person_id=hold.person_id, kind=hold.kind, **detail)


def move_end(*, hold: Hold, ends_on: date | None, by: User | None, reason: str) -> None:
    """A hold that stands on a record of its own (a hardship file) ends on another day, because that record does."""
    was = Hold.objects.values_list("ends_on", flat=True).get(pk=hold.pk)
    if was != ends_on and Hold.objects.filter(pk=hold.pk, lifted_at=None).update(ends_on=ends_on):
        journal.write(
            "hold.extended", by=by, subject="hold", subject_id=hold.pk, person_id=hold.person_id, kind=hold.kind, was=was,
            ends_on=ends_on, reason=reason[:300],
        )  # fmt: skip


def let_go(*, holds: Iterable[Hold], by: User | None, now: datetime, reason: str) -> None:
    """Holds that stand on a record of its own are over, because that record is; it has checked who may say so."""
    for hold in holds:
        if Hold.objects.filter(pk=hold.pk, lifted_at=None).update(
            lifted_at=now, lifted_by=by, lift_reason=reason[:300]
        ):
            journal.write(
                "hold.lifted", by=by, subject="hold", subject_id=hold.pk, person_id=hold.person_id, kind=hold.kind
            )


def release(*, person_id: int, account_id: int, kind: Hold.Kind, now: datetime, reason: str) -> int:
    """End the holds that the system itself set on an account and that stand on a fact of its own (a plan being kept);
    how many. Nobody's word is overruled: a hold that somebody placed by another name stays."""
    held = Hold.objects.filter(person_id=person_id, account_id=account_id, kind=kind, lifted_at=None)
    ended = list(held.values_list("pk", flat=True))
    held.update(lifted_at=now, lift_reason=reason[:300])
    for pk in ended:
        journal.write("hold.lifted", subject="hold", subject_id=pk, person_id=person_id, kind=kind)
    return len(ended)
