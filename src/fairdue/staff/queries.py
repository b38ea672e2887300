"""Reads of staff, and the table of who may what."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from fairdue.staff.models import Role, Team, User
from fairdue.staff.policies import PERMISSIONS

WORKERS = (Role.COLLECTOR, Role.FIELD, Role.LEAD)


def people(*, words: str = "", role: str = "", team: int | None = None, active: bool | None = None) -> QuerySet[User]:
    """Users with their team, by name; `words` looks into sign-in and display names."""
    users = User.objects.select_related("team").order_by("-is_active", "role", "username")
    if words.strip():
        users = users.filter(Q(username__icontains=words.strip()) | Q(display_name__icontains=words.strip()))
    if role:
        users = users.filter(role=role)
    if team is not None:
        users = users.filter(team_id=team)
    if active is not None:
        users = users.filter(is_active=active)
    return users


def teams() -> QuerySet[Team]:
    """Teams with `people` (active members) and `leads`."""
    active = Q(members__is_active=True)
    return Team.objects.annotate(
        people=Count("members", filter=active), leads=Count("members", filter=active & Q(members__role=Role.LEAD))
    ).order_by("name")


def members(team: Team) -> QuerySet[User]:
    """Those of a team who work cases: active collectors, field collectors and leads, by name."""
    return User.objects.filter(team=team, is_active=True, role__in=WORKERS).order_by("display_name", "username")


@dataclass(frozen=True)
class Row:
    """One permission: its name and, in the order of `Role`, whether each role holds it."""

    permission: str
    held: tuple[bool, ...]


def matrix() -> list[Row]:
    """Who may what, as `staff/policies.py` grants it: that very table, not a copy."""
    return [Row(name, tuple(role in roles for role in Role)) for name, roles in PERMISSIONS.items()]
