"""XLSX through python-calamine, after looking at the archive: what it would unpack to, and how far its cells reach."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import python_calamine as calamine

from fairdue.intake.batches import BATCH_ROWS, LIMITS, NUL_SHOWN, ROW, WHOLE, Limits, header_names
from fairdue.intake.problems import Problem, RowError, problem, row_error

BLOCK_BYTES = 1 << 20
COLUMNS_MAX = 16_384
"""What a sheet can have; also the bound for cells that do not say where they are."""
# A name may stand as r="B7", r = 'B7'; cells without one take the next place in their row.
_LETTERS = re.compile(rb"""r\s*=\s*["']([A-Z]{1,3})[0-9]""")
_DIGITS = re.compile(rb"""r\s*=\s*["'][A-Z]{0,3}([0-9]{1,7})["']""")
_CELLS = (b"<c ", b"<c>", b"<c/", b":c ", b":c>", b":c/", b"<c\t", b"<c\n", b"<c\r")


@dataclass(slots=True)
class Spreadsheet:
    """One sheet of an opened workbook."""

    path: Path
    sheet: str
    header_row: int
    limits: Limits
    columns: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    blank_rows: int = 0
    found: Any = None  # the sheet as calamine holds it

    def parts(self) -> Iterator[tuple[pl.DataFrame, list[RowError]]]:
        """Frames with the row errors of their rows, in order."""
        rows = 0
        table: list[list[Any]] = []
        try:
            for number, cells in self._rows():
                if number <= self.header_row:
                    continue
                if not any(cell is not None for cell in cells):
                    self.blank_rows += 1
                    continue
                table.append([number, *cells])
                rows += 1
                if len(table) >= BATCH_ROWS:
                    yield self._frame(table)
                    table = []
        except BaseException as error:
            if not _is_fault_of_file(error):
                raise
            self.problems.append(problem("damaged", file=self.path.name, found=str(error), rows=rows))
        if table:
            yield self._frame(table)

    def _rows(self) -> Iterator[tuple[int, list[str | None]]]:
        if self.found.start is None:
            return
        # iter_rows counts from the sheet's first row, but from the first column that holds anything.
        before: list[str | None] = [None] * self.found.start[1]
        for number, cells in enumerate(self.found.iter_rows(), 1):
            yield number, before + [_text(cell) for cell in cells]

    def _frame(self, table: list[list[Any]]) -> tuple[pl.DataFrame, list[RowError]]:
        width = len(self.columns)
        errors: list[RowError] = []
        limit = self.limits.field_chars_max
        for cells in table:
            whole = "\t".join(cell or "" for cell in cells[1:]).rstrip("\t")
            fits = True
            if any(cell is not None and len(cell) > limit for cell in cells[1:]):
                errors.append(row_error("too_long", row=cells[0], limit=limit))
                fits = False
                cells[1:] = [cell[:limit] if cell is not None else None for cell in cells[1:]]
            if any(cell is not None and NUL_SHOWN in cell for cell in cells[1:]):
                errors.append(row_error("nul", row=cells[0]))
            beyond = [cell for cell in cells[width + 1 :] if cell is not None]
            if beyond:
                filled = max(place for place, cell in enumerate(cells) if cell is not None)
                errors.append(row_error("too_many_fields", row=cells[0], found=beyond[0], fields=filled, columns=width))
                fits = False
            cells[width + 1 :] = [None] * (width + 1 - len(cells)) + [None if fits else whole]
        schema = {ROW: pl.Int64} | dict.fromkeys([*self.columns, WHOLE], pl.String)
        return pl.DataFrame(table, schema=schema, orient="row"), errors


def open_spreadsheet(path: Path, *, sheet: str | None, header_row: int, limits: Limits = LIMITS) -> Spreadsheet:
    """Open one sheet (the first by default) and read its header. Never raises for the content."""
    opened = Spreadsheet(path, sheet or "", header_row, limits)
    opened.problems += _archive_faults(path, limits)
    if opened.problems:
        return opened
    try:
        with path.open("rb") as file:
            workbook = calamine.load_workbook(file)
        names = workbook.sheet_names
        if not names or (sheet is not None and sheet not in names):
            there = ", ".join(names) or "-"
            opened.problems.append(problem("sheet_missing", file=path.name, found=sheet or "", there=there))
            return opened
        opened.sheet = sheet or names[0]
        opened.found = workbook.get_sheet_by_name(opened.sheet)
        header = next((cells for number, cells in opened._rows() if number == header_row), None)
    except BaseException as error:
        if not _is_fault_of_file(error):
            raise
        opened.problems.append(problem("damaged", file=path.name, found=str(error), rows=0))
        return opened
    if header is None or not any(header):
        empty = opened.found.start is None
        opened.problems.append(
            problem("empty_file", file=path.name)
            if empty
            else problem("header_missing", file=path.name, wanted=header_row)
        )
        return opened
    opened.columns, faults = header_names(header, file=path.name, limits=limits)
    opened.problems += faults
    return opened


def _is_fault_of_file(error: BaseException) -> bool:
    """A Rust panic arrives as PanicException, outside Exception; an interrupt of ours must pass."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _archive_faults(path: Path, limits: Limits) -> list[Problem]:
    """What speaks against unpacking: size, ratio, a far cell that makes calamine allocate the whole plane."""
    too_large = [problem("too_large_unpacked", file=path.name, limit=limits.unpacked_bytes_max >> 20)]
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if not any(entry.filename == "xl/workbook.xml" for entry in entries):
                return [problem("not_a_table", file=path.name)]
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > limits.unpacked_bytes_max or _implausible(unpacked, path.stat().st_size, limits):
                return too_large
            for entry in entries:
                cells = _reach(archive, entry, limits)
                if cells > limits.cells_max:
                    return [problem("too_many_cells", file=path.name, cells=f"{cells:,}")]
    except OverflowError:
        return too_large
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        return [problem("damaged", file=path.name, found=str(error), rows=0)]
    return []


def _implausible(unpacked: int, packed: int, limits: Limits) -> bool:
    return unpacked > limits.ratio_counts_from_bytes and unpacked > packed * limits.ratio_max


def _reach(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> int:
    """Cells of the rectangle from A1 to the farthest row and column named in an entry.

    Raises OverflowError when it unpacks to more than allowed: the sizes in the archive's directory may lie.
    """
    row = column = 1
    total = nameless = 0
    tail = b""
    with archive.open(entry) as stream:
        while block := stream.read(BLOCK_BYTES):
            total += len(block)
            if total > limits.unpacked_bytes_max:
                raise OverflowError
            seam = tail + block
            letters = _LETTERS.findall(seam)
            column = max([column, *map(_column, set(letters))])
            row = max([row, *map(int, set(_DIGITS.findall(seam)))])
            nameless += sum(map(block.count, _CELLS)) - len(letters)
            tail = block[-64:]
    return row * max(column, min(nameless, COLUMNS_MAX))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: Any) -> str | None:
    """A cell as text: whole numbers without a point, dates as ISO, numbers with the 15 digits a spreadsheet keeps."""
    if isinstance(cell, str):
        return (cell.replace("\0", NUL_SHOWN) if "\0" in cell else cell) or None
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        midnight = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
