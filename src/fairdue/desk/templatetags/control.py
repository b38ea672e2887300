"""Tags of the lead's, compliance's and administration's pages."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from fairdue.contact.rulebook import in_force
from fairdue.desk import clock, words
from fairdue.desk.pages import entries
from fairdue.desk.pages.entries import VERBS
from fairdue.desk.pages.entry_words import SUBJECTS
from fairdue.desk.pages.keeping import WEEKDAYS
from fairdue.desk.pages.rulebook import LEVELS
from fairdue.desk.pages.search import mask_name
from fairdue.desk.templatetags.desk import VERDICT_ICONS, chip, rules_of
from fairdue.desk.writing import chinese
from fairdue.hardship.models import Effect
from fairdue.journal.models import Entry
from fairdue.law import settings
from fairdue.law.packs import Pack

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
def together(effects: Iterable[Effect]) -> list[tuple[Effect, list[str]]]:
    """`{% for group in file.granted|together %}`: effects alike but for their account, with the accounts' references."""
    found: dict[tuple[Any, ...], tuple[Effect, list[str]]] = {}
    for effect in effects:
        days = (effect.starts_on, effect.ends_on, effect.asked_until)
        alike = (effect.kind, effect.status, *days, effect.by_law, effect.undone)
        _, accounts = found.setdefault(alike, (effect, []))
        accounts += [effect.account.external_ref] if effect.account else []
    return list(found.values())


@register.simple_tag
def scheme_effect(effect: str, rate: int | None) -> Any:
    """`{% scheme_effect "cap" 60000 %}`: what a statutory scheme does, in words."""
    if effect == "cap" and rate is not None:
        return _("Interest at most %(percent)s %%") % {"percent": f"{Decimal(rate) / 10_000:f}".rstrip("0").rstrip(".")}
    if effect == "pause":
        return _("Statutory pause of contact")
    return dict(Effect.Kind.choices)[effect]


@register.filter
def verb(name: str) -> Any:
    """What an entry of the journal says happened, in words."""
    return VERBS.get(name, name)


@register.filter
def subject(name: str) -> Any:
    """What an entry of the journal is about, in words."""
    return SUBJECTS.get(name, name)


@register.filter
def told(entry: Entry) -> list[tuple[Any, str]]:
    """What an entry of the journal tells in detail: (term, value) in words."""
    return entries.told(entry)


@register.filter
def level(name: str) -> Any:
    """Rank of a rule's source in words."""
    return LEVELS.get(name, name)


@register.simple_tag(takes_context=True)
def rule_link(context: dict[str, Any], name: str) -> SafeString:
    """`{% rule_link verdict.rules.0 %}`: what the rule says, as a link to its page; its id when it is gone."""
    rule, pack = rules_of(context).get(name, (None, None))
    if rule is None or pack is None:
        return format_html('<code class="rule-id">{}</code>', name)
    address, says = reverse("desk:rule", args=[pack.id, name]), rule.say["zh" if chinese() else "en"]
    return format_html('<a href="{}" title="{}">{}</a>', address, name, says)


@register.simple_tag(takes_context=True)
def apart(context: dict[str, Any], names: list[str]) -> dict[str, list[str]]:
    """`{% apart verdict.rules as spoke %}`: `objected`, and `duties`, which only demand words."""
    known = rules_of(context)
    duties = [name for name in names if name in known and known[name][0].kind.speaks]
    return {"objected": [name for name in names if name not in duties], "duties": duties}


@register.filter
def pack_name(pack: Pack) -> str:
    """What a pack is about, in the language of the page; its id when it does not say."""
    return pack.about.get("zh" if chinese() else "en", pack.id)


@register.simple_tag
def pack_titled(pack_id: str) -> str:
    """`{% pack_titled shelf.pack %}`: what the pack in force under this id is about."""
    if pack_id == settings.ID:
        return pack_name(settings.as_pack(settings.text_of(settings.NONE)))
    return next((pack_name(pack) for pack in in_force(clock.now()) if pack.id == pack_id), pack_id)


@register.filter
def masked_name(name: str) -> str:
    """王** for a screen that many can see."""
    return mask_name(name)


@register.filter
def weekdays(bits: int) -> str:
    """Days of a wish in short names, bit 0 Monday: Mon Tue; every day."""
    if bits == 127:
        return _("every day")
    return (" " if not chinese() else "、").join(str(word) for n, word in WEEKDAYS if bits >> n & 1)


@register.filter
def weekday(day: date) -> Any:
    """Mon … Sun."""
    return dict(WEEKDAYS)[day.weekday()]


@register.filter
def jurisdiction(code: int) -> Any:
    """Whose rules, in words."""
    return words.JURISDICTIONS.get(code, code)  # type: ignore[call-overload]


@register.filter
def chain_hash(entry: Entry) -> str:
    """The hash of an entry's link as hexadecimal text; "" before its transaction ended."""
    link = getattr(entry, "link", None)
    return bytes(link.hash).hex() if link else ""
