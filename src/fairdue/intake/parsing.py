"""One function per type of field: a column of text → a column of values, and a fault code for each cell that is none.

All of them work on whole columns and never raise for the content. Sentences are made later, and only for faulty cells.
"""

import calendar
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from fairdue.intake.fields import MINOR_DIGITS, Field
from fairdue.intake.mapping import FieldMap, strptime_of
from fairdue.intake.problems import Said
from fairdue.people import phones, zones

AMOUNT_MAX = 10**13
"""Minor units. A consumer debt of a hundred billion is a mistake of unit, and sums of a batch must fit 64 bits."""

UNDECODABLE = "\ufffd"


@dataclass(frozen=True, slots=True)
class Parsed:
    """`values` typed, null where empty or faulty; `fault`: a code of problems.CODES per cell, null where sound."""

    values: pl.Series
    fault: pl.Series


def tidy(texts: pl.Series, *, keep_null_words: bool) -> pl.Series:
    """Cells without outer blanks, control characters and our own apostrophe of protection; empty becomes null."""
    if texts.str.contains(_UNTIDY).any():
        texts = (
            texts.str.replace_all(r"[\x00-\x1f\x7f\x{200b}\x{feff}]+", " ")
            .str.strip_chars(" \u00a0\u3000\t")
            .str.replace(r"^'([=+\-@])", "$1")
        )
    size = pl.col("text").str.len_bytes()
    empty = size == 0
    if not keep_null_words:
        empty = empty | ((size <= 4) & pl.col("text").is_in(_NULL_WORDS))
    return texts.to_frame("text").select(pl.when(~empty).then("text").alias("text")).to_series()


_UNTIDY = r"[\x00-\x1f\x7f\x{200b}\x{feff}]|^[ \x{a0}\x{3000}']|[ \x{a0}\x{3000}]$"
_NULL_WORDS = ["NULL", "null", r"\N", "N/A", "#N/A", "nan", "None"]


def nulls(dtype: pl.DataType | type[pl.DataType], size: int) -> pl.Series:
    """A column of `size` nulls."""
    return pl.Series([None], dtype=dtype).new_from_index(0, size) if size else pl.Series([], dtype=dtype)


def texts(column: pl.Series, spec: Field) -> Parsed:
    """Free text up to the field's length."""
    return _judged(column, column, [("too_long", pl.col("text").str.len_chars() > spec.chars_max)])


def codes(column: pl.Series, spec: Field, field: FieldMap) -> Parsed:
    """Our code for theirs, by the mapping's table, or our own names and the words known to stand for them."""
    own = {code: code for code in spec.codes} | dict(spec.written)
    table = field.codes if field.codes is not None and field.value is None else own
    plain = column.str.to_lowercase()
    values = plain.replace_strict(table, default=None, return_dtype=pl.String)
    known = plain.is_in(list(table))
    return _judged(column, values.set(values == "", None), [("code", ~pl.lit(known))])


YES_NO = {
    **dict.fromkeys(("1", "y", "yes", "t", "true", "是", "有", "√", "已提供", "齐全"), "yes"),
    **dict.fromkeys(("0", "n", "no", "f", "false", "否", "无", "×", "未提供", "缺失"), "no"),
}  # fmt: skip
SEXES = {
    **dict.fromkeys(("1", "男", "m", "male"), "1"),
    **dict.fromkeys(("2", "女", "f", "female"), "2"),
    **dict.fromkeys(("0", "9", "未知", "不详", "unknown", "x"), ""),
}


def booleans(column: pl.Series, field: FieldMap) -> Parsed:
    """Yes or no, in either language, or by the mapping's table."""
    found = _by_table(column, field.codes or YES_NO, "bool")
    return Parsed(found.values == "yes", found.fault)


def sexes(column: pl.Series, field: FieldMap) -> Parsed:
    """1 male, 2 female, null when the creditor says unknown."""
    found = _by_table(column, field.codes or SEXES, "sex")
    return Parsed(found.values.cast(pl.Int8), found.fault)


def currencies(column: pl.Series, field: FieldMap) -> Parsed:
    """ISO 4217 codes, by the mapping's table or as written; 人民币 and RMB are common enough to know."""
    table = {code.lower(): code for code in MINOR_DIGITS} | {"人民币": "CNY", "rmb": "CNY", "美元": "USD"}
    return _by_table(column, table | (field.codes or {}), "currency")


def _by_table(column: pl.Series, table: dict[str, str], code: str) -> Parsed:
    plain = column.str.to_lowercase()
    values = plain.replace_strict(table, default=None, return_dtype=pl.String)
    return _judged(column, values.set(values == "", None), [(code, ~pl.lit(plain.is_in(list(table))))])


def integers(column: pl.Series, *, low: int, high: int) -> Parsed:
    """Whole numbers within bounds (`12` or `12.0`, as spreadsheets write them)."""
    digits = column.str.extract(r"^\+?([0-9]{1,9})(?:\.0+)?$", 1).cast(pl.Int32)
    return _judged(column, digits, [("number", ~pl.lit(digits.is_between(low, high).fill_null(False)))])


def rates(column: pl.Series) -> Parsed:
    """Percent a year as decimal text, without the sign."""
    plain = column.str.extract(r"^([0-9]{1,4}(?:\.[0-9]{1,8})?) ?[%％]?$", 1)
    return _judged(column, plain, [("rate", pl.lit(plain.is_null()))])


def emails(column: pl.Series, spec: Field) -> Parsed:
    """Addresses in lower case; the form is checked, not the mailbox."""
    plain = column.str.to_lowercase()
    form = r"^[^@\s,;<>()\[\]\"]{1,64}@[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?)+$"
    sound = (plain.str.contains(form) & (plain.str.len_chars() <= spec.chars_max)).fill_null(False)
    return _judged(column, plain, [("email", ~pl.lit(sound))])


def regions(column: pl.Series, *, country: str | None) -> Parsed:
    """Region codes (people.zones)."""
    values = zones.regions(column, country=country)
    return _judged(column, values, [("region", pl.lit(values.is_null()))])


def phone_numbers(column: pl.Series, *, country: str | None, possible: bool) -> tuple[Parsed, pl.Series]:
    """E.164 numbers, and the zones the numbers lie in."""
    frame = phones.normalise(column, country=country, possible=possible)
    return _judged(column, frame["number"], [("phone", pl.lit(frame["number"].is_null()))]), frame["lies"]


# ── dates ──

_ISO_DATES = ("YYYY-MM-DD",)
_ISO_TIMES = ("YYYY-MM-DD HH:mm:ss", "YYYY-MM-DDTHH:mm:ss", "YYYY-MM-DD HH:mm", "YYYY-MM-DDTHH:mm")


def dates(column: pl.Series, field: FieldMap) -> Parsed:
    """Days by the mapping's patterns, and always by YYYY-MM-DD. A time of midnight behind the day is dropped."""
    plain = column.str.replace(r"[T ]00:00(?::00(?:\.0+)?)?$", "")
    values = nulls(pl.Date, len(column))
    for pattern in (*_ISO_DATES, *field.dates):
        if values.null_count() == column.null_count():
            break
        layout = _layout(pattern)
        read = plain.str.to_datetime if "%H" in layout else plain.str.to_date
        found = read(layout, strict=False)
        values = values.zip_with(values.is_not_null(), found.cast(pl.Date))
    year = values.dt.year()
    values = values.zip_with(year.is_between(1900, 2200).fill_null(False), pl.Series([None], dtype=pl.Date))
    return _judged(column, values, [("date", pl.lit(values.is_null()))])


def moments(column: pl.Series, field: FieldMap) -> Parsed:
    """UTC times: with an offset as written, without one in the mapping's zone."""
    utc = pl.Datetime("us", "UTC")
    aware = nulls(utc, len(column))
    naive = aware.dt.replace_time_zone(None)
    spaced = column.str.replace(r"\.[0-9]+", "").str.replace(r"Z$", "+0000")
    offset = spaced.str.contains(r"[+\-][0-9]{2}:?[0-9]{2}$") & spaced.str.contains(":")
    for pattern in (*_ISO_TIMES, *field.dates):
        if not offset.any() and naive.null_count() == column.null_count():
            break
        layout = _layout(pattern)
        if "%z" not in layout:
            found = spaced.str.to_datetime(layout, strict=False, time_unit="us") if "%H" in layout else None
            if found is None:
                found = spaced.str.to_date(layout, strict=False).cast(pl.Datetime("us"))
            naive = naive.zip_with(naive.is_not_null(), found)
            layout += "%z"
        if offset.any() and "%H" in layout:
            found = spaced.str.to_datetime(layout, strict=False, time_unit="us", time_zone="UTC")
            aware = aware.zip_with(aware.is_not_null(), found)
    local = pl.lit(naive).dt.replace_time_zone(field.zone or "UTC", ambiguous="earliest", non_existent="null")
    values = pl.select(pl.coalesce(aware, local.dt.convert_time_zone("UTC"))).to_series()
    values = values.zip_with(values.dt.year().is_between(1900, 2200).fill_null(False), values.clear(1))
    unread = pl.lit(values.is_null() & naive.is_null())
    return _judged(column, values, [("date", unread), ("time_gap", pl.lit(values.is_null()))])


@cache
def _layout(pattern: str) -> str:
    layout = strptime_of(pattern)
    assert layout is not None, f"pattern {pattern!r} was not checked on load"
    return layout


def why_no_date(found: str, patterns: tuple[str, ...]) -> Said:
    """What is wrong with a date nobody can read: `month 13 does not exist`, `February 2026 has 28 days`, …"""
    for pattern in (*_ISO_DATES, *patterns):
        shape = re.escape(pattern)
        for token, group in _SHAPES:
            shape = shape.replace(token, group, 1)
        shape = re.sub(r"HH|H|mm|ss", r"\\d{1,2}", shape).replace("Z", ".*")
        match = re.match(shape, found)
        if match is None:
            continue
        year, month, day = (int(match[part]) for part in ("year", "month", "day"))
        if not 1 <= month <= 12:
            return Said(f"没有 {month} 月", f"month {month} does not exist")
        if not 1900 <= year <= 2200:
            return Said(f"{year} 年不合理", f"the year {year} is implausible")
        last = calendar.monthrange(year, month)[1]
        if not 1 <= day <= last:
            return Said(f"{year} 年 {month} 月只有 {last} 天", f"{calendar.month_name[month]} {year} has {last} days")
    return NO_DATE


NO_DATE = Said("不是日期", "this is not a date in the form agreed")
NO_SUCH_DAY = Said("请写一个存在的日期", "give a day that exists")
_SHAPES = (
    ("YYYY", r"(?P<year>\d{4})"), ("YY", r"(?P<year>\d{2})"),
    ("MM", r"(?P<month>\d{1,2})"), ("DD", r"(?P<day>\d{1,2})"),
    ("M", r"(?P<month>\d{1,2})"), ("D", r"(?P<day>\d{1,2})"),
)  # fmt: skip


# ── money ──


def amounts(column: pl.Series, field: FieldMap, currency: pl.Series) -> Parsed:
    """Minor units as int64. `currency`: ISO codes aligned with the column (they decide the number of decimals)."""
    plainly = _plain_amounts(column, field, currency)
    if plainly is not None:
        return plainly
    plain = (
        column.str.normalize("NFKC")
        .str.replace_all(r"(?i)cny|rmb|usd|twd|nt\$|us\$|[¥$€£元圆 \u00a0]", "")
        .str.replace(r"^\((.*)\)$", "-$1")
        .str.replace(r"^([^-].*)-$", "-$1")
    )
    decimal, thousands = re.escape(field.decimal), re.escape(field.thousands or "")
    if field.thousands == " ":
        thousands = ""  # blanks are gone already
    whole = rf"[0-9]+|[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+" if thousands else "[0-9]+"
    form = rf"^([+-]?)((?:{whole})?)(?:{decimal}([0-9]*))?$"
    frame = pl.DataFrame({"text": column, "plain": plain, "currency": currency}).with_columns(
        fits=pl.col("plain").str.contains(form) & pl.col("plain").str.contains("[0-9]"),
        minus=pl.col("plain").str.starts_with("-"),
        units=pl.col("plain").str.extract(form, 2).str.replace_all(r"[^0-9]", "").str.strip_chars_start("0"),
        parts=pl.col("plain").str.extract(form, 3).fill_null("").str.strip_chars_end("0"),
        digits=pl.lit(0)
        if field.unit == "minor"
        else pl.col("currency").replace_strict(MINOR_DIGITS, default=2, return_dtype=pl.Int32),
    )
    large = pl.col("units").str.len_chars() > 13
    fine = pl.col("parts").str.len_chars() <= pl.col("digits")
    ok = pl.col("fits") & ~large & fine
    number = pl.when(ok).then("0" + pl.col("units")).cast(pl.Int64) * pl.lit(10, pl.Int64).pow(pl.col("digits"))
    rest = pl.when(ok).then("0" + (pl.col("parts") + "0000").str.slice(0, pl.col("digits"))).cast(pl.Int64)
    values = frame.select(
        pl.when(pl.col("minus")).then(-(number + rest)).otherwise(number + rest).cast(pl.Int64)
    ).to_series()
    too_large = (values.abs() > AMOUNT_MAX).fill_null(False) | (frame["units"].str.len_chars() > 13)
    misplaced = pl.lit(plain.str.contains(rf"^[+-]?[0-9{re.escape(field.thousands or ',')}{decimal}]+$"))
    return _judged(
        column,
        values.set(values.abs() > AMOUNT_MAX, None),
        [
            ("amount_grouping", ~pl.lit(frame["fits"]) & misplaced),
            ("amount", ~pl.lit(frame["fits"])),
            ("amount_large", pl.lit(too_large)),
            ("amount_decimals", ~pl.lit(frame["parts"].str.len_chars() <= frame["digits"])),
        ],
    )


def _plain_amounts(column: pl.Series, field: FieldMap, currency: pl.Series) -> Parsed | None:
    """The quick way, when every cell is written plainly (1234.50) in one currency; None when any is not."""
    if field.decimal != "." or currency.n_unique() != 1:
        return None
    digits = 0 if field.unit == "minor" else MINOR_DIGITS.get(currency[0] or "", 2)
    form = rf"^[0-9]{{1,10}}(?:\.[0-9]{{1,{digits}}})?$" if digits else r"^[0-9]{1,12}$"
    if not column.str.contains(form).all():
        return None
    values = column.cast(pl.Decimal(18, digits)).to_physical().cast(pl.Int64)
    return Parsed(values, nulls(pl.String, len(column)))


def _judged(column: pl.Series, values: pl.Series, tests: list[tuple[str, pl.Expr]]) -> Parsed:
    """Faults in order of precedence, none where the cell is empty; values are null where there is a fault."""
    empty = pl.when(pl.col("text").is_null()).then(pl.lit(None, pl.String))
    fault: Any = empty.when(pl.col("text").str.contains(UNDECODABLE, literal=True)).then(pl.lit("undecodable"))
    for code, test in tests:
        fault = fault.when(test).then(pl.lit(code))
    faults = column.to_frame("text").select(fault.otherwise(pl.lit(None, pl.String)).alias("fault")).to_series()
    if faults.null_count() < len(faults):
        values = values.to_frame("v").select(pl.when(pl.lit(faults).is_null()).then("v").alias("v")).to_series()
    return Parsed(values, faults)
