"""A lead looks at the day, hands cases on by keyboard, looks at the night and at the results; in both languages."""

import random
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

import stories
from fairdue.accounts.models import Ageing, BucketMove, Payment
from fairdue.agreements.models import Promise
from fairdue.cases.models import Case, Run, Step, WorkItem
from fairdue.contact.models import Attempt
from fairdue.flows.night import STEPS
from fairdue.law.codes import Channel, Relation, Result
from fairdue.staff.models import Role, User

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("李强", "王芳", "赵敏", "陈静", "刘洋")
BORROWERS = ("张伟", "王秀英", "李娜", "刘敏", "陈杰", "杨丽", "赵磊", "黄燕", "周涛", "吴霞")


def owed(case, bucket, cents, as_of):
    """An account in a bucket with the moves that led there."""
    account = stories.account(case.person, case.creditor, principal=cents)
    Ageing.objects.create(
        account=account, as_of=as_of, past_due=cents // 2, since=as_of - timedelta(days=bucket * 30 or 1),
        days_past_due=bucket * 30, delinquent_days=bucket * 30, bucket=bucket, balance=cents,
    )  # fmt: skip
    chance, was, here = random.Random(account.pk), None, max(0, bucket - 4)
    for back in range(6, -1, -1):
        on = (as_of.replace(day=15) - timedelta(days=30 * back)).replace(day=1 + account.pk % 27)
        there = chance.choice((here, here, min(7, here + 1), min(7, here + 1), max(0, here - 1)))
        if on <= as_of and there != was:
            BucketMove.objects.create(account=account, on=on, was=was, bucket=there, cents=cents)
            was = here = there
    return account


def history(case, account, chance, as_of):
    """Calls, promises and payments of the last months."""
    for n in range(6):
        day = as_of - timedelta(days=chance.randrange(1, 150))
        at = timezone.make_aware(datetime.combine(day, time(chance.choice((9, 10, 11, 14, 15, 19)), 5 * n)))
        reached = chance.random() < 0.4
        Attempt.objects.create(
            happened_at=at, creditor=case.creditor, person=case.person, addressee=case.person, by=case.owner,
            channel=Channel.CALL, relation=Relation.DEBTOR if chance.random() < 0.8 else Relation.SPOUSE,
            result=Result.CONVERSATION if reached else Result.UNANSWERED, account=account,
        )  # fmt: skip
    due, cents = as_of - timedelta(days=chance.randrange(2, 150)), chance.randrange(200, 900) * 100
    came = chance.choice((0, cents // 3, cents, cents))
    status = "kept" if came == cents else "partly_kept" if came else "broken"
    Promise.objects.create(
        case=case, person=case.person, account=account, cents=cents, received=came, currency="CNY", status=status,
        made_on=due - timedelta(days=6), due_on=due,
    )  # fmt: skip
    if came:
        Payment.objects.create(
            creditor=case.creditor,
            reference=f"P{account.pk}",
            account=account,
            cents=came,
            currency="CNY",
            happened_on=due,
        )


@pytest.fixture
def house():
    """A team of five with a day half done, two creditors, a finished night."""
    chance, now = random.Random(5), timezone.now()
    today = timezone.localdate(now)
    team = stories.team("华东一组")
    lead = stories.user(Role.LEAD, team=team, display_name="孙主管", username="sun")
    collectors = [stories.user(team=team, display_name=name, minutes_a_day=90 + 40 * n) for n, name in enumerate(NAMES)]
    creditors = [
        stories.creditor(name_zh="江南消费金融", name_en="Jiangnan Consumer Finance"),
        stories.creditor(name_zh="东海银行信用卡中心", name_en="Donghai Bank Cards"),
    ]
    for n in range(44):
        owner = collectors[n % 4]
        case = stories.case(stories.person(BORROWERS[n % 10]), creditors[n % 2], owner=owner)
        account = owed(case, chance.choice((1, 1, 1, 2, 2, 3, 4, 6, 7)), chance.randrange(80_000, 5_000_000), today)
        history(case, account, chance, today)
        done = n % 3 == 0
        ends = now + timedelta(minutes=chance.choice((-30, 25, 300, 300, 300)))
        WorkItem.objects.create(
            on=today, case=case, user=owner, rank=n, score=1, action=chance.choice(("call", "remind", "follow_up")),
            reasons=[[5, [3, 50_000]]], window_start=now - timedelta(hours=3), window_end=ends,
            status="done" if done else "open", done_at=now - timedelta(minutes=3 * n) if done else None,
            done_how="no_answer" if done else "",
        )  # fmt: skip
        if n % 5 == 0:
            Promise.objects.create(
                case=case, person=case.person, cents=60_000, received=60_000 if n % 2 else 0, currency="CNY",
                status="kept" if n % 2 else "open", made_on=today - timedelta(days=4), due_on=today,
            )  # fmt: skip
    for n in range(3):
        owed(stories.case(stories.person(BORROWERS[n]), creditors[0]), 1, 90_000, today)
    night(today, now, collectors)
    return {"lead": lead, "team": team, "collectors": collectors, "today": today}


def night(today: date, now: datetime, people: list[User]) -> None:
    """A finished night and one under way."""
    done = Run.objects.create(
        on=today, started_at=now - timedelta(hours=6), finished_at=now - timedelta(hours=6) + timedelta(seconds=9),
        status="done",
        summary={
            "left_out": {"held": 61, "repair": 18, "rest": 2_310, "no_window": 412, "no_time": 97, "no_skill": 5},
            "price_per_hour": {str(user.pk): 41_250 - 9_000 * n for n, user in enumerate(people)},
        },
    )  # fmt: skip
    counts = (
        {"payments": 812}, {"accounts": 30_000, "transfers": 1_204},
        {"judged": 64, "kept": 31, "broken": 22}, {"accounts": 30_000, "moved": 913},
        {"cases": 21_400, "call": 11_020, "rest": 2_310}, {"lawful": 18_022, "unlawful": 412},
        {"placed": 240, "with_owner": 201, "spread": 0.0712, "gap": 0.000061},
        {"items": 240},
    )  # fmt: skip
    for n, (name, counted) in enumerate(zip(STEPS, counts, strict=True), 1):
        Step.objects.create(run=done, n=n, name=name, status="done", counts=counted, started_at=now, seconds=0.4 * n)
    going = Run.objects.create(on=today + timedelta(days=1), started_at=now)
    Step.objects.create(
        run=going, n=1, name=STEPS[0], status="done", counts={"payments": 3}, started_at=now, seconds=0.2
    )
    Step.objects.create(run=going, n=2, name=STEPS[1], status="running", started_at=now)


def test_the_day_of_a_lead(desk, house):
    """Board → a collector's list → two cases handed on by keyboard → the night's page."""
    whose, to = house["collectors"][0], house["collectors"][4]
    desk.sign_in(house["lead"])
    desk.page.wait_for_url("**/team/")
    desk.shoot("lead-board-zh")
    desk.shoot("lead-board-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.go(f"/team/{whose.pk}/?show=today")
    before = Case.objects.filter(owner=to).count()
    desk.press("j", "x", "j", "x")
    assert desk.page.locator("[data-chosen]").inner_text() == "2"
    desk.shoot("lead-list-zh")
    desk.shoot("lead-list-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.press("m")
    desk.page.select_option("#to", str(to.pk))
    desk.page.fill("#reason", "李强下午请假")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector(".flash-success")
    assert Case.objects.filter(owner=to).count() == before + 2
    desk.go("/team/unowned/")
    desk.shoot("lead-unowned-zh")
    desk.go("/runs/")
    desk.shoot("runs-zh")
    desk.page.locator("tbody tr").nth(1).locator("a").click()
    desk.page.wait_for_selector(".night-step")
    desk.shoot("run-zh")
    desk.shoot("run-zh-narrow", width=390, height=844)


def test_the_board_in_english(desk, house):
    """The same pages in English; a night under way renews itself."""
    lead = house["lead"]
    desk.sign_in(lead)
    desk.speak("en")
    desk.go("/team/")
    desk.shoot("lead-board-en")
    desk.go(f"/team/{house['collectors'][1].pk}/?show=slipping")
    desk.shoot("lead-slipping-en")
    going = Run.objects.get(status="running")
    desk.go(f"/runs/{going.pk}/")
    desk.shoot("run-live-en", check=False)
    Step.objects.filter(run=going, n=2).update(status="done", seconds=0.7, counts={"judged": 7})
    Run.objects.filter(pk=going.pk).update(status="done", finished_at=timezone.now())
    desk.page.wait_for_selector(".night-step:nth-child(2).night-done")


def test_results_open_into_rows(desk, house):
    """Charts in both languages, wide and narrow; a figure of the table leads to its rows, a click on a bar too."""
    desk.sign_in(house["lead"])
    desk.go("/results/")
    desk.page.locator("canvas").nth(5).wait_for()
    desk.shoot("results-zh")
    desk.shoot("results-zh-narrow", width=390, height=844)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.page.locator("#buckets summary", has_text="以表格查看").click()
    desk.page.locator("#buckets tbody a").first.click()
    desk.page.wait_for_url("**/results/rows/accounts/**")
    desk.shoot("results-rows-zh")
    desk.speak("en")
    desk.go("/results/")
    desk.page.locator("canvas").nth(5).wait_for()
    desk.page.locator("#rolls .meaning summary").click()
    desk.shoot("results-en")
    desk.go("/results/rolls/")
    desk.page.wait_for_selector("canvas")
    desk.shoot("results-rolls-en")
    chart = desk.go("/results/recovered/").locator("canvas").first
    desk.page.wait_for_load_state("networkidle")
    box = chart.bounding_box()
    for part in range(4, 60):  # somewhere among them stands a bar
        desk.page.mouse.click(box["x"] + box["width"] * part / 62, box["y"] + box["height"] * 0.84)
        desk.page.wait_for_timeout(40)
        if "/rows/" in desk.page.url:
            break
    desk.page.wait_for_url("**/rows/**")
