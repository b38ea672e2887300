"""Somebody is hired or changes place: the user, and for a creditor's staff the creditor whose cases they may see."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from fairdue.accounts.models import Creditor, CreditorStaff
from fairdue.journal import services as journal
from fairdue.staff import services
from fairdue.staff.models import Role, Team, User


@transaction.atomic
def hire(
    *,
    username: str,
    role: str,
    by: User | None,
    team: Team | None = None,
    creditor: Creditor | None = None,
    **fields: Any,
) -> tuple[User, str]:
    """Create a user with the one-time password; creditor's staff need a creditor. Raises staff.services.StaffError."""
    _check(role, creditor)
    user, password = services.create_user(username=username, role=role, by=by, team=team, **fields)
    if role == Role.CREDITOR and creditor is not None:
        _tie(user, creditor, by)
    return user, password


@transaction.atomic
def change(*, user: User, by: User, creditor: Creditor | None = None, **changes: Any) -> list[str]:
    """Change a user as `staff.services.update_user` does, and whose staff they are; the names of what changed."""
    role = changes.get("role", user.role)
    _check(role, creditor)
    changed = services.update_user(user=user, by=by, **changes)
    tied = CreditorStaff.objects.filter(user=user).first()
    if role == Role.CREDITOR and creditor is not None:
        if tied is None or tied.creditor_id != creditor.pk:
            _tie(user, creditor, by)
            changed.append("creditor")
    elif tied is not None:
        # Left behind, the tie would open the creditor's cases again the day the role comes back.
        tied.delete()
        journal.write("user.untied", by=by, subject="user", subject_id=user.pk, creditor=tied.creditor_id)
        changed.append("creditor")
    return changed


def _check(role: str, creditor: Creditor | None) -> None:
    if role == Role.CREDITOR and creditor is None:
        raise services.StaffError("creditor", _("Choose the creditor whose cases they may see."))


def _tie(user: User, creditor: Creditor, by: User | None) -> None:
    CreditorStaff.objects.update_or_create(user=user, defaults={"creditor": creditor})
    journal.write("user.tied", by=by, subject="user", subject_id=user.pk, creditor=creditor.pk)
