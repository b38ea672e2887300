"""The demo's stops and wishes go through the verbs of the pages."""

import pytest

import stories
from fairdue.cases.models import Hold
from fairdue.people.models import Consent, Wish
from fairdue.site import demo_wishes
from fairdue.staff.models import Role

NOW = stories.utc("2026-03-05T10:00+08:00")
pytestmark = pytest.mark.django_db


def test_one_in_a_few_has_said_something(monkeypatch):
    monkeypatch.setattr(demo_wishes, "EVERY", 2)
    stories.user(Role.COMPLAINTS, username="complaints")
    stories.user(username="collector")
    china, us = stories.creditor(), stories.creditor(jurisdiction="us", currency="USD")
    for n in range(24):
        stories.case(stories.person(), us if n % 8 == 0 else china)
    stories.case(stories.person(), stories.creditor(code=demo_wishes.REAL))

    assert demo_wishes.stops_and_wishes(now=NOW) == 12
    assert {hold.kind for hold in Hold.objects.all()} == {kind for kind, *_ in demo_wishes._HOLDS}
    assert Hold.objects.filter(reason__startswith="Disputes").exists()
    assert (Wish.objects.count(), Consent.objects.count()) == (5, 1)
