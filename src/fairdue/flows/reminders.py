"""Reminders and thanks on their way: noted by the night, given to the door by day, each once.

    send_due(now=…)        what may go now: queued with a permit, refused, put off, or no longer needed

The gate decides as for every message. Its purpose is what was agreed: a plan that is kept lets it through, a dispute,
hardship or a wish does not. Money that arrives takes a queued one back like everything else (contact.services.revoke).
"""

from datetime import datetime
from typing import Final, Literal

from django.db import transaction
from django.utils import timezone

from fairdue.agreements import services as agreements
from fairdue.agreements.models import Notice
from fairdue.agreements.services import Due
from fairdue.contact import services as door
from fairdue.contact.services import Allowed, Refused
from fairdue.contact.writing import TemplateError
from fairdue.flows.contact import write
from fairdue.law import codes
from fairdue.money.amount import money_signed
from fairdue.money.days import day_said
from fairdue.people.models import ContactPoint
from fairdue.planning.promise_strategy import strategy

TEMPLATES: Final = {
    Notice.Kind.PROMISE_DUE: "promise_reminder",
    Notice.Kind.INSTALMENT_DUE: "instalment_reminder",
    Notice.Kind.PROMISE_KEPT: "promise_thanks",
    Notice.Kind.INSTALMENT_KEPT: "instalment_thanks",
    Notice.Kind.PLAN_PAID: "plan_thanks",
}
_S = Notice.Status


def send_due(*, now: datetime) -> dict[str, int]:
    """Note what is new since the night and give what may go to the door, some hundreds at a time; how many became what.

    Safe to call at any moment and by two workers: a notice is closed once, and its key makes the message one.
    """
    today = timezone.localdate(now)
    agreements.prepare(day=today)
    done = {"queued": 0, "refused": 0, "dropped": 0, "no_way": 0, "put_off": 0}
    for notice in agreements.due_ones(now=now, today=today, most=strategy().at_once_most):
        done[send(notice=notice, now=now)] += 1
    return done


@transaction.atomic
def send(*, notice: Notice, now: datetime) -> str:
    """Give one notice to the door if it still fits; what became of it (queued, refused, dropped, no_way, put_off)."""
    door.lock(notice.case.person_id, notice.person_id)
    today = timezone.localdate(now)
    due = agreements.fits(notice=notice)
    if not due.fits or today > due.until:
        return _close(notice, _S.DROPPED, now, "paid or changed" if not due.fits else "too late")
    point = _address(notice)
    if point is None:
        return _close(notice, _S.NO_WAY, now)
    try:
        answer = write(
            case=notice.case, contact_point=point, template=TEMPLATES[Notice.Kind(notice.kind)], by=None, now=now,
            key=f"notice:{notice.pk}", values=_values(due, point), purpose=codes.Purpose.AGREED,
        )  # fmt: skip
    except TemplateError:
        return _close(notice, _S.DROPPED, now, "a value is missing")
    if isinstance(answer, Allowed):
        return _close(notice, _S.QUEUED, now, message_id=answer.message_id)
    return _refused(notice, due, answer, now)


def _refused(notice: Notice, due: Due, answer: Refused, now: datetime) -> str:
    """Tried again at the first lawful minute, while there is still sense in it."""
    if answer.earliest and answer.earliest > now and timezone.localdate(answer.earliest) <= due.until:
        agreements.put_off(notice=notice, until=answer.earliest)
        return "put_off"
    why = answer.reasons[0].rule if answer.reasons else "gate"
    return _close(notice, _S.REFUSED, now, why)


def _close(notice: Notice, status: Notice.Status, now: datetime, why: str = "", message_id: int | None = None) -> str:
    agreements.close(notice=notice, status=status, now=now, why=why, message_id=message_id)
    return status.value


def _address(notice: Notice) -> ContactPoint | None:
    """Where to write: a verified address of the person before others."""
    usable = ContactPoint.objects.filter(person=notice.person_id, kind=ContactPoint.Kind.EMAIL)
    usable = usable.exclude(status__in=[ContactPoint.Status.INVALID, ContactPoint.Status.WRONG])
    found = usable.exclude(source="device_address_book").select_related("person").order_by("rank", "pk")
    return min(found, key=lambda point: point.status != ContactPoint.Status.VERIFIED, default=None)


def _values(due: Due, point: ContactPoint) -> dict[str, str]:
    lang: Literal["zh", "en"] = "zh" if point.person.language.startswith("zh") else "en"
    told = {
        "name": point.person.name, "promised": money_signed(due.cents, due.currency), "due_on": day_said(due.due_on, lang),
        "account": due.reference, "n": str(due.n), "count": str(due.count),
    }  # fmt: skip
    return {name: text for name, text in told.items() if text}
