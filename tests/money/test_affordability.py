"""What a household can spare."""

import pytest

from fairdue.money.affordability import Budget, left_over
from fairdue.money.policy import plan_policy


def test_what_is_left_over():
    spare = left_over(
        Budget(income=860_000, household=2, spending={"housing": 250_000, "food": 180_000}, other_debts=80_000),
        allowance=410_000,
    )
    assert (spare.named, spare.living, spare.free, spare.short) == (430_000, 430_000, 350_000, 0)
    assert not spare.below_allowance


def test_who_names_too_little_keeps_the_least_allowance_all_the_same():
    spare = left_over(Budget(income=600_000, spending={"food": 50_000}), allowance=260_000)
    assert (spare.living, spare.free, spare.below_allowance) == (260_000, 340_000, True)


def test_a_household_that_is_short_has_nothing_free():
    spare = left_over(Budget(income=200_000, other_debts=50_000), allowance=180_000)
    assert (spare.free, spare.short) == (0, 30_000)


@pytest.mark.parametrize(
    ("budget", "field"),
    [
        (Budget(income=-1), "income"),
        (Budget(income=1, household=0), "household"),
        (Budget(income=1, spending={"food": -5}), "food"),
        (Budget(income=1, spending={"wine": 5}), "wine"),
    ],
)
def test_what_cannot_be_names_its_field(budget, field):
    with pytest.raises(ValueError, match=field):
        left_over(budget, allowance=0)


@pytest.mark.parametrize(
    ("region", "household", "currency", "cents"),
    [
        ("CN-31", 1, "CNY", 260_000),
        ("CN-31", 3, "CNY", 560_000),
        ("CN-44", 2, "CNY", 380_000),
        ("CN-51", 2, "CNY", 280_000),
        ("", 1, "CNY", 180_000),
        ("US-CA", 2, "USD", 205_000),
        ("", 1, "BRL", None),
    ],
)
def test_the_allowance_follows_region_and_household(region, household, currency, cents):
    assert plan_policy().allowance(region, household, currency) == cents
