"""Following moves by searching equals looking at every account on every cut."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fairdue.insight.queries.rolls import _placed

histories = st.dictionaries(
    st.integers(1, 10**9), st.dictionaries(st.integers(0, 400), st.integers(0, 7), min_size=1, max_size=6), min_size=1, max_size=12
)  # fmt: skip
cut_days = st.lists(st.integers(0, 400), min_size=2, max_size=5, unique=True).map(sorted)


def bucket_on(moves, day):
    """The bucket of the last move up to a day, None before the first."""
    known = [on for on in moves if on <= day]
    return moves[max(known)] if known else None


@given(histories, cut_days, st.randoms(use_true_random=False))
def test_places_equal_a_look_at_every_account(histories, cuts, chance):
    rows = [(account, on, bucket) for account, moves in histories.items() for on, bucket in moves.items()]
    chance.shuffle(rows)
    account, on, bucket = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    places = _placed(account, on, bucket, account * 100 + bucket, cuts=cuts)
    for n in range(len(cuts) - 1):
        was, later, cents = places.between(n)
        found = dict(
            zip(
                places.accounts(n).tolist(), zip(was.tolist(), later.tolist(), cents.tolist(), strict=True), strict=True
            )
        )
        expected = {
            pk: (before, bucket_on(moves, cuts[n + 1]), pk * 100 + before)
            for pk, moves in histories.items()
            if (before := bucket_on(moves, cuts[n])) is not None
        }
        assert found == expected
