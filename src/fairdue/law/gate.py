"""May we? `judge` puts facts and rules together; `explain` says why, in both languages.

How to call:

    verdicts = judge(facts, packs.standard())        # facts: record.facts(...), or Facts.of(...)
    verdicts.decision                                # (n,) codes.Decision: the strictest rule wins
    verdicts.earliest                                # (n,) UTC minutes: first lawful minute from now; NEVER
    verdicts.until                                   # (n,) UTC minutes: first minute no longer lawful, in a fortnight; NEVER
    explain(verdicts, row=0, lang="zh")              # reasons, duties, citation, cure, earliest
    verdicts.as_json(0)                              # a dict to store; again = rejudge(stored, packs)
    windows(facts, packs, start=a, end=b)            # the lawful windows in [a, b], for planning

Lawful means allow or warn. A rule that cannot be cured by waiting gives earliest = NEVER. A fact that is unknown and
on which a refusal turns gives hold.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fairdue.law import packs as rule_packs
from fairdue.law.clock import DAY, NEVER, Minutes, local_iso, zone_name
from fairdue.law.codes import Decision
from fairdue.law.facts import COLUMNS, SPANS, UNKNOWN, Facts, Mask
from fairdue.law.kinds import MAYBE, NO, YES
from fairdue.law.packs import Pack, Rule
from fairdue.law.weighing import (
    OUTCOME,
    Part,
    State,
    applying,
    first_barred,
    first_free,
    in_force,
    is_no,
    least,
    look,
    most,
    program,
)
from fairdue.law.words import fact_in_words

CHUNK: Final = 1 << 16
"""Rows judged at a time: few enough to stay in the cache, enough to outweigh what a rule costs by itself."""
WORKERS: Final = 2
"""Chunks judged at the same time."""
HORIZON: Final = 14 * DAY
"""How far ahead the end of a lawful window is looked for; beyond it `until` is NEVER."""
SEGMENTS: Final = 12
"""How many lawful windows of a day are walked through."""


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
        return Decision(int(OUTCOME[rule.decision][MAYBE if self.is_unsure(row, rule) else YES]))

    def is_unsure(self, row: int, rule: Rule) -> bool:
        """Whether the rule spoke on this row only because a fact is not known."""
        return rule.id in self._bits(self.unsure, row)

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
    """For each row: whether any minute of the asked interval is lawful, the first and the last such minute.

    Between them it need not be lawful all the time: `until` is the first minute no longer lawful after `first`, `again`
    the first lawful one after that, `again_until` the end of that second window. NEVER where there is none.
    """

    any: Mask
    first: Minutes
    last: Minutes
    until: Minutes
    again: Minutes
    again_until: Minutes


def judge(
    facts: Facts, packs: Sequence[Pack], *, cure: bool = True, until: bool = True, horizon: int = HORIZON
) -> Verdicts:
    """Judge every row by the packs of its jurisdiction and by the house.

    The pack `gate` among them is used if there is one (that of an earlier day), else the one that comes with Fairdue.
    `cure` asks for the earliest lawful minute of the refused, `until` for the end of the lawful window of the allowed,
    at most `horizon` minutes ahead; leave them out where they are not needed, they cost time.
    """
    ready = program(_with_gate(packs))
    n = len(facts)
    facts = _on_law_clock(facts, ready.packs)
    out = Verdicts(
        np.zeros(n, np.uint8), np.full(n, NEVER), np.full(n, NEVER),
        np.zeros((n, ready.words), np.uint64), np.zeros((n, ready.words), np.uint64), np.zeros(n, np.uint8),
        ready.rules, facts, ready.packs,
    )  # fmt: skip

    def some(rows: slice) -> None:
        part = Part.of(facts.take(rows) if n > CHUNK else facts, ready)
        seen = look(part, names=True, ahead=until)
        out.decision[rows], out.spoke[rows], out.unsure[rows] = seen.decision, seen.spoke, seen.unsure
        out.reason[rows] = _reason(part, seen.decision)
        if cure:
            out.earliest[rows] = first_free(part, seen)
        if until:
            limit = part.facts.instant + horizon
            end = first_barred(part, seen, limit)
            out.until[rows] = np.where(end <= limit, end, NEVER)

    _in_chunks(n, some)
    return out


def windows(facts: Facts, packs: Sequence[Pack], *, start: Minutes | int, end: Minutes | int) -> Windows:
    """What is lawful from `start` to `end` (both included, UTC minutes; one value or one per row)."""
    n = len(facts)
    ready = program(_with_gate(packs))
    begin = np.broadcast_to(np.asarray(start, np.int64), n)
    finish = np.broadcast_to(np.asarray(end, np.int64), n)
    facts = _on_law_clock(facts.at(begin), ready.packs)
    found = np.full((5, n), NEVER)

    def some(rows: slice) -> None:
        part = Part.of(facts.take(rows) if n > CHUNK else facts, ready)
        found[:, rows] = _walk(part, finish[rows])

    _in_chunks(n, some)
    return Windows(found[0] < NEVER, *found)


def passed(verdicts: Verdicts, row: int = 0) -> list[Rule]:
    """The rules that concerned this row and had nothing against it, in the order of the packs."""
    alone = verdicts.facts.take(slice(row, row + 1))
    spoke = {rule.id for rule in verdicts.rules_of(row)}
    return [rule for rule in applying(alone, program(verdicts.packs)) if rule.id not in spoke]


def _with_gate(packs: Sequence[Pack]) -> tuple[Pack, ...]:
    """The packs with the gate's own first: the one given (of another day), else the one that comes with Fairdue."""
    return tuple(packs) if any(pack.id == "gate" for pack in packs) else (rule_packs.gate_pack(), *packs)


def _in_chunks(n: int, work: Callable[[slice], None]) -> None:
    """Do the work for every stretch of rows; two at a time where there are many, for NumPy lets go of the lock."""
    chunks = [slice(begin, min(n, begin + CHUNK)) for begin in range(0, n, CHUNK)]
    if len(chunks) < 3:
        for chunk in chunks:
            work(chunk)
        return
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        for _ in pool.map(work, chunks):
            pass


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


def _reason(part: Part, decision: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Why allowed rows were not refused, where no rule of their jurisdiction could speak."""
    covered: State = NO
    force: State = NO
    for pack, bound in zip(part.program.packs, part.bound, strict=True):
        if pack.jurisdiction is not None and not is_no(bound):
            covered = most(covered, bound)
            force = most(force, least(bound, in_force(pack.since, None, part.facts)[0]))
    if isinstance(force, int) and force > NO:
        return np.zeros(len(decision), np.uint8)
    why = np.where(np.asarray(force) > NO, Reason.NONE, Reason.NOT_IN_FORCE)
    why = np.where(np.asarray(covered) > NO, why, Reason.NOT_COVERED)
    return np.where(decision == Decision.ALLOW, why, Reason.NONE).astype(np.uint8)


def _walk(part: Part, finish: Minutes) -> Minutes:
    """First, last, until, again and again_until of `Windows` up to `finish`, walking from window to window: (5, n)."""
    seen = look(part, ahead=True)
    found = np.full((5, len(finish)), NEVER)
    first, last = found[0], found[1]
    first[:] = first_free(part, seen, finish)
    rows = np.flatnonzero(first < NEVER)
    moments = first[rows]
    inner = part if len(rows) == len(first) else part.take(rows) if len(rows) else part
    for step in range(SEGMENTS):
        if not len(rows):
            break
        inner = inner.at(moments)
        again = step or len(rows) < len(first) or bool((moments > part.facts.instant).any())
        until = first_barred(inner, look(inner, ahead=True) if again else seen, finish[rows])
        last[rows] = np.minimum(until - 1, finish[rows])
        if step < 2:
            found[2 + 2 * step, rows] = last[rows] + 1
        kept = np.flatnonzero(until <= finish[rows])
        if not len(kept):
            break
        rows, inner = rows[kept], inner.take(kept).at(until[kept])
        moments = first_free(inner, look(inner), finish[rows])
        kept = np.flatnonzero(moments < NEVER)
        rows, moments, inner = rows[kept], moments[kept], inner.take(kept) if len(kept) else inner
        if not step:
            found[3, rows] = moments
    return found


def _minute_or_none(minute: np.int64) -> int | None:
    return None if minute >= NEVER else int(minute)


# ---- words


_HEAD: Final = {
    "zh": {"allow": "可以联系", "warn": "可以联系，但请注意", "hold": "暂缓联系", "deny": "不可联系"},
    "en": {
        "allow": "Contact is allowed",
        "warn": "Contact is allowed, with care",
        "hold": "Hold",
        "deny": "No contact",
    },
}
_UNTIL: Final = {"zh": "至 {when} 为止", "en": "until {when}"}
_EARLIEST: Final = {"zh": "最早 {when}", "en": "earliest {when}"}
_NEVER: Final = {"zh": "等待无济于事", "en": "waiting does not help"}
_NOT_KNOWN: Final = {"zh": "（以下事实不明：{facts}）", "en": " (not known: {facts})"}
_LIST: Final = {"zh": "、", "en": ", "}
_COMMA: Final = {"zh": "，", "en": "; "}


def explain(verdicts: Verdicts, row: int = 0, lang: str = "zh") -> dict[str, Any]:
    """One row in words of `zh` or `en`.

    Returns decision, headline, zone, earliest and until (local, `YYYY-MM-DDTHH:MM` or None), duties (what must be
    said: [{rule, names, says, what, cites}]) and reasons, the strictest first: rule, names, decision, says, cites,
    level, confidence, force, cure, earliest, unknown (names of facts that are not known).
    """
    zone = _zone_of(verdicts, row)
    decision = Decision(int(verdicts.decision[row])).name.lower()
    rules = verdicts.rules_of(row)
    reasons = [_reason_in_words(verdicts, row, rule, lang, zone) for rule in rules if not rule.kind.speaks]
    earliest, until = _local(verdicts.earliest[row], zone), _local(verdicts.until[row], zone)
    return {
        "decision": decision,
        "headline": _headline(decision, reasons, earliest, until, lang),
        "zone": zone,
        "earliest": earliest,
        "until": until,
        "reasons": reasons,
        "duties": [
            {"rule": r.id, "names": list(r.names), "says": r.say[lang], "what": list(r.duties), "cites": r.cites[lang]}
            for r in rules
            if r.kind.speaks
        ],
    }


def _headline(decision: str, reasons: list[dict[str, Any]], earliest: str | None, until: str | None, lang: str) -> str:
    parts = [_HEAD[lang][decision]]
    if decision in ("allow", "warn"):
        parts += [_UNTIL[lang].format(when=until.replace("T", " "))] if until else []
        parts += [str(reason["says"]) for reason in reasons[:1]]
    else:
        parts += [str(reason["says"]) for reason in _deciding(reasons, earliest)]
        parts.append(_EARLIEST[lang].format(when=earliest.replace("T", " ")) if earliest else _NEVER[lang])
    return _COMMA[lang].join(parts)


def _deciding(reasons: list[dict[str, Any]], earliest: str | None) -> list[dict[str, Any]]:
    """The one reason to name of a refusal: of one that waiting does not cure a rule that never clears, else the rule
    that bars longest."""
    if earliest is None:
        return [reason for reason in reasons if reason["earliest"] is None][:1] or reasons[:1]
    timed = [reason for reason in reasons if reason["earliest"] is not None]
    return [max(timed, key=lambda reason: str(reason["earliest"]))] if timed else reasons[:1]


def _reason_in_words(verdicts: Verdicts, row: int, rule: Rule, lang: str, zone: str) -> dict[str, Any]:
    unknown = _unknown_facts(verdicts, row, rule)
    told = _LIST[lang].join(fact_in_words(name, lang) for name in unknown)
    says = rule.say[lang] + (_NOT_KNOWN[lang].format(facts=told) if unknown else "")
    return {
        "rule": rule.id,
        "names": list(rule.names),
        "decision": verdicts.outcome_of(row, rule).name.lower(),
        "says": says,
        "cites": rule.cites[lang],
        "level": rule.law["level"],
        "confidence": rule.law["confidence"],
        "force": rule.law.get("force", ""),
        "cure": rule.cure.get(lang, ""),
        "earliest": _local(_clears(verdicts, row, rule), zone),
        "unknown": unknown,
    }


def _unknown_facts(verdicts: Verdicts, row: int, rule: Rule) -> list[str]:
    """Facts the rule asks about that are not known, where it spoke for that reason only."""
    if not verdicts.is_unsure(row, rule) and rule.kind.name != "must_know":
        return []
    facts = verdicts.facts.take(slice(row, row + 1))
    if rule.kind.name == "must_know":
        wanted = rule.terms["facts"]
        lacking = [name for name in wanted if name != "zone" and int(np.asarray(facts.column(name)).flat[0]) == UNKNOWN]
        return lacking + ["zone"] * ("zone" in wanted and int(facts.zones[0, 0]) < 0)
    asked = {condition.fact for group in (*rule.when, *rule.unless) for condition in group}
    asked |= {term for term in rule.terms.values() if isinstance(term, str) and term in COLUMNS}
    missing = {name for name in asked & COLUMNS.keys() if int(np.asarray(facts.column(name)).flat[0]) == UNKNOWN}
    return sorted(missing | {name for name in asked & SPANS.keys() if name not in facts.spans})


def _clears(verdicts: Verdicts, row: int, rule: Rule) -> np.int64:
    """From when this rule alone would let the row pass."""
    part = Part.of(verdicts.facts.take(slice(row, row + 1)), program(verdicts.packs))
    alone = Part(part.facts, part.program, part.bound, [s for s in part.speakers if s.rule is rule])
    found: np.int64 = first_free(alone, look(alone))[0]
    return found


def _zone_of(verdicts: Verdicts, row: int) -> str:
    """The zone in which moments are told: the first the person may be in, UTC where none is known."""
    return zone_name(max(int(verdicts.facts.zones[row, 0]), 0))


def _local(minute: np.int64, zone: str) -> str | None:
    return None if minute >= NEVER else local_iso(int(minute), zone)


def rejudge(stored: Mapping[str, Any], packs: Sequence[Pack]) -> Verdicts:
    """Judge a stored verdict's facts again, by the rules given."""
    return judge(Facts.from_json(stored["facts"]), packs)
