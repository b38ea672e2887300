"""Two say yes at once, and SIGKILL in the middle: one plan, whole or not at all."""

import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from fairdue.accounts.models import Ageing, Schedule
from fairdue.agreements.models import Instalment, Plan
from fairdue.cases.models import Hold
from fairdue.flows import plans
from fairdue.journal import queries as journal
from killing import killed_at

sys.path.insert(0, str(Path(__file__).parents[1] / "agreements"))
import plan_stories as tell
from plan_stories import DAY, NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
KILLS = 14
STATEMENTS = 40


@pytest.fixture(autouse=True)
def _no_jobs_left():
    yield
    ProcrastinateJob.objects.all().delete()


def assert_whole(scene) -> int:
    """Plan, instalments, dues, hold and ageing agree with each other."""
    made = Plan.objects.filter(account=scene.loan)
    rows = Schedule.objects.filter(account=scene.loan, replaced_at=None)
    assert len(made) == len(rows) == Hold.objects.filter(account=scene.loan, kind="plan", lifted_at=None).count()
    assert Instalment.objects.filter(plan__in=made).count() == 6 * len(made)
    assert Ageing.objects.get(account=scene.loan).past_due == (0 if made else 400_000)
    return len(made)


def test_killed_while_agreeing_it_is_a_plan_or_nothing():
    rng, deaths, seen = random.Random(3), 0, set()
    for _ in range(KILLS):
        scene = tell.set_up()
        deal, talk = tell.offer(scene), tell.call(scene)

        def agree(deal=deal, talk=talk, by=scene.collector):
            return plans.agree(offer=deal, by=by, now=NOW, attempt=talk)

        deaths += killed_at(rng.randint(1, STATEMENTS), agree, after=rng.random() < 0.5)
        seen.add(assert_whole(scene))
        agree()
        assert assert_whole(scene) == 1
    assert deaths >= KILLS // 2
    assert 0 in seen
    assert journal.verify().intact


def test_twelve_say_yes_at_once_and_it_is_one_plan():
    scene = tell.set_up()
    deal, talk = tell.offer(scene), tell.call(scene)
    barrier = threading.Barrier(12)

    def agree(_):
        try:
            barrier.wait(timeout=30)
            return plans.agree(offer=deal, by=scene.collector, now=NOW, attempt=talk).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        assert len(set(pool.map(agree, range(12)))) == 1
    assert assert_whole(scene) == 1


def test_payments_meet_the_night_and_nothing_is_lost():
    """Six instalments arrive while the night judges: completed, whichever comes first."""
    scene = tell.set_up()
    plan = tell.agreed(scene)
    dues = list(plan.instalments.order_by("n"))

    def act(n):
        try:
            if n < 6:
                tell.pay(scene, dues[n].cents, DAY, f"P{n}")
            else:
                plans.judge(today=DAY, now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(act, range(10)))
    plan.refresh_from_db()
    assert (plan.status, plan.paid) == ("completed", 1_200_000)
    assert sum(Instalment.objects.filter(plan=plan).values_list("paid", flat=True)) == 1_200_000
