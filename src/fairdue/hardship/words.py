"""What to do with somebody who is treated with care, and the kinds of reasons, which few may see."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

CARE: Final[dict[str, Any]] = {
    "slow": _("Speak slowly and plainly; ask them to say back what was agreed"),
    "short": _("Keep it short; offer a break"),
    "written": _("Put in writing whatever is agreed"),
    "time": _("Give time: nothing is decided on the first call"),
    "helper": _("Talk with their helper present"),
    "no_calls": _("Do not call: write"),
    "no_visits": _("Do not visit"),
    "hand_over": _("Do not negotiate: hand over to complaints and disputes"),
}
"""Instructions are a closed list, so that nobody writes the reason into them."""
KINDS: Final[dict[str, Any]] = {
    "health": _("Physical illness or disability"),
    "mental": _("Mental health"),
    "age": _("Old or very young"),
    "capacity": _("Cannot decide alone"),
    "bereaved": _("Bereaved"),
    "abuse": _("Under somebody's control, violence"),
    "literacy": _("Reading, language, numbers"),
    "addiction": _("Addiction"),
    "self_harm": _("May harm themselves"),
    "other": _("Other"),
}
