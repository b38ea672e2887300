"""Days off, as far as the calendars are known."""

from datetime import date

import numpy as np
import pytest

from fairdue.law import calendars
from fairdue.law.clock import day_number


@pytest.mark.parametrize(
    ("calendar", "day", "kind"),
    [
        ("cn", date(2026, 2, 17), calendars.HOLIDAY),
        ("cn", date(2026, 2, 14), calendars.WORKDAY),  # a Saturday that is worked for the Spring Festival
        ("cn", date(2026, 2, 28), calendars.WORKDAY),
        ("cn", date(2026, 3, 7), calendars.REST_DAY),
        ("cn", date(2026, 10, 8), calendars.WORKDAY),
        ("us", date(2026, 6, 19), calendars.HOLIDAY),
        ("us", date(2026, 7, 3), calendars.HOLIDAY),  # Independence Day falls on a Saturday and is kept on the Friday
        ("au", date(2026, 1, 26), calendars.HOLIDAY),
        ("au", date(2026, 6, 8), calendars.WORKDAY),  # the King's birthday is no national holiday
    ],
)
def test_the_kind_of_a_day(calendar, day, kind):
    assert calendars.kind_of(calendar, day) == kind
    assert calendars.kinds_of(calendar, np.array([day_number(day)])).tolist() == [kind]


def test_a_day_beyond_the_calendar_is_unknown_and_never_a_working_day():
    beyond = date(2040, 1, 2)
    assert calendars.kinds_of("cn", np.array([day_number(beyond)])).tolist() == [calendars.UNKNOWN]
    with pytest.raises(calendars.CalendarUnknownError, match="the calendar cn is known until 2026-12-31; 2040-01-02"):
        calendars.kind_of("cn", beyond)
    with pytest.raises(calendars.CalendarUnknownError):
        calendars.add_working_days("cn", date(2026, 12, 30), 5)


def test_ten_working_days_leave_out_weekends_and_juneteenth():
    assert calendars.add_working_days("us", date(2026, 6, 12), 10) == date(2026, 6, 29)
