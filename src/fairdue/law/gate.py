"""May we? `judge` puts facts and rules together; `explain` says why, in both languages.

How to call:

    verdicts = judge(facts, packs.standard())        # facts: record.facts(...), or Facts.of(...)
    verdicts.decision                                # (n,) codes.Decision: the strictest rule wins
    verdicts.earliest                                # (n,) UTC minutes: first lawful minute from now; NEVER
    verdicts.until                                   # (n,) UTC minutes: first minute no longer lawful; NEVER
    explain(verdicts, row=0, lang="zh")              # reasons, duties, citation, cure, earliest
    verdicts.as_json(0)                              # a dict to store; again = rejudge(stored, packs)
    windows(facts, packs, start=a, end=b)            # first and last lawful minute in [a, b], for planning

Lawful means allow or warn. A rule that cannot be cured by waiting gives earliest = NEVER. A fact that is unknown and
on which a refusal turns gives hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fairdue.law import packs as rule_packs
from fairdue.law.clock import DAY, NEVER, Minutes
from fairdue.law.codes import Decision
from fairdue.law.facts import Facts, Mask
from fairdue.law.kinds import MAYBE, NO, YES
from fairdue.law.packs import Condition, Group, Pack, Rule

CHUNK: Final = 1 << 15
"""Rows judged at a time: a column of them fits the cache of one core."""
PASSES: Final = 400
"""How often a moment is judged again. Every pass lies later than the one before; beyond this the row stays refused."""
SEGMENTS: Final = 12
"""How many lawful windows of a day are walked through."""

State: TypeAlias = int | NDArray[np.uint8]
"""NO, MAYBE or YES: one for all rows, or one per row."""

# What a rule of each decision does in the states NO, MAYBE, YES: an unknown fact turns a refusal into a hold.
_OUTCOME: Final = {
    Decision.ALLOW: np.array([0, 0, 0], np.uint8),
    Decision.WARN: np.array([0, 1, 1], np.uint8),
    Decision.HOLD: np.array([0, 2, 2], np.uint8),
    Decision.DENY: np.array([0, 2, 3], np.uint8),
}


class Reason(IntEnum):
    """Why an allowed contact was not refused although packs are loaded."""

    NONE = 0
    NOT_COVERED = 1
    NOT_IN_FORCE = 2


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
        return self.decision < Decision.HOLD

    def spoke_rule(self, rule_id: str) -> Mask:
        """Rows on which the rule of this id had a say."""
        place = [rule.id for rule in self.rules].index(rule_id)
        found: Mask = (self.spoke[:, place // 64] >> np.uint64(place % 64)) & np.uint64(1) == 1
        return found

    def outcome_of(self, row: int, rule: Rule) -> Decision:
        """What this rule alone says of the row."""
        return Decision(int(_OUTCOME[rule.decision][MAYBE if rule.id in self._bits(self.unsure, row) else YES]))

    def rules_of(self, row: int) -> list[Rule]:
        """The rules that spoke on this row, the strictest first."""
        spoke = self._bits(self.spoke, row)
        found = [rule for rule in self.rules if rule.id in spoke]
        return sorted(found, key=lambda rule: -self.outcome_of(row, rule))

    def _bits(self, sets: NDArray[np.uint64], row: int) -> frozenset[str]:
        words = [int(word) for word in sets[row]]
        return frozenset(rule.id for i, rule in enumerate(self.rules) if words[i // 64] >> (i % 64) & 1)

    def as_json(self, row: int) -> dict[str, Any]:
        """Facts seen, rules, pack versions and hashes, decision and moments: enough to judge again."""
        rules = self.rules_of(row)
        return {
            "decision": Decision(int(self.decision[row])).name.lower(),
            "earliest": _minute_or_none(self.earliest[row]),
            "until": _minute_or_none(self.until[row]),
            "reason": Reason(int(self.reason[row])).name.lower(),
            "rules": [
                {"id": r.id, "names": list(r.names), "says": self.outcome_of(row, r).name.lower()} for r in rules
            ],
            "packs": [{"id": p.id, "version": p.version, "hash": p.hash} for p in self.packs],
            "facts": self.facts.as_json(row),
        }


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
    loaded = (rule_packs.gate_pack(), *packs)
    rules = tuple(rule for pack in loaded for rule in pack.rules)
    n, words = len(facts), (len(rules) + 63) // 64
    facts = _on_law_clock(facts, loaded)
    out = Verdicts(
        np.zeros(n, np.uint8), np.full(n, NEVER, np.int64), np.full(n, NEVER, np.int64),
        np.zeros((n, words), np.uint64), np.zeros((n, words), np.uint64), np.zeros(n, np.uint8),
        rules, facts, loaded,
    )  # fmt: skip
    for rows in _chunks(n):
        part = _Part.of(facts.take(rows) if n > CHUNK else facts, loaded)
        first = part.judge_now()
        out.decision[rows], out.spoke[rows], out.unsure[rows] = first.decision, first.spoke, first.unsure
        out.reason[rows] = part.reason(first.decision)
        if cure:
            out.earliest[rows] = _cure(part, first)
        if until:
            out.until[rows] = _until(part, first)
    return out


def windows(facts: Facts, packs: Sequence[Pack], *, start: Minutes | int, end: Minutes | int) -> Windows:
    """The first and last lawful minute from `start` to `end` (both included, UTC minutes; one value or one per row)."""
    n = len(facts)
    loaded = (rule_packs.gate_pack(), *packs)
    begin = np.broadcast_to(np.asarray(start, np.int64), n)
    finish = np.broadcast_to(np.asarray(end, np.int64), n)
    facts = _on_law_clock(facts.at(begin), loaded)
    first, last = np.full(n, NEVER, np.int64), np.full(n, NEVER, np.int64)
    for rows in _chunks(n):
        part = _Part.of(facts.take(rows) if n > CHUNK else facts, loaded)
        first[rows], last[rows] = _walk(part, finish[rows])
    return Windows(first < NEVER, first, last)


def _chunks(n: int) -> Iterator[slice]:
    for begin in range(0, n, CHUNK):
        yield slice(begin, min(n, begin + CHUNK))


def _on_law_clock(facts: Facts, packs: Sequence[Pack]) -> Facts:
    """The zones by which the law of each row reads the clock: the person's, or the country's own single one."""
    zones = facts.zones
    for pack in packs:
        if pack.clock is None or pack.jurisdiction is None:
            continue
        code = facts.column("jurisdiction")
        if isinstance(code, int) or code.strides[0] == 0 or len(code) == 1:
            if int(np.asarray(code).flat[0]) == pack.jurisdiction:
                zones = np.broadcast_to(np.int64(pack.clock), (len(facts), 1))
        else:
            zones = np.where((code == pack.jurisdiction)[:, None], pack.clock, zones)
    return facts if zones is facts.zones else facts.in_zones(zones)


# ---- states of conditions


def _least(a: State, b: State) -> State:
    if isinstance(a, int):
        if isinstance(b, int):
            return min(a, b)
        return NO if a == NO else b if a == YES else np.minimum(b, np.uint8(a))
    if isinstance(b, int):
        return _least(b, a)
    return np.minimum(a, b)


def _most(a: State, b: State) -> State:
    if isinstance(a, int):
        if isinstance(b, int):
            return max(a, b)
        return YES if a == YES else b if a == NO else np.maximum(b, np.uint8(a))
    if isinstance(b, int):
        return _most(b, a)
    return np.maximum(a, b)


def _lifted(exceptions: State) -> State:
    """The state that is left of a rule under its exceptions."""
    return YES - exceptions if isinstance(exceptions, int) else np.uint8(YES) - exceptions


def _is_no(state: State) -> bool:
    return state == NO if isinstance(state, int) else not state.any()


@dataclass
class _Pass:
    """What one look at one moment gave. release: no row is free before it; next_bar: no free row is barred before."""

    decision: NDArray[np.uint8]
    release: Minutes
    next_bar: Minutes
    spoke: NDArray[np.uint64]
    unsure: NDArray[np.uint64]


@dataclass(frozen=True)
class _Active:
    """A rule that may have a say on some row: its place, and its state as far as the hour does not matter."""

    place: int
    rule: Rule
    state: State
    moving: bool
    """A span decides as well: the groups are looked at anew at every moment."""


@dataclass
class _Part:
    """A stretch of rows with the rules that may speak on them."""

    facts: Facts
    packs: Sequence[Pack]
    pack_states: list[State]
    active: list[_Active]
    words: int

    @classmethod
    def of(cls, facts: Facts, packs: Sequence[Pack]) -> "_Part":
        seen: dict[object, State] = {}
        speaking, states, place = [], [], 0
        for pack in packs:
            bound = _pack_state(pack, facts, seen)
            states.append(bound)
            for rule in pack.rules:
                if not _is_no(bound):
                    state, moving = _static(rule, facts, seen)
                    state = _least(bound, state)
                    if not _is_no(state):
                        speaking.append(_Active(place, rule, state, moving))
                place += 1
        return cls(facts, packs, states, speaking, (place + 63) // 64)

    def take(self, rows: Any) -> "_Part":
        """The same for some of the rows."""
        picked = [
            _Active(a.place, a.rule, a.state if isinstance(a.state, int) else a.state[rows], a.moving)
            for a in self.active
        ]
        return _Part(self.facts.take(rows), self.packs, self.pack_states, picked, self.words)

    def judge_at(self, instant: Minutes) -> _Pass:
        """One look at another moment."""
        return _look(self, self.facts.at(instant))

    def judge_now(self) -> _Pass:
        """One look at the moment of the facts."""
        return _look(self, self.facts)

    def reason(self, decision: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Why allowed rows were not refused, where no rule of their jurisdiction could speak."""
        covered: State = NO
        in_force: State = NO
        for pack, state in zip(self.packs, self.pack_states, strict=True):
            if pack.jurisdiction is not None and not _is_no(state):
                covered = _most(covered, state)
                in_force = _most(in_force, _least(state, _force(pack.since, None, self.facts)[0]))
        none = np.broadcast_to(np.asarray(covered) == NO, len(decision))
        late = np.broadcast_to(np.asarray(in_force) == NO, len(decision))
        reason = np.where(none, Reason.NOT_COVERED, np.where(late, Reason.NOT_IN_FORCE, Reason.NONE))
        return np.where(decision == Decision.ALLOW, reason, Reason.NONE).astype(np.uint8)


def _pack_state(pack: Pack, facts: Facts, seen: dict[object, State]) -> State:
    bound: State = YES
    if pack.jurisdiction is not None:
        code = facts.column("jurisdiction")
        if isinstance(code, int) or code.strides[0] == 0 or len(code) == 1:
            value = int(np.asarray(code).flat[0])
            bound = MAYBE if value < 0 else YES if value == pack.jurisdiction else NO
        else:
            bound = np.where(code < 0, MAYBE, np.where(code == pack.jurisdiction, YES, NO)).astype(np.uint8)
    return _least(bound, _any_group(pack.covers, facts, seen)) if pack.covers and not _is_no(bound) else bound


def _static(rule: Rule, facts: Facts, seen: dict[object, State]) -> tuple[State, bool]:
    """The state of a rule where no span can move it; YES and True where one can."""
    for group in (*rule.when, *rule.unless):
        for condition in group:
            if condition.span and not _span_is_empty(condition.fact, facts, seen):
                return _widest(rule, facts, seen), True
    return _rule_state(rule, facts, seen), False


def _widest(rule: Rule, facts: Facts, seen: dict[object, State]) -> State:
    """The most a rule with spans can come to: its groups without the spans, no exception."""
    groups = tuple(tuple(c for c in group if not c.span) for group in rule.when)
    return _any_group(groups, facts, seen)


def _rule_state(rule: Rule, facts: Facts, seen: dict[object, State]) -> State:
    state = _any_group(rule.when, facts, seen)
    if rule.unless and not _is_no(state):
        state = _least(state, _lifted(_any_group(rule.unless, facts, seen)))
    return state


def _any_group(groups: Sequence[Group], facts: Facts, seen: dict[object, State]) -> State:
    best: State = NO
    for group in groups:
        state: State = YES
        for condition in group:
            state = _least(state, _condition(condition, facts, seen))
            if isinstance(state, int) and state == NO:
                break
        best = _most(best, state)
        if isinstance(best, int) and best == YES:
            break
    return best


def _condition(condition: Condition, facts: Facts, seen: dict[object, State]) -> State:
    found = seen.get(id(condition))
    if found is None:
        found = seen[id(condition)] = _span_state(condition, facts) if condition.span else _look_up(condition, facts)
    return found


def _look_up(condition: Condition, facts: Facts) -> State:
    column = facts.column(condition.fact)
    if not isinstance(column, int) and (len(column) == 1 or column.strides[0] == 0):
        column = int(column[0])
    if condition.bits:
        if isinstance(column, int):
            return YES if column & condition.bits else NO
        return np.where(column & condition.bits, np.uint8(YES), np.uint8(NO))
    if isinstance(column, int):
        return condition.table[column + 1]
    return condition.array[column + 1]


def active(facts: Facts, span: str) -> Mask:
    """Rows on which a span holds at the instant; a span that is unknown does not."""
    found = facts.spans.get(span)
    if found is None:
        return np.zeros(len(facts), np.bool_)
    now = facts.instant[:, None]
    holds: Mask = ((found.start <= now) & (now < found.end)).any(axis=1)
    return holds


def _span_is_empty(fact: str, facts: Facts, seen: dict[object, State]) -> bool:
    found = seen.get(fact)
    if found is None:
        span = facts.spans.get(fact)
        found = seen[fact] = YES if span is not None and int(span.start.min(initial=NEVER)) >= NEVER else NO
    return found == YES


def _span_state(condition: Condition, facts: Facts) -> State:
    if condition.fact not in facts.spans:
        return MAYBE
    return np.where(active(facts, condition.fact) == condition.active, np.uint8(YES), np.uint8(NO))


def _span_change(rule: Rule, facts: Facts) -> Minutes:
    """The next minute at which a span of the rule begins or ends."""
    change = np.full(len(facts), NEVER, np.int64)
    now = facts.instant[:, None]
    for fact in {c.fact for group in (*rule.when, *rule.unless) for c in group if c.span}:
        span = facts.spans.get(fact)
        if span is not None:
            for edge in (span.start, span.end):
                change = np.minimum(change, np.where(edge > now, edge, NEVER).min(axis=1))
    return change


# ---- one look at one moment


def _force(since: int | None, until: int | None, facts: Facts) -> tuple[State, Minutes | None]:
    """Whether a rule with these dates is in force, in any of the person's zones, and when that changes next."""
    if since is None and until is None:
        return YES, None
    begin, end = (-NEVER if since is None else since), (NEVER if until is None else until)
    low, high = facts.days
    if low >= begin and high <= end and until is None:
        return YES, None
    if low > end:
        return NO, None
    state: Mask = np.zeros(len(facts), np.bool_)
    change = np.full(len(facts), NEVER, np.int64)
    for clock in facts.clocks:
        state = state | ((clock.day >= begin) & (clock.day <= end))
        edge = np.where(clock.day < begin, begin, end + 1)
        ahead = (clock.day <= end) & (edge < NEVER)
        change = np.minimum(change, np.where(ahead, clock.reaches(np.where(ahead, edge, clock.day) * DAY), NEVER))
    return np.where(state, np.uint8(YES), np.uint8(NO)), change


def _look(part: _Part, facts: Facts) -> _Pass:
    n = len(facts)
    result = _Pass(
        np.zeros(n, np.uint8), np.full(n, -NEVER, np.int64), np.full(n, NEVER, np.int64),
        np.zeros((n, part.words), np.uint64), np.zeros((n, part.words), np.uint64),
    )  # fmt: skip
    seen: dict[object, State] = {}
    for one in part.active:
        rule = one.rule
        state, change = _force(rule.since, rule.until, facts)
        state = _least(one.state, state)
        if one.moving:
            state = _least(state, _rule_state(rule, facts, seen))
            edge = _span_change(rule, facts)
            change = edge if change is None else np.minimum(change, edge)
        if _is_no(state):
            if change is not None:
                result.next_bar = np.minimum(result.next_bar, change)
            continue
        _apply(result, one.place, rule, state, facts, change)
    return result


def _apply(result: _Pass, place: int, rule: Rule, state: State, facts: Facts, state_change: Minutes | None) -> None:
    """Let one rule speak."""
    count = rule.kind.count
    if count is not None and rule.terms[count] not in facts.past:
        bars: NDArray[Any] = np.full(len(facts), MAYBE, np.uint8)
        change: Minutes = np.full(len(facts), NEVER, np.int64)
    else:
        bars, change = rule.kind.judge(facts, **rule.terms)
    if state_change is not None:
        change = np.minimum(change, state_change)
    if not bars.any():
        result.next_bar = np.minimum(result.next_bar, change)
        return
    if bars.dtype == np.bool_:
        level = np.where(bars, np.uint8(state), np.uint8(NO)) if isinstance(state, int) else np.where(bars, state, NO)
    else:
        level = np.minimum(bars, np.asarray(state, np.uint8))
    outcome = _OUTCOME[rule.decision][level]
    barring = outcome >= Decision.HOLD
    result.decision = np.maximum(result.decision, outcome)
    result.release = np.where(barring, np.maximum(result.release, change), result.release)
    result.next_bar = np.where(barring, result.next_bar, np.minimum(result.next_bar, change))
    bit = np.uint64(place % 64)
    result.spoke[:, place // 64] |= (level > NO).astype(np.uint64) << bit
    result.unsure[:, place // 64] |= (level == MAYBE).astype(np.uint64) << bit


# ---- moments


def _cure(part: _Part, first: _Pass) -> Minutes:
    """The first lawful minute of each row from now on; NEVER where waiting does not help."""
    refused = first.decision >= Decision.HOLD
    earliest = np.where(refused, NEVER, part.facts.instant)
    return _first_free(part, np.flatnonzero(refused & (first.release < NEVER)), first.release, earliest)


def _first_free(part: _Part, rows: NDArray[np.intp], release: Minutes, earliest: Minutes) -> Minutes:
    """Judge the rows again at their release until nothing moves; writes into `earliest` and returns it."""
    moments = release[rows]
    left = part if len(rows) == len(part.facts) else part.take(rows)
    for _ in range(PASSES):
        if not len(rows):
            break
        look = left.judge_at(moments)
        free = look.decision < Decision.HOLD
        earliest[rows[free]] = moments[free]
        stay = ~free & (look.release < NEVER)
        assert (look.release[stay] > moments[stay]).all(), "a refusal must move on"
        moments = look.release
        if not stay.all():
            kept = np.flatnonzero(stay)
            rows, moments, left = rows[kept], moments[kept], left.take(kept)
    return earliest


def _until(part: _Part, first: _Pass) -> Minutes:
    """The first minute from now at which an allowed row is no longer lawful; NEVER where none is in sight."""
    until = np.full(len(part.facts), NEVER, np.int64)
    rows = np.flatnonzero((first.decision < Decision.HOLD) & (first.next_bar < NEVER))
    moments = first.next_bar[rows]
    left = part if len(rows) == len(part.facts) else part.take(rows)
    for _ in range(PASSES):
        if not len(rows):
            break
        look = left.judge_at(moments)
        free = look.decision < Decision.HOLD
        until[rows[~free]] = moments[~free]
        stay = free & (look.next_bar < NEVER)
        moments = look.next_bar
        if not stay.all():
            kept = np.flatnonzero(stay)
            rows, moments, left = rows[kept], moments[kept], left.take(kept)
    until[rows] = moments
    return until


def _walk(part: _Part, finish: Minutes) -> tuple[Minutes, Minutes]:
    """First and last lawful minute up to `finish`, walking from window to window."""
    n = len(part.facts)
    look = part.judge_now()
    first = _cure(part, look)
    first = np.where(first > finish, NEVER, first)
    last = np.full(n, NEVER, np.int64)
    rows = np.flatnonzero(first < NEVER)
    moments = first[rows]
    for _ in range(SEGMENTS):
        if not len(rows):
            break
        inner = part.take(rows)
        inner.facts = inner.facts.at(moments)
        until = _until(inner, inner.judge_now())
        last[rows] = np.minimum(until - 1, finish[rows])
        kept = np.flatnonzero(until <= finish[rows])
        if not len(kept):
            break
        inner = inner.take(kept)
        inner.facts = inner.facts.at(until[kept])
        again = _cure(inner, inner.judge_now())
        rows, moments = rows[kept], again
        open_again = moments <= finish[rows]
        rows, moments = rows[open_again], moments[open_again]
    return first, last


def _minute_or_none(minute: np.int64) -> int | None:
    return None if minute >= NEVER else int(minute)


# ---- words


def explain(verdicts: Verdicts, row: int = 0, lang: str = "zh") -> dict[str, Any]:
    """One row in words: {decision, headline, reasons: [{rule, names, says, cites, level, cure, earliest}], duties}."""
    raise NotImplementedError


def rejudge(stored: Mapping[str, Any], packs: Sequence[Pack]) -> Verdicts:
    """Judge a stored verdict's facts again, by the rules given."""
    return judge(Facts.from_json(stored["facts"]), packs)
