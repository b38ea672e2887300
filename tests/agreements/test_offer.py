"""Budgets, offers, counter-offers; who may agree what, and whose word it needs."""

import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

import stories
from fairdue.accounts.services import age
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Approval, Budget, Offer, Plan
from fairdue.agreements.services import AgreementRefused, Beyond, limits_of, offer, take_budget
from fairdue.agreements.services.terms import spare_of
from fairdue.flows import plans
from fairdue.money.plans import Terms

sys.path.insert(0, str(Path(__file__).parent))
import plan_stories as tell
from plan_stories import DAY, FIRST, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return tell.set_up()


def test_a_budget_says_what_is_left_over(scene):
    """8,000.00 less 3,500.00 named (more than the 2,800.00 a household of two keeps) less 300.00 of other debts."""
    assert (scene.budget.allowance, scene.budget.free) == (280_000, 420_000)


def test_the_same_budget_twice_is_one(scene):
    facts = {"case": scene.case, "income": 500_000, "household": 1, "spending": {"food": 100_000}, "other_debts": 0}
    first = take_budget(willing=True, by=scene.collector, now=NOW, **facts)
    assert take_budget(willing=True, by=scene.collector, now=NOW + timedelta(minutes=1), **facts) == first
    assert Budget.objects.count() == 2


@pytest.mark.parametrize(
    ("facts", "code"), [({"household": 0}, "household"), ({"income": -1}, "amount"), ({"spending": {"x": 1}}, "amount")]
)
def test_a_budget_that_cannot_be_is_refused(scene, facts, code):
    given = {"income": 1, "household": 1, "spending": {}, "other_debts": 0, "willing": True} | facts
    with pytest.raises(AgreementRefused) as no:
        take_budget(case=scene.case, by=None, now=NOW, **given)
    assert no.value.code == code


def test_plans_on_other_accounts_come_first(scene):
    tell.agreed(scene)  # 2,000.00 a month
    other = stories.account(scene.case.person, scene.case.creditor, principal=100_000)
    assert spare_of(scene.budget, other) == 220_000
    assert spare_of(scene.budget, scene.loan) == 420_000


def test_every_offer_and_counter_offer_is_kept_and_one_is_on_the_table(scene):
    tell.offer(scene)
    tell.offer(scene, count=24, side=Offer.Side.THEIRS)
    tell.offer(scene, count=12)
    assert list(Offer.objects.order_by("pk").values_list("side", "status")) == [
        ("ours", "replaced"),
        ("theirs", "replaced"),
        ("ours", "open"),
    ]


def test_the_same_offer_twice_is_one(scene):
    assert tell.offer(scene) == tell.offer(scene)


def test_more_than_the_household_can_spare_is_not_offered(scene):
    with pytest.raises(AgreementRefused, match="80 %"):
        tell.offer(scene, count=3)
    assert not Offer.objects.exists()


def test_their_offer_beyond_the_limits_is_kept_with_the_reason_and_never_accepted(scene):
    theirs = tell.offer(scene, count=60, side=Offer.Side.THEIRS)
    assert theirs.reasons[0]["code"] == "months"
    with pytest.raises(AgreementRefused) as no:
        plans.agree(offer=theirs, by=scene.collector, now=NOW, attempt=tell.call(scene))
    assert no.value.code == "not_allowed"


def test_a_card_plan_follows_the_regulators_conditions():
    """Sixty months at most; only when the debt exceeds the ability to pay, and only with somebody willing."""
    card = tell.set_up(product="credit_card", income=650_000)
    limits = limits_of(card.loan, card.budget)
    assert limits.months == 60
    assert "Art. 70" in limits.sources["months"]["en"]
    assert limits.barred == ()
    rich = tell.set_up(product="credit_card", income=1_500_000)
    assert [r.code for r in limits_of(rich.loan, rich.budget).barred] == ["ability"]
    Budget.objects.filter(pk=card.budget.pk).update(willing=False)
    card.budget.refresh_from_db()
    assert [r.code for r in limits_of(card.loan, card.budget).barred] == ["willing"]


def test_two_plans_together_may_not_ask_more_than_is_left_over():
    """Given two offers of 3,000.00 a month on two accounts, each fine alone, and 4,200.00 left over; then the second is
    refused once the first is agreed."""
    scene = tell.set_up()
    other = stories.account(scene.case.person, scene.case.creditor, principal=600_000)
    age(as_of=tell.DAY, accounts=[other.pk])
    first = tell.offer(scene, count=4)
    assert (first.monthly, first.reasons) == (300_000, [])
    second = agreements.offer(
        case=scene.case, account=other, budget=scene.budget, kind="equal", discount=0, by=scene.collector, now=NOW,
        terms=Terms(made_on=tell.DAY, first_on=tell.FIRST, count=2, unit=100),
    )  # fmt: skip
    assert second.reasons == []
    plans.agree(offer=first, by=scene.collector, now=NOW, attempt=tell.call(scene))
    with pytest.raises(AgreementRefused) as no:
        plans.agree(offer=second, by=scene.collector, now=NOW, attempt=tell.call(scene))
    assert no.value.code == "no_room"
    assert "1,200.00" in no.value.en


def test_a_card_of_elsewhere_is_a_loan_like_any_other():
    card = tell.set_up(product="credit_card", income=1_500_000)
    card.loan.creditor.jurisdiction = "us"
    limits = limits_of(card.loan, card.budget)
    assert (limits.months, limits.barred) == (36, ())
    assert "Art." not in limits.sources["months"]["en"]


def test_the_rest_of_the_plan_in_force_cannot_be_offered_anew(scene):
    plan = tell.agreed(scene)
    tell.pay(scene, 200_000, FIRST, "P1")
    later = stories.utc("2026-03-26T10:00+08:00")
    with pytest.raises(AgreementRefused) as no:
        tell.offer(scene, count=5, now=later, terms={"made_on": later.date(), "first_on": date(2026, 4, 25)})
    assert no.value.code == "in_force"
    assert str(plan.pk) in no.value.en
    assert tell.offer(scene, count=4, now=later, terms={"made_on": later.date(), "first_on": date(2026, 4, 25)})


@pytest.mark.parametrize(
    ("late", "kind", "says"),
    [
        (40, "settlement", "nothing may be let go at M2; from M3 on up to 5 % of what is owed"),
        (70, "settlement", "up to 5 % of what is owed may be let go at M3, CNY 600.00; nothing before M3"),
        (100, "settlement", "up to 10 % of what is owed may be let go at M4, CNY 1,200.00; nothing before M3"),
        (40, "equal", "a plan lets go interest and fees alone, at most CNY 1,000.00"),
    ],
)
def test_what_may_be_let_go_is_said_in_words(late, kind, says):
    scene = tell.set_up(late=late)
    theirs = tell.offer(scene, count=3, kind=kind, discount=300_000, side=Offer.Side.THEIRS)
    reason = next(reason for reason in theirs.reasons if reason["code"] == "discount")
    assert (reason["says"]["en"], reason["cites"]["en"]) == (says, "Firm policy")


def test_within_ones_authority_nobody_needs_to_be_asked(scene):
    assert tell.offer(scene).needs == []


def test_beyond_it_somebody_else_says_yes(scene):
    trainee = stories.user(team=scene.collector.team)
    deal = tell.offer(scene, by=trainee)
    assert deal.needs == ["plan"]
    approval = agreements.ask(offer=deal, by=trainee, now=NOW, why="两人商量过")
    assert agreements.ask(offer=deal, by=trainee, now=NOW, why="again") == approval
    given = agreements.decide(approval=approval, by=scene.lead, now=NOW, give=True)
    assert (given.answer, given.decided_by) == ("given", scene.lead)
    assert plans.agree(offer=deal, by=trainee, now=NOW, attempt=tell.call(scene, by=trainee)).status == "active"


def decided(scene, approval, by):
    with pytest.raises(AgreementRefused) as no:
        agreements.decide(approval=approval, by=by, now=NOW, give=True)
    return no.value.code


def test_four_eyes_and_enough_authority(scene):
    old = tell.set_up(late=100, income=1_200_000)
    deal = tell.offer(old, count=3, kind="settlement", discount=110_000, by=old.lead)
    assert deal.needs == []
    Offer.objects.filter(pk=deal.pk).update(needs=["settle"])
    deal.refresh_from_db()
    approval = agreements.ask(offer=deal, by=old.collector, now=NOW, why="")
    poor = stories.user("lead", team=old.lead.team)
    assert decided(old, approval, old.collector) == "four_eyes"
    assert decided(old, approval, old.lead) == "four_eyes"  # it is his own offer
    assert decided(old, approval, stories.user()) == "not_entitled"
    assert decided(old, approval, poor) == "authority"
    refusal = agreements.decide(approval=approval, by=poor, now=NOW, give=False, words="太多")
    assert refusal.answer == "refused"  # to say no takes no authority


def test_a_second_word_changes_nothing(scene):
    deal = tell.offer(scene, by=stories.user())
    approval = agreements.ask(offer=deal, by=scene.collector, now=NOW, why="")
    agreements.decide(approval=approval, by=scene.lead, now=NOW, give=False)
    again = agreements.decide(approval=approval, by=scene.lead, now=NOW, give=True)
    assert again.answer == "refused"
    assert Approval.objects.count() == 1


def test_what_goes_beyond_is_named_with_what_was_asked_and_the_limit(scene):
    tell.authority(scene.collector, waive=1_000)
    deal = tell.offer(scene, count=6, discount=5_000)
    assert agreements.beyond(deal) == [Beyond("waive", asked=5_000, limit=1_000)]


def test_after_two_that_failed_a_third_plan_needs_a_lead(scene):
    for count in (8, 10, 12):
        tell.agreed(scene, count=count)
    assert Plan.objects.filter(status="replaced").count() == 2
    deal = tell.offer(scene, count=6)
    assert deal.needs == ["replan"]
    assert agreements.beyond(deal) == [Beyond("replan", asked=2, limit=2)]
    assert tell.offer(scene, count=6, by=scene.lead).needs == []


def test_an_account_of_another_case_is_refused(scene):
    other = tell.set_up()
    with pytest.raises(AgreementRefused) as no:
        offer(
            case=scene.case, account=other.loan, budget=scene.budget, terms=Terms(DAY, DAY), kind="equal", discount=0,
            by=None, now=NOW,
        )  # fmt: skip
    assert no.value.code == "account"


def test_a_declined_offer_is_off_the_table(scene):
    deal = tell.offer(scene)
    assert agreements.decline(offer=deal, by=scene.collector, now=NOW, why="太高")
    assert not agreements.decline(offer=deal, by=scene.collector, now=NOW, why="again")
