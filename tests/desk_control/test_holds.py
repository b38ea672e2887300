"""The page of holds: whose, what is due, lifted, extended, reviewed."""

from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client

import stories
from fairdue.cases import holds, reasons
from fairdue.cases.models import Hold
from fairdue.desk import clock
from fairdue.journal.models import Entry
from fairdue.staff.models import Role

pytestmark = pytest.mark.django_db
NOW = stories.utc("2026-03-05T10:00+08:00")
TODAY = date(2026, 3, 5)


@pytest.fixture(autouse=True)
def _at_ten(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def as_(user, language="en"):
    client = Client()
    user.language = language
    user.save(update_fields=["language"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def firm():
    team, lender = stories.team("一组"), stories.creditor()
    lead, collector = stories.user(Role.LEAD, team=team), stories.user(team=team)
    case = stories.case(stories.person("王小明"), lender, owner=collector)
    elsewhere = stories.case(stories.person("李外人"), lender, owner=stories.user(team=stories.team("二组")))
    return lead, collector, case, elsewhere


def place(case, days_ago=1, **fields):
    given = {"kind": Hold.Kind.DISPUTE, "reason": "金额不对", "by": None, "now": NOW - timedelta(days=days_ago)}
    return holds.place(person=case.person, **{**given, **fields})


def test_a_hold_out_of_a_file_speaks_the_language_of_the_page(firm):
    lead, _, case, _ = firm
    place(case, reason="委托方催收记录 · creditor's record 4")
    page = as_(lead).get("/holds/").content.decode()
    assert "by the creditor&#x27;s own record (file 4)" in page
    assert "催收记录" not in page
    assert "Keep the hold" in page


@pytest.mark.parametrize(
    ("reason", "english", "chinese"),
    [
        ("还款计划 25 正在履行 · Plan 25 is being kept", "Plan 25 is being kept", "还款计划 25 正在履行"),
        ("困难档案 3 · Hardship file 3", "Hardship file 3", "困难档案 3"),
        ("本人称已还款，核对到账", "Says it is paid; the payment is being looked for", "本人称已还款，核对到账"),
        (reasons.kept("paid_already"), "Says it is paid; the payment is being looked for", "本人称已还款，核对到账"),
        (reasons.kept("creditors_record", 4), "by the creditor's own record (file 4)", "委托方催收记录（文件 4）"),
        ("金额不对 · wrong", "金额不对 · wrong", "金额不对 · wrong"),
    ],
)
def test_a_reason_of_the_house_is_told_in_one_language_and_anybody_elses_as_written(firm, reason, english, chinese):
    lead, _, case, _ = firm
    place(case, reason=reason)
    for language, told in (("en", english), ("zh-hans", chinese)):
        for address in ("/holds/", f"/case/{case.pk}/"):
            page = unescape(as_(lead, language).get(address).content.decode())
            assert told in page
            assert page.count(reason) == (page.count(told) if told == reason else 0)


def listed(user, query=""):
    return [line.hold.pk for line in as_(user).get(f"/holds/?{query}").context["lines"]]


def test_everybody_sees_the_holds_of_their_own_cases(firm):
    lead, collector, case, elsewhere = firm
    mine, theirs = place(case), place(elsewhere)
    assert listed(lead) == listed(collector) == [mine.pk]
    assert set(listed(stories.user(Role.COMPLIANCE))) == {mine.pk, theirs.pk}
    assert listed(stories.user(Role.LEAD)) == []  # no team, no cases


def test_a_hold_about_an_account_of_another_creditor_is_not_shown(firm):
    lead, _, case, _ = firm
    other = stories.creditor()
    place(case, account=stories.account(case.person, other))
    own = place(case, account=stories.account(case.person, case.creditor))
    assert listed(lead) == [own.pk]


def test_what_is_lifted_or_over_is_not_in_force(firm):
    lead, _, case, _ = firm
    holds.lift(hold=place(case), by=lead, now=NOW, reason="已解决")
    place(case, days_ago=9, kind=Hold.Kind.HARDSHIP, ends_on=TODAY - timedelta(days=1))
    last_day = place(case, kind=Hold.Kind.POLICY, ends_on=TODAY)
    assert listed(lead) == [last_day.pk]


def test_filters_and_counts(firm):
    lead, _, case, elsewhere = firm
    fresh = place(case, days_ago=29)
    old = place(elsewhere, days_ago=30)
    soon = place(case, kind=Hold.Kind.HARDSHIP, ends_on=TODAY + timedelta(days=7))
    later = place(case, kind=Hold.Kind.PLAN, ends_on=TODAY + timedelta(days=8))
    officer = stories.user(Role.COMPLIANCE)
    assert listed(officer) == [old.pk, fresh.pk, soon.pk, later.pk]  # what is due first
    assert listed(officer, "kind=hardship") == [soon.pk]
    assert listed(officer, f"team={lead.team_id}") == [fresh.pk, soon.pk, later.pk]
    assert listed(officer, "due=ending") == [soon.pk]
    assert listed(officer, "due=review") == [old.pk]
    assert listed(officer, "due=open") == [old.pk, fresh.pk]
    assert set(listed(officer, "kind=x&team=y&due=z")) == {fresh.pk, old.pk, soon.pk, later.pk}
    page = as_(officer).get("/holds/")
    assert [(key, n) for key, _w, n in page.context["counts"]] == [("ending", 1), ("review", 1), ("open", 2)]


def test_the_page_takes_the_same_queries_for_any_length(firm, django_assert_num_queries):
    lead, collector, case, _ = firm
    place(case)
    client = as_(lead)
    with django_assert_num_queries(11):
        client.get("/holds/")
    for _ in range(30):
        place(stories.case(stories.person(), case.creditor, owner=collector))
    with django_assert_num_queries(11):
        assert len(client.get("/holds/").context["lines"]) == 31


def test_a_lead_lifts_with_a_reason_and_stays_on_the_list_as_filtered(firm):
    lead, collector, case, _ = firm
    hold = place(case)
    assert as_(collector).post(f"/holds/{hold.pk}/lift/", {"reason": "x"}).status_code == 403
    as_(lead).post(f"/holds/{hold.pk}/lift/", {"reason": " "})
    hold.refresh_from_db()
    assert hold.lifted_at is None
    answer = as_(lead).post(f"/holds/{hold.pk}/lift/?due=open", {"reason": "双方已核对"})
    hold.refresh_from_db()
    assert (hold.lifted_by, hold.lift_reason, answer["Location"]) == (lead, "双方已核对", "/holds/?due=open")


def test_nobody_touches_a_hold_of_another_team(firm):
    lead, _, _, elsewhere = firm
    hold = place(elsewhere)
    for verb in ("lift", "extend"):
        assert as_(lead).post(f"/holds/{hold.pk}/{verb}/", {"reason": "x"}).status_code == 404


def test_a_hold_is_extended_never_shortened(firm):
    lead, collector, case, _ = firm
    hold = place(case, ends_on=TODAY + timedelta(days=3))

    as_(collector).post(f"/holds/{hold.pk}/extend/", {"reason": "尚未出院", "ends_on": "2026-04-01"})
    hold.refresh_from_db()
    assert hold.ends_on == date(2026, 4, 1)
    entry = Entry.objects.get(verb="hold.extended")
    assert (entry.data["was"], entry.data["reason"]) == ("2026-03-08", "尚未出院")
    with pytest.raises(holds.HoldError):
        holds.extend(hold=hold, ends_on=TODAY, by=lead, now=NOW, reason="x")
    assert holds.extend(hold=hold, ends_on=None, by=lead, now=NOW, reason="待法院").ends_on is None


@pytest.mark.parametrize("state", ["lifted", "over", "endless"])
def test_what_is_over_cannot_be_extended(firm, state):
    lead, _, case, _ = firm
    hold = place(case, days_ago=9, ends_on=None if state == "endless" else TODAY - timedelta(days=state == "over"))
    if state == "lifted":
        holds.lift(hold=hold, by=lead, now=NOW, reason="已解决")
    with pytest.raises(holds.HoldError):
        holds.extend(hold=hold, ends_on=TODAY + timedelta(days=9), by=lead, now=NOW, reason="x")


def test_a_review_says_when_to_look_again(firm):
    lead, collector, case, _ = firm
    hold = place(case, days_ago=45)
    assert listed(lead, "due=review") == [hold.pk]
    as_(collector).post(f"/holds/{hold.pk}/review/", {"reason": "仍在调解", "again_on": "2026-03-05"})
    assert listed(lead, "due=review") == [hold.pk], "a review today is none"
    as_(collector).post(f"/holds/{hold.pk}/review/", {"reason": "仍在调解", "again_on": "2026-03-20"})
    assert listed(lead, "due=review") == []
    hold.refresh_from_db()
    assert holds.review_due(hold) == date(2026, 3, 20)
    assert Entry.objects.get(verb="hold.reviewed").data["reason"] == "仍在调解"


def test_no_hold_says_how_to_place_one(firm):
    assert "No hold is in force" in as_(firm[0]).get("/holds/").content.decode()
