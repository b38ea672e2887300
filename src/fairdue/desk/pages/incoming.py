"""The queue of incoming money: lines no debt was found for, entries to be confirmed; write-offs to be decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Account, Incoming, Payment, Waiver
from fairdue.flows.incoming import numbers_of
from fairdue.law.calc import allocation
from fairdue.money import matching
from fairdue.money.amount import format_amount

TABS: Final = {
    "waiting": _("To be assigned"),
    "to_confirm": _("To be confirmed"),
    "done": _("Done"),
}
WHY: Final = {
    "number": _("the account's number is in the text"),
    "name": _("the payer has the debtor's name"),
    "promised": _("exactly what was promised"),
    "due": _("exactly what is due"),
    "whole": _("exactly all that is owed"),
    "named": _("the debtor's name is in the text"),
    "payer_before": _("paid from the same bank account before"),
    "kin": _("the payer is on record beside the debtor"),
    "closed": _("but nothing is owed on it"),
    "currency": _("but it is another currency"),
}
"""Words for what speaks for a debt (money.matching.POINTS)."""
FITS: Final = (
    (matching.CERTAIN, _("fits very well")),
    (60, _("fits well")),
    (40, _("fits in part")),
    (1, _("fits a little")),
)
"""Words for a score, from this many points of 100 on."""


@dataclass(frozen=True)
class Choice:
    """A debt the money may be for. part: what is written beside it, what was typed or would come to it by law (of money
    that went back: its latest payment that stands); chosen: whether it is ticked."""

    account: Account
    score: int
    why: list[str]
    part: str = ""
    chosen: bool = False

    @property
    def fit(self) -> str:
        """How well the money fits this debt, in words; "" for one that was looked for."""
        return next((str(word) for least, word in FITS if self.score >= least), "")


def counts() -> dict[str, int]:
    """How much waits in each tab."""
    return {str(status): Incoming.objects.filter(status=status).count() for status in ("waiting", "to_confirm")}


def listed(tab: str) -> QuerySet[Any]:
    """The rows of a tab, oldest first; what is done, latest first."""
    rows = Incoming.objects.select_related("creditor", "account__debtor", "entered_by", "decided_by")
    if tab == "done":
        return rows.filter(status__in=["booked", "returned", "refused"]).order_by("-decided_at", "-pk")
    return rows.filter(status=tab).order_by("happened_on", "pk")


def waiting(accounts: Iterable[int]) -> list[Incoming]:
    """Payments and refunds by hand on these accounts that nobody has confirmed yet, the oldest first."""
    found = Incoming.objects.filter(account__in=accounts, status=Incoming.Status.TO_CONFIRM)
    return list(found.select_related("entered_by").order_by("happened_on", "pk"))


def waivers() -> QuerySet[Waiver]:
    """Write-offs that wait for somebody else's yes, the oldest first."""
    asked = Waiver.objects.filter(status=Waiver.Status.ASKED)
    return asked.select_related("account__debtor", "account__creditor", "asked_by").order_by("asked_at", "pk")


def booked_as(lines: Iterable[Incoming]) -> dict[int, list[Payment]]:
    """Line id → the payments of those lines that were split over several debts; one query."""
    split = [line for line in lines if line.status == Incoming.Status.BOOKED and line.account_id is None]
    of = {(line.creditor_id, number): line.pk for line in split for number in numbers_of(line)}
    found = Payment.objects.filter(
        creditor__in={creditor for creditor, _number in of}, reference__in={number for _creditor, number in of}
    )
    by_line: dict[int, list[Payment]] = {}
    for paid in found.select_related("account__debtor").order_by("pk"):
        if line := of.get((paid.creditor_id, paid.reference)):
            by_line.setdefault(line, []).append(paid)
    return by_line


def choices(
    incoming: Incoming,
    *,
    words: str = "",
    today: date,
    typed: Mapping[str, str] | None = None,
    chosen: Iterable[str] = (),
) -> list[Choice]:
    """Debts to choose from: those that fit best, or those found by `words` (number or name) at the same creditor.

    typed: what stood in the fields `part-<account>` when the form came back; chosen: the accounts ticked then.
    """
    hints = {hint["account"]: hint for hint in incoming.candidates}
    accounts = Account.objects.filter(creditor=incoming.creditor).select_related("debtor", "balance", "ageing")
    if words.strip():
        found = list(accounts.filter(external_ref=words.strip())[:10]) or list(
            accounts.filter(debtor__name=words.strip()).order_by("pk")[:20]
        )
    else:
        found = sorted(accounts.filter(pk__in=hints), key=lambda account: -hints[account.pk]["score"])
    if incoming.kind == Incoming.Kind.RETURN:
        parts = _standing(found)
    else:
        found.sort(key=lambda account: not _owed(account))
        parts = _shared(incoming, found, today)
    typed, ticked = typed or {}, set(chosen)
    return [
        Choice(
            account, hints.get(account.pk, {}).get("score", 0),
            [str(WHY[code]) for code in hints.get(account.pk, {}).get("why", ()) if code != "closed" or not _owed(account)],
            typed.get(f"part-{account.pk}", format_amount(parts.get(account.pk, 0), incoming.currency, grouped=False)),
            str(account.pk) in ticked,
        )
        for account in found
    ]  # fmt: skip


def _owed(account: Account) -> int:
    return account.balance.total if hasattr(account, "balance") else 0


def _standing(accounts: list[Account]) -> dict[int, int]:
    """Account id → its latest payment that still stands, minor units."""
    found = Payment.objects.filter(account__in=accounts, kind=Payment.Kind.PAYMENT, reversed_by=None)
    latest = found.order_by("account_id", "-happened_on", "-pk").distinct("account_id")
    return dict(latest.values_list("account_id", "cents"))


def _shared(incoming: Incoming, accounts: list[Account], today: date) -> dict[int, int]:
    """The money over the debts of one debtor in the order of Civil Code Art. 560; nothing for debts of several.

    What of a debt is due comes before what is not: each account counts as two, what is past due and the rest.
    """
    if len({account.debtor_id for account in accounts}) != 1:
        return {}
    debts = [debt for account in accounts for debt in _debts(account, today)]
    paid = allocation.across(debts, incoming.cents, as_of=today).paid
    return {account.pk: sum(paid.get(f"{account.pk}{part}", 0) for part in ("", "+")) for account in accounts}


def _debts(account: Account, today: date) -> list[allocation.Debt]:
    """What is due and what is not, as the law sees them; a rate we do not know weighs nothing, and consumer loans here
    bear no security."""
    ageing = getattr(account, "ageing", None)
    since = ageing.since if ageing else None
    past_due = min(ageing.past_due, _owed(account)) if ageing and since else 0
    rate = (account.rate or Decimal(0)) / 100
    parts = (("", since or today, past_due), ("+", today + timedelta(days=1), _owed(account) - past_due))
    return [
        allocation.Debt(f"{account.pk}{part}", due, cents, secured=False, rate=rate)
        for part, due, cents in parts
        if cents
    ]
