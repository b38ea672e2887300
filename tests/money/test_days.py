"""Days in the words of a letter."""

from datetime import date

from fairdue.money.days import day_said


def test_a_letter_writes_a_date_in_words():
    assert day_said(date(2026, 11, 26), "en") == "26 November 2026"
    assert day_said(date(2026, 3, 1), "en") == "1 March 2026"
    assert day_said(date(2026, 3, 1), "zh") == "2026-03-01"
