"""Reads CSV, XLSX, Parquet and camt files of any size into batches of text; never loses a row, never raises for bad data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from fairdue.intake.batches import BATCH_ROWS, LIMITS, ROW, WHOLE, Batch, Limits, regrouped
from fairdue.intake.camt import Camt, looks_like_xml, open_camt
from fairdue.intake.columnar import Columnar, open_columnar
from fairdue.intake.delimited import Delimited, open_delimited
from fairdue.intake.problems import Problem, problem
from fairdue.intake.spreadsheets import Spreadsheet, open_spreadsheet

__all__ = ["BATCH_ROWS", "LIMITS", "ROW", "WHOLE", "Batch", "Limits", "Reading", "open_file"]

Format = Literal["csv", "xlsx", "parquet", "camt", "unknown"]

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_FOREIGN = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x7fELF",
    b"MZ\x90",
    b"{\\rtf",
    b"SQLite",
)


@dataclass(slots=True)
class Reading:
    """An opened file. `problems` not empty means: refused, `batches()` yields nothing (or stopped there)."""

    path: Path
    format: Format
    columns: list[str]
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    problems: list[Problem] = field(default_factory=list)
    batch_rows: int = BATCH_ROWS
    source: Delimited | Spreadsheet | Columnar | Camt | None = None

    @property
    def blank_rows(self) -> int:
        """Rows without any content so far: skipped, but they keep their number."""
        return self.source.blank_rows if self.source else 0

    def batches(self) -> Iterator[Batch]:
        """The rows in order, once. A fault met on the way (a torn archive) ends the iteration and is added to
        `problems`: look at `problems` again when the iteration is over."""
        if self.problems or self.source is None:
            return
        rows = 0
        for batch in regrouped(self.source.parts(), rows=self.batch_rows):
            rows += len(batch.frame)
            yield batch
        self.problems += self.source.problems
        if not rows and not self.problems:
            self.problems.append(problem("no_rows", file=self.path.name))


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
    """Open a CSV (also .gz), XLSX, Parquet or camt file, told apart by content. Never raises for its content."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        return Reading(path, "unknown", [], problems=[problem("unreadable_file", file=path.name, found=error.strerror)])
    refused = _refused(head)
    if refused is not None:
        return Reading(path, "unknown", [], problems=[problem(refused, file=path.name)])
    if head.startswith(b"PK"):
        book = open_spreadsheet(path, sheet=sheet, header_row=header_row, limits=limits)
        return _reading(book, "xlsx", batch_rows)
    if head.startswith(b"PAR1"):
        return _reading(open_columnar(path, limits=limits), "parquet", batch_rows)
    if looks_like_xml(head):
        return _reading(open_camt(path, limits=limits), "camt", batch_rows)
    text = open_delimited(path, encoding=encoding, separator=separator, header_row=header_row, limits=limits)
    return _reading(text, "csv", batch_rows)


def _reading(source: Delimited | Spreadsheet | Columnar | Camt, format_: Format, batch_rows: int) -> Reading:
    reading = Reading(source.path, format_, source.columns, batch_rows=batch_rows, source=source)
    if isinstance(source, Delimited):
        reading.encoding, reading.separator = source.encoding, source.separator
    if isinstance(source, Spreadsheet):
        reading.sheet = source.sheet
    reading.problems, source.problems = source.problems, []
    return reading


def _refused(head: bytes) -> str | None:
    if not head:
        return "empty_file"
    if head.startswith(_OLD_OFFICE):
        return "old_excel"
    if head.startswith(_FOREIGN):
        return "not_a_table"
    return None
