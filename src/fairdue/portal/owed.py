"""What a borrower owes, worked out before their eyes: from the first entry of the ledger to today, and added up again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from fairdue.accounts.models import COMPONENTS, Account, Balance, Book, Transfer
from fairdue.cases.models import Case

Parts = list[tuple[str, int]]


@dataclass
class Line:
    """Something that changed the debt. what: placed, paid, returned, used, waived or corrected. cents: by how much, below
    zero when less is owed; parts: (component, cents) of it; after: what was owed then. spare: paid beyond the debt, or
    (used, returned: below zero) taken from what had been.
    """

    on: date
    what: str
    cents: int = 0
    spare: int = 0
    by_book: dict[int, int] = field(default_factory=dict)
    after: int = 0

    @property
    def parts(self) -> Parts:
        """The components it touched, in the order of the books; sums without sign."""
        return [(str(Book(book).label), abs(self.by_book[book])) for book in sorted(self.by_book) if self.by_book[book]]

    @property
    def paid(self) -> int:
        """The sum without sign, with what lay beyond the debt."""
        return abs(self.cents) if self.what == "used" else abs(self.cents - self.spare)


@dataclass(frozen=True)
class Owed:
    """One account. parts, total: as the balance has them; added, entries: from the transfers alone."""

    account: Account
    parts: Parts
    total: int
    past_due: int
    lines: list[Line]
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
        return sum(line.cents for line in self.lines if line.cents > 0)

    @property
    def went(self) -> int:
        """Everything that was ever taken off it."""
        return -sum(line.cents for line in self.lines if line.cents < 0)


def accounts_of(case: Case) -> QuerySet[Account]:
    """The accounts of a case that are with us or paid."""
    here = (Account.Status.OPEN, Account.Status.PAID)
    return (
        Account.objects.filter(debtor_id=case.person_id, creditor_id=case.creditor_id, status__in=here)
        .select_related("balance", "ageing", "creditor")
        .order_by("pk")
    )


def owed(case: Case) -> list[Owed]:
    """Every account of a case with its arithmetic."""
    accounts = list(accounts_of(case))
    moved: dict[int, list[Transfer]] = {account.pk: [] for account in accounts}
    for transfer in Transfer.objects.filter(account__in=accounts).order_by("happened_on", "pk"):
        moved[transfer.account_id].append(transfer)
    return [_owed(account, moved[account.pk]) for account in accounts]


def _owed(account: Account, transfers: list[Transfer]) -> Owed:
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
        lines=_lines(transfers),
        added=sum(added.values()),
        added_parts=_named(added.items()),
        entries=len(transfers),
        spare=balance.unapplied,
    )


def _named(books: Iterable[tuple[Book, int]]) -> Parts:
    return [(str(book.label), cents) for book, cents in books if cents]


def _lines(transfers: list[Transfer]) -> list[Line]:
    """Transfers of one act as one line, oldest first, each with what was owed after it."""
    lines: dict[tuple[object, ...], Line] = {}
    for transfer in transfers:
        what = _what(transfer)
        line = lines.setdefault((transfer.happened_on, what, transfer.payment_id), Line(transfer.happened_on, what))
        for book, sign in ((transfer.target, 1), (transfer.source, -1)):
            if book in COMPONENTS:
                line.cents += sign * transfer.cents
                line.by_book[book] = line.by_book.get(book, 0) + sign * transfer.cents
            elif book == Book.UNAPPLIED:  # paid beyond the debt leaves this book, and comes back when it is used
                line.spare -= sign * transfer.cents
    after = 0
    for line in lines.values():
        after += line.cents
        line.after = after
    return list(lines.values())


def _what(transfer: Transfer) -> str:
    outside = {transfer.source, transfer.target} - set(COMPONENTS)
    if Book.PLACED in outside:
        return "placed"
    if Book.WAIVED in outside:
        return "waived"
    if Book.CLEARING in outside:
        return "returned" if transfer.source == Book.CLEARING and transfer.reverses_id else "paid"
    return "used" if Book.UNAPPLIED in outside else "corrected"
