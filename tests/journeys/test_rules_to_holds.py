"""Compliance from a rule to its verdicts, to the wall, to the holds; a wish and a holiday on the way."""

import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

import stories
from fairdue.cases.models import Hold
from fairdue.contact import services as door
from fairdue.contact.models import Attempt
from fairdue.flows import contact as flow
from fairdue.law import codes
from fairdue.people.models import ContactPoint, Wish
from fairdue.staff.models import DayCorrection, Role

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
import scene as scenes

pytestmark = pytest.mark.django_db(transaction=True)
BACK_AT_1440 = {"width": 1440, "height": 900}


@pytest.fixture
def office(monkeypatch):
    """An evening: two conversations with one debtor today, refusals at night, two holds, a wish."""
    now = scenes.NIGHT + timedelta(minutes=10)
    monkeypatch.setattr("fairdue.desk.clock.now", lambda: now)
    scene = scenes.set_up()
    phone = scene.debtor.contact_points.get(kind="phone", rank=1)
    for hour in (1, 3):
        Attempt.objects.create(
            happened_at=scenes.MORNING + timedelta(hours=hour), creditor=scene.case.creditor, person=scene.debtor,
            addressee=scene.debtor, contact_point=phone, channel=codes.Channel.CALL, by=scene.collector,
            result=codes.Result.CONVERSATION,
        )  # fmt: skip
    points = {point.person_id: point for point in ContactPoint.objects.filter(kind="phone").order_by("-rank")}
    for n, case in enumerate(scene.cases[:5]):
        door.ask(
            case=case, contact_point=points[case.person_id], channel=codes.Channel.CALL, by=scene.collector,
            now=scenes.NIGHT + timedelta(minutes=n), key=f"night {n}",
        )  # fmt: skip
    at = scenes.MORNING - timedelta(days=40)
    flow.place_hold(
        person=scene.cases[3].person,
        kind=Hold.Kind.DISPUTE,
        reason="对利息金额有异议，已提交流水",
        by=scene.lead,
        now=at,
    )
    flow.place_hold(
        person=scene.cases[4].person, kind=Hold.Kind.HARDSHIP, reason="本人住院，暂无收入", by=scene.collector, now=at,
        ends_on=scenes.DAY + timedelta(days=3),
    )  # fmt: skip
    flow.opt_out(person=scene.wife, by=scene.collector, now=scenes.MORNING, words="不要再打给我", source="call")
    return scene, stories.user(Role.COMPLIANCE, username="shen", display_name="沈岚")


def test_from_a_rule_to_its_verdicts_the_wall_and_the_holds(desk, office):
    _, officer = office
    page = desk.sign_in(officer)
    desk.press("g", "l")
    page.wait_for_url("**/rules/")
    desk.shoot("rules-browser-zh", whole=False)
    desk.shoot("rules-browser-zh-narrow", width=390, height=844, whole=False)
    page.set_viewport_size(BACK_AT_1440)
    page.fill("#q", "22:00")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=22**")
    page.locator("article a", has_text="22:00 至次日 08:00").first.click()
    page.wait_for_url("**/rules/cn/cn.quiet-hours/")
    assert page.locator("td .good").count() >= 4
    desk.shoot("rule-zh")
    desk.shoot("rule-zh-narrow", width=390, height=844)
    page.set_viewport_size(BACK_AT_1440)
    desk.press("l")
    page.wait_for_url("**/verdicts/**rule=cn.quiet-hours**")
    page.locator("tbody a").first.click()
    page.wait_for_selector("h1:has-text('判定 ')")
    page.wait_for_load_state("networkidle")
    desk.press("a")
    page.wait_for_selector("#passed li")
    desk.shoot("verdict-passed-zh")
    desk.press("g", "w")
    page.wait_for_url("**/wall/")
    assert "2/3" in page.locator(".wall").inner_text()
    desk.shoot("wall-zh")
    desk.shoot("wall-zh-narrow", width=390, height=844)
    page.set_viewport_size({"width": 1920, "height": 1080})
    desk.shoot("wall-zh-big", width=1920, height=1080)
    page.set_viewport_size(BACK_AT_1440)
    desk.press("g", "h")
    page.wait_for_url("**/holds/")
    desk.shoot("holds-zh")
    desk.shoot("holds-zh-narrow", width=390, height=844)
    page.set_viewport_size(BACK_AT_1440)
    page.locator("tr", has_text="住院").locator("summary", has_text="解除").click()
    page.locator("tr", has_text="住院").locator("input[name=reason]").first.fill("已出院，恢复收入")
    desk.shoot("holds-lifting-zh", whole=False)  # the open form is looked at too
    page.keyboard.press("Enter")
    page.wait_for_selector(".flash-success")
    assert Hold.objects.get(kind=Hold.Kind.HARDSHIP).lifted_by == officer
    desk.speak("en")
    for name, path in (
        ("rules-browser-en", "/rules/"),
        ("rules-changes-en", "/rules/changes/?since=2024-01-01&until=2026-03-01"),
        ("rule-en", "/rules/cn/cn.three-conversations/"),
        ("wall-en", "/wall/?minutes=240"),
        ("holds-en", "/holds/"),
    ):
        desk.go(path)
        desk.shoot(name, whole=name != "rules-browser-en")
    desk.go("/rules/changes/?since=2024-01-01&until=2026-03-01")
    desk.shoot("rules-changes-en-narrow", width=390, height=844, whole=False)


def test_a_wish_is_noted_and_withdrawn_and_a_holiday_corrected(desk, office):
    scene, officer = office
    page = desk.sign_in(officer)
    desk.go(f"/case/{scene.case.pk}/")
    desk.shoot("case-reach-zh")
    page.locator(".party-other .party-wishes").first.click()
    page.wait_for_url("**/wishes/")
    page.select_option("#new-kind", "unwelcome_time")
    page.fill("#new-start", "12:00")
    page.fill("#new-end", "14:00")
    page.fill("#new-words", "中午要休息")
    desk.press("Enter")
    page.wait_for_selector(".flash-success")
    assert Wish.objects.get(kind="unwelcome_time").noted_by == officer
    desk.shoot("wishes-zh")
    desk.shoot("wishes-zh-narrow", width=390, height=844)
    page.set_viewport_size(BACK_AT_1440)
    page.locator("li", has_text="不要再打给我").locator("summary").click()
    page.locator("li", has_text="不要再打给我").locator("input[name=why]").fill("来电表示可以联系")
    page.keyboard.press("Enter")
    page.wait_for_selector(".flash-success")
    assert Wish.objects.get(kind="opt_out").withdrawal.why == "来电表示可以联系"
    desk.speak("en")
    desk.go(f"/people/{scene.wife.pk}/wishes/")
    desk.shoot("wishes-en")
    desk.go("/calendar/?year=2026")
    page.fill("#day", "2026-10-08")
    page.fill("#reason", "Notice of the firm: office closed")
    page.keyboard.press("Enter")
    page.wait_for_selector(".row-chosen")
    assert DayCorrection.objects.get().day == date(2026, 10, 8)
    desk.shoot("calendar-en")
    desk.speak("zh-hans")
    desk.go("/calendar/?year=2027")
    desk.shoot("calendar-zh-narrow", width=390, height=844)
