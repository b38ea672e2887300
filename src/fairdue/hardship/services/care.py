"""Who is treated with care: why is sealed and read by few, each look on record; everybody else learns what to do.

Wishes that follow from it (no calls, no visits) are noted by the caller (`flows.hardship`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from fairdue.hardship.models import Care
from fairdue.hardship.refusing import HardshipRefused
from fairdue.hardship.words import CARE, KINDS
from fairdue.journal import services as journal
from fairdue.people import sealing
from fairdue.people.models import Person, Relation
from fairdue.staff import policies
from fairdue.staff.models import User

NOTES_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Secret:
    """Why: kinds (codes of words.KINDS) and notes."""

    kinds: tuple[str, ...]
    notes: str


@transaction.atomic
def note_care(
    *,
    person: Person,
    kinds: Sequence[str],
    notes: str,
    do: Sequence[str],
    basis: str,
    consent_on: date | None,
    review_on: date,
    by: User,
    now: datetime,
    helper: Person | None = None,
) -> tuple[Care, Care | None]:
    """Note (or note anew) that a person is treated with care; (the record, the one it takes the place of).

    The caller has locked the person. Raises HardshipRefused: nothing chosen, no ground, no day of a consent.
    """
    if not kinds or not set(kinds) <= KINDS.keys() or len(notes) > NOTES_MAX:
        raise HardshipRefused("kinds", zh="请选择情况类别。", en="Choose what it is about.")
    if not do or not set(do) <= CARE.keys():
        raise HardshipRefused("do", zh="请选择沟通要求。", en="Choose what is to be done.")
    if basis not in Care.Basis.values:
        raise HardshipRefused("basis", zh="请选择记录依据。", en="Choose on what ground it is kept.")
    today = timezone.localdate(now)
    if basis == Care.Basis.CONSENT and (consent_on is None or consent_on > today):
        raise HardshipRefused("consent_on", zh="请填写取得同意的日期。", en="Give the day of their consent.")
    if review_on <= today:
        raise HardshipRefused("review_on", zh="复核日须在今天之后。", en="The review lies after today.")
    if helper and not Relation.objects.filter(debtor=person, person=helper).exists():
        raise HardshipRefused("helper", zh="协助人须为本案关系人。", en="The helper is one of the people of the case.")
    was = Care.objects.filter(person=person, ended_at=None).first()
    if was is not None:
        _end(was, by, now)
    made = Care.objects.create(
        person=person, secret=sealing.seal(json.dumps({"kinds": sorted(kinds), "notes": notes.strip()})),
        do=[code for code in CARE if code in do], basis=basis,
        consent_on=consent_on if basis == Care.Basis.CONSENT else None, helper=helper, review_on=review_on, noted_by=by,
        noted_at=now,
    )  # fmt: skip
    journal.write("care.noted", by=by, subject="care", subject_id=made.pk, person_id=person.pk, do=made.do, basis=basis)
    return made, was


@transaction.atomic
def look(*, care: Care, by: User) -> Secret:
    """Why somebody is treated with care; the look is on record. Raises HardshipRefused for who may not."""
    if not policies.may(by, "care.see"):
        raise HardshipRefused("not_entitled", zh="您无权查看原因。", en="You may not see the reason.")
    told = json.loads(sealing.unseal(care.secret))
    journal.write("care.seen", by=by, subject="care", subject_id=care.pk, person_id=care.person_id)
    return Secret(tuple(told["kinds"]), told["notes"])


@transaction.atomic
def end_care(*, care: Care, by: User, now: datetime) -> Care:
    """It is no longer needed; ended before, it stays as it was. Raises HardshipRefused for who may not."""
    if not policies.may(by, "care.see"):
        raise HardshipRefused("not_entitled", zh="您无权结束。", en="You may not end it.")
    _end(care, by, now)
    care.refresh_from_db()
    return care


def _end(care: Care, by: User, now: datetime) -> None:
    if Care.objects.filter(pk=care.pk, ended_at=None).update(ended_at=now, ended_by=by):
        journal.write("care.ended", by=by, subject="care", subject_id=care.pk, person_id=care.person_id)
