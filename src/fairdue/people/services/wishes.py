"""What a person asked for and allowed. Nothing is erased: a withdrawal is a row of its own (`Withdrawal`)."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from fairdue.law import codes
from fairdue.people.models import Consent, ContactPoint, Person, Source, Wish, Withdrawal
from fairdue.people.services.points import ContactPointError, noted
from fairdue.staff import policies
from fairdue.staff.models import User


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
    """Note that a person asked not to be reached. Use flows.contact.opt_out, which also takes back unsent messages.

    Said twice it is one wish. It binds every debt and every creditor until withdrawn.
    """
    if contact_point is not None and contact_point.person_id != person.pk:
        raise ContactPointError(
            "contact_point", zh="该联系方式属于另一人。", en="The contact point is another person's."
        )
    same = Wish.objects.filter(
        person=person, kind=Wish.Kind.OPT_OUT, channel=channel, contact_point=contact_point, withdrawn_at=None
    )
    return same.first() or _note(
        Wish(person=person, kind=Wish.Kind.OPT_OUT, channel=channel, contact_point=contact_point),
        by,
        now,
        words,
        source,
    )


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
    """Note unwelcome or preferred times: minutes of the local day, weekdays as bits (bit 0 Monday).

    An end before the start runs past midnight. `channel`: these times are about it alone. Raises ContactPointError
    when no time is named, or the whole of every day (to be left alone altogether is an opt-out), or a past last day.
    """
    _not_past(until_on, now)
    if not (0 <= start < 1440 and 0 < end <= 1440 and 0 < days < 128):
        raise ContactPointError(
            "start",
            zh="请写一天内的起止时间和至少一个星期几。",
            en="Give a time within a day and at least one weekday.",
        )
    if start == end or (start, end, days) == (0, 1440, 127):
        raise ContactPointError(
            "end",
            zh="起止时间不能相同。请写两个不同的时间，可以跨过午夜，如22:00–07:00；要完全不被联系，请改选“不要使用”（拒绝联系）。",
            en="From and to must differ. Write two times; they may span midnight, such as 22:00–07:00. To be left alone "
            "altogether is another wish: “do not use” (opt-out).",
        )
    wish = Wish(
        person=person, kind=Wish.Kind(kind), channel=channel, start=start, end=end, days=days, until_on=until_on
    )
    return _note(wish, by, now, words, source)


@transaction.atomic
def note_place(
    *, person: Person, by: User | None, now: datetime, until_on: date | None = None, words: str = "", source: str = ""
) -> Wish:
    """Note that a person does not want to be reached at home. Said twice it is one wish.

    Raises ContactPointError for a last day in the past.
    """
    _not_past(until_on, now)
    same = Wish.objects.filter(person=person, kind=Wish.Kind.PLACE, until_on=until_on, withdrawn_at=None)
    return same.first() or _note(Wish(person=person, kind=Wish.Kind.PLACE, until_on=until_on), by, now, words, source)


@transaction.atomic
def withdraw_wish(*, wish: Wish, by: User | None, now: datetime, why: str, source: str = "") -> Wish:
    """The person took a wish back. `why` says how we know; it is kept and journalled.

    An opt-out is withdrawn only by those who hold `wish.withdraw`: whoever wants to call does not decide that he may.
    Raises ContactPointError.
    """
    _say_why(why)
    if by is not None and wish.kind == Wish.Kind.OPT_OUT and not policies.may(by, "wish.withdraw"):
        raise ContactPointError(
            "by",
            zh="您无权撤回拒绝联系，请交主管、合规或投诉岗处理。",
            en="You may not withdraw an opt-out; hand it to your lead, compliance or complaints.",
        )
    if Wish.objects.filter(pk=wish.pk, withdrawn_at=None).update(withdrawn_at=now):
        Withdrawal.objects.create(wish=wish, at=now, by=by, why=why.strip()[:300], source=source)
        noted("wish.withdrawn", wish.person_id, by, wish, kind=wish.kind, why=why)
    wish.refresh_from_db()
    return wish


@transaction.atomic
def allow(
    *,
    person: Person,
    kind: str,
    by: User | None,
    now: datetime,
    channel: codes.Channel | None = None,
    contact_point: ContactPoint | None = None,
    on_date: date | None = None,
    recorded: bool = True,
    words: str = "",
    source: str = "",
) -> Consent:
    """Record a permission (off hours, more calls); one that was not recorded at the time has no effect.

    Raises ContactPointError for a contact point of somebody else or a day in the past.
    """
    _not_past(on_date, now)
    if contact_point is not None and contact_point.person_id != person.pk:
        raise ContactPointError(
            "contact_point", zh="该联系方式属于另一人。", en="The contact point is another person's."
        )
    consent = Consent.objects.create(
        person=person,
        kind=Consent.Kind(kind),
        channel=channel,
        contact_point=contact_point,
        on_date=on_date,
        recorded=recorded,
        words=words[:200],
        given_at=now,
        noted_by=by,
        source=Source(source) if source else "",
    )
    noted("consent.given", person.pk, by, consent, kind=kind, channel=channel, on_date=on_date, recorded=recorded)
    return consent


@transaction.atomic
def revoke_consent(*, consent: Consent, by: User | None, now: datetime, why: str, source: str = "") -> Consent:
    """The person took a permission back; `why` says how we know. Use flows.contact.revoke_consent, which also takes
    back unspent permits. Raises ContactPointError."""
    _say_why(why)
    if Consent.objects.filter(pk=consent.pk, revoked_at=None).update(revoked_at=now):
        Withdrawal.objects.create(consent=consent, at=now, by=by, why=why.strip()[:300], source=source)
        noted("consent.revoked", consent.person_id, by, consent, why=why)
    consent.refresh_from_db()
    return consent


def _note(wish: Wish, by: User | None, now: datetime, words: str, source: str) -> Wish:
    """Keep a wish with who noted it, when, in which words, from where."""
    wish.words, wish.made_at, wish.noted_by = words.strip()[:200], now, by
    wish.source = Source(source) if source else ""
    wish.save(force_insert=True)
    point = wish.contact_point_id
    told = {"channel": wish.channel, "point": point, "start": wish.start, "end": wish.end, "days": wish.days}
    noted("wish.noted", wish.person_id, by, wish, kind=wish.kind, **told)
    return wish


def _not_past(last_day: date | None, now: datetime) -> None:
    today = timezone.localdate(now)
    if last_day is not None and last_day < today:
        raise ContactPointError(
            "last_day",
            zh=f"这一天已经过去，登记后当即失效。请写今天（{today}）或以后的日期；没有期限请留空。",
            en=f"This day is past: it would be over at once. Give today ({today}) or a later day, or none for no end.",
        )


def _say_why(why: str) -> None:
    if not why.strip():
        raise ContactPointError("why", zh="请写明当事人如何撤回。", en="Say how the person took it back.")
