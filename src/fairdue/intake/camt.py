"""ISO 20022 bank statements (camt.053) and notifications (camt.054), in any of their versions, as a table.

One row a transaction: an entry with several transaction details gives a row each. The columns are those of the kind
`bank` (fields.py), so that the same checks and the same loader serve banks that write XML and banks that write text.

A document type is refused, and with it every entity: nothing in a bank's file needs one, and bombs and file theft do.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

import polars as pl

from fairdue.intake.batches import BATCH_ROWS, LIMITS, ROW, WHOLE, Limits
from fairdue.intake.problems import Problem, RowError, problem, row_error

COLUMNS: Final = (
    "reference", "happened_on", "cents", "currency", "kind", "payer", "payer_account", "text", "about", "method",
)  # fmt: skip
_DEPTH_MAX: Final = 64
_CHUNK: Final = 1 << 16
_ROOTS: Final = ("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn", "BkToCstmrAcctRpt")
_NOT_PROVIDED: Final = {"", "NOTPROVIDED", "NONREF"}


class _Refused(Exception):  # noqa: N818
    """The file is no statement, or holds what we do not read."""


@dataclass(slots=True)
class Camt:
    """An opened statement."""

    path: Path
    limits: Limits
    columns: list[str] = field(default_factory=lambda: list(COLUMNS))
    problems: list[Problem] = field(default_factory=list)
    blank_rows: int = 0

    def parts(self) -> Iterator[tuple[pl.DataFrame, list[RowError]]]:
        """Frames with the row errors of their rows, in order. A row's number counts transactions, the first is 2."""
        reader, done = _Reader(self.limits), 0
        try:
            with self.path.open("rb") as file:
                for chunk in _chunks(file):
                    reader.feed(chunk)
                    if len(reader.rows) >= BATCH_ROWS:
                        yield self._frame(reader, done)
                        done += len(reader.rows)
                        reader.rows.clear()
            reader.close()
        except (expat.ExpatError, _Refused, OSError, UnicodeError) as error:
            self.problems.append(
                problem("damaged", file=self.path.name, found=str(error), rows=done + len(reader.rows))
            )
            return
        if reader.rows:
            yield self._frame(reader, done)

    def _frame(self, reader: "_Reader", done: int) -> tuple[pl.DataFrame, list[RowError]]:
        frame = pl.DataFrame(
            {name: [row[name] for row in reader.rows] for name in COLUMNS}, schema=dict.fromkeys(COLUMNS, pl.String)
        )
        first = done + 2
        frame = frame.insert_column(0, pl.int_range(first, first + len(frame), eager=True, dtype=pl.Int64).alias(ROW))
        long = [at for at, row in enumerate(reader.rows) if max(map(len, row.values())) >= self.limits.field_chars_max]
        errors = [row_error("too_long", row=first + at, limit=self.limits.field_chars_max) for at in long]
        return frame.with_columns(pl.lit(None, pl.String).alias(WHOLE)), errors


def open_camt(path: Path, *, limits: Limits = LIMITS) -> Camt:
    """Open a statement and look at its beginning. Never raises for the content."""
    opened = Camt(path, limits)
    reader = _Reader(limits)
    try:
        with path.open("rb") as file:
            reader.feed(file.read(_CHUNK))
        if not reader.is_statement:
            raise _Refused("no camt.053 or camt.054 document")
    except (expat.ExpatError, _Refused, OSError, UnicodeError) as error:
        opened.problems.append(problem("not_a_statement", file=path.name, found=str(error)))
    return opened


def looks_like_xml(head: bytes) -> bool:
    """Whether a file begins like XML (UTF-8 or UTF-16)."""
    plain = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return plain.lstrip().startswith((b"<?xml", b"<Document", b"<!DOCTYPE", b"<!--"))


def is_statement(path: Path) -> bool:
    """Whether the file begins like XML; anything else is read by the creditor's mapping."""
    with path.open("rb") as file:
        return looks_like_xml(file.read(512))


class _Reader:
    """Collects rows while the parser walks. Element names count, not their name space: it changes with the version."""

    def __init__(self, limits: Limits) -> None:
        self.rows: list[dict[str, str]] = []
        self.is_statement = False
        self._limits, self._path, self._text = limits, list[str](), list[str]()
        self._kept = 0
        self._entry: dict[str, str] = {}
        self._details: list[dict[str, str]] = []
        self._detail: dict[str, str] | None = None
        self._statement = ""
        self._seen = 0
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._say
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser = parser

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk, False)

    def close(self) -> None:
        self._parser.Parse(b"", True)

    def _refuse_doctype(self, *_declared: object) -> None:
        raise _Refused("the file declares a document type; a bank's statement has none")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rsplit(":", 1)[-1]
        self._path.append(local)
        if len(self._path) > _DEPTH_MAX:
            raise _Refused(f"elements are nested more than {_DEPTH_MAX} deep")
        self.is_statement = self.is_statement or local in _ROOTS
        self._text, self._kept = [], 0
        if local == "Ntry":
            self._entry, self._details = {}, []
        elif local == "TxDtls" and "Ntry" in self._path:
            self._detail = {}
        if "Ccy" in attributes and local in {"Amt", "TxAmt"}:
            self._note(self._place() + "@Ccy", attributes["Ccy"])

    def _say(self, text: str) -> None:
        room = self._limits.field_chars_max - self._kept
        if room > 0:
            self._text.append(text[:room])
            self._kept += len(text)

    def _end(self, name: str) -> None:
        local = self._path[-1]
        text = " ".join("".join(self._text).split())
        if text:
            self._note(self._place(), text)
        self._text, self._kept = [], 0
        self._path.pop()
        if local == "TxDtls" and self._detail is not None:
            self._details.append(self._detail)
            self._detail = None
        elif local == "Ntry":
            self._write()

    def _place(self) -> str:
        """The path below the transaction details, the entry, or the statement."""
        for inner in ("TxDtls", "Ntry"):
            if inner in self._path:
                return "/".join(self._path[self._path.index(inner) + 1 :])
        return "/".join(self._path[-2:])

    def _note(self, place: str, text: str) -> None:
        if self._detail is not None:
            target = self._detail
        elif "Ntry" in self._path:
            target = self._entry
        else:
            if place in {"Stmt/Id", "Ntfctn/Id", "Rpt/Id"}:
                self._statement = text
            return
        have = target.get(place)
        # A free text may come in several lines; whatever else comes twice, its first counts.
        if have is None:
            target[place] = text
        elif place.endswith("Ustrd"):
            target[place] = f"{have} {text}"[: self._limits.field_chars_max]

    def _write(self) -> None:
        details = (
            self._details if len(self._details) > 1 and all(map(_amount, self._details)) else self._details[:1] or [{}]
        )
        for n, detail in enumerate(details, 1):
            self._seen += 1
            whole = len(details) == 1
            self.rows.append(
                _row(self._entry, detail, number=n, whole=whole, statement=self._statement, place=self._seen)
            )


def _row(
    entry: dict[str, str], detail: dict[str, str], *, number: int, whole: bool, statement: str, place: int
) -> dict[str, str]:
    """One transaction in the columns of the kind `bank`."""
    amount, currency = (entry.get("Amt", ""), entry.get("Amt@Ccy", "")) if whole else _amount(detail) or ("", "")
    indicator = detail.get("CdtDbtInd") or entry.get("CdtDbtInd", "")
    booked = _first(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")[:10]
    end_to_end = detail.get("Refs/EndToEndId", "")
    own = _first(detail, "Refs/AcctSvcrRef", "Refs/TxId")
    of_entry = _first(entry, "AcctSvcrRef", "NtryRef")
    row = {
        "happened_on": booked, "cents": amount, "currency": currency,
        "kind": _kind(entry, detail, indicator),
        "payer": _first(detail, "RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm", "RltdPties/UltmtDbtr/Nm",
                        "RltdPties/UltmtDbtr/Pty/Nm"),
        "payer_account": _first(detail, "RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id"),
        "text": " ".join(filter(None, (
            _first(detail, "RmtInf/Strd/CdtrRefInf/Ref"), _first(detail, "RmtInf/Ustrd"),
            _first(detail, "AddtlTxInf") or _first(entry, "AddtlNtryInf"),
        ))),
        "about": "" if end_to_end in _NOT_PROVIDED else end_to_end,
        "method": "bank",
    }  # fmt: skip
    if own in _NOT_PROVIDED:
        own = of_entry + (f"-{number}" if of_entry and not whole else "")
    if own in _NOT_PROVIDED:
        # No number of the bank's own: the content is its number, so that the same file loaded twice is the same money.
        said = "\x1f".join((statement, str(place), *row.values()))
        own = "camt-" + hashlib.sha256(said.encode()).hexdigest()[:24]
    return {"reference": own} | row


def _kind(entry: dict[str, str], detail: dict[str, str], indicator: str) -> str:
    """credit, return (money that had come in goes back), debit, or pending (not booked yet)."""
    state = _first(entry, "Sts/Cd", "Sts")
    if state and state != "BOOK":
        return "pending"
    back = entry.get("RvslInd") in {"true", "1"} or any(place.startswith("RtrInf") for place in detail)
    if indicator == "CRDT":
        return "debit" if back else "credit"  # money of ours that came back is nobody's payment
    return "return" if back else "debit"


def _amount(detail: dict[str, str]) -> tuple[str, str] | None:
    for place in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        if place in detail:
            return detail[place], detail.get(place + "@Ccy", "")
    return None


def _first(found: dict[str, str], *places: str) -> str:
    return next((found[place] for place in places if found.get(place)), "")


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
