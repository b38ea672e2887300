"""The outbox at work: one job for each message, and a sweep for those whose worker died; replays and trials of rules."""

from datetime import date

from django.utils import timezone
from procrastinate.contrib.django import app

from fairdue.contact import services
from fairdue.contact.rulebook import services as rulebook
from fairdue.staff.models import User


@app.task(name="fairdue.contact.tasks.send_message", queue="outbox")
def send_message(message_id: int) -> str:
    """Send one message of the outbox; its status afterwards."""
    return services.send(message_id=message_id, now=timezone.now()).value


@app.periodic(cron="*/5 * * * *")
@app.task(name="fairdue.contact.tasks.sweep_outbox", queue="outbox", queueing_lock="sweep-outbox")
def sweep_outbox(timestamp: int) -> int:
    """Give messages whose worker died a new job."""
    return services.requeue_lost(now=timezone.now())


@app.task(name="fairdue.contact.tasks.replay_verdicts", queue="rules", lock="replay")
def replay_verdicts(since: str | None = None, by: int | None = None) -> int:
    """Judge stored verdicts again, since a day (ISO) or since the last time; how many came out otherwise."""
    user = User.objects.filter(pk=by).first() if by else None
    day = date.fromisoformat(since) if since else None
    return int(rulebook.replay(now=timezone.now(), since=day, by=user).different)


@app.task(name="fairdue.contact.tasks.try_rules", queue="rules")
def try_rules(trial_id: int) -> str:
    """Try a draft on history and on the plan; the trial's status afterwards."""
    return str(rulebook.run_trial(trial_id=trial_id, now=timezone.now()).status)
