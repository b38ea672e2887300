"""Thousands of made-up situations where clocks are moved: `earliest` and `until` are exact to the minute.

Zones with half hours and quarters, with half an hour or two hours of summer time, with changes at midnight; up to three
of them at once; caps, quiet hours, gaps, wishes past midnight and spans together; besides the standard packs one of odd
rules whose hours lie in the gap and in the overlap of a changed clock. Every minute up to the one told is looked at.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fairdue.law import gate, packs
from fairdue.law.clock import LONG_AGO, NEVER, zone_sets
from fairdue.law.codes import Channel, Decision, Jurisdiction, Purpose, Relation
from fairdue.law.facts import COUNTS, Facts, Spans, Wishes

ZONES = (
    "Australia/Lord_Howe", "Antarctica/Troll", "Asia/Kathmandu", "Australia/Eucla", "America/St_Johns",
    "Pacific/Chatham", "Australia/Adelaide", "America/Havana", "Asia/Beirut", "America/Santiago", "America/New_York",
    "Europe/London", "Africa/Casablanca", "America/Nuuk", "Asia/Gaza", "Asia/Shanghai", "Pacific/Kiritimati",
)  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY, LOOKED = 1440, 3 * 1440
SAY = "\n  law: {cites: Odd, level: policy, confidence: D}\n  say: {zh: 奇, en: Odd}\n"
ODD = packs.load(
    "pack: {id: odd, version: '1', about: {zh: 奇, en: Odd}, when: {purpose: [answer_query]}}\n"
    + "odd.gap:\n  quiet_hours: {start: '02:10', end: '02:50'}" + SAY
    + "odd.midnight:\n  quiet_hours: {start: '23:50', end: '00:20'}\n  when: {channel: [sms]}" + SAY
    + "odd.night:\n  quiet_hours: {start: '00:00', end: '03:00'}\n  when: {channel: [email, letter]}" + SAY
    + "odd.cap:\n  at_most: {times: 2, days: 1, of: dials}" + SAY
    + "odd.week:\n  at_most: {times: 3, days: 7, of: sms}\n  when: {channel: [sms]}" + SAY
    + "odd.pause:\n  minimum_gap: {minutes: 95, after: dials}" + SAY
    + "odd.wishes:\n  unwelcome_times: {}" + SAY
    + "odd.stop:\n  stop: {}\n  when: {moratorium: [true]}\n  unless: [off_hours_agreed]" + SAY,
    file="odd.yaml",
)  # fmt: skip


def changes() -> np.ndarray:
    """Instants of 2026 and 2027 at which one of the clocks is moved, and a few at which none is."""
    found = []
    for name in ZONES:
        zone, moment = ZoneInfo(name), datetime(2026, 1, 1, tzinfo=UTC)
        while moment.year < 2028:
            later = moment + timedelta(hours=1)
            if moment.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
                found.append((later - EPOCH) // timedelta(minutes=1))
            moment = later
    return np.array(found + [minutes + 40 * DAY for minutes in found[:4]])


CHANGES = changes()


def situations(n: int, seed: int) -> Facts:
    """`n` intended contacts within two days of a change of some clock, each with a past, wishes, spans."""
    draw = np.random.default_rng(seed)
    now = draw.choice(CHANGES, n) + draw.integers(-2 * DAY, DAY, n)
    table = zone_sets([[name] for name in ZONES])[:, 0]
    first = draw.integers(len(ZONES), size=(n, 1))
    zones = table[np.where(draw.random((n, 3)) < 0.35, draw.integers(len(ZONES), size=(n, 3)), first)]
    past = {}
    for name, (depth, _) in COUNTS.items():
        back = np.where(draw.random((n, 1)) < 0.5, 2 * DAY, 9 * DAY)
        times = now[:, None] - (draw.random((n, depth)) * back).astype(np.int64)
        times = np.where(draw.random((n, depth)) < 0.6, times, LONG_AGO)
        past[name] = -np.sort(-times, axis=1)
    spans = {}
    for name in ("off_hours_agreed", "extra_calls_agreed", "out_of_reach", "moratorium", "on_hold", "ceased"):
        start = now + draw.integers(-3000, 3000, n)
        some = draw.random(n) < 0.12
        end = np.where(draw.random(n) < 0.9, start + draw.integers(1, 4000, n), NEVER)
        spans[name] = Spans.since(np.where(some, start, NEVER), np.where(some, end, NEVER))
    return Facts.blank(
        instant=now, zones=zones, spans=spans, past=past, wishes=wishes(now, draw),
        jurisdiction=draw.choice([Jurisdiction.CN, Jurisdiction.US], n),
        channel=draw.choice([Channel.CALL, Channel.SMS, Channel.EMAIL, Channel.LETTER], n, p=[0.5, 0.2, 0.2, 0.1]),
        relation=np.where(draw.random(n) < 0.85, Relation.DEBTOR, Relation.EMERGENCY_CONTACT),
        purpose=draw.choice([Purpose.COLLECT, Purpose.ANSWER_QUERY, Purpose.LOCATION_INFORMATION], n, p=[0.5, 0.35, 0.15]),
        actor_type=draw.choice([1, 2], n, p=[0.2, 0.8]), debt_type=1,
    )  # fmt: skip


def wishes(now: np.ndarray, draw: np.random.Generator) -> Wishes:
    """For two in five up to three lines: any weekdays, any hours, many past midnight, some for a few days only."""
    row = np.sort(draw.integers(len(now), size=len(now) * 3 // 5))
    m = len(row)
    days = np.where(draw.random(m) < 0.5, draw.choice([127, 31, 96], m), draw.integers(1, 128, m))
    start = draw.integers(0, 48, m) * 30 + draw.integers(0, 2, m) * 7
    end = np.where(draw.random(m) < 0.2, DAY, draw.integers(1, 48, m) * 30)
    first = now[row] // DAY + draw.integers(-3, 3, m)
    last = np.where(draw.random(m) < 0.5, first + draw.integers(0, 4, m), NEVER)
    return Wishes(row, days, start, end, first, last)


def lawful(facts: Facts, rows: np.ndarray, instants: np.ndarray) -> np.ndarray:
    """Whether the situations `rows` (ascending, repeated) are lawful at other instants, each judged for itself."""
    n = len(rows)
    line = np.arange(len(facts.wishes.row))
    many = np.bincount(rows, minlength=len(facts))[facts.wishes.row]
    begin = np.searchsorted(rows, facts.wishes.row)
    line = np.repeat(line, many)
    place = np.arange(len(line)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(begin, many)
    there = Facts(
        instants,
        facts.zones[rows],
        {name: column[rows] for name, column in facts.columns.items()},
        {name: Spans(span.start[rows], span.end[rows]) for name, span in facts.spans.items()},
        {name: times[rows] for name, times in facts.past.items()},
        Wishes(place, *(column[line] for column in facts.wishes.lines)),
    )
    assert len(there) == n
    return gate.judge(there, (*packs.standard(), ODD), cure=False, until=False).lawful


def looked_at(facts: Facts, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(row, instant) of every minute from each instant to before its end, at most three days."""
    length = np.clip(ends - facts.instant, 0, LOOKED)
    rows = np.repeat(np.arange(len(facts)), length)
    return rows, facts.instant[rows] + np.arange(len(rows)) - np.repeat(np.cumsum(length) - length, length)


@pytest.fixture(scope="module")
def judged() -> gate.Verdicts:
    return gate.judge(situations(2_500, 20261128), (*packs.standard(), ODD))


def test_no_minute_before_the_earliest_is_lawful_and_it_is(judged):
    refused = np.flatnonzero(~judged.lawful)
    # Of those whom waiting does not help, or not for days, a few are looked at for three days.
    near = judged.earliest[refused] < judged.facts.instant[refused] + LOOKED
    kept = refused[near | (np.arange(len(refused)) % 12 == 0)]
    facts = judged.facts.take(kept)
    rows, instants = looked_at(facts, judged.earliest[kept])
    assert not lawful(facts, rows, instants).any()
    told = np.flatnonzero(judged.earliest[kept] < NEVER)
    assert lawful(facts, told, judged.earliest[kept][told]).all()
    assert np.count_nonzero(near) > 700


def test_every_minute_until_the_end_is_lawful_and_the_end_is_not(judged):
    allowed = np.flatnonzero(judged.lawful)
    facts = judged.facts.take(allowed)
    until = judged.until[allowed]
    rows, instants = looked_at(facts, until)
    assert lawful(facts, rows, instants).all()
    told = np.flatnonzero(until < NEVER)
    assert not lawful(facts, told, until[told]).any()
    assert len(told) > 400


def test_who_may_be_reached_now_may_be_reached_now_and_no_end_is_told_for_the_refused(judged):
    assert (judged.earliest[judged.lawful] == judged.facts.instant[judged.lawful]).all()
    assert (judged.until[~judged.lawful] == NEVER).all()
    assert set(judged.decision.tolist()) >= {Decision.ALLOW, Decision.HOLD, Decision.DENY}


def test_one_alone_is_told_what_it_is_told_among_many(judged):
    for row in range(0, len(judged), 17):
        alone = gate.judge(judged.facts.take(np.array([row])), (*packs.standard(), ODD))
        for name in ("decision", "earliest", "until", "reason"):
            assert getattr(alone, name)[0] == getattr(judged, name)[row], (row, name)
        assert alone.spoke[0].tolist() == judged.spoke[row].tolist()


def test_an_end_more_than_a_fortnight_away_is_not_told():
    """A stop that begins in 13 days ends the window, one that begins in 15 is out of sight."""
    now = int(CHANGES[0])
    for days, until in ((13, now + 13 * DAY), (15, NEVER)):
        facts = Facts.blank(
            instant=[now], zones=zone_sets([["UTC"]]), spans={"moratorium": Spans.since([now + days * DAY])},
            jurisdiction=1, channel=Channel.PORTAL, relation=1, purpose=Purpose.ANSWER_QUERY, actor_type=1,
        )  # fmt: skip
        quiet = packs.load(
            "pack: {id: odd, version: '1', about: {zh: 奇, en: Odd}}\nodd.stop:\n  stop: {}\n  when: {moratorium: [true]}"
            + SAY,
            file="odd.yaml",
        )
        assert gate.judge(facts, (quiet,)).until[0] == until
