"""The file: asked for, opened, looked at again, closed; what it asked somebody else to approve."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from fairdue.cases.models import Case
from fairdue.hardship.models import Approval, Effect, File, Review
from fairdue.hardship.policy import policy
from fairdue.hardship.refusing import HardshipRefused
from fairdue.journal import services as journal
from fairdue.law.schemes import Scheme
from fairdue.people import sealing
from fairdue.people.models import Source
from fairdue.staff import policies
from fairdue.staff.models import User

WORDS_MAX: Final = 3_000


@transaction.atomic
def request(
    *, case: Case, source: str, words: str, by: User | None, now: datetime, attempt_id: int | None = None
) -> File:
    """Somebody cannot pay: a file to be looked at within days. A case that has one already keeps it.

    The caller has locked the person.
    """
    if known := File.objects.filter(case=case).exclude(status=File.Status.ENDED).first():
        return known
    made = File.objects.create(
        case=case, person_id=case.person_id, status=File.Status.ASKED, words=_sealed(words), source=Source(source),
        told_at=now, attempt_id=attempt_id, review_on=timezone.localdate(now) + timedelta(policy().asked_days),
        opened_by=by, opened_at=now, key=f"asked:{case.pk}:{File.objects.filter(case=case).count()}",
    )  # fmt: skip
    noted("hardship.asked", made, by, source=source, attempt=attempt_id)
    return made


@transaction.atomic
def open_file(
    *,
    case: Case,
    key: str,
    reason: str,
    words: str,
    since: date | None,
    source: str,
    review_on: date | None,
    by: User,
    now: datetime,
    attempt_id: int | None = None,
    scheme: Scheme | None = None,
) -> tuple[File, bool]:
    """Open the file (what was asked for becomes it), once by its key; (the file, whether it is new).

    Raises HardshipRefused: no such reason, a day that cannot be, or a file that runs already.
    """
    if known := File.objects.filter(key=key).first():
        return known, False
    today = timezone.localdate(now)
    if reason not in File.Reason.values:
        raise HardshipRefused("reason", zh="请选择困难原因。", en="Choose the reason.")
    if since is not None and since > today:
        raise HardshipRefused("since", zh="开始时间不能晚于今天。", en="It cannot have begun after today.")
    again = review_on or today + timedelta(policy().review_after(reason))
    check_review(again, today)
    found = File.objects.filter(case=case).exclude(status=File.Status.ENDED).first()
    if found is not None and found.status != File.Status.ASKED:
        raise HardshipRefused(
            "running", zh="该案件已有进行中的困难档案，请在复核中更改。",
            en="The case has a file that runs; change it by a review.",
        )  # fmt: skip
    held = found or File(case=case, person_id=case.person_id, told_at=now, source=Source(source), attempt_id=attempt_id)
    held.status, held.reason, held.since, held.review_on = File.Status.OPEN, reason, since, again
    held.words = _sealed(words) or held.words
    held.opened_by, held.opened_at, held.key = by, now, key
    held.scheme, held.law = (scheme.id, _law(scheme)) if scheme else ("", {})
    held.save()
    noted("hardship.opened", held, by, scheme=held.scheme, review_on=again, source=held.source, attempt=held.attempt_id)
    return held, True


def check_review(again: date, today: date) -> None:
    """Raises HardshipRefused for a review that is not to come, or too late."""
    latest = today + timedelta(policy().review_most)
    if not today < again <= latest:
        raise HardshipRefused(
            "review_on", zh=f"复核日须在今天之后、{latest} 之前。",
            en=f"The review lies after today and on {latest} at the latest.",
        )  # fmt: skip


def _law(scheme: Scheme) -> dict[str, Any]:
    return {
        "name": dict(scheme.name), "cites": dict(scheme.cites), "confidence": scheme.law["confidence"],
        "ends": dict(scheme.ends),
    }  # fmt: skip


def _sealed(words: str) -> bytes | None:
    words = words.strip()
    if len(words) > WORDS_MAX:
        raise HardshipRefused("words", zh=f"最多 {WORDS_MAX} 字。", en=f"At most {WORDS_MAX:,} characters.")
    return sealing.seal(words) if words else None


def read_words(file: File) -> str:
    """The borrower's own words; the caller has checked who asks."""
    return sealing.unseal(file.words) if file.words else ""


@transaction.atomic
def show_words(*, file: File, by: User) -> str:
    """Their own words, for one who may see the case; the look is on record."""
    noted("hardship.words_seen", file, by)
    return read_words(file)


@transaction.atomic
def note_review(*, file: File, decision: str, reason: str, again_on: date | None, by: User, now: datetime) -> Review:
    """Note one look at a running file. Raises HardshipRefused."""
    if not reason.strip():
        raise HardshipRefused("reason", zh="请写明复核意见。", en="Say why.")
    if decision != Review.Decision.END:
        if again_on is None:
            raise HardshipRefused("review_on", zh="请填写下次复核日。", en="Give the day of the next review.")
        check_review(again_on, timezone.localdate(now))
        File.objects.filter(pk=file.pk, status__in=File.LIVE).update(
            status=File.Status.REVIEWED, review_on=again_on, reviewed_at=now
        )
    made = Review.objects.create(
        file=file, decision=Review.Decision(decision), reason=reason.strip()[:300], again_on=again_on, by=by, at=now
    )
    noted("hardship.reviewed", file, by, decision=decision, again_on=again_on)
    file.refresh_from_db()
    return made


@transaction.atomic
def close(*, file: File, reason: str, on: date, by: User | None) -> File:
    """The file is over on `on`; ended before, it stays as it was. Its effects are ended by the caller."""
    ended = File.objects.filter(pk=file.pk).exclude(status=File.Status.ENDED)
    if ended.update(status=File.Status.ENDED, ended_on=on, ended_by=by, end_reason=reason.strip()[:300]):
        Approval.objects.filter(file=file, answer=Approval.Answer.WAITING).update(answer=Approval.Answer.REFUSED)
        Effect.objects.filter(file=file, status=Effect.Status.ASKED).update(status=Effect.Status.REFUSED)
        noted("hardship.ended", file, by, on=on)
    file.refresh_from_db()
    return file


@transaction.atomic
def ask(*, file: File, why: str, by: User, now: datetime) -> Approval:
    """What goes beyond `by`'s authority waits for somebody else; a file asks one question at a time."""
    if known := waiting_for(file):
        return known
    made = Approval.objects.create(file=file, why=why.strip()[:300], asked_by=by, asked_at=now)
    noted("approval.asked", file, by, approval=made.pk)
    return made


def waiting_for(file: File) -> Approval | None:
    """The question that waits for somebody's word."""
    return Approval.objects.filter(file=file, answer=Approval.Answer.WAITING).first()


@transaction.atomic
def answered(*, approval: Approval, by: User, now: datetime, give: bool, words: str, beyond: bool) -> Approval | None:
    """Note the answer, once; None when it was answered before. `beyond`: it is more than `by` may grant.

    Raises HardshipRefused: by who asked, by somebody who may not, or with too little authority.
    """
    found = Approval.objects.select_for_update(no_key=True).filter(pk=approval.pk).first()
    if found is None or found.answer != Approval.Answer.WAITING:
        return None
    if by.pk == found.asked_by_id:
        raise HardshipRefused(
            "four_eyes",
            zh="不能审批自己提交的申请，请由另一人审批。",
            en="Nobody approves what they asked for themselves.",
        )
    if not policies.may(by, "approve"):
        raise HardshipRefused("not_entitled", zh="您没有审批权限。", en="You may not approve.")
    if give and beyond:
        raise HardshipRefused(
            "authority",
            zh="超出您的权限，请交给权限更高的人。",
            en="Beyond your own authority; hand it to somebody with more.",
        )
    found.answer = Approval.Answer.GIVEN if give else Approval.Answer.REFUSED
    found.decided_by, found.decided_at, found.words = by, now, words.strip()[:300]
    found.save(update_fields=["answer", "decided_by", "decided_at", "words"])
    noted(
        "approval.given" if give else "approval.refused", found.file, by, approval=found.pk, asked_by=found.asked_by_id
    )
    return found


def noted(verb: str, file: File, by: User | None, **detail: object) -> None:
    """One entry of the journal about a file; never why somebody cannot pay."""
    journal.write(
        verb, by=by, subject="hardship", subject_id=file.pk, person_id=file.person_id, case=file.case_id, **detail
    )
