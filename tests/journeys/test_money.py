"""A collector reads a statement and enters a payment; the lead confirms it and works the queue; both languages."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

import stories
from fairdue.accounts import services as ledger
from fairdue.accounts.models import Balance, Incoming
from fairdue.staff.models import Authority, Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene():
    today, team = timezone.localdate(), stories.team("华东一组")
    collector = stories.user(username="chen", display_name="陈静", team=team)
    lead = stories.user(Role.LEAD, username="zhou", display_name="周敏", team=team)
    Authority.objects.create(user=lead, kind="waive", currency="CNY", limit_cents=1_000_000)
    bank = stories.creditor("hy", name_zh="华远消费金融", name_en="Huayuan Consumer Finance")
    debtor = stories.person("王小明")
    placed = today - timedelta(days=100)
    loan = stories.account(
        debtor, bank, principal=1_860_000, interest=74_350, external_ref="HY-2025-004417", placed_on=placed,
        opened_on=date(2025, 2, 15), dues={placed + timedelta(days=30 * n): 310_000 for n in range(6)}, rate="24.0000",
    )  # fmt: skip
    card = stories.account(debtor, bank, principal=532_100, external_ref="HY-CC-88120", product="credit_card")
    ledger.set_terms(account=loan, since=placed, rate=200_000, penalty=100_000, late_fee=2_000, cap="cn_licensed")
    ledger.accrue(upto=today - timedelta(days=1))
    for n, (cents, days) in enumerate(((300_000, 70), (150_000, 40)), 1):
        ledger.receive(creditor=bank, account=loan, reference=f"P-100{n}", cents=cents, currency="CNY", method="bank",
                       happened_on=today - timedelta(days=days), now=timezone.now())  # fmt: skip
    ledger.age(as_of=today, accounts=[loan.pk, card.pk])
    case = stories.case(debtor, bank, owner=collector)
    ledger.write_off(account=loan, cents=20_000, reason="生病住院", by=lead, now=timezone.now(), on=today)
    ledger.write_off(account=loan, cents=50_000, reason="一次性结清", by=collector, now=timezone.now(), on=today)
    hints = [
        {"account": loan.pk, "score": 85, "why": ["name", "due"]},
        {"account": card.pk, "score": 45, "why": ["name"]},
    ]
    for n in range(4):
        Incoming.objects.create(
            creditor=bank, reference=f"N20260301000{n}", cents=310_000, currency="CNY", happened_on=today,
            payer="王小明", payer_account="6217 **** 0001", text="还款", status="waiting", candidates=hints,
        )  # fmt: skip
    return collector, lead, case, loan


def test_a_statement_a_payment_by_hand_and_the_queue(open_desk, scene):
    collector, lead, case, loan = scene
    before = Balance.objects.get(account=loan).total
    desk = open_desk()
    desk.sign_in(collector)
    desk.go(f"/case/{case.pk}/")
    desk.page.get_by_text("HY-2025-004417").first.click()
    desk.shoot("case-with-charges-zh")
    desk.page.get_by_role("link", name="对账单").first.click()
    desk.shoot("statement-zh")
    desk.shoot("statement-zh-narrow", width=390)
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.page.get_by_role("button", name="登记还款").click()
    desk.page.fill("#enter-amount", "1,000.00")
    desk.page.fill("#enter-reference", "K-778")
    desk.shoot("enter-payment", whole=False)
    desk.page.get_by_role("button", name="登记", exact=True).click()
    desk.page.get_by_text("已登记").wait_for()

    boss = open_desk()
    boss.sign_in(lead)
    boss.go("/incoming/?tab=to_confirm")
    boss.shoot("confirm-zh")
    boss.page.get_by_role("button", name="复核通过").click()
    boss.page.get_by_text("已处理。").wait_for()
    assert Balance.objects.get(account=loan).total == before - 100_000
    boss.go("/incoming/")
    boss.shoot("incoming-zh")
    boss.shoot("incoming-zh-narrow", width=390)
    boss.page.set_viewport_size({"width": 1440, "height": 900})
    boss.page.get_by_role("link", name="认领", exact=True).first.click()
    boss.shoot("incoming-one-zh")
    boss.shoot("incoming-one-zh-narrow", width=390)
    boss.page.set_viewport_size({"width": 1440, "height": 900})
    boss.page.get_by_role("checkbox", name="HY-2025-004417").check()
    boss.page.get_by_role("button", name="入账").click()
    boss.page.get_by_text("已入账。").wait_for()
    assert Balance.objects.get(account=loan).total == before - 410_000
    boss.go("/approvals/")
    boss.shoot("waivers-zh")
    boss.speak("en")
    boss.go("/incoming/")
    boss.shoot("incoming-en")
    boss.page.get_by_role("link", name="Assign").first.click()
    boss.shoot("incoming-one-en")
    boss.go(f"/case/{case.pk}/account/{loan.pk}/statement/")
    boss.shoot("statement-en")
    boss.shoot("statement-en-narrow", width=390)
