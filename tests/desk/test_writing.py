"""Numbers, money and time as the screens write them."""

from datetime import date, timedelta

import pytest
import scene as scenes
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from fairdue.desk import writing
from fairdue.money.amount import parse_amount


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [
        (1_234_567, "CNY", "¥12,345.67"),
        (-5, "USD", "−$0.05"),
        (1200, "JPY", "JP¥1,200"),
        (None, "CNY", "–"),
        (100, "CHF", "CHF 1.00"),
    ],
)
def test_money(cents, currency, text):
    assert writing.money(cents, currency) == text


@pytest.mark.parametrize(
    ("cents", "zh", "en"),
    [
        (99_900, "¥999", "¥999"),
        (1_234_500, "¥1.2万", "¥12.3k"),
        (123_456_789_00, "¥1.2亿", "¥123m"),
        (99_999_99, "¥9.9万", "¥99.9k"),
    ],
)
def test_headlines_are_cut_never_rounded_up(cents, zh, en):
    for language, text in (("zh-hans", zh), ("en", en)):
        with translation.override(language):
            assert writing.money_short(cents) == text


@given(st.integers(0, 10**12), st.sampled_from(["CNY", "USD", "JPY", "KWD"]))
def test_what_is_written_reads_back(cents, currency):
    figures = writing.money(cents, currency).lstrip("¥$JPKWD \xa0")
    assert parse_amount(figures, currency) == cents


def test_moments_are_said_in_the_nearest_words(at):
    at(scenes.MORNING)
    with translation.override("en"):
        assert writing.when(scenes.MORNING + timedelta(hours=4)) == "today 14:00"
        assert writing.when(scenes.MORNING + timedelta(days=1, hours=-2)) == "tomorrow 08:00"
        assert writing.when(scenes.MORNING - timedelta(days=40)) == "22 Jan 10:00"
        assert writing.day(date(2026, 3, 2)) == "2 Mar 2026"
        assert writing.days_from_now(date(2026, 3, 8)) == "in 5 days"
    with translation.override("zh-hans"):
        assert writing.when(scenes.MORNING - timedelta(days=1)) == "昨天 10:00"
        assert writing.short_day(date(2026, 3, 8)) == "3月8日"
        assert writing.short_day(date(2025, 3, 8)) == "2025-03-08"


def drawn(source: str, **values) -> str:
    return Template("{% load desk %}" + source).render(Context(values))


@pytest.mark.parametrize(("n", "text"), [(0, "M0"), (3, "M3"), (7, "M7+"), (9, "M7+"), (None, "M–")])
def test_buckets(n, text):
    assert f">{text}<" in drawn("{% bucket n %}", n=n)


def test_a_verdict_is_one_line(at):
    at(scenes.MORNING)
    with translation.override("en"):
        yes = drawn("{% verdict_line 0 until=t %}", t=scenes.MORNING + timedelta(hours=11))
        no = drawn("{% verdict_line 3 earliest=t why='quiet hours' %}", t=scenes.MORNING + timedelta(hours=22))
    assert "until 21:00" in yes
    assert "quiet hours; earliest tomorrow 08:00" in no


def test_what_people_wrote_is_never_markup():
    assert "<b>" not in drawn("{% chip t %}{% money 1 'CNY' %}{% verdict_line 3 why=t %}", t="<b>x</b>")


def test_a_missing_value_leaves_the_page_whole():
    assert drawn("[{{ nothing|number }}{{ nothing|day }}{{ nothing|when }}]") == "[]"
