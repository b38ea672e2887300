"""A night on record: one run a date, one row a step, written as it happens so that its page shows it live."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any, Final

from django.utils import timezone

from fairdue.accounts.columns import rows
from fairdue.cases.models import Run, Step
from fairdue.journal import services as journal
from fairdue.staff.models import User

_LOCK: Final = 20_260_301
"""Key of the lock that a night holds while it runs; the database gives it up when the process dies."""
_SECONDS_BETWEEN_NOTES: Final = 1.0


class NightError(RuntimeError):
    """The night cannot run; `zh` and `en` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class AlreadyRunning(NightError):  # noqa: N818
    """Another process is at it."""


class TooLate(NightError):  # noqa: N818
    """A later night has run."""


class TooEarly(NightError):  # noqa: N818
    """The day is further off than tomorrow."""


def last_day(now: datetime) -> date:
    """The latest day that can be planned: tomorrow. Ageing and charges would run ahead of what is known."""
    return timezone.localdate(now) + timedelta(days=1)


@contextmanager
def alone(day: date) -> Iterator[None]:
    """Hold the night's lock; AlreadyRunning when another process has it."""
    if not rows("select pg_try_advisory_lock(%s)", [_LOCK])[0][0]:
        raise AlreadyRunning(
            zh=f"夜间批处理正在运行，{day} 的批次未启动。请等待完成，或在批处理页查看进度。",
            en=f"A night is already running, so the one for {day} was not started. Wait for it, or look at its page.",
        )
    try:
        yield
    finally:
        rows("select pg_advisory_unlock(%s)", [_LOCK])


class Night:
    """The run under way."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.done = run.status == Run.Status.DONE
        self.progress: Callable[[str, dict[str, Any], float], None] | None = None
        self.summary: dict[str, Any] = {}
        self._finished = set(run.steps.filter(status=Run.Status.DONE).values_list("name", flat=True))

    def has_done(self, name: str) -> bool:
        """Whether the step was finished, now or before the run was interrupted."""
        return name in self._finished

    @contextmanager
    def step(self, n: int, name: str) -> "Iterator[Noting]":
        """Record a step around its work; what it raises is noted and goes on."""
        found, _ = Step.objects.update_or_create(
            run=self.run,
            name=name,
            defaults={"n": n, "status": Run.Status.RUNNING, "counts": {}, "error": "", "seconds": None,
                      "started_at": _moment()},
        )  # fmt: skip
        start = perf_counter()
        noting = Noting(found)
        try:
            yield noting
        except BaseException as error:
            _note(found, status=Run.Status.FAILED, error=f"{type(error).__name__}: {error}"[:2000],
                  seconds=perf_counter() - start)  # fmt: skip
            raise
        seconds = perf_counter() - start
        _note(found, status=Run.Status.DONE, counts=noting.found, seconds=seconds)
        self._finished.add(name)
        if self.progress:
            self.progress(name, noting.found, seconds)


class Noting:
    """Takes the counts of a step, and shows them on the way."""

    def __init__(self, step: Step) -> None:
        self._step, self._noted = step, perf_counter()
        self.found: dict[str, Any] = {}

    def counts(self, **found: Any) -> None:
        """Note counts; written at once if the last writing is a second ago, else with the next or at the end."""
        self.found |= found
        if perf_counter() - self._noted >= _SECONDS_BETWEEN_NOTES:
            self._noted = perf_counter()
            _note(self._step, counts=self.found)


@contextmanager
def opened(day: date, *, now: datetime, by: User | None, force: bool) -> Iterator[Night]:
    """The run of `day`, begun or taken up again; done when the block ends well."""
    later = Run.objects.filter(on__gt=day, status=Run.Status.DONE).order_by("on").values_list("on", flat=True).first()
    if later:
        raise TooLate(
            zh=f"{later} 的夜间批处理已完成，不能再回头处理 {day}。",
            en=f"The night for {later} has run; {day} cannot be planned after it.",
        )
    run, begun = Run.objects.get_or_create(on=day, defaults={"started_at": now})
    night = Night(run)
    if night.done and not force:
        yield night
        return
    if night.done:
        run.steps.all().delete()
        night = Night(run)
    night.done = False
    Run.objects.filter(pk=run.pk).update(status=Run.Status.RUNNING, finished_at=None)
    journal.write("night.began" if begun else "night.resumed", by=by, day=day, again=force)
    try:
        yield night
    except BaseException:
        Run.objects.filter(pk=run.pk).update(status=Run.Status.FAILED)
        raise
    run.status, run.finished_at, run.summary = Run.Status.DONE, _moment(), night.summary
    run.save(update_fields=["status", "finished_at", "summary"])
    journal.write("night.done", by=by, day=day, items=night.summary.get("items"), cases=night.summary.get("cases"))


def _note(step: Step, **changes: Any) -> None:
    Step.objects.filter(pk=step.pk).update(**changes)


def _moment() -> datetime:
    """The database's clock: steps of a run that several machines took part in stay in order."""
    moment: datetime = rows("select clock_timestamp()")[0][0]
    return moment
