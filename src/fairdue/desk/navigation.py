"""The side bar: where one can go, by permission. An address that does not exist yet is left out."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Door:
    """One entry. `url` is a URL name without arguments; `key` the second key after `g`."""

    url: str
    permission: str
    icon: str
    label: Any
    key: str = ""


GROUPS: tuple[tuple[Any, tuple[Door, ...]], ...] = (
    (
        _("Work"),
        (
            Door("desk:today", "work", "list-check", _("Today"), "t"),
            Door("desk:promises", "promises", "calendar-event", _("Promises"), "c"),
            Door("desk:plans", "plans", "calendar-due", _("Plans"), "p"),
            Door("desk:hardship", "hardship", "heart-handshake", _("Hardship"), "d"),
            Door("desk:search", "search", "search", _("Search"), "s"),
        ),
    ),
    (
        _("Team"),
        (
            Door("desk:team", "team", "users-group", _("Team board"), "b"),
            Door("desk:approvals", "approvals", "clipboard-check", _("Approvals"), "a"),
            Door("intake:repair", "repair", "tool", _("Proof to be completed")),
            Door("desk:incoming", "money.book", "building-bank", _("Incoming payments"), "p"),
            Door("desk:runs", "run.see", "moon", _("Night runs")),
            Door("intake:files", "intake", "file-import", _("Files"), "f"),
        ),
    ),
    (
        _("Control"),
        (
            Door("insight:results", "results", "chart-bar", _("Results"), "r"),
            Door("desk:wall", "wall", "layout-dashboard", _("Live wall"), "w"),
            Door("desk:verdicts", "verdicts", "shield-check", _("Verdicts"), "v"),
            Door("desk:complaints", "complaints", "message", _("Complaints and data requests")),
            Door("desk:holds", "hold.see", "hand-stop", _("Holds"), "h"),
            Door("desk:alarms", "words.decide", "flag", _("False alarms")),
            Door("desk:journal", "journal", "history", _("Journal"), "j"),
            Door("evidence:packs", "evidence", "file-check", _("Evidence packs"), "p"),
            Door("desk:rules", "rules", "scale", _("Rules"), "l"),
            Door("desk:rulebook", "rules.draft", "edit", _("Versions of rules"), "e"),
            Door("desk:replays", "rules.replay", "refresh", _("Replays")),
            Door("desk:calendar", "calendar", "calendar", _("Holidays")),
        ),
    ),
    (
        _("Settings"),
        (
            Door("desk:users", "admin", "users", _("Users")),
            Door("desk:teams", "admin", "users-group", _("Teams")),
        ),
    ),
)


def doors(request: HttpRequest, may: set[str]) -> list[dict[str, Any]]:
    """The side bar of this user: groups with their entries, the present one marked."""
    groups = []
    for title, entries in GROUPS:
        rows = []
        for door in entries:
            if door.permission in may and (address := _address(door.url)):
                here = request.path == address or (address != "/" and request.path.startswith(address))
                rows.append({"url": address, "icon": door.icon, "label": door.label, "key": door.key, "here": here})
        if rows:
            groups.append({"title": title, "rows": rows})
    return groups


BEGINNINGS: tuple[tuple[str, str], ...] = (
    ("team", "desk:team"),
    ("work", "desk:today"),
    ("admin", "desk:users"),
    ("words.decide", "desk:verdicts"),
    ("rules.draft", "desk:holds"),
    ("journal", "desk:journal"),
    ("results", "insight:results"),
    ("hold.see", "desk:holds"),
)
"""Where the day of those begins who hold a permission; the first that fits."""


def first_page(may: set[str]) -> str:
    """Where somebody begins: leads with the team board, collectors with the list, compliance with the verdicts …"""
    return next(
        (address for permission, name in BEGINNINGS if permission in may and (address := _address(name))),
        reverse("desk:profile"),
    )


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
