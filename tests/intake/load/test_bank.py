"""Bank statements loaded: what names its debt is booked, the rest waits."""

from pathlib import Path

import pytest

from fairdue.accounts.models import Balance, Incoming, Payment
from fairdue.intake import services
from intake.load.banks import ends
from stories import account, creditor, person

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "bank"
pytestmark = pytest.mark.django_db


@pytest.fixture
def loans(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    lender = creditor("BANK", mapping=(EXAMPLES / "mapping.yaml").read_text("utf-8"))
    return [
        account(person(name), lender, principal=200_000, external_ref=number)
        for name, number in (("王小明", "A-1001"), ("李雷", "A-1002"))
    ]


def load(name):
    return services.load_file(path=EXAMPLES / name, creditor_code="BANK", kind="bank")


def owed(loans):
    return [Balance.objects.get(account=loan).total for loan in loans]


def test_camt_053_then_its_return_in_camt_054(loans):
    done = load("camt053.xml")
    assert ends(done) == (3, 0, 2, 0)  # a fee and a pending line are left alone
    assert owed(loans) == [170_000, 190_000]
    assert Incoming.objects.get(status="waiting").payer == "韩梅梅"
    load("camt054-return.xml")
    assert owed(loans) == [200_000, 190_000]
    assert Payment.objects.get(kind="reversal").reverses.reference == "BK-0001"


def test_text_of_a_bank_through_a_mapping(loans):
    assert ends(load("cnaps.txt")) == (3, 0, 1, 0)
    assert owed(loans) == [170_000, 74_950]  # the second was paid by somebody else
    assert Incoming.objects.get(status="waiting").kind == "return"


def test_the_same_statement_twice_books_once(loans):
    load("camt053.xml")
    assert ends(load("camt053.xml")) == (0, 0, 5, 0)
    assert owed(loans) == [170_000, 190_000]


def test_a_number_used_for_other_money_goes_back(loans, tmp_path):
    load("camt053.xml")
    other = tmp_path / "other.xml"
    other.write_text((EXAMPLES / "camt053.xml").read_text("utf-8").replace(">300.00<", ">301.00<"), "utf-8")
    done = services.load_file(path=other, creditor_code="BANK", kind="bank")
    assert ends(done) == (0, 0, 4, 1)
    assert owed(loans) == [170_000, 190_000]
