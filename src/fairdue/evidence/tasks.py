"""Background work of evidence."""

from procrastinate.contrib.django import app

from fairdue.evidence import services
from fairdue.evidence.models import Pack


@app.task(name="evidence.make", queue="evidence")
def make_later(pack_id: int) -> None:
    """Put a pack together; a failure is told on the pack and in the worker's log."""
    services.make(pack=Pack.objects.select_related("person", "creditor", "by").get(pk=pack_id))
