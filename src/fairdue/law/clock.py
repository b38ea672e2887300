"""Local time on columns, exact across daylight saving time, in every zone a person may be in."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def zone_sets(sets: Iterable[Iterable[str]]) -> NDArray[np.int64]:
    """(n, m) zone numbers for n sets of IANA names, padded by repetition; an empty set gives -1 (unknown).

    Raises ValueError naming a zone that does not exist.
    """
    raise NotImplementedError


def minutes(iso: str, zone: str) -> int:
    """UTC minutes of a local date and time (`2026-03-02T21:59`, seconds cut off) in an IANA zone."""
    raise NotImplementedError


def local_iso(instant: int, zone: str) -> str:
    """`2026-03-02T21:59` in that zone."""
    raise NotImplementedError
