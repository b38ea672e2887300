"""What a change of the rules would have done: contacts judged by the rules in force and by the draft, side by side.

A contact counts as stopped when it is lawful by the rules in force and no longer by the draft, as freed the other way
round. Where a rule that changed asks for a fact that was not kept, and the answer turns on it, nobody can tell.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from fairdue.law import gate, packdiff
from fairdue.law.codes import Decision
from fairdue.law.facts import COLUMNS, COUNTS, SPANS, UNKNOWN, Facts, Mask
from fairdue.law.packs import Pack, Rule

EXAMPLES: Final = 20
"""Rows shown of each side."""
IMPLIED: Final = {"action", "dir"}
"""Never kept with a verdict, for every verdict is about a contact from us."""


@dataclass
class Side:
    """Contacts that would be stopped (or freed): how many by case, rules and team; the first few as examples."""

    counts: Counter[tuple[int, tuple[str, ...], int]] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, case: int, rules: tuple[str, ...], team: int, example: Mapping[str, Any]) -> None:
        """One contact; case and team 0 = not known."""
        self.counts[case, rules, team] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append({**example, "case": case, "rules": list(rules)})

    def told(self, cases: "Cases") -> dict[str, Any]:
        """Sums by rule, team and bucket: contacts, cases, and what is owed on these cases, each case once."""
        rules: dict[Any, _Sum] = {}
        teams: dict[Any, _Sum] = {}
        buckets: dict[Any, _Sum] = {}
        whole = _Sum()
        for (case, names, team), n in self.counts.items():
            whole.add(case, n)
            for name in names:
                rules.setdefault(name, _Sum()).add(case, n)
            teams.setdefault(cases.teams.get(team, ""), _Sum()).add(case, n)
            buckets.setdefault(cases.buckets.get(case, -1), _Sum()).add(case, n)
        by = {"rules": rules, "teams": teams, "buckets": buckets}
        return {
            **whole.told(cases),
            **{name: _ranked(sums, cases) for name, sums in by.items()},
            "examples": self.examples,
        }


@dataclass
class _Sum:
    n: int = 0
    cases: set[int] = field(default_factory=set)

    def add(self, case: int, n: int) -> None:
        self.n += n
        self.cases.add(case)

    def told(self, cases: "Cases") -> dict[str, Any]:
        money: Counter[str] = Counter()
        for case in self.cases:
            money.update(cases.owed.get(case, {}))
        return {"n": self.n, "cases": len(self.cases - {0}), "money": dict(sorted(money.items()))}


def _ranked(sums: Mapping[Any, _Sum], cases: "Cases") -> list[dict[str, Any]]:
    told = [{"of": name, **found.told(cases)} for name, found in sums.items()]
    return sorted(told, key=lambda row: (-row["n"], str(row["of"])))


@dataclass(frozen=True)
class Cases:
    """What is known of the cases touched: cents owed by currency, worst bucket; names of teams by id."""

    owed: Mapping[int, Mapping[str, int]]
    buckets: Mapping[int, int]
    teams: Mapping[int, str]


@dataclass(frozen=True)
class Compared:
    """One row each. cannot_tell: the answer turns on a fact that was not kept; lacking: how often which."""

    before: gate.Verdicts
    after: gate.Verdicts
    cannot_tell: Mask
    lacking: Counter[str]

    @property
    def stopped(self) -> list[int]:
        """Rows lawful before and not after."""
        return np.flatnonzero(self.before.lawful & ~self.after.lawful & ~self.cannot_tell).tolist()

    @property
    def freed(self) -> list[int]:
        """Rows not lawful before and lawful after."""
        return np.flatnonzero(~self.before.lawful & self.after.lawful & ~self.cannot_tell).tolist()

    @property
    def otherwise(self) -> int:
        """Rows as lawful as before with another decision, such as a warning more."""
        same = self.before.lawful == self.after.lawful
        return int((same & (self.before.decision != self.after.decision) & ~self.cannot_tell).sum())

    def why_stopped(self, row: int) -> tuple[str, ...]:
        """Rules that bar now and did not."""
        return _bars(self.after, row, without=_bars(self.before, row))

    def why_freed(self, row: int) -> tuple[str, ...]:
        """Rules that barred and do not any more."""
        return _bars(self.before, row, without=_bars(self.after, row))


def _bars(verdicts: gate.Verdicts, row: int, *, without: Sequence[str] = ()) -> tuple[str, ...]:
    rules = verdicts.rules_of(row)
    return tuple(r.id for r in rules if verdicts.outcome_of(row, r) >= Decision.HOLD and r.id not in without)


@dataclass(frozen=True)
class Change:
    """The rules in force, the draft, and the rules of the draft that are new or changed, each with a pack of its own."""

    before: tuple[Pack, ...]
    after: tuple[Pack, ...]
    changed: tuple[tuple[Rule, Pack], ...]

    def compare(self, facts: Facts) -> Compared:
        """Judge the rows by both."""
        before = gate.judge(facts, self.before, cure=False, until=False)
        after = gate.judge(facts, self.after, cure=False, until=False)
        cannot, lacking = np.zeros(len(facts), np.bool_), Counter[str]()
        for rule, alone in self.changed:
            missing = sorted(name for name in asked(rule, alone) if _is_missing(name, facts))
            if missing:
                turns = _turns_on(rule, alone, missing, facts)
                cannot |= turns
                lacking.update(dict.fromkeys(missing, int(turns.sum())))
        return Compared(before, after, cannot, +lacking)


def changed_rules(before: tuple[Pack, ...], after: tuple[Pack, ...], old: str, new: str) -> Change:
    """The change from one set to another; `old` and `new` are the texts of the one pack that differs.

    Of a pack whose head changed every rule counts as changed.
    """
    changes = packdiff.compare(old, new) if old else []
    names = {change.rule for change in changes if change.path[:1] not in (("say",), ("cure",), ("examples",))}
    whole = not old or any(c.rule == packdiff.HEAD and c.path[:1] not in (("version",), ("about",)) for c in changes)
    known = {pack.hash for pack in before}
    found = [
        (rule, replace(pack, rules=(rule,)))
        for pack in after
        if pack.hash not in known
        for rule in pack.rules
        if whole or rule.id in names
    ]
    return Change(before, after, tuple(found))


def asked(rule: Rule, pack: Pack) -> set[str]:
    """The facts a rule asks for: in its conditions, its terms and what its pack covers."""
    groups = (*rule.when, *rule.unless, *pack.covers)
    names = {condition.fact for group in groups for condition in group}
    for value in rule.terms.values():
        parts = value if isinstance(value, tuple) else (value,)
        names |= {part for part in parts if isinstance(part, str)}
    return (names & (COLUMNS.keys() | SPANS.keys() | COUNTS.keys())) - IMPLIED


def _is_missing(name: str, facts: Facts) -> bool:
    return name not in facts.columns and name not in facts.spans and name not in facts.past


def _turns_on(rule: Rule, alone: Pack, missing: Sequence[str], facts: Facts) -> Mask:
    """Rows on which the rule would speak if the missing facts were so, and not for sure."""
    blank = {name: np.broadcast_to(np.int16(UNKNOWN), len(facts)) for name in missing if name in COLUMNS}
    columns = {**facts.columns, **blank}
    unknown = Facts(facts.instant, facts.zones, columns, facts.spans, facts.past, facts.wishes)
    told = gate.judge(unknown, [alone], cure=False, until=False)
    if rule.kind.name == "must_know":
        return told.spoke_rule(rule.id)
    if any(COLUMNS[name].kind == "bits" for name in blank):  # a set that is not known reads as one that holds all
        usual = gate.judge(facts, [alone], cure=False, until=False)
        return told.spoke_rule(rule.id) & ~usual.spoke_rule(rule.id)
    place = [one.id for one in told.rules].index(rule.id)
    unsure: Mask = (told.unsure[:, place // 64] >> np.uint64(place % 64)) & np.uint64(1) == 1
    return unsure
