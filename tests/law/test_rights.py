"""Statements of rights and duties: complete, cited, plain, and true to the day and the case."""

import re
import statistics
from datetime import date

import pytest
import yaml

from fairdue.law import rights
from fairdue.law.codes import ActorType

VALUES = {
    "firm": "Fairdue", "creditor": "华远消费金融", "reference": "hy-7", "amount": "¥23,921.00", "late": "¥8,580.00",
    "since": "2025-09-15", "contact": "desk@fairdue.example",
}  # fmt: skip
ACCOUNTS = [{"account": "HY-1", "product": "网贷", "sum": "¥19,343.50", "parts": "本金 ¥18,600.00、利息 ¥743.50"}]
DAY = date(2026, 3, 3)
COLLECTOR = int(ActorType.DEBT_COLLECTOR)
ALL = sorted(rights.statements())


def told(code, lang="en", *, actor=COLLECTOR, products=("online_loan",), on=DAY, **values):
    return rights.statement(code).told(lang, VALUES | values, accounts=ACCOUNTS, actor=actor, products=products, on=on)


def texts(sections, name):
    return [one.text for section in sections if section.name == name for one in section.sentences]


def test_there_is_a_statement_for_every_jurisdiction():
    assert ALL == ["au", "br", "cn", "eu", "gb", "in", "sg", "us"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("code", ALL)
def test_every_part_says_something(code, lang):
    assert [section.name for section in told(code, lang) if not section.sentences] == []


@pytest.mark.parametrize("code", ALL)
def test_every_sentence_of_law_is_cited_in_both_languages(code):
    for section in rights.statement(code).sentences.values():
        for sentence in section:
            if sentence.basis == "law":
                assert sentence.cites["zh"], sentence.say
                assert sentence.cites["en"], sentence.say
                assert sentence.confidence in "ABCD"
                known = "General knowledge" in sentence.cites["en"]
                assert sentence.facts or (known and sentence.confidence == "D"), sentence.say


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("code", ALL)
def test_the_article_a_borrower_reads_holds_no_remark_of_ours(code, lang):
    """Nothing to look up gives no article; where only the article's number was not seen, the law stays."""
    articles = []
    for section in told(code, lang, products=["online_loan", "credit_card"]):
        for one in section.sentences:
            if one.basis == "law":
                articles.append(one.article)
                assert not re.search("seen|未见|[Gg]eneral knowledge|No rule|（）|\\(\\)", one.article), one.article
                assert one.article or re.search("no article seen|No rule|未见", one.cites), one.cites
    assert any(articles)


def test_an_article_is_the_citation_without_our_remark():
    def article(cites):
        return rights.Told("", "law", cites).article

    assert article("12 CFR 1006.18(e)") == "12 CFR 1006.18(e)"
    assert article("GB/T 45251-2025 part 5.3 (clause number not seen)") == "GB/T 45251-2025 part 5.3"
    assert article("《指引（试行）》（2026年，未见条文号）") == "《指引（试行）》（2026年）"
    assert (
        article("GB/T 45251-2025 第5.3部分（未见具体条款号）；《通知》（未见条文号）")
        == "GB/T 45251-2025 第5.3部分；《通知》"
    )
    assert article("General knowledge; no article seen") == article("一般知识，未见条文") == ""


def test_what_is_owed_comes_from_the_case():
    owed = texts(told("cn", "zh"), "owed")
    assert owed[0] == "我们是Fairdue，受华远消费金融委托与您联系。"
    assert "HY-1（网贷）：共欠 ¥19,343.50。其中本金 ¥18,600.00、利息 ¥743.50。" in owed
    assert "其中 ¥8,580.00已经过期，最早一笔到期日是 2025-09-15。" in owed


def test_nothing_late_is_not_said_to_be_late():
    assert not [text for text in texts(told("cn", "zh", late="", since=""), "owed") if "过期" in text]


def test_a_missing_value_is_an_error_that_names_it():
    with pytest.raises(rights.RightsError, match="needs contact"):
        told("cn", "zh", contact="")


def test_card_rules_are_told_to_card_holders_only():
    """Given a loan; then nothing of the five-year card plan; given a card too, then it is told."""
    assert not [text for text in texts(told("cn"), "time") if text.startswith("Card")]
    assert [text for text in texts(told("cn", products=["credit_card"]), "time") if text.startswith("Card")]


def test_regulation_f_is_told_by_collectors_not_by_lenders_in_their_own_name():
    assert any("7 calls" in text for text in texts(told("us"), "may_not"))
    assert not any("7 calls" in text for text in texts(told("us", actor=int(ActorType.CREDITOR)), "may_not"))


def test_a_rule_is_told_from_its_first_day():
    """The cost sheet binds from 2026-08-01; the new consumer credit directive from 2026-11-20."""
    before, after = (texts(told("cn", on=on), "owed") for on in (date(2026, 7, 31), date(2026, 8, 1)))
    assert len(after) == len(before) + 1
    old, new = (texts(told("eu", on=on), "time") for on in (date(2026, 11, 19), date(2026, 11, 20)))
    assert len(old) == len(new)
    assert "debt advice" in new[-1]
    assert "debt advice" not in old[-1]


def test_the_same_files_have_the_same_hash_and_a_changed_word_another():
    folder = rights._folder()
    common, own = (folder / "common.yaml").read_bytes(), (folder / "cn.yaml").read_bytes()
    first = rights.read(common, own, file="cn.yaml")
    assert first.hash == rights.statement("cn").hash
    assert rights.read(common, own.replace("22 点".encode(), "23 点".encode()), file="cn.yaml").hash != first.hash


HEAD = "statement: {id: x, version: '1', about: {zh: 甲, en: a}}\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("owed:\n  - say: {zh: 甲, en: a}\n", "x.yaml: owed 1: give either from: case"),
        ("owed:\n  - say: {zh: 甲}\n    from: firm\n", "say needs zh and en"),
        ("owed:\n  - say: {zh: 甲, en: '{sum}'}\n    from: case\n", "nothing fills sum"),
        ("owed:\n  - say: {zh: 甲, en: a}\n    law: {cites: x, confidence: E, facts: []}\n", "law needs cites"),
        ("owing:\n  - say: {zh: 甲, en: a}\n    from: firm\n", "there is no part owing"),
        ("owed:\n  - say: {zh: 甲, en: a}\n    from: firm\n    products: [x]\n", "products is not known"),
    ],
)
def test_a_mistake_names_its_place_and_its_cure(text, why):
    with pytest.raises(rights.RightsError, match=re.escape(why)):
        rights.read(b"statement: {version: '1'}\n", (HEAD + text).encode(), file="x.yaml")


# ---- plain words


def syllables(word: str) -> int:
    """Groups of vowels, a silent e at the end not counted."""
    word = word.lower()
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)


def grade(text: str) -> float:
    """Flesch and Kincaid's school year: 0.39 words a sentence + 11.8 syllables a word − 15.59."""
    sentences = [s for s in re.split(r"(?<=[.!?:])\s+", text) if re.search("[A-Za-z]", s)]
    words = re.findall(r"[A-Za-z]+(?:['-][A-Za-z]+)*", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_grade_is_that_of_known_texts():
    assert grade("The cat sat on the mat. It was fat.") < 1
    assert grade("Notwithstanding any provision to the contrary, the obligor's liability remains unaffected.") > 12


def words_of(code, lang):
    """Every sentence of a statement, with neutral words in its places."""
    neutral = {"en": "Bank", "zh": "本行"}[lang]
    sentences = [s for part in rights.statement(code).sentences.values() for s in part]
    return [re.sub(r"{\w+}", neutral, s.say[lang]) for s in sentences]


@pytest.mark.parametrize("code", ALL)
def test_english_is_read_by_somebody_of_eight_years_at_school(code):
    assert grade(" ".join(words_of(code, "en"))) <= 8
    hard = [text for text in words_of(code, "en") if grade(text) > 12 and len(text.split()) > 6]
    assert not hard


COMMON = frozenset(
    bytes([row, cell]).decode("gb2312", errors="ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)
)
"""The 3,755 characters in everyday use: the first level of GB 2312."""
PLAIN = frozenset("，。；：、（）“”《》—！？%-+/ ")


@pytest.mark.parametrize("code", ALL)
def test_chinese_is_short_and_of_common_characters(code):
    text = "".join(words_of(code, "zh"))
    lengths = [len(part) for part in re.split(r"[。；！？]", text) if part]
    assert statistics.mean(lengths) <= 28
    assert max(lengths) <= 60
    assert not sorted({c for c in text if not c.isascii()} - COMMON - PLAIN)


def test_no_citation_was_cut_by_a_comma():
    """YAML ends an unquoted text at a comma: a fact that looks like a number of an article would be one."""
    for code in ALL:
        raw = yaml.safe_load((rights._folder() / f"{code}.yaml").read_text("utf-8"))
        for name in rights.SECTIONS:
            for row in raw.get(name, []):
                assert set(row.get("law", {"cites", "confidence", "facts"})) == {"cites", "confidence", "facts"}
