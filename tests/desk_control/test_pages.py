"""The lead's, compliance's and administration's pages: what they show, to whom, with how many queries."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

import stories
from fairdue.accounts.models import Ageing
from fairdue.agreements.models import Promise
from fairdue.cases.models import Case, Ownership, Run, Step, WorkItem
from fairdue.desk import clock
from fairdue.desk.pages import board as board_pages
from fairdue.desk.views import admin as admin_views
from fairdue.journal.models import Entry
from fairdue.staff.models import Role, User
from fairdue.staff.policies import PERMISSIONS

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=timezone.get_fixed_timezone(0))  # 10:00 in Shanghai
DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _at_ten(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def as_(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def item(case, user, *, ends=8, status="open", action="call", rank=1, **fields):
    return WorkItem.objects.create(
        on=DAY, case=case, user=user, rank=rank, score=1, action=action, status=status,
        window_start=NOW - timedelta(hours=3), window_end=NOW + timedelta(hours=ends), **fields,
    )  # fmt: skip


@pytest.fixture
def team_day():
    """李 has four items: one done, one missed, one that closes in half an hour, one for the afternoon; a promise is due."""
    team = stories.team("一组")
    lead = stories.user(Role.LEAD, team=team, display_name="主管")
    li = stories.user(team=team, display_name="李强", minutes_a_day=60)
    idle = stories.user(team=team, display_name="王芳")
    owed_to = stories.creditor()
    cases = []
    for n, (ends, status) in enumerate(((8, "done"), (-1, "open"), (0.5, "leased"), (8, "open"))):
        case = stories.case(stories.person(f"借款人{n}"), owed_to, owner=li)
        account = stories.account(case.person, owed_to)
        Ageing.objects.create(
            account=account, as_of=DAY, past_due=(n + 1) * 100_00, since=date(2026, 1, 1), days_past_due=60,
            delinquent_days=60, bucket=2, balance=(n + 1) * 100_00,
        )  # fmt: skip
        done_at = NOW - timedelta(minutes=20) if status == "done" else None
        until = NOW + timedelta(minutes=9) if status == "leased" else None
        item(case, li, ends=ends, status=status, rank=n, done_at=done_at, leased_until=until)
        cases.append(case)
    Promise.objects.create(
        case=cases[0], person=cases[0].person, cents=200_00, received=150_00, currency="CNY", status="partly_kept",
        made_on=date(2026, 2, 25), due_on=DAY,
    )  # fmt: skip
    return {"team": team, "lead": lead, "li": li, "idle": idle, "cases": cases, "creditor": owed_to}


# ---- lead


def test_the_board_counts_the_day(team_day):
    board = board_pages.board(lead=team_day["lead"], now=NOW)
    li, idle = sorted(board.lines, key=lambda line: -line.planned)
    assert (li.planned, li.done, li.left, li.missed, li.closing) == (4, 1, 3, 1, 1)
    assert li.minutes == 4 * board_pages.minutes_of("call")
    assert li.left_minutes == 3 * board_pages.minutes_of("call")
    assert (li.promises, li.money) == (1, [("CNY", 150_00, 200_00)])
    assert li.last == NOW - timedelta(minutes=20)
    assert (idle.planned, idle.cases, li.cases) == (0, 0, 4)
    assert board.whole.slipping == 2


def test_what_the_gate_refused_is_neither_done_nor_to_do(team_day):
    """Five items: one worked, one refused by the gate, three to do: 1 done, 1 refused, 3 left, minutes of 3 to go."""
    debtor = stories.case(stories.person("被拦下"), team_day["creditor"], owner=team_day["li"])
    item(debtor, team_day["li"], status="done", rank=9, done_at=NOW, done_how=board_pages.REFUSED)
    line = next(line for line in board_pages.board(lead=team_day["lead"], now=NOW).lines if line.planned)
    assert (line.planned, line.done, line.refused, line.left) == (5, 1, 1, 3)
    assert line.left_minutes == 3 * board_pages.minutes_of("call")
    page = as_(team_day["lead"]).get("/team/").content.decode()
    assert "规则拦下 1 件" in page


def test_the_board_names_nobody_first_by_result(team_day):
    """By name, never by rank: progress, not a league table."""
    board = board_pages.board(lead=team_day["lead"], now=NOW)
    names = [line.user.display_name for line in board.lines]
    assert names == sorted(names)


def test_the_board_takes_the_same_queries_for_any_team(team_day, django_assert_num_queries):
    lead = team_day["lead"]
    User.objects.get(pk=lead.pk)
    with django_assert_num_queries(6):
        board_pages.board(lead=lead, now=NOW)
    for _ in range(5):
        other = stories.user(team=team_day["team"])
        item(stories.case(stories.person(), team_day["creditor"], owner=other), other)
    with django_assert_num_queries(6):
        board_pages.board(lead=lead, now=NOW)


def test_only_ones_own_team_is_on_the_board(team_day):
    other = stories.user(team=stories.team(), display_name="外人")
    page = as_(team_day["lead"]).get("/team/")
    assert "李强" in page.content.decode()
    assert "外人" not in page.content.decode()
    assert as_(team_day["lead"]).get(f"/team/{other.pk}/").status_code == 404


@pytest.mark.parametrize(("show", "seen"), [("today", {1, 2, 3}), ("slipping", {1, 2}), ("all", {0, 1, 2, 3})])
def test_a_collectors_list(team_day, show, seen):
    text = as_(team_day["lead"]).get(f"/team/{team_day['li'].pk}/?show={show}").content.decode()
    assert {n for n in range(4) if f"借款人{n}" in text} == seen


def test_the_list_takes_the_same_queries_for_any_length(team_day, django_assert_max_num_queries):
    client = as_(team_day["lead"])
    for n in range(30):
        item(stories.case(stories.person(), team_day["creditor"], owner=team_day["li"]), team_day["li"], rank=10 + n)
    with django_assert_max_num_queries(18):
        client.get(f"/team/{team_day['li'].pk}/?show=today")
    with django_assert_max_num_queries(18):
        client.get(f"/team/{team_day['li'].pk}/?show=all")


def test_cases_are_handed_on_with_a_reason(team_day):
    """Given two of 李强's cases; when the lead hands them to 王芳; then she owns them and has today's open items."""
    moved = [case.pk for case in team_day["cases"][1:3]]
    post = {"case": moved, "to": team_day["idle"].pk, "reason": "李强下午请假", "back": "/team/"}
    page = as_(team_day["lead"]).post("/team/move/", post, follow=True)
    assert "2" in page.content.decode()
    assert set(Case.objects.filter(owner=team_day["idle"]).values_list("pk", flat=True)) == set(moved)
    assert Ownership.objects.filter(user=team_day["idle"], reason="李强下午请假").count() == 2
    taken = WorkItem.objects.filter(user=team_day["idle"], on=DAY)
    assert [one.case_id for one in taken] == moved[:1]  # the one in work stays with whoever has it
    assert Entry.objects.filter(verb="cases.given").exists()


@pytest.mark.parametrize("wrong", ["case", "to", "reason"])
def test_nothing_moves_when_something_is_missing(team_day, wrong):
    post = {"case": [team_day["cases"][0].pk], "to": team_day["idle"].pk, "reason": "x", "back": "/team/"}
    post[wrong] = ""
    as_(team_day["lead"]).post("/team/move/", post)
    assert not Case.objects.filter(owner=team_day["idle"]).exists()


def test_cases_of_another_team_cannot_be_taken(team_day):
    strange = stories.case(stories.person(), team_day["creditor"], owner=stories.user(team=stories.team()))
    post = {"case": [strange.pk], "to": team_day["idle"].pk, "reason": "x", "back": "https://evil.example/"}
    answer = as_(team_day["lead"]).post("/team/move/", post)
    assert answer["Location"] == "/team/"
    assert Case.objects.get(pk=strange.pk).owner != team_day["idle"]


def test_cases_without_an_owner(team_day):
    for name, late in (("无主人", 90_00), ("钱未到期", 0)):
        case = stories.case(stories.person(name), team_day["creditor"])
        Ageing.objects.create(
            account=stories.account(case.person, case.creditor), as_of=DAY, past_due=late, days_past_due=0,
            delinquent_days=0, bucket=0, balance=90_00,
        )  # fmt: skip
    assert board_pages.board(lead=team_day["lead"], now=NOW).unowned == 1
    text = as_(team_day["lead"]).get("/team/unowned/").content.decode()
    assert "无主人" in text
    assert "钱未到期" not in text
    assert "借款人0" not in text


def test_a_lead_without_a_team_is_told_what_to_do():
    assert as_(stories.user(Role.LEAD)).get("/team/").status_code == 200


# ---- runs


def test_a_run_shows_its_steps_live(team_day):
    run = Run.objects.create(on=DAY, started_at=NOW, status="running")
    Step.objects.create(
        run=run, n=1, name="apply", status="done", counts={"payments": 12345}, started_at=NOW, seconds=0.5
    )
    Step.objects.create(run=run, n=2, name="promises", status="running", started_at=NOW)
    client = as_(team_day["lead"])
    text = client.get(f"/runs/{run.pk}/").content.decode()
    assert 'hx-trigger="every 1s"' in text
    assert "12,345" in text
    inside = client.get(f"/runs/{run.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in inside
    Run.objects.filter(pk=run.pk).update(status="done")
    assert "every 1s" not in client.get(f"/runs/{run.pk}/").content.decode()


def test_a_night_is_queued_once(team_day):
    client = as_(team_day["lead"])
    for _ in range(2):
        assert client.post("/runs/start/", {"on": "2026-03-02"}).status_code == 302
    assert "2026" in client.get("/runs/").content.decode()
    from procrastinate.contrib.django.models import ProcrastinateJob

    (job,) = ProcrastinateJob.objects.filter(task_name="site.night")
    assert job.args == {"on": "2026-03-02", "by": team_day["lead"].pk, "force": False}
    assert as_(stories.user(Role.COMPLIANCE)).post("/runs/start/", {"on": "2026-03-03"}).status_code == 403


@pytest.mark.parametrize(("state", "says"), [("todo", "waits for a worker"), ("doing", "is under way")])
def test_a_day_planned_again_is_seen_from_the_press_until_it_is_done(team_day, state, says):
    """The list asked for itself while the night waited, and no longer between a worker's taking it and its beginning."""
    lead = team_day["lead"]
    lead.language = "en"
    lead.save()
    Run.objects.create(on=DAY, started_at=NOW, finished_at=NOW, status="done")
    client = as_(lead)
    assert "every 2s" not in client.get("/runs/").content.decode()
    client.post("/runs/start/", {"on": "2026-03-02"})
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = %s where task_name = 'site.night'", [state])
    page = client.get("/runs/").content.decode()
    assert "every 2s" in page
    assert says in page
    assert "planned again" in page
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'succeeded' where task_name = 'site.night'")
    page = client.get("/runs/", headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" not in page
    assert "planned again" not in page


def test_a_night_beyond_tomorrow_is_not_queued(team_day):
    answer = as_(team_day["lead"]).post("/runs/start/", {"on": "2126-01-01"}, follow=True)
    assert "beyond tomorrow" in answer.content.decode() or "明天" in answer.content.decode()
    from procrastinate.contrib.django.models import ProcrastinateJob

    assert not ProcrastinateJob.objects.filter(task_name="site.night").exists()


# ---- administration


@pytest.fixture
def admin():
    return stories.user(Role.ADMIN)


FORM = {
    "username": "xiaomei",
    "role": "collector",
    "language": "en",
    "minutes_a_day": "400",
    "bucket_from": "0",
    "bucket_to": "3",
}


def test_a_user_is_created_and_the_password_shown_once(admin):
    client = as_(admin)
    page = client.post("/users/new/", {**FORM, "speaks": ["zh", "en"]})
    user = User.objects.get(username="xiaomei")
    assert (user.minutes_a_day, user.bucket_to, user.speaks) == (400, 3, ["en", "zh"])
    assert page.context["password"] in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert user.check_password(page.context["password"])
    assert page.context["password"] not in client.get(f"/users/{user.pk}/").content.decode()


def test_faults_come_back_beside_their_field(admin):
    page = as_(admin).post("/users/new/", {**FORM, "role": "lead"})
    assert page.status_code == 422
    assert page.context["form"].errors["team"]
    page = as_(admin).post("/users/new/", {**FORM, "role": "creditor"})
    assert page.context["form"].errors["creditor"]


def test_creditors_staff_are_tied_and_untied(admin):
    owed_to = stories.creditor()
    client = as_(admin)
    client.post("/users/new/", {**FORM, "role": "creditor", "creditor": owed_to.pk})
    user = User.objects.get(username="xiaomei")
    assert user.works_for.creditor == owed_to
    client.post(f"/users/{user.pk}/", {**FORM, "role": "risk"})
    user = User.objects.get(username="xiaomei")
    assert user.role == "risk"
    assert not hasattr(user, "works_for")


def test_the_last_administrator_cannot_be_shut_out(admin):
    client = as_(admin)
    client.post(f"/users/{admin.pk}/active/", {"active": "0"})
    page = client.post(f"/users/{admin.pk}/", {**FORM, "role": "risk"})
    assert page.status_code == 422
    assert User.objects.get(pk=admin.pk).is_active
    assert User.objects.get(pk=admin.pk).role == "admin"


@pytest.mark.parametrize(("typed", "cents"), [("5,000.50", 5_000_50), ("0", 0), ("", None), ("１０", 10_00)])
def test_limits_are_typed_as_amounts(admin, typed, cents):
    user = stories.user()
    as_(admin).post(f"/users/{user.pk}/authority/", {"kind": "plan", "currency": "cny", "limit": typed})
    held = user.authority.first()
    assert (held.limit_cents if held else None) == cents


@pytest.mark.parametrize("typed", ["a lot", "-1", "0.001", "NaN", "1e3", "9" * 30])
def test_a_limit_that_is_no_amount_is_refused(admin, typed):
    user = stories.user()
    as_(admin).post(f"/users/{user.pk}/authority/", {"kind": "plan", "currency": "CNY", "limit": typed})
    assert not user.authority.exists()


def test_the_roles_page_is_the_policy(admin):
    rows = as_(admin).get("/roles/").context["rows"]
    held = {name: held for _words, name, held in rows}
    assert held["team"] == tuple(role == "lead" for role in Role.values)


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_every_permission_has_words_in_both_languages(permission):
    words = admin_views.PERMISSION_WORDS[permission]
    with override("en"):
        english = str(words)
    with override("zh-hans"):
        assert str(words) != english


def test_no_words_are_kept_for_a_permission_that_is_gone():
    assert set(admin_views.PERMISSION_WORDS) == set(PERMISSIONS)


def test_the_user_list_takes_the_same_queries_for_any_number(admin, django_assert_num_queries):
    client = as_(admin)
    client.get("/users/")
    with django_assert_num_queries(5):
        client.get("/users/")
    for _ in range(20):
        stories.user(team=stories.team())
    with django_assert_num_queries(5):
        client.get("/users/")
