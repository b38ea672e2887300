"""Amounts: text in, whole minor units, text out; nothing is ever rounded in silence."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdue.money.amount import (
    AMOUNT_MAX,
    MINOR_DIGITS,
    AmountError,
    Rounding,
    apply_rate,
    format_amount,
    minor_digits,
    money_text,
    parse_amount,
    parse_column,
    round_minor,
    split_evenly,
    to_decimal,
)

READ = [
    ("1234.50", "CNY", 1234_50), ("1,234.5", "CNY", 1234_50), (" 7 ", "CNY", 7_00), ("-0.05", "CNY", -5),
    ("+3", "USD", 3_00),
    ("(12.30)", "USD", -12_30), ("１，２３４．５０", "CNY", 1234_50), ("−8", "CNY", -8_00),
    ("0", "CNY", 0), ("5.", "CNY", 5_00),
    ("¥5", "CNY", 5_00), ("￥１，２００", "CNY", 1200_00), ("−¥5.00", "CNY", -5_00), ("¥ 7", "CNY", 7_00),
    ("(¥12.30)", "CNY", -12_30), ("$1,200.50", "USD", 1200_50), ("JP¥800", "JPY", 800), ("¥800", "JPY", 800),
    ("1.500", "CNY", 1_50), ("1,500", "JPY", 1500), ("1500.00", "JPY", 1500), ("1.234", "KWD", 1234),
    ("007", "TWD", 7_00),
    ("100000000000", "CNY", 10**13), ("-0", "CNY", 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "currency", "cents"), READ)
def test_text_becomes_minor_units(text, currency, cents):
    assert parse_amount(text, currency) == cents


REFUSED = [
    ("", "not an amount"), (" ", "not an amount"), ("abc", "not an amount"), ("1e5", "not an amount"),
    ("NaN", "not an amount"),
    ("1,23.4", "not an amount"), ("12,34,567", "not an amount"), (".5", "not an amount"), ("--1", "not an amount"),
    ("(-1)", "not an amount"), ("1 000", "not an amount"), ("0x10", "not an amount"), ("٣", "not an amount"),
    ("1.005", "3 decimals, but CNY has 2"), ("100000000000.01", "beyond"), ("9" * 41, "longer than 40"),
    ("9" * 40, "beyond"),
    ("$5", "not an amount"), ("¥", "not an amount"), ("¥¥5", "not an amount"), ("5¥", "not an amount"),
    ("¥-5", "not an amount"), ("--¥5", "not an amount"), ("1\x002", "not an amount"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_what_is_no_amount_is_an_error_with_a_cure(text, why):
    error = parse_amount(text, "CNY")
    assert isinstance(error, AmountError)
    assert why in error.why
    assert error.mend


def test_an_unknown_currency_is_refused():
    with pytest.raises(ValueError, match="'XYZ' is unknown"):
        minor_digits("XYZ")


@given(st.integers(-AMOUNT_MAX, AMOUNT_MAX), st.sampled_from(sorted(MINOR_DIGITS)), st.booleans())
def test_writing_and_reading_gives_the_same_amount(cents, currency, grouped):
    text = format_amount(cents, currency, grouped=grouped)
    assert parse_amount(text, currency) == cents
    assert Decimal(text.replace(",", "")) == to_decimal(cents, currency)


texts = st.sampled_from([t for t, *_ in READ] + [t for t, _ in REFUSED]) | st.text("0123456789.,-+() e", max_size=8)


@given(st.lists(st.none() | texts, max_size=12), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_a_column_is_read_as_its_texts_one_by_one(column, currency):
    cents, errors = parse_column(pl.Series(column, dtype=pl.String), currency)
    failed = {error.row: error for error in errors}
    for row, text in enumerate(column):
        alone = parse_amount(text or "", currency)
        if isinstance(alone, AmountError):
            assert (failed[row].why, cents[row]) == (alone.why, 0)
        else:
            assert row not in failed
            assert cents[row] == alone


def test_amounts_in_words():
    assert format_amount(1234567, "CNY") == "12,345.67"
    assert format_amount(-5, "CNY") == "-0.05"
    assert format_amount(1500, "JPY") == "1,500"
    assert money_text(123450, "CNY", "zh") == "1,234.50 元"
    assert money_text(123450, "CNY", "en") == "CNY 1,234.50"


@pytest.mark.parametrize(
    ("rounding", "results"),
    [
        (Rounding.HALF_UP, [3, 4, -3, 2]),
        (Rounding.HALF_EVEN, [2, 4, -2, 2]),
        (Rounding.DOWN, [2, 3, -2, 2]),
        (Rounding.FLOOR, [2, 3, -3, 2]),
        (Rounding.CEILING, [3, 4, -2, 3]),
    ],
)
def test_named_roundings(rounding, results):
    assert [
        round_minor(Decimal(text), rounding) for text in ("2.5", "3.5", "-2.5", "2.4999999999999999999999")
    ] == results


def test_a_daily_rate_of_five_in_ten_thousand():
    assert apply_rate(123_45, Decimal("0.0005"), Rounding.HALF_UP) == 6  # 6.1725 cents
    assert apply_rate(10**13, Decimal("0.3333333333"), Rounding.DOWN) == 3_333_333_333_000


@given(st.integers(0, AMOUNT_MAX), st.integers(1, 400))
def test_parts_add_up_and_differ_by_a_cent_at_most(cents, parts):
    split = split_evenly(cents, parts)
    assert sum(split) == cents
    assert len(split) == parts
    assert max(split) - min(split) <= 1
