"""A payment is booked once and moves what is owed."""

from datetime import date

import pytest

from fairdue.accounts.models import Balance, Book, Payment, Transfer
from fairdue.accounts.services import PaymentRefused, receive, reverse
from stories import account, creditor, person, utc

pytestmark = pytest.mark.django_db
NOW = utc("2026-03-02T02:00")


@pytest.fixture
def loan():
    return account(person(), creditor(), principal=30_000, interest=4_000)


def pay(loan, cents, reference="B1", **other):
    facts = {"happened_on": date(2026, 3, 1), "currency": "CNY", "now": NOW} | other
    return receive(creditor=loan.creditor, account=loan, reference=reference, cents=cents, **facts)


def owed(loan):
    balance = Balance.objects.get(account=loan)
    return balance.principal, balance.interest, balance.unapplied


def test_interest_is_paid_before_principal(loan):
    pay(loan, 10_000)
    assert owed(loan) == (24_000, 0, 0)


def test_a_payment_s_transfers_add_up_to_it(loan):
    paid = pay(loan, 10_000)
    assert sorted(paid.transfers.values_list("source", "target", "cents")) == [
        (Book.PRINCIPAL, Book.CLEARING, 6_000),
        (Book.INTEREST, Book.CLEARING, 4_000),
    ]


def test_what_is_paid_beyond_the_debt_is_kept_apart_and_the_account_is_paid(loan):
    pay(loan, 40_000)
    loan.refresh_from_db()
    assert (owed(loan), loan.status, loan.last_paid_on) == ((0, 0, 6_000), "paid", date(2026, 3, 1))


def test_the_same_reference_twice_is_one_payment(loan):
    assert pay(loan, 10_000).pk == pay(loan, 10_000).pk
    assert owed(loan) == (24_000, 0, 0)


def test_the_same_reference_with_another_amount_is_refused(loan):
    pay(loan, 10_000)
    with pytest.raises(PaymentRefused, match="other content \\(the amount\\)") as refused:
        pay(loan, 20_000)
    assert "内容不同" in refused.value.zh
    assert owed(loan) == (24_000, 0, 0)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"cents": 0}, "not_positive"),
        ({"cents": -5}, "not_positive"),
        ({"currency": "USD"}, "currency"),
        ({"reference": " "}, "no_reference"),
        ({"happened_on": date(2026, 3, 5)}, "in_the_future"),
    ],
)
def test_what_cannot_be_is_refused(loan, facts, code):
    with pytest.raises(PaymentRefused) as refused:
        pay(loan, **({"cents": 100} | facts))
    assert refused.value.code == code
    assert not Payment.objects.exists()


def test_a_payment_before_the_first_day_of_the_contract_is_refused():
    """The first day itself is right; where no day of opening is on record nobody can tell."""
    loan = account(person(), creditor(), opened_on=date(2026, 2, 1))
    with pytest.raises(PaymentRefused, match="opened on 2026-02-01") as refused:
        pay(loan, 100, happened_on=date(2026, 1, 31))
    assert refused.value.code == "before_opening"
    assert "开户日 2026-02-01" in refused.value.zh
    assert pay(loan, 100, happened_on=date(2026, 2, 1)).applied_at
    assert pay(account(person(), creditor()), 100, happened_on=date(2020, 1, 31)).applied_at


def test_a_payment_for_somebody_else_s_account_is_refused(loan):
    with pytest.raises(PaymentRefused) as refused:
        receive(
            creditor=creditor(),
            account=loan,
            reference="X",
            cents=1,
            currency="CNY",
            happened_on=date(2026, 3, 1),
            now=NOW,
        )
    assert refused.value.code == "creditor"


def test_a_reversal_turns_the_same_transfers_round(loan):
    paid = pay(loan, 10_000)
    back = reverse(payment=paid, reference="B1-R", happened_on=date(2026, 3, 2), now=NOW)
    assert owed(loan) == (30_000, 4_000, 0)
    assert {t.reverses.payment_id for t in back.transfers.all()} == {paid.pk}


def test_a_reversal_opens_a_paid_account_again(loan):
    paid = pay(loan, 34_000)
    reverse(payment=paid, reference="B1-R", happened_on=date(2026, 3, 2), now=NOW)
    loan.refresh_from_db()
    assert loan.status == "open"


def test_a_payment_bounces_once(loan):
    paid = pay(loan, 10_000)
    again = [reverse(payment=paid, reference="B1-R", happened_on=date(2026, 3, 2), now=NOW).pk for _ in range(2)]
    assert again[0] == again[1]
    with pytest.raises(PaymentRefused) as refused:
        reverse(payment=paid, reference="B1-R2", happened_on=date(2026, 3, 2), now=NOW)
    assert refused.value.code == "already_reversed"
    assert owed(loan) == (30_000, 4_000, 0)


def test_a_reversal_is_not_reversed(loan):
    back = reverse(payment=pay(loan, 10_000), reference="B1-R", happened_on=date(2026, 3, 2), now=NOW)
    with pytest.raises(PaymentRefused) as refused:
        reverse(payment=back, reference="B1-RR", happened_on=date(2026, 3, 2), now=NOW)
    assert refused.value.code == "reverses_reversal"


def test_money_kept_apart_covers_the_debt_when_another_payment_bounces(loan):
    first = pay(loan, 34_000, "B1")
    pay(loan, 5_000, "B2")
    assert owed(loan) == (0, 0, 5_000)
    reverse(payment=first, reference="B1-R", happened_on=date(2026, 3, 2), now=NOW)
    assert owed(loan) == (29_000, 0, 0)
    second = Payment.objects.get(reference="B2")
    reverse(payment=second, reference="B2-R", happened_on=date(2026, 3, 2), now=NOW)
    assert owed(loan) == (30_000, 4_000, 0)


def test_a_payment_known_before_the_placing_is_in_the_placed_balance(loan):
    early = pay(loan, 7_000, happened_on=date(2025, 12, 20), learned_at=utc("2025-12-20T04:00"))
    assert owed(loan) == (30_000, 4_000, 0)
    assert [(t.source, t.target, t.cents) for t in early.transfers.all()] == [(Book.PLACED, Book.CLEARING, 7_000)]


def test_a_payment_made_before_the_placing_but_learned_after_lowers_the_debt(loan):
    pay(loan, 7_000, happened_on=date(2025, 12, 20), learned_at=NOW)
    assert owed(loan) == (27_000, 0, 0)


def test_when_a_payment_in_the_placed_balance_bounces_later_the_debt_grows(loan):
    early = pay(loan, 7_000, happened_on=date(2025, 12, 20), learned_at=utc("2025-12-20T04:00"))
    reverse(payment=early, reference="R", happened_on=date(2026, 3, 1), now=NOW)
    assert owed(loan) == (37_000, 4_000, 0)


def test_balances_are_the_replay_of_transfers(loan):
    first = pay(loan, 12_345, "B1")
    pay(loan, 30_000, "B2")
    reverse(payment=first, reference="R1", happened_on=date(2026, 3, 2), now=NOW)
    replay = dict.fromkeys(Book, 0)
    for t in Transfer.objects.filter(account=loan):
        replay[t.source] -= t.cents
        replay[t.target] += t.cents
    balance = Balance.objects.get(account=loan)
    assert (balance.principal, balance.interest, balance.unapplied) == (
        replay[Book.PRINCIPAL], replay[Book.INTEREST], -replay[Book.UNAPPLIED],
    )  # fmt: skip
    assert sum(replay.values()) == 0
