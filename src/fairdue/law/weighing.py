"""How rules are laid on columns: the states of conditions, one look at one moment, and the moments that follow.

Inside of `gate`; nothing else calls it. A `Program` is the packs made ready once. A `Part` is a stretch of rows with
the rules that can still say something about them. A look judges a part at one instant per row; rules that no row
meets, that are over, or that can never bar these rows are left out before the first look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fairdue.law.clock import DAY, NEVER, Minutes
from fairdue.law.codes import Decision
from fairdue.law.facts import UNKNOWN, Facts, Mask
from fairdue.law.kinds import MAYBE, NO, YES
from fairdue.law.packs import Condition, Group, Pack, Rule

PASSES: Final = 400
"""How often a moment is judged again. Every pass lies later than the one before; beyond this the row stays refused."""

SMALL: Final = 1 << 10
"""Up to this many rows a rule is asked about all of them; it costs less than to sort out whom it concerns."""

State: TypeAlias = int | NDArray[np.uint8]
"""NO, MAYBE or YES: one for all rows, or one per row."""

# What a rule of each decision does in the states NO, MAYBE, YES: an unknown fact turns a refusal into a hold.
OUTCOME: Final = {
    Decision.ALLOW: np.array([0, 0, 0], np.uint8),
    Decision.WARN: np.array([0, 1, 1], np.uint8),
    Decision.HOLD: np.array([0, 2, 2], np.uint8),
    Decision.DENY: np.array([0, 2, 3], np.uint8),
}


# ---- states


def least(a: State, b: State) -> State:
    """Both must hold."""
    if isinstance(a, int):
        if isinstance(b, int):
            return a if a < b else b
        return NO if a == NO else b if a == YES else np.minimum(b, np.uint8(a))
    if isinstance(b, int):
        return least(b, a)
    return np.minimum(a, b)


def most(a: State, b: State) -> State:
    """Either may hold."""
    if isinstance(a, int):
        if isinstance(b, int):
            return a if a > b else b
        return YES if a == YES else b if a == NO else np.maximum(b, np.uint8(a))
    if isinstance(b, int):
        return most(b, a)
    return np.maximum(a, b)


def lifted(exceptions: State) -> State:
    """What is left of a rule under its exceptions."""
    return YES - exceptions if isinstance(exceptions, int) else np.uint8(YES) - exceptions


def is_no(state: State) -> bool:
    """The same for every row: no."""
    return state == NO if isinstance(state, int) else not state.any()


def active(facts: Facts, span: str) -> Mask:
    """Rows on which a span holds at the instant; a span that is unknown does not."""
    found = facts.spans.get(span)
    return np.zeros(len(facts), np.bool_) if found is None else found.holds(facts.instant)


def _look_up(condition: Condition, facts: Facts) -> State:
    column = facts.columns.get(condition.fact)
    code = facts.default(condition.fact) if column is None else 0
    if column is not None and (len(column) == 1 or not column.strides[0]):
        code, column = int(column[0]), None
    if condition.bits:
        if column is None:
            return YES if code & condition.bits else NO
        return np.where(column & condition.bits, np.uint8(YES), np.uint8(NO))
    return condition.table[code + 1] if column is None else condition.array[column + 1]


class _States:
    """The states of a program's conditions on a stretch of rows, each looked up when first asked for.

    A condition on a span that nobody has is as fixed as any other; one that somebody has moves with the hour.
    """

    def __init__(self, program: "Program", facts: Facts) -> None:
        self.conditions, self.facts = program.conditions, facts
        self.known: list[State | None] = [None] * len(program.conditions)
        self.moving_spans = frozenset(name for name, span in facts.spans.items() if not span.empty)

    def of(self, number: int) -> State:
        """The state of a condition; of a moving one, what it is at the instant of the facts."""
        state = self.known[number]
        if state is None:
            condition = self.conditions[number]
            if condition.span:
                state = span_state(condition, self.facts, condition.fact in self.moving_spans)
            else:
                state = _look_up(condition, self.facts)
            self.known[number] = state
        return state

    def rules_out(self, group: Sequence[int]) -> bool:
        """Whether one condition of the group holds for no row, at any hour; the quick way out for most rules."""
        for number in group:
            state = self.known[number]
            if state is None:
                if self.conditions[number].fact in self.moving_spans:
                    continue
                state = self.of(number)
            if state.__class__ is int and state == NO:
                return True
        return False

    def any_group(self, groups: Sequence[Sequence[int]]) -> State:
        """Any group of which every condition holds."""
        best: State = NO
        for group in groups:
            state: State = YES
            for number in group:
                state = least(state, self.of(number))
                if isinstance(state, int) and state == NO:
                    break
            else:
                best = most(best, state)
                if isinstance(best, int) and best == YES:
                    break
        return best


def span_state(condition: Condition, facts: Facts, moving: bool = True) -> State:
    """Whether a span holds, or does not, as the condition wants."""
    if condition.fact not in facts.spans:
        return MAYBE
    if not moving:
        return NO if condition.active else YES
    return np.where(active(facts, condition.fact) == condition.active, np.uint8(YES), np.uint8(NO))


# ---- the program: packs made ready


@dataclass(frozen=True, eq=False)
class Line:
    """A rule with its conditions by number."""

    place: int
    rule: Rule
    when: tuple[tuple[int, ...], ...]
    unless: tuple[tuple[int, ...], ...]
    spans: frozenset[str]

    @cached_property
    def alone(self) -> bool:
        """It applies in one group of conditions only."""
        return len(self.when) == 1


@dataclass(frozen=True, eq=False)
class Program:
    """Packs with every condition numbered once."""

    packs: tuple[Pack, ...]
    rules: tuple[Rule, ...]
    conditions: tuple[Condition, ...]
    covers: tuple[tuple[tuple[int, ...], ...], ...]
    lines: tuple[tuple[Line, ...], ...]

    @cached_property
    def _by_jurisdiction(self) -> dict[int, tuple[int, ...]]:
        return {}

    def binding(self, jurisdiction: int) -> Sequence[int]:
        """Places of the packs that may bind rows of one jurisdiction (UNKNOWN: all of them)."""
        if jurisdiction == UNKNOWN:
            return range(len(self.packs))
        found = self._by_jurisdiction.get(jurisdiction)
        if found is None:
            found = tuple(n for n, pack in enumerate(self.packs) if pack.jurisdiction in (None, jurisdiction))
            self._by_jurisdiction[jurisdiction] = found
        return found

    @property
    def words(self) -> int:
        """Words of 64 bits that hold one bit per rule."""
        return (len(self.rules) + 63) // 64


@lru_cache(maxsize=32)
def program(packs: tuple[Pack, ...]) -> Program:
    """Make packs ready; the same packs give the same program."""
    numbers: dict[Condition, int] = {}

    def numbered(groups: Sequence[Group]) -> tuple[tuple[int, ...], ...]:
        # What is nearly always so (a contact, from us) is asked last.
        ordered = (sorted(group, key=lambda c: c.fact in ("action", "dir")) for group in groups)
        return tuple(tuple(numbers.setdefault(c, len(numbers)) for c in group) for group in ordered)

    rules = tuple(rule for pack in packs for rule in pack.rules)
    places = {rule: place for place, rule in enumerate(rules)}
    covers = tuple(numbered(pack.covers) for pack in packs)
    lines = tuple(
        tuple(
            Line(places[rule], rule, numbered(rule.when), numbered(rule.unless), _spans_of(rule)) for rule in pack.rules
        )
        for pack in packs
    )
    return Program(packs, rules, tuple(numbers), covers, lines)


def _spans_of(rule: Rule) -> frozenset[str]:
    return frozenset(c.fact for group in (*rule.when, *rule.unless) for c in group if c.span)


# ---- a part: rows with the rules that can speak on them


@dataclass(frozen=True)
class Moving:
    """A group whose spans move with the hour: what is fixed of it, and the span conditions."""

    fixed: State
    spans: tuple[Condition, ...]

    def take(self, rows: Any) -> "Moving":
        """The given rows."""
        return Moving(_rows(self.fixed, rows), self.spans)


@dataclass(frozen=True)
class Speaker:
    """A rule that may have a say on some row. `state` is its most; `when`, `unless` only where spans move it.

    rows: where it may have a say, None = everywhere; state, when and unless are of these rows.
    """

    place: int
    rule: Rule
    state: State
    spans: frozenset[str] = frozenset()
    when: tuple[Moving, ...] = ()
    unless: tuple[Moving, ...] = ()
    rows: NDArray[np.intp] | None = None

    def take(self, picked: NDArray[np.intp]) -> "Speaker | None":
        """The same for some rows (ascending); None where it has no say on any of them."""
        own: NDArray[np.intp] = picked
        rows = None
        if self.rows is not None:
            place = np.minimum(np.searchsorted(self.rows, picked), len(self.rows) - 1)
            rows = np.flatnonzero(self.rows[place] == picked)
            own = place[rows]
            if not len(rows):
                return None
        when = tuple(group.take(own) for group in self.when)
        unless = tuple(group.take(own) for group in self.unless)
        return Speaker(self.place, self.rule, _rows(self.state, own), self.spans, when, unless, rows)

    def narrowed(self) -> "Speaker":
        """Kept to the rows it concerns where they are few."""
        if isinstance(self.state, int) or len(self.state) <= SMALL:
            return self
        rows = np.flatnonzero(self.state != NO)
        if len(rows) > 0.7 * len(self.state):
            return self
        when = tuple(group.take(rows) for group in self.when)
        unless = tuple(group.take(rows) for group in self.unless)
        return Speaker(self.place, self.rule, self.state[rows], self.spans, when, unless, rows)

    def state_at(self, facts: Facts) -> State:
        """The state at the instant of the facts, the dates of the rule left aside."""
        if not self.spans:
            return self.state
        state = least(self.state, _moving_state(self.when, facts))
        return least(state, lifted(_moving_state(self.unless, facts))) if self.unless else state


def _rows(state: State, rows: Any) -> State:
    return state if isinstance(state, int) else state[rows]


def _moving_state(groups: Sequence[Moving], facts: Facts) -> State:
    best: State = NO
    for group in groups:
        state = group.fixed
        for condition in group.spans:
            state = least(state, span_state(condition, facts))
        best = most(best, state)
    return best


@dataclass
class Part:
    """A stretch of rows with the rules that may speak on them."""

    facts: Facts
    program: Program
    bound: list[State]
    speakers: list[Speaker]

    @classmethod
    def of(cls, facts: Facts, ready: Program) -> "Part":
        """Leave out every rule that can say nothing about these rows, now or later."""
        states = _States(ready, facts)
        first_day = facts.days[0]
        bound: list[State] = [NO] * len(ready.packs)
        speakers = []
        for place in ready.binding(_only_jurisdiction(facts)):
            lines = ready.lines[place]
            binds = bound[place] = _pack_state(ready.packs[place], ready.covers[place], states)
            if is_no(binds):
                continue
            for line in lines:
                if line.alone and states.rules_out(line.when[0]):
                    continue
                until = line.rule.until
                speaker = None if until is not None and until < first_day else _speaker(line, binds, states)
                if speaker is not None and not line.rule.kind.is_idle(facts, line.rule.terms):
                    speakers.append(speaker.narrowed())
        return cls(facts, ready, bound, speakers)

    def take(self, rows: NDArray[np.intp]) -> "Part":
        """The same for some of the rows; duties to say something do not bar and are left out."""
        taken = (speaker.take(rows) for speaker in self.speakers if not speaker.rule.kind.speaks)
        return Part(self.facts.take(rows), self.program, self.bound, [s for s in taken if s is not None])

    def at(self, instant: Minutes) -> "Part":
        """The same rows at another moment."""
        return Part(self.facts.at(instant), self.program, self.bound, self.speakers)


def _only_jurisdiction(facts: Facts) -> int:
    """The jurisdiction of every row, UNKNOWN where they differ or it is not known."""
    column = facts.columns.get("jurisdiction")
    if column is None or not len(column):
        return UNKNOWN
    same = len(column) == 1 or not column.strides[0]
    return int(column[0]) if same else UNKNOWN


def _pack_state(pack: Pack, covers: Sequence[Sequence[int]], states: _States) -> State:
    bound: State = YES
    if pack.jurisdiction is not None:
        bound = _look_up(_jurisdiction(int(pack.jurisdiction)), states.facts)
    return least(bound, states.any_group(covers)) if covers and not is_no(bound) else bound


@lru_cache(maxsize=32)
def _jurisdiction(code: int) -> Condition:
    return Condition("jurisdiction", (MAYBE, *(YES if other == code else NO for other in range(64))))


def _speaker(line: Line, bound: State, states: _States) -> Speaker | None:
    moving = line.spans & states.moving_spans if line.spans else line.spans
    if not moving:
        state = least(bound, states.any_group(line.when))
        if line.unless and not is_no(state):
            state = least(state, lifted(states.any_group(line.unless)))
        return None if is_no(state) else Speaker(line.place, line.rule, state)
    when = tuple(_moving(group, states) for group in line.when)
    widest: State = NO
    for group in when:
        widest = most(widest, group.fixed)
    state = least(bound, widest)
    if is_no(state):
        return None
    unless = tuple(_moving(group, states) for group in line.unless)
    return Speaker(line.place, line.rule, state, frozenset(moving), when, unless)


def _moving(group: Sequence[int], states: _States) -> Moving:
    fixed: State = YES
    spans = []
    for number in group:
        condition = states.conditions[number]
        if condition.span and condition.fact in states.moving_spans:
            spans.append(condition)
        else:
            fixed = least(fixed, states.of(number))
    return Moving(fixed, tuple(spans))


def applying(facts: Facts, ready: Program) -> list[Rule]:
    """The rules that concern a single row at its instant: bound, in force, their conditions met or not known."""
    states, found = _States(ready, facts), []
    for pack, covers, lines in zip(ready.packs, ready.covers, ready.lines, strict=True):
        binds = _pack_state(pack, covers, states)
        for line in () if is_no(binds) else lines:
            speaker = _speaker(line, binds, states)
            if speaker is not None:
                force, _ = in_force(line.rule.since, line.rule.until, facts)
                if not is_no(least(speaker.state_at(facts), force)):
                    found.append(line.rule)
    return found


# ---- one look at one moment


@dataclass
class Look:
    """What one look gave. release: no row is free before it; next_bar: no free row is barred before it.

    spoke, unsure: (n, words) bits by place of the rule; empty when names were not asked for.
    """

    decision: NDArray[np.uint8]
    release: Minutes
    next_bar: Minutes
    spoke: NDArray[np.uint64]
    unsure: NDArray[np.uint64]


def look(part: Part, *, names: bool = False, ahead: bool = False) -> Look:
    """Judge the rows at the instant of their facts; `names` keeps which rules spoke, `ahead` looks for `next_bar`."""
    facts = part.facts
    n, words = len(facts), part.program.words
    bits = [np.zeros((n if names else 0, words), np.uint64, order="F") for _ in range(2)]
    result = Look(np.zeros(n, np.uint8), np.full(n, -NEVER), np.full(n, NEVER), bits[0], bits[1])
    for speaker in part.speakers:
        if not names and speaker.rule.kind.speaks:
            continue
        if not _hear_blunt(result, speaker, facts):
            _hear(result, speaker, facts if speaker.rows is None else facts.take(speaker.rows), ahead)
    return result


def _hear_blunt(result: Look, speaker: Speaker, facts: Facts) -> bool:
    """A rule that bars wherever it applies, at any hour, needs no look at the columns. Whether this was one."""
    if not speaker.rule.kind.blunt or speaker.spans:
        return False
    force, edge = in_force(speaker.rule.since, speaker.rule.until, facts)
    if edge is not None:
        return False
    if not is_no(force):
        n = len(facts) if speaker.rows is None else len(speaker.rows)
        state = speaker.state
        _mark(result, speaker, np.full(n, state, np.uint8) if isinstance(state, int) else state, NEVER)
    return True


def _hear(result: Look, speaker: Speaker, facts: Facts, ahead: bool) -> None:
    """Let one rule speak on its rows."""
    rule, rows = speaker.rule, speaker.rows
    force, edge = in_force(rule.since, rule.until, facts)
    state = least(speaker.state_at(facts), force)
    if is_no(state):
        edge = _edge(speaker, facts, edge) if ahead else None
        if edge is not None:
            _sooner(result, rows, edge)
        return
    bars, change = _ask(rule, facts)
    some = bool(bars.any())
    if not some and not ahead:
        return
    edge = _edge(speaker, facts, edge)
    if edge is not None:
        change = np.minimum(change, edge)
    if ahead and not isinstance(change, int) and (rule.kind.returns or edge is not None):
        _sooner(result, rows, change)
    if some:
        _mark(result, speaker, _level(bars, state), change)


def _edge(speaker: Speaker, facts: Facts, edge: Minutes | None) -> Minutes | None:
    """The next minute at which a date or a span of the rule begins or ends."""
    for name in speaker.spans:
        span_edge = facts.spans[name].next_edge(facts.instant)
        edge = span_edge if edge is None else np.minimum(edge, span_edge)
    return edge


def _ask(rule: Rule, facts: Facts) -> tuple[NDArray[Any], Minutes | int]:
    if rule.kind.asks_unknown(facts, rule.terms):
        return np.full(len(facts), MAYBE, np.uint8), NEVER
    return rule.kind.judge(facts, **rule.terms)


def _sooner(result: Look, rows: NDArray[np.intp] | None, change: Minutes) -> None:
    if rows is None:
        result.next_bar = np.minimum(result.next_bar, change)
    else:
        result.next_bar[rows] = np.minimum(result.next_bar[rows], change)


def _level(bars: NDArray[Any], state: State) -> NDArray[np.uint8]:
    """NO, MAYBE or YES per row: what bars, as far as the rule applies."""
    if bars.dtype == np.bool_:
        if isinstance(state, int):
            return np.where(bars, np.uint8(state), np.uint8(NO))
        return np.where(bars, state, np.uint8(NO))
    level: NDArray[np.uint8] = np.minimum(bars, np.uint8(state) if isinstance(state, int) else state)
    return level


def _mark(result: Look, speaker: Speaker, level: NDArray[np.uint8], change: Minutes | int) -> None:
    """Write down where a rule bars and until when at least, and that it spoke."""
    here = np.flatnonzero(level != NO)
    level = level[here]
    where = here if speaker.rows is None else speaker.rows[here]
    if speaker.rule.decision > Decision.ALLOW:
        outcome = OUTCOME[speaker.rule.decision][level]
        result.decision[where] = np.maximum(result.decision[where], outcome)
        if speaker.rule.decision >= Decision.HOLD:
            until = change if isinstance(change, int) else change[here]
            result.release[where] = np.maximum(result.release[where], until)
    if len(result.spoke):
        bit = np.uint64(1 << speaker.place % 64)
        result.spoke[where, speaker.place // 64] |= bit
        unsure = where[level == MAYBE]
        if len(unsure):
            result.unsure[unsure, speaker.place // 64] |= bit


def in_force(since: int | None, until: int | None, facts: Facts) -> tuple[State, Minutes | None]:
    """Whether a rule with these dates is in force, in any of the person's zones, and when that changes next."""
    if since is None and until is None:
        return YES, None
    begin, end = (-NEVER if since is None else since), (NEVER if until is None else until)
    low, _ = facts.days
    if until is None and low >= begin:
        return YES, None
    if low > end:
        return NO, None
    state = np.zeros(len(facts), np.uint8)
    change = np.full(len(facts), NEVER)
    for clock in facts.clocks:
        state = np.where((clock.day >= begin) & (clock.day <= end), np.uint8(YES), state)
        edge = np.where(clock.day < begin, begin, end + 1)
        ahead = (clock.day <= end) & (edge < NEVER)
        change = np.minimum(change, np.where(ahead, clock.reaches(np.where(ahead, edge, clock.day) * DAY), NEVER))
    return state, change


# ---- moments


def first_free(part: Part, first: Look, limit: Minutes | None = None) -> Minutes:
    """The first lawful minute of each row from its instant on; NEVER where waiting does not help.

    With a `limit` per row nothing after it is looked for: NEVER stands for "not by then".
    """
    refused = first.decision >= Decision.HOLD
    earliest = np.where(refused, NEVER, part.facts.instant)
    bound = np.full(len(earliest), NEVER - 1) if limit is None else limit
    rows = np.flatnonzero(refused & (first.release <= bound))
    moments = first.release[rows]
    left = part if len(rows) in (0, len(part.facts)) else part.take(rows)
    for _ in range(PASSES):
        if not len(rows):
            break
        seen = look(left.at(moments))
        free = seen.decision < Decision.HOLD
        earliest[rows[free]] = moments[free]
        assert (seen.release[~free] > moments[~free]).all(), "a refusal must move on"
        stay = ~free & (seen.release <= bound[rows])
        moments = seen.release
        if not stay.all():
            kept = np.flatnonzero(stay)
            rows, moments, left = rows[kept], moments[kept], left.take(kept) if len(kept) else left
    return earliest


def first_barred(part: Part, first: Look, limit: Minutes | None = None) -> Minutes:
    """The first minute from its instant on at which an allowed row is barred; NEVER where none is in sight.

    With a `limit` per row nothing after it is looked at: the answer is then some minute after the limit.
    """
    until = np.where(first.decision < Decision.HOLD, first.next_bar, NEVER)
    bound = np.full(len(until), NEVER - 1) if limit is None else limit
    rows = np.flatnonzero(until <= bound)
    moments = until[rows]
    left = part if len(rows) in (0, len(part.facts)) else part.take(rows)
    for _ in range(PASSES):
        if not len(rows):
            break
        seen = look(left.at(moments), ahead=True)
        free = seen.decision < Decision.HOLD
        until[rows[free]] = seen.next_bar[free]
        stay = free & (seen.next_bar <= bound[rows])
        moments = seen.next_bar
        if not stay.all():
            kept = np.flatnonzero(stay)
            rows, moments, left = rows[kept], moments[kept], left.take(kept) if len(kept) else left
    return until
