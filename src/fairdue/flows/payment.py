"""The walk of one payment: in, applied, promises judged, reminders silenced, aged, receipted. One transaction.

    receive(creditor=…, account=…, reference=…, cents=…, …)      one payment, at the desk or from a portal
    reverse(payment=…, reference=…, …)                           it bounced
    refund(account=…, reference=…, cents=…, …)                   money paid beyond what was owed goes back
    apply_loaded(now=…, creditor=…)                              a file of them, after loading: the same walk in bulk

Paid means silent: what was allowed or written but not sent is taken back, and a case with nothing past due any more
leaves today's lists, as does a follow-up of a promise that was kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from fairdue.accounts import services as ledger
from fairdue.accounts.columns import insert, rows
from fairdue.accounts.models import Account, Book, Creditor, Payment
from fairdue.agreements import services as agreements
from fairdue.cases import services as cases
from fairdue.contact import services as door
from fairdue.flows import plans
from fairdue.flows.silence import drop_silent
from fairdue.journal import services as journal
from fairdue.staff.models import User

_LOCK = """
    with held as materialized (select id from people_person where id = any(%(persons)s) order by id for no key update)
    select k.id from cases_case k where k.person_id in (select id from held) order by k.id for no key update of k
"""
# For one payment the plan is the same every time: making it anew cost as much as the work.
_LOCK_ONE = """
    with held as materialized (
        select id, set_config('plan_cache_mode', 'force_generic_plan', true) from people_person where id = %(person)s
        for no key update)
    select k.id from cases_case k where k.person_id in (select id from held) order by k.id for no key update of k
"""
# Most payments meet nothing that waits; one question instead of those of judging, revoking and dropping.
_WAITS = """
    select exists (select from agreements_promise p join cases_case k on k.id = p.case_id
            where k.person_id = any(%(persons)s) and p.status <> 'withdrawn'),
        exists (select from contact_permit where person_id = any(%(persons)s) and revoked_at is null
                and (spent_at is null or spent_at > %(now)s - interval '1 hour'))
            or exists (select from contact_permit p join contact_attempt a on a.id = p.attempt_id
                where a.addressee_id = any(%(persons)s) and a.addressee_id <> a.person_id and p.revoked_at is null),
        exists (select from cases_workitem w join cases_case k on k.id = w.case_id
            where k.person_id = any(%(persons)s) and w.status in ('open', 'leased')),
        exists (select from agreements_plan where person_id = any(%(persons)s) and status <> 'replaced')
"""
_HOLDS = """not (t.restated and t.reverses_id is not null)
        and not exists (select from accounts_transfer u where u.reverses_id = t.id and u.restated)"""
_GAVE_BACK = f"""
    select t.target, sum(t.cents) from accounts_transfer t
    where t.payment_id = %s and t.source = 21 and {_HOLDS} group by 1
"""  # noqa: S608
_TOOK = f"""
    select t.source, sum(t.cents) from accounts_transfer t
    where t.payment_id = %s and t.target = 21 and {_HOLDS} group by 1
"""  # noqa: S608
_STANDING = """
    select b.principal + b.interest + b.penalty + b.fees + b.costs, coalesce(g.past_due, 0)
    from accounts_balance b left join accounts_ageing g on g.account_id = b.account_id where b.account_id = %s
"""
_AGED = "select account_id from accounts_ageing where account_id = any(%s) order by 1"
_KEPT = """
    select w.case_id from cases_workitem w join agreements_promise p on p.case_id = w.case_id
    where p.id = any(%s) and w.status in ('open', 'leased') and w.action = 'promise_follow_up'
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a payment did. Money in minor units; `applied` by book name (principal … costs, unapplied).

    balance, past_due: of the account afterwards. promises: (id, status) of those the money changed. again: the payment
    was known already and nothing was done.
    """

    payment_id: int
    reference: str
    account_id: int
    cents: int
    currency: str
    happened_on: date
    applied: dict[str, int]
    balance: int
    past_due: int
    promises: tuple[tuple[int, str], ...]
    revoked: int
    items_dropped: int
    again: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """What a number of payments set off: promises changed, permits taken back, items dropped."""

    promises: tuple[tuple[int, str], ...] = ()
    kept: int = 0
    revoked: int = 0
    items_dropped: int = 0
    standing: tuple[tuple[int, int, int], ...] = ()


@transaction.atomic
def receive(
    *,
    creditor: Creditor,
    account: Account,
    reference: str,
    cents: int,
    currency: str,
    happened_on: date,
    now: datetime,
    learned_at: datetime | None = None,
    method: str = "",
    payer: str = "",
    by: User | None = None,
) -> Receipt:
    """Receive one payment, with everything that follows from it. Safe to say twice.

    Raises accounts.services.PaymentRefused. Locks person, case and account in that order.
    """
    payment = ledger.receive(
        creditor=creditor, account=account, reference=reference, cents=cents, currency=currency, method=method,
        payer=payer, happened_on=happened_on, learned_at=learned_at, now=now,
        ahead=[(_LOCK_ONE, {"person": account.debtor_id})],
    )  # fmt: skip
    return _receipt(payment, verb="payment.received", now=now, by=by)


@transaction.atomic
def reverse(*, payment: Payment, reference: str, happened_on: date, now: datetime, by: User | None = None) -> Receipt:
    """A payment bounced: the debt stands again, promises are judged anew, ageing follows."""
    rows(_LOCK_ONE, {"person": payment.account.debtor_id})
    back = ledger.reverse(payment=payment, reference=reference, happened_on=happened_on, now=now)
    if not back.known_before:
        cases.open_cases(persons=[payment.account.debtor_id])  # a case closed as paid is open again
    return _receipt(back, verb="payment.reversed", now=now, by=by)


@transaction.atomic
def refund(
    *, account: Account, reference: str, cents: int, happened_on: date, now: datetime, by: User | None = None
) -> Receipt:
    """Send back money that was paid beyond what was owed. Raises accounts.services.PaymentRefused."""
    rows(_LOCK_ONE, {"person": account.debtor_id})
    back = ledger.refund(account=account, reference=reference, cents=cents, happened_on=happened_on, now=now)
    return _receipt(back, verb="payment.refunded", now=now, by=by)


def apply_loaded(
    *, now: datetime, creditor: Creditor | None = None, progress: Callable[[int], None] | None = None
) -> dict[str, int]:
    """Apply every payment loaded and not yet applied (of `creditor`, or of all), with everything that follows.

    Some thousands of accounts at a time, each in one transaction: a second call goes on where a killed one stopped.
    Counts: payments, reversals, cents, transfers, kept, revoked, dropped. `progress` is told the payments so far.
    """
    total = ledger.Applied()
    kept = revoked = dropped = 0
    for accounts in ledger.waiting(creditor=creditor):
        with transaction.atomic():
            persons = [
                pk for (pk,) in rows("select distinct debtor_id from accounts_account where id = any(%s)", [accounts])
            ]
            _lock(persons=persons)
            part = ledger.apply_chunk(accounts=accounts, now=now)
            total += part
            if part.reversals:
                cases.open_cases(persons=persons)
            # An account that no night has seen yet is aged by the next one.
            aged = [pk for (pk,) in rows(_AGED, [accounts])]
            done = follow(accounts=aged, persons=persons, now=now)
        kept, revoked, dropped = kept + done.kept, revoked + done.revoked, dropped + done.items_dropped
        if progress:
            progress(total.payments + total.reversals)
    return {
        "payments": total.payments, "reversals": total.reversals, "cents": total.cents, "transfers": total.transfers,
        "promises_kept": kept, "revoked": revoked, "dropped": dropped,
    }  # fmt: skip


def follow(*, accounts: Sequence[int], persons: Sequence[int], now: datetime, by: User | None = None) -> Followed:
    """What follows when money has moved on these accounts of these debtors, inside the transaction that locked them."""
    today = timezone.localdate(now)
    promised, allowed, listed, planned = rows(_WAITS, {"persons": list(persons), "now": now})[0]
    judged = agreements.judge(as_of=today, persons=persons) if promised else agreements.Judged()
    revoked = door.revoke(persons=persons, why="paid", now=now, by=by).permits if allowed else 0
    if planned:
        plans.judge(today=today, now=now, persons=persons)
    standing = ledger.age(as_of=today, accounts=accounts).standing if accounts else ()
    dropped = 0
    if listed:
        dropped = drop_silent(persons=persons, why="paid", now=now)
        kept = [pk for pk, status in judged.changed if status == "kept"]
        if kept and (followed := [pk for (pk,) in rows(_KEPT, [kept])]):
            dropped += cases.drop_items(case_ids=followed, why="promise_kept", now=now)
    return Followed(judged.changed, judged.kept, revoked, dropped, standing)


def _receipt(payment: Payment, *, verb: str, now: datetime, by: User | None) -> Receipt:
    """Do what follows, unless the payment was known before, and say what was done."""
    person, account = payment.account.debtor_id, payment.account_id
    again = payment.known_before
    done = Followed() if again else follow(accounts=[account], persons=[person], now=now, by=by)
    moved = payment.taken_from
    if moved is None:
        moved = dict(rows(_TOOK if payment.kind == Payment.Kind.PAYMENT else _GAVE_BACK, [payment.pk]))
    applied = {Book(book).name.lower(): int(cents) for book, cents in moved.items()}
    balance, past_due = done.standing[0][1:] if done.standing else rows(_STANDING, [account])[0]
    if not again:
        said = journal.entry(
            verb, by=by, subject="account", subject_id=account, person_id=person, payment=payment.pk,
            cents=payment.cents, currency=payment.currency, happened_on=payment.happened_on, applied=applied,
        )  # fmt: skip
        insert(said)
    return Receipt(
        payment_id=payment.pk, reference=payment.reference, account_id=account, cents=payment.cents,
        currency=payment.currency, happened_on=payment.happened_on, applied=applied, balance=balance,
        past_due=past_due, promises=done.promises, revoked=done.revoked, items_dropped=done.items_dropped, again=again,
    )  # fmt: skip


def lock(account: Account) -> None:
    """The debtor and the cases, before the account is: the order in which everybody locks."""
    rows(_LOCK_ONE, {"person": account.debtor_id})


def _lock(*, persons: Sequence[int]) -> None:
    """Persons, then their cases, each in the order of ids; accounts are locked by the ledger."""
    rows(_LOCK, {"persons": list(persons)})
