"""Checks of messages and documents, and days that follow from a record: YAML says what, a closed set of kinds says how.

Every country may have a `checks.yaml` beside its rules. A line there is about a message (`of: {message: …}`), a
document (`of: {document: …}`), an e-mail domain, or something to be worked out (`of: {compute: …}`).

How to call:

    found = look(of_jurisdiction("us"), {"message": "opt_out_notice"}, {"opt_out_method": "postal_mail_only"}, at=day)
    found.valid, found.names, found.values          # False, ("US-REGF-6E-OPTOUT",), {}

`values` is a flat mapping of what is known of the thing: the fields of the message or document, the facts, the days.
A part that is not mentioned is in order.
"""

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from fairdue.law.clock import day_number
from fairdue.law.kinds import years_later
from fairdue.law.located import LAW, Located, Spot, cites_of, date_of, languages, law_of, mapping_of, parse

_HEAD: Final = {"id", "version", "jurisdiction", "since", "covers", "about"}
_CHECK: Final = {"public", "of", "when", "unless", "law", "say", "cure", "examples"}
Values = Mapping[str, Any]


@dataclass
class Found:
    """What a check gave: whether the thing is in order, which rules it breaks, and the values worked out."""

    valid: bool = True
    names: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Check:
    """One line of a `checks.yaml`. of: what it is about; when, unless: (field, values) that all hold."""

    id: str
    public: tuple[str, ...]
    of: Mapping[str, str]
    kind: str
    terms: Mapping[str, Any]
    when: Mapping[str, tuple[Any, ...]]
    unless: Mapping[str, tuple[Any, ...]]
    since: int | None
    until: int | None
    say: Mapping[str, str]
    cure: Mapping[str, str]
    cites: Mapping[str, str]
    law: Mapping[str, Any]
    examples: tuple[Mapping[str, Any], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What a result may call it."""
        return self.public or (self.id,)

    def is_in_force(self, day: date) -> bool:
        """Whether it binds on a day."""
        number = day_number(day)
        return (self.since is None or self.since <= number) and (self.until is None or number <= self.until)

    def applies(self, values: Values) -> bool:
        """Whether it has something to say about the thing."""
        unless = bool(self.unless) and _holds(self.unless, values)
        return _holds(self.when, values) and not unless


@dataclass(frozen=True, eq=False)
class Checks:
    """The checks of one country. covers: the capacities in which somebody acts that they bind; empty = all."""

    id: str
    version: str
    hash: str
    jurisdiction: str
    since: int | None
    covers: frozenset[str]
    checks: tuple[Check, ...]
    file: str


def _holds(conditions: Mapping[str, tuple[Any, ...]], values: Values) -> bool:
    return all(values.get(name, False) in allowed for name, allowed in conditions.items())


# ---- the kinds: (in order, values worked out) of a thing


Answer = tuple[bool, dict[str, Any]]
CHECK_KINDS: Final[dict[str, Callable[..., Answer]]] = {}


def _kind(judge: Callable[..., Answer]) -> Callable[..., Answer]:
    CHECK_KINDS[judge.__name__] = judge
    return judge


@_kind
def has_value(v: Values, *, field: str, allowed: Sequence[Any], tells: str = "") -> Answer:
    """The field, where it is mentioned, has one of these values."""
    good = field not in v or v[field] in allowed
    return good, {tells: good} if tells else {}


@_kind
def holds_parts(v: Values, *, parts: Sequence[str], among: str = "includes", tells: str = "") -> Answer:
    """Every part is there; what is not described is in order."""
    held = v.get(among)
    missing = [] if held is None else [part for part in parts if part not in held]
    return not missing, {"missing": missing} | ({tells: not missing} if tells else {})


@_kind
def holds_only(v: Values, *, parts: Sequence[str], among: str = "includes", tells: str = "") -> Answer:
    """Nothing is in it beside these parts."""
    good = all(part in parts for part in v.get(among) or ())
    return good, {tells: good} if tells else {}


@_kind
def same_value(v: Values, *, fields: Sequence[str]) -> Answer:
    """The fields that are mentioned agree with one another."""
    return len({v[name] for name in fields if name in v}) < 2, {}


@_kind
def days_between(v: Values, *, first: str, then: str, at_least: int, tells: str) -> Answer:
    """From one day to the other lie at least so many days."""
    if first not in v:
        return True, {}
    least = _day(v[first]) + timedelta(days=at_least)
    return then not in v or _day(v[then]) >= least, {tells: least.isoformat()}


@_kind
def in_time(v: Values, *, after: str, days: int, tells: str) -> Answer:
    """It happens (`today`) within so many days after a day."""
    if after not in v:
        return True, {}
    last = _day(v[after]) + timedelta(days=days)
    return _day(v["today"]) <= last, {tells: last.isoformat()}


@_kind
def not_before(v: Values, *, after: str, months: int) -> Answer:
    """At least so many months lie between a day and now (`today`)."""
    return after not in v or _day(v["today"]) >= _months_later(_day(v[after]), months), {}


@_kind
def counted_from(v: Values, *, day: str, tells: str, days: int = 0, years: int = 0) -> Answer:
    """A day so many days or years after another."""
    if v.get(day) is None:
        return True, {}
    end = date(1970, 1, 1) + timedelta(days=int(years_later(np.array([day_number(_day(v[day]))]), years)[0]))
    return True, {tells: (end + timedelta(days=days)).isoformat()}


@_kind
def tells(v: Values, *, values: Mapping[str, Any]) -> Answer:
    """These values, whatever the thing."""
    return True, dict(values)


@_kind
def items(v: Values, *, items: Sequence[str]) -> Answer:
    """These items are added to the list."""
    return True, {"items": list(items)}


@_kind
def terms(v: Values, *, terms: Mapping[str, Any]) -> Answer:
    """Numbers and words that a computation of the record reads."""
    return True, {}


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


# ---- looking


def look(checks: Sequence[Checks], of: Mapping[str, str], values: Values, *, at: date) -> Found:
    """Everything the checks in force say about one thing; `valid` where none finds a fault."""
    found = Found()
    for check in about(checks, of):
        if not check.is_in_force(at) or not check.applies(values):
            continue
        good, told = CHECK_KINDS[check.kind]({**values, "today": at}, **check.terms)
        _merge(found.values, told)
        if not good:
            found.valid = False
            found.names += check.names
    return found


def about(checks: Sequence[Checks], of: Mapping[str, str]) -> Iterator[Check]:
    """The checks of one thing."""
    return (check for pack in checks for check in pack.checks if check.of == of)


def _merge(into: dict[str, Any], told: Mapping[str, Any]) -> None:
    """Lists grow; of a truth told twice the worse one stays."""
    for name, value in told.items():
        if isinstance(value, list):
            into[name] = [*into.get(name, []), *value]
        elif isinstance(value, bool):
            into[name] = into.get(name, True) and value
        else:
            into[name] = value


def is_in_force(checks: Sequence[Checks], what: str, day: date) -> bool:
    """Whether a computation is in force on a day."""
    return any(check.is_in_force(day) for check in about(checks, {"compute": what}))


def terms_of(checks: Sequence[Checks], what: str) -> Mapping[str, Any]:
    """The numbers and words of a computation of the record. Raises LookupError where nobody wrote them."""
    for check in about(checks, {"compute": what}):
        if check.kind == "terms":
            found: Mapping[str, Any] = check.terms["terms"]
            return found
    raise LookupError(f"no checks.yaml holds the terms of {what}")


def last_day_of_pause(checks: Sequence[Checks], kind: str, start: date, ended: date | None) -> date | None:
    """The last day of a statutory pause; None while it has no end.

    A fixed pause counts its first day; one that ends with a treatment runs on for some days after it.
    """
    lengths = terms_of(checks, "moratorium_last_day").get(kind, {})
    if "days" in lengths:
        return start + timedelta(days=lengths["days"] - 1)
    return None if ended is None else ended + timedelta(days=lengths.get("days_after", 0))


def transfer_elements(jurisdiction: str) -> tuple[str, ...]:
    """What the communication after a transfer has to hold."""
    found = about(of_jurisdiction(jurisdiction), {"document": "transfer_communication"})
    return tuple(part for check in found if check.kind == "holds_parts" for part in check.terms["parts"])


def says_one_of(text: str, words: Sequence[str]) -> bool:
    """Whether a text holds one of the words, as a word."""
    plain = " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
    return any(f" {word} " in f" {plain} " for word in words)


# ---- reading


def load(text: str, *, file: str) -> Checks:
    """Read one `checks.yaml`. Raises PackError naming file, line, rule, field and the cure."""
    tree = parse(text, file=file, head="checks")
    spot = Spot(file, "checks", tree.lines["checks"])
    head = mapping_of(tree["checks"], spot, _HEAD)
    return Checks(
        id=str(head.get("id", "")),
        version=str(head.get("version", "")),
        hash=hashlib.sha256(text.encode()).hexdigest(),
        jurisdiction=str(head.get("jurisdiction", "")),
        since=date_of(head, "since", spot),
        covers=frozenset(map(str, head.get("covers", []))),
        checks=tuple(
            _check(name, body, head, Spot(file, name, tree.lines[name]))
            for name, body in tree.items()
            if name != "checks"
        ),
        file=file,
    )


def _check(name: str, body: object, head: Located, spot: Spot) -> Check:
    block = mapping_of(body, spot, _CHECK | CHECK_KINDS.keys())
    kinds = [key for key in block if key in CHECK_KINDS]
    if len(kinds) != 1:
        known = ", ".join(sorted(CHECK_KINDS))
        raise spot.wrong(f"name exactly one kind out of {known}; found {', '.join(kinds) or 'none'}")
    here = spot.at("law", block)
    law = mapping_of(block.get("law"), here, LAW)
    of = block.get("of")
    if not isinstance(of, Located) or len(of) != 1 or not of.keys() <= {"message", "document", "domain", "compute"}:
        raise spot.at("of", block).wrong("write what it is about, such as {message: opt_out_notice}")
    return Check(
        id=name,
        public=tuple(map(str, block.get("public", []))),
        of={key: str(value) for key, value in of.items()},
        kind=kinds[0],
        terms=_terms(kinds[0], block[kinds[0]], spot.at(kinds[0], block)),
        when=_conditions(block.get("when", Located()), spot.at("when", block)),
        unless=_conditions(block.get("unless", Located()), spot.at("unless", block)),
        since=date_of(law if "since" in law else head, "since", here),
        until=date_of(law, "until", here),
        say=languages(block, "say", spot),
        cure=languages(block, "cure", spot) if "cure" in block else {},
        cites=cites_of(law, here),
        law=law_of(law, here, tuple(map(str, block.get("public", [])))),
        examples=tuple(block.get("examples", ())),
    )


def _terms(kind: str, given: object, spot: Spot) -> Mapping[str, Any]:
    wanted = dict(list(inspect.signature(CHECK_KINDS[kind]).parameters.items())[1:])
    terms = mapping_of(given, spot, wanted)
    for name, parameter in wanted.items():
        if parameter.default is inspect.Parameter.empty and name not in terms:
            raise spot.wrong(f"{kind} needs the term {name}")
    return dict(terms)


def _conditions(given: object, spot: Spot) -> Mapping[str, tuple[Any, ...]]:
    if not isinstance(given, Located):
        raise spot.wrong("write a block `field: [values]`")
    return {name: tuple(value) if isinstance(value, list) else (value,) for name, value in given.items()}


@cache
def everything() -> tuple[Checks, ...]:
    """The `checks.yaml` of every country."""
    folder = files("fairdue.law") / "packs"
    found = []
    for country in sorted(folder.iterdir(), key=lambda entry: entry.name):
        file = country / "checks.yaml"
        if file.is_file():
            found.append(load(file.read_text("utf-8"), file=f"{country.name}/checks.yaml"))
    return tuple(found)


@cache
def of_jurisdiction(name: str) -> tuple[Checks, ...]:
    """The checks of one country."""
    return tuple(pack for pack in everything() if pack.jurisdiction == name)
