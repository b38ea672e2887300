"""Verbs of staff: hired, changed, sent home, given limits. Every one is journalled; the last administrator stays."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from axes.utils import reset as axes_reset
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from fairdue.journal.services import write
from fairdue.law.calendars import CALENDARS
from fairdue.staff import policies
from fairdue.staff.models import Authority, DayCorrection, Role, Team, User

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike: o 0, i l 1
PLAIN_FIELDS: Final = ("display_name", "email", "language", "minutes_a_day", "bucket_from", "bucket_to", "away_until")
LIST_FIELDS: Final = ("speaks", "products")
MOST_MINUTES: Final = 720
"""The database refuses more (minutes_within_a_day)."""


class StaffError(ValueError):
    """It cannot be done so. `field` names what to mend ("" = the whole), the message says how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def one_time_password() -> str:
    """A password to hand over once: twelve letters and figures, 59 bits, easy to read out."""
    drawn = [secrets.choice(LETTERS) for _ in range(12)]
    return "-".join("".join(drawn[n : n + 4]) for n in (0, 4, 8))


def _one_time(user: User) -> str:
    """Set a password that opens the profile page and nothing else until the user chooses an own one; not saved."""
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    return password


@transaction.atomic
def create_user(
    *, username: str, role: str, by: User | None, team: Team | None = None, **fields: Any
) -> tuple[User, str]:
    """Hire somebody; gives the user and the one-time password, which is kept nowhere. Raises StaffError.

    `fields`: display_name, email, language, minutes_a_day, speaks, products, bucket_from, bucket_to, away_until.
    """
    username = username.strip()
    _check_username(username)
    _check_place(role, team)
    user = User(username=username, role=role, team=team)
    _fill(user, fields)
    password = _one_time(user)
    user.save()
    write(
        "user.created",
        by=by,
        subject="user",
        subject_id=user.pk,
        username=username,
        role=role,
        team=team.pk if team else None,
    )
    return user, password


@transaction.atomic
def update_user(*, user: User, by: User, **changes: Any) -> list[str]:
    """Change role, team or the fields of `create_user`; the names of those that really changed. Raises StaffError."""
    if changes.get("role", Role.ADMIN) != Role.ADMIN:
        _keep_an_administrator(user)
    user = _locked(user)
    _check_place(changes.get("role", user.role), changes.get("team", user.team))
    before = _state(user)
    for name in ("role", "team"):
        if name in changes:
            setattr(user, name, changes.pop(name))
    _fill(user, changes)
    after = _state(user)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        user.save()
        # The e-mail address is personal: that it changed is noted, not what it is.
        detail: dict[str, Any] = {name: [before[name], after[name]] for name in changed if name != "email"}
        write("user.changed", by=by, subject="user", subject_id=user.pk, changed=changed, **detail)
    return changed


@transaction.atomic
def deactivate(*, user: User, by: User) -> User:
    """No sign-in any more; sessions end at the next page. Raises StaffError for oneself and the last administrator."""
    if user.pk == by.pk:
        raise StaffError("", _("You cannot deactivate yourself; ask another administrator."))
    _keep_an_administrator(user)
    return _set_active(user, False, by)


@transaction.atomic
def reactivate(*, user: User, by: User) -> User:
    """Open the door again."""
    return _set_active(user, True, by)


@transaction.atomic
def reset_password(*, user: User, by: User) -> str:
    """Give a new one-time password; every session of the user ends."""
    user = _locked(user)
    password = _one_time(user)
    user.save(update_fields=["password", "must_change_password"])
    write("user.password_reset", by=by, subject="user", subject_id=user.pk)
    return password


@transaction.atomic
def unlock(*, user: User, by: User) -> int:
    """Forget failed sign-ins so that a locked-out user may try again; how many were forgotten."""
    forgotten = int(axes_reset(username=user.username))
    write("user.unlocked", by=by, subject="user", subject_id=user.pk, forgotten=forgotten)
    return forgotten


@transaction.atomic
def create_team(*, name: str, by: User) -> Team:
    """Found a team. Raises StaffError when the name is taken or empty."""
    team = Team(name=_free_team_name(name))
    team.save()
    write("team.created", by=by, subject="team", subject_id=team.pk, name=team.name)
    return team


@transaction.atomic
def rename_team(*, team: Team, name: str, by: User) -> Team:
    """Give a team another name. Raises StaffError when it is taken or empty."""
    team = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    before, team.name = team.name, _free_team_name(name, besides=team)
    if team.name != before:
        team.save(update_fields=["name"])
        write("team.renamed", by=by, subject="team", subject_id=team.pk, name=[before, team.name])
    return team


@transaction.atomic
def dissolve_team(*, team: Team, by: User) -> None:
    """Remove an empty team. Raises StaffError while somebody belongs to it."""
    if team.members.exists():
        raise StaffError("", _("Somebody still belongs to this team; move them first."))
    write("team.dissolved", by=by, subject="team", subject_id=team.pk, name=team.name)
    Team.objects.filter(pk=team.pk).delete()


@transaction.atomic
def set_authority(*, user: User, kind: str, currency: str, limit_cents: int | None, by: User) -> Authority | None:
    """How far somebody may go on their own, in minor units; None takes the authority away. Raises StaffError."""
    if kind not in Authority.Kind.values:
        raise StaffError("kind", _("Choose what the limit is for."))
    currency = currency.strip().upper()
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        raise StaffError("currency", _("Write the currency as three letters, such as CNY."))
    if limit_cents is not None and not 0 <= limit_cents < 2**62:
        raise StaffError("limit", _("The limit must be zero or more."))
    user = _locked(user)
    held = Authority.objects.filter(user=user, kind=kind, currency=currency).first()
    before = held.limit_cents if held else None
    if limit_cents is None:
        if held:
            held.delete()
        found = None
    else:
        found, _new = Authority.objects.update_or_create(
            user=user, kind=kind, currency=currency, defaults={"limit_cents": limit_cents}
        )
    if before != limit_cents:
        write(
            "authority.set",
            by=by,
            subject="user",
            subject_id=user.pk,
            kind=kind,
            currency=currency,
            cents=[before, limit_cents],
        )
    return found


def _locked(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _keep_an_administrator(user: User) -> None:
    """Raise when `user` is the last who could let anybody in again; locks the administrators until commit."""
    admins = User.objects.select_for_update(no_key=True).filter(role=Role.ADMIN, is_active=True).order_by("pk")
    if [admin.pk for admin in admins] == [user.pk]:
        raise StaffError("role", _("This is the last active administrator; make somebody else one first."))


def _set_active(user: User, active: bool, by: User) -> User:
    user = _locked(user)
    if user.is_active != active:
        user.is_active = active
        user.save(update_fields=["is_active"])
        write("user.reactivated" if active else "user.deactivated", by=by, subject="user", subject_id=user.pk)
    return user


def _check_username(username: str) -> None:
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        raise StaffError("username", _("Use letters, figures and @ . + - _ only.")) from None
    if len(username) > 150:
        raise StaffError("username", _("At most 150 characters."))
    if User.objects.filter(username__iexact=username).exists():
        raise StaffError("username", _("This sign-in name is taken."))


def _check_place(role: str, team: Team | None) -> None:
    if role not in Role.values:
        raise StaffError("role", _("Choose a role."))
    if role == Role.LEAD and team is None:
        raise StaffError("team", _("A team lead needs a team."))


def _fill(user: User, fields: dict[str, Any]) -> None:
    unknown = fields.keys() - {*PLAIN_FIELDS, *LIST_FIELDS}
    assert not unknown, f"no such field of a user: {sorted(unknown)}"
    for name in PLAIN_FIELDS:
        if name in fields:
            setattr(user, name, fields[name])
    for name in LIST_FIELDS:
        if name in fields:
            setattr(user, name, _words(fields[name]))
    if not 0 <= user.minutes_a_day <= MOST_MINUTES:
        raise StaffError("minutes_a_day", _("Between 0 and 720 minutes a day."))
    if not 0 <= user.bucket_from <= user.bucket_to <= 7:
        raise StaffError("bucket_to", _("The buckets must lie in order between M0 and M7."))


def _words(values: Sequence[str]) -> list[str]:
    return sorted({value.strip() for value in values if value.strip()})


def _state(user: User) -> dict[str, Any]:
    return {"role": user.role, "team": user.team_id} | {
        name: getattr(user, name) for name in (*PLAIN_FIELDS, *LIST_FIELDS)
    }


def _free_team_name(name: str, *, besides: Team | None = None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 80:
        raise StaffError("name", _("Write a name of at most 80 characters."))
    others = Team.objects.exclude(pk=besides.pk) if besides else Team.objects.all()
    if others.filter(name__iexact=name).exists():
        raise StaffError("name", _("There is a team of this name already."))
    return name


@transaction.atomic
def correct_day(*, calendar: str, day: date, works: bool, reason: str, by: User, now: datetime) -> DayCorrection:
    """Say of one day of a calendar whether it is worked, and why; what was said before is taken away.

    The same with the same reason changes nothing and gives back what stands. Raises StaffError.
    """
    _may_correct(by)
    if calendar not in CALENDARS:
        raise StaffError("calendar", _("There is no such calendar."))
    if not reason.strip():
        raise StaffError("reason", _("Write why, and where it was announced."))
    before = DayCorrection.objects.select_for_update(no_key=True).filter(calendar=calendar, day=day, removed_at=None)
    if (known := before.first()) is not None:
        if (known.works, known.reason) == (works, reason.strip()[:300]):
            return known
        remove_correction(correction=known, reason=reason, by=by, now=now)
    made = DayCorrection.objects.create(
        calendar=calendar, day=day, works=works, reason=reason.strip()[:300], made_at=now, made_by=by
    )
    _note_day("calendar.corrected", made, by, reason)
    return made


@transaction.atomic
def remove_correction(*, correction: DayCorrection, reason: str, by: User, now: datetime) -> DayCorrection:
    """Take a correction away: the day is again what the packages say. Raises StaffError."""
    _may_correct(by)
    if not reason.strip():
        raise StaffError("reason", _("Write why the correction goes."))
    in_force = DayCorrection.objects.filter(pk=correction.pk, removed_at=None)
    if in_force.update(removed_at=now, removed_by=by, removed_why=reason.strip()[:300]):
        _note_day("calendar.restored", correction, by, reason)
    correction.refresh_from_db()
    return correction


def _may_correct(by: User) -> None:
    if not policies.may(by, "calendar.write"):
        raise StaffError("", _("You may not correct the calendar; ask compliance or legal."))


def _note_day(verb: str, correction: DayCorrection, by: User, reason: str) -> None:
    write(
        verb, by=by, subject="calendar", subject_id=correction.pk, calendar=correction.calendar, day=correction.day,
        works=correction.works, reason=reason.strip()[:300],
    )  # fmt: skip
