"""SIGKILL in the middle, and two at once: one file, whole or not at all."""

import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, connections
from procrastinate.contrib.django.models import ProcrastinateJob

from fairdue.accounts.models import Ageing, ChargeStop, Schedule
from fairdue.cases.models import Hold
from fairdue.flows import hardship
from fairdue.hardship.models import Effect, File
from fairdue.journal import queries as journal
from killing import killed_at

sys.path.insert(0, str(Path(__file__).parent))
import hardship_stories as tell
from hardship_stories import DAY, NOW, at, wants

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
KILLS = 12
STATEMENTS = 45


@pytest.fixture(autouse=True)
def _alone():
    """Sessions that a browser test's server left open would be taken for that of the killed process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and backend_type = 'client backend' and state = 'idle'"
        )
    yield
    ProcrastinateJob.objects.all().delete()


def opening(scene, key="k"):
    def act():
        return hardship.open_file(
            case=scene.case, key=f"{key}{scene.case.pk}", reason="illness", by=scene.lead, now=NOW,
            wanted=[wants(scene, "grace"), wants(scene, "quiet"), wants(scene, "interest")],
        )  # fmt: skip

    return act


def whole(scene) -> int:
    """File, effects, dues, hold, stops and ageing agree with each other; how many files run."""
    files = File.objects.filter(case=scene.case).exclude(status="ended").count()
    assert Effect.objects.filter(file__case=scene.case, status="running").count() == 3 * files
    assert Hold.objects.filter(person=scene.case.person, lifted_at=None).count() == files
    assert ChargeStop.objects.filter(account=scene.loan).exclude(ends_on=DAY).count() == 2 * files
    held = Schedule.objects.filter(account=scene.loan, replaced_at=None).first()
    assert (held is not None and held.due_days[0] > DAY) == bool(files)
    return files


def test_killed_while_opening_it_is_a_file_or_nothing():
    rng, deaths, seen = random.Random(5), 0, set()
    for _ in range(KILLS):
        scene = tell.set_up()
        act = opening(scene)
        deaths += killed_at(rng.randint(1, STATEMENTS), act, after=rng.random() < 0.5)
        seen.add(whole(scene))
        act()
        assert whole(scene) == 1
        assert Ageing.objects.get(account=scene.loan).past_due == 0
    assert deaths >= KILLS // 2
    assert 0 in seen
    assert journal.verify().intact


def test_killed_while_ending_everything_runs_or_nothing():
    rng, deaths = random.Random(6), 0
    for _ in range(KILLS // 2):
        scene = tell.set_up()
        file = opening(scene)()

        def end(file=file, by=scene.lead):
            return hardship.review(file=file, decision="end", reason="over", by=by, now=at(DAY, 12))

        deaths += killed_at(rng.randint(1, STATEMENTS), end, after=rng.random() < 0.5)
        whole(scene)
        end()
        assert whole(scene) == 0
    assert deaths


def test_opened_by_two_at_once_it_is_one_file():
    scene = tell.set_up()
    ready = threading.Barrier(2)

    def press(_):
        try:
            ready.wait(10)
            return opening(scene, "same")().pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as both:
        assert len(set(both.map(press, range(2)))) == 1
    assert whole(scene) == 1


def test_the_night_twice_is_the_night_once():
    scene = tell.set_up()
    file = opening(scene)()
    later = DAY + timedelta(40)
    first = hardship.nightly(day=later, now=at(later, 2))
    assert (first["hardship_over"], hardship.nightly(day=later, now=at(later, 2))["hardship_over"]) == (3, 0)
    file.refresh_from_db()
    assert file.status == "open"  # its review comes back; nobody but a person ends a file
