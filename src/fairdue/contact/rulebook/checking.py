"""Whether a text may come into force: form, names, examples."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from django.utils.translation import gettext as _

from fairdue.contact.rulebook.models import PackText
from fairdue.contact.rulebook.reading import in_force
from fairdue.law import packs as rule_packs
from fairdue.law import packtext, settings
from fairdue.law.located import PackError
from fairdue.law.packs import Pack
from fairdue.law.packtext import Mistake, Tried


@dataclass(frozen=True)
class Checked:
    """pack: as it reads, None when it cannot be read; mistakes by line; every example with what came out."""

    pack: Pack | None
    mistakes: tuple[Mistake, ...]
    tried: tuple[Tried, ...]

    @property
    def failed(self) -> tuple[Tried, ...]:
        """Examples that came out otherwise."""
        return tuple(one for one in self.tried if one.found)

    @property
    def good(self) -> bool:
        """Whether it may be submitted."""
        return not self.mistakes and not self.failed


def check(text: str, *, pack: str, file: str, at: datetime) -> Checked:
    """Look at a text that is meant for `pack` from `at` on."""
    others = [one for one in in_force(at) if one.id != pack]
    if pack == settings.ID:
        return _settings(text, others, file)
    looked = _look(text, file)
    if looked.pack is None:
        return looked
    found = [*looked.mistakes, *_names(looked.pack, text, pack, others), *_label(looked.pack, text)]
    return replace(looked, mistakes=tuple(found))


@lru_cache(maxsize=16)
def _look(text: str, file: str) -> Checked:
    """What a text says by itself; worked out once, for a page is looked at more often than it is written."""
    mistakes = tuple(packtext.mistakes(text, file=file))
    if packtext.unreadable(text, file=file):
        return Checked(None, mistakes, ())
    read = rule_packs.load(text, file=file)
    # A number changed by the form may leave all examples of a rule on one side; that must not send anybody into YAML.
    shown = {rule.id for rule in read.rules if rule.examples}
    grave = tuple(one for one in mistakes if one.field != "examples" or one.rule not in shown)
    return Checked(read, grave, tuple(packtext.tried(read)))


def _names(read: Pack, text: str, pack: str, others: Sequence[Pack]) -> list[Mistake]:
    where = packtext.places(text)
    found = []
    if read.id != pack:
        found.append(Mistake(read.file, where["pack"][0] + 1, "pack", "id", _("leave the id %s as it is") % pack))
    taken = {rule.id: other.id for other in others for rule in other.rules}
    for rule in read.rules:
        if rule.id in taken:
            why = _("the pack %s has a rule of this name; choose another") % taken[rule.id]
            found.append(Mistake(read.file, where[rule.id][0] + 1, rule.id, "", why))
    return found


def _label(read: Pack, text: str) -> list[Mistake]:
    """Two texts of one pack never carry the same version."""
    if PackText.objects.filter(pack=read.id, version=read.version).exclude(hash=read.hash).exists():
        first, last = packtext.places(text)["pack"][:2]
        lines = text.splitlines()[first:last]
        line = next((n for n, one in enumerate(lines, first + 1) if one.lstrip().startswith("version")), first + 1)
        why = _("version %s was given before to another text; choose another") % read.version
        return [Mistake(read.file, line, "pack", "version", why)]
    return []


def _settings(text: str, others: Sequence[Pack], file: str) -> Checked:
    try:
        chosen = settings.load(text)
    except PackError as error:
        return Checked(None, (Mistake(file, 1, settings.ID, "", str(error)),), ())
    known = {rule.id for pack in others for rule in pack.rules}
    unknown = sorted({*chosen.signed_off, *chosen.stricter} - known)
    mistakes = tuple(Mistake(file, 1, name, "", _("no rule in force has this name")) for name in unknown)
    return Checked(settings.as_pack(text), mistakes, ())
