"""A promise weighed: what to warn of while it is taken, how likely it is to be kept, until when money counts for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from django.db import transaction

from fairdue.accounts.columns import EPOCH, Column, handed_over, read, rows
from fairdue.accounts.models import Account
from fairdue.agreements.models import KeptRate
from fairdue.cases.models import Case
from fairdue.law import bank_days
from fairdue.law.calendars import CALENDARS, Corrections
from fairdue.people.models import Person
from fairdue.planning.keeping import UNKNOWN, Promises, Seen, classes, classes_of, keeping
from fairdue.planning.promise_strategy import strategy
from fairdue.planning.promise_warnings import Facts, Warning_, warnings

GRACE_DAYS: Final = 2
"""Bank days for money under way, counted from the bank day on which the promised day counts."""
PLACES: Final = (*CALENDARS, "")
"""Calendars by number; the last one, of a jurisdiction without a calendar, knows weekends alone."""
YEAR_DAYS: Final = 365
"""Payments and promises of so many days speak for the next promise."""

_FACTS: Final = """
    with mine as (
        select a.id, b.principal + b.interest + b.penalty + b.fees + b.costs as owed, coalesce(g.past_due, 0) as late,
            coalesce(g.bucket, 0) as bucket
        from accounts_account a join accounts_balance b on b.account_id = a.id
        left join accounts_ageing g on g.account_id = a.id
        where a.debtor_id = %(debtor)s and a.creditor_id = %(creditor)s and a.currency = %(currency)s
    ), asked as (select * from mine where id = %(account)s or %(account)s::bigint is null),
    record as (
        select count(*) filter (where status = 'kept') as kept, count(*) filter (where status = 'partly_kept') as partly,
            count(*) filter (where status = 'broken') as broken
        from agreements_promise where person_id = %(person)s and due_on >= %(on)s::date - %(year)s
    ), others as (
        select count(*) as n, coalesce(sum(cents - received), 0) as cents from agreements_promise
        where person_id = %(person)s and status = 'open' and currency = %(currency)s
            and not (case_id = %(case)s and (%(account)s::bigint is null or account_id is null or account_id = %(account)s))
    ), others_by as (
        select coalesce(sum(cents - received), 0) as cents from agreements_promise
        where person_id = %(person)s and status = 'open' and currency = %(currency)s and due_on <= %(due_on)s
            and not (case_id = %(case)s and (%(account)s::bigint is null or account_id is null or account_id = %(account)s))
    ), agreed as (
        select coalesce(sum(i.cents - i.paid), 0) as cents from agreements_plan l
        join agreements_instalment i on i.plan_id = l.id
        where l.person_id = %(person)s and l.status in ('active', 'at_risk') and l.currency = %(currency)s
            and i.due_on <= %(due_on)s
    )
    select coalesce((select sum(owed) from asked), 0)::bigint, coalesce((select sum(late) from asked), 0)::bigint,
        coalesce((select max(bucket) from mine), 0)::int,
        coalesce((select max(m.cents - coalesce(r.cents, 0)) from mine join accounts_payment m on m.account_id = mine.id
            left join accounts_payment r on r.reverses_id = m.id
            where m.kind = 'payment' and m.happened_on > %(on)s::date - %(year)s and m.happened_on <= %(on)s), 0)::bigint,
        (select case when income_currency = %(currency)s then income_month end from people_person where id = %(person)s),
        record.kept::int, record.partly::int, record.broken::int, others.n::int, others.cents::bigint,
        others_by.cents::bigint + agreed.cents::bigint,
        (select free from agreements_budget where case_id = %(case)s and currency = %(currency)s
            order by taken_at desc, id desc limit 1)
    from record, others, others_by, agreed
"""
_CORRECTIONS: Final = """
    select calendar, day, works from staff_daycorrection where removed_at is null and day >= %(since)s
"""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is known of a promise before it is made. Money in minor units, chance in parts per million.

    counted_on: the bank day its day counts on; last_on: the last day on which money still counts for it.
    """

    owed: int
    past_due: int
    bucket: int
    most_paid: int
    chance: int
    counted_on: date
    last_on: date
    warnings: list[Warning_] = field(default_factory=list)


def weigh(*, case: Case, account: Account | None, person: Person, cents: int, due_on: date, on: date) -> Weighed:
    """Weigh a promise of `person` about an account, or the whole case, as things stand on the day `on`. Three queries."""
    currency = account.currency if account else case.creditor.currency
    (found,) = rows(_FACTS, {
        "debtor": case.person_id, "creditor": case.creditor_id, "case": case.pk, "person": person.pk, "on": on,
        "currency": currency, "account": account.pk if account else None, "year": YEAR_DAYS, "due_on": due_on,
    })  # fmt: skip
    owed, past_due, bucket, most_paid, income, kept, partly, broken, others, others_cents, committed, left_over = found
    counted_on, last_on = terms_of(case.creditor.jurisdiction, due_on)
    ahead = max((due_on - on).days, 0)
    one = Promises(
        bucket=np.array([bucket], np.int8), cents=np.array([cents], np.int64), most_paid=np.array([most_paid], np.int64),
        days_ahead=np.array([ahead], np.int32), kept=np.array([kept], np.int32), partly=np.array([partly], np.int32),
        broken=np.array([broken], np.int32), late=np.zeros(1, np.bool_),
    )  # fmt: skip
    told = Facts(
        cents=cents, days_ahead=ahead, others=others, others_cents=others_cents, past_due=past_due,
        left_over=UNKNOWN if left_over is None else left_over, committed=committed,
        income=UNKNOWN if income is None else income, most_paid=most_paid, due_on=(due_on - EPOCH).days,
        counted_on=(counted_on - EPOCH).days, kept=kept, partly=partly, broken=broken,
    )  # fmt: skip
    policy = strategy()
    chance = int(keeping(one, seen(), policy.chance)[0])
    return Weighed(owed, past_due, bucket, most_paid, chance, counted_on, last_on, warnings(told, policy.warnings))


# ---- bank days


def terms_of(jurisdiction: str, due_on: date) -> tuple[date, date]:
    """(the bank day a due day counts on, the last day on which money still counts) in a creditor's jurisdiction."""
    counted, last = bank_days.terms(
        jurisdiction.lower(), [(due_on - EPOCH).days], grace=GRACE_DAYS, corrections=corrections(since=due_on)
    )
    return EPOCH + timedelta(days=int(counted[0])), EPOCH + timedelta(days=int(last[0]))


def corrections(*, since: date) -> Corrections:
    """The firm's word about days from `since` on."""
    found: dict[str, dict[date, bool]] = {}
    for calendar, day, works in rows(_CORRECTIONS, {"since": since}):
        found.setdefault(calendar, {})[day] = works
    return found


def grace_of(place: Column, due_on: Column) -> Column:
    """Days from each due day to the last day on which money counts. place: of the creditor's calendar in PLACES."""
    if not len(due_on):
        return due_on
    firm = corrections(since=EPOCH + timedelta(days=int(due_on.min())))
    days: Column = np.zeros(len(due_on), np.int32)
    for n in np.unique(place):
        mine = np.flatnonzero(place == n)
        days[mine] = bank_days.terms(PLACES[n], due_on[mine], grace=GRACE_DAYS, corrections=firm)[1] - due_on[mine]
    return days


# ---- what was seen


def seen() -> Seen:
    """What the house has seen of each class, as of the last night."""
    chances = strategy().chance
    kept, judged = np.zeros(classes(chances), np.int64), np.zeros(classes(chances), np.int64)
    for klass, good, all_ in KeptRate.objects.values_list("klass", "kept", "judged"):
        if klass < len(kept):
            kept[klass], judged[klass] = good, all_
    return Seen(kept, judged)


_JUDGED: Final = """
    select coalesce(bucket, -1), cents, coalesce(most_paid, -1), due_on - made_on, (status = 'kept')::int
    from agreements_promise where status in ('kept', 'partly_kept', 'broken') and due_on >= %(on)s::date - 2 * %(year)s
        and bucket is not null and most_paid is not null
"""
# What was not noted when it was made (promises out of a file) is filled in as of today: it is used for the chance alone.
_OPEN: Final = """
    with open as (
        select p.id, p.case_id, p.account_id, p.person_id, p.cents, p.currency, p.made_on, p.due_on, p.bucket,
            p.most_paid, p.chance, k.person_id as debtor_id, k.creditor_id
        from agreements_promise p join cases_case k on k.id = p.case_id where p.status = 'open'
    ), debts as (
        select o.id, max(g.bucket) as bucket,
            max((select max(m.cents) from accounts_payment m where m.account_id = a.id and m.kind = 'payment'
                and m.happened_on > o.made_on - %(year)s and m.happened_on <= o.made_on)) as most_paid
        from open o join accounts_account a on a.debtor_id = o.debtor_id and a.creditor_id = o.creditor_id
            and a.currency = o.currency
        left join accounts_ageing g on g.account_id = a.id group by o.id
    ), record as (
        select q.person_id, count(*) filter (where q.status = 'kept') as kept,
            count(*) filter (where q.status = 'partly_kept') as partly, count(*) filter (where q.status = 'broken') as broken
        from agreements_promise q where q.person_id in (select person_id from open) and q.due_on >= %(on)s::date - %(year)s
        group by 1
    )
    select o.id, coalesce(o.bucket, d.bucket, -1), o.cents, coalesce(o.most_paid, d.most_paid, 0), o.due_on - o.made_on,
        coalesce(r.kept, 0)::int, coalesce(r.partly, 0)::int, coalesce(r.broken, 0)::int, coalesce(o.chance, -1),
        (o.due_on < %(on)s)::int::int2
    from open o left join debts d on d.id = o.id left join record r on r.person_id = o.person_id
"""
_LEARN: Final = """
    insert into agreements_keptrate (klass, kept, judged) select n.klass, n.kept, n.judged from {n}
"""
_RATE: Final = """
    update agreements_promise p set chance = n.chance, most_paid = coalesce(p.most_paid, n.most_paid),
        bucket = coalesce(p.bucket, nullif(n.bucket, -1))
    from {n} where p.id = n.id and p.status = 'open'
"""


@transaction.atomic
def learn(*, on: date) -> int:
    """Count anew what the house has seen of each class in two years; how many judged promises that were."""
    params: Mapping[str, Any] = {"on": on, "year": YEAR_DAYS}
    chances = strategy().chance
    bucket, cents, most_paid, ahead, kept = read(_JUDGED, "i2 i8 i8 i4 i2", params)
    none = np.zeros(len(bucket), np.int32)
    known = Promises(bucket.astype(np.int8), cents, most_paid, ahead, none, none, none, none.astype(np.bool_))
    place = classes_of(known, chances)
    length = classes(chances)
    judged, good = np.bincount(place, minlength=length), np.bincount(place[kept == 1], minlength=length)
    KeptRate.objects.all().delete()
    held = np.flatnonzero(judged)
    if len(held):
        columns = {
            "klass": held.astype(np.int64),
            "kept": good[held].astype(np.int64),
            "judged": judged[held].astype(np.int64),
        }
        with handed_over("n", columns) as n:
            n.execute(_LEARN, {})
    return len(bucket)


@transaction.atomic
def rate(*, on: date) -> int:
    """Work out the chance of every open promise anew; how many there are."""
    ids, bucket, cents, most_paid, ahead, kept, partly, broken, was, late = read(
        _OPEN, "i8 i2 i8 i8 i4 i4 i4 i4 i4 i2", {"on": on, "year": YEAR_DAYS}
    )
    if not len(ids):
        return 0
    open_ones = Promises(bucket.astype(np.int8), cents, most_paid, ahead, kept, partly, broken, late == 1)
    chance = keeping(open_ones, seen(), strategy().chance)
    moved = np.flatnonzero(chance != was)
    if len(moved):
        columns = {
            "id": ids[moved], "chance": chance[moved].astype(np.int64), "most_paid": most_paid[moved],
            "bucket": bucket[moved].astype(np.int64),
        }  # fmt: skip
        with handed_over("n", columns) as n:
            n.execute(_RATE, {})
    return len(ids)
