"""Words that staff and borrower read alike."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fairdue.money.affordability import SPENDING
from fairdue.money.amount import money_signed
from fairdue.money.plans import runs

SPENDING_WORDS: Final[Mapping[str, Any]] = {
    "housing": _("Housing"), "food": _("Food"), "utilities": _("Water, power, phone"),
    "transport": _("Transport"), "health": _("Health"), "family": _("Children, family"), "other": _("Other necessities"),
}  # fmt: skip
assert set(SPENDING_WORDS) == set(SPENDING)


def size(cents: Sequence[int], currency: str) -> str:
    """The amounts of a schedule in one line, adding up to its total: 5 × ¥805.00 and last ¥800.77."""
    *before, (count, each) = runs(cents)
    parts = [f"{n} × {money_signed(one, currency)}" for n, one in before]
    if count > 1 or not before:
        return " + ".join([*parts, f"{count} × {money_signed(each, currency)}"])
    told = {"before": " + ".join(parts), "last": money_signed(each, currency)}
    return gettext("%(before)s and last %(last)s") % told
