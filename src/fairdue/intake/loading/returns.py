"""The file that goes back to the creditor: rejected rows in their own columns, which row it was, and why."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

import polars as pl

from fairdue.intake.batches import ROW, Batch
from fairdue.intake.problems import Language, RowError
from fairdue.intake.writing import returned, write_rejected

SHOWN: Final = 20
"""Rejected rows whose faults are kept in both languages, beside the file, for the page."""


def told_beside(path: Path) -> Path:
    """Where the faults of the first rejected rows stand in both languages; it lives and goes with the file."""
    return path.with_suffix(".json")


class Returns:
    """Writes rejected rows batch by batch, in the file's order; the file appears under its name only when complete."""

    def __init__(self, path: Path) -> None:
        """`path`: where the file will lie."""
        self.path = path
        self.rows = 0
        self._first: dict[int, list[dict[str, str]]] = {}
        self._part = path.with_suffix(".part")
        self._file: IO[bytes] | None = None

    def add(self, batch: Batch, errors: Sequence[RowError], language: Language) -> None:
        """`errors`: in the order of their rows; `language`: of the file."""
        said: dict[int, list[str]] = {}
        for error in errors:
            said.setdefault(error.row, []).append(error.text(language))
            if error.row in self._first or len(self._first) < SHOWN:
                both = {"zh": error.text("zh"), "en": error.text("en")}
                self._first.setdefault(error.row, []).append(both)
        rejected = batch.frame.filter(pl.col(ROW).is_in(list(said)))
        assert len(rejected) == len(said), "a rejected row is not in its batch"
        if not said:
            return
        if self._file is None:
            self._file = self._part.open("wb")
        frame = returned(rejected, ["\n".join(said[row]) for row in rejected[ROW]])
        write_rejected(frame, self._file, first=self.rows == 0)
        self.rows += len(frame)

    def close(self) -> str:
        """Put the file in place; its path, "" when nothing was rejected."""
        if self._file is None:
            return ""
        self._file.close()
        told_beside(self.path).write_text(json.dumps(self._first, ensure_ascii=False), "utf-8")
        os.replace(self._part, self.path)
        return str(self.path)

    def drop(self) -> None:
        """Forget what was written."""
        if self._file is not None:
            self._file.close()
        self._part.unlink(missing_ok=True)
