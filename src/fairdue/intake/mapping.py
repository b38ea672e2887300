"""A creditor's mapping: which column of their files is which of our fields, in which format (docs/intake.md)."""

import difflib
import re
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml

from fairdue.intake.fields import CURRENCIES, FIELDS, KINDS, Field, Kind
from fairdue.intake.lines import Located, read_yaml
from fairdue.intake.problems import FileRefused, Problem, Said, problem

MAPPING_BYTES_MAX = 256 * 1024


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
    language: str | None = None  # when the file has no language column
    phones: str = "valid"  # valid | possible


@dataclass(frozen=True, slots=True)
class Book:
    """All mappings of one creditor (one YAML file)."""

    creditor_ref: str
    creditor_name: str
    mappings: dict[Kind, Mapping]
    text: str  # the YAML as read
    creditor: dict[str, str] = field(default_factory=dict)  # everything under `creditor:` (ref, name, country, …)

    def for_file(self, name: str) -> Mapping | None:
        """The mapping whose `file` pattern fits the file name, None when none or several fit."""
        fits = [each for each in self.mappings.values() if each.file and fnmatch(name.lower(), each.file.lower())]
        return fits[0] if len(fits) == 1 else None


def of_statement(creditor_ref: str) -> Mapping:
    """The mapping of ISO 20022 bank statements: their columns have our names already (camt.py)."""
    plain = FieldMap("", dates=("YYYY-MM-DD",))
    fields = {name: replace(plain, name=name, column=name) for name in FIELDS["bank"]}
    return Mapping("bank", creditor_ref, fields)


def load(path: Path) -> Book:
    """Read and check a mapping file. Raises FileRefused with every problem (file, line, field, cure)."""
    try:
        data = path.read_bytes()[: MAPPING_BYTES_MAX + 1]
    except OSError as error:
        raise FileRefused([problem("unreadable_file", file=path.name, found=error.strerror or "")]) from None
    try:
        return parse(data.decode("utf-8-sig"), name=path.name)
    except UnicodeDecodeError as error:
        raise FileRefused([problem("mapping_encoding", file=path.name, found=str(error.object[error.start]))]) from None


def parse(text: str, *, name: str = "mapping.yaml") -> Book:
    """As load(), from text."""
    if len(text.encode()) > MAPPING_BYTES_MAX:
        raise FileRefused([problem("mapping_too_large", file=name)])
    return _Parser(name).book(text)


def missing_columns(mapping: Mapping, columns: Sequence[str], *, name: str) -> list[Problem]:
    """Columns the mapping names that the file does not have; each problem names the nearest header."""
    problems = []
    for each in mapping.fields.values():
        if each.column is not None and each.column not in columns:
            near = difflib.get_close_matches(each.column, columns, n=1, cutoff=0.5)
            problems.append(
                problem(
                    "column_missing",
                    file=name,
                    field=f"{mapping.kind}.{each.name}",
                    found=each.column,
                    there=(near[0] if near else ", ".join(list(columns)[:12])) or "-",
                )
            )
    return problems


_TOP_KEYS = {"creditor", "defaults", *KINDS}
_SECTION_KEYS = {
    "encoding", "separator", "sheet", "header_row", "currency", "country", "language", "dates", "zone", "amounts",
    "phones", "file", "columns",
}  # fmt: skip
_AMOUNT_KEYS = {"unit", "decimal", "thousands"}
_FIELD_KEYS = {"column", "value", "codes", "dates", "zone", "unit", "decimal", "thousands", "if_bad"}
_SEPARATORS = {",": ",", ";": ";", "|": "|", "\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030",
              "utf-16": "utf-16"}  # fmt: skip


class _Parser:
    """Collects every problem of one mapping file, then yields the book or refuses."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []

    def blame(self, code: str, at: Located, where: str, found: object = "", **words: object) -> None:
        text = "" if found is None else str(found)
        self.problems.append(problem(code, file=self.name, line=at.line, field=where, found=text, **words))

    def book(self, text: str) -> Book:
        root, faults = read_yaml(text, name=self.name)
        self.problems += faults
        if root is None:
            raise FileRefused(self.problems)
        top = self.section(root, "", _TOP_KEYS)
        facts = self.creditor(top.get("creditor"), root)
        defaults = (
            self.section(top["defaults"], "defaults", _SECTION_KEYS - {"file", "columns"}) if "defaults" in top else {}
        )
        mappings = {kind: self.mapping(kind, top[kind], defaults, facts["ref"]) for kind in KINDS if kind in top}
        if not mappings:
            self.blame("mapping_empty", root, "", kinds=", ".join(KINDS))
        if self.problems:
            raise FileRefused(self.problems)
        return Book(facts["ref"], facts["name"], mappings, text, facts)

    def section(self, at: Located, where: str, allowed: set[str]) -> dict[str, Located]:
        """The entries of a mapping node; unknown keys are named with the nearest known one."""
        if not isinstance(at.value, dict):
            self.blame("mapping_type", at, where, at.plain(), wanted=Said("键值表", "a table of key: value"))
            return {}
        known = {}
        for key, child in at.value.items():
            if key in allowed:
                known[key] = child
                continue
            near = difflib.get_close_matches(key, allowed, n=1, cutoff=0.6)
            place = f"{where}.{key}".strip(".")
            self.blame("mapping_key", child, place, key, known=near[0] if near else ", ".join(sorted(allowed)))
        return known

    def creditor(self, at: Located | None, root: Located) -> dict[str, str]:
        facts: dict[str, str] = {}
        if at is None or not isinstance(at.value, dict):
            self.blame("mapping_required", at or root, "creditor", wanted="creditor: {ref: …, name: …}")
        else:
            facts = {key: self.text(child, f"creditor.{key}") or "" for key, child in at.value.items()}
            if not facts.get("ref"):
                self.blame("mapping_required", at, "creditor.ref", wanted="ref: …")
        return facts | {"ref": facts.get("ref", ""), "name": facts.get("name") or facts.get("ref", "")}

    def mapping(self, kind: Kind, at: Located, defaults: dict[str, Located], ref: str) -> Mapping:
        own = self.section(at, kind, _SECTION_KEYS)
        all_ = defaults | own
        amounts = self.amounts(all_.get("amounts"), kind)
        base = FieldMap(
            "",
            dates=self.dates(all_.get("dates"), f"{kind}.dates"),
            zone=self.zone(all_.get("zone"), f"{kind}.zone"),
            unit=amounts["unit"],
            decimal=amounts["decimal"],
            thousands=amounts["thousands"] or None,
        )
        columns = own.get("columns")
        if columns is None or not isinstance(columns.value, dict):
            self.blame("mapping_required", columns or at, f"{kind}.columns", wanted="columns: {external_ref: …}")
            return Mapping(kind, ref, {})
        fields = self.fields(kind, columns, base)
        currency = self.one_of(all_.get("currency"), f"{kind}.currency", CURRENCIES)
        language = self.one_of(all_.get("language"), f"{kind}.language", ("zh", "en"))
        self.required(kind, columns, fields, has_currency=currency is not None)
        country = self.text(all_.get("country"), f"{kind}.country")
        if country is not None and not re.fullmatch("[A-Z]{2}", country):
            self.blame("mapping_choice", all_["country"], f"{kind}.country", country, known="CN, US, TW, HK …")
        return Mapping(
            kind=kind,
            creditor_ref=ref,
            fields=fields,
            file=self.text(own.get("file"), f"{kind}.file"),
            encoding=self.named(all_.get("encoding"), f"{kind}.encoding", _ENCODINGS),
            separator=self.named(all_.get("separator"), f"{kind}.separator", _SEPARATORS),
            sheet=self.text(all_.get("sheet"), f"{kind}.sheet"),
            header_row=self.whole(all_.get("header_row"), f"{kind}.header_row", 1),
            currency=currency,
            country=country,
            language=language,
            phones=self.one_of(all_.get("phones"), f"{kind}.phones", ("valid", "possible")) or "valid",
        )

    def amounts(self, at: Located | None, kind: Kind) -> dict[str, str]:
        given = self.section(at, f"{kind}.amounts", _AMOUNT_KEYS) if at is not None else {}
        found = {key: self.text(child, f"{kind}.amounts.{key}", blank=True) or "" for key, child in given.items()}
        found = {"unit": "major", "decimal": ".", "thousands": ","} | found
        self.check_amounts(found["unit"], found["decimal"], found["thousands"], at, f"{kind}.amounts")
        return found

    def check_amounts(self, unit: str, decimal: str, thousands: str, at: Located | None, where: str) -> None:
        if at is None:
            return
        if unit not in ("major", "minor"):
            self.blame("mapping_choice", at, f"{where}.unit", unit, known="major, minor")
        if decimal not in (".", ",") or thousands not in ("", ",", ".", " ", "'") or decimal == thousands:
            self.blame("mapping_marks", at, where, f"decimal {decimal!r}, thousands {thousands!r}")

    def fields(self, kind: Kind, columns: Located, base: FieldMap) -> dict[str, FieldMap]:
        mapped = {}
        choices = {name for name, spec in FIELDS[kind].items() if not spec.derived}
        for name, at in self.section(columns, f"{kind}.columns", choices).items():
            each = self.field(FIELDS[kind][name], at, base, f"{kind}.{name}")
            if each is not None:
                mapped[name] = each
        return mapped

    def field(self, spec: Field, at: Located, base: FieldMap, where: str) -> FieldMap | None:
        given = {"column": at}
        if isinstance(at.value, dict):
            given = self.section(at, where, _FIELD_KEYS)
        texts = {
            key: self.text(given.get(key), f"{where}.{key}", blank=key == "thousands")
            for key in _FIELD_KEYS - {"codes", "dates"}
        }
        if (texts["column"] is None) == (texts["value"] is None):
            self.blame("mapping_source", at, where)
            return None
        codes = self.codes(given.get("codes"), where, spec)
        if texts["if_bad"] == "blank" and spec.required:
            self.blame("mapping_blank", at, f"{where}.if_bad", spec.name)
        if texts["if_bad"] not in (None, "reject", "blank"):
            self.blame("mapping_choice", at, f"{where}.if_bad", texts["if_bad"], known="reject, blank")
        if spec.type == "code" and codes is None and texts["value"] is not None and texts["value"] not in spec.codes:
            self.blame("mapping_choice", at, f"{where}.value", texts["value"], known=", ".join(spec.codes))
        unit, decimal = texts["unit"] or base.unit, texts["decimal"] or base.decimal
        thousands = base.thousands if texts["thousands"] is None else texts["thousands"] or None
        if any(texts[key] is not None for key in _AMOUNT_KEYS):
            self.check_amounts(unit, decimal, thousands or "", at, where)
        # A pattern without a time of day puts every contact at midnight; it counts only where the field asks for it.
        general = tuple(each for each in base.dates if spec.type != "datetime" or "H" in each)
        return FieldMap(
            name=spec.name,
            column=texts["column"],
            value=texts["value"],
            codes=codes,
            dates=self.dates(given.get("dates"), f"{where}.dates") or general,
            zone=self.zone(given.get("zone"), f"{where}.zone") or base.zone,
            unit=unit,
            decimal=decimal,
            thousands=thousands,
            if_bad=texts["if_bad"] or "reject",
        )

    def codes(self, at: Located | None, where: str, spec: Field) -> dict[str, str] | None:
        if at is None:
            return None
        if not isinstance(at.value, dict):
            self.blame(
                "mapping_type",
                at,
                f"{where}.codes",
                at.plain(),
                wanted=Said("对照表", "a table of their code: our code"),
            )
            return None
        table = {}
        ours = spec.codes or {"bool": ("yes", "no"), "sex": ("1", "2")}.get(spec.type, ())
        for theirs, child in at.value.items():
            code = self.text(child, f"{where}.codes.{theirs}", blank=True) or ""
            if ours and code and code not in ours:
                near = difflib.get_close_matches(code, ours, n=1) or [", ".join(ours)]
                self.blame("mapping_choice", child, f"{where}.codes.{theirs}", code, known=near[0])
            table[theirs.strip().lower()] = code
        return table

    def required(self, kind: Kind, at: Located, fields: dict[str, FieldMap], *, has_currency: bool) -> None:
        for name, spec in FIELDS[kind].items():
            served = name in fields or name == "creditor_ref" or (name == "currency" and has_currency)
            money = any(FIELDS[kind][each].type == "money" for each in fields)
            if not served and (spec.required or (name == "currency" and money)):
                self.blame("mapping_field", at, f"{kind}.{name}", wanted=name)
        if kind == "dues" and not fields.keys() & {"principal", "interest", "fees"}:
            self.blame("mapping_field", at, "dues.principal", wanted="principal, interest, fees")
        for name, each in fields.items():
            unzoned = FIELDS[kind][name].type == "datetime" and each.zone is None
            if unzoned and not (each.dates and all("Z" in pattern for pattern in each.dates)):
                self.blame("mapping_zone", at, f"{kind}.{name}", wanted=name)

    def dates(self, at: Located | None, where: str) -> tuple[str, ...]:
        if at is None:
            return ()
        entries = at.value if isinstance(at.value, list) else [at]
        patterns = [self.text(each, where) or "" for each in entries]
        for pattern in patterns:
            if strptime_of(pattern) is None:
                self.blame("mapping_date", at, where, pattern)
        return tuple(patterns)

    def zone(self, at: Located | None, where: str) -> str | None:
        name = self.text(at, where)
        if at is not None and name is not None and name not in _zones():
            near = difflib.get_close_matches(name, _zones(), n=1) or ["Asia/Shanghai"]
            self.blame("mapping_choice", at, where, name, known=near[0])
        return name

    def named(self, at: Located | None, where: str, table: dict[str, str]) -> str | None:
        name = self.text(at, where, blank=True)
        if at is None or name is None:
            return None
        if name.lower() not in table:
            self.blame("mapping_choice", at, where, name, known=", ".join(sorted(key for key in table if key.strip())))
        return table.get(name.lower())

    def one_of(self, at: Located | None, where: str, choices: Sequence[str]) -> str | None:
        name = self.text(at, where)
        if at is not None and name is not None and name not in choices:
            near = difflib.get_close_matches(name, choices, n=1) or [", ".join(list(choices)[:8])]
            self.blame("mapping_choice", at, where, name, known=near[0])
        return name

    def whole(self, at: Located | None, where: str, default: int) -> int:
        text = self.text(at, where)
        if at is None or text is None:
            return default
        if not re.fullmatch("[1-9][0-9]{0,3}", text):
            self.blame(
                "mapping_type", at, where, text, wanted=Said("1 至 9999 的整数", "a whole number from 1 to 9999")
            )
            return default
        return int(text)

    def text(self, at: Located | None, where: str, *, blank: bool = False) -> str | None:
        if at is None:
            return None
        if isinstance(at.value, str) and (at.value or blank):
            return at.value
        self.blame("mapping_type", at, where, at.plain(), wanted=Said("一个值", "a single value"))
        return None


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


_TOKENS = {
    "YYYY": "%Y", "YY": "%y", "MMM": "%b", "MM": "%m", "M": "%m", "DD": "%d", "D": "%d", "HH": "%H", "H": "%H",
    "mm": "%M", "ss": "%S", "Z": "%z",
}  # fmt: skip
_TOKEN = re.compile("|".join(sorted(_TOKENS, key=len, reverse=True)))


def strptime_of(pattern: str) -> str | None:
    """`YYYY年M月D日` → `%Y年%m月%d日`; None when year, month and day are not each named once."""
    names = [match[0][0] if match[0] not in ("mm", "ss") else match[0] for match in _TOKEN.finditer(pattern)]
    left = _TOKEN.sub("", pattern)
    if sorted(name for name in names if name in "YMD") != ["D", "M", "Y"] or len(set(names)) != len(names):
        return None
    if "%" in left or any(char.isascii() and char.isalnum() and char != "T" for char in left):
        return None
    return _TOKEN.sub(lambda match: _TOKENS[match[0]], pattern)


@dataclass(frozen=True, slots=True)
class Draft:
    """A guess at a mapping from the headers alone, for the preview page: to be confirmed by a person."""

    kind: Kind
    columns: dict[str, str]  # canonical field → header
    unused: list[str]  # headers nobody claimed
    missing: list[str]  # required fields nobody serves
    yaml: str  # the same as YAML text, ready to edit


_WRITES_CHINESE: Final = {"CN", "HK", "TW"}


def guess(columns: Sequence[str], *, kind: Kind | None = None) -> Draft:
    """Guess what each header means (Chinese and English header words); the best kind when none is given."""
    if kind is not None:
        return _draft(kind, columns)
    drafts = [_draft(each, columns) for each in KINDS]
    return max(drafts, key=lambda draft: (len(draft.columns) - 2 * len(draft.missing), -KINDS.index(draft.kind)))


def _draft(kind: Kind, columns: Sequence[str]) -> Draft:
    order = {name: place for place, name in enumerate(FIELDS[kind])}
    scored = sorted(
        (
            (-_likeness(column, word), order[name], rank, place, name, column)
            for place, column in enumerate(columns)
            for name in FIELDS[kind]
            for rank, word in enumerate(_words_of(kind, name))
            if _likeness(column, word) > 0
        )
    )
    found: dict[str, str] = {}
    for _, _, _, _, name, column in scored:
        if name not in found and column not in found.values():
            found[name] = column
    found = {name: found[name] for name in FIELDS[kind] if name in found}
    constant = {"creditor_ref", "currency", "product"}
    missing = [n for n, spec in FIELDS[kind].items() if spec.required and n not in found and n not in constant]
    return Draft(
        kind, found, [c for c in columns if c not in found.values()], missing, _draft_yaml(kind, found, missing)
    )


def _draft_yaml(kind: Kind, found: dict[str, str], missing: list[str]) -> str:
    chinese = any(ord(char) > 0x2E80 for column in found.values() for char in column)
    fields: dict[str, Any] = dict(found)
    if kind == "accounts" and "product" not in found:
        fields["product"] = {"value": "online_loan"}
    draft = {
        "creditor": {"ref": "CHANGE-ME", "name": "CHANGE ME"},
        "defaults": {
            "currency": "CNY" if chinese else "USD",
            "zone": "Asia/Shanghai" if chinese else "America/New_York",
            **habits("CN" if chinese else "US"),
        },
        kind: {"columns": fields},
    }
    text = yaml.safe_dump(draft, allow_unicode=True, sort_keys=False)
    return text + "".join(f"    # {name}: still to be named\n" for name in missing)


def habits(country: str) -> dict[str, Any]:
    """How files of a country are written, as `defaults` of a mapping: its letters, its language, its dates."""
    chinese = country in _WRITES_CHINESE
    dates = ["YYYY/M/D", "YYYYMMDD"] if chinese else ["MM/DD/YYYY"] if country == "US" else ["DD/MM/YYYY"]
    return {"country": country, "language": "zh" if chinese else "en", "dates": ["YYYY-MM-DD", *dates]}


def _plain(header: str) -> str:
    return re.sub(r"[\s_\-./:：()（）\[\]【】#*]+", "", header).lower()


def _likeness(header: str, word: str) -> float:
    """1 for the same word, less for a word inside the header, 0 for nothing in common."""
    ours, theirs = _plain(word), _plain(header)
    if ours == theirs:
        return 1.0
    long_enough = len(ours) >= (2 if not ours.isascii() else 5)
    return 0.5 * len(ours) / len(theirs) if long_enough and ours in theirs else 0.0


def looks_like_direction(header: str) -> bool:
    """Whether a header of a bank's file says that its column tells money in from money out: Credit/Debit, 借贷标志."""
    return any(_likeness(header, word) >= _MOSTLY for word in header_words()["bank.kind"])


_MOSTLY: Final = 0.25
"""Likeness of a header that is the word for at least one half: 借贷 in 借贷标志, but not in 借贷合同编号."""


def _words_of(kind: Kind, name: str) -> tuple[str, ...]:
    """Words for a field in files of a kind, most telling first: the kind's own where it has some."""
    words = header_words().get(f"{kind}.{name}") or header_words().get(name, ())
    derived = FIELDS[kind][name].derived
    return () if derived else words if name in words else (name, *words)


@cache
def header_words() -> dict[str, tuple[str, ...]]:
    """Canonical field, or kind.field → words seen in headers, most telling first (mappings/headers.yaml)."""
    text = resources.files("fairdue.intake").joinpath("mappings/headers.yaml").read_text("utf-8")
    return {name: tuple(map(str, words)) for name, words in yaml.safe_load(text).items()}
