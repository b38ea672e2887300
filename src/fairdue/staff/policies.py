"""Who may do what. Everything is denied unless a permission here grants it.

A view says which permission it needs with `@grant("…")`; a page anybody may open says `@public`; the middleware
refuses every view that says neither.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from fairdue.staff.models import Role, User

View = TypeVar("View", bound=Callable[..., Any])

_WORKERS = {Role.COLLECTOR, Role.FIELD, Role.LEAD}
_CASE_DESKS = {Role.LEGAL, Role.COMPLAINTS, Role.COMPLIANCE, Role.PRIVACY}

PERMISSIONS: dict[str, set[Role]] = {
    "signed_in": set(Role),
    "work": _WORKERS,
    "contact": _WORKERS,
    "case.see": _WORKERS | _CASE_DESKS | {Role.RISK, Role.CREDITOR},
    "case.note": _WORKERS | _CASE_DESKS,
    "case.update": _WORKERS | {Role.COMPLAINTS, Role.LEGAL},
    "agree": _WORKERS,
    "approve": {Role.LEAD, Role.RISK},
    "approvals": {Role.LEAD, Role.RISK, Role.ADMIN, Role.COMPLIANCE, Role.LEGAL},
    "plans": _WORKERS | {Role.RISK},
    "promises": _WORKERS | {Role.RISK, Role.COMPLIANCE},
    "case.reveal": _WORKERS | _CASE_DESKS,
    "complaints": {Role.COMPLAINTS, Role.COMPLIANCE, Role.LEAD, Role.PRIVACY},
    "hold.see": _WORKERS | _CASE_DESKS,
    "hold.place": _WORKERS | {Role.LEGAL, Role.COMPLAINTS, Role.COMPLIANCE},
    "hold.lift": {Role.LEAD, Role.LEGAL, Role.COMPLAINTS, Role.COMPLIANCE},
    "hardship": _WORKERS | {Role.LEGAL, Role.COMPLAINTS, Role.COMPLIANCE, Role.RISK},
    "hardship.open": _WORKERS | {Role.COMPLAINTS, Role.COMPLIANCE},
    "hardship.words": _WORKERS | {Role.COMPLAINTS, Role.COMPLIANCE},
    "hardship.evidence": {Role.LEAD, Role.RISK, Role.COMPLAINTS, Role.COMPLIANCE},
    "care.note": _WORKERS | {Role.COMPLAINTS, Role.COMPLIANCE},
    "care.see": {Role.COMPLAINTS, Role.COMPLIANCE},
    "wish.see": _WORKERS | _CASE_DESKS,
    "wish.write": _WORKERS | _CASE_DESKS,
    "wish.withdraw": {Role.LEAD} | _CASE_DESKS,
    "search": _WORKERS | _CASE_DESKS,
    "team": {Role.LEAD},
    "money.enter": _WORKERS | {Role.COMPLAINTS},
    "money.waive": _WORKERS,
    "money.book": {Role.LEAD, Role.RISK, Role.ADMIN},
    "intake": {Role.LEAD, Role.RISK, Role.ADMIN},
    "run.see": {Role.LEAD, Role.RISK, Role.COMPLIANCE, Role.ADMIN},
    "run.start": {Role.LEAD, Role.ADMIN},
    "repair": {Role.LEAD, Role.COMPLIANCE, Role.LEGAL, Role.CREDITOR},
    "results": {Role.LEAD, Role.RISK, Role.COMPLIANCE, Role.CREDITOR},
    "verdicts": {Role.COMPLIANCE, Role.PRIVACY, Role.LEGAL},
    "wall": {Role.LEAD, Role.COMPLIANCE},
    "rules": set(Role),
    "calendar": {Role.COMPLIANCE, Role.LEGAL, Role.LEAD, Role.RISK, Role.ADMIN},
    "calendar.write": {Role.COMPLIANCE, Role.LEGAL},
    "rules.draft": {Role.COMPLIANCE, Role.LEGAL},
    "rules.approve": {Role.COMPLIANCE, Role.LEGAL},
    "rules.replay": {Role.COMPLIANCE, Role.LEGAL},
    "words.decide": {Role.COMPLIANCE},
    "journal": {Role.COMPLIANCE, Role.PRIVACY},
    "evidence": {Role.COMPLIANCE, Role.PRIVACY},
    "admin": {Role.ADMIN},
}


def may(user: Any, permission: str) -> bool:
    """Whether `user` holds `permission`; KeyError for a permission that does not exist."""
    roles = PERMISSIONS[permission]
    return bool(isinstance(user, User) and user.is_active and user.role in roles)


def grant(permission: str) -> Callable[[View], View]:
    """Mark a view as open to those who hold `permission`."""
    assert permission in PERMISSIONS, permission

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view as open to everybody, signed in or not."""
    view.permission = None  # type: ignore[attr-defined]
    return view
