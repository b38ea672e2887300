"""Words of intake for its templates."""

from django import template
from django.utils.translation import get_language

from fairdue.intake.loading.faults import FAULTS
from fairdue.intake.problems import CODES, Language
from fairdue.intake.words import DOCUMENTS, JOURNAL

register = template.Library()


@register.filter
def fault_word(code: str) -> str:
    """`{{ code|fault_word }}`: what is wrong, in the language of the page, without the details of a row."""
    language: Language = "zh" if (get_language() or "").startswith("zh") else "en"
    why = CODES[code][0] if code in CODES else FAULTS[code][1]
    if "{" in why.in_(language):
        return _GENERAL.get(code, {}).get(language, code)
    return why.in_(language)


@register.filter
def document_word(name: str) -> str:
    """`{{ "contract"|document_word }}`."""
    return str(DOCUMENTS[name])


@register.filter
def journal_word(verb: str) -> str:
    """`{{ entry.verb|journal_word }}`."""
    return str(JOURNAL.get(verb, verb))


_GENERAL: dict[str, dict[str, str]] = {
    "too_few_fields": {"zh": "字段少于表头", "en": "fewer fields than the header"},
    "too_many_fields": {"zh": "字段多于表头", "en": "more fields than the header"},
    "line_too_long": {"zh": "行过长", "en": "line too long"},
    "too_long": {"zh": "内容过长", "en": "text too long"},
    "too_long_here": {"zh": "内容过长", "en": "text too long"},
    "out_of_range": {"zh": "超出允许范围", "en": "out of range"},
    "date": {"zh": "日期不存在或格式不符", "en": "not a date, or not in the pattern"},
    "future": {"zh": "日期在将来", "en": "lies in the future"},
    "amount_decimals": {"zh": "小数位过多", "en": "too many decimals"},
    "id_birth": {"zh": "与身份证号中的出生日期不符", "en": "differs from the birth date inside the ID"},
    "duplicate": {"zh": "与前面的行重复", "en": "the same as an earlier row"},
    "placement_dates": {"zh": "退案日期早于委案日期", "en": "the placement ends before it starts"},
    "placement_over": {"zh": "退案日期早于该批次的委案日期", "en": "the placement ends before it began"},
    "other_creditor": {"zh": "属于另一委托方", "en": "belongs to another creditor"},
    "currency_clash": {"zh": "与账户的币种不符", "en": "another currency than the account's"},
    "before_opening": {"zh": "还款日早于开户日", "en": "paid before the account was opened"},
    "another_debtor": {"zh": "账户已登记在另一证件名下", "en": "the account is on record under another document"},
    "reference_reused": {"zh": "编号已用于另一笔记录", "en": "the reference stands for something else"},
    "reverses_other": {"zh": "原还款是另一账户或另一金额", "en": "the payment reversed was for another account or amount"},
    "reversed_already": {"zh": "该还款已被冲正", "en": "reversed already"},
}  # fmt: skip
"""Sentences that name a row's own values, said in general."""
