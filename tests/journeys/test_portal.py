"""A borrower opens the link on a telephone: what is owed, rights, wishes, a dispute, a promise, a payment; then leaves."""

import re
import sys
from pathlib import Path

import pytest

from fairdue.accounts.models import Payment
from fairdue.agreements.models import Plan, Promise
from fairdue.cases.models import Hold
from fairdue.contact import services as door
from fairdue.contact.models import Explanation, Message
from fairdue.people.models import Wish

sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))
import scene as scenes

pytestmark = pytest.mark.django_db(transaction=True)

SAY = {
    "zh-CN": {
        "open": "打开页面", "again": "重新加一遍", "owe": "我欠多少", "pay": "还款与承诺", "rights": "我的权利", "reach": "联系我",
        "tell": "告诉我们", "stop": "停用该方式", "send": "发送", "promise": "确认承诺", "go": "去付款", "pretend": "模拟已付款",
        "leave": "退出", "closed": "页面已关闭", "title": "您的页面",
    },
    "en-US": {
        "open": "Open the page", "again": "Add it up again", "owe": "What I owe", "pay": "Pay or promise",
        "rights": "My rights", "reach": "Reaching me", "tell": "Tell us", "stop": "Stop this way", "send": "Send",
        "promise": "I promise", "go": "Go on to payment", "pretend": "Pretend that I paid", "leave": "Leave",
        "closed": "This page is closed", "title": "Your page",
    },
}  # fmt: skip


@pytest.fixture
def morning(monkeypatch):
    monkeypatch.setattr("fairdue.desk.clock.now", lambda: scenes.MORNING)
    monkeypatch.setattr("fairdue.portal.clock.now", lambda: scenes.MORNING)
    return scenes.set_up()


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_a_borrower_walks_through_the_page_without_javascript(open_desk, morning, language):
    say, short = SAY[language], language[:2]
    token = door.new_token(person=morning.debtor)
    door.make_link(token=token, case=morning.case, by=None, now=scenes.MORNING)
    window = open_desk(language)
    page = window.page
    window.go(f"/p/k/{token}/")
    window.shoot(f"portal-key-{short}", width=390)
    page.fill("#tail", "9999")
    page.get_by_role("button", name=say["open"]).click()
    window.shoot(f"portal-wrong-{short}", width=390)
    page.fill("#tail", "0032")
    page.get_by_role("button", name=say["open"]).click()
    page.wait_for_url("**/p/1/")
    assert page.title() == say["title"]
    page.get_by_role("button", name=say["again"]).click()
    window.shoot(f"portal-owe-{short}", width=390)
    window.shoot(f"portal-owe-{short}-360", width=360)
    window.shoot(f"portal-owe-{short}-wide", width=1440)
    page.get_by_role("link", name=say["rights"], exact=True).click()
    window.shoot(f"portal-rights-{short}", width=390)
    page.get_by_role("link", name=say["reach"], exact=True).click()
    page.get_by_role("button", name=say["stop"]).click()
    page.fill("#not-start", "12:00")
    page.fill("#not-end", "14:00")
    page.locator("form:has(#not-start) button").click()
    window.shoot(f"portal-reach-{short}", width=390)
    page.get_by_role("link", name=say["pay"], exact=True).click()
    page.fill("#promise-amount", "500")
    page.fill("#promise-day", "2026-03-20")
    page.get_by_role("button", name=say["promise"]).click()
    page.fill("#promise-amount", "99999999")
    page.fill("#promise-day", "2026-03-20")
    page.get_by_role("button", name=say["promise"]).click()
    window.shoot(f"portal-pay-{short}", width=390)
    page.fill("#pay-amount", "500.00")
    page.get_by_role("button", name=say["go"]).click()
    window.shoot(f"portal-sandbox-{short}", width=390)
    page.get_by_role("button", name=say["pretend"]).click()
    window.shoot(f"portal-paid-{short}", width=390)
    page.get_by_role("link", name=say["tell"], exact=True).click()
    page.locator("input[name=matter][value=dispute]").check()
    page.fill("#words", "一月已经还过 500 元。" if short == "zh" else "I paid 500 in January.")
    page.get_by_role("button", name=say["send"], exact=True).click()
    window.shoot(f"portal-tell-{short}", width=390)
    page.get_by_role("button", name=say["leave"]).click()
    page.get_by_role("heading", name=say["closed"]).wait_for()
    window.shoot(f"portal-closed-{short}", width=390)
    window.go("/p/1/")
    assert page.url.endswith("/p/")
    assert Payment.objects.filter(method="sandbox", cents=50_000).count() == 1
    assert Promise.objects.filter(taken_by=None, cents=50_000).count() == 1
    assert Hold.objects.get(kind="dispute").placed_by is None
    assert Wish.objects.filter(source="portal").count() == 2
    assert Explanation.objects.get(how="page").language == short
    assert not page.locator("script").count()


PLAN = {
    "zh-CN": {"fits": "看看哪些方案合适", "choose": "选这个", "code": "把确认码发到我的邮箱", "agree": "我同意", "paper": "约定内容 (PDF)"},
    "en-US": {"fits": "See what fits", "choose": "Choose this", "code": "Send me the code by e-mail", "agree": "I agree",
              "paper": "What was agreed (PDF)"},
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_a_borrower_fits_a_plan_to_the_month_and_agrees_it_alone(open_desk, morning, language):
    say, short = PLAN[language], language[:2]
    token = door.new_token(person=morning.debtor)
    door.make_link(token=token, case=morning.case, by=None, now=scenes.MORNING)
    window = open_desk(language)
    page = window.page
    window.go(f"/p/k/{token}/")
    page.fill("#tail", "0032")
    page.get_by_role("button", name=SAY[language]["open"]).click()
    page.wait_for_url("**/p/1/")
    window.go("/p/6/")
    window.shoot(f"portal-month-{short}", width=360)
    page.fill("#income", "plenty")
    page.get_by_role("button", name=say["fits"]).click()
    window.shoot(f"portal-month-wrong-{short}", width=360)
    page.fill("#income", "9000")
    page.fill("#household", "2")
    page.fill("#s-housing", "2500")
    page.get_by_role("button", name=say["fits"]).click()
    page.get_by_role("button", name=say["choose"]).first.wait_for()
    window.shoot(f"portal-fits-{short}", width=360)
    page.get_by_role("button", name=say["choose"]).last.click()
    window.shoot(f"portal-offer-{short}", width=360)
    page.get_by_role("button", name=say["code"]).click()
    page.get_by_role("status").wait_for()
    found = re.search(r"\b\d{6}\b", Message.objects.get(template="plan_code").body)
    page.fill("#code", found[0])
    page.get_by_role("button", name=say["agree"]).click()
    page.get_by_role("link", name=say["paper"]).wait_for()
    window.shoot(f"portal-plan-{short}", width=360)
    window.shoot(f"portal-plan-{short}-wide", width=1440)
    assert Plan.objects.get().how == "code"


def test_staff_send_the_page_from_the_case(desk, morning):
    desk.sign_in(morning.collector)
    desk.go(f"/case/{morning.case.pk}/")
    desk.page.locator("button[hx-post*='/page/']").click()
    desk.page.locator("#line .recorded").wait_for()
    desk.shoot("portal-sent")
    assert "/p/k/" in Message.objects.get(template="page").body
    assert "/p/k/" not in desk.page.content()
