"""Files we give back. A cell that a spreadsheet would run as a formula is made plain text by an apostrophe.

Reading takes the apostrophe off again (parsing.tidy), so a returned file can be corrected and sent in as it is.
"""

from collections.abc import Sequence
from typing import IO

import polars as pl

from fairdue.intake.batches import ROW, WHOLE

BOM = b"\xef\xbb\xbf"
"""Without it Excel reads UTF-8 as the local code page and shows Chinese as noise."""

_HARMLESS = r"^[+\-]?[0-9][0-9 .,()\-]*$"


def neutralised(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells that begin with = + - @ or a control character get an apostrophe; plain numbers stay as they are."""
    texts = pl.col(pl.String)
    risky = texts.str.contains(r"^[=+\-@\t\r\n]") & ~texts.str.contains(_HARMLESS)
    return frame.with_columns(pl.when(risky).then("'" + texts).otherwise(texts).name.keep())


def returned(rejected: pl.DataFrame, words: Sequence[str]) -> pl.DataFrame:
    """Rejected rows of a batch as they go back: their own cells, which row it was, and what is wrong (`words`, by row).

    A row that did not fit the columns stands in the first cell as it came, and its other cells are empty: whoever mends
    it sees all of it, and sent in again as it is, it lacks what every row must have. A mended file that comes back
    brings our two columns: replaced, not repeated.
    """
    own = [name for name in rejected.columns if name not in {ROW, WHOLE}]
    own = own[:-2] if own[-2:] == ["row", "error"] else own
    ragged = pl.col(WHOLE).is_not_null()
    return rejected.select(
        pl.coalesce(WHOLE, own[0]).alias(own[0]),
        *(pl.when(~ragged).then(name).alias(name) for name in own[1:]),
        pl.col(ROW).alias("row" if "row" not in own else "fairdue_row"),
        pl.Series("error" if "error" not in own else "fairdue_error", words, dtype=pl.String),
    )


def write_rejected(frame: pl.DataFrame, file: IO[bytes], *, first: bool) -> int:
    """Append rejected rows (Checked.rejected) as CSV, UTF-8 with BOM; `first` writes BOM and header. Returns rows."""
    if first:
        file.write(BOM)
    if first or len(frame):
        neutralised(frame).write_csv(file, include_header=first)
    return len(frame)
