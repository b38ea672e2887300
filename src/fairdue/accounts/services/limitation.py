"""The limitation period of an account restarted by what the debtor agreed to (mainland China; facts: law.calc.limitation)."""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from fairdue.accounts.models import Account
from fairdue.journal import services as journal
from fairdue.law.calc.limitation import Act, effect
from fairdue.staff.models import User

WHERE: Final = ("cn",)
"""Jurisdictions of creditors for which the facts were read; elsewhere the creditor's own day stands."""
CITES: Final = {
    "zh": "《民法典》第195条；诉讼时效司法解释第14条",
    "en": "Civil Code Art. 195; SPC interpretation on limitation Art. 14",
}
"""Where it is written; the journal keeps the English."""


@transaction.atomic
def restart(*, account: Account, act: Act, by: User | None, now: datetime, plan: int) -> date | None:
    """Move the last day of limitation by what the debtor did (law.calc.limitation.effect); journalled with why.

    The new last day; None where nothing moves: another jurisdiction, no day on record, or the new one is not later.
    Safe to repeat: a plan moves it once.
    """
    locked = Account.objects.select_for_update(no_key=True).select_related("creditor").get(pk=account.pk)
    was = locked.limitation_on
    if locked.creditor.jurisdiction not in WHERE or was is None:
        return None
    last = effect([act], expired_on=was).last_day
    if last is None or last <= was:
        return None
    Account.objects.filter(pk=locked.pk).update(limitation_on=last)
    journal.write(
        "limitation.restarted", by=by, subject="account", subject_id=locked.pk, person_id=locked.debtor_id,
        act=act.kind, on=act.on, new_due=act.new_due, was=was, until=last, plan=plan, source=CITES["en"],
    )  # fmt: skip
    return last
