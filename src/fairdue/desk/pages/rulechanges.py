"""What changed in the law between two days: rules that came, went, or took another's place, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from fairdue.contact.rulebook.models import RuleVersion
from fairdue.desk import words, writing
from fairdue.desk.pages import rulebook, versions
from fairdue.desk.pages.rulebook import Kept
from fairdue.law import settings
from fairdue.law.packs import Rule

_LIMITS: Final = {"quiet_hours", "at_most", "at_most_in", "minimum_gap"}
"""Kinds that limit something by numbers or hours: a former text and a later one say the same with others."""


@dataclass(frozen=True)
class Change:
    """A rule that came (`was` None), went (`now` None), took the place of another, or that another version of its pack
    words otherwise: `sentences` say how."""

    was: Kept | None
    now: Kept | None
    sentences: tuple[str, ...] = ()

    @property
    def kept(self) -> Kept:
        """The rule to link to: the present one, else the former."""
        found = self.now or self.was
        assert found is not None, "a change has a side"
        return found

    @property
    def differences(self) -> list[tuple[Any, Any, Any]]:
        """(what, before, after) of every part in which the new text differs from the old one."""
        if self.was is None or self.now is None:
            return []
        return [(what, old, new) for what, old, new in _parts(self.was, self.now) if str(old) != str(new)]


@dataclass(frozen=True)
class Changes:
    """Everything that changed, by pack."""

    replaced: list[Change]
    came: list[Change]
    went: list[Change]

    @property
    def count(self) -> int:
        """How many changes."""
        return len(self.replaced) + len(self.came) + len(self.went)

    @property
    def sections(self) -> list[tuple[Any, str, list[Change]]]:
        """(title, tone, changes) of each sort that occurs."""
        told = [
            (_("Changed"), "info", self.replaced), (_("New"), "ok", self.came), (_("No longer in force"), "quiet", self.went),
        ]  # fmt: skip
        return [section for section in told if section[2]]


def between(since: date, until: date) -> Changes:
    """Rules in force on `until` against those in force on `since`, each by the versions of its day. A rule that another
    version words otherwise is one change; so are a rule that ended and the one that took its place."""
    before = {kept.rule.id: kept for kept in _in_force(since)}
    after = {kept.rule.id: kept for kept in _in_force(until)}
    came = [kept for name, kept in after.items() if name not in before]
    went = [kept for name, kept in before.items() if name not in after]
    told = _Told()
    replaced = [
        change for name, kept in after.items() if name in before and (change := told.change(before[name], kept))
    ]
    for new in list(came):
        old = next((kept for kept in went if _followed(kept, new)), None)
        if old is not None:
            replaced.append(Change(old, new))
            came.remove(new)
            went.remove(old)
    return Changes(replaced, [Change(None, new) for new in came], [Change(old, None) for old in went])


class _Told:
    """What other versions changed, read once per pair of texts."""

    def __init__(self) -> None:
        self._by_pair: dict[tuple[str, str], dict[str, list[str]]] = {}

    def change(self, was: Kept, now: Kept) -> Change | None:
        """One rule of two days; None when it is the same."""
        pair = (was.pack.hash, now.pack.hash)
        if pair[0] != pair[1] and pair not in self._by_pair:
            texts = rulebook.text_of(was.pack), rulebook.text_of(now.pack)
            self._by_pair[pair] = versions.in_words(*texts)
        sentences = tuple(self._by_pair.get(pair, {}).get(now.rule.id, ()))
        return Change(was, now, sentences) if sentences or was.rule.decision != now.rule.decision else None


@dataclass(frozen=True)
class Coming:
    """A change of one rule that is approved and whose day has not come."""

    day: date
    change: Change


def coming(kept: Kept, *, today: date) -> list[Coming]:
    """What will become of a rule, day by day, by the versions of its pack and of the firm's settings."""
    approved = RuleVersion.objects.filter(status=RuleVersion.Status.APPROVED, force_from__gt=today)
    days = approved.filter(pack__in=[kept.pack.id, settings.ID]).order_by("force_from")
    ahead = [day for day in days.values_list("force_from", flat=True).distinct() if day is not None]
    told, found = _Told(), []
    was = rulebook.on_day(kept.pack.id, kept.rule.id, today) if ahead else None
    for day in ahead:
        now = rulebook.on_day(kept.pack.id, kept.rule.id, day)
        change = told.change(was, now) if was and now else Change(was, now) if was or now else None
        if change:
            found.append(Coming(day, change))
        was = now
    return found


def _in_force(day: date) -> Iterator[Kept]:
    for book in rulebook.books(rulebook.Filters(day)):
        yield from book.rules


def _followed(old: Kept, new: Kept) -> bool:
    """Whether a rule took the place of another: at once, or by way of rules of the pack that were in force between."""
    if old.pack.id != new.pack.id:
        return False
    rules = [rule for rule in new.pack.rules if rule is not new.rule]
    reached, seen = [new.rule], {new.rule.id}
    for rule in reached:  # grows while it is walked
        if _took_over(old.rule, rule):
            return True
        before = [one for one in rules if one.id not in seen and _took_over(one, rule)]
        reached += before
        seen.update(one.id for one in before)
    return False


def _took_over(old: Rule, new: Rule) -> bool:
    """A rule of the same kind under one of the same public names; or one that limits the same and begins on the day
    after the other ended."""
    if old.kind.name != new.kind.name:
        return False
    if set(old.public) & set(new.public):
        return True
    on_the_day = old.until is not None and new.since is not None and old.until + 1 == new.since
    return on_the_day and old.kind.name in _LIMITS and _counted(old) == _counted(new)


def _counted(rule: Rule) -> Any:
    return rule.terms.get("of", rule.terms.get("after"))


def _parts(was: Kept, now: Kept) -> Iterator[tuple[Any, Any, Any]]:
    yield _("What it says"), _said(was), _said(now)
    yield _("What the gate computes"), was.does, now.does
    yield _("Decision"), words.DECISIONS[was.rule.decision], words.DECISIONS[now.rule.decision]
    yield _("Applies to"), _flat(was.applies), _flat(now.applies)
    yield _("Exceptions"), _flat(was.exceptions), _flat(now.exceptions)
    yield _("Source"), was.cites, now.cites
    yield _("Rank of the source"), was.level, now.level
    yield _("Confidence"), was.rule.law["confidence"], now.rule.law["confidence"]


def _said(kept: Kept) -> str:
    return kept.rule.say["zh" if writing.chinese() else "en"]


def _flat(blocks: list[list[tuple[Any, str]]]) -> str:
    return "; ".join(", ".join(f"{name}: {value}" for name, value in block) for block in blocks if block) or "–"
