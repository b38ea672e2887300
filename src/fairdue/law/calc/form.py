"""Reading the fields of a calculation: each reader gives a typed value or raises CalcError naming the field.

    fields = Fields({"claim": "100000.00", "kind": "appeal"}, "in.", known={"claim", "kind"})
    fields.money("claim"), fields.choice("kind", KINDS)

A reader without a default wants the field; with one, a missing field takes it. null is as good as missing only where
a default exists.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from fairdue.law.calc import amounts
from fairdue.law.calc.figures import CalcError

T = TypeVar("T")
V = TypeVar("V")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1949, 2199
WHOLE_MAX: Final = 10**9


class _Required:
    """Marks a reader whose field must be there."""


REQUIRED: Final = _Required()


def shown(value: object) -> str:
    """A value as an error tells it, cut to a readable length."""
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**40 else "a number of over 40 digits"
    return text if len(text) <= 60 else text[:57] + "…"


class Fields:
    """One object of a case and its place in it. Unknown fields are refused at once."""

    def __init__(self, values: Any, where: str, *, known: Collection[str]) -> None:
        if not isinstance(values, dict):
            raise CalcError(where.rstrip("."), f"{shown(values)} is no object", f"write fields: {_listed(known)}")
        for name in values:
            if name not in known:
                raise CalcError(where + name[:40], "unknown field", f"known here: {_listed(known)}")
        self._values: Mapping[str, Any] = values
        self.where = where

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def _read(self, name: str, default: T | _Required, read: Callable[[Any], V], mend: str) -> V | T:
        value = self._values.get(name)
        if value is None:
            if not isinstance(default, _Required):
                return default
            why = "unknown (null)" if name in self._values else "missing"
            raise CalcError(self.where + name, why, mend)
        try:
            return read(value)
        except CalcError:
            raise
        except ValueError as error:
            raise CalcError(self.where + name, str(error), mend) from None

    def money(self, name: str, default: T | _Required = REQUIRED) -> int | T:
        """Cents of a decimal text, at least 0."""

        def read(value: Any) -> int:
            return amounts.cents(_text(value))

        return self._read(name, default, read, "write an amount as text, e.g. “1234.50”")

    def rate(self, name: str, default: T | _Required = REQUIRED, *, example: str = "12.00") -> Decimal | T:
        """An exact rate of at least 0 from decimal text."""

        def read(value: Any) -> Decimal:
            return amounts.rate(_text(value))

        return self._read(name, default, read, f"write a rate as text, e.g. “{example}”")

    def day(self, name: str, default: T | _Required = REQUIRED) -> date | T:
        """A date."""
        return self._read(name, default, _day, "write a day as YYYY-MM-DD, e.g. 2026-03-01")

    def days(self, name: str, *, least: int = 1, most: int = 1000) -> list[date]:
        """A list of dates."""

        def read(value: Any) -> list[date]:
            if not isinstance(value, list) or not least <= len(value) <= most:
                raise ValueError(f"{shown(value)} is no list of {least} to {most} days")
            return [_day(day) for day in value]

        default: list[date] | _Required = REQUIRED if least else []
        return self._read(name, default, read, "write a list of days as YYYY-MM-DD, e.g. [“2026-03-01”]")

    def whole(self, name: str, default: T | _Required = REQUIRED, *, least: int = 0, most: int = WHOLE_MAX) -> int | T:
        """A whole number within bounds."""

        def read(value: Any) -> int:
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError(f"{shown(value)} is no whole number")
            if not least <= value <= most:
                raise ValueError(f"{shown(value)} is out of range")
            return value

        return self._read(name, default, read, f"write a whole number from {least} to {most}")

    def flag(self, name: str, default: T | _Required = REQUIRED) -> bool | T:
        """true or false."""

        def read(value: Any) -> bool:
            if not isinstance(value, bool):
                raise ValueError(f"{shown(value)} is neither true nor false")
            return value

        return self._read(name, default, read, "write true or false")

    def text(self, name: str, default: T | _Required = REQUIRED) -> str | T:
        """A text of at most 200 characters."""

        def read(value: Any) -> str:
            text = _text(value)
            if len(text) > 200:
                raise ValueError("longer than 200 characters")
            return text

        return self._read(name, default, read, "write a text")

    def choice(self, name: str, of: Collection[str], default: T | _Required = REQUIRED) -> str | T:
        """One of several names."""

        def read(value: Any) -> str:
            if not isinstance(value, str) or value not in of:
                raise ValueError(f"{shown(value)} is not known here")
            return value

        return self._read(name, default, read, f"write one of: {', '.join(of)}")

    def texts(self, name: str, of: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of different names, empty when missing; `of`: the only ones allowed."""

        def read(value: Any) -> tuple[str, ...]:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise ValueError(f"{shown(value)} is no list of names")
            if len(set(value)) < len(value):
                raise ValueError(f"{shown(value)} names something twice")
            if wrong := [item for item in value if of is not None and item not in of]:
                raise ValueError(f"{shown(wrong[0])} is not known here")
            return tuple(value)

        return self._read(name, (), read, f"write a list of: {', '.join(of)}" if of else "write a list of names")

    def amounts(self, name: str, of: Collection[str]) -> dict[str, int]:
        """An object of names (of those given) to money, at least one."""

        def read(value: Any) -> dict[str, int]:
            if not isinstance(value, dict) or not value:
                raise ValueError(f"{shown(value)} is no object of amounts")
            inner = Fields(value, f"{self.where}{name}.", known=of)
            return {key: inner.money(key) for key in value}

        return self._read(name, REQUIRED, read, f"write amounts by name, of: {', '.join(of)}")

    def rows(self, name: str, known: Collection[str], *, least: int = 0, most: int = 1000) -> Iterator["Fields"]:
        """The objects of a list, each with its place in the error messages."""

        def read(value: Any) -> list[Any]:
            if not isinstance(value, list) or not least <= len(value) <= most:
                raise ValueError(f"{shown(value)} is no list of {least} to {most} objects")
            return value

        default: list[Any] | _Required = REQUIRED if least else []
        values = self._read(name, default, read, f"write a list of objects with: {_listed(known)}")
        for place, row in enumerate(values):
            yield Fields(row, f"{self.where}{name}[{place}].", known=known)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is no text")
    return value


def _day(value: Any) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError(f"{shown(value)} is no day")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r}: {error}") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"{value!r} is outside {_FIRST_YEAR} to {_LAST_YEAR}")
    return day


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))
