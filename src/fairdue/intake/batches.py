"""What every reader yields, and what a file may demand of us."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from fairdue.intake.problems import Problem, RowError, problem

ROW = "__row__"
"""Column of every batch: the row number as a spreadsheet shows it (header = 1, first data row = 2), Int64."""
WHOLE = "__whole__"
"""Column of every batch: the row as it came, where it did not fit the header's columns; null in rows that fit."""
BATCH_ROWS = 25_000
NUL_SHOWN = "␀"
"""What a NUL character is shown as: neither a database nor a spreadsheet can hold the real one."""


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
    ratio_counts_from_bytes: int = 64 << 20  # below this a high ratio costs nothing
    cells_max: int = 16_000_000


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Batch:
    """At most BATCH_ROWS rows as they stand in the file. `frame`: ROW, every column of the file as String, WHOLE.

    Rows that could not be split into the header's columns are in `frame` too (padded), and named in `errors`:
    len(frame) over all batches is the number of rows read.
    """

    frame: pl.DataFrame
    errors: list[RowError]


def header_names(cells: Sequence[str | None], *, file: str, limits: Limits) -> tuple[list[str], list[Problem]]:
    """Column names from the header's cells, and what is wrong with them. Blank headers are named by their place."""
    names = [" ".join((cell or "").split()) for cell in cells]
    while len(names) > 1 and not names[-1]:
        names.pop()
    named = [name or f"(column {place})" for place, name in enumerate(names, 1)]
    if not any(names):
        return named, [problem("header_missing", file=file, wanted=1)]
    if len(named) > limits.columns_max:
        return named, [problem("too_many_columns", file=file, found=str(len(named)), limit=limits.columns_max)]
    seen: set[str] = {ROW, WHOLE}
    twice = [name for name in named if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    return named, [problem("duplicate_header", file=file, found=name) for name in dict.fromkeys(twice)]


def regrouped(parts: Iterable[tuple[pl.DataFrame, list[RowError]]], *, rows: int) -> Iterator[Batch]:
    """Batches of `rows` rows from parts of any size, in order, each row error with its row."""
    frames: list[pl.DataFrame] = []
    errors: list[RowError] = []
    held = 0
    for frame, faults in parts:
        frames.append(frame)
        errors += faults
        held += len(frame)
        while held >= rows:
            whole = pl.concat(frames)
            yield _cut(whole.head(rows), errors)
            rest = whole.slice(rows)
            first = rest[ROW][0] if len(rest) else None
            errors = [error for error in errors if first is not None and error.row >= first]
            frames, held = ([rest], len(rest)) if len(rest) else ([], 0)
    if held:
        yield _cut(pl.concat(frames), errors)


def _cut(frame: pl.DataFrame, errors: list[RowError]) -> Batch:
    last = frame[ROW][-1]
    return Batch(frame.rechunk(), [error for error in errors if error.row <= last])
