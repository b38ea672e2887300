"""The one clock of the borrower's pages; tests set it."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """This moment."""
    return timezone.now()
