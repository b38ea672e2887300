"""Every account of a case with its arithmetic: what was placed, what came in, what is left, and which dues are open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from fairdue.accounts.models import COMPONENTS, Account, Ageing, Balance, Due, Payment
from fairdue.accounts.queries import moves_of
from fairdue.desk import writing
from fairdue.desk.pages.statement import KINDS
from fairdue.money import ageing, statement
from fairdue.money.days import day_of

SHOWN_DUES = 6
"""Dues shown at once: the open ones first; the others unfold."""


@dataclass(frozen=True)
class Line:
    """One row of the arithmetic: what happened, and by how much each component changed (in the order of COMPONENTS)."""

    label: str
    on: date
    parts: tuple[int, ...]
    note: str = ""
    kind: str = "placed"

    @property
    def total(self) -> int:
        """Change of what is owed."""
        return sum(self.parts)


@dataclass(frozen=True)
class DueLine:
    """One bill or instalment with its unpaid part."""

    n: int
    due_on: date
    cents: int
    open: int
    late: bool
    days: int


@dataclass(frozen=True)
class Debt:
    """One account: the row itself, its balance and ageing, and how they come about."""

    account: Account
    balance: Balance
    ageing: Ageing | None
    lines: list[Line]
    dues: list[DueLine]
    proof: list[tuple[str, bool]]
    currency: str

    @property
    def components(self) -> list[tuple[str, int]]:
        """(name, minor units) of what is owed now."""
        b = self.balance
        values = (b.principal, b.interest, b.penalty, b.fees, b.costs)
        return [(str(book.label), cents) for book, cents in zip(COMPONENTS, values, strict=True)]

    @property
    def columns(self) -> list[tuple[int, str]]:
        """(place, name) of the components that ever held money."""
        used = [i for i in range(len(COMPONENTS)) if any(line.parts[i] for line in self.lines) or self.components[i][1]]
        return [(i, str(COMPONENTS[i].label)) for i in used or [0]]

    @property
    def table(self) -> list[tuple[Line, list[int]]]:
        """The lines with only the columns in use."""
        return [(line, [line.parts[i] for i, _name in self.columns]) for line in self.lines]

    @property
    def sums(self) -> list[int]:
        """What is owed by the columns in use."""
        return [self.components[i][1] for i, _name in self.columns]

    @property
    def adds_up(self) -> bool:
        """Whether the lines explain the balance to the cent."""
        return sum(line.total for line in self.lines) == self.balance.total

    @property
    def open_dues(self) -> list[DueLine]:
        """What is unpaid and already late, then what comes next."""
        late = [due for due in self.dues if due.late and due.open]
        coming = [due for due in self.dues if not due.late][:2]
        return (late + coming)[-SHOWN_DUES:] if len(late) > SHOWN_DUES else late + coming

    @property
    def paid(self) -> int:
        """What came in since it was placed."""
        return -sum(line.total for line in self.lines if line.kind in {"payment", "reversal"})


def debts_of(*, person_id: int, creditor_id: int, payments: Sequence[Payment], today: date) -> list[Debt]:
    """The accounts of a case, open and most overdue first. Three queries, whatever the number of accounts."""
    accounts = list(
        Account.objects.filter(debtor_id=person_id, creditor_id=creditor_id)
        .select_related("balance", "ageing", "placement", "creditor")
        .prefetch_related("dues")
        .order_by("pk")
    )
    moves = moves_of(accounts)
    debts = [_debt(account, _lines(moves[account.pk]), payments, today) for account in accounts]
    return sorted(
        debts, key=lambda d: (d.account.status != "open", -(d.ageing.past_due if d.ageing else 0), d.account.pk)
    )


def _debt(account: Account, lines: list[Line], payments: Iterable[Payment], today: date) -> Debt:
    return Debt(
        account=account,
        balance=_of(account, "balance") or Balance(account=account),
        ageing=_of(account, "ageing"),
        lines=lines,
        dues=_dues(account, [p for p in payments if p.account_id == account.pk], charged_in(lines), today),
        proof=[
            (_("Contract"), account.has_contract),
            (_("Identity"), account.has_identity),
            (_("Chain of title"), account.has_chain),
            (_("Statement"), account.has_statement),
            (_("Payments"), account.has_payments),
        ],
        currency=account.currency,
    )


def _of(account: Account, name: str) -> Any:
    """The one-to-one row beside an account, None when there is none (already joined, no query)."""
    try:
        return getattr(account, name)
    except (Balance.DoesNotExist, Ageing.DoesNotExist):
        return None


def _lines(moves: Sequence[statement.Move]) -> list[Line]:
    """The account's statement as arithmetic; what changed nothing, as money that came before the placing, is left out."""
    told = statement.tell(moves)
    return [
        Line(str(KINDS[line.kind]), line.on, line.parts, _note(line), line.kind)
        for line in told.lines
        if any(line.parts)
    ]


def _note(line: statement.Line) -> str:
    if line.first != line.on:
        return _("from %(day)s") % {"day": writing.day(line.first)}
    return line.reference


def charged_in(lines: Sequence[Line]) -> int:
    """What was charged since the placing, less what was let go: it uses up money that would have covered dues."""
    kinds = {"interest", "penalty", "fees", "waived", "waiver_undone"}
    return sum(line.total for line in lines if line.kind in kinds)


def _dues(account: Account, payments: Sequence[Payment], charged: int, today: date) -> list[DueLine]:
    """Each due with its unpaid part, oldest first, by the same arithmetic as the night (money.ageing)."""
    rows: list[Due] = sorted(account.dues.all(), key=lambda due: (due.due_on, due.n))
    if not rows:
        return []
    zeros = np.zeros(len(rows), np.int32)
    due_on = np.array([day_of(due.due_on) for due in rows], np.int32)
    cents = np.array([due.cents for due in rows], np.int64)
    came = sum(p.cents if p.kind == Payment.Kind.PAYMENT else -p.cents for p in payments if p.happened_on <= today)
    paid = max(0, came - charged)
    aged = ageing.age(ageing.Dues(zeros, due_on, cents), np.array([paid], np.int64), as_of=day_of(today))
    return [
        DueLine(due.n, due.due_on, due.cents, int(unpaid), due.due_on < today, (today - due.due_on).days)
        for due, unpaid in zip(rows, aged.due_unpaid, strict=True)
    ]
