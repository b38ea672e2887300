"""The door of the borrower's page tells nothing to the wrong person, opens once, and shuts by itself."""

import re
from datetime import timedelta

import pytest
from django.test import Client

import stories
from fairdue.contact import services as door
from fairdue.contact.models import Link, Message, WrongAnswer
from fairdue.flows import portal as flow
from fairdue.journal.models import Entry
from fairdue.portal.views.door import COOKIE
from portal.conftest import NOW, opened, token_for

WORDS_OF_DEBT = re.compile(r"debt|owe|loan|collect|欠|债|贷|催|逾期|华远|Huayuan|王小明", re.I)


def answers(client: Client, token: str, **said: str) -> tuple[int, str]:
    """Status and page, without the token against forged forms."""
    response = client.post(f"/p/k/{token}/", said)
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return response.status_code, text.replace(token, "…")


def test_the_right_answer_opens_the_page_once(told):
    browser = opened(told.token)
    assert "¥1,050.00" in browser.get("/p/1/").content.decode()
    assert answers(Client(), told.token, tail="0032")[0] == 422
    assert list(Entry.objects.filter(verb__startswith="link.").values_list("verb", flat=True)) == [
        "link.made", "link.opened",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "said", [{"born_on": "1989-05-17"}, {"tail": " 0032 "}, {"tail": "0032", "born_on": "1989.05.17"}]
)
def test_id_or_birth_date_or_both_will_do(told, said):
    assert Client().post(f"/p/k/{told.token}/", said).status_code == 302


@pytest.mark.parametrize(
    "said", [{}, {"tail": "0033"}, {"born_on": "1989-05-18"}, {"tail": "0032", "born_on": "1989-05-18"}]
)
def test_a_wrong_answer_opens_nothing(told, said):
    browser = Client()
    assert browser.post(f"/p/k/{told.token}/", said).status_code == 422
    assert browser.get("/p/1/").status_code == 302 and COOKIE not in browser.cookies


def test_unknown_expired_used_locked_and_wrong_look_the_same(told):
    opened(told.token)
    expired = token_for(told.their_case, now=NOW - timedelta(days=8))
    fresh = token_for(told.case)
    locked = token_for(stories.case(told.debtor, stories.creditor()))
    for _ in range(5):
        answers(Client(), locked, tail="9999")
    pages = {
        answers(Client(headers={"accept-language": "en"}), "bcdfgh" * 5, tail="0032"),
        answers(Client(headers={"accept-language": "en"}), told.token, tail="0032"),
        answers(Client(headers={"accept-language": "en"}), expired, born_on="1970-01-01"),
        answers(Client(headers={"accept-language": "en"}), locked, tail="0032"),
        answers(Client(headers={"accept-language": "en"}), fresh, tail="1111"),
    }
    assert len(pages) == 1 and {status for status, _ in pages} == {422}


def test_neither_address_nor_title_nor_the_door_tells_of_a_debt(told):
    for language in ("en", "zh-CN"):
        shut = Client(headers={"accept-language": language}).get(f"/p/k/{told.token}/").content.decode()
        assert not WORDS_OF_DEBT.search(re.sub(r"<link.*?>|csrf\S+", "", shut).replace(told.token, ""))
    browser = opened(told.token)
    for path in ("/p/1/", "/p/2/", "/p/3/", "/p/4/", "/p/5/"):
        title = re.search("<title>(.*?)</title>", browser.get(path).content.decode())[1]
        assert title == "Your page"


def test_nothing_is_cached_listed_or_told_to_other_sites(told, page):
    for path in ("/p/k/bcdfgh/", "/p/1/", "/p/"):
        answer = page.get(path)
        assert "no-store" in answer["Cache-Control"] and "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "same-origin" and "noindex" in answer.content.decode()
    cookie = opened(token_for(told.case)).cookies[COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/p/"


def test_five_wrong_answers_lock_the_link(told):
    for _ in range(5):
        answers(Client(), told.token, tail="1234")
    assert answers(Client(), told.token, tail="0032")[0] == 422
    assert Link.objects.get().ended_at == NOW
    assert Entry.objects.filter(verb="link.locked").count() == 1


def test_an_address_that_guesses_tokens_is_no_longer_answered(told):
    guesser = Client(REMOTE_ADDR="203.0.113.7")
    for n in range(20):
        answers(guesser, f"guess{n}", tail="0032")
    assert answers(guesser, told.token, tail="0032")[0] == 422
    assert opened(told.token, REMOTE_ADDR="203.0.113.8")
    told.now = NOW + timedelta(days=2)
    answers(Client(), "later", tail="0032")
    assert WrongAnswer.objects.count() == 1


def test_a_visit_ends_after_half_an_hour_and_when_left(told, page):
    kept = page.cookies[COOKIE].value
    told.now = NOW + timedelta(minutes=29)
    assert page.get("/p/1/").status_code == 200
    told.now = NOW + timedelta(minutes=30)
    assert page.get("/p/1/").status_code == 302
    second = opened(token_for(told.case, now=told.now))
    kept = second.cookies[COOKIE].value
    assert second.post("/p/leave/").status_code == 302
    thief = Client()
    thief.cookies[COOKIE] = kept
    assert thief.get("/p/1/").status_code == 302


def test_the_link_leads_back_to_the_page_during_its_visit_and_nobody_elses(told, page):
    assert page.get(f"/p/k/{told.token}/")["Location"] == "/p/1/"
    other = token_for(told.their_case)
    assert page.get(f"/p/k/{other}/").status_code == 200
    assert Client().get(f"/p/k/{told.token}/").status_code == 200


def test_hours_are_those_of_the_creditor(told, page):
    told.bank.zone = "America/New_York"
    told.bank.save()
    assert "this page closes at 21:30" in page.get("/p/1/").content.decode()


def test_no_page_behind_the_door_opens_without_a_visit(told):
    for path in ("1", "2", "2/begin", "2/P1", "2/P1/pretend", "3", "4", "5", "leave"):
        for method in ("get", "post"):
            answer = getattr(Client(), method)(f"/p/{path}/")
            assert answer.status_code == 302 and answer["Location"] == "/p/", path


def test_forged_forms_are_refused(told):
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(f"/p/k/{told.token}/", {"tail": "0032"}).status_code == 403
    careless = opened(told.token)
    careless.handler.enforce_csrf_checks = True
    for path in ("2", "2/begin", "4", "5", "leave"):
        assert careless.post(f"/p/{path}/", {}).status_code == 403
    assert Link.objects.get().ended_at is None


# ---- the invitation


def invite(told, key="k1", point=None, now=NOW):
    return flow.invite(
        case=told.case, contact_point=point or told.email, by=told.staff, now=now, key=key,
        site="https://fairdue.example/", language="en",
    )  # fmt: skip


def test_the_link_goes_out_through_the_one_door_and_is_kept_as_a_hash(told):
    assert invite(told).allowed and invite(told).again
    body = Message.objects.get().body
    token = re.search(r"https://fairdue.example/p/k/(\w{32})/", body)[1]
    assert Link.objects.filter(ended_at=None).count() == 1  # the earlier one has ended
    assert not Link.objects.filter(token=token.encode()).exists()
    assert answers(Client(), told.token, tail="0032")[0] == 422
    assert opened(token)


def test_a_refused_invitation_leaves_no_link_and_ends_none(told):
    flow.opt_out(link=Link.objects.get(), channel=stories.EMAIL, words="", now=NOW)
    assert not invite(told).allowed
    assert Link.objects.get().ended_at is None


def test_nobody_is_invited_who_could_not_show_who_they_are(told):
    nobody = stories.person("无证")
    with pytest.raises(door.NoSecondCheckError):
        door.new_token(person=nobody)
    with pytest.raises(ValueError, match="borrower's alone"):
        invite(told, point=stories.email(told.stranger, "li@example.com"))


def test_staff_send_it_from_the_case_and_never_see_the_link(told, monkeypatch):
    monkeypatch.setattr("fairdue.desk.clock.now", lambda: NOW)
    staff = Client()
    staff.force_login(told.staff, backend="django.contrib.auth.backends.ModelBackend")
    sent = staff.post(f"/case/{told.case.pk}/page/{told.email.pk}/", {"key": "a"})
    assert sent.status_code == 200 and "/p/k/" not in sent.content.decode()
    assert "/p/k/" in Message.objects.get().body
    assert staff.post(f"/case/{told.case.pk}/page/{told.phone.pk}/").status_code == 404
    assert 'value="page"' not in staff.get(f"/case/{told.case.pk}/").content.decode()
