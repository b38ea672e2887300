"""What is each case worth today, what should be done, and why: the first scoring, on columns of any length.

How to call::

    weights = load_weights()                                     # planning/weights.yaml; or your own file
    scored = score(cases, weights, today=day)                    # cases: Cases, columns of length n
    work = scored.action != Action.REST                          # these go to allocation
    reason_text(int(scored.reason[i, 0]), scored.numbers[i, 0], "zh", money=format_money)

Money is int64 minor units, days are int32 days since 1970-01-01, an unknown day is NO_DAY, an unknown amount or count
is -1. `expected` and `priority` of different accounts are compared with each other, so hand over amounts in one house
currency (convert before). Nothing here knows a clock: today comes in. Meaning and weights: docs/planning.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np

from fairdue.planning.columns import F64, I8, I16, I32, I64, NO_DAY, Bool
from fairdue.planning.promise_strategy import Next, Strategy, next_steps, next_text, strategy
from fairdue.planning.weights import Weights, load_weights

__all__ = ["REASONS_KEPT", "Action", "Cases", "Reason", "Scored", "load_weights", "reason_text", "score"]

REASONS_KEPT = 3  # at most this many reasons are kept with an item, the weightiest first


class Action(IntEnum):
    """What is proposed. Numbers are stored: members keep theirs for ever."""

    REST = 0  # nothing today; see `next_on`
    REMIND = 1  # a friendly reminder: newly overdue, or a promise falls due tomorrow
    CALL = 2
    FOLLOW_UP = 3  # long overdue or promise broken: a talk about what is possible
    PROMISE_FOLLOW_UP = 4  # a promise is due today
    CALL_BACK = 5  # the borrower asked to be called
    LETTER = 6
    REPAIR = 7  # no usable contact, or the proof of the debt has gaps: mend the file before any contact


class Reason(IntEnum):
    """Why an item is on the list; the numbers that go with each are named behind it. Stored: members keep theirs."""

    NONE = 0
    CALLBACK_DUE = 1  # days since the agreed day (0 = today)
    PROMISE_DUE_TODAY = 2  # cents promised, days since due (0 = today)
    PROMISE_DUE_SOON = 3  # cents promised, days until due
    PROMISE_BROKEN = 4  # cents promised, days since due
    NEWLY_OVERDUE = 5  # days past due, cents past due
    ROLLS_SOON = 6  # days until it rolls, bucket it would roll to
    LIMITATION_NEAR = 7  # days until the limitation period ends
    PLACEMENT_ENDING = 8  # days until the placement ends
    NEVER_CONTACTED = 9  # days past due
    CADENCE_DUE = 10  # days since the last contact, cadence of the bucket in days
    NO_USABLE_CONTACT = 11
    PROOF_INCOMPLETE = 12  # score of the file, bar
    NO_ANSWER_BY_PHONE = 13  # calls made, none answered
    EXPECTED_VALUE = 14  # cents expected, chance in per mille (only on items of before the base was named)
    PAID_RECENTLY = 15  # cents paid in the last 90 days, days since the last payment
    KEEPS_PROMISES = 16  # promises kept, promises judged
    BREAKS_PROMISES = 17  # promises broken, promises judged
    PROMISE_RUNNING = 18  # cents promised, days until due
    CONTACTED_RECENTLY = 19  # days since the last contact, days until the next
    NOTHING_DUE = 20
    EXPECTED_AT_ONCE = 21  # cents that could be paid at once, chance in parts per million
    EXPECTED_OF_PROMISE = 22  # cents promised, chance in parts per million
    NEXT_AFTER_BROKEN = 23  # planning Next, promises broken


@dataclass(frozen=True, slots=True)
class Cases:
    """What is known of each case; every column has length n.

    balance, past_due: int64 cents, all accounts of the case. days_past_due: int32, the oldest account's.
    bucket: int8, 0 … len(weights.buckets)-1. days_to_next_bucket: int32 (Buckets.days_to_next), NO_DAY in the last.
    paid_90: int64 cents received in the last 90 days. last_payment_on: int32, NO_DAY = never.
    monthly_income: int64 cents, -1 = unknown. promises_kept, promises_broken: int16, judged so far (a partly kept one
    counts in both as none: leave it out). promise_due_on: int32 of the open promise, NO_DAY = none; promise_cents.
    promise_ppm: int32 chance that it is kept, -1 = not worked out. broken_on: int32 day on which the latest broken
    promise was found broken, NO_DAY = none; broken_cents: int64.
    calls_made, calls_answered: int16, last 90 days. last_contact_on: int32, last outbound contact of any channel that
    left the house, NO_DAY = never. last_reached_on: int32, last time we spoke with the debtor, NO_DAY = never.
    callback_on: int32, day the borrower asked for, NO_DAY = none. limitation_on: int32, last day of the limitation
    period, NO_DAY = unknown. placement_ends_on: int32, NO_DAY = none.
    proof_percent: int8, completeness of the proof-of-debt file, -1 = not judged.
    has_phone, has_message, has_address: bool, a usable phone; e-mail or SMS; postal address.
    """

    balance: I64
    past_due: I64
    days_past_due: I32
    bucket: I8
    days_to_next_bucket: I32
    paid_90: I64
    last_payment_on: I32
    monthly_income: I64
    promises_kept: I16
    promises_broken: I16
    promise_due_on: I32
    promise_cents: I64
    promise_ppm: I32
    broken_on: I32
    broken_cents: I64
    calls_made: I16
    calls_answered: I16
    last_contact_on: I32
    last_reached_on: I32
    callback_on: I32
    limitation_on: I32
    placement_ends_on: I32
    proof_percent: I8
    has_phone: Bool
    has_message: Bool
    has_address: Bool


@dataclass(frozen=True, slots=True)
class Scored:
    """One value per case.

    expected: int64 cents, what a contact may be hoped to bring (half up). chance_ppm: int32, chance of a payment in
    parts per million. priority: int64, expected raised by urgency; orders lists and is the value in allocation; 0 for
    REST. action: int8 Action. minutes: int16, time the action takes. next_on: int32, earliest day of the next action
    (today unless REST; NO_DAY when nothing is due). reason: int8 (n, REASONS_KEPT) Reason, the weightiest first, filled
    with NONE. numbers: int64 (n, REASONS_KEPT, 2), the numbers behind each reason in the order named in Reason.
    """

    expected: I64
    chance_ppm: I32
    priority: I64
    action: I8
    minutes: I16
    next_on: I32
    reason: I8
    numbers: I64


_NEVER = 10**6  # days since something that never happened, and until something that has no day


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rules below ask, worked out once; columns of length n."""

    since_contact: I32
    cadence: I32
    due: Bool  # something is past due
    broken: Bool
    promise_due: Bool
    promise_soon: Bool
    promise_running: Bool
    callback: Bool
    newly: Bool
    rolls: Bool
    limitation: Bool
    placement: Bool
    never: Bool
    cadence_due: Bool
    rested: Bool
    unanswered: Bool
    no_contact: Bool
    gaps: Bool  # the proof-of-debt file is below the bar
    after_broken: I8  # what the strategy says follows, Next


def score(cases: Cases, weights: Weights, *, today: int, plan: Strategy | None = None) -> Scored:
    """Value, action and reasons of every case on the day `today`; see docs/planning.md for the sum.

    plan: what follows broken promises; left out, the file that comes with Fairdue.
    """
    facts = _facts(cases, weights, plan or strategy(), today)
    action = _action(cases, facts, weights)
    stake, of_promise = _at_stake(cases, weights, facts)
    chance_ppm = _chance_ppm(cases, weights, today)
    chance_ppm = np.where(of_promise & (cases.promise_ppm >= 0), cases.promise_ppm, chance_ppm).astype(np.int32)
    expected = _times_ppm(stake, chance_ppm)
    minutes = np.array([0, *(weights.whole[f"minutes.{a.name.lower()}"] for a in Action if a)], dtype=np.int16)
    reason, numbers = _reasons(cases, facts, action, stake, chance_ppm, weights, today)
    return Scored(
        expected=expected,
        chance_ppm=chance_ppm,
        priority=_priority(expected, facts, action, weights),
        action=action,
        minutes=minutes[action],
        next_on=_next_on(cases, facts, action, weights, today),
        reason=reason,
        numbers=numbers,
    )


def _facts(c: Cases, weights: Weights, plan: Strategy, today: int) -> _Facts:
    w = weights.whole
    assert not len(c.bucket) or 0 <= int(c.bucket.min()) <= int(c.bucket.max()) < weights.buckets, "bucket out of range"
    since_contact = _since(c.last_contact_on, today)
    cadence = np.array(weights.by_bucket["cadence.days_by_bucket"], dtype=np.int32)[c.bucket]
    due = c.past_due > 0
    overdue_on = today - c.days_past_due
    until_promise = _until(c.promise_due_on, today)
    has_promise = c.promise_due_on != NO_DAY
    since_broken = _since(c.broken_on, today)
    callback = (c.callback_on != NO_DAY) & (c.callback_on <= today)
    rested = since_contact >= w["cadence.least_gap_days"]
    near = {
        name: due & (days >= 0) & (days <= w[f"urgency.{name}_days"]) & rested
        for name, days in (
            ("rolls_soon", np.where(c.days_to_next_bucket == NO_DAY, _NEVER, c.days_to_next_bucket)),
            ("limitation_near", _until(c.limitation_on, today)),
            ("placement_ending", _until(c.placement_ends_on, today)),
        )
    }
    broken = due & (since_broken <= w["urgency.promise_broken_days"]) & (since_contact >= since_broken)
    times = np.maximum(c.promises_broken.astype(np.int64), 1)
    after_broken = next_steps(plan, times=times, bucket=c.bucket, cents=c.broken_cents)
    newly = due & (c.days_past_due >= 1) & (c.days_past_due <= w["urgency.newly_overdue_days"])
    return _Facts(
        since_contact=since_contact,
        cadence=cadence,
        due=due,
        broken=broken,
        # A newer promise or an agreed call says what is next; the broken one has had its turn.
        after_broken=np.where(broken & ~has_promise & ~callback, after_broken, Next.NONE).astype(np.int8),
        promise_due=has_promise & (until_promise <= 0) & ((until_promise == 0) | rested),
        promise_soon=has_promise & (until_promise > 0) & (until_promise <= w["urgency.promise_soon_days"]),
        promise_running=has_promise,
        callback=callback,
        newly=newly & ((c.last_contact_on == NO_DAY) | (c.last_contact_on <= overdue_on)),
        rolls=near["rolls_soon"] & ~newly,
        limitation=near["limitation_near"],
        placement=near["placement_ending"],
        never=due & (c.last_contact_on == NO_DAY),
        cadence_due=due & (since_contact >= cadence),
        rested=rested,
        unanswered=(c.calls_made >= w["cadence.letter_after_unanswered_calls"]) & (c.calls_answered == 0),
        no_contact=~(c.has_phone | c.has_message | c.has_address),
        gaps=(c.proof_percent >= 0) & (c.proof_percent < w["file.proof_bar_percent"]),
    )


def _action(c: Cases, f: _Facts, weights: Weights) -> I8:
    """The first line that fits decides; then the channel at hand."""
    long_overdue = c.bucket >= weights.whole["cadence.follow_up_from_bucket"]
    follow_up = np.where(long_overdue, Action.FOLLOW_UP, Action.CALL)
    write = f.unanswered & c.has_address
    action = np.select(
        [
            ~(f.due | f.promise_running | f.callback),
            f.gaps | f.no_contact,
            f.callback,
            f.promise_due,
            f.promise_soon,
            f.promise_running,
            f.broken,
            f.limitation & c.has_address,
            f.newly,
            f.limitation | f.rolls | f.placement | f.cadence_due,
        ],
        [
            Action.REST,
            Action.REPAIR,
            Action.CALL_BACK,
            Action.PROMISE_FOLLOW_UP,
            Action.REMIND,
            Action.REST,
            np.select(
                [f.after_broken == Next.MESSAGE, f.after_broken == Next.CALL],
                [Action.REMIND, Action.CALL],
                Action.FOLLOW_UP,
            ),
            Action.LETTER,
            Action.REMIND,
            np.where(write, Action.LETTER, follow_up),
        ],
        default=Action.REST,
    )
    speaks = np.isin(action, [Action.CALL, Action.FOLLOW_UP, Action.CALL_BACK, Action.PROMISE_FOLLOW_UP])
    instead = np.where(c.has_message, Action.REMIND, Action.LETTER)
    action = np.where(speaks & ~c.has_phone, instead, action)
    in_words = np.where(c.has_phone, Action.CALL, Action.LETTER)
    return np.where((action == Action.REMIND) & ~c.has_message, in_words, action).astype(np.int8)


def _at_stake(c: Cases, weights: Weights, f: _Facts) -> tuple[I64, Bool]:
    """Cents that could be paid at once: at most what is past due, or the promise that is due; whether it is the promise."""
    w = weights.whole
    known = c.monthly_income >= 0
    from_income = np.where(known, c.monthly_income, 0) * w["ability.income_share_percent"] // 100
    from_payments = c.paid_90 * w["ability.recent_payments_percent"] // 300
    share = np.array(weights.by_bucket["ability.unknown_percent"], dtype=np.int64)[c.bucket]
    unknown = np.where(known, 0, c.past_due * share // 100)
    able = np.maximum(np.maximum(from_income, from_payments), unknown)
    promised = np.where(f.promise_due | f.promise_soon, c.promise_cents, 0)
    stake: I64 = np.maximum(np.minimum(able, c.past_due), np.minimum(promised, c.balance))
    return stake, (f.promise_due | f.promise_soon) & (stake == np.minimum(c.promise_cents, c.balance))


def _chance_ppm(c: Cases, weights: Weights, today: int) -> I32:
    """Chance of the bucket times what the person's own history says, in parts per million (rounded half to even)."""
    w = weights.whole
    by_bucket = np.array(weights.by_bucket["chance.by_bucket_percent"], dtype=np.float64) / 100
    judged = c.promises_kept.astype(np.int32) + c.promises_broken
    chance = by_bucket[c.bucket]
    chance *= _ratio_factor(
        c.promises_kept,
        judged,
        none=w["willingness.no_promise_kept_percent"],
        every=w["willingness.all_promises_kept_percent"],
        prior=w["willingness.promises_prior"],
    )
    chance *= _ratio_factor(
        c.calls_answered,
        c.calls_made.astype(np.int32),
        none=w["willingness.no_call_answered_percent"],
        every=w["willingness.all_calls_answered_percent"],
        prior=w["willingness.calls_prior"],
    )
    for name, day in (("last_payment", c.last_payment_on), ("last_reached", c.last_reached_on)):
        steps = weights.steps[f"willingness.{name}"]
        percents = np.array([p for _, p in steps] + [w[f"willingness.{name}_longer_percent"]], dtype=np.float64)
        chance *= percents[np.searchsorted([d for d, _ in steps], _since(day, today), side="left")] / 100
    chance = np.clip(chance, w["chance.least_percent"] / 100, w["chance.most_percent"] / 100)
    return np.rint(chance * 1_000_000).astype(np.int32)


def _ratio_factor(good: I16, of: I32, *, none: int, every: int, prior: int) -> F64:
    """Factor from `none` to `every` percent by the share good/of, drawn to 100 % by `prior` neutral observations."""
    if every == none:
        return np.ones(len(of))
    neutral = (100 - none) / (every - none)
    share = (good + prior * neutral) / (of + prior)
    factor: F64 = (none + (every - none) * share) / 100
    return factor


def _times_ppm(cents: I64, ppm: I32) -> I64:
    """cents * ppm / 1,000,000, half up, without leaving int64 on the way."""
    million = 1_000_000
    return cents // million * ppm + (cents % million * ppm + million // 2) // million


def _priority(expected: I64, f: _Facts, action: I8, weights: Weights) -> I64:
    """Expected value raised by the percent of everything that hurries; at least the least value; 0 for REST."""
    w = weights.whole
    percent = np.full(len(expected), 100, dtype=np.int64)
    for flag, name in (
        (f.callback, "callback_due"),
        (f.promise_due, "promise_due"),
        (f.promise_soon, "promise_soon"),
        (f.broken, "promise_broken"),
        (f.newly, "newly_overdue"),
        (f.rolls, "rolls_soon"),
        (f.limitation, "limitation_near"),
        (f.placement, "placement_ending"),
        (f.never, "never_contacted"),
        (f.cadence_due, "cadence_due"),
    ):
        percent += flag * w[f"urgency.{name}_percent"]
    percent = np.where(action == Action.REPAIR, percent * w["file.repair_percent"] // 100, percent)
    raised = np.maximum(expected // 100 * percent + expected % 100 * percent // 100, w["value.least_cents"])
    return np.where(action == Action.REST, 0, raised)


def _next_on(c: Cases, f: _Facts, action: I8, weights: Weights, today: int) -> I32:
    after_cadence = np.maximum(c.last_contact_on.astype(np.int64) + f.cadence, today + 1)
    before_promise = np.maximum(
        c.promise_due_on.astype(np.int64) - weights.whole["urgency.promise_soon_days"], today + 1
    )
    rest = np.where(f.promise_running, before_promise, np.where(f.due, after_cadence, NO_DAY))
    return np.where(action == Action.REST, rest, today).astype(np.int32)


def _reasons(
    c: Cases, f: _Facts, action: I8, stake: I64, chance_ppm: I32, weights: Weights, today: int
) -> tuple[I8, I64]:
    """The first REASONS_KEPT that hold, in the order below: what explains the action first, then what supports it."""
    n = len(action)
    rests = action == Action.REST
    works = ~rests
    mends = action == Action.REPAIR
    judged = c.promises_kept.astype(np.int64) + c.promises_broken
    zero = np.zeros(n, dtype=np.int64)
    bar = zero + weights.whole["file.proof_bar_percent"]
    until_promise = _until(c.promise_due_on, today)
    runs = f.promise_running & (until_promise > 0)
    of_promise = _at_stake(c, weights, f)[1]
    next_in = _next_on(c, f, action, weights, today).astype(np.int64) - today
    times_broken = np.maximum(c.promises_broken.astype(np.int64), 1)
    candidates: list[tuple[Reason, Bool, I64 | I32 | I16 | I8, I64 | I32 | I16 | I8]] = [
        (Reason.NO_USABLE_CONTACT, mends & f.no_contact, zero, zero),
        (Reason.PROOF_INCOMPLETE, mends & f.gaps, c.proof_percent, bar),
        (Reason.CALLBACK_DUE, works & f.callback, today - c.callback_on.astype(np.int64), zero),
        (Reason.PROMISE_DUE_TODAY, works & f.promise_due, c.promise_cents, -until_promise),
        (Reason.PROMISE_DUE_SOON, works & f.promise_soon, c.promise_cents, until_promise),
        (Reason.PROMISE_RUNNING, rests & runs, c.promise_cents, until_promise),
        (Reason.PROMISE_BROKEN, works & f.broken, c.broken_cents, _since(c.broken_on, today)),
        (
            Reason.NEXT_AFTER_BROKEN,
            works & (f.after_broken != Next.NONE),
            f.after_broken,
            times_broken,
        ),
        (Reason.LIMITATION_NEAR, works & f.limitation, _until(c.limitation_on, today), zero),
        (Reason.NEWLY_OVERDUE, works & f.newly, c.days_past_due, c.past_due),
        (Reason.ROLLS_SOON, works & f.rolls, c.days_to_next_bucket, c.bucket.astype(np.int64) + 1),
        (Reason.PLACEMENT_ENDING, works & f.placement, _until(c.placement_ends_on, today), zero),
        (Reason.NEVER_CONTACTED, works & f.never, c.days_past_due, zero),
        (Reason.CADENCE_DUE, works & f.cadence_due & ~f.never, f.since_contact, f.cadence),
        (Reason.CONTACTED_RECENTLY, rests & (f.due | f.promise_running) & ~runs, f.since_contact, next_in),
        (Reason.NOTHING_DUE, rests & ~f.due & ~f.promise_running, zero, zero),
        (Reason.NO_ANSWER_BY_PHONE, works & f.unanswered, c.calls_made, zero),
        (Reason.EXPECTED_OF_PROMISE, works & of_promise, stake, chance_ppm),
        (Reason.EXPECTED_AT_ONCE, works & ~of_promise, stake, chance_ppm),
        (
            Reason.PAID_RECENTLY,
            works & (c.paid_90 > 0) & (c.last_payment_on != NO_DAY),
            c.paid_90,
            _since(c.last_payment_on, today),
        ),
        (Reason.KEEPS_PROMISES, works & (c.promises_kept * 2 >= judged) & (judged > 0), c.promises_kept, judged),
        (Reason.BREAKS_PROMISES, works & (c.promises_kept * 2 < judged), c.promises_broken, judged),
    ]
    codes = np.zeros((n, REASONS_KEPT), dtype=np.int8)
    numbers = np.zeros((n, REASONS_KEPT, 2), dtype=np.int64)
    kept = np.zeros(n, dtype=np.int64)
    for code, holds, first, second in candidates:
        rows = np.flatnonzero(holds & (kept < REASONS_KEPT))
        place = kept[rows]
        codes[rows, place] = code
        numbers[rows, place, 0] = first[rows]
        numbers[rows, place, 1] = second[rows]
        kept[rows] += 1
    assert not n or int(kept.min()) > 0, "an item without a reason"
    return codes, numbers


def _since(day: I32, today: int) -> I32:
    """Days since each day, 0 for a day to come; _NEVER where there is none."""
    return np.where(day == NO_DAY, _NEVER, np.maximum(today - day.astype(np.int64), 0)).astype(np.int32)


def _until(day: I32, today: int) -> I32:
    """Days until each day, below 0 when it has passed; _NEVER where there is none."""
    return np.where(day == NO_DAY, _NEVER, day.astype(np.int64) - today).astype(np.int32)


_WORDS: dict[Reason, tuple[str, str]] = {
    Reason.CALLBACK_DUE: ("借款人约定{ago_zh}回电", "The borrower asked to be called {ago_en}"),
    Reason.PROMISE_DUE_TODAY: ("承诺还款 {money0}，{due_zh}到期", "Promise of {money0} fell due {due_en}"),
    Reason.PROMISE_DUE_SOON: ("承诺还款 {money0}，{b} 天后到期", "Promise of {money0} falls due in {b_days}"),
    Reason.PROMISE_BROKEN: ("承诺还款 {money0} 未履行（{b} 天前判定）", "Promise of {money0} broken {b_days} ago"),
    Reason.NEWLY_OVERDUE: ("刚逾期 {a} 天，逾期金额 {money1}", "Newly overdue: {a_days}, {money1} past due"),
    Reason.ROLLS_SOON: ("{a} 天后将进入 {bucket1}", "Rolls to {bucket1} in {a_days}"),
    Reason.LIMITATION_NEAR: ("诉讼时效还剩 {a} 天", "Limitation period ends in {a_days}"),
    Reason.PLACEMENT_ENDING: ("距退案还有 {a} 天", "Placement ends in {a_days}"),
    Reason.NEVER_CONTACTED: ("逾期 {a} 天，尚未联系过", "{a_days} past due and never contacted"),
    Reason.CADENCE_DUE: (
        "距上次联系 {a} 天，该账龄每 {b} 天跟进一次",
        "Last contact {a_days} ago; this bucket is followed up every {b_days}",
    ),
    Reason.NO_USABLE_CONTACT: ("没有可用的联系方式，先补充资料", "No usable contact point: mend the file first"),
    Reason.PROOF_INCOMPLETE: (
        "债权证明完整度 {a}%，低于 {b}%，先补充资料",
        "Proof of debt {a}% complete, below {b}%: mend the file first",
    ),
    Reason.NO_ANSWER_BY_PHONE: ("近 90 天拨打 {a} 次均未接听", "{a} calls in 90 days, none answered"),
    Reason.EXPECTED_VALUE: (
        "预计可回收 {money0}（还款可能性 {permille}）",
        "Expected {money0} (chance of payment {permille})",
    ),
    Reason.EXPECTED_AT_ONCE: (
        "预计可回收 {expected}：眼下还得起 {money0}，还上的可能性 {chance}%",
        "Expected {expected}: payment of the {money0} that could be paid at once is {chance} % likely",
    ),
    Reason.EXPECTED_OF_PROMISE: (
        "预计可回收 {expected}：承诺 {money0}，兑现可能 {chance}%",
        "Expected {expected}: payment of the {money0} promised is {chance} % likely",
    ),
    Reason.PAID_RECENTLY: ("近 90 天已还 {money0}，最近一次在 {b} 天前", "Paid {money0} in 90 days, last {b_days} ago"),
    Reason.KEEPS_PROMISES: ("承诺履行 {a} 次，未履行 {rest} 次", "Promises: {a} kept, {rest} broken"),
    Reason.BREAKS_PROMISES: ("承诺履行 {rest} 次，未履行 {a} 次", "Promises: {rest} kept, {a} broken"),
    Reason.PROMISE_RUNNING: (
        "承诺还款 {money0}，{b} 天后到期，期间不打扰",
        "Promise of {money0} runs for {b_days}: left in peace",
    ),
    Reason.CONTACTED_RECENTLY: (
        "{a} 天前已联系，{b} 天后再跟进",
        "Contacted {a_days} ago; next follow-up in {b_days}",
    ),
    Reason.NOTHING_DUE: ("目前没有到期应还款项", "Nothing is due now"),
}


def reason_text(
    code: int,
    numbers: Sequence[int] | I64,
    lang: Literal["zh", "en"],
    *,
    money: Callable[[int], str],
    buckets: Sequence[str] = ("M0", "M1", "M2", "M3", "M4", "M5", "M6", "M7+"),
) -> str:
    """The reason in words. `money` writes an amount of minor units, e.g. `partial(money_text, currency="CNY")`."""
    if code == Reason.NONE:
        return ""
    a, b = int(numbers[0]), int(numbers[1])
    if code == Reason.NEXT_AFTER_BROKEN:
        return next_text(a, b, lang)
    words = _WORDS[Reason(code)][lang == "en"]
    return words.format(
        a=a,
        b=b,
        rest=b - a,
        a_days=_days(a),
        b_days=_days(b),
        money0=money(a),
        money1=money(b),
        bucket1=buckets[b] if 0 <= b < len(buckets) else "",
        permille=f"{b // 10}.{b % 10}%",
        expected=money((a * b + 500_000) // 1_000_000),
        chance=f"{b // 10_000}.{b // 1_000 % 10}",
        ago_zh="今天" if a == 0 else f" {a} 天前",
        ago_en="today" if a == 0 else f"{_days(a)} ago",
        due_zh="今天" if b == 0 else f"{b} 天前已",
        due_en="today" if b == 0 else f"{_days(b)} ago",
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
