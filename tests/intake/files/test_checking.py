"""Every row ends as good or rejected, with a reason in both languages; every amount is accounted for."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.intake import mapping, parsing
from fairdue.intake.batches import ROW, WHOLE, Batch
from fairdue.intake.checking import Checked, Checker, Totals, check
from fairdue.intake.fields import FIELDS, KINDS, Kind, schema
from fairdue.intake.mapping import FieldMap
from fairdue.intake.problems import CODES, row_error

BOOK = mapping.parse(
    """
creditor: {ref: lender}
defaults: {currency: CNY, country: CN, zone: Asia/Shanghai, dates: [YYYY-MM-DD, YYYY年M月D日], language: zh}
accounts:
  columns:
    external_ref: ref
    product: {column: product, codes: {消费贷: online_loan, 卡: credit_card}}
    principal: principal
    interest: interest
    name: name
    national_id: id
    birth_on: born
    phone: phone
    phone2: {column: phone2, if_bad: blank}
    email: {column: email, if_bad: blank}
    address: address
    rate: rate
    contact1_name: friend
    contact1_relation: {column: tie, codes: {配偶: spouse, 朋友: friend}}
    contact1_phone: friend phone
    placed_on: placed
    placement_ends_on: ends
    proof_contract: contract
dues:
  columns: {account_ref: ref, n: n, due_on: due, principal: principal, interest: interest}
payments:
  columns: {account_ref: ref, reference: number, happened_on: day, cents: amount, currency: currency, kind: kind,
    reverses: reverses}
bank:
  columns: {reference: number, happened_on: day, cents: amount, kind: kind, payer: payer}
contacts:
  columns: {account_ref: ref, happened_at: at, channel: channel, result: result, phone: phone, reference: number}
"""
)
ACCOUNT = {"ref": "A1", "product": "消费贷", "principal": "1,234.50", "name": "张三"}
DUE = {"ref": "A1", "n": "1", "due": "2026-03-01", "principal": "100"}
PAYMENT = {"ref": "A1", "number": "P1", "day": "2026-03-01", "amount": "50"}
CONTACT = {"ref": "A1", "at": "2026-03-01 10:00", "channel": "call", "result": "busy"}
LINE = {"number": "N1", "day": "2026-03-01", "amount": "50"}
GOOD: dict[Kind, dict[str, str]] = {
    "accounts": ACCOUNT, "dues": DUE, "payments": PAYMENT, "bank": LINE, "contacts": CONTACT,
}  # fmt: skip


def batch(kind: Kind, *rows: dict[str, str | None]) -> Batch:
    columns = [field.column for field in BOOK.mappings[kind].fields.values() if field.column]
    frame = pl.DataFrame([{c: row.get(c) for c in columns} for row in rows], schema=dict.fromkeys(columns, pl.String))
    return Batch(
        frame.insert_column(0, pl.Series(ROW, range(2, 2 + len(rows)), dtype=pl.Int64)).with_columns(
            pl.lit(None, pl.String).alias(WHOLE)
        ),
        [],
    )


def checked(kind: Kind, *rows: dict[str, str | None]) -> Checked:
    return check(batch(kind, *rows), BOOK.mappings[kind], as_of=date(2026, 3, 10))


@pytest.mark.parametrize("kind", KINDS)
def test_the_least_a_creditor_can_give_is_good_and_typed(kind: Kind) -> None:
    result = checked(kind, GOOD[kind])
    assert result.errors == []
    assert dict(result.good.schema) == schema(kind)
    assert len(result.good) == 1


def test_an_account_is_understood_whole() -> None:
    row = ACCOUNT | {
        "id": "11010519491231002x", "phone": "138 1234 5678", "address": "新疆乌鲁木齐市天山区1号", "rate": "18.25%",
        "friend": "李四", "tie": "配偶", "friend phone": "010-62223333", "contract": "是", "email": "A.B@Example.com",
    }  # fmt: skip
    good = checked("accounts", row).good.row(0, named=True)
    assert good["creditor_ref"] == "lender"
    assert (good["principal"], good["interest"], good["currency"]) == (123_450, 0, "CNY")
    assert (good["id_kind"], good["national_id"]) == ("cn_resident_id", "11010519491231002X")
    assert (good["birth_on"], good["sex"], good["region"]) == (date(1949, 12, 31), 2, "CN-65")
    assert (good["phone"], good["phone_zones"]) == ("+8613812345678", "Asia/Shanghai,Asia/Urumqi")
    assert (good["contact1_relation"], good["contact1_phone"]) == ("spouse", "+861062223333")
    assert good["contact1_zones"] == "Asia/Shanghai"
    assert (good["rate"], good["proof_contract"], good["email"]) == ("18.25", True, "a.b@example.com")


@pytest.mark.parametrize(
    ("kind", "change", "code", "words"),
    [
        ("accounts", {"ref": None}, "missing", "required"),
        ("accounts", {"name": " "}, "missing", "required"),
        ("accounts", {"name": "张\ufffd"}, "undecodable", "decoded"),
        ("accounts", {"name": "x" * 201}, "too_long", "200"),
        ("accounts", {"product": "房贷"}, "code", "消费贷, 卡"),
        ("accounts", {"principal": "=1+1"}, "amount", "not an amount"),
        ("accounts", {"principal": "12,34"}, "amount_grouping", "unclear"),
        ("accounts", {"principal": "1.005"}, "amount_decimals", "CNY has 2"),
        ("accounts", {"principal": "9" * 30}, "amount_large", "100 billion"),
        ("accounts", {"principal": "-1"}, "amount_negative", "negative"),
        ("accounts", {"interest": "(5.00)"}, "amount_negative", "negative"),
        ("accounts", {"rate": "18..2"}, "rate", "18.25"),
        ("accounts", {"phone": "12345"}, "phone", "valid"),
        ("accounts", {"id": "1101051949123100"}, "id_length", "18"),
        ("accounts", {"id": "110105194912310021"}, "id_checksum", "check digit"),
        ("accounts", {"id": "110105194902300020"}, "id_date", "birth date"),
        ("accounts", {"id": "11010519491231002X", "born": "1950-01-01"}, "id_birth", "1949-12-31"),
        ("accounts", {"tie": "配偶"}, "contact_phone", "neither"),
        ("accounts", {"placed": "2026-03-01", "ends": "2026-02-01"}, "placement_dates", "2026-03-01"),
        ("accounts", {"contract": "maybe"}, "bool", "yes nor no"),
        ("accounts", {"born": "2026-05-01"}, "future", "2026-03-10"),
        ("dues", {"due": "2026-02-30"}, "date", "February 2026 has 28 days"),
        ("dues", {"due": "2026年13月1日"}, "date", "month 13 does not exist"),
        ("dues", {"due": "2026-02-29"}, "date", "February 2026 has 28 days. Give a day that exists."),
        ("dues", {"due": "soon"}, "date", "not a date"),
        ("dues", {"n": "1.5"}, "number", "whole number"),
        ("dues", {"n": "0"}, "number", "whole number"),
        ("dues", {"principal": "0"}, "amount_zero", "greater than zero"),
        ("dues", {"principal": None}, "amount_zero", "greater than zero"),
        ("payments", {"amount": "0"}, "amount_zero", "greater than zero"),
        ("payments", {"amount": "-5"}, "amount_negative", "negative"),
        ("payments", {"day": "2026-04-01"}, "future", "2026-03-10"),
        ("payments", {"kind": "reversal"}, "reverses", "which payment"),
        ("payments", {"currency": "XYZ"}, "currency", "ISO 4217"),
        ("contacts", {"at": "2026-03-01"}, "date", "HH:mm"),
        ("contacts", {"at": "2026-03-01 25:00"}, "date", "HH:mm"),
        ("contacts", {"channel": "pigeon"}, "code", "call"),
    ],
)
def test_a_fault_sends_the_row_back_with_its_reason(kind: Kind, change: dict[str, str], code: str, words: str) -> None:
    result = checked(kind, GOOD[kind] | change, GOOD[kind] | {"ref": "A9", "number": "P9"})
    assert [error.code for error in result.errors] == [code]
    assert words in result.errors[0].text("en") or words in result.rejected["error"][0]
    assert "{" not in result.errors[0].text("zh") + result.errors[0].text("en")
    assert (result.good["row"].to_list(), result.rejected["row"].to_list()) == ([3], [2])


def test_all_faults_of_a_row_are_told_at_once() -> None:
    result = checked("accounts", {"ref": "A1", "product": "x", "principal": "y", "phone": "z"})
    assert sorted(error.field for error in result.errors) == ["name", "phone", "principal", "product"]
    assert result.rejected["error"][0].count("\n") == 3


def test_a_doubtful_cell_may_be_left_blank_when_the_mapping_says_so() -> None:
    result = checked("accounts", ACCOUNT | {"email": "nobody", "phone2": "1"})
    assert (result.errors, len(result.good)) == ([], 1)
    assert sorted(warning.field for warning in result.warnings) == ["email", "phone2"]
    assert result.good["email"][0] is None


def test_a_county_younger_than_its_holder_is_a_warning_not_a_refusal() -> None:
    number = "110112198001011231"  # the district of Tongzhou was named in 1997; late registrations carry its code
    result = checked("accounts", ACCOUNT | {"id": number})
    assert [warning.code for warning in result.warnings] == ["id_place"]
    assert result.good["national_id"][0] == number


def test_the_second_of_two_rows_with_one_key_goes_back_even_in_a_later_batch() -> None:
    checker = Checker(BOOK.mappings["payments"])
    first = checker.check(batch("payments", PAYMENT, PAYMENT | {"number": "P2"}, PAYMENT))
    later = batch("payments", PAYMENT | {"number": "P2"}, PAYMENT | {"number": "P3"})
    second = checker.check(Batch(later.frame.with_columns(pl.col(ROW) + 3), []))
    assert [(e.row, e.code) for e in first.errors + second.errors] == [(4, "duplicate"), (5, "duplicate")]
    assert "row 3" in second.errors[0].text("en")
    assert checker.totals.rows_good == 3


def test_a_rejected_row_does_not_take_the_key_from_a_good_one() -> None:
    result = checked("payments", PAYMENT | {"amount": "x"}, PAYMENT)
    assert (result.good["row"].to_list(), [error.code for error in result.errors]) == ([3], ["amount"])


def test_times_are_utc_whether_the_file_gives_an_offset_or_the_mapping_a_zone() -> None:
    rows = ("2026-03-01 10:00", "2026-03-01T10:00:00+09:00", "2026-03-01T10:00:00Z", "2026-03-01 10:00:00")
    result = checked("contacts", *(CONTACT | {"at": at, "number": str(n)} for n, at in enumerate(rows)))
    hours = [at.astimezone(UTC).hour for at in result.good["happened_at"]]
    assert hours == [2, 1, 10, 2]


def test_a_time_the_clocks_skipped_is_a_fault() -> None:
    field = FieldMap("happened_at", column="t", zone="America/New_York")
    found = parsing.moments(pl.Series(["2026-03-08 02:30", "2026-03-08 03:30", "2026-11-01 01:30"]), field)
    assert found.fault.to_list() == ["time_gap", None, None]
    assert found.values[2] == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # the first of the two half past ones


@pytest.mark.parametrize(
    ("text", "field", "currency", "cents"),
    [
        ("1234.5", {}, "CNY", 123_450),
        ("￥1,234.50", {"thousands": ","}, "CNY", 123_450),
        ("１２３４．５", {}, "CNY", 123_450),
        ("1.234,50", {"decimal": ",", "thousands": "."}, "CNY", 123_450),
        ("1 234,5 元", {"decimal": ",", "thousands": " "}, "CNY", 123_450),
        ("$.75", {}, "USD", 75),
        ("12.", {}, "USD", 1_200),
        ("12-", {}, "USD", -1_200),
        ("007", {"unit": "minor"}, "CNY", 7),
        ("5.00", {"unit": "minor"}, "CNY", 5),
        ("1500", {}, "JPY", 1_500),
        ("1.234", {}, "KWD", 1_234),
        ("1500.00", {}, "JPY", 1_500),
    ],
)
def test_amounts_as_people_write_them(text: str, field: dict[str, str], currency: str, cents: int) -> None:
    found = parsing.amounts(pl.Series([text]), FieldMap("x", column="x", **field), pl.Series([currency]))  # type: ignore[arg-type]
    assert found.values.to_list() == [cents]


@given(cents=st.lists(st.integers(0, 10**12), min_size=1, max_size=30), sign=st.booleans())
@settings(max_examples=80, deadline=None)
def test_the_quick_way_and_the_patient_way_read_amounts_alike(cents: list[int], sign: bool) -> None:
    texts = [f"{each // 100}.{each % 100:02d}" for each in cents]
    field, money = FieldMap("x", column="x", thousands=","), ["CNY"]
    quick = parsing.amounts(pl.Series(texts), field, pl.Series(money * len(texts)))
    patient = parsing.amounts(pl.Series([*texts, "¥1"]), field, pl.Series(money * (len(texts) + 1)))
    assert quick.values.to_list() == patient.values.to_list()[:-1] == cents


cell = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "A1", "A2", "消费贷", "1", "0", "-3", "12.345", "2026-02-30", "2026-03-01", "reversal", "call"]
    ),
    st.text(max_size=6),
    st.integers(-(10**20), 10**20).map(str),
)


@given(kind=st.sampled_from(KINDS), data=st.data())
@settings(max_examples=60, deadline=None)
def test_rows_and_money_always_add_up(kind: Kind, data: st.DataObject) -> None:
    columns = [field.column for field in BOOK.mappings[kind].fields.values() if field.column]
    spoil = st.dictionaries(st.sampled_from(columns), cell, max_size=4)
    rows = data.draw(st.lists(spoil.map(lambda change: {**GOOD[kind], **change}), min_size=1, max_size=8))
    checker = Checker(BOOK.mappings[kind])
    result = checker.check(batch(kind, *rows))
    assert sorted([*result.good["row"], *result.rejected["row"]]) == list(range(2, 2 + len(rows)))
    assert {error.row for error in result.errors} == set(result.rejected["row"])
    assert checker.totals.balance()
    for (name, currency), cents in checker.totals.money_good.items():
        assert result.good.filter(pl.col("currency") == currency)[name].sum() == cents


def test_totals_that_do_not_add_up_are_seen() -> None:
    assert Totals(3, 2, 1).balance()
    assert not Totals(3, 2, 0).balance()
    assert not Totals(1, 1, 0, {("cents", "CNY"): 5}, {("cents", "CNY"): 4}).balance()


def test_every_sentence_can_be_said_in_both_languages() -> None:
    for code, (why, mend) in CODES.items():
        assert all(why), code
        assert all(mend), code
        assert code == "date" or any(ord(char) > 0x2E80 for char in why.zh), code
    assert row_error("too_long", row=2, limit=5).text("zh") == "超过 5 个字符。请缩短。"


def test_fields_are_named_once_and_codes_are_ours() -> None:
    for kind in KINDS:
        assert len(schema(kind)) == len(FIELDS[kind]) + 1
        assert all(spec.codes for spec in FIELDS[kind].values() if spec.type == "code")
