"""What only the database can know to be wrong with a row; the same shape as the table in intake/problems.py."""

from typing import NamedTuple

from fairdue.intake.mapping import Mapping
from fairdue.intake.problems import RowError, Said, shortened

FAULTS: dict[str, tuple[str, Said, Said]] = {
    code: (field, Said(*why), Said(*mend))
    for code, field, why, mend in (
        ("other_creditor", "creditor_ref",
         ("属于另一委托方（{known}）", "the row belongs to another creditor ({known})"),
         ("请从该委托方上传，或改正映射", "upload it under that creditor, or correct the mapping")),
        ("account_unknown", "account_ref",
         ("没有这个账户", "there is no such account"),
         ("请先导入账户文件，或核对编号", "load the accounts file first, or check the number")),
        ("currency_clash", "currency",
         ("与账户的币种 {known} 不符", "the account is kept in {known}"),
         ("请用账户的币种，或更正账户", "use the account's currency, or correct the account")),
        ("before_opening", "happened_on",
         ("早于该账户的开户日 {known}", "the account was opened on {known}, after this payment"),
         ("请核对还款日和账号；如开户日有误，请先更正账户",
          "check the day and the account; if the day of opening is wrong, correct the account first")),
        ("another_debtor", "national_id",
         ("该账户已登记在另一证件名下（{known}）", "the account is on record under another document ({known})"),
         ("请核对证件号；如确已换人，请先退案再重新委案",
          "check the number; if the debtor really changed, recall the account and place it anew")),
        ("placement_over", "placement_ends_on",
         ("退案日期早于该批次的委案日期 {known}", "the placement began on {known}, after this end"),
         ("请改正日期", "correct the dates")),
        ("reference_reused", "reference",
         ("这个编号已经用于另一笔记录（{known}）", "this reference already stands for something else ({known})"),
         ("请使用新编号；更正请先冲正原记录", "use a new reference; to correct a payment, reverse the first one")),
        ("reverses_unknown", "reverses",
         ("没有这笔还款可冲正", "there is no such payment to reverse"),
         ("请核对原流水号，并先导入原还款", "check the reference, and load the payment before its reversal")),
        ("reverses_other", "reverses",
         ("原还款是另一账户或另一金额（{known}）", "that payment was for another account or amount ({known})"),
         ("冲正必须与原还款账户和金额相同", "a reversal has the account and the amount of its payment")),
        ("reversed_already", "reverses",
         ("该还款已被 {known} 冲正", "that payment was reversed already, by {known}"),
         ("请删去这一行", "remove the row")),
        ("promise_past", "promise_on",
         ("承诺还款日早于联系当日", "the promised day lies before the contact"),
         ("请改正日期", "correct the dates")),
        ("too_long_here", "",
         ("超过 {known} 个字符", "longer than {known} characters"),
         ("请缩短", "shorten it")),
        ("out_of_range", "",
         ("超出允许范围（至多 {known}）", "out of range (at most {known})"),
         ("请核对", "check it")),
    )
}  # fmt: skip
"""code → (field at fault, why, mend); {known} is what the database holds."""


class Fault(NamedTuple):
    """A row the database refuses: which row, why, what the row says, what is on record."""

    row: int
    code: str
    found: str = ""
    known: str = ""
    field: str = ""


def row_error(fault: Fault, mapping: Mapping) -> RowError:
    """The fault in words, under the header of the user's own file."""
    field, why, mend = FAULTS[fault.code]
    field = fault.field or field
    there = mapping.fields.get(field)
    return RowError(
        row=fault.row,
        field=field,
        column=(there.column or "") if there else "",
        found=shortened(fault.found),
        why=Said(why.zh.format(known=fault.known), why.en.format(known=fault.known)),
        mend=mend,
        code=fault.code,
    )
