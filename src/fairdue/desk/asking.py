"""Reading the filters of an address, one way for every page: what cannot be read is left out, and said."""

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

YEARS: Final = range(1900, 2200)
"""Years a day may be of: arithmetic with it stays within what a date can say."""


def read_day(text: str | None) -> date | None:
    """A day such as 2026-03-02; None for anything else."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.year in YEARS else None


def read_whole(text: str | None) -> int | None:
    """A whole number that fits a column; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None


class Query:
    """The query of an address. unread: what of it is no value of its filter, each in a sentence that says how to write
    it. The label of a filter is the word the page gives it."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query
        self.unread: list[str] = []

    def text(self, name: str, *, most: int = 80) -> str:
        """Free words."""
        return self.query.get(name, "").replace("\0", "").strip()[:most]

    def day(self, name: str, label: Any) -> date | None:
        """A day."""
        text, found = self.text(name), read_day(self.text(name))
        if text and found is None:
            told = _("“%(value)s” is no day for “%(name)s”; write it as 2026-03-25. It was left out.")
            self.unread.append(told % {"value": text[:40], "name": label})
        return found

    def days(self, first: tuple[str, Any], last: tuple[str, Any]) -> tuple[date | None, date | None]:
        """The first and the last day of a time, each by name and label; the wrong way round they are exchanged."""
        since, until = self.day(*first), self.day(*last)
        if since and until and since > until:
            told = _("“%(first)s” lies after “%(last)s”: the two days were exchanged.")
            self.unread.append(told % {"first": first[1], "last": last[1]})
            return until, since
        return since, until

    def whole(self, name: str, label: Any) -> int | None:
        """A number of something, `12` or `#12`."""
        text = self.text(name)
        found = read_whole(text.removeprefix("#"))
        if text and found is None:
            told = _("“%(value)s” is no number for “%(name)s”; write it as 12 or #12. It was left out.")
            self.unread.append(told % {"value": text[:40], "name": label})
        return found

    def choice(self, name: str, label: Any, values: Collection[str]) -> str:
        """One of some names; "" for none of them."""
        text = self.text(name)
        if text in {"", *values}:
            return text
        told = _("“%(value)s” is no value of the filter “%(name)s”; it was left out.")
        self.unread.append(told % {"value": text[:40], "name": label})
        return ""

    def code(self, name: str, label: Any, values: Collection[int]) -> int | None:
        """One of some codes; None for none of them."""
        return read_whole(self.choice(name, label, {str(int(value)) for value in values}))
