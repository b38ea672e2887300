"""Verbs of intake: accept a file, preview it, load it whole, give back what was rejected."""

import contextlib
import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import yaml
from django.conf import settings
from django.db import DataError, connection, transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from fairdue.accounts import proof
from fairdue.accounts.models import Account, Creditor
from fairdue.cases import services as cases
from fairdue.flows import payment as payments
from fairdue.intake import mapping as mappings
from fairdue.intake.checking import Checker
from fairdue.intake.fields import KINDS, Kind
from fairdue.intake.loading import run as loading
from fairdue.intake.loading.ends import Setting
from fairdue.intake.loading.progress import Watch
from fairdue.intake.loading.tally import Tally
from fairdue.intake.mapping import Mapping
from fairdue.intake.models import Load
from fairdue.intake.problems import FileRefused, Language, Problem, RowError, problem
from fairdue.intake.reading import open_file
from fairdue.journal import services as journal
from fairdue.people.models import Person
from fairdue.staff.models import User

Progress = Callable[[int, int | None], None]
"""Called with (rows read so far, rows in all or None while unknown)."""

_LOCKS = 20_261_123
"""The first half of the advisory locks of intake; the second is creditor × 10 + kind."""
_KIND_NUMBERS: dict[str, int] = {"accounts": 1, "dues": 2, "payments": 3, "contacts": 4}
_LOCK_SECONDS = 20
_ERRORS_MOST = 100


class Busy(Exception):  # noqa: N818 - a state of affairs, not a fault
    """Another file of the same creditor and kind is being loaded; this one can be run when it is finished."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file as they would be understood. `problems` not empty: the file would be refused whole."""

    columns: list[str]
    rows: list[dict[str, Any]]  # canonical field → value, with "row"
    errors: list[RowError]
    warnings: list[RowError]
    problems: list[Problem]
    rows_seen: int = 0
    rejected: int = 0
    unused: list[str] = field(default_factory=list)
    format: str = ""
    encoding: str = ""


# ── accepting ──


def accept(*, creditor: Creditor, kind: Kind, file: IO[bytes], name: str, mapping: str, by: User | None = None) -> Load:
    """Keep an uploaded file under MEDIA_ROOT/intake and note it. `mapping`: YAML text. Loads nothing.

    The stored name is made of random characters; the uploaded name is kept for people only, without path or control
    characters. Files are readable by this user of the machine alone.
    """
    folder = Path(settings.MEDIA_ROOT) / "intake" / f"{timezone.localdate():%Y-%m}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{secrets.token_hex(16)}{_suffix(name)}"
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            kept.write(chunk)
    with transaction.atomic():
        load = Load.objects.create(
            creditor=creditor, kind=kind, name=clean_name(name), path=str(path), sha256=digest.hexdigest(),
            mapping=mapping, by=by,
        )  # fmt: skip
        journal.write("load.accepted", by=by, subject="load", subject_id=load.pk, creditor=creditor.code, kind=kind,
                      sha256=load.sha256, bytes=path.stat().st_size)  # fmt: skip
    return load


def clean_name(name: str) -> str:
    """The uploaded name as it may be shown: its last part, without control and direction characters, 120 at most."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"}).strip(" .")
    return plain[-120:] or "file"


def _suffix(name: str) -> str:
    found = re.search(r"\.(csv|txt|tsv|xlsx|parquet|csv\.gz)$", name.lower())
    return found[0] if found else ".dat"


@transaction.atomic
def remap(*, load: Load, mapping: str, kind: Kind, by: User | None = None) -> Load:
    """Change the mapping (and kind) of a file that is not loaded yet."""
    locked = Load.objects.select_for_update(no_key=True).get(pk=load.pk)
    if locked.status != Load.Status.UPLOADED:
        raise Busy(f"load {load.pk} is already {locked.status}")
    locked.mapping, locked.kind = mapping, kind
    locked.save(update_fields=["mapping", "kind"])
    return locked


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


def parsed_mapping(load: Load) -> Mapping:
    """The mapping of a load for its kind. Raises FileRefused."""
    book = mappings.parse(load.mapping)
    found = book.mappings.get(cast(Kind, load.kind))
    if found is None:
        raise FileRefused([problem("mapping_empty", file="mapping.yaml", kinds=load.kind)])
    if found.creditor_ref != load.creditor.code:
        raise FileRefused(
            [
                problem(
                    "mapping_choice",
                    file="mapping.yaml",
                    field="creditor",
                    found=found.creditor_ref,
                    known=load.creditor.code,
                )
            ]
        )
    return found


def draft_mapping(*, creditor: Creditor, columns: Sequence[str], kind: Kind | None, name: str) -> tuple[Kind, str]:
    """The kind and the mapping to begin with: the creditor's own where it fits, else a guess from the headers."""
    if creditor.mapping:
        with contextlib.suppress(FileRefused):
            book = mappings.parse(creditor.mapping)
            own = book.for_file(name) if kind is None else book.mappings.get(kind)
            guessed = mappings.guess(columns).kind if kind is None else kind
            own = own or book.mappings.get(guessed)
            if own is not None:
                return own.kind, creditor.mapping
    draft = mappings.guess(columns, kind=kind)
    named = {"ref": creditor.code, "name": creditor.name_zh}
    text = re.sub(r"^creditor:\n(?:  .*\n)+", yaml.safe_dump({"creditor": named}, allow_unicode=True), draft.yaml)
    return draft.kind, text


# ── looking ──


def preview(*, path: Path, name: str, mapping: Mapping, rows: int = 20, language: Language = "en") -> Preview:
    """How the first `rows` rows of a file would be understood; writes nothing."""
    reading = open_file(
        path, encoding=mapping.encoding, separator=mapping.separator, sheet=mapping.sheet,
        header_row=mapping.header_row, batch_rows=rows,
    )  # fmt: skip
    problems = reading.problems or mappings.missing_columns(mapping, reading.columns, name=name)
    if problems:
        return Preview(reading.columns, [], [], [], problems, format=reading.format, encoding=reading.encoding)
    batch = next(reading.batches(), None)
    if batch is None:
        return Preview(reading.columns, [], [], [], reading.problems, format=reading.format, encoding=reading.encoding)
    checked = Checker(mapping, language=language, as_of=timezone.localdate()).check(batch)
    used = {each.column for each in mapping.fields.values()}
    return Preview(
        columns=reading.columns,
        rows=list(checked.good.iter_rows(named=True)),
        errors=checked.errors,
        warnings=checked.warnings,
        problems=reading.problems,
        rows_seen=len(batch.frame),
        rejected=len(checked.rejected),
        unused=[column for column in reading.columns if column not in used],
        format=reading.format,
        encoding=reading.encoding,
    )


def check_file(*, path: Path, creditor_code: str, kind: Kind, mapping_path: Path | None = None) -> dict[str, Any]:
    """Read a whole file, loading nothing: columns, first rows as understood, counts, sums, problems; JSON-able.

    Keys: problem (text, empty if none), read, good, rejected, sums, sample, errors (first 100 sentences), format.
    """
    report: dict[str, Any] = {
        "problem": "",
        "read": 0,
        "good": 0,
        "rejected": 0,
        "sums": [],
        "sample": [],
        "errors": [],
    }
    try:
        text = _mapping_text(creditor_code, mapping_path)
        mapping = _of_kind(mappings.parse(text, name=mapping_path.name if mapping_path else "mapping.yaml"), kind)
        shown = preview(path=path, name=path.name, mapping=mapping)
        if shown.problems:
            raise FileRefused(shown.problems)
        report |= {"format": shown.format, "encoding": shown.encoding, "columns": shown.columns, "unused": shown.unused}
        report["sample"] = [
            {name: str(value) for name, value in row.items() if value is not None} for row in shown.rows
        ]
        _check_all(path, mapping, report)
    except FileRefused as refused:
        report["problem"] = "\n".join(each.text("en") for each in refused.problems)
    return report


def _check_all(path: Path, mapping: Mapping, report: dict[str, Any]) -> None:
    reading = open_file(
        path, encoding=mapping.encoding, separator=mapping.separator, sheet=mapping.sheet, header_row=mapping.header_row
    )
    checker, tally = Checker(mapping, as_of=timezone.localdate()), Tally(mapping)
    for batch in reading.batches():
        checked = checker.check(batch)
        tally.reject(checked.errors)
        left = _ERRORS_MOST - len(report["errors"])
        report["errors"] += [f"row {error.row}: {error.text('en')}" for error in checked.errors[:left]]
    totals = checker.totals
    report |= {"read": totals.rows_read, "good": totals.rows_good, "rejected": totals.rows_rejected}
    report["faults"] = dict(tally.faults.most_common())
    report["sums"] = [
        {"field": name, "currency": currency, "read": cents, "good": totals.money_good.get((name, currency), 0),
         "rejected": totals.money_rejected.get((name, currency), 0)}
        for (name, currency), cents in sorted(totals.money_read.items())
    ]  # fmt: skip
    if reading.problems:
        raise FileRefused(reading.problems)


# ── loading ──


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
    setting = Setting(creditor, mapping, timezone.localdate(timezone=_zone(creditor)), load.pk, load.name)
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
    "contacts": ("contact_attempt",),
}  # fmt: skip


def _look_anew(kind: str) -> None:
    """Let the planner see what came in: with the statistics of before it compares whole tables row by row."""
    with connection.cursor() as cursor:
        if kind == "accounts":
            cursor.execute("select gin_clean_pending_list('person_words')")
        for table in _FILLED[kind]:
            cursor.execute(f"analyze {table}")


def _zone(creditor: Creditor) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(creditor.zone)


def language_of(load: Load) -> Language:
    """The language of the returned file: the uploader's, else the mapping's, else the creditor's."""
    if load.by is not None:
        return "zh" if load.by.language.startswith("zh") else "en"
    return "zh" if load.creditor.jurisdiction == "cn" else "en"


def _lock(load: Load) -> None:
    """One load per creditor and kind. A load killed a moment ago may still hold the lock until the database notices."""
    keys = [_LOCKS, load.creditor_id * 10 + _KIND_NUMBERS[load.kind]]
    with connection.cursor() as cursor:
        cursor.execute("set local client_connection_check_interval = '500ms'")
        cursor.execute(f"set local lock_timeout = '{_LOCK_SECONDS}s'")
        from django.db import OperationalError

        try:
            with transaction.atomic():
                cursor.execute("select pg_advisory_xact_lock(%s, %s)", keys)
        except OperationalError as error:
            raise Busy(
                f"another {load.kind} file of {load.creditor.code} is being loaded; try again when it is done"
            ) from error
        if load.kind == "accounts":  # persons are shared between creditors
            cursor.execute("set local lock_timeout = 0")
            cursor.execute("select pg_advisory_xact_lock(%s, 0)", [_LOCKS])
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


# ── from the command line ──


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
    text = _mapping_text(creditor_code, mapping_path)
    creditor = _creditor(
        creditor_code, mappings.parse(text, name=mapping_path.name if mapping_path else "mapping.yaml")
    )
    with path.open("rb") as file:
        load = accept(creditor=creditor, kind=kind, file=file, name=path.name, mapping=text, by=by)
    return run(load=load, progress=progress)


def _mapping_text(creditor_code: str, mapping_path: Path | None) -> str:
    if mapping_path is not None:
        return mappings.load(mapping_path).text
    text = Creditor.objects.filter(code=creditor_code).values_list("mapping", flat=True).first()
    if not text:
        raise FileRefused([problem("mapping_required", file="mapping.yaml", found=creditor_code, wanted="--mapping")])
    return text


def _of_kind(book: mappings.Book, kind: Kind) -> Mapping:
    found = book.mappings.get(kind)
    if found is None:
        raise FileRefused([problem("mapping_empty", file="mapping.yaml", kinds=kind)])
    return found


_CURRENCIES = {"CN": "CNY", "US": "USD", "HK": "HKD", "TW": "TWD", "GB": "GBP", "IN": "INR"}
_ZONES = {"US": "America/New_York", "GB": "Europe/London", "IN": "Asia/Kolkata", "TW": "Asia/Taipei"}


def _creditor(code: str, book: mappings.Book) -> Creditor:
    facts = book.creditor
    country = facts.get("country", "CN")
    found, made = Creditor.objects.get_or_create(
        code=code,
        defaults={
            "name_zh": book.creditor_name or code,
            "name_en": facts.get("name_en", book.creditor_name or code),
            "jurisdiction": country.lower() if country in {"CN", "US", "GB", "IN"} else "cn",
            "currency": facts.get("currency", _CURRENCIES.get(country, "CNY")),
            "zone": facts.get("zone", _ZONES.get(country, "Asia/Shanghai")),
            "mapping": book.text,
        },
    )
    if made:
        journal.write("creditor.added", subject="creditor", subject_id=found.pk, code=code)
    return found


def interrupted() -> list[Load]:
    """Loads that say they run while nothing runs them: their process was killed. They can be confirmed again."""
    running = Load.objects.filter(status__in=[Load.Status.CHECKING, Load.Status.LOADING])
    with connection.cursor() as cursor:
        cursor.execute(
            "select objid::bigint from pg_locks where locktype = 'advisory' and classid = %s and objsubid = 2 and granted",
            [_LOCKS],
        )
        held = {key for (key,) in cursor.fetchall()}
    return [load for load in running if load.creditor_id * 10 + _KIND_NUMBERS[load.kind] not in held]


# ── the proof of debt ──


@transaction.atomic
def add_document(*, account: Account, document: str, by: User) -> Account:
    """Note that a document of the proof-of-debt file has come in; the case leaves the repair list when nothing lacks.

    `document`: a key of accounts.proof.WEIGHTS. Safe to say twice.
    """
    assert document in proof.WEIGHTS, document
    Person.objects.select_for_update(no_key=True).get(pk=account.debtor_id)
    locked = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if getattr(locked, f"has_{document}"):
        return locked
    setattr(locked, f"has_{document}", True)
    locked.proof_score = proof.score(**{name: getattr(locked, f"has_{name}") for name in proof.WEIGHTS})
    locked.save(update_fields=[f"has_{document}", "proof_score"])
    journal.write(
        "proof.added", by=by, subject="account", subject_id=locked.pk, person_id=locked.debtor_id, document=document,
        score=locked.proof_score,
    )  # fmt: skip
    cases.open_cases(creditor=locked.creditor, persons=[locked.debtor_id])
    return locked
