"""The rules in force, as they are loaded: the page can never differ from what the gate judges by."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from fairdue.desk import words
from fairdue.desk.pages import facts
from fairdue.desk.writing import chinese
from fairdue.law import codes, packs
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
        """(circumstances, what is expected) of each example the rule is tested by, in words."""
        listed = []
        for example in self.rule.examples:
            told = "; ".join(
                _told(name, value) for name, value in example.items() if name not in {"expect", "earliest"}
            )
            expected = [_expected(str(example.get("expect", "")))]
            if "earliest" in example:
                expected.append(_moment(example["earliest"]))
            listed.append((told, " → ".join(expected)))
        return listed


CIRCUMSTANCES: Final = {
    "at": _("at"),
    "zone": _("time zone"),
    "unwelcome": _("unwelcome"),
    "speaks": _("the rule speaks"),
}
"""What examples name beside facts."""
WEEKDAYS: Final = {
    "Mon": _("Monday"), "Tue": _("Tuesday"), "Wed": _("Wednesday"), "Thu": _("Thursday"), "Fri": _("Friday"),
    "Sat": _("Saturday"), "Sun": _("Sunday"),
}  # fmt: skip


def _told(name: str, value: Any) -> str:
    if name == "past":
        return "; ".join(
            f"{facts.NAMES.get(kind, kind)}: {', '.join(_moment(at) for at in moments)}"
            for kind, moments in value.items()
        )
    if name == "unwelcome":
        return f"{CIRCUMSTANCES[name]} {_unwelcome(value)}"
    if name in {"at", "zone"}:
        shown = ", ".join(value) if isinstance(value, list) else _moment(value)
    else:
        shown = str(facts.value_word(name, value))
    return f"{CIRCUMSTANCES.get(name) or facts.NAMES.get(name, name)} {shown}"


def _unwelcome(value: dict[str, Any]) -> str:
    days = ", ".join(str(WEEKDAYS.get(day, day)) for day in value.get("days", []))
    hours = f"{value['from']}–{value['to']}" if "from" in value and "to" in value else ""
    return " ".join(part for part in (days, hours) if part)


def _moment(value: Any) -> str:
    return str(facts.VALUES["unknown"]) if value is None else str(value).replace("T", " ")


def _expected(name: str) -> str:
    known = codes.Decision.__members__
    return str(words.DECISIONS[known[name.upper()]]) if name.upper() in known else name


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
