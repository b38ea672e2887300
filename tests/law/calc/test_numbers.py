"""Identifiers, classes, procedures, amounts as text."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdue.law.calc import amounts, classification, identifiers, procedure


@pytest.mark.parametrize(
    ("kind", "value", "result"),
    [
        ("resident_id", "11010519491231002X", "valid"),
        ("resident_id", "11010519491231002x", "valid"),
        ("resident_id", "110105194912310021", "invalid_checksum"),
        ("resident_id", "110105194913310022", "invalid_date"),
        ("resident_id", "110105190002290020", "invalid_date"),  # 1900 was no leap year
        ("resident_id", "1101051949123100X2", "invalid_character"),
        ("resident_id", "１10105194912310021", "invalid_character"),
        ("resident_id", "110105491231002", "invalid"),  # the old form of 15 digits
        ("resident_id", "", "invalid"),
        ("uscc", "91350100M000100Y43", "valid"),
        ("uscc", "91350100M000100Y44", "invalid_checksum"),
        ("uscc", "91350100I000100Y43", "invalid_character"),
        ("uscc", "91350100M000100Y4", "invalid"),
        ("mobile", "13800138000", "valid"),
        ("mobile", "+86 138-0013-8000", "valid"),
        ("mobile", "12800138000", "invalid"),
        ("mobile", "1380013800", "invalid"),
        ("mobile", "1064900000000", "invalid"),  # a thing, not a person
        ("bank_card", "6222 0000 0000 0000 004", "valid"),
        ("bank_card", "6222000000000000005", "invalid_checksum"),
        ("bank_card", "622200000000", "invalid"),
        ("bank_card", "6222-0000-0000-0000", "invalid_character"),
    ],
)
def test_identifiers(kind, value, result):
    assert identifiers.check(kind, value) == result


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@given(st.dates(), st.integers(0, 999_999), st.integers(0, 999), st.integers(0, 10))
def test_of_eleven_check_characters_one_is_right(born, area, order, check):
    body = f"{area:06}{born.year:04}{born.month:02}{born.day:02}{order:03}"
    right = "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]
    given_check = "0123456789X"[check]
    assert identifiers.resident_id(body + given_check) == ("valid" if given_check == right else "invalid_checksum")


def test_virtual_operators():
    assert identifiers.is_virtual_operator("+8617012345678")
    assert not identifiers.is_virtual_operator("13800138000")
    assert not identifiers.is_virtual_operator("170")


@pytest.mark.parametrize(
    ("days", "floor", "bucket"),
    [
        (0, "normal", "M0"), (1, "special_mention", "M1"), (30, "special_mention", "M1"), (60, "special_mention", "M2"),
        (90, "special_mention", "M3"), (91, "substandard", "M4"), (120, "substandard", "M4"), (121, "substandard", "M5"),
        (180, "substandard", "M6"), (181, "substandard", "M7+"), (270, "substandard", "M7+"), (271, "doubtful", "M7+"),
        (360, "doubtful", "M7+"), (361, "loss", "M7+"),
    ],
)  # fmt: skip
def test_classes_and_buckets(days, floor, bucket):
    assert (classification.risk_class_floor(days), classification.ageing_bucket(days)) == (floor, bucket)


def test_small_claims_turn_on_the_exact_half_of_the_wage():
    wage = 120_000_01
    assert procedure.small_claims(60_000_00, average_wage=wage) == "mandatory"
    assert procedure.small_claims(60_000_01, average_wage=wage) == "by_agreement"
    assert procedure.small_claims(1, average_wage=wage, debtor_missing=True) == "not_available"


@pytest.mark.parametrize(
    ("written", "content", "valid"),
    [
        (True, "admits_debt_cannot_pay_now", False),
        (True, "asks_for_time", False),
        (True, "disputes_debt", True),
        (False, "disputes_debt", False),
    ],
)
def test_only_a_written_objection_to_the_debt_ends_a_payment_order(written, content, valid):
    assert procedure.is_objection(written=written, content=content) is valid


def test_terms_and_gaps():
    assert [procedure.plan_allowed(months) for months in (1, 60, 61)] == [True, True, False]
    assert [procedure.days_between_enough(days) for days in (29, 30)] == [False, True]


@given(st.integers(0, amounts.CENTS_MAX))
def test_amounts_survive_being_written(cents):
    assert amounts.cents(amounts.money(cents)) == cents


@pytest.mark.parametrize("text", ["", "-1.00", "1.234", "1,000.00", "1e3", ".50", "１.00", "1.", "99999999999999999"])
def test_what_is_no_amount(text):
    with pytest.raises(ValueError):
        amounts.cents(text)


@pytest.mark.parametrize(("exact", "whole"), [("1/2", 1), ("3/2", 2), ("5/2", 3), ("1/3", 0), ("2/3", 1), ("7", 7)])
def test_halves_go_up(exact, whole):
    assert amounts.half_up(Fraction(exact)) == whole


@pytest.mark.parametrize(
    ("rate", "text"), [("12", "12.00"), ("3.4500", "3.45"), ("0.0365", "0.0365"), ("100", "100.00")]
)
def test_rates_as_text(rate, text):
    assert amounts.rate_text(Decimal(rate)) == text
