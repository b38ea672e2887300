"""Where the rows of a batch ended, as the kinds' loaders report it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

import polars as pl

from fairdue.accounts.models import Creditor
from fairdue.intake.loading.faults import Fault
from fairdue.intake.loading.session import Lines, Session
from fairdue.intake.mapping import Mapping

End = Literal["loaded", "updated", "unchanged", "rejected"]
ENDS: tuple[End, ...] = ("loaded", "updated", "unchanged", "rejected")


@dataclass(frozen=True, slots=True)
class Setting:
    """What every loader needs to know: whose file, how mapped, loaded on which day (the creditor's calendar)."""

    creditor: Creditor
    mapping: Mapping
    today: date
    load_id: int
    name: str

    @property
    def country(self) -> str | None:
        """The country numbers and places are read in."""
        return self.mapping.country or {"cn": "CN", "us": "US"}.get(self.creditor.jurisdiction)


@dataclass(slots=True)
class Ended:
    """Rows that did not end as `loaded`: by row number. `faults`: why rejected."""

    updated: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def ends_of(self, rows: pl.Series) -> pl.Series:
        """The end of each row of `rows` (row numbers)."""
        rejected = [fault.row for fault in self.faults]
        marks = pl.concat(
            pl.DataFrame({"row": pl.Series(numbers, dtype=pl.Int64)}).with_columns(end=pl.lit(end))
            for end, numbers in (("updated", self.updated), ("unchanged", self.unchanged), ("rejected", rejected))
        )
        assert marks["row"].is_unique().all(), "a row ended twice"
        joined = pl.DataFrame({"row": rows}).join(marks, on="row", how="left", maintain_order="left")
        return joined["end"].fill_null("loaded")


@dataclass(slots=True)
class Prepared:
    """A batch ready for the database: rows for temporary tables, rows for the tables themselves (in the order in which
    they go in), and the ends already known."""

    tables: dict[str, pl.DataFrame]
    ended: Ended
    lines: list[tuple[str, Lines]] = field(default_factory=list)


class Loader(Protocol):
    """One kind of file. `prepare` runs beside the `apply` of the batch before; both get batches in the file's order."""

    def prepare(self, good: pl.DataFrame, session: Session) -> Prepared:
        """Turn checked rows into what the database takes. May read, writes nothing."""

    def apply(self, prepared: Prepared, session: Session) -> Ended:
        """Write one batch; where its rows ended."""

    def finish(self, session: Session) -> None:
        """What remains to be done once, after the last batch."""
