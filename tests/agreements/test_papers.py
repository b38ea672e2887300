"""The agreement says what it must, in the borrower's language; a discharge only when nothing is owed."""

import sys
from datetime import date
from pathlib import Path

import pytest

from fairdue.agreements.papers import discharged, paper_of
from fairdue.flows import plans
from fairdue.people.models import Person

sys.path.insert(0, str(Path(__file__).parent))
import plan_stories as tell
from plan_stories import NOW, pay

pytestmark = pytest.mark.django_db


def words(paper):
    return "\n".join(line for part in paper.parts for line in (part.title, *part.says))


def test_the_agreement_holds_what_it_must():
    scene = tell.set_up(product="credit_card", income=650_000)
    plan = tell.agreed(scene, count=6)
    text = words(paper_of(plan, "agreement"))
    for must in (
        "12,000.00 元",
        "本金 11,000.00 元，利息 1,000.00 元",
        "共 6 期",
        "不再计收年费、利息",
        "申领信用卡",
        "不再催收",
        "10 天",
    ):
        assert must in text
    assert len(paper_of(plan, "agreement").rows) == 6


def test_a_loan_says_nothing_of_cards_and_english_is_english():
    scene = tell.set_up()
    plan = tell.agreed(scene)
    Person.objects.filter(pk=scene.case.person_id).update(language="en")
    plan.person.refresh_from_db()
    text = words(paper_of(plan, "agreement"))
    assert "credit card" not in text
    assert "6 instalments from 2026-03-25 to 2026-08-25, CNY 12,000.00 in all" in text


def test_a_discharge_names_what_was_let_go():
    scene = tell.set_up(late=100, income=1_200_000)
    deal = tell.offer(scene, count=3, kind="settlement", discount=60_000, by=scene.lead)
    plan = plans.agree(offer=deal, by=scene.lead, now=NOW, attempt=tell.call(scene))
    assert not discharged(plan)
    pay(scene, 1_140_000, date(2026, 3, 20), "P1")
    plan.refresh_from_db()
    plan.account.refresh_from_db()
    assert discharged(plan)
    assert "余额 600.00 元 已于 2026-03-20 减免" in words(paper_of(plan, "discharge"))
