"""Reading the YAML of rules: every value knows its line, and a mistake names file, line, rule, field and the cure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import yaml

from fairdue.law.clock import day_number

LEVELS: Final = ("law", "regulation", "rule", "notice", "standard", "self-regulation", "guidance", "policy", "design")
CONFIDENCE: Final = ("A", "B", "C", "D")
LANGUAGES: Final = ("zh", "en")
LAW: Final = frozenset(("since", "until", "cites", "level", "confidence", "claims", "force", "source", "note"))


class PackError(ValueError):
    """A mistake in a pack: file, line, rule, field, and how to mend it."""


_Quick: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it is built in: ten times as fast on a pack."""


class _Lines(_Quick):  # type: ignore[misc]
    """A loader that knows the line of every key and refuses a key given twice."""


class Located(dict[str, Any]):
    """A mapping with the line of each key."""

    def __init__(self, content: Mapping[str, Any] | None = None, lines: Mapping[str, int] | None = None) -> None:
        super().__init__(content or {})
        self.lines: dict[str, int] = dict(lines or {})


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> Located:
    found = Located()
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        line = key_node.start_mark.line + 1
        if key in found:
            raise yaml.MarkedYAMLError(None, None, f"{key} is given twice; keep one", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
        found.lines[key] = line
    return found


def _moment(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    """A day or moment; one that no calendar has stays the text it is, so that whoever reads the field can say where."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


_Lines.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Lines.add_constructor("tag:yaml.org,2002:timestamp", _moment)


@dataclass(frozen=True)
class Spot:
    """Where in which file we are, for messages."""

    file: str
    rule: str
    line: int
    field: str = ""

    def at(self, field: str, holder: object) -> "Spot":
        line = holder.lines.get(field, self.line) if isinstance(holder, Located) else self.line
        return Spot(self.file, self.rule, line, f"{self.field}.{field}" if self.field else field)

    def wrong(self, why: str) -> PackError:
        what = f", field {self.field}" if self.field else ""
        return PackError(f"{self.file}, line {self.line}, rule {self.rule}{what}: {why}")


def parse(text: str, *, file: str, head: str) -> Located:
    """The tree of one file, which begins with the block `head`. Raises PackError."""
    try:
        tree = yaml.load(text, Loader=_Lines)  # noqa: S506 -- _Lines is a SafeLoader
    except yaml.MarkedYAMLError as error:
        # A key without its colon is noticed by the reader only lines later; it is told where it begins.
        mark = error.context_mark if error.context == "while scanning a simple key" else error.problem_mark
        line = min(mark.line + 1, len(text.splitlines())) if mark else 0
        raise PackError(
            f"{file}, line {line}: cannot be read: {error.problem}; check indents, quotes and brackets"
        ) from error
    if not isinstance(tree, Located) or head not in tree:
        raise PackError(f"{file}, line 1: begin with a block `{head}:` that holds id, version and about")
    return tree


def mapping_of(value: object, spot: Spot, allowed: Iterable[str]) -> Located:
    if not isinstance(value, Located):
        raise spot.wrong("write a block of fields")
    for key in value:
        if key not in allowed:
            raise spot.at(key, value).wrong(f"there is no such field; known: {', '.join(sorted(allowed))}")
    return value


def text_of(block: Located, field: str, spot: Spot) -> str:
    value = block.get(field)
    if not isinstance(value, str) or not value:
        raise spot.at(field, block).wrong("write a text")
    return value


def date_of(block: Located, field: str, spot: Spot) -> int | None:
    value = block.get(field)
    if value is None:
        return None
    if not isinstance(value, date):
        raise spot.at(field, block).wrong(f"write a date such as 2025-02-28; {value} is none")
    return day_number(value)


def attempt(read: Any, value: object, spot: Spot, wanted: str = "") -> Any:
    try:
        return read(value)
    except (ValueError, KeyError) as error:
        raise spot.wrong(f"{value!r} does not fit: {('write ' + wanted) if wanted else error}") from error


def languages(block: Located, field: str, spot: Spot) -> Mapping[str, str]:
    here = spot.at(field, block)
    texts = mapping_of(block.get(field), here, LANGUAGES)
    for language in LANGUAGES:
        if not isinstance(texts.get(language), str):
            raise here.wrong(f"give the text in {language} as well")
    return dict(texts)


def cites_of(law: Located, spot: Spot) -> Mapping[str, str]:
    """One official citation for every language, or one for each."""
    here, given = spot.at("cites", law), law.get("cites")
    if isinstance(given, str):
        given = Located(dict.fromkeys(LANGUAGES, given))
    if not isinstance(given, Located):
        raise here.wrong("write where the rule stands: one text, or {zh: …, en: …}")
    for language in LANGUAGES:
        text = mapping_of(given, here, LANGUAGES).get(language)
        if not isinstance(text, str) or not text.strip():
            raise here.wrong(f"give the citation in {language} as well: one text, or {{zh: …, en: …}}")
    return dict(given)


def claims_of(law: Mapping[str, Any], public: Sequence[str]) -> dict[str, str]:
    """The confidence of each public name: that of the rule, or its own where it rests on something else."""
    own = law.get("claims") or {}
    return {name: str(own.get(name, law["confidence"])) for name in public}


def _claims(law: Located, public: Sequence[str], spot: Spot) -> None:
    here = spot.at("claims", law)
    for name, letter in mapping_of(law.get("claims", Located()), here, public).items():
        if letter not in CONFIDENCE:
            raise here.at(name, law["claims"]).wrong("write A, B, C or D (see docs/rules.md)")


def _note(law: Located, spot: Spot) -> None:
    note = law.get("note")
    if note is not None and not isinstance(note, str):
        languages(law, "note", spot)


def law_of(law: Located, spot: Spot, public: Sequence[str] = ()) -> Mapping[str, Any]:
    """Level, confidence and what else is told of the source; `public` are the names that may have an own letter."""
    if law.get("level") not in LEVELS:
        raise spot.at("level", law).wrong(f"write one of {', '.join(LEVELS)}")
    if law.get("confidence") not in CONFIDENCE:
        raise spot.at("confidence", law).wrong("write A, B, C or D (see docs/rules.md)")
    _claims(law, public, spot)
    _note(law, spot)
    told = {key: dict(value) if isinstance(value, Located) else value for key, value in law.items() if key != "cites"}
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in told.items()}
