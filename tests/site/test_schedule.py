"""Nights and seals by the local clock."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from fairdue.cases.models import Run
from fairdue.flows.night import STEPS
from fairdue.journal.models import Seal
from fairdue.site import tasks


@pytest.mark.parametrize(("at", "due"), [
    ("2026-03-02T02:04", False), ("2026-03-02T02:05", True), ("2026-03-02T07:55", True), ("2026-03-02T08:00", False),
])  # fmt: skip
def test_a_night_is_due_before_dawn(at, due):
    local = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    assert tasks.night_due(local, done=False) is due
    assert not tasks.night_due(local, done=True)


def test_the_hour_that_does_not_exist_loses_no_night():
    """New York skips 02:00–03:00 on 2026-03-08: the first tick after it is 03:00, and the night is still due."""
    after = datetime(2026, 3, 8, 7, 0, tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo("America/New_York"))
    assert after.hour == 3
    assert tasks.night_due(after, done=False)


def test_the_evening_is_sealed_in_its_last_minutes():
    zone = ZoneInfo("Asia/Shanghai")
    assert not tasks.seal_due(datetime(2026, 3, 2, 23, 54, tzinfo=zone), done=False)
    assert tasks.seal_due(datetime(2026, 3, 2, 23, 55, tzinfo=zone), done=False)
    assert not tasks.seal_due(datetime(2026, 3, 3, 0, 0, tzinfo=zone), done=False)


@pytest.mark.django_db
def test_one_night_of_a_date_waits_in_the_queue():
    day = datetime(2026, 3, 2, tzinfo=ZoneInfo("UTC")).date()
    assert tasks.start_night(day)
    assert not tasks.start_night(day)


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the schedule."""

    def set_clock(text):
        moment = datetime.fromisoformat(text)
        monkeypatch.setattr(tasks.timezone, "now", lambda: moment)

    return set_clock


def queued():
    return list(ProcrastinateJob.objects.filter(task_name="site.night").values_list("args__on", flat=True))


@pytest.mark.django_db
def test_the_tick_queues_tonights_run_once_and_not_by_day(at):
    for moment in ("2026-03-02T02:00+08:00", "2026-03-02T14:00+08:00"):
        at(moment)
        tasks.tick(0)
    assert queued() == []
    at("2026-03-02T02:05+08:00")
    for _ in range(3):
        tasks.tick(0)
    assert queued() == ["2026-03-02"]


@pytest.mark.django_db
def test_the_tick_leaves_a_date_alone_that_has_a_run(at):
    at("2026-03-02T03:00+08:00")
    Run.objects.create(on=date(2026, 3, 2), started_at=tasks.timezone.now())
    tasks.tick(0)
    assert queued() == []


@pytest.mark.django_db
def test_the_tick_seals_the_evening_once(at):
    at("2026-03-02T23:55+08:00")
    for _ in range(2):
        tasks.tick(0)
    assert [seal.day for seal in Seal.objects.all()] == [date(2026, 3, 2)]


@pytest.mark.django_db(transaction=True)
def test_a_queued_night_runs(at):
    """An empty house: the night runs through and publishes nothing."""
    at("2026-03-02T03:00+08:00")
    assert tasks.night("2026-03-02")["status"] == "done"
    assert Run.objects.get().steps.count() == len(STEPS)
