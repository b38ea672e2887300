"""A mapping is checked on load: every fault names file, line, field and cure."""

from pathlib import Path

import pytest

from fairdue.intake import mapping
from fairdue.intake.fields import FIELDS
from fairdue.intake.problems import FileRefused

GOOD = """
creditor: {ref: lender, name: 示例}
defaults:
  currency: CNY
  country: CN
  dates: [YYYY-MM-DD, YYYY年M月D日]
accounts:
  file: "acc*.csv"
  columns:
    external_ref: 借据号
    product: {column: 产品, codes: {消费贷: online_loan, " 信用卡 ": credit_card}}
    principal: {column: 本金, unit: minor}
    name: 姓名
payments:
  file: "pay*"
  currency: USD
  columns: {account_ref: a, reference: r, happened_on: {column: d, dates: [MM/DD/YYYY]}, cents: c}
"""


def faults(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(FileRefused) as refused:
        mapping.parse(text)
    return [(problem.line, problem.field, problem.code) for problem in refused.value.problems]


def test_a_good_mapping_says_which_column_is_what() -> None:
    book = mapping.parse(GOOD)
    accounts, payments = book.mappings["accounts"], book.mappings["payments"]
    assert (book.creditor_ref, book.creditor_name) == ("lender", "示例")
    assert accounts.fields["product"].codes == {"消费贷": "online_loan", "信用卡": "credit_card"}
    assert accounts.fields["principal"].unit == "minor"
    assert (accounts.currency, payments.currency) == ("CNY", "USD")
    assert payments.fields["happened_on"].dates == ("MM/DD/YYYY",)
    assert book.for_file("ACC_2026.csv") is accounts
    assert book.for_file("other.csv") is None


@pytest.mark.parametrize(
    ("line", "wrong", "expected"),
    [
        ("    name: 姓名", "    nme: 姓名", (13, "accounts.columns.nme", "mapping_key")),
        ("    name: 姓名", "    name: {column: a, value: b}", (13, "accounts.name", "mapping_source")),
        ("    name: 姓名", "    name: {column: a, if_bad: blank}", (13, "accounts.name.if_bad", "mapping_blank")),
        ("online_loan", "online_lone", (11, "accounts.product.codes.消费贷", "mapping_choice")),
        ("unit: minor", "unit: cents", (12, "accounts.principal.unit", "mapping_choice")),
        ("MM/DD/YYYY", "MM/DD", (17, "payments.happened_on.dates", "mapping_date")),
        ("  country: CN", "  country: China", (5, "accounts.country", "mapping_choice")),
        ("    name: 姓名\n", "", (10, "accounts.name", "mapping_field")),
        ("currency: USD", "currency: DOLLAR", (16, "payments.currency", "mapping_choice")),
        ("ref: lender", "rf: lender", (2, "creditor.ref", "mapping_required")),
        ("accounts:\n", "acounts:\n", (8, "acounts", "mapping_key")),
        ("  currency: CNY\n", "  currency: CNY\n  currency: USD\n", (5, "", "yaml_twice")),
    ],
)
def test_a_fault_is_named_with_its_line(line: str, wrong: str, expected: tuple[int, str, str]) -> None:
    assert line in GOOD
    assert expected in faults(GOOD.replace(line, wrong))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: [1", "yaml"),
        ("", "yaml"),
        ("a: &x [1]\nb: *x", "yaml_alias"),
        ("- 1", "mapping_type"),
        ("creditor: {ref: a}", "mapping_empty"),
        ("creditor: {ref: a}\ndues: {columns: {account_ref: a, n: n, due_on: d}}", "mapping_field"),
        ("a: " + "[" * 500 + "]" * 500, "yaml_depth"),
        ("x" * 300_000, "mapping_too_large"),
    ],
)
def test_what_is_no_mapping_is_refused(text: str, code: str) -> None:
    assert code in {found for _, _, found in faults(text)}


def test_times_need_a_zone_or_an_offset() -> None:
    text = "creditor: {ref: a}\ncontacts:\n  columns: {account_ref: a, happened_at: t, channel: c, result: r}\n"
    assert (3, "contacts.happened_at", "mapping_zone") in faults(text)
    mapping.parse(text.replace("happened_at: t", "happened_at: {column: t, zone: America/Chicago}"))
    mapping.parse(text.replace("happened_at: t", "happened_at: {column: t, dates: ['YYYY-MM-DDTHH:mm:ssZ']}"))


def test_a_column_the_file_lacks_is_named_with_the_nearest_there_is() -> None:
    accounts = mapping.parse(GOOD).mappings["accounts"]
    (found,) = mapping.missing_columns(accounts, ["借据号", "产品", "剩余本金", "姓名"], name="acc.csv")
    assert found.field == "accounts.principal"
    assert "剩余本金" in found.text("zh")


@pytest.mark.parametrize(
    ("columns", "kind", "found"),
    [
        (
            ["借据号", "客户姓名", "身份证号", "手机号码", "剩余本金", "联系人1姓名", "省份", "备注"],
            "accounts",
            {
                "external_ref": "借据号",
                "name": "客户姓名",
                "national_id": "身份证号",
                "phone": "手机号码",
                "region": "省份",
            },
        ),
        (
            ["Account Number", "Installment", "Due Date", "Principal Due"],
            "dues",
            {"n": "Installment", "due_on": "Due Date"},
        ),
        (["流水号", "借据号", "还款日期", "还款金额"], "payments", {"reference": "流水号", "cents": "还款金额"}),
        (["Loan ID", "Call Time", "Channel", "Disposition"], "contacts", {"happened_at": "Call Time"}),
    ],
)
def test_headers_alone_suggest_a_draft(columns: list[str], kind: str, found: dict[str, str]) -> None:
    draft = mapping.guess(columns)
    assert draft.kind == kind
    assert found.items() <= draft.columns.items()
    assert set(draft.unused) == set(columns) - set(draft.columns.values())


def test_a_complete_draft_is_a_valid_mapping(tmp_path: Path) -> None:
    draft = mapping.guess(["借据号", "姓名", "剩余本金", "手机号"])
    assert draft.missing == []
    path = tmp_path / "draft.yaml"
    path.write_text(draft.yaml, encoding="utf-8")
    assert mapping.load(path).mappings["accounts"].fields["principal"].column == "剩余本金"


def test_header_words_belong_to_fields() -> None:
    names = {name for fields in FIELDS.values() for name, spec in fields.items() if not spec.derived}
    assert mapping.header_words().keys() <= names
