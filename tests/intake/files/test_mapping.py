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


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (
            ["Booking Date", "Value Date", "Amount", "Credit/Debit", "Counterparty", "Counterparty IBAN", "Purpose",
             "Transaction ID", "Customer Reference"],
            {"happened_on": "Booking Date", "cents": "Amount", "kind": "Credit/Debit", "payer": "Counterparty",
             "payer_account": "Counterparty IBAN", "text": "Purpose", "reference": "Transaction ID",
             "about": "Customer Reference"},
        ),
        (
            ["Transaction date", "Description", "Reference", "D/C", "Transaction Amount", "Remitter Name"],
            {"happened_on": "Transaction date", "text": "Description", "reference": "Reference", "kind": "D/C",
             "cents": "Transaction Amount", "payer": "Remitter Name"},
        ),
        (
            ["记账日期", "交易日期", "借贷标志", "发生额", "余额", "对方户名", "对方账号", "附言", "摘要", "交易流水号"],
            {"happened_on": "记账日期", "kind": "借贷标志", "cents": "发生额", "payer": "对方户名",
             "payer_account": "对方账号", "text": "附言", "reference": "交易流水号"},
        ),
        (["入账日期", "贷方发生额", "借方发生额", "付款人名称", "付款人账号", "摘要", "流水号"],
         {"happened_on": "入账日期", "cents": "贷方发生额", "payer": "付款人名称", "payer_account": "付款人账号",
          "text": "摘要", "reference": "流水号"}),
        (["Value Date", "Paid in", "Paid out", "Ref"], {"happened_on": "Value Date", "cents": "Paid in"}),
    ],
)  # fmt: skip
def test_the_headers_banks_use_are_known(columns: list[str], found: dict[str, str]) -> None:
    draft = mapping.guess(columns, kind="bank")
    assert found.items() <= draft.columns.items()
    assert mapping.parse(draft.yaml).mappings["bank"].fields["cents"].column if not draft.missing else True


@pytest.mark.parametrize(
    ("header", "one"),
    [("Credit/Debit", True), ("Cr / Dr", True), ("D/C", True), ("Debit/Credit indicator", True), ("+/-", True),
     ("借贷标志", True), ("收/付", True), ("借贷合同编号", False), ("Credit amount", False), ("Creditor", False),
     ("Type", False)],
)  # fmt: skip
def test_which_headers_look_like_a_direction(header: str, one: bool) -> None:
    assert mapping.looks_like_direction(header) is one


def test_header_words_belong_to_fields() -> None:
    names = {name for fields in FIELDS.values() for name, spec in fields.items() if not spec.derived}
    own = {f"{kind}.{name}" for kind, fields in FIELDS.items() for name, spec in fields.items() if not spec.derived}
    assert mapping.header_words().keys() <= names | own
