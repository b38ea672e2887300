"""Checks of messages and documents: each shows by its examples what it does; a mistake says where it is."""

from datetime import date

import pytest

from fairdue.law import checks
from fairdue.law.checks import CHECK_KINDS
from fairdue.law.located import PackError

HEAD = "checks: {id: c, version: '1', jurisdiction: us, about: {zh: 试, en: trial}}\n"
REST = "  law: {cites: somewhere, level: law, confidence: A}\n  say: {zh: 否, en: never}\n"
TODAY = date(2026, 11, 10)


def one(body):
    return checks.load(HEAD + "c.a:\n  of: {message: content}\n" + body + REST, file="c.yaml")


@pytest.mark.parametrize("pack", checks.everything(), ids=lambda pack: pack.id)
def test_every_example_comes_out_as_written(pack):
    for check in pack.checks:
        for example in check.examples:
            values = {"today": TODAY, **{name: value for name, value in example.items() if name != "expect"}}
            good = not check.applies(values) or CHECK_KINDS[check.kind](values, **check.terms)[0]
            assert ("valid" if good else "invalid") == example["expect"], (check.id, example)


@pytest.mark.parametrize("pack", checks.everything(), ids=lambda pack: pack.id)
def test_a_check_that_finds_faults_has_an_example_on_each_side_and_a_cure(pack):
    for check in pack.checks:
        if "compute" not in check.of:
            assert {example["expect"] for example in check.examples} == {"valid", "invalid"}, check.id
            assert check.cure, check.id


def test_every_kind_of_check_is_used():
    assert {check.kind for pack in checks.everything() for check in pack.checks} == CHECK_KINDS.keys()


def test_what_is_missing_is_told_and_what_is_not_mentioned_is_in_order():
    br = checks.of_jurisdiction("br")
    of = {"document": "collection_document"}
    found = checks.look(br, of, {"includes": ["creditor_name"]}, at=TODAY)
    assert (found.valid, found.names) == (False, ("BR-CDC-42A",))
    assert found.values == {"missing": ["creditor_address", "creditor_cpf_or_cnpj"]}
    assert checks.look(br, of, {}, at=TODAY).valid


def test_a_check_is_silent_before_its_first_day():
    eu = checks.of_jurisdiction("eu")
    of, values = {"document": "transfer_communication"}, {"transfer_communication_medium": "other"}
    assert not checks.look(eu, of, values, at=date(2023, 12, 30)).valid
    assert checks.look(eu, of, values, at=date(2023, 12, 29)).valid


@pytest.mark.parametrize(
    ("text", "found"), [("STOP", True), ("please opt-out!", True), ("stopping by", False), ("", False)]
)
def test_a_word_is_found_as_a_word(text, found):
    assert checks.says_one_of(text, ["stop", "opt out"]) == found


def test_three_years_from_the_29th_of_february_end_on_the_28th():
    values = {"last_collection_activity_on": "2024-02-29", "record": "account_file"}
    found = checks.look(checks.of_jurisdiction("us"), {"compute": "retain_until"}, values, at=TODAY)
    assert found.values == {"retain_until": "2027-02-28"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("  parts: {}\n", "line 4, rule c.a, field parts: there is no such field"),
        ("", "name exactly one kind out of counted_from, days_between"),
        ("  has_value: {field: form}\n", "field has_value: has_value needs the term allowed"),
        ("  has_value: {field: form, allowed: [x], often: 1}\n", "field has_value.often: there is no such field"),
        ("  same_value: {fields: [a]}\n  when: [initial]\n", "field when: write a block `field: [values]`"),
    ],
)
def test_a_mistake_names_line_rule_field_and_cure(body, told):
    with pytest.raises(PackError) as error:
        one(body)
    assert told in str(error.value)


def test_a_check_says_what_it_is_about():
    with pytest.raises(PackError, match="field of: write what it is about"):
        checks.load(HEAD + "c.a:\n  of: {letter: x}\n  same_value: {fields: [a]}\n" + REST, file="c.yaml")


def test_terms_that_nobody_wrote_are_asked_for_in_vain():
    with pytest.raises(LookupError, match=r"no checks\.yaml holds the terms of tides"):
        checks.terms_of(checks.of_jurisdiction("us"), "tides")
