"""Local time on columns, exact across daylight saving time, in every zone a person may be in.

Instants are whole minutes of UTC since 1970-01-01T00:00Z; a local minute counts the same way on the wall clock, a
local day is a local minute divided by 1440. Exact from 1990 to 2070; outside, the nearest known offset holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from threading import Lock
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

Minutes: TypeAlias = NDArray[np.int64]

NEVER: Final = 1 << 40
"""A minute that does not come."""
LONG_AGO: Final = -(1 << 40)
"""A minute before everything on record."""
DAY: Final = 1440

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2070, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(days=7)  # no zone has kept an offset for less than two weeks since 1990
_LANE: Final = 1 << 43
"""Zone number × _LANE + instant sorts the changes of all zones in one array."""


def _instant(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(minutes=1)


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    shift = moment.astimezone(zone).utcoffset()
    assert shift is not None, "a zone always has an offset"
    return shift // timedelta(minutes=1)


def _first_change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first minute in (low, high] with the offset of `high`; there is one change between them."""
    after = _offset(zone, high)
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // timedelta(minutes=2) * timedelta(minutes=1)
        low, high = (low, middle) if _offset(zone, middle) == after else (middle, high)
    return high


@cache
def _changes(name: str) -> tuple[tuple[int, int], ...]:
    """(instant, offset from then on) of one zone, beginning long ago."""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no time zone is called {name!r}; write an IANA name such as Asia/Shanghai") from error
    found = [(LONG_AGO, _offset(zone, _FIRST))]
    moment = _FIRST
    while moment < _LAST:
        if _offset(zone, moment + _STEP) != found[-1][1]:
            change = _first_change(zone, moment, moment + _STEP)
            found.append((_instant(change), _offset(zone, change)))
        moment += _STEP
    return tuple(found)


@dataclass(frozen=True)
class _Zones:
    """Every zone met so far, by number; number 0 is UTC and stands in where the zone is unknown."""

    names: tuple[str, ...]
    keys: Minutes
    offsets: Minutes
    lanes: Minutes

    @classmethod
    def of(cls, names: tuple[str, ...]) -> "_Zones":
        rows = [(lane * _LANE + at, offset) for lane, name in enumerate(names) for at, offset in _changes(name)]
        rows.append((len(names) * _LANE + LONG_AGO, 0))
        keys, offsets = (np.array(column, np.int64) for column in zip(*rows, strict=True))
        return cls(names, keys, offsets, np.arange(len(names), dtype=np.int64) * _LANE)

    @cached_property
    def number(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}


_lock = Lock()
_zones = _Zones.of(("UTC",))


def zone_number(name: str) -> int:
    """The number of a zone in this process; raises ValueError when there is no such zone."""
    global _zones
    known = _zones.number.get(name)
    if known is not None:
        return known
    _changes(name)
    with _lock:
        if name not in _zones.number:
            _zones = _Zones.of((*_zones.names, name))
        return _zones.number[name]


def zone_name(number: int) -> str:
    """The IANA name of a zone number."""
    return _zones.names[number]


def zone_sets(sets: Iterable[Iterable[str]]) -> NDArray[np.int64]:
    """(n, m) zone numbers for n sets of IANA names, padded by repetition; an empty set gives -1 (unknown).

    Raises ValueError naming a zone that does not exist.
    """
    rows = [[zone_number(name) for name in names] or [-1] for names in sets]
    width = max((len(row) for row in rows), default=1)
    padded = [row + row[-1:] * (width - len(row)) for row in rows]
    return np.array(padded, np.int64).reshape(len(rows), width)


def _places(zones: Minutes, instants: Minutes) -> tuple[Minutes, _Zones]:
    """Where in the list of changes each instant lies."""
    table = _zones
    if zones.size > 64:  # below, looking at the spread costs more than it saves
        lanes = table.lanes
        low = np.searchsorted(table.keys, lanes + int(instants.min()), side="right")
        high = np.searchsorted(table.keys, lanes + int(instants.max()), side="right")
        if (low == high).all():  # no zone changes its clock between the first and the last instant
            return (low - 1)[zones], table
    return np.searchsorted(table.keys, zones * _LANE + instants, side="right") - 1, table


def offsets(zones: Minutes, instants: Minutes) -> Minutes:
    """Minutes to add to UTC, aligned; instants beyond NEVER or LONG_AGO are not allowed."""
    place, table = _places(zones, instants)
    return table.offsets[place]


def next_change(zones: Minutes, instants: Minutes) -> Minutes:
    """The next instant at which the zone's clock is moved, NEVER when none is known."""
    place, table = _places(zones, instants)
    coming = table.keys[place + 1] - zones * _LANE
    return np.where(coming > NEVER, NEVER, coming)


class Local:
    """The wall clock of one candidate zone per row, at one instant per row: local minutes, days, minutes of the day."""

    __slots__ = ("_coming", "day", "instant", "local", "minute", "zones")

    def __init__(self, zones: Minutes, instant: Minutes) -> None:
        self.zones, self.instant = zones, instant
        self.local: Minutes = instant + offsets(zones, instant)
        self.day: Minutes = self.local // DAY
        self.minute: Minutes = self.local - self.day * DAY
        self._coming: Minutes | None = None

    def take(self, rows: Any) -> "Local":
        """The given rows (slice or index array)."""
        taken = Local.__new__(Local)
        taken.zones, taken.instant = self.zones[rows], self.instant[rows]
        taken.local, taken.day, taken.minute = self.local[rows], self.day[rows], self.minute[rows]
        taken._coming = None if self._coming is None else self._coming[rows]
        return taken

    def day_of(self, instants: Minutes) -> Minutes:
        """Local day numbers of other instants, same rows."""
        return (instants + offsets(self.zones, instants)) // DAY

    def reaches(self, wall: Minutes) -> Minutes:
        """When the wall clock shows `wall` (a later local minute) or is moved before that, whichever is first.

        Never later than the moment itself: whoever judges again at the answer misses nothing.
        """
        if self._coming is None:
            self._coming = next_change(self.zones, self.instant)
        return np.minimum(self.instant + (wall - self.local), self._coming)


def midnight(zones: Minutes, days: Minutes) -> Minutes:
    """The first instant of a local day, or of the next one where the zone left the day out."""
    wall = days * DAY
    instant = wall - 2 * DAY
    for _ in range(4):  # the clock is moved at most once or twice in two days
        clock = Local(zones, instant)
        if (clock.local >= wall).all():
            break
        instant = np.where(clock.local >= wall, instant, clock.reaches(wall))
    return instant


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def minutes(iso: str, zone: str) -> int:
    """UTC minutes of a local date and time (`2026-03-02T21:59`, seconds cut off) in an IANA zone.

    Of a time that occurs twice the first is meant. Raises ValueError when it cannot be read.
    """
    zone_number(zone)
    return _instant(datetime.fromisoformat(iso).replace(second=0, microsecond=0, tzinfo=ZoneInfo(zone)).astimezone(UTC))


def local_iso(instant: int, zone: str) -> str:
    """`2026-03-02T21:59` in that zone."""
    moment = (_EPOCH + timedelta(minutes=int(instant))).astimezone(ZoneInfo(zone))
    return moment.strftime("%Y-%m-%dT%H:%M")


def all_zones(zones: NDArray[np.int64], instant: Minutes) -> Sequence[Local]:
    """One wall clock per candidate zone; (n, m) zone numbers, unknown read as UTC."""
    known = np.maximum(zones, 0)
    return [Local(known[:, j], instant) for j in range(zones.shape[1])]
