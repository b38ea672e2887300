"""Payments: known by reference, once; applied when the file is in."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from fairdue.accounts.models import Balance, Payment, Transfer
from fairdue.intake import services
from fairdue.intake.models import Load
from fairdue.journal.models import Entry
from intake.load.banks import MAPPING, Bank, ends, returned, table


@pytest.fixture
def today() -> str:
    return timezone.localdate().isoformat()


def test_a_payment_comes_in_and_lowers_the_debt(bank: Bank, today: str) -> None:
    bank.accounts({})
    load = bank.load("payments", {"paid": today})
    assert ends(load) == (1, 0, 0, 0)
    payment = Payment.objects.get()
    assert (payment.cents, payment.kind, payment.applied_at is not None) == (5_000, "payment", True)
    assert Balance.objects.get().principal == 95_000


def test_what_was_paid_before_the_placing_is_in_the_balance_already(bank: Bank) -> None:
    bank.accounts({})
    bank.load("payments", {"paid": "2025-12-01"})
    assert Balance.objects.get().principal == 100_000


def test_the_same_payments_twice_are_paid_once(bank: Bank, today: str) -> None:
    bank.accounts({})
    rows = [{"reference": f"P{n}", "paid": today, "amount": f"{n + 1}.00"} for n in range(4)]
    bank.load("payments", *rows)
    transfers = Transfer.objects.count()
    assert ends(bank.load("payments", *rows, {"reference": "P9", "paid": today})) == (1, 0, 4, 0)
    assert Transfer.objects.count() == transfers + 1
    assert Balance.objects.get().principal == 100_000 - 1_000 - 5_000


@pytest.mark.parametrize("change", [{"amount": "50.01"}, {"paid": "2025-11-30"}, {"account": "A2"}])
def test_a_reference_stands_for_one_payment_for_ever(bank: Bank, change: dict[str, str]) -> None:
    bank.accounts({}, {"account": "A2"})
    bank.load("payments", {"paid": "2025-12-01"})
    load = bank.load("payments", {"paid": "2025-12-01"} | change)
    assert ends(load) == (0, 0, 0, 1)
    assert "已经用于另一笔记录" in returned(load)[0]["error"]


def test_a_reversal_in_the_same_file_brings_the_debt_back(bank: Bank, today: str) -> None:
    bank.accounts({})
    load = bank.load(
        "payments", {"reference": "R1", "paid": today, "kind": "reversal", "reverses": "P1"}, {"paid": today}
    )
    assert ends(load) == (2, 0, 0, 0)
    assert Balance.objects.get().principal == 100_000
    assert Payment.objects.get(reference="R1").reverses == Payment.objects.get(reference="P1")


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"reverses": "P9"}, "没有这笔还款"),
        ({"reverses": "P1", "amount": "49.00"}, "50.00"),
        ({"reverses": "P1", "account": "A2"}, "另一账户"),
        ({"reverses": "P2", "amount": "1.00"}, "R2"),
        ({"reverses": "R2", "amount": "1.00"}, "没有这笔还款"),
    ],
)
def test_a_reversal_that_does_not_fit_comes_back(bank: Bank, today: str, row: dict[str, str], error: str) -> None:
    bank.accounts({}, {"account": "A2"})
    back = {"reference": "R2", "kind": "reversal", "reverses": "P2", "amount": "1.00", "paid": today}
    bank.load("payments", {"paid": today}, {"reference": "P2", "amount": "1.00", "paid": today}, back)
    load = bank.load("payments", {"reference": "R3", "kind": "reversal", "paid": today} | {"amount": "50.00"} | row)
    assert ends(load) == (0, 0, 0, 1)
    assert error in returned(load)[0]["error"]


def test_one_payment_is_reversed_once_within_a_file(bank: Bank, today: str) -> None:
    bank.accounts({})
    back = {"kind": "reversal", "reverses": "P1", "paid": today}
    load = bank.load("payments", {"paid": today}, back | {"reference": "R1"}, back | {"reference": "R2"})
    assert ends(load) == (2, 0, 0, 1)
    assert "R1" in returned(load)[0]["error"]


def test_a_payment_of_tomorrow_is_not_believed(bank: Bank) -> None:
    bank.accounts({})
    late = (timezone.localdate() + timedelta(days=3)).isoformat()
    assert ends(bank.load("payments", {"paid": late})) == (0, 0, 0, 1)


def test_a_payment_from_before_the_account_was_opened_comes_back(bank: Bank) -> None:
    """One that is on record already stays known; the first day itself is right."""
    bank.accounts({})
    bank.load("payments", {"paid": "2026-02-28"})
    bank.accounts({"opened": "2026-03-09"})
    load = bank.load(
        "payments", {"paid": "2026-02-28"}, {"paid": "2026-03-08", "reference": "P2"},
        {"paid": "2026-03-09", "reference": "P3"},
    )  # fmt: skip
    assert ends(load) == (1, 0, 1, 1)
    assert "“2026-03-08”：早于该账户的开户日 2026-03-09" in returned(load)[0]["error"]


def test_the_journal_tells_of_the_load(bank: Bank, today: str) -> None:
    bank.accounts({})
    bank.load("payments", {"paid": today}, {"account": "A9", "reference": "P2", "paid": today})
    accepted, finished = Entry.objects.filter(subject="load").order_by("id")[2:4]
    assert (accepted.verb, finished.verb) == ("load.accepted", "load.finished")
    told = finished.data
    assert (told["read"], told["loaded"], told["rejected"]) == (2, 1, 1)


def test_a_ragged_row_goes_back_whole_and_is_refused_until_it_is_mended(bank: Bank, today: str) -> None:
    """Given a row with two fields too many, one too short and one with an open quote; then each comes back whole, the
    returned file sent in again loads none of them, and mended they go in."""
    bank.accounts({})
    data = table("payments", {"paid": today}).decode()
    header = data.splitlines()[0]
    ragged = [
        f"A1,P2,{today},5.00,CNY,payment,,more,still more", f"A1,P3,{today},6.00,CNY", f'A1,P4,{today},7.00,CNY,"pay',
    ]  # fmt: skip
    load = sent(bank, data + "".join(f"{row}\n" for row in ragged))
    assert ends(load) == (1, 0, 0, 3)
    assert [row["account"] for row in returned(load)] == ragged
    back = Path(load.rejected_path).read_text("utf-8-sig")
    again = sent(bank, back)
    assert ends(again) == (0, 0, 0, 3)
    assert [row["account"] for row in returned(again)] == ragged
    assert Payment.objects.count() == 1
    mended = "".join(f"A1,P{n},{today},{n}.00,CNY,,,{n},\n" for n in (2, 3, 4))
    assert ends(sent(bank, f"{header},row,error\n{mended}")) == (3, 0, 0, 0)


def sent(bank: Bank, text: str) -> Load:
    """A file of payments as it stands, loaded."""
    file = io.BytesIO(text.encode())
    load = services.accept(creditor=bank.creditor, kind="payments", file=file, name="p.csv", mapping=MAPPING)
    return services.run(load=load)
