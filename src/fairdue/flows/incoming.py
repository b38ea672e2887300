"""Money on its way to a debt: bank lines matched, entries by hand confirmed by a second person, the rest in a queue.

    match_new(creditor=…, now=…)                      bank lines just loaded: booked where there is no doubt
    assign(incoming=…, account=…, by=…, now=…)        from the queue: it is for this debt
    split(incoming=…, parts={account: cents}, …)      … for these debts
    send_back(incoming=…, note=…, …)                  … for none: nothing is booked
    enter(account=…, …)  →  confirm(incoming=…, …)    by hand; nobody confirms their own entry
    refund(account=…, …)  →  confirm(incoming=…, …)   money that goes back: beyond what one may send back alone it waits

Nothing is booked twice: an incoming is known by creditor + reference, and so are its payments.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from fairdue.accounts import services as ledger
from fairdue.accounts.columns import execute, rows
from fairdue.accounts.models import Account, Balance, Creditor, Incoming, Payment
from fairdue.accounts.services import PaymentRefused, refuse_before_opening
from fairdue.flows import payment
from fairdue.journal import services as journal
from fairdue.money import matching
from fairdue.money.amount import AmountError, format_amount, parse_amount
from fairdue.money.days import day_of
from fairdue.money.policy import plan_policy
from fairdue.staff.models import User

AT_ONCE: Final = 20_000
_KEPT: Final = 5
"""Candidates kept with a line that waits."""
_CANDIDATES: Final = """
    with wanted as (
        select id from accounts_account where creditor_id = %(creditor)s and external_ref = any(%(numbers)s)
        union select a.id from people_person p join accounts_account a on a.debtor_id = p.id and a.creditor_id = %(creditor)s
            where lower(p.name) = any(%(names)s)
        union select a.id from people_person q join people_relation r on r.person_id = q.id
            join accounts_account a on a.debtor_id = r.debtor_id and a.creditor_id = %(creditor)s
            where lower(q.name) = any(%(payer_names)s)
        union select account_id from accounts_incoming where creditor_id = %(creditor)s and status = 'booked'
            and account_id is not null and payer_account <> '' and payer_account = any(%(payers)s)
    )
    select a.id, a.external_ref, p.name, a.currency,
        coalesce(b.principal + b.interest + b.penalty + b.fees + b.costs, 0), coalesce(g.past_due, 0),
        coalesce((select u.cents from accounts_due u where u.account_id = a.id and u.due_on >= %(day)s
            order by u.due_on limit 1), 0),
        array(select array[m.due_on - date '1970-01-01', m.cents] from agreements_promise m
            join cases_case k on k.id = m.case_id
            where k.person_id = a.debtor_id and k.creditor_id = a.creditor_id and m.status = 'open'
                and coalesce(m.account_id, a.id) = a.id),
        array(select distinct i.payer_account from accounts_incoming i
            where i.account_id = a.id and i.status = 'booked' and i.payer_account <> ''),
        a.opened_on - date '1970-01-01',
        array(select q.name from people_relation r join people_person q on q.id = r.person_id
            where r.debtor_id = a.debtor_id and lower(q.name) = any(%(payer_names)s))
    from wanted join accounts_account a using (id) join people_person p on p.id = a.debtor_id
    left join accounts_balance b on b.account_id = a.id left join accounts_ageing g on g.account_id = a.id
    order by a.id
"""
_BOOK: Final = """
    with found as (
        select i.*, n.account as of from unnest(%(incoming)s::bigint[], %(accounts)s::bigint[]) n(id, account)
        join accounts_incoming i on i.id = n.id where i.status = 'new'
    ), booked as (
        insert into accounts_payment
            (creditor_id, reference, account_id, kind, cents, currency, method, payer, happened_on, learned_at)
        select creditor_id, reference, of, 'payment', cents, currency, method, payer, happened_on, %(now)s
        from found order by of, id on conflict do nothing returning reference
    )
    update accounts_incoming i set status = 'booked', account_id = f.of, decided_at = %(now)s
    from found f where i.id = f.id and f.reference in (select reference from booked)
"""
PARTS_MOST: Final = 20
"""Debts one line may be split over; the payments of the further ones are numbered /2 to /20."""
# By the bank's number or by the payer's own; whole, with every part it was split into, and only where one payment fits.
_WENT_BACK: Final = """
    select id, min(paid) from (
        select i.id, array_agg(p.id order by a.debtor_id, p.id) as paid from accounts_incoming i
        cross join lateral (
            select i.about as reference union
            select o.reference from accounts_incoming o where o.creditor_id = i.creditor_id and o.about = i.about
                and o.about <> '' and o.kind = 'credit' and o.status = 'booked'
        ) said
        join accounts_payment p on p.creditor_id = i.creditor_id and p.kind = 'payment' and p.reference = any(
            array[said.reference] || array(select said.reference || '/' || n from generate_series(2, %s) n))
        join accounts_account a on a.id = p.account_id
        where i.creditor_id = %s and i.status = 'new' and i.kind = 'return'
        group by i.id, i.cents, said.reference
        having sum(p.cents) = i.cents and not bool_or(exists (select from accounts_payment r where r.reverses_id = p.id))
    ) whole group by id having count(*) = 1 order by id
"""


class MoreThanOwed(Exception):  # noqa: N818 - a question, not a fault
    """More was paid than is owed: somebody says first that it is meant. `excess`: minor units beyond the debts."""

    def __init__(self, excess: int) -> None:
        super().__init__(f"{excess} more than is owed")
        self.excess = excess


@dataclass(frozen=True, slots=True)
class Matched:
    """Lines looked at, booked at once, taken back, and left for somebody to look at."""

    looked: int = 0
    booked: int = 0
    taken_back: int = 0
    waiting: int = 0


def match_new(*, creditor: Creditor, now: datetime) -> Matched:
    """Match the creditor's new bank lines; book those without doubt and apply them, with everything that follows."""
    looked = booked = 0
    new = Incoming.objects.filter(creditor=creditor, status=Incoming.Status.NEW, kind=Incoming.Kind.CREDIT)
    while lines := list(new.order_by("pk")[:AT_ONCE]):
        with transaction.atomic():
            booked += _match(creditor, lines, now)
        looked += len(lines)
    if booked:
        payment.apply_loaded(now=now, creditor=creditor)
    back = _take_back(creditor, now)
    execute("update accounts_incoming set status = 'waiting' where creditor_id = %s and status = 'new'", [creditor.pk])
    waiting = Incoming.objects.filter(creditor=creditor, status=Incoming.Status.WAITING).count()
    if looked or back:
        journal.write("incoming.matched", subject="creditor", subject_id=creditor.pk, looked=looked, booked=booked,
                      taken_back=back, waiting=waiting)  # fmt: skip
    return Matched(looked, booked, back, waiting)


def candidates_for(creditor: Creditor, lines: Sequence[Incoming]) -> list[matching.Match]:
    """What one line may be for, best first."""
    return matching.match(_line(lines[0]), _candidates(creditor, lines)) if lines else []


@transaction.atomic
def assign(*, incoming: Incoming, account: Account, by: User, now: datetime) -> payment.Receipt:
    """Book a waiting line to one debt. PaymentRefused when it is not open, or as in flows.payment.receive."""
    return split(incoming=incoming, parts={account: incoming.cents}, by=by, now=now)[0]


@transaction.atomic
def split(
    *, incoming: Incoming, parts: Mapping[Account, int], by: User, now: datetime, beyond: int | None = None
) -> list[payment.Receipt]:
    """Book a waiting line to several debts of its creditor; the parts add up to it.

    beyond: minor units that may exceed what is owed, MoreThanOwed for more; None: whatever it is, it is kept apart.
    """
    incoming = _open(incoming, Incoming.Status.WAITING)
    if beyond is not None and incoming.kind == Incoming.Kind.CREDIT and (excess := _excess(parts)) > beyond:
        raise MoreThanOwed(excess)
    return _booked(incoming, parts, by, now)


@transaction.atomic
def send_back(*, incoming: Incoming, note: str, by: User, now: datetime) -> None:
    """It is for none of our debts: it goes back to who paid it. Nothing is booked."""
    incoming = _open(incoming, Incoming.Status.WAITING)
    _decide(incoming, Incoming.Status.RETURNED, by, now, note)


@transaction.atomic
def enter(
    *, account: Account, reference: str, cents: int, happened_on: date, method: str, payer: str, note: str, by: User,
    now: datetime,
) -> Incoming:  # fmt: skip
    """Note a payment by hand; it counts once another person has confirmed it. PaymentRefused for what cannot be."""
    reference = reference.strip()
    _refuse_entry(reference, cents, happened_on, now)
    refuse_before_opening(account, happened_on)
    known = Incoming.objects.filter(creditor_id=account.creditor_id, reference=reference).exists()
    if known or Payment.objects.filter(creditor_id=account.creditor_id, reference=reference).exists():
        raise PaymentRefused(
            code="reference_differs",
            zh=f"还款编号 {reference} 已登记过。",
            en=f"Payment {reference} is on record already.",
        )
    made = Incoming.objects.create(
        creditor_id=account.creditor_id, reference=reference, origin=Incoming.Origin.HAND, cents=cents,
        currency=account.currency, happened_on=happened_on, method=method, payer=payer, account=account,
        status=Incoming.Status.TO_CONFIRM, learned_at=now, entered_by=by, note=note,
    )  # fmt: skip
    _note("incoming.entered", made, by)
    return made


@transaction.atomic
def refund(
    *, account: Account, reference: str, cents: int, happened_on: date, note: str, by: User, now: datetime
) -> payment.Receipt | Incoming:
    """Send money back that was paid beyond what was owed: at once up to what one person may (money/plan_policy.yaml),
    else once another person has confirmed it. Safe to say twice. PaymentRefused as in flows.payment.refund."""
    payment.lock(account)
    rows("select id from accounts_account where id = %s for no key update", [account.pk])
    reference = reference.strip()
    said = Incoming.objects.filter(creditor_id=account.creditor_id, reference=reference).first()
    facts = (Incoming.Kind.REFUND, account.pk, cents, happened_on)
    if said and (said.kind, said.account_id, said.cents, said.happened_on) != facts:
        raise PaymentRefused(
            code="reference_differs",
            zh=f"还款编号 {reference} 已登记过。",
            en=f"Payment {reference} is on record already.",
        )
    if said and said.status == Incoming.Status.REFUSED:
        raise PaymentRefused(code="decided", zh="这笔退款未获复核通过。", en="This refund was turned down.")
    if said:
        return said
    known = Payment.objects.filter(creditor_id=account.creditor_id, reference=reference).exists()
    if known or _sent_back(account, now) + cents <= _alone(account.currency):
        return payment.refund(
            account=account, reference=reference, cents=cents, happened_on=happened_on, now=now, by=by
        )
    _refuse_entry(reference, cents, happened_on, now)
    waiting = Incoming.objects.filter(account=account, kind=Incoming.Kind.REFUND, status=Incoming.Status.TO_CONFIRM)
    ledger.refuse_beyond_kept(account=account, cents=cents, spoken_for=_sum(waiting))
    made = Incoming.objects.create(
        creditor_id=account.creditor_id, reference=reference, origin=Incoming.Origin.HAND, kind=Incoming.Kind.REFUND,
        cents=cents, currency=account.currency, happened_on=happened_on, account=account, note=note.strip()[:300],
        status=Incoming.Status.TO_CONFIRM, learned_at=now, entered_by=by,
    )  # fmt: skip
    _note("refund.entered", made, by)
    return made


def _sent_back(account: Account, now: datetime) -> int:
    """What went back of this account lately, minor units."""
    since = now - timedelta(days=plan_policy().refunds.within_days)
    return _sum(Payment.objects.filter(account=account, kind=Payment.Kind.REFUND, learned_at__gt=since))


def _alone(currency: str) -> int:
    """What one person may send back alone, minor units."""
    most = parse_amount(plan_policy().refunds.alone_most, currency)
    return 0 if isinstance(most, AmountError) else most


def _sum(found: QuerySet[Any]) -> int:
    return int(found.aggregate(cents=Sum("cents"))["cents"] or 0)


@transaction.atomic
def confirm(*, incoming: Incoming, by: User, now: datetime) -> payment.Receipt:
    """Book what somebody else entered. PaymentRefused for one's own entry, or one that was decided."""
    incoming = _not_own(_open(incoming, Incoming.Status.TO_CONFIRM), by)
    assert incoming.account is not None
    if incoming.kind == Incoming.Kind.REFUND:
        receipt = payment.refund(
            account=incoming.account, reference=incoming.reference, cents=incoming.cents,
            happened_on=incoming.happened_on, now=now, by=by,
        )  # fmt: skip
        _decide(incoming, Incoming.Status.BOOKED, by, now, incoming.note)
        return receipt
    return _booked(incoming, {incoming.account: incoming.cents}, by, now)[0]


@transaction.atomic
def turn_down(*, incoming: Incoming, note: str, by: User, now: datetime) -> None:
    """Do not confirm what somebody entered."""
    _decide(_open(incoming, Incoming.Status.TO_CONFIRM), Incoming.Status.REFUSED, by, now, note)


def _match(creditor: Creditor, lines: Sequence[Incoming], now: datetime) -> int:
    """Match lines of one transaction: how many were booked. The others wait with their candidates."""
    pool = _candidates(creditor, lines)
    by_number: dict[str, list[matching.Candidate]] = {}
    by_name: dict[str, list[matching.Candidate]] = {}
    by_payer: dict[str, list[matching.Candidate]] = {}
    by_kin: dict[str, list[matching.Candidate]] = {}
    for each in pool:
        by_number.setdefault(matching.plain(each.number), []).append(each)
        by_name.setdefault(matching.plain(each.name), []).append(each)
        for payer in each.payers:
            by_payer.setdefault(payer, []).append(each)
        for name in each.kin:
            by_kin.setdefault(matching.plain(name), []).append(each)
    sure: dict[int, int] = {}
    for incoming in lines:
        line = _line(incoming)
        near = {c.account: c for token in matching.tokens(line.reference) | matching.tokens(line.text)
                for c in by_number.get(token, ())}  # fmt: skip
        near |= {c.account: c for name in {line.payer, *matching.names(line.text)}
                 for c in by_name.get(matching.plain(name), ())}  # fmt: skip
        near |= {c.account: c for c in by_kin.get(matching.plain(line.payer), ())}
        near |= {c.account: c for c in by_payer.get(line.payer_account, ())}
        found = matching.match(line, near.values())
        if account := matching.certain(found):
            sure[incoming.pk] = account
        incoming.status = Incoming.Status.WAITING
        incoming.candidates = [{"account": m.account, "score": m.score, "why": list(m.why)} for m in found[:_KEPT]]
    booked = execute(_BOOK, {"incoming": list(sure), "accounts": list(sure.values()), "now": now}) if sure else 0
    still = set(
        Incoming.objects.filter(pk__in=[i.pk for i in lines], status=Incoming.Status.NEW).values_list("pk", flat=True)
    )
    Incoming.objects.bulk_update([i for i in lines if i.pk in still], ["status", "candidates"], batch_size=1_000)
    return booked


def _candidates(creditor: Creditor, lines: Sequence[Incoming]) -> list[matching.Candidate]:
    """Debts that any of the lines may be for."""
    texts = [text for line in lines for text in (line.reference, line.text, line.about)]
    numbers = {word for text in texts for word in (*matching.tokens(text), *text.split())}
    payers = {line.payer.strip().lower() for line in lines} - {""}
    names = payers.union(*({name.lower() for name in matching.names(line.text)} for line in lines))
    wanted = {
        "creditor": creditor.pk, "numbers": sorted(numbers), "names": sorted(names), "payer_names": sorted(payers),
        "payers": sorted({line.payer_account for line in lines} - {""}), "day": min(line.happened_on for line in lines),
    }  # fmt: skip
    return [
        matching.Candidate(
            account=pk, number=number, name=name, currency=currency, owed=owed,
            due=tuple(cents for cents in (past_due, next_due) if cents),
            promised=tuple((day, cents) for day, cents in promised), payers=tuple(payers), opened=opened, kin=tuple(kin),
        )
        for pk, number, name, currency, owed, past_due, next_due, promised, payers, opened, kin in rows(
            _CANDIDATES, wanted
        )
    ]  # fmt: skip


def _line(incoming: Incoming) -> matching.Line:
    return matching.Line(
        cents=incoming.cents, currency=incoming.currency, day=day_of(incoming.happened_on), payer=incoming.payer,
        text=f"{incoming.text} {incoming.about}", reference=incoming.reference, payer_account=incoming.payer_account,
    )  # fmt: skip


def _take_back(creditor: Creditor, now: datetime) -> int:
    """Payments that the bank says went back are reversed; how many."""
    taken, found = 0, rows(_WENT_BACK, [PARTS_MOST, creditor.pk])
    for pk, paid in found:
        payments = Payment.objects.select_related("account").in_bulk(paid)
        try:
            with transaction.atomic():
                incoming = _open(Incoming.objects.get(pk=pk), Incoming.Status.NEW)
                for n, each in enumerate(paid, 1):
                    payment.reverse(
                        payment=payments[each],
                        reference=_numbered(incoming, n),
                        happened_on=incoming.happened_on,
                        now=now,
                    )
                _decide(incoming, Incoming.Status.BOOKED, None, now, "")
        except PaymentRefused:  # such as one whose surplus was refunded: it waits for somebody
            continue
        taken += 1
    return taken


def _booked(incoming: Incoming, parts: Mapping[Account, int], by: User, now: datetime) -> list[payment.Receipt]:
    """Book the parts and close the incoming."""
    if sum(parts.values()) != incoming.cents or min(parts.values(), default=0) <= 0:
        whole = format_amount(incoming.cents, incoming.currency)
        raise PaymentRefused(
            code="parts",
            zh=f"各部分之和须等于 {whole}，且每部分大于零。",
            en=f"The parts must add up to {whole}, each above zero.",
        )
    if len(parts) > PARTS_MOST:
        raise PaymentRefused(
            code="parts", zh=f"最多分给 {PARTS_MOST} 个账户。", en=f"Share it among {PARTS_MOST} accounts at most."
        )
    if incoming.kind == Incoming.Kind.RETURN:
        receipts = [
            _reversed(incoming, account, cents, n, by, now) for n, (account, cents) in enumerate(_in_order(parts), 1)
        ]
    else:
        receipts = [
            payment.receive(
                creditor=incoming.creditor, account=account, cents=cents, currency=incoming.currency,
                reference=_numbered(incoming, n), by=by, now=now,
                happened_on=incoming.happened_on, method=incoming.method, payer=incoming.payer,
            )
            for n, (account, cents) in enumerate(_in_order(parts), 1)
        ]  # fmt: skip
    if len(parts) == 1:
        incoming.account = next(iter(parts))
    _decide(incoming, Incoming.Status.BOOKED, by, now, incoming.note)
    return receipts


def _excess(parts: Mapping[Account, int]) -> int:
    """What the parts are more than what is owed on their accounts, together."""
    owed = {each.account_id: each.total for each in Balance.objects.filter(account__in=list(parts))}
    return sum(max(0, cents - owed.get(account.pk, 0)) for account, cents in parts.items())


def _in_order(parts: Mapping[Account, int]) -> Iterable[tuple[Account, int]]:
    """Accounts in the order of their debtors, so that who locks several always does so in the same order."""
    return sorted(parts.items(), key=lambda part: (part[0].debtor_id, part[0].pk))


def numbers_of(incoming: Incoming) -> list[str]:
    """The references its payments may have, the first part's first."""
    return [_numbered(incoming, n) for n in range(1, PARTS_MOST + 1)]


def _numbered(incoming: Incoming, n: int) -> str:
    return incoming.reference if n == 1 else f"{incoming.reference}/{n}"


def _reversed(incoming: Incoming, account: Account, cents: int, n: int, by: User, now: datetime) -> payment.Receipt:
    """Take back the account's latest payment of that amount."""
    paid = (
        Payment.objects.filter(account=account, kind=Payment.Kind.PAYMENT, cents=cents, reversed_by=None)
        .select_related("account").order_by("-happened_on", "-pk").first()
    )  # fmt: skip
    if paid is None:
        raise PaymentRefused(
            code="nothing_to_take_back",
            zh=f"账户 {account.external_ref} 没有金额为 {format_amount(cents, incoming.currency)} 且未冲正的还款。",
            en=f"Account {account.external_ref} has no payment of {format_amount(cents, incoming.currency)} "
            "that still stands.",
        )
    return payment.reverse(
        payment=paid, reference=_numbered(incoming, n), happened_on=incoming.happened_on, now=now, by=by
    )


def _open(incoming: Incoming, status: Incoming.Status) -> Incoming:
    """The row, locked; PaymentRefused when somebody was faster."""
    found = (
        Incoming.objects.select_for_update(no_key=True, of=("self",))
        .select_related("creditor", "account")
        .get(pk=incoming.pk)
    )
    if found.status != status:
        raise PaymentRefused(code="decided", zh="这笔来款已处理过。", en="Somebody has dealt with this already.")
    return found


def _refuse_entry(reference: str, cents: int, happened_on: date, now: datetime) -> None:
    if not reference:
        raise PaymentRefused(code="no_reference", zh="缺少还款编号。", en="Give the bank's own number of the payment.")
    if cents <= 0:
        raise PaymentRefused(code="not_positive", zh="金额必须大于零。", en="The amount must be above zero.")
    if happened_on > timezone.localdate(now):
        raise PaymentRefused(
            code="in_the_future",
            zh=f"还款日 {happened_on} 晚于今天。",
            en=f"{happened_on} is still to come; check the date.",
        )


def _not_own(incoming: Incoming, by: User) -> Incoming:
    if incoming.entered_by_id == by.pk:
        raise PaymentRefused(
            code="own_entry", zh="自己登记的还款须由另一人复核。", en="Another person must confirm what you entered."
        )
    return incoming


def _decide(incoming: Incoming, status: Incoming.Status, by: User | None, now: datetime, note: str) -> None:
    incoming.status, incoming.decided_by, incoming.decided_at = status, by, now
    incoming.note = note.strip()[:300]
    incoming.save(update_fields=["status", "decided_by", "decided_at", "note", "account"])
    subject = "refund" if incoming.kind == Incoming.Kind.REFUND else "incoming"
    _note(f"{subject}.{status}", incoming, by)


def _note(verb: str, incoming: Incoming, by: User | None) -> None:
    journal.write(
        verb, by=by, subject="incoming", subject_id=incoming.pk, reference=incoming.reference, cents=incoming.cents,
        currency=incoming.currency, account=incoming.account_id,
    )  # fmt: skip
