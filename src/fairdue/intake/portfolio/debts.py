"""Made-up debts as columns: instalment loans and cards, their dues, what was paid on them, and what is left.

What is left always adds up: unpaid dues, component by component, are the balances of the account file (a card's
principal is its whole balance, of which a bill asks a part).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from fairdue.intake.portfolio.people import BEHAVIOURS, Ints, Persons, Rng

EPOCH = date(1970, 1, 1)
HISTORY_MONTHS = 6
"""Paid dues listed before the first unpaid one."""

# Days past due: the edges of the ranges drawn from, and how likely each behaviour is to be in which.
_EDGES = np.array([0, 1, 4, 31, 61, 91, 181, 361, 1_300])
_WEIGHTS = {
    "self_curer": (0.30, 0.25, 0.35, 0.08, 0.02, 0, 0, 0),
    "forgetful": (0.20, 0.20, 0.35, 0.15, 0.06, 0.03, 0.01, 0),
    "promise_breaker": (0.02, 0.05, 0.20, 0.25, 0.18, 0.18, 0.08, 0.04),
    "hardship": (0.02, 0.03, 0.12, 0.18, 0.18, 0.25, 0.14, 0.08),
    "evasive": (0, 0.02, 0.08, 0.15, 0.17, 0.24, 0.18, 0.16),
    "dispute": (0, 0.05, 0.25, 0.25, 0.20, 0.15, 0.07, 0.03),
    "wrong_number": (0, 0.02, 0.10, 0.14, 0.16, 0.24, 0.18, 0.16),
}
_LATE_DAYS = {"self_curer": 6.0, "forgetful": 3.0, "promise_breaker": 4.0, "hardship": 3.0}
_PART_PAID = {"self_curer": 0.25, "promise_breaker": 0.45, "hardship": 0.40, "forgetful": 0.10}


@dataclass(frozen=True, slots=True)
class Debts:
    """One chunk: `accounts` aligned with `person` (place in the chunk's persons); the other frames name `account`."""

    accounts: pl.DataFrame
    person: Ints
    behaviour: Ints
    dpd: Ints
    since: Ints  # first unpaid due, days since 1970
    part_on: Ints  # day of a part payment after it, 0 if none
    part_cents: Ints
    dues: pl.DataFrame
    payments: pl.DataFrame


def add_months(days: Ints, months: Ints) -> Ints:
    """The same day of the month, `months` later, or the month's last day. Days since 1970."""
    dates = days.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    day = (dates - month.astype("datetime64[D]")).astype(np.int64)
    target = month + months.astype("timedelta64[M]")
    length = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(np.int64)
    shifted: Ints = target.astype("datetime64[D]").astype(np.int64) + np.minimum(day, length - 1)
    return shifted


def ragged(counts: Ints) -> tuple[Ints, Ints]:
    """(owner, place within owner from 0) for `counts[i]` rows of each i."""
    owner = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - starts[owner]


def debts(rng: Rng, people: Persons, *, card: bool, as_of: date, size: int, prefix: str, first: int) -> Debts:
    """`size` accounts of these persons (several may be one person's), numbered from `first`."""
    today = (as_of - EPOCH).days
    person = np.sort(np.concatenate((np.arange(len(people)), rng.integers(0, len(people), size - len(people)))))
    behaviour = people.behaviour[person]
    dpd = _days_past_due(rng, behaviour)
    # Nobody owes anything yet on a current account: its next due lies ahead.
    since = np.where(dpd > 0, today - dpd, today + rng.integers(0, 30, size))
    terms = _cards(rng, size, dpd) if card else _loans(rng, size)
    j = np.minimum(1 + (rng.random(size) * terms.term).astype(np.int64), terms.term) if not card else terms.term
    paid_before = np.minimum(j - 1, HISTORY_MONTHS)
    overdue_months = 1 + dpd // 30
    last = terms.term if not card else j + overdue_months
    schedule = _dues(terms, j, since, paid_before, last, card=card)
    part_on, part_cents = _part_payments(rng, behaviour, dpd, since, today, schedule, size)
    refs = prefix + pl.Series(np.arange(first, first + size)).cast(pl.String).str.zfill(8)
    payments = _payments(rng, schedule, behaviour, part_on, part_cents, today, refs)
    accounts = _accounts(rng, terms, schedule, refs, since, dpd, part_cents, j, today, card=card)
    dues = pl.DataFrame(
        {
            "account": refs.gather(schedule.owner),
            "n": schedule.n,
            "due_on": _dates(schedule.due),
            "principal": schedule.principal,
            "interest": schedule.interest,
            "fees": schedule.fees,
        }
    )
    return Debts(accounts, person, behaviour, dpd, since, part_on, part_cents, dues, payments)


@dataclass(frozen=True, slots=True)
class _Terms:
    amount: Ints
    term: Ints
    rate_bp: Ints  # basis points a year
    limit: Ints


@dataclass(frozen=True, slots=True)
class _Schedule:
    owner: Ints
    n: Ints
    due: Ints
    principal: Ints
    interest: Ints
    fees: Ints
    unpaid: Any  # bool
    first_unpaid: Ints  # place of each account's first unpaid due


def _days_past_due(rng: Rng, behaviour: Ints) -> Ints:
    found = np.zeros(len(behaviour), dtype=np.int64)
    for code, name in enumerate(BEHAVIOURS):
        mine = np.flatnonzero(behaviour == code)
        band = rng.choice(len(_EDGES) - 1, size=len(mine), p=_WEIGHTS[name])
        low, high = _EDGES[band], _EDGES[band + 1]
        found[mine] = low + (rng.random(len(mine)) * (high - low)).astype(np.int64)
    return found


def _loans(rng: Rng, size: int) -> _Terms:
    amount = np.clip((rng.lognormal(9.1, 0.7, size) // 100 * 100).astype(np.int64), 500, 200_000) * 100
    term = rng.choice([3, 6, 12, 24], size=size, p=[0.2, 0.25, 0.4, 0.15])
    return _Terms(amount, term, rng.choice([1095, 1440, 1800, 2160, 2400], size=size), np.zeros(size, dtype=np.int64))


def _cards(rng: Rng, size: int, dpd: Ints) -> _Terms:
    limit = rng.choice([1_000, 2_000, 3_500, 5_000, 8_000, 12_000, 20_000], size=size) * 100
    use = np.clip(rng.beta(2.5, 1.5, size) + dpd / 2_000, 0.05, 1.15)
    billed = rng.integers(3, 60, size)
    return _Terms((limit * use).astype(np.int64), billed, rng.choice([1899, 2224, 2499, 2924], size=size), limit)


def _dues(terms: _Terms, j: Ints, since: Ints, paid_before: Ints, last: Ints, *, card: bool) -> _Schedule:
    """Dues from `paid_before` ones before number j (due on `since`) to `last`."""
    owner, place = ragged(last - j + 1 + paid_before)
    n = j[owner] - paid_before[owner] + place
    due = add_months(since[owner], n - j[owner])
    amount, rate = terms.amount[owner], terms.rate_bp[owner]
    fees = np.zeros(len(owner), dtype=np.int64)
    if card:
        interest = amount * rate // 120_000
        principal = np.maximum(amount // 100, 1_500)
        late = n > j[owner]
        fees = np.where(late, 2_900, 0)
    else:
        part = amount // terms.term[owner]
        principal = np.where(n == terms.term[owner], amount - part * (terms.term[owner] - 1), part)
        interest = (amount - part * (n - 1)) * rate // 120_000
    return _Schedule(
        owner, n, due, principal, interest, fees, n >= j[owner], np.flatnonzero(n == j[owner])
    )  # fmt: skip


def _part_payments(
    rng: Rng, behaviour: Ints, dpd: Ints, since: Ints, today: int, schedule: _Schedule, size: int
) -> tuple[Ints, Ints]:
    """(day, cents) of a payment smaller than the first unpaid due, 0 where there was none."""
    chance = np.array([_PART_PAID.get(name, 0.0) for name in BEHAVIOURS])[behaviour]
    happens = (rng.random(size) < chance) & (dpd > 4)
    at = schedule.first_unpaid
    due = schedule.principal[at] + schedule.interest[at] + schedule.fees[at]
    share = 0.1 + rng.random(size) * 0.6
    cents = np.where(happens, np.clip((due * share).astype(np.int64) // 100 * 100, 1, due - 1), 0)
    day = np.where(happens, since + 1 + (rng.random(size) * (dpd - 2)).astype(np.int64), 0)
    return np.minimum(day, today), cents


def _payments(
    rng: Rng, schedule: _Schedule, behaviour: Ints, part_on: Ints, part_cents: Ints, today: int, refs: pl.Series
) -> pl.DataFrame:
    paid = np.flatnonzero(~schedule.unpaid)
    owner = schedule.owner[paid]
    slack = np.array([_LATE_DAYS.get(name, 1.0) for name in BEHAVIOURS])[behaviour[owner]]
    lateness = np.clip(rng.exponential(slack) - 3, -5, 27).astype(np.int64)
    day = np.minimum(schedule.due[paid] + lateness, today - 1)
    cents = (schedule.principal + schedule.interest + schedule.fees)[paid]
    bounced = rng.random(len(paid)) < 0.006
    part = np.flatnonzero(part_cents)
    frame = pl.DataFrame(
        {
            "owner": np.concatenate((owner, part)),
            "key": np.concatenate((schedule.n[paid], np.zeros(len(part), dtype=np.int64))),
            "happened": np.concatenate((day, part_on[part])),
            "cents": np.concatenate((cents, part_cents[part])),
            "bounced": np.concatenate((bounced, np.zeros(len(part), dtype=bool))),
        }
    ).sort("owner", "happened", maintain_order=True)
    frame = frame.with_columns(
        account=refs.gather(frame["owner"]),
        method=pl.Series(rng.integers(0, 4, len(frame))),
        lag=pl.Series(np.where(rng.random(len(frame)) < 0.02, 9, rng.integers(0, 3, len(frame)))),
        number=pl.int_range(pl.len()).over("owner"),
    ).with_columns(reference=pl.col("account") + "-P" + pl.col("number").cast(pl.String))
    # A bounced debit: the bank takes the money back two days later, and the debtor pays again the day after.
    again = frame.filter("bounced")
    returned = again.with_columns(
        happened=pl.col("happened") + 2, reverses="reference", reference=pl.col("reference") + "R", back=True
    )
    repaid = again.with_columns(happened=pl.col("happened") + 3, reference=pl.col("reference") + "B")
    whole = pl.concat([frame, returned, repaid], how="diagonal").with_columns(pl.col("back").fill_null(False))
    happened = pl.min_horizontal("happened", pl.lit(today, pl.Int64))
    learned = pl.min_horizontal(happened + pl.col("lag"), pl.lit(today, pl.Int64))
    return whole.sort("owner", "happened", maintain_order=True).select(
        "account",
        "reference",
        happened_on=happened.cast(pl.Int32).cast(pl.Date),
        learned_on=learned.cast(pl.Int32).cast(pl.Date),
        cents="cents",
        method="method",
        reversal="back",
        reverses="reverses",
    )


def _accounts(
    rng: Rng, terms: _Terms, schedule: _Schedule, refs: pl.Series, since: Ints, dpd: Ints, part_cents: Ints, j: Ints,
    today: int, *, card: bool,
) -> pl.DataFrame:  # fmt: skip
    size = len(refs)
    owner = schedule.owner[schedule.unpaid]
    past = schedule.due[schedule.unpaid] < today
    left = {
        name: np.bincount(owner, weights=getattr(schedule, name)[schedule.unpaid] * keep, minlength=size).astype(
            np.int64
        )
        for name, keep in (("principal", 1), ("interest", 1 if not card else past), ("fees", past))
    }
    # A part payment goes to interest first, the rest to principal, on the oldest due.
    at = schedule.first_unpaid
    to_interest = np.minimum(part_cents, schedule.interest[at])
    principal = terms.amount.copy() if card else left["principal"] - (part_cents - to_interest)
    interest = np.maximum(left["interest"] - to_interest, 0)
    penalty = principal * dpd * 3 // 10_000 // (1 if not card else 4)
    # Older cases have been with other agencies before: this placement began within the last 85 days.
    placed = np.minimum(np.maximum(since + 5, today - rng.integers(1, 86, size)), today)
    opened = add_months(since, -j)
    return pl.DataFrame(
        {
            "external_ref": refs,
            "principal": principal,
            "interest": interest,
            "penalty": np.where(dpd > 0, penalty, 0),
            "fees": left["fees"],
            "amount": terms.amount,
            "limit": terms.limit,
            "opened_on": _dates(opened),
            "rate": pl.Series(terms.rate_bp).cast(pl.String).str.replace(r"(\d\d)$", ".$1"),
            "term": terms.term,
            "limitation_on": _dates(add_months(since, np.where(dpd > 0, 36 if not card else 60, 0)), dpd > 0),
            "placed_on": _dates(placed, dpd > 0),
            "placement_ends_on": _dates(placed + rng.choice([90, 180, 365], size=size), dpd > 0),
        }
    ).with_columns(placement=pl.col("placed_on").dt.strftime("B%Y%m"))


def _dates(days: Ints, where: Any = None) -> pl.Series:
    dates = pl.Series(days.astype(np.int32)).cast(pl.Date)
    return dates if where is None else dates.set(pl.Series(~where), None)
