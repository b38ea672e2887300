"""From "I can't" to the last instalment: everything follows by itself."""

import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

import stories
from fairdue.accounts import services as ledger
from fairdue.accounts.models import Account, Ageing, Balance, Payment, Transfer
from fairdue.accounts.services import restart_limitation
from fairdue.agreements.models import Instalment, Offer, Plan
from fairdue.agreements.services import AgreementRefused, issue_code, make
from fairdue.cases.models import Hold, WorkItem
from fairdue.contact import services as door
from fairdue.contact.models import Attempt, Outcome
from fairdue.desk.pages.debts import debts_of
from fairdue.flows import payment, plans
from fairdue.journal.models import Entry
from fairdue.law.calc.limitation import Act

sys.path.insert(0, str(Path(__file__).parents[1] / "agreements"))
import plan_stories as tell
from plan_stories import DAY, NOW, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return tell.set_up()


def night(on: date) -> plans.Judged:
    return plans.judge(today=on, now=stories.utc(f"{on.isoformat()}T02:00+08:00"))


def state(plan) -> tuple[str, int, int]:
    plan.refresh_from_db()
    return plan.status, plan.paid, plan.late


def ageing(scene, on: date) -> tuple[int, int, int]:
    """Past due, days, bucket as worked out for a day."""
    Ageing.objects.all().delete()
    ledger.age(as_of=on, accounts=[scene.loan.pk])
    row = Ageing.objects.get(account=scene.loan)
    return row.past_due, row.days_past_due, row.bucket


def test_an_agreed_plan_makes_the_account_current_and_the_case_silent(scene):
    item = WorkItem.objects.create(
        on=DAY, case=scene.case, user=scene.collector, rank=1, score=1, action="call", window_start=NOW,
        window_end=NOW + timedelta(hours=9),
    )  # fmt: skip
    promise = make(case=scene.case, account=scene.loan, cents=1_000, due_on=DAY, made_on=DAY, by=None)
    assert ageing(scene, DAY) == (400_000, 40, 2)
    plan = tell.agreed(scene)
    assert [(i.due_on, i.cents) for i in plan.instalments.order_by("n")][:2] == [
        (date(2026, 3, 25), 200_000),
        (date(2026, 4, 25), 200_000),
    ]
    assert ageing(scene, DAY) == (0, 0, 0)
    hold = Hold.objects.get(lifted_at=None)
    assert (hold.kind, hold.account) == ("plan", scene.loan)
    item.refresh_from_db()
    promise.refresh_from_db()
    assert (item.status, item.done_how, promise.status) == ("dropped", "plan", "withdrawn")


def test_while_it_is_kept_the_gate_holds_every_call(scene):
    plan = tell.agreed(scene)
    point = scene.case.person.contact_points.get()
    answer = door.ask(case=scene.case, contact_point=point, channel=stories.CALL, by=scene.collector, now=NOW, key="1")
    assert "house.plan-kept" in {reason.rule for reason in answer.reasons}
    assert plan.how == "call"


def test_money_that_arrives_turns_into_kept_instalments(scene):
    plan = tell.agreed(scene)
    pay(scene, 200_000, date(2026, 3, 25), "P1")
    pay(scene, 250_000, date(2026, 4, 20), "P2")
    assert state(plan) == ("active", 450_000, 0)
    assert [i.paid for i in plan.instalments.all()] == [200_000, 200_000, 50_000, 0, 0, 0]
    assert ageing(scene, date(2026, 5, 1)) == (0, 0, 0)


def test_the_ledger_takes_from_each_component_what_the_schedule_says(scene):
    """Interest 1,000.00 comes first, then principal: to the cent as in the plan."""
    plan = tell.agreed(scene)
    first = plan.instalments.get(n=1)
    receipt = pay(scene, 200_000, date(2026, 3, 25), "P1")
    assert receipt.applied == {"interest": first.interest, "principal": first.principal}
    assert (first.interest, first.principal) == (100_000, 100_000)


def test_a_missed_instalment_is_at_risk_then_cured(scene):
    plan = tell.agreed(scene)
    assert night(date(2026, 3, 28)).turned == ()  # two days for money under way
    assert night(date(2026, 3, 29)).count(Plan.Status.AT_RISK) == 1
    assert not Hold.objects.filter(lifted_at=None).exists()  # help may be offered
    pay(scene, 200_000, date(2026, 4, 7), "P1")
    assert state(plan) == ("active", 200_000, 0)
    assert Hold.objects.filter(lifted_at=None, kind="plan").count() == 1


def test_a_broken_plan_brings_the_original_dues_back(scene):
    """Late from 28 March; broken after ten days of cure, on 7 April. Asked for any day, ageing answers as of that day."""
    plan = tell.agreed(scene)
    night(date(2026, 3, 29))
    assert night(date(2026, 4, 7)).turned == ()
    assert night(date(2026, 4, 8)).count(Plan.Status.BROKEN) == 1
    plan.refresh_from_db()
    assert (plan.status, plan.turned_on) == ("broken", date(2026, 4, 7))
    assert ageing(scene, date(2026, 4, 8)) == (800_000, 76, 3)  # since 22 January again; the due of 23 March as well
    assert ageing(scene, date(2026, 4, 6)) == (200_000, 12, 1)  # under the plan: the instalment of 25 March
    assert ageing(scene, date(2026, 3, 2)) == (400_000, 39, 2)  # before it


def test_a_payment_learned_of_late_makes_a_broken_plan_whole_again(scene):
    """What we said then stays answerable: on 9 April the plan counted as broken."""
    plan = tell.agreed(scene)
    night(date(2026, 3, 29))
    night(date(2026, 4, 8))
    then = stories.utc("2026-04-09T12:00+08:00")
    payment.receive(
        creditor=scene.loan.creditor, account=scene.loan, reference="late", cents=200_000, currency="CNY",
        happened_on=date(2026, 3, 24), now=stories.utc("2026-04-10T12:00+08:00"),
    )  # fmt: skip
    assert state(plan) == ("active", 200_000, 0)
    assert ageing(scene, date(2026, 4, 10)) == (0, 0, 0)
    on = date(2026, 4, 9)
    assert ledger.standing(account=scene.loan, on=on).plan == plan.pk
    assert ledger.standing(account=scene.loan, on=on, known_at=then) is None
    assert Hold.objects.filter(lifted_at=None, kind="plan").count() == 1


def test_a_bounced_payment_puts_the_plan_at_risk_from_the_day_it_went_back(scene):
    plan = tell.agreed(scene)
    got = pay(scene, 200_000, date(2026, 3, 25), "P1")
    payment.reverse(
        payment=Payment.objects.get(pk=got.payment_id), reference="R1", happened_on=date(2026, 4, 2),
        now=stories.utc("2026-04-02T12:00+08:00"),
    )  # fmt: skip
    assert state(plan) == ("at_risk", 0, 200_000)
    night(date(2026, 4, 3))
    assert state(plan)[0] == "at_risk"


def test_a_completed_plan_ends_in_an_account_paid(scene):
    plan = tell.agreed(scene)
    for n, due in enumerate(plan.instalments.order_by("n")):
        pay(scene, due.cents, due.due_on, f"P{n}")
    assert state(plan) == ("completed", 1_200_000, 0)
    scene.loan.refresh_from_db()
    assert scene.loan.status == "paid"
    assert not Hold.objects.filter(lifted_at=None).exists()


@pytest.fixture
def old():
    """A debt of a hundred days, and 8,200.00 a month left over: 10 % may be let go."""
    return tell.set_up(late=100, income=1_200_000)


def settled(scene):
    deal = tell.offer(scene, count=3, kind="settlement", discount=60_000, by=scene.lead)
    return plans.agree(offer=deal, by=scene.lead, now=NOW, attempt=tell.call(scene, by=scene.lead))


def test_a_settlement_lets_the_rest_go_only_when_all_is_paid(old):
    scene, plan = old, settled(old)
    dues = list(plan.instalments.order_by("n"))
    assert [d.cents for d in dues] == [380_000] * 3
    pay(scene, 380_000, date(2026, 3, 25), "P1")
    pay(scene, 379_999, date(2026, 4, 25), "P2")
    pay(scene, 380_000, date(2026, 4, 26), "P3")
    assert not Transfer.objects.filter(target=22).exists()
    assert Balance.objects.get(account=scene.loan).total == 60_001
    pay(scene, 1, date(2026, 4, 27), "P4")
    assert state(plan)[0] == "completed"
    assert sum(t.cents for t in Transfer.objects.filter(target=22)) == 60_000
    assert (Balance.objects.get(account=scene.loan).total, Account.objects.get(pk=scene.loan.pk).status) == (0, "paid")
    assert ageing(scene, date(2026, 5, 30)) == (0, 0, 0)
    assert Entry.objects.filter(verb="debt.let_go").count() == 1


def test_what_was_let_go_stands_again_when_the_money_goes_back(old):
    scene, plan = old, settled(old)
    pay(scene, 1_139_999, date(2026, 3, 20), "P1")
    last = pay(scene, 1, date(2026, 3, 21), "P2")
    assert state(plan)[0] == "completed"
    payment.reverse(
        payment=Payment.objects.get(pk=last.payment_id), reference="R1", happened_on=date(2026, 3, 22),
        now=stories.utc("2026-03-22T12:00+08:00"),
    )  # fmt: skip
    assert state(plan) == ("active", 1_139_999, 0)
    assert Balance.objects.get(account=scene.loan).total == 60_001
    assert Account.objects.get(pk=scene.loan.pk).status == "open"
    pay(scene, 1, date(2026, 3, 23), "P3")
    assert (state(plan)[0], Balance.objects.get(account=scene.loan).total) == ("completed", 0)


def test_money_before_the_plan_does_not_count_for_it(scene):
    pay(scene, 300_000, date(2026, 3, 1), "early")
    plan = tell.agreed(scene)
    night(date(2026, 3, 29))
    assert state(plan) == ("at_risk", 0, 150_000)


def test_a_new_plan_replaces_the_live_one_and_ageing_follows(scene):
    first = tell.agreed(scene)
    pay(scene, 200_000, date(2026, 3, 3), "P1")
    second = tell.agreed(scene, count=10)
    assert (state(first)[0], state(second)) == ("replaced", ("active", 0, 0))
    assert second.total == 1_000_000
    assert ledger.standing(account=scene.loan, on=date(2026, 4, 1)).plan == second.pk
    hold = Hold.objects.get(lifted_at=None, kind="plan")
    assert hold.reason == f"还款计划 {second.pk} 正在履行 · Plan {second.pk} is being kept"
    night(date(2026, 3, 29))
    assert state(second) == ("at_risk", 0, 100_000)


def test_saying_yes_twice_is_one_plan(scene):
    deal, talk = tell.offer(scene), tell.call(scene)
    one = plans.agree(offer=deal, by=scene.collector, now=NOW, attempt=talk)
    assert plans.agree(offer=deal, by=scene.collector, now=NOW, attempt=talk) == one
    assert (Plan.objects.count(), Instalment.objects.count()) == (1, 6)
    assert Entry.objects.filter(verb="plan.agreed").count() == 1


def refused(**facts) -> str:
    with pytest.raises(AgreementRefused) as no:
        plans.agree(**({"by": None, "now": NOW} | facts))
    return no.value.code


def test_acceptance_needs_ones_own_call_with_the_debtor_in_hand_or_the_code(scene):
    deal, own = tell.offer(scene), {"by": scene.collector}
    assert refused(offer=deal) == "no_call"
    for other in (
        tell.call(scene, NOW - timedelta(hours=3)),
        tell.call(scene, by=scene.lead),
        Attempt.objects.create(
            happened_at=NOW, creditor=scene.case.creditor, person=scene.case.person, addressee=stories.person("刘芳"),
            channel=stories.CALL, by=scene.collector,
        ),
    ):  # fmt: skip
        assert refused(offer=deal, attempt=other, **own) == "no_call"
    code = issue_code(offer=deal, by=scene.collector)
    assert refused(offer=deal, code="x") == "code"
    assert plans.agree(offer=deal, by=None, now=NOW, code=code).how == "code"


@pytest.mark.parametrize(
    ("kind", "minutes", "agreed"),
    [("call_back", 5, True), ("call_back", 11, False), ("no_answer", 5, False), ("plan", 11, False)],
)
def test_a_call_that_ended_long_ago_or_reached_nobody_proves_nothing(scene, kind, minutes, agreed):
    talk = tell.call(scene, NOW - timedelta(minutes=30))
    door.record_outcome(attempt=talk, kind=Outcome.Kind(kind), by=scene.collector, now=NOW - timedelta(minutes=minutes))
    deal = tell.offer(scene)
    if agreed:
        assert plans.agree(offer=deal, by=scene.collector, now=NOW, attempt=talk).attempt_id == talk.pk
    else:
        assert refused(offer=deal, by=scene.collector, attempt=talk) == "no_call"


def test_a_code_is_void_after_five_wrong_ones(scene):
    deal = tell.offer(scene)
    code = issue_code(offer=deal, by=scene.collector)
    assert [refused(offer=deal, code="000x") for _ in range(5)] == ["code"] * 5
    assert refused(offer=deal, code=code) == "code"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda s, o: Offer.objects.filter(pk=o.pk).update(expires_on=DAY - timedelta(days=1)), "expired"),
        (lambda s, o: pay(s, 100, DAY, "P1"), "debt_changed"),
        (lambda s, o: tell.offer(s, count=8), "off_the_table"),
        (lambda s, o: Offer.objects.filter(pk=o.pk).update(needs=["plan"]), "not_approved"),
    ],
)
def test_what_changed_meanwhile_is_not_agreed(scene, change, code):
    deal = tell.offer(scene)
    change(scene, deal)
    assert refused(offer=deal, by=scene.collector, attempt=tell.call(scene)) == code
    assert not Plan.objects.exists()


def test_the_night_ages_as_a_payment_does(scene):
    """One account by name and all of them at once, before, under and after the plan: the same figures."""
    pay(scene, 30_000, date(2026, 3, 1), "P0")
    tell.agreed(scene)
    pay(scene, 150_000, date(2026, 3, 26), "P1")
    night(date(2026, 4, 20))
    for on in (date(2026, 3, 2), date(2026, 3, 10), date(2026, 3, 30), date(2026, 4, 6), date(2026, 4, 20)):
        by_name = ageing(scene, on)
        Ageing.objects.all().delete()
        ledger.age_all(as_of=on)
        row = Ageing.objects.get(account=scene.loan)
        assert (row.past_due, row.days_past_due, row.bucket) == by_name, on


def test_without_plans_a_payment_asks_nothing_more(scene, django_assert_max_num_queries):
    with django_assert_max_num_queries(11):
        pay(scene, 1_000, DAY, "P1")


def test_nothing_is_charged_while_a_plan_is_kept_and_again_once_it_broke(scene):
    """24 % a year on 11,000.00 is 7.23 a day: none from the day of the agreement to the eve of the break, 7 April."""
    ledger.set_terms(account=scene.loan, rate=240_000, since=DAY)
    plan = tell.agreed(scene)
    ledger.accrue(upto=date(2026, 3, 28))
    assert Balance.objects.get(account=scene.loan).total == 1_200_000
    night(date(2026, 3, 29))
    night(date(2026, 4, 8))
    assert state(plan)[0] == "broken"
    ledger.accrue(upto=date(2026, 4, 9))
    grown = Balance.objects.get(account=scene.loan).total - 1_200_000
    assert 3 * 720 <= grown <= 3 * 730


@pytest.mark.parametrize(
    ("was", "until"), [(date(2026, 10, 1), date(2029, 8, 25)), (date(2025, 6, 1), date(2029, 8, 25))]
)
def test_an_agreed_plan_starts_the_limitation_period_anew(scene, was, until):
    """Six instalments, the last on 25 August 2026: three years from then, also where the period was over before."""
    Account.objects.filter(pk=scene.loan.pk).update(limitation_on=was)
    plan = tell.agreed(scene)
    scene.loan.refresh_from_db()
    assert plan.instalments.order_by("-n").first().due_on == date(2026, 8, 25)
    assert scene.loan.limitation_on == until
    told = Entry.objects.get(verb="limitation.restarted").data
    assert (told["was"], told["until"], told["plan"]) == (was.isoformat(), until.isoformat(), plan.pk)
    [debt] = debts_of(person_id=scene.loan.debtor_id, creditor_id=scene.loan.creditor_id, payments=[], today=DAY)
    assert "Civil Code Art. 195" in debt.limitation


@pytest.mark.parametrize(
    ("jurisdiction", "was"), [("us", date(2026, 10, 1)), ("cn", None), ("cn", date(2030, 1, 1))], ids=str
)
def test_no_other_limitation_moves(scene, jurisdiction, was):
    """Elsewhere no fact was read, an unknown day stays unknown, a later day stays."""
    Account.objects.filter(pk=scene.loan.pk).update(limitation_on=was)
    scene.loan.refresh_from_db()
    type(scene.loan.creditor).objects.filter(pk=scene.loan.creditor_id).update(jurisdiction=jurisdiction)
    act = Act(DAY, "promise_to_pay", new_due=date(2026, 8, 25))
    assert restart_limitation(account=scene.loan, act=act, by=scene.collector, now=NOW, plan=1) is None
    scene.loan.refresh_from_db()
    assert scene.loan.limitation_on == was
    assert not Entry.objects.filter(verb="limitation.restarted").exists()


def test_what_was_paid_before_a_plan_does_not_complete_it(scene):
    """7,000.00 came in January; the plan asks the other 5,000.00 in two parts: completed with the second, in April."""
    pay(scene, 700_000, date(2026, 1, 20), "before")
    plan = tell.agreed(scene, count=2)
    assert (plan.total, plan.paid, plan.status) == (500_000, 0, "active")
    pay(scene, 250_000, date(2026, 3, 25), "first")
    assert state(plan) == ("active", 250_000, 0)
    pay(scene, 250_000, date(2026, 4, 24), "second")
    assert state(plan) == ("completed", 500_000, 0)
    assert plan.turned_on == date(2026, 4, 24)
