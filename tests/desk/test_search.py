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


@pytest.mark.parametrize("text", ["示例持卡人 00101", "00101"])
def test_a_name_that_holds_a_number_is_found(scene, desk, text):
    someone = stories.person("示例持卡人 00101")
    stories.case(someone, scene.case.creditor, owner=scene.case.owner)
    assert desk.post("/search/", {"q": text})["Location"].startswith("/case/")


def test_a_number_that_is_somebodys_is_not_looked_for_in_names(scene, desk):
    stories.case(stories.person("持卡人 13812345678"), scene.case.creditor, owner=scene.case.owner)
    assert desk.post("/search/", {"q": "13812345678"})["Location"] == f"/case/{scene.case.pk}/"


def test_a_list_that_was_cut_says_so_before_it(scene, desk):
    def found():
        return desk.post("/search/", {"q": "示例持卡人"}).content.decode()

    def more(n):
        for number in range(n):
            stories.case(stories.person(f"示例持卡人 {number:05}"), scene.case.creditor, owner=scene.case.owner)

    more(50)
    assert "More than 50 fit" not in found()
    more(1)
    page = found()
    assert 0 < page.index("More than 50 fit") < page.index("示例持卡人 000")
    assert page.count('class="who"') == 50


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


@pytest.fixture
def caseless(scene):
    """A debtor of the same bank for whom nobody opened a case."""
    person = stories.person("何婉清", id_masked="310115********0099")
    stories.phone(person, "+8613700001111")
    stories.account(person, scene.case.creditor, principal=50_000, external_ref="HY-NO-CASE")
    return person


@pytest.mark.parametrize("text", ["何婉清", "HY-NO-CASE", "13700001111"])
def test_a_debtor_without_a_case_is_named_to_a_lead_and_flagged(scene, caseless, signed_in, text):
    page = signed_in(scene.lead).post("/search/", {"q": text}).content.decode()
    assert "何婉清" in page
    assert "no case" in page
    assert "None of your cases fits" not in page
    assert verbs() == ["lookup.made", "lookup.outside"]
    flagged = Entry.objects.get(verb="lookup.outside")
    assert (flagged.person_id, flagged.data["cases"], flagged.data["caseless"]) == (caseless.pk, 0, 1)


def test_a_debtor_without_a_case_is_a_masked_line_to_a_collector(scene, caseless, desk):
    page = desk.post("/search/", {"q": "13700001111"}).content.decode()
    assert "何**" in page
    assert "no case" in page
    assert "何婉清" not in page
    assert "310115********0099" not in page
    assert verbs() == ["lookup.made", "lookup.outside"]


def test_a_case_at_one_bank_hides_no_debt_without_a_case_at_another(scene, signed_in):
    stories.account(scene.debtor, stories.creditor("zz", name_en="Other Bank"), principal=1_000)
    page = signed_in(scene.lead).post("/search/", {"q": "王小明"}).content.decode()
    assert "Other Bank" in page
    assert "¥13,221.00" in page
