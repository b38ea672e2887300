"""The clock: local time exact to the minute across daylight saving, in zones with odd habits."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdue.law import clock

ODD = (
    "Asia/Shanghai", "America/New_York", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Africa/Casablanca",
    "Australia/Lord_Howe", "Pacific/Apia", "America/Santiago", "Asia/Kathmandu", "Asia/Gaza", "Europe/London",
)  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
instants = st.integers(11_000_000, 52_000_000)


def number(zone: str) -> np.ndarray:
    return clock.zone_sets([[zone]])[:, 0]


@given(st.sampled_from(ODD), instants)
def test_the_offset_is_that_of_the_zone_data(zone, instant):
    moment = (EPOCH + timedelta(minutes=instant)).astimezone(ZoneInfo(zone))
    assert clock.offsets(number(zone), np.array([instant]))[0] == moment.utcoffset() // timedelta(minutes=1)


@given(st.sampled_from(ODD), st.integers(0, 60), st.integers(-2, 2))
def test_around_a_change_of_the_clock_it_is_exact_too(zone, which, near):
    changes = clock._changes(zone)
    instant = changes[which % len(changes)][0] + near
    if instant < 0:
        return
    moment = (EPOCH + timedelta(minutes=instant)).astimezone(ZoneInfo(zone))
    assert clock.offsets(number(zone), np.array([instant]))[0] == moment.utcoffset() // timedelta(minutes=1)


@given(st.sampled_from(ODD), st.integers(8_000, 36_000))
def test_a_day_begins_with_its_first_minute(zone, day):
    zones = number(zone)
    start = int(clock.midnight(zones, np.array([day]))[0])
    minutes = np.arange(start - 3 * 1440, start + 1440)
    days = (minutes + clock.offsets(np.repeat(zones, len(minutes)), minutes)) // 1440
    assert start == minutes[days >= day].min()


def test_many_rows_give_what_one_row_gives():
    draw = np.random.default_rng(7)
    zones = np.concatenate([number(zone) for zone in ODD])[draw.integers(0, len(ODD), 5_000)]
    moments = draw.integers(11_000_000, 52_000_000, 5_000)
    together = clock.offsets(zones, moments)
    assert together.tolist() == [int(clock.offsets(zones[i : i + 1], moments[i : i + 1])[0]) for i in range(5_000)]


def test_a_set_of_zones_is_padded_and_an_empty_one_is_unknown():
    sets = clock.zone_sets([["Asia/Shanghai"], ["America/New_York", "America/Chicago"], []])
    assert sets.shape == (3, 2)
    assert sets[0, 0] == sets[0, 1]
    assert sets[2].tolist() == [-1, -1]


def test_a_zone_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="Mars/Olympus"):
        clock.zone_sets([["Mars/Olympus"]])


def test_minutes_go_there_and_back():
    assert clock.local_iso(clock.minutes("2026-03-02T21:59:59", "Asia/Shanghai"), "Asia/Shanghai") == "2026-03-02T21:59"
