"""Days off: where they come from, until when they are known, corrected with a reason."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from django.test import Client

import stories
from fairdue.contact.facts import Row, gather
from fairdue.desk import clock
from fairdue.journal.models import Entry
from fairdue.law import calendars, gate, packs, special_days
from fairdue.law.clock import day_number, local_iso
from fairdue.law.codes import Channel
from fairdue.law.facts import Facts
from fairdue.staff import services
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
    last = calendars.known_until("cn")
    assert special_days.special_days("cn", last)
    assert special_days.special_days("cn", last + 1) == ()
    assert special_days.source("cn", 2024)["en"].startswith("chinesecalendar ")
    assert [special_days.special_days(name, 2026) != () for name in calendars.CALENDARS] == [True] * 7


def test_moving_feasts_are_estimates():
    far = {one.names["en"]: one.sure for one in special_days.special_days("sg", 2035)}
    assert far["Chinese New Year"] is False
    assert far["Christmas Day"] is True


def test_every_special_day_has_a_name_and_a_source():
    for calendar in calendars.CALENDARS:
        assert all(one.names["zh"] and one.names["en"] for one in special_days.special_days(calendar, 2026))
        assert special_days.source(calendar, 2026)["zh"]


def test_corrections_lie_over_a_column_of_days():
    days = np.array([day_number(date(2026, 10, 7)) + n for n in range(4)], np.int64)
    over = {"cn": {DAY: False, date(2026, 10, 10): False}, "us": {date(2026, 10, 9): False}}
    assert calendars.kinds_of("cn", days).tolist() == [2, 0, 0, 0]  # the Saturday is worked in exchange
    assert calendars.kinds_of("cn", days, over).tolist() == [2, 2, 0, 2]
    assert calendars.kind_of("cn", DAY, over) == calendars.HOLIDAY


def test_a_correction_fills_a_year_that_is_not_known():
    day = date(calendars.known_until("cn") + 1, 1, 1)
    with pytest.raises(calendars.CalendarUnknownError):
        calendars.kind_of("cn", day)
    assert calendars.kind_of("cn", day, {"cn": {day: False}}) == calendars.HOLIDAY


# ---- corrections


def in_force():
    """Day → worked, as the page shows it."""
    return dict(DayCorrection.objects.filter(removed_at=None).values_list("day", "works"))


def test_a_correction_holds_until_the_next_one_and_nothing_is_erased():
    by = stories.user(Role.COMPLIANCE)
    first = correct(by)
    assert correct(by, now=NOW + timedelta(minutes=1)) == first
    second = correct(by, works=True, now=NOW + timedelta(hours=1), reason="通知第 4 号")
    first.refresh_from_db()
    assert (first.removed_why, first.removed_by) == ("通知第 4 号", by)
    assert in_force() == {DAY: True}
    services.remove_correction(correction=second, reason="公告撤回", by=by, now=NOW + timedelta(hours=2))
    assert in_force() == {}
    verbs = list(Entry.objects.filter(subject="calendar").order_by("id").values_list("verb", flat=True))
    assert verbs == ["calendar.corrected", "calendar.restored", "calendar.corrected", "calendar.restored"]


def test_a_new_reason_for_the_same_correction_is_kept(monkeypatch):
    client, said = as_(Role.COMPLIANCE), {"of": "cn", "day": "2026-10-08", "works": "0"}
    for n, reason in enumerate(["notice 3", "notice 4", "notice 4"]):
        monkeypatch.setattr(clock, "now", lambda n=n: NOW + timedelta(minutes=n))
        page = client.post("/calendar/correct/", {**said, "reason": reason}, follow=True).content.decode()
    assert "Nothing changed" in page
    assert [made.reason for made in DayCorrection.objects.filter(removed_at=None)] == ["notice 4"]
    noted = Entry.objects.filter(verb="calendar.corrected").order_by("id")
    assert [entry.data["reason"] for entry in noted] == ["notice 3", "notice 4"]


@pytest.fixture
def asked():
    """Facts of a call to a debtor, gathered at a moment."""
    debtor, lender = stories.person(), stories.creditor()
    point = stories.phone(debtor)
    stories.account(debtor, lender)
    row = Row(debtor.pk, lender.pk, point.pk, Channel.CALL)
    return lambda at: gather([row], at=at).facts


def test_the_gate_sees_what_was_said_of_a_day_and_keeps_it_with_the_verdict(asked):
    """Given 8 October declared off; then the facts of a contact say so, before that they did not, and the stored
    facts are the same when read again."""
    correct(stories.user(Role.LEGAL))
    day = np.array([day_number(DAY)], np.int64)
    before, after = asked(NOW - timedelta(minutes=1)), asked(NOW + timedelta(minutes=1))
    assert before.corrections == {}
    assert after.corrections == {"cn": {DAY: False}}
    assert calendars.kinds_of("cn", day, after.corrections).tolist() == [calendars.HOLIDAY]
    assert Facts.from_json(after.as_json(0)).corrections == after.corrections
    assert "corrections" not in before.as_json(0)
    past = correct(stories.user(Role.LEGAL), day=date(2026, 3, 2))
    assert past.day not in asked(NOW + timedelta(minutes=1)).corrections["cn"]  # nobody is contacted in the past


def test_a_holiday_rule_follows_the_correction(asked):
    """Given a rule that bars calls on public holidays and a Thursday declared off; then the gate bars it."""
    rule = next(rule for pack in packs.written() for rule in pack.rules if rule.id == "au.holidays")
    made = replace(rule, terms={"calendar": "cn", "of": "holidays"}, when=((),), unless=())
    pack = replace(next(p for p in packs.written() if p.id == "house"), rules=(made,))
    noon = stories.utc("2026-10-08T12:00+08:00")
    assert gate.judge(asked(noon), [pack]).lawful.tolist() == [True]
    correct(stories.user(Role.LEGAL))
    barred = gate.judge(asked(noon), [pack])
    assert barred.lawful.tolist() == [False]
    assert local_iso(int(barred.earliest[0]), "Asia/Shanghai") == "2026-10-09T00:00"


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
    assert "State Council notice" in text
    assert "National Day" in text
    last = calendars.known_until("cn")
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
    assert in_force()
    client.post(f"/calendar/{line.correction.pk}/remove/", {"reason": "误录"})
    assert in_force() == {}
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
