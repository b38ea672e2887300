"""Rule packs: YAML says what, a closed set of kinds says how. See docs/rules.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    """One rule of a pack, checked and ready to be judged.

    id: stable internal name (`cn.quiet-hours`); public: the names results may give it (`CN-HRS-01`). say, cure: texts
    by language. law: since, until, cites, level, confidence, force, source.
    """

    id: str
    public: tuple[str, ...]
    kind: str
    terms: Mapping[str, Any]
    decision: int
    say: Mapping[str, str]
    cure: Mapping[str, str]
    law: Mapping[str, Any]


@dataclass(frozen=True)
class Pack:
    """The rules of one file, with the file's hash and version."""

    id: str
    version: str
    hash: str
    rules: tuple[Rule, ...]


class PackError(ValueError):
    """A mistake in a pack: file, line, rule, field, and how to mend it."""


def standard() -> tuple[Pack, ...]:
    """The packs that come with Fairdue, read once."""
    raise NotImplementedError


def load(text: str, *, file: str) -> Pack:
    """Read one pack. Raises PackError naming file, line, rule, field and cure."""
    raise NotImplementedError
