"""JSON lines of anyone's cases: one object a line in, one a line out, whatever the line holds.

    for result in answered(lines, answer): …        # answer: fields → result; it may raise LineError

A line that cannot be answered yields {"id", "line", "field", "error", "mend"} in its place and the rest goes on.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from fairdue.money.days import day_of

AMOUNT_MAX: Final = 10**11
_FIRST, _LAST = day_of(date(1900, 1, 1)), day_of(date(2199, 12, 31))
_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_RATE: Final = re.compile(r"\d{1,3}(\.\d{1,4})?", re.ASCII)
_NOT_READ: Final = {"note", "expect", "source"}


class LineError(ValueError):
    """One thing wrong with a line: which field, what was found, how to mend it."""

    def __init__(self, field: str, why: str, mend: str) -> None:
        super().__init__(why)
        self.field, self.why, self.mend = field, why, mend


Answer = Callable[["Fields"], dict[str, Any]]


def answered(lines: Iterable[str], answer: Answer) -> Iterator[dict[str, Any]]:
    """One result for each line that is not empty, in their order."""
    for number, line in enumerate(lines, start=1):
        if not line.strip("\ufeff \t\r\n"):
            continue
        name: Any = None
        try:
            found = _object(line.lstrip("\ufeff"))
            name = found.get("id")
            if not isinstance(name, str | int) or isinstance(name, bool):
                raise LineError("id", "missing or no name", 'write a text or a number, e.g. "id": "A-1"')
            fields = Fields(found, "")
            result = answer(fields)
            fields.refuse_unknown({"id", *_NOT_READ})
            yield {"id": name, **result}
        except LineError as fault:
            shown = name if isinstance(name, str | int) and not isinstance(name, bool) else None
            text = f"line {number}, {fault.field}: {fault.why}"
            yield {"id": shown, "line": number, "field": fault.field, "error": text, "mend": fault.mend}


class Fields:
    """The fields of one object; each reading notes the name, so that what nobody read is told as unknown."""

    def __init__(self, found: Mapping[str, Any], where: str) -> None:
        self._found, self._where, self._read = found, where, set[str]()

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        self._read.add(name)
        return self._found.get(name) is not None

    def cents(self, name: str, default: int | None = None) -> int:
        """Whole minor units, 0 to AMOUNT_MAX."""
        return self.whole(name, 0, AMOUNT_MAX, default, mend="write whole minor units, e.g. 25000")

    def whole(self, name: str, least: int, most: int, default: int | None = None, *, mend: str = "") -> int:
        """A whole number within bounds."""
        number = self._value(name, default)
        if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
            raise self._fault(name, number, f"no whole number from {least} to {most}", mend or "write a whole number")
        return number

    def day(self, name: str, default: int | None = None) -> int:
        """A day, since 1970-01-01."""
        text = self._value(name, default)
        if isinstance(text, int) and text is default:
            return text
        try:
            if not isinstance(text, str) or not _ISO_DAY.fullmatch(text):
                raise ValueError
            day = day_of(date.fromisoformat(text))
            if not _FIRST <= day <= _LAST:
                raise ValueError
        except ValueError:
            raise self._fault(name, text, "no day", "write a day as YYYY-MM-DD, e.g. 2026-03-01") from None
        return day

    def rate(self, name: str, default: int | None = None) -> int:
        """Per cent a year as text with at most four decimals, in millionths: "24" → 240000."""
        text = self._value(name, default)
        if isinstance(text, int) and text is default:
            return text
        try:
            if not isinstance(text, str) or not _RATE.fullmatch(text):
                raise ValueError
            return int(Decimal(text) * 10_000)
        except (ValueError, InvalidOperation):
            raise self._fault(name, text, "no rate", 'write per cent a year as text, e.g. "18.25"') from None

    def choice(self, name: str, choices: Iterable[str], default: str | None = None) -> str:
        """One of some words."""
        word = self._value(name, default)
        if word not in (known := list(choices)):
            raise self._fault(name, word, "not known here", f"known: {', '.join(known)}")
        return str(word)

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise self._fault(name, value, "neither true nor false", "write true or false")
        return value

    def rows(self, name: str) -> "Iterator[Fields]":
        """The objects of a list; a missing list is empty."""
        found = self._value(name, [])
        if not isinstance(found, list):
            raise self._fault(name, found, "no list", f'write "{name}": […]')
        for place, row in enumerate(found):
            where = f"{self._where}{name}[{place}]"
            if not isinstance(row, dict):
                raise LineError(where, "no object", "write an object")
            fields = Fields(row, where + ".")
            yield fields
            fields.refuse_unknown(set())

    def nested(self, name: str) -> "Fields":
        """The object of a field; empty when it is missing."""
        found = self._value(name, {})
        if not isinstance(found, dict):
            raise self._fault(name, found, "no object", f'write "{name}": {{…}}')
        return Fields(found, f"{self._where}{name}.")

    def refuse_unknown(self, known: set[str]) -> None:
        """LineError for a field that nobody read."""
        for name in self._found:
            if name not in self._read | known:
                raise LineError(self._where + name, "unknown field", f"known here: {', '.join(sorted(self._read))}")

    def _value(self, name: str, default: Any) -> Any:
        self._read.add(name)
        value = self._found.get(name, default)
        if value is None:
            raise LineError(self._where + name, "missing", f"add {name}")
        return value

    def _fault(self, name: str, found: object, why: str, mend: str) -> LineError:
        text = repr(found)
        return LineError(self._where + name, f"{text if len(text) <= 60 else text[:57] + '…'} is {why}", mend)


def _object(line: str) -> dict[str, Any]:
    mend = 'write one JSON object a line: {"id": …, …}'
    try:
        found = json.loads(line)
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        raise LineError("(line)", f"not JSON: {str(error)[:80]}", mend) from None
    if not isinstance(found, dict):
        raise LineError("(line)", f"a {type(found).__name__}, not an object", mend)
    return found
