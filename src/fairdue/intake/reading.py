"""Reads CSV, XLSX and Parquet files of any size into batches of text, never losing a row and never raising for bad data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from fairdue.intake.problems import Problem, RowError

ROW = "__row__"
"""Column of every batch: the row number as a spreadsheet shows it (header = 1, first data row = 2), Int64."""
EXTRA = "__extra__"
"""Column of every batch: fields beyond the header, joined by the separator; null in rows that fit."""
BATCH_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may demand of us. Beyond it the file (or the row) is refused with a sentence, not attempted."""

    rows_max: int = 50_000_000
    columns_max: int = 1_000
    field_chars_max: int = 32_767  # what a spreadsheet cell can hold
    line_bytes_max: int = 1 << 20
    quoted_lines_max: int = 20
    unpacked_bytes_max: int = 1 << 30
    ratio_max: int = 200
    cells_max: int = 12_000_000


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Batch:
    """At most 50,000 rows as they stand in the file. `frame`: ROW, every column of the file as String, EXTRA.

    Rows that could not be split into the header's columns are in `frame` too (padded), and named in `errors`:
    len(frame) over all batches is the number of rows read.
    """

    frame: pl.DataFrame
    errors: list[RowError]


@dataclass(slots=True)
class Reading:
    """An opened file. `problems` not empty means: refused, `batches()` yields nothing (or stopped there)."""

    path: Path
    format: Literal["csv", "xlsx", "parquet", "unknown"]
    columns: list[str]
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    problems: list[Problem] = field(default_factory=list)

    def batches(self) -> Iterator[Batch]:
        """The rows in order. A fault met on the way (a torn archive) ends the iteration and is added to `problems`:
        look at `problems` again when the iteration is over."""
        raise NotImplementedError


def open_file(
    path: Path,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    sheet: str | None = None,
    header_row: int = 1,
    limits: Limits = LIMITS,
    batch_rows: int = BATCH_ROWS,
) -> Reading:
    """Open a CSV (also .gz), XLSX or Parquet file, told apart by content, not by name. Never raises for its content."""
    raise NotImplementedError
