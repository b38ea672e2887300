"""Replay: every stored verdict, judged again by its own facts and packs, is the stored one; what was touched is found."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections

import stories
from contact.conftest import NOON, Scene
from contact.test_rulebook import TODAY, submitted
from fairdue.contact.models import Replay, ReplayDifference, Verdict
from fairdue.contact.rulebook import services
from fairdue.contact.rulebook.services import replaying
from fairdue.journal.models import Entry
from fairdue.law import codes
from fairdue.staff.models import Role
from killing import killed_at

LATER = NOON + timedelta(days=2)


def talk(scene, n=6):
    """Verdicts of every sort: allowed, too soon, at night, to a friend, an e-mail."""
    for i in range(n):
        scene.ask(now=NOON + timedelta(minutes=7 * i))
    scene.ask(now=NOON + timedelta(hours=11))
    scene.write(now=NOON + timedelta(hours=2))


def tamper(pk, change):
    """What no service does: somebody with the keys of the database changes a verdict."""
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(f"update contact_verdict set {change} where id = %s", [pk])
        cursor.execute("set session_replication_role = origin")


def test_every_verdict_comes_out_as_it_was_stored(scene):
    talk(scene)
    run = services.replay(now=LATER)
    assert (run.status, run.total, run.judged, run.different) == ("done", 8, 8, 0)
    assert Entry.objects.get(verb="replay.done").data == {"verdicts": 8, "different": 0}


def test_verdicts_of_older_packs_are_judged_by_those(scene):
    """One call a day since noon; the verdicts of the morning were given under eight."""
    talk(scene, 2)
    officer, counsel = stories.user(Role.COMPLIANCE), stories.user(Role.LEGAL)
    services.approve(version=submitted(officer, TODAY), by=counsel, now=NOON)
    talk(scene, 2)
    assert len({verdict.packs["house"]["hash"] for verdict in Verdict.objects.all()}) == 2
    assert services.replay(now=LATER).different == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("decision = 3 - decision", "decision"),
        ("""rules = '["cn.quiet-hours"]'""", "rules"),
        ("at = at - interval '1 hour'", "at"),
        ("lawful_until = lawful_until + interval '1 hour'", "lawful_until"),
        ("""facts = jsonb_set(facts, '{columns,opted_out}', 'true')""", "decision"),
        ("""facts = jsonb_set(facts, '{columns,no_such}', 'true')""", "facts"),
        ("""facts = '{}'""", "facts"),
        ("""packs = jsonb_set(packs, '{cn,hash}', '"00"')""", "packs"),
    ],
)  # fmt: skip
def test_a_tampered_verdict_is_found(scene, change, field):
    talk(scene)
    touched = Verdict.objects.filter(decision=codes.Decision.ALLOW).earliest("pk")
    tamper(touched.pk, change)
    run = services.replay(now=LATER)
    found = ReplayDifference.objects.get(replay=run)
    assert (run.judged, run.different, found.verdict_id) == (8, 1, touched.pk)
    assert field in found.what


def test_a_replay_takes_what_is_new_since_the_last(scene):
    talk(scene)
    services.replay(now=LATER)
    scene.ask(now=NOON + timedelta(days=1))
    assert services.replay(now=LATER).judged == 1
    assert services.replay(now=LATER).judged == 0
    assert services.replay(now=LATER, since=TODAY).judged == 9


def test_what_was_asked_this_minute_waits(scene):
    scene.ask()
    assert services.replay(now=NOON).total == 0
    assert services.replay(now=NOON + timedelta(minutes=5)).total == 1


def test_batches_of_any_size_find_the_same(scene, monkeypatch):
    talk(scene)
    tamper(Verdict.objects.latest("pk").pk, "decision = 2")
    runs = []
    for size in (1, 3, 2000):
        monkeypatch.setattr(replaying, "BATCH", size)
        run = services.replay(now=LATER, since=TODAY)
        runs.append(([d.what for d in run.differences.all()], run.judged, run.different))
    assert runs[0] == runs[1] == runs[2]


@pytest.mark.django_db(transaction=True)
def test_a_killed_replay_goes_on_and_counts_every_verdict_once(monkeypatch):
    monkeypatch.setattr(replaying, "BATCH", 2)
    scene = Scene()
    talk(scene)
    tamper(Verdict.objects.earliest("pk").pk, "decision = 2")
    statement = 4
    while killed_at(statement, lambda: services.replay(now=LATER), after=statement % 2 == 0):
        for run in Replay.objects.all():
            assert run.judged == Verdict.objects.filter(pk__lte=run.last).count()
            assert run.different == run.differences.count()
        statement += 3
    run = services.replay(now=LATER) if Replay.objects.get().status != "done" else Replay.objects.get()
    assert (run.status, run.judged, run.different, Replay.objects.count()) == ("done", 8, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_replays_do_not_run_at_once():
    talk(Scene(), 1)

    def other():
        try:
            with pytest.raises(services.AlreadyReplaying):
                services.replay(now=LATER)
        finally:
            connections.close_all()

    with replaying._alone(), ThreadPoolExecutor(1) as pool:
        pool.submit(other).result()
    assert services.replay(now=LATER).judged == 3
