"""A stop takes back every leave not yet used, in every case of the person, at once."""

from datetime import timedelta

import stories
from fairdue.contact import services as door
from fairdue.contact.models import Message, Permit
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.people.models import Relation


def test_a_stop_reaches_every_case_and_queued_message_of_the_person(scene):
    other = stories.creditor()
    stories.account(scene.debtor, other)
    elsewhere = stories.case(scene.debtor, other, owner=scene.by)
    call = scene.ask()
    letter = scene.write(case=elsewhere)

    taken = door.revoke(persons=[scene.debtor.pk], why="paid", now=scene.now)

    assert (taken.permits, taken.messages) == (2, 1)
    assert set(Permit.objects.values_list("revoked_why", flat=True)) == {"paid"}
    assert Message.objects.get(pk=letter.message_id).status == "revoked"
    entry = Entry.objects.get(verb="contact.revoked")
    assert (entry.person_id, entry.data) == (scene.debtor.pk, {"permits": 2, "why": "paid"})
    assert door.send(message_id=letter.message_id, now=scene.now) == "revoked"
    assert call.allowed


def test_leave_to_reach_a_third_person_goes_with_the_debtors_stop_and_with_their_own(scene):
    for hours in (26, 25, 24.5):
        scene.past(hours, codes.Result.UNANSWERED)
    friend = stories.person("赵友")
    Relation.objects.create(debtor=scene.debtor, person=friend, kind=codes.Relation.FRIEND)
    theirs = stories.phone(friend, "+8613900139000")
    first = scene.ask(contact_point=theirs)
    assert first.allowed

    assert door.revoke(persons=[friend.pk], why="opt_out", now=scene.now).permits == 1
    scene.now += timedelta(minutes=20)
    assert scene.ask(contact_point=theirs).allowed
    assert door.revoke(persons=[scene.debtor.pk], why="hold", now=scene.now).permits == 1


def test_what_was_spent_or_belongs_to_others_stays(scene):
    spent = scene.ask()
    door.hand_over(permit=spent.permit, by=scene.by, now=scene.now)

    assert door.revoke(persons=[scene.debtor.pk, stories.person().pk], why="paid", now=scene.now).permits == 0
    assert Permit.objects.get().revoked_at is None


def test_many_persons_take_as_many_queries_as_one(scene, django_assert_num_queries):
    persons = [stories.person().pk for _ in range(40)]

    with django_assert_num_queries(4):  # savepoint, lock, permits, release
        door.revoke(persons=persons, why="paid", now=scene.now)
