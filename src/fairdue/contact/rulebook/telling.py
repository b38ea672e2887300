"""Mistakes of a pack in the language of the page. `law` tells them in English; here they get their Chinese."""

import re
from typing import Final

from django.utils.translation import get_language

from fairdue.law.packtext import Mistake

_ZH: Final = [
    (re.compile(english, re.DOTALL), zh)
    for english, zh in (
        (r"(?P<value>.+?) does not fit: (?P<inner>.+)", "{value} 不适用：{inner}"),
        (r"there is no such field; known: (.+)", "没有这个字段；可用的有：{0}"),
        (r"begin with a block `(.+)`.*", "请以 `{0}` 段开头，写明 id、version 和 about"),
        (r"(.+) is given twice; keep one", "{0} 写了两次；请保留一个"),
        (r"write a block of fields", "请写成一段字段（字段: 值）"),
        (r"write a block `(.+)`, or a list of such blocks", "请写成一段 `{0}`，或由这样的段组成的列表"),
        (r"write a text", "请写一段文字"),
        (r"write a date such as (.+?)(?:; (.+) is none)?", "请写日期，例如 {0}"),
        (r"give the text in (.+) as well", "请补上 {0} 语言的文字"),
        (r"give the citation in (.+) as well.*", "请补上 {0} 语言的出处：一段文字，或 {{zh: …, en: …}}"),
        (r"write where the rule stands.*", "请写明出处：一段文字，或 {{zh: …, en: …}}"),
        (r"write A, B, C or D.*", "请写 A、B、C 或 D（见 docs/rules.md）"),
        (r"write (?:one of|some of) (.+)", "请从下列选择：{0}"),
        (r"(?:one|some) of (.+)", "请从下列选择：{0}"),
        (r"name exactly one kind out of (.+); found (.+)", "须且只须写一种规则类型，可用的有：{0}；现为：{1}"),
        (r"write warn, hold or deny.*", "请写 warn、hold 或 deny（只要求说明的规则不写）"),
        (r"write a list of (?:.+?), such as (.+)", "请写成列表，例如 {0}"),
        (r"write a list of (?:.+?) out of (.+)", "请写成列表，可用的有：{0}"),
        (r"write a list of (?:facts|rule ids)", "请写成列表"),
        (r"(.+) needs the term (.+)", "{0} 缺少必填项 {1}；请补上"),
        (r"of (.+) the latest (.+) are kept; write at most .+", "{0} 只保留最近 {1} 次；请写不超过 {1} 的数"),
        (r"write true or false", "请写 true 或 false"),
        (r"a day, a time of day or a number is asked about.*", "日期、时刻或数字只能由规则类型（例如 wait_days）来问"),
        (r"write a time of day in quotes, such as (.+)", "请把时刻写在引号里，例如 {0}"),
        (r"a time of day lies between (.+) and (.+)", "时刻须在 {0} 至 {1} 之间"),
        (r"write a whole number of at least 1", "请写不小于 1 的整数"),
        (r"write the name of a day: one of (.+)", "请写日子的名称，可用的有：{0}"),
        (r"(.+) is no (?:part|purpose); write some of (.+)", "没有 {0} 这一项；可用的有：{1}"),
        (r"(.+) is no fact; .*", "没有 {0} 这一事实；请写 zone 或已有的事实名"),
        (r"no time zone is called (.+); write .*", "没有名为 {0} 的时区；请写 IANA 名称，例如 Asia/Shanghai"),
        (r"a pack has at most (\d+) characters; split it", "一个规则包最多 {0} 个字符；请拆分"),
        (r"blocks lie too deep.*", "层级过深；请写平"),
        (r"a pack has no references.*", "规则包里不能用引用（&名称、*名称）；请把值写全"),
        (r'name the version, such as "(.+)"', "请写版本号，例如 {0}"),
        (r"give at least one example.*", "请在两侧各写至少一个示例；示例会被逐一判断，说明规则的作用"),
        (r"give an example of the other side as well: one with `(.+)`", "另一侧也要有示例：请加一个写明 `{0}` 的"),
        (r"say what helps, in zh and en; .*", "请用中文和英文写明怎么办（cure）；只有什么都不禁止的规则才可省略"),
        (r"cannot be read: (.+?)(?:; check indents, quotes and brackets)?", "无法读取，请检查缩进、引号和括号（{0}）"),
    )
]


def chinese() -> bool:
    """Whether the page is in Chinese."""
    return (get_language() or "").startswith("zh")


def why(mistake: Mistake) -> str:
    """What is wrong and how to mend it, in the language of the page."""
    return _zh(mistake.why) if chinese() else mistake.why


def sentence(mistake: Mistake) -> str:
    """A mistake with its place."""
    if not chinese():
        return str(mistake)
    places = [f"第 {mistake.line} 行" if mistake.line else "", mistake.rule and f"规则 {mistake.rule}"]
    places.append(mistake.field and f"字段 {mistake.field}")
    return f"{mistake.file}，{'，'.join(place for place in places if place)}：{_zh(mistake.why)}"


def _zh(english: str) -> str:
    for pattern, chinese_words in _ZH:
        if found := pattern.fullmatch(english):
            named = {name: _zh(text) if name == "inner" else text for name, text in found.groupdict().items()}
            return chinese_words.format(*found.groups(), **named)
    if re.search(r"[\u4e00-\u9fff]", english):
        return english  # told by the rulebook itself, in the language of the page
    return f"此处不合规则包的写法；请对照 docs/rules.md 改正（{english}）"
