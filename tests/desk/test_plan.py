"""The plan inside the case: budget, proposals, terms that move together, the table; the plan desk and the inbox."""

import re
from datetime import timedelta

import pytest
import scene as scenes

import stories
from fairdue.accounts.models import Ageing
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Approval, Budget, Offer, Plan
from fairdue.contact import services as door
from fairdue.contact.models import Attempt, Message, Outcome
from fairdue.flows import payment, plans
from fairdue.law import codes
from fairdue.money.plans import Terms, runs
from fairdue.staff.models import Authority

BUDGET = {"income": "8600", "household": "3", "spend_housing": "2,600", "willing": "on", "days": "25"}


def post(desk, scene, path, **data):
    return desk.post(f"/case/{scene.case.pk}/plan/{path}", data, headers={"HX-Request": "true"})


def words(page):
    """The text of a page."""
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


@pytest.fixture
def budget(desk, scene):
    post(desk, scene, "budget/", **BUDGET)
    return Budget.objects.get()


@pytest.fixture
def loan(scene):
    return scene.case.person.accounts.get(external_ref="HY-2025-004417")


def moved(desk, scene, name, **data):
    path = f"/case/{scene.case.pk}/plan/work-out/"
    return desk.post(path, data, headers={"HX-Request": "true", "HX-Trigger-Name": name})


def test_without_a_budget_the_form_asks_for_it(desk, scene):
    page = desk.get(f"/case/{scene.case.pk}/plan/").content.decode()
    assert 'value="8600.00"' in page  # the income on record
    assert "Talk about this one" not in page


def test_a_budget_brings_three_proposals(desk, scene):
    page = post(desk, scene, "budget/", **BUDGET).content.decode()
    assert page.count("Talk about this one") == 3
    assert Budget.objects.get().free == 300_000  # 8,600.00 less the 5,600.00 that three persons keep in Shanghai


def test_a_proposal_beyond_ones_authority_says_so_on_its_card(desk, scene):
    page = words(post(desk, scene, "budget/", **BUDGET).content.decode())
    assert page.count("Needs approval: the amount of the plan") == 3
    Authority.objects.create(user=scene.collector, kind="plan", currency="CNY", limit_cents=9_000_000)
    assert "Needs approval" not in words(post(desk, scene, "budget/", **BUDGET).content.decode())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"income": "a lot"}, "no amount"),
        ({"household": "0"}, "whole number"),
        ({"days": "32"}, "paydays"),
        ({"first_on": "tomorrow"}, "no day"),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_is_lost(desk, scene, data, words):
    answer = post(desk, scene, "budget/", **(BUDGET | data))
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_every_fault_stands_at_its_field_and_all_that_was_typed_stays(desk, scene):
    typed = {"income": "-4900", "household": "3", "spend_housing": "2,600", "spend_food": "lots", "days": "10, 32",
             "down": "-1", "lump": "500", "other_debts": "80"}  # fmt: skip
    answer = post(desk, scene, "budget/", **typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    for name in ("income", "spend_food", "days", "down"):
        assert f'id="fault-{name}"' in page
    assert page.count('aria-invalid="true"') == 4
    for name in ("income", "spend_housing", "spend_food", "days", "down", "other_debts"):
        assert re.search(rf'name="{name}"[^>]* value="{re.escape(typed[name])}"', page), name
    assert re.search(r'name="lump"[^>]* value="500.00"', page)
    assert 'name="willing" value="on">' in page  # not ticked
    assert not Budget.objects.exists()


def test_terms_that_cannot_be_offered_stay_where_they_were_typed(desk, scene, budget, loan):
    answer = post(desk, scene, "offer/", account=loan.pk, by="count", count="9", discount="much", side="ours")
    page = answer.content.decode()
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#deal")
    assert 'value="much"' in page
    assert 'max="520" value="9"' in page


def test_the_field_touched_last_decides(desk, scene, budget, loan):
    """17,163.50 owed: 1,000.00 a month takes 18; 19 instalments are 904.00."""
    data = {"account": loan.pk, "days": "25", "amount": "1000", "count": "8", "by": "count"}
    page = moved(desk, scene, "amount", **data).content.decode()
    assert 'name="count" type="number" min="1" max="520" value="18"' in page
    page = moved(desk, scene, "count_slide", **data, count_slide="19").content.decode()
    assert 'value="904.00"' in page


def test_an_amount_typed_before_the_last_answer_came_back_decides(desk, scene, budget, loan):
    """The amount was typed, then the day changed at once: the day's request carries both."""
    data = {
        "account": loan.pk,
        "days": "25",
        "amount": "1000",
        "amount_was": "904.00",
        "count": "19",
        "count_was": "19",
    }
    page = moved(desk, scene, "first_on", **data, by="count").content.decode()
    assert 'name="count" type="number" min="1" max="520" value="18"' in page
    post(desk, scene, "offer/", **data, by="count", side="ours")
    assert next(cents for _n, cents in runs([row[1] for row in Offer.objects.get().dues])) == 100_000


def test_what_is_paid_at_once_is_not_counted_as_an_instalment(desk, scene, budget):
    """17,163.50 owed, 100.00 at once: the card counts what is asked each month, and names every amount."""
    page = post(desk, scene, "budget/", **BUDGET, down="100")
    for card in page.context["panel"].cards:
        assert card.times == len(card.proposal.instalments) - 1
        assert sum(n * cents for n, cents in card.amounts) == card.proposal.total
        first = card.amounts[0]
        assert first == (1, 10_000)
        assert f"{card.times} ×</span> <strong>" in page.content.decode()
    assert "100.00" in words(page.content.decode())


def test_reopened_the_panel_knows_when_money_comes(desk, scene, budget, loan):
    first = (scenes.DAY + timedelta(days=12)).isoformat()
    when = {"first_on": first, "days": "5, 20", "down": "100"}
    made = post(desk, scene, "offer/", account=loan.pk, count="24", by="count", side="ours", **when)
    assert made.status_code == 200, words(made.content.decode())
    page = desk.get(f"/case/{scene.case.pk}/plan/", {"account": loan.pk}).content.decode()
    for name, value in (when | {"down": "100.00"}).items():
        assert re.search(rf'id="w-[a-z]+" name="{name}"[^>]* value="{value}"', page), name
    said = desk.get(f"/case/{scene.case.pk}/plan/", {"account": loan.pk}).context["panel"].said
    assert (said.days, said.down) == ((5, 20), 10_000)


def test_nobody_is_said_to_be_willing_before_they_said_so(desk, scene):
    page = desk.get(f"/case/{scene.case.pk}/plan/").content.decode()
    assert 'name="willing" value="on">' in page


def test_terms_take_the_focus_when_opened_and_leave_it_while_moved(desk, scene, budget, loan):
    assert 'data-focus="center"' in moved(desk, scene, "", account=loan.pk, count="12").content.decode()
    assert "data-focus" not in moved(desk, scene, "count", account=loan.pk, count="12").content.decode()


def test_too_much_a_month_says_why_and_cannot_be_offered(desk, scene, budget, loan):
    page = moved(desk, scene, "count", account=loan.pk, count="4").content.decode()
    assert "at most 80 % of what is left over" in page
    assert "Put it on the table" not in page
    answer = post(desk, scene, "offer/", account=loan.pk, count="4", side="ours")
    assert answer.status_code == 422
    assert not Offer.objects.exists()


def test_theirs_is_kept_beside_ours(desk, scene, budget, loan):
    post(desk, scene, "offer/", account=loan.pk, count="12", side="ours")
    page = post(desk, scene, "offer/", account=loan.pk, count="4", side="theirs").content.decode()
    assert list(Offer.objects.order_by("pk").values_list("side", "status")) == [
        ("ours", "replaced"),
        ("theirs", "open"),
    ]
    assert "They agree" not in page
    assert "They say no" not in page
    assert "We say no" in page


def test_a_card_is_shown_the_regulators_article(desk, scene, budget):
    card = scene.case.person.accounts.get(product="credit_card")
    page = moved(desk, scene, "count", account=card.pk, count="61").content.decode()
    assert "CBRC Order 2011 No. 2 Art. 70" in page


def test_no_account_left_says_so(desk, scene):
    scene.case.person.accounts.update(status="paid")
    assert "No open account" in desk.get(f"/case/{scene.case.pk}/plan/").content.decode()


def test_asked_approved_and_agreed(desk, scene, budget, loan, signed_in):
    Authority.objects.create(user=scene.lead, kind="plan", currency="CNY", limit_cents=9_000_000)
    post(desk, scene, "offer/", account=loan.pk, count="12", side="ours")
    deal = Offer.objects.get()
    page = post(desk, scene, f"offer/{deal.pk}/ask/", account=loan.pk, why="换了工作").content.decode()
    assert "Waits for approval" in page
    table = f"/case/{scene.case.pk}/plan/offer/{deal.pk}/"
    assert f'hx-get="{table}" hx-trigger="every 5s"' in page
    beyond = "the plan comes to ¥17,163.50; 陈静 may agree up to ¥0.00 alone"
    assert beyond in page
    assert "11 × ¥1,431.00, last ¥1,422.50" in words(page)
    assert len(re.findall(r'<td class="num">\d+</td>', page)) == 12  # each day and amount
    assert desk.get(table).status_code == 204  # nothing new
    lead = signed_in(scene.lead)
    inbox = lead.get("/approvals/").content.decode()
    for told in ("换了工作", beyond, "11 × ¥1,431.00, last ¥1,422.50"):
        assert told in words(inbox)
    approval = Approval.objects.get()
    lead.post(f"/approvals/{approval.pk}/", {"answer": "give", "words": "好的"})
    page = desk.get(table).content.decode()
    for told in ("Approved", "周敏", "好的", "They agree"):
        assert told in page
    assert "every 5s" not in page
    talk = Attempt.objects.create(
        happened_at=scenes.MORNING, creditor=scene.case.creditor, person=scene.debtor, addressee=scene.debtor,
        channel=codes.Channel.CALL, by=scene.collector,
    )  # fmt: skip
    answer = post(desk, scene, f"offer/{deal.pk}/accept/", account=loan.pk)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/case/{scene.case.pk}/?plan=1&account={loan.pk}")
    page = desk.get(answer["HX-Redirect"]).content.decode()
    assert f'hx-get="/case/{scene.case.pk}/plan/?account={loan.pk}" hx-target="#plan" hx-trigger="click, load"' in page
    assert Plan.objects.get().attempt_id == talk.pk
    assert talk.outcomes.get().kind == "plan"


def test_a_refusal_and_an_offer_taken_back_are_noticed_too(desk, scene, budget, loan, signed_in):
    Authority.objects.create(user=scene.lead, kind="plan", currency="CNY", limit_cents=9_000_000)
    post(desk, scene, "offer/", account=loan.pk, count="12", side="ours")
    deal = Offer.objects.get()
    post(desk, scene, f"offer/{deal.pk}/ask/", account=loan.pk)
    table = f"/case/{scene.case.pk}/plan/offer/{deal.pk}/"
    signed_in(scene.lead).post(f"/approvals/{Approval.objects.get().pk}/", {"answer": "refuse", "words": "太久"})
    page = desk.get(table).content.decode()
    assert "Refused" in page
    assert "太久" in page
    assert "every 5s" not in page
    post(desk, scene, f"offer/{deal.pk}/decline/", account=loan.pk)
    assert desk.get(table).content == b""


def test_after_the_call_the_other_ways_to_agree_are_named(desk, scene, budget, loan):
    Authority.objects.create(user=scene.collector, kind="plan", currency="CNY", limit_cents=9_000_000)
    talk = Attempt.objects.create(
        happened_at=scenes.MORNING - timedelta(minutes=40), creditor=scene.case.creditor, person=scene.debtor,
        addressee=scene.debtor, channel=codes.Channel.CALL, by=scene.collector,
    )  # fmt: skip
    page = post(desk, scene, "offer/", account=loan.pk, count="12", side="ours").content.decode()
    assert "You have no call with them in hand" not in page
    door.record_outcome(
        attempt=talk, kind=Outcome.Kind.CALL_BACK, by=scene.collector, now=scenes.MORNING - timedelta(minutes=30)
    )
    page = desk.get(f"/case/{scene.case.pk}/plan/", {"account": loan.pk}).content.decode()
    assert "You have no call with them in hand" in page
    assert re.search(r"<button[^>]* disabled[^>]*>.{0,200}They agree, on this call", page, re.DOTALL)
    answer = post(desk, scene, f"offer/{Offer.objects.get().pk}/accept/", account=loan.pk)
    assert answer.status_code == 422
    assert not Plan.objects.exists()


def test_choosing_another_account_keeps_what_was_typed_and_saves_nothing(desk, scene, loan):
    page = post(desk, scene, "", account=loan.pk, **(BUDGET | {"income": "7,777"})).content.decode()
    assert 'value="7,777"' in page
    assert 'value="2,600"' in page
    assert f'<option value="{loan.pk}" selected>' in page
    assert not Budget.objects.exists()


def test_with_a_wrong_code_it_is_not_agreed(desk, scene, budget, loan):
    Authority.objects.create(user=scene.collector, kind="plan", currency="CNY", limit_cents=9_000_000)
    post(desk, scene, "offer/", account=loan.pk, count="12", side="ours")
    deal = Offer.objects.get()
    answer = post(desk, scene, f"offer/{deal.pk}/accept/", account=loan.pk, code="123456")
    assert answer.status_code == 422
    assert not Plan.objects.exists()


def test_one_cannot_decide_on_strangers_cases(scene, signed_in, db):
    old = scene
    stranger = signed_in(stories.user("lead", team=stories.team()))
    assert stranger.post("/approvals/1/", {"answer": "give"}).status_code == 404
    assert old.case.pk


@pytest.fixture
def many(scene):
    """A plan on each of the small cases; the first instalments fall due in 3, 10, 17 … days."""
    Authority.objects.create(user=scene.collector, kind="plan", currency="CNY", limit_cents=9_000_000)
    made = []
    for n, case in enumerate(scene.cases[1:7]):
        taken = agreements.take_budget(
            case=case, income=2_000_000, household=1, spending={}, other_debts=0, willing=True, by=scene.collector,
            now=scenes.MORNING,
        )  # fmt: skip
        terms = Terms(scenes.DAY, scenes.DAY + timedelta(days=3 + 7 * n), count=3, unit=100)
        deal = agreements.offer(
            case=case, account=case.person.accounts.get(), budget=taken, terms=terms, kind="equal", discount=0,
            by=scene.collector, now=scenes.MORNING,
        )  # fmt: skip
        talk = Attempt.objects.create(
            happened_at=scenes.MORNING, creditor=case.creditor, person=case.person, addressee=case.person,
            channel=codes.Channel.CALL, by=scene.collector,
        )  # fmt: skip
        made.append(plans.agree(offer=deal, by=scene.collector, now=scenes.MORNING, attempt=talk))
    return made


def test_the_plan_desk_by_state(desk, scene, many, at):
    assert desk.get("/plans/").content.decode().count("data-row") == 1
    assert desk.get("/plans/?show=active").content.decode().count("data-row") == 6
    later = scenes.MORNING + timedelta(days=7)
    at(later)
    plans.judge(today=scenes.DAY + timedelta(days=7), now=later)
    page = desk.get("/plans/?show=at_risk").content.decode()
    assert page.count("data-row") == 1
    assert many[0].account.external_ref in page


def test_the_plan_desk_takes_the_same_queries_for_any_length(desk, scene, many, django_assert_max_num_queries):
    for state in ("week", "active"):
        with django_assert_max_num_queries(10):
            desk.get(f"/plans/?show={state}")


def test_the_accounts_panel_shows_what_falls_due_by_the_plan(desk, scene, many):
    page = desk.get(f"/case/{many[0].case_id}/").content.decode()
    assert "What falls due by the plan" in page
    assert "hold-bar-plan" in page
    assert "What fell due" in desk.get(f"/case/{scene.case.pk}/").content.decode()


def paid_in(plan, cents, on):
    payment.receive(
        creditor=plan.account.creditor, account=plan.account, reference=f"{plan.pk}-{on}", cents=cents, currency="CNY",
        happened_on=on, now=stories.utc(f"{on}T12:00+08:00"),
    )  # fmt: skip


def test_a_plan_that_is_over_stays_in_its_case_with_its_papers(desk, scene, many, at):
    kept, broken = many[0], many[1]
    for instalment in kept.instalments.order_by("n"):
        paid_in(kept, instalment.cents, instalment.due_on)
    paid_in(broken, broken.instalments.get(n=1).cents, broken.instalments.get(n=1).due_on)
    later = scenes.MORNING + timedelta(days=100)
    paid_in(broken, broken.total, later.date())  # after it broke
    at(later)
    plans.judge(today=scenes.DAY + timedelta(days=100), now=later)
    page = desk.get(f"/case/{kept.case_id}/").content.decode()
    assert f"Plan {kept.pk} agreed" in page
    assert f"Plan {kept.pk} completed" in page
    assert "3 of 3 instalments kept" in page
    assert f"/case/{kept.case_id}/plan/{kept.pk}/discharge/" in page
    page = desk.get(f"/case/{broken.case_id}/").content.decode()
    assert f"Plan {broken.pk} broke: 1 of 3 instalments kept" in page
    assert "Earlier plans" in page
    assert f"/case/{broken.case_id}/plan/{broken.pk}/agreement/" in page
    assert "/discharge/" not in page


def test_another_plan_says_whose_place_it_takes_and_the_same_one_is_refused(desk, scene, budget, loan):
    Authority.objects.create(user=scene.collector, kind="plan", currency="CNY", limit_cents=9_000_000)
    post(desk, scene, "offer/", account=loan.pk, count="12", first_on="2026-03-25", side="ours")
    Attempt.objects.create(
        happened_at=scenes.MORNING, creditor=scene.case.creditor, person=scene.debtor, addressee=scene.debtor,
        channel=codes.Channel.CALL, by=scene.collector,
    )  # fmt: skip
    post(desk, scene, f"offer/{Offer.objects.get().pk}/accept/", account=loan.pk)
    plan = Plan.objects.get()
    same = post(desk, scene, "offer/", account=loan.pk, count="12", first_on="2026-03-25", side="ours")
    assert same.status_code == 422
    assert f"Plan {plan.pk} is already in force with these very terms." in same.content.decode()
    page = post(desk, scene, "offer/", account=loan.pk, count="14", first_on="2026-03-25", side="ours").content.decode()
    assert f"Takes the place of plan {plan.pk} (0 of 12 instalments kept)." in page


def test_where_nothing_is_past_due_the_account_with_the_plan_comes_first(desk, scene, budget, loan):
    card = scene.case.person.accounts.get(product="credit_card")
    stories.plan(scene.case, card, scenes.DAY)
    Ageing.objects.update(past_due=0, bucket=0, days_past_due=0)
    page = desk.get(f"/case/{scene.case.pk}/plan/").content.decode()
    assert f'<option value="{card.pk}" selected>' in page
    assert "plan-live" in page


def test_the_account_of_the_borrowers_own_proposal_comes_first(desk, scene, budget, loan):
    """The panel opens where something waits for an answer, not on the account that is longest overdue."""
    card = scene.case.person.accounts.get(product="credit_card")
    selected = f'<option value="{card.pk}" selected>'
    assert selected not in desk.get(f"/case/{scene.case.pk}/plan/").content.decode()
    post(desk, scene, "offer/", account=card.pk, count="6", first_on="2026-03-25", side="theirs")
    assert Offer.objects.get().account == card
    page = desk.get(f"/case/{scene.case.pk}/plan/").content.decode()
    assert selected in page and "their counter-offer" in page.lower()


def test_of_a_settlement_they_hear_when_the_rest_is_let_go(desk, scene, budget, loan):
    for kind, cents in (("plan", 9_000_000), ("settle", 900_000)):
        Authority.objects.create(user=scene.collector, kind=kind, currency="CNY", limit_cents=cents)
    Ageing.objects.filter(account=loan).update(bucket=5)
    terms = {"account": loan.pk, "count": "1", "discount": "1000", "settle": "on", "down": "15000"}
    said = "The rest, ¥1,000.00, is let go only once every part is paid, on time."
    assert said in post(desk, scene, "offer/", side="ours", **terms).content.decode()
    page = post(desk, scene, "offer/", account=loan.pk, count="12", side="ours").content.decode()
    assert "is let go only once" not in page


def test_the_code_goes_to_the_debtors_own_e_mail_and_accepts(desk, scene, budget, loan):
    Authority.objects.create(user=scene.collector, kind="plan", currency="CNY", limit_cents=9_000_000)
    post(desk, scene, "offer/", account=loan.pk, count="12", side="ours")
    deal = Offer.objects.get()
    page = post(desk, scene, f"offer/{deal.pk}/code/", account=loan.pk).content.decode()
    assert "on its way to w***@example.com" in page
    body = Message.objects.get().body
    code = re.search(r"确认码 (\d{6})", body)[1]
    assert code not in page
    assert "共 12 期" in body
    answer = post(desk, scene, f"offer/{deal.pk}/accept/", account=loan.pk, code=code)
    assert answer.status_code == 204
    assert Plan.objects.get().how == "code"


def test_at_night_the_code_is_not_sent(desk, scene, budget, loan, at):
    post(desk, scene, "offer/", account=loan.pk, count="12", side="ours")
    at(scenes.NIGHT)
    answer = post(desk, scene, f"offer/{Offer.objects.get().pk}/code/", account=loan.pk)
    assert answer.status_code == 422
    assert not Message.objects.exists()


def test_the_agreement_speaks_the_borrowers_language_whatever_the_page_speaks(desk, scene, many):
    """Her page is English; Grace Miller reads English, the others Chinese."""
    chinese, english = (plan for plan in many if plan.person.name in {"赵建国", "Grace Miller"})
    page = desk.get(f"/case/{chinese.case_id}/plan/{chinese.pk}/agreement/").content.decode()
    assert "还款计划协议" in page
    assert "到期日" in page
    paper = desk.get(f"/case/{chinese.case_id}/plan/{chinese.pk}/agreement/?pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    assert paper.content == desk.get(f"/case/{chinese.case_id}/plan/{chinese.pk}/agreement/?pdf").content
    page = desk.get(f"/case/{english.case_id}/plan/{english.pk}/agreement/").content.decode()
    assert "Undertaking" not in page  # about cards alone
    assert "3 instalments" in page
    assert desk.get(f"/case/{english.case_id}/plan/{english.pk}/discharge/").status_code == 404
