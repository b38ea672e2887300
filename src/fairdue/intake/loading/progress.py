"""How far a load is, written on its row from a connection of its own, so that everybody sees it while it runs."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from django.db import connection
from django.utils import timezone

from fairdue.intake.loading.tally import Tally
from fairdue.intake.models import Load

_HEAD = 4 << 20


class Watch:
    """Tells the load's row and the caller how far the load is. Nothing here takes part in the load's transaction."""

    def __init__(self, load: Load, *, progress: Callable[[int, int | None], None] | None = None) -> None:
        self._load, self._progress = load, progress
        self._side: Any = None
        self._total = rows_estimated(Path(load.path))
        self.started_at: datetime = timezone.now()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """The load begins: the counts of an earlier, broken run are forgotten."""
        self._side = connection.copy()
        self._write(
            status=Load.Status.CHECKING, started_at=self.started_at, finished_at=None, rows_total=self._total, rows_read=0,
            loaded=0, updated=0, unchanged=0, rejected=0, step="reading",
        )  # fmt: skip

    def tell(self, step: str, tally: Tally, read: int) -> None:
        """A batch is done."""
        ends = {end: tally.rows[end] for end in ("loaded", "updated", "unchanged")}
        rejected = read - sum(ends.values())
        self._total = max(self._total, read) if self._total is not None else None
        self._write(
            status=Load.Status.LOADING, rows_read=read, rows_total=self._total, rejected=rejected, step=step, **ends
        )
        if self._progress:
            self._progress(read, self._total)

    def step(self, name: str) -> None:
        """Something other than rows is being done."""
        self._write(step=name)

    def stop(self) -> None:
        """No more news: the load's own transaction may now write the row."""
        if self._side is not None:
            self._side.close()
            self._side = None

    def _write(self, **values: Any) -> None:
        if self._side is None:
            return
        names = ", ".join(f"{name} = %s" for name in values)
        with self._side.cursor() as cursor:
            cursor.execute(
                f"update intake_load set {names} where id = %s and status <> 'done'",  # noqa: S608
                [*values.values(), self._load.pk],
            )


def rows_estimated(path: Path) -> int | None:
    """About how many rows a text file has, from the length of its first lines; None for other files and small ones."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return None
    lines = head.count(b"\n")
    if head[:2] in (b"PK", b"\x1f\x8b") or head[:4] == b"PAR1" or not lines:
        return None
    return max(1, round(size / len(head) * lines) - 1)
