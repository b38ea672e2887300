"""The page of rights and duties: what is shown, refused, kept."""

import pytest
import scene as scenes

from fairdue.contact.models import Explanation, Message


def test_every_sentence_stands_with_its_source(scene, desk):
    page = desk.get(f"/case/{scene.case.pk}/rights/?lang=en").content.decode()
    assert "HY-2025-004417 (online loan): you owe CNY 17,163.50." in page
    assert "Civil Code Art. 680" in page
    assert "CN-INT-01" in page
    assert "our own practice, not law" in page
    assert "A text was read" in page and "D not confirmed" in page, "the desk keeps how sure we are"


def test_a_mail_at_night_is_refused_with_its_reasons(scene, desk, at):
    at(scenes.NIGHT)
    point = scene.debtor.contact_points.get(kind="email")
    answer = desk.post(f"/case/{scene.case.pk}/rights/send/{point.pk}/", {"key": "k"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Not sent: the gate refused it" in page
    assert "45251" in page
    assert not Explanation.objects.exists()


def test_a_mail_by_day_is_kept_and_seen_in_the_timeline(scene, desk):
    point = scene.debtor.contact_points.get(kind="email")
    desk.post(f"/case/{scene.case.pk}/rights/send/{point.pk}/", {"key": "k"})
    assert Message.objects.get().template == "rights"
    assert "Rights and duties: By e-mail" in desk.get(f"/case/{scene.case.pk}/").content.decode()


@pytest.mark.parametrize(("came", "kept"), [("heard", 1), ("", 0), ("shouted", 0)])
def test_reading_out_asks_how_it_was_taken(scene, desk, came, kept):
    assert "What you owe" in desk.get(f"/case/{scene.case.pk}/rights/read/?lang=en").content.decode()
    desk.post(f"/case/{scene.case.pk}/rights/read/", {"came": came})
    assert Explanation.objects.count() == kept


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_language_chosen_is_kept_and_told(scene, desk, language):
    place = f"/case/{scene.case.pk}/rights/"
    point = scene.debtor.contact_points.get(kind="email")
    page = desk.post(f"{place}send/{point.pk}/", {"key": "k", "lang": language}, follow=True)
    assert page.context["told"].language == language
    page = desk.post(f"{place}read/", {"came": "heard", "lang": language}, follow=True)
    assert page.context["told"].language == language
    assert desk.post(f"{place}read/", {"lang": language})["Location"].endswith(f"?lang={language}")
    told = {"zh": "in Chinese", "en": "in English"}[language]
    assert f"Read out</strong> · {told}" in desk.get(place).content.decode()
    assert told in desk.get(f"/case/{scene.case.pk}/").content.decode()


def test_print_gives_a_pdf(scene, desk):
    answer = desk.post(f"/case/{scene.case.pk}/rights/print/", {"lang": "en"})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_the_call_links_to_the_statement(scene, desk):
    point = scene.debtor.contact_points.filter(kind="phone").first()
    panel = desk.post(f"/case/{scene.case.pk}/call/{point.pk}/", {"key": "k"}).content.decode()
    assert f"/case/{scene.case.pk}/rights/read/" in panel
