"""Packs: every rule shows by its examples what it does; every mistake says where it is and how to mend it."""

import re
from pathlib import Path

import pytest

from fairdue.law import examples, packs
from fairdue.law.codes import Decision
from fairdue.law.facts import COLUMNS, COUNTS, SPANS
from fairdue.law.kinds import KINDS
from fairdue.law.words import FACT_WORDS

HEAD = "pack: {id: p, version: '1', about: {zh: 试, en: trial}}\n"
LAW = "  law: {cites: somewhere, level: policy, confidence: D}\n"
SAY = "  say: {zh: 否, en: never}\n"


@pytest.mark.parametrize("pack", packs.written(), ids=lambda pack: pack.id)
def test_every_example_comes_out_as_written(pack):
    assert list(examples.failures(pack)) == []


@pytest.mark.parametrize("pack", packs.written(), ids=lambda pack: pack.id)
def test_every_rule_has_an_example_on_each_side(pack):
    """A rule that is only ever shown refusing, or only ever silent, proves nothing."""
    one_sided = [rule.id for rule in pack.rules if len({(e["expect"], e.get("speaks")) for e in rule.examples}) < 2]
    assert one_sided == []


def test_an_example_that_is_wrong_is_told():
    text = HEAD + "p.stop:\n  stop: {}\n" + LAW + SAY + "  examples: [{at: 2026-03-02T10:00, expect: allow}]\n"
    assert list(examples.failures(packs.load(text, file="p.yaml"))) == [
        "p.yaml, rule p.stop, example 1: deny instead of allow"
    ]


def test_a_rule_alone_names_its_source_and_its_confidence():
    for pack in packs.written():
        for rule in pack.rules:
            assert rule.cites["zh"].strip() and rule.cites["en"].strip(), rule.id
            assert rule.say["zh"] != rule.say["en"], rule.id
            assert rule.kind.speaks or rule.cure, f"{rule.id} refuses without saying what helps"


def test_firm_policy_says_that_it_is_no_law():
    house = next(pack for pack in packs.standard() if pack.id == "house")
    assert {rule.law["level"] for rule in house.rules} == {"policy"}
    assert all(rule.cites["en"].startswith("Firm policy") for rule in house.rules)
    assert all(rule.cites["zh"].startswith("公司政策") for rule in house.rules)


@pytest.mark.parametrize("pack", packs.of_jurisdiction("cn"), ids=lambda pack: pack.id)
def test_chinese_rules_are_cited_by_their_chinese_titles(pack):
    """And the two languages name the same article numbers: neither may know more than the other."""
    for rule in pack.rules:
        assert "《" in rule.cites["zh"], rule.id
        told_zh = re.findall(r"第([\d、]+)条", rule.cites["zh"])
        told_en = re.findall(r"Arts?\. (\d[\d, -]*)", rule.cites["en"])
        numbers_zh, numbers_en = (set(re.findall(r"\d+", " ".join(told))) for told in (told_zh, told_en))
        assert numbers_zh == numbers_en, rule.id
        assert ("5.3（" in rule.cites["zh"]) == ("part 5.3" in rule.cites["en"]), rule.id


def test_one_citation_serves_both_languages_and_two_serve_each_its_own():
    one = packs.load(HEAD + "p.a:\n  stop: {}\n" + LAW + SAY, file="p.yaml").rules[0]
    law = LAW.replace("somewhere", "{zh: 《甲法》第1条, en: Act A s. 1}")
    two = packs.load(HEAD + "p.a:\n  stop: {}\n" + law + SAY, file="p.yaml").rules[0]
    assert one.cites == {"zh": "somewhere", "en": "somewhere"}
    assert two.cites == {"zh": "《甲法》第1条", "en": "Act A s. 1"}
    assert two.law == {"level": "policy", "confidence": "D"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("''", "field law.cites: give the citation in zh as well"),
        ("{zh: 《甲法》}", "field law.cites: give the citation in en as well: one text, or {zh: …, en: …}"),
        ("{zh: 《甲法》, en: ' '}", "field law.cites: give the citation in en as well"),
        ("{zh: 《甲法》, en: 12}", "field law.cites: give the citation in en as well"),
        ("{zh: 《甲法》, en: Act A, fr: Loi A}", "field law.cites.fr: there is no such field; known: en, zh"),
        ("[《甲法》]", "field law.cites: write where the rule stands: one text, or {zh: …, en: …}"),
        ("1033", "field law.cites: write where the rule stands"),
        ("null", "field law.cites: write where the rule stands"),
    ],
)
def test_a_citation_that_is_no_text_in_both_languages_is_refused(given, told):
    with pytest.raises(packs.PackError) as error:
        packs.load(HEAD + "p.a:\n  stop: {}\n" + LAW.replace("somewhere", given) + SAY, file="p.yaml")
    assert f"p.yaml, line 4, rule p.a, {told}" in str(error.value)


def test_the_hash_changes_with_the_text():
    text = HEAD + "p.stop:\n  stop: {}\n" + LAW + SAY
    other = text.replace("never", "not now")
    assert packs.load(text, file="p").hash != packs.load(other, file="p").hash


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("p.a:\n  stopp: {}\n", "line 3, rule p.a, field stopp: there is no such field"),
        ("p.a:\n  stop: {}\n  at_most: {times: 1, days: 1, of: sms}\n", "name exactly one kind"),
        ("p.a:\n  at_most: {times: 1, days: 1}\n", "field at_most: at_most needs the term of"),
        ("p.a:\n  at_most: {times: 0, days: 1, of: sms}\n", "field at_most.times: 0 does not fit: write a whole"),
        ("p.a:\n  at_most: {times: 1, days: 1, of: texts}\n", "field at_most.of: 'texts' does not fit: write one of"),
        ("p.a:\n  at_most: {times: 1, days: 1, of: sms, per: day}\n", "field at_most.per: there is no such field"),
        ("p.a:\n  at_most: {times: 9, days: 1, of: sms}\n", "field at_most.times: of sms the latest 4 are kept"),
        ("p.a:\n  at_most_in: {times: 1, calendar: year, of: sms}\n", "write one of week, month"),
        ("p.a:\n  days_off: {calendar: mars, of: holidays}\n", "write one of cn, us"),
        ("p.a:\n  wait_days: {days: 3, after: channel}\n", "write the name of a day: one of overdue_since"),
        ("p.a:\n  must_hold: {parts: [wax]}\n", "is no part; write some of"),
        ("p.a:\n  quiet_hours: {start: '22:00', end: '08:00', days: [Funday]}\n", "write a list of days out of Mon"),
        ("p.a:\n  stop: {}\n  when: {letter_on: [none]}\n", "asked about by a kind only, such as wait_days"),
        ("p.a:\n  quiet_hours: {start: 22:00, end: '08:00'}\n", 'write a time of day in quotes, such as "22:00"'),
        ("p.a:\n  quiet_hours: {start: '25:00', end: '08:00'}\n", "lies between 00:00 and 24:00"),
        ("p.a:\n  only_for: {purposes: [love]}\n", "love is no purpose"),
        ("p.a:\n  stop: {}\n  when: {chanel: [call]}\n", "field when.chanel: there is no such field"),
        ("p.a:\n  stop: {}\n  when: {channel: [fax]}\n", "field when.channel: 'fax' does not fit: write some of call"),
        ("p.a:\n  stop: {}\n  when: {ceased: [maybe]}\n", "field when.ceased: write true or false"),
        ("p.a:\n  stop: {}\n  unless: [asleep]\n", "there is no such field"),
        ("p.a:\n  stop: {}\n  decision: forbid\n", "field decision: write warn, hold or deny"),
    ],
)
def test_a_mistake_names_line_rule_field_and_cure(rule, told):
    with pytest.raises(packs.PackError) as error:
        packs.load(HEAD + rule + LAW + SAY, file="x/contact.yaml")
    assert told in str(error.value)
    assert str(error.value).startswith("x/contact.yaml, line ")


def test_a_mistake_names_its_own_line():
    text = HEAD + "p.a:\n  stop: {}\n" + LAW + SAY + "  when:\n    channel: [call]\n    relation: [cousin]\n"
    with pytest.raises(packs.PackError, match=r"line 8, rule p\.a, field when\.relation"):
        packs.load(text, file="x.yaml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("p.a: {stop: {}}", "begin with a block `pack:`"),
        (HEAD + "p.a: {stop: {}, stop: {}}", "stop is given twice"),
        (HEAD + "p.a: [", "x.yaml, line 2: "),
        (HEAD + "p.a: {stop: {}, say: {zh: 否, en: never}}", "field law: write a block"),
        (
            HEAD + "p.a: {stop: {}, law: {cites: x, level: gossip, confidence: A}, say: {zh: 否, en: never}}",
            "field law.level",
        ),
        (HEAD + "p.a: {stop: {}, law: {cites: x, level: law, confidence: A}, say: {en: never}}", "give the text in zh"),
        (
            HEAD + "p.a: {stop: {}, law: {cites: x, level: law, confidence: A, since: soon}, say: {zh: 否, en: never}}",
            "field law.since: write a date",
        ),
    ],
)
def test_a_broken_file_is_refused_in_words(text, told):
    with pytest.raises(packs.PackError) as error:
        packs.load(text, file="x.yaml")
    assert told in str(error.value)


def one_rule(confidence, level="law", decision="deny"):
    law = f"  law: {{cites: somewhere, level: {level}, confidence: {confidence}}}\n"
    return (packs.load(HEAD + f"p.a:\n  stop: {{}}\n  decision: {decision}\n" + law + SAY, file="p.yaml"),)


@pytest.mark.parametrize(
    ("pack", "signed", "firm", "decision"),
    [
        (one_rule("D"), (), (), Decision.WARN),
        (one_rule("D"), ("p.a",), (), Decision.DENY),
        (one_rule("D"), ("p.b",), ("p.a",), Decision.WARN),
        (one_rule("D", decision="hold"), (), (), Decision.WARN),
        (one_rule("D", "policy"), (), (), Decision.DENY),
        (one_rule("C"), (), (), Decision.DENY),
        (one_rule("B", decision="warn"), (), (), Decision.WARN),
        (one_rule("B", decision="warn"), (), ("p.a",), Decision.DENY),
        (one_rule("B", decision="hold"), (), ("p.a",), Decision.HOLD),
    ],
)
def test_own_knowledge_warns_until_signed_off_and_a_soft_rule_can_be_made_firm(pack, signed, firm, decision):
    assert packs.decided(pack, frozenset(signed), frozenset(firm))[0].rules[0].decision == decision


def test_a_pack_in_which_nothing_was_decided_stays_the_same_object():
    """So that the gate's program of it is made once."""
    pack = one_rule("A")
    assert packs.decided(pack)[0] is pack[0]
    assert packs.standard() is packs.standard()


def test_acts_that_a_pack_leaves_free_are_acts():
    head = HEAD.replace("id: p,", "id: p, free: [dance],")
    with pytest.raises(packs.PackError, match="field free: 'dance' does not fit: write some of contact"):
        packs.load(head, file="p.yaml")


def test_no_rule_is_given_twice():
    names = [rule.id for pack in packs.written() for rule in pack.rules]
    assert len(names) == len(set(names))


def test_every_kind_is_used_by_a_pack_and_described_in_the_docs():
    used = {rule.kind.name for pack in packs.written() for rule in pack.rules}
    page = Path(__file__).parents[2] / "docs" / "rules.md"
    headings = {line.lstrip("# ").strip("` ") for line in page.read_text("utf-8").splitlines() if line.startswith("#")}
    assert used == KINDS.keys()
    assert KINDS.keys() <= headings


def test_every_fact_span_and_count_is_described_in_the_docs_and_has_a_name_in_both_languages():
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
    assert [name for name in (*COLUMNS, *SPANS, *COUNTS) if f"| `{name}` |" not in page] == []
    assert COLUMNS.keys() | SPANS.keys() | {"zone"} == FACT_WORDS.keys()


def test_what_a_citation_remarks_beside_the_official_name_is_told_in_chinese_as_well():
    """`not seen`, `ours`, `inferred`: a Chinese reader is told so in Chinese; the official name may stay as it is."""
    prose = re.compile(
        r"not seen|\bours\b|inferred|reasonable|own knowledge|whether|as amended|\bbefore\b|no number|usually"
    )
    english = [rule.id for pack in packs.written() for rule in pack.rules if prose.search(rule.cites["zh"])]
    assert english == []


def test_what_is_noted_of_a_source_is_told_in_both_languages():
    noted = [rule for pack in packs.written() for rule in pack.rules if "note" in rule.law]
    assert len(noted) >= 15
    assert all(set(rule.law["note"]) == {"zh", "en"} for rule in noted)
    twelve_cfr = next(rule for rule in noted if rule.id == "us.quiet-hours")
    assert "08:00" in twelve_cfr.law["note"]["en"] and "1692c(a)(1)" in twelve_cfr.law["note"]["zh"]
