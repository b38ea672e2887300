"""The agreement says what it must, in the borrower's language; a discharge only when nothing is owed."""

import sys
from datetime import date
from pathlib import Path

import pytest

from fairdue.accounts.models import Book, Transfer
from fairdue.agreements.papers import discharged, paper_of
from fairdue.flows import plans
from fairdue.people.models import Person

sys.path.insert(0, str(Path(__file__).parent))
import plan_stories as tell
from plan_stories import DAY, NOW, pay

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


def test_interest_and_penalty_interest_stand_apart_as_in_the_statement():
    scene = tell.set_up()
    Transfer.objects.create(account=scene.loan, source=Book.PLACED, target=Book.PENALTY, cents=15_620, happened_on=DAY)
    plan = tell.agreed(scene, count=6)
    paper = paper_of(plan, "agreement")
    assert "12,156.20 元，币种 CNY：本金 11,000.00 元，利息 1,000.00 元，罚息 156.20 元。" in words(paper)
    assert paper.columns == ("本金", "利息", "罚息")
    assert [sum(column) for column in zip(*(row.parts for row in paper.rows), strict=True)] == plan.parts[:3]
    assert all(sum(row.parts) == row.cents for row in paper.rows)


def test_an_older_plan_says_that_penalty_interest_is_in_the_interest():
    scene = tell.set_up()
    plan = tell.agreed(scene, count=6)
    plan.parts = []
    paper = paper_of(plan, "agreement")
    assert "本金 11,000.00 元，利息（含罚息） 1,000.00 元，费用 0.00 元" in words(paper)
    assert paper.rows[0].parts == (100_000, 100_000, 0)


def test_a_call_dialled_by_hand_is_not_called_recorded():
    plan = tell.agreed(tell.set_up())
    text = words(paper_of(plan, "agreement"))
    assert "借款人在通话中同意" in text
    assert "录音" not in text


def test_a_loan_says_nothing_of_cards_and_english_is_english():
    scene = tell.set_up()
    plan = tell.agreed(scene)
    Person.objects.filter(pk=scene.case.person_id).update(language="en")
    plan.person.refresh_from_db()
    text = words(paper_of(plan, "agreement"))
    assert "credit card" not in text
    assert "6 instalments from 25 March 2026 to 25 August 2026, CNY 12,000.00 in all" in text


def test_the_law_of_the_mainland_stands_in_its_own_papers_alone():
    for jurisdiction, holds in (("cn", True), ("us", False)):
        scene = tell.set_up(product="credit_card", income=650_000)
        scene.case.creditor.jurisdiction = jurisdiction
        scene.case.creditor.save(update_fields=["jurisdiction"])
        plan = tell.agreed(scene)
        text = words(paper_of(plan, "agreement"))
        assert ("信用卡" in text, "诉讼时效" in text) == (holds, holds)


def test_a_discharge_names_what_was_let_go():
    scene = tell.set_up(late=100, income=1_200_000)
    deal = tell.offer(scene, count=3, kind="settlement", discount=60_000, by=scene.lead)
    plan = plans.agree(offer=deal, by=scene.lead, now=NOW, attempt=tell.call(scene, by=scene.lead))
    assert not discharged(plan)
    pay(scene, 1_140_000, date(2026, 3, 20), "P1")
    plan.refresh_from_db()
    plan.account.refresh_from_db()
    assert discharged(plan)
    assert "余额 600.00 元 已于 2026-03-20 减免" in words(paper_of(plan, "discharge"))
