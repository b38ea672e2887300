"""Words that staff and borrower read alike."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from fairdue.money.affordability import SPENDING

SPENDING_WORDS: Final[Mapping[str, Any]] = {
    "housing": _("Housing"), "food": _("Food"), "utilities": _("Water, power, phone"),
    "transport": _("Transport"), "health": _("Health"), "family": _("Children, family"), "other": _("Other necessities"),
}  # fmt: skip
assert set(SPENDING_WORDS) == set(SPENDING)
