"""Days off: where they come from, until when they are known, corrected with a reason."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.test import Client

import stories
from fairdue.desk import clock
from fairdue.journal.models import Entry
from fairdue.law import special_days
from fairdue.law.clock import day_number
from fairdue.staff import queries, services
from fairdue.staff.models import DayCorrection, Role

pytestmark = pytest.mark.django_db
NOW = stories.utc("2026-03-05T10:00+08:00")
DAY = date(2026, 10, 8)


@pytest.fixture(autouse=True)
def _at_ten(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def as_(role):
    client = Client()
    client.force_login(stories.user(role, language="en"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def correct(by, day=DAY, works=False, now=NOW, reason="通知第 3 号"):
    return services.correct_day(calendar="cn", day=day, works=works, reason=reason, by=by, now=now)


# ---- the calendars


def test_the_mainland_works_on_some_weekends():
    days = {one.day: one for one in special_days.special_days("cn", 2026)}
    assert (days[date(2026, 10, 10)].works, days[date(2026, 10, 10)].names["zh"]) == (True, "国庆节")  # a Saturday
    assert not days[date(2026, 10, 1)].works
    assert date(2026, 10, 8) not in days


def test_beyond_the_known_years_there_is_nothing():
    last = special_days.known_until("cn")
    assert special_days.special_days("cn", last)
    assert special_days.special_days("cn", last + 1) == ()
    assert special_days.source("cn").startswith("chinesecalendar ")
    assert [special_days.special_days(name, 2026) != () for name in special_days.CALENDARS] == [True] * 7


def test_moving_feasts_are_estimates():
    far = {one.names["en"]: one.sure for one in special_days.special_days("sg", 2035)}
    assert far["Chinese New Year"] is False
    assert far["Christmas Day"] is True


def test_corrections_lie_over_a_column_of_days():
    days = np.array([day_number(DAY) + n for n in range(3)], np.int64)
    plain = np.array([0, 0, 1], np.uint8)
    found = special_days.corrected(plain, days, {DAY: False, DAY + timedelta(days=2): True}, worked=0, off=2)
    assert found.tolist() == [2, 0, 0]
    assert plain.tolist() == [0, 0, 1]
    assert special_days.corrected(plain, days, {}, worked=0, off=2) is plain


# ---- corrections


def test_a_correction_holds_until_the_next_one_and_nothing_is_erased():
    by = stories.user(Role.COMPLIANCE)
    first = correct(by)
    assert correct(by) == first
    second = correct(by, works=True, now=NOW + timedelta(hours=1), reason="通知第 4 号")
    first.refresh_from_db()
    assert (first.removed_why, first.removed_by) == ("通知第 4 号", by)
    assert queries.corrections() == {"cn": {DAY: True}}
    assert queries.corrections(at=NOW + timedelta(minutes=1)) == {"cn": {DAY: False}}
    assert queries.corrections(at=NOW - timedelta(minutes=1)) == {}
    services.remove_correction(correction=second, reason="公告撤回", by=by, now=NOW + timedelta(hours=2))
    assert queries.corrections() == {}
    verbs = list(Entry.objects.filter(subject="calendar").order_by("id").values_list("verb", flat=True))
    assert verbs == ["calendar.corrected", "calendar.restored", "calendar.corrected", "calendar.restored"]


@pytest.mark.parametrize("bad", [{"reason": " "}, {"calendar": "xx"}, {"by": "collector"}])
def test_what_cannot_be_corrected_is_refused(bad):
    by = stories.user(bad.pop("by", Role.LEGAL))
    given = {"calendar": "cn", "day": DAY, "works": False, "reason": "通知", "by": by, "now": NOW}
    with pytest.raises(services.StaffError):
        services.correct_day(**{**given, **bad})
    assert not DayCorrection.objects.exists()


# ---- the page


def test_the_page_shows_source_last_year_and_the_warning(monkeypatch):
    text = as_(Role.RISK).get("/calendar/?of=cn&year=2026").content.decode()
    assert "chinesecalendar" in text
    assert "National Day" in text
    last = special_days.known_until("cn")
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(year=last - 1))
    assert "is not known yet" not in as_(Role.RISK).get("/calendar/?of=cn").content.decode()
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(year=last))
    page = as_(Role.RISK).get(f"/calendar/?of=cn&year={last + 1}").content.decode()
    assert f"The calendar of {last + 1} is not known yet" in page
    assert "This year is not known yet" in page
    assert "is not known yet" not in as_(Role.RISK).get("/calendar/?of=us").content.decode()


def test_compliance_corrects_a_day_and_takes_it_away():
    client = as_(Role.COMPLIANCE)
    client.post("/calendar/correct/", {"of": "cn", "day": "2026-10-08", "works": "0", "reason": "公司放假通知"})
    page = client.get("/calendar/?of=cn&year=2026")
    (line,) = (one for one in page.context["page"].lines if one.correction)
    assert (line.day, line.works) == (DAY, False)
    assert "公司放假通知" in page.content.decode()
    client.post(f"/calendar/{line.correction.pk}/remove/", {"reason": ""})
    assert queries.corrections()
    client.post(f"/calendar/{line.correction.pk}/remove/", {"reason": "误录"})
    assert queries.corrections() == {}
    assert "误录" in client.get("/calendar/?of=cn&year=2026").content.decode()


@pytest.mark.parametrize(
    "post",
    [
        {"day": "x"},
        {"of": "cn", "day": "2026-10-08", "reason": ""},
        {"of": "zz", "day": "2026-10-08", "reason": "x"},
    ],
)
def test_what_makes_no_sense_is_said(post):
    assert "flash-error" in as_(Role.LEGAL).post("/calendar/correct/", post, follow=True).content.decode()


@pytest.mark.parametrize("query", ["of=xx&year=abc", "year=1", "year=99999"])
def test_odd_addresses_break_nothing(query):
    assert as_(Role.LEAD).get(f"/calendar/?{query}").status_code == 200


def test_those_who_see_do_not_all_correct():
    assert as_(Role.LEAD).post("/calendar/correct/", {}).status_code == 403
    assert as_(Role.COLLECTOR).get("/calendar/").status_code == 403
    assert "Correct a day" not in as_(Role.ADMIN).get("/calendar/").content.decode()
