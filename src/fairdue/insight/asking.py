"""Reading the filters of an address, and writing them back into one."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from fairdue.insight.queries.scope import MOST_DAYS, Filters, currencies
from fairdue.money.amount import MINOR_DIGITS
from fairdue.staff.models import User

MONTHS_SHOWN = 6
YEARS = range(1900, 2200)
NAMES = frozenset({"since", "until", "currency", "creditor", "team"})
"""What an address says of the filters; everything else it says is about the figure asked for."""


def filters(query: QueryDict, *, user: User, today: date) -> Filters:
    """What is asked for; what cannot be read, or lies outside what one may ask, falls back to the usual."""
    until = min(read_day(query.get("until")) or today, today)
    since = read_day(query.get("since")) or _months_back(until, MONTHS_SHOWN - 1)
    since = min(max(since, until - timedelta(days=MOST_DAYS)), until)
    wanted = query.get("currency", "")
    if wanted not in MINOR_DIGITS:
        wanted = next(iter(currencies(user)), "CNY")
    return Filters(
        user=user,
        since=since,
        until=until,
        currency=wanted,
        creditor=_whole(query.get("creditor")),
        team=_whole(query.get("team")),
    )


def unread(query: QueryDict, *, today: date) -> list[str]:
    """What of an address's period cannot be used, each in a sentence."""
    given = [(text, read_day(text)) for text in (query.get("since", ""), query.get("until", ""))]
    told = [_("“%s” is no day; it was left out.") % text[:40] for text, day in given if text and day is None]
    since, until = given[0][1], min(given[1][1] or today, today)
    if since and since > until:
        told.append(_("The first day lies after the last: the last day alone is shown."))
    elif since and since < until - timedelta(days=MOST_DAYS):
        told.append(_("A period is two years at most: it was shortened."))
    return told


def as_query(filters: Filters, **changes: Any) -> str:
    """The filters as the query part of an address, with changes in place."""
    values = {
        "since": filters.since,
        "until": filters.until,
        "currency": filters.currency,
        "creditor": filters.creditor,
        "team": filters.team,
    } | changes
    return urlencode({name: value for name, value in values.items() if value is not None})


def linker(filters: Filters) -> Callable[..., str]:
    """A function that writes the address of the rows behind a figure: link("accounts", bucket=3)."""

    def link(what: str, **changes: Any) -> str:
        return f"{reverse('insight:rows', args=[what])}?{as_query(filters, **changes)}"

    return link


def presets(today: date) -> list[tuple[str, date, date]]:
    """Periods at hand: (name, since, until)."""
    return [
        ("30", today - timedelta(days=29), today),
        ("90", today - timedelta(days=89), today),
        ("6m", _months_back(today, 5), today),
        ("12m", _months_back(today, 11), today),
    ]


def _months_back(day: date, months: int) -> date:
    """The first of the month so many months before."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def read_day(text: str | None) -> date | None:
    """A day such as 2026-03-02, of a year that arithmetic with it does not leave; None for anything else."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None
