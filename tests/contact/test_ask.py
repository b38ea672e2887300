"""Asking for leave: what is written on a yes, what on a no, and that a key happens once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

import stories
from fairdue.contact import services as door
from fairdue.contact.models import Attempt, Message, Permit, Verdict
from fairdue.journal.models import Entry
from fairdue.law import codes, gate, packs


def test_a_lawful_call_leaves_verdict_attempt_permit_and_journal(scene):
    answer = scene.ask()

    assert answer.allowed
    assert answer.expires_at == scene.now + timedelta(minutes=5)
    permit = Permit.objects.get(pk=answer.permit)
    assert (permit.person, permit.contact_point, permit.channel) == (scene.debtor, scene.phone, codes.Channel.CALL)
    attempt = Attempt.objects.get(pk=answer.attempt_id)
    assert (attempt.result, attempt.relation, attempt.by) == (codes.Result.PENDING, codes.Relation.DEBTOR, scene.by)
    assert attempt.account == scene.debtor.accounts.get()
    assert list(Entry.objects.values_list("verb", flat=True)) == ["contact.allowed"]


def test_a_refusal_keeps_its_verdict_with_article_and_first_lawful_minute(scene):
    answer = scene.ask(now=scene.now + timedelta(hours=11))  # 23:00

    assert not answer.allowed
    assert answer.earliest == scene.now + timedelta(hours=20)  # 08:00
    assert answer.zone == "Asia/Shanghai"
    assert "贷后催收风控指引" in answer.reasons[0].cites["zh"]
    assert answer.reasons[0].cites["en"].startswith("GB/T 45251-2025 part 5.3")
    assert "22:00" in answer.reasons[0].says["zh"]
    assert "22:00" in answer.reasons[0].says["en"]
    verdict = Verdict.objects.get(pk=answer.verdict_id)
    assert (verdict.decision, verdict.rules[0]) == (codes.Decision.DENY, "cn.quiet-hours")
    assert verdict.earliest == answer.earliest
    assert not Attempt.objects.exists()
    assert not Permit.objects.exists()
    assert list(Entry.objects.values_list("verb", flat=True)) == ["contact.refused"]


def test_a_stored_verdict_can_be_judged_again(scene):
    verdict = Verdict.objects.get(pk=scene.ask(now=scene.now + timedelta(hours=11)).verdict_id)

    again = gate.rejudge({"facts": verdict.facts}, packs.standard())

    assert [rule.id for rule in again.rules_of(0)] == verdict.rules
    assert again.decision[0] == verdict.decision


def test_a_permit_ends_with_the_lawful_window(scene):
    answer = scene.ask(now=scene.now + timedelta(hours=9, minutes=58))  # 21:58

    assert answer.expires_at == scene.now + timedelta(hours=10)


def test_a_warning_is_allowed_with_its_condition(scene):
    for n in range(6):
        scene.past(1 + n / 10, codes.Result.UNANSWERED)

    answer = scene.ask()

    assert answer.allowed
    assert answer.decision == codes.Decision.WARN
    assert "cn.six-dials" in [reason.rule for reason in answer.reasons]


def test_the_same_key_is_the_same_contact(scene):
    first = scene.ask(key="once")
    again = scene.ask(key="once", now=scene.now + timedelta(minutes=1))

    assert (again.permit, again.attempt_id, again.verdict_id) == (first.permit, first.attempt_id, first.verdict_id)
    assert again.again
    assert not first.again
    assert Attempt.objects.count() == 1


def test_a_key_is_not_taken_for_something_else(scene):
    scene.ask(key="once")

    with pytest.raises(ValueError, match="used for another"):
        scene.write(key="once")


@pytest.mark.parametrize("missing", [{"key": ""}, {"contact_point": stories.ContactPoint()}, {"case": stories.Case()}])
def test_no_id_no_send(scene, missing):
    with pytest.raises(ValueError, match="no id, no send"):
        scene.ask(**missing)
    assert not Verdict.objects.exists()


def test_a_message_is_queued_with_its_job(scene):
    answer = scene.write(key="letter 1")

    message = Message.objects.get(pk=answer.message_id)
    assert (message.key, message.status, message.language) == ("letter 1", "queued", "zh")
    job = ProcrastinateJob.objects.get(queueing_lock=f"message:{message.pk}")
    assert (job.queue_name, job.args) == ("outbox", {"message_id": message.pk})


def test_what_a_message_leaves_out_is_judged(american):
    american.phone.zones = american.mail.zones = "America/New_York"
    american.phone.save()
    american.mail.save()
    daytime = american.now + timedelta(hours=12)  # 11:00 in New York

    silent = door.Draft(
        "en", "x", "Hello", "This is Fairdue. You owe $10. We are a debt collector: from a debt collector."
    )
    answer = american.write(draft=silent, now=daytime)

    assert not answer.allowed
    assert "us.opt-out-notice" in {reason.rule for reason in answer.reasons}


def test_a_message_that_leaves_out_what_must_be_said_is_refused_with_the_rule(american):
    american.mail.zones = "America/New_York"
    american.mail.save()
    daytime = american.now + timedelta(hours=12)
    body = "This is Fairdue. Please pay what you owe. Reply STOP to stop e-mails like this one."

    answer = american.write(draft=door.Draft("en", "short", "Hello", body), now=daytime)
    assert not answer.allowed
    assert [(mark.breach.rule, mark.breach.cites["en"]) for mark in answer.marks] == [
        ("us.say-debt-collector", "12 CFR 1006.18(e)")
    ]
    whole = door.Draft("en", "whole", "Hello", f"{body} This is from a debt collector.")
    assert american.write(draft=whole, now=daytime).allowed


def test_a_call_not_yet_judged_by_its_outcome_counts_as_a_conversation(scene):
    for _ in range(3):
        answer = scene.ask()
        assert answer.allowed
        door.hand_over(permit=answer.permit, by=scene.by, now=scene.now)
        scene.now += timedelta(minutes=20)

    assert "cn.three-conversations" in [reason.rule for reason in scene.ask().reasons]


def test_a_permit_that_ran_out_unspent_was_no_contact(scene):
    for _ in range(5):
        assert scene.ask().allowed
        scene.now += timedelta(minutes=6)


def test_the_number_of_queries_is_fixed(scene):
    for hours in range(1, 30):
        scene.past(24 + hours, codes.Result.UNANSWERED)
    with CaptureQueriesContext(connection) as call:
        scene.ask()
    scene.now += timedelta(hours=1)
    with CaptureQueriesContext(connection) as letter:
        scene.write()

    assert len(call) == 6, [q["sql"][:80] for q in call]
    assert len(letter) == 9, [q["sql"][:80] for q in letter]


def test_nobody_is_asked_to_pay_a_debt_whose_proof_is_incomplete(scene):
    """Given one of two debts below the creditor's bar of 60; when the collector calls; then hold, with the reason."""
    stories.account(scene.debtor, scene.lender, proof_score=40)

    refused = scene.ask()

    assert isinstance(refused, door.Refused)
    assert "house.proof-incomplete" in str(Verdict.objects.get(pk=refused.verdict_id).rules)
