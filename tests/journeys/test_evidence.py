"""Compliance asks for evidence about a person, takes the ZIP away, and finds both in the journal."""

import sys
import zipfile
from pathlib import Path

import pytest

import stories
from fairdue.evidence import tasks
from fairdue.evidence.models import Pack
from fairdue.staff.models import Role

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
import scene as scenes

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_pack_is_asked_for_made_and_taken(desk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    scenes.set_up()
    officer = stories.user(Role.COMPLIANCE, username="shen", display_name="沈岚")
    desk.sign_in(officer)
    desk.go("/evidence/")
    desk.shoot("evidence-empty-zh")
    desk.page.fill("#person", "HY-2025-004417")
    desk.page.get_by_role("button", name="生成").click()
    desk.page.wait_for_url("**/evidence/")
    tasks.make_later(Pack.objects.get().pk)
    desk.page.get_by_role("button", name="下载").wait_for()
    desk.shoot("evidence-zh")
    with desk.page.expect_download() as taken:
        desk.page.get_by_role("button", name="下载").click()
    assert "verify.py" in zipfile.ZipFile(taken.value.path()).namelist()
    desk.speak("en")
    Pack.objects.create(
        person_id=Pack.objects.get().person_id, status="failed", problem="OSError: no space left", by=officer
    )
    desk.go("/evidence/")
    desk.page.select_option("#full", "1")
    desk.page.fill("#person", "HY-2025-004417")
    desk.page.get_by_role("button", name="Put it together").click()
    desk.page.get_by_text("needs a reason").wait_for()
    desk.shoot("evidence-en")
    desk.shoot("evidence-en-narrow", width=390)
    desk.go("/journal/?verb=evidence.taken")
    desk.page.locator("td", has_text="evidence pack taken").first.wait_for()
