"""A word before a promise falls due, a word of thanks after: once each, if the gate lets it, never when it is out of date."""

import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

import stories
from fairdue.accounts import services as ledger
from fairdue.agreements import services as agreements
from fairdue.agreements.models import Notice, Plan, Promise
from fairdue.contact.models import Attempt, Message
from fairdue.flows import contact, night, payment, plans, reminders
from fairdue.law import codes
from fairdue.people.models import Consent
from fairdue.planning.promise_strategy import strategy

sys.path.insert(0, str(Path(__file__).parents[1] / "agreements"))
import plan_stories as tell

pytestmark = pytest.mark.django_db
MADE = date(2026, 3, 2)
DUE = date(2026, 3, 6)
BEFORE = date(2026, 3, 5)
WAITING = {"queued": 0, "refused": 0, "dropped": 0, "no_way": 0, "put_off": 0}


@pytest.fixture
def work():
    debtor, lender = stories.person(), stories.creditor()
    stories.email(debtor)
    loan = stories.account(debtor, lender, principal=90_000, dues={date(2026, 2, 1): 50_000})
    ledger.age(as_of=MADE, accounts=[loan.pk])
    return stories.case(debtor, lender, owner=stories.user()), loan


def at(day, hour="10:00"):
    return stories.utc(f"{day.isoformat()}T{hour}+08:00")


def promised(work, **other):
    facts = {"cents": 10_000, "due_on": DUE, "made_on": MADE, "by": None} | other
    return agreements.make(case=work[0], account=work[1], **facts)


def pay(work, cents, on, reference="P"):
    return payment.receive(
        creditor=work[1].creditor, account=work[1], reference=reference, cents=cents, currency="CNY", happened_on=on,
        now=at(on, "12:00"),
    )  # fmt: skip


def sent(day, hour="10:00"):
    """What became of what was waiting, noughts left out."""
    return {what: n for what, n in reminders.send_due(now=at(day, hour)).items() if n}


def test_the_day_before_a_reminder_goes_out_once(work):
    promised(work)
    assert sent(date(2026, 3, 4)) == {}
    assert agreements.prepare(day=BEFORE) == {"reminders": 1, "thanks": 0, "no_mail": 0}
    assert agreements.prepare(day=BEFORE) == {"reminders": 0, "thanks": 0, "no_mail": 0}
    assert sent(BEFORE) == {"queued": 1}
    assert sent(BEFORE, "11:00") == {}
    message = Message.objects.get()
    assert (message.language, message.status) == ("zh", "queued")
    assert "2026-03-06" in message.body and "¥100.00" in message.body
    assert Notice.objects.get().message_id == message.pk
    assert Attempt.objects.get(permit__message=message).purpose == codes.Purpose.AGREED


def test_in_the_language_of_whoever_promised(work):
    work[0].person.language = "en"
    work[0].person.save()
    promised(work)
    assert sent(BEFORE) == {"queued": 1}
    assert "You told us that ¥100.00 would be paid by 6 March 2026" in " ".join(Message.objects.get().body.split())


def test_at_night_it_waits_for_the_first_lawful_minute(work):
    promised(work)
    assert sent(BEFORE, "02:30") == {"put_off": 1}
    assert sent(BEFORE, "07:59") == {}
    assert sent(BEFORE, "08:00") == {"queued": 1}


def test_a_promise_paid_early_gets_no_reminder_but_thanks(work):
    promised(work)
    agreements.prepare(day=BEFORE)
    pay(work, 10_000, date(2026, 3, 4))
    assert sent(BEFORE) == {"dropped": 1, "queued": 1}
    assert list(Notice.objects.order_by("pk").values_list("kind", "status")) == [
        ("promise_due", "dropped"), ("promise_kept", "queued"),
    ]  # fmt: skip
    assert "已经收到" in Message.objects.get().body


def test_money_takes_a_queued_reminder_back(work):
    promised(work)
    assert sent(BEFORE) == {"queued": 1}
    pay(work, 10_000, BEFORE)
    assert Message.objects.get().status == Message.Status.REVOKED


def test_no_thanks_for_money_that_went_back(work):
    promised(work)
    receipt = pay(work, 10_000, DUE)
    agreements.prepare(day=DUE)
    payment.reverse(
        payment=work[1].payments.get(pk=receipt.payment_id), reference="R", happened_on=DUE, now=at(DUE, "15:00")
    )
    assert sent(DUE, "15:01") == {"dropped": 1}
    assert not Message.objects.exists()


@pytest.mark.parametrize("kind", ["dispute", "hardship", "ceased"])
def test_a_hold_stops_it_for_good(work, kind):
    promised(work)
    contact.place_hold(person=work[0].person, kind=kind, reason="x", by=None, now=at(MADE))
    assert sent(BEFORE) == {"refused": 1}
    assert Notice.objects.get().why.startswith("house.")


def test_an_opt_out_stops_it(work):
    promised(work)
    contact.opt_out(person=work[0].person, by=None, now=at(MADE), channel=codes.Channel.EMAIL)
    assert sent(BEFORE) == {"refused": 1}


def test_whoever_has_no_address_is_counted(work):
    work[0].person.contact_points.all().delete()
    promised(work)
    assert agreements.prepare(day=BEFORE) == {"reminders": 0, "thanks": 0, "no_mail": 1}
    assert sent(BEFORE) == {}


def test_thanks_that_come_too_late_are_left_out(work):
    promised(work)
    pay(work, 10_000, DUE)
    agreements.prepare(day=DUE)
    assert sent(DUE + timedelta(days=4)) == {"dropped": 1}


def test_what_a_file_tells_of_long_ago_is_not_thanked_for(work):
    promised(work)
    pay(work, 10_000, DUE)
    Promise.objects.update(judged_on=date(2026, 3, 25))
    assert agreements.prepare(day=date(2026, 3, 26))["thanks"] == 0


def test_a_promise_made_today_for_tomorrow_needs_no_reminder(work):
    promised(work, made_on=BEFORE)
    assert sent(BEFORE) == {}


def test_the_number_of_statements_does_not_grow(work, django_assert_num_queries):
    for n in range(1, 20):
        debtor = stories.person()
        loan = stories.account(debtor, work[0].creditor, principal=90_000)
        promised((stories.case(debtor, work[0].creditor), loan), cents=100 + n)
    with django_assert_num_queries(8):  # how many there are, five kinds, and the transaction
        agreements.prepare(day=BEFORE)
    assert Notice.objects.count() == 19


# ---- the night


def test_the_night_notes_them_once_and_says_how_many(work, monkeypatch):
    """Killed after the step was done and called again, nothing is noted twice; the chance of each is worked out."""
    promised(work)
    Promise.objects.update(chance=None)

    def die(**_):
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr("fairdue.flows.night.upkeep.age_accounts", die)
        with pytest.raises(RuntimeError):
            night.run(BEFORE, now=at(BEFORE, "02:30"))
    run = night.run(BEFORE, now=at(BEFORE, "02:40"))
    counts = run.steps.get(name="promises").counts
    assert (counts["reminders"], counts["thanks"], counts["no_mail"], counts["rated"]) == (1, 0, 0, 1)
    assert Notice.objects.count() == 1
    assert Promise.objects.get().chance == 580_000  # M1 68, never paid 10 less, four days ahead


def test_a_day_gets_no_more_than_the_strategy_allows(work, monkeypatch):
    for n in range(5):
        debtor = stories.person()
        stories.email(debtor, f"a{n}@example.com")
        loan = stories.account(debtor, work[0].creditor, principal=90_000)
        promised((stories.case(debtor, work[0].creditor), loan))
    few = replace(strategy(), a_day_most=3)
    monkeypatch.setattr("fairdue.agreements.services.notices.strategy", lambda: few)
    assert agreements.prepare(day=BEFORE)["reminders"] == 3
    assert agreements.prepare(day=BEFORE)["reminders"] == 0


# ---- plans


def plan_scene():
    scene = tell.set_up()
    stories.email(scene.case.person)
    return scene, tell.agreed(scene)  # 2,000.00 on the 25th of six months


def test_an_instalment_is_told_of_although_the_plan_keeps_collectors_away():
    plan_scene()
    assert sent(date(2026, 3, 22)) == {}
    assert sent(date(2026, 3, 23)) == {"queued": 1}
    assert "第 1 期（共 6 期）¥2,000.00 将于 2026-03-25 到期" in Message.objects.get().body


def test_a_paid_instalment_is_thanked_for_and_the_plan_at_its_end():
    scene, plan = plan_scene()
    tell.pay(scene, 200_000, date(2026, 3, 24), "P1")
    assert sent(date(2026, 3, 25)) == {"queued": 1}
    assert "第 1 期（共 6 期）¥2,000.00 已经收到" in Message.objects.get().body
    tell.pay(scene, 1_000_000, date(2026, 4, 2), "P2")
    plans.judge(today=date(2026, 4, 3), now=at(date(2026, 4, 3)))
    plan.refresh_from_db()
    assert plan.status == Plan.Status.COMPLETED
    assert sent(date(2026, 4, 3)) == {"queued": 1}
    assert "合计 ¥12,000.00 已全部付清" in Message.objects.latest("pk").body
    assert sent(date(2026, 4, 25)) == {}  # nothing more about instalments of a plan that is done


def test_consents_are_not_needed_where_the_law_asks_for_none(work):
    promised(work)
    assert not Consent.objects.exists()
    assert sent(BEFORE) == {"queued": 1}
