"""Numbers, money and time as the screens write them, in both languages."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from fairdue.desk import clock
from fairdue.money.amount import MINOR_DIGITS, MINUS, SYMBOLS, minor_digits, money_signed

_IMPORTED: Final = re.compile(r"委托方催收记录 · creditor's record (\S+)")
NO_MINOR = frozenset(code for code, digits in MINOR_DIGITS.items() if not digits)
"""Currencies whose smallest unit is the unit itself."""
DASH = "–"


def chinese() -> bool:
    """Whether the page is written in Chinese."""
    return (get_language() or "").startswith("zh")


def money(cents: int | None, currency: str = "CNY") -> str:
    """Minor units as text with currency and thousands: 1234567, CNY → ¥12,345.67."""
    if cents is None:
        return DASH
    return money_signed(cents, currency)


def money_short(cents: int | None, currency: str = "CNY") -> str:
    """A sum for headlines, three figures or so: ¥1.23万, ¥4.5亿; $12.3k, $4.5m."""
    if cents is None:
        return DASH
    units = abs(cents) // 10 ** minor_digits(currency)
    steps = ((10**8, "亿"), (10**4, "万")) if chinese() else ((10**9, "bn"), (10**6, "m"), (10**4, "k"))
    sign = MINUS if cents < 0 else ""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    for size, unit in steps:
        if units >= size:
            divisor = 1000 if unit == "k" else size
            # Cut, not rounded: a headline must not say more than there is.
            tenths = units * 10 // divisor
            figure = f"{tenths // 10:,}" if tenths >= 1000 else f"{tenths // 10}.{tenths % 10}"
            return f"{sign}{symbol}{figure}{unit}"
    return f"{sign}{symbol}{units:,}"


def number(value: int | float | None) -> str:
    """A count with thousands."""
    return DASH if value is None else f"{value:,}"


def day(value: date | None) -> str:
    """2026-03-02, or 2 Mar 2026."""
    if value is None:
        return DASH
    value = _local(value)
    return value.strftime("%Y-%m-%d") if chinese() else date_format(value, "j M Y")


def short_day(value: date | None) -> str:
    """3月2日, or 2 Mar; with the year when it is another than this one."""
    if value is None:
        return DASH
    value = _local(value)
    if value.year != clock.today().year:
        return day(value)
    return f"{value.month}月{value.day}日" if chinese() else date_format(value, "j M")


def hour(value: datetime | None) -> str:
    """14:05 in the zone of the page."""
    return DASH if value is None else timezone.localtime(value).strftime("%H:%M")


def end_hour(value: datetime | None, *, now: datetime | None = None) -> str:
    """The end of a window: 21:00; 24:00 at midnight; 03:00 (+1) on the day after."""
    if value is None:
        return DASH
    away = (timezone.localtime(value).date() - (timezone.localdate(now) if now else clock.today())).days
    if away <= 0:
        return hour(value)
    return "24:00" if away == 1 and hour(value) == "00:00" else f"{hour(value)} (+{away})"


def moment(value: datetime | None) -> str:
    """2026-03-02 14:05, or 2 Mar 2026, 14:05."""
    if value is None:
        return DASH
    return f"{day(value)} {hour(value)}" if chinese() else f"{day(value)}, {hour(value)}"


def when(value: datetime | None, *, now: datetime | None = None) -> str:
    """A moment in the nearest words: today 14:05, tomorrow 08:00, yesterday 20:15, else the short day and hour."""
    if value is None:
        return DASH
    today = timezone.localdate(now) if now else clock.today()
    named = {
        today: gettext("today"),
        today + timedelta(days=1): gettext("tomorrow"),
        today - timedelta(days=1): gettext("yesterday"),
    }
    word = named.get(timezone.localtime(value).date()) or short_day(value)
    return f"{word} {hour(value)}"


def clock_of(value: datetime, zone: str) -> ZoneInfo | None:
    """The clock by which people at the other end read a moment, where it differs from the desk's."""
    there = ZoneInfo(zone) if zone else None
    return there if there and value.astimezone(there).utcoffset() != timezone.localtime(value).utcoffset() else None


def when_zone(value: datetime | None, zones: str | None) -> str:
    """`when` by the clock at the other end with its zone, where it differs from the desk's: tomorrow 08:01 (America/Chicago).

    `zones`: as a contact point keeps them; of several the first.
    """
    zone = (zones or "").split(",")[0]
    if value is None or (there := clock_of(value, zone)) is None:
        return when(value)
    with timezone.override(there):
        return f"{when(value)} ({zone})"


def when_there(value: datetime | None, zone: str) -> str:
    """`when` by the clock at the other end, saying so where that is another than the desk's: tomorrow 08:00 there."""
    if value is None or (there := clock_of(value, zone)) is None:
        return when(value)
    with timezone.override(there):
        return gettext("%(hour)s there") % {"hour": when(value)}


def hour_there(value: datetime, zone: str) -> str:
    """The hour at the other end where their clock is another (`09:05 there`), with its day when that differs, else ""."""
    there = clock_of(value, zone)
    if there is None:
        return ""
    here = timezone.localtime(value).date()
    with timezone.override(there):
        text = hour(value) if timezone.localtime(value).date() == here else f"{short_day(value)} {hour(value)}"
    return gettext("%(hour)s there") % {"hour": text}


def until_there(value: datetime, zone: str) -> str:
    """The end of a window by the clock at the other end: 21:00, or 21:00 there; with its day when that is not today."""
    there = clock_of(value, zone)
    with timezone.override(there or timezone.get_current_timezone()):
        text = hour(value) if timezone.localtime(value).date() == clock.today() else when(value)
    return gettext("%(hour)s there") % {"hour": text} if there else text


def hours_there(start: datetime, end: datetime, zone: str) -> str:
    """A window by the clock at the other end: 08:00–21:00, or 18:04–21:00 there."""
    there = clock_of(start, zone)
    with timezone.override(there or timezone.get_current_timezone()):
        text = f"{hour(start)}–{end_hour(end, now=start)}"
    return gettext("%(hour)s there") % {"hour": text} if there else text


def days_from_now(value: date, *, today: date | None = None) -> str:
    """How far a day lies away: today, tomorrow, in 5 days, 3 days ago."""
    away = (value - (today or clock.today())).days
    if away in (-1, 0, 1):
        return [gettext("yesterday"), gettext("today"), gettext("tomorrow")][away + 1]
    if away > 0:
        return gettext("in %(n)s days") % {"n": away}
    return gettext("%(n)s days ago") % {"n": -away}


def _local(value: date) -> date:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


_LACKS: Final = {
    "amount": _("nothing is past due"),
    "balance": _("nothing is owed"),
    "promised": _("no promise is open"),
    "due_on": _("no promise is open"),
}
"""What a letter asks for, and why the case does not give it."""


def letter_lacks(places: Iterable[str]) -> str:
    """Why a letter cannot be written now, "" when nothing is missing."""
    return "; ".join(dict.fromkeys(str(_LACKS.get(place, place)) for place in places))


def hold_reason(reason: str) -> str:
    """Why collection stopped, as it was written; of a hold out of a creditor's file in the language of the page."""
    told = _IMPORTED.fullmatch(reason)
    return gettext("by the creditor's own record (file %(n)s)") % {"n": told[1]} if told else reason
