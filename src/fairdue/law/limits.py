"""How close contacts have come to a cap: the rules of the packs, judged with one contact less."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fairdue.law import gate
from fairdue.law.facts import Facts
from fairdue.law.packs import Pack, Rule

TIMES: Final = "times"
"""The term by which a kind of rule is a cap."""


@dataclass(frozen=True)
class Near:
    """A row and a cap: `left` = 1 when one more contact is allowed, 0 when the cap is reached."""

    row: int
    rule: Rule
    left: int

    @property
    def times(self) -> int:
        """How many contacts the cap allows."""
        return int(self.rule.terms[TIMES])


def near(facts: Facts, packs: Sequence[Pack]) -> list[Near]:
    """Every row × cap that is reached or has one contact left, in the order of the rows, reached ones first.

    A cap of one contact is named only when it is reached: before, everybody has one left.
    """
    if not len(facts):
        return []
    caps, one_less = _caps(tuple(packs)), _one_less(tuple(packs))
    full, close = _spoken(facts, caps), _spoken(facts, one_less)
    rules = {rule.id: rule for pack in caps for rule in pack.rules}
    found = [Near(int(row), rules[name], 0) for name, rows in full.items() for row in np.flatnonzero(rows)]
    for name, rows in close.items():
        known = full.get(name, np.zeros(len(facts), np.bool_))
        found += [Near(int(row), rules[name], 1) for row in np.flatnonzero(rows & ~known)]
    return sorted(found, key=lambda one: (one.row, one.left, one.rule.id))


def _spoken(facts: Facts, packs: Sequence[Pack]) -> dict[str, NDArray[np.bool_]]:
    """The rows on which each cap of the packs speaks and is sure of it."""
    verdicts = gate.judge(facts, packs, cure=False, until=False)
    guessed = replace(verdicts, spoke=verdicts.unsure)
    names = [rule.id for pack in packs for rule in pack.rules]
    return {name: verdicts.spoke_rule(name) & ~guessed.spoke_rule(name) for name in names}


@lru_cache(maxsize=8)
def _caps(packs: tuple[Pack, ...]) -> tuple[Pack, ...]:
    return tuple(replace(pack, rules=tuple(r for r in pack.rules if TIMES in r.terms)) for pack in packs)


@lru_cache(maxsize=8)
def _one_less(packs: tuple[Pack, ...]) -> tuple[Pack, ...]:
    """The same caps with one contact less; those of a single contact are left out."""
    return tuple(
        replace(pack, rules=tuple(_less(rule) for rule in pack.rules if rule.terms[TIMES] > 1)) for pack in _caps(packs)
    )


def _less(rule: Rule) -> Rule:
    return replace(rule, terms={**rule.terms, TIMES: rule.terms[TIMES] - 1})
