"""A collector explains rights and duties: reads the statement with its sources, reads it out, prints it."""

import sys
from pathlib import Path

import pytest

from fairdue.contact.models import Explanation

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
import scene as scenes

pytestmark = pytest.mark.django_db(transaction=True)


def test_rights_are_shown_read_out_and_printed(desk, monkeypatch):
    monkeypatch.setattr("fairdue.desk.clock.now", lambda: scenes.MORNING)
    scene = scenes.set_up()
    desk.sign_in(scene.collector)
    desk.go(f"/case/{scene.case.pk}/")
    desk.press("u")
    desk.page.wait_for_url("**/rights/")
    desk.shoot("rights-zh")
    desk.shoot("rights-zh-narrow", width=390)
    desk.page.get_by_role("link", name="English").click()
    desk.shoot("rights-en-statement")
    desk.press("l")
    desk.page.wait_for_url("**/rights/read/**")
    desk.shoot("rights-read")
    desk.shoot("rights-read-narrow", width=390)
    desk.press("1")
    desk.page.wait_for_url("**/rights/?lang=en")
    assert Explanation.objects.get().came == "heard"
    with desk.page.expect_download() as taken:
        desk.press("p")
    assert taken.value.suggested_filename == f"rights-hy-{scene.case.pk}.pdf"
    desk.speak("en")
    desk.go(f"/case/{scene.case.pk}/rights/")
    desk.page.get_by_role("button", name="E-mail to").click()
    desk.page.wait_for_load_state()
    desk.shoot("rights-en")
    assert sorted(Explanation.objects.values_list("how", flat=True)) == ["email", "print", "read"]
    desk.go(f"/case/{scene.case.pk}/")
    desk.shoot("case-with-rights")
