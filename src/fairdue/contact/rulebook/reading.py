"""Which packs bind at a moment, and those of a moment gone by.

One short query says which versions are in force; their texts are read and made ready once per process, by hash, and a
hash never means another text. So an approval counts from the next question on, in every process, and whoever asks holds
one consistent set until the act is over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from django.utils import timezone

from fairdue.accounts.columns import rows
from fairdue.contact.rulebook.loading import register
from fairdue.contact.rulebook.models import PackText, RuleVersion
from fairdue.law import packs as rule_packs
from fairdue.law import settings
from fairdue.law.packs import Pack, Rule

_STANDING: Final = """
    with approved as (
        select pack, kept_id, force_from, number,
            greatest(force_from::timestamp at time zone %(zone)s, decided_at) as binds_from
        from contact_ruleversion where status = 'approved'
    )
    (select distinct on (pack) kept_id, null::timestamptz from approved
      where binds_from <= %(at)s order by pack, force_from desc, number desc)
    union all
    select null, min(binds_from) from approved where binds_from > %(at)s
"""


class UnknownPack(LookupError):  # noqa: N818
    """The text of a pack is not kept."""


@dataclass(frozen=True)
class Standing:
    """What to judge by. until: the moment from which other rules bind, as far as is known now; None = none is coming."""

    packs: tuple[Pack, ...]
    until: datetime | None


def standing(at: datetime) -> Standing:
    """The packs in force at a moment, the gate's own first, and when they change next."""
    asked = {"at": at, "zone": timezone.get_default_timezone_name()}
    found = rows(_STANDING, asked)
    if len(found) == 1:
        register(on=firm_day(at))
        found = rows(_STANDING, asked)
    *chosen, (_, until) = found
    return Standing(by_hashes(tuple(sorted(name for name, _ in chosen))), until)


def in_force(at: datetime) -> tuple[Pack, ...]:
    """The packs in force at a moment."""
    return standing(at).packs


def firm_day(at: datetime) -> date:
    """The firm's own day at a moment."""
    return timezone.localdate(at, timezone.get_default_timezone())


def of_verdict(stored: Mapping[str, Mapping[str, Any]]) -> tuple[Pack, ...]:
    """The packs a verdict was judged by, from its column `packs`. Raises UnknownPack when a text is not kept."""
    return by_hashes(tuple(sorted(str(pack["hash"]) for pack in stored.values())))


@lru_cache(maxsize=512)
def by_hashes(hashes: tuple[str, ...]) -> tuple[Pack, ...]:
    """The packs of these texts in the order in which they are judged, with the firm's settings among them applied."""
    return settings.applied(*_as_written(hashes))


@lru_cache(maxsize=512)
def _as_written(hashes: tuple[str, ...]) -> tuple[tuple[Pack, ...], settings.Settings]:
    """The packs of these texts before the firm's settings, and those."""
    read = {one: _shipped(one) for one in hashes}
    missing = [one for one, pack in read.items() if pack is None]
    texts = {kept.hash: kept for kept in PackText.objects.filter(hash__in=missing)} if missing else {}
    if unknown := sorted(set(missing) - texts.keys()):
        raise UnknownPack(f"no text is kept for the hash {', '.join(unknown)}")
    found = [pack or _load(one, texts[one].file, texts[one].text) for one, pack in read.items()]
    chosen = next((settings.load(texts[pack.hash].text) for pack in found if pack.id == settings.ID), settings.NONE)
    return _in_order(found), chosen


def _in_order(packs: Iterable[Pack]) -> tuple[Pack, ...]:
    return tuple(sorted(packs, key=lambda pack: (pack.id != "gate", pack.id)))


@dataclass(frozen=True)
class Text:
    """The text of a pack word for word, and the pack it makes. binds: in force at the moment asked for."""

    text: str
    pack: Pack
    binds: bool


def texts_between(since: datetime | None, until: datetime | None, *, named: Iterable[str], at: datetime) -> list[Text]:
    """Every text that was in force from `since` to `until` (None = open), those `named` by hash, and those that bind at
    `at`: by pack, the binding one first, then the latest first."""
    binding = {pack.hash for pack in in_force(at)}
    begun = RuleVersion.objects.filter(status=RuleVersion.Status.APPROVED, kept__isnull=False)
    wanted = binding | set(named)
    if since:
        begun = begun.filter(force_from__gte=firm_day(since))
        wanted |= {pack.hash for pack in in_force(since)}
    if until:
        begun = begun.filter(force_from__lte=firm_day(until))
    wanted |= set(begun.values_list("kept", flat=True))
    found = [
        Text(kept.text, _shipped(kept.hash) or _load(kept.hash, kept.file, kept.text), kept.hash in binding)
        for kept in PackText.objects.filter(hash__in=wanted).order_by("-learned_at", "hash")
    ]
    return sorted(found, key=lambda text: (text.pack.id, not text.binds))


def with_draft(at: datetime, *, file: str, text: str) -> tuple[Pack, ...]:
    """The packs in force at a moment with a draft in the place of its pack."""
    packs, chosen = _as_written(tuple(sorted(pack.hash for pack in in_force(at))))
    if file == settings.FILE:
        return settings.applied(packs, settings.load(text))
    new = rule_packs.load(text, file=file)
    return settings.applied(_in_order([*(pack for pack in packs if pack.id != new.id), new]), chosen)


def rules_as_written(at: datetime) -> tuple[list[Rule], settings.Settings]:
    """Every rule in force before the firm's settings, and those."""
    packs, chosen = _as_written(tuple(sorted(pack.hash for pack in in_force(at))))
    return [rule for pack in packs for rule in pack.rules], chosen


def _shipped(wanted: str) -> Pack | None:
    return next((pack for pack in rule_packs.written() if pack.hash == wanted), None)


@lru_cache(maxsize=512)
def _load(wanted: str, file: str, text: str) -> Pack:
    pack = settings.as_pack(text) if file == settings.FILE else rule_packs.load(text, file=file)
    if pack.hash != wanted:
        raise UnknownPack(f"the text kept under {wanted} has the hash {pack.hash}")
    return pack
