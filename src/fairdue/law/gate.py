"""May we? `judge` puts facts and rules together; `explain` says why, in both languages.

How to call:

    verdicts = judge(facts, packs.standard())        # facts: record.facts(...), or Facts.of(...)
    verdicts.decision                                # (n,) codes.Decision: the strictest rule wins
    verdicts.earliest                                # (n,) UTC minutes: first lawful minute from now; NEVER
    verdicts.until                                   # (n,) UTC minutes: first minute no longer lawful; NEVER
    explain(verdicts, row=0, lang="zh")              # reasons, duties, citation, cure, earliest
    verdicts.as_json(0)                              # a dict to store; again = rejudge(stored, packs)
    windows(facts, packs, start=a, end=b)            # first and last lawful minute in [a, b], for planning

Lawful means allow or warn. A rule that cannot be cured by waiting gives earliest = NEVER.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairdue.law.facts import Facts, Mask, Minutes
from fairdue.law.packs import Pack, Rule


@dataclass(frozen=True)
class Verdicts:
    """What the gate said, one row per contact.

    decision: (n,) uint8 of `codes.Decision`. earliest, until: (n,) UTC minutes, NEVER where there is none; both are
    NEVER-filled when not asked for. spoke, unsure: (n, words) bit sets by place in `rules`: which rules had a say
    (a duty to say something included), and which of them only because a fact is unknown. reason: (n,) uint8 of
    `Reason`. `facts` and `packs` are what was judged.
    """

    decision: NDArray[np.uint8]
    earliest: Minutes
    until: Minutes
    spoke: NDArray[np.uint64]
    unsure: NDArray[np.uint64]
    reason: NDArray[np.uint8]
    rules: tuple[Rule, ...]
    facts: Facts
    packs: tuple[Pack, ...]

    def __len__(self) -> int:
        return len(self.decision)

    @property
    def lawful(self) -> Mask:
        """Rows that may go out now (allow or warn)."""
        raise NotImplementedError

    def rules_of(self, row: int) -> list[Rule]:
        """The rules that spoke on this row, the strictest first."""
        raise NotImplementedError

    def as_json(self, row: int) -> dict[str, Any]:
        """Facts seen, rules, pack versions and hashes, decision and moments: enough to judge again."""
        raise NotImplementedError


@dataclass(frozen=True)
class Windows:
    """For each row: whether any minute of the asked interval is lawful, the first and the last such minute."""

    any: Mask
    first: Minutes
    last: Minutes


def judge(facts: Facts, packs: Sequence[Pack], *, cure: bool = True, until: bool = True) -> Verdicts:
    """Judge every row by the packs of its jurisdiction and by the house.

    `cure` asks for the earliest lawful minute of the refused, `until` for the end of the lawful window of the
    allowed; leave them out where they are not needed, they cost time.
    """
    raise NotImplementedError


def windows(facts: Facts, packs: Sequence[Pack], *, start: Minutes | int, end: Minutes | int) -> Windows:
    """The first and last lawful minute from `start` to `end` (both included, UTC minutes; one value or one per row)."""
    raise NotImplementedError


def explain(verdicts: Verdicts, row: int = 0, lang: str = "zh") -> dict[str, Any]:
    """One row in words: {decision, headline, reasons: [{rule, names, says, cites, level, cure, earliest}], duties}."""
    raise NotImplementedError


def rejudge(stored: Mapping[str, Any], packs: Sequence[Pack]) -> Verdicts:
    """Judge a stored verdict's facts again, by the rules given."""
    raise NotImplementedError
