"""The collector's day: the next item, leased so that nobody else can get it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from fairdue.cases.models import WorkItem
from fairdue.staff.models import User

LEASE: Final = timedelta(minutes=15)


class NotYours(ValueError):
    """The item is not in this user's hands; `zh` and `en` say so."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def next_item(*, user: User, now: datetime, day: date | None = None) -> WorkItem | None:
    """Lease the next item of `user`'s list: their unexpired lease, else a call-back now due, else the best open item
    inside its lawful window. None when there is nothing to do now."""
    raise NotImplementedError


def take(*, item: WorkItem | int, user: User, now: datetime) -> WorkItem:
    """Lease one item of the user's own list by name; NotYours when a colleague has it."""
    raise NotImplementedError


def finish(*, item: WorkItem | int, by: User, how: str, now: datetime, again_at: datetime | None = None) -> WorkItem:
    """Done, saying how (an outcome's kind); with `again_at` it comes back as a call-back that same day."""
    raise NotImplementedError


def release(*, item: WorkItem | int, by: User, now: datetime) -> WorkItem:
    """Put a leased item back on the list, where it was."""
    raise NotImplementedError


def skip(*, item: WorkItem | int, by: User, why: str, now: datetime) -> WorkItem:
    """Not now: back on the list, behind everything else; journalled with the reason."""
    raise NotImplementedError


def reassign(*, case_ids: Sequence[int], to: User, by: User, reason: str, now: datetime) -> int:
    """Move many cases to `to`: ownership and today's unfinished items; how many moved. Lead of the team only."""
    raise NotImplementedError


def today(*, user: User, day: date) -> "QuerySet[WorkItem]":
    """The user's list of `day` in its order, with case, person and creditor at hand."""
    raise NotImplementedError
