"""Reads of cases; every one starts at `visible_to`."""

from django.db.models import Q, QuerySet

from fairdue.cases.models import Case
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
