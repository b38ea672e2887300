"""A promise on the phone: warned of while it is typed; the calendar by keys, wide and narrow."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from fairdue.agreements.models import Promise

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
import scene as scenes


@pytest.fixture
def at(monkeypatch, desk):
    """Set the clock of the server and of the browser."""

    def set_clock(moment):
        monkeypatch.setattr("fairdue.desk.clock.now", lambda: moment)
        desk.page.clock.install(time=moment)

    return set_clock


def test_a_promise_is_weighed_while_it_is_typed(desk, open_desk, at):
    at(scenes.MORNING)
    scene = scenes.set_up()
    desk.sign_in(scene.collector)
    desk.go(f"/case/{scene.case.pk}/")
    page = desk.page
    desk.press("c")
    page.wait_for_selector(".on-line")
    desk.press("4")
    expect(page.locator("#ask-promise .chance")).to_be_visible()
    page.fill("#promise-amount", "15000")
    page.fill("#promise-due", "2026-03-28")
    page.clock.run_for(1_000)
    expect(page.locator("#ask-promise .promise-warnings li")).to_have_count(5)
    desk.shoot("promise-warned-zh")
    page.fill("#promise-amount", "99999999")
    page.clock.run_for(1_000)
    expect(page.locator("#ask-promise .promise-no")).to_contain_text("超过欠款")
    page.fill("#promise-amount", "500")
    page.fill("#promise-due", "2026-03-06")
    page.keyboard.press("Enter")
    page.wait_for_selector(".recorded")
    assert Promise.objects.get(made_on=scenes.DAY).cents == 50_000


def test_the_calendar_by_keys_and_at_the_width_of_a_phone(desk, open_desk, at):
    at(scenes.MORNING)
    scene = scenes.set_up()
    for n, case in enumerate(scene.cases[1:8]):
        Promise.objects.create(
            case=case, person=case.person, cents=30_000 + 17_700 * n, currency="CNY", chance=100_000 * (n + 2),
            made_on=scenes.DAY - timedelta(days=9), due_on=scenes.DAY + timedelta(days=n - 3),
            status=["broken", "kept", "partly_kept", "open", "open", "open", "open"][n],
            received=[0, 47_700, 20_000, 0, 0, 0, 0][n],
        )  # fmt: skip
    desk.sign_in(scene.collector)
    desk.go("/promises/")
    page = desk.page
    expect(page.locator(".cal-day")).to_have_count(7)
    desk.shoot("promises-week-zh")
    desk.press("m")
    expect(page.locator(".cal-by-month .cal-day")).to_have_count(42)
    desk.press("l")
    expect(page.locator(".under")).to_contain_text("2026-04")
    desk.press(".")
    page.locator(".cal-today").click()
    expect(page.locator(".cal-rows tbody tr")).to_have_count(2)
    desk.shoot("promises-month-390-zh", width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    desk.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/case/*/")
