"""Score, gate, allocate: what each case is worth today, when it may be worked, and by whom."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
from django.utils import timezone

from fairdue.accounts.columns import EPOCH, Column, read
from fairdue.contact import rulebook
from fairdue.contact.facts import facts_for_night
from fairdue.flows.night.gather import CasesAtWork
from fairdue.flows.night.team import AtWork, team
from fairdue.law import gate
from fairdue.law.clock import NEVER
from fairdue.law.codes import Channel
from fairdue.planning.allocation import Allocation, Placement, Work, allocate
from fairdue.planning.columns import I64, NOBODY
from fairdue.planning.scores import Action, Cases, Scored, load_weights, score

HOUSE_RATES: Final = {"CNY": 100, "USD": 710, "EUR": 780, "GBP": 920, "HKD": 91, "TWD": 22, "SGD": 530, "AUD": 470}
"""Hundredths of the house currency per unit, for comparing values in allocation only; unknown ones count as 1."""
MINUTES_AN_ITEM: Final = 8
"""What an item already done or in work has cost of a collector's day, when a day is planned again."""


def score_cases(work: CasesAtWork, *, day: date) -> Scored:
    """Scores of all cases, each in its own currency, so that the numbers behind the reasons are true amounts."""
    weights, today = load_weights(), (day - EPOCH).days
    if not len(work):
        return score(work.known, weights, today=today)
    parts: dict[str, list[Column]] = {field.name: [] for field in fields(Scored)}
    places = []
    for code in range(len(work.currencies)):
        rows = np.flatnonzero(work.currency == code)
        places.append(rows)
        scored = score(_some(work.known, rows), weights, today=today)
        for name, columns in parts.items():
            columns.append(getattr(scored, name))
    order = np.argsort(np.concatenate(places))
    return Scored(**{name: np.concatenate(columns)[order] for name, columns in parts.items()})


def actions(scored: Scored) -> dict[str, int]:
    """How many cases are proposed for each action."""
    counts = np.bincount(scored.action, minlength=len(Action))
    return {action.name.lower(): int(counts[action]) for action in Action if counts[action]}


def resting(scored: Scored) -> dict[str, int]:
    """Cases that are on no list because nothing is to be done today, or nobody can be reached."""
    return {
        "rest": int((scored.action == Action.REST).sum()),
        "no_contact": int((scored.action == Action.REPAIR).sum()),
    }


@dataclass(frozen=True, slots=True)
class Lawful:
    """When the law lets the proposed contact through, in UTC minutes, by case.

    asked: the case was put to the gate. open: there is a lawful minute. first, until: the first lawful window of the
    day without a hole, its end excluded; again, again_until: the window after it, NEVER where there is none. point,
    channel: where and how. zone: number of the clock there, -1 = not known.
    """

    asked: Column
    open: Column
    first: Column
    until: Column
    again: Column
    again_until: Column
    point: Column
    channel: Column
    zone: Column


def ask_gate(work: CasesAtWork, scored: Scored, *, day: date, now: datetime) -> Lawful:
    """The lawful windows of `day` (from `now` on) of each case's best contact point.

    Where the phone may not be used today the e-mail address is tried; a letter goes to the address.
    """
    begin, end = _minutes(day, now)
    wants = (scored.action != Action.REST) & (scored.action != Action.REPAIR)
    letter = scored.action == Action.LETTER
    first_choice = [
        (wants & letter & work.known.has_address, work.best.address, Channel.LETTER),
        (wants & ~letter & work.known.has_phone, work.best.phone, Channel.CALL),
        (wants & ~letter & ~work.known.has_phone & work.known.has_message, work.best.email, Channel.EMAIL),
    ]
    second_choice = (wants & ~letter & work.known.has_phone & work.known.has_message, work.best.email, Channel.EMAIL)
    rows, point, channel = (np.concatenate(columns) for columns in zip(
        *((np.flatnonzero(mask), points[mask], np.full(int(mask.sum()), channel)) for mask, points, channel in
          [second_choice, *first_choice]), strict=True))  # fmt: skip
    n = len(work)
    answer = Lawful(wants, np.zeros(n, np.bool_), *(np.zeros(n, np.int64) for _ in range(7)))
    if not len(rows) or begin > end:
        return answer
    facts = facts_for_night(
        at=now, person=work.person[rows], creditor=work.creditor[rows], contact_point=point, channel=channel
    )
    rules = rulebook.in_force(max(now, datetime.fromtimestamp(begin * 60, UTC)))
    found = gate.windows(facts, rules, start=begin, end=end)
    good = np.flatnonzero(found.any)  # the first choice stands behind the second and overwrites it
    at = rows[good]
    answer.open[at] = True
    answer.first[at], answer.until[at] = found.first[good], found.until[good]
    answer.again[at], answer.again_until[at] = found.again[good], found.again_until[good]
    answer.point[at], answer.channel[at], answer.zone[at] = point[good], channel[good], facts.zones[good, 0]
    return answer


@dataclass(frozen=True, slots=True)
class Shared:
    """Who gets what. rows: places of the cases put to allocation; allocation is aligned with them."""

    rows: I64
    team: AtWork
    allocation: Allocation
    work: Work

    def counts(self) -> dict[str, Any]:
        """For the step's row."""
        by = np.bincount(self.allocation.placement[self.allocation.collector >= 0], minlength=8)
        return {
            "collectors": len(self.team.users), "placed": int((self.allocation.collector >= 0).sum()),
            "with_owner": int(by[Placement.WITH_OWNER]), "owned": int(by[Placement.NEW]),
            "handed_over": int(by[Placement.OWNER_FULL] + by[Placement.OWNER_CANNOT] + by[Placement.BALANCED]),
            "spread": round(self.allocation.spread, 4), "gap": round(self.allocation.gap, 6),
        }  # fmt: skip

    def left_out(self) -> dict[str, int]:
        """Cases that got nobody, by the name of the placement."""
        codes, counts = np.unique(self.allocation.placement[self.allocation.collector < 0], return_counts=True)
        return {Placement(int(code)).name.lower(): int(count) for code, count in zip(codes, counts, strict=True)}

    def prices(self) -> dict[str, int]:
        """What one more hour of each collector would bring, by user id."""
        return {
            str(user): int(price) for user, price in zip(self.team.users, self.allocation.price_per_hour, strict=True)
        }


def share_out(work: CasesAtWork, scored: Scored, lawful: Lawful, *, day: date) -> Shared:
    """Give the cases that want something today to those who are at work; done or leased ones of today stay out."""
    (busy,) = read("select case_id from cases_workitem where \"on\" = %(day)s and status <> 'open'", "i8", {"day": day})
    rows = np.flatnonzero(lawful.asked & ~np.isin(work.case, busy))
    people = team(day=day, minutes_an_item=MINUTES_AN_ITEM)
    start, end = _house_clock(lawful, rows, day, people)
    rates = np.array([HOUSE_RATES.get(code, 100) for code in work.currencies], np.int64)
    job = Work(
        value=scored.priority[rows] * rates[work.currency[rows]] // 100,
        minutes=scored.minutes[rows],
        language=work.language[rows].astype(np.int8),
        bucket=work.known.bucket[rows],
        product=work.product[rows].astype(np.int16),
        owner=_place_of(people, work.owner[rows]),
        window_start=start,
        window_end=end,
    )
    return Shared(rows, people, allocate(job, people.columns), job)


def _place_of(people: AtWork, owner: Column) -> Column:
    """Number of the owner in the team, NOBODY when there is none or he is not at work."""
    if not len(people.users):
        return np.full(len(owner), NOBODY, np.int32)
    place = np.minimum(np.searchsorted(people.users, owner), len(people.users) - 1)
    return np.where(people.users[place] == owner, place, NOBODY).astype(np.int32)


def _house_clock(lawful: Lawful, rows: Column, day: date, people: AtWork) -> tuple[Column, Column]:
    """The lawful window to plan in, as minutes after midnight of the firm's clock; empty where there is none.

    The first one, or the second where only that one falls into somebody's shift.
    """
    begins = midnight(day)

    def clocked(start: Column, end: Column) -> Column:
        there = lawful.open[rows] & (start[rows] < NEVER)
        return np.where(there, (start[rows] - begins, np.minimum(end[rows] - begins, 1440)), 0)

    first, second = clocked(lawful.first, lawful.until), clocked(lawful.again, lawful.again_until)
    start, end = np.where(~_meets(first, people) & _meets(second, people), second, first)
    return start.astype(np.int16), end.astype(np.int16)


def _meets(window: Column, people: AtWork) -> Column:
    """Windows (rows: start, end) that fall into the shift of somebody."""
    shifts = {*zip(people.columns.shift_start.tolist(), people.columns.shift_end.tolist(), strict=True)}
    met = np.zeros(window.shape[1], np.bool_)
    for begins, ends in shifts:
        met |= np.maximum(window[0], begins) < np.minimum(window[1], ends)
    return met


def _minutes(day: date, now: datetime) -> tuple[int, int]:
    """First and last minute (UTC, both included) of the firm's day, not before the minute that runs now.

    The law counts in whole minutes: what is lawful in the running one is lawful now, and a worklist begun by night
    need not wait for the next.
    """
    begin = max(midnight(day), int(now.timestamp()) // 60)
    return begin, midnight(day + timedelta(days=1)) - 1


def midnight(day: date) -> int:
    """UTC minute at which the firm's day begins."""
    return int(timezone.make_aware(datetime.combine(day, time.min)).timestamp()) // 60


def _some(known: Cases, rows: Column) -> Cases:
    return Cases(**{field.name: getattr(known, field.name)[rows] for field in fields(Cases)})
