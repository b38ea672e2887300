"""A file waits for its worker, or waits again after its worker was killed."""

import contextlib
from typing import Final

import yaml
from django.db import connection, transaction
from procrastinate.exceptions import AlreadyEnqueued

from fairdue.accounts.models import Creditor
from fairdue.intake import mapping as mappings
from fairdue.intake.fields import KINDS
from fairdue.intake.models import Load
from fairdue.intake.services.accepting import parsed_mapping
from fairdue.journal import services as journal
from fairdue.staff.models import User

LOCKS: Final = 20_261_123
"""The first half of the advisory locks of intake; the second is creditor × 10 + kind."""
_KIND_NUMBERS: Final[dict[str, int]] = {"accounts": 1, "dues": 2, "payments": 3, "contacts": 4, "bank": 5}


def lock_of(load: Load) -> int:
    """The second half of the advisory lock under which this load's creditor and kind are loaded."""
    return load.creditor_id * 10 + _KIND_NUMBERS[load.kind]


@transaction.atomic
def confirm(*, load: Load, by: User | None, keep_mapping: bool = False) -> Load:
    """Queue a previewed (or failed, or interrupted) file for loading; safe to press twice.

    `keep_mapping` makes its mapping the creditor's own for the next file. Raises FileRefused when the mapping cannot
    be used.
    """
    from fairdue.intake.tasks import load_later  # the task calls run(): the two know each other

    locked = Load.objects.select_for_update(no_key=True, of=("self",)).select_related("creditor").get(pk=load.pk)
    broken = locked in interrupted()
    if (
        locked.status in (Load.Status.CHECKING, Load.Status.LOADING, Load.Status.DONE, Load.Status.QUEUED)
        and not broken
    ):
        return locked
    parsed_mapping(locked)
    if keep_mapping:
        _keep_mapping(locked)
    locked.status, locked.problem, locked.problems = Load.Status.QUEUED, "", []
    locked.save(update_fields=["status", "problem", "problems"])
    journal.write("load.confirmed", by=by, subject="load", subject_id=locked.pk, keep_mapping=keep_mapping)
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():  # it waits in the queue already
        load_later.configure(queueing_lock=f"load-{locked.pk}").defer(load_id=locked.pk)
    return locked


def _keep_mapping(load: Load) -> None:
    """The load's kind of file is mapped so from now on; what the creditor's mapping says of other kinds stays."""
    stored = yaml.safe_load(load.creditor.mapping or "") or {}
    fresh = yaml.safe_load(load.mapping)
    if set(stored) & (set(KINDS) - {load.kind}):
        fresh = stored | {load.kind: fresh.get("defaults", {}) | fresh[load.kind]}
        text = yaml.safe_dump(fresh, allow_unicode=True, sort_keys=False)
        mappings.parse(text)
    else:
        text = load.mapping
    Creditor.objects.filter(pk=load.creditor_id).update(mapping=text)


def interrupted() -> list[Load]:
    """Loads that say they run while nothing runs them: their process was killed. They can be confirmed again."""
    running = Load.objects.filter(status__in=[Load.Status.CHECKING, Load.Status.LOADING])
    with connection.cursor() as cursor:
        cursor.execute(
            "select objid::bigint from pg_locks where locktype = 'advisory' and classid = %s and objsubid = 2 and granted",
            [LOCKS],
        )
        held = {key for (key,) in cursor.fetchall()}
    return [load for load in running if lock_of(load) not in held]
