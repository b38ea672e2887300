"""Ageing: small stories, and equality with a replay that counts day by day."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairdue.money.ageing import (
    DELINQUENCY_BUCKETS,
    M_BUCKETS,
    Aged,
    Buckets,
    Dues,
    Pauses,
    Receipts,
    age,
    known_pauses,
    paid_by,
    pause_faults,
)
from fairdue.money.days import NO_DAY, day_of


def i32(*values):
    return np.array(values, dtype=np.int32)


def i64(*values):
    return np.array(values, dtype=np.int64)


def day(text):
    return day_of(date.fromisoformat(text))


def age_one(dues, paid, on, *, grace=0, pauses=(), buckets=M_BUCKETS) -> Aged:
    """One account; dues as (day, cents), paid as a total, pauses as (start, end)."""
    columns = Dues(i32(*[0] * len(dues)), i32(*[day(d) for d, _ in dues]), i64(*[c for _, c in dues]))
    rest = Pauses(i32(*[0] * len(pauses)), i32(*[day(a) for a, _ in pauses]), i32(*[day(b) for _, b in pauses]))
    return age(columns, i64(paid), as_of=day(on), grace_days=grace, pauses=rest, buckets=buckets)


THREE_BILLS = [("2026-01-10", 300_00), ("2026-02-10", 300_00), ("2026-03-10", 300_00)]


def test_nothing_is_past_due_on_the_due_day_itself():
    aged = age_one(THREE_BILLS, 0, "2026-01-10")
    assert (aged.past_due[0], aged.days_past_due[0], aged.bucket[0], aged.oldest_due[0]) == (0, 0, 0, NO_DAY)


def test_a_payment_covers_the_oldest_bill_first_and_the_clock_moves_to_the_next():
    aged = age_one(THREE_BILLS, 350_00, "2026-03-11")
    assert list(aged.due_unpaid) == [0, 250_00, 300_00]
    assert aged.past_due[0] == 550_00
    assert aged.days_past_due[0] == 29  # from 10 February
    assert M_BUCKETS.names[aged.bucket[0]] == "M1"


def test_a_cent_short_is_still_late_and_a_bill_of_nothing_never_is():
    aged = age_one([("2026-01-10", 0), ("2026-01-20", 100)], 99, "2026-01-25")
    assert (aged.past_due[0], aged.days_past_due[0]) == (1, 5)


def test_overpaying_leaves_a_surplus():
    assert age_one(THREE_BILLS, 1000_00, "2026-06-01").surplus[0] == 100_00


def test_grace_delays_delinquency_and_not_the_amount():
    aged = age_one(THREE_BILLS[:1], 0, "2026-01-13", grace=3)
    assert (aged.past_due[0], aged.days_past_due[0], aged.delinquent_days[0]) == (300_00, 3, 0)
    assert aged.delinquent_since[0] == day("2026-01-13")


def test_a_pause_stops_delinquent_days_and_not_days_past_due():
    aged = age_one(THREE_BILLS[:1], 0, "2026-02-10", pauses=[("2026-01-20", "2026-02-01")])
    assert (aged.days_past_due[0], aged.delinquent_days[0]) == (31, 19)


def test_of_a_pause_only_the_part_after_the_due_day_counts():
    aged = age_one(THREE_BILLS[:1], 0, "2026-01-31", pauses=[("2026-01-01", "2026-01-15")])
    assert aged.delinquent_days[0] == 21 - 5


@pytest.mark.parametrize(
    ("days", "m", "outside"),
    [
        (0, "M0", None), (1, "M1", "1-3"), (3, "M1", "1-3"), (4, "M1", "4-30"), (30, "M1", "4-30"),
        (31, "M2", "31-60"), (60, "M2", "31-60"), (61, "M3", "61-90"), (90, "M3", "61-90"), (91, "M4", "91-120"),
        (150, "M5", "121-150"), (151, "M6", "151-180"), (180, "M6", "151-180"), (181, "M7+", "181-240"),
        (240, "M7+", "181-240"), (241, "M7+", "241+"), (5000, "M7+", "241+"),
    ],
)  # fmt: skip
def test_both_ends_of_a_bucket_belong_to_it(days, m, outside):
    assert M_BUCKETS.names[M_BUCKETS.codes(i32(days))[0]] == m
    assert DELINQUENCY_BUCKETS.names[DELINQUENCY_BUCKETS.codes(i32(days))[0]] == outside


def test_days_to_the_next_bucket():
    assert list(M_BUCKETS.days_to_next(i32(0, 1, 30, 31, 180, 181))) == [1, 30, 1, 30, 1, NO_DAY]


@pytest.mark.parametrize(("names", "upper"), [(("A", "B"), (0, 30)), (("A", "B", "C"), (0, 0)), (("A", "B"), (1,))])
def test_bucket_bounds_that_make_no_sense_are_refused(names, upper):
    with pytest.raises(ValueError, match="bounds"):
        Buckets(names, upper, "days_past_due")


def test_a_backdated_payment_counts_from_the_day_it_happened():
    receipts = Receipts(i32(0), i32(day("2026-01-09")), i32(day("2026-01-15")), i64(300_00))
    dues = Dues(i32(0), i32(day("2026-01-10")), i64(300_00))

    def days_past_due(as_of, known_at):
        paid = paid_by(receipts, accounts=1, as_of=day(as_of), known_at=day(known_at))
        return int(age(dues, paid, as_of=day(as_of)).days_past_due[0])

    assert days_past_due("2026-01-14", known_at="2026-01-14") == 4  # what we said that day
    assert days_past_due("2026-01-14", known_at="2026-01-15") == 0  # what we say of that day now


def test_a_bounced_payment_makes_the_account_as_late_as_if_it_had_never_come():
    receipts = Receipts(
        account=i32(0, 0),
        happened_on=i32(day("2026-01-10"), day("2026-01-10")),
        learned_on=i32(day("2026-01-10"), day("2026-02-03")),
        cents=i64(300_00, -300_00),
    )
    dues = Dues(i32(0), i32(day("2026-01-10")), i64(300_00))
    paid = paid_by(receipts, accounts=1, as_of=day("2026-02-04"))
    assert age(dues, paid, as_of=day("2026-02-04")).days_past_due[0] == 25


def test_a_pause_learned_late_and_ended_early_is_known_in_its_time():
    pauses = Pauses(
        i32(0, 0),
        i32(day("2026-01-20"), day("2026-01-20")),
        i32(day("2026-03-01"), day("2026-02-01")),
        learned_on=i32(day("2026-01-22"), day("2026-02-01")),
        replaced_on=i32(day("2026-02-01"), NO_DAY),
    )
    assert len(known_pauses(pauses, known_at=day("2026-01-21")).account) == 0
    assert list(known_pauses(pauses, known_at=day("2026-01-31")).end) == [day("2026-03-01")]
    assert list(known_pauses(pauses, known_at=day("2026-02-01")).end) == [day("2026-02-01")]


def test_pauses_may_touch_but_not_overlap_nor_run_backwards():
    pauses = Pauses(i32(0, 0, 0, 1, 1), i32(10, 20, 25, 5, 9), i32(20, 30, 27, 5, 12))
    assert pause_faults(pauses) == [
        (2, "it overlaps an earlier pause of the same account"),
        (3, "a pause must start before it ends"),
    ]


def test_a_pause_inside_a_long_one_is_found_even_behind_a_short_one():
    assert [row for row, _ in pause_faults(Pauses(i32(0, 0, 0), i32(1, 2, 50), i32(100, 3, 60)))] == [1, 2]


def test_columns_that_cannot_be_aged_are_refused_with_the_row():
    with pytest.raises(ValueError, match=r"row 1 holds -5"):
        age(Dues(i32(0, 0), i32(1, 2), i64(5, -5)), i64(0), as_of=3)
    with pytest.raises(ValueError, match="accounts are 0 to 0"):
        age(Dues(i32(1), i32(1), i64(5)), i64(0), as_of=3)
    with pytest.raises(ValueError, match="account 0 holds -1"):
        age(Dues(i32(0), i32(1), i64(5)), i64(-1), as_of=3)
    with pytest.raises(ValueError, match="overlaps"):
        age(Dues(i32(0), i32(1), i64(5)), i64(0), as_of=3, pauses=Pauses(i32(0, 0), i32(1, 2), i32(4, 5)))


def test_no_accounts_and_accounts_without_dues_are_fine():
    empty = Dues(i32(), i32(), i64())
    assert len(age(empty, i64(), as_of=3).past_due) == 0
    aged = age(empty, i64(0, 70), as_of=3)
    assert (list(aged.past_due), list(aged.surplus)) == ([0, 0], [0, 70])


def test_more_accounts_than_one_block_age_alike():
    accounts = 450_000
    dues = Dues(np.arange(accounts, dtype=np.int32), np.full(accounts, 10, dtype=np.int32), np.full(accounts, 7))
    aged = age(dues, np.zeros(accounts, dtype=np.int64), as_of=15)
    assert (aged.days_past_due == 5).all()
    assert int(aged.past_due.sum()) == 7 * accounts


# Equality with a replay: slow, plain, written from the meaning alone.

days = st.integers(0, 60)
history = st.fixed_dictionaries(
    {
        "dues": st.lists(st.tuples(days, st.integers(0, 9)), max_size=5),
        "receipts": st.lists(st.tuples(days, st.integers(0, 12), st.integers(1, 12)), max_size=4),
        "taken_back": st.lists(st.integers(0, 12), max_size=2),
        "pauses": st.lists(st.integers(0, 70), max_size=6, unique=True).map(sorted),
        "pause_lag": st.integers(0, 9),
        "grace": st.integers(0, 5),
        "as_of": st.integers(0, 80),
    }
)


def receipts_of(account, one):
    """(account, happened, learned, cents): payments, some learned late, some taken back later still."""
    rows = [(account, happened, happened + lag, cents) for happened, lag, cents in one["receipts"]]
    backs = zip(rows, one["taken_back"], strict=False)
    return rows + [
        (account, happened + lag // 3, learned + lag, -cents) for (_, happened, learned, cents), lag in backs
    ]


def pauses_of(account, one):
    """(account, start, end, learned): neighbours in a sorted list of distinct days, so that none overlap."""
    edges = one["pauses"]
    return [(account, a, b, a + one["pause_lag"]) for a, b in zip(edges[::2], edges[1::2], strict=False)]


def replay(one, known_at):
    """Walk the days one by one with loops and sets; nothing is shared with the code under test."""
    today = one["as_of"]
    purse = 0
    for d in range(today + 1):
        known = [row for row in receipts_of(0, one) if row[2] <= known_at]
        purse += sum(cents for _, happened, _, cents in known if happened == d)
    frozen = set()
    for _, start, end, learned in pauses_of(0, one):
        if learned <= known_at:
            frozen |= set(range(start + 1, end + 1))
    unpaid = {}
    for _, row in sorted((due, row) for row, (due, _) in enumerate(one["dues"])):
        unpaid[row] = one["dues"][row][1]
        while unpaid[row] and purse > 0:
            unpaid[row] -= 1
            purse -= 1
    late = {row: one["dues"][row][0] for row in unpaid if unpaid[row] and one["dues"][row][0] < today}
    oldest = min(late.values(), default=None)
    late_days = 0 if oldest is None else today - oldest
    running = 0 if oldest is None else sum(1 for d in range(oldest + 1, today + 1) if d not in frozen)
    delinquent = max(0, running - one["grace"])
    due_days = {row: sum(1 for d in range(due + 1, today + 1) if d not in frozen) for row, due in late.items()}
    if not delinquent:
        due_days = {}
    rows = range(len(one["dues"]))
    return {
        "past_due": sum(unpaid[row] for row in late),
        "oldest_due": NO_DAY if oldest is None else oldest,
        "days_past_due": late_days,
        "delinquent_since": NO_DAY if oldest is None else oldest + one["grace"],
        "delinquent_days": delinquent,
        "surplus": max(purse, 0),
        "due_unpaid": [unpaid[row] for row in rows],
        "due_days": [due_days.get(row, 0) for row in rows],
    }


def table(rows, width):
    return np.array(rows, dtype=np.int64).reshape(-1, width)


@settings(max_examples=400, deadline=None)
@given(histories=st.lists(history, min_size=1, max_size=6), known_at=st.integers(0, 90), mix=st.randoms())
def test_equals_a_replay_day_by_day_with_backdating_reversals_pauses_and_grace(histories, known_at, mix):
    rows = [(i, due, cents, n) for i, one in enumerate(histories) for n, (due, cents) in enumerate(one["dues"])]
    places = list(range(len(rows)))
    mix.shuffle(places)  # any order of rows must do
    dues = table([rows[p] for p in places], 4)
    receipts = table([row for i, one in enumerate(histories) for row in receipts_of(i, one)], 4)
    pauses = table([row for i, one in enumerate(histories) for row in pauses_of(i, one)], 4)
    small = np.int32
    as_of = np.array([one["as_of"] for one in histories], dtype=small)
    paid = paid_by(
        Receipts(*(receipts[:, k].astype(small) for k in range(3)), receipts[:, 3]),
        accounts=len(histories), as_of=as_of, known_at=known_at,
    )  # fmt: skip
    known = known_pauses(Pauses(*(pauses[:, k].astype(small) for k in range(4))), known_at=known_at)
    aged = age(
        Dues(dues[:, 0].astype(small), dues[:, 1].astype(small), dues[:, 2], dues[:, 3].astype(small)),
        paid, as_of=as_of, grace_days=np.array([one["grace"] for one in histories], dtype=small), pauses=known,
        buckets=DELINQUENCY_BUCKETS,
    )  # fmt: skip
    for i, one in enumerate(histories):
        expected = replay(one, known_at)
        for name in ("past_due", "oldest_due", "days_past_due", "delinquent_since", "delinquent_days", "surplus"):
            assert int(getattr(aged, name)[i]) == expected[name], name
        mine = [places.index(p) for p, row in enumerate(rows) if row[0] == i]
        assert [int(aged.due_unpaid[m]) for m in mine] == expected["due_unpaid"]
        assert [int(aged.due_days[m]) for m in mine] == expected["due_days"]
        assert [int(aged.due_bucket[m]) for m in mine] == list(DELINQUENCY_BUCKETS.codes(i32(*expected["due_days"])))


@settings(max_examples=100, deadline=None)
@given(histories=st.lists(history, min_size=1, max_size=5))
def test_one_account_alone_gets_what_it_gets_among_others(histories):
    def run(some):
        dues = table([(i, due, cents) for i, one in enumerate(some) for due, cents in one["dues"]], 3)
        paid = i64(*[sum(cents for *_, cents in one["receipts"]) for one in some])
        as_of = i32(*[one["as_of"] for one in some])
        return age(Dues(dues[:, 0].astype(np.int32), dues[:, 1].astype(np.int32), dues[:, 2]), paid, as_of=as_of)

    together = run(histories)
    for i, one in enumerate(histories):
        alone = run([one])
        assert (alone.past_due[0], alone.days_past_due[0]) == (together.past_due[i], together.days_past_due[i])
