"""Bills and instalments: new, corrected, unknown."""

from datetime import date

from fairdue.accounts.models import Due
from intake.load.banks import Bank, ends, returned


def test_bills_arrive_once(bank: Bank) -> None:
    bank.accounts({})
    load = bank.load("dues", {"n": 1}, {"n": 2, "due": "2026-03-01", "interest": "0"})
    assert ends(load) == (2, 0, 0, 0)
    assert list(Due.objects.order_by("n").values_list("due_on", "principal", "interest", "cents")) == [
        (date(2026, 2, 1), 10_000, 500, 10_500),
        (date(2026, 3, 1), 10_000, 0, 10_000),
    ]
    assert ends(bank.load("dues", {"n": 1}, {"n": 2, "due": "2026-03-01", "interest": "0"})) == (0, 0, 2, 0)


def test_a_corrected_bill_is_updated(bank: Bank) -> None:
    bank.accounts({})
    bank.load("dues", {})
    assert ends(bank.load("dues", {"due": "2026-02-10"}, {"n": 2})) == (1, 1, 0, 0)
    assert Due.objects.get(n=1).due_on == date(2026, 2, 10)


def test_a_bill_of_an_unknown_account_comes_back(bank: Bank) -> None:
    bank.accounts({})
    load = bank.load("dues", {"account": "A9"}, {}, {"n": 2, "currency": "USD"})
    assert ends(load) == (1, 0, 0, 2)
    unknown, dollars = returned(load)
    assert (unknown["account"], unknown["row"]) == ("A9", "2")
    assert "没有这个账户" in unknown["error"] and "请先导入账户文件" in unknown["error"]
    assert "CNY" in dollars["error"]
