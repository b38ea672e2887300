"""A permit opens one door, once, in its window, for the one who asked."""

import uuid
from datetime import timedelta

import pytest

import stories
from fairdue.contact import services as door
from fairdue.contact.models import Permit
from fairdue.contact.services import permits
from fairdue.journal.models import Entry
from fairdue.law import codes


def why(scene, permit, *, by=None, later=timedelta(0)):
    with pytest.raises(door.PermitError) as caught:
        door.hand_over(permit=permit, by=by or scene.by, now=scene.now + later)
    return caught.value.why


def test_it_gives_the_number_once_and_the_sight_of_it_is_journalled(scene):
    permit = scene.ask().permit

    assert door.hand_over(permit=permit, by=scene.by, now=scene.now).address == "+8613800138000"
    assert why(scene, permit) == "spent"
    seen = Entry.objects.get(verb="contact_point.revealed")
    assert (seen.actor_id, seen.person_id, seen.data["case"]) == (scene.by.pk, scene.debtor.pk, scene.case.pk)


def test_it_ends_with_its_window(scene):
    permit = scene.ask().permit

    assert why(scene, permit, later=timedelta(minutes=5)) == "expired"
    assert why(scene, permit, later=timedelta(seconds=-1)) == "early"


def test_a_colleague_cannot_use_it(scene):
    assert why(scene, scene.ask().permit, by=stories.user()) == "holder"


def test_one_that_does_not_exist(scene):
    assert why(scene, uuid.uuid4()) == "missing"


@pytest.mark.parametrize(
    "forgery",
    [
        {"expires_at": stories.utc("2027-01-01T00:00")},
        {"purpose": codes.Purpose.ANSWER_QUERY},
        {"key": "another"},
        {"signature": b"\x00" * 32},
    ],
)
def test_whoever_changes_it_in_the_database_breaks_its_seal(scene, forgery):
    permit = scene.ask().permit
    Permit.objects.filter(pk=permit).update(**forgery)

    assert why(scene, permit) == "forged"


def test_pointing_it_at_another_number_breaks_its_seal(scene):
    permit = scene.ask().permit
    Permit.objects.filter(pk=permit).update(contact_point=stories.phone(stories.person(), "+8613900139000"))

    assert why(scene, permit) == "forged"


def test_a_letter_permit_does_not_open_the_phone(scene):
    assert why(scene, scene.write().permit) == "channel"


def test_a_permit_cannot_be_made_to_fit_another_key(scene, settings):
    permit = scene.ask().permit
    settings.SECRET_KEY = "another secret"

    assert why(scene, permit) == "forged"


def test_one_given_back_is_good_again_unless_it_was_to_be_revoked(scene):
    permit = scene.ask().permit
    door.hand_over(permit=permit, by=scene.by, now=scene.now)

    assert permits.give_back(permit=permit, now=scene.now)
    door.hand_over(permit=permit, by=scene.by, now=scene.now)
    Permit.objects.filter(pk=permit).update(revoked_why="paid")
    assert not permits.give_back(permit=permit, now=scene.now)
    assert why(scene, permit) == "revoked"
