"""The rules in force, as they are loaded: the page can never differ from what the gate judges by."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairdue.contact import rulebook as standing_rules
from fairdue.contact.rulebook.loading import BEGINNING
from fairdue.contact.rulebook.models import PackText, RuleVersion
from fairdue.contact.rulebook.reading import rules_as_written
from fairdue.desk import clock, words
from fairdue.desk.asking import Query
from fairdue.desk.pages import rulewords
from fairdue.desk.writing import chinese
from fairdue.law import examples
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
    "A": _("the official text was read"),
    "B": _("two reports of the text agree"),
    "C": _("one report of the text"),
    "D": _("own knowledge, not confirmed"),
}
KINDS: Final = {
    "quiet_hours": _("hours of rest"),
    "unwelcome_times": _("times they named as unwelcome"),
    "at_most": _("a cap"),
    "minimum_gap": _("a pause between contacts"),
    "only_for": _("only for certain purposes"),
    "stop": _("forbidden"),
    "at_most_in": _("a cap in a calendar period"),
    "days_off": _("days off"),
    "working_hours": _("working hours only"),
    "rest_after_night_work": _("rest after night work"),
    "wait_days": _("a number of days must pass"),
    "pause_days": _("a pause of some days"),
    "within_years": _("for some years only"),
    "must_hold": _("must hold certain parts"),
    "staffed_by": _("a number of collectors"),
    "must_say": _("something must be said"),
    "must_know": _("must be known first"),
}

_LATIN: Final = re.compile(r"[a-z0-9]+")
_ENDINGS: Final = ("ings", "ing", "ed", "es", "s", "e")
_STEM: Final = 4


@dataclass(frozen=True)
class Kept:
    """One rule with its pack, the words it is kept in, and whether it binds on the day asked about, `on`."""

    rule: Rule
    pack: Pack
    binds: bool
    on: date

    @property
    def query(self) -> str:
        """What the address of its page says of the day; nothing for today."""
        return "" if self.on == clock.today() else f"?on={self.on}"

    @property
    def source(self) -> str:
        """The lines of the rule in the text of its pack."""
        return _lines(text_of(self.pack)).get(self.rule.id, "")

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
    def claims(self) -> list[tuple[str, str]]:
        """Public names that rest on another strength than the rule itself, with their letters."""
        return [(name, letter) for name, letter in self.rule.claims.items() if letter != self.rule.law["confidence"]]

    @property
    def note(self) -> str:
        """What is remarked about the source, in the language of the page as far as it was written in both."""
        note = self.rule.law.get("note", "")
        return str(note["zh" if chinese() else "en"]) if isinstance(note, Mapping) else str(note)

    @property
    def kind(self) -> Any:
        """What the rule does, in words."""
        return KINDS.get(self.rule.kind.name, self.rule.kind.name.replace("_", " "))

    @property
    def written(self) -> Rule:
        """The rule as its pack writes it, before legal's and the firm's decisions (packs.decided)."""
        rules, _settings = rules_as_written(_at(self.on))
        return next((rule for rule in rules if rule.id == self.rule.id), self.rule)

    @property
    def waits(self) -> bool:
        """Whether it only warns because legal has not signed off a source known from our own knowledge."""
        return self.written.decision > self.rule.decision

    @property
    def does(self) -> str:
        """What the gate computes: the kind with its terms."""
        return rulewords.sentence(self.rule, self.pack)

    @property
    def where(self) -> str:
        """The countries in which it speaks; "" = everywhere."""
        return rulewords.where(self.rule, self.pack)

    @property
    def applies(self) -> list[list[rulewords.Line]]:
        """Whom and what it applies to: blocks of (fact, values); an empty block is every contact of ours."""
        return rulewords.groups(self.rule.when)

    @property
    def exceptions(self) -> list[list[rulewords.Line]]:
        """What lifts it: any of these blocks."""
        return rulewords.groups(self.rule.unless)

    @property
    def covers(self) -> list[list[rulewords.Line]]:
        """Whom its pack binds; nothing = everybody."""
        return rulewords.covers(self.pack)

    @property
    def examples(self) -> list[tuple[str, str]]:
        """(circumstances, what is expected) of each example the rule is tested by, in words."""
        return [(rulewords.circumstances(example), rulewords.expected(example)) for example in self.rule.examples]

    @property
    def ran(self) -> list[tuple[str, str, str]]:
        """The examples judged at this moment by the rule as it is written: circumstances, expected, and what came
        instead ("" = as expected)."""
        rule = self.written
        gave = [examples.difference(self.pack, rule, example) for example in rule.examples]
        return [(*told, instead) for told, instead in zip(self.examples, gave, strict=True)]


_FILTERS: Final = {
    "jurisdiction": _("Jurisdiction"),
    "kind": _("Kind"),
    "level": _("Source"),
    "confidence": _("Confidence"),
}
_MANY: Final = {"jurisdiction": "jurisdictions", "kind": "kinds", "level": "levels", "confidence": "grades"}


@dataclass(frozen=True)
class Book:
    """A pack with its rules that fit the filter."""

    pack: Pack
    rules: list[Kept]


@dataclass(frozen=True)
class Filters:
    """Which rules to show: in force on a day (`former` adds the others), of a jurisdiction (its name, or `house` for
    what binds everywhere), kind, level, confidence, holding some words; "" = any."""

    on: date
    words: str = ""
    former: bool = False
    jurisdiction: str = ""
    kind: str = ""
    level: str = ""
    confidence: str = ""

    @property
    def query(self) -> str:
        """The filter as the query part of an address."""
        told = {"q": self.words, "on": self.on.isoformat(), "former": "1" if self.former else ""}
        told |= {name: getattr(self, name) for name in ("jurisdiction", "kind", "level", "confidence")}
        return urlencode({name: value for name, value in told.items() if value})

    def fits(self, rule: Rule, pack: Pack) -> bool:
        """Whether a rule is to be shown, its dates left aside."""
        exact = (
            (self.kind, rule.kind.name),
            (self.level, rule.law["level"]),
            (self.confidence, rule.law["confidence"]),
        )
        return (
            all(not wanted or wanted == found for wanted, found in exact)
            and (not self.jurisdiction or self.jurisdiction == jurisdiction_of(pack))
            and _holds(rule, self.words)
        )


def loaded(on: date | None = None) -> tuple[Pack, ...]:
    """The packs the gate judges by now, its own among them; or those of the end of a day, by the versions approved for
    it."""
    return tuple(pack for pack in standing_rules.in_force(_at(on or clock.today())) if pack.rules)


def _at(on: date) -> datetime:
    """Now for today, else the end of the day."""
    if on == clock.today():
        return clock.now()
    return timezone.make_aware(datetime.combine(max(on, BEGINNING), time.max), timezone.get_default_timezone())


def filters(query: Query, *, today: date) -> Filters:
    """Read the filters of an address."""
    return Filters(
        on=query.day("on", _("In force on")) or today,
        words=query.text("q"),
        former=query.text("former") == "1",
        **{name: query.choice(name, _FILTERS[name], values) for name, values in _known().items()},
    )


def _known() -> dict[str, set[str]]:
    offered = choices()
    return {name: {value for value, _word in offered[many]} for name, many in _MANY.items()}


def total(chosen: Filters) -> int:
    """How many rules there are on the day when nothing else is filtered."""
    return sum(len(book.rules) for book in books(Filters(chosen.on, former=chosen.former)))


def jurisdiction_of(pack: Pack) -> str:
    """The jurisdiction of a pack by name, `house` where it binds everywhere."""
    return pack.jurisdiction.name.lower() if pack.jurisdiction is not None else "house"


def books(chosen: Filters) -> list[Book]:
    """Every pack with its rules that fit."""
    found = []
    for pack in loaded(chosen.on):
        kept = [_kept(rule, pack, chosen.on) for rule in pack.rules if chosen.fits(rule, pack)]
        kept = [one for one in kept if chosen.former or one.binds]
        if kept:
            found.append(Book(pack, kept))
    return found


def one(pack_id: str, rule_id: str, *, on: date) -> Kept | None:
    """One rule of a pack as it stands on a day; else as the latest version that has it words it, which does not bind.

    None when no version of the pack has such a rule.
    """
    if found := on_day(pack_id, rule_id, on):
        return found
    approved = RuleVersion.objects.filter(pack=pack_id, status=RuleVersion.Status.APPROVED)
    for day in approved.order_by("-force_from").values_list("force_from", flat=True).distinct():
        if day is not None and (found := on_day(pack_id, rule_id, day)):
            return replace(found, binds=False)
    return None


def on_day(pack_id: str, rule_id: str, day: date) -> Kept | None:
    """One rule of a pack by the versions of a day."""
    rule, pack = _by_id(loaded(day)).get(rule_id, (None, None))
    return _kept(rule, pack, day) if rule and pack and pack.id == pack_id else None


def by_id() -> dict[str, tuple[Rule, Pack]]:
    """Every rule that is loaded with its pack, by id."""
    return _by_id(loaded())


@lru_cache(maxsize=4)
def _by_id(loaded: tuple[Pack, ...]) -> dict[str, tuple[Rule, Pack]]:
    return {rule.id: (rule, pack) for pack in loaded for rule in pack.rules}


def kin(kept: Kept) -> list[Rule]:
    """Other rules of the pack that go by one of the same public names: earlier and later texts, or another side."""
    names = set(kept.rule.public)
    return [rule for rule in kept.pack.rules if rule is not kept.rule and names & set(rule.public)]


def choices() -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer, out of what is loaded."""
    rules = [(rule, pack) for pack in loaded() for rule in pack.rules]

    def offered(values: set[str], words_of: Mapping[str, Any], *, lettered: bool = False) -> list[tuple[str, Any]]:
        told = [(value, words_of.get(value, value)) for value in words_of if value in values]
        told += [(value, value.replace("_", " ")) for value in sorted(values - words_of.keys())]
        return [(value, f"{value}: {word}" if lettered else word) for value, word in told]

    jurisdictions = {jurisdiction_of(pack) for _rule, pack in rules}
    named: dict[str, Any] = {code.name.lower(): word for code, word in words.JURISDICTIONS.items()}
    return {
        "jurisdictions": offered(jurisdictions, named | {"house": _("everywhere: the firm's own")}),
        "kinds": offered({rule.kind.name for rule, _pack in rules}, KINDS),
        "levels": offered({str(rule.law["level"]) for rule, _pack in rules}, LEVELS),
        "grades": offered({str(rule.law["confidence"]) for rule, _pack in rules}, CONFIDENCE, lettered=True),
    }


def _kept(rule: Rule, pack: Pack, day: date) -> Kept:
    return Kept(rule, pack, binds(rule, day_number(day)), day)


def binds(rule: Rule, day: int) -> bool:
    """Whether a rule is in force on a day (days since 1970)."""
    return (rule.since is None or rule.since <= day) and (rule.until is None or day <= rule.until)


def _holds(rule: Rule, sought: str) -> bool:
    """Whether a rule holds every word sought, as part of a word or in another English form: shame finds no-shaming."""
    text = _searched(rule)
    known = _LATIN.findall(text)
    return all(
        word in text or (_LATIN.fullmatch(word) and any(one.startswith(_stem(word)) for one in known))
        for word in sought.casefold().split()
    )


def _stem(word: str) -> str:
    """An English word without its ending, never shorter than four letters."""
    return next((word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= _STEM), word)


def _searched(rule: Rule) -> str:
    parts = [rule.id, *rule.public, *rule.say.values(), *rule.cure.values(), *rule.cites.values(), rule.kind.name]
    parts.append(str(KINDS.get(rule.kind.name, "")))
    parts += [
        part for block in rulewords.groups((*rule.when, *rule.unless)) for line in block for part in map(str, line)
    ]
    return " ".join(parts).casefold()


def text_of(pack: Pack) -> str:
    """The text of a pack as it was approved, or as it came with this release; "" when it is not kept."""
    kept = PackText.objects.filter(hash=pack.hash).values_list("text", flat=True).first()
    return kept if kept is not None else ""


@lru_cache(maxsize=16)
def _lines(text: str) -> dict[str, str]:
    """The lines of each rule of a pack's text, by id."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line and not line[0].isspace() and not line.startswith("#"):
            current = found.setdefault(line.split(":")[0], [])
        if not line.startswith("#"):
            current.append(line)
    return {name: "\n".join(lines).strip() for name, lines in found.items()}
