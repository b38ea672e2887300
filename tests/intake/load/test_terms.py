"""Terms of the contract in an accounts file: charged from the day it names."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fairdue.accounts.models import Balance, Terms
from fairdue.accounts.services import accrue
from fairdue.intake import services
from intake.load.banks import ends
from stories import creditor

pytestmark = pytest.mark.django_db
MAPPING = """
creditor: {ref: BANK, name: 海滨银行, country: CN, currency: CNY}
defaults: {country: CN, currency: CNY, dates: [YYYY-MM-DD]}
accounts:
  columns:
    external_ref: account
    product: {value: online_loan}
    principal: principal
    name: name
    person_ref: account
    rate: rate
    opened_on: opened
    charges_from: from
    penalty_rate: penalty
    late_fee: fee
    day_count: count
    cost_cap: cap
    compounding: {column: compound, codes: {daily: daily, monthly: monthly}}
    penalty_on: {column: on, codes: {both: overdue_principal_and_interest}}
    late_fee_after: after
"""
TODAY = timezone.localdate()
HEAD = "account,principal,name,rate,opened,from,penalty,fee,count,cap,compound,on,after"


@pytest.fixture
def load(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    creditor("BANK", mapping=MAPPING)

    def send(*rows):
        path = tmp_path / "accounts.csv"
        path.write_text("\n".join([HEAD, *rows]), "utf-8")
        return services.load_file(path=path, creditor_code="BANK", kind="accounts")

    return send


def test_an_account_with_a_day_is_charged_the_others_are_not(load):
    done = load(
        f"A1,1000.00,王小明,24,2025-09-01,{TODAY},12,5.00,act/360,cn_licensed,,,", "A2,1000.00,李雷,24,,,,,,,,,"
    )
    assert ends(done) == (2, 0, 0, 0)
    terms = Terms.objects.get()
    assert (terms.rate, terms.penalty, terms.late_fee, terms.day_count, terms.cap_rate) == (
        240_000, 120_000, 500, 1, 240_000,
    )  # fmt: skip
    accrue(upto=TODAY + timedelta(days=29))
    balances = {b.account.external_ref: (b.interest, b.penalty) for b in Balance.objects.select_related("account")}
    assert balances == {"A1": (2_000, 0), "A2": (0, 0)}  # the ceiling leaves no room for the penalty


def test_corrected_terms_are_told_anew(load):
    load(f"A1,1000.00,王小明,24,2025-09-01,{TODAY},,,act/360,,,,")
    accrue(upto=TODAY + timedelta(days=29))
    assert ends(load(f"A1,1000.00,王小明,12,2025-09-01,{TODAY},,,act/360,,,,")) == (0, 1, 0, 0)
    accrue(upto=TODAY + timedelta(days=29))
    assert Balance.objects.get().interest == 1_000


@pytest.mark.parametrize(
    "row", ["A1,1000.00,王小明,2400,2025-09-01,{day},,,,,,,", "A1,1000.00,王小明,24,1999-09-01,{day},,,,cn_private,,,"]
)
def test_a_rate_beyond_reason_or_a_ceiling_nobody_knows_goes_back(load, row):
    assert ends(load(row.format(day=TODAY))) == (0, 0, 0, 1)
    assert not Terms.objects.exists()


def test_compounding_the_base_of_penalty_and_the_days_of_the_late_fee_come_from_the_file(load):
    """¥1,000.00 at 24 % on act/360, interest on interest at each month's end; a file that says nothing compounds nothing."""
    load(
        f"A1,1000.00,王小明,24,2025-09-01,{TODAY},12,5.00,act/360,,monthly,both,7",
        f"A2,1000.00,李雷,24,2025-09-01,{TODAY},,,,,,,",
    )
    one, two = Terms.objects.order_by("account__external_ref")
    assert (one.compounding, one.penalty_on, one.late_fee_after) == (2, 1, 7)
    assert (two.compounding, two.penalty_on, two.late_fee_after) == (0, 0, 0)


@pytest.mark.parametrize("tail", ["hourly,,", ",sometimes,", ",,366", ",,-1"])
def test_a_code_nobody_knows_and_days_beyond_a_year_go_back(load, tail):
    assert ends(load(f"A1,1000.00,王小明,24,2025-09-01,{TODAY},,,,,{tail}")) == (0, 0, 0, 1)
