"""One panel for each measure: its numbers, its table, its chart."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.utils.translation import get_language

from fairdue.insight import charts
from fairdue.insight.asking import linker
from fairdue.insight.queries import buckets, contacts, plans, promises, recovered, rolls
from fairdue.insight.queries.scope import Filters, creditors
from fairdue.insight.words import BY_NAME, PARTED, Measure
from fairdue.staff.models import Role, User


@dataclass(frozen=True)
class Panel:
    """A measure with what its template shows (`shown`) and its charts by element id; `empty`: nothing to count.
    `latest`: the last day anything is known of, when the period holds nothing."""

    measure: Measure
    shown: dict[str, Any]
    charts: dict[str, charts.Options]
    empty: bool
    latest: date | None = None

    @property
    def template(self) -> str:
        """The file that shows its inside."""
        return f"insight/panels/{self.measure.name}.html"


def panel(name: str, filters: Filters) -> Panel:
    """The panel of a measure; KeyError for a name that is none."""
    return {
        "buckets": _buckets, "rolls": _rolls, "promises": _promises, "contacts": _contacts, "recovered": _recovered,
        "plans": _plans,
    }[name](filters)  # fmt: skip


def names(filters: Filters) -> dict[int, str]:
    """Creditors' names in the language of the page, by id."""
    chinese = (get_language() or "").startswith("zh")
    return {c.pk: c.name_zh if chinese else c.name_en for c in creditors(filters.user)}


def _buckets(filters: Filters) -> Panel:
    totals, named = buckets.totals(filters), names(filters)
    held = {(total.creditor, total.bucket): total for total in totals}
    by_creditor = dict.fromkeys(total.creditor for total in totals)
    rows = [
        {
            "creditor": creditor,
            "name": named.get(creditor, ""),
            "cells": [held.get((creditor, bucket)) for bucket in buckets.BUCKETS],
            "total": _sum([total for total in totals if total.creditor == creditor]),
        }
        for creditor in by_creditor
    ]
    columns = [_sum([total for total in totals if total.bucket == bucket]) for bucket in buckets.BUCKETS]
    shown = {"rows": rows, "columns": columns, "whole": _sum(totals), "buckets": buckets.BUCKETS}
    return Panel(
        BY_NAME["buckets"],
        shown,
        {"chart-buckets": charts.buckets(totals, named, filters.currency, linker(filters))},
        empty=not totals,
    )


def _sum(totals: list[buckets.Total]) -> dict[str, int]:
    return {name: sum(getattr(total, name) for total in totals) for name in ("accounts", "cents", "past_due")}


def _rolls(filters: Filters) -> Panel:
    months = rolls.months(filters)
    kept = [bucket for bucket in buckets.BUCKETS[:-1] if any(month.base(bucket) for month in months)]
    table = [
        {
            "month": month,
            "name": charts.month_name(month.end),
            "cells": [
                {
                    "bucket": bucket,
                    "rate": charts.mille(month.rate(bucket)),
                    "better": charts.mille(month.rate(bucket, "better")),
                    "base": month.base(bucket),
                }
                for bucket in kept
            ],
        }
        for month in months
    ]
    last = months[-1] if months else None
    shown = {
        "table": table,
        "kept": kept,
        "last": last,
        "unfinished": last is not None and (last.end + timedelta(days=1)).day != 1,
        "flow": _flow(last) if last else [],
        "buckets": buckets.BUCKETS,
    }
    return Panel(BY_NAME["rolls"], shown, {"chart-rolls": charts.rolls(months, linker(filters))}, empty=not months)


def _flow(month: rolls.Month) -> list[dict[str, Any]]:
    """Where each bucket's balance went in one month: rows of from-bucket, cells of (to, accounts, cents, per mille)."""
    rows = []
    for bucket in sorted(month.moved):
        base = month.base(bucket)
        cells = [
            {"to": to, "accounts": n, "cents": cents, "share": charts.mille(Fraction(cents, base)) if base else None}
            for to in buckets.BUCKETS
            for n, cents in [month.moved[bucket].get(to, (0, 0))]
        ]
        rows.append({"bucket": bucket, "base": base, "cells": cells})
    return rows


def _promises(filters: Filters) -> Panel:
    parts = promises.by_time(filters)
    unit = promises.unit(filters)
    # A week or month at the edge opens into those of its rows that lie in the period: the ones that were counted.
    spans = {part.start: charts.span(part.start, unit, (filters.since, filters.until)) for part in parts}
    rows = [
        {"part": part, "count": charts.mille(part.by_count), "amount": charts.mille(part.by_amount),
         "span": spans[part.start]}
        for part in parts
    ]  # fmt: skip
    whole = promises.total(parts, start=filters.since)
    shown = {
        "rows": rows,
        "whole": whole,
        "count": charts.mille(whole.by_count),
        "amount": charts.mille(whole.by_amount),
        "unit": unit,
        "parted": _parted(filters) if parts else [],
    }
    options = charts.promises(parts, unit, spans, linker(filters))
    return Panel(BY_NAME["promises"], shown, {"chart-promises": options}, empty=not parts)


def _parted(filters: Filters) -> list[dict[str, Any]]:
    """Promises by creditor, bucket and who took them, where that is known of any.

    By name, never by result; a creditor is not told who works here.
    """
    found = []
    for what in PARTED:
        if what == "collector" and filters.user.role == Role.CREDITOR:
            continue
        parts = promises.by(filters, what)
        if all(part.key is None for part in parts):
            continue
        named = _part_names(filters, what, parts)
        lines = [
            {"part": part, "name": named.get(part.key) if part.key is not None else None,
             "key": "none" if part.key is None else part.key,
             "count": charts.mille(part.by_count), "amount": charts.mille(part.by_amount)}
            for part in parts
        ]  # fmt: skip
        if what == "collector":
            lines.sort(key=lambda line: (line["name"] is None, line["name"]))
        found.append({"what": what, "title": PARTED[what], "lines": lines})
    return found


def _part_names(filters: Filters, what: str, parts: list[promises.Part]) -> dict[int, str]:
    if what == "bucket":
        return {bucket: charts.label(bucket) for bucket in buckets.BUCKETS}
    if what == "creditor":
        return names(filters)
    return {user.pk: str(user) for user in User.objects.filter(pk__in=[part.key for part in parts])}


def _plans(filters: Filters) -> Panel:
    found, again = plans.measure(filters), plans.relapses(filters)
    shown = {
        "whole": found,
        "rows": [{"part": part, "stands": charts.mille(part.stands)} for part in found.curve],
        "broken": charts.mille(found.broken_share),
        "within": [
            (months, charts.mille(share)) for months in (3, 6, 12) if (share := found.broken_within(months)) is not None
        ],
        "burden": charts.mille(found.burden / 100) if found.burden is not None else None,
        "relief": charts.mille(found.relief),
        "relapses": [(one, charts.mille(one.share)) for one in again if one.seen],
    }
    empty = not found.started and not any(one.seen for one in again)
    return Panel(BY_NAME["plans"], shown, {"chart-plans": charts.plans(found.curve)}, empty=empty)


def _contacts(filters: Filters) -> Panel:
    times = contacts.times(filters)
    rated = {
        by: [{"part": part, "contact": charts.mille(part.contact_rate), "right": charts.mille(part.right_rate)}
             for part in parts]
        for by, parts in (("days", times.days), ("hours", times.hours))
    }  # fmt: skip
    shown = {
        **rated,
        "whole": times.all,
        "contact": charts.mille(times.all.contact_rate),
        "right": charts.mille(times.all.right_rate),
    }
    link = linker(filters)
    drawn = {
        "chart-contacts-day": charts.contacts(times, link, by="day"),
        "chart-contacts-hour": charts.contacts(times, link, by="hour"),
    }
    empty = not times.all.made
    return Panel(BY_NAME["contacts"], shown, drawn, empty=empty, latest=contacts.latest(filters) if empty else None)


def _recovered(filters: Filters) -> Panel:
    days = recovered.by_day(filters)
    shown = {
        "days": days,
        "net": sum(day.net for day in days),
        "payments": sum(day.payments for day in days),
        "reversed": sum(day.reversed for day in days),
        "refunded": sum(day.refunded for day in days),
    }
    options = charts.recovered(days, filters.currency, linker(filters))
    latest = recovered.latest(filters) if not days else None
    return Panel(BY_NAME["recovered"], shown, {"chart-recovered": options}, empty=not days, latest=latest)
