"""The demo's hardship goes through the verbs of the pages."""

from datetime import date

import pytest

import stories
from fairdue.hardship.models import Approval, Care, Effect, File
from fairdue.site import demo_hardship
from fairdue.staff.models import Role

NOW = stories.utc("2026-03-05T10:00+08:00")
pytestmark = pytest.mark.django_db


def test_one_in_a_few_cannot_pay_for_a_time(monkeypatch):
    monkeypatch.setattr(demo_hardship, "EVERY", 2)
    monkeypatch.setattr(demo_hardship, "START", 0)
    stories.user(Role.COMPLAINTS, username="complaints")
    stories.user(username="collector")
    china = stories.creditor()
    for _ in range(20):
        person = stories.person(made_up=True)
        stories.account(person, china, dues={date(2026, 1, 20): 30_000, date(2026, 4, 20): 30_000})
        stories.case(person, china)
    assert demo_hardship.hardship_files(now=NOW) == 10
    assert sorted(File.objects.values_list("status", flat=True)) == ["asked"] * 2 + ["open"] * 8
    assert Approval.objects.count() == 2
    assert File.objects.filter(status="open", review_on__lt=NOW.date()).count() == 2
    assert set(Effect.objects.values_list("kind", flat=True)) == {"quiet", "late", "grace"}
    assert Care.objects.count() == 1
