"""Cases with nothing past due any more leave the lists: paid, or agreed and kept, means silent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from fairdue.accounts.columns import rows
from fairdue.cases import services as cases

_SILENT: Final = """
    select k.id from cases_case k where k.person_id = any(%s) and exists (
        select from cases_workitem w where w.case_id = k.id and w.status in ('open', 'leased'))
    and not exists (
        select from accounts_account a join accounts_ageing g on g.account_id = a.id
        where a.debtor_id = k.person_id and a.creditor_id = k.creditor_id and a.status = 'open' and g.past_due > 0)
"""


def drop_silent(*, persons: Sequence[int], why: str, now: datetime) -> int:
    """Take the cases of these debtors on which nothing is past due off the lists; how many items."""
    silent = [pk for (pk,) in rows(_SILENT, [list(persons)])]
    return cases.drop_items(case_ids=silent, why=why, now=now) if silent else 0
