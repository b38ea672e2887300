"""The case page: everything on one screen, masked, journalled, and only for those who may."""

import re
from datetime import date, timedelta

import pytest
import scene as scenes
from django.db import connection
from django.test.utils import CaptureQueriesContext

import stories
from fairdue.accounts.models import Book, Payment, Transfer
from fairdue.agreements.models import Promise
from fairdue.cases.models import Hold, Note, WorkItem
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.people import services as people
from fairdue.people.models import ContactPoint, Relation, Wish


def page_of(client, case) -> str:
    answer = client.get(f"/case/{case.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def queries_of(client, case) -> int:
    with CaptureQueriesContext(connection) as seen:
        page_of(client, case)
    return len(seen)


def test_one_page_shows_person_debt_arithmetic_and_history(scene, desk):
    page = page_of(desk, scene.case)
    for words in (
        "王小明", "刘芳", "Spouse", "HY-2025-004417", "¥17,163.50", "adds up", "称本月换工作",
        "Payment received: ¥1,680.00", "Promise: ¥800.00", "对方希望晚饭后联系",
    ):  # fmt: skip
        assert words in page, words


def test_what_did_not_change_the_balance_is_no_line_of_its_arithmetic(scene, desk):
    loan = scene.debtor.accounts.get(external_ref="HY-2025-004417")
    path = f"/case/{scene.case.pk}/"
    rows = desk.get(path).content.decode().count('<td class="nowrap num-left">')
    Transfer.objects.create(
        account=loan, source=Book.PLACED, target=Book.CLEARING, cents=5_000, happened_on=date(2025, 12, 1),
        learned_at=scenes.MORNING, payment=Payment.objects.create(
            creditor=loan.creditor, account=loan, reference="OLD", cents=5_000, currency="CNY",
            happened_on=date(2025, 12, 1), learned_at=scenes.MORNING,
        ),
    )  # fmt: skip
    page = desk.get(path).content.decode()
    assert page.count('<td class="nowrap num-left">') == rows
    assert "Payment before placement" not in page


def test_personal_data_is_masked_until_asked_and_asking_is_journalled(scene, desk):
    page = page_of(desk, scene.case)
    for clear in ("13812345678", "wang.xm@example.com", "310115198905170032"):
        assert clear not in page
    point = scene.debtor.contact_points.get(rank=1, kind="phone")
    assert "+8613812345678" in desk.post(f"/case/{scene.case.pk}/reveal/{point.pk}/").content.decode()
    assert "310115198905170032" in desk.post(f"/case/{scene.case.pk}/reveal-id/{scene.debtor.pk}/").content.decode()
    assert desk.get(f"/case/{scene.case.pk}/reveal/{point.pk}/").status_code == 405
    verbs = list(Entry.objects.filter(actor_id=scene.collector.pk).order_by("id").values_list("verb", flat=True))
    assert verbs[-3:] == ["case.opened", "contact_point.revealed", "person.id_revealed"]
    assert not Entry.objects.filter(detail__contains="13812345678").exists()


def test_what_they_say_of_their_id_is_checked_without_showing_it(scene, desk):
    page = page_of(desk, scene.case)
    assert f"/case/{scene.case.pk}/check-id/{scene.debtor.pk}/" in page
    for said, answer in (
        ("0032", "They match"),
        (" 0032 ", "They match"),
        ("0033", "do not match"),
        ("2", "not match"),
    ):
        told = desk.post(f"/case/{scene.case.pk}/check-id/{scene.debtor.pk}/", {"figures": said}).content.decode()
        assert answer in told
        assert "0032" not in told
    checks = Entry.objects.filter(verb="person.id_checked").order_by("id")
    assert ['"fits":true' in check.detail.replace(" ", "") for check in checks] == [True, True, False, False]


def test_without_an_id_the_date_of_birth_is_asked_for_and_checked(scene, desk):
    type(scene.debtor).objects.filter(pk=scene.debtor.pk).update(id_sealed=None, id_masked="", id_hash=None)
    page = page_of(desk, scene.case)
    assert "请您报一下出生年月日" in page
    assert "后四位" not in page
    for said, answer in (("1989-05-17", "They match"), ("1989-05-18", "do not match"), ("", "do not match")):
        told = desk.post(f"/case/{scene.case.pk}/check-id/{scene.debtor.pk}/", {"born": said}).content.decode()
        assert answer in told
        assert "1989" not in told
    assert Entry.objects.filter(verb="person.birth_checked").count() == 3


def test_with_nothing_to_check_by_the_script_ends_before_the_debt(scene, desk):
    type(scene.debtor).objects.filter(pk=scene.debtor.pk).update(
        id_sealed=None, id_masked="", id_hash=None, birth_on=None
    )
    page = page_of(desk, scene.case)
    script = page[page.index('<ol class="say"') : page.index("</ol>", page.index('<ol class="say"'))]
    assert "没有可以核对您身份的资料" in script
    assert "who they are cannot be checked" in script
    assert "¥800.00" not in script
    assert "check-id" not in script
    assert "后四位" not in script


def test_nobody_is_told_of_a_recording_that_is_not_made(scene, desk):
    assert "录音" not in page_of(desk, scene.case)


def test_what_is_allowed_is_said_per_person_and_channel(scene, desk, at):
    morning = page_of(desk, scene.case)
    assert "Yes</strong>" in morning
    assert "until 22:00" in morning
    at(scenes.NIGHT)
    night = page_of(desk, scene.case)
    assert "No:</strong>" in night
    assert "earliest tomorrow 08:00" in night
    assert "GB/T 45251-2025" in night


def test_a_longer_history_costs_no_more_queries(scene, desk):
    few = queries_of(desk, scene.cases[1])
    for n in range(20):
        Note.objects.create(case=scene.cases[1], by=scene.collector, text=f"note {n}")
        stories.account(scene.cases[1].person, scene.case.creditor, dues={scenes.DAY: 5_000})
    assert queries_of(desk, scene.cases[1]) == few == 29


def test_a_strangers_case_is_not_there(scene, signed_in):
    other = signed_in(scene.colleague)
    point = scene.debtor.contact_points.first()
    assert other.get(f"/case/{scene.case.pk}/").status_code == 404
    for path in (f"reveal/{point.pk}/", f"call/{point.pk}/", "note/", "hold/", "contact-data/", "wish/", "skip/"):
        assert other.post(f"/case/{scene.case.pk}/{path}").status_code == 404, path


def test_a_page_that_is_not_there_keeps_the_menu_of_who_is_signed_in(desk, client):
    page = desk.get("/case/999999/")
    assert (page.status_code, 'class="side"' in page.content.decode()) == (404, True)
    assert 'class="side"' not in client.get("/nowhere/").content.decode()


def test_a_contact_point_of_somebody_else_cannot_be_reached_through_my_case(scene, desk):
    strange = stories.phone(stories.person("外人"), "+8613700000001")
    for path in ("reveal", "call", "write", "contact-data"):
        assert desk.post(f"/case/{scene.case.pk}/{path}/{strange.pk}/").status_code == 404, path


def test_a_hold_without_a_sentence_is_refused_by_the_name_of_the_field(scene, desk):
    page = desk.post(f"/case/{scene.case.pk}/hold/", {"kind": "hardship", "reason": ""}, follow=True)
    assert "In a sentence: This field is required." in page.content.decode()
    assert not Hold.objects.exists()


def test_a_channel_that_a_hold_stops_names_the_hold(scene, desk):
    desk.post(f"/case/{scene.case.pk}/hold/", {"kind": "policy", "reason": "the branch was flooded"})
    assert "The case is on hold; Firm&#x27;s decision · the branch was flooded" in page_of(desk, scene.case)


def test_the_lead_sees_the_teams_case_and_may_lift_a_collector_may_not(scene, desk, signed_in):
    desk.post(f"/case/{scene.case.pk}/hold/", {"kind": "dispute", "reason": "says the amount is wrong"})
    held = Hold.objects.get()
    assert "Collection has stopped: Dispute" in page_of(desk, scene.case)
    assert desk.post(f"/case/{scene.case.pk}/hold/{held.pk}/lift/", {"reason": "settled"}).status_code == 403
    lead = signed_in(scene.lead)
    lead.post(f"/case/{scene.case.pk}/hold/{held.pk}/lift/", {"reason": ""})
    held.refresh_from_db()
    assert held.lifted_at is None, "a reason is needed"
    lead.post(f"/case/{scene.case.pk}/hold/{held.pk}/lift/", {"reason": "amount corrected"})
    held.refresh_from_db()
    assert (held.lifted_by, held.lift_reason) == (scene.lead, "amount corrected")


def test_a_hold_needs_its_words(scene, desk):
    desk.post(f"/case/{scene.case.pk}/hold/", {"kind": "dispute", "reason": ""})
    assert not Hold.objects.exists()
    assert "required" in page_of(desk, scene.case)


def test_roles_that_do_not_contact_see_no_call_button(scene, signed_in):
    page = page_of(signed_in(stories.user("compliance")), scene.case)
    assert 'data-key="c"' not in page
    assert 'id="line"' not in page
    assert 'data-key="h"' in page, "compliance may stop collection"


def test_the_creditors_staff_see_no_clear_data_at_all(scene, signed_in):
    from fairdue.accounts.models import CreditorStaff

    staff = stories.user("creditor")
    CreditorStaff.objects.create(user=staff, creditor=scene.case.creditor)
    client = signed_in(staff)
    assert "hx-post" not in page_of(client, scene.case)
    assert client.post(f"/case/{scene.case.pk}/reveal-id/{scene.debtor.pk}/").status_code == 403


def test_a_note_is_kept_and_an_empty_one_is_not(scene, desk):
    desk.post(f"/case/{scene.case.pk}/note/", {"text": "sends the pay slip on Friday"})
    desk.post(f"/case/{scene.case.pk}/note/", {"text": " "})
    assert list(Note.objects.filter(by=scene.collector).values_list("text", flat=True)) == [
        "sends the pay slip on Friday"
    ]


@pytest.mark.parametrize(("value", "kept"), [("13912340000", 1), ("12", 0)])
def test_a_new_number_is_kept_only_when_it_is_one(scene, desk, value, kept):
    before = ContactPoint.objects.count()
    desk.post(
        f"/case/{scene.case.pk}/contact-data/", {"kind": "phone", "value": value, "country": "CN", "line": "mobile"}
    )
    assert ContactPoint.objects.count() == before + kept


def test_a_number_marked_as_somebody_elses_is_not_called_again(scene, desk):
    point = scene.debtor.contact_points.get(rank=1, kind="phone")
    desk.post(f"/case/{scene.case.pk}/contact-data/{point.pk}/", {"act": "wrong_person"})
    point.refresh_from_db()
    assert point.status == "wrong_person"


def test_unwelcome_hours_bind_and_can_be_taken_back(scene, desk):
    desk.post(
        f"/case/{scene.case.pk}/wish/",
        {"kind": "unwelcome_time", "start": "09:00", "end": "12:00", "weekdays": ["1"], "words": "夜班"},
    )
    wish = Wish.objects.get()
    assert (wish.start, wish.end, wish.days) == (540, 720, 2)
    page = page_of(desk, scene.case)
    assert "09:00–12:00 Tue" in page
    assert "earliest today 12:00" in page
    desk.post(f"/people/{scene.debtor.pk}/wishes/{wish.pk}/withdraw/", {"why": "said so"})
    assert "09:00–12:00" not in page_of(desk, scene.case)


def test_a_wish_about_hours_names_its_days(scene, desk, signed_in):
    """A Sunday morning and two evenings are not every day."""
    said = {"person": scene.debtor, "by": scene.collector, "now": scenes.MORNING, "source": "call", "words": ""}
    people.note_times(**said, kind="unwelcome_time", start=480, end=720, days=64)
    people.note_times(**said, kind="preferred_time", start=1080, end=1200, days=3)
    people.note_times(**said, kind="unwelcome_time", start=0, end=60, days=127)
    people.note_place(**said)
    page = page_of(desk, scene.case)
    assert "08:00–12:00 Sun" in page and "18:00–20:00 Mon Tue" in page and "00:00–01:00 every day" in page
    assert page.count("Unwelcome place</span>") == 1, "a place has no hours"
    chinese = page_of(signed_in(scene.collector, "zh-hans"), scene.case)
    assert "08:00–12:00 周日" in chinese and "18:00–20:00 周一、周二" in chinese


def test_the_script_speaks_the_borrowers_language_and_can_be_switched(scene, desk):
    assert "请您报一下证件号码后四位" in page_of(desk, scene.case)
    english = desk.get(f"/case/{scene.case.pk}/?script=en").content.decode()
    assert "Am I speaking with" in english or "am I speaking with" in english


def test_what_the_collector_only_reads_is_in_the_language_of_the_page(scene, desk, signed_in):
    """The sentences are the borrower's; title, "never" and what they might say are the reader's."""
    english, chinese = page_of(desk, scene.case), page_of(signed_in(scene.collector, "zh"), scene.case)
    for page, answer in ((english, "“I simply cannot pay”"), (chinese, "“我实在还不起”")):
        assert "请您报一下证件号码后四位" in page
        assert answer.strip("“”") in page
    assert "我实在还不起" not in english and "I simply cannot pay" not in chinese


def test_every_shortcut_of_the_page_is_visible_and_there_once(scene, desk):
    import re

    page = page_of(desk, scene.case)
    keys = re.findall(r'data-key="([^"]+)"', page)
    assert {"n", "/", "?", "c", "m", "s", "o", "a", "b", "h", "i"} <= set(keys)
    assert len(keys) == len(set(keys))


def test_one_key_never_calls_anybody_but_the_debtor(scene, desk):
    """Given a debtor without a number and a wife with one; then no key calls, while her number is on the page."""
    case = scene.cases[1]
    case.person.contact_points.all().delete()
    Relation.objects.create(debtor=case.person, person=scene.wife, kind=codes.Relation.SPOUSE)
    page = page_of(desk, case)
    assert "+86139****4321" in page
    assert 'data-key="c"' not in page


def test_a_long_history_is_cut_and_opens_whole(scene, desk):
    for n in range(40):
        Note.objects.create(case=scene.case, by=scene.collector, text=f"note number {n}")
    assert "older entries" in page_of(desk, scene.case)
    whole = desk.get(f"/case/{scene.case.pk}/?all").content.decode()
    assert "note number 0" in whole
    assert "older entries" not in whole


def test_the_script_names_the_promise_that_falls_due_first_and_its_day(scene, desk):
    """Two open promises: the one three days past is asked for, by its own day and in the person's language."""
    case = scene.cases[1]
    type(case.person).objects.filter(pk=case.person_id).update(birth_on="1990-01-01")
    for days, cents in ((-3, 177_000), (4, 99_900)):
        Promise.objects.create(
            case=case, person=case.person, cents=cents, currency="CNY", due_on=scenes.DAY + timedelta(days=days),
            made_on=scenes.DAY - timedelta(days=6), status="open",
        )  # fmt: skip
    WorkItem.objects.filter(case=case).update(action="promise_follow_up")
    page = page_of(desk, case)
    past = scenes.DAY - timedelta(days=3)
    assert f"您约定{past.month}月{past.day}日还款 ¥1,770.00" in page


def test_at_night_the_page_says_first_when_the_debtor_may_be_reached_again(scene, desk, at):
    assert "Nobody may reach them now" not in page_of(desk, scene.case)
    at(scenes.NIGHT)
    assert "First again: Phone call, tomorrow 08:00." in page_of(desk, scene.case)


def test_what_waiting_does_not_cure_is_named_before_the_hour(scene, desk, at):
    """Given a wife who wants no call, at night; then her line names her wish, not the hour that ends at eight."""
    at(scenes.NIGHT)
    people.opt_out(person=scene.wife, by=scene.collector, now=scenes.MORNING)
    page = page_of(desk, scene.case)
    hers = page[page.index(scene.wife.name) :]
    assert "No collection from 22:00" not in re.search(r'class="verdict-why">([^<]*)<', hers)[1]
    assert "waiting does not help" in hers


def test_a_reason_opens_its_rule(scene, desk, at):
    at(scenes.NIGHT)
    assert "/rules/cn/cn.quiet-hours/" in page_of(desk, scene.case)
    refused = desk.post(
        f"/case/{scene.case.pk}/call/{scene.debtor.contact_points.get(rank=1, kind='phone').pk}/", {"key": "x"}
    )
    assert "/rules/cn/cn.quiet-hours/" in refused.content.decode()


def test_hours_are_told_by_the_clock_at_the_other_end(scene, desk, at):
    """A debtor in Los Angeles asked for at 10:00 in Shanghai (18:00 there): until 21:00 there, not 13:00."""
    far = stories.creditor("LA", jurisdiction="us", zone="America/Los_Angeles", currency="USD")
    debtor = stories.person("Andrew Blackmere", region="US-CA")
    stories.account(debtor, far, principal=90_000, dues={scenes.DAY - timedelta(days=40): 90_000})
    stories.phone(debtor, "+14155550133", zones="America/Los_Angeles")
    case = stories.case(debtor, far, owner=scene.collector)
    at(stories.utc("2026-03-03T02:00+00:00"))
    page = page_of(desk, case)
    assert "18:00 there" in page and "until 21:00 there" in page
    at(stories.utc("2026-03-03T08:00+00:00"))
    assert "earliest today 08:01 there" in page_of(desk, case)


def test_the_timeline_tells_the_hour_at_the_other_end(scene, desk):
    """Called at 13:00 of 2 March in Shanghai: 23:00 of 1 March in Chicago. Where the clocks agree nothing is added."""
    assert "there)" not in page_of(desk, scene.case)
    phone = scene.debtor.contact_points.filter(kind="phone", rank=1)
    phone.update(zones="America/Chicago")
    page = " ".join(page_of(desk, scene.case).split())
    assert re.search(r"yesterday 13:00</time> <span class=\"muted\">\(1 Mar 23:00 there\)</span>", page)
    phone.update(zones="America/Chicago,America/New_York")
    assert "there)" not in page_of(desk, scene.case)
