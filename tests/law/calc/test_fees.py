"""Court fees, in cents. The quick forms of the regulation check every slice from the other side."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdue.law.calc import fees

claims = st.integers(0, 10**13)
# claim up to, rate, constant: fee = rate × claim + constant (yuan), as the quick forms go
ACCEPTANCE = [
    (10_000, "0", 50), (100_000, "0.025", -200), (200_000, "0.02", 300), (500_000, "0.015", 1_300),
    (1_000_000, "0.01", 3_800), (2_000_000, "0.009", 4_800), (5_000_000, "0.008", 6_800),
    (10_000_000, "0.007", 11_800), (20_000_000, "0.006", 21_800), (10**12, "0.005", 41_800),
]  # fmt: skip
EXECUTION = [
    (10_000, "0", 50), (500_000, "0.015", -100), (5_000_000, "0.01", 2_400), (10_000_000, "0.005", 27_400),
    (10**12, "0.001", 67_400),
]  # fmt: skip
PRESERVATION = [(1_000, "0", 30), (100_000, "0.01", 20), (896_000, "0.005", 520), (10**12, "0", 5_000)]


def quick(forms, cents, divisor=1):
    """Rounded half up from the exact quick form."""
    _, rate, constant = next(form for form in forms if cents <= form[0] * 100)
    return int((Fraction(rate) * cents + constant * 100) / divisor + Fraction(1, 2))


@given(claims)
def test_fees_follow_the_quick_forms(claim):
    assert fees.acceptance(claim) == fees.appeal(claim) == quick(ACCEPTANCE, claim)
    assert fees.summary(claim) == quick(ACCEPTANCE, claim, 2)
    assert fees.payment_order(claim) == quick(ACCEPTANCE, claim, 3)
    assert fees.execution(claim) == quick(EXECUTION, claim)
    assert fees.preservation(claim) == quick(PRESERVATION, claim)


ALL = (fees.acceptance, fees.summary, fees.payment_order, fees.execution, fees.preservation, fees.top_up_to_summary)


@given(claims, st.integers(0, 10**9))
def test_a_greater_claim_never_costs_less(claim, more):
    for fee in ALL[:-1]:
        assert fee(claim) <= fee(claim + more)


@pytest.mark.parametrize(
    "edge", sorted({edge for forms in (ACCEPTANCE, EXECUTION, PRESERVATION) for edge, _, _ in forms})
)
def test_no_fee_jumps_at_the_edge_of_a_slice(edge):
    for fee in ALL:
        before, at, after = (fee(edge * 100 + step) for step in (-1, 0, 1))
        assert abs(at - before) <= 1
        assert abs(after - at) <= 1


@given(claims)
def test_a_lapsed_payment_order_and_its_top_up_make_the_summary_fee(claim):
    assert fees.payment_order(claim) + fees.top_up_to_summary(claim) == fees.summary(claim)
    assert fees.top_up_to_summary(claim) > 0


@pytest.mark.parametrize(
    ("claim", "fee"),
    [(0, 5_000), (1_000_000, 5_000), (1_000_001, 5_000), (1_000_020, 5_001), (2_000_000_000, 14_180_000)],
)
def test_acceptance_at_its_edges(claim, fee):
    assert fees.acceptance(claim) == fee


def test_preservation_is_capped_from_896_000_yuan_on():
    assert [fees.preservation(yuan * 100) for yuan in (895_999, 896_000, 896_001, 10**9)] == [500_000] * 4
    assert fees.preservation(89_599_800) == 499_999
    assert fees.preservation(None) == fees.preservation(100_000) == 3_000


def test_steps_with_a_fixed_fee():
    assert fees.judicial_confirmation() == 0
    assert fees.arbitration_review() == 40_000
    assert fees.execution_without_amount() == (5_000, 50_000)
