"""False alarms of the content check: reported by those who write, decided by compliance."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from fairdue.cases.models import Case
from fairdue.contact.models import FalseAlarm
from fairdue.journal import services as journal
from fairdue.law import codes, content, wordlists
from fairdue.law.content import Mark
from fairdue.law.folding import fold
from fairdue.staff.models import User

_STATUS: Final = FalseAlarm.Status


class AlarmError(Exception):
    """The alarm cannot be reported or decided so; `zh` and `en` say what to do instead."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def excerpt_of(clause: str) -> bytes:
    """By what a clause is known again, however it is written."""
    return hashlib.sha256(fold(clause).plain.text.encode()).digest()


def alarms_of(marked: Sequence[tuple[str, Mark]]) -> list[FalseAlarm | None]:
    """Of each (text, mark) what was last reported of it in the same clause; None where nobody has."""
    keys = [(mark.expression, excerpt_of(content.clause_of(text, mark))) for text, mark in marked]
    if not keys:
        return []
    known = FalseAlarm.objects.filter(excerpt__in={excerpt for _, excerpt in keys}).select_related("decided_by")
    latest = {(alarm.expression, bytes(alarm.excerpt)): alarm for alarm in known.order_by("pk")}
    return [latest.get(key) for key in keys]


def report_alarm(*, text: str, mark: Mark, case: Case | None, by: User, now: datetime) -> FalseAlarm:
    """Say that a mark of a text is a false alarm; the same clause is on the list once. Raises AlarmError."""
    if mark.category in {codes.Content.MISSING_PART, codes.Content.OTHERS_PERSONAL_DATA}:
        raise AlarmError(
            zh="号码和缺项不能申报误报，请修改文字。",
            en="Figures and missing parts cannot be reported; change the text.",
        )
    clause = content.clause_of(text, mark)
    excerpt = excerpt_of(clause)
    with transaction.atomic():
        alarm, fresh = FalseAlarm.objects.get_or_create(
            expression=mark.expression,
            excerpt=excerpt,
            status=_STATUS.OPEN,
            defaults={
                "category": mark.category,
                "rule": mark.breach.rule,
                "phrase": mark.phrase[:200],
                "context": clause[:400],
                "case": case,
                "by": by,
                "at": now,
            },
        )
        if fresh:
            _journal("alarm.reported", alarm, by)
    return alarm


def accept_alarm(*, alarm: FalseAlarm, phrase: str, by: User, now: datetime, reason: str = "") -> FalseAlarm:
    """Take the alarm for false: `phrase` is from now on not marked by its expression. Raises AlarmError."""
    phrase = " ".join(phrase.split())
    marked, kept = (fold(words).chinese.text for words in (alarm.phrase, phrase))
    if marked not in kept:
        raise AlarmError(
            zh=f"放行的表述必须包含“{alarm.phrase}”。", en=f"The phrase to let pass must hold “{alarm.phrase}”."
        )
    if len(kept) < len(marked) + 2:
        raise AlarmError(
            zh="放行的表述要比标出的文字更长，否则等于停用这条词；请写出上下文。",
            en="Let pass more than the marked words alone, or the whole expression would be off; add what surrounds them.",
        )
    if not any(e.id == alarm.expression for each in wordlists.standard() for e in each.expressions):
        raise AlarmError(zh="该词条已不在词表中，请驳回。", en="The expression is no longer on the lists; decline.")
    return _decide(alarm, _STATUS.ACCEPTED, by, now, before=(_STATUS.OPEN,), exempted=phrase[:400], reason=reason)


def decline_alarm(*, alarm: FalseAlarm, by: User, now: datetime, reason: str) -> FalseAlarm:
    """Keep the mark, or take an accepted exception back; with a reason. Raises AlarmError."""
    if not reason.strip():
        raise AlarmError(zh="请写明理由。", en="Give a reason.")
    return _decide(alarm, _STATUS.DECLINED, by, now, before=(_STATUS.OPEN, _STATUS.ACCEPTED), reason=reason)


def _decide(
    alarm: FalseAlarm, status: FalseAlarm.Status, by: User, now: datetime, *, before: tuple[str, ...], **fields: str
) -> FalseAlarm:
    if alarm.by_id == by.pk:
        raise AlarmError(zh="自己申报的误报须由他人处理。", en="Somebody else must decide what you reported yourself.")
    with transaction.atomic():
        fields["reason"] = fields.get("reason", "").strip()[:300]
        waiting = FalseAlarm.objects.filter(pk=alarm.pk, status__in=before)
        if waiting.update(status=status, decided_by=by, decided_at=now, **fields) != 1:
            raise AlarmError(zh="已有人处理，请刷新页面。", en="Somebody has decided this already; reload the page.")
        alarm.refresh_from_db()
        _journal(f"alarm.{status.value}", alarm, by)
    return alarm


def _journal(verb: str, alarm: FalseAlarm, by: User) -> None:
    journal.write(
        verb, by=by, subject="alarm", subject_id=alarm.pk, expression=alarm.expression, rule=alarm.rule,
        case=alarm.case_id, reason=alarm.reason, excerpt=bytes(alarm.excerpt).hex(),
    )  # fmt: skip
