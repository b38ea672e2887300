"""Why the house itself stopped collection or let a stop go: known texts, kept in both languages, told in the reader's.

kept("plan_kept", 25)                  # "还款计划 25 正在履行 · Plan 25 is being kept": what the record holds
worded(hold.reason, "en")              # "Plan 25 is being kept"; what somebody wrote stays as it was written
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Known:
    """A text in both languages; `{n}` is the number of what it is about. `was`: other forms in which it is on record."""

    zh: str
    en: str
    was: tuple[str, ...] = ()

    @property
    def kept(self) -> str:
        """As it is written down."""
        return f"{self.zh} · {self.en}"


def _said(zh: str, en: str) -> Known:
    """What the borrower said, without words of their own; it was kept in Chinese alone at first."""
    return Known(zh, en, (zh,))


KNOWN: Final[Mapping[str, Known]] = {
    "plan_kept": Known("还款计划 {n} 正在履行", "Plan {n} is being kept"),
    "plan_late": Known("一期未到账，可以联系提供帮助", "An instalment has not come; help may be offered"),
    "plan_broken": Known("还款计划未履行", "The plan broke"),
    "plan_replaced": Known("已由还款计划 {n} 取代", "Plan {n} took its place"),
    "plan_completed": Known("还款计划已完成", "The plan is completed"),
    "hardship_file": Known("困难档案 {n}", "Hardship file {n}"),
    "creditors_record": Known(
        "委托方催收记录（文件 {n}）",
        "by the creditor's own record (file {n})",
        ("委托方催收记录 · creditor's record {n}",),
    ),
    "hardship": _said("本人说明暂时有困难", "Says that they are in difficulty"),
    "dispute": _said("本人对债务有异议", "Disputes the debt"),
    "paid_already": _said("本人称已还款，核对到账", "Says it is paid; the payment is being looked for"),
    "ceased": _said("要求停止联系", "Asked us to stop contact"),
}
"""Every reason that the house writes by itself."""


def _form(text: str) -> str:
    return re.escape(text).replace(re.escape("{n}"), r"(\d+)")


_FORMS: Final = [(re.compile(_form(text)), known) for known in KNOWN.values() for text in (known.kept, *known.was)]


def kept(name: str, n: int | str = "") -> str:
    """The text of a reason as the record holds it; `n`: the number of what it is about."""
    return KNOWN[name].kept.replace("{n}", str(n))


def worded(text: str, lang: Literal["zh", "en"]) -> str:
    """A reason in the reader's language where the house wrote it; another's words as they are."""
    for form, known in _FORMS:
        if told := form.fullmatch(text):
            return (known.zh if lang == "zh" else known.en).replace("{n}", told[1] if form.groups else "")
    return text
