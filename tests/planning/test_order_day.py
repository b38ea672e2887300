"""The order of a collector's day."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.planning.day import order_day

NINE, NOON, SIX = 9 * 60, 12 * 60, 18 * 60


def order(items, shifts=((NINE, SIX),)):
    """items: dicts; returns (rank, start) of each."""
    usual = {
        "by": 0,
        "opens": 8 * 60,
        "closes": 22 * 60,
        "minutes": 10,
        "score": 100,
        "promise": False,
        "written": False,
        "at": -1,
    }
    rows = [usual | item for item in items]
    day = order_day(
        collector=np.array([row["by"] for row in rows], dtype=np.int32),
        window_start=np.array([row["opens"] for row in rows], dtype=np.int16),
        window_end=np.array([row["closes"] for row in rows], dtype=np.int16),
        minutes=np.array([row["minutes"] for row in rows], dtype=np.int16),
        score=np.array([row["score"] for row in rows], dtype=np.int64),
        promise_due=np.array([row["promise"] for row in rows], dtype=np.bool_),
        written=np.array([row["written"] for row in rows], dtype=np.bool_),
        fixed_at=np.array([row["at"] for row in rows], dtype=np.int32),
        shift_start=np.array([start for start, _ in shifts], dtype=np.int16),
        shift_end=np.array([end for _, end in shifts], dtype=np.int16),
    )
    return list(zip(day.rank.tolist(), day.starts_at.tolist(), strict=True))


def test_the_best_comes_first_one_after_the_other_from_the_start_of_the_shift():
    assert order([{"score": 1}, {"score": 3}, {"score": 2}]) == [(3, NINE + 20), (1, NINE), (2, NINE + 10)]


def test_a_promise_due_today_goes_before_a_better_score():
    assert order([{"score": 900}, {"promise": True}]) == [(2, NINE + 10), (1, NINE)]


def test_what_can_be_called_goes_before_what_can_only_be_written_to():
    assert order([{"score": 900, "written": True}, {"score": 2}, {"score": 3}]) == [
        (3, NINE + 20), (2, NINE + 10), (1, NINE),
    ]  # fmt: skip


def test_nothing_begins_before_its_lawful_window():
    assert order([{"score": 900, "opens": NOON}, {"score": 1}]) == [(2, NOON), (1, NINE)]


def test_a_window_about_to_close_is_used_first():
    assert order([{"score": 900}, {"score": 1, "closes": NINE + 15}]) == [(2, NINE + 10), (1, NINE)]


def test_several_closing_windows_are_all_met_before_the_best():
    closing = [{"score": 1, "closes": NINE + 25}, {"score": 2, "closes": NINE + 25}]
    assert order([{"score": 900}, *closing]) == [(3, NINE + 20), (2, NINE + 10), (1, NINE)]


def test_the_best_goes_first_where_the_others_can_wait():
    closing = [{"score": 1, "closes": NINE + 30}, {"score": 2, "closes": NINE + 30}]
    assert order([{"score": 900}, *closing])[0] == (1, NINE)


def test_the_better_one_wins_when_both_windows_close():
    assert order([{"score": 900, "closes": NINE + 12}, {"closes": NINE + 15}]) == [(1, NINE), (2, -1)]


def test_a_callback_comes_at_the_minute_asked_for():
    items = [{"at": NINE + 15}, {"score": 900}, {"score": 800}]
    assert order(items) == [(2, NINE + 15), (1, NINE), (3, NINE + 25)]


def test_a_short_item_fits_before_a_callback():
    items = [{"at": NINE + 15}, {"score": 900}, {"score": 800}, {"score": 700, "minutes": 5}]
    assert order(items)[3] == (2, NINE + 10)


def test_a_callback_outside_its_lawful_window_is_planned_inside_it():
    assert order([{"at": 23 * 60, "opens": NOON}]) == [(1, NOON)]


def test_what_finds_no_slot_is_ranked_last_and_says_so():
    assert order([{"score": 900, "opens": 20 * 60}, {"score": 1}]) == [(2, -1), (1, NINE)]


def test_each_collector_has_a_list_of_his_own():
    assert order([{"by": 1}, {"by": 0}], shifts=((NINE, SIX), (NOON, SIX))) == [(1, NOON), (1, NINE)]


def test_an_empty_day():
    assert order([]) == []


minute = st.integers(8 * 60, 20 * 60)
item = st.fixed_dictionaries(
    {
        "by": st.integers(0, 2), "opens": minute, "closes": minute, "minutes": st.integers(1, 60),
        "score": st.integers(0, 5), "promise": st.booleans(), "at": st.just(-1) | minute,
    }
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(item, max_size=25), st.lists(st.tuples(minute, minute), min_size=3, max_size=3))
def test_slots_lie_in_window_and_shift_never_overlap_and_ranks_follow_them(items, shifts):
    plan = order(items, shifts)
    for by in range(3):
        mine = sorted((rank, start, i) for i, (rank, start) in enumerate(plan) if items[i]["by"] == by)
        assert [rank for rank, _, _ in mine] == list(range(1, len(mine) + 1))
        slots = [(start, i) for _, start, i in mine if start >= 0]
        assert slots == sorted(slots, key=lambda slot: slot[0])
        assert all(start == -1 for _, start, _ in mine[len(slots) :])
        free_from = 0
        for start, i in slots:
            assert start >= max(items[i]["opens"], shifts[by][0], free_from)
            free_from = start + items[i]["minutes"]
            assert free_from <= min(items[i]["closes"], shifts[by][1])
        for _, start, i in mine:  # an idle collector has nothing that could have been done then
            window = max(items[i]["opens"], shifts[by][0]), min(items[i]["closes"], shifts[by][1])
            if start == -1 and not slots and items[i]["at"] == -1:
                assert window[1] - window[0] < items[i]["minutes"]
