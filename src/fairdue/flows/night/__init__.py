"""The night: from loaded files to tomorrow's lists.

    run = night.run(date(2026, 3, 2), now=timezone.now(), progress=print)

apply payments → judge promises → age → score → gate → allocate → publish worklists. Every step is a row with counts and
seconds, committed as it happens; a killed run goes on at the step it was in; a finished one is left alone unless
`force`. Two nights for one date cannot run at once.
"""

from collections.abc import Callable
from datetime import date, datetime

from fairdue.cases.models import Run
from fairdue.staff.models import User

STEPS = ("apply", "promises", "age", "score", "gate", "allocate", "publish")


class AlreadyRunning(RuntimeError):
    """Another process is running the night of this date; `zh` and `en` say so."""

    def __init__(self, day: date) -> None:
        super().__init__(f"The night run for {day} is already under way; wait for it or look at its page.")
        self.en = str(self)
        self.zh = f"{day} 的夜间批处理正在运行，请等待完成或查看其进度页。"


def run(
    day: date,
    *,
    now: datetime,
    by: User | None = None,
    force: bool = False,
    progress: Callable[[str, int], None] | None = None,
) -> Run:
    """Run (or finish) the night whose lists are worked on `day`. Raises AlreadyRunning.

    `force` plans the day again although it is done: items finished or in work stay as they are. `progress` is told
    (step, rows so far).
    """
    raise NotImplementedError
