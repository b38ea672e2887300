"""Law cases from outside: the same record, facts and gate as every other contact, results in the shared form.

How to call:

    for result in judge_cases(open("cases.jsonl")): ...     # {"id", "decision", "rule_ids", "reason", "values"}

A line that cannot be read gives {"id", "error"} and the others go on. Only the packs of the case's country are loaded.
A situation that no rule covers yet gives hold with the reason `no_rule_yet`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any, Final

import numpy as np

from fairdue.law import answers, gate, packs, record
from fairdue.law.calc.figures import CalcError
from fairdue.law.calc.questions import answer_case
from fairdue.law.calendars import CalendarUnknownError
from fairdue.law.case_facts import Reading
from fairdue.law.case_form import CaseError, check_fields, missing
from fairdue.law.clock import NEVER, local_iso
from fairdue.law.codes import Action, ActorType, Channel, Decision, Direction
from fairdue.law.facts import Facts
from fairdue.law.gate import Reason, Verdicts
from fairdue.law.kinds import YES
from fairdue.law.packs import Condition, Group, Pack, Rule
from fairdue.law.weighing import active

_FREE_ACTS: Final = (Action.CONTACT, Action.ANSWER_SAME_CALL, Action.ASK_CONVENIENT_TIME, Action.REQUEST_PAYMENT)
"""Acts that are free where no rule speaks; of others silence means that nobody has written the rule yet, unless a pack
names them as free."""
_MESSAGE: Final = frozenset(
    ("content", "discloses_debt", "identifies_self", "opt_out_notice", "names_employer_unasked", "public_view",
     "overshadows_dispute", "parts", "threatens_action", "anonymous", "premium_number", "sent_to_all_alike")
)  # fmt: skip
"""Facts of what is said: a content check asks only rules that ask for one of them."""
_WHO_AND_WHAT: Final = frozenset(
    ("jurisdiction", "place", "actor_type", "entity", "debt_type", "debt_status", "in_default_when_obtained",
     "closed_book", "licensed")
)  # fmt: skip
"""Facts that decide whether a rule applies at all, whatever is about to be done."""


def judge_cases(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One result per line of cases; empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _judge_line(line, number)


def _judge_line(line: str, number: int) -> dict[str, Any]:
    try:
        case = json.loads(line)
    except json.JSONDecodeError as error:
        return {"id": None, "error": f"line {number}: not JSON: {error.msg} at column {error.colno}"}
    if not isinstance(case, dict) or "id" not in case:
        return {"id": None, "error": f"line {number}: a case is an object with an id"}
    try:
        return {"id": case["id"], **judge_case(case)}
    except (CaseError, CalendarUnknownError) as error:
        return {"id": case["id"], "error": f"line {number}: {error}"}
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        why = missing(case) or f"the case is of the wrong shape: {error!r}"
        return {"id": case["id"], "error": f"line {number}: {why}"}


def judge_case(case: dict[str, Any]) -> dict[str, Any]:
    """The result of one case without its id. Raises CaseError naming the field."""
    check_fields(case)
    if "calc" in case:
        return _calculation(case)
    reading = Reading.of(case)
    result = answers.answer(reading)
    if result is not None:
        return result
    judged = _ANSWERS.get(reading.action)
    return judged(reading) if judged is not None else _by_rules(reading)


def _calculation(case: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"values": answer_case(case)}
    except CalcError as error:
        raise CaseError(str(error)) from None


# ---- situations judged by the rules


@cache
def _packs(name: str) -> tuple[Pack, ...]:
    return packs.of_jurisdiction(name)


def _handled(loaded: tuple[Pack, ...], action: Action) -> bool:
    """Whether silence of the rules about this act means that it is free."""
    if action in _FREE_ACTS or any(action in pack.free for pack in loaded):
        return True
    return any(
        condition.fact == "action" and condition.table[action + 1] == YES
        for pack in loaded
        for rule in pack.rules
        for group in rule.when
        for condition in group
    )


def _by_rules(reading: Reading) -> dict[str, Any]:
    loaded = _packs(reading.pack)
    if not loaded or not _handled(loaded, reading.action):
        return answers.no_rule_yet()
    facts = reading.facts()
    verdicts = gate.judge(facts, loaded, cure=False, until=False)
    row = int(np.argmax(verdicts.decision))
    decision = Decision(int(verdicts.decision[row]))
    result: dict[str, Any] = {
        "decision": decision.name.lower(),
        "rule_ids": _names(verdicts),
        "reason": Reason(int(verdicts.reason[row])).name.lower(),
        "values": _values(reading, facts, verdicts, loaded),
    }
    return result


def _names(verdicts: Verdicts) -> list[str]:
    """Public names of the rules behind the strictest decision of any debt."""
    strictest = verdicts.decision.max(initial=0)
    found: dict[str, None] = {}
    for row in np.flatnonzero(verdicts.decision == strictest):
        for rule in verdicts.rules_of(int(row)):
            if strictest > Decision.ALLOW and verdicts.outcome_of(int(row), rule) == strictest:
                found |= dict.fromkeys(rule.names)
    return list(found)


def _content(reading: Reading) -> dict[str, Any]:
    """Whether the rules about what is said leave a text as it is."""
    loaded = tuple(
        replace(p, rules=tuple(r for r in p.rules if r.kind.name == "must_hold" or _MESSAGE & _asked(r)))
        for p in _packs(reading.pack)
    )
    facts = reading.facts(action=int(Action.CONTACT), channel=answers.usual_channel(reading))
    verdicts = gate.judge(facts, loaded, cure=False, until=False)
    decision = Decision(int(verdicts.decision.max()))
    told = {Decision.DENY: "invalid", Decision.HOLD: "hold"}.get(decision, "valid")
    names = [] if told == "valid" else _names(verdicts)
    reason = Reason(int(verdicts.reason[0])).name.lower()
    if reason != "none":
        return {"decision": "allow", "rule_ids": [], "reason": reason, "values": {}}
    return {"decision": told, "rule_ids": names, "reason": "none", "values": {}}


def _asked(rule: Rule) -> frozenset[str]:
    return frozenset(condition.fact for group in rule.when for condition in group)


def _applies(reading: Reading) -> dict[str, Any]:
    """Whether a rule, called by a public name, binds this actor and these debts at this time, whatever is done."""
    wanted = str(reading.when.get("rule", ""))
    rules = [(p, r) for p in _packs(reading.pack) for r in p.rules]
    named = [(p, r) for p, r in rules if wanted in r.names]
    named = named or [(p, r) for p, r in rules if any(_continues(name, wanted) for name in r.names)]
    if not named:
        return answers.check_applies(reading, wanted)
    facts = reading.facts()
    best = max((_how_far(facts, pack, rule) for pack, rule in named), key=_REACH.index)
    names = [wanted] if best == "none" else []
    return {"decision": "allow", "rule_ids": names, "reason": best, "values": {}}


_REACH: Final = ("not_covered", "not_in_force", "none")


def _continues(name: str, wanted: str) -> bool:
    return any(name.startswith(wanted + mark) for mark in "./-")


def _how_far(facts: Facts, pack: Pack, rule: Rule) -> str:
    """`not_covered`, `not_in_force`, or `none` where the rule applies."""
    if not (_binds(facts, pack.covers) and _binds(facts, rule.when)):
        return "not_covered"
    today = facts.days[0]
    since = max(pack.since or today, rule.since or today)
    over = rule.until is not None and rule.until < today
    return "not_in_force" if since > today or over else "none"


def _binds(facts: Facts, groups: Sequence[Group]) -> bool:
    """Whether somebody and something like this is meant by any of the groups; what is done is left aside."""
    who = [[condition for condition in group if condition.fact in _WHO_AND_WHAT] for group in groups]
    return not who or any(all(_is_met(facts, condition) for condition in group) for group in who)


def _is_met(facts: Facts, condition: Condition) -> bool:
    return bool((condition.array[np.asarray(facts.column(condition.fact)) + 1] == YES).any())


def _values(reading: Reading, facts: Facts, verdicts: Verdicts, loaded: tuple[Pack, ...]) -> dict[str, Any]:
    """What a result tells beside the decision: counted calls with the planned one, and the next free date."""
    values: dict[str, Any] = {}
    if reading.pack != "us" or reading.action != Action.CONTACT or reading.direction != Direction.OUT:
        return values
    if not verdicts.reason.any():
        free = _next_free(facts, loaded)
        if reading.channel in (Channel.CALL, Channel.VOICEMAIL) and _by_regulation_f(reading):
            values["counted_calls"] = _with_the_planned_one(reading, facts)
        if free is not None:
            values["next_free_date"] = local_iso(free, reading.zone)[:10]
    return values


def _by_regulation_f(reading: Reading) -> bool:
    return reading.actor_type in (ActorType.DEBT_COLLECTOR, ActorType.DEBT_BUYER, ActorType.SERVICER)


def _with_the_planned_one(reading: Reading, facts: Facts) -> dict[str, int]:
    """Counted calls by key, the planned one included."""
    counts = _counts(reading)
    planned = 0 if reading.relation_name == "attorney" else 1
    covered = active(facts, "extra_calls_agreed")
    return {key: counts.calls[key] + (0 if covered[row] else planned) for row, key in enumerate(reading.keys)}


def _next_free(facts: Facts, loaded: tuple[Pack, ...]) -> int | None:
    """The first minute at which no limit on numbers of calls bars any more, whatever the hour."""
    limits = tuple(replace(p, rules=tuple(r for r in p.rules if r.kind.count and r.terms.get("times"))) for p in loaded)
    verdicts = gate.judge(facts, limits, until=False)
    latest = int(verdicts.earliest.max())
    return latest if verdicts.decision.max() >= Decision.HOLD and latest < NEVER else None


# ---- counts and history


@dataclass(frozen=True)
class _Counts:
    """Recorded calls of the last seven days by key, conversations by key, and the calls taken out of the count."""

    calls: dict[str, int]
    conversations: dict[str, int]
    excluded: list[str]


def _counts(reading: Reading) -> _Counts:
    """What counts in the seven days that end on the day of the case."""
    contacts, past = reading.contacts(), reading.record
    counted, _ = record.counted_calls(contacts, past)
    window = reading.first_minute_of_window(7)
    calls, talks = dict.fromkeys(reading.keys, 0), dict.fromkeys(reading.keys, 0)
    out: set[str] = set()
    events, links = past.events, past.event_debts
    for line, (event, debt) in enumerate(zip(links.event.tolist(), links.debt.tolist(), strict=True)):
        key = reading.key_of_debt.get(debt)
        if key is None or events.at[event] < window or events.person[event] != contacts.person[0]:
            continue
        calls[key] += int(counted[line] and events.actor[event] == contacts.actor[0])
        talks[key] += int(reading.is_talk(event) and links.talked[line] != 0)
        if links.called[line] and not counted[line] and reading.is_our_call(event):
            out.add(reading.event_ids[event])
    return _Counts(calls, talks, sorted(out))


def _compute(reading: Reading) -> dict[str, Any]:
    if reading.pack != "us":
        return answers.no_rule_yet()
    counts = _counts(reading)
    values = {
        "counted_calls": counts.calls,
        "counted_calls_total": sum(counts.calls.values()),
        "window_first_day": (reading.at.date() - timedelta(days=6)).isoformat(),
        "conversations": counts.conversations,
        "excluded_calls": counts.excluded,
    }
    return {"decision": "compute", "rule_ids": ["US-REGF-14B-FREQ"], "reason": "none", "values": values}


def _evaluate_history(reading: Reading) -> dict[str, Any]:
    """The record alone under 12 CFR 1006.14: numbers of calls, and what tells against the caller all the same."""
    if reading.pack != "us":
        return answers.no_rule_yet()
    if not _by_regulation_f(reading):
        return {"decision": "allow", "rule_ids": [], "reason": "not_covered", "values": {}}
    counts = _counts(reading)
    values = {"counted_calls": counts.calls, "conversations": counts.conversations}
    too_many = max(counts.calls.values(), default=0) > 7 or reading.called_after_talking()
    name, decision = "US-REGF-14B-FREQ", "deny" if too_many else "allow"
    if not too_many and (reading.insulted() or (max(counts.calls.values(), default=0) >= 7 and reading.pestered())):
        name, decision = "US-REGF-14A-CUMULATIVE", "hold"
    names = [] if decision == "allow" else [name]
    return {"decision": decision, "rule_ids": names, "reason": "none", "values": values}


_ANSWERS: Final[dict[Action, Callable[[Reading], dict[str, Any]]]] = {
    Action.COMPUTE: _compute,
    Action.EVALUATE_HISTORY: _evaluate_history,
    Action.CHECK_MESSAGE: _content,
    Action.CHECK_RULE_APPLIES: _applies,
}
