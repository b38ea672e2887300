"""Charged every night by the contract; told anew when something is learned late."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fairdue.accounts.models import Account, Accrual, Balance, Book, Cut, Transfer
from fairdue.accounts.services import accrue, end_stop, receive, restate, reverse, set_terms, stop_charges
from stories import account, creditor, person, utc

NOW = utc("2026-03-02T02:00")
PLACED = date(2026, 1, 1)
HALF_A_YEAR = date(2026, 6, 29)  # 180 nights from 1 January


def debt(*, principal=100_000, rate=240_000, dues=None, since=PLACED, **contract):
    loan = account(person(), creditor(), principal=principal, dues=dues, placed_on=PLACED)
    set_terms(account=loan, since=since, rate=rate, **({"day_count": 1} | contract))
    return loan


def pay(loan, reference, cents, on):
    return receive(creditor=loan.creditor, account=loan, reference=reference, cents=cents, currency="CNY",
                   happened_on=on, now=utc("2026-12-31T00:00"))  # fmt: skip


def owed(loan):
    balance = Balance.objects.get(account=loan)
    return balance.principal, balance.interest, balance.penalty, balance.fees, balance.unapplied


def nights(first, last):
    for n in range((last - first).days + 1):
        accrue(upto=first + timedelta(days=n))


@pytest.mark.django_db
class TestAccrue:
    def test_half_a_year_at_24_per_cent(self):
        """360-day year: 180 nights on 1,000.00 at 24 % are 120.00."""
        loan = debt()
        done = accrue(upto=HALF_A_YEAR)
        assert owed(loan) == (100_000, 12_000, 0, 0, 0)
        assert (done.accounts, done.charged, done.transfers) == (1, 12_000, 180)

    def test_said_twice_it_charges_once(self):
        loan = debt()
        accrue(upto=HALF_A_YEAR)
        assert accrue(upto=HALF_A_YEAR).transfers == 0
        assert accrue(upto=PLACED).transfers == 0
        assert owed(loan)[1] == 12_000

    def test_night_by_night_comes_to_the_same(self):
        loan, other = debt(principal=12_345, rate=187_654), debt(principal=12_345, rate=187_654)
        Account.objects.filter(pk=other.pk).update(status="recalled")
        nights(PLACED, date(2026, 1, 20))
        Account.objects.filter(pk=other.pk).update(status="open")
        accrue(upto=date(2026, 1, 20))
        assert owed(loan) == owed(other)
        assert owed(loan)[1] == 12_345 * 187_654 * 20 // 360_000_000

    def test_a_payment_is_covered_interest_first(self):
        loan = debt()
        accrue(upto=date(2026, 1, 30))  # 20.00
        pay(loan, "B", 12_000, date(2026, 1, 31))
        assert owed(loan) == (90_000, 0, 0, 0, 0)
        accrue(upto=date(2026, 3, 1))  # 30 nights on 900.00
        assert owed(loan) == (90_000, 1_800, 0, 0, 0)

    def test_a_payment_learned_late_is_counted_from_its_day(self):
        """Paid on 11 January, learned at the end of June: from that night on interest is on what was left."""
        loan = debt()
        accrue(upto=HALF_A_YEAR)
        pay(loan, "B", 50_667, date(2026, 1, 11))
        # ten nights on 1,000.00 are 6.67 (rounded down 6.66), so 499.99 is left on 11 January
        assert owed(loan)[0] == 100_000 - 50_667 + 666
        assert owed(loan)[1] == 49_999 * 240_000 * 170 // 360_000_000 + 1
        assert Transfer.objects.filter(account=loan, restated=True).exists()

    def test_and_when_it_bounces_all_is_as_it_was(self):
        loan, plain = debt(), debt()
        accrue(upto=HALF_A_YEAR)
        paid = pay(loan, "B", 50_667, date(2026, 1, 11))
        reverse(payment=paid, reference="R", happened_on=date(2026, 1, 11), now=utc("2026-12-31T00:00"))
        assert owed(loan) == owed(plain)

    def test_too_much_paid_late_is_kept_apart(self):
        loan = debt()
        accrue(upto=HALF_A_YEAR)
        pay(loan, "B", 150_000, PLACED)
        assert owed(loan) == (0, 0, 0, 0, 50_000)
        assert Account.objects.get(pk=loan.pk).status == "paid"
        accrue(upto=date(2026, 7, 30))
        assert owed(loan) == (0, 0, 0, 0, 50_000)

    def test_penalty_and_late_fee_from_the_day_after_the_due_day(self):
        loan = debt(rate=0, penalty=360_000, late_fee=1_500, late_fee_after=3,
                    dues={date(2026, 1, 10): 40_000, date(2026, 12, 1): 60_000})  # fmt: skip
        accrue(upto=date(2026, 1, 10))
        assert owed(loan) == (100_000, 0, 0, 0, 0)
        accrue(upto=date(2026, 1, 13))
        assert owed(loan) == (100_000, 0, 3 * 40, 0, 0)
        accrue(upto=date(2026, 1, 14))
        assert owed(loan) == (100_000, 0, 4 * 40, 1_500, 0)

    def test_a_ceiling_is_never_exceeded_and_what_it_forbade_is_kept(self):
        loan = debt(rate=240_000, penalty=120_000, cap="cn_licensed", day_count=0)
        accrue(upto=date(2026, 12, 31))
        assert owed(loan) == (100_000, 24_000, 0, 0, 0)
        assert sum(cut.penalty for cut in Cut.objects.filter(account=loan)) == 12_000

    def test_four_times_the_lpr_of_the_contract_s_day(self):
        loan = account(person(), creditor(), principal=100_000, placed_on=PLACED, opened_on=date(2025, 9, 1))
        set_terms(account=loan, since=PLACED, rate=240_000, cap="cn_private")
        accrue(upto=date(2026, 12, 31))
        assert owed(loan)[1] == 12_000  # 4 × 3.00 %

    def test_nothing_while_charges_are_stopped_also_when_learned_late(self):
        loan = debt()
        accrue(upto=date(2026, 1, 30))
        stop = stop_charges(account=loan, starts_on=date(2026, 1, 16), reason="hardship")
        assert owed(loan)[1] == 1_000
        accrue(upto=date(2026, 2, 28))
        end_stop(stop=stop, ends_on=date(2026, 1, 20))
        assert owed(loan)[1] == 1_000 + (59 - 20) * 100_000 * 24 // 36_000

    def test_a_waiver_larger_than_what_turns_out_to_be_owed_takes_only_that(self):
        loan = debt()
        accrue(upto=date(2026, 1, 30))
        Transfer.objects.create(account=loan, source=Book.INTEREST, target=Book.WAIVED, cents=2_000,
                                happened_on=date(2026, 1, 31))  # fmt: skip
        pay(loan, "B", 50_000, PLACED)
        assert owed(loan) == (50_000, 0, 0, 0, 0)

    def test_accounts_without_terms_are_left_alone(self):
        account(person(), creditor())
        assert accrue(upto=HALF_A_YEAR).accounts == 0

    def test_a_recalled_account_is_not_charged(self):
        loan = debt()
        Account.objects.filter(pk=loan.pk).update(status="recalled")
        assert accrue(upto=HALF_A_YEAR).accounts == 0


moves = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 60_000), st.booleans()), min_size=1, max_size=5
)  # day, cents, bounces


class TestAnyOrder(TestCase):
    @given(moves, st.randoms(use_true_random=False), st.integers(0, 2), st.integers(0, 2))
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_whenever_things_are_learned_the_cents_are_the_same(self, moves, random, compounding, day_count):
        """Given payments and bounces of sixty days; when one debt learns of them on time, one in any order between
        nights, one all at the end; then all three owe the same, component by component, and replaying changes nothing."""
        contract = {"penalty": 180_000, "late_fee": 700, "compounding": compounding, "day_count": day_count,
                    "penalty_on": 1, "dues": {PLACED + timedelta(days=20): 30_000}}  # fmt: skip
        on_time, mixed, late = (debt(**contract) for _ in range(3))
        by_day = sorted(enumerate(moves), key=lambda move: move[1][0])
        shuffled = list(enumerate(moves))
        random.shuffle(shuffled)
        for night in range(0, 70, 7):
            for n, move in by_day:
                if night <= move[0] < night + 7:
                    happen(on_time, n, move)
            if shuffled:
                happen(mixed, *shuffled.pop())
            accrue(upto=PLACED + timedelta(days=night + 6))
        for n, move in shuffled:
            happen(mixed, n, move)
        for n, move in enumerate(moves):
            happen(late, n, move)
        assert owed(on_time) == owed(late)
        assert owed(mixed) == owed(late)
        before = Transfer.objects.count()
        restate(accounts=[late.pk, mixed.pk, on_time.pk], since=[0, 0, 0])
        assert Transfer.objects.count() == before
        assert sums(late) == owed(late)
        assert Accrual.objects.get(account=late).upto == PLACED + timedelta(days=69)


def happen(loan, n, move):
    day, cents, bounces = move
    paid = pay(loan, f"B{n}", cents, PLACED + timedelta(days=day))
    if bounces:
        reverse(
            payment=paid, reference=f"R{n}", happened_on=PLACED + timedelta(days=day + 3), now=utc("2026-12-31T00:00")
        )


def sums(loan):
    """The balances, added up from the transfers."""
    found = dict.fromkeys(range(1, 7), 0)
    for move in Transfer.objects.filter(account=loan):
        found[move.target] = found.get(move.target, 0) + move.cents
        found[move.source] = found.get(move.source, 0) - move.cents
    return found[1], found[2], found[3], found[4], -found[6]
