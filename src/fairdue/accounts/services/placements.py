"""Placements that end."""

from datetime import date


def end_placements(*, day: date) -> int:
    """Recall the open accounts whose placement ended before `day`; how many were recalled."""
    raise NotImplementedError
