"""A borrower with one account, a stranger with another, and a link on its way."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client

import stories
from fairdue.contact import services as door
from fairdue.people import sealing

NOW = stories.utc("2026-03-03T10:00+08:00")


@pytest.fixture
def told(db, monkeypatch) -> SimpleNamespace:
    """王小明 owes ¥1,000.00 and ¥50.00 interest; 李外人 is somebody else's borrower. `now` may be moved."""
    told = SimpleNamespace(now=NOW)
    monkeypatch.setattr("fairdue.portal.clock.now", lambda: told.now)
    number = "310115198905170032"
    told.bank = stories.creditor("hy", name_zh="华远消费金融", name_en="Huayuan Consumer Finance")
    told.debtor = stories.person(birth_on=date(1989, 5, 17), id_sealed=sealing.seal(number))
    told.account = stories.account(
        told.debtor, told.bank, principal=100_000, interest=5_000, dues={date(2026, 2, 1): 50_000}
    )
    told.email = stories.email(told.debtor)
    told.phone = stories.phone(told.debtor)
    told.staff = stories.user(team=stories.team())
    told.case = stories.case(told.debtor, told.bank, owner=told.staff)
    told.stranger = stories.person("李外人", birth_on=date(1970, 1, 1))
    told.theirs = stories.account(told.stranger, told.bank)
    told.their_case = stories.case(told.stranger, told.bank)
    told.token = token_for(told.case)
    return told


def token_for(case, *, now=NOW) -> str:
    token = door.new_token(person=case.person)
    door.make_link(token=token, case=case, by=None, now=now)
    return token


def opened(token: str, tail: str = "0032", **options) -> Client:
    """A browser that answered rightly; it speaks English."""
    browser = Client(headers={"accept-language": "en"}, **options)
    assert browser.post(f"/p/k/{token}/", {"tail": tail}).status_code == 302
    return browser


@pytest.fixture
def page(told) -> Client:
    return opened(told.token)
