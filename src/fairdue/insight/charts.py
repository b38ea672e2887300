"""Charts as ECharts options in plain JSON. insight/charts.js adds the few things JSON cannot say: how figures are
written (`formats`: money, percent or count) and where a click leads (`url` of a point).

Money is in minor units with its currency beside it; rates are whole thousandths.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext as _

from fairdue.insight.queries.buckets import BUCKETS, Total
from fairdue.insight.queries.contacts import Calls, Times, weeks
from fairdue.insight.queries.plans import Standing
from fairdue.insight.queries.promises import Kept
from fairdue.insight.queries.recovered import Day
from fairdue.insight.queries.rolls import Month

Options = dict[str, Any]
Link = Callable[..., str]

DAYS_DRAWN: Final = 45
"""More days than these are drawn by weeks: a rate of three calls says nothing."""
SERIES: Final = ("#1c56a3", "#2f9e77", "#c98a12", "#8a4fb0", "#c2433a", "#4b9bb8", "#7a7f2a", "#6b1f3a")
"""Told apart by people with the common kinds of colour blindness, on white."""


def label(bucket: int) -> str:
    """M0 … M7+."""
    return "M7+" if bucket >= 7 else f"M{bucket}"


def mille(rate: Fraction | None) -> int | None:
    """A share in thousandths, halves up; None stays None."""
    return None if rate is None else int(rate * 1000 + Fraction(1, 2))


def _frame(*, formats: Options, **options: Any) -> Options:
    return {
        "formats": formats,
        "color": list(SERIES),
        "animation": False,
        "textStyle": {"fontFamily": "inherit"},
        # Rich text is drawn on the canvas; HTML tooltips would need inline styles, which the policy forbids.
        "tooltip": {"trigger": "axis", "renderMode": "richText", "confine": True, "axisPointer": {"type": "shadow"}},
        "legend": {"type": "scroll", "top": 0, "left": 0, "itemWidth": 14, "itemHeight": 10},
        "grid": {"left": 8, "right": 16, "top": 40, "bottom": 8, "containLabel": True},
        **options,
    }


def buckets(totals: Sequence[Total], names: dict[int, str], currency: str, link: Link) -> Options:
    """Stacked bars: bucket across, balance up, one colour for each creditor."""
    creditors = list(dict.fromkeys(total.creditor for total in totals))
    held = {(total.creditor, total.bucket): total.cents for total in totals}
    series = [
        {
            "type": "bar", "stack": "all", "name": names.get(creditor, str(creditor)), "barMaxWidth": 56,
            "data": [
                {"value": held.get((creditor, bucket), 0), "url": link("accounts", bucket=bucket, creditor=creditor)}
                for bucket in BUCKETS
            ],
        }
        for creditor in creditors
    ]  # fmt: skip
    return _frame(
        formats={"y": "money", "currency": currency},
        xAxis={"type": "category", "data": [label(bucket) for bucket in BUCKETS]},
        yAxis={"type": "value"},
        series=series,
    )


def rolls(months: Sequence[Month], link: Link) -> Options:
    """Lines: months across, share that rolled to a worse bucket up, one for each bucket that ever held anything."""
    kept = [bucket for bucket in BUCKETS[:-1] if any(month.base(bucket) for month in months)]
    series = [
        {
            "type": "line", "name": f"{label(bucket)} → {label(bucket + 1)}", "connectNulls": True, "symbolSize": 8,
            "itemStyle": {"color": SERIES[bucket]}, "lineStyle": {"color": SERIES[bucket]},
            "data": [
                {
                    "value": mille(month.rate(bucket)),
                    "url": link("rolls", start=month.start, end=month.end, bucket=bucket, way="worse"),
                }
                for month in months
            ],
        }
        for bucket in kept
    ]  # fmt: skip
    return _frame(
        formats={"y": "percent"},
        xAxis={"type": "category", "data": [month_name(month.end) for month in months]},
        yAxis={"type": "value", "min": 0},
        series=series,
    )


def promises(parts: Sequence[Kept], unit: str, spans: dict[date, dict[str, date]], link: Link) -> Options:
    """Bars of promises by how they ended, lines of the two rates."""
    counted = (
        ("kept", _("Kept"), "#2f9e77"),
        ("partly", _("Partly kept"), "#e0b93a"),
        ("broken", _("Broken"), "#c2433a"),
    )
    urls = {"kept": "kept", "partly": "partly_kept", "broken": "broken"}
    bars = [
        {
            "type": "bar", "stack": "all", "name": word, "itemStyle": {"color": colour}, "barMaxWidth": 40,
            "data": [
                {"value": getattr(part, name), "url": link("promises", status=urls[name], **spans[part.start])}
                for part in parts
            ],
        }
        for name, word, colour in counted
    ]  # fmt: skip
    lines = [
        {
            "type": "line",
            "yAxisIndex": 1,
            "name": word,
            "data": [{"value": mille(getattr(part, rate))} for part in parts],
        }
        for word, rate in ((_("Kept by count"), "by_count"), (_("Kept by amount"), "by_amount"))
    ]
    names = [f"{part.start:%Y-%m}" if unit == "month" else day_name(part.start) for part in parts]
    return _frame(
        formats={"y": "count", "y2": "percent"},
        xAxis={"type": "category", "data": names},
        yAxis=[
            {"type": "value", "minInterval": 1},
            {"type": "value", "min": 0, "max": 1000, "splitLine": {"show": False}},
        ],
        series=[*bars, *lines],
    )


def plans(curve: Sequence[Standing]) -> Options:
    """A falling stair: months since the agreement across, the share of plans that still stands up."""
    points = [{"value": 1000}, *({"value": mille(part.stands)} for part in curve)]
    return _frame(
        formats={"y": "percent"},
        xAxis={"type": "category", "data": [str(month) for month in range(len(points))]},
        yAxis={"type": "value", "min": 0, "max": 1000},
        series=[
            {"type": "line", "step": "end", "name": _("Still stands"), "data": points, "areaStyle": {"opacity": 0.08}}
        ],
    )


def contacts(times: Times, link: Link, *, by: str) -> Options:
    """Bars of calls made, lines of both rates, by day (`day`: weeks when there are many days) or by hour."""
    if by == "hour":
        parts = every_hour(times.hours)
        names = [f"{part.at:02d}:00" for part in parts]
        urls = [link("calls", hour=part.at) for part in parts]
    elif len(times.days) <= DAYS_DRAWN:
        parts, names = times.days, [day_name(part.at) for part in times.days]
        urls = [link("calls", since=part.at, until=part.at) for part in parts]
    else:
        parts = weeks(times.days)
        names = [day_name(part.at) for part in parts]
        urls = [link("calls", **span(part.at, "week")) for part in parts]
    bars = {
        "type": "bar", "name": _("Calls"), "itemStyle": {"color": "#c3d2e6"}, "barMaxWidth": 40,
        "data": [{"value": part.made, "url": url} for part, url in zip(parts, urls, strict=True)],
    }  # fmt: skip
    rates = (
        (_("Contact rate"), "contact_rate", "#1c56a3"),
        (_("Right-party rate"), "right_rate", "#2f9e77"),
    )
    lines = [
        {
            "type": "line", "yAxisIndex": 1, "name": word, "itemStyle": {"color": colour},
            "lineStyle": {"color": colour}, "data": [{"value": mille(getattr(part, rate))} for part in parts],
        }
        for word, rate, colour in rates
    ]  # fmt: skip
    return _frame(
        formats={"y": "count", "y2": "percent"},
        xAxis={"type": "category", "data": names},
        yAxis=[
            {"type": "value", "minInterval": 1},
            {"type": "value", "min": 0, "max": 1000, "splitLine": {"show": False}},
        ],
        series=[bars, *lines],
    )


def recovered(days: Sequence[Day], currency: str, link: Link) -> Options:
    """Bars of each day's money and a line of what came in altogether."""
    running, so_far = 0, []
    days = every_day(days)
    for day in days:
        running += day.net
        so_far.append(running)
    return _frame(
        formats={"y": "money", "y2": "money", "currency": currency},
        xAxis={"type": "category", "data": [day_name(day.day) for day in days]},
        yAxis=[{"type": "value"}, {"type": "value", "splitLine": {"show": False}}],
        series=[
            {
                "type": "bar", "name": _("Recovered"), "barMaxWidth": 32, "itemStyle": {"color": "#2f9e77"},
                "data": [{"value": day.net, "url": link("payments", since=day.day, until=day.day)} for day in days],
            },
            {"type": "line", "yAxisIndex": 1, "name": _("Altogether"), "showSymbol": False, "data": so_far,
             "itemStyle": {"color": "#1c56a3"}, "lineStyle": {"color": "#1c56a3"}},
        ],
    )  # fmt: skip


def every_day(days: Sequence[Day]) -> list[Day]:
    """Days without money put in between, so that time runs evenly along the axis."""
    known = {day.day: day for day in days}
    length = (days[-1].day - days[0].day).days + 1 if days else 0
    dates = [days[0].day + timedelta(days=n) for n in range(length)]
    return [known.get(date_, Day(date_, 0, 0, 0, 0)) for date_ in dates]


def every_hour(hours: Sequence[Calls]) -> list[Calls]:
    """All 24 hours of the day, those without a call too."""
    known = {hour.at: hour for hour in hours}
    return [known.get(hour, Calls(hour, 0, 0, 0)) for hour in range(24)]


def span(start: date, unit: str, within: tuple[date, date] = (date.min, date.max)) -> dict[str, date]:
    """First and last day of the week or month that begins on `start`, as far as they lie in the period `within`."""
    if unit == "week":
        until = start + timedelta(days=6)
    else:
        until = (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return {"since": max(start, within[0]), "until": min(until, within[1])}


def month_name(day: date) -> str:
    """2026-03 for a month's last day; of an unfinished month the day it has come to: 2026-03-12."""
    return f"{day:%Y-%m}" if (day + timedelta(days=1)).day == 1 else day.isoformat()


def day_name(day: date) -> str:
    """2026-03-02."""
    return day.isoformat()
