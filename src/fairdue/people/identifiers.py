"""National identifiers as columns: mainland resident IDs and unified social credit codes, checked like python-stdnum.

The fast path works on whole columns; python-stdnum remains the authority it is tested against. One difference is on
purpose and visible: `place` is reported apart, because the county list knows when a county existed, not when a number
was issued, and late registrations carry the later county (see docs/intake.md).
"""

import re
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import polars as pl
from stdnum.cn import uscc

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int32)
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)  # ISO 7064 MOD 11-2, as GB 11643-1999 uses it

FAULTS = ("length", "format", "checksum", "date", "place")
"""What can be wrong with a resident ID, in order of precedence."""


def compact(values: pl.Series) -> pl.Series:
    """Numbers without blanks, hyphens and full-width forms, in upper case; empty becomes null."""
    plain = values.str.normalize("NFKC").str.replace_all(r"[\s\-‐–—]", "").str.to_uppercase()
    return plain.set(plain == "", None)


def check_resident_ids(values: pl.Series) -> pl.DataFrame:
    """Check compacted 18-character mainland resident IDs.

    Returns columns aligned with `values`: fault (null when valid, else one of FAULTS), birth_on (Date), sex (1, 2),
    province (two digits). Facts are null where the number is null or its format, checksum or date is at fault.
    """
    frame = pl.DataFrame({"number": values}).with_columns(
        long=pl.col("number").str.len_chars() == 18,
        formed=pl.col("number").str.contains(r"^[0-9]{17}[0-9A-Z]$"),
    )
    whole = (frame["long"] & frame["formed"]).fill_null(False).to_numpy()
    summed = np.zeros(len(values), dtype=bool)
    if whole.any():
        text = "".join(values.filter(pl.Series(whole)).to_list())
        digits = np.frombuffer(text.encode("ascii"), dtype=np.uint8).reshape(-1, 18)
        sums = (digits[:, :17].astype(np.int32) - 48) @ _WEIGHTS
        summed[whole] = _CHECKS[sums % 11] == digits[:, 17]
    number = pl.col("number")
    dated = frame.with_columns(
        summed=pl.Series(summed),
        born=number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False),
        county=number.str.slice(0, 6),
    )
    return (
        dated.with_columns(placed=_placed(dated["county"], dated["born"]))
        .select(
            "number",
            fault=pl.when(number.is_null())
            .then(None)
            .when(~pl.col("long"))
            .then(pl.lit("length"))
            .when(~pl.col("formed"))
            .then(pl.lit("format"))
            .when(~pl.col("summed"))
            .then(pl.lit("checksum"))
            .when(pl.col("born").is_null() | (number.str.slice(6, 4) == "0000"))
            .then(pl.lit("date"))
            .when(~pl.col("placed"))
            .then(pl.lit("place")),
            born=pl.col("born"),
            even=number.str.slice(16, 1).is_in(["0", "2", "4", "6", "8"]),
            province=number.str.slice(0, 2),
        )
        .with_columns(sound=number.is_not_null() & (pl.col("fault").is_null() | (pl.col("fault") == "place")))
        .select(
            "fault",
            birth_on=pl.when("sound").then("born"),
            sex=pl.when("sound").then(pl.when("even").then(2).otherwise(1)).cast(pl.Int8),
            province=pl.when("sound").then("province"),
        )
    )


def check_credit_codes(values: pl.Series) -> pl.Series:
    """True where a compacted unified social credit code is valid (python-stdnum); null stays null."""
    return values.map_elements(uscc.is_valid, return_dtype=pl.Boolean)


def with_check_digit(numbers: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The 18th character for rows of 17 ASCII digits (uint8, shape n × 17): for made-up numbers."""
    check: np.ndarray[Any, np.dtype[np.uint8]] = _CHECKS[((numbers.astype(np.int32) - 48) @ _WEIGHTS) % 11]
    return check


@cache
def counties() -> pl.DataFrame:
    """The county table of python-stdnum: county (six digits), since, until (inclusive years; 0, 9999 if open), name."""
    rows: list[tuple[str, int, int, str]] = []
    province = ""
    for line in resources.files("stdnum").joinpath("cn/loc.dat").read_text("utf-8").splitlines():
        if match := _PROVINCE_LINE.match(line):
            province = match[1]
        elif match := _COUNTY_LINE.match(line):
            rows += [(province + match[1], *_years(name), name.split("]")[-1]) for name in match[2].split(",")]
    schema = {"county": pl.String, "since": pl.Int32, "until": pl.Int32, "name": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


_PROVINCE_LINE = re.compile(r"^(\d\d) province=")
_COUNTY_LINE = re.compile(r'^ +(\d{4}) county="([^"]*)"')


def _years(county: str) -> tuple[int, int]:
    """(since, until) of `[1997-2010]name`."""
    if not county.startswith("["):
        return 0, 9999
    start, end = county[1 : county.index("]")].split("-")
    return int(start or 0), int(end or 9999)


@cache
def _spans() -> pl.DataFrame:
    """County → since0, until0, since1, until1, …: a county code was given more than once."""
    table = counties().drop("name").with_columns(part=pl.int_range(pl.len()).over("county"))
    return table.pivot("part", index="county", values=["since", "until"])


def _placed(county: pl.Series, born: pl.Series) -> pl.Series:
    """True where the county existed in the year of birth, as stdnum.cn.ric judges it."""
    spans = _spans()
    parts = (len(spans.columns) - 1) // 2
    year = pl.col("year")
    within = [(pl.col(f"since_{part}") <= year) & (year <= pl.col(f"until_{part}")) for part in range(parts)]
    keys = pl.DataFrame({"county": county, "year": born.dt.year()})
    return keys.join(spans, on="county", how="left", maintain_order="left").select(
        placed=pl.any_horizontal(test.fill_null(False) for test in within)
    )["placed"]
