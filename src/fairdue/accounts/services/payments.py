"""One payment in, or back out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from fairdue.accounts.columns import Statement, rows, together
from fairdue.accounts.models import Account, Creditor, Payment
from fairdue.accounts.services.applying import apply_some
from fairdue.money.amount import money_signed


class PaymentRefused(ValueError):  # noqa: N818
    """A payment that cannot be booked; `zh` and `en` say what is wrong and how to mend it."""

    def __init__(self, *, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


_INSERT = """
    with held as materialized (select id from accounts_account where id = %s for no key update)
    insert into accounts_payment
        (account_id, creditor_id, reference, kind, reverses_id, cents, currency, method, payer, happened_on, learned_at)
    select id, %s, %s, %s, %s::bigint, %s, %s, %s, %s, %s, %s from held on conflict do nothing returning id
"""


_LEFT = """
    select coalesce((select sum(case t.source when 6 then t.cents else -t.cents end) from accounts_transfer t
            where t.payment_id = p.id and 6 in (t.source, t.target)
                and not exists (select from accounts_payment r where r.reverses_id = p.id)), 0),
        coalesce((select unapplied from accounts_balance b where b.account_id = p.account_id), 0)
    from accounts_payment p where p.id = %s and p.account_id = %s
"""


_FACTS = {
    "account_id": ("账户", "the account"), "kind": ("种类", "the kind"), "reverses_id": ("冲正的还款", "what it takes back"),
    "cents": ("金额", "the amount"), "currency": ("币种", "the currency"), "happened_on": ("还款日", "the day"),
}  # fmt: skip
"""What two records of one reference must say alike, in words (zh, en)."""


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
    ahead: Sequence[Statement] = (),
) -> Payment:
    """Book `cents` (> 0) once and apply it; the same reference with the same content returns the first record.

    Raises PaymentRefused: wrong currency or creditor, a day in the future, cents not positive, or the reference known
    with other content. Runs in the caller's transaction when there is one; locks the account. `ahead`: statements of
    the caller's own locks, run before in the same trip to the database.
    """
    new = Payment(
        creditor=creditor, account=account, reference=reference, cents=cents, currency=currency, method=method,
        payer=payer, happened_on=happened_on, learned_at=learned_at or now,
    )  # fmt: skip
    _refuse_bad(new, now=now)
    return _book(new, now=now, ahead=ahead)


def reverse(
    *, payment: Payment, reference: str, happened_on: date, now: datetime, learned_at: datetime | None = None
) -> Payment:
    """Take a payment back whole (bounced, charged back), once; gives the reversal. PaymentRefused as in `receive`."""
    if payment.kind == Payment.Kind.REFUND:
        raise PaymentRefused(
            code="reverses_refund",
            zh="退款不能冲正。退款被退回时，请按新的还款登记。",
            en="A refund cannot be reversed. If it came back, book the money as a new payment.",
        )
    if payment.kind == Payment.Kind.REVERSAL:
        raise PaymentRefused(
            code="reverses_reversal",
            zh="冲正记录不能再冲正。请按新的还款重新登记。",
            en="A reversal cannot be reversed. Book the money as a new payment.",
        )
    new = Payment(
        creditor_id=payment.creditor_id, account=payment.account, reference=reference, kind=Payment.Kind.REVERSAL,
        reverses=payment, cents=payment.cents, currency=payment.currency, happened_on=happened_on,
        learned_at=learned_at or now, method=payment.method,
    )  # fmt: skip
    _refuse_bad(new, now=now)
    _refuse_refunded(payment)
    return _book(new, now=now)


def _refuse_refunded(payment: Payment) -> None:
    """PaymentRefused when what the payment left over has gone back already."""
    rows("select id from accounts_account where id = %s for no key update", [payment.account_id])
    left, kept = rows(_LEFT, [payment.pk, payment.account_id])[0]
    if left > kept:
        raise PaymentRefused(
            code="refunded",
            zh="该笔还款多出的部分已退回付款人，不能整笔冲正。请先向付款人收回退款并登记为新的还款。",
            en="What this payment left over was refunded already; it cannot be taken back whole. "
            "Get the refund back from the payer first and book it as a new payment.",
        )


def refund(
    *, account: Account, reference: str, cents: int, happened_on: date, now: datetime, method: str = ""
) -> Payment:
    """Send money kept apart back to who paid it; the oldest goes first. PaymentRefused when less is kept apart.

    In the caller's transaction; locks the account.
    """
    new = Payment(
        creditor_id=account.creditor_id, account=account, reference=reference, kind=Payment.Kind.REFUND, cents=cents,
        currency=account.currency, happened_on=happened_on, learned_at=now, method=method,
    )  # fmt: skip
    _refuse_bad(new, now=now)
    rows("select id from accounts_account where id = %s for no key update", [account.pk])
    if not Payment.objects.filter(creditor_id=new.creditor_id, reference=reference).exists():
        refuse_beyond_kept(account=account, cents=cents)
    return _book(new, now=now)


def refuse_beyond_kept(*, account: Account, cents: int, spoken_for: int = 0) -> None:
    """PaymentRefused when less than `cents` is kept apart, besides what is `spoken_for` already."""
    kept = rows("select unapplied from accounts_balance where account_id = %s", [account.pk])
    left = max(0, (kept[0][0] if kept else 0) - spoken_for)
    if left < cents:
        there, waits = (money_signed(sum_, account.currency) for sum_ in (left, spoken_for))
        zh, en = (f"（另有 {waits} 待退）", f", besides {waits} that waits to go back,") if spoken_for else ("", "")
        raise PaymentRefused(
            code="not_kept_apart",
            zh=f"该账户多还的款项只有 {there}{zh}，不能退回更多。",
            en=f"Only {there}{en} was paid beyond what was owed; no more than that can go back.",
        )


def _book(new: Payment, *, now: datetime, ahead: Sequence[Statement] = ()) -> Payment:
    """Write and apply a new payment; nothing is written when its reference is known."""
    with transaction.atomic(savepoint=False):
        values = (
            new.account_id, new.creditor_id, new.reference, new.kind, new.reverses_id, new.cents, new.currency,
            new.method, new.payer, new.happened_on, new.learned_at,
        )  # fmt: skip
        if made := together(*ahead, (_INSERT, values))[-1]:
            new.pk, new.applied_at, new._state.adding = made[0][0], now, False
            done = apply_some([new.account_id], now=now)
            new.taken_from = done.books if done.payments == 1 and not done.reversals else None
            return new
    return _known(new)


def _known(new: Payment) -> Payment:
    """The record already there under this reference; refuses when it says something else."""
    old = Payment.objects.filter(creditor_id=new.creditor_id, reference=new.reference).first()
    if old is None:
        raise PaymentRefused(
            code="already_reversed",
            zh=f"该笔还款已冲正过，不能用 {new.reference} 再次冲正。",
            en=f"This payment was reversed before; {new.reference} cannot reverse it again.",
        )
    other = [name for name in _FACTS if getattr(old, name) != getattr(new, name)]
    if other:
        raise PaymentRefused(
            code="reference_differs",
            zh=f"还款编号 {new.reference} 已登记过，但内容不同（{'、'.join(_FACTS[name][0] for name in other)}）。"
            "请核对编号，或先冲正原记录。",
            en=f"Payment {new.reference} is on record with other content ({', '.join(_FACTS[name][1] for name in other)}). "
            "Check the reference, or reverse the first record.",
        )
    old.known_before = True
    return old


def _refuse_bad(new: Payment, *, now: datetime) -> None:
    if new.cents <= 0:
        raise PaymentRefused(
            code="not_positive",
            zh="金额必须大于零；退款请作冲正登记。",
            en="The amount must be above zero; book money that went back as a reversal.",
        )
    if not new.reference.strip():
        raise PaymentRefused(
            code="no_reference", zh="缺少还款编号。", en="The payment has no reference; give the bank's own number."
        )
    if new.currency != new.account.currency:
        raise PaymentRefused(
            code="currency",
            zh=f"币种 {new.currency} 与账户币种 {new.account.currency} 不符：请按银行结汇后的金额入账，或退回付款人。",
            en=f"{new.currency} was paid, the account is in {new.account.currency}: book what the bank gave for it "
            f"in {new.account.currency}, or send it back.",
        )
    if new.creditor_id != new.account.creditor_id:
        raise PaymentRefused(
            code="creditor",
            zh="该账户不属于此委托方。",
            en="The account belongs to another creditor; check the account number.",
        )
    # A day's slack: the sender's calendar may be ahead of ours.
    if new.happened_on > now.date() + timedelta(days=1):
        raise PaymentRefused(
            code="in_the_future",
            zh=f"还款日 {new.happened_on} 晚于今天。",
            en=f"The payment is dated {new.happened_on}, which is still to come; check the date.",
        )
    if new.kind == Payment.Kind.PAYMENT:
        refuse_before_opening(new.account, new.happened_on)


def refuse_before_opening(account: Account, on: date) -> None:
    """PaymentRefused when a payment is dated before the contract began; without a day of opening nobody can tell."""
    opened = account.opened_on
    if opened is not None and on < opened:
        raise PaymentRefused(
            code="before_opening",
            zh=f"还款日 {on} 早于开户日 {opened}。请核对还款日，或先更正开户日。",
            en=f"The payment is dated {on}, but the account was opened on {opened}. "
            "Check the date, or correct the day of opening first.",
        )
