"""Word lists: what must not be written, as data. The form is described in docs/rules.md, under Content.

`standard()` gives the lists that come with Fairdue, `for_jurisdiction` those that bind somewhere. A mistake raises
WordListError naming file, entry and how to mend it.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

import yaml

from fairdue.law import packs
from fairdue.law.codes import Channel, Content, Jurisdiction, Relation
from fairdue.law.facts import code_of
from fairdue.law.figures import FIGURES
from fairdue.law.folding import BREAKS, View, fold

LANGUAGES: Final = ("zh", "en")
_CLAUSE: Final = f"[^{re.escape(BREAKS)}]"
GAP: Final = {"zh": f"({_CLAUSE}{{0,10}}?)", "en": rf"(?![a-z0-9])({_CLAUSE}{{0,40}}?)(?<![a-z0-9])"}
"""What `~` stands for: a few characters of one clause, in English whole words."""
PARTS: Final = ("identity", "opt_out", "debt_collector", "debt")
"""What a text may be found to say."""
_ENTRY: Final = {
    "category", "decision", "when", "zh", "en", "finds", "not", "even_denied", "breaks", "say", "cure", "examples",
}  # fmt: skip
_HEAD: Final = {"id", "version", "jurisdiction", "about", "breaks", "reading", "parts"}
_READING: Final = ("denies", "unless", "anew", "told", "warns")
_TOKEN: Final = re.compile(r"\(([^()~?]*)\)(\??)| ?(~) ?|([^()|~? ]+|(?! ?~) )")


class WordListError(ValueError):
    """A mistake in a word list: file, entry, field, and how to mend it."""


@dataclass(frozen=True)
class Phrase:
    """A pattern ready to be looked for. `needs`: of each group one piece must be in the text, or it cannot match."""

    written: str
    language: str
    regex: "re.Pattern[str]"
    needs: tuple[tuple[str, ...], ...]

    def spans(self, view: View) -> Iterable["re.Match[str]"]:
        """Where it stands in a view of its language."""
        text = view.text
        for group in self.needs:
            for piece in group:
                if piece in text:
                    break
            else:
                return ()
        return self.regex.finditer(text)


@dataclass(frozen=True)
class Breach:
    """The rule an expression breaks: its id, where it is written, how binding and how sure."""

    rule: str
    cites: Mapping[str, str]
    level: str
    confidence: str


@dataclass(frozen=True)
class Expression:
    """One entry: phrases of one kind, what is wrong with them, and how to say it instead.

    finds: names of figures (law/figures.py). lifted: phrases that make it harmless. relations: of the addressee; None
    = all. breaks: by jurisdiction, where it differs from what its category breaks there.
    """

    id: str
    category: Content
    decision: Literal["warn", "deny"]
    phrases: tuple[Phrase, ...]
    finds: tuple[str, ...]
    lifted: tuple[Phrase, ...]
    relations: frozenset[int] | None
    channels: frozenset[int] | None
    even_denied: bool
    breaks: Mapping[str, str]
    say: Mapping[str, str]
    cure: Mapping[str, str]
    examples: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Reading:
    """How a clause turns a phrase round, by language.

    denies: what follows is denied (“will not”); unless: not in a clause with this (“cannot promise not to”); anew: nor
    after this, unless it denies at once (“we will”, “we will not”). told: somebody else's words. warns: of others.
    """

    denies: Mapping[str, "re.Pattern[str]"]
    unless: Mapping[str, "re.Pattern[str]"]
    anew: Mapping[str, "re.Pattern[str]"]
    told: Mapping[str, "re.Pattern[str]"]
    warns: Mapping[str, "re.Pattern[str]"]


@dataclass(frozen=True)
class WordList:
    """One file. jurisdiction None = binds everywhere. breaks: the rule that each category breaks there."""

    id: str
    version: str
    hash: str
    jurisdiction: Jurisdiction | None
    breaks: Mapping[Content, str]
    expressions: tuple[Expression, ...]
    reading: Reading | None
    parts: Mapping[str, tuple[Phrase, ...]]
    file: str


# ---- the notation of a phrase


def phrase(written: str, language: str) -> Phrase:
    """`(a|b)` one of these, `(a|b)?` or none, `~` a few characters of the same clause. Raises ValueError."""
    at, parts, needs = 0, [], []
    for token in _TOKEN.finditer(written):
        if token.start() != at:
            break
        at = token.end()
        choice, optional, gap, plain = token[1], token[2] or "", token[3], token[4]
        if gap:
            parts.append(GAP[language])
            continue
        words = [_folded(word, language) for word in (choice.split("|") if choice is not None else [plain])]
        body = "|".join(re.escape(word).replace(r"\ ", "[ -]") for word in words)
        parts.append(f"(?:{body}){optional}")
        if not optional and all(word.strip() for word in words):
            needs.append(tuple(max(re.split("[ -]", word), key=len) for word in words))
    if at != len(written) or not needs:
        raise ValueError(f"{written!r} is no phrase: write words, (a|b), (a|b)? and ~ only, at least one word certain")
    body = "".join(parts)
    if language == "en":
        body = rf"(?<![a-z0-9]){body}(?![a-z0-9])"
    needs.sort(key=lambda words: sum(8.0 ** -len(word) for word in words))  # the least likely first
    return Phrase(written, language, re.compile(body), tuple(needs))


def _folded(word: str, language: str) -> str:
    view = fold(word)
    return view.chinese.text if language == "zh" else re.sub(r"\s+", " ", view.plain.text)


# ---- reading


def load(text: str, *, file: str) -> WordList:
    """Read one list from the text of a file; `file` is its name in messages."""
    tree: Mapping[str, Any] = yaml.safe_load(text)
    if not isinstance(tree, Mapping) or not isinstance(tree.get("words"), Mapping):
        raise WordListError(f"{file}: begin with a block `words:` that holds id, version and about")
    head = tree["words"]
    _known(head, _HEAD, f"{file}, words")
    place = head.get("jurisdiction")
    return WordList(
        id=str(head["id"]),
        version=str(head["version"]),
        hash=hashlib.sha256(text.encode()).hexdigest(),
        jurisdiction=None if place is None else Jurisdiction(code_of(Jurisdiction, place)),
        breaks={Content[name.upper()]: str(rule) for name, rule in head.get("breaks", {}).items()},
        expressions=tuple(_expression(name, body, file) for name, body in tree.items() if name != "words"),
        reading=_reading(head["reading"]) if "reading" in head else None,
        parts={name: _phrases(by, f"{file}, parts, {name}") for name, by in head.get("parts", {}).items()},
        file=file,
    )


def _known(block: Mapping[str, Any], names: Iterable[str], where: str) -> None:
    if unknown := sorted(block.keys() - set(names)):
        raise WordListError(f"{where}: there is no field {unknown[0]}; known: {', '.join(sorted(names))}")


def _expression(name: str, body: Mapping[str, Any], file: str) -> Expression:
    where = f"{file}, {name}"
    _known(body, _ENTRY, where)
    category, decision = str(body.get("category", "")), body.get("decision", "deny")
    if category.upper() not in Content.__members__:
        known = ", ".join(c.name.lower() for c in Content)
        raise WordListError(f"{where}, category: {category!r} is none; write one of {known}")
    if decision not in ("warn", "deny"):
        raise WordListError(f"{where}, decision: write warn or deny")
    for field in ("say", "cure"):
        if not all(isinstance(body.get(field, {}).get(language), str) for language in LANGUAGES):
            raise WordListError(f"{where}, {field}: give the text in zh and in en")
    finds = tuple(body.get("finds", ()))
    if unknown := sorted(set(finds) - FIGURES.keys()):
        raise WordListError(f"{where}, finds: {unknown[0]!r} is none; write some of {', '.join(FIGURES)}")
    for text in (text for side in body.get("examples", {}).values() for text in side):
        if not isinstance(text["text"] if isinstance(text, Mapping) else text, str):
            raise WordListError(f"{where}, examples: {text!r} is no text; put it in quotes")
    when = body.get("when", {})
    _known(when, ("relation", "channel"), f"{where}, when")
    return Expression(
        id=name,
        category=Content[category.upper()],
        decision=decision,
        phrases=_phrases(body, where),
        finds=finds,
        lifted=_phrases(body.get("not", {}), f"{where}, not"),
        relations=_codes(Relation, when.get("relation")),
        channels=_codes(Channel, when.get("channel")),
        even_denied=bool(body.get("even_denied", False)),
        breaks=body.get("breaks", {}),
        say=body["say"],
        cure=body["cure"],
        examples={side: tuple(body.get("examples", {}).get(side, ())) for side in ("marked", "clean")},
    )


def _codes(names: Any, given: list[str] | None) -> frozenset[int] | None:
    return None if given is None else frozenset(code_of(names, name) for name in given)


def _phrases(by: Mapping[str, Any], where: str) -> tuple[Phrase, ...]:
    try:
        return tuple(phrase(str(text), language) for language in LANGUAGES for text in by.get(language, ()))
    except ValueError as error:
        raise WordListError(f"{where}: {error}") from error


def _reading(block: Mapping[str, Mapping[str, list[str]]]) -> Reading:
    def one(name: str, language: str) -> "re.Pattern[str]":
        words = sorted((_folded(word, language) for word in block[name][language]), key=len, reverse=True)
        body = "|".join(map(re.escape, words))
        return re.compile(body if language == "zh" else rf"(?<![a-z0-9])(?:{body})(?![a-z0-9])")

    return Reading(**{name: {language: one(name, language) for language in LANGUAGES} for name in _READING})


# ---- the lists that come with Fairdue


@lru_cache(maxsize=1)
def standard() -> tuple[WordList, ...]:
    """Every list of the folder `packs`, the one that binds everywhere first; every rule named in them exists."""
    folder = files("fairdue.law") / "packs"
    found = [
        load((entry / "words.yaml").read_text("utf-8"), file=f"{entry.name}/words.yaml")
        for entry in folder.iterdir()
        if entry.is_dir() and (entry / "words.yaml").is_file()
    ]
    rules = {rule.id for pack in packs.everything() for rule in pack.rules}
    for each in found:
        named = {*each.breaks.values(), *(rule for e in each.expressions for rule in e.breaks.values())}
        if unknown := sorted(named - rules):
            raise WordListError(f"{each.file}, breaks: no pack has a rule {unknown[0]}")
    return tuple(sorted(found, key=lambda each: (each.jurisdiction is not None, each.id)))


@cache
def for_jurisdiction(code: int) -> tuple[WordList, ...]:
    """The lists that bind in a jurisdiction (0: those that bind everywhere)."""
    return tuple(each for each in standard() if each.jurisdiction is None or each.jurisdiction == code)


@cache
def breach(expression: str, jurisdiction: int) -> Breach:
    """The rule that an expression breaks in a jurisdiction, with its source: the country's own before the house's."""
    lists = for_jurisdiction(jurisdiction)
    entry = next(e for each in standard() for e in each.expressions if e.id == expression)
    place = Jurisdiction(jurisdiction).name.lower() if jurisdiction else "house"
    own = entry.breaks.get(place) or entry.breaks.get("house")
    by_category = [each.breaks[entry.category] for each in reversed(lists) if entry.category in each.breaks]
    rule = _rules()[own or by_category[0]]
    return Breach(rule.id, rule.cites, str(rule.law["level"]), str(rule.law["confidence"]))


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, packs.Rule]:
    return {rule.id: rule for pack in packs.everything() for rule in pack.rules}
