"""The day's list and Next."""

from datetime import timedelta

import pytest
import scene as scenes
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fairdue.accounts.models import Account, Ageing
from fairdue.agreements.models import Promise
from fairdue.cases.models import Run, WorkItem
from fairdue.flows import payment


def queries_of(client, path) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_the_list_says_who_what_why_and_until_when(desk):
    page = desk.get("/today/").content.decode()
    for words in (
        "王小明",
        "Promise due",
        "Promise of ¥800.00 fell due today",
        "¥13,221.00",
        "08:00–11:30",
        "M5",
        "0</strong> / 10",
    ):
        assert words in page, words


def test_the_channel_is_named_and_its_hours_told_by_the_clock_there(scene, desk, at):
    """10:00 in Shanghai is 20:00 of the day before in Chicago; the borrower's night parts the day in two."""
    WorkItem.objects.exclude(pk=scene.items[0].pk).update(channel=4)
    hours = {name: f"2026-03-03T{hour}+08:00" for name, hour in
             (("window_start", "00:00"), ("window_end", "11:00"), ("later_start", "22:01"), ("later_end", "23:59"))}  # fmt: skip
    WorkItem.objects.filter(pk=scene.items[0].pk).update(channel=1, zone="America/Chicago", **hours)
    page = desk.get("/today/").content.decode()
    assert 'Phone call <span class="num">10:00–21:00 there</span>' in page
    assert 'E-mail <span class="num">08:00–' in page
    at(scenes.MORNING + timedelta(hours=2))
    page = desk.get("/today/").content.decode()
    assert 'Phone call <span class="num">08:01–09:59 there</span>' in page
    assert (
        'Phone call <span class="num">08:01–09:59 there</span>' in desk.get(f"/case/{scene.case.pk}/").content.decode()
    )


def test_reasons_are_said_in_the_language_of_the_page(scene, signed_in):
    assert "承诺还款 ¥800.00，今天到期" in signed_in(scene.collector, "zh-hans").get("/today/").content.decode()


def test_ten_times_the_items_cost_no_more_queries(scene, desk):
    WorkItem.objects.exclude(pk=scene.items[0].pk).update(status="dropped")
    few = queries_of(desk, "/today/")
    WorkItem.objects.update(status="open")
    assert queries_of(desk, "/today/") == few <= 10


def test_next_leases_the_first_and_comes_back_to_it(scene, desk):
    assert desk.post("/next/")["Location"] == f"/case/{scene.case.pk}/"
    item = WorkItem.objects.get(pk=scene.items[0].pk)
    assert (item.status, item.leased_by) == ("leased", scene.collector)
    assert desk.post("/next/", {"from": scene.case.pk})["Location"] == f"/case/{scene.case.pk}/"
    assert "still in your hands" in desk.get("/today/").content.decode()


def test_put_aside_the_case_goes_behind_the_others(scene, desk):
    desk.post("/next/")
    assert desk.post(f"/case/{scene.case.pk}/skip/", {"why": "Waiting for documents"})["Location"] == "/today/"
    assert desk.post("/next/")["Location"] == f"/case/{scene.cases[1].pk}/"


def test_before_the_hours_next_says_when_the_first_item_opens(scene, desk, at):
    at(scenes.MORNING - timedelta(hours=4))
    assert desk.post("/next/")["Location"] == "/today/"
    assert desk.get("/today/").content.decode().count("opens today 08:00") == 1


def test_what_may_be_worked_now_stands_before_a_call_back_of_later(scene, desk):
    """The call-back of 18:42 stood first in the morning; it stands behind what is open now, and first when its time has
    come."""
    late = scene.items[-1]
    WorkItem.objects.filter(pk=late.pk).update(due_again_at=scenes.MORNING + timedelta(hours=8), rank=1)
    states = [row.state for row in desk.get("/today/").context["day"].rows]
    assert "later" in states
    assert states == sorted(states, key=["leased", "call_back", "now", "later", "closed", "done"].index)
    WorkItem.objects.filter(pk=late.pk).update(due_again_at=scenes.MORNING - timedelta(minutes=5))
    assert desk.get("/today/").context["day"].rows[0].item == late


def test_two_currencies_past_due_stand_under_one_name(scene, desk):
    first = scene.items[0].case
    Account.objects.filter(debtor=first.person, creditor=first.creditor).update(currency="USD")
    page = desk.get("/today/").content.decode()
    assert page.count("Past due, still to work") == 1
    assert page.index('id="list"') < page.index("The day so far</h2>")


def test_what_the_gate_refused_is_not_counted_as_worked(scene, desk):
    """Given two calls made and one refused of ten; then 2 are worked, 1 was refused."""
    for item, how in zip(scene.items, ("no_answer", "promise", "refused_by_gate"), strict=False):
        WorkItem.objects.filter(pk=item.pk).update(status="done", done_how=how, done_at=scenes.MORNING)
    page = desk.get("/today/").content.decode()
    assert "2</strong> / 10" in page
    assert "1 refused by the gate" in page
    assert "7 to do" in page


def test_a_done_list_says_so(scene, desk):
    WorkItem.objects.update(status="done", done_how="no_answer", done_at=scenes.MORNING)
    desk.post("/next/")
    page = desk.get("/today/").content.decode()
    assert "Your list of today is done" in page and "The coming night writes the next one" in page


def test_a_list_whose_hours_are_over_says_so(scene, desk, signed_in, at):
    """Half past ten in the evening: all ten are still to do, and none may be."""
    at(scenes.NIGHT)
    assert desk.post("/next/")["Location"] == "/today/"
    page = desk.get("/today/").content.decode()
    assert "10 to do" in page and "the lawful hours are over" in page and "list of today is done" not in page
    assert "合法时段已过" in signed_in(scene.collector, "zh-hans").get("/today/").content.decode()


@pytest.mark.parametrize(
    ("status", "title", "text", "zh"),
    [
        (None, "No list for today yet", "it has not run for today", "今天的批处理尚未运行"),
        ("running", "list is being written", "in a few minutes", "正在生成今天的清单"),
        ("failed", "No list for today yet", "stopped before it could write", "夜间批处理在生成清单前中断"),
        ("done", "Nothing is on your list today", "The coming night writes the next list", "今天您的清单上没有案件"),
    ],
)
def test_without_a_list_the_page_says_how_far_the_night_is(scene, signed_in, status, title, text, zh):
    WorkItem.objects.all().delete()
    Run.objects.create(on=scenes.DAY - timedelta(days=1), status="done", started_at=scenes.MORNING)
    if status:
        Run.objects.create(on=scenes.DAY, status=status, started_at=scenes.MORNING)
    page = signed_in(scene.collector).get("/today/").content.decode()
    assert title in page and text in page
    assert zh in signed_in(scene.collector, "zh-hans").get("/today/").content.decode()


def test_a_colleagues_items_are_not_on_my_list(scene, signed_in):
    assert "王小明" not in signed_in(scene.colleague).get("/today/").content.decode()


def test_a_promise_kept_since_the_night_is_no_longer_said_to_be_due(scene, desk):
    """¥800.00 promised for today, by the list of the night; she called, and the money comes at ten."""
    WorkItem.objects.filter(case=scene.case).update(status="done", done_how="promise", done_at=scenes.MORNING)
    loan = scene.case.person.accounts.get(external_ref="HY-2025-004417")
    payment.receive(
        creditor=scene.case.creditor, account=loan, reference="N-1", cents=80_000, currency="CNY",
        happened_on=scenes.DAY, now=scenes.MORNING,
    )  # fmt: skip
    assert Promise.objects.get(case=scene.case, cents=80_000).status == "kept"
    for path in ("/today/", f"/case/{scene.case.pk}/"):
        page = desk.get(path).content.decode()
        assert "Promise of ¥800.00 kept: ¥800.00 came" in page
        assert "Promise of ¥800.00 fell due" not in page
        assert "of the ¥800.00 promised" not in page


def test_what_is_paid_is_no_longer_called_overdue(scene, desk):
    case = scene.cases[1]
    assert "Newly overdue: 12 days" in desk.get(f"/case/{case.pk}/").content.decode()
    Ageing.objects.filter(account__debtor=case.person).update(past_due=0, days_past_due=0, bucket=0)
    assert "Newly overdue: 12 days" not in desk.get(f"/case/{case.pk}/").content.decode()


def test_a_promise_withdrawn_or_kept_late_is_left_out(scene, desk):
    case = scene.cases[2]
    due_on = scenes.DAY - timedelta(days=4)
    broken = Promise.objects.create(
        case=case, person=case.person, cents=30_000, currency="CNY", made_on=due_on, due_on=due_on, status="broken"
    )
    assert "Promise of ¥300.00 broken 2 days ago" in desk.get(f"/case/{case.pk}/").content.decode()
    Promise.objects.filter(pk=broken.pk).update(status="kept", received=30_000, judged_on=scenes.DAY)
    page = desk.get(f"/case/{case.pk}/").content.decode()
    assert "broken 2 days ago" not in page
    assert "Promise of ¥300.00 kept: ¥300.00 came" in page
