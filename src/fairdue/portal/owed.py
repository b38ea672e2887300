"""What a borrower owes, worked out before their eyes: from the first entry of the ledger to today, and added up again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from fairdue.accounts.models import COMPONENTS, Account, Balance, Book, Transfer
from fairdue.accounts.statement import Page, page_of
from fairdue.cases.models import Case

Parts = list[tuple[str, int]]


@dataclass(frozen=True)
class Owed:
    """One account. parts, total: as the balance has them; added, entries: from the transfers alone; story: the statement."""

    account: Account
    parts: Parts
    total: int
    past_due: int
    story: Page
    added: int
    added_parts: Parts
    entries: int
    spare: int

    @property
    def same(self) -> bool:
        """Whether adding up again gives the same cents, component by component."""
        return self.added == self.total and self.added_parts == self.parts

    @property
    def came(self) -> int:
        """Everything that was ever added to the debt."""
        return sum(row.total for row in self.story.rows if row.total > 0)

    @property
    def went(self) -> int:
        """Everything that was ever taken off it."""
        return -sum(row.total for row in self.story.rows if row.total < 0)


def accounts_of(case: Case) -> QuerySet[Account]:
    """The accounts of a case that are with us or paid."""
    here = (Account.Status.OPEN, Account.Status.PAID)
    return (
        Account.objects.filter(debtor_id=case.person_id, creditor_id=case.creditor_id, status__in=here)
        .select_related("balance", "ageing", "creditor")
        .order_by("pk")
    )


def owed(case: Case, *, today: date) -> list[Owed]:
    """Every account of a case with its arithmetic."""
    accounts = list(accounts_of(case))
    moved: dict[int, list[Transfer]] = {account.pk: [] for account in accounts}
    for transfer in Transfer.objects.filter(account__in=accounts).order_by("happened_on", "pk"):
        moved[transfer.account_id].append(transfer)
    return [_owed(account, moved[account.pk], today) for account in accounts]


def _owed(account: Account, transfers: list[Transfer], today: date) -> Owed:
    balance = getattr(account, "balance", None) or Balance(account=account)
    kept = (balance.principal, balance.interest, balance.penalty, balance.fees, balance.costs)
    added = dict.fromkeys(COMPONENTS, 0)
    for transfer in transfers:
        if transfer.target in added:
            added[Book(transfer.target)] += transfer.cents
        if transfer.source in added:
            added[Book(transfer.source)] -= transfer.cents
    ageing = getattr(account, "ageing", None)
    return Owed(
        account=account,
        parts=_named(zip(COMPONENTS, kept, strict=True)),
        total=balance.total,
        past_due=ageing.past_due if ageing else 0,
        story=page_of(account, today=today),
        added=sum(added.values()),
        added_parts=_named(added.items()),
        entries=len(transfers),
        spare=balance.unapplied,
    )


def _named(books: Iterable[tuple[Book, int]]) -> Parts:
    return [(str(book.label), cents) for book, cents in books if cents]
