"""What is allowed now, for the case page: nothing is written."""

from datetime import datetime

from fairdue.cases.models import Case
from fairdue.contact.services.answers import Choice


def preview(*, case: Case, now: datetime) -> list[Choice]:
    """Every person of the case × contact point × channel with what the gate says now; debtor first, then by rank."""
    raise NotImplementedError
