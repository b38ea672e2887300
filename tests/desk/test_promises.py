"""The promise calendar, and what is said while a promise is taken."""

import re
from datetime import date, timedelta

import pytest
from scene import DAY  # a Tuesday, 3 March 2026

import stories
from fairdue.agreements.models import Budget, Notice, Promise
from fairdue.law.codes import Channel, Relation
from fairdue.people import models as people

MONDAY = date(2026, 3, 2)


def promise(case, *, cents=10_000, due_on=DAY, made_on=MONDAY, **other):
    facts = {"person": case.person, "currency": "CNY", "chance": 500_000} | other
    return Promise.objects.create(case=case, cents=cents, due_on=due_on, made_on=made_on, **facts)


def text_of(answer):
    assert answer.status_code == 200, answer.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def week(scene):
    """Of the scene itself: 800.00 for today, open. Here: one kept, one partly, one broken, one open; one next week."""
    Promise.objects.all().delete()
    cases = scene.cases
    promise(cases[1], cents=30_000, due_on=MONDAY, made_on=MONDAY, status="kept", received=30_000)
    promise(cases[2], cents=20_000, due_on=MONDAY, made_on=MONDAY, status="partly_kept", received=5_000)
    promise(cases[3], cents=40_000, due_on=MONDAY, made_on=MONDAY, status="broken", judged_on=DAY)
    promise(cases[4], cents=100_000, due_on=date(2026, 3, 8), chance=250_000, channel=Channel.CALL)
    promise(cases[5], cents=77_700, due_on=date(2026, 3, 9))
    promise(cases[6], cents=55_500, due_on=DAY, status="withdrawn")
    return cases


def test_the_week_adds_up(week, desk):
    """1,900.00 promised, 350.00 received, and of 1,000.00 open a quarter is expected; one of three was kept in full."""
    page = desk.get("/promises/?on=2026-03-04")
    calendar = page.context["calendar"]
    assert (calendar.sums.cents, calendar.sums.received, calendar.sums.expected) == (190_000, 35_000, 25_000)
    assert (calendar.sums.n, calendar.sums.kept_percent) == (4, 33)
    monday, *_, sunday = calendar.weeks[0]
    assert (monday.sums.counts, monday.sums.cents) == ({"kept": 1, "partly_kept": 1, "broken": 1}, 90_000)
    assert (sunday.sums.counts, sunday.sums.expected) == ({"open": 1}, 25_000)
    assert [row.promise.cents for row in page.context["rows"]] == [40_000, 30_000, 20_000, 100_000]
    assert "25 % likely to be kept" in text_of(page)


def test_a_day_opens_into_its_rows_and_a_status_into_its(week, desk):
    day = desk.get("/promises/?day=2026-03-08")
    assert [row.promise.cents for row in day.context["rows"]] == [100_000]
    broken = desk.get("/promises/?on=2026-03-04&status=broken")
    assert [row.promise.cents for row in broken.context["rows"]] == [40_000]
    assert "Broken once: a friendly message first" in text_of(broken)


def test_the_month_leaves_days_of_others_out_of_its_sums(week, desk):
    promise(week[7], cents=1_000, due_on=date(2026, 4, 1))
    calendar = desk.get("/promises/?view=month&on=2026-03-15").context["calendar"]
    assert (calendar.weeks[0][0].on, calendar.weeks[-1][-1].on) == (date(2026, 2, 23), date(2026, 4, 5))
    assert calendar.sums.cents == 190_000 + 77_700
    assert sum(day.sums.n for row in calendar.weeks for day in row) == 6


@pytest.mark.parametrize(
    "address", ["?on=never&view=year", "?day=2026-02-30", "?team=x&collector=99999999999", "?currency=%27"]
)
def test_an_address_without_sense_shows_this_week(week, desk, address):
    assert desk.get(f"/promises/{address}").context["calendar"].weeks[0][0].on == MONDAY


def test_nobody_sees_anothers_promises(week, scene, signed_in):
    stranger = stories.user(team=stories.team())
    assert signed_in(stranger).get("/promises/").context["calendar"].sums.n == 0
    colleague = signed_in(scene.colleague).get("/promises/")
    assert colleague.context["calendar"].sums.n == 0
    lead = signed_in(scene.lead).get(f"/promises/?collector={scene.collector.pk}")
    assert lead.context["calendar"].sums.n == 4
    assert signed_in(scene.lead).get(f"/promises/?collector={scene.colleague.pk}").context["calendar"].sums.n == 0


def test_each_currency_by_itself(week, desk):
    promise(week[8], cents=9_900, due_on=DAY, currency="USD")
    assert desk.get("/promises/").context["calendar"].currency == "CNY"
    dollars = desk.get("/promises/?currency=USD").context["calendar"]
    assert (dollars.currency, dollars.sums.cents) == ("USD", 9_900)


def test_many_broken_wait_for_the_lead(week, scene, signed_in):
    for n in range(4):
        promise(
            week[7], due_on=MONDAY - timedelta(days=10 * (3 - n)), made_on=MONDAY - timedelta(days=60), status="broken",
            judged_on=MONDAY - timedelta(days=10 * (3 - n) - 1),
        )  # fmt: skip
    page = signed_in(scene.lead).get("/promises/?status=lead")
    assert [row.promise.case_id for row in page.context["rows"]] == [week[7].pk]
    assert "Broken 4 times: the lead looks at it before anything else" in text_of(page)
    promise(week[7], due_on=DAY + timedelta(days=3))  # a newer promise: nothing waits any more
    assert signed_in(scene.lead).get("/promises/?status=lead").context["rows"] == []


def test_what_became_of_reminders_is_told(week, desk):
    facts = {"case": week[1], "person": week[1].person, "on": DAY}
    Notice.objects.create(kind="promise_due", thing=1, status="queued", **facts)
    Notice.objects.create(kind="promise_kept", thing=1, status="refused", **facts)
    assert desk.get("/promises/").context["calendar"].notices == [("Given to the door", 1), ("Not lawful", 1)]


@pytest.mark.parametrize("many", [1, 40])
def test_the_calendar_takes_the_same_queries_for_any_length(week, scene, desk, many, django_assert_num_queries):
    for n in range(many):
        promise(week[n % 9], cents=1_000 + n, due_on=MONDAY + timedelta(days=n % 7), status="broken", judged_on=DAY)
    desk.get("/promises/")
    with django_assert_num_queries(9):
        desk.get("/promises/?on=2026-03-04")


def test_in_chinese(week, scene, signed_in):
    page = text_of(signed_in(scene.collector, "zh-hans").get("/promises/?status=broken"))
    assert "承诺日历" in page and "第 1 次未履行：先发一条友好的提醒" in page


# ---- while it is taken


def check(client, case, **typed):
    facts = {"amount": "100", "due_on": "2026-03-06"} | typed
    return text_of(client.post(f"/case/{case.pk}/promise/", facts))


def test_warnings_and_chance_follow_what_is_typed(scene, desk):
    small = check(desk, scene.case)
    assert (
        "likely to be kept" in small
        and "money counts until 10 Mar 2026" in small
        and "Nothing speaks against it." in small
    )
    large = check(desk, scene.case, amount="15,000", due_on="2026-03-28")
    assert "More than the" in large and "25 days away" in large and "Far above the greatest payment" in large
    assert "Banks are closed that day: it counts on 30 Mar 2026" in large
    chance = [int(re.search(r"(\d+) % likely", page)[1]) for page in (small, large)]
    assert chance[0] > chance[1]


def test_a_budget_is_what_can_be_spared(scene, desk):
    Budget.objects.create(
        case=scene.case, currency="CNY", income=500_000, household=1, allowance=300_000, free=60_000,
        taken_at=stories.utc("2026-03-01T10:00"),
    )  # fmt: skip
    assert "Beyond their budget: ¥600.00 is left over until then" in check(desk, scene.case, amount="700")
    assert "budget" not in check(desk, scene.case, amount="500")


def test_other_open_promises_are_named(scene, desk):
    for n in range(2):
        lender = stories.creditor()
        other = stories.case(scene.debtor, lender)
        promise(other, cents=5_000 + n, due_on=DAY + timedelta(days=4))
    assert "2 other promises are open, ¥100.01 in all" in check(desk, scene.case)


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"amount": "0"}, "above zero"), ({"due_on": "2026-03-01"}, "passed"), ({"due_on": "2026-06-01"}, "60 days")],
)
def test_what_cannot_stand_is_said_at_once(scene, desk, typed, said):
    assert said in check(desk, scene.case, **typed)


@pytest.mark.parametrize("typed", [{"amount": ""}, {"due_on": ""}, {"amount": "some"}, {"due_on": "soon"}])
def test_half_typed_says_nothing(scene, desk, typed):
    assert check(desk, scene.case, **typed) == ""


def test_a_third_person_cannot_promise_nor_is_anything_said_of_the_debt(scene, desk):
    hers = scene.wife.contact_points.get()
    said = check(desk, scene.case, point=hers.pk)
    assert "does not owe the debt" in said and "likely" not in said and "¥" not in said
    desk.post(
        f"/case/{scene.case.pk}/took-call/",
        {"kind": "promise", "amount": "600", "due_on": "2026-03-05", "point": hers.pk},
    )
    assert not Promise.objects.filter(made_on=DAY).exists()


def test_a_guarantor_can(scene, desk):
    other = stories.person("李保")
    people.Relation.objects.create(debtor=scene.debtor, person=other, kind=Relation.GUARANTOR)
    number = stories.phone(other, "+8613900000009")
    desk.post(
        f"/case/{scene.case.pk}/took-call/",
        {"kind": "promise", "amount": "600", "due_on": "2026-03-05", "point": number.pk},
    )
    made = Promise.objects.get(made_on=DAY)
    assert (made.person, made.channel) == (other, Channel.CALL)


def test_what_was_said_is_kept_with_the_promise_and_shown(scene, desk):
    desk.post(f"/case/{scene.case.pk}/took-call/", {"kind": "promise", "amount": "15000", "due_on": "2026-03-28"})
    made = Promise.objects.get(made_on=DAY)
    assert [code for code, _numbers in made.warnings] == [4, 2, 5, 7, 8]
    assert made.chance and made.most_paid == 168_000
    page = text_of(desk.get(f"/case/{scene.case.pk}/"))
    assert "said while it was taken:" in page and "likely to be kept" in page


def test_the_case_says_what_follows_a_broken_promise(scene, desk):
    Promise.objects.filter(case=scene.case, status="open").update(status="broken")
    assert "Next step Broken once: a friendly call, to hear why" in text_of(desk.get(f"/case/{scene.case.pk}/"))


def test_the_case_counts_promises_as_the_warning_does(scene, desk):
    """One kept in part and two broken: the header says so, and the warning speaks of two of three."""
    case = scene.cases[1]
    for n, status in enumerate(("partly_kept", "broken", "broken")):
        due_on = DAY - timedelta(days=30 - n)
        promise(case, made_on=due_on, due_on=due_on, status=status)
    assert "0 kept, 1 partly kept, 2 broken" in text_of(desk.get(f"/case/{case.pk}/"))
    assert "2 of 3 promises were broken" in check(desk, case)


@pytest.mark.parametrize("typed", ["１００", "¥100", "￥１，０００．００", "1,000"])
def test_what_the_preview_reads_the_form_takes(scene, desk, typed):
    assert "likely to be kept" in check(desk, scene.case, amount=typed)
    desk.post(f"/case/{scene.case.pk}/took-call/", {"kind": "promise", "amount": typed, "due_on": "2026-03-06"})
    assert Promise.objects.get(made_on=DAY).cents == (
        10_000 if "000" not in typed and "０００" not in typed else 100_000
    )


@pytest.mark.parametrize("typed", ["1e3", "$100", "一百", "1,00", "100元"])
def test_what_is_no_amount_neither_takes(scene, desk, typed):
    assert check(desk, scene.case, amount=typed) == ""
    desk.post(f"/case/{scene.case.pk}/took-call/", {"kind": "promise", "amount": typed, "due_on": "2026-03-06"})
    assert not Promise.objects.filter(made_on=DAY).exists()
