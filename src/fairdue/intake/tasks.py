"""Background work of intake."""

from datetime import timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from fairdue.intake import services
from fairdue.intake.models import Load

LEFT_ALONE = timedelta(minutes=2)


@app.task(
    name="intake.load",
    queue="intake",
    retry=RetryStrategy(max_attempts=60, wait=30, retry_exceptions={services.Busy}),
)
def load_later(load_id: int) -> None:
    """Run a load; while another file of the same creditor and kind is being loaded it waits for another try."""
    services.run(load=Load.objects.select_related("creditor").get(pk=load_id))


@app.periodic(cron="*/5 * * * *")
@app.task(name="intake.resume", queue="intake")
def resume(timestamp: int) -> None:
    """Queue loads again whose worker was killed: nothing of them is in the books."""
    for load in services.interrupted():
        if load.started_at and timezone.now() - load.started_at > LEFT_ALONE:
            services.confirm(load=load, by=None)
