"""Parquet through Arrow: every column becomes text again, so that one set of checks serves every format."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fairdue.intake.batches import BATCH_ROWS, LIMITS, NUL_SHOWN, ROW, WHOLE, Limits, header_names
from fairdue.intake.problems import Problem, RowError, problem, row_error

ROW_GROUP_BYTES_MAX = 1 << 30


@dataclass(slots=True)
class Columnar:
    """An opened Parquet file."""

    path: Path
    limits: Limits
    columns: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    blank_rows: int = 0

    def parts(self) -> Iterator[tuple[pl.DataFrame, list[RowError]]]:
        """Frames with the row errors of their rows, in order."""
        rows = 0
        try:
            with _parquet(self.path) as file:
                for batch in file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                    batch.validate(full=True)
                    frame = _as_text(batch, self.columns)
                    numbered = frame.insert_column(
                        0, pl.int_range(rows + 2, rows + 2 + len(frame), eager=True).alias(ROW)
                    )
                    rows += len(frame)
                    yield self._checked(numbered.with_columns(pl.lit(None, pl.String).alias(WHOLE)))
        except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError, MemoryError) as error:
            self.problems.append(problem("damaged", file=self.path.name, found=str(error), rows=rows))

    def _checked(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[RowError]]:
        texts = pl.exclude(ROW)
        filled = frame.select(pl.any_horizontal(texts.str.len_bytes() > 0)).to_series().fill_null(False)
        self.blank_rows += int((~filled).sum())
        frame = frame.filter(filled)
        limit = self.limits.field_chars_max
        long = frame.select(pl.any_horizontal(texts.str.len_chars() > limit)).to_series().fill_null(False)
        nul = frame.select(pl.any_horizontal(texts.str.contains("\0", literal=True))).to_series().fill_null(False)
        errors = [row_error("too_long", row=row, limit=limit) for row in frame[ROW].filter(long)]
        errors += [row_error("nul", row=row) for row in frame[ROW].filter(nul)]
        if long.any():
            frame = frame.with_columns(texts.str.slice(0, limit))
        if nul.any():
            frame = frame.with_columns(texts.str.replace_all("\0", NUL_SHOWN, literal=True))
        return frame, errors


def open_columnar(path: Path, *, limits: Limits = LIMITS) -> Columnar:
    """Open a Parquet file and look at its footer. Never raises for the content."""
    opened = Columnar(path, limits)
    try:
        with _parquet(path) as file:
            schema, facts = file.schema_arrow, file.metadata
            groups = [facts.row_group(place).total_byte_size for place in range(facts.num_row_groups)]
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        opened.problems.append(problem("damaged", file=path.name, found=str(error), rows=0))
        return opened
    opened.columns, faults = header_names(schema.names or [""], file=path.name, limits=limits)
    opened.problems += faults
    for column in schema:
        if pa.types.is_nested(column.type):
            opened.problems.append(problem("nested_column", file=path.name, found=column.name))
    if facts.num_rows > limits.rows_max:
        opened.problems.append(problem("too_many_rows", file=path.name, limit=limits.rows_max))
    if facts.num_rows == 0 and not opened.problems:
        opened.problems.append(problem("no_rows", file=path.name))
    largest = max([0, *groups])
    if largest > ROW_GROUP_BYTES_MAX or sum(groups) > max(
        limits.ratio_counts_from_bytes, path.stat().st_size * limits.ratio_max
    ):
        opened.problems.append(problem("too_large_unpacked", file=path.name, limit=ROW_GROUP_BYTES_MAX >> 20))
    return opened


def _parquet(path: Path) -> pq.ParquetFile:
    return pq.ParquetFile(path, thrift_string_size_limit=1 << 24, thrift_container_size_limit=1 << 20, pre_buffer=False)


def _as_text(batch: pa.RecordBatch, columns: list[str]) -> pl.DataFrame:
    arrays = [_column(array) for array in batch.columns]
    frame = pl.from_arrow(pa.table(dict(zip(columns, arrays, strict=True))))
    assert isinstance(frame, pl.DataFrame)
    return frame.select(_text(name, dtype) for name, dtype in frame.schema.items())


def _column(array: pa.Array) -> pa.Array:
    """Dictionaries unpacked, bytes read as UTF-8 (what is not becomes the replacement character), decimals as text."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_decimal(array.type):
        return pc.cast(array, pa.string())
    if (
        pa.types.is_binary(array.type)
        or pa.types.is_large_binary(array.type)
        or pa.types.is_fixed_size_binary(array.type)
    ):
        return pa.array(
            [None if each is None else each.decode("utf-8", "replace") for each in array.to_pylist()], pa.string()
        )
    return array


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.String:
        text = column
    elif dtype.is_float():
        # Fifteen digits, as spreadsheets keep: 0.1 + 0.2 written by a float column still reads 0.3.
        text = column.cast(pl.Float64).round_sig_figs(15).cast(pl.String).str.replace(r"\.0$", "")
    elif dtype == pl.Datetime:
        aware = getattr(dtype, "time_zone", None) is not None
        whole = column.dt.convert_time_zone("UTC") if aware else column
        written = whole.dt.strftime("%Y-%m-%d %H:%M:%S")
        text = written + "+0000" if aware else written.str.replace(r" 00:00:00$", "")
    else:
        text = column.cast(pl.String)
    return text.alias(name)
