"""CSV as it really arrives: any encoding, any separator, stray quotes, ragged rows, lines without end.

The file is cut into pieces of a few megabytes. Where a piece is well formed (checked on its bytes with NumPy: quotes
open and close where they may, every record has the header's number of fields) Polars parses it; records that do not
fit are parsed one by one; a piece with stray quotes is grouped line by line. Every line ends in exactly one record.
"""

import codecs
import csv
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl

from fairdue.intake.batches import LIMITS, NUL_SHOWN, ROW, WHOLE, Limits, header_names
from fairdue.intake.problems import Problem, RowError, problem, row_error

PIECE_BYTES = 8 << 20
SAMPLE_BYTES = 1 << 20
SEPARATORS = ",\t;|"
ROW_FIELDS_MIN = 4
"""From so many columns on, a line inside quotes with exactly as many fields is taken for a row behind a stray quote."""
_QUOTE, _LF, _CR = 34, 10, 13

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Places = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(slots=True)
class Delimited:
    """An opened CSV file: what was found out about it, and the state of reading it."""

    path: Path
    encoding: str
    separator: str
    columns: list[str]
    header_row: int
    limits: Limits
    problems: list[Problem] = field(default_factory=list)
    blank_rows: int = 0
    head_lines: int = 1  # lines up to and including the header
    packed: bool = False  # gzip
    old_mac: bool = False  # lines end in a carriage return alone
    rows_seen: int = 0  # records so far, header and blank ones included
    overlong: bool = False  # inside a line already given up: the rest of it is passed over
    had_nul: bool = False

    def parts(self) -> Iterator[tuple[pl.DataFrame, list[RowError]]]:
        """Frames with the row errors of their rows, in order; ends early, with a problem, where the file is torn."""
        carry = b""
        skip = self.head_lines
        for piece, last in self._pieces():
            data = carry + piece
            if self.overlong:
                data = data.partition(b"\n")[2]
                self.overlong = not data and not piece.endswith(b"\n")
            if skip:
                data, skip = _without_lines(data, skip, last)
                if skip:
                    carry = data
                    continue
                self.rows_seen = self.header_row
            if not data:
                carry = b""
                continue
            frame, errors, carry = self._split(data, last)
            if self.rows_seen > self.limits.rows_max:
                self.problems.append(problem("too_many_rows", file=self.path.name, limit=self.limits.rows_max))
                return
            if len(frame):
                yield frame, errors

    def _pieces(self) -> Iterator[tuple[bytes, bool]]:
        """The file as UTF-8, cut anywhere; the flag marks the last piece, which is given even if empty."""
        read = 0
        try:
            with _opened(self.path, packed=self.packed) as file:
                decoder = codecs.getincrementaldecoder(self.encoding)(errors="replace")
                while block := file.read(PIECE_BYTES):
                    read += len(block)
                    if self._is_bomb(read):
                        return
                    yield self._plain(decoder.decode(block)), False
                yield self._plain(decoder.decode(b"", final=True)), True
        except (OSError, EOFError, gzip.BadGzipFile, ValueError, ArithmeticError) as error:
            self.problems.append(
                problem("damaged", file=self.path.name, found=str(error), rows=max(self.rows_seen - self.header_row, 0))
            )
            yield b"", True

    def _plain(self, text: str) -> bytes:
        text = text.replace("\0", NUL_SHOWN)
        self.had_nul = self.had_nul or NUL_SHOWN in text  # also as we showed it in a file that we gave back
        return (text.replace("\r", "\n") if self.old_mac else text).encode("utf-8", "replace")

    def _is_bomb(self, read: int) -> bool:
        packed = self.path.stat().st_size
        if read <= self.limits.ratio_counts_from_bytes or read <= packed * self.limits.ratio_max:
            return False
        self.problems.append(
            problem("too_large_unpacked", file=self.path.name, limit=self.limits.unpacked_bytes_max >> 20)
        )
        return True

    def _split(self, data: bytes, last: bool) -> tuple[pl.DataFrame, list[RowError], bytes]:
        """Records of `data`, and the tail that is not a whole record yet."""
        if last and data and not data.endswith(b"\n"):
            data += b"\n"
        layout = _layout(data, self.separator, len(self.columns), self.limits)
        if layout is None or (last and layout.end < len(data)):
            return self._by_lines(data, last)
        if layout.end < len(data) - self.limits.line_bytes_max:
            return self._by_lines(data, last)  # a quote that never closes, or a line without end
        frame, errors = self._by_layout(data, layout)
        return frame, errors, data[layout.end :]

    def _by_layout(self, data: bytes, layout: "_Layout") -> tuple[pl.DataFrame, list[RowError]]:
        rows = self.rows_seen + 1 + np.arange(len(layout.starts), dtype=np.int64)
        self.rows_seen += len(rows)
        clean = ~layout.blank & (layout.fields == len(self.columns)) & (layout.lengths <= self.limits.field_chars_max)
        if clean.all():
            body = data[: layout.end]
        else:
            whole = np.frombuffer(data, dtype=np.uint8)[: layout.end]
            body = whole[np.repeat(clean, layout.lengths)].tobytes()
        frame = self._parsed(body)
        if len(frame) != int(clean.sum()):  # Polars and we disagree about this piece: trust neither, go line by line
            self.rows_seen -= len(rows)
            frame, errors, _ = self._by_lines(data[: layout.end], True)
            return frame, errors
        frame = frame.insert_column(0, pl.Series(ROW, rows[clean]))
        odd = np.flatnonzero(~clean & ~layout.blank)
        self.blank_rows += int(layout.blank.sum())
        records = [
            (int(rows[i]), data[layout.starts[i] : layout.starts[i] + layout.lengths[i]].rstrip(b"\r\n").decode())
            for i in odd
        ]
        more, errors = self._records(records) if records else (frame.clear(), [])
        if records:
            frame = pl.concat([frame, more]).sort(ROW) if len(frame) else more
        # Three bytes a field at most: nothing but separators and empty quotes.
        hollow = bool((layout.lengths[clean] <= 3 * len(self.columns) + 2).any()) or bool(records)
        return self._finished(frame, errors) if hollow or self.had_nul else (frame, errors)

    def _by_lines(self, data: bytes, last: bool) -> tuple[pl.DataFrame, list[RowError], bytes]:
        """Group lines into records the patient way; a record that cannot be made whole is one faulty line."""
        cut = data.rfind(b"\n") + 1
        lines = data[:cut].decode().split("\n")[:-1]
        tail = data[cut:]
        if len(tail) > self.limits.line_bytes_max:
            lines.append(tail.decode("utf-8", "replace"))
            tail, self.overlong = b"", True
        records: list[tuple[int, str]] = []
        place = 0
        while place < len(lines):
            taken = _taken(lines, place, self.separator, len(self.columns), self.limits)
            if taken is None:
                if not last and len(lines) - place <= self.limits.quoted_lines_max:
                    tail = "\n".join(lines[place:]).encode() + b"\n" + tail
                    break
                taken = 1
            self.rows_seen += 1
            record = "\n".join(lines[place : place + taken]).rstrip("\r")
            if record.strip():
                records.append((self.rows_seen, record))
            else:
                self.blank_rows += 1
            place += taken
        frame, errors = self._finished(*self._records(records))
        return frame, errors, tail

    def _records(self, records: list[tuple[int, str]]) -> tuple[pl.DataFrame, list[RowError]]:
        """A frame of records parsed one by one, cells padded or cut where they do not fit (WHOLE has all), with their errors."""
        errors: list[RowError] = []
        table: list[list[str | None]] = []
        width = len(self.columns)
        for row, record in records:
            cells, fault = _cells(record, self.separator, width, self.limits)
            if fault is not None:
                errors.append(row_error(fault[0], row=row, found=record, **fault[1]))
            table.append([*cells[:width], *[None] * (width - len(cells)), record if fault is not None else None])
        schema = dict.fromkeys([*self.columns, WHOLE], pl.String)
        frame = pl.DataFrame(table, schema=schema, orient="row")
        return frame.insert_column(0, pl.Series(ROW, [row for row, _ in records], dtype=pl.Int64)), errors

    def _parsed(self, body: bytes) -> pl.DataFrame:
        schema = dict.fromkeys(self.columns, pl.String)
        if not body:
            return pl.DataFrame(schema=schema | {WHOLE: pl.String})
        try:
            frame = pl.read_csv(
                body,
                has_header=False,
                separator=self.separator,
                schema=schema,
                infer_schema=False,
                empty_string_is_null=True,
            )
        except (pl.exceptions.PolarsError, ValueError):
            return pl.DataFrame(schema=schema | {WHOLE: pl.String})
        fits = pl.Series(WHOLE, [None], dtype=pl.String).new_from_index(0, len(frame)) if len(frame) else None
        return frame.insert_column(len(self.columns), fits if fits is not None else pl.Series(WHOLE, [], pl.String))

    def _finished(self, frame: pl.DataFrame, errors: list[RowError]) -> tuple[pl.DataFrame, list[RowError]]:
        """Without rows of nothing but separators; rows that held NULs are named."""
        if not len(frame):
            return frame, errors
        filled = frame.select(pl.any_horizontal(pl.exclude(ROW).str.len_bytes() > 0)).to_series().fill_null(False)
        named = {error.row for error in errors}
        if not filled.all():
            filled = filled | frame[ROW].is_in(list(named))
            self.blank_rows += int((~filled).sum())
            frame = frame.filter(filled)
        if self.had_nul and len(frame):
            nul = frame.select(pl.any_horizontal(pl.exclude(ROW).str.contains(NUL_SHOWN, literal=True)))
            held = frame[ROW].filter(nul.to_series().fill_null(False)).to_list()
            errors = errors + [row_error("nul", row=row) for row in held if row not in named]
        return frame, errors


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the records of a piece lie: starts, lengths (with line break), fields, blank; `end` of the last one."""

    starts: Places
    lengths: Places
    fields: Places
    blank: Flags
    end: int


def _layout(data: bytes, separator: str, width: int, limits: Limits) -> _Layout | None:
    """The records of well-formed CSV; None when quotes stand where they may not."""
    whole = np.frombuffer(data, dtype=np.uint8)
    breaks = np.flatnonzero(whole == _LF)
    seps = np.flatnonzero(whole == ord(separator))
    quoted = _QUOTE in data
    all_breaks = breaks
    if quoted:
        inside = (np.cumsum(whole == _QUOTE, dtype=np.uint8) & 1).astype(np.uint8)
        if not _quotes_fit(whole, inside, ord(separator)):
            return None
        breaks, seps = breaks[inside[breaks] == 0], seps[inside[seps] == 0]
    starts = np.concatenate(([0], breaks + 1))[: len(breaks)]
    lengths = breaks + 1 - starts
    end = int(breaks[-1]) + 1 if len(breaks) else 0
    fields = np.diff(np.searchsorted(seps, np.concatenate(([0], breaks + 1)))) + 1
    if quoted and len(breaks):
        lines = np.diff(np.searchsorted(all_breaks, np.concatenate(([0], breaks + 1))))
        # A stray quote can pair up with another many rows later; then the lines between are rows, not text.
        if (lines > limits.quoted_lines_max).any() or ((lines > 1) & (fields != width)).any():
            return None
        if (lines > 2).any() and _hides_rows(whole, all_breaks, starts, lines, ord(separator), width):
            return None
    blank = (lengths == 1) | ((lengths == 2) & (whole[starts] == _CR))
    return _Layout(starts, lengths, fields, blank, end)


def _hides_rows(whole: Bytes, breaks: Places, starts: Places, lines: Places, separator: int, width: int) -> bool:
    """True when every line inside some quoted text has as many fields as a row: those lines are rows."""
    if width < ROW_FIELDS_MIN:
        return False
    line_starts = np.concatenate(([0], breaks + 1))
    fields = np.diff(np.searchsorted(np.flatnonzero(whole == separator), line_starts)) + 1
    first = np.searchsorted(line_starts, starts)
    deep = np.flatnonzero(lines > 2)
    rowlike = np.concatenate(([0], np.cumsum(fields == width)))
    between = rowlike[first[deep] + lines[deep] - 1] - rowlike[first[deep] + 1]
    return bool((between == lines[deep] - 2).any())


def _quotes_fit(whole: Bytes, inside: Bytes, separator: int) -> bool:
    """True when every quote opens at the start of a field, closes at its end, or is doubled within."""
    places = np.flatnonzero(whole == _QUOTE)
    opening = inside[places] == 1
    before = np.concatenate(([_LF], whole))[places]
    after = np.concatenate((whole, [_LF]))[places + 1]
    opens = np.isin(before[opening], (separator, _LF, _QUOTE))
    closes = np.isin(after[~opening], (separator, _LF, _CR, _QUOTE))
    return bool(opens.all() and closes.all())


def _taken(lines: list[str], place: int, separator: str, width: int, limits: Limits) -> int | None:
    """How many lines from `place` make one record; None when a quote stays open to the end of `lines`."""
    quotes = lines[place].count('"')
    if quotes % 2 == 0:
        return 1
    length = len(lines[place])
    for more in range(1, limits.quoted_lines_max):
        if place + more >= len(lines):
            return None
        quotes += lines[place + more].count('"')
        length += len(lines[place + more])
        if length > limits.line_bytes_max:
            return 1
        if quotes % 2 == 0:
            record = "\n".join(lines[place : place + more + 1]).rstrip("\r")
            inside = lines[place + 1 : place + more]
            rowlike = bool(inside) and width >= ROW_FIELDS_MIN and all(x.count(separator) == width - 1 for x in inside)
            return more + 1 if not rowlike and _is_strict(record, separator, width) else 1
    return 1


def _is_strict(record: str, separator: str, width: int) -> bool:
    """True when the record is `width` fields of faultless CSV."""
    try:
        return [len(cells) for cells in csv.reader([record], delimiter=separator, strict=True)] == [width]
    except csv.Error:
        return False


def _cells(
    record: str, separator: str, width: int, limits: Limits
) -> tuple[list[str], tuple[str, dict[str, Any]] | None]:
    """The fields of one record, and what is wrong with it: (code, words) or None."""
    if len(record) > limits.line_bytes_max:
        return [record[: limits.field_chars_max]], ("line_too_long", {"limit": limits.line_bytes_max})
    try:
        parsed = list(csv.reader([record], delimiter=separator, skipinitialspace=True))
        cells = parsed[0] if len(parsed) == 1 else []
    except csv.Error:
        cells = []
    if record.count('"') % 2 or len(cells) != width:
        literal = record.split(separator)
        if '"' in record and "\n" not in record and len(literal) == width:
            cells = literal  # 5" pipe: a quote that is only an inch
        elif record.count('"') % 2:
            return literal, ("open_quote", {})
    if len(cells) != width:
        cells = cells or [record]
        code = "too_few_fields" if len(cells) < width else "too_many_fields"
        return [cell[: limits.field_chars_max] for cell in cells], (code, {"fields": len(cells), "columns": width})
    if any(len(cell) > limits.field_chars_max for cell in cells):
        short = [cell[: limits.field_chars_max] for cell in cells]
        return short, ("too_long", {"limit": limits.field_chars_max})
    return cells, None


def open_delimited(
    path: Path,
    *,
    encoding: str | None,
    separator: str | None,
    header_row: int,
    limits: Limits = LIMITS,
) -> Delimited:
    """Find out encoding, separator and header. Never raises for the content; faults are in `problems`."""
    opened = Delimited(path, "utf-8", separator or ",", [], header_row, limits)
    try:
        with path.open("rb") as file:
            opened.packed = file.read(2) == b"\x1f\x8b"
        with _opened(path, packed=opened.packed) as file:
            sample = file.read(SAMPLE_BYTES)
            if not sample.strip():
                opened.problems.append(problem("empty_file", file=path.name))
                return opened
            opened.encoding = _agreed(encoding, _encoding(sample, file))
    except (OSError, EOFError, gzip.BadGzipFile, ValueError) as error:
        opened.problems.append(problem("damaged", file=path.name, found=str(error), rows=0))
        return opened
    text = codecs.getincrementaldecoder(_with_bom(opened.encoding, sample))(errors="replace").decode(sample)
    opened.encoding = _with_bom(opened.encoding, sample)
    opened.old_mac = "\n" not in text and "\r" in text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    opened.head_lines = header_row
    if hint := re.fullmatch(r"sep=(.)", lines[0]):  # as Excel understands it
        lines, opened.separator = lines[1:], separator or hint[1]
        opened.head_lines += 1
    elif separator is None:
        opened.separator = _separator(lines[header_row - 1 : header_row + 20])
    if len(lines) < header_row or not lines[header_row - 1].strip():
        opened.problems.append(problem("header_missing", file=path.name, wanted=header_row))
        return opened
    head = lines[header_row - 1]
    for line in lines[header_row : header_row + limits.quoted_lines_max] if head.count('"') % 2 else []:
        head = f"{head}\n{line}"
        opened.head_lines += 1
        if head.count('"') % 2 == 0:
            break
    if len(head) > limits.line_bytes_max or "\0" in head:
        opened.problems.append(problem("not_a_table", file=path.name))
        return opened
    try:
        cells = next(csv.reader([head], delimiter=opened.separator, skipinitialspace=True))
    except (csv.Error, StopIteration):
        cells = head.split(opened.separator)
    opened.columns, faults = header_names(cells, file=path.name, limits=limits)
    opened.problems += faults
    return opened


def _opened(path: Path, *, packed: bool) -> IO[bytes]:
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _with_bom(encoding: str, sample: bytes) -> str:
    if encoding == "utf-8" and sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return encoding


def _agreed(told: str | None, found: str) -> str:
    """What the mapping says, unless the bytes are plainly something else: UTF-8 hardly ever comes about by chance."""
    if told is None or told == found or found == "utf-16":
        return found
    return found if told == "gb18030" and found == "utf-8" else told


def _encoding(sample: bytes, rest: IO[bytes]) -> str:
    """UTF-8 (with or without BOM), UTF-16 with BOM, GB18030 or, for lone accented letters, Windows-1252."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    while sample.isascii():
        sample = rest.read(SAMPLE_BYTES)
        if not sample:
            return "utf-8"
    damage = {}
    for name in ("utf-8", "gb18030"):
        text = codecs.getincrementaldecoder(name)(errors="replace").decode(sample)
        damage[name] = text.count("\ufffd")
    if not damage["utf-8"]:
        return "utf-8"
    runs = re.findall(rb"[\x80-\xff]+", sample)
    lone = sum(len(run) == 1 for run in runs)
    if lone > 0.6 * len(runs) and damage["utf-8"] >= 0.5 * lone:
        return "cp1252"
    return "gb18030" if damage["gb18030"] < damage["utf-8"] else "utf-8"


def _separator(lines: list[str]) -> str:
    """The candidate that splits the header, preferring the one that splits the rows below alike."""
    bare = [re.sub(r'"[^"]*"', "", line) for line in lines if line.strip()]
    if not bare:
        return ","

    def fit(candidate: str) -> tuple[float, int]:
        counts = [line.count(candidate) for line in bare]
        same = sum(count == counts[0] for count in counts) / len(counts)
        return (same if counts[0] else -1.0, counts[0])

    return max(SEPARATORS, key=fit)


def _without_lines(data: bytes, skip: int, last: bool) -> tuple[bytes, int]:
    """`data` without its first `skip` lines; what is left to skip when they are not all there yet."""
    rest = io.BytesIO(data)
    for _ in range(skip):
        if not rest.readline().endswith(b"\n"):
            return (b"", 0) if last else (data, skip)
    return rest.read(), 0
