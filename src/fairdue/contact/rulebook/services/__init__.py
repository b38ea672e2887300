"""Verbs of the rulebook."""

from fairdue.contact.rulebook.loading import register
from fairdue.contact.rulebook.services.deciding import approve, decline, withdraw
from fairdue.contact.rulebook.services.drafting import (
    RulebookError,
    discard,
    draft,
    draft_settings,
    submit,
    take_back,
    write,
)
from fairdue.contact.rulebook.services.replaying import AlreadyReplaying, ask_replay, replay
from fairdue.contact.rulebook.services.trying import ask_trial, run_trial, try_now

__all__ = [
    "AlreadyReplaying",
    "RulebookError",
    "approve",
    "ask_replay",
    "ask_trial",
    "decline",
    "discard",
    "draft",
    "draft_settings",
    "register",
    "replay",
    "run_trial",
    "submit",
    "take_back",
    "try_now",
    "withdraw",
    "write",
]
