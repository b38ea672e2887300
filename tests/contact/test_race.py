"""Many at once, on a real database: the cap holds, and a stop wins."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from procrastinate.contrib.django.models import ProcrastinateJob

import stories
from contact.conftest import NOON, Scene
from fairdue.contact import rulebook
from fairdue.contact import services as door
from fairdue.contact.models import Attempt, Permit, Verdict
from fairdue.flows import contact as flow
from fairdue.journal import queries as journal
from fairdue.law import packs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_jobs_left():
    """Django empties its own tables after such a test, the queue's not."""
    yield
    ProcrastinateJob.objects.all().delete()


def at_once(n, act):
    """The answers of `n` threads that start `act(i)` together."""
    barrier = threading.Barrier(n)

    def run(i):
        try:
            barrier.wait(timeout=30)
            return act(i)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(run, range(n)))


def test_fifty_ask_for_the_same_person_and_one_may_call():
    scene = Scene()

    answers = at_once(50, lambda i: scene.ask(key=f"call {i}"))

    assert Counter(answer.allowed for answer in answers) == {True: 1, False: 49}
    assert Permit.objects.count() == Attempt.objects.count() == 1
    assert Verdict.objects.count() == 50
    assert {a.reasons[0].rule for a in answers if not a.allowed} == {"house.gap-between-calls"}
    assert journal.verify().intact


def test_by_the_national_standard_alone_exactly_three_of_fifty_may_call(monkeypatch):
    """Without the firm's gap between calls: three a day, each counted as a conversation until its outcome is known."""
    law = tuple(pack for pack in packs.standard() if pack.id == "cn")
    monkeypatch.setattr(rulebook, "standing", lambda at: rulebook.Standing(law, None))
    scene = Scene()

    answers = at_once(50, lambda i: scene.ask(key=f"call {i}"))

    assert Counter(answer.allowed for answer in answers) == {True: 3, False: 47}
    assert Permit.objects.count() == 3


def test_a_call_of_the_next_minute_is_seen_by_one_who_asked_a_second_before_and_waited():
    """Two press at 12:00:59 and 12:01:00; the later one has the lock first; then the earlier one is refused."""
    scene = Scene()
    assert scene.ask(now=NOON + timedelta(minutes=1)).allowed
    assert not scene.ask(now=NOON + timedelta(seconds=59)).allowed


def test_collectors_of_two_creditors_share_the_cap():
    scene = Scene()
    other = stories.creditor()
    stories.account(scene.debtor, other)
    elsewhere = stories.case(scene.debtor, other)

    answers = at_once(20, lambda i: scene.ask(key=f"call {i}", case=[scene.case, elsewhere][i % 2]))

    assert sum(answer.allowed for answer in answers) == 1


def test_one_key_pressed_many_times_is_one_call():
    scene = Scene()

    answers = at_once(20, lambda i: scene.ask(key="the same"))

    assert len({answer.permit for answer in answers}) == 1
    assert Counter(answer.again for answer in answers) == {True: 19, False: 1}


def test_a_permit_is_spent_by_exactly_one():
    scene = Scene()
    permit = scene.ask().permit

    def spend(i):
        try:
            return door.hand_over(permit=permit, by=scene.by, now=scene.now).address
        except door.PermitError as error:
            return error.why

    assert Counter(at_once(20, spend)) == {"+8613800138000": 1, "spent": 19}


def test_a_hold_placed_while_others_ask_leaves_nothing_good():
    """Whoever asks before the hold has the permit taken back; whoever asks after is refused."""
    scene = Scene()

    def act(i):
        if i == 7:
            flow.place_hold(person=scene.debtor, kind="dispute", reason="金额不对", by=scene.by, now=NOON)
            return None
        return scene.ask(key=f"call {i}")

    at_once(16, act)

    assert not Permit.objects.filter(revoked_at=None).exists()
    assert not scene.ask().allowed


def test_messages_and_calls_to_many_persons_do_not_deadlock():
    scenes = [Scene() for _ in range(4)]

    def act(i):
        mine, other = scenes[i % 4], scenes[(i + 1) % 4]
        mine.ask(key=f"call {i}")
        mine.write(key=f"letter {i}")
        return door.revoke(persons=[mine.debtor.pk, other.debtor.pk], why="paid", now=NOON).permits

    taken = at_once(16, act)

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from contact_permit where revoked_at is null")
        left = cursor.fetchone()[0]
    assert sum(taken) + left == Permit.objects.count()
