"""The packs that come with Fairdue enter the rulebook: after every migration, and when a question finds it empty."""

from datetime import date
from importlib.resources import files
from typing import Final

from django.db import transaction

from fairdue.accounts.columns import rows
from fairdue.contact.rulebook.models import PackText, RuleVersion
from fairdue.journal import services as journal
from fairdue.law import packs

BEGINNING: Final = date(1970, 1, 1)
"""The first version of a pack has always been in force; its rules have dates of their own."""
_LOCK: Final = 20_261_128
"""Key of the lock under which packs are registered."""
_STATUS = RuleVersion.Status


@transaction.atomic
def register(*, on: date) -> list[RuleVersion]:
    """Enter every shipped pack whose text is not known yet; the versions that are new. Safe to repeat.

    The first text of a pack is its version 1. A newer text follows from `on` where nobody of the firm changed the pack;
    where somebody did it becomes a draft without an author, for people to take over or leave.
    """
    rows("select pg_advisory_xact_lock(%s)", [_LOCK])
    known = set(RuleVersion.objects.exclude(shipped="").values_list("pack", "shipped"))
    new = [pack for pack in packs.written() if (pack.id, pack.hash) not in known]
    return [_enter(pack, _text(pack), on) for pack in new]


def _text(pack: packs.Pack) -> str:
    return (files("fairdue.law") / "packs").joinpath(*pack.file.split("/")).read_text("utf-8")


def _enter(pack: packs.Pack, text: str, on: date) -> RuleVersion:
    versions = RuleVersion.objects.filter(pack=pack.id)
    latest = versions.filter(status=_STATUS.APPROVED).order_by("-number").first()
    last = versions.order_by("-number").values_list("number", flat=True).first() or 0
    ours = latest is not None and latest.author_id is not None
    kept = None
    if not ours:
        kept, _ = PackText.objects.get_or_create(
            hash=pack.hash, defaults={"pack": pack.id, "version": pack.version, "file": pack.file, "text": text}
        )
    version = RuleVersion.objects.create(
        pack=pack.id,
        number=last + 1,
        file=pack.file,
        text=text,
        shipped=pack.hash,
        kept=kept,
        based_on=latest,
        reason="comes with Fairdue",
        status=_STATUS.DRAFT if ours else _STATUS.APPROVED,
        force_from=None if ours else BEGINNING if latest is None else max(on, latest.force_from or on),
    )
    if latest is not None:
        journal.write(
            "rules.offered" if ours else "rules.registered", subject="rule_version", subject_id=version.pk,
            pack=pack.id, version=pack.version, hash=pack.hash,
        )  # fmt: skip
    return version
