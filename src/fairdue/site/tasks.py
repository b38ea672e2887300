"""Work by the clock and work asked for from a page. Procrastinate finds this module by its name.

Cron lines are read in UTC, nights belong to the firm's own day (FAIRDUE_TIME_ZONE): one tick every five minutes asks
what is due by the local clock, so that a change to summer time neither skips a night nor runs it twice, and a worker
that was down at 02:05 catches up.
"""

from datetime import date, datetime, time
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

NIGHT_FROM: Final = time(2, 5)
NIGHT_UNTIL: Final = time(8, 0)
"""Later than this a forgotten night is started by hand: lists must not change under people at work."""
SEAL_FROM: Final = time(23, 55)
REPLAY_FROM: Final = time(4, 0)


def night_due(local: datetime, *, done: bool) -> bool:
    """Whether the clock asks for tonight's run; `done`: there is a run of this date already."""
    return not done and NIGHT_FROM <= local.time() < NIGHT_UNTIL


def seal_due(local: datetime, *, done: bool) -> bool:
    """Whether the evening's seal is to be set; `done`: the day is sealed."""
    return not done and local.time() >= SEAL_FROM


def replay_due(local: datetime, *, done: bool) -> bool:
    """Whether the clock asks for the replay of verdicts; `done`: one of this date has ended, well or not."""
    return not done and local.time() >= REPLAY_FROM


@app.periodic(cron="*/5 * * * *", periodic_id="tick")
@app.task(name="site.tick", pass_context=False)
def tick(timestamp: int) -> None:
    """Every five minutes: tonight's run, the replay and the evening's seal, when their hour has come."""
    from fairdue.cases.models import Run
    from fairdue.contact.models import Replay
    from fairdue.contact.rulebook.services import ask_replay
    from fairdue.journal.models import Seal
    from fairdue.journal.services import seal

    local = timezone.localtime(timezone.now())
    if night_due(local, done=Run.objects.filter(on=local.date()).exists()):
        start_night(local.date())
    if seal_due(local, done=Seal.objects.filter(day=local.date()).exists()):
        seal(day=local.date())
    ended = Replay.objects.exclude(status=Replay.Status.RUNNING)
    if replay_due(local, done=ended.filter(begun_at__date=local.date()).exists()):
        ask_replay()


@app.task(name="site.night", queue="night")
def night(on: str, by: int | None = None, force: bool = False) -> dict[str, Any]:
    """Run the night whose lists are worked on `on` (ISO date), started by the user with this id."""
    from fairdue.flows.night import run
    from fairdue.staff.models import User

    user = User.objects.filter(pk=by).first() if by else None
    done = run(date.fromisoformat(on), now=timezone.now(), by=user, force=force)
    return {"run": done.pk, "status": done.status}


def start_night(day: date, *, by: int | None = None, force: bool = False) -> bool:
    """Queue a night unless one of that date is waiting already; whether it was queued."""
    try:
        with transaction.atomic():  # a refused job must not spoil a transaction around this
            night.configure(queueing_lock=f"night:{day}", lock="night").defer(on=day.isoformat(), by=by, force=force)
    except AlreadyEnqueued:
        return False
    return True


@app.periodic(cron="*/5 * * * *", periodic_id="reminders")
@app.task(name="site.reminders", queue="outbox", queueing_lock="reminders")
def reminders(timestamp: int) -> dict[str, int]:
    """Every five minutes: what fell due or was kept since the night is noted, and what may go now is given to the door."""
    from fairdue.flows.reminders import send_due

    return send_due(now=timezone.now())


@app.periodic(cron="17 3 * * *", periodic_id="tidy")
@app.task(name="site.tidy")
def tidy(timestamp: int) -> None:
    """Once a day: sessions that have ended are forgotten."""
    from importlib import import_module

    from django.conf import settings

    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
