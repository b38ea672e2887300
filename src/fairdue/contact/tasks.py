"""The outbox at work: one job for each message, and a sweep for those whose worker died."""

from django.utils import timezone
from procrastinate.contrib.django import app

from fairdue.contact import services


@app.task(name="fairdue.contact.tasks.send_message", queue="outbox")
def send_message(message_id: int) -> str:
    """Send one message of the outbox; its status afterwards."""
    return services.send(message_id=message_id, now=timezone.now()).value


@app.periodic(cron="*/5 * * * *")
@app.task(name="fairdue.contact.tasks.sweep_outbox", queue="outbox", queueing_lock="sweep-outbox")
def sweep_outbox(timestamp: int) -> int:
    """Give messages whose worker died a new job."""
    return services.requeue_lost(now=timezone.now())
