"""Placements that end."""

from datetime import date

from django.db import transaction

from fairdue.accounts.columns import execute
from fairdue.journal import services as journal


@transaction.atomic
def end_placements(*, day: date) -> int:
    """Recall the open accounts whose placement ended before `day`; how many were recalled."""
    recalled = execute(
        """update accounts_account a set status = 'recalled' from accounts_placement p
        where p.id = a.placement_id and a.status = 'open' and p.ends_on < %s""",
        [day],
    )
    if recalled:
        journal.write("placement.ended", day=day, accounts=recalled)
    return recalled
