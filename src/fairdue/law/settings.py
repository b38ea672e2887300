"""What the firm decided about rules without rewriting them: which unconfirmed ones legal signed off, which soft ones
refuse. Versioned like a pack, and in every verdict beside the packs (its id is `settings`).

    settings:
      version: "2"
      signed_off: [cn.some-rule]     # confidence D: warns until it stands here
      stricter: [us.some-rule]       # the pack says warn, the firm says deny
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fairdue.law import packtext
from fairdue.law.codes import Decision
from fairdue.law.located import PackError
from fairdue.law.packs import OURS, Pack, Rule, decided, gate_pack

ID: Final = "settings"
FILE: Final = "settings.yaml"
_FIELDS: Final = ("version", "signed_off", "stricter")


@dataclass(frozen=True)
class Settings:
    """Rule ids, each in alphabetical order."""

    version: str = ""
    signed_off: tuple[str, ...] = ()
    stricter: tuple[str, ...] = ()


NONE: Final = Settings()


def load(text: str) -> Settings:
    """Read settings. Raises PackError naming the field and how to mend it."""
    body = packtext.tree(text).get(ID)
    if not isinstance(body, dict) or set(body) - set(_FIELDS):
        raise PackError(f"{FILE}, line 1: write a block `settings:` with {', '.join(_FIELDS)}")
    return Settings(str(body.get("version", "")), _ids(body, "signed_off"), _ids(body, "stricter"))


def _ids(body: dict[str, Any], field: str) -> tuple[str, ...]:
    names = body.get(field) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise PackError(f"{FILE}, line 1, field {field}: write a list of rule ids")
    return tuple(sorted(set(names)))


def text_of(settings: Settings) -> str:
    """The settings as text; the same settings always give the same text."""
    lines = [f'settings:\n  version: "{settings.version}"']
    for field, names in (("signed_off", settings.signed_off), ("stricter", settings.stricter)):
        lines.append(f"  {field}:" + ("".join(f"\n    - {name}" for name in names) or " []"))
    return "\n".join(lines) + "\n"


def as_pack(text: str) -> Pack:
    """The settings as a pack without rules: so that a verdict stores their version and hash with the others."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    about = {"zh": "法务签核与本公司的加严", "en": "Sign-offs of legal and what the firm makes stricter"}
    head = replace(gate_pack(), id=ID, version=load(text).version, hash=digest, about=about)
    return replace(head, covers=(), rules=(), file=FILE)


def unconfirmed(rules: Iterable[Rule]) -> list[Rule]:
    """Rules of law that stand on our own knowledge alone (confidence D), which legal may sign off."""
    return [rule for rule in rules if rule.law["confidence"] == "D" and rule.law["level"] not in OURS]


def soft(rules: Iterable[Rule]) -> list[Rule]:
    """Rules that only warn, which the firm may make refuse."""
    return [rule for rule in rules if rule.decision == Decision.WARN]


def applied(packs: Sequence[Pack], settings: Settings) -> tuple[Pack, ...]:
    """The packs by the firm's settings: unconfirmed rules warn until signed off, soft ones named in `stricter` refuse."""
    return decided(tuple(packs), frozenset(settings.signed_off), frozenset(settings.stricter))
