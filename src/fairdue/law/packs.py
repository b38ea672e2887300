"""Rule packs: YAML says what, a closed set of kinds says how. The form is described in docs/rules.md.

`standard()` gives the packs that come with Fairdue; `load` reads one file. A mistake raises PackError naming file,
line, rule, field and how to mend it.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fairdue.law.clock import zone_number
from fairdue.law.codes import Action, Decision, Jurisdiction, Relation
from fairdue.law.facts import COLUMNS, COUNTS, SPANS, UNKNOWN, bits_of, code_of
from fairdue.law.kinds import KINDS, MAYBE, NO, YES, Kind
from fairdue.law.located import (
    LAW,
    Located,
    PackError,
    Spot,
    attempt,
    cites_of,
    claims_of,
    date_of,
    languages,
    law_of,
    mapping_of,
    parse,
    text_of,
)

OURS: Final = ("policy", "design")
"""Levels that nobody but the firm itself answers for."""
_RULE: Final = {"public", "when", "unless", "law", "decision", "say", "cure", "examples"}
_HEAD: Final = {"id", "version", "jurisdiction", "clock", "since", "covers", "when", "free", "about"}


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
    law: level, confidence, claims, force, source, note and dates as written.
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
    def claims(self) -> Mapping[str, str]:
        """How sure we are of what each public name says, by letter."""
        return claims_of(self.law, self.public)

    @property
    def duties(self) -> tuple[str, ...]:
        """What must be said, for must_say."""
        return tuple(self.terms.get("what", ())) if self.kind.speaks else ()


@dataclass(frozen=True, eq=False)
class Pack:
    """The rules of one file. jurisdiction None = binds everywhere; clock None = the zones of the person.

    covers: the rules bind where any group holds (empty: always); since: local day number of the first rule's force.
    free: acts that are free where no rule of the pack speaks; about others its silence says nothing. about: what it
    is about by language, as far as it says so.
    """

    id: str
    version: str
    hash: str
    jurisdiction: Jurisdiction | None
    clock: int | None
    since: int | None
    covers: tuple[Group, ...]
    free: frozenset[Action]
    rules: tuple[Rule, ...]
    file: str
    about: Mapping[str, str]


# ---- reading


def load(text: str, *, file: str) -> Pack:
    """Read one pack from the text of a file; `file` is its name in messages."""
    tree = parse(text, file=file, head="pack")
    head = mapping_of(tree["pack"], Spot(file, "pack", tree.lines["pack"]), _HEAD)
    spot = Spot(file, "pack", tree.lines["pack"])
    rules = tuple(
        _rule(name, body, head, Spot(file, name, tree.lines[name])) for name, body in tree.items() if name != "pack"
    )
    clock = head.get("clock")
    return Pack(
        id=text_of(head, "id", spot),
        version=str(head.get("version", "")),
        hash=hashlib.sha256(text.encode()).hexdigest(),
        jurisdiction=_jurisdiction(head, spot),
        clock=None if clock is None else attempt(zone_number, clock, spot.at("clock", head)),
        since=date_of(head, "since", spot),
        covers=_groups(head.get("covers", []), spot.at("covers", head)),
        free=_acts(head, spot),
        rules=rules,
        file=file,
        about=_about(head),
    )


def _about(head: Located) -> Mapping[str, str]:
    given = head.get("about")
    return {str(lang): str(text) for lang, text in given.items()} if isinstance(given, Mapping) else {}


def _jurisdiction(head: Located, spot: Spot) -> Jurisdiction | None:
    name = head.get("jurisdiction")
    if name is None:
        return None
    known = ", ".join(j.name.lower() for j in Jurisdiction)
    code: int = attempt(lambda n: code_of(Jurisdiction, str(n)), name, spot.at("jurisdiction", head), f"one of {known}")
    return Jurisdiction(code)


def _acts(head: Located, spot: Spot) -> frozenset[Action]:
    given = head.get("free", [])
    here = spot.at("free", head)
    if not isinstance(given, list):
        raise here.wrong("write a list of acts, such as [contact, sue]")
    known = ", ".join(act.name.lower() for act in Action)
    return frozenset(
        Action(attempt(lambda n: code_of(Action, str(n)), name, here, f"some of {known}")) for name in given
    )


def _rule(name: str, body: object, head: Located, spot: Spot) -> Rule:
    block = mapping_of(body, spot, _RULE | KINDS.keys())
    kinds = [key for key in block if key in KINDS]
    if len(kinds) != 1:
        raise spot.wrong(f"name exactly one kind out of {', '.join(sorted(KINDS))}; found {', '.join(kinds) or 'none'}")
    kind = KINDS[kinds[0]]
    law = mapping_of(block.get("law"), spot.at("law", block), LAW)
    decision = block.get("decision", "allow" if kind.speaks else "deny")
    if decision not in ("allow", "warn", "hold", "deny") or (decision == "allow") != kind.speaks:
        raise spot.at("decision", block).wrong("write warn, hold or deny (a kind that only speaks: leave it out)")
    return Rule(
        id=name,
        public=_names(block, spot),
        kind=kind,
        terms=_terms(kind, block[kind.name], spot.at(kind.name, block)),
        when=_when(block.get("when", Located()), head.get("when", {}), spot.at("when", block)),
        unless=_groups(block.get("unless", []), spot.at("unless", block)),
        decision=Decision[decision.upper()],
        since=date_of(law if "since" in law else head, "since", spot.at("law", block)),
        until=date_of(law, "until", spot.at("law", block)),
        say=languages(block, "say", spot),
        cure=languages(block, "cure", spot) if "cure" in block else {},
        cites=cites_of(law, spot.at("law", block)),
        law=law_of(law, spot.at("law", block), _names(block, spot)),
        examples=tuple(block.get("examples", ())),
    )


def _names(block: Located, spot: Spot) -> tuple[str, ...]:
    names = block.get("public", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise spot.at("public", block).wrong("write a list of public names, such as [CN-HRS-01]")
    return tuple(names)


def _terms(kind: Kind, given: object, spot: Spot) -> Mapping[str, Any]:
    terms = mapping_of(given if given else Located(), spot, kind.readers.keys())
    for name in sorted(kind.needed - terms.keys()):
        raise spot.wrong(f"{kind.name} needs the term {name}")
    read = {name: attempt(kind.readers[name], value, spot.at(name, terms)) for name, value in terms.items()}
    if kind.count is not None and read.get("times", 1) > COUNTS[read[kind.count]][0]:
        kept = COUNTS[read[kind.count]][0]
        raise spot.at("times", terms).wrong(f"of {read[kind.count]} the latest {kept} are kept; write at most {kept}")
    return read


def _when(given: object, common: Mapping[str, Any], spot: Spot) -> tuple[Group, ...]:
    """The rule's groups, each with the pack's common conditions that it does not state itself."""
    groups = given if isinstance(given, list) else [given]
    merged = []
    for group in groups:
        block = mapping_of(group, spot, COLUMNS.keys() | SPANS.keys())
        merged.append(Located({**{k: v for k, v in common.items() if k not in block}, **block}, block.lines))
    return _groups(merged, spot)


def _groups(given: object, spot: Spot) -> tuple[Group, ...]:
    """A block, or a list of blocks and names (a name alone means: true)."""
    if isinstance(given, Located):
        given = [given]
    if not isinstance(given, list):
        raise spot.wrong("write a block `fact: [values]`, or a list of such blocks")
    return tuple(_group(part, spot) for part in given)


def _group(part: object, spot: Spot) -> Group:
    if isinstance(part, str):
        part = Located({part: True})
    block = mapping_of(part, spot, COLUMNS.keys() | SPANS.keys())
    return tuple(_condition(name, value, spot.at(name, block)) for name, value in block.items())


@cache
def _shared(fact: str, table: tuple[int, ...] = (), bits: int = 0, active: bool = True) -> Condition:
    """The one condition of this content, so that the gate answers it once for every rule that states it."""
    return Condition(fact, table, bits, active)


def _condition(fact: str, value: object, spot: Spot) -> Condition:
    values = value if isinstance(value, list) else [value]
    if fact in SPANS:
        if values not in ([True], [False]):
            raise spot.wrong("write true or false")
        return _shared(fact, active=bool(values[0]))
    column = COLUMNS[fact]
    if column.kind in ("day", "minute", "number"):
        raise spot.wrong("a day, a time of day or a number is asked about by a kind only, such as wait_days")
    if column.kind == "truth":
        if not values or not all(isinstance(v, bool) for v in values):
            raise spot.wrong("write true or false")
        return _shared(fact, (MAYBE, *(YES if bool(code) in values else NO for code in (0, 1))))
    known = ", ".join(member.name.lower() for member in column.names)
    if column.kind == "bits":
        bits = attempt(lambda v: bits_of(column.names, map(str, v)), values, spot, f"some of {known}")
        return _shared(fact, bits=bits)
    codes = {attempt(lambda v: code_of(column.names, str(v)), v, spot, f"some of {known}") for v in values}
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
def written() -> tuple[Pack, ...]:
    """Every contact pack of the folder `packs` as it is written, the gate's own first.

    Fees, deadlines, documents have readers of their own.
    """
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


@lru_cache(maxsize=16)
def decided(
    packs: tuple[Pack, ...], signed_off: frozenset[str] = frozenset(), made_firm: frozenset[str] = frozenset()
) -> tuple[Pack, ...]:
    """The packs by what legal and the firm decided.

    A rule known only from our own knowledge (confidence D) warns until its id is in `signed_off`; firm policy and
    design stand as they are. A rule that warns denies once its id is in `made_firm`.
    """

    def one(rule: Rule) -> Rule:
        unsure = rule.law["confidence"] == "D" and rule.law["level"] not in OURS and rule.id not in signed_off
        if rule.kind.speaks:
            return rule
        if unsure and rule.decision > Decision.WARN:
            return replace(rule, decision=Decision.WARN)
        firm = rule.id in made_firm and rule.decision == Decision.WARN and not unsure
        return replace(rule, decision=Decision.DENY) if firm else rule

    def same(old: Sequence[Rule], new: Sequence[Rule]) -> bool:
        return all(a is b for a, b in zip(old, new, strict=True))

    found = [(pack, tuple(one(rule) for rule in pack.rules)) for pack in packs]
    return tuple(pack if same(pack.rules, rules) else replace(pack, rules=rules) for pack, rules in found)


def everything(signed_off: frozenset[str] = frozenset(), made_firm: frozenset[str] = frozenset()) -> tuple[Pack, ...]:
    """Every pack as it is judged by: what is not signed off warns (see `decided`)."""
    return decided(written(), signed_off, made_firm)


def gate_pack() -> Pack:
    """What must be known before anything can be judged; always part of a judgement."""
    return next(pack for pack in written() if pack.id == "gate")


@lru_cache(maxsize=16)
def standard(signed_off: frozenset[str] = frozenset(), made_firm: frozenset[str] = frozenset()) -> tuple[Pack, ...]:
    """The packs of every jurisdiction and of the house, as they are judged by."""
    return tuple(pack for pack in everything(signed_off, made_firm) if pack.id != "gate")


def of_jurisdiction(name: str) -> tuple[Pack, ...]:
    """The packs of one jurisdiction alone as they are written, without the house and without what waits for legal."""
    wanted = Jurisdiction(code_of(Jurisdiction, name))
    return tuple(pack for pack in written() if pack.jurisdiction == wanted)
