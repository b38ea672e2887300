"""Promises to pay: made in a contact, judged by real payments.

A promise is about one account, or (`account` empty) about everything of its case. Money with a day from `made_on` to
GRACE_DAYS bank days after `due_on` counts for it, by the calendar of the creditor's jurisdiction. Of two promises about
the same money the later replaces the earlier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.db.models import Q

from fairdue.accounts.columns import EPOCH, Column, handed_over, read, rows
from fairdue.accounts.models import Account
from fairdue.agreements.models import Promise
from fairdue.agreements.services.weighing import GRACE_DAYS, PLACES, Weighed, grace_of, weigh
from fairdue.cases.models import Case
from fairdue.journal import services as journal
from fairdue.law.codes import Relation
from fairdue.money import promises as judging
from fairdue.money.amount import money_text
from fairdue.people import models as people
from fairdue.people.models import Person
from fairdue.staff.models import User

__all__ = ["DAYS_AHEAD_MAX", "GRACE_DAYS", "Judged", "PromiseRefused", "consider", "judge", "make", "withdraw"]

TOLERANCE_CENTS: Final = 100
"""So much less still counts as kept."""
DAYS_AHEAD_MAX: Final = 60
DAYS_LOOKED_BACK: Final = 120
"""A promise whose day lies further back stays as it was judged, unless its person is named."""

LIABLE: Final = (
    Relation.DEBTOR, Relation.CO_DEBTOR, Relation.GUARANTOR, Relation.EXECUTOR, Relation.SUCCESSOR_IN_INTEREST,
    Relation.HEIR,
)  # fmt: skip

_STATES: Final = (Promise.Status.OPEN, Promise.Status.KEPT, Promise.Status.PARTLY, Promise.Status.BROKEN)

# An account and a case never share a key: accounts are odd, cases even.
_PROMISES: Final = """
    select p.id, case when p.account_id is null then 2 * p.case_id else 2 * p.account_id + 1 end,
        p.made_on - date '1970-01-01', p.due_on - date '1970-01-01', p.cents,
        array_position(array['open', 'kept', 'partly_kept', 'broken'], p.status::text) - 1, p.received,
        coalesce(array_position(%(places)s::text[], lower(c.jurisdiction)), %(weekends)s) - 1,
        case when (p.learned_at at time zone c.zone)::date = p.made_on then (extract(epoch from p.learned_at) * 1e6)::int8
            else 0 end
    from (select * from agreements_promise where status <> 'withdrawn' and {which}) p
    join cases_case k on k.id = p.case_id join accounts_creditor c on c.id = k.creditor_id order by p.id
"""
_RECEIPTS: Final = """
    with asked as (
        select p.account_id, p.case_id, p.person_id, p.made_on from agreements_promise p
        where p.status <> 'withdrawn' and {which}
    ), wanted as (
        select 2 * account_id + 1 as key, account_id, min(made_on) as made_on from asked
        where account_id is not null group by 1, 2
        union all
        select 2 * k.id, a.id, min(s.made_on) from asked s join cases_case k on k.id = s.case_id
        join accounts_account a on a.debtor_id = k.person_id and a.creditor_id = k.creditor_id
        where s.account_id is null group by 1, 2
    )
    select w.key, m.happened_on - date '1970-01-01', m.cents - coalesce(r.cents, 0),
        (extract(epoch from m.learned_at) * 1e6)::int8
    from wanted w join accounts_payment m on m.account_id = w.account_id and m.happened_on >= w.made_on
    left join accounts_payment r on r.reverses_id = m.id
    where m.kind = 'payment' and m.cents > coalesce(r.cents, 0)
"""
_WRITE: Final = """
    update agreements_promise p set received = n.received, judged_on = case n.state when 0 then null else %(as_of)s end,
        status = (array['open', 'kept', 'partly_kept', 'broken'])[n.state + 1]
    from {n} where p.id = n.id and p.status <> 'withdrawn'
"""


class PromiseRefused(ValueError):  # noqa: N818
    """A promise that cannot stand; `zh` and `en` say what is wrong and how to mend it."""

    def __init__(self, *, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


@dataclass(frozen=True, slots=True)
class Judged:
    """looked: promises judged; the rest: how many changed into each state. changed: (promise id, status) of those."""

    looked: int = 0
    kept: int = 0
    partly: int = 0
    broken: int = 0
    reopened: int = 0
    changed: tuple[tuple[int, str], ...] = ()


@transaction.atomic
def make(
    *,
    case: Case,
    account: Account | None,
    cents: int,
    due_on: date,
    made_on: date,
    by: User | None,
    attempt_id: int | None = None,
    person: Person | None = None,
    channel: int = 0,
) -> Promise:
    """Record a promise once (per attempt). `person` is who promised: the debtor when left out; else one who is liable.

    Raises PromiseRefused: amount not positive or more than is owed, day past or more than 60 days ahead, account of
    another case, or somebody who does not owe the debt. An earlier open promise about the same is withdrawn. What should
    have been said while it was taken is kept with it (`warnings`), as are the channel and the chance.
    """
    promiser = person or case.person
    rows("select id from cases_case where id = %s for no key update", [case.pk])
    if attempt_id and (known := Promise.objects.filter(attempt_id=attempt_id).first()):
        return known
    weighed = consider(case=case, account=account, cents=cents, due_on=due_on, made_on=made_on, person=promiser)
    same = Q() if account is None else Q(account=account) | Q(account=None)
    earlier = Promise.objects.filter(same, case=case, status=Promise.Status.OPEN)
    replaced = list(earlier.values_list("pk", flat=True))
    earlier.update(status=Promise.Status.WITHDRAWN)
    currency = account.currency if account else case.creditor.currency
    made = Promise.objects.create(
        case=case, account=account, person=promiser, cents=cents, currency=currency, made_on=made_on, due_on=due_on,
        attempt_id=attempt_id, taken_by=by, channel=channel, bucket=weighed.bucket, most_paid=weighed.most_paid,
        chance=weighed.chance, warnings=[[int(code), list(numbers)] for code, numbers in weighed.warnings],
    )  # fmt: skip
    journal.write(
        "promise.made", by=by, subject="case", subject_id=case.pk, person_id=promiser.pk, promise=made.pk, cents=cents,
        currency=currency, due_on=due_on, replaces=replaced,
        warned=[code.name.lower() for code, _numbers in weighed.warnings],
    )  # fmt: skip
    judge(as_of=made_on, persons=[promiser.pk])  # money of the same day may have come before the words
    made.refresh_from_db()
    return made


def consider(
    *, case: Case, account: Account | None, cents: int, due_on: date, made_on: date, person: Person | None = None
) -> Weighed:
    """What is to be said of a promise before it is made: warnings, chance, until when money counts. Raises as `make` does.

    Reads alone, in a fixed number of queries.
    """
    promiser = person or case.person
    _refuse_sense(case, account, cents, due_on, made_on)
    _refuse_stranger(case, promiser)
    weighed = weigh(case=case, account=account, person=promiser, cents=cents, due_on=due_on, on=made_on)
    if cents > weighed.owed:
        currency = account.currency if account else case.creditor.currency
        raise PromiseRefused(
            code="more_than_owed",
            zh=f"承诺金额超过欠款（{money_text(weighed.owed, currency, 'zh')}）。",
            en=f"More was promised than is owed ({money_text(weighed.owed, currency, 'en')}).",
        )
    return weighed


@transaction.atomic
def withdraw(*, promise: Promise, by: User | None, reason: str) -> bool:
    """Take an open promise off the list without calling it broken; False when it was no longer open."""
    if not reason.strip():
        raise ValueError("say why the promise is withdrawn")
    open_one = Promise.objects.filter(pk=promise.pk, status=Promise.Status.OPEN)
    if not open_one.update(status=Promise.Status.WITHDRAWN):
        return False
    journal.write("promise.withdrawn", by=by, subject="case", subject_id=promise.case_id, person_id=promise.person_id,
                  promise=promise.pk, why=reason)  # fmt: skip
    return True


@transaction.atomic(savepoint=False)
def judge(*, as_of: date, persons: Sequence[int] | None = None) -> Judged:
    """Judge the promises that money or time can still change, of everybody or of the debtors `persons` (ids).

    A payment that came late, bounced or was learned of late changes a judgement made before.
    """
    known: dict[str, Any]
    calendars = {"places": list(PLACES[:-1]), "weekends": len(PLACES)}
    if persons is None:
        known = {"as_of": as_of, "from": as_of - timedelta(days=DAYS_LOOKED_BACK)} | calendars
        which = "(status = 'open' or due_on >= %(from)s)"
    else:
        known = {"as_of": as_of, "persons": list(persons)} | calendars
        which = "case_id in (select id from cases_case where person_id = any(%(persons)s))"
    few = persons is not None and len(persons) <= 100
    ids, key, made_on, due_on, cents, state, received, place, told = read(
        _PROMISES.format(which=which), "i8 i8 i4 i4 i8 i2 i8 i2 i8", known, few=few
    )
    if not len(ids):
        return Judged()
    payer, day, paid, learned = read(_RECEIPTS.format(which=which), "i8 i4 i8 i8", known, few=few)
    found = judging.judge(
        judging.Promises(account=key, made_on=made_on, due_on=due_on, cents=cents, learned=told),
        judging.Receipts(account=payer, happened_on=day, cents=paid, learned=learned),
        as_of=(as_of - EPOCH).days,
        tolerance_cents=TOLERANCE_CENTS,
        grace_days=grace_of(place, due_on),
    )
    moved = np.flatnonzero((found.status != state) | (found.received != received))
    if len(moved):
        columns = {"id": ids[moved], "state": found.status[moved].astype(np.int64), "received": found.received[moved]}
        with handed_over("n", columns) as n:
            n.execute(_WRITE, known)
    return _told(ids, state, found.status, as_of)


def _told(ids: Column, before: Column, after: Column, as_of: date) -> Judged:
    """What changed, in counts and names; journalled when anything did."""
    turned = before != after
    now = [int((turned & (after == code)).sum()) for code in range(4)]
    changed = tuple((int(pk), str(_STATES[code])) for pk, code in zip(ids[turned], after[turned], strict=True))
    if changed:
        journal.write("promises.judged", as_of=as_of, kept=now[1], partly=now[2], broken=now[3], reopened=now[0],
                      promises=[pk for pk, _ in changed][:1_000])  # fmt: skip
    return Judged(len(ids), kept=now[1], partly=now[2], broken=now[3], reopened=now[0], changed=changed)


def _refuse_sense(case: Case, account: Account | None, cents: int, due_on: date, made_on: date) -> None:
    if cents <= 0:
        raise PromiseRefused(
            code="not_positive", zh="承诺金额必须大于零。", en="The amount promised must be above zero."
        )
    if due_on < made_on:
        raise PromiseRefused(
            code="past", zh="承诺日期不能早于今天。", en="The day promised has passed; choose today or later."
        )
    if due_on > made_on + timedelta(days=DAYS_AHEAD_MAX):
        raise PromiseRefused(
            code="too_far",
            zh=f"承诺日期最多在 {DAYS_AHEAD_MAX} 天之内；更长的请做还款计划。",
            en=f"A promise reaches {DAYS_AHEAD_MAX} days ahead at most; agree a plan for longer.",
        )
    if account and (account.debtor_id, account.creditor_id) != (case.person_id, case.creditor_id):
        raise PromiseRefused(code="account", zh="该账户不属于本案。", en="The account belongs to another case.")


def _refuse_stranger(case: Case, person: Person) -> None:
    """A promise of somebody who does not owe the debt is no promise."""
    if person.pk != case.person_id and not people.Relation.objects.filter(
        debtor_id=case.person_id, person=person, kind__in=LIABLE
    ):
        raise PromiseRefused(
            code="not_liable",
            zh="此人不是债务人、共同债务人或保证人，不能代为承诺还款。",
            en="This person does not owe the debt and cannot promise for the debtor. Relay the message only.",
        )
