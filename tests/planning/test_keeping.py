"""How likely a promise is kept: bounded, monotone in one's own record, and calibrated where the house has seen enough."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdue.planning.keeping import MILLION, Promises, Seen, classes, classes_of, keeping
from fairdue.planning.promise_strategy import load_strategy

CHANCES = load_strategy().chance
FACTS = {
    "bucket": 2,
    "cents": 10_000,
    "most_paid": 10_000,
    "days_ahead": 5,
    "kept": 0,
    "partly": 0,
    "broken": 0,
    "late": False,
}
TYPES = {
    "bucket": "i1",
    "cents": "i8",
    "most_paid": "i8",
    "days_ahead": "i4",
    "kept": "i4",
    "partly": "i4",
    "broken": "i4",
    "late": "?",
}


def promises(*rows):
    return Promises(**{name: np.array([(FACTS | row)[name] for row in rows], kind) for name, kind in TYPES.items()})


def chance(seen=None, **facts):
    return int(keeping(promises(facts), seen, CHANCES)[0])


@pytest.mark.parametrize(
    ("facts", "percent"),
    [
        ({}, 68),  # M2 60, no larger than a payment made before +8, five days ahead 0
        ({"cents": 15_000}, 60),
        ({"cents": 10_001}, 60),  # above what was ever paid, if only by a cent
        ({"cents": 50_000}, 38),
        ({"most_paid": 0}, 50),
        ({"days_ahead": 2}, 76),
        ({"days_ahead": 30}, 52),
        ({"bucket": 7, "cents": 50_000, "days_ahead": 30}, 2),  # never below the least
        ({"bucket": -1, "most_paid": -1}, 46),  # nothing known: the middle bucket, no word about size
        ({"kept": 3}, 84),  # (3 + 3 × 0.68) / 6
        ({"broken": 3}, 34),
        ({"partly": 2, "broken": 1}, 51),  # half of a partly kept one counts: (1 + 3 × 0.68) / 6
        ({"kept": 500}, 97),
        ({"late": True}, 24),  # 35 % of 68: its day has passed
    ],
)
def test_first_judgement_and_own_record(facts, percent):
    assert abs(chance(**facts) - percent * 10_000) <= 5_000


FACT = st.fixed_dictionaries({
    "bucket": st.integers(-1, 7), "cents": st.integers(1, 10**9), "most_paid": st.integers(-1, 10**9),
    "days_ahead": st.integers(0, 60), "kept": st.integers(0, 50), "partly": st.integers(0, 50),
    "broken": st.integers(0, 50), "late": st.booleans(),
})  # fmt: skip
SEEN = st.one_of(
    st.none(),
    st.tuples(st.integers(0, 10**6), st.floats(0, 1)).map(
        lambda n: Seen(np.full(classes(CHANCES), int(n[0] * n[1])), np.full(classes(CHANCES), n[0]))
    ),
)


@given(FACT, SEEN)
def test_never_certain_and_never_hopeless(facts, seen):
    assert CHANCES.least * 10_000 <= chance(seen, **facts) <= CHANCES.most * 10_000


@given(FACT, SEEN)
def test_one_more_promise_kept_never_lowers_it_and_one_more_broken_never_raises_it(facts, seen):
    now = chance(seen, **facts)
    assert chance(seen, **facts | {"kept": facts["kept"] + 1}) >= now
    assert chance(seen, **facts | {"broken": facts["broken"] + 1}) <= now
    assert chance(seen, **facts | {"kept": facts["kept"] + 1}) >= chance(
        seen, **facts | {"partly": facts["partly"] + 1}
    )


@given(FACT, SEEN, st.integers(1, 10**9))
def test_a_larger_promise_is_never_likelier_by_the_first_judgement(facts, seen, more):
    assert chance(None, **facts | {"cents": facts["cents"] + more}) <= chance(None, **facts)


@given(st.lists(FACT, min_size=1, max_size=20))
def test_columns_and_single_rows_agree(rows):
    together = keeping(promises(*rows), None, CHANCES)
    assert together.tolist() == [chance(**row) for row in rows]
    place = classes_of(promises(*rows), CHANCES)
    assert place.max() < classes(CHANCES)
    assert [p < 0 for p in place] == [row["bucket"] < 0 or row["most_paid"] < 0 for row in rows]


def test_what_is_said_comes_true():
    """Given a house whose promises of a class are kept at rates of its own (not the file's); when 200,000 were seen;
    then among new ones told "between 20 and 30 %" 20 to 30 % are kept, and so in every tenth (within two points).
    """
    draw = np.random.default_rng(7)
    truth = draw.uniform(0.05, 0.95, classes(CHANCES))

    def made(n):
        none = np.zeros(n, np.int32)
        cents = draw.integers(1, 50_000, n)
        return Promises(
            draw.integers(0, 8, n).astype(np.int8), cents, draw.integers(0, 20_000, n),
            draw.integers(0, 40, n).astype(np.int32), none, none, none,
            none.astype(bool),
        )  # fmt: skip

    before, after = made(200_000), made(200_000)
    place = classes_of(before, CHANCES)
    kept = draw.random(200_000) < truth[place]
    seen = Seen(np.bincount(place[kept], minlength=len(truth)), np.bincount(place, minlength=len(truth)))
    told = keeping(after, seen, CHANCES) / MILLION
    came = draw.random(200_000) < truth[classes_of(after, CHANCES)]
    for tenth in range(10):
        mine = (told * 10).astype(int) == tenth
        if mine.sum() > 2_000:
            assert abs(told[mine].mean() - came[mine].mean()) < 0.02, tenth
    assert abs(told.mean() - came.mean()) < 0.01
