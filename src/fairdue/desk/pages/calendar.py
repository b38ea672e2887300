"""Days off of a jurisdiction, year by year: what the packages know, what the firm corrected."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fairdue.desk import words
from fairdue.desk.writing import chinese
from fairdue.law import calendars, codes, special_days
from fairdue.staff.models import DayCorrection

EARLIEST: Final = 2010


@dataclass(frozen=True)
class Line:
    """One day: what the package says (None: an ordinary day), what the firm says (None: nothing)."""

    day: date
    name: Mapping[str, str]
    known: bool | None
    sure: bool
    correction: DayCorrection | None

    @property
    def works(self) -> bool:
        """Whether the day is worked, all in all."""
        if self.correction is not None:
            return self.correction.works
        assert self.known is not None, "a line has a reason to be there"
        return self.known


@dataclass(frozen=True)
class Page:
    """A year of a calendar. unknown: the packages do not know this year; next_unknown: nor the coming one."""

    calendar: str
    year: int
    lines: list[Line]
    removed: list[DayCorrection]
    source: str
    until: int
    today: date

    @property
    def unknown(self) -> bool:
        """Whether nothing is known of the year shown."""
        return self.year > self.until

    @property
    def next_unknown(self) -> bool:
        """Whether nothing is known of the coming year, which plans already reach into."""
        return self.today.year + 1 > self.until

    @property
    def years(self) -> list[int]:
        """The years to turn to."""
        return list(range(self.year - 1, self.year + 2))

    @property
    def name(self) -> Any:
        """The jurisdiction in words."""
        return name_of(self.calendar)


def name_of(calendar: str) -> Any:
    """A calendar's jurisdiction in words."""
    return words.JURISDICTIONS[codes.Jurisdiction[calendar.upper()]]


def choices() -> list[tuple[str, Any]]:
    """Every calendar there is."""
    return [(calendar, name_of(calendar)) for calendar in calendars.CALENDARS]


def page_of(*, calendar: str, year: int, today: date) -> Page:
    """The special days of a year with the corrections laid over them, in two queries."""
    of_year = DayCorrection.objects.filter(calendar=calendar, day__year=year).select_related("made_by", "removed_by")
    corrected = {one.day: one for one in of_year.filter(removed_at=None)}
    lines = [
        Line(special.day, special.names, special.works, special.sure, corrected.pop(special.day, None))
        for special in special_days.special_days(calendar, year)
    ]
    lines += [Line(day, {}, None, True, one) for day, one in corrected.items()]
    return Page(
        calendar=calendar, year=year, lines=sorted(lines, key=lambda line: line.day),
        removed=list(of_year.filter(removed_at__isnull=False).order_by("-removed_at")),
        source=special_days.source(calendar, year)["zh" if chinese() else "en"], until=calendars.known_until(calendar),
        today=today,
    )  # fmt: skip
