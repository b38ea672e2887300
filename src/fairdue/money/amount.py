"""Amounts: whole minor units of a currency, read from text and written as text without ever passing through a fraction
of binary digits.

How to call::

    parse_amount("1,234.50", "CNY")          # 123450, or an AmountError (a value, not raised)
    parse_column(series, "CNY")              # a million at once: cents and the rows that failed
    format_amount(123450, "CNY")             # "1,234.50"
    money_text(123450, "CNY", "zh")          # "1,234.50 元"
    apply_rate(123450, Decimal("0.0005"), Rounding.HALF_UP)

Minor digits are those of ISO 4217 (JPY 0, CNY 2, KWD 3).
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import Final, Literal

import numpy as np
import polars as pl

from fairdue.money.days import I64

AMOUNT_MAX = 10**13
"""Greatest amount of minor units read from text: beyond every consumer debt, and 900,000 of them still fit an int64."""

_TEXT_MAX = 40
_TWO_DIGITS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP
CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR
KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD
TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW
"""
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
MINOR_DIGITS: dict[str, int] = (
    dict.fromkeys(_TWO_DIGITS.split(), 2)
    | dict.fromkeys(_NO_DIGITS.split(), 0)
    | dict.fromkeys(_THREE_DIGITS.split(), 3)
)
"""Digits after the decimal point by currency code (ISO 4217)."""

SYMBOLS: Final = {
    "CNY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "JP¥",
    "TWD": "NT$",
    "HKD": "HK$",
    "SGD": "S$",
    "INR": "₹",
}
"""The sign of a currency, as written on screens and in letters."""
MINUS: Final = "\N{MINUS SIGN}"
_NAMES_ZH = {
    "CNY": "元",
    "USD": "美元",
    "EUR": "欧元",
    "GBP": "英镑",
    "JPY": "日元",
    "HKD": "港元",
    "TWD": "新台币",
    "MOP": "澳门元",
    "SGD": "新加坡元",
    "AUD": "澳元",
    "INR": "印度卢比",
    "BRL": "雷亚尔",
}
_FORM = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d*))?", re.ASCII)
_EXACT = Context(prec=60)


class Rounding(StrEnum):
    """How a fraction of a minor unit becomes a whole one. Ties: half."""

    HALF_UP = ROUND_HALF_UP  # away from zero, as taught in school (四舍五入)
    HALF_EVEN = ROUND_HALF_EVEN  # to the even neighbour, as banks do
    DOWN = ROUND_DOWN  # towards zero: in favour of the debtor when it is a charge
    FLOOR = ROUND_FLOOR  # towards minus infinity
    CEILING = ROUND_CEILING  # towards plus infinity


@dataclass(frozen=True, slots=True)
class AmountError:
    """Why a text is no amount. `row` is 0 outside columns."""

    found: str
    why: str
    mend: str
    row: int = 0


def minor_digits(currency: str) -> int:
    """Digits after the point; ValueError for a code that ISO 4217 does not have in use."""
    if currency not in MINOR_DIGITS:
        raise ValueError(f"currency {currency[:10]!r} is unknown; write its ISO 4217 code, e.g. CNY")
    return MINOR_DIGITS[currency]


def parse_amount(text: str, currency: str) -> int | AmountError:
    """Minor units of a text like "1,234.5", "¥7", "-7" or "（12.30）" (brackets: below zero); nothing is rounded away.

    Full-width digits and signs, the currency's own sign before the digits, spaces around and thousands commas in their
    places are understood; exponents, other marks and more decimals than the currency has (unless noughts) are errors.
    """
    digits = minor_digits(currency)
    if len(text) > _TEXT_MAX:
        return AmountError(text[:20] + "…", f"longer than {_TEXT_MAX} characters", "write a plain amount, e.g. 1234.50")
    plain = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-")
    in_brackets = len(plain) > 2 and plain[0] == "(" and plain[-1] == ")"
    match = _FORM.fullmatch(_without_sign(plain[1:-1].strip() if in_brackets else plain, currency))
    if not match or (in_brackets and match[1]):
        return AmountError(text, "not an amount", f"write digits, e.g. {_example(digits)}")
    decimals = (match[3] or "").rstrip("0")
    if len(decimals) > digits:
        why = f"{len(decimals)} decimals, but {currency} has {digits}"
        return AmountError(text, why, f"round it where it comes from, e.g. {_example(digits)}")
    cents = int(match[2].replace(",", "") + decimals.ljust(digits, "0"))
    if cents > AMOUNT_MAX:
        return AmountError(text, "beyond any consumer debt", f"write at most {format_amount(AMOUNT_MAX, currency)}")
    return -cents if in_brackets or match[1] == "-" else cents


def _without_sign(plain: str, currency: str) -> str:
    """The text less the sign of its own currency, which stands behind a plus or minus."""
    minus, rest = (plain[0], plain[1:]) if plain[:1] in ("+", "-") else ("", plain)
    for symbol in (SYMBOLS.get(currency, ""), "¥" if currency == "JPY" else ""):
        figures = rest.removeprefix(symbol).lstrip()
        if symbol and rest.startswith(symbol) and figures[:1].isdigit():
            return minus + figures
    return plain


def parse_column(texts: pl.Series, currency: str) -> tuple[I64, list[AmountError]]:
    """`parse_amount` for a column of strings: int64 minor units (0 where it failed) and one error for each failure.

    Nulls fail as empty. Common forms are read by column operations, the rest one by one; the results are the same.
    """
    digits = minor_digits(currency)
    pattern = rf"^-?\d{{1,11}}(?:\.\d{{1,{digits}}})?$" if digits else r"^-?\d{1,11}$"
    common = (texts.str.contains(pattern) & ~texts.str.contains(r"[^0-9.\-]")).fill_null(False)
    parts = texts.str.splitn(".", 2).struct.unnest()
    whole = parts.to_series(0).str.strip_prefix("-")
    decimals = (
        parts.to_series(1).fill_null("").str.pad_end(digits, "0")
        if digits
        else pl.Series([""]).new_from_index(0, len(texts))
    )
    cents = (whole + decimals).set(~common, "0").cast(pl.Int64)
    signs = np.where(texts.str.starts_with("-").fill_null(False).to_numpy(), -1, 1)
    amounts: I64 = cents.to_numpy() * signs
    errors: list[AmountError] = []
    for row in np.flatnonzero(~common.to_numpy() | (np.abs(amounts) > AMOUNT_MAX)):
        read = parse_amount(texts[int(row)] or "", currency)
        amounts[row] = 0 if isinstance(read, AmountError) else read
        if isinstance(read, AmountError):
            errors.append(AmountError(read.found, read.why, read.mend, row=int(row)))
    return amounts, errors


def format_amount(cents: int, currency: str, *, grouped: bool = True) -> str:
    """ "1,234.50"; "-0.05"; no currency sign. The inverse of `parse_amount`."""
    digits = minor_digits(currency)
    whole, rest = divmod(abs(int(cents)), 10**digits)
    sign = "-" if cents < 0 else ""
    return f"{sign}{whole:,}" * grouped + f"{sign}{whole}" * (not grouped) + (f".{rest:0{digits}}" if digits else "")


def money_signed(cents: int, currency: str) -> str:
    """The amount with its sign, as on the screens: "¥1,234.50", "$238.30"; the code where there is no sign."""
    sign = MINUS if cents < 0 else ""
    return sign + SYMBOLS.get(currency, f"{currency} ") + format_amount(abs(cents), currency)


def money_text(cents: int, currency: str, lang: Literal["zh", "en"]) -> str:
    """The amount with its currency as a reader expects it: "1,234.50 元", "CNY 1,234.50"."""
    amount = format_amount(cents, currency)
    return f"{amount} {_NAMES_ZH.get(currency, currency)}" if lang == "zh" else f"{currency} {amount}"


def to_decimal(cents: int, currency: str) -> Decimal:
    """Major units as an exact Decimal, for exports."""
    return Decimal(int(cents)).scaleb(-minor_digits(currency), _EXACT)


def round_minor(amount: Decimal, rounding: Rounding) -> int:
    """Whole minor units of a Decimal number of minor units."""
    return int(amount.quantize(Decimal(1), rounding=rounding.value, context=_EXACT))


def apply_rate(cents: int, rate: Decimal, rounding: Rounding) -> int:
    """cents × rate (a share: 0.0005 is five in ten thousand) in whole minor units."""
    return round_minor(_EXACT.multiply(Decimal(int(cents)), rate), rounding)


def split_evenly(cents: int, parts: int) -> list[int]:
    """`cents` (at least 0) in equal parts that add up to it; the first ones are a minor unit greater where need be."""
    if parts < 1 or cents < 0:
        raise ValueError(f"cannot split {cents} into {parts} parts; both must make sense (cents ≥ 0, parts ≥ 1)")
    each, rest = divmod(cents, parts)
    return [each + 1] * rest + [each] * (parts - rest)


def _example(digits: int) -> str:
    return "1234" + ("." + "50"[:digits].ljust(digits, "0") if digits else "")
