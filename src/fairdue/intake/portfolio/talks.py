"""Made-up contact history: who was tried when and how, who answered, what they promised and whether it came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from fairdue.intake.portfolio.debts import EPOCH, Debts, ragged
from fairdue.intake.portfolio.people import BEHAVIOURS, Ints, Persons, Rng

CHANNELS = ("call", "sms", "email", "letter", "visit")
_CHANNEL_SHARE = (0.70, 0.20, 0.06, 0.03, 0.01)
CALL_RESULTS = ("unanswered", "busy", "not_in_service", "conversation", "wrong_person", "voicemail_left", "dropped")
_ANSWERS = {
    "self_curer": (0.35, 0.08, 0.00, 0.52, 0.00, 0.03, 0.02),
    "forgetful": (0.40, 0.08, 0.00, 0.46, 0.00, 0.04, 0.02),
    "promise_breaker": (0.45, 0.08, 0.00, 0.40, 0.00, 0.04, 0.03),
    "hardship": (0.50, 0.08, 0.01, 0.34, 0.00, 0.04, 0.03),
    "evasive": (0.72, 0.10, 0.03, 0.06, 0.01, 0.05, 0.03),
    "dispute": (0.40, 0.07, 0.00, 0.47, 0.00, 0.04, 0.02),
    "wrong_number": (0.35, 0.04, 0.30, 0.02, 0.26, 0.03, 0.00),
}
OUTCOMES = ("none", "promise", "refuses", "hardship", "dispute", "claims_paid", "call_back", "abusive", "wrong_number")
_SAID = {
    "self_curer": (0.10, 0.60, 0.02, 0.03, 0.00, 0.10, 0.15, 0.00),
    "forgetful": (0.15, 0.50, 0.03, 0.05, 0.01, 0.06, 0.20, 0.00),
    "promise_breaker": (0.10, 0.65, 0.06, 0.05, 0.01, 0.02, 0.10, 0.01),
    "hardship": (0.10, 0.20, 0.10, 0.48, 0.00, 0.00, 0.11, 0.01),
    "evasive": (0.30, 0.10, 0.35, 0.05, 0.02, 0.02, 0.10, 0.06),
    "dispute": (0.05, 0.02, 0.15, 0.02, 0.65, 0.05, 0.04, 0.02),
    "wrong_number": (1.00, 0, 0, 0, 0, 0, 0, 0),
}
MINUTES_OF_DAY = (9 * 60, 19 * 60 + 30)
"""Past contacts fall between 9:00 and 19:30 by the clock of the person."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How those who called before us kept the law of the country. after_talk: days without a call from a conversation
    on; two_calls_in: at most two calls to a person in so many days; last: days before the morning of the file on which
    nobody was contacted any more (the day of an American borrower ends in the firm's next morning)."""

    after_talk: int
    two_calls_in: int
    last: int


MANNERS = {"CN": Manners(after_talk=1, two_calls_in=1, last=1), "US": Manners(after_talk=7, two_calls_in=7, last=2)}


def talks(rng: Rng, people: Persons, debts: Debts, *, per_account: float, as_of: date, country: str) -> pl.DataFrame:
    """Contacts of a chunk: account, zone, day, minute, channel, relation, result, outcome, promise, phone, agent.

    About `per_account` of them an account: a call the law bars is put off, and left out where there is no day for it.
    """
    today = (as_of - EPOCH).days
    # Accounts that are not past due were not called; the others take their share, the older ones more.
    weight = np.where(debts.dpd > 0, 0.5 + np.minimum(debts.dpd, 120) / 60, 0)
    mean = per_account * len(weight) / max(weight.sum(), 1e-9)
    owner, _ = ragged(rng.poisson(np.minimum(weight * mean, 200)))
    day = debts.since[owner] + 1 + (rng.random(len(owner)) * np.minimum(debts.dpd[owner], 400)).astype(np.int64)
    behaviour = debts.behaviour[owner]
    channel = rng.choice(len(CHANNELS), size=len(owner), p=_CHANNEL_SHARE)
    spoken = rng.random(len(owner))
    result = _drawn(spoken, behaviour, _ANSWERS)
    outcome = _drawn(rng.random(len(owner)), behaviour, _SAID)
    third = (rng.random(len(owner)) < 0.07) & people.frame["contact_phone"].is_not_null().to_numpy()[
        debts.person[owner]
    ]
    talked = (channel == 0) & (result == CALL_RESULTS.index("conversation"))
    outcome = np.where(talked & ~third, outcome, 0)
    wrong = (channel == 0) & (result == CALL_RESULTS.index("wrong_person"))
    outcome = np.where(wrong, OUTCOMES.index("wrong_number"), outcome)
    frame = pl.DataFrame(
        {
            "owner": owner,
            "day": day,
            "channel": channel,
            "result": result,
            "outcome": outcome,
            "third": third & (channel == 0),
            "promise_on": np.where(outcome == 1, day + rng.integers(1, 8, len(owner)), 0),
            "promise_cents": np.where(outcome == 1, _promised(rng, debts, owner), 0),
            "kept": np.zeros(len(owner), dtype=bool),
        }
    )
    manners = MANNERS[country]
    whole = _lawful(pl.concat([frame, _kept_promises(rng, debts)]), debts, manners, last=today - manners.last)
    start, end = MINUTES_OF_DAY
    minute = rng.integers(start, end, len(whole))
    person, day = whole["person"].to_numpy(), whole["day"].to_numpy()
    in_turn = np.empty_like(minute)  # on one day a person's contacts keep their order
    in_turn[np.lexsort((np.arange(len(whole)), day, person))] = minute[np.lexsort((minute, day, person))]
    whole = whole.with_columns(minute=in_turn, agent=pl.Series(rng.integers(1, 60, len(whole))))
    return _named(whole.sort("owner", "day", "minute", maintain_order=True), people, debts)


def _lawful(whole: pl.DataFrame, debts: Debts, manners: Manners, *, last: int) -> pl.DataFrame:
    """Contacts in the order of each person's days, calls put off until two calls or a talk lie back far enough.

    A promise made later falls due later; the talk behind a payment must come before it.
    """
    whole = whole.with_columns(person=debts.person[whole["owner"].to_numpy()]).sort(
        "person", "day", maintain_order=True
    )
    person, drawn = whole["person"].to_numpy(), whole["day"].to_numpy()
    call = whole["channel"].to_numpy() == CHANNELS.index("call")
    talk = call & (whole["result"].to_numpy() == CALL_RESULTS.index("conversation"))
    latest = np.where(whole["kept"], np.minimum(whole["promise_on"], last), last)
    day, counts = drawn.copy(), np.bincount(person)
    starts = np.cumsum(counts) - counts
    free, before, lately = (np.full(len(counts), -manners.two_calls_in) for _ in range(3))
    for nth in range(counts.max(initial=0)):
        rows = starts[counts > nth] + nth
        rows = rows[call[rows]]
        day[rows] = np.maximum(day[rows], np.maximum(free[person[rows]], before[person[rows]] + manners.two_calls_in))
        rows = rows[day[rows] <= latest[rows]]
        who = person[rows]
        before[who], lately[who] = lately[who], day[rows]
        free[who] = np.where(talk[rows], day[rows] + manners.after_talk, free[who])
    put_off = np.where(whole["kept"] | (whole["promise_on"] == 0), 0, day - drawn)
    return whole.with_columns(day=day, promise_on=pl.col("promise_on") + put_off).filter(day <= latest)


def _drawn(luck: Any, behaviour: Ints, table: Mapping[str, tuple[float, ...]]) -> Ints:
    """One choice per row from the distribution of its behaviour."""
    edges = np.cumsum(np.array([table[name] for name in BEHAVIOURS]), axis=1)
    drawn: Ints = np.minimum((luck[:, None] >= edges[behaviour]).sum(axis=1), edges.shape[1] - 1)
    return drawn


def _promised(rng: Rng, debts: Debts, owner: Ints) -> Ints:
    """What is promised: some part of what is past due, in whole units."""
    arrears = (debts.accounts["principal"] + debts.accounts["interest"]).to_numpy() // 6
    share = rng.choice([0.3, 0.5, 1.0], size=len(owner))
    cents: Ints = np.maximum((arrears[owner] * share).astype(np.int64) // 1000 * 1000, 5_000)
    return cents


def _kept_promises(rng: Rng, debts: Debts) -> pl.DataFrame:
    """The talk behind each part payment: a promise kept by some, kept in part by those who break promises."""
    owner = np.flatnonzero(debts.part_cents)
    day = debts.part_on[owner]
    fully = np.isin(debts.behaviour[owner], [BEHAVIOURS.index("self_curer"), BEHAVIOURS.index("hardship")])
    cents = debts.part_cents[owner]
    early = np.maximum(day - rng.integers(1, 5, len(owner)), debts.since[owner] + 1)
    return pl.DataFrame(
        {
            "owner": owner,
            "day": np.minimum(early, day),
            "channel": np.zeros(len(owner), dtype=np.int64),
            "result": np.full(len(owner), CALL_RESULTS.index("conversation")),
            "outcome": np.full(len(owner), OUTCOMES.index("promise")),
            "third": np.zeros(len(owner), dtype=bool),
            "promise_on": day,
            "promise_cents": np.where(fully, cents, cents * 2),
            "kept": np.ones(len(owner), dtype=bool),
        }
    )


def _named(frame: pl.DataFrame, people: Persons, debts: Debts) -> pl.DataFrame:
    """Codes to words, places to references and phones."""
    person = debts.person[frame["owner"].to_numpy()]
    third = frame["third"]
    channel = pl.Series(CHANNELS).gather(frame["channel"])
    call = channel == "call"
    at_door = pl.Series(["conversation", "unanswered"]).gather(np.where(frame["result"] == 3, 0, 1))
    answered = pl.Series(CALL_RESULTS).gather(frame["result"])
    sent = pl.Series(["delivered"]).new_from_index(0, len(frame))
    promise = frame["outcome"] == OUTCOMES.index("promise")
    phones = people.frame["contact_phone"].gather(person).zip_with(third, people.frame["phone"].gather(person))
    return pl.DataFrame(
        {
            "account": debts.accounts["external_ref"].gather(frame["owner"]),
            "zone": people.frame["zone"].gather(person),
            "day": frame["day"],
            "minute": frame["minute"],
            "channel": channel,
            "relation": people.frame["contact_relation"].gather(person).zip_with(
                third, pl.Series(["debtor"]).new_from_index(0, len(frame))
            ),
            "result": answered.zip_with(call, at_door.zip_with(channel == "visit", sent)),
            "outcome": pl.Series(OUTCOMES).gather(frame["outcome"]),
            "phone": phones.set(~channel.is_in(["call", "sms"]), None),
            "promise_on": frame["promise_on"].cast(pl.Int32).cast(pl.Date).set(~promise, None),
            "promise_cents": frame["promise_cents"].set(~promise, None),
            "agent": frame["agent"],
            "number": frame.select(pl.int_range(pl.len()).over("owner")).to_series(),
        }
    )  # fmt: skip
