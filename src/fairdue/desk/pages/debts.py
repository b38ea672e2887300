"""Every account of a case with its arithmetic: what was placed, what came in, what is left, and which dues are open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _

from fairdue.accounts.models import COMPONENTS, Account, Ageing, Balance, Incoming, Payment, Schedule
from fairdue.accounts.queries import moves_of
from fairdue.accounts.services import LIMITATION_CITES
from fairdue.accounts.statement import KINDS
from fairdue.desk import writing
from fairdue.desk.pages import incoming
from fairdue.journal.models import Entry
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
    """One account: the row itself, its balance and ageing, and how they come about. by_plan: `dues` are those of a plan; moved: of a
    grace. waiting: payments and refunds by hand that nobody has confirmed yet."""

    account: Account
    balance: Balance
    ageing: Ageing | None
    lines: list[Line]
    dues: list[DueLine]
    proof: list[tuple[str, bool]]
    currency: str
    by_plan: bool = False
    moved: bool = False
    limitation: str = ""
    waiting: tuple[Incoming, ...] = ()

    @cached_property
    def components(self) -> list[tuple[str, int]]:
        """(name, minor units) of what is owed now."""
        b = self.balance
        values = (b.principal, b.interest, b.penalty, b.fees, b.costs)
        return [(str(book.label), cents) for book, cents in zip(COMPONENTS, values, strict=True)]

    @cached_property
    def columns(self) -> list[tuple[int, str]]:
        """(place, name) of the components that ever held money."""
        used = [i for i in range(len(COMPONENTS)) if any(line.parts[i] for line in self.lines) or self.components[i][1]]
        return [(i, str(COMPONENTS[i].label)) for i in used or [0]]

    @property
    def table(self) -> list[tuple[Line, list[tuple[str, int]]]]:
        """The lines with only the columns in use: (name of the column, cents)."""
        return [(line, [(name, line.parts[i]) for i, name in self.columns]) for line in self.lines]

    @property
    def sums(self) -> list[tuple[str, int]]:
        """What is owed by the columns in use: (name of the column, cents)."""
        return [(name, self.components[i][1]) for i, name in self.columns]

    @property
    def adds_up(self) -> bool:
        """Whether the lines explain the balance to the cent."""
        return sum(line.total for line in self.lines) == self.balance.total

    @cached_property
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
    """The accounts of a case, open and most overdue first. Six queries, whatever the number of accounts."""
    accounts = list(
        Account.objects.filter(debtor_id=person_id, creditor_id=creditor_id)
        .select_related("balance", "ageing", "placement")
        .prefetch_related("dues")
        .order_by("pk")
    )
    moves = moves_of(accounts)
    plans = {plan.account_id: plan for plan in _standing(accounts, today)}
    debts = [_debt(account, _lines(moves[account.pk]), payments, today, plans.get(account.pk)) for account in accounts]
    why = _restarted(accounts)
    waiting = incoming.waiting(account.pk for account in accounts)
    debts = [
        replace(
            debt, limitation=why.get(debt.account.pk, ""),
            waiting=tuple(one for one in waiting if one.account_id == debt.account.pk),
        )
        for debt in debts
    ]  # fmt: skip
    return sorted(
        debts, key=lambda d: (d.account.status != "open", -(d.ageing.past_due if d.ageing else 0), d.account.pk)
    )


def _restarted(accounts: Sequence[Account]) -> dict[int, str]:
    """Why the limitation period of an account runs anew: account id → the latest act that moved it, in words."""
    entries = Entry.objects.filter(
        verb="limitation.restarted", subject="account", subject_id__in=[account.pk for account in accounts]
    ).order_by("pk")
    cites = {LIMITATION_CITES["en"]: LIMITATION_CITES["zh" if writing.chinese() else "en"]}
    return {
        entry.subject_id: _(
            "%(was)s until the plan of %(day)s was agreed: an agreement starts the period anew (%(source)s)"
        )
        % {
            "was": writing.day(date.fromisoformat(entry.data["was"])),
            "day": writing.day(date.fromisoformat(entry.data["on"])),
            "source": cites.get(entry.data["source"], entry.data["source"]),
        }
        for entry in entries
        if entry.subject_id is not None
    }


def _standing(accounts: Sequence[Account], today: date) -> Iterable[Schedule]:
    """The plans whose dues stand in for the original ones today."""
    lasts = Q(ends_on=None) | Q(ends_on__gt=today)
    return Schedule.objects.filter(lasts, account__in=accounts, replaced_at=None, starts_on__lte=today)


def _debt(account: Account, lines: list[Line], payments: Iterable[Payment], today: date, plan: Schedule | None) -> Debt:
    return Debt(
        account=account,
        balance=_of(account, "balance") or Balance(account=account),
        ageing=_of(account, "ageing"),
        lines=lines,
        dues=_dues(account, _came((p for p in payments if p.account_id == account.pk), lines, today), today, plan),
        proof=[
            (_("Contract"), account.has_contract),
            (_("Identity"), account.has_identity),
            (_("Chain of title"), account.has_chain),
            (_("Statement"), account.has_statement),
            (_("Payments"), account.has_payments),
        ],
        currency=account.currency,
        by_plan=plan is not None and plan.plan > 0,
        moved=plan is not None and plan.plan < 0,
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


def _dues(account: Account, came: int, today: date, plan: Schedule | None) -> list[DueLine]:
    """Each due with its unpaid part, oldest first, by the same arithmetic as the night (money.ageing).

    Under a plan its dues, covered by what `came` (paid or let go) beyond the plan's start.
    """
    if plan:
        rows = [(n, *due) for n, due in enumerate(zip(plan.due_days, plan.due_cents, strict=True), 1)]
    else:
        rows = sorted(((due.n, due.due_on, due.cents) for due in account.dues.all()), key=lambda row: (row[1], row[0]))
    if not rows:
        return []
    paid = np.array([max(came - (plan.base if plan else 0), 0)], np.int64)
    due_on = np.array([day_of(on) for _, on, _ in rows], np.int32)
    dues = ageing.Dues(np.zeros(len(rows), np.int32), due_on, np.array([cents for *_, cents in rows], np.int64))
    aged = ageing.age(dues, paid, as_of=day_of(today))
    return [
        DueLine(n, on, cents, int(unpaid), on < today, (today - on).days)
        for (n, on, cents), unpaid in zip(rows, aged.due_unpaid, strict=True)
    ]


def _came(payments: Iterable[Payment], lines: Sequence[Line], today: date) -> int:
    """What was paid and let go by today, less what went back or was charged since the placing."""
    paid = sum(p.cents if p.kind == Payment.Kind.PAYMENT else -p.cents for p in payments if p.happened_on <= today)
    return paid - charged_in(lines)
