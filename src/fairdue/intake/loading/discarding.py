"""A file that was uploaded and is not wanted after all."""

from pathlib import Path

from django.db import transaction

from fairdue.intake.models import Load
from fairdue.journal import services as journal
from fairdue.staff.models import User


@transaction.atomic
def discard(*, load: Load, by: User) -> bool:
    """Forget a file that was never loaded, its kept copy included; the journal keeps that it came. False: it was queued
    or loaded meanwhile, and stays."""
    locked = Load.objects.select_for_update(no_key=True).filter(pk=load.pk, status=Load.Status.UPLOADED).first()
    if locked is None:
        return False
    journal.write(
        "load.discarded", by=by, subject="load", subject_id=locked.pk, creditor=locked.creditor.code, kind=locked.kind,
        sha256=locked.sha256,
    )  # fmt: skip
    path = Path(locked.path)
    locked.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return True
