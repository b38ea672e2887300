"""From text as it stands in a file to typed canonical columns; what does not pass goes back with a reason."""

from dataclasses import dataclass, field

import polars as pl

from fairdue.intake.mapping import Mapping
from fairdue.intake.problems import Language, RowError
from fairdue.intake.reading import Batch


@dataclass(slots=True)
class Totals:
    """What was read, and where it went. rows_read = rows_good + rows_rejected, and per money field and currency
    money_read = money_good + money_rejected (minor units). Amounts nobody can read are counted in `unreadable`."""

    rows_read: int = 0
    rows_good: int = 0
    rows_rejected: int = 0
    money_read: dict[tuple[str, str], int] = field(default_factory=dict)  # (field, currency) → minor units
    money_good: dict[tuple[str, str], int] = field(default_factory=dict)
    money_rejected: dict[tuple[str, str], int] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)  # field → cells

    def add(self, other: "Totals") -> None:
        """Add another batch's totals to these."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Checked:
    """One batch after checking: every row of the batch is in exactly one of `good` and `rejected`.

    good: `row` (Int64) and every canonical column of the kind (fields.schema(kind)), null where the creditor gives none.
    rejected: the original columns as read, `row`, `error` (all faults of the row in words).
    errors: every fault, row by row. warnings: faults that were mended by leaving the cell empty (`if_bad: blank`).
    """

    good: pl.DataFrame
    errors: list[RowError]
    rejected: pl.DataFrame
    warnings: list[RowError]
    totals: Totals


class Checker:
    """Checks the batches of ONE file in order; remembers the keys seen, so duplicates are found across batches."""

    totals: Totals

    def __init__(self, mapping: Mapping, *, language: Language = "en") -> None:
        raise NotImplementedError

    def check(self, batch: Batch) -> Checked:
        """Check one batch. Raises nothing for bad data."""
        raise NotImplementedError


def check(batch: Batch, mapping: Mapping, *, language: Language = "en") -> Checked:
    """Check a single batch by itself (previews, small files): Checker(mapping).check(batch)."""
    return Checker(mapping, language=language).check(batch)
