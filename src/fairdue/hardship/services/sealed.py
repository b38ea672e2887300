"""The sealed values of hardship under the newest key."""

from typing import Final

from django.db import models, transaction

from fairdue.hardship.models import Care, Evidence, File
from fairdue.people import sealing

_SEALED: Final[tuple[tuple[type[models.Model], str], ...]] = (
    (File, "words"), (Evidence, "note"), (Evidence, "content"), (Care, "secret"),
)  # fmt: skip


def rotate() -> int:
    """Seal anew what an older key sealed, row by row; how many values."""
    done = 0
    for model, field in _SEALED:
        for pk in model._default_manager.exclude(**{field: None}).values_list("pk", flat=True).order_by("pk"):
            with transaction.atomic():
                value = model._default_manager.values_list(field, flat=True).get(pk=pk)
                if value is not None and not sealing.sealed_with_newest(value):
                    anew = sealing.seal_bytes(sealing.unseal_bytes(value))
                    done += model._default_manager.filter(pk=pk, **{field: value}).update(**{field: anew})
    return done
