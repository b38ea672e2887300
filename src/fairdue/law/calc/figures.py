"""The tables of `law/tables/*.yaml`: every figure with its source, dates and confidence.

How to call:

    figure("fees", "court-fee.acceptance").values["slices"]
    figure("fees", "court-fee.acceptance").confidence          # "A"
    every()                                                    # all of them, by table and name

A mistake in a table raises TableError naming file, entry and field. Amounts and rates are text there, never binary
fractions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

LEVELS: Final = (
    "law",
    "regulation",
    "judicial",
    "rule",
    "notice",
    "standard",
    "self-regulation",
    "policy",
    "convention",
)
CONFIDENCE: Final = ("A", "B", "C", "D")
_LAW: Final = frozenset(("since", "until", "cites", "level", "confidence", "claims", "note"))


class CalcError(ValueError):
    """A calculation that cannot be made: which field, why, and how to mend it."""

    def __init__(self, field: str, why: str, mend: str) -> None:
        super().__init__(f"{field}: {why}; {mend}")
        self.field, self.why, self.mend = field, why, mend


class BeyondTable(CalcError):  # noqa: N818
    """A date outside the days for which the figure is known."""


class TableError(ValueError):
    """A mistake in a table file."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One entry of a table.

    name: stable; public: the names of the rule in results and documents; about and cites: texts by language (zh, en);
    since, until: first and last day for which it is known, None where there is no date; values: the figures.
    """

    name: str
    public: tuple[str, ...]
    about: Mapping[str, str]
    cites: Mapping[str, str]
    level: str
    confidence: str
    claims: Mapping[str, str]
    since: date | None
    until: date | None
    note: str
    values: Mapping[str, Any]

    def check(self, day: date, field: str) -> None:
        """Raise BeyondTable when the figure is not known for this day."""
        what = self.about["en"].split(":")[0].split(";")[0]
        if self.since and day < self.since:
            raise BeyondTable(field, f"{day} is before the table", f"“{what}” is known from {self.since} on")
        if self.until and day > self.until:
            raise BeyondTable(field, f"{day} is beyond the table", f"“{what}” is known until {self.until}")


@cache
def table(name: str) -> Mapping[str, Figure]:
    """The entries of one file by name."""
    text = (files("fairdue.law") / "tables" / f"{name}.yaml").read_text(encoding="utf-8")
    return read(text, f"{name}.yaml")


def figure(table_name: str, name: str) -> Figure:
    """One entry; KeyError when there is none."""
    return table(table_name)[name]


def every() -> Iterator[tuple[str, Figure]]:
    """All entries with the name of their table."""
    for path in sorted((files("fairdue.law") / "tables").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".yaml"):
            name = path.name.removesuffix(".yaml")
            yield from ((name, entry) for entry in table(name).values())


def read(text: str, file: str) -> Mapping[str, Figure]:
    """The entries of a table file's text. Raises TableError."""
    entries = yaml.safe_load(text)
    if not isinstance(entries, dict):
        raise TableError(f"{file}: no entries; write name: {{public, about, law, …}}")
    return {str(name): _figure(str(name), entry, f"{file}: {name}") for name, entry in entries.items()}


def _figure(name: str, entry: Any, where: str) -> Figure:
    if not isinstance(entry, dict) or not {"public", "about", "law"} <= entry.keys():
        raise TableError(f"{where}: an entry needs public, about and law")
    law = entry["law"]
    if not isinstance(law, dict) or not {"cites", "level", "confidence"} <= law.keys() <= _LAW:
        raise TableError(f"{where}.law: needs cites, level, confidence; may have claims, since, until, note")
    if law["level"] not in LEVELS or law["confidence"] not in CONFIDENCE:
        raise TableError(f"{where}.law: level is one of {', '.join(LEVELS)}, confidence one of A B C D")
    claims = law.get("claims", {})
    if (
        not isinstance(claims, dict)
        or not claims.keys() <= set(entry["public"])
        or set(claims.values()) - {*CONFIDENCE}
    ):
        raise TableError(f"{where}.law.claims: a letter A to D for some of its public names")
    for field, texts in (("about", entry["about"]), ("law.cites", law["cites"])):
        if not isinstance(texts, dict) or texts.keys() != {"zh", "en"}:
            raise TableError(f"{where}.{field}: needs both languages, {{zh: …, en: …}}")
    values = {key: value for key, value in entry.items() if key not in ("public", "about", "law")}
    _no_fractions(values, where)
    return Figure(
        name=name, public=tuple(entry["public"]), about=entry["about"], cites=law["cites"], level=law["level"],
        confidence=law["confidence"], since=law.get("since"), until=law.get("until"), note=law.get("note", ""),
        values=values, claims=law.get("claims", {}),
    )  # fmt: skip


def _no_fractions(value: Any, where: str) -> None:
    """Refuse numbers that YAML reads as binary fractions, and keys that it reads as something else than text."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str | date):
                raise TableError(
                    f"{where}: the key {key!r} is no text; YAML reads on, off, yes and no as true or false"
                )
            _no_fractions(item, f"{where}.{key}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            _no_fractions(item, f"{where}[{place}]")
    elif not isinstance(value, str | int | date):
        raise TableError(f"{where}: {value!r} is neither text, whole number nor day; put amounts and rates in quotes")
