"""What came of a contact is written once; a correction is a new row, and the latest counts."""

import pytest
from django.db import DatabaseError, transaction

from fairdue.contact import services as door
from fairdue.contact.models import Attempt, Outcome, Permit
from fairdue.contact.services.outcomes import RESULTS
from fairdue.journal.models import Entry
from fairdue.law import codes

K, R = Outcome.Kind, codes.Result


def recorded(scene, attempt, kind, **fields):
    return door.record_outcome(attempt=attempt, kind=kind, by=scene.by, now=scene.now, **fields)


@pytest.fixture
def attempt(scene):
    return Attempt.objects.get(pk=scene.ask().attempt_id)


@pytest.mark.parametrize("kind", K)
def test_every_kind_says_what_the_line_gave(scene, attempt, kind):
    talked = {
        K.PROMISE,
        K.PLAN,
        K.REFUSES,
        K.HARDSHIP,
        K.DISPUTE,
        K.CALL_BACK,
        K.ABUSIVE,
        K.RELAYED,
        K.CEASE,
        K.PAID_ALREADY,
    }

    outcome = recorded(scene, attempt, kind)

    assert (outcome.result == R.CONVERSATION) == (kind in talked) == (kind not in RESULTS)


def test_a_second_outcome_needs_to_correct_the_first(scene, attempt):
    first = recorded(scene, attempt, K.NO_ANSWER)
    with pytest.raises(door.OutcomeError) as caught:
        recorded(scene, attempt, K.BUSY)
    assert "更正" in caught.value.zh

    second = recorded(scene, attempt, K.BUSY, supersedes=first)

    assert attempt.outcomes.get(superseded_by=None) == second
    entry = Entry.objects.get(verb="outcome.corrected")
    assert entry.data == {"kind": "busy", "was": "no_answer"}


def test_only_the_latest_is_corrected(scene, attempt):
    first = recorded(scene, attempt, K.NO_ANSWER)
    recorded(scene, attempt, K.BUSY, supersedes=first)

    with pytest.raises(door.OutcomeError):
        recorded(scene, attempt, K.VOICEMAIL, supersedes=first)


def test_an_outcome_corrects_only_its_own_attempt(scene, attempt):
    first = recorded(scene, attempt, K.NO_ANSWER)

    with pytest.raises(door.OutcomeError, match="another contact"):
        recorded(scene, scene.past(5), K.BUSY, supersedes=first)


def test_the_database_keeps_what_was_written(scene, attempt):
    outcome = recorded(scene, attempt, K.NO_ANSWER)

    for row, change in (
        (outcome, {"kind": "busy"}),
        (attempt, {"result": R.UNANSWERED}),
        (attempt.verdict, {"decision": 3}),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**change)


def test_a_call_not_carried_out_gives_its_permit_back_to_nobody(scene, attempt):
    recorded(scene, attempt, K.CANCELLED)

    assert Permit.objects.get().revoked_why == "not carried out"


def test_their_call_is_recorded_as_theirs_and_counts_against_no_cap(scene):
    for _ in range(3):
        outcome = door.record_inbound(
            case=scene.case, contact_point=None, channel=codes.Channel.CALL, by=scene.by, now=scene.now, kind=K.REFUSES
        )

    assert (outcome.attempt.direction, outcome.attempt.addressee) == (codes.Direction.IN, scene.debtor)
    assert scene.ask().allowed
