"""Looking people up: exactly, within one's own cases, and never silently beyond them."""

import pytest

import stories
from fairdue.journal.models import Entry


def verbs() -> list[str]:
    return list(Entry.objects.filter(verb__startswith="lookup").order_by("id").values_list("verb", flat=True))


@pytest.mark.parametrize(
    "text", ["+86 138 1234 5678", "13812345678", "wang.xm@example.com", "310115198905170032", "HY-2025-004417"]
)
def test_a_number_opens_the_case_straight(scene, desk, text):
    assert desk.post("/search/", {"q": text})["Location"] == f"/case/{scene.case.pk}/"
    assert verbs() == ["lookup.made"]
    assert text not in Entry.objects.get(verb="lookup.made").detail


def test_a_name_lists_my_cases(scene, desk):
    page = desk.post("/search/", {"q": "小明"}).content.decode()
    assert "王小明" in page
    assert "¥13,221.00" in page


def test_outside_my_cases_only_a_masked_line_and_a_flag(scene, signed_in):
    page = signed_in(scene.colleague).post("/search/", {"q": "13812345678"}).content.decode()
    assert "王**" in page
    assert "王小明" not in page
    assert "¥13,221.00" not in page
    assert verbs() == ["lookup.made", "lookup.outside"]
    assert Entry.objects.get(verb="lookup.outside").person_id == scene.debtor.pk


@pytest.mark.parametrize("text", ["HY-2025-004417", " hy-2025-004417 ", "HY-CC-88120", "小明"])
def test_a_stranger_is_one_masked_line_however_they_are_named(scene, signed_in, text):
    page = signed_in(scene.colleague).post("/search/", {"q": text}).content.decode()
    assert page.count("王**") == 1
    assert "None of your cases fits" not in page
    assert verbs() == ["lookup.made", "lookup.outside"]


def test_one_search_is_one_flag_with_the_number_of_rows(scene, signed_in):
    for _ in range(2):
        stories.case(stories.person("王小明"), scene.case.creditor, owner=scene.collector)
    signed_in(scene.colleague).post("/search/", {"q": "王小明"})
    assert verbs() == ["lookup.made", "lookup.outside"]
    flagged = Entry.objects.get(verb="lookup.outside")
    assert (flagged.data["cases"], flagged.data["persons"], flagged.person_id) == (3, 3, None)


def test_nothing_found_helps_on(scene, desk):
    assert "None of your cases fits" in desk.post("/search/", {"q": "nobody at all"}).content.decode()


def test_what_is_looked_for_never_stands_in_an_address(scene, desk):
    assert "Your cases" not in desk.get("/search/?q=13812345678").content.decode()
    assert not verbs()
