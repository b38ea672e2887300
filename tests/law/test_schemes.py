"""Statutory help in hardship: as data, with its examples, its sources, and messages that name the spot."""

from datetime import date

import pytest

from fairdue.law import schemes
from fairdue.law.calc.figures import figure
from fairdue.law.located import PackError
from fairdue.law.schemes import everything, load, outcome
from fairdue.money.policy import plan_policy

ONE = """schemes:
  id: gb.schemes
  version: "1"
  jurisdiction: gb
  about: {zh: 试, en: Try}

gb.try:
  name: {zh: 名, en: Name}
  who: {zh: 谁, en: Who}
  apply: {zh: 办理, en: Apply}
  ends: {zh: 结束, en: Ends}
  effects: [quiet]
  length: {days: 30}
  law: {cites: "Act s. 1", level: law, confidence: C}
  examples:
    - {start: 2026-05-05, ends: 2026-06-03}
"""


@pytest.mark.parametrize("scheme", everything().values(), ids=list(everything()))
def test_every_example_comes_out_as_written(scheme):
    assert scheme.examples
    for example in scheme.examples:
        wanted = {name: day for name, day in example.items() if name in ("ends", "latest")}
        assert outcome(scheme, example) == wanted


@pytest.mark.parametrize("scheme", everything().values(), ids=list(everything()))
def test_every_scheme_says_where_it_is_written_and_how_sure_we_are(scheme):
    assert scheme.cites["zh"].strip()
    assert scheme.cites["en"].strip()
    assert scheme.law["confidence"] in "ABCD"
    assert scheme.id.startswith(f"{scheme.jurisdiction}.")
    assert set(scheme.name) == set(scheme.who) == set(scheme.apply) == set(scheme.ends) == {"zh", "en"}


def test_breathing_space_counts_its_first_day():
    """SI 2020/1311 reg. 26, as in the checks of the country: 60 days from 5 May end on 3 July."""
    assert everything()["gb.breathing-space"].ends_on(date(2026, 5, 5)) == date(2026, 7, 3)


def test_a_crisis_has_no_end_until_the_treatment_ends():
    crisis = everything()["gb.mental-health-crisis"]
    assert crisis.ends_on(date(2026, 5, 5)) is None
    assert crisis.ends_on(date(2026, 5, 5), date(2026, 6, 1)) == date(2026, 7, 1)


def test_the_card_instalments_are_those_of_the_plans():
    """One number in one place: law/tables/procedure.yaml; the firm's plans go no further."""
    months = int(figure("procedure", "card-instalment-plan").values["most_months"])
    assert everything()["cn.card-instalments"].latest(date(2026, 3, 3)) == schemes.months_later(
        date(2026, 3, 3), months
    )
    assert plan_policy().offers.most_months["credit_card"] <= months == 60


def test_a_scheme_is_for_its_products_places_and_days():
    card, space = everything()["cn.card-instalments"], everything()["gb.breathing-space"]
    assert card.fits(product="credit_card")
    assert not card.fits(product="online_loan")
    assert space.fits(region="GB-WLS")
    assert space.fits(region="")
    assert not space.fits(region="GB-SCT")
    assert not space.fits(on=date(2021, 5, 3))


@pytest.mark.parametrize(
    ("region", "space", "moratorium"),
    [
        ("GB-ENG", True, False),
        ("GB-SCT", False, True),
        ("GB-NIR", False, False),
        ("US-CA", False, False),
        ("CN", False, False),
        ("GB", None, None),
        ("", None, None),
    ],
)
def test_a_region_tells_whether_a_scheme_is_for_who_lives_there(region, space, moratorium):
    found = everything()
    assert found["gb.breathing-space"].reaches(region) is space
    assert found["gb.scottish-moratorium"].reaches(region) is moratorium
    assert found["gb.adviser"].reaches(region) is True


@pytest.mark.parametrize("scheme", everything().values(), ids=list(everything()))
def test_what_is_noted_is_noted_in_both_languages(scheme):
    if note := scheme.law.get("note"):
        assert set(note) == {"zh", "en"}
        assert any("一" <= sign <= "鿿" for sign in note["zh"])


def test_how_often_is_said_by_the_check():
    assert everything()["gb.breathing-space"].once_months == 12
    assert everything()["gb.mental-health-crisis"].once_months is None


def test_the_cap_is_a_rate():
    assert everything()["us.servicemembers"].rate == 60_000


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("effects: [quiet]", "effects: [mercy]", 12, "effects", "some of grace, quiet"),
        ("effects: [quiet]", "effects: []", 12, "effects", "at least one"),
        ("effects: [quiet]", "effects: [cap]", 7, "cap_percent", "a cap needs"),
        ("length: {days: 30}", "length: {days: 30, months: 1}", 13, "length", "exactly one"),
        ("length: {days: 30}", "length: {days: soon}", 13, "length", "write {days: 60}"),
        ("length: {days: 30}", "length: {figure: nothing, months_most: m}", 13, "length", "no such length"),
        ("confidence: C", "confidence: E", 14, "law.confidence", "A, B, C or D"),
        ("ends: 2026-06-03", "ends: 2026-06-04", 15, "examples", "comes to ends 2026-06-03"),
        ("name: {zh: 名, en: Name}", "name: {zh: 名}", 8, "name", "in en as well"),
        ("effects: [quiet]", "effects: [quiet]\n  once: gb.check.pauses", 13, "once", "a check `not_before`"),
        ("  who:", "  whom:", 9, "whom", "no such field"),
        ("confidence: C", "confidence: C, note: Legal decides.", 14, "law.note", "in both languages"),
        ("confidence: C", 'confidence: C, note: {zh: "", en: Legal}', 14, "law.note", "in both languages"),
        ("confidence: C", "confidence: C, note: {en: Legal}", 14, "law.note", "in zh as well"),
        ("effects: [quiet]", "effects: [quiet]\n  places: [us_nyc]", 13, "places", "some of us_ma"),
    ],
)
def test_a_mistake_names_file_line_scheme_and_field(old, new, line, field, words):
    with pytest.raises(PackError) as error:
        load(ONE.replace(old, new), file="gb/schemes.yaml")
    told = str(error.value)
    assert told.startswith(f"gb/schemes.yaml, line {line}, rule gb.try")
    assert field in told
    assert words in told


def test_the_country_must_be_known():
    with pytest.raises(PackError, match=r"gb/schemes\.yaml, line 4, rule schemes, field jurisdiction"):
        load(ONE.replace("jurisdiction: gb", "jurisdiction: xx"), file="gb/schemes.yaml")
