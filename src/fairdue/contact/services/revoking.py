"""A stop, a payment or an opt-out takes back every leave not yet used."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from fairdue.contact.models import Message
from fairdue.contact.services.asking import lock
from fairdue.journal import services as journal
from fairdue.law import codes
from fairdue.staff.models import User

# In-flight permits (spent, message being sent) are marked, so that a failed try is not tried again.
_PERMITS: Final = """
    update contact_permit p
    set revoked_at = case when p.spent_at is null then %(now)s end, revoked_why = %(why)s
    from contact_attempt a
    where a.id = p.attempt_id and p.revoked_at is null and p.channel = coalesce(%(channel)s, p.channel)
        and (p.spent_at is null
            or exists (select 1 from contact_message m where m.permit_id = p.id and m.status = 'sending'))
        and p.id in (
            select id from contact_permit where person_id = any(%(persons)s) and revoked_at is null
                and (spent_at is null or spent_at > %(now)s - interval '1 hour')
            union all
            select p.id from contact_permit p join contact_attempt a on a.id = p.attempt_id
            where a.addressee_id = any(%(persons)s) and a.addressee_id <> a.person_id and p.revoked_at is null)
    returning p.id, a.addressee_id, p.revoked_at is not null
"""


@dataclass(frozen=True)
class Revoked:
    """How many permits and queued messages were taken back."""

    permits: int
    messages: int


def revoke(
    *,
    persons: Iterable[int],
    why: str,
    now: datetime,
    by: User | None = None,
    channel: codes.Channel | None = None,
) -> Revoked:
    """Take back unspent permits and queued messages of these persons, as debtors and as addressees, in every case.

    `why` is one word or a few: paid, hold:dispute, opt_out. A fixed number of queries for any number of persons; locks
    the persons. Call it inside the transaction of the cause. With `channel` only what was to go that way: a call is not
    judged again when it is dialled, a message is when it is sent.
    """
    people = sorted(set(persons))
    with transaction.atomic():
        lock(*people)
        with connection.cursor() as cursor:
            cursor.execute(_PERMITS, {"persons": people, "why": why[:60], "now": now, "channel": channel})
            taken = [(permit, addressee) for permit, addressee, revoked in cursor.fetchall() if revoked]
        if not taken:
            return Revoked(0, 0)
        messages = Message.objects.filter(
            permit__in=[permit for permit, _ in taken], status__in=[Message.Status.QUEUED, Message.Status.SENDING]
        ).update(status=Message.Status.REVOKED)
        for person, count in Counter(addressee for _, addressee in taken).items():
            journal.write(
                "contact.revoked", by=by, subject="person", subject_id=person, person_id=person, why=why, permits=count
            )
    return Revoked(len(taken), messages)
