"""Amounts and rates: whole cents inside, decimal text outside, one rounding.

cents("1234.50")                 # 123450
money(123450)                    # "1234.50"
half_up(Fraction(5, 2))          # 3
share(123450, Decimal("0.025"))  # Fraction: exact cents, rounded by the caller, once
"""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Final

CENTS_MAX: Final = 10**15
_MONEY: Final = re.compile(r"\d{1,14}(\.\d{1,2})?", re.ASCII)
_RATE: Final = re.compile(r"\d{1,9}(\.\d{1,12})?", re.ASCII)


def cents(text: str) -> int:
    """Cents of a decimal text such as "1234.50"; ValueError when it is none or beyond CENTS_MAX."""
    if not _MONEY.fullmatch(text):
        raise ValueError(f"{text[:30]!r} is not an amount")
    whole, _, decimals = text.partition(".")
    amount = int(whole + decimals.ljust(2, "0"))
    if amount > CENTS_MAX:
        raise ValueError(f"{text!r} is beyond {money(CENTS_MAX)}")
    return amount


def money(amount: int) -> str:
    """Decimal text of cents, two places."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02}"


def rate(text: str) -> Decimal:
    """An exact Decimal of a text such as "3.45"; ValueError when it is none."""
    if not _RATE.fullmatch(text):
        raise ValueError(f"{text[:30]!r} is not a rate")
    return Decimal(text)


def rate_text(value: Decimal) -> str:
    """A rate with two places, or as many as it needs."""
    exact = value.normalize()
    places = max(2, -int(exact.as_tuple().exponent))
    return f"{exact:.{places}f}"


def share(amount: int, of: Decimal) -> Fraction:
    """amount × of, exactly."""
    return Fraction(amount) * Fraction(of)


def half_up(exact: Fraction) -> int:
    """The nearest whole number of an exact one that is at least 0; halves go up (四舍五入)."""
    assert exact >= 0, "amounts of law are at least 0"
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
