"""Tags of the rulebook's pages."""

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fairdue.desk.pages.versions import STATES, Sum
from fairdue.desk.templatetags.desk import chip
from fairdue.desk.words import DECISIONS
from fairdue.desk.writing import money_short, number
from fairdue.law.codes import Decision

register = template.Library()


@register.simple_tag
def version_chip(state: str) -> SafeString:
    """`{% version_chip "binding" %}`: where a version stands."""
    word, tone, symbol = STATES[state]
    return chip(word, tone, symbol)


@register.filter
def example(given: Any) -> str:
    """An example in one line, as it is written."""
    if not isinstance(given, Mapping):
        return str(given)
    return ", ".join(f"{name}: {value}" for name, value in given.items() if name != "past")


@register.filter
def outcome(found: str) -> str:
    """What came out of an example instead, in words."""
    told = re.fullmatch(r"(earliest )?(\S+) instead of (\S+)", found)
    if told is None:
        return found
    now, was = (str(_outcome_word(part)) for part in (told[2], told[3]))
    said = _("%(now)s instead of %(was)s") % {"now": now, "was": was}
    return f"{_('Earliest lawful moment')}: {said}" if told[1] else said


def _outcome_word(part: str) -> Any:
    known = Decision.__members__.get(part.upper())
    return DECISIONS[known] if known is not None else part.replace("T", " ")


@register.filter
def at_stake(found: Sum) -> str:
    """How many cases, and what is owed on them."""
    owed = " + ".join(money_short(cents, currency) for currency, cents in found.money)
    told = ngettext("%(n)s case", "%(n)s cases", found.cases) % {"n": number(found.cases)}
    return f"{told} · {owed}" if owed else told
