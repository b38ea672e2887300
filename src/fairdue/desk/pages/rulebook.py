"""The rules in force, as they are loaded: the page can never differ from what the gate judges by."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from fairdue.desk.writing import chinese
from fairdue.law import packs
from fairdue.law.clock import day_number
from fairdue.law.packs import Pack, Rule

LEVELS: Final = {
    "law": _("law"),
    "regulation": _("regulation"),
    "rule": _("departmental rule"),
    "notice": _("notice"),
    "standard": _("standard"),
    "self-regulation": _("self-regulation"),
    "guidance": _("guidance"),
    "policy": _("policy"),
    "design": _("our design"),
}
CONFIDENCE: Final = {
    "A": _("the text itself was read"),
    "B": _("from a reliable report of the text"),
    "C": _("our reading where the text is silent"),
    "D": _("not confirmed"),
}
KINDS: Final = {
    "quiet_hours": _("hours of rest"),
    "unwelcome_times": _("times they named as unwelcome"),
    "at_most": _("a cap"),
    "minimum_gap": _("a pause between contacts"),
    "only_for": _("only for certain purposes"),
    "stop": _("forbidden"),
    "must_say": _("something must be said"),
    "must_know": _("must be known first"),
}


@dataclass(frozen=True)
class Kept:
    """One rule with its pack, the words it is kept in, and whether it binds on the day asked about."""

    rule: Rule
    pack: Pack
    source: str
    binds: bool

    @property
    def level(self) -> Any:
        """Rank of the source in words."""
        return LEVELS.get(str(self.rule.law.get("level")), self.rule.law.get("level"))

    @property
    def cites(self) -> str:
        """Where it is written, in the language of the page."""
        return self.rule.cites["zh" if chinese() else "en"]

    @property
    def confidence(self) -> Any:
        """How sure we are of the text, in words."""
        return CONFIDENCE.get(str(self.rule.law.get("confidence")), "")

    @property
    def kind(self) -> Any:
        """What the rule does, in words."""
        return KINDS.get(self.rule.kind.name, self.rule.kind.name.replace("_", " "))

    @property
    def examples(self) -> list[tuple[str, str]]:
        """(circumstances, what is expected) of each example the rule is tested by."""
        listed = []
        for example in self.rule.examples:
            rest = {name: value for name, value in example.items() if name not in {"expect", "earliest"}}
            told = "; ".join(f"{name.replace('_', ' ')} {_plain(value)}" for name, value in rest.items())
            expected = str(example.get("expect", ""))
            if "earliest" in example:
                expected += f" → {_plain(example['earliest'])}"
            listed.append((told, expected))
        return listed


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value)
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')} {_plain(part)}" for name, part in value.items())
    return str(value).replace("T", " ")


@dataclass(frozen=True)
class Book:
    """A pack with its rules that fit the filter."""

    pack: Pack
    rules: list[Kept]


def books(*, on: date, words: str = "", former: bool = False) -> list[Book]:
    """Every pack with its rules in force on a day; `former` adds the others; `words` looks in id, text and source."""
    day, wanted = day_number(on), words.casefold().strip()
    found = []
    for pack in packs.everything():
        kept = [Kept(rule, pack, _source(pack.file).get(rule.id, ""), _binds(rule, day)) for rule in pack.rules]
        kept = [one for one in kept if (former or one.binds) and wanted in _searched(one.rule)]
        if kept:
            found.append(Book(pack, kept))
    return found


def _binds(rule: Rule, day: int) -> bool:
    return (rule.since is None or rule.since <= day) and (rule.until is None or day <= rule.until)


def _searched(rule: Rule) -> str:
    parts = [rule.id, *rule.public, *rule.say.values(), *rule.cure.values(), *rule.cites.values(), rule.kind.name]
    return " ".join(parts).casefold()


@cache
def _source(file: str) -> dict[str, str]:
    """The lines of each rule in a pack's file, by id."""
    text = (files("fairdue.law") / "packs").joinpath(*file.split("/")).read_text("utf-8")
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line and not line[0].isspace() and not line.startswith("#"):
            current = found.setdefault(line.split(":")[0], [])
        if not line.startswith("#"):
            current.append(line)
    return {name: "\n".join(lines).strip() for name, lines in found.items()}
