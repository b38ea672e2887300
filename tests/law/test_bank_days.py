"""Until when money for a day may come: bank days of a calendar, the firm's word over it, weekends where none is known."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdue.law.bank_days import terms
from fairdue.law.calendars import CALENDARS, WORKDAY, add_working_days, kind_of
from fairdue.money.days import date_of, day_of


def told(calendar, due_on, grace=2, **other):
    counted, last = terms(calendar, [day_of(due_on)], grace=grace, **other)
    return date_of(int(counted[0])), date_of(int(last[0]))


@pytest.mark.parametrize(
    ("calendar", "due_on", "counted", "last"),
    [
        ("cn", date(2026, 3, 4), date(2026, 3, 4), date(2026, 3, 6)),  # a Wednesday
        ("cn", date(2026, 3, 6), date(2026, 3, 6), date(2026, 3, 10)),  # a Friday
        ("cn", date(2026, 3, 8), date(2026, 3, 9), date(2026, 3, 11)),  # a Sunday
        ("cn", date(2026, 2, 28), date(2026, 2, 28), date(2026, 3, 3)),  # a Saturday worked in exchange
        ("cn", date(2026, 10, 1), date(2026, 10, 8), date(2026, 10, 10)),  # seven days off, then a worked Saturday
        ("us", date(2026, 7, 3), date(2026, 7, 6), date(2026, 7, 8)),  # Independence Day, kept on the Friday
        ("gb", date(2026, 12, 25), date(2026, 12, 29), date(2026, 12, 31)),  # Boxing Day is kept on the Monday
        ("", date(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 5)),  # no calendar: weekends alone
        ("cn", date(2093, 1, 3), date(2093, 1, 5), date(2093, 1, 7)),  # a Saturday of a year nobody knows yet
    ],
)
def test_days(calendar, due_on, counted, last):
    assert told(calendar, due_on) == (counted, last)


def test_the_firms_word_goes_first():
    closed = {"cn": {date(2026, 3, 5): False, date(2026, 3, 7): True}}
    assert told("cn", date(2026, 3, 5), corrections=closed) == (date(2026, 3, 6), date(2026, 3, 9))


@given(st.sampled_from(CALENDARS), st.dates(date(2015, 1, 1), date(2026, 10, 30)), st.integers(0, 5))
def test_as_counted_day_by_day(calendar, due_on, grace):
    counted, last = told(calendar, due_on, grace)
    assert counted == add_working_days(calendar, due_on - timedelta(days=1), 1)
    assert last == (add_working_days(calendar, counted, grace) if grace else counted)
    assert kind_of(calendar, last) == WORKDAY


def test_no_days():
    assert [len(column) for column in terms("cn", [], grace=2)] == [0, 0]
