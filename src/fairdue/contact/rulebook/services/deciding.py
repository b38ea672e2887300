"""The second person's part: approve or decline; and withdraw what is approved and not yet in force."""

import hashlib
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from fairdue.contact.rulebook.models import PackText, RuleVersion
from fairdue.contact.rulebook.reading import firm_day
from fairdue.contact.rulebook.services.drafting import RulebookError, ready
from fairdue.journal import services as journal
from fairdue.law import packs, settings
from fairdue.staff.models import User
from fairdue.staff.policies import may

_STATUS = RuleVersion.Status


def approve(*, version: RuleVersion, by: User, now: datetime, reason: str = "") -> RuleVersion:
    """Let a submitted version come into force on its day. Raises RulebookError for its author, or when it is too late.

    The text is kept under its hash and the version approved in one transaction: there is never one without the other.
    """
    try:
        with transaction.atomic():
            found = _submitted(version, by)
            ready(found, now)
            found.kept = _keep(found)
            found.status, found.decided_by, found.decided_at = _STATUS.APPROVED, by, now
            found.decision_reason = reason.strip()[:1000]
            found.save(update_fields=["kept", "status", "decided_by", "decided_at", "decision_reason"])
            _journal("rules.approved", found, by, hash=found.kept.hash, force_from=found.force_from)
    except IntegrityError as error:  # somebody approved another heir of the same version at the same moment
        raise RulebookError(_("Another version was approved at this moment; look at it first.")) from error
    return found


@transaction.atomic
def decline(*, version: RuleVersion, by: User, reason: str, now: datetime) -> RuleVersion:
    """Refuse a submitted version, with a reason its author can act on."""
    found = _submitted(version, by)
    if not reason.strip():
        raise RulebookError(_("Say why, so that the author can mend it."), "reason")
    found.status, found.decided_by, found.decided_at = _STATUS.DECLINED, by, now
    found.decision_reason = reason.strip()[:1000]
    found.save(update_fields=["status", "decided_by", "decided_at", "decision_reason"])
    _journal("rules.declined", found, by, reason=found.decision_reason)
    return found


@transaction.atomic
def withdraw(*, version: RuleVersion, by: User, reason: str, now: datetime) -> RuleVersion:
    """Take back an approved version before its day; what is in force is replaced, never withdrawn."""
    found = RuleVersion.objects.select_for_update(no_key=True, of=("self",)).get(pk=version.pk)
    if not found.is_coming(firm_day(now)):
        raise RulebookError(_("Only a version whose day has not come can be withdrawn; draft the next one instead."))
    if not reason.strip():
        raise RulebookError(_("Say why it is withdrawn."), "reason")
    found.status = _STATUS.WITHDRAWN
    found.save(update_fields=["status"])
    _journal("rules.withdrawn", found, by, reason=reason.strip()[:1000])
    return found


def _submitted(version: RuleVersion, by: User) -> RuleVersion:
    found = RuleVersion.objects.select_for_update(no_key=True, of=("self",)).get(pk=version.pk)
    if found.status != _STATUS.SUBMITTED:
        raise RulebookError(_("The version is “%s” by now; look at it again.") % found.get_status_display())
    if found.author_id == by.pk:
        raise RulebookError(_("A second person decides, never the author."))
    if not may(by, "rules.approve"):
        raise RulebookError(_("Compliance or legal decides about rules."))
    return found


def _keep(version: RuleVersion) -> PackText:
    digest = hashlib.sha256(version.text.encode()).hexdigest()
    ours = version.pack == settings.ID
    pack = settings.as_pack(version.text) if ours else packs.load(version.text, file=version.file)
    kept, _made = PackText.objects.get_or_create(
        hash=digest,
        defaults={"pack": version.pack, "version": pack.version, "file": version.file, "text": version.text},
    )
    return kept


def _journal(verb: str, version: RuleVersion, by: User, **more: Any) -> None:
    journal.write(
        verb, by=by, subject="rule_version", subject_id=version.pk, pack=version.pack, number=version.number, **more
    )
