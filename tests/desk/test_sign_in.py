"""Signing in: the right person, the second factor, the lock, the journal."""

import re

import pytest
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

import stories
from fairdue.journal.models import Entry
from fairdue.staff import services as staff

pytestmark = pytest.mark.django_db


def sign_in(client: Client, username: str, password: str = "correct horse"):
    return client.post("/sign-in/", {"username": username, "password": password})


def verbs(**fields) -> list[str]:
    return list(Entry.objects.filter(**fields).order_by("id").values_list("verb", flat=True))


def test_name_and_password_open_the_first_page_and_the_journal_says_so(client):
    who = stories.user(username="chen")
    answer = sign_in(client, "chen")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/")["Location"] == "/today/"
    assert verbs(actor_id=who.pk) == ["session.opened"]


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("collector", "/today/"), ("lead", "/team/"), ("compliance", "/verdicts/"), ("legal", "/holds/"),
        ("complaints", "/holds/"), ("privacy", "/journal/"), ("admin", "/users/"), ("creditor", "/results/"),
        ("risk", "/results/"),
    ],
)  # fmt: skip
def test_everybody_begins_where_their_work_is(db, signed_in, role, page):
    assert signed_in(stories.user(role)).get("/")["Location"] == page


def test_a_wrong_password_is_refused_kindly_and_noted(client):
    who = stories.user(username="chen")
    answer = sign_in(client, "chen", "wrong")
    assert answer.status_code == 422
    assert b'role="alert"' in answer.content
    assert verbs(subject_id=who.pk) == ["session.refused"]


def test_what_is_typed_as_a_name_but_is_none_is_not_kept(client):
    sign_in(client, "my secret password")
    assert "my secret" not in Entry.objects.get().detail + Entry.objects.get().actor


def test_the_fifth_failure_locks_the_name_even_for_the_right_password(client):
    stories.user(username="chen")
    for _ in range(5):
        last = sign_in(client, "chen", "wrong")
    assert last.status_code == 429
    assert "fairdue" in last.content.decode().lower()
    assert sign_in(client, "chen").status_code == 429
    assert Entry.objects.filter(verb="session.refused", detail__contains="locked").exists()


def test_with_an_authenticator_the_password_alone_opens_nothing(client):
    who = stories.user(username="chen")
    device = TOTPDevice.objects.create(user=who, confirmed=True, name="authenticator")
    assert sign_in(client, "chen")["Location"] == "/sign-in/code/"
    assert client.get("/today/")["Location"].startswith("/sign-in/")
    code = f"{totp(device.bin_key, device.step, device.t0, device.digits, device.drift):06d}"
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert client.post("/sign-in/code/", {"code": wrong}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert client.post("/sign-in/code/", {"code": code})["Location"] == "/"
    assert verbs(subject_id=who.pk) == ["session.refused", "session.opened"]


def test_an_authenticator_is_set_up_by_its_first_code(client):
    who = stories.user(username="chen")
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/profile/second-factor/")
    assert b"data:image/png;base64" in page.content
    device = TOTPDevice.objects.get(user=who, confirmed=False)
    code = f"{totp(device.bin_key, device.step, device.t0, device.digits, device.drift):06d}"
    assert client.post("/profile/second-factor/", {"code": code})["Location"] == "/profile/"
    assert TOTPDevice.objects.get(user=who).confirmed


def test_the_half_signed_in_expires(client, monkeypatch):
    who = stories.user(username="chen")
    TOTPDevice.objects.create(user=who, confirmed=True, name="authenticator")
    sign_in(client, "chen")
    import time

    later = time.time() + 301
    monkeypatch.setattr("fairdue.desk.views.sign_in.time.time", lambda: later)
    assert client.post("/sign-in/code/", {"code": "000000"})["Location"] == "/sign-in/"


def test_one_comes_back_to_the_page_one_wanted_but_never_to_another_site(client):
    stories.user(username="chen")
    ours = client.post(
        "/sign-in/?next=/profile/", {"username": "chen", "password": "correct horse", "next": "/profile/"}
    )
    assert ours["Location"] == "/profile/"
    client.post("/sign-out/")
    theirs = client.post(
        "/sign-in/", {"username": "chen", "password": "correct horse", "next": "https://evil.example/"}
    )
    assert theirs["Location"] == "/"


def test_language_is_the_users_or_the_visitors(client):
    who = stories.user(username="chen", language="zh-hans")
    assert 'lang="zh-Hans"' in client.get("/sign-in/").content.decode()
    client.post("/language/", {"language": "en", "next": "/sign-in/"})
    assert 'lang="en"' in client.get("/sign-in/").content.decode()
    sign_in(client, "chen")
    assert 'lang="zh-Hans"' in client.get("/profile/").content.decode()
    client.post("/language/", {"language": "en", "next": "/profile/"})
    who.refresh_from_db()
    assert who.language == "en"


def test_the_password_changes_against_the_old_one(client):
    who = stories.user(username="chen")
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    new = {"new_password1": "a longer sentence 7", "new_password2": "a longer sentence 7"}
    assert client.post("/profile/", {"old_password": "guess", **new}).status_code == 422
    assert client.post("/profile/", {"old_password": "correct horse", **new}).status_code == 302
    who.refresh_from_db()
    assert who.check_password("a longer sentence 7")
    assert client.get("/profile/").status_code == 200, "the session stays"


@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404)])
def test_errors_have_pages_of_their_own(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status
    assert b"outside-message" in answer.content


@pytest.mark.parametrize("new", ["short", "chenjing@bank", "password12", "1234567890", "two different ones", ""])
def test_whatever_is_wrong_with_a_password_is_told_in_chinese(client, new):
    """Django 5.2 asks its catalogue for other words than those it translated ("at least %d characters")."""
    stories.user(username="chenjing", email="chenjing@bank.example")
    sign_in(client, "chenjing")
    again = "other" if new == "two different ones" else new
    page = client.post("/profile/", {"old_password": "guess", "new_password1": new, "new_password2": again})
    told = re.findall(r'<ul class="errorlist"[^>]*><li>(.*?)</li></ul>', page.content.decode())
    assert len(told) >= 2
    assert not [text for text in told if re.search("[A-Za-z]{3}", text)]


def test_a_one_time_password_opens_the_profile_alone_until_an_own_one_is_chosen(client):
    admin = stories.user("admin")
    who, given = staff.create_user(username="anna", role="collector", by=admin, team=stories.team())
    sign_in(client, "anna", given)
    assert client.get("/today/")["Location"] == "/profile/"
    assert client.post("/next/")["Location"] == "/profile/"
    chosen = {"old_password": given, "new_password1": "green apples 7", "new_password2": "green apples 7"}
    assert client.post("/profile/", chosen)["Location"] == "/"
    assert client.get("/today/").status_code == 200
    client.logout()
    assert sign_in(client, "anna", given).status_code == 422
    who.refresh_from_db()
    assert not who.must_change_password
