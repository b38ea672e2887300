"""Reads of cases; every one starts at `visible_to`."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from fairdue.accounts.models import Account
from fairdue.cases.models import Case, Hold
from fairdue.staff.models import Role, User

EVERYTHING = {Role.COMPLIANCE, Role.RISK, Role.LEGAL, Role.COMPLAINTS, Role.PRIVACY}


def visible_to(user: User) -> QuerySet[Case]:
    """The cases `user` may see: own (or leased today), own team's, own creditor's, all for the control desks."""
    cases = Case.objects.all()
    if user.role in EVERYTHING:
        return cases
    if user.role in {Role.COLLECTOR, Role.FIELD}:
        leased = Q(work_items__leased_by=user, work_items__status="leased")
        return cases.filter(Q(owner=user) | Q(pk__in=Case.objects.filter(leased).values("pk")))
    if user.role == Role.LEAD:
        return cases.filter(Q(owner__team=user.team) | Q(owner__isnull=True)) if user.team_id else cases.none()
    if user.role == Role.CREDITOR:
        return cases.filter(creditor__staff__user=user)
    return cases.none()


def sees_unowned(user: User) -> bool:
    """Whether `user` may see what belongs to nobody yet: a debtor for whom no case was opened."""
    return user.role in EVERYTHING or (user.role == Role.LEAD and user.team_id is not None)


def free_accounts(case: Case, *, today: date) -> list[Account]:
    """Past-due accounts of a case that no hold of their own stops, where another account of it is held; else none."""
    running = Q(lifted_at=None) & (Q(ends_on=None) | Q(ends_on__gte=today))
    held = Exists(Hold.objects.filter(running, account=OuterRef("pk")))
    theirs = Account.objects.filter(
        debtor_id=case.person_id, creditor_id=case.creditor_id, status=Account.Status.OPEN, balance__isnull=False
    ).annotate(held=held)
    accounts = list(theirs.select_related("ageing").order_by("pk"))
    if not any(account.held for account in accounts):
        return []
    return [
        account
        for account in accounts
        if not account.held and getattr(account, "ageing", None) and account.ageing.past_due
    ]
