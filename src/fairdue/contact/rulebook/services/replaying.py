"""Every stored verdict judged again, by the facts and the packs stored with it: the answer must be the stored one.

    run = replay(now=moment)                    # verdicts since the last replay
    run = replay(now=moment, since=date(2026, 3, 1))

Verdicts are judged in batches, those of one set of packs and one shape of facts together. Each batch is written down
with the place reached in one transaction: a killed replay goes on there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max, Min
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from fairdue.accounts.columns import rows
from fairdue.contact.models import Verdict
from fairdue.contact.rulebook.models import Replay, ReplayDifference
from fairdue.contact.rulebook.reading import UnknownPack, of_verdict
from fairdue.journal import services as journal
from fairdue.law import facts as law_facts
from fairdue.law import gate
from fairdue.law.clock import NEVER
from fairdue.staff.models import User

BATCH: Final = 2000
SETTLED: Final = timedelta(minutes=5)
"""Younger verdicts wait for the next replay: a transaction that began before them may still be open."""
_LOCK: Final = 20_261_129
"""Key of the lock that a replay holds; the database gives it up when the process dies."""
_STATUS = Replay.Status
Stored = Mapping[str, Any]


class AlreadyReplaying(RuntimeError):  # noqa: N818
    """Another process is at it."""


def replay(
    *,
    now: datetime,
    since: date | None = None,
    by: User | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Replay:
    """Judge again what was judged since the last replay, or since a day; an interrupted replay is taken up first.

    `progress` is told how many of how many are done. Raises AlreadyReplaying.
    """
    with _alone():
        run = _interrupted() if since is None else None
        run = run or _begin(now, since, by)
        try:
            for _ in _batches(run):
                if progress:
                    progress(run.judged, run.total)
        except BaseException as error:
            Replay.objects.filter(pk=run.pk).update(
                status=_STATUS.FAILED, error=f"{type(error).__name__}: {error}"[:2000]
            )
            raise
        _end(run, by)
    return run


def ask_replay(*, since: date | None = None, by: User | None = None) -> bool:
    """Queue a replay unless one is waiting already; whether it was queued."""
    job = app.configure_task(
        "fairdue.contact.tasks.replay_verdicts", queue="rules", queueing_lock="replay", lock="replay"
    )
    try:
        with transaction.atomic():  # a refused job must not spoil a transaction around this
            job.defer(since=since.isoformat() if since else None, by=by.pk if by else None)
    except AlreadyEnqueued:
        return False
    return True


@contextmanager
def _alone() -> Iterator[None]:
    if not rows("select pg_try_advisory_lock(%s)", [_LOCK])[0][0]:
        raise AlreadyReplaying("a replay is under way; wait for it, or look at its page")
    try:
        yield
    finally:
        rows("select pg_advisory_unlock(%s)", [_LOCK])


def _interrupted() -> Replay | None:
    found = Replay.objects.order_by("-pk").first()
    if found is None or found.status == _STATUS.DONE:
        return None
    found.status, found.error = _STATUS.RUNNING, ""
    found.save(update_fields=["status", "error"])
    return found


def _begin(now: datetime, since: date | None, by: User | None) -> Replay:
    """A new run. One since a day never leaves a gap behind the last replay."""
    covered = Replay.objects.filter(status=_STATUS.DONE).aggregate(n=Max("upto"))["n"] or 0
    after = covered
    if since is not None:
        begin = timezone.make_aware(datetime.combine(since, time.min), timezone.get_default_timezone())
        first = Verdict.objects.filter(at__gte=begin).aggregate(n=Min("pk"))["n"]
        after = min(covered, first - 1) if first else covered
    newest = Verdict.objects.filter(at__lte=now - SETTLED).aggregate(n=Max("pk"))["n"] or 0
    upto = max(after, newest)
    return Replay.objects.create(
        begun_at=now,
        by=by,
        after=after,
        upto=upto,
        last=after,
        total=Verdict.objects.filter(pk__gt=after, pk__lte=upto).count(),
    )


def _batches(run: Replay) -> Iterator[None]:
    """Do batch after batch; the run's figures are in the database after each."""
    fields = ("pk", "at", "decision", "rules", "facts", "packs", "earliest", "lawful_until")
    while True:
        start = perf_counter()
        left = Verdict.objects.filter(pk__gt=run.last, pk__lte=run.upto).order_by("pk")
        batch = list(left.values(*fields)[:BATCH])
        if not batch:
            return
        found = differences(batch)
        with transaction.atomic():
            ReplayDifference.objects.bulk_create(
                [ReplayDifference(replay=run, verdict_id=pk, what=what) for pk, what in found], ignore_conflicts=True
            )
            Replay.objects.filter(pk=run.pk).update(
                last=batch[-1]["pk"],
                judged=F("judged") + len(batch),
                different=F("different") + len(found),
                seconds=F("seconds") + perf_counter() - start,
            )
        run.refresh_from_db()
        yield


def _end(run: Replay, by: User | None) -> None:
    ended: datetime = rows("select clock_timestamp()")[0][0]
    with transaction.atomic():
        Replay.objects.filter(pk=run.pk).update(status=_STATUS.DONE, ended_at=ended, last=run.upto)
        journal.write(
            "replay.done", by=by, subject="replay", subject_id=run.pk, verdicts=run.judged, different=run.different
        )
    run.refresh_from_db()


# ---- comparing


def differences(verdicts: Sequence[Stored]) -> list[tuple[int, dict[str, list[Any]]]]:
    """(id, {field: [stored, again]}) of the verdicts that come out otherwise, or {"packs" or "facts": [why, null]}."""
    groups: dict[tuple[Any, ...], list[Stored]] = {}
    found: list[tuple[int, dict[str, list[Any]]]] = []
    for verdict in verdicts:
        try:
            key = (tuple(sorted(p["hash"] for p in verdict["packs"].values())), law_facts.shape(verdict["facts"]))
        except (KeyError, TypeError, AttributeError) as error:
            found.append((verdict["pk"], _unreadable(error)))
        else:
            groups.setdefault(key, []).append(verdict)
    for group in groups.values():
        found += _of_group(group)
    return sorted(found, key=lambda pair: pair[0])


def _of_group(group: Sequence[Stored]) -> list[tuple[int, dict[str, list[Any]]]]:
    """Those of one set of packs and one shape of facts; a row that cannot be read is told by itself."""
    try:
        packs = of_verdict(group[0]["packs"])
    except UnknownPack as error:
        return [(verdict["pk"], {"packs": [str(error), None]}) for verdict in group]
    try:
        judged = gate.judge(law_facts.Facts.from_rows([verdict["facts"] for verdict in group]), packs)
    except (LookupError, ValueError, TypeError, AttributeError, OverflowError) as error:
        if len(group) == 1:
            return [(group[0]["pk"], _unreadable(error))]
        return [one for verdict in group for one in _of_group([verdict])]
    again = _Again(judged)
    told = ((verdict["pk"], again.otherwise(row, verdict)) for row, verdict in enumerate(group))
    return [(pk, what) for pk, what in told if what]


def _unreadable(error: Exception) -> dict[str, list[Any]]:
    return {"facts": [f"{type(error).__name__}: {error}"[:300], None]}


@dataclass
class _Again:
    """Verdicts given again. Rows on which the same rules spoke share their list."""

    judged: gate.Verdicts

    def __post_init__(self) -> None:
        self._rules: dict[bytes, list[str]] = {}

    def otherwise(self, row: int, stored: Stored) -> dict[str, list[Any]]:
        """{field: [stored, again]} where they differ."""
        judged = self.judged
        lawful = bool(judged.lawful[row])
        pairs = {
            "decision": (stored["decision"], int(judged.decision[row])),
            "rules": (stored["rules"], self._rules_of(row)),
            "at": (_minute(stored["at"]), int(stored["facts"]["instant"])),
            "earliest": (_minute(stored["earliest"]), _or_none(judged.earliest[row])),
            "lawful_until": (_minute(stored["lawful_until"]), _or_none(judged.until[row]) if lawful else None),
        }
        return {field: [was, now] for field, (was, now) in pairs.items() if was != now}

    def _rules_of(self, row: int) -> list[str]:
        key = self.judged.spoke[row].tobytes() + self.judged.unsure[row].tobytes()
        if key not in self._rules:
            self._rules[key] = [rule.id for rule in self.judged.rules_of(row)]
        return self._rules[key]


def _minute(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() // 60)


def _or_none(minute: Any) -> int | None:
    return None if minute >= NEVER else int(minute)
