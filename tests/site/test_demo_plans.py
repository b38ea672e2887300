"""The demo's plans go through the verbs of the pages, and become what their lives say."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import Sum

import stories
from fairdue.accounts.models import Book, Incoming, Placement, Transfer, Waiver
from fairdue.agreements.models import Approval, Plan
from fairdue.flows import plans
from fairdue.site import demo_plans
from fairdue.staff.models import Authority, Role

NOW = stories.utc("2026-11-29T10:00+08:00")
TODAY = date(2026, 11, 29)
pytestmark = pytest.mark.django_db


@pytest.fixture
def lender():
    """Twenty-four debts, five months late when they were placed in August; six more are too large for a collector."""
    for name, role in (
        ("collector", Role.COLLECTOR),
        ("maria", Role.COLLECTOR),
        ("lead", Role.LEAD),
        ("uslead", Role.LEAD),
    ):
        who = stories.user(role, username=name)
        limits = {"plan": 2_000_000} if role == Role.COLLECTOR else {"plan": 50_000_000, "settle": 5_000_000}
        for kind, cents in limits.items():
            Authority.objects.create(user=who, kind=kind, currency="CNY", limit_cents=cents)
    lender = stories.creditor("cn-lender")
    placement = Placement.objects.create(creditor=lender, reference="B202608", placed_on=date(2026, 8, 20))
    for n in range(30):
        cents = 300_000 + 10_000 * n if n < 24 else 3_000_000
        debtor = stories.person(region="310115")
        stories.account(debtor, lender, principal=cents, dues={date(2026, 3, 15): cents}, placed_on=date(2026, 8, 20),
                        placement=placement)  # fmt: skip
        stories.case(debtor, lender)
    return lender


def test_plans_become_what_their_lives_say(lender):
    """Of twelve: two settled, one paid, three broken, one late now, five kept; nothing before its day."""
    assert demo_plans.past_plans(now=NOW) == 12
    plans.judge(today=TODAY, now=NOW)
    assert Counter(Plan.objects.values_list("status", flat=True)) == {
        "completed": 3, "broken": 3, "at_risk": 1, "active": 5,
    }  # fmt: skip
    assert Plan.objects.filter(kind="settlement", status="completed", discount__gt=0).count() == 2
    for plan in Plan.objects.all():
        assert plan.starts_on >= date(2026, 8, 20)
        assert plan.turned_on is None or plan.starts_on < plan.turned_on <= TODAY
        assert plan.offer.burden <= 80
    for plan in Plan.objects.all():  # every cent a plan counts as paid is a posting of its account
        posted = Transfer.objects.filter(account=plan.account, target=Book.CLEARING).aggregate(sum=Sum("cents"))["sum"]
        assert plan.paid == (posted or 0)


def test_the_same_is_told_every_time(lender):
    told = []
    for _ in range(2):
        with transaction.atomic():
            demo_plans.past_plans(now=NOW)
            told.append(
                list(Plan.objects.order_by("pk").values_list("account", "total", "discount", "starts_on", "last_on"))
            )
            transaction.set_rollback(True)
    assert told[0] == told[1]
    assert len({row[0] for row in told[0]}) == 12


def test_what_is_beyond_the_collector_waits_for_somebody_else(lender):
    demo_plans.past_plans(now=NOW)
    assert demo_plans.waiting(now=NOW) == 7
    assert set(Approval.objects.values_list("answer", "asked_by__username")) == {("waiting", "collector")}
    assert Approval.objects.count() == 3
    assert set(Waiver.objects.values_list("status", flat=True)) == {"asked"}
    assert Incoming.objects.filter(status="to_confirm", happened_on=TODAY - timedelta(1)).count() == 2
