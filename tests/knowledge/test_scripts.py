"""What to say: complete in both languages, filled in, and silent about the debt until the person is known."""

import re

import pytest

from fairdue.knowledge import scripts
from fairdue.law.codes import Relation

ALL = [*scripts.openings().values(), *scripts.answers().values()]
DEBT = re.compile(
    r"{(?:amount|days|promised|due|next|next_on|creditor)}|欠款|逾期|还款|\bdebt\b|\bpayment\b|overdue|\blate\b", re.I
)


@pytest.mark.parametrize("script", ALL, ids=lambda s: s.id)
def test_both_languages_say_the_same_number_of_things(script):
    assert script.steps
    for step in script.steps:
        assert set(step.text) == {"zh", "en"}
        assert re.search("[一-鿿]", step.text["zh"])
        assert not re.search("[一-鿿]", step.text["en"])


@pytest.mark.parametrize(
    "script", [s for s in scripts.openings().values() if s.id not in {"third_person", "voicemail"}], ids=lambda s: s.id
)
def test_before_the_person_is_known_no_word_of_the_debt(script):
    gate = next(n for n, step in enumerate(script.steps) if step.stage == "identify")
    for step in script.steps[: gate + 1]:
        for text in step.text.values():
            assert not DEBT.search(text.replace("{creditor}", "")), text


@pytest.mark.parametrize("name", ["third_person", "voicemail"])
def test_others_and_machines_hear_nothing_of_the_debt(name):
    for step in scripts.opening(name).steps:
        for text in step.text.values():
            assert not DEBT.search(text), text


def test_places_are_filled_and_unknown_ones_left_open():
    lines = scripts.opening("promise_due").lines("zh", {"name": "王小明", "me": "陈静", "promised": "¥800.00"})
    assert any("¥800.00" in text for text, _stage in lines)
    assert scripts.fill("{name}，{due}", {"name": "王小明"}) == "王小明，……"


@pytest.mark.parametrize(
    "name", [s.id for s in scripts.openings().values() if s.id not in {"third_person", "voicemail"}]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_who_cannot_be_checked_hears_nothing_of_the_debt(name, lang):
    values = {"creditor": "X", "amount": "¥5", "promised": "¥6", "days": "9"}
    told = scripts.opening(name).lines(lang, values, check="nothing")
    assert told[-1][1] == "identify"
    assert not any(DEBT.search(text) for text, _stage in told)
    assert len(told) < len(scripts.opening(name).lines(lang, values, check="birth"))


def test_a_recording_is_told_of_only_where_one_is_made():
    script = scripts.opening("newly_overdue")
    assert "recorded" not in str(script.lines("en", {}))
    assert script.lines("en", {}, recorded=True)[0][0].endswith("? This call is recorded.")
    assert script.lines("zh", {}, recorded=True)[0][0].endswith("吗？本次通话会录音。")


@pytest.mark.parametrize(
    ("action", "relation", "bucket", "promise", "past_due", "plan", "expected"),
    [
        ("call", Relation.SPOUSE, 3, "broken", True, "", "third_person"),
        ("call_back", Relation.DEBTOR, 3, "broken", True, "", "call_back"),
        ("call", Relation.DEBTOR, 3, "due", True, "", "promise_due"),
        ("promise_follow_up", Relation.DEBTOR, 0, "due", False, "", "promise_due"),
        ("call", Relation.DEBTOR, 3, "broken", True, "", "promise_broken"),
        ("remind", Relation.DEBTOR, 1, "", True, "", "newly_overdue"),
        ("call", Relation.GUARANTOR, 5, "", True, "", "long_overdue"),
        ("promise_follow_up", Relation.DEBTOR, 1, "kept", True, "", "newly_overdue"),
        ("promise_follow_up", Relation.DEBTOR, 0, "kept", False, "", "promise_kept"),
        ("call", Relation.DEBTOR, 0, "broken", False, "", "nothing_due"),
        ("call", Relation.DEBTOR, 0, "", False, "kept", "plan_kept"),
        ("call", Relation.DEBTOR, 1, "", True, "late", "plan_late"),
        ("call", Relation.DEBTOR, 1, "broken", True, "late", "plan_late"),
        ("call", Relation.DEBTOR, None, "", False, "", "nothing_due"),
    ],
)
def test_the_situation_chooses_the_opening(action, relation, bucket, promise, past_due, plan, expected):
    found = scripts.situation(
        action=action, relation=relation, bucket=bucket, promise=promise, past_due=past_due, plan=plan
    )
    assert found == expected


@pytest.mark.parametrize("script", ALL, ids=lambda s: s.id)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_with_everything_known_no_sentence_has_a_blank(script, lang):
    told = script.lines(lang, dict.fromkeys(scripts.PLACES, "X"))
    assert not [text for text, _stage in told if "…" in text or "{" in text]
