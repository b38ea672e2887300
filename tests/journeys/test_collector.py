"""A collector works her list by keyboard; at night the gate says no, with the article and the first lawful minute."""

import sys
from pathlib import Path

import pytest

from fairdue.cases.models import WorkItem
from fairdue.contact.models import Outcome

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
import scene as scenes


@pytest.fixture
def at(monkeypatch, desk):
    """Set the clock of the server and of the browser."""

    def set_clock(moment):
        monkeypatch.setattr("fairdue.desk.clock.now", lambda: moment)
        desk.page.clock.install(time=moment)

    return set_clock


def test_a_morning_by_keyboard(desk, at):
    at(scenes.MORNING)
    scene = scenes.set_up()
    desk.sign_in(scene.collector)
    desk.page.wait_for_selector(".worklist")
    desk.shoot("today-zh")
    desk.shoot("today-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.press("n")
    desk.page.wait_for_url("**/case/*/")
    desk.shoot("case-zh")
    desk.press("c")
    desk.page.wait_for_selector(".on-line")
    desk.shoot("call-zh")
    desk.press("4")
    desk.page.wait_for_selector("#ask-promise:not([hidden])")
    desk.shoot("promise-zh")
    desk.press("Enter")
    desk.page.wait_for_selector(".recorded")
    desk.shoot("recorded-zh")
    assert Outcome.objects.get().kind == "promise"
    assert WorkItem.objects.get(pk=scene.items[0].pk).status == "done"
    for _ in range(3):
        before = desk.page.url
        desk.press("Enter")
        desk.page.wait_for_url(lambda url, before=before: url != before and "/case/" in url)
        desk.press("c")
        desk.page.wait_for_selector(".on-line")
        desk.press("1")
        desk.page.wait_for_selector(".recorded")
    assert Outcome.objects.filter(kind="no_answer").count() == 3
    desk.press("g", "t")
    desk.page.wait_for_url("**/today/")
    desk.shoot("today-later-zh")
    desk.speak("en")
    desk.shoot("today-later-en")
    desk.shoot("today-later-en-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.press("j", "j", "Enter")
    desk.page.wait_for_url("**/case/*/")
    assert desk.page.locator("h1").inner_text().startswith("Grace Miller")


def test_at_night_the_call_is_refused_with_the_article(desk, at):
    scene = scenes.set_up()
    at(scenes.NIGHT)
    desk.sign_in(scene.collector)
    desk.go(f"/case/{scene.case.pk}/")
    desk.press("c")
    desk.page.wait_for_selector(".refused")
    text = desk.page.locator(".refused").inner_text()
    assert "08:00" in text
    desk.shoot("refused-zh")
    desk.shoot("refused-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.press("Enter")
    desk.page.wait_for_url("**/today/")
    desk.go(f"/case/{scene.case.pk}/")
    desk.speak("en")
    desk.press("c")
    desk.page.wait_for_selector(".refused")
    assert "tomorrow 08:00" in desk.page.locator(".refused").inner_text()
    desk.shoot("refused-en")
    desk.press("Enter")
    desk.page.wait_for_url("**/today/")


def _note_and_take_a_call(desk, scene):
    """Ctrl+Enter keeps a note; of their call only what belongs to its outcome is asked."""
    desk.press("o")
    desk.page.keyboard.type("Prefers mornings")
    desk.press("Control+Enter")
    desk.page.wait_for_selector(".flash-success")
    assert scene.case.notes.filter(text="Prefers mornings").count() == 1
    desk.press("i")
    asked = {"promise": {"took-amount", "took-due"}, "refuses": set(), "call_back": {"took-next"}}
    for kind, fields in asked.items():
        desk.page.select_option("#took-kind", kind)
        shown = {name for name in ("took-amount", "took-due", "took-next") if desk.page.is_visible(f"#{name}")}
        assert shown == fields, kind
    desk.shoot("took-call-en", whole=False)
    desk.page.select_option("#took-point", str(scene.wife.contact_points.get().pk))
    assert not desk.page.is_visible("#took-kind")
    desk.page.select_option("#took-kind-other", "call_back")
    assert desk.page.is_visible("#took-next-other")
    zones = desk.page.eval_on_selector_all(
        "#took-call form [name=zone]", "all => all.filter((e) => !e.matches(':disabled')).map((e) => e.value)"
    )
    assert zones == ["Asia/Shanghai"], "the clock of who calls, and no other, is sent"
    desk.shoot("took-call-other-en", whole=False)


def test_the_case_on_a_telephone_and_in_english(desk, at):
    at(scenes.MORNING)
    scene = scenes.set_up()
    desk.sign_in(scene.collector)
    desk.go(f"/case/{scene.case.pk}/")
    desk.page.locator(".point .reveal").first.click()
    desk.page.wait_for_selector(".masked-open")
    desk.shoot("case-zh-narrow", width=390, height=844)
    desk.page.locator(".point-do button").first.click()
    desk.page.wait_for_selector(".on-line")
    desk.shoot("call-zh-narrow", width=390, height=844, whole=False)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.speak("en")
    desk.page.locator(".debt > summary").first.click()
    desk.page.locator(".way > summary").first.click()
    desk.shoot("case-en")
    desk.press("m")
    desk.page.wait_for_selector(".letter")
    desk.shoot("letter-en")
    desk.press("Escape")
    desk.press("h")
    desk.shoot("hold-en", whole=False)
    desk.press("Escape")
    _note_and_take_a_call(desk, scene)
    desk.press("Escape", "b")
    desk.shoot("wish-en", whole=False)
    desk.press("Escape")
    desk.press("/")
    desk.page.keyboard.type("+86 138 1234 5678")
    with desk.page.expect_navigation(url="**/case/*/"):  # the page is that of a case already: only leaving it tells
        desk.press("Enter")
    desk.go("/search/")
    desk.shoot("search-en")
    desk.page.fill("#q", "小明")
    desk.press("Enter")
    desk.page.wait_for_selector("table")
    desk.shoot("found-en")


def test_outside_her_cases_a_colleague_sees_one_masked_line(desk, at):
    at(scenes.MORNING)
    scene = scenes.set_up()
    desk.sign_in(scene.colleague)
    desk.press("/")
    desk.page.keyboard.type("13812345678")
    desk.press("Enter")
    desk.page.wait_for_selector(".strangers")
    assert "王小明" not in desk.page.locator("main").inner_text()
    desk.shoot("stranger-zh")
    desk.go(f"/case/{scene.case.pk}/")
    desk.shoot("missing-zh")


def test_after_five_failures_the_name_is_locked(desk):
    scene_user = scenes.stories.user(username="chen")
    for _ in range(5):
        desk.go("/sign-in/")
        desk.page.fill("#username", scene_user.username)
        desk.page.fill("#password", "guess")
        desk.press("Enter")
        desk.page.wait_for_selector(".flash-error, .outside-message")
    desk.page.wait_for_selector(".outside-message")
    desk.shoot("locked-zh")
