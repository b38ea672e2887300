"""Moments: `earliest`, `until` and the windows of a day equal a search minute by minute."""

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fairdue.law import gate, packs
from fairdue.law.clock import LONG_AGO, NEVER, minutes, zone_sets
from fairdue.law.codes import (
    Action,
    ActorType,
    Channel,
    DebtType,
    Decision,
    Endpoint,
    Jurisdiction,
    Place,
    Purpose,
    Relation,
)  # fmt: skip
from fairdue.law.facts import COUNTS, Facts, Spans, Wishes
from fairdue.law.made_up import made_up_facts

ZONES = (
    "America/New_York", "America/Los_Angeles", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe",
    "America/Santiago", "Africa/Casablanca", "Europe/London", "Pacific/Kiritimati",
)  # fmt: skip
# Around days on which clocks are moved, and one on which none is.
STARTS = [
    minutes("2026-03-07T12:00", "America/New_York"),
    minutes("2026-10-31T12:00", "America/New_York"),
    minutes("2026-04-04T10:00", "Australia/Lord_Howe"),
    minutes("2026-09-05T15:00", "America/Santiago"),
    minutes("2026-06-12T09:00", "Europe/London"),
    minutes("2021-11-29T20:00", "America/New_York"),
    minutes("2025-12-24T10:00", "Europe/London"),
    minutes("2026-06-29T10:00", "Europe/London"),
]
SEARCH = 5 * 1440
DAYS = ("adviser_since", "default_notice_on", "letter_on", "overdue_since")


@st.composite
def contacts(draw):
    """One contact with a past, wishes, consents and stops that begin or end soon."""
    now = draw(st.sampled_from(STARTS)) + draw(st.integers(0, 2 * 1440))
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True))
    country = draw(st.sampled_from(Jurisdiction))
    backs = st.integers(0, 8 * 1440)
    past = {}
    for name, (depth, _) in COUNTS.items():
        times = sorted((now - back for back in draw(st.lists(backs, max_size=depth))), reverse=True)
        past[name] = np.array([times + [LONG_AGO] * (depth - len(times))])
    spans = {}
    names = ("off_hours_agreed", "extra_calls_agreed", "out_of_reach", "moratorium", "on_hold", "ceased")
    for name in draw(st.lists(st.sampled_from(names), max_size=2, unique=True)):
        start = now + draw(st.integers(-3000, 3000))
        spans[name] = Spans.since([start], [start + draw(st.integers(1, 4000))])
    return Facts.blank(
        instant=[now],
        zones=zone_sets([zones]),
        spans=spans,
        past=past,
        wishes=draw(wishes(now // 1440)),
        jurisdiction=[country],
        place=[draw(st.sampled_from([Place.NONE, Place.US_MA, Place.US_DC, Place.US_NYC, Place.US_WA, Place.GB_EW]))],
        channel=[draw(st.sampled_from([Channel.CALL, Channel.SMS, Channel.EMAIL, Channel.LETTER, Channel.VISIT]))],
        endpoint=[draw(st.sampled_from([Endpoint.NONE, Endpoint.WORK_LANDLINE]))],
        **{name: [draw(st.sampled_from([-1, 0, 6 * 60, 14 * 60]))] for name in ("works_from", "works_until")},
        nights_until=[draw(st.sampled_from([-1, 6 * 60, 23 * 60]))],
        **{
            name: [draw(st.sampled_from([-1, 0, now // 1440 - 1825, now // 1440 - 28, now // 1440 - 12]))]
            for name in DAYS
        },
        action=[draw(st.sampled_from([Action.CONTACT, Action.CONTACT, Action.START_ENFORCEMENT, Action.FURNISH]))],
        spoken_to=[0],
        relation=[draw(st.sampled_from([Relation.DEBTOR, Relation.EMERGENCY_CONTACT]))],
        purpose=[draw(st.sampled_from([Purpose.COLLECT, Purpose.LOCATION_INFORMATION, Purpose.RELAY]))],
        actor_type=[ActorType.DEBT_COLLECTOR],
        debt_type=[DebtType.CREDIT_CARD],
    )


@st.composite
def wishes(draw, today):
    lines = draw(
        st.lists(
            st.tuples(
                st.sampled_from([127, 31, 96, 16]),
                st.sampled_from([0, 9 * 60, 20 * 60, 23 * 60]),
                st.sampled_from([1440, 12 * 60, 2 * 60]),
                st.integers(today - 3, today + 2),
                st.integers(0, 3),
            ),
            max_size=2,
        )
    )
    if not lines:
        return Wishes.none()
    days, start, end, first, length = (np.array(column) for column in zip(*lines, strict=True))
    return Wishes(np.zeros(len(lines), np.int64), days, start, end, first, first + length)


def lawful_minutes(facts: Facts, length: int = SEARCH) -> np.ndarray:
    """Whether each minute from the instant on is lawful: the same facts, one row per minute."""
    n = length
    rows = Facts(
        facts.instant[0] + np.arange(n),
        np.broadcast_to(facts.zones, (n, facts.zones.shape[1])),
        {name: np.broadcast_to(column, n) for name, column in facts.columns.items()},
        {
            name: Spans(*(np.broadcast_to(edge, (n, edge.shape[1])) for edge in (span.start, span.end)))
            for name, span in facts.spans.items()
        },
        {name: np.broadcast_to(times, (n, times.shape[1])) for name, times in facts.past.items()},
        Wishes(np.repeat(np.arange(n), len(facts.wishes.row)), *(np.tile(column, n) for column in facts.wishes.lines)),
    )
    return gate.judge(rows, packs.standard(), cure=False, until=False).lawful


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contacts())
def test_earliest_and_until_equal_a_search_minute_by_minute(facts):
    verdicts = gate.judge(facts, packs.standard())
    lawful = lawful_minutes(facts)
    now = int(facts.instant[0])
    assert verdicts.lawful[0] == lawful[0]
    free, barred = np.flatnonzero(lawful), np.flatnonzero(~lawful)
    if len(free):
        assert verdicts.earliest[0] == now + free[0]
    else:
        assert verdicts.earliest[0] >= now + SEARCH
    if lawful[0]:
        if len(barred):
            assert verdicts.until[0] == now + barred[0]
        else:
            assert verdicts.until[0] >= now + SEARCH


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contacts(), st.integers(1, 1440))
def test_the_windows_of_a_day_equal_a_search_minute_by_minute(facts, length):
    now = int(facts.instant[0])
    found = gate.windows(facts, packs.standard(), start=now, end=now + length - 1)
    free = np.flatnonzero(lawful_minutes(facts, length))
    assert found.any[0] == (len(free) > 0)
    if len(free):
        assert (found.first[0], found.last[0]) == (now + free[0], now + free[-1])
        stretches = np.split(free, np.flatnonzero(np.diff(free) > 1) + 1)
        assert found.until[0] == now + stretches[0][-1] + 1
        second = (now + stretches[1][0], now + stretches[1][-1] + 1) if len(stretches) > 1 else (NEVER, NEVER)
        assert (found.again[0], found.again_until[0]) == second


def test_what_waiting_cannot_cure_has_no_earliest_moment():
    facts = replace_column(made_up_facts(1, seed=3), debtor_alive=0, jurisdiction=1, channel=1)
    verdicts = gate.judge(facts, packs.standard())
    assert verdicts.decision[0] == Decision.DENY
    assert verdicts.earliest[0] == NEVER


def replace_column(facts: Facts, **columns: int) -> Facts:
    given = {name: np.full(len(facts), code, np.int16) for name, code in columns.items()}
    return replace(facts, columns={**facts.columns, **given})


def test_a_seven_day_cure_that_falls_at_midnight_moves_on_to_the_morning():
    """Talked on Friday 14 August at 11:00: free from Friday 21 August, whose first lawful minute is 08:01."""
    past = {"conversations": np.array([[minutes("2026-08-14T11:00", "America/New_York")]])}
    facts = Facts.blank(
        instant=[minutes("2026-08-16T10:00", "America/New_York")],
        zones=zone_sets([["America/New_York"]]),
        past=past,
        jurisdiction=2,
        channel=1,
        relation=1,
        purpose=1,
        actor_type=2,
        debt_type=1,
    )
    verdicts = gate.judge(facts, packs.standard())
    assert verdicts.earliest[0] == minutes("2026-08-21T08:01", "America/New_York")


def test_one_contact_gets_the_verdict_it_gets_among_many():
    facts = made_up_facts(3_000, seed=11)
    together = gate.judge(facts, packs.standard())
    for row in range(0, 3_000, 37):
        alone = gate.judge(facts.take(slice(row, row + 1)), packs.standard())
        assert alone.decision[0] == together.decision[row]
        assert alone.earliest[0] == together.earliest[row]
        assert alone.until[0] == together.until[row]
        assert alone.spoke[0].tolist() == together.spoke[row].tolist()


def test_chunks_do_not_show(monkeypatch):
    facts = made_up_facts(2_500, seed=5)
    whole = gate.judge(facts, packs.standard())
    monkeypatch.setattr(gate, "CHUNK", 400)
    parts = gate.judge(facts, packs.standard())
    for name in ("decision", "earliest", "until", "spoke", "unsure", "reason"):
        assert (getattr(whole, name) == getattr(parts, name)).all(), name


@settings(max_examples=40, deadline=None)
@given(contacts())
@example(Facts.blank(instant=[STARTS[0]], zones=zone_sets([[]]), jurisdiction=[2], channel=[1]))
def test_a_stored_verdict_is_judged_again_to_the_same(facts):
    verdicts = gate.judge(facts, packs.standard())
    again = gate.rejudge(verdicts.as_json(0), packs.standard())
    assert again.as_json(0) == verdicts.as_json(0)
