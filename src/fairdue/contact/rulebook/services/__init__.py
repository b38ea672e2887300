"""Verbs of the rulebook."""

from fairdue.contact.rulebook.loading import register
from fairdue.contact.rulebook.services.deciding import approve, decline, withdraw
from fairdue.contact.rulebook.services.drafting import (
    RulebookError,
    discard,
    draft,
    draft_settings,
    save,
    submit,
    take_back,
)
from fairdue.contact.rulebook.services.replaying import AlreadyReplaying, replay

__all__ = [
    "AlreadyReplaying",
    "RulebookError",
    "approve",
    "decline",
    "discard",
    "draft",
    "draft_settings",
    "register",
    "replay",
    "save",
    "submit",
    "take_back",
    "withdraw",
]
