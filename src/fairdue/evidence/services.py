"""Verbs of evidence packs: asked for, made, taken. Each is journalled."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from fairdue.contact.rulebook import reading
from fairdue.evidence import chain, datasets
from fairdue.evidence.chain import Stretch
from fairdue.evidence.models import Pack
from fairdue.evidence.report import SHOWN, Gathered, report
from fairdue.evidence.scope import Scope, ScopeError
from fairdue.evidence.writing import Written, write, write_rows, written, zip_up
from fairdue.journal import services as journal
from fairdue.journal.models import Entry
from fairdue.staff.models import User

LOCKS: Final = 20_261_128
"""The first half of the advisory lock under which a pack is made; the second is its number."""
REASON_SHORTEST: Final = 10
README: Final = "README.txt"

Progress = Callable[[str, int, int], None]
"""Told after each step: its name, steps done, steps in all."""


@transaction.atomic
def ask(
    *, scope: Scope, by: User | None, full: bool = False, reason: str = "", language: str = "zh", queue: bool = True
) -> Pack:
    """Ask for a pack and queue its making. `full` (personal data unmasked) needs a reason. Raises ScopeError."""
    reason = " ".join(reason.split())[:300]
    if full and len(reason) < REASON_SHORTEST:
        raise ScopeError(
            zh=f"完整个人信息须写明理由（至少 {REASON_SHORTEST} 个字）。",
            en=f"Personal data in full needs a reason of at least {REASON_SHORTEST} characters.",
        )
    pack = Pack.objects.create(
        person_id=scope.person_id, creditor_id=scope.creditor_id, since=scope.since, until=scope.until, full=full,
        reason=reason, language="zh" if language == "zh" else "en", by=by,
    )  # fmt: skip
    _journal("evidence.asked", pack, by, reason=reason)
    if queue:
        _queue(pack)
    return pack


def again(*, pack: Pack, by: User | None) -> bool:
    """Queue a pack that failed or whose worker was killed; whether there was anything to do."""
    stuck = pack.status == Pack.Status.RUNNING and not being_made(pack)
    if pack.status != Pack.Status.FAILED and not stuck:
        return False
    with transaction.atomic():
        changed = Pack.objects.filter(pk=pack.pk, status=pack.status).update(status=Pack.Status.QUEUED, problem="")
        if changed:
            _journal("evidence.asked", pack, by, reason=pack.reason, again=True)
            _queue(pack)
    return bool(changed)


def being_made(pack: Pack) -> bool:
    """Whether a living process works on it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from pg_locks where locktype = 'advisory' and classid = %s and objid = %s "
            "and objsubid = 2 and granted)",
            [LOCKS, pack.pk],
        )
        return bool(cursor.fetchone()[0])


def make(*, pack: Pack, now: datetime | None = None, progress: Progress | None = None) -> Pack:
    """Put a pack together; what fails is told on the pack. Two that try at once: one makes it, the other returns.

    All data is read in one snapshot of the database. Not inside a transaction: progress is written as it goes.
    """
    now = now or timezone.now()
    side = connection.copy()  # holds the lock and tells the progress, outside the snapshot
    try:
        with side.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s, %s)", [LOCKS, pack.pk])
            if not cursor.fetchone()[0]:
                return pack
        pack.refresh_from_db()
        if pack.status == Pack.Status.DONE:
            return pack
        tell = _teller(side, pack, progress)
        with tempfile.TemporaryDirectory(prefix="evidence-", dir=_folder()) as folder:
            _make(pack, Path(folder), now, tell)
    except Exception as error:
        Pack.objects.filter(pk=pack.pk).update(
            status=Pack.Status.FAILED, problem=f"{type(error).__name__}: {error}"[:2000], finished_at=timezone.now()
        )
        raise
    finally:
        side.close()
    pack.refresh_from_db()
    return pack


def take(*, pack: Pack, by: User | None) -> IO[bytes]:
    """The file of a finished pack, open for reading; journalled first. FileNotFoundError when there is none."""
    if pack.status != Pack.Status.DONE or not Path(pack.path).is_file():
        raise FileNotFoundError(pack.path or f"pack {pack.pk} is not ready")
    _journal("evidence.taken", pack, by, manifest=pack.manifest)
    return Path(pack.path).open("rb")


# ---- putting it together


def _make(pack: Pack, folder: Path, now: datetime, tell: Callable[..., None]) -> None:
    scope = Scope.of(pack)
    found, out = Gathered(), []
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        for dataset in datasets.ALL:
            tell(step=dataset.name)
            out += _dataset(dataset, pack, scope, folder, found, tell)
            tell(done=True, rows=found.counts)
        tell(step="journal")
        part = chain.stretch(scope)
        entries, head = _journal_file(scope, part, pack, folder)
        seals = chain.seals(part)
    out.append(written(folder, "journal.jsonl", rows=entries))
    found.texts = reading.texts_between(scope.since, scope.until, named=found.packs, at=now)
    out += _rule_files(folder, found.texts)
    tell(done=True, step="report")
    out.append(write(folder, "report.pdf", report(pack, found, part, head, now=now)))
    out.append(write(folder, README, _readme().encode()))
    out.append(write(folder, "verify.py", (files("fairdue.evidence") / "verify.py").read_bytes()))
    manifest = _manifest(pack, out, part, entries, seals, now)
    named = write(folder, "manifest.json", manifest)
    entry = _journal("evidence.made", pack, pack.by, manifest=named.sha256, rows=found.counts)
    lines = chain.receipt(after=part.last, entry_id=entry.pk)
    write(folder, "receipt.jsonl", "".join(map(chain.text, lines)).encode())
    tell(done=True, step="zip")
    target = _folder() / f"evidence-{pack.pk}.zip"
    names = [README, "report.pdf", "verify.py", "manifest.json", "receipt.jsonl"]
    names += [one.name for one in out if one.name not in names]
    zip_up(folder, names, target, made_at=timezone.localtime(now))
    Pack.objects.filter(pk=pack.pk).update(
        status=Pack.Status.DONE, path=str(target), size=target.stat().st_size, manifest=named.sha256, rows=found.counts,
        finished_at=timezone.now(), step="", steps_done=_steps(), problem="",
    )  # fmt: skip


def _dataset(
    dataset: datasets.Dataset, pack: Pack, scope: Scope, folder: Path, found: Gathered, tell: Callable[..., None]
) -> list[Written]:
    rows = datasets.rows(dataset, scope, full=pack.full)
    if dataset is datasets.VERDICTS:
        rows = _counting(rows, dataset, found)

    def progress(n: int) -> None:
        tell(rows={**found.counts, dataset.name: n})

    made, first = write_rows(dataset, rows, folder, tell=progress, keep=SHOWN)
    found.counts[dataset.name] = made[0].rows or 0
    found.first[dataset.name] = [dict(zip(dataset.names, row, strict=True)) for row in first]
    if dataset.why_empty:
        text = f"{dataset.why_empty['zh']}\n{dataset.why_empty['en']}\n"
        made.append(write(folder, f"{dataset.name}.txt", text.encode()))
    return made


def _counting(rows: Iterator[list[Any]], dataset: datasets.Dataset, found: Gathered) -> Iterator[list[Any]]:
    """Pass verdicts on and count what they said."""
    decision, rules, packs_at = (dataset.names.index(name) for name in ("decision", "rules", "packs"))
    for row in rows:
        found.decisions[row[decision]] += 1
        found.rules.update(json.loads(row[rules]))
        for name, told in json.loads(row[packs_at]).items():
            found.packs.setdefault(told["hash"], {"id": name, "version": told["version"]})
        yield row


def _journal_file(scope: Scope, part: Stretch, pack: Pack, folder: Path) -> tuple[int, str]:
    n, head = 0, ""
    with (folder / "journal.jsonl").open("w", encoding="utf-8") as out:
        for line in chain.lines(scope, part, full=pack.full):
            out.write(chain.text(line))
            n, head = n + 1, line["hash"]
    return n, head


def _rule_files(folder: Path, texts: Sequence[reading.Text]) -> list[Written]:
    """The rule packs word for word and a table of their rules. A text that no longer binds stands under its hash."""
    made, listed = [], []
    for text in texts:
        pack = text.pack
        name = f"rules/{pack.file}" if text.binds else f"rules/earlier/{pack.hash[:12]}/{pack.file}"
        made.append(write(folder, name, text.text.encode()))
        listed += [
            {
                "pack": pack.id, "version": pack.version, "hash": pack.hash, "file": name, "rule": rule.id,
                "public": list(rule.public), "says": dict(rule.say), "cites": dict(rule.cites),
                "law": {name: rule.law[name] for name in ("level", "confidence", "since", "until") if name in rule.law},
            }
            for rule in pack.rules
        ]  # fmt: skip
    lines = "".join(json.dumps(rule, ensure_ascii=False, default=str) + "\n" for rule in listed)
    made.append(write(folder, "json/rules.jsonl", lines.encode()))
    return made


def _manifest(
    pack: Pack, out: list[Written], part: Stretch, entries: int, seals: list[dict[str, Any]], now: datetime
) -> bytes:
    told = {
        "pack": pack.pk,
        "firm": str(settings.FIRM_NAME),
        "made_at": now.isoformat(),
        "made_by": pack.by.get_username() if pack.by else "command line",
        "reason": pack.reason,
        "personal_data": "full" if pack.full else "masked",
        "person": pack.person_id,
        "creditor": pack.creditor.code if pack.creditor else None,
        "since": pack.since and pack.since.isoformat(),
        "until": pack.until and pack.until.isoformat(),
        "journal": {"first": part.first, "last": part.last, "whole": part.whole, "entries": entries},
        "seals": seals,
        "files": [one.listed for one in sorted(out, key=lambda one: one.name)],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _readme() -> str:
    return (files("fairdue.evidence") / "readme.txt").read_text("utf-8")


# ---- small things


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "evidence"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _steps() -> int:
    return len(datasets.ALL) + 2


def _teller(side: Any, pack: Pack, progress: Progress | None) -> Callable[..., None]:
    """What writes the progress on the pack's row, from a connection of its own."""
    finished = 0

    def tell(*, step: str | None = None, done: bool = False, rows: dict[str, int] | None = None) -> None:
        nonlocal finished
        finished += done
        values: dict[str, Any] = {"status": Pack.Status.RUNNING.value, "steps": _steps(), "steps_done": finished}
        values |= {"step": step} if step else {}
        values |= {"rows": json.dumps(rows)} if rows is not None else {}
        names = ", ".join(f"{name} = %s" for name in values)
        with side.cursor() as cursor:
            cursor.execute(f"update evidence_pack set {names} where id = %s", [*values.values(), pack.pk])  # noqa: S608
        if progress:
            progress(step or "", finished, _steps())

    return tell


def _journal(verb: str, pack: Pack, by: User | None, **more: Any) -> Entry:
    return journal.write(
        verb,
        by=by,
        subject="evidence",
        subject_id=pack.pk,
        person_id=pack.person_id,
        creditor=pack.creditor_id,
        since=pack.since,
        until=pack.until,
        full=pack.full,
        **more,
    )


def _queue(pack: Pack) -> None:
    from fairdue.evidence.tasks import make_later  # the task calls make(): the two know each other

    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        make_later.configure(queueing_lock=f"evidence-{pack.pk}").defer(pack_id=pack.pk)


def copy_to(*, pack: Pack, target: Path, by: User | None = None) -> None:
    """Take a finished pack to a place of one's own."""
    with take(pack=pack, by=by) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
