"""Statement of account: every cent from the first day to today, from the transfers alone.

How to call::

    told = tell(moves)
    told.lines                       # what happened, with the balance after each line
    told.closing                     # what is owed by component; told.unapplied: paid beyond what was owed
    columns(told)                    # components that ever held money

A move is one transfer. Moves of one payment are one line; what was charged in a month is one line per kind of charge,
with its first and last night. `tell` proves that the lines add up: opening nothing, closing what is owed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any, Final

from fairdue.money.waterfall import COMPONENTS

UNAPPLIED: Final = 6
PLACED, CLEARING, WAIVED, CORRECTION, CHARGED = 20, 21, 22, 23, 24
"""Numbers of the ledger's books outside the components (1 … 5)."""

KINDS: Final = (
    "placed", "before", "payment", "reversal", "refund", "applied", "waived", "waiver_undone", "correction", "interest",
    "penalty", "fees", "restated",
)  # fmt: skip
"""What a line may be."""
_NOTHING: Final = (0,) * len(COMPONENTS)
_CHARGES: Final = {2: "interest", 3: "penalty", 4: "fees"}


@dataclass(frozen=True, slots=True)
class Move:
    """One transfer: cents > 0 from book to book. payment, waiver: their ids, 0 = none. taken_back: it reverses another one.

    restated: written because something was learned late. order: name of the waterfall by which the payment was applied.
    """

    id: int
    on: date
    source: int
    target: int
    cents: int
    payment: int = 0
    payment_kind: str = ""
    reference: str = ""
    order: str = ""
    taken_back: bool = False
    restated: bool = False
    waiver: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line. parts: change of each component; after: each component afterwards; in the order of COMPONENTS.

    unapplied: change of what is kept apart. cents: money that came (or went, below 0), None where none moved.
    first, on: first and last night of a charge; the day, else. base: principal the charge of the first night ran on.
    waiver: id of what was let go or taken back, 0 = none or not known.
    """

    kind: str
    first: date
    on: date
    parts: tuple[int, ...]
    after: tuple[int, ...]
    unapplied: int = 0
    cents: int | None = None
    reference: str = ""
    order: str = ""
    base: int = 0
    waiver: int = 0

    @property
    def total(self) -> int:
        """Change of what is owed."""
        return sum(self.parts)

    @property
    def balance(self) -> int:
        """What is owed afterwards."""
        return sum(self.after)

    @property
    def nights(self) -> int:
        """Nights from the first to the last."""
        return (self.on - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Told:
    """Lines in order; closing: by component; unapplied: kept apart."""

    lines: tuple[Line, ...]
    closing: tuple[int, ...]
    unapplied: int


def tell(moves: Iterable[Move]) -> Told:
    """The statement of one account's moves, in the order given (by day, then as they were applied).

    Money kept apart that covered new debt is booked under the day of its payment; it is told where the debt came up.
    """
    lines: list[Line] = []
    kept = _Kept()
    for kind, group in _groups(moves):
        if kind == "applied":
            kept.moves += [[move, move.cents] for move in group]
        else:
            lines.append(_line(kind, group, lines[-1].after if lines else _NOTHING))
        while kept.moves and lines and (told := kept.cover(lines[-1])):
            lines.append(told)
    for move, left in kept.moves:
        lines.append(_line("applied", [replace(move, cents=left)], lines[-1].after if lines else _NOTHING))
    after = lines[-1].after if lines else _NOTHING
    assert sum(line.total for line in lines) == sum(after), "the lines do not add up to the balance"
    return Told(tuple(lines), after, sum(line.unapplied for line in lines))


class _Kept:
    """Money kept apart that is still to be told: moves to what they covered, with the cents left of each."""

    def __init__(self) -> None:
        self.moves: list[list[Any]] = []

    def cover(self, last: Line) -> Line | None:
        """The line of the first payment whose money covers what is owed after `last`; None when none does."""
        owed = list(last.after)
        taken: list[Move] = []
        for entry in self.moves:
            move, left = entry
            if taken and move.payment != taken[0].payment:
                break
            if (cents := min(left, owed[move.source - 1])) > 0:
                owed[move.source - 1] -= cents
                entry[1] -= cents
                taken.append(replace(move, on=max(move.on, last.on), cents=cents))
        self.moves = [entry for entry in self.moves if entry[1]]
        return _line("applied", taken, last.after) if taken else None


def _line(kind: str, group: Sequence[Move], before: Sequence[int]) -> Line:
    """One line of a group of moves."""
    parts, kept = [0] * len(COMPONENTS), 0
    for move in group:
        for book, cents in ((move.target, move.cents), (move.source, -move.cents)):
            if book <= len(COMPONENTS):
                parts[book - 1] += cents
            elif book == UNAPPLIED:
                kept -= cents
    after = tuple(have + change for have, change in zip(before, parts, strict=True))
    first = group[0]
    return Line(
        kind, first.on, group[-1].on, tuple(parts), after, kept, _money(kind, group), first.reference, first.order,
        before[0], first.waiver,
    )  # fmt: skip


def columns(told: Told) -> tuple[int, ...]:
    """Places of the components that ever held money; the principal at least."""
    used = tuple(i for i in range(len(COMPONENTS)) if any(line.parts[i] for line in told.lines))
    return used or (0,)


def kind_of(move: Move) -> str:
    """What a move is, one of KINDS."""
    ends = {move.source, move.target}
    if move.restated and move.taken_back:
        return "restated"
    if CHARGED in ends:
        return _CHARGES[move.target if move.source == CHARGED else move.source]
    if move.payment_kind == "reversal":
        return "reversal"
    if move.payment_kind == "refund":
        return "refund"
    if CLEARING in ends:
        return "before" if PLACED in ends else "payment"
    if WAIVED in ends:
        return "waived" if move.target == WAIVED else "waiver_undone"
    if CORRECTION in ends:
        return "correction"
    return "placed" if PLACED in ends else "applied"


def _groups(moves: Iterable[Move]) -> Iterator[tuple[str, list[Move]]]:
    """Moves that make one line."""

    def line(move: Move) -> tuple[str, int, date, int, int]:
        kind = kind_of(move)
        if kind in _CHARGES.values():
            return "charge", 0, move.on.replace(day=1), 0, 0
        return kind, move.payment, move.on, move.id if kind == "restated" else 0, move.waiver

    for (kind, *_), found in groupby(moves, key=line):
        group = list(found)
        if kind != "charge":
            yield kind, group
            continue
        for each in _CHARGES.values():
            if own := [move for move in group if kind_of(move) == each]:
                yield each, own


def _money(kind: str, group: Sequence[Move]) -> int | None:
    """Money that came in (above 0) or went back."""
    if kind not in {"payment", "reversal", "refund", "before"}:
        return None
    return sum((move.target == CLEARING) * move.cents - (move.source == CLEARING) * move.cents for move in group)
