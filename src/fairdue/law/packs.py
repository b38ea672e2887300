"""Rule packs: YAML says what, a closed set of kinds says how. The form is described in docs/rules.md.

`standard()` gives the packs that come with Fairdue; `load` reads one file. A mistake raises PackError naming file,
line, rule, field and how to mend it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from fairdue.law.clock import day_number, zone_number
from fairdue.law.codes import Decision, Jurisdiction, Relation
from fairdue.law.facts import COLUMNS, SPANS, UNKNOWN, bits_of, code_of
from fairdue.law.kinds import KINDS, MAYBE, NO, YES, Kind

LEVELS: Final = ("law", "regulation", "rule", "notice", "standard", "self-regulation", "guidance", "policy", "design")
CONFIDENCE: Final = ("A", "B", "C", "D")
LANGUAGES: Final = ("zh", "en")
_LAW: Final = {"since", "until", "cites", "level", "confidence", "force", "source", "note"}
_RULE: Final = {"public", "when", "unless", "law", "decision", "say", "cure", "examples"}
_HEAD: Final = {"id", "version", "jurisdiction", "clock", "since", "covers", "when", "about"}


class PackError(ValueError):
    """A mistake in a pack: file, line, rule, field, and how to mend it."""


@dataclass(frozen=True, eq=False)
class Condition:
    """A fact and the states (NO, MAYBE, YES) of its values: by code + 1, by bits, or, for a span, by being active."""

    fact: str
    table: tuple[int, ...] = ()
    bits: int = 0
    active: bool = True

    @cached_property
    def span(self) -> bool:
        """Whether the answer changes with the hour."""
        return self.fact in SPANS

    @cached_property
    def array(self) -> NDArray[np.uint8]:
        """The table as a column to look up in."""
        return np.array(self.table, np.uint8)


Group = tuple[Condition, ...]
"""All of these hold."""


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule of a pack, checked and ready to be judged.

    id: stable internal name (`cn.quiet-hours`); public: the names results may give it (`CN-HRS-01`). when: it applies
    where any group holds; unless: any group lifts it. since, until: local day numbers, both included. say, cure:
    texts by language. cites: where the rule is written, by language (the same text twice where the pack gives one).
    law: level, confidence, force, source and dates as written.
    """

    id: str
    public: tuple[str, ...]
    kind: Kind
    terms: Mapping[str, Any]
    when: tuple[Group, ...]
    unless: tuple[Group, ...]
    decision: Decision
    since: int | None
    until: int | None
    say: Mapping[str, str]
    cure: Mapping[str, str]
    cites: Mapping[str, str]
    law: Mapping[str, Any]
    examples: tuple[Mapping[str, Any], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What a result may call it: the public names, or the internal one."""
        return self.public or (self.id,)

    @property
    def duties(self) -> tuple[str, ...]:
        """What must be said, for must_say."""
        return tuple(self.terms.get("what", ())) if self.kind.speaks else ()


@dataclass(frozen=True, eq=False)
class Pack:
    """The rules of one file. jurisdiction None = binds everywhere; clock None = the zones of the person.

    covers: the rules bind where any group holds (empty: always); since: local day number of the first rule's force.
    """

    id: str
    version: str
    hash: str
    jurisdiction: Jurisdiction | None
    clock: int | None
    since: int | None
    covers: tuple[Group, ...]
    rules: tuple[Rule, ...]
    file: str


# ---- reading


class _Lines(yaml.SafeLoader):
    """A loader that knows the line of every key and refuses a key given twice."""


class _Located(dict[str, Any]):
    """A mapping with the line of each key."""

    def __init__(self, content: Mapping[str, Any] | None = None, lines: Mapping[str, int] | None = None) -> None:
        super().__init__(content or {})
        self.lines: dict[str, int] = dict(lines or {})


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> _Located:
    found = _Located()
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        line = key_node.start_mark.line + 1
        if key in found:
            raise yaml.MarkedYAMLError(None, None, f"{key} is given twice; keep one", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
        found.lines[key] = line
    return found


_Lines.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@dataclass(frozen=True)
class _Spot:
    """Where in which file we are, for messages."""

    file: str
    rule: str
    line: int
    field: str = ""

    def at(self, field: str, holder: object) -> "_Spot":
        line = holder.lines.get(field, self.line) if isinstance(holder, _Located) else self.line
        return _Spot(self.file, self.rule, line, f"{self.field}.{field}" if self.field else field)

    def wrong(self, why: str) -> PackError:
        what = f", field {self.field}" if self.field else ""
        return PackError(f"{self.file}, line {self.line}, rule {self.rule}{what}: {why}")


def load(text: str, *, file: str) -> Pack:
    """Read one pack from the text of a file; `file` is its name in messages."""
    try:
        tree = yaml.load(text, Loader=_Lines)  # noqa: S506 -- _Lines is a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise PackError(f"{file}, line {line}: {error.problem}") from error
    if not isinstance(tree, _Located) or "pack" not in tree:
        raise PackError(f"{file}, line 1: begin with a block `pack:` that holds id, version and about")
    head = _mapping_of(tree["pack"], _Spot(file, "pack", tree.lines["pack"]), _HEAD)
    spot = _Spot(file, "pack", tree.lines["pack"])
    rules = tuple(
        _rule(name, body, head, _Spot(file, name, tree.lines[name])) for name, body in tree.items() if name != "pack"
    )
    clock = head.get("clock")
    return Pack(
        id=_text(head, "id", spot),
        version=str(head.get("version", "")),
        hash=hashlib.sha256(text.encode()).hexdigest(),
        jurisdiction=_jurisdiction(head, spot),
        clock=None if clock is None else _try(zone_number, clock, spot.at("clock", head)),
        since=_date(head, "since", spot),
        covers=_groups(head.get("covers", []), spot.at("covers", head)),
        rules=rules,
        file=file,
    )


def _mapping_of(value: object, spot: _Spot, allowed: Iterable[str]) -> _Located:
    if not isinstance(value, _Located):
        raise spot.wrong("write a block of fields")
    for key in value:
        if key not in allowed:
            raise spot.at(key, value).wrong(f"there is no such field; known: {', '.join(sorted(allowed))}")
    return value


def _text(block: _Located, field: str, spot: _Spot) -> str:
    value = block.get(field)
    if not isinstance(value, str) or not value:
        raise spot.at(field, block).wrong("write a text")
    return value


def _date(block: _Located, field: str, spot: _Spot) -> int | None:
    value = block.get(field)
    if value is None:
        return None
    if not isinstance(value, date):
        raise spot.at(field, block).wrong("write a date such as 2025-02-28")
    return day_number(value)


def _jurisdiction(head: _Located, spot: _Spot) -> Jurisdiction | None:
    name = head.get("jurisdiction")
    if name is None:
        return None
    known = ", ".join(j.name.lower() for j in Jurisdiction)
    code: int = _try(lambda n: code_of(Jurisdiction, str(n)), name, spot.at("jurisdiction", head), f"one of {known}")
    return Jurisdiction(code)


def _try(read: Any, value: object, spot: _Spot, wanted: str = "") -> Any:
    try:
        return read(value)
    except (ValueError, KeyError) as error:
        raise spot.wrong(f"{value!r} does not fit: {('write ' + wanted) if wanted else error}") from error


def _rule(name: str, body: object, head: _Located, spot: _Spot) -> Rule:
    block = _mapping_of(body, spot, _RULE | KINDS.keys())
    kinds = [key for key in block if key in KINDS]
    if len(kinds) != 1:
        raise spot.wrong(f"name exactly one kind out of {', '.join(sorted(KINDS))}; found {', '.join(kinds) or 'none'}")
    kind = KINDS[kinds[0]]
    law = _mapping_of(block.get("law"), spot.at("law", block), _LAW)
    decision = block.get("decision", "allow" if kind.speaks else "deny")
    if decision not in ("allow", "warn", "hold", "deny") or (decision == "allow") != kind.speaks:
        raise spot.at("decision", block).wrong("write warn, hold or deny (a kind that only speaks: leave it out)")
    return Rule(
        id=name,
        public=_names(block, spot),
        kind=kind,
        terms=_terms(kind, block[kind.name], spot.at(kind.name, block)),
        when=_when(block.get("when", _Located()), head.get("when", {}), spot.at("when", block)),
        unless=_groups(block.get("unless", []), spot.at("unless", block)),
        decision=Decision[decision.upper()],
        since=_date(law if "since" in law else head, "since", spot.at("law", block)),
        until=_date(law, "until", spot.at("law", block)),
        say=_languages(block, "say", spot),
        cure=_languages(block, "cure", spot) if "cure" in block else {},
        cites=_cites(law, spot.at("law", block)),
        law=_law(law, spot.at("law", block)),
        examples=tuple(block.get("examples", ())),
    )


def _names(block: _Located, spot: _Spot) -> tuple[str, ...]:
    names = block.get("public", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise spot.at("public", block).wrong("write a list of public names, such as [CN-HRS-01]")
    return tuple(names)


def _languages(block: _Located, field: str, spot: _Spot) -> Mapping[str, str]:
    here = spot.at(field, block)
    texts = _mapping_of(block.get(field), here, LANGUAGES)
    for language in LANGUAGES:
        if not isinstance(texts.get(language), str):
            raise here.wrong(f"give the text in {language} as well")
    return dict(texts)


def _cites(law: _Located, spot: _Spot) -> Mapping[str, str]:
    """One official citation for every language, or one for each."""
    here, given = spot.at("cites", law), law.get("cites")
    if isinstance(given, str):
        given = _Located(dict.fromkeys(LANGUAGES, given))
    if not isinstance(given, _Located):
        raise here.wrong("write where the rule stands: one text, or {zh: …, en: …}")
    for language in LANGUAGES:
        text = _mapping_of(given, here, LANGUAGES).get(language)
        if not isinstance(text, str) or not text.strip():
            raise here.wrong(f"give the citation in {language} as well: one text, or {{zh: …, en: …}}")
    return dict(given)


def _law(law: _Located, spot: _Spot) -> Mapping[str, Any]:
    if law.get("level") not in LEVELS:
        raise spot.at("level", law).wrong(f"write one of {', '.join(LEVELS)}")
    if law.get("confidence") not in CONFIDENCE:
        raise spot.at("confidence", law).wrong("write A, B, C or D (see docs/rules.md)")
    told = {key: value for key, value in law.items() if key != "cites"}
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in told.items()}


def _terms(kind: Kind, given: object, spot: _Spot) -> Mapping[str, Any]:
    terms = _mapping_of(given if given else _Located(), spot, kind.readers.keys())
    for name in sorted(kind.needed - terms.keys()):
        raise spot.wrong(f"{kind.name} needs the term {name}")
    return {name: _try(kind.readers[name], value, spot.at(name, terms)) for name, value in terms.items()}


def _when(given: object, common: Mapping[str, Any], spot: _Spot) -> tuple[Group, ...]:
    """The rule's groups, each with the pack's common conditions that it does not state itself."""
    groups = given if isinstance(given, list) else [given]
    merged = []
    for group in groups:
        block = _mapping_of(group, spot, COLUMNS.keys() | SPANS.keys())
        merged.append(_Located({**{k: v for k, v in common.items() if k not in block}, **block}, block.lines))
    return _groups(merged, spot)


def _groups(given: object, spot: _Spot) -> tuple[Group, ...]:
    """A block, or a list of blocks and names (a name alone means: true)."""
    if isinstance(given, _Located):
        given = [given]
    if not isinstance(given, list):
        raise spot.wrong("write a block `fact: [values]`, or a list of such blocks")
    return tuple(_group(part, spot) for part in given)


def _group(part: object, spot: _Spot) -> Group:
    if isinstance(part, str):
        part = _Located({part: True})
    block = _mapping_of(part, spot, COLUMNS.keys() | SPANS.keys())
    return tuple(_condition(name, value, spot.at(name, block)) for name, value in block.items())


@cache
def _shared(fact: str, table: tuple[int, ...] = (), bits: int = 0, active: bool = True) -> Condition:
    """The one condition of this content, so that the gate answers it once for every rule that states it."""
    return Condition(fact, table, bits, active)


def _condition(fact: str, value: object, spot: _Spot) -> Condition:
    values = value if isinstance(value, list) else [value]
    if fact in SPANS:
        if values not in ([True], [False]):
            raise spot.wrong("write true or false")
        return _shared(fact, active=bool(values[0]))
    column = COLUMNS[fact]
    if column.kind == "truth":
        if not values or not all(isinstance(v, bool) for v in values):
            raise spot.wrong("write true or false")
        return _shared(fact, (MAYBE, *(YES if bool(code) in values else NO for code in (0, 1))))
    known = ", ".join(member.name.lower() for member in column.names)
    if column.kind == "bits":
        bits = _try(lambda v: bits_of(column.names, map(str, v)), values, spot, f"some of {known}")
        return _shared(fact, bits=bits)
    codes = {_try(lambda v: code_of(column.names, str(v)), v, spot, f"some of {known}") for v in values}
    table = [MAYBE] + [YES if code in codes else NO for code in range(max(column.names) + 1)]
    if column.names is Relation and Relation.UNKNOWN not in codes:
        table[Relation.UNKNOWN + 1] = MAYBE
    assert UNKNOWN == -1, "the first place of a table stands for unknown"
    return _shared(fact, tuple(table))


# ---- the packs that come with Fairdue


def _yaml_files(folder: Traversable, prefix: str) -> Iterable[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _yaml_files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".yaml"):
            yield f"{prefix}{entry.name}", entry


@lru_cache(maxsize=1)
def everything() -> tuple[Pack, ...]:
    """Every contact pack of the folder `packs`, the gate's own first. Fees and deadlines have readers of their own."""
    folder = files("fairdue.law") / "packs"
    found = [
        load(entry.read_text("utf-8"), file=name)
        for name, entry in _yaml_files(folder, "")
        if entry.name.endswith("contact.yaml")
    ]
    names = [rule.id for pack in found for rule in pack.rules]
    for name in names:
        if names.count(name) > 1:
            raise PackError(f"the rule {name} is given in two packs; rename one")
    return tuple(sorted(found, key=lambda pack: (pack.id != "gate", pack.id)))


def gate_pack() -> Pack:
    """What must be known before anything can be judged; always part of a judgement."""
    return next(pack for pack in everything() if pack.id == "gate")


def standard() -> tuple[Pack, ...]:
    """The packs of every jurisdiction and of the house, read once."""
    return tuple(pack for pack in everything() if pack.id != "gate")


def of_jurisdiction(name: str) -> tuple[Pack, ...]:
    """The packs of one jurisdiction alone, without the house."""
    wanted = Jurisdiction(code_of(Jurisdiction, name))
    return tuple(pack for pack in standard() if pack.jurisdiction == wanted)
