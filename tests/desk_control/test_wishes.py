"""One person's wishes and permissions: noted, bound, taken back by those who may, never erased."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

import stories
from fairdue.contact import services as door
from fairdue.contact.models import Permit
from fairdue.desk import clock
from fairdue.flows import contact as flow
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.people import services as people
from fairdue.people.models import Consent, Relation, Wish, Withdrawal
from fairdue.staff.models import Role

pytestmark = pytest.mark.django_db
NOW = stories.utc("2026-03-05T10:00+08:00")


@pytest.fixture(autouse=True)
def _at_ten(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def as_(user):
    client = Client()
    user.language = "en"
    user.save(update_fields=["language"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def firm():
    """A debtor with a phone, his wife, his collector, the collector's lead."""
    team, lender = stories.team(), stories.creditor()
    lead, collector = stories.user(Role.LEAD, team=team), stories.user(team=team)
    debtor, wife = stories.person("王小明"), stories.person("刘芳")
    stories.phone(debtor)
    stories.phone(wife, "+8613900139000")
    Relation.objects.create(debtor=debtor, person=wife, kind=codes.Relation.SPOUSE)
    stories.account(debtor, lender)
    return lead, collector, stories.case(debtor, lender, owner=collector), wife


def add(client, person, kind="opt_out", *, follow=False, **fields):
    given = {"kind": kind, "words": "别打了", "source": "call"}
    return client.post(f"/people/{person.pk}/wishes/add/", {**given, **fields}, follow=follow)


def may_call(case):
    """Whether the gate lets a call to the debtor through, a minute from now."""
    point = case.person.contact_points.get()
    choices = door.preview(case=case, now=NOW + timedelta(minutes=1))
    return next(c.allowed for c in choices if (c.contact_point_id, c.channel) == (point.pk, codes.Channel.CALL))


# ---- seeing


def test_the_debtor_and_the_people_tied_are_seen_strangers_are_not(firm):
    _, collector, case, wife = firm
    stranger = stories.person("李外人")
    client = as_(collector)
    for person, status in ((case.person, 200), (wife, 200), (stranger, 404)):
        assert client.get(f"/people/{person.pk}/wishes/").status_code == status
    assert client.get("/people/999999/wishes/").status_code == 404
    assert as_(stories.user()).get(f"/people/{case.person_id}/wishes/").status_code == 404
    assert Entry.objects.filter(verb="wishes.seen", person_id=wife.pk).count() == 1


def test_everything_stands_in_time_order_with_who_when_words_and_source(firm):
    lead, collector, case, _ = firm
    who = case.person
    people.note_times(
        person=who, kind="unwelcome_time", start=720, end=840, by=collector, now=NOW - timedelta(days=3), days=1,
        words="午休", source="visit",
    )  # fmt: skip
    people.allow(person=who, kind="off_hours", by=lead, now=NOW - timedelta(days=2), words="晚上可以", source="message")
    gone = people.opt_out(person=who, by=collector, now=NOW - timedelta(days=1), channel=codes.Channel.SMS)
    people.withdraw_wish(wish=gone, by=lead, now=NOW, why="来电改主意", source="call")
    page = as_(collector).get(f"/people/{who.pk}/wishes/")
    shown = page.context["page"]
    assert [row.made.kind for row in shown.rows] == ["opt_out", "off_hours", "unwelcome_time"]
    assert [row.made.kind for row in shown.closed] == ["opt_out"]
    text = page.content.decode()
    for said in (
        "午休",
        "Said in person",
        "12:00–14:00",
        "Mon",
        "晚上可以",
        "Written message",
        str(lead),
        "来电改主意",
    ):
        assert said in text


def test_what_ran_out_is_over(firm):
    _, collector, case, _ = firm
    today = NOW.date()
    people.allow(person=case.person, kind="additional_calls", by=collector, now=NOW, on_date=today)
    before = NOW - timedelta(days=1)
    people.allow(person=case.person, kind="additional_calls", by=collector, now=before, on_date=before.date())
    page = as_(collector).get(f"/people/{case.person_id}/wishes/").context["page"]
    assert (len(page.open), len(page.closed)) == (1, 1)


def test_the_page_takes_the_same_queries_for_any_length(firm, django_assert_num_queries):
    _, collector, case, _ = firm
    client = as_(collector)
    people.opt_out(person=case.person, by=collector, now=NOW, channel=codes.Channel.SMS)
    with django_assert_num_queries(10):
        client.get(f"/people/{case.person_id}/wishes/")
    for n in range(20):
        people.note_times(person=case.person, kind="preferred_time", start=n, end=60, by=collector, now=NOW)
        people.allow(person=case.person, kind="off_hours", by=collector, now=NOW)
    with django_assert_num_queries(10):
        client.get(f"/people/{case.person_id}/wishes/")


# ---- noting


def test_an_opt_out_takes_back_an_unspent_permit_at_once(firm):
    """Given a call that may be dialled; when the debtor's opt-out is noted; then the permit is taken back."""
    _, collector, case, _ = firm
    point = case.person.contact_points.get()
    allowed = door.ask(case=case, contact_point=point, channel=codes.Channel.CALL, by=collector, now=NOW, key="k")
    assert allowed.allowed
    assert add(as_(collector), case.person).status_code == 302
    assert Permit.objects.get().revoked_why == "opt_out"
    assert not may_call(case)
    wish = Wish.objects.get()
    assert (wish.noted_by, wish.source, wish.words, wish.made_at) == (collector, "call", "别打了", NOW)


@pytest.mark.parametrize(
    ("fields", "stops"), [({"reach": ""}, True), ({"reach": "c1"}, True), ({"reach": "c4"}, False)]
)
def test_an_opt_out_binds_what_it_names(firm, fields, stops):
    _, collector, case, _ = firm
    add(as_(collector), case.person, **fields)
    assert may_call(case) is not stops


def test_an_opt_out_of_one_number_names_that_number(firm):
    _, collector, case, wife = firm
    point = case.person.contact_points.get()
    assert add(as_(collector), case.person, reach=f"p{point.pk}").status_code == 302
    assert Wish.objects.get().contact_point == point
    assert not may_call(case)
    theirs = wife.contact_points.get()
    assert add(as_(collector), case.person, reach=f"p{theirs.pk}").status_code == 422  # not among this person's


def test_unwelcome_times_and_home_are_noted(firm):
    _, collector, case, _ = firm
    client = as_(collector)
    add(client, case.person, "unwelcome_time", start="10:00", end="11:00", weekdays=["3"], last_day="2026-04-01")
    add(client, case.person, "unwelcome_place")
    times, place = Wish.objects.order_by("pk")
    assert (times.start, times.end, times.days, str(times.until_on)) == (600, 660, 8, "2026-04-01")
    assert place.kind == "unwelcome_place"
    assert not may_call(case)  # it is Thursday, one minute past ten


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ({}, "start"),
        ({"start": "17:00"}, "end"),
        ({"start": "17:00", "end": "17:00"}, "end"),
        ({"start": "00:00", "end": "00:00"}, "end"),
    ],
)
def test_hours_that_are_missing_or_no_hours_are_refused_at_the_field(firm, hours, field):
    _, collector, case, _ = firm
    client = as_(collector)
    answer = add(client, case.person, "unwelcome_time", **hours)
    assert answer.status_code == 422
    assert "opt-out" in answer.context["form"].errors[field][0]
    assert client.post(f"/case/{case.pk}/wish/", {"kind": "unwelcome_time", **hours}).status_code == 302
    assert not Wish.objects.exists()


def test_hours_past_midnight_are_noted(firm):
    _, collector, case, _ = firm
    assert add(as_(collector), case.person, "unwelcome_time", start="22:00", end="07:00").status_code == 302
    wish = Wish.objects.get()
    assert (wish.start, wish.end) == (1320, 420)


@pytest.mark.parametrize("kind", ["unwelcome_time", "unwelcome_place", "additional_calls"])
def test_a_last_day_in_the_past_is_refused_at_the_field(firm, kind):
    _, collector, case, _ = firm
    client, hours = as_(collector), {"start": "10:00", "end": "11:00"}
    answer = add(client, case.person, kind, last_day="2026-03-04", **hours)
    assert answer.status_code == 422
    assert "2026-03-05" in answer.context["form"].errors["last_day"][0]
    assert add(client, case.person, kind, last_day="2026-03-05", **hours).status_code == 302


def test_preferred_hours_are_not_said_to_bind(firm):
    _, collector, case, _ = firm
    said = add(as_(collector), case.person, "preferred_time", follow=True, start="18:00", end="20:00")
    assert "it bars nothing" in said.content.decode()


def test_the_case_page_shows_wishes_in_force_alone(firm):
    _, collector, case, _ = firm
    said = {"person": case.person, "kind": "unwelcome_time", "by": collector, "now": NOW - timedelta(days=9)}
    people.note_times(**said, start=60, end=120, until_on=NOW.date() - timedelta(days=1), words="ran out")
    client = as_(collector)
    page = client.get(f"/case/{case.pk}/").content.decode()
    assert "ran out" not in page
    assert "none in force; former ones" in page
    people.note_times(**said, start=60, end=120, until_on=NOW.date(), words="still today")
    page = client.get(f"/case/{case.pk}/").content.decode()
    assert "still today" in page
    assert "none in force" not in page


def test_home_said_twice_is_one_wish(firm):
    _, collector, case, _ = firm
    first = people.note_place(person=case.person, by=collector, now=NOW, words="家里有老人")
    assert people.note_place(person=case.person, by=collector, now=NOW) == first


def test_a_permission_without_a_record_has_no_effect_and_is_said_so(firm):
    _, collector, case, _ = firm
    client = as_(collector)
    said = add(client, case.person, "off_hours", follow=True).content.decode()
    assert "no effect: a permission counts only with a record" in said
    assert "It binds" not in said
    assert Consent.objects.get().recorded is False
    assert "not recorded: no effect" in client.get(f"/people/{case.person_id}/wishes/").content.decode()
    assert "They allow" not in client.get(f"/case/{case.pk}/").content.decode()
    said = add(client, case.person, "additional_calls", follow=True, recorded="on", last_day="2026-03-06")
    assert "The permission counts on" in said.content.decode()
    assert "They allow: More calls" in client.get(f"/case/{case.pk}/").content.decode()
    assert Consent.objects.order_by("pk").last().recorded


@pytest.mark.parametrize(
    "bad",
    [
        {"words": ""},
        {"source": "dream"},
        {"kind": "x"},
        {"reach": "c99"},
        {"kind": "unwelcome_time", "start": "12:00", "end": "25:00"},
    ],
)
def test_what_cannot_be_noted_comes_back_with_what_was_written(firm, bad):
    _, collector, case, _ = firm
    answer = add(as_(collector), case.person, **bad)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert not Wish.objects.exists()


# ---- taking back


def test_a_collector_does_not_withdraw_an_opt_out_a_lead_does(firm):
    lead, collector, case, _ = firm
    wish = flow.opt_out(person=case.person, by=collector, now=NOW - timedelta(days=1), words="别打了")
    path = f"/people/{case.person_id}/wishes/{wish.pk}/withdraw/"
    assert "hand it to your lead" in as_(collector).post(path, {"why": "又同意了"}, follow=True).content.decode()
    assert not may_call(case)
    as_(lead).post(path, {"why": "  "})
    assert not may_call(case)
    as_(lead).post(path, {"why": "来电录音 03-05", "source": "call"})
    assert may_call(case)
    kept = Withdrawal.objects.get()
    assert (kept.wish, kept.by, kept.why, kept.source) == (wish, lead, "来电录音 03-05", "call")
    assert Entry.objects.filter(verb="wish.withdrawn", actor=lead.username).count() == 1


def test_a_collector_takes_back_unwelcome_times(firm):
    _, collector, case, _ = firm
    wish = people.note_times(person=case.person, kind="unwelcome_time", start=0, end=1439, by=collector, now=NOW)
    as_(collector).post(f"/people/{case.person_id}/wishes/{wish.pk}/withdraw/", {"why": "换班了"})
    assert Withdrawal.objects.get().wish == wish


def test_a_permission_taken_back_takes_back_what_rested_on_it(firm):
    lead, collector, case, _ = firm
    consent = people.allow(person=case.person, kind="additional_calls", by=collector, now=NOW)
    point = case.person.contact_points.get()
    door.ask(case=case, contact_point=point, channel=codes.Channel.CALL, by=collector, now=NOW, key="k")
    as_(collector).post(f"/people/{case.person_id}/consents/{consent.pk}/revoke/", {"why": "本人来电"})
    consent.refresh_from_db()
    assert consent.revoked_at == NOW
    assert Permit.objects.get().revoked_why == "consent revoked"
    assert lead


def test_a_wish_of_another_person_is_not_found_under_this_one(firm):
    lead, collector, case, wife = firm
    wish = people.opt_out(person=wife, by=collector, now=NOW)
    assert as_(lead).post(f"/people/{case.person_id}/wishes/{wish.pk}/withdraw/", {"why": "x"}).status_code == 404


def test_a_withdrawal_stays_as_it_was_written(firm):
    lead, collector, case, _ = firm
    wish = people.opt_out(person=case.person, by=collector, now=NOW)
    people.withdraw_wish(wish=wish, by=lead, now=NOW, why="x")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update people_withdrawal set why = 'y'")


# ---- on the way there


def test_the_case_page_and_the_search_lead_there(firm):
    _, collector, case, wife = firm
    client = as_(collector)
    page = client.get(f"/case/{case.pk}/").content.decode()
    for person in (case.person, wife):
        assert f"/people/{person.pk}/wishes/" in page
    found = client.post("/search/", {"q": "刘芳"})
    assert [(one.person, one.case) for one in found.context["found"].tied] == [(wife, case)]
    assert f"/people/{wife.pk}/wishes/" in found.content.decode()
    assert as_(stories.user()).post("/search/", {"q": "刘芳"}).context["found"].tied == []
