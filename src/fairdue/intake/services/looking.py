"""How a file would be understood; nothing is written."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from django.utils import timezone

from fairdue.accounts.models import Creditor
from fairdue.intake import mapping as mappings
from fairdue.intake.camt import is_statement
from fairdue.intake.checking import Checker, unused_directions
from fairdue.intake.fields import Kind
from fairdue.intake.loading import foreseeing
from fairdue.intake.loading.ends import Ended
from fairdue.intake.loading.faults import Fault, row_error
from fairdue.intake.loading.tally import Tally
from fairdue.intake.mapping import Mapping
from fairdue.intake.problems import FileRefused, Language, Problem, RowError, problem
from fairdue.intake.reading import open_file

_ERRORS_MOST = 100


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file as they would be understood. `problems` not empty: the file would be refused whole."""

    columns: list[str]
    rows: list[dict[str, Any]]  # canonical field → value, with "row"
    errors: list[RowError]
    warnings: list[RowError]
    problems: list[Problem]
    rows_seen: int = 0
    rejected: int = 0
    unused: list[str] = field(default_factory=list)
    format: str = ""
    encoding: str = ""


def preview(
    *, path: Path, name: str, mapping: Mapping, creditor: Creditor | None, rows: int = 20, language: Language = "en"
) -> Preview:
    """How the first `rows` rows of a file would be understood, and which of them the books of `creditor` (None: not
    known yet, so there are none) would refuse; writes nothing."""
    reading = open_file(
        path, encoding=mapping.encoding, separator=mapping.separator, sheet=mapping.sheet,
        header_row=mapping.header_row, batch_rows=rows,
    )  # fmt: skip
    problems = reading.problems or mappings.missing_columns(mapping, reading.columns, name=name)
    if problems:
        return Preview(reading.columns, [], [], [], problems, format=reading.format, encoding=reading.encoding)
    batch = next(reading.batches(), None)
    if batch is None:
        return Preview(reading.columns, [], [], [], reading.problems, format=reading.format, encoding=reading.encoding)
    unused = unused_directions(batch, mapping, name=name)
    if unused:
        return Preview(reading.columns, [], [], [], unused, format=reading.format, encoding=reading.encoding)
    checked = Checker(mapping, language=language, as_of=timezone.localdate()).check(batch)
    refused = foreseeing.faults(checked.good, kind=mapping.kind, creditor=creditor) if creditor else []
    good = checked.good.filter(~pl.col("row").is_in([fault.row for fault in refused]))
    used = {each.column for each in mapping.fields.values()}
    return Preview(
        columns=reading.columns,
        rows=list(good.iter_rows(named=True)),
        errors=_with(checked.errors, refused, mapping),
        warnings=checked.warnings,
        problems=reading.problems,
        rows_seen=len(batch.frame),
        rejected=len(checked.rejected) + len(refused),
        unused=[column for column in reading.columns if column not in used],
        format=reading.format,
        encoding=reading.encoding,
    )


def check_file(*, path: Path, creditor_code: str, kind: Kind, mapping_path: Path | None = None) -> dict[str, Any]:
    """Read a whole file, loading nothing: columns, first rows as understood, counts, sums, problems; JSON-able.

    Keys: problem (text, empty if none), read, good, rejected, sums, sample, errors (first 100 sentences), format.
    """
    report: dict[str, Any] = {
        "problem": "",
        "read": 0,
        "good": 0,
        "rejected": 0,
        "sums": [],
        "sample": [],
        "errors": [],
    }
    try:
        if kind == "bank" and is_statement(path):
            mapping = mappings.of_statement(creditor_code)
        else:
            text = mapping_text(creditor_code, mapping_path)
            mapping = _of_kind(mappings.parse(text, name=mapping_path.name if mapping_path else "mapping.yaml"), kind)
        creditor = Creditor.objects.filter(code=creditor_code).first()
        shown = preview(path=path, name=path.name, mapping=mapping, creditor=creditor)
        if shown.problems:
            raise FileRefused(shown.problems)
        report |= {"format": shown.format, "encoding": shown.encoding, "columns": shown.columns, "unused": shown.unused}
        report["sample"] = [
            {name: str(value) for name, value in row.items() if value is not None} for row in shown.rows
        ]
        _check_all(path, mapping, creditor, report)
    except FileRefused as refused:
        report["problem"] = "\n".join(each.text("en") for each in refused.problems)
    return report


def _with(errors: list[RowError], refused: list[Fault], mapping: Mapping) -> list[RowError]:
    """What is wrong with the rows themselves and what the books say against them, row by row."""
    return sorted([*errors, *(row_error(fault, mapping) for fault in refused)], key=lambda error: error.row)


def _check_all(path: Path, mapping: Mapping, creditor: Creditor | None, report: dict[str, Any]) -> None:
    reading = open_file(
        path, encoding=mapping.encoding, separator=mapping.separator, sheet=mapping.sheet, header_row=mapping.header_row
    )
    checker, tally = Checker(mapping, as_of=timezone.localdate()), Tally(mapping)
    for batch in reading.batches():
        unused = unused_directions(batch, mapping, name=path.name)
        if unused:
            raise FileRefused(unused)
        checked = checker.check(batch)
        refused = foreseeing.faults(checked.good, kind=mapping.kind, creditor=creditor) if creditor else []
        errors = _with(checked.errors, refused, mapping)
        tally.add(checked.good, Ended(faults=refused).ends_of(checked.good["row"]))
        tally.reject(errors)
        left = _ERRORS_MOST - len(report["errors"])
        report["errors"] += [f"row {error.row}: {error.text('en')}" for error in errors[:left]]
    sums = tally.close(checker.totals)
    report |= {"read": checker.totals.rows_read, "good": tally.rows["loaded"], "rejected": tally.rows["rejected"]}
    report["faults"] = sums["faults"]
    report["sums"] = [
        {"field": line["field"], "currency": line["currency"], "read": line["read"], "good": line["loaded"],
         "rejected": line["rejected"]}
        for line in sums["money"]
    ]  # fmt: skip
    if reading.problems:
        raise FileRefused(reading.problems)


def mapping_text(creditor_code: str, mapping_path: Path | None) -> str:
    """The mapping file, or without one the creditor's own. Raises FileRefused when there is neither."""
    if mapping_path is not None:
        return mappings.load(mapping_path).text
    text = Creditor.objects.filter(code=creditor_code).values_list("mapping", flat=True).first()
    if not text:
        known = list(Creditor.objects.order_by("code").values_list("code", flat=True))
        code = "no_mapping" if creditor_code in known else "no_creditor"
        raise FileRefused([problem(code, file="-c", creditor=creditor_code, known=", ".join(known) or "–")])
    return text


def _of_kind(book: mappings.Book, kind: Kind) -> Mapping:
    found = book.mappings.get(kind)
    if found is None:
        raise FileRefused([problem("mapping_empty", file="mapping.yaml", kinds=kind)])
    return found
