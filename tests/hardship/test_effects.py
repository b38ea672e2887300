"""What a file grants: dues moved, contact paused, charges stopped; ended, everything is as it would have been."""

import json
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stories
from fairdue.accounts import services as ledger
from fairdue.accounts.models import Ageing, ChargeStop, Due, Schedule, Transfer
from fairdue.cases.models import Hold
from fairdue.contact import services as door
from fairdue.flows import contact, hardship, payment, plans
from fairdue.hardship.models import Approval, Effect, File
from fairdue.hardship.services import HardshipRefused, Wanted
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.law.schemes import everything
from fairdue.money.grace import moved

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "agreements"))
import hardship_stories as tell
import plan_stories
from hardship_stories import DAY, NOW, at, opened, wants

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return tell.set_up()


def end(scene, file, on, *, undo=False, by=None):
    return hardship.review(file=file, decision="end", reason="back at work", by=by or scene.lead, now=at(on), undo=undo)


# ---- grace


def test_grace_moves_what_is_due_and_the_account_is_current(scene):
    """Given 4,000.00 41 days late; when grace runs until 1 April; then it is late again on the 2nd, with the due of 23 March."""
    assert tell.ageing(scene, DAY) == (400_000, 41, 2)
    opened(scene, wants(scene, "grace", 30))
    assert tell.ageing(scene, DAY) == (0, 0, 0)
    assert tell.ageing(scene, date(2026, 4, 1)) == (0, 0, 0)
    assert tell.ageing(scene, date(2026, 4, 2)) == (800_000, 1, 1)
    assert tell.ageing(scene, date(2026, 4, 23)) == (1_200_000, 22, 1)


def test_each_due_may_move_by_the_length_of_the_grace(scene):
    opened(scene, wants(scene, "grace", 30, each=True))
    held = Schedule.objects.get(account=scene.loan, replaced_at=None)
    assert list(zip(held.due_days, held.due_cents, strict=True)) == [
        (date(2026, 4, 1), 400_000), (date(2026, 4, 22), 400_000), (date(2026, 5, 22), 400_000),
    ]  # fmt: skip
    assert ChargeStop.objects.get().ends_on == date(2026, 5, 22)


def test_ended_early_the_moved_dues_fall_due_that_day_and_the_past_stays(scene):
    file = opened(scene, wants(scene, "grace", 30))
    end(scene, file, date(2026, 3, 13))
    assert tell.ageing(scene, date(2026, 3, 12)) == (0, 0, 0)
    assert tell.ageing(scene, date(2026, 3, 14)) == (400_000, 1, 1)
    assert tell.ageing(scene, date(2026, 3, 24)) == (800_000, 11, 1)


def test_taken_back_it_is_as_if_there_had_been_no_grace(scene):
    before = {day: tell.ageing(scene, day) for day in (DAY, date(2026, 4, 2), date(2026, 5, 1))}
    file = opened(scene, wants(scene, "grace", 30))
    end(scene, file, date(2026, 3, 13), undo=True)
    assert {day: tell.ageing(scene, day) for day in before} == before
    assert not ChargeStop.objects.exists()


def test_the_schedule_of_before_stays_readable(scene):
    file = opened(scene, wants(scene, "grace", 30))
    end(scene, file, date(2026, 3, 13))
    then = ledger.standing(account=scene.loan, on=date(2026, 3, 20), known_at=at(date(2026, 3, 4)))
    now = ledger.standing(account=scene.loan, on=date(2026, 3, 20))
    assert (then.due_days[0], now.due_days[0]) == (date(2026, 4, 1), date(2026, 3, 13))


def test_a_due_loaded_during_the_grace_is_moved_too(scene):
    opened(scene, wants(scene, "grace", 30))
    Due.objects.create(account=scene.loan, n=9, due_on=date(2026, 3, 28), principal=50_000, cents=50_000)
    assert tell.ageing(scene, date(2026, 4, 23))[0] == 1_200_000
    assert hardship.nightly(day=date(2026, 3, 20), now=at(date(2026, 3, 20)))["hardship_moved"] == 1
    assert hardship.nightly(day=date(2026, 3, 20), now=at(date(2026, 3, 20)))["hardship_moved"] == 0
    assert tell.ageing(scene, date(2026, 4, 2))[0] == 850_000


def test_money_that_comes_during_the_grace_covers_the_oldest_moved_due(scene):
    opened(scene, wants(scene, "grace", 30))
    payment.receive(
        creditor=scene.loan.creditor, account=scene.loan, reference="P1", cents=300_000, currency="CNY",
        happened_on=date(2026, 3, 10), now=at(date(2026, 3, 10)),
    )  # fmt: skip
    assert tell.ageing(scene, date(2026, 4, 2)) == (500_000, 1, 1)


def test_a_plan_stands_before_a_grace(scene):
    stage = plan_stories.set_up()
    plan_stories.agreed(stage)
    wanted = Wanted("grace", DAY, DAY + timedelta(9), account=stage.loan)
    with pytest.raises(HardshipRefused, match="A plan stands"):
        hardship.open_file(case=stage.case, key="k", reason="illness", wanted=[wanted], by=stage.lead, now=NOW)
    assert not File.objects.filter(case=stage.case).exists()


def test_a_plan_agreed_during_the_grace_takes_its_place():
    stage = plan_stories.set_up()
    wanted = Wanted("grace", DAY, DAY + timedelta(29), account=stage.loan)
    file = hardship.open_file(case=stage.case, key="k", reason="illness", wanted=[wanted], by=stage.lead, now=NOW)
    plan = plan_stories.agreed(stage)
    assert [(e.kind, e.status) for e in file.effects.order_by("pk")] == [("grace", "ended"), ("plan", "running")]
    standing = ledger.standing(account=stage.loan, on=DAY)
    assert (standing.plan, standing.base) == (plan.pk, 0)
    plans.judge(today=date(2026, 4, 10), now=at(date(2026, 4, 10)))
    plan.refresh_from_db()
    assert plan.status == "broken"


DUES = st.lists(
    st.tuples(st.integers(-90, 120), st.integers(1, 900_000)), min_size=1, max_size=6, unique_by=lambda d: d[0]
)


@given(dues=DUES, paid=st.integers(0, 2_000_000), length=st.integers(0, 90), each=st.booleans())
def test_moving_loses_nothing_and_brings_nothing_forward(dues, paid, length, each):
    rows = [(DAY + timedelta(day), cents) for day, cents in dues]
    until = DAY + timedelta(length)
    found = moved(rows, paid=paid, starts_on=DAY, until=until, each=each)
    left = max(sum(cents for _, cents in rows) - paid, 0)
    assert sum(cents for _, cents in found) == left
    assert [day for day, _ in found] == sorted({day for day, _ in found})
    assert all(day >= until for day, _ in found)
    for day in (until, until + timedelta(30)):
        unmoved = max(sum(c for d, c in rows if d <= day) - paid, 0)
        assert sum(c for d, c in found if d <= day) <= unmoved


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    granted=st.integers(5, 60), ended=st.integers(0, 40), paid=st.integers(0, 900_000), look=st.integers(0, 120),
    each=st.booleans(),
)  # fmt: skip
def test_ended_early_it_is_the_shorter_grace(scene, granted, ended, paid, look, each):
    """Ended after some days, every later day is as if the grace had been agreed for so long; undone, as if never."""
    twins, last = [tell.set_up() for _ in range(4)], DAY + timedelta(min(ended, granted - 1))
    whole = opened(twins[0], wants(twins[0], "grace", granted, each=each))
    opened(twins[1], wants(twins[1], "grace", (last - DAY).days + 1, each=each))
    gone = opened(twins[2], wants(twins[2], "grace", granted, each=each))
    for n, twin in enumerate(twins):
        if paid:
            payment.receive(
                creditor=twin.loan.creditor, account=twin.loan, reference=f"P{n}", cents=paid, currency="CNY",
                happened_on=DAY, now=at(DAY, 12),
            )  # fmt: skip
    end(twins[0], whole, last)
    end(twins[2], gone, last, undo=True)
    day = last + timedelta(look)
    seen = [tell.ageing(twin, day) for twin in twins]
    assert seen[0] == seen[1]
    assert seen[2] == seen[3]


# ---- pause of contact


def ask(scene, now, key, **other):
    point = scene.case.person.contact_points.get()
    return door.ask(
        case=scene.case, contact_point=point, channel=stories.CALL, by=scene.collector, now=now, key=key, **other
    )


def test_the_gate_obeys_the_pause_to_its_last_day(scene):
    opened(scene, wants(scene, "quiet", 10))
    during, after = ask(scene, at(date(2026, 3, 12)), "1"), ask(scene, at(date(2026, 3, 13)), "2")
    assert "house.on-hold" in {reason.rule for reason in during.reasons}
    assert after.allowed


def test_ended_the_pause_ends_at_once(scene):
    file = opened(scene, wants(scene, "quiet", 10))
    assert not ask(scene, at(DAY, 11), "1").allowed
    end(scene, file, DAY)
    assert ask(scene, at(DAY, 12), "2").allowed
    assert Hold.objects.get().lifted_by == scene.lead


def test_the_hold_of_an_outcome_is_carried_on_by_the_file(scene):
    point = scene.case.person.contact_points.get()
    call = contact.call(case=scene.case, contact_point=point, by=scene.collector, now=NOW, key="c")
    from fairdue.contact.models import Attempt, Outcome

    attempt = Attempt.objects.get(pk=call.attempt_id)
    contact.record(attempt=attempt, kind=Outcome.Kind.HARDSHIP, by=scene.collector, now=NOW, reason="lost his job")
    asked = File.objects.get()
    assert (asked.status, asked.attempt_id, asked.review_on) == ("asked", attempt.pk, date(2026, 3, 5))
    file = opened(scene, wants(scene, "quiet", 10), by=scene.collector)
    assert file.pk == asked.pk
    assert [(h.ends_on, h.lifted_at is None) for h in Hold.objects.order_by("pk")] == [
        (None, False),
        (date(2026, 3, 12), True),
    ]


def test_without_a_pause_the_hold_of_the_outcome_stays(scene):
    contact.place_hold(person=scene.case.person, kind=Hold.Kind.HARDSHIP, reason="told", by=None, now=NOW)
    opened(scene, wants(scene, "late", 10), by=scene.collector)
    assert Hold.objects.get(lifted_at=None).ends_on is None


def test_while_the_days_beyond_ones_authority_wait_nobody_is_called(scene):
    """A collector's 31 days; 60 asked. Refused, the 31 stay to their end."""
    file = opened(scene, wants(scene, "quiet", 60), by=scene.collector)
    last = DAY + timedelta(30)
    assert "house.on-hold" in {reason.rule for reason in ask(scene, at(DAY, 11), "1").reasons}
    hardship.decide(approval=file.approvals.get(), by=scene.lead, now=at(DAY, 12), give=False)
    assert not ask(scene, at(last), "2").allowed
    assert ask(scene, at(last + timedelta(1)), "3").allowed


@pytest.mark.parametrize(("give", "called"), [(True, False), (False, True)])
def test_a_pause_with_no_day_within_ones_authority_rests_contact_until_the_answer(scene, give, called):
    """Begun 31 days ago, the collector's 31 days are over today; the lead's 92 are not."""
    begun = DAY - timedelta(31)
    file = opened(scene, wants(scene, "quiet", 60, on=begun), by=scene.collector)
    assert file.effects.get().status == "asked"
    assert not ask(scene, at(DAY, 11), "1").allowed
    hardship.decide(approval=file.approvals.get(), by=scene.lead, now=at(DAY, 12), give=give)
    assert ask(scene, at(DAY, 13), "2").allowed is called
    assert ask(scene, at(begun + timedelta(60)), "3").allowed


def test_a_file_that_ends_while_a_pause_waits_ends_the_rest_of_contact_too(scene):
    file = opened(scene, wants(scene, "quiet", 60, on=DAY - timedelta(31)), by=scene.collector)
    end(scene, file, DAY)
    assert ask(scene, at(DAY, 12), "1").allowed


@pytest.mark.parametrize("give", [True, False])
def test_a_longer_grace_begins_with_what_one_may_grant(scene, give):
    """31 of 60 days at once: what is due until 2 April moves there; then to 1 May, or not."""
    file = opened(scene, wants(scene, "grace", 60), by=scene.collector)
    assert tell.ageing(scene, DAY)[0] == 0
    hardship.decide(approval=file.approvals.get(), by=scene.lead, now=at(DAY, 12), give=give)
    assert (tell.ageing(scene, date(2026, 4, 10))[0] == 0) is give


# ---- charges


@pytest.fixture
def charging(scene):
    """24 % a year on 12,000.00: 7.89 a day; 12 % penalty on what is overdue."""
    ledger.set_terms(account=scene.loan, since=date(2026, 2, 1), rate=240_000, penalty=120_000)
    return scene


def month(scene, upto=date(2026, 3, 31)):
    ledger.accrue(upto=upto)
    return tell.owed(scene)[1:3]


def test_interest_stops_to_the_cent(charging):
    """Given 24 % on 12,000.00; ten days without; then 49 of 59 days: 386.63 instead of 465.53."""
    opened(charging, wants(charging, "interest", 10))
    interest, penalty = month(charging)
    assert interest == 1_200_000 * 240_000 * 49 // (365 * 1_000_000)
    assert penalty > 0


def test_penalty_stops_to_the_cent_also_for_days_charged_already(charging):
    """12 % on 4,000.00 the nights of 20 to 23 March, on 8,000.00 those of 24 to 29: 21.04 less."""
    full = month(charging)
    file = opened(charging, wants(charging, "late", 10, on=date(2026, 3, 20)), on=date(2026, 3, 29))
    stopped = tell.owed(charging)[1:3]
    assert stopped == (full[0], full[1] - (400_000 * 4 + 800_000 * 6) * 120_000 // (365 * 1_000_000))
    end(charging, file, date(2026, 3, 29), undo=True)
    assert tell.owed(charging)[1:3] == full


def test_a_cap_of_six_percent_charges_six_percent(charging):
    """Given 24 %; under the cap from 3 March on: 30 days at 24 %, 29 at 6 %."""
    file = by_law(charging, "us.servicemembers", reason="military")
    interest, penalty = month(charging)
    assert interest == 1_200_000 * (240_000 * 30 + 60_000 * 29) // (365 * 1_000_000)
    assert penalty == 400_000 * 120_000 * 30 // (365 * 1_000_000)
    hardship.event_came(file=file, on=date(2026, 3, 12), by=charging.officer, now=at(date(2026, 4, 1)))
    assert tell.owed(charging)[1] == 1_200_000 * (240_000 * 49 + 60_000 * 10) // (365 * 1_000_000)


def test_prolonged_after_days_were_charged_they_are_told_anew(charging):
    file = opened(charging, wants(charging, "interest", 10))
    effect = file.effects.get()
    month(charging, date(2026, 3, 11))
    hardship.review(
        file=file, decision="change", reason="still ill", again_on=date(2026, 4, 20), by=charging.lead,
        until={effect.pk: date(2026, 3, 22)}, now=at(date(2026, 3, 12)),
    )  # fmt: skip
    assert month(charging)[0] == 1_200_000 * 240_000 * 39 // (365 * 1_000_000)


# ---- statutory schemes


def by_law(scene, name, *, region="", by=None, country="", start=DAY, **other):
    """A file with all that a scheme of this country grants."""
    scheme = everything()[name]
    scene.case.creditor.jurisdiction = country or scheme.jurisdiction
    scene.case.creditor.save()
    scene.case.person.region = region
    wanted = hardship.wanted_by(scheme, accounts=[scene.loan], start=start)
    return opened(scene, *wanted, scheme=scheme, by=by, **other)


def test_breathing_space_pauses_by_law_for_sixty_days(scene):
    file = by_law(scene, "gb.breathing-space", region="GB-ENG", by=scene.collector)
    assert {e.ends_on for e in file.effects.all()} == {date(2026, 5, 1)}
    assert {e.status for e in file.effects.all()} == {"running"}
    assert Hold.objects.get().kind == "moratorium"
    assert file.law["cites"]["en"].startswith("SI 2020/1311")
    answer = ask(scene, at(date(2026, 5, 1)), "1")
    assert "house.moratorium" in {reason.rule for reason in answer.reasons}
    letter = ask(scene, at(date(2026, 5, 1)), "2", purpose=codes.Purpose.ANSWER_QUERY)
    assert "house.moratorium" not in {reason.rule for reason in letter.reasons}


def test_a_crisis_runs_until_thirty_days_after_the_treatment(scene):
    file = by_law(scene, "gb.mental-health-crisis")
    assert {e.ends_on for e in file.effects.all()} == {None}
    for _ in range(2):
        hardship.event_came(file=file, on=date(2026, 4, 1), by=scene.officer, now=at(date(2026, 4, 3)))
    assert {e.ends_on for e in file.effects.all()} == {date(2026, 5, 1)}
    assert Hold.objects.get().ends_on == date(2026, 5, 1)
    noted = Entry.objects.get(verb="hardship.event")
    assert noted.actor_id == scene.officer.pk
    assert json.loads(noted.detail)["on"] == "2026-04-01"


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("gb.scottish-moratorium", {"region": "GB-ENG"}, r"for: Debtors in Scotland.*lives in GB-ENG.*Choose"),
        ("gb.breathing-space", {"region": "GB-SCT"}, r"for: People in England or Wales"),
        ("gb.breathing-space", {"region": "US-CA"}, r"lives in US-CA"),
        ("gb.breathing-space", {"country": "us"}, r"no scheme of the creditor's country; choose another"),
        ("us.servicemembers", {"reason": "illness"}, r"for the reason Military service alone"),
        ("cn.card-instalments", {}, r"not for the products"),
    ],
)
def test_a_scheme_that_is_not_for_them_is_refused(scene, name, fields, words):
    with pytest.raises(HardshipRefused, match=words) as refused:
        by_law(scene, name, **fields)
    assert everything()[name].name["zh"] in refused.value.zh
    assert not File.objects.exists()


def test_a_statute_that_began_long_ago_runs_from_then(charging):
    """Begun on 5 January, learned on 3 March, over after 5 March: nobody's 31 days stand in its way."""
    ledger.accrue(upto=DAY)
    assert tell.owed(charging)[1] > 0
    begun = date(2026, 1, 5)
    with pytest.raises(HardshipRefused, match="cannot begin after today"):
        by_law(charging, "gb.breathing-space", start=DAY + timedelta(1))
    with pytest.raises(HardshipRefused, match="lies before today"):
        by_law(charging, "gb.breathing-space", start=begun - timedelta(3))
    with pytest.raises(HardshipRefused, match="is not in force on 2021-05-03"):
        by_law(charging, "gb.mental-health-crisis", start=date(2021, 5, 3))
    file = by_law(charging, "gb.breathing-space", start=begun, by=charging.collector)
    assert set(file.effects.values_list("starts_on", "ends_on")) == {(begun, date(2026, 3, 5))}
    assert tell.owed(charging)[1:3] == (0, 0)


def test_a_scheme_whose_place_is_not_known_may_be_opened(scene):
    assert by_law(scene, "gb.scottish-moratorium", region="GB").scheme == "gb.scottish-moratorium"


def change(scene, file, kind, until, *, by=None, on=DAY, wanted=()):
    effect = file.effects.get(kind=kind, by_law=True)
    return hardship.review(
        file=file, decision="change", reason="still ill", again_on=on + timedelta(30), by=by or scene.lead,
        until={effect.pk: until} if until else {}, wanted=wanted, now=at(on),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["quiet", "interest", "late"])
def test_no_review_prolongs_a_statute(scene, kind):
    """60 days from 3 March are over on 1 May; nobody's word makes it 2 May by law."""
    file = by_law(scene, "gb.breathing-space")
    with pytest.raises(HardshipRefused, match=r"By law it ends on 2026-05-01 \(By itself after 60 days.*at our own"):
        change(scene, file, kind, date(2026, 5, 2))
    assert not Approval.objects.exists()
    change(scene, file, kind, date(2026, 4, 20))
    change(scene, file, kind, date(2026, 5, 1), by=scene.collector)  # up to its own end it needs nobody's leave
    assert file.effects.get(kind=kind).ends_on == date(2026, 5, 1)


def test_a_longer_end_by_law_that_waited_is_not_approved(scene):
    file = by_law(scene, "gb.breathing-space")
    file.effects.filter(kind="quiet").update(asked_until=date(2026, 6, 30))
    Approval.objects.create(file=file, why="", asked_by=scene.collector, asked_at=NOW)
    with pytest.raises(HardshipRefused, match="By law it ends on 2026-05-01"):
        hardship.decide(approval=Approval.objects.get(), by=scene.risk, now=at(DAY, 12), give=True)
    hardship.decide(approval=Approval.objects.get(), by=scene.risk, now=at(DAY, 12), give=False)
    assert file.effects.get(kind="quiet").ends_on == date(2026, 5, 1)


def test_beside_a_statute_stands_ones_own_judgement_within_its_own_limits(scene):
    """A lead's 92 days beside 60 by law: from 2 May the firm pauses, not the law."""
    file = by_law(scene, "gb.breathing-space")
    change(scene, file, "quiet", None, wanted=[wants(scene, "quiet", 92), wants(scene, "interest", 92)])
    assert sorted(Hold.objects.values_list("kind", "ends_on")) == [
        ("hardship", DAY + timedelta(91)), ("moratorium", date(2026, 5, 1)),
    ]  # fmt: skip
    assert list(file.effects.filter(by_law=False).values_list("kind", "status")) == [
        ("quiet", "running"), ("interest", "running"),
    ]  # fmt: skip
    rules = {reason.rule for reason in ask(scene, at(date(2026, 5, 2)), "1").reasons}
    assert "house.moratorium" not in rules
    assert "house.on-hold" in rules
    with pytest.raises(HardshipRefused, match="The same effect runs"):
        change(scene, file, "quiet", None, wanted=[wants(scene, "quiet", 10)])


def test_what_a_statute_granted_is_not_taken_back(charging):
    """Ended by a lead as if it had never been: what the firm granted is charged after all, the protected days are not."""
    file = by_law(charging, "gb.scottish-moratorium", country="gb")
    change(charging, file, "quiet", None, wanted=[wants(charging, "late", 10)])
    month(charging, date(2026, 3, 8))
    end(charging, file, date(2026, 3, 9), undo=True)
    assert set(file.effects.values_list("by_law", "undone")) == {(True, False), (False, True)}


def test_the_days_of_a_statute_stay_free_of_charge(charging):
    file = by_law(charging, "gb.breathing-space")
    free = month(charging, date(2026, 3, 12))
    end(charging, file, date(2026, 3, 12), undo=True)
    assert tell.owed(charging)[1:3] == free


def test_what_is_owed_is_the_same_everywhere_after_charges_are_taken_back(charging):
    """Charged to the 12th, stopped since the 3rd: the balance by which lists and heads count follows at once."""
    month(charging, date(2026, 3, 12))
    ledger.age(as_of=date(2026, 3, 12), accounts=[charging.loan.pk])
    file = opened(charging, wants(charging, "interest", 20), wants(charging, "late", 20), on=date(2026, 3, 12))
    assert Ageing.objects.get().balance == sum(tell.owed(charging))
    end(charging, file, date(2026, 3, 12), undo=True)
    assert Ageing.objects.get().balance == sum(tell.owed(charging))


# ---- what ends a statutory scheme


@pytest.mark.parametrize("on", [date(2020, 1, 1), DAY - timedelta(1), date(2026, 4, 4)])
def test_a_treatment_ends_neither_before_the_file_nor_in_the_future(scene, on):
    file = by_law(scene, "gb.mental-health-crisis")
    with pytest.raises(HardshipRefused, match=r"between 2026-03-03, when it began, and today, 2026-04-03"):
        hardship.event_came(file=file, on=on, by=scene.collector, now=at(date(2026, 4, 3)))
    assert {e.ends_on for e in file.effects.all()} == {None}


def test_a_wrong_day_is_put_right_by_somebody_else(charging):
    """The treatment noted as over on 3 March; it was not: on 20 April contact and charges rest again, as by law."""
    file = by_law(charging, "gb.mental-health-crisis")
    later = date(2026, 4, 20)
    hardship.event_came(file=file, on=DAY, by=charging.collector, now=at(later))
    assert {(e.status, e.ends_on) for e in file.effects.all()} == {("ended", date(2026, 4, 2))}
    assert ask(charging, at(later), "1").allowed
    charged = month(charging, later)
    assert charged > month_without(charging)
    for by, words in ((charging.collector, "may not correct"), (charging.lead, "Say why")):
        with pytest.raises(HardshipRefused, match=words):
            hardship.event_corrected(file=file, on=None, why="", by=by, now=at(later))
    hardship.event_corrected(file=file, on=None, why="the clinic wrote", by=charging.lead, now=at(later))
    assert {(e.status, e.ends_on) for e in file.effects.all()} == {("running", None)}
    assert "house.moratorium" in {reason.rule for reason in ask(charging, at(later, 11), "2").reasons}
    assert tell.owed(charging)[1:3] == month_without(charging)
    held = list(Hold.objects.order_by("pk").values_list("ends_on", flat=True))
    assert held == [date(2026, 4, 2), None]
    entry = Entry.objects.get(verb="hardship.event_corrected")
    told = json.loads(entry.detail)
    assert (entry.actor_id, told["was"], told["on"]) == (charging.lead.pk, "2026-03-03", None)
    assert "clinic" not in entry.detail
    assert file.reviews.get().reason == "the clinic wrote"
    hardship.event_came(file=file, on=later, by=charging.collector, now=at(later, 12))
    assert {e.ends_on for e in file.effects.all()} == {date(2026, 5, 20)}
    assert Hold.objects.latest("pk").ends_on == date(2026, 5, 20)


def month_without(scene):
    """What is charged while nothing is from 3 March on: 30 days of interest, 30 of lateness on 4,000.00."""
    return 1_200_000 * 240_000 * 30 // (365 * 1_000_000), 400_000 * 120_000 * 30 // (365 * 1_000_000)


def test_a_day_moved_while_it_still_runs_moves_the_end(scene):
    file = by_law(scene, "gb.mental-health-crisis")
    hardship.event_came(file=file, on=date(2026, 4, 1), by=scene.lead, now=at(date(2026, 4, 3)))
    with pytest.raises(HardshipRefused, match="noted already; if it is wrong, somebody else"):
        hardship.event_came(file=file, on=date(2026, 4, 2), by=scene.collector, now=at(date(2026, 4, 3)))
    with pytest.raises(HardshipRefused, match="Nobody corrects the day they noted themselves"):
        hardship.event_corrected(file=file, on=date(2026, 4, 2), why="typo", by=scene.lead, now=at(date(2026, 4, 3)))
    with pytest.raises(HardshipRefused, match="The day lies between"):
        hardship.event_corrected(file=file, on=date(2026, 4, 4), why="typo", by=scene.officer, now=at(date(2026, 4, 3)))
    hardship.event_corrected(file=file, on=date(2026, 4, 2), why="typo", by=scene.officer, now=at(date(2026, 4, 3)))
    assert {e.ends_on for e in file.effects.all()} == {date(2026, 5, 2)}
    assert Hold.objects.get().ends_on == date(2026, 5, 2)
    end(scene, file, date(2026, 4, 4))
    with pytest.raises(HardshipRefused, match="open one anew"):
        hardship.event_corrected(file=file, on=None, why="typo", by=scene.officer, now=at(date(2026, 4, 5)))


# ---- repeated, over by itself


def test_said_twice_it_is_one(scene):
    told = {"key": "same"}
    first = opened(scene, wants(scene, "grace"), wants(scene, "quiet"), **told)
    written = Entry.objects.count()
    assert opened(scene, wants(scene, "grace"), wants(scene, "quiet"), **told).pk == first.pk
    assert Entry.objects.count() == written
    assert (Effect.objects.count(), Hold.objects.count(), Schedule.objects.count()) == (2, 1, 1)


def test_the_night_ends_what_is_over(scene):
    file = opened(scene, wants(scene, "grace", 10), wants(scene, "quiet", 20))
    assert hardship.nightly(day=date(2026, 3, 12), now=at(date(2026, 3, 12)))["hardship_over"] == 0
    assert hardship.nightly(day=date(2026, 3, 13), now=at(date(2026, 3, 13)))["hardship_over"] == 1
    assert [(e.kind, e.status) for e in file.effects.order_by("pk")] == [("grace", "ended"), ("quiet", "running")]
    end(scene, file, date(2026, 3, 14))
    assert tell.ageing(scene, date(2026, 3, 14)) == (400_000, 2, 1)  # since the grace's own end


def test_no_money_moves_by_a_grace(scene):
    before = list(Transfer.objects.values_list("pk", "cents"))
    end(scene, opened(scene, wants(scene, "grace")), DAY)
    assert list(Transfer.objects.values_list("pk", "cents")) == before
