"""The results' pages: who opens them, how many queries, that every figure opens into its rows."""

import csv
import json
import re
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

import stories
from fairdue.accounts.models import Ageing, BucketMove, CreditorStaff, Payment
from fairdue.agreements.models import Promise
from fairdue.contact.models import Attempt
from fairdue.journal.models import Entry
from fairdue.law.codes import Channel, Relation, Result
from fairdue.staff.models import Role

pytestmark = pytest.mark.django_db
PANELS = ("buckets", "rolls", "promises", "plans", "contacts", "recovered")
TODAY = timezone.localdate()


def client_of(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def scene(n=3, owed_to=None, owner=None):
    """`n` cases with an account, moves, a kept promise, a plan, a call and a payment each, all within the last months."""
    owed_to = owed_to or stories.creditor()
    before = (TODAY.replace(day=1) - timedelta(days=20)).replace(day=10)
    for _ in range(n):
        case = stories.case(stories.person(), owed_to, owner=owner)
        account = stories.account(case.person, owed_to)
        Ageing.objects.create(
            account=account, as_of=TODAY, past_due=50_00, since=TODAY - timedelta(days=40), days_past_due=40,
            delinquent_days=40, bucket=2, balance=90_00,
        )  # fmt: skip
        BucketMove.objects.create(account=account, on=before, was=None, bucket=1, cents=90_00)
        BucketMove.objects.create(account=account, on=TODAY, was=1, bucket=2, cents=90_00)
        Promise.objects.create(
            case=case, person=case.person, cents=10_00, received=10_00, currency="CNY", status="kept",
            made_on=before, due_on=before + timedelta(days=3),
        )  # fmt: skip
        stories.plan(case, account, TODAY - timedelta(days=40))
        Attempt.objects.create(
            happened_at=timezone.now() - timedelta(days=2), creditor=owed_to, person=case.person, addressee=case.person,
            relation=Relation.DEBTOR, result=Result.CONVERSATION, channel=Channel.CALL,
        )  # fmt: skip
        Payment.objects.create(
            creditor=owed_to, reference=f"p{account.pk}", account=account, cents=10_00, currency="CNY",
            happened_on=TODAY - timedelta(days=1),
        )  # fmt: skip
    return owed_to


@pytest.fixture
def risk():
    return client_of(stories.user(Role.RISK))


def test_the_page_asks_for_each_panel(risk):
    scene()
    text = risk.get("/results/").content.decode()
    for name in PANELS:
        assert f'hx-get="/results/{name}/?' in text


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_alone_and_inside(risk, name):
    scene()
    assert "<html" in risk.get(f"/results/{name}/").content.decode()
    inside = risk.get(f"/results/{name}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in inside
    assert "<table" in inside


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_takes_the_same_queries_for_any_number(risk, name, django_assert_max_num_queries):
    scene(2)
    with django_assert_max_num_queries(8):
        risk.get(f"/results/{name}/")
    scene(15)
    with django_assert_max_num_queries(8):
        risk.get(f"/results/{name}/")


def urls_of(html):
    """Every address a chart's point or a table's figure leads to."""
    found = set(re.findall(r'href="(/results/rows/[^"]*)"', html.replace("&amp;", "&")))
    for block in re.findall(r'<script id="chart-[^"]*" type="application/json">(.*?)</script>', html, re.DOTALL):
        found |= {
            point["url"]
            for series in json.loads(block)["series"]
            for point in series["data"]
            if isinstance(point, dict) and point.get("url") and point.get("value")
        }
    return found


@pytest.mark.parametrize("name", PANELS)
def test_every_figure_opens_into_rows(risk, name):
    scene()
    urls = urls_of(risk.get(f"/results/{name}/").content.decode())
    assert urls
    for url in urls:
        page = risk.get(url)
        assert page.status_code == 200, url
        zero = (
            {"status": ["broken"]},
            {"status": ["partly_kept"]},
            {"status": ["completed"]},
            {"heavy": ["1"]},
            {"relief": ["1"]},
        )
        query = parse_qs(urlsplit(url).query)
        if not any(query.items() >= part.items() for part in zero):
            assert page.context["page"].paginator.count == 3, url


def test_the_rows_add_up_to_the_figure(risk):
    scene(3)
    page = risk.get("/results/rows/accounts/?bucket=2")
    assert sum(row.balance for row in page.context["page"]) == 3 * 90_00
    page = risk.get("/results/buckets/")
    assert page.context["whole"] == {"accounts": 3, "cents": 3 * 90_00, "past_due": 3 * 50_00}


def test_recovered_and_its_rows_come_to_the_same_by_kind(risk):
    owed_to = scene(3)
    paid = Payment.objects.order_by("pk").first()
    for kind, cents, reverses in (("reversal", 10_00, paid), ("refund", 4_00, None)):
        Payment.objects.create(
            creditor=owed_to, reference=kind, account=paid.account, cents=cents, currency="CNY", happened_on=TODAY,
            kind=kind, reverses=reverses,
        )  # fmt: skip
    panel = risk.get("/results/recovered/")
    assert [panel.context[name] for name in ("payments", "reversed", "refunded", "net")] == [3, 10_00, 4_00, 16_00]
    totals = risk.get("/results/rows/payments/").context["totals"]
    assert [(total.rows, total.cents) for total in totals] == [(3, 30_00), (1, -10_00), (1, -4_00), (None, 16_00)]
    for kind, rows in (("payment", 3), ("reversal", 1), ("refund", 1)):
        url = min(url for url in urls_of(panel.content.decode()) if f"kind={kind}" in url)  # of the whole time
        page = risk.get(url)
        assert page.context["page"].paginator.count == page.context["totals"][0].rows == rows


@pytest.mark.parametrize("name", [name for name in PANELS if name != "rolls"])  # which has no headline
def test_every_headline_figure_is_a_link_into_its_rows(risk, name):
    scene()
    text = risk.get(f"/results/{name}/").content.decode()
    headlines = [line for line in text.splitlines() if '<div class="headline">' in line]
    assert headlines
    for figure in re.findall(r"<strong[^>]*>(.*?)</strong>", headlines[0]):
        assert "/results/rows/" in figure, figure


def test_the_rows_of_promises_tell_what_they_come_to(risk):
    scene(2)
    totals = risk.get("/results/rows/promises/").context["totals"]
    assert [total.rows for total in totals[:3]] == [2, 0, 0]
    assert [total.cents for total in totals[3:]] == [20_00, 20_00]


@pytest.mark.parametrize("what", ["accounts", "promises", "plans", "calls", "payments"])
def test_rows_take_the_same_queries_for_any_number(risk, what, django_assert_max_num_queries):
    scene(20)
    with django_assert_max_num_queries(8):
        page = risk.get(f"/results/rows/{what}/")
    assert len(page.context["page"]) == 20


def test_creditors_staff_see_their_own_and_are_not_told_of_teams(risk):
    ours, theirs = scene(2), scene(5)
    user = stories.user(Role.CREDITOR)
    CreditorStaff.objects.create(user=user, creditor=ours)
    client = client_of(user)
    assert client.get("/results/rows/accounts/").context["page"].paginator.count == 2
    assert client.get(f"/results/rows/accounts/?creditor={theirs.pk}").context["page"].paginator.count == 0
    text = client.get("/results/").content.decode()
    assert theirs.name_zh not in text
    assert 'name="team"' not in text


def test_a_lead_sees_the_own_teams_cases():
    team = stories.team()
    scene(2, owner=stories.user(team=team))
    scene(3, owner=stories.user(team=stories.team()))
    client = client_of(stories.user(Role.LEAD, team=team))
    assert client.get("/results/rows/accounts/").context["page"].paginator.count == 2


def test_collectors_have_no_results():
    assert client_of(stories.user()).get("/results/").status_code == 403


@pytest.mark.parametrize("query", [
    "since=nonsense", "since=2026-13-45", "until=9999-12-31", "since=0001-01-01", "until=0001-01-01", "creditor=abc",
    "creditor=99999999999999999999", "team=-1", "currency=XXX", "bucket=9", "hour=99", "which=nobody", "status=odd", "page=0", "page=x",
])  # fmt: skip
def test_odd_addresses_break_nothing(risk, query):
    scene(1)
    for path in ("", "rolls/", "rows/accounts/", "rows/calls/", "rows/promises/"):
        assert risk.get(f"/results/{path}?{query}").status_code == 200, path


def test_a_period_that_cannot_be_used_is_told(risk):
    def told(query, path="", **headers):
        page = risk.get(f"/results/{path}?{query}", headers=headers)
        return [str(message) for message in page.context["messages"]] if page.context else []

    scene(1)
    for path in ("", "recovered/", "rows/payments/"):
        assert "2026-13-45" in told("since=2026-13-45", path)[0]
        assert not told("since=2026-01-01", path)
    assert len(told("since=2026-03-02&until=2026-03-01")) == 1
    assert len(told("since=2001-03-02")) == 1
    assert len(told("since=no&until=never")) == 2


@pytest.mark.parametrize("query", [
    "", "start=2026-01-31&end=2026-01-01&bucket=1&way=all", "start=2026-01-01&end=2026-01-31&bucket=1&way=up",
])  # fmt: skip
def test_rows_of_no_figure_are_not_there(risk, query):
    assert risk.get(f"/results/rows/rolls/?{query}").status_code == 404
    assert risk.get("/results/rows/secrets/").status_code == 404
    assert risk.get("/results/secrets/").status_code == 404


def test_an_empty_period_points_to_the_last_known_month(risk):
    scene(1)
    page = risk.get("/results/recovered/?since=2020-01-01&until=2020-01-31")
    assert page.context["panel"].latest == TODAY - timedelta(days=1)
    assert "latest_query" in page.context


def test_a_week_and_a_month_span_what_they_say():
    from fairdue.insight.charts import span

    assert span(date(2026, 3, 2), "week") == {"since": date(2026, 3, 2), "until": date(2026, 3, 8)}
    assert span(date(2026, 2, 1), "month") == {"since": date(2026, 2, 1), "until": date(2026, 2, 28)}
    assert span(date(2026, 12, 1), "month") == {"since": date(2026, 12, 1), "until": date(2026, 12, 31)}
    period = (date(2026, 3, 4), date(2026, 3, 17))
    assert span(date(2026, 3, 2), "week", period)["since"] == period[0]
    assert span(date(2026, 3, 16), "week", period)["until"] == period[1]


def test_the_edge_of_a_period_opens_into_what_was_counted(risk):
    """A promise of the day before the period lies in its first week, and is neither counted nor listed."""
    owed_to = scene(1)
    case = stories.case(stories.person(), owed_to)
    monday = TODAY - timedelta(days=TODAY.weekday() + 28)
    for day in (monday, monday + timedelta(days=1)):
        Promise.objects.create(
            case=case, person=case.person, cents=10_00, currency="CNY", status="kept", made_on=day, due_on=day
        )
    page = risk.get(f"/results/promises/?since={monday + timedelta(days=1)}&until={monday + timedelta(days=6)}")
    assert page.context["whole"].judged == 1
    url = next(url for url in urls_of(page.content.decode()) if "status=kept" in url and "by=" not in url)
    assert risk.get(url).context["page"].paginator.count == 1


def test_an_unfinished_month_says_how_far_it_has_come():
    from fairdue.insight.charts import month_name

    assert [month_name(day) for day in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 30))] == [
        "2026-02", "2026-03-01", "2026-03-30",
    ]  # fmt: skip


def test_a_creditor_is_not_told_who_took_the_promises():
    ours, chen = stories.creditor(), stories.user(display_name="陈静")
    scene(1, owed_to=ours)
    Promise.objects.update(taken_by=chen)
    user = stories.user(Role.CREDITOR)
    CreditorStaff.objects.create(user=user, creditor=ours)
    assert "陈静" in client_of(stories.user(Role.RISK)).get("/results/promises/").content.decode()
    assert "陈静" not in client_of(user).get("/results/promises/").content.decode()


@pytest.mark.parametrize("what", ["accounts", "promises", "plans", "calls", "payments"])
def test_rows_go_out_as_csv_signed_and_journalled(risk, what):
    scene(3)
    page = risk.get(f"/results/rows/{what}/")
    answer = risk.get(page.context["csv"])
    lines = list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))
    entry = Entry.objects.get(verb="results.exported")
    assert (entry.data["what"], entry.data["rows"]) == (what, 3)
    assert f"journal entry {entry.pk}" in lines[1][0]
    assert entry.data["filter"].count("since=") == 1
    assert len(lines) == 2 + 1 + 3
    assert {line[-1].split("#")[-1] for line in lines[3:]} == {str(entry.pk)}
    assert stories.person().name not in str(lines)


def test_rows_of_a_move_go_out_as_csv(risk):
    scene(2)
    url = next(url for url in urls_of(risk.get("/results/rolls/").content.decode()))
    lines = b"".join(risk.get(risk.get(url).context["csv"]).streaming_content).decode().splitlines()
    assert lines[2].split(",")[:3] == ["account", "creditor", "bucket"]
    assert len(lines) == 3 + 2


def test_text_that_looks_like_a_formula_stays_text(risk):
    scene(1)
    Payment.objects.update(reference="=1+1")
    assert ",'=1+1," in b"".join(risk.get("/results/rows/payments/csv/").streaming_content).decode()


def test_plans_completed_that_fell_back_open_into_their_rows(risk):
    owed_to = stories.creditor()
    case = stories.case(stories.person(), owed_to)
    account = stories.account(case.person, owed_to)
    ended = TODAY - timedelta(days=120)
    stories.plan(case, account, ended - timedelta(days=60), status="completed", turned_on=ended)
    BucketMove.objects.create(account=account, on=ended + timedelta(days=10), was=0, bucket=1, cents=10_00)
    since = f"since={TODAY - timedelta(days=300)}"
    page = risk.get(f"/results/plans/?{since}").content.decode()
    assert "100.0 %" in page
    again = [url for url in urls_of(page) if "again=1" in url]
    assert [risk.get(url).context["page"].paginator.count for url in again] == [1]


def test_the_calls_of_an_hour_are_listed_by_the_clock_they_were_counted_by(risk):
    """16:40 UTC is past midnight in Shanghai and 11:40 in New York in winter: the hour asked for is the row's hour."""
    bank = stories.creditor(zone="America/New_York", jurisdiction="us")
    case = stories.case(stories.person(), bank)
    stories.account(case.person, bank)
    Attempt.objects.create(
        happened_at=stories.utc("2026-01-15T16:40"), creditor=bank, person=case.person, addressee=case.person,
        relation=Relation.DEBTOR, result=Result.CONVERSATION, channel=Channel.CALL,
    )  # fmt: skip
    page = risk.get("/results/rows/calls/?since=2026-01-01&until=2026-01-31&hour=11").content.decode()
    assert "11:40" in page
    assert "按委托方所在地" in page
