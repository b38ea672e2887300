"""What the books would say against rows that are only looked at: of the faults of loading, those that are met most."""

from typing import Final

import polars as pl
from django.db import connection

from fairdue.accounts.models import Creditor
from fairdue.intake.loading.faults import Fault

_OF_ACCOUNTS: Final = ("dues", "payments", "contacts")
"""Kinds of files whose rows name an account that must be on record."""


def faults(good: pl.DataFrame, *, kind: str, creditor: Creditor) -> list[Fault]:
    """Rows (as checked) whose account is not on record at the creditor, or is kept in another currency."""
    if kind not in _OF_ACCOUNTS or not len(good):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select external_ref, currency from accounts_account where creditor_id = %s and external_ref = any(%s)",
            [creditor.pk, good["account_ref"].unique().to_list()],
        )
        known = dict(cursor.fetchall())
    found = []
    for row, account, currency in good.select("row", "account_ref", "currency").iter_rows():
        if account not in known:
            found.append(Fault(row, "account_unknown", account))
        elif currency is not None and currency != known[account]:
            found.append(Fault(row, "currency_clash", currency, known[account]))
    return found
