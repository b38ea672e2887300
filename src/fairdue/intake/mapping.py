"""A creditor's mapping: which column of their files is which of our fields, in which format. YAML, see docs/intake.md."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fairdue.intake.fields import Kind
from fairdue.intake.problems import Problem


@dataclass(frozen=True, slots=True)
class FieldMap:
    """How one canonical field is found: in `column` or as the constant `value` (exactly one of the two)."""

    name: str
    column: str | None = None
    value: str | None = None
    codes: dict[str, str] | None = None  # their code → ours; keys compared without case and outer blanks
    dates: tuple[str, ...] = ()  # patterns as YYYY-MM-DD
    zone: str | None = None  # IANA zone of times that carry no offset
    unit: str = "major"  # major | minor
    decimal: str = "."
    thousands: str | None = None
    if_bad: str = "reject"  # reject | blank


@dataclass(frozen=True, slots=True)
class Mapping:
    """One kind of file of one creditor."""

    kind: Kind
    creditor_ref: str
    fields: dict[str, FieldMap]
    file: str | None = None  # glob on the file name, e.g. accounts*.csv
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    header_row: int = 1
    currency: str | None = None  # when the file has no currency column
    country: str | None = None  # ISO 3166 alpha-2: how numbers without + are read, which zones are possible
    language: str | None = None
    phones: str = "valid"  # valid | possible


@dataclass(frozen=True, slots=True)
class Book:
    """All mappings of one creditor (one YAML file)."""

    creditor_ref: str
    creditor_name: str
    mappings: dict[Kind, Mapping]
    text: str  # the YAML as read
    creditor: dict[str, str] = field(default_factory=dict)  # further facts of the creditor: country, currency, kind

    def for_file(self, name: str) -> Mapping | None:
        """The mapping whose `file` pattern fits the file name, None when none or several fit."""
        raise NotImplementedError


def load(path: Path) -> Book:
    """Read and check a mapping file. Raises FileRefused with every problem (file, line, field, cure)."""
    raise NotImplementedError


def parse(text: str, *, name: str = "mapping.yaml") -> Book:
    """As load(), from text."""
    raise NotImplementedError


def missing_columns(mapping: Mapping, columns: Sequence[str], *, name: str) -> list[Problem]:
    """Columns the mapping names that the file does not have; each problem names the nearest header."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Draft:
    """A guess at a mapping from the headers alone, for the preview page: to be confirmed by a person."""

    kind: Kind
    columns: dict[str, str]  # canonical field → header
    unused: list[str]  # headers nobody claimed
    missing: list[str]  # required fields nobody serves
    yaml: str  # the same as YAML text, ready to edit


def guess(columns: Sequence[str], *, kind: Kind | None = None) -> Draft:
    """Guess what each header means (Chinese and English header words); the best kind when none is given."""
    raise NotImplementedError
