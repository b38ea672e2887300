"""Reminders before and thanks after: prepared by sets in the night, each once; `flows.reminders` gives them to the door.

A notice is about one promise, instalment or plan. What it says is read when it is sent, and only if it still fits: a
promise paid early gets no reminder, a payment that bounced no thanks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from fairdue.accounts.columns import rows
from fairdue.agreements.models import Notice
from fairdue.planning.promise_strategy import strategy

_K = Notice.Kind

# Somebody without an e-mail address is noted, so that the page can say how many were not reached.
_PREPARE: Final = """
    insert into agreements_notice (kind, thing, case_id, person_id, "on", status)
    select %(kind)s::varchar, w.thing, w.case_id, w.person_id, %(day)s::date,
        case when exists (select from people_contactpoint o where o.person_id = w.person_id and o.kind = 'email'
            and o.status not in ('invalid', 'wrong_person') and o.source <> 'device_address_book')
        then 'waiting' else 'no_way' end
    from ({which}) w
    where not exists (select from agreements_notice n where n.kind = %(kind)s::varchar and n.thing = w.thing)
    order by w.due_on, w.thing limit %(most)s
    on conflict (kind, thing) do nothing
    returning status
"""
# Thanks only near the promised day: a file brings promises that were kept long ago.
_WHICH: Final = {
    _K.PROMISE_DUE: """
        select id as thing, case_id, person_id, due_on from agreements_promise
        where status = 'open' and due_on > %(day)s and due_on <= %(day)s::date + %(days)s and made_on < %(day)s
    """,
    _K.INSTALMENT_DUE: """
        select i.id as thing, l.case_id, l.person_id, i.due_on
        from agreements_instalment i join agreements_plan l on l.id = i.plan_id
        where i.paid < i.cents and l.status in ('active', 'at_risk') and i.due_on > %(day)s
            and i.due_on <= %(day)s::date + %(days)s and l.starts_on < %(day)s
    """,
    _K.PROMISE_KEPT: """
        select id as thing, case_id, person_id, due_on from agreements_promise
        where status = 'kept' and judged_on >= %(day)s::date - %(days)s and due_on >= %(day)s::date - 14
    """,
    # In time: the notice is made on the due day or soon after, while the instalment is covered.
    _K.INSTALMENT_KEPT: """
        select i.id as thing, l.case_id, l.person_id, i.due_on
        from agreements_instalment i join agreements_plan l on l.id = i.plan_id
        where i.paid = i.cents and l.status in ('active', 'at_risk') and i.due_on <= %(day)s
            and i.due_on >= %(day)s::date - %(days)s
    """,
    _K.PLAN_PAID: """
        select id as thing, case_id, person_id, last_on as due_on from agreements_plan
        where status = 'completed' and turned_on >= %(day)s::date - %(days)s
    """,
}  # fmt: skip
# The word of the moment: amount and day, whether it still fits, the last day on which it makes sense.
_ABOUT: Final = {
    _K.PROMISE_DUE: """
        select p.cents - p.received, p.currency, p.due_on, '', 0, 0, p.status = 'open', p.due_on - 1
        from agreements_promise p where p.id = %(thing)s""",
    _K.PROMISE_KEPT: """
        select p.cents, p.currency, p.due_on, '', 0, 0, p.status = 'kept', null
        from agreements_promise p where p.id = %(thing)s""",
    _K.INSTALMENT_DUE: """
        select i.cents - i.paid, l.currency, i.due_on, a.external_ref, i.n,
            (select count(*) from agreements_instalment x where x.plan_id = l.id),
            i.paid < i.cents and l.status in ('active', 'at_risk'), i.due_on - 1
        from agreements_instalment i join agreements_plan l on l.id = i.plan_id
        join accounts_account a on a.id = l.account_id where i.id = %(thing)s""",
    _K.INSTALMENT_KEPT: """
        select i.cents, l.currency, i.due_on, a.external_ref, i.n,
            (select count(*) from agreements_instalment x where x.plan_id = l.id),
            i.paid = i.cents and l.status in ('active', 'at_risk'), null
        from agreements_instalment i join agreements_plan l on l.id = i.plan_id
        join accounts_account a on a.id = l.account_id where i.id = %(thing)s""",
    _K.PLAN_PAID: """
        select l.total, l.currency, l.last_on, a.external_ref, 0, 0, l.status = 'completed', null
        from agreements_plan l join accounts_account a on a.id = l.account_id where l.id = %(thing)s""",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Due:
    """What a notice says now. cents, currency, due_on: of the promise, instalment or plan. n of count: the instalment.

    fits: whether it is still to be said. until: the last day on which it makes sense.
    """

    cents: int
    currency: str
    due_on: date
    reference: str
    n: int
    count: int
    fits: bool
    until: date


@transaction.atomic
def prepare(*, day: date) -> dict[str, int]:
    """Note what is to be sent on `day`, at most once each and at most as many as the strategy allows for a day.

    Six statements whatever the number. Counts: reminders, thanks, no_mail (nobody to write to).
    """
    policy = strategy()
    left = policy.a_day_most - Notice.objects.filter(on=day).exclude(status=Notice.Status.NO_WAY).count()
    counts = {"reminders": 0, "thanks": 0, "no_mail": 0}
    for kind, wanted, days, what in (
        (_K.PROMISE_DUE, policy.promise_days_before > 0, policy.promise_days_before, "reminders"),
        (_K.INSTALMENT_DUE, policy.instalment_days_before > 0, policy.instalment_days_before, "reminders"),
        (_K.PLAN_PAID, policy.thanks_plan, policy.thanks_within_days, "thanks"),
        (_K.PROMISE_KEPT, policy.thanks_promise, policy.thanks_within_days, "thanks"),
        (_K.INSTALMENT_KEPT, policy.thanks_instalment, policy.thanks_within_days, "thanks"),
    ):
        if not wanted or left <= 0:
            continue
        params: dict[str, Any] = {"kind": kind.value, "day": day, "days": days, "most": left}
        made = [status for (status,) in rows(_PREPARE.format(which=_WHICH[kind]), params)]
        ready = made.count(Notice.Status.WAITING)
        counts[what] += ready
        counts["no_mail"] += len(made) - ready
        left -= ready
    return counts


def due_ones(*, now: datetime, today: date, most: int) -> Sequence[Notice]:
    """Notices that may be tried now, the oldest first."""
    waiting = Notice.objects.filter(status=Notice.Status.WAITING, on__lte=today).exclude(not_before__gt=now)
    return list(waiting.select_related("case__person", "case__creditor").order_by("on", "pk")[:most])


def fits(*, notice: Notice) -> Due:
    """What the notice says as things stand."""
    found = rows(_ABOUT[Notice.Kind(notice.kind)], {"thing": notice.thing})
    cents, currency, due_on, reference, n, count, still, until = found[0]
    last = until or notice.on + timedelta(days=strategy().thanks_within_days)
    return Due(cents, currency, due_on, reference, n, count, bool(still), last)


def put_off(*, notice: Notice, until: datetime) -> None:
    """The gate named a later moment that still makes sense: try again then."""
    Notice.objects.filter(pk=notice.pk, status=Notice.Status.WAITING).update(not_before=until)


def close(
    *, notice: Notice, status: Notice.Status, now: datetime, why: str = "", message_id: int | None = None
) -> bool:
    """A notice was queued, refused or is no longer needed; False when it was closed before."""
    waiting = Notice.objects.filter(pk=notice.pk, status=Notice.Status.WAITING)
    return bool(waiting.update(status=status, why=why[:60], message_id=message_id, done_at=now))
