"""Somebody writes a threat, sees the mark, mends it and sends, notes it; compliance decides on a false alarm."""

import sys
from pathlib import Path

import pytest

import stories
from fairdue.contact.models import FalseAlarm, Message
from fairdue.staff.models import Role

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
import scene as scenes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(monkeypatch, desk):
    monkeypatch.setattr("fairdue.desk.clock.now", lambda: scenes.MORNING)
    desk.page.clock.install(time=scenes.MORNING)
    return scenes.set_up()


def own_words(desk, scene):
    desk.go(f"/case/{scene.case.pk}/")
    desk.press("m")
    desk.page.locator("select[name=template]:visible").select_option("own_words")
    desk.page.wait_for_selector(".own-words textarea")
    desk.page.fill(".own-words input", "关于您的账户")
    return desk.page.locator(".own-words textarea")


def typed(desk, text, words):
    """Write into a field and let the pause pass after which it is read."""
    words.fill(text)
    desk.page.clock.run_for(1000)


def test_a_threat_is_marked_mended_and_sent_and_an_insult_in_a_note_is_marked(desk, scene):
    desk.sign_in(scene.collector)
    words = own_words(desk, scene)
    typed(desk, "王先生，再不还款就通知您的单位，到时后果自负。", words)
    desk.page.wait_for_selector(".mark-stop")
    assert desk.page.locator(".own-words + .marks").get_attribute("aria-live") == "polite"
    desk.shoot("marks-zh")
    desk.shoot("marks-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.page.locator(".mark-stop .mark-phrase").click()
    assert words.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == "就通知您的单位"

    desk.page.locator(".small-form:visible button.btn-primary").click()
    desk.page.wait_for_selector(".refused")
    assert "第68条" in desk.page.locator(".refused").inner_text()
    desk.shoot("refused-words-zh")
    assert not Message.objects.exists()

    desk.page.locator(".refused .btn-primary").click()
    assert words.evaluate("e => e === document.activeElement")
    typed(desk, "王先生，如有困难请告诉我们，可以商量分期。", words)
    desk.page.wait_for_selector(".marks-none")
    desk.page.locator(".small-form:visible button.btn-primary").click()
    desk.page.wait_for_selector(".recorded")
    assert "可以商量分期" in Message.objects.get().body

    desk.page.fill("#note", "这个老赖又不接电话")
    desk.page.clock.run_for(1000)
    desk.page.wait_for_selector("#note-marks .mark")
    desk.press("Escape", "c")
    desk.page.wait_for_selector(".on-line")
    typed(desk, "无赖", desk.page.locator("#call-note"))
    desk.page.wait_for_selector("#call-note-marks .mark")
    desk.shoot("note-marks-zh")


def test_a_false_alarm_is_reported_and_decided(desk, scene):
    desk.sign_in(scene.collector)
    desk.speak("en")
    words = own_words(desk, scene)
    typed(desk, "您好！新开的老赖来了奶茶店旁就是我们的网点。", words)
    desk.page.wait_for_selector(".mark-stop")
    desk.shoot("marks-en")
    desk.page.locator(".mark .btn").click()
    desk.page.wait_for_selector(".mark-told")
    desk.context.clear_cookies()

    desk.sign_in(stories.user(Role.COMPLIANCE, username="shen", display_name="沈岚"))
    desk.go("/false-alarms/")
    desk.shoot("alarms-zh")
    desk.shoot("alarms-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.page.fill("input[name=phrase]", "老赖来了奶茶店")
    desk.page.locator(".alarm-acts .btn-primary").click()
    desk.page.wait_for_selector(".flash")
    assert FalseAlarm.objects.get().status == "accepted"
    desk.speak("en")
    desk.go("/false-alarms/?show=accepted")
    desk.shoot("alarms-en")
