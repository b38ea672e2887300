"""A new portfolio's past: the buckets of the months before it came to us."""

from datetime import date

import pytest

import stories
from fairdue.accounts import services
from fairdue.accounts.models import BucketMove, Payment
from fairdue.accounts.services.history import month_ends


def test_month_ends_are_the_last_days_of_the_months_before():
    assert month_ends(date(2026, 3, 15), 3) == [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)]


@pytest.mark.django_db
def test_buckets_of_past_months_follow_from_bills_and_payments():
    """Given 100.00 due on 5 January and 5 February, and 100.00 paid on 20 February; when looked back from March;
    then M1 at the end of January (26 days), M1 at the end of February (23 days, the January bill being paid)."""
    lender = stories.creditor()
    account = stories.account(
        stories.person(), lender, principal=100_00, dues={date(2026, 1, 5): 100_00, date(2026, 2, 5): 100_00}
    )
    Payment.objects.create(
        creditor=lender, account=account, reference="P1", cents=100_00, currency="CNY", happened_on=date(2026, 2, 20)
    )

    services.look_back(before=date(2026, 3, 10), months=3)

    moves = BucketMove.objects.order_by("on").values_list("on", "was", "bucket", "cents")
    assert list(moves) == [
        (date(2025, 12, 31), None, 0, 200_00),  # nothing due yet; what was paid since is added to the balance
        (date(2026, 1, 31), 0, 1, 200_00),
    ]


@pytest.mark.django_db
def test_an_account_a_night_has_aged_is_left_alone_and_a_second_look_changes_nothing():
    account = stories.account(stories.person(), stories.creditor(), dues={date(2025, 12, 1): 50_00})
    services.look_back(before=date(2026, 3, 10), months=2)
    first = list(BucketMove.objects.values_list("on", "bucket"))
    assert services.look_back(before=date(2026, 3, 10), months=2) == 0
    services.age(as_of=date(2026, 3, 10), accounts=[account.pk])

    assert services.look_back(before=date(2026, 3, 10), months=12) == 0
    assert first == [(date(2026, 1, 31), 3)]  # 61 days late then, 89 at the end of February: still M3
