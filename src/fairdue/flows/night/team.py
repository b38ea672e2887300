"""Who works today: collectors as columns for planning."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from fairdue.accounts.columns import rows
from fairdue.flows.night.gather import LANGUAGES, PRODUCTS
from fairdue.planning.allocation import Team
from fairdue.planning.columns import I32

SHIFT: Final = (8 * 60, 22 * 60)
"""House clock: between these minutes a collector's working time lies."""
_ALL: Final = (1 << 64) - 1

_USERS: Final = """
    select u.id, u.minutes_a_day, u.speaks, u.products, u.bucket_from, u.bucket_to,
        (select count(*) from cases_workitem w where w."on" = %(day)s and (
            (w.status = 'done' and w.user_id = u.id) or (w.status = 'leased' and w.leased_by_id = u.id)))
    from staff_user u
    where u.is_active and u.role = 'collector' and (u.away_until is null or u.away_until < %(day)s) order by u.id
"""


@dataclass(frozen=True, slots=True)
class AtWork:
    """users: ids, ascending; the place of a user is its number in planning."""

    users: I32
    columns: Team


def team(*, day: date, minutes_an_item: int) -> AtWork:
    """The collectors of `day`; what they have done or in work takes `minutes_an_item` each from their time.

    No language or product named means all of them.
    """
    found = rows(_USERS, {"day": day})
    columns = Team(
        minutes=np.array([max(0, row[1] - row[6] * minutes_an_item) for row in found], np.int32),
        languages=np.array([_bits(row[2], LANGUAGES) for row in found], np.uint64),
        buckets=np.array([sum(1 << bucket for bucket in range(row[4], row[5] + 1)) for row in found], np.uint64),
        products=np.array([_bits(row[3], PRODUCTS) for row in found], np.uint64),
        shift_start=np.full(len(found), SHIFT[0], np.int16),
        shift_end=np.full(len(found), SHIFT[1], np.int16),
    )
    return AtWork(np.array([row[0] for row in found], np.int32), columns)


def _bits(named: list[str], all_names: tuple[str, ...]) -> int:
    known = [all_names.index(name) for name in named if name in all_names]
    return sum(1 << code for code in known) if named else _ALL
