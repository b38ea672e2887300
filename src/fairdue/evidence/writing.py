"""The files of a pack: data as CSV and JSON lines, written piece by piece, and the ZIP around them."""

import csv
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fairdue.evidence.datasets import Dataset

BOM: Final = "\ufeff"
"""So that a spreadsheet reads CSV as UTF-8."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Written:
    """One file of the pack: its name there, SHA-256, bytes, and rows where it holds rows."""

    name: str
    sha256: str
    size: int
    rows: int | None = None

    @property
    def listed(self) -> dict[str, Any]:
        """As the manifest lists it."""
        told = {"name": self.name, "sha256": self.sha256, "bytes": self.size}
        return told if self.rows is None else told | {"rows": self.rows}


def write_rows(
    dataset: Dataset, found: Iterable[list[Any]], folder: Path, *, tell: Callable[[int], None], keep: int
) -> tuple[list[Written], list[list[Any]]]:
    """Write a data set as csv/<name>.csv and json/<name>.jsonl; gives both and the first `keep` rows.

    A text cell that a spreadsheet would take for a formula gets an apostrophe in CSV; JSON holds it as it is.
    """
    kept: list[list[Any]] = []
    n = 0
    names = [f"csv/{dataset.name}.csv", f"json/{dataset.name}.jsonl"]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    texts = [column.text for column in dataset.columns]
    with (
        (folder / names[0]).open("w", encoding="utf-8", newline="") as table,
        (folder / names[1]).open("w", encoding="utf-8") as objects,
    ):
        table.write(BOM)
        sheet = csv.writer(table)
        sheet.writerow(dataset.names)
        for row in found:
            sheet.writerow([_cell(value, text) for value, text in zip(row, texts, strict=True)])
            objects.write(json.dumps(dict(zip(dataset.names, row, strict=True)), ensure_ascii=False) + "\n")
            n += 1
            if n <= keep:
                kept.append(row)
            if n % 5_000 == 0:
                tell(n)
    return [written(folder, name, rows=n) for name in names], kept


def _cell(value: Any, text: bool) -> Any:
    if text and isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def write(folder: Path, name: str, content: bytes) -> Written:
    """Write one small file."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return written(folder, name)


def written(folder: Path, name: str, *, rows: int | None = None) -> Written:
    """What there is to say about a file that was written."""
    path = folder / name
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Written(name, digest, path.stat().st_size, rows)


def zip_up(folder: Path, names: Iterable[str], target: Path, *, made_at: datetime) -> None:
    """Put the files into a ZIP, all dated `made_at`, and move it to its place when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_suffix(".part")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as pack:
        for name in names:
            entry = zipfile.ZipInfo(name, date_time=made_at.timetuple()[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            with (folder / name).open("rb") as source, pack.open(entry, "w", force_zip64=True) as into:
                while piece := source.read(1 << 20):
                    into.write(piece)
    half.chmod(0o600)
    half.replace(target)
