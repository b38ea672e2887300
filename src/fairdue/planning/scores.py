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

from fairdue.planning.columns import I8, I16, I32, I64, Bool
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
    EXPECTED_VALUE = 14  # cents expected, chance in per mille
    PAID_RECENTLY = 15  # cents paid in the last 90 days, days since the last payment
    KEEPS_PROMISES = 16  # promises kept, promises judged
    BREAKS_PROMISES = 17  # promises broken, promises judged
    PROMISE_RUNNING = 18  # cents promised, days until due
    CONTACTED_RECENTLY = 19  # days since the last contact, days until the next
    NOTHING_DUE = 20


@dataclass(frozen=True, slots=True)
class Cases:
    """What is known of each case; every column has length n.

    balance, past_due: int64 cents, all accounts of the case. days_past_due: int32, the oldest account's.
    bucket: int8, 0 … len(weights.buckets)-1. days_to_next_bucket: int32 (Buckets.days_to_next), NO_DAY in the last.
    paid_90: int64 cents received in the last 90 days. last_payment_on: int32, NO_DAY = never.
    monthly_income: int64 cents, -1 = unknown. promises_kept, promises_broken: int16, judged so far (a partly kept one
    counts in both as none: leave it out). promise_due_on: int32 of the open promise, NO_DAY = none; promise_cents.
    broken_on: int32 due day of the latest broken promise, NO_DAY = none; broken_cents: int64.
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


def score(cases: Cases, weights: Weights, *, today: int) -> Scored:
    """Value, action and reasons of every case on the day `today`."""
    raise NotImplementedError


def reason_text(
    code: int,
    numbers: Sequence[int] | I64,
    lang: Literal["zh", "en"],
    *,
    money: Callable[[int], str],
    buckets: Sequence[str] = ("M0", "M1", "M2", "M3", "M4", "M5", "M6", "M7+"),
) -> str:
    """The reason in words. `money` writes an amount of minor units (money.amount.format_amount with its currency)."""
    raise NotImplementedError
