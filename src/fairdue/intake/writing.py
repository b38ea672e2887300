"""Files we give back. A cell that a spreadsheet would run as a formula is made plain text by an apostrophe.

Reading takes the apostrophe off again (parsing.tidy), so a returned file can be corrected and sent in as it is.
"""

from typing import IO

import polars as pl

BOM = b"\xef\xbb\xbf"
"""Without it Excel reads UTF-8 as the local code page and shows Chinese as noise."""

_HARMLESS = r"^[+\-]?[0-9][0-9 .,()\-]*$"


def neutralised(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells that begin with = + - @ or a control character get an apostrophe; plain numbers stay as they are."""
    texts = pl.col(pl.String)
    risky = texts.str.contains(r"^[=+\-@\t\r\n]") & ~texts.str.contains(_HARMLESS)
    return frame.with_columns(pl.when(risky).then("'" + texts).otherwise(texts).name.keep())


def write_rejected(frame: pl.DataFrame, file: IO[bytes], *, first: bool) -> int:
    """Append rejected rows (Checked.rejected) as CSV, UTF-8 with BOM; `first` writes BOM and header. Returns rows."""
    if first:
        file.write(BOM)
    if first or len(frame):
        neutralised(frame).write_csv(file, include_header=first)
    return len(frame)
