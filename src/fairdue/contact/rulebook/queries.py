"""The rulebook read: versions by pack, what is coming, what a trial found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from fairdue.contact.rulebook.models import Replay, RuleVersion, Trial
from fairdue.law import packs, packtext, settings
from fairdue.law.located import PackError

_STATUS = RuleVersion.Status


@dataclass(frozen=True)
class Shelf:
    """The versions of one pack: the one in force, those that come, those people work on, those that were."""

    pack: str
    binding: RuleVersion | None
    coming: tuple[RuleVersion, ...]
    open: tuple[RuleVersion, ...]
    former: tuple[RuleVersion, ...]


def versions() -> QuerySet[RuleVersion]:
    """Every version with its people, without the texts."""
    people = RuleVersion.objects.select_related("author", "decided_by", "based_on")
    return people.defer("text", "based_on__text").order_by("pack", "-number")


def shelves(*, today: date) -> list[Shelf]:
    """Every pack with its versions: the firm's own first, the gate's last."""
    by_pack: dict[str, list[RuleVersion]] = {}
    for version in versions():
        by_pack.setdefault(version.pack, []).append(version)
    order = sorted(by_pack, key=lambda pack: (pack != settings.ID, pack != "house", pack == "gate", pack))
    return [_shelf(pack, by_pack[pack], today) for pack in order]


def _shelf(pack: str, found: Sequence[RuleVersion], today: date) -> Shelf:
    approved = [version for version in found if version.status == _STATUS.APPROVED]
    come = [version for version in approved if not version.is_coming(today)]
    binding = max(come, key=lambda version: (version.force_from, version.number), default=None)
    return Shelf(
        pack,
        binding,
        tuple(version for version in approved if version.is_coming(today)),
        tuple(version for version in found if version.status in (_STATUS.DRAFT, _STATUS.SUBMITTED)),
        tuple(v for v in found if v.status in (_STATUS.DECLINED, _STATUS.WITHDRAWN) or (v in come and v != binding)),
    )


def binding(pack: str, *, on: date) -> RuleVersion | None:
    """The version of a pack in force on a day."""
    come = RuleVersion.objects.filter(pack=pack, status=_STATUS.APPROVED, force_from__lte=on)
    return come.order_by("-force_from", "-number").first()


def replays() -> QuerySet[Replay]:
    """Every replay, the latest first."""
    return Replay.objects.select_related("by").order_by("-pk")


def trials(version: RuleVersion) -> QuerySet[Trial]:
    """The trials of a version, the latest first."""
    return Trial.objects.filter(version=version).select_related("asked_by").order_by("-pk")


# ---- drafts of the command line


def draft_from(path: Path | None, changes: Sequence[str], *, at: datetime) -> tuple[str, str, str]:
    """(pack, file, text) of a file, or of the version in force with changes such as house.calls-a-day.times=6.

    Raises ValueError saying what is missing.
    """
    if (path is None) == (not changes):
        raise ValueError("give either a file or --set RULE.TERM=VALUE")
    if path is not None:
        text = packtext.read(path)
        mistakes = packtext.unreadable(text, file=path.name)
        if mistakes:
            raise PackError(str(mistakes[0]))
        return packs.load(text, file=path.name).id, path.name, text
    rules = {_split(change)[0] for change in changes}
    found = [v for v in _binding_versions(at.date()) if rules & packtext.places(v.text).keys()]
    if len(found) != 1:
        raise ValueError(f"the rules {', '.join(sorted(rules))} do not stand in one pack that is in force")
    text = found[0].text
    for change in changes:
        rule, term, value = _split(change)
        try:
            text = packtext.with_term(text, rule, term, value)
        except KeyError as error:
            raise ValueError(f"{change}: there is no {error} to change") from error
    return found[0].pack, found[0].file, text


def _split(change: str) -> tuple[str, str, str]:
    name, equals, value = change.partition("=")
    rule, dot, term = name.rpartition(".")
    if not equals or not dot:
        raise ValueError(f"{change}: write RULE.TERM=VALUE, such as house.calls-a-day.times=6")
    return rule, term, value


def _binding_versions(on: date) -> list[RuleVersion]:
    packs_known = RuleVersion.objects.values_list("pack", flat=True).distinct()
    return [version for pack in packs_known if (version := binding(pack, on=on))]


def summary(result: Mapping[str, Any]) -> dict[str, Any]:
    """A trial's result in lines for people."""
    lines = {"verdicts": result["judged"], "items of today and tomorrow": result["items"]}
    for name, side in (("stopped", "stopped"), ("freed", "freed"), ("items lost", "plan")):
        found = result[side]
        money = ", ".join(f"{cents / 100:,.2f} {currency}" for currency, cents in found["money"].items())
        lines[name] = f"{found['n']} of {found['cases']} {'case' if found['cases'] == 1 else 'cases'}" + (
            f", owed {money}" if money else ""
        )
        for row in found["rules"]:
            lines[f"  {row['of']}"] = lines.get(f"  {row['of']}", "") + f" {name} {row['n']}"
    lines["another decision"] = result["otherwise"]
    lines["cannot tell"] = f"{result['cannot_tell']} {' '.join(result['lacking'])}".strip()
    lines["items with shorter hours"] = result["shortened"]
    return {key: value.strip() if isinstance(value, str) else value for key, value in lines.items()}
