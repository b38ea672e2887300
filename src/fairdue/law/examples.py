"""The examples of a pack, judged: every rule shows by its own examples what it does.

An example is a line of YAML: `at` (local), `expect` (allow, warn, hold, deny), and any fact by its name. Further:
`zone` (a name, a list of names, or null), `past` (local times by count), `unwelcome` ({days, from, to}), a span by
name (true), `earliest` (local), `speaks` (whether the rule has a say). The rule is judged alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from fairdue.law import gate
from fairdue.law.clock import LONG_AGO, NEVER, local_iso, minutes, zone_name, zone_sets
from fairdue.law.codes import ActorType, Channel, DebtType, Decision, Known, Purpose, Relation
from fairdue.law.facts import COLUMNS, COUNTS, SPANS, Facts, Spans, Wishes, value_of
from fairdue.law.packs import Pack, Rule

_WEEK: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_USUAL: Final[Mapping[str, int]] = {
    "jurisdiction": 1,
    "channel": Channel.CALL,
    "relation": Relation.DEBTOR,
    "purpose": Purpose.COLLECT,
    "actor_type": ActorType.DEBT_COLLECTOR,
    "debt_type": DebtType.CREDIT_CARD,
}


def failures(pack: Pack) -> Iterator[str]:
    """What each example that does not come out as written gave instead; nothing = all is well."""
    for rule in pack.rules:
        for number, example in enumerate(rule.examples, 1):
            found = difference(pack, rule, example)
            if found:
                yield f"{pack.file}, rule {rule.id}, example {number}: {found}"


def difference(pack: Pack, rule: Rule, example: Mapping[str, Any]) -> str:
    """What came out instead of what the example says; "" = as written."""
    verdicts, zone = _judged(pack, rule, example)
    decision = _decision(verdicts)
    if decision != example["expect"]:
        return f"{decision} instead of {example['expect']}"
    spoke = any(one is rule for one in verdicts.rules_of(0))
    if "speaks" in example and spoke != example["speaks"]:
        return "the rule spoke" if spoke else "the rule did not speak"
    if "earliest" in example:
        earliest = _earliest(verdicts, zone)
        if earliest != str(example["earliest"]):
            return f"earliest {earliest} instead of {example['earliest']}"
    return ""


def told_anew(pack: Pack, rule: Rule, example: Mapping[str, Any]) -> dict[str, Any]:
    """The example with what comes out now."""
    verdicts, zone = _judged(pack, rule, example)
    anew = {**example, "expect": _decision(verdicts)}
    if "speaks" in example:
        anew["speaks"] = any(one is rule for one in verdicts.rules_of(0))
    if "earliest" in example and _earliest(verdicts, zone):
        anew["earliest"] = _earliest(verdicts, zone)
    elif "earliest" in example:
        del anew["earliest"]
    return anew


def _judged(pack: Pack, rule: Rule, example: Mapping[str, Any]) -> tuple[gate.Verdicts, str]:
    """The rule's verdict alone, and the zone in which its moments are told."""
    facts = facts_of(example, pack)
    verdicts = gate.judge(facts, [replace(pack, rules=(rule,))])
    return verdicts, zone_name(max(int(facts.zones[0, 0]), 0))


def _decision(verdicts: gate.Verdicts) -> str:
    return Decision(int(verdicts.decision[0])).name.lower()


def _earliest(verdicts: gate.Verdicts, zone: str) -> str | None:
    return None if verdicts.earliest[0] >= NEVER else local_iso(int(verdicts.earliest[0]), zone)


def facts_of(example: Mapping[str, Any], pack: Pack) -> Facts:
    """The facts of one example; what it does not name is as usual: a call to a living debtor to collect."""
    zone = example.get("zone", "Asia/Shanghai" if pack.clock is None else zone_name(pack.clock))
    zones = zone_sets([[] if zone is None else [zone] if isinstance(zone, str) else zone])
    home = zone_name(max(int(zones[0, 0]), 0))
    columns: dict[str, ArrayLike] = {name: [code] for name, code in _USUAL.items()}
    if pack.jurisdiction is not None:
        columns["jurisdiction"] = [int(pack.jurisdiction)]
    spans: dict[str, Spans] = {}
    for name, value in example.items():
        if name in COLUMNS:
            columns[name] = [_code(name, value)]
        elif name in SPANS and value:
            spans[name] = Spans.since(np.array([LONG_AGO]))
    return Facts.blank(
        instant=[minutes(str(example["at"]), home)],
        zones=zones,
        spans=spans,
        past=_past(example.get("past", {}), home),
        wishes=_wishes(example.get("unwelcome")),
        **columns,
    )


def _code(name: str, value: Any) -> int:
    column = COLUMNS[name]
    if value is None:
        return int(Known.UNKNOWN)
    return value_of(column, str(value) if column.kind == "code" else value)


def _past(given: Mapping[str, list[Any]], zone: str) -> dict[str, np.ndarray[Any, np.dtype[np.int64]]]:
    found = {}
    for name, times in given.items():
        newest_first = sorted((minutes(str(time), zone) for time in times), reverse=True)
        depth = COUNTS[name][0]
        found[name] = np.array([(newest_first + [LONG_AGO] * depth)[:depth]], np.int64)
    return found


def _wishes(given: Mapping[str, Any] | None) -> Wishes:
    if given is None:
        return Wishes.none()
    days = sum(1 << _WEEK.index(name) for name in given.get("days", _WEEK))
    start, end = (_minute(given.get(name, default)) for name, default in (("from", "00:00"), ("to", "24:00")))
    return Wishes(*(np.array([value], np.int64) for value in (0, days, start, end, 0, NEVER)))


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
