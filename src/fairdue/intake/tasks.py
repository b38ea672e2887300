"""Background work of intake."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from fairdue.intake import services
from fairdue.intake.models import Load


@app.task(
    name="intake.load",
    queue="intake",
    retry=RetryStrategy(max_attempts=60, wait=30, retry_exceptions={services.Busy}),
)
def load_later(load_id: int) -> None:
    """Run a load; while another file of the same creditor and kind is being loaded it waits for another try."""
    services.run(load=Load.objects.select_related("creditor").get(pk=load_id))
