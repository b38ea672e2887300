"""`fairdue ageing`: cases from outside, and lines that cannot be answered."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.money.ageing_cases import age_cases

CASES = (Path(__file__).parent / "ageing_cases.jsonl").read_text(encoding="utf-8").splitlines()
GOOD = {"id": "A", "schedule": [{"n": 1, "due": "2026-01-10", "amount": 100}], "as_of": "2026-01-20"}


@pytest.mark.parametrize("line", CASES, ids=[json.loads(line)["id"] for line in CASES])
def test_every_figure_of_the_outside_cases_holds(line):
    expect = json.loads(line)["expect"]
    (result,) = age_cases([line])
    assert {name: result[name] for name in expect} == expect


def test_all_cases_at_once_give_what_each_gives_alone():
    assert list(age_cases(CASES)) == [result for line in CASES for result in age_cases([line])]


def test_the_answer_has_every_field_of_the_form():
    (result,) = age_cases([json.dumps(GOOD)])
    assert result == {
        "id": "A",
        "past_due_amount": 100,
        "days_past_due": 10,
        "delinquent_since": "2026-01-10",
        "delinquent_days": 10,
        "bucket": "4-30",
        "instalment_buckets": {"4-30": 100},
    }


def with_(**fields):
    return json.dumps(GOOD | fields)


PAUSE = {"start": "2026-01-01", "end": "2026-01-05"}
BAD = [
    ("{", "(line)", "JSON"),
    ("[1]", "(line)", "not an object"),
    ("[" * 200_000, "(line)", "deep"),
    ('{"id": ' + "9" * 6000 + "}", "(line)", "digits"),
    ('{"id": "a", "id": "b"}', "id", "twice"),
    ('{"id": "a", "as_of": "2026-01-01"}', "schedule", "missing"),
    (with_(as_of="2026-02-30"), "as_of", "2026-02-30"),
    (with_(as_of="20260230"), "as_of", "YYYY-MM-DD"),
    (with_(as_of="0001-01-01"), "as_of", "1900"),
    (with_(as_of=None), "as_of", "None"),
    (with_(id=None), "id", "None"),
    (with_(id="\ud800"), "id", "half a character"),
    (with_(**{"\ud800": 1}), "\\ud800", "unknown field"),
    (with_(colour="red"), "colour", "unknown field"),
    (with_(payment=[]), "payment", "unknown field"),
    (with_(grace_days=-1), "grace_days", "range"),
    (with_(grace_days=1.5), "grace_days", "1.5"),
    (with_(grace_days=True), "grace_days", "True"),
    (with_(payments={}), "payments", "no list"),
    (with_(payments=[7]), "payments[0]", "no object"),
    (with_(payments=[{"date": "2026-01-01"}]), "payments[0].amount", "missing"),
    (with_(payments=[{"date": "2026-01-01", "amount": "100"}]), "payments[0].amount", "whole number"),
    (with_(payments=[{"date": "2026-01-01", "amount": 10**30}]), "payments[0].amount", "range"),
    (with_(payments=[{"date": "2026-01-01", "amount": 1, "currency": "CNY"}]), "payments[0].currency", "unknown field"),
    (with_(schedule=[{"n": 1, "due": "2026-01-10", "amount": -1}]), "schedule[0].amount", "range"),
    (with_(schedule=GOOD["schedule"] * 2), "schedule", "twice"),
    (with_(schedule=[{"n": n, "due": "2026-01-10", "amount": 10**15} for n in range(1001)]), "schedule", "together"),
    (with_(pauses=[{"start": "2026-01-05", "end": "2026-01-05"}]), "pauses[0]", "before it ends"),
    (with_(pauses=[PAUSE, {"start": "2026-01-04", "end": "2026-01-09"}]), "pauses[1]", "overlaps"),
    (with_(pauses=[PAUSE, PAUSE]), "pauses[1]", "overlaps"),
]


@pytest.mark.parametrize(("line", "field", "why"), BAD)
def test_a_line_that_cannot_be_answered_says_where_what_and_how_to_mend(line, field, why):
    (result,) = age_cases([line])
    assert result["field"] == field
    assert why in result["error"]
    assert result["error"].startswith(f"line 1, {field}: ")
    assert result["mend"]
    json.dumps(result, ensure_ascii=False).encode()  # can be written as it is


def test_a_bad_line_does_not_stop_the_rest_and_keeps_its_number():
    results = list(age_cases(["", json.dumps(GOOD), "{", with_(id="B")]))
    assert [result.get("id") for result in results] == ["A", None, "B"]
    assert results[1]["line"] == 3


def test_touching_pauses_with_a_reason_and_a_byte_order_mark_are_fine():
    pauses = [PAUSE | {"reason": "hardship"}, {"start": "2026-01-05", "end": "2026-01-12"}]
    (result,) = age_cases(["\ufeff" + with_(pauses=pauses)])
    assert result["delinquent_days"] == 10 - 2


def test_a_payment_after_the_day_asked_for_is_not_known_to_it():
    (result,) = age_cases([with_(payments=[{"date": "2026-01-21", "amount": 100}])])
    assert result["past_due_amount"] == 100


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["2026-01-10"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["n", "due", "amount", "date", "start"]) | st.text(max_size=3), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(field=st.sampled_from(["id", "schedule", "payments", "pauses", "grace_days", "as_of", "x"]), value=junk)
def test_no_line_whatever_it_holds_ends_in_a_crash(field, value):
    (result,) = age_cases([with_(**{field: value})])
    assert ("error" in result) != ("past_due_amount" in result)
    json.dumps(result)
