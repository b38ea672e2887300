"""A load runs: whole or not at all."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import DataError, OperationalError, connection, transaction
from django.utils import timezone

from fairdue.cases import services as cases
from fairdue.flows import incoming
from fairdue.flows import payment as payments
from fairdue.intake import mapping as mappings
from fairdue.intake.fields import Kind
from fairdue.intake.loading import run as loading
from fairdue.intake.loading.ends import Setting
from fairdue.intake.loading.progress import Watch
from fairdue.intake.models import Load
from fairdue.intake.problems import FileRefused, Language
from fairdue.intake.services.accepting import accept, parsed_mapping
from fairdue.intake.services.creditors import creditor_of
from fairdue.intake.services.looking import mapping_text
from fairdue.intake.services.queueing import LOCKS, lock_of
from fairdue.journal import services as journal
from fairdue.staff.models import User

Progress = Callable[[int, int | None], None]
"""Called with (rows read so far, rows in all or None while unknown)."""

LOCK_SECONDS = 20


class Busy(Exception):  # noqa: N818 - a state of affairs, not a fault
    """Another file of the same creditor and kind is being loaded; this one can be run when it is finished."""


def run(*, load: Load, progress: Progress | None = None) -> Load:
    """Check, stage and apply a file: whole or not at all. A load that is done is returned as it is.

    Ends in DONE (rows may be rejected) or FAILED (`problem` says why). Raises Busy when another load of the same
    creditor and kind runs. A killed load leaves nothing behind but its status: run it again.
    """
    with Watch(load, progress=progress) as watch:
        try:
            finished = _run_whole(load, watch)
        except Busy:
            raise
        except FileRefused as refused:
            return _fail(load, problems=[{"zh": p.text("zh"), "en": p.text("en")} for p in refused.problems])
        except Exception as error:
            _fail(load, problems=[_OURS], error=error)
            raise
    if finished.kind == "payments":
        payments.apply_loaded(now=timezone.now(), creditor=finished.creditor)
    if finished.kind == "bank":
        incoming.match_new(creditor=finished.creditor, now=timezone.now())
    return finished


_OURS = {
    "zh": "载入时出现内部错误，没有写入任何数据。请稍后重试；如再次出现，请联系管理员。",
    "en": "An internal error stopped the load; nothing was written. Try again; if it happens again, tell the administrator.",
}


@transaction.atomic
def _run_whole(load: Load, watch: Watch) -> Load:
    _lock(load)
    load = Load.objects.select_related("creditor", "by").get(pk=load.pk)
    if load.status == Load.Status.DONE:
        return load
    watch.start()
    mapping = parsed_mapping(load)
    creditor = load.creditor
    setting = Setting(creditor, mapping, timezone.localdate(timezone=ZoneInfo(creditor.zone)), load.pk, load.name)
    path = Path(load.path)
    done = loading.load(
        path, setting=setting, rejected=path.with_name(f"{path.stem}-rejected.csv"), language=language_of(load),
        tell=watch.tell,
    )  # fmt: skip
    if done.rows.get("loaded", 0) >= _MANY:
        _look_anew(load.kind)
    if load.kind == "accounts":
        watch.step("cases")
        cases.open_cases(creditor=creditor)
    load.status, load.finished_at = Load.Status.DONE, timezone.now()
    load.started_at = watch.started_at
    load.rows_read = load.rows_total = done.read
    load.loaded, load.updated, load.unchanged, load.rejected = (
        done.rows.get(end, 0) for end in ("loaded", "updated", "unchanged", "rejected")
    )
    load.sums, load.seconds, load.rejected_path, load.step = done.sums, done.seconds, done.rejected_path, ""
    load.problem, load.problems = "", []
    watch.stop()  # from here on this transaction holds the row
    load.save()
    journal.write(
        "load.finished", by=load.by, subject="load", subject_id=load.pk, creditor=creditor.code, kind=load.kind,
        sha256=load.sha256, read=done.read, **done.rows,
    )  # fmt: skip
    return load


_MANY = 1_000
_FILLED: dict[str, tuple[str, ...]] = {
    "accounts": (
        "people_person", "people_contactpoint", "people_relation", "accounts_account", "accounts_transfer",
        "accounts_balance", "cases_case",
    ),
    "dues": ("accounts_due",),
    "payments": ("accounts_payment",),
    "bank": ("accounts_incoming",),
    "contacts": ("contact_attempt",),
}  # fmt: skip


def _look_anew(kind: str) -> None:
    """Let the planner see what came in: with the statistics of before it compares whole tables row by row."""
    with connection.cursor() as cursor:
        if kind == "accounts":
            cursor.execute("select gin_clean_pending_list('person_words')")
        for table in _FILLED[kind]:
            cursor.execute(f"analyze {table}")


def language_of(load: Load) -> Language:
    """The language of the returned file: the uploader's, else the mapping's, else the creditor's."""
    if load.by is not None:
        return "zh" if load.by.language.startswith("zh") else "en"
    return "zh" if load.creditor.jurisdiction == "cn" else "en"


def _lock(load: Load) -> None:
    """One load per creditor and kind. A load killed a moment ago may still hold the lock until the database notices."""
    keys = [LOCKS, lock_of(load)]
    with connection.cursor() as cursor:
        cursor.execute("set local client_connection_check_interval = '500ms'")
        cursor.execute(f"set local lock_timeout = '{LOCK_SECONDS}s'")
        try:
            with transaction.atomic():
                cursor.execute("select pg_advisory_xact_lock(%s, %s)", keys)
        except OperationalError as error:
            raise Busy(
                f"another {load.kind} file of {load.creditor.code} is being loaded; try again when it is done"
            ) from error
        if load.kind == "accounts":  # persons are shared between creditors
            cursor.execute("set local lock_timeout = 0")
            cursor.execute("select pg_advisory_xact_lock(%s, 0)", [LOCKS])
        cursor.execute("set local lock_timeout = 0")
        cursor.execute("set local work_mem = '64MB'")
        # A session that has used temporary tables before keeps the buffers it has.
        with contextlib.suppress(DataError), transaction.atomic():
            cursor.execute("set local temp_buffers = '64MB'")
        cursor.execute("set local jit = off")
        cursor.execute("set local gin_pending_list_limit = '128MB'")  # names are sorted into the index once, at the end
        # A batch touches a few rows of large tables: by the index, not by reading the whole table for each batch.
        cursor.execute("set local random_page_cost = 1.1")


@transaction.atomic
def _fail(load: Load, *, problems: list[dict[str, str]], error: Exception | None = None) -> Load:
    failed = Load.objects.select_for_update(no_key=True).get(pk=load.pk)
    if failed.status == Load.Status.DONE:
        return failed
    failed.status, failed.finished_at, failed.step = Load.Status.FAILED, timezone.now(), ""
    failed.problems, failed.problem = problems, "\n".join(each["en"] for each in problems)
    failed.rows_read = failed.loaded = failed.updated = failed.unchanged = failed.rejected = 0
    failed.save()
    journal.write(
        "load.failed", by=failed.by, subject="load", subject_id=failed.pk, kind=failed.kind,
        error=type(error).__name__ if error else "refused", problems=len(problems),
    )  # fmt: skip
    return failed


def load_file(
    *,
    path: Path,
    creditor_code: str,
    kind: Kind,
    mapping_path: Path | None = None,
    by: User | None = None,
    progress: Progress | None = None,
) -> Load:
    """accept() and run() for a file on disk. A creditor not known yet is made from the mapping file's own facts.

    Raises FileRefused when the mapping cannot be read, or the creditor is unknown and has no mapping.
    """
    text = mapping_text(creditor_code, mapping_path)
    creditor = creditor_of(
        creditor_code, mappings.parse(text, name=mapping_path.name if mapping_path else "mapping.yaml")
    )
    with path.open("rb") as file:
        load = accept(creditor=creditor, kind=kind, file=file, name=path.name, mapping=text, by=by)
    return run(load=load, progress=progress)
