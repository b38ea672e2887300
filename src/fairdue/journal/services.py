"""Writing to the journal."""

import json
from datetime import date
from typing import Any, Protocol

from django.db import transaction

from fairdue.journal.models import Entry, Head, Seal


class Actor(Protocol):
    """Anyone who acts: a user, or a stand-in for the system."""

    pk: Any

    def get_username(self) -> str:
        """The name written to the journal."""


def entry(
    verb: str,
    *,
    by: Actor | None = None,
    subject: str = "",
    subject_id: int | None = None,
    person_id: int | None = None,
    **detail: Any,
) -> Entry:
    """An entry not yet written, for a caller that writes it together with rows of its own; else see `write`."""
    return Entry(
        actor_id=by.pk if by else None,
        actor=by.get_username() if by else "system",
        verb=verb,
        subject=subject,
        subject_id=subject_id,
        person_id=person_id,
        detail=json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str),
    )


def write(
    verb: str,
    *,
    by: Actor | None = None,
    subject: str = "",
    subject_id: int | None = None,
    person_id: int | None = None,
    **detail: Any,
) -> Entry:
    """Append one entry inside the caller's transaction.

    `verb` is "<noun>.<past tense>" such as "contact.refused"; `by` None means the system itself. `detail` must be
    JSON-able (dates and decimals become text) and hold no personal data in the clear.
    """
    new = entry(verb, by=by, subject=subject, subject_id=subject_id, person_id=person_id, **detail)
    new.save(force_insert=True)
    return new


@transaction.atomic
def seal(*, day: date) -> Seal:
    """Note where the chain stands at the end of `day`; a day is sealed once."""
    head = Head.objects.select_for_update(no_key=True).get(pk=1)
    found, _ = Seal.objects.get_or_create(day=day, defaults={"seq": head.seq, "hash": head.hash})
    return found
