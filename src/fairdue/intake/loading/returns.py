"""The file that goes back to the creditor: rejected rows in their own columns, which row it was, and why."""

import os
from pathlib import Path
from typing import IO

import polars as pl

from fairdue.intake.batches import EXTRA, ROW, Batch
from fairdue.intake.writing import write_rejected


class Returns:
    """Writes rejected rows batch by batch, in the file's order; the file appears under its name only when complete."""

    def __init__(self, path: Path, columns: list[str]) -> None:
        """`columns`: the header of the file. A mended file that comes back brings our two columns: not repeated."""
        self.path = path
        self.columns = columns[:-2] if columns[-2:] == ["row", "error"] else columns
        self.rows = 0
        self._part = path.with_suffix(".part")
        self._file: IO[bytes] | None = None

    def add(self, batch: Batch, said: dict[int, list[str]]) -> None:
        """`said`: row number → its faults in words. Cells beyond the header are kept in the words."""
        rejected = batch.frame.filter(pl.col(ROW).is_in(list(said)))
        assert len(rejected) == len(said), "a rejected row is not in its batch"
        if not said:
            return
        if self._file is None:
            self._file = self._part.open("wb")
        words = [
            "\n".join([*said[row], *([f"+ {extra}"] if extra else [])])
            for row, extra in rejected.select(ROW, EXTRA).iter_rows()
        ]
        row_name = "row" if "row" not in self.columns else "fairdue_row"
        error_name = "error" if "error" not in self.columns else "fairdue_error"
        frame = rejected.select(
            *self.columns, pl.col(ROW).alias(row_name), pl.Series(error_name, words, dtype=pl.String)
        )
        write_rejected(frame, self._file, first=self.rows == 0)
        self.rows += len(frame)

    def close(self) -> str:
        """Put the file in place; its path, "" when nothing was rejected."""
        if self._file is None:
            return ""
        self._file.close()
        os.replace(self._part, self.path)
        return str(self.path)

    def drop(self) -> None:
        """Forget what was written."""
        if self._file is not None:
            self._file.close()
        self._part.unlink(missing_ok=True)
