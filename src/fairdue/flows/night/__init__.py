"""The night: from loaded files to tomorrow's lists.

    run = night.run(date(2026, 3, 2), now=timezone.now(), progress=print)

apply payments → charge → judge promises → age → score → gate → allocate → publish worklists. Every step is a row with counts and
seconds, committed as it happens. A killed run goes on where it was: what the first four steps have written stays
written; score, gate and allocate live in memory and are worked out anew, from what is known then. A finished night is
left alone unless `force`. Only one night runs at a time.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from fairdue.cases.models import Run
from fairdue.flows.night import log, plan, publish, upkeep
from fairdue.flows.night.gather import gather
from fairdue.flows.night.log import AlreadyRunning, NightError, TooEarly, TooLate, last_day
from fairdue.staff.models import User

__all__ = ["STEPS", "AlreadyRunning", "NightError", "TooEarly", "TooLate", "last_day", "run"]

STEPS = ("apply", "charge", "promises", "age", "score", "gate", "allocate", "publish")

Progress = Callable[[str, dict[str, Any], float], None]


def run(
    day: date, *, now: datetime, by: User | None = None, force: bool = False, progress: Progress | None = None
) -> Run:
    """Run (or finish) the night whose lists are worked on `day`, as things stand at `now`.

    Raises AlreadyRunning, TooEarly for a day after tomorrow, or TooLate when a later night has run: ageing does not go
    back. `force` plans the day again although it is done: items finished or in work stay as they are. `progress` is told
    (step, counts, seconds) after each step.
    """
    if day > (last := last_day(now)):
        raise TooEarly(
            zh=f"最晚只能计划到明天（{last}）；{day} 的批次未启动。",
            en=f"Nothing can be planned beyond tomorrow ({last}); the night of {day} was not started.",
        )
    with log.alone(day), log.opened(day, now=now, by=by, force=force) as night:
        if night.done:
            return night.run
        night.progress = progress
        _keep(night, day, now)
        _plan(night, day, now)
    return night.run


def _keep(night: log.Night, day: date, now: datetime) -> None:
    """The steps that write as they go; one that is done is not done again."""
    for n, (name, work) in enumerate(
        (
            ("apply", upkeep.apply_waiting), ("charge", upkeep.charge_accounts), ("promises", upkeep.judge_promises),
            ("age", upkeep.age_accounts),
        ), 1,
    ):  # fmt: skip
        if not night.has_done(name):
            with night.step(n, name) as step:
                work(day=day, now=now, step=step)


def _plan(night: log.Night, day: date, now: datetime) -> None:
    """The steps whose outcome is the lists, published in one transaction."""
    with night.step(5, "score") as step:
        work = gather(day=day, now=now)
        scored = plan.score_cases(work, day=day)
        step.counts(cases=len(work), **plan.actions(scored), left_out=work.left_out)
    with night.step(6, "gate") as step:
        lawful = plan.ask_gate(work, scored, day=day, now=now)
        step.counts(lawful=int(lawful.open.sum()), unlawful=int((lawful.asked & ~lawful.open).sum()))
    with night.step(7, "allocate") as step:
        shared = plan.share_out(work, scored, lawful, day=day)
        step.counts(**shared.counts())
    with night.step(8, "publish") as step:
        done = publish.publish(work, scored, lawful, shared, day=day, now=now)
        step.counts(**done)
    night.summary = {
        "items": done["items"], "collectors": len(shared.team.users), "cases": len(work),
        "left_out": work.left_out | plan.resting(scored) | shared.left_out(), "price_per_hour": shared.prices(),
        "value": shared.allocation.value, "gap": round(shared.allocation.gap, 6),
    }  # fmt: skip
