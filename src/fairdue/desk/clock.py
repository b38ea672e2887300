"""The one clock of the desk; tests set it."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """This moment."""
    return timezone.now()


def today() -> date:
    """The day it is at the desk."""
    return timezone.localdate(now())
