"""Two versions of a pack told apart in words of both languages."""

import pytest

from fairdue.law import packdiff
from fairdue.law.facts import COUNTS
from fairdue.law.kinds import KINDS
from fairdue.law.packdiff import compare, in_words

OLD = """
pack: {id: p, version: "1", about: {zh: 试, en: trial}}
p.hours:
  quiet_hours: {start: "22:00", end: "08:00"}
  when: {channel: [call, sms]}
  law: {cites: x, level: policy, confidence: D}
  say: {zh: 夜间不催, en: No nights}
  examples: [{at: 2026-03-02T22:00, expect: deny}]
p.gone:
  stop: {}
  law: {cites: x, level: policy, confidence: D}
  say: {zh: 不再, en: No more}
  examples: [{at: 2026-03-02T22:00, expect: deny}]
"""


def changed(*pairs, old=OLD):
    new = old
    for was, now in pairs:
        assert was in new
        new = new.replace(was, now, 1)
    return [(c.rule, in_words(c, "en"), in_words(c, "zh")) for c in compare(old, new)]


@pytest.mark.parametrize(
    ("was", "now", "en", "zh"),
    [
        ('"22:00"', '"21:00"', "from: “21:00” instead of “22:00”", "开始时间：由“22:00”改为“21:00”"),
        ("[call, sms]", "[call]", "applies when · channel: call instead of call, sms", "适用条件·渠道：由call、sms改为call"),
        ("en: No nights", "en: Never at night", "text (Chinese)", ""),
        ("confidence: D", "confidence: C", "confidence: “C” instead of “D”", "置信度：由“D”改为“C”"),
        ("cites: x,", "cites: x, since: 2026-12-01,", "since: 2026-12-01 added", "起始日：新增2026-12-01"),
        ("  when: {channel: [call, sms]}\n", "", "applies when: channel call, sms removed", "适用条件：删除渠道 call、sms"),
        ("T22:00, expect: deny", "T23:00, expect: deny", "examples: 1 new or rewritten, 1 gone or rewritten, 1 now",
         "示例：1 条新增或改写，1 条删除或改写，现有 1 条"),
    ],
)  # fmt: skip
def test_what_changed_is_said_in_both_languages(was, now, en, zh):
    ((rule, told_en, told_zh),) = changed((was, now))
    assert rule == "p.hours"
    if zh:
        assert (told_en, told_zh) == (en, zh)
    else:
        assert told_en == "text (English): “Never at night” instead of “No nights”"


def test_a_rule_that_came_or_went_is_told_by_what_it_says():
    assert changed(("p.gone:", "p.new:")) == [
        ("p.new", "New rule: No more", "新增规则：不再"),
        ("p.gone", "Rule removed: No more", "删除规则：不再"),
    ]


def test_another_kind_and_a_higher_cap():
    old = OLD.replace('quiet_hours: {start: "22:00", end: "08:00"}', "at_most: {times: 8, days: 1, of: dials}")
    assert changed(("times: 8", "times: 6"), old=old) == [("p.hours", "times: 6 instead of 8", "次数：由8改为6")]
    assert changed(("of: dials", "of: sms"), old=old) == [
        ("p.hours", "what is counted: text and chat messages instead of calls of any result",
         "计数对象：由所有拨打改为短信及即时消息"),
    ]  # fmt: skip
    told = changed(("at_most: {times: 8, days: 1, of: dials}", "stop: {}"), old=old)
    assert [en for _, en, _ in told] == [
        "stop: none added", "at most: times 8; days 1; what is counted calls of any result removed",
    ]  # fmt: skip


def test_the_same_text_says_nothing():
    assert compare(OLD, OLD) == []


def test_settings_are_told_too():
    old = 'settings:\n  version: "1"\n  signed_off: []\n  stricter: []\n'
    new = old.replace("signed_off: []", "signed_off: [cn.a]").replace('"1"', '"2"')
    assert [in_words(c, "en") for c in compare(old, new)] == [
        "version: “2” instead of “1”", "signed off by legal: cn.a instead of none",
    ]  # fmt: skip


def test_every_term_and_count_has_words():
    terms = {name for kind in KINDS.values() for name in kind.readers}
    assert terms <= packdiff.TERM_WORDS.keys()
    assert COUNTS.keys() <= packdiff.COUNT_WORDS.keys()
