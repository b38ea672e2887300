"""A change of the rules as somebody writes it: drafted, saved, submitted for a day, taken back."""

from datetime import date, datetime
from itertools import count
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from fairdue.contact.rulebook.checking import check
from fairdue.contact.rulebook.models import PackText, RuleVersion
from fairdue.contact.rulebook.reading import firm_day
from fairdue.contact.rulebook.telling import sentence
from fairdue.journal import services as journal
from fairdue.law import packtext, settings
from fairdue.law.located import PackError
from fairdue.staff.models import Role, User

_STATUS = RuleVersion.Status


class RulebookError(ValueError):
    """It cannot be done so; the message says why and what to do. `field` names what to mend ("" = the whole)."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def draft(*, pack: str, by: User, now: datetime, text: str | None = None, reason: str = "") -> RuleVersion:
    """Begin a draft on the newest approved version of a pack; without `text` a copy of it under a new label."""
    base = _newest(pack)
    number = _next_number(pack)
    if text is None:
        given = set(PackText.objects.filter(pack=pack).values_list("version", flat=True))
        label = next(label for n in count(number) if (label := f"{firm_day(now)}.{n}") not in given)
        text = packtext.with_value(base.text, ("pack", "version"), label)
    new = RuleVersion.objects.create(
        pack=pack, number=number, file=base.file, text=text, based_on=base, author=by, reason=reason.strip()
    )
    _journal("rules.drafted", new, by)
    return new


@transaction.atomic
def draft_settings(
    *, signed_off: set[str], stricter: set[str], by: User, now: datetime, reason: str = ""
) -> RuleVersion:
    """Begin a draft of the firm's settings. Raises RulebookError when somebody else than legal changes a sign-off."""
    base = RuleVersion.objects.filter(pack=settings.ID, status=_STATUS.APPROVED).order_by("-number").first()
    number = _next_number(settings.ID)
    chosen = settings.Settings(f"{firm_day(now)}.{number}", tuple(sorted(signed_off)), tuple(sorted(stricter)))
    _only_legal_signs_off(base, chosen, by)
    new = RuleVersion.objects.create(
        pack=settings.ID,
        number=number,
        file=settings.FILE,
        text=settings.text_of(chosen),
        based_on=base,
        author=by,
        reason=reason.strip(),
    )
    _journal("rules.drafted", new, by)
    return new


@transaction.atomic
def write(*, version: RuleVersion, by: User, text: str, reason: str | None = None) -> RuleVersion:
    """Write a draft's text; mistakes in it are shown, not refused. A draft nobody owns becomes the writer's."""
    found = _own(version, by, _STATUS.DRAFT)
    if len(text) > packtext.LONGEST:
        raise RulebookError(_("A pack has at most %d characters; split it.") % packtext.LONGEST, "text")
    if found.pack == settings.ID:
        _only_legal_signs_off(found.based_on, _settings(text), by)
    found.text, found.author = text.replace("\r\n", "\n").rstrip() + "\n", by
    if reason is not None:
        found.reason = reason.strip()
    found.save(update_fields=["text", "author", "reason"])
    _journal("rules.saved", found, by)
    return found


@transaction.atomic
def submit(*, version: RuleVersion, by: User, force_from: date, reason: str, now: datetime) -> RuleVersion:
    """Hand a draft to a second person, to be in force from the beginning of a day, today at the earliest.

    Raises RulebookError when it has mistakes, an example that comes out otherwise, no reason, or an outdated base.
    """
    found = _own(version, by, _STATUS.DRAFT)
    if not reason.strip():
        raise RulebookError(_("Say why the rules are to change."), "reason")
    found.force_from, found.reason, found.author = force_from, reason.strip()[:1000], by
    ready(found, now)
    found.status, found.submitted_at = _STATUS.SUBMITTED, now
    found.save(update_fields=["status", "submitted_at", "force_from", "reason", "author"])
    _journal("rules.submitted", found, by, force_from=force_from)
    return found


@transaction.atomic
def take_back(*, version: RuleVersion, by: User) -> RuleVersion:
    """A submitted version becomes a draft again, by its author."""
    found = _own(version, by, _STATUS.SUBMITTED)
    found.status, found.submitted_at = _STATUS.DRAFT, None
    found.save(update_fields=["status", "submitted_at"])
    _journal("rules.taken_back", found, by)
    return found


@transaction.atomic
def discard(*, version: RuleVersion, by: User) -> RuleVersion:
    """Give a draft up, by its author."""
    found = _own(version, by, _STATUS.DRAFT)
    found.status = _STATUS.WITHDRAWN
    found.save(update_fields=["status"])
    _journal("rules.discarded", found, by)
    return found


def ready(version: RuleVersion, now: datetime) -> None:
    """Raise RulebookError unless the version may come into force on its day, as things stand."""
    day = version.force_from
    if day is None or day < firm_day(now):
        raise RulebookError(_("Rules change from today at the earliest; choose a day."), "force_from")
    newest = RuleVersion.objects.filter(pack=version.pack, status=_STATUS.APPROVED).order_by("-number").first()
    if newest is not None and newest.pk != version.based_on_id:
        told = {"pack": version.pack, "newest": newest.number}
        raise RulebookError(
            _("Version %(newest)s of %(pack)s was approved meanwhile; begin a new draft from it.") % told
        )
    if newest is not None and newest.force_from and day < newest.force_from:
        told = {"newest": newest.number, "day": newest.force_from}
        raise RulebookError(
            _("Version %(newest)s comes into force on %(day)s; choose that day or a later one.") % told, "force_from"
        )
    checked = check(version.text, pack=version.pack, file=version.file, at=now)
    if checked.mistakes:
        raise RulebookError(sentence(checked.mistakes[0]), "text")
    if checked.failed:
        one = checked.failed[0]
        told = {"rule": one.rule, "n": one.number, "found": one.found}
        raise RulebookError(_("Example %(n)s of %(rule)s comes out otherwise: %(found)s") % told, "text")
    if version.based_on is not None and version.text == version.based_on.text:
        raise RulebookError(_("Nothing is changed."), "text")


def _newest(pack: str) -> RuleVersion:
    """The newest approved version, locked, so that numbers are given one after another."""
    versions = RuleVersion.objects.select_for_update(no_key=True, of=("self",))
    found = versions.filter(pack=pack, status=_STATUS.APPROVED).order_by("-number").first()
    if found is None:
        raise RulebookError(_("There is no pack called %s.") % pack, "pack")
    return found


def _next_number(pack: str) -> int:
    last = RuleVersion.objects.filter(pack=pack).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def _own(version: RuleVersion, by: User, status: str) -> RuleVersion:
    found = RuleVersion.objects.select_for_update(no_key=True, of=("self",)).get(pk=version.pk)
    if found.status != status:
        raise RulebookError(_("The version is “%s” by now; look at it again.") % found.get_status_display())
    if found.author_id not in (None, by.pk):
        raise RulebookError(_("Only its author changes a draft; begin your own."))
    return found


def _settings(text: str) -> settings.Settings:
    try:
        return settings.load(text)
    except PackError as error:
        raise RulebookError(str(error), "text") from error


def _only_legal_signs_off(base: RuleVersion | None, chosen: settings.Settings, by: User) -> None:
    before = settings.load(base.text).signed_off if base else ()
    if set(before) != set(chosen.signed_off) and by.role != Role.LEGAL:
        raise RulebookError(_("Rules are signed off by legal."), "signed_off")


def _journal(verb: str, version: RuleVersion, by: User, **more: Any) -> None:
    journal.write(
        verb, by=by, subject="rule_version", subject_id=version.pk, pack=version.pack, number=version.number, **more
    )
