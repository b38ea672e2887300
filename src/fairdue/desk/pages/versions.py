"""What the pages of the rulebook show: changes in words, examples, mistakes at their line, what a trial found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fairdue.contact.models import Verdict
from fairdue.contact.rulebook.checking import Checked, check
from fairdue.contact.rulebook.models import RuleVersion, Trial
from fairdue.contact.rulebook.reading import rules_as_written
from fairdue.contact.rulebook.telling import why
from fairdue.desk import clock
from fairdue.desk.pages import facts
from fairdue.desk.pages.rulebook import Kept
from fairdue.desk.writing import chinese
from fairdue.law import packdiff, packs, packtext, settings, wordcheck
from fairdue.law.facts import COUNTS
from fairdue.law.kinds import KINDS
from fairdue.law.located import PackError
from fairdue.law.packdiff import HEAD
from fairdue.law.packs import Rule
from fairdue.law.packtext import Mistake

STATES: Final = {
    "binding": (_("In force"), "ok", "circle-check"),
    "coming": (_("Comes into force"), "info", "calendar-due"),
    "former": (_("Superseded"), "quiet", "history"),
    "draft": (_("Draft"), "quiet", "edit"),
    "submitted": (_("Waits for approval"), "warn", "hourglass"),
    "declined": (_("Declined"), "stop", "x"),
    "withdrawn": (_("Withdrawn"), "quiet", "x"),
}
"""Word, tone and icon of where a version stands."""


def language() -> str:
    """`zh` or `en`, as the page is written."""
    return "zh" if chinese() else "en"


def state(version: RuleVersion, binding: RuleVersion | None, today: date) -> str:
    """Where a version stands: a key of STATES."""
    if version.status != RuleVersion.Status.APPROVED:
        return str(version.status)
    if version.is_coming(today):
        return "coming"
    return "binding" if binding is not None and binding.pk == version.pk else "former"


# ---- one version


@dataclass(frozen=True)
class Wrong:
    """A mistake with the line of the text it is about."""

    mistake: Mistake
    line: str

    @property
    def why(self) -> str:
        """What is wrong and how to mend it, in the language of the page."""
        return why(self.mistake)


@dataclass(frozen=True)
class Changed:
    """What changed in one rule, in words."""

    rule: str
    sentences: list[str]


@dataclass(frozen=True)
class Sheet:
    """A version looked at: mistakes, examples, changes against the version it is based on, its rules.

    behind: of a changed rule, what its words still say of the old numbers.
    """

    checked: Checked
    wrong: list[Wrong]
    changes: list[Changed]
    behind: list[Changed]
    rules: list[tuple[str, str, bool]]

    @property
    def came_out(self) -> int:
        """Examples that came out as written."""
        return len(self.checked.tried) - len(self.checked.failed)


def sheet(version: RuleVersion, *, at: datetime) -> Sheet:
    """Check a version's text and compare it with its base."""
    checked = check(version.text, pack=version.pack, file=version.file, at=at)
    changes = changed(version) if checked.pack is not None else []
    behind = words_behind(version) if checked.pack is not None else []
    touched = {one.rule for one in changes}
    rules = [(r.id, r.say[language()], r.id in touched) for r in checked.pack.rules] if checked.pack else []
    return Sheet(
        checked, wrong(version.text, checked.mistakes), changes, behind, sorted(rules, key=lambda row: not row[2])
    )


def wrong(text: str, mistakes: Sequence[Mistake]) -> list[Wrong]:
    """Mistakes with the lines they are about."""
    lines = ["", *text.splitlines()]
    return [Wrong(m, lines[m.line].strip() if m.line < len(lines) else "") for m in mistakes]


def changed(version: RuleVersion) -> list[Changed]:
    """The differences from the base in words, rule by rule."""
    base = version.based_on
    if version.pack == settings.ID:
        return _settings_changed(settings.load(base.text) if base else settings.NONE, settings.load(version.text))
    return [] if base is None else [Changed(rule, told) for rule, told in in_words(base.text, version.text).items()]


def _settings_changed(old: settings.Settings, new: settings.Settings) -> list[Changed]:
    """Rule by rule what is signed off or made to refuse from now on, and what no longer is."""
    lists = (
        (
            old.signed_off,
            new.signed_off,
            _("signed off by legal: in full force"),
            _("no longer signed off: only warns"),
        ),
        (old.stricter, new.stricter, _("refuses instead of warning"), _("only warns again")),
    )
    found: dict[str, list[str]] = {}
    for was, now, came, went in lists:
        for rule in sorted({*was} ^ {*now}):
            found.setdefault(rule, []).append(str(came if rule in now else went))
    return [Changed(rule, told) for rule, told in found.items()]


def words_behind(version: RuleVersion) -> list[Changed]:
    """Where the words of a changed rule do not follow its numbers, in sentences, rule by rule."""
    base, found = version.based_on, dict[str, list[str]]()
    if base is None or version.pack == settings.ID:
        return []
    for one in wordcheck.stale(base.text, version.text):
        told = {"text": _label(one.text), "term": _label(one.term), "old": one.old, "new": one.new}
        sentence = (
            gettext("%(text)s: still says %(old)s, but “%(term)s” is %(new)s now.")
            if one.named
            else gettext("%(text)s: does not say that “%(term)s” is %(new)s now.")
        )
        found.setdefault(one.rule, []).append(sentence % told)
    return [Changed(rule, sentences) for rule, sentences in found.items()]


def in_words(old: str, new: str) -> dict[str, list[str]]:
    """The differences of two texts of a pack, rule by rule, in the language of the page."""
    found: dict[str, list[str]] = {}
    for change in packdiff.compare(old, new):
        found.setdefault(change.rule, []).append(packdiff.in_words(change, language(), _word))
    return found


def _word(fact: str, value: Any, _lang: str) -> str:
    """A fact's values in the language of the page."""
    return str(facts.value_word(fact, value))


# ---- the form of one rule


@dataclass(frozen=True)
class Field:
    """One value of a rule that can be changed without seeing YAML. shape: number, hour, day, count, list or text."""

    name: str
    path: tuple[str, ...]
    label: str
    shape: str
    value: Any
    choices: list[tuple[str, str]]
    most: int | None = None

    def read(self, given: str) -> Any:
        """What was typed, as a value of the rule."""
        if self.shape == "number":
            return int(given) if given.strip().isascii() and given.strip().isdigit() else given
        if self.shape == "day":
            return packtext.typed(given)
        if self.shape == "list":
            return [part.strip() for part in given.replace("，", ",").split(",") if part.strip()]
        return given.strip()

    @property
    def shown(self) -> str:
        """The value as it stands in a form."""
        if isinstance(self.value, list):
            return ", ".join(str(part) for part in self.value)
        return self.value.isoformat() if isinstance(self.value, date) else str(self.value)


def fields(text: str, rule: str) -> list[Field]:
    """The terms of a rule's kind, then its words in both languages; KeyError when there is no such rule."""
    body = packtext.tree(packtext.rule_text(text, rule))[rule]
    kind = next(name for name in body if name in KINDS)
    found = [_term(kind, name, value, body[kind]) for name, value in (body[kind] or {}).items()]
    words: list[tuple[tuple[str, ...], Any]] = [(("say",), body["say"]), (("cure",), body.get("cure"))]
    if body["law"].get("level") == "policy":  # the firm's own sentence; a source of law is changed in the text
        words.append((("law", "cites"), body["law"]["cites"]))
    for part, texts in words:
        if isinstance(texts, dict):
            found += [
                Field(".".join((*part, lang)), (*part, lang), _label((*part, lang)), "text", texts[lang], [])
                for lang in ("zh", "en")
            ]
    return found


def _term(kind: str, name: str, value: Any, terms: Mapping[str, Any]) -> Field:
    path, choices, most = (kind, name), [], None
    if isinstance(value, str) and value in COUNTS:
        shape = "count"
        choices = [(count, packdiff.count_word(count, language())) for count in COUNTS]
    elif isinstance(value, int) and not isinstance(value, bool):
        shape = "number"
        counted = next((other for other in terms.values() if isinstance(other, str) and other in COUNTS), None)
        most = COUNTS[counted][0] if name == "times" and counted else None
    elif isinstance(value, date):
        shape = "day"
    elif isinstance(value, list):
        shape = "list"
    else:
        shape = "hour" if str(value)[2:3] == ":" else "text"
    return Field(f"{kind}.{name}", path, _label(path), shape, value, choices, most)


def _label(path: tuple[str, ...]) -> str:
    return packdiff.field_in_words(path, language())


def kept(version: RuleVersion, rule: str) -> Kept | None:
    """One rule as a version words it, without the others; None when it cannot be read."""
    text = packtext.rule_text(version.text, HEAD) + packtext.rule_text(version.text, rule)
    try:
        pack = packs.load(text, file=version.file)
    except PackError:
        return None
    return Kept(pack.rules[0], pack, binds=True, on=clock.today())


def with_fields(text: str, rule: str, given: Mapping[str, str]) -> str:
    """The text with what was typed in place of what it says."""
    for field in fields(text, rule):
        if field.name in given:
            value = field.read(given[field.name])
            if value != field.value:
                text = packtext.with_value(text, (rule, *field.path), value)
    return text


# ---- settings


@dataclass(frozen=True)
class Choice:
    """A rule the firm or legal may decide about."""

    rule: Rule
    says: str
    cites: str
    chosen: bool


def settings_choices(*, at: datetime) -> tuple[list[Choice], list[Choice]]:
    """(unconfirmed rules legal may sign off, soft rules the firm may make refuse), as they stand."""
    rules, chosen = rules_as_written(at)
    unconfirmed = [_choice(rule, rule.id in chosen.signed_off) for rule in settings.unconfirmed(rules)]
    return unconfirmed, [_choice(rule, rule.id in chosen.stricter) for rule in settings.soft(rules)]


def _choice(rule: Rule, chosen: bool) -> Choice:
    return Choice(rule, rule.say[language()], rule.cites[language()], chosen)


# ---- a trial


@dataclass(frozen=True)
class Sum:
    """A line of a table: of what, contacts, cases, money by currency."""

    of: Any
    n: int
    cases: int
    money: list[tuple[str, int]]


@dataclass(frozen=True)
class Side:
    """Contacts stopped, contacts freed, or items lost."""

    whole: Sum
    rules: list[Sum]
    teams: list[Sum]
    buckets: list[Sum]
    examples: list[Mapping[str, Any]]


def side(trial: Trial, name: str) -> Side:
    """`stopped`, `freed` or `plan` of a finished trial."""
    found = trial.result[name]
    rules, teams, buckets = ([_sum(row) for row in found[part]] for part in ("rules", "teams", "buckets"))
    examples: list[Mapping[str, Any]] = [{**row, "moment": _moment(row)} for row in found["examples"]]
    return Side(_sum({**found, "of": ""}), rules, teams, sorted(buckets, key=lambda row: int(row.of)), examples)


def _sum(row: Mapping[str, Any]) -> Sum:
    # The currency with most at stake first: it is the one a reader looks for.
    money = sorted(row["money"].items(), key=lambda pair: -pair[1])
    return Sum(row["of"], row["n"], row["cases"], money)


def _moment(row: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(row["at"]) if "at" in row else None


def unmoved(trial: Trial) -> bool:
    """Whether no contact would be stopped or freed and no item lost; hours may be shorter and decisions others yet."""
    return not any(trial.result[name]["n"] for name in ("stopped", "freed", "plan"))


def unchanged(trial: Trial) -> bool:
    """Whether nothing at all comes out otherwise, of verdicts and items that can all be told."""
    others = ("otherwise", "shortened", "cannot_tell", "unreadable")
    return unmoved(trial) and not any(trial.result[name] for name in others)


def lacking(trial: Trial) -> list[tuple[Any, int]]:
    """Facts that were not kept, in words, and on how many verdicts the answer turns on each."""
    return [(facts.NAMES.get(name, name), n) for name, n in trial.result["lacking"].items()]


# ---- a replay

REPLAYED: Final = {
    "decision": _("decision"),
    "rules": _("rules"),
    "at": _("moment"),
    "earliest": _("earliest lawful moment"),
    "lawful_until": _("lawful until"),
    "facts": _("facts"),
    "packs": _("packs"),
}


def told(what: Mapping[str, Sequence[Any]]) -> Iterator[tuple[Any, str, str]]:
    """(field in words, stored, again) of a difference."""
    for field, (stored, again) in what.items():
        yield REPLAYED.get(field, field), _value(field, stored), _value(field, again)


def _value(field: str, value: Any) -> str:
    if value is None:
        return "–"
    if field == "decision":
        label = dict(Verdict._meta.get_field("decision").flatchoices).get(value, value)
        return str(label)
    if field in {"at", "earliest", "lawful_until"}:
        return facts.local(int(value))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
