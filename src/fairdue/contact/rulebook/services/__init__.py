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

__all__ = [
    "RulebookError",
    "approve",
    "decline",
    "discard",
    "draft",
    "draft_settings",
    "register",
    "save",
    "submit",
    "take_back",
    "withdraw",
]
