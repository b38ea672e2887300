"""A pack as text: where each rule stands, every mistake in it, one rule or one value put in place of another.

    for mistake in mistakes(text, file="house/contact.yaml"): print(mistake)
    text = with_value(text, ("house.calls-a-day", "at_most", "times"), 6)      # comments and order stay

Changing a text never reads meaning into it: `mistakes` says afterwards what does not fit.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from fairdue.law import examples, packs
from fairdue.law.facts import COLUMNS, SPANS
from fairdue.law.kinds import KINDS
from fairdue.law.located import PackError, Spot, parse
from fairdue.law.packs import Pack

LONGEST: Final = 300_000
"""Characters of a pack at most; the longest that comes with Fairdue has 40,000."""
DEEPEST: Final = 30
"""Blocks in one another at most; the packs that come with Fairdue have 6."""
_QUICK: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KEY: Final = re.compile(r"""("[^"]*"|'[^']*'|[^\s#"'{\[\]}&*!|>%@`-][^:]*?)\s*:(?:\s|$)""")
_TOLD: Final = re.compile(
    r"(?P<file>.*?), line (?P<line>\d+)(?:, rule (?P<rule>[^:,]+))?(?:, field (?P<field>[^:]+))?: (?P<why>.*)",
    re.DOTALL,
)


_OUTCOME: Final = re.compile(r"(earliest )?(\S+) instead of (\S+)")
_DECISIONS: Final = ("allow", "warn", "hold", "deny")
_EXAMPLE: Final = frozenset(
    {"at", "expect", "zone", "past", "unwelcome", "earliest", "speaks"} | COLUMNS.keys() | SPANS.keys()
)


@dataclass(frozen=True)
class Mistake:
    """What is wrong where, and how to mend it. line: counted from 1; 0 = the whole text."""

    file: str
    line: int
    rule: str
    field: str
    why: str

    def __str__(self) -> str:
        rule, field = self.rule and f", rule {self.rule}", self.field and f", field {self.field}"
        return f"{self.file}, line {self.line}{rule}{field}: {self.why}"


def read(path: Path) -> str:
    """The text of a file. Raises PackError, with the line and how to mend it, when it is not text in UTF-8."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        why = "is not text in UTF-8; save it again in that encoding"
        raise PackError(f"{path.name}, line {line}: {why}") from error
    if "\0" in text:
        raise PackError(
            f"{path.name}, line {text[: text.index(chr(0))].count(chr(10)) + 1}: is no text; give a pack in YAML"
        )
    return text


# ---- where what stands


def places(text: str) -> dict[str, tuple[int, int]]:
    """Of each block at the left margin (`pack` and every rule): its first line and the one after its last, from 0.

    Comments right above a block belong to it. Of two blocks with one name the last is told.
    """
    found: dict[str, tuple[int, int]] = {}
    for name, first, last in _blocks(text.splitlines()):
        found[name] = (first, last)
    return found


def _blocks(lines: Sequence[str]) -> list[tuple[str, int, int]]:
    starts = []
    for number, line in enumerate(lines):
        if key := _KEY.match(line):
            first = number
            while first and lines[first - 1].startswith("#"):
                first -= 1
            starts.append((key[1].strip("\"'"), first))
    ends = [*(first for _, first in starts[1:]), len(lines)]
    return [(name, first, end) for (name, first), end in zip(starts, ends, strict=False)]


def rule_text(text: str, rule: str) -> str:
    """The lines of one rule, its comments included; KeyError when there is none of that name."""
    first, end = places(text)[rule]
    return "\n".join(text.splitlines()[first:end]).strip("\n") + "\n"


def with_rule(text: str, rule: str, block: str) -> str:
    """The text with `block` in place of a rule, or at the end when there is no such rule; an empty block removes it."""
    lines, known = text.splitlines(), places(text)
    first, end = known.get(rule, (len(lines), len(lines)))
    new = [*block.strip("\n").splitlines(), ""] if block.strip() else []
    gap = [""] if new and rule not in known and lines and lines[-1].strip() else []
    return "\n".join([*lines[:first], *gap, *new, *lines[end:]]).rstrip("\n") + "\n"


def with_value(text: str, path: Sequence[str | int], value: object) -> str:
    """The text with `value` at the end of `path` (rule, kind, term …); KeyError when nothing stands there yet."""
    first, end = places(text)[str(path[0])]
    lines = text.splitlines(keepends=True)
    block = "".join(lines[first:end])
    node: Any = yaml.compose(block, Loader=yaml.SafeLoader)
    for key in path:
        node = _child(node, key)
    begin, finish = node.start_mark.index, node.end_mark.index
    tail = block[begin:finish]
    finish -= len(tail) - len(tail.rstrip())
    return "".join([*lines[:first], block[:begin] + written(value) + block[finish:], *lines[end:]])


def _child(node: Any, key: str | int) -> Any:
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int):
        return node.value[key]
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return value
    raise KeyError(key)


def written(value: object) -> str:
    """A value as YAML in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_plain(part)}" for name, part in value.items()) + "}"
    assert isinstance(value, list | tuple), value
    return "[" + ", ".join(_plain(part) for part in value) + "]"


def _plain(value: object) -> str:
    """A value inside brackets; a word or a moment needs no quotes."""
    if value is None:
        return "null"
    bare = isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z_/]*|\d{4}-\d\d-\d\dT\d\d:\d\d", value)
    usual = bare and str(value).lower() not in {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
    return str(value) if usual else written(value)


def with_term(text: str, rule: str, term: str, value: str) -> str:
    """The text with another value for a term of a rule's kind, as somebody types it: 6, 21:00, 2026-12-01, [a, b].

    Raises KeyError when there is no such rule, or it gives no such term.
    """
    body = tree(rule_text(text, rule))[rule]
    kind = next(name for name in body if name in KINDS)
    return with_value(text, (rule, kind, term), typed(value))


def typed(value: str) -> object:
    """What somebody typed, as a whole number, a day, a list or a text."""
    plain = value.strip()
    if re.fullmatch(r"-?\d{1,9}", plain):
        return int(plain)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", plain):
        try:
            return date.fromisoformat(plain)
        except ValueError:
            return plain
    if plain.startswith("[") and plain.endswith("]"):
        return [part.strip() for part in plain[1:-1].split(",") if part.strip()]
    return plain


def tree(text: str) -> dict[str, Any]:
    """The text as plain values. Raises PackError when it is no YAML, or no block."""
    if unfit := _unfit(text):
        raise PackError(unfit.why)
    try:
        found: Any = yaml.load(text, Loader=_QUICK)  # noqa: S506 -- a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PackError(f"cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise PackError("cannot be read: write blocks")
    return found


# ---- mistakes


def mistakes(text: str, *, file: str) -> list[Mistake]:
    """The mistakes of form, by line: of a rule that cannot be read the first, for what follows cannot be trusted."""
    if len(text) > LONGEST:
        return [Mistake(file, 0, "", "", f"a pack has at most {LONGEST} characters; split it")]
    if unfit := _unfit(text, file):
        return [unfit]
    pack = _read(text, file)
    if isinstance(pack, Pack):
        return sorted([*_head(pack, text), *_rules(pack, text)], key=lambda mistake: mistake.line)
    lines = text.splitlines()
    blocks = _blocks(lines)
    head = [block for block in blocks if block[0] == "pack"]
    found = [pack]
    if len(head) == 1 and isinstance(_read(_only(lines, head), file), Pack):
        alone = [_read(_only(lines, [*head, block]), file) for block in blocks if block[0] != "pack"]
        found += [one for one in alone if isinstance(one, Mistake)]
    return sorted(dict.fromkeys(found), key=lambda mistake: mistake.line)


def unreadable(text: str, *, file: str) -> list[Mistake]:
    """The mistakes for which a text cannot be judged by at all; one that only lacks an example or a cure can be tried."""
    found = mistakes(text, file=file)
    fit = len(text) <= LONGEST and not _unfit(text, file) and isinstance(_read(text, file), Pack)
    return [] if fit else found


def _unfit(text: str, file: str = "") -> Mistake | None:
    """What must not even be read: references, of which a few lines unfold into millions of values, and endless depth."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_QUICK):
            line = event.start_mark.line + 1 if event.start_mark else 0
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                return Mistake(file, line, "", "", "blocks lie too deep in one another; write them flat")
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                return Mistake(file, line, "", "", "a pack has no references (&name, *name); write the values out")
    except (yaml.YAMLError, RecursionError):
        return None  # told by the reading itself
    return None


def _only(lines: Sequence[str], blocks: Sequence[tuple[str, int, int]]) -> str:
    """The text with every other block blank, so that lines keep their numbers."""
    kept = [""] * len(lines)
    for _, first, end in blocks:
        kept[first:end] = lines[first:end]
    return "\n".join(kept)


def _read(text: str, file: str) -> Pack | Mistake:
    try:
        return packs.load(text, file=file)
    except PackError as error:
        return _mistake(error, file)
    except RecursionError:
        return Mistake(file, 0, "", "", "blocks lie too deep in one another; write them flat")
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        return _unreadable(text, file, error)


def _mistake(error: PackError, file: str = "") -> Mistake:
    told = _TOLD.fullmatch(str(error))
    if told is None:
        return Mistake(file, 0, "", "", str(error))
    return Mistake(told["file"], int(told["line"]), told["rule"] or "", told["field"] or "", told["why"])


def _unreadable(text: str, file: str, error: Exception) -> Mistake:
    """What the reader of YAML itself refuses without a line, such as the 31st of a month of 30 days."""
    names = [(name, first) for name, first, _ in _blocks(text.splitlines()) if name != "pack"]
    rule, line = names[0] if len(names) == 1 else ("", -1)
    why = str(error).splitlines()[0] if str(error) else type(error).__name__
    return Mistake(file, line + 1, rule, "", f"cannot be read: {why}")


def _head(pack: Pack, text: str) -> list[Mistake]:
    line = places(text)["pack"][0] + 1
    if not pack.version.strip():
        return [Mistake(pack.file, line, "pack", "version", 'name the version, such as "2026-12-01"')]
    return []


def _rules(pack: Pack, text: str) -> list[Mistake]:
    """What loads and yet proves nothing or helps nobody: an example missing on one side, a refusal without a cure."""
    tree = parse(text, file=pack.file, head="pack")
    found = []
    for rule in pack.rules:
        spot = Spot(pack.file, rule.id, tree.lines[rule.id])
        if side := _missing_side(rule):
            found.append(_mistake(spot.at("examples", tree[rule.id]).wrong(side)))
        if not rule.kind.speaks and not rule.cure:
            why = "say what helps, in zh and en; only a rule that bars nothing may leave it out"
            found.append(_mistake(spot.at("cure", tree[rule.id]).wrong(why)))
    return found


def _missing_side(rule: packs.Rule) -> str:
    """The side on which a rule shows no example: it must be seen to speak, and to be silent. "" = both are there."""
    shown = [one for one in rule.examples if isinstance(one, Mapping)]
    if not shown:
        return "give at least one example on each side; they are judged and show what the rule does"
    if rule.kind.speaks:
        said = {one.get("speaks") for one in shown}
        wanted = [f"speaks: {str(side).lower()}" for side in (True, False) if side not in said]
    else:
        barred = {one.get("expect") != "allow" for one in shown}
        word = rule.decision.name.lower()
        wanted = [f"expect: {word}" for _ in (1,) if True not in barred] + ["expect: allow"] * (False not in barred)
    return f"give an example of the other side as well: one with `{wanted[0]}`" if wanted else ""


# ---- examples


@dataclass(frozen=True)
class Tried:
    """An example judged: `found` says what came out instead, "" when it came out as written. line: from 1."""

    rule: str
    number: int
    example: Mapping[str, Any]
    found: str
    file: str = ""
    line: int = 0

    @property
    def mistake(self) -> Mistake:
        """The example that comes out otherwise, with its place, what is written, what came out and how to mend it."""
        place, told = f"examples[{self.number}]", _OUTCOME.fullmatch(self.found)
        if told is None:
            return Mistake(self.file, self.line, self.rule, place, self.found)
        field = "earliest" if told[1] else "expect"
        line = getattr(self.example, "lines", {}).get(field, self.line)
        why = (
            f"written is {field}: {told[3]}, the gate says {told[2]}; "
            f"write {field}: {told[2]} if that is meant, else change the rule"
        )
        return Mistake(self.file, line, self.rule, f"{place}.{field}", why)


def tried(pack: Pack) -> list[Tried]:
    """Every example of a pack judged against its rule alone."""
    return [
        Tried(rule.id, number, example, _outcome(example, pack, rule), pack.file, _line_of(example))
        for rule in pack.rules
        for number, example in enumerate(rule.examples, 1)
    ]


def _line_of(example: Any) -> int:
    return min(getattr(example, "lines", {}).values(), default=0)


def _outcome(example: Any, pack: Pack, rule: packs.Rule) -> str:
    if not isinstance(example, Mapping) or not {"at", "expect"} <= example.keys():
        return "an example is a block with `at` and `expect`; write both"
    if unknown := sorted(example.keys() - _EXAMPLE):
        return f"there is no fact {unknown[0]}; the facts are listed in docs/rules.md"
    if example["expect"] not in _DECISIONS:
        return f"{example['expect']} is no outcome; write expect: {', '.join(_DECISIONS)}"
    try:
        return examples.difference(pack, rule, example)
    except KeyError as error:
        return f"{error} is no value of this fact; the values are listed in docs/rules.md"
    except (ValueError, TypeError, AttributeError) as error:
        return f"cannot be judged: {error}; write its values as docs/rules.md lists them"


def with_outcomes(text: str, *, file: str) -> str:
    """The text with every example that came out otherwise rewritten to what comes out now."""
    pack = packs.load(text, file=file)
    for rule in pack.rules:
        for number, example in enumerate(rule.examples):
            if _outcome(example, pack, rule) and isinstance(example, Mapping) and "at" in example:
                text = with_value(text, (rule.id, "examples", number), examples.told_anew(pack, rule, example))
    return text
