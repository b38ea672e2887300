"""A call that was placed and waits for its outcome, as it was when the number was handed over."""

from typing import Any

from fairdue.accounts.models import Account
from fairdue.cases.models import Case
from fairdue.contact.models import Attempt, Verdict
from fairdue.desk.pages import reach, verdicts
from fairdue.people import services as people
from fairdue.staff.models import User


def in_hand(*, case: Case, attempt: Attempt, by: User) -> dict[str, Any]:
    """What the panel of a call shows again: the number of the caller's own call (journalled), what must be said, what
    to heed, and the one account it is about, if it is about one alone."""
    assert attempt.by_id == by.pk, "the caller's own call"
    verdict = Verdict.objects.filter(attempt=attempt).first()
    again = verdicts.replay(verdict) if verdict else None
    point = attempt.contact_point
    return {
        "number": people.reveal(contact_point=point, by=by, reason="call in hand", case_id=case.pk) if point else "",
        "duties": reach.said(again.told["duties"]) if again else (),
        "care": reach.reason_rows(again.told["reasons"]) if again else [],
        "alone": _alone(case, attempt),
    }


def _alone(case: Case, attempt: Attempt) -> Account | None:
    """A call about the whole case names every open account; one that names a single one of several is about it alone."""
    if attempt.account is None or attempt.also:
        return None
    others = Account.objects.filter(debtor=case.person_id, creditor=case.creditor_id, status=Account.Status.OPEN)
    return attempt.account if others.exclude(pk=attempt.account.pk).exists() else None
