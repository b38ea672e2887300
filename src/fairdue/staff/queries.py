"""Reads of staff, and the table of who may what."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from fairdue.law.special_days import Overrides
from fairdue.staff.models import DayCorrection, Role, Team, User
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


def corrections(*, at: datetime | None = None) -> Overrides:
    """The firm's corrections to the calendars of days off: calendar → day → worked; `at`: as they were at a moment."""
    rows = DayCorrection.objects.filter(removed_at=None)
    if at is not None:
        rows = DayCorrection.objects.filter(Q(removed_at=None) | Q(removed_at__gt=at), made_at__lte=at)
    found: dict[str, dict[date, bool]] = {}
    for calendar, day, works in rows.order_by("made_at", "pk").values_list("calendar", "day", "works"):
        found.setdefault(calendar, {})[day] = works
    return found
