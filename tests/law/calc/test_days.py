"""Working days, deadlines, retention."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdue.law.calc import calendar, deadlines, retention
from fairdue.law.calc.figures import BeyondTable

KNOWN = st.dates(date(2004, 1, 1), date(2026, 12, 20))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 2, 14), True), (date(2026, 2, 15), False), (date(2026, 2, 23), False), (date(2026, 2, 24), True),
        (date(2026, 5, 9), True), (date(2026, 5, 10), False), (date(2025, 1, 26), True), (date(2025, 10, 8), False),
        (date(2024, 2, 9), True), (date(2024, 2, 10), False), (date(2004, 1, 1), False), (date(2003, 12, 31), None),
        (date(2027, 1, 1), None), (date(2199, 12, 31), None),
    ],
)  # fmt: skip
def test_which_days_are_worked(day, working):
    assert calendar.is_working(day) is working


def test_our_table_and_the_package_agree_where_both_know():
    import chinese_calendar

    day = date(2025, 1, 1)
    while day.year < 2027:
        assert calendar.is_working(day) == chinese_calendar.is_workday(day), day
        day += calendar.ONE_DAY


@given(KNOWN)
def test_the_day_after_a_rest_is_the_first_working_day(day):
    after = calendar.after_rest(day)
    assert calendar.is_working(after)
    assert 0 <= (after - day).days <= 12
    assert not any(calendar.is_working(day + timedelta(days=n)) for n in range((after - day).days))


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(0, 240), st.integers(0, 240))
def test_months_later(day, months, more):
    later = calendar.months_later(day, months)
    assert later.day in (
        day.day,
        calendar.months_later(later.replace(day=1), 1).toordinal() - later.replace(day=1).toordinal(),
    )
    assert later <= calendar.months_later(day, months + more)


@pytest.mark.parametrize(
    ("kind", "start", "days", "plain", "last"),
    [
        ("payment_order_pay_or_object", date(2026, 1, 31), 15, date(2026, 2, 15), date(2026, 2, 24)),  # new year
        ("payment_order_delivery", date(2026, 1, 15), 30, date(2026, 2, 14), date(2026, 2, 14)),  # Saturday, worked
        ("court_fee_payment", date(2026, 9, 24), 7, date(2026, 10, 1), date(2026, 10, 8)),
        ("joint_judicial_confirmation", date(2026, 3, 12), 30, date(2026, 4, 11), date(2026, 4, 13)),  # a weekend
        ("suit_after_presuit_preservation", date(2026, 12, 2), 30, date(2027, 1, 1), None),
        ("complaint_decision", date(2026, 9, 20), 15, date(2026, 10, 5), date(2026, 10, 5)),  # the plain day
        ("credit_data_dispute_answer", date(2026, 12, 20), 20, date(2027, 1, 9), date(2027, 1, 9)),
    ],
)
def test_deadlines(kind, start, days, plain, last):
    assert deadlines.deadline(kind, start) == deadlines.Deadline(days, plain, last)


def test_complaints_have_more_time_the_harder_they_are():
    found = [
        deadlines.deadline("complaint_decision", date(2026, 6, 1), complexity=c).days for c in deadlines.COMPLEXITIES
    ]
    assert found == [15, 30, 60]
    assert deadlines.complexities("pbc_complaint_answer") == ("simple", "complex")
    assert deadlines.deadline("pbc_complaint_answer", date(2026, 6, 1), complexity="complex").days == 60
    assert deadlines.complexities("court_fee_payment") == ()


def test_a_period_older_than_the_text_that_was_read_is_an_error():
    with pytest.raises(BeyondTable, match="known from 2024-01-01 on"):
        deadlines.deadline("payment_order_pay_or_object", date(2023, 12, 31))


@pytest.mark.parametrize(
    ("record", "made", "until"),
    [
        ("credit_card_collection_recording", date(2024, 2, 29), date(2026, 2, 28)),
        ("consumer_finance_collection_record", date(2026, 3, 10), date(2031, 3, 10)),
        ("customer_identity_data", date(2026, 1, 31), date(2036, 1, 31)),
        ("call_centre_recording", date(2026, 1, 31), date(2026, 3, 2)),
    ],
)
def test_how_long_records_are_kept(record, made, until):
    assert retention.keep_until(record, made) == until


def test_the_longest_of_several_periods_counts():
    made = date(2026, 3, 10)
    assert retention.keep_longest(["complaint_file", "transaction_data"], made) == date(2036, 3, 10)
    assert retention.deletion_after(made) == date(2036, 3, 10)
    assert retention.negative_credit_data_until(made) == date(2031, 3, 10)
    assert "negative_credit_data" not in retention.RECORDS  # a longest period, not a least one


@pytest.mark.parametrize(
    ("kind", "in_service", "start"),
    [
        ("property", False, 50),
        ("property", True, 25),
        ("transaction", False, 500),
        ("health", True, 250),
        ("other", True, 2500),
    ],
)
def test_items_at_which_it_is_a_crime(kind, in_service, start):
    assert retention.crime_start(kind, in_service=in_service) == start
