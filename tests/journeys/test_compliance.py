"""Compliance finds a refusal, reads its grounds, takes an export away, verifies the journal; administration hires."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

import stories
from fairdue.cases.models import Case
from fairdue.contact import services as door
from fairdue.contact.models import Attempt, Outcome
from fairdue.desk.pages.search import look_up
from fairdue.journal import services as journal
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.people.models import ContactPoint
from fairdue.staff.models import Role, User

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
import scene as scenes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(monkeypatch, desk):
    """A day's verdicts: calls in the morning, one at night refused, a look-up outside one's cases, a seal."""
    now = scenes.NIGHT + timedelta(minutes=10)
    monkeypatch.setattr("fairdue.desk.clock.now", lambda: now)
    scene = scenes.set_up()
    points = {point.person_id: point for point in ContactPoint.objects.filter(kind="phone").order_by("-rank")}
    for n, case in enumerate(scene.cases):
        if case.person_id not in points:
            continue
        moment = scenes.MORNING + timedelta(minutes=7 * n)
        said = door.ask(
            case=case, contact_point=points[case.person_id], channel=codes.Channel.CALL, by=scene.collector, now=moment,
            key=f"morning {n}",
        )  # fmt: skip
        if said.allowed and n % 2:
            attempt = Attempt.objects.get(pk=said.attempt_id)
            later = moment + timedelta(minutes=1)
            door.record_outcome(attempt=attempt, kind=Outcome.Kind.NO_ANSWER, by=scene.collector, now=later)
    night = door.ask(
        case=scene.case, contact_point=points[scene.debtor.pk], channel=codes.Channel.CALL, by=scene.collector,
        now=scenes.NIGHT, key="night",
    )  # fmt: skip
    assert not night.allowed
    stranger = stories.user(username="zhang", display_name="张力", team=stories.team())
    look_up(text=Case.objects.get(pk=scene.case.pk).person.name, user=stranger)
    journal.seal(day=scenes.DAY - timedelta(days=1))
    return {"officer": stories.user(Role.COMPLIANCE, username="shen", display_name="沈岚"), "night": night.verdict_id}


def test_a_refusal_is_found_and_proved(desk, office):
    """List → filter → detail → export → the journal holds the export and is intact."""
    desk.sign_in(office["officer"])
    desk.go("/verdicts/")
    desk.shoot("verdicts-zh")
    desk.shoot("verdicts-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.page.select_option("#decision", "3")
    desk.page.locator(".filter-form .btn-primary").click()
    desk.page.wait_for_url("**decision=3**")
    with desk.page.expect_download() as waiting:
        desk.press("e")
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    assert "cn.quiet-hours" in text
    assert text.splitlines()[-1].count("shen")  # every line says whose export it is
    desk.go(f"/verdicts/{office['night']}/")
    assert "22:00 至次日 08:00" in desk.page.locator(".ground").first.inner_text()
    desk.shoot("verdict-zh")
    desk.shoot("verdict-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.go("/journal/")
    desk.press("v")
    desk.page.wait_for_selector(".flash-success")
    assert Entry.objects.filter(verb="verdicts.exported", actor="shen").count() == 1
    desk.shoot("journal-zh")
    desk.shoot("journal-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.go("/journal/?flagged=1")
    assert "zhang" in desk.page.locator("tbody").inner_text()


def test_the_same_in_english_and_the_rules(desk, office):
    desk.sign_in(office["officer"])
    desk.speak("en")
    desk.go("/verdicts/")
    desk.shoot("verdicts-en")
    desk.go(f"/verdicts/{office['night']}/")
    desk.shoot("verdict-en")
    desk.go("/journal/")
    desk.shoot("journal-en")
    desk.go("/rules/?q=quiet")
    desk.shoot("rules-en")
    desk.go("/rules/?former=1")
    desk.shoot("rules-all-en", whole=False)
    desk.speak("zh-hans")
    desk.go("/rules/?q=quiet")
    desk.shoot("rules-zh")
    desk.shoot("rules-zh-narrow", width=390, height=844)


def test_an_administrator_hires_and_sets_limits(desk):
    stories.team("华东一组")
    for n in range(6):
        stories.user(team=stories.team(f"组 {n}"), display_name=f"同事 {n}")
    desk.sign_in(stories.user(Role.ADMIN, username="guan", display_name="管理员"))
    desk.go("/users/")
    desk.shoot("users-zh")
    desk.press("c")
    desk.page.fill("#id_username", "xiaomei")
    desk.page.fill("#id_display_name", "小梅")
    desk.page.select_option("#id_role", "lead")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector(".errorlist")
    desk.shoot("user-new-zh")
    desk.shoot("user-new-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.page.select_option("#id_team", label="华东一组")
    desk.page.locator(".panel-foot .btn-primary").click()
    desk.page.wait_for_selector(".once")
    desk.shoot("user-password-zh")
    password = desk.page.locator(".once").inner_text()
    user = User.objects.get(username="xiaomei")
    assert user.check_password(password)
    desk.page.locator(".narrow .btn-primary").click()
    desk.page.fill("#limit", "5,000")
    desk.page.locator(".authority-form .btn").click()
    desk.page.wait_for_selector(".flash-success")
    desk.shoot("user-zh")
    desk.shoot("user-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.speak("en")
    desk.shoot("user-en")
    desk.go("/roles/")
    desk.shoot("roles-en")
    desk.shoot("roles-en-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.go("/teams/")
    desk.shoot("teams-en")
