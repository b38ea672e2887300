"""Grace: the days on which dues fall due, moved.

How to call::

    moved(dues, paid=30_00, starts_on=date(2026, 3, 3), until=date(2026, 4, 30), each=False)

What is paid covers the oldest dues first (money.ageing). `until` is the last day of grace: what is moved there is late
from the next day on.
"""

from collections.abc import Iterable
from datetime import date, timedelta


def moved(
    dues: Iterable[tuple[date, int]], *, paid: int, starts_on: date, until: date, each: bool
) -> list[tuple[date, int]]:
    """The unpaid dues (day, minor units) on their new days, rising; empty when nothing is unpaid.

    Together (each=False): what is past due or falls due by `until` is due on `until`; later dues stay. Each: every due
    moves by as many days as the grace lasts, none before `until`. Nothing is added or lost. ValueError when the grace
    ends before it starts.
    """
    if until < starts_on:
        raise ValueError(f"grace from {starts_on} until {until} ends before it starts")
    later = timedelta((until - starts_on).days + 1) if each else timedelta(0)
    rest, found = paid, dict[date, int]()
    for due_on, cents in sorted(dues):
        covered = min(max(rest, 0), cents)
        rest -= covered
        if cents > covered:
            day = max(due_on + later, until)
            found[day] = found.get(day, 0) + cents - covered
    return sorted(found.items())
