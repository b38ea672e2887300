"""Nights and seals by the local clock."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

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
