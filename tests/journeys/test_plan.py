"""From "I can't" to an agreed plan in one call, without leaving the page; the lead's word by one click."""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from fairdue.agreements.models import Offer, Plan
from fairdue.contact.models import Outcome
from fairdue.staff.models import Authority

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
import scene as scenes


@pytest.fixture
def at(monkeypatch, desk):
    """Set the clock of the server and of the browser."""

    def set_clock(moment):
        monkeypatch.setattr("fairdue.desk.clock.now", lambda: moment)
        desk.page.clock.install(time=moment)

    return set_clock


def test_from_i_cannot_to_an_agreed_plan(desk, open_desk, at):
    at(scenes.MORNING)
    scene = scenes.set_up()
    for who, cents in ((scene.lead, 5_000_000), (scene.collector, 1_000_000)):
        Authority.objects.create(user=who, kind="plan", currency="CNY", limit_cents=cents)
    desk.sign_in(scene.collector)
    desk.go(f"/case/{scene.case.pk}/")
    page = desk.page
    desk.press("c")
    page.wait_for_selector(".on-line")
    desk.press("p")
    page.wait_for_selector("#b-income")
    desk.shoot("plan-budget-zh")
    page.fill("#b-income", "5800")
    page.fill("#b-household", "3")
    page.fill("#b-housing", "2600")
    page.fill("#b-food", "2400")
    page.fill("#b-debts", "300")
    page.fill("#w-days", "25")
    page.keyboard.press("Enter")
    page.wait_for_selector(".plan .blank, .proposal")
    assert page.locator(".proposal").count() == 0  # less than the least three persons live on in Shanghai
    page.locator(".plan-fold > summary").first.click()
    page.fill("#b-income", "8600")
    page.keyboard.press("Enter")
    page.wait_for_selector(".proposal")
    assert page.locator(".proposal").count() == 3
    desk.shoot("plan-proposals-zh")
    desk.shoot("plan-proposals-zh-narrow", width=390, height=844)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator(".proposal button").first.click()
    page.wait_for_selector("#deal-form .deal-result")
    expect(page.locator("#d-amount")).to_be_focused()
    expect(page.locator("#d-amount")).to_be_in_viewport()
    count = page.locator("#d-count")
    page.fill("#d-amount", "1000")
    page.keyboard.press("Tab")
    expect(count).to_have_value("18")
    page.focus("#d-count-slide")
    desk.press("ArrowRight")
    expect(count).to_have_value("19")
    assert page.evaluate("document.activeElement.id") == "d-count-slide"
    desk.shoot("plan-deal-zh")
    page.fill("#d-amount", "1000")
    page.keyboard.press("Tab")
    expect(count).to_have_value("18")
    page.locator("#deal-form .btn-primary").click()
    page.wait_for_selector(".on-table")
    page.fill("#ask-why", "换了工作，25 日发薪")
    page.keyboard.press("Enter")
    page.wait_for_selector(".on-table .chip-warn")
    desk.shoot("plan-asked-zh", whole=False)

    lead = open_desk()
    lead.sign_in(scene.lead)
    lead.go("/approvals/")
    lead.shoot("approvals-zh")
    lead.page.locator("button[value=give]").click()
    lead.page.wait_for_selector(".flash-success")
    lead.shoot("approvals-done-zh")

    page.clock.run_for(6_000)
    page.wait_for_selector(".on-table-yes")  # noticed without a key
    expect(page.locator(".deal-given")).to_contain_text("已批准")
    desk.shoot("plan-accept-zh")
    page.locator(".on-table-yes .btn-primary").click()
    page.wait_for_selector(".hold-bar")
    plan = Plan.objects.get()
    assert (plan.status, plan.how) == ("active", "call")
    assert Outcome.objects.get().kind == "plan"
    assert Offer.objects.get().status == "accepted"
    desk.speak("en")
    page.wait_for_selector(".plan-live")  # of the account just agreed
    assert page.input_value("#plan-account") == str(plan.account_id)
    desk.shoot("plan-live-en")
    desk.shoot("plan-live-en-narrow", width=390, height=844)
    page.set_viewport_size({"width": 1440, "height": 900})
    desk.press("g", "p")
    page.wait_for_url("**/plans/")
    page.locator(".plan-states a").nth(2).click()
    page.wait_for_selector("tr[data-row]")
    desk.shoot("plans-en")
    desk.shoot("plans-en-narrow", width=390, height=844)
    desk.go(f"/case/{scene.case.pk}/plan/{plan.pk}/agreement/")
    assert "还款计划协议" in page.locator("h1").inner_text()  # in the borrower's language
    desk.shoot("agreement")
    desk.shoot("agreement-narrow", width=390, height=844)
