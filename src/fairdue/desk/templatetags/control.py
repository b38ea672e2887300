"""Tags of the lead's, compliance's and administration's pages."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from fairdue.desk import words
from fairdue.desk.pages.entries import SUBJECTS, VERBS
from fairdue.desk.pages.rulebook import LEVELS
from fairdue.desk.templatetags.desk import VERDICT_ICONS, chip
from fairdue.journal.models import Entry

register = template.Library()


@register.simple_tag
def decision_chip(code: int) -> SafeString:
    """`{% decision_chip verdict.decision %}`: allowed, with care, not yet clear, not allowed."""
    return chip(words.DECISIONS[code], words.TONES[code], VERDICT_ICONS[code])  # type: ignore[index]


@register.simple_tag
def narrowed(chosen: Any, **changes: Any) -> str:
    """`?{% narrowed chosen decision=3 %}`: the filter's address with something else in place."""
    return str(chosen.without(**changes))


@register.filter
def verb(name: str) -> Any:
    """What an entry of the journal says happened, in words."""
    return VERBS.get(name, name)


@register.filter
def subject(name: str) -> Any:
    """What an entry of the journal is about, in words."""
    return SUBJECTS.get(name, name)


@register.filter
def level(name: str) -> Any:
    """Rank of a rule's source in words."""
    return LEVELS.get(name, name)


@register.filter
def chain_hash(entry: Entry) -> str:
    """The hash of an entry's link as hexadecimal text; "" before its transaction ended."""
    link = getattr(entry, "link", None)
    return bytes(link.hash).hex() if link else ""
