"""The queue of incoming money: lines no debt was found for, entries to be confirmed; write-offs to be decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fairdue.accounts.models import Account, Incoming, Waiver
from fairdue.law.calc import allocation
from fairdue.money import matching

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
    "payer_before": _("paid from the same bank account before"),
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
    """A debt the money may be for. part: what it would receive if the money were shared by law."""

    account: Account
    score: int
    why: list[str]
    part: int = 0

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


def choices(incoming: Incoming, *, words: str = "", today: date) -> list[Choice]:
    """Debts to choose from: those that fit best, or those found by `words` (number or name) at the same creditor."""
    hints = {hint["account"]: hint for hint in incoming.candidates}
    accounts = Account.objects.filter(creditor=incoming.creditor).select_related("debtor", "balance", "ageing")
    if words.strip():
        found = list(accounts.filter(external_ref=words.strip())[:10]) or list(
            accounts.filter(debtor__name=words.strip()).order_by("pk")[:20]
        )
    else:
        found = sorted(accounts.filter(pk__in=hints), key=lambda account: -hints[account.pk]["score"])
    parts = _shared(incoming, found, today)
    return [
        Choice(
            account, hints.get(account.pk, {}).get("score", 0),
            [str(WHY[code]) for code in hints.get(account.pk, {}).get("why", ())], parts.get(str(account.pk), 0),
        )
        for account in found
    ]  # fmt: skip


def _shared(incoming: Incoming, accounts: list[Account], today: date) -> dict[str, int]:
    """The money over the debts of one debtor by law (Civil Code Art. 560); nothing for debts of several."""
    if len({account.debtor_id for account in accounts}) != 1:
        return {}
    debts = [_debt(account, today) for account in accounts]
    return dict(allocation.across([debt for debt in debts if debt.amount], incoming.cents, as_of=today).paid)


def _debt(account: Account, today: date) -> allocation.Debt:
    """A debt as the law sees it. A rate we do not know weighs nothing; consumer loans here bear no security."""
    balance, ageing = getattr(account, "balance", None), getattr(account, "ageing", None)
    due = ageing.since if ageing and ageing.since else today + timedelta(days=1)
    rate = (account.rate or Decimal(0)) / 100
    return allocation.Debt(str(account.pk), due, balance.total if balance else 0, secured=False, rate=rate)
