"""Compliance changes a number, tries it on history, and a second person lets it come into force."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

import stories
from fairdue.contact import services as door
from fairdue.contact.models import RuleVersion, Trial, Verdict
from fairdue.contact.rulebook import services
from fairdue.law import codes
from fairdue.people.models import ContactPoint
from fairdue.staff.models import Role

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
import scene as scenes

pytestmark = pytest.mark.django_db(transaction=True)
GAP = "house.gap-between-calls"


@pytest.fixture
def office(monkeypatch):
    """A morning on which everybody is called at 0, 12 and 20 minutes: the second call comes too soon."""
    now = scenes.MORNING + timedelta(hours=3)
    monkeypatch.setattr("fairdue.desk.clock.now", lambda: now)
    scene = scenes.set_up()
    points = {point.person_id: point for point in ContactPoint.objects.filter(kind="phone").order_by("-rank")}
    for n, case in enumerate(scene.cases):
        for minutes in (0, 12, 20):
            if case.person_id not in points:
                continue
            at = scenes.MORNING + timedelta(minutes=minutes)
            asked = door.ask(
                case=case, contact_point=points[case.person_id], channel=codes.Channel.CALL, by=scene.collector,
                now=at, key=f"{n} {minutes}",
            )  # fmt: skip
            if asked.allowed:
                door.hand_over(permit=asked.permit, by=scene.collector, now=at)
    officer = stories.user(Role.COMPLIANCE, username="shen", display_name="沈岚")
    counsel = stories.user(Role.LEGAL, username="lu", display_name="陆衡")
    return {"officer": officer, "counsel": counsel, "now": now}


def test_a_change_from_the_first_number_to_the_midnight(open_desk, office):
    """Form → mistake at its line → examples → trial → submitted → approved by somebody else."""
    desk, now = open_desk(), office["now"]
    desk.sign_in(office["officer"])
    desk.go("/rulebook/")
    desk.shoot("rulebook-zh")
    desk.page.locator("#pack-house button").click()
    desk.page.wait_for_load_state()
    draft = RuleVersion.objects.get(status="draft")
    desk.go(f"/rulebook/{draft.pk}/rule/{GAP}/")
    desk.shoot("rule-form-zh")
    desk.shoot("rule-form-zh-narrow", width=390)
    desk.page.fill("input[name='minimum_gap.minutes']", "30")
    desk.page.locator("form.panel button.btn-primary").click()
    desk.page.wait_for_url(f"**/rulebook/{draft.pk}/")
    desk.shoot("version-failing-zh")
    desk.go(f"/rulebook/{draft.pk}/text/")
    desk.page.evaluate(
        "t => { const e = document.querySelector('#text'); e.value = e.value.replace('times: 8', 'times: many'); }",
        None,
    )
    desk.page.locator("button[value=stay]").click()
    desk.page.wait_for_load_state()
    desk.page.locator(".mistakes [data-line]").click()
    assert "times: many" in desk.page.evaluate(
        "() => { const t = document.querySelector('#text'); return t.value.slice(t.selectionStart, t.selectionEnd); }"
    )
    desk.shoot("text-mistake-zh", whole=False)
    desk.shoot("text-mistake-zh-narrow", width=390)
    desk.speak("en")
    text = RuleVersion.objects.get(pk=draft.pk).text.replace("times: many", "times: 8")
    services.write(version=draft, by=office["officer"], text=text)
    desk.go(f"/rulebook/{draft.pk}/")
    desk.page.get_by_role("button", name="Let the examples say").click()
    desk.page.wait_for_load_state()
    desk.page.get_by_role("button", name="Try", exact=True).click()
    desk.page.wait_for_url("**/trials/**")
    trial = Trial.objects.get()
    Trial.objects.filter(pk=trial.pk).update(status="running", done=30, total=Verdict.objects.count())
    desk.shoot("trial-running-en")
    services.run_trial(trial_id=trial.pk, now=now)
    desk.page.get_by_text("Newly stopped").first.wait_for()
    desk.shoot("trial-en")
    desk.shoot("trial-en-narrow", width=390)
    assert Trial.objects.get().result["stopped"]["n"] > 0
    desk.go(f"/rulebook/{draft.pk}/")
    desk.page.fill("#force_from", (scenes.DAY + timedelta(days=1)).isoformat())
    desk.page.fill("#reason", "Complaints about calls in quick succession")
    desk.shoot("version-draft-en")
    desk.shoot("version-draft-en-narrow", width=390)
    desk.page.get_by_role("button", name="Hand to a second person").click()
    desk.page.get_by_text("Waits for a second person").wait_for()

    other = open_desk()
    other.sign_in(office["counsel"])
    other.go(f"/rulebook/{draft.pk}/")
    other.shoot("version-decide-zh")
    other.page.locator("form[action$='/approve/'] .btn-primary").click()
    other.page.wait_for_load_state()
    assert RuleVersion.objects.get(pk=draft.pk).status == "approved"
    other.shoot("version-coming-zh")
    other.go("/rulebook/")
    other.shoot("rulebook-zh-narrow", width=390)
    other.go("/rulebook/settings/")
    other.shoot("rulebook-settings-zh")
    services.replay(now=now)
    other.go("/rulebook/replays/")
    other.shoot("replays-zh")
    other.shoot("replays-zh-narrow", width=390)
    other.page.locator("tbody a").first.click()
    other.page.wait_for_load_state()
    other.shoot("replay-zh")
