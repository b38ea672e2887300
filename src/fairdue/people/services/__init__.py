"""Contact data, wishes and permissions of a person: the only writer, always journalled."""

from fairdue.people.services.points import (
    LONGEST,
    ContactPointError,
    add_contact_point,
    check_birth,
    check_id,
    mask,
    reveal,
    reveal_id,
    rotate,
    set_status,
    update_contact_point,
)
from fairdue.people.services.wishes import allow, note_place, note_times, opt_out, revoke_consent, withdraw_wish

__all__ = [
    "LONGEST",
    "ContactPointError",
    "add_contact_point",
    "allow",
    "check_birth",
    "check_id",
    "mask",
    "note_place",
    "note_times",
    "opt_out",
    "reveal",
    "reveal_id",
    "revoke_consent",
    "rotate",
    "set_status",
    "update_contact_point",
    "withdraw_wish",
]
