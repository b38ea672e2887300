"""A pack as text: changed in one place, the rest as it was; every mistake with its line."""

from pathlib import Path

import pytest

from fairdue.law import packs, packtext
from fairdue.law.packtext import mistakes, places, rule_text, with_rule, with_value

HEAD = 'pack: {id: p, version: "1", about: {zh: 试, en: trial}}\n'
REST = "  law: {cites: x, level: policy, confidence: D}\n  say: {zh: 否, en: never}\n  cure: {zh: 等, en: wait}\n"
SHOWN = "  examples: [{at: 2026-03-02T10:00, expect: deny}, {at: 2026-03-02T10:00, dir: in, expect: allow}]\n"


def rule(name, body, examples=SHOWN):
    return f"{name}:\n{body}{REST}{examples}"


TEXT = (
    HEAD
    + "\n# why one\n"
    + rule("p.one", '  quiet_hours: {start: "22:00", end: "08:00"}  # late\n')
    + "\n"
    + rule("p.two", "  stop: {}\n")
)


def test_a_value_is_changed_and_nothing_else():
    new = with_value(TEXT, ("p.one", "quiet_hours", "start"), "21:00")
    assert new == TEXT.replace("22:00", "21:00")
    new = with_value(TEXT, ("p.two", "say", "zh"), "不：“行”")
    assert packs.load(new, file="p").rules[1].say["zh"] == "不：“行”"


def test_what_cannot_be_read_is_no_tree():
    for text in ("a: " + "[" * 100_000 + "]" * 100_000, "a: &b [1]\nc: *b\n", "a: [", "5"):
        with pytest.raises(packs.PackError):
            packtext.tree(text)


def test_what_is_not_there_is_not_changed():
    with pytest.raises(KeyError):
        with_value(TEXT, ("p.one", "quiet_hours", "middle"), 3)
    with pytest.raises(KeyError):
        with_value(TEXT, ("p.none", "stop"), 3)


@pytest.mark.parametrize(
    "value", [5, True, "x: y # z", 'say "no"', ["call", "sms"], {"at": "2026-03-02T10:00", "x": None, "w": "yes"}]
)
def test_any_value_reads_back_as_it_was_written(value):
    text = with_value("a:\n  b: old  # why\n", ("a", "b"), value)
    assert packtext.tree(text) == {"a": {"b": value}}
    assert text.endswith("  # why\n")


def test_a_rule_with_its_comment_is_taken_out_and_put_in():
    assert rule_text(TEXT, "p.one").startswith("# why one\np.one:")
    assert with_rule(TEXT, "p.one", rule_text(TEXT, "p.one")).replace("\n\n", "\n") == TEXT.replace("\n\n", "\n")
    without = with_rule(TEXT, "p.one", "")
    assert [r.id for r in packs.load(without, file="p").rules] == ["p.two"]
    more = with_rule(TEXT, "p.three", rule("p.three", "  stop: {}\n"))
    assert list(places(more)) == ["pack", "p.one", "p.two", "p.three"]


def test_every_rule_that_is_wrong_is_told_with_its_line():
    wrong = TEXT.replace('"22:00"', '"25:00"').replace("  stop: {}\n", "  stop: {}\n  halt: 1\n")
    found = mistakes(wrong, file="p.yaml")
    lines = wrong.splitlines()
    assert [(m.rule, lines[m.line - 1].strip().split(":")[0]) for m in found] == [
        ("p.one", "quiet_hours"), ("p.two", "halt"),
    ]  # fmt: skip
    assert str(found[0]).startswith("p.yaml, line 5, rule p.one, field quiet_hours.start: '25:00' does not fit")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "begin with a block `pack:`"),
        ("[" * 5000, "too deep"),
        ("p: " + "[" * 100_000 + "]" * 100_000, "too deep"),
        (HEAD + "p.a: {x: \0}", "cannot be read|unacceptable"),
        (HEAD + rule("p.a", "  stop: {}\n").replace("confidence: D", "confidence: D, since: 2026-02-31"), "31 is none"),
        (HEAD + rule("p.a", "  stop: {}\n") + rule("p.a", "  stop: {}\n"), "given twice"),
        (HEAD + rule("p.a", "  stop: {}\n", ""), "at least one example"),
        (HEAD.replace(', version: "1"', "") + rule("p.a", "  stop: {}\n"), "name the version"),
        ("pack: &a {id: p}\np.a: [*a, *a]\n", "no references"),
        ("x" * 400_000, "at most 300000"),
        (HEAD + "p.a: [1, 2]\n", "write a block of fields"),
        ("- a\n- b\n", "begin with a block"),
        (HEAD + "  bad\n indent: 1\n", ""),
    ],
)  # fmt: skip
def test_whatever_is_typed_is_answered_by_a_mistake(text, says):
    import re

    found = mistakes(text, file="p.yaml")
    assert found
    assert re.search(says, found[0].why), found


def test_an_example_that_cannot_be_judged_is_told():
    text = HEAD + rule(
        "p.a", "  stop: {}\n", "  examples: [{expect: deny}, {at: 2026-03-02T10:00, expect: deny, channel: smoke}, 5]\n"
    )
    told = [one.found for one in packtext.tried(packs.load(text, file="p"))]
    assert "`at` and `expect`" in told[0]
    assert "SMOKE" in told[1]
    assert told[2]


def test_examples_may_be_told_anew():
    late = "{at: 2026-03-02T22:30, expect: deny, earliest: 2026-03-03T09:00}"
    shown = f"  examples: [{{at: 2026-03-02T21:30, expect: allow}}, {late}]\n"
    text = HEAD + rule("p.a", '  quiet_hours: {start: "21:00", end: "08:00"}\n', shown)
    new = packtext.with_outcomes(text, file="p")
    assert [one.found for one in packtext.tried(packs.load(new, file="p"))] == ["", ""]
    assert packtext.tree(new)["p.a"]["examples"] == [
        {"at": "2026-03-02T21:30", "expect": "deny"},
        {"at": "2026-03-02T22:30", "expect": "deny", "earliest": "2026-03-03T08:00"},
    ]


@pytest.mark.parametrize("pack", packs.everything(), ids=lambda pack: pack.id)
def test_the_shipped_packs_are_without_mistakes_and_found_rule_by_rule(pack):
    from importlib.resources import files

    text = (files("fairdue.law") / "packs").joinpath(*pack.file.split("/")).read_text("utf-8")
    assert mistakes(text, file=pack.file) == []
    assert list(places(text)) == ["pack", *(one.id for one in pack.rules)]


BARS = "  stop: {}\n"
SPEAKS = "  must_say: {what: [institution]}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            rule("p.a", BARS, "  examples: [{at: 2026-03-02T10:00, expect: deny}]\n"),
            "p.yaml, line 7, rule p.a, field examples: give an example of the other side as well: one with `expect: allow`",
        ),
        (
            rule("p.a", BARS, "  examples: [{at: 2026-03-02T10:00, expect: allow}]\n"),
            "p.yaml, line 7, rule p.a, field examples: give an example of the other side as well: one with `expect: deny`",
        ),
        (
            rule("p.a", SPEAKS, "  examples: [{at: 2026-03-02T10:00, expect: allow, speaks: true}]\n"),
            "p.yaml, line 7, rule p.a, field examples: give an example of the other side as well: one with `speaks: false`",
        ),
        (
            rule("p.a", BARS).replace("  cure: {zh: 等, en: wait}\n", ""),
            "p.yaml, line 2, rule p.a, field cure: say what helps, in zh and en; only a rule that bars nothing may leave it out",
        ),
    ],
)  # fmt: skip
def test_a_rule_shown_on_one_side_or_without_a_cure_is_told(text, told):
    assert [str(one) for one in mistakes(HEAD + text, file="p.yaml")] == [told]


def test_a_rule_that_bars_nothing_needs_no_cure():
    both = "  examples: [{at: 2026-03-02T10:00, expect: allow, speaks: true}, {at: 2026-03-02T10:00, expect: allow, speaks: false}]\n"
    text = HEAD + rule("p.a", SPEAKS, both).replace("  cure: {zh: 等, en: wait}\n", "")
    assert mistakes(text, file="p.yaml") == []


@pytest.mark.parametrize("pack", packs.written(), ids=lambda pack: pack.id)
def test_every_shipped_pack_is_in_order(pack):
    text = (Path(packs.__file__).parent / "packs" / pack.file).read_text("utf-8")
    assert mistakes(text, file=pack.file) == []
    assert [str(one.mistake) for one in packtext.tried(pack) if one.found] == []


@pytest.mark.parametrize(
    ("example", "told"),
    [
        (
            "{at: 2026-03-02T10:00, expect: allow}",
            "line 9, rule p.a, field examples[1].expect: written is expect: allow, the gate says deny; "
            "write expect: deny if that is meant, else change the rule",
        ),
        ("{at: 2026-03-02T10:00, expect: maybe}", "line 9, rule p.a, field examples[1]: maybe is no outcome; write"),
        ("{at: 2026-03-02T10:00, hour: 3, expect: deny}", "line 9, rule p.a, field examples[1]: there is no fact hour"),
        ("{at: 2026-02-30T10:00, expect: deny}", "line 9, rule p.a, field examples[1]: cannot be judged"),
        ("{expect: deny}", "line 9, rule p.a, field examples[1]: an example is a block with `at` and `expect`"),
    ],
)
def test_an_example_that_fails_says_where_what_was_written_and_what_to_do(example, told):
    shown = f"  examples:\n    - {example}\n    - {{at: 2026-03-02T10:00, dir: in, expect: allow}}\n"
    text = HEAD + rule("p.a", "  stop: {}\n  when: {dir: [out]}\n", shown)
    wrong = [one for one in packtext.tried(packs.load(text, file="p.yaml")) if one.found]
    assert [str(one.mistake).startswith(f"p.yaml, {told}") for one in wrong] == [True], [
        str(one.mistake) for one in wrong
    ]


@pytest.mark.parametrize(
    "text", ["pack: &a {id: p}\np.a: [*a, *a]\n", HEAD + "p.a: &x {}\n", "x" * 400_000, "[" * 5000]
)
def test_what_must_not_be_read_cannot_be_tried_either(text):
    assert packtext.unreadable(text, file="p.yaml")


def test_a_pack_that_only_lacks_an_example_can_be_tried():
    text = HEAD + rule("p.a", BARS, "")
    assert mistakes(text, file="p.yaml")
    assert packtext.unreadable(text, file="p.yaml") == []
