"""Several debts at one creditor: Civil Code Art. 560."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from fairdue.money.sharing import Debt, share

TODAY = 1_000


def test_what_the_debtor_named_comes_first():
    debts = [Debt("old", 900, 100), Debt("new", 1_100, 100)]
    assert share(150, debts, as_of=TODAY, chosen="new") == {"old": 50, "new": 100}


def test_what_is_due_comes_before_what_is_not():
    assert share(120, [Debt("later", 1_100, 100), Debt("due", 1_000, 100)], as_of=TODAY) == {"later": 20, "due": 100}


def test_then_the_least_secured_then_the_heavier_burden_then_the_earlier():
    pledged = Debt("pledged", 800, 100, secured=Fraction(1))
    dear, cheap = Debt("dear", 950, 100, rate=Fraction(24, 100)), Debt("cheap", 900, 100, rate=Fraction(12, 100))
    early = Debt("early", 890, 100, rate=Fraction(12, 100))
    debts = [pledged, cheap, early, dear]
    assert share(250, debts, as_of=TODAY) == {"pledged": 0, "cheap": 50, "early": 100, "dear": 100}


def test_in_proportion_where_all_is_equal():
    debts = [Debt("a", 900, 200), Debt("b", 900, 100)]
    assert share(100, debts, as_of=TODAY) == {"a": 67, "b": 33}


@given(st.lists(st.tuples(st.integers(900, 1_100), st.integers(0, 500), st.integers(0, 2)), max_size=6),
       st.integers(0, 4_000))  # fmt: skip
def test_no_cent_is_lost_and_none_given_twice(rows, cents):
    debts = [Debt(str(n), due, owed, rate=Fraction(rate)) for n, (due, owed, rate) in enumerate(rows)]
    given_ = share(cents, debts, as_of=TODAY)
    assert sum(given_.values()) == min(cents, sum(debt.cents for debt in debts))
    assert all(0 <= given_[debt.id] <= debt.cents for debt in debts)
