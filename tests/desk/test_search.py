"""Looking people up: exactly, within one's own cases, and never silently beyond them."""

import pytest

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


def test_nothing_found_helps_on(scene, desk):
    assert "None of your cases fits" in desk.post("/search/", {"q": "nobody at all"}).content.decode()


def test_what_is_looked_for_never_stands_in_an_address(scene, desk):
    assert "Your cases" not in desk.get("/search/?q=13812345678").content.decode()
    assert not verbs()
