"""For any file: every row ends once, every cent is accounted for, and a second time nothing changes."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairdue.accounts.models import Account, Balance, Due, Payment, Transfer
from fairdue.intake.loading.ends import ENDS
from fairdue.intake.models import Load
from intake.load.banks import Bank, ends, returned

SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

MONEY = st.sampled_from(["0", "0.01", "1.00", "1000.00", "99999999.99", "-1", "1e3", "", "1,000.00", "abc", "9" * 40])
ACCOUNT = st.sampled_from(["A1", "A2", "A3", "", "A1 ", "=1+1"])
DAY = st.sampled_from(["2025-12-01", "2026-01-31", "2026-02-30", "", "31/01/2026"])

ROWS: dict[str, st.SearchStrategy[dict[str, str]]] = {
    "accounts": st.fixed_dictionaries(
        {},
        optional={
            "account": ACCOUNT, "principal": MONEY, "interest": MONEY, "currency": st.sampled_from(["CNY", "USD", "XXX"]),
            "customer": st.sampled_from(["", "C1", "C2"]), "name": st.sampled_from(["王小明", "", "@SUM(A1)"]),
            "id": st.sampled_from(["", "11010519491231002X", "110105194912310021"]), "placed": DAY, "ends": DAY,
            "phone": st.sampled_from(["13800138000", "1", "", "+12125550100"]), "friend": st.sampled_from(["", "李四"]),
            "friend phone": st.sampled_from(["", "13900139000", "13800138000"]), "batch": st.sampled_from(["", "B1"]),
        },
    ),
    "dues": st.fixed_dictionaries(
        {}, optional={"account": ACCOUNT, "n": st.sampled_from(["1", "2", "0", "x"]), "due": DAY, "principal": MONEY}
    ),
    "payments": st.fixed_dictionaries(
        {},
        optional={
            "account": ACCOUNT, "reference": st.sampled_from(["P1", "P2", "P3", ""]), "paid": DAY, "amount": MONEY,
            "kind": st.sampled_from(["", "payment", "reversal", "?"]), "reverses": st.sampled_from(["", "P1", "P2"]),
        },
    ),
    "contacts": st.fixed_dictionaries(
        {},
        optional={
            "account": ACCOUNT, "at": st.sampled_from(["2026-02-03 10:15", "2026-02-03 10:16", "yesterday"]),
            "result": st.sampled_from(["conversation", "busy", "?"]), "whom": st.sampled_from(["", "friend", "debtor"]),
            "said": st.sampled_from(["", "promise", "stop_request", "?"]), "reference": st.sampled_from(["", "C1"]),
            "promised": MONEY, "promised on": DAY,
        },
    ),
}  # fmt: skip


def adds_up(load: Load, rows: list[dict[str, str]]) -> None:
    assert load.status == Load.Status.DONE, load.problem
    assert load.rows_read == len(rows) == sum(ends(load))
    for line in load.sums["money"]:
        assert line["read"] == sum(line[end] for end in ENDS)
    back = returned(load) if load.rejected else []
    assert len(back) == load.rejected
    assert all(row["error"] for row in back)
    assert not any(cell.startswith(("=", "@")) for row in back for cell in row.values()), (
        "a cell would run as a formula"
    )


def sound() -> None:
    """What must hold in the books after any load."""
    for balance in Balance.objects.all():
        into = sum(t.cents for t in Transfer.objects.filter(account=balance.account_id, target__lte=5))
        out = sum(t.cents for t in Transfer.objects.filter(account=balance.account_id, source__lte=5))
        assert balance.total == into - out
    assert not Payment.objects.filter(applied_at=None).exists()


def sizes() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Account, Due, Payment, Transfer))


@SOME
@given(data=st.data())
def test_every_row_ends_once_and_every_cent_is_accounted_for(bank: Bank, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["accounts", "accounts", "dues", "payments", "contacts"]))
    rows: list[dict[str, Any]] = data.draw(st.lists(ROWS[kind], min_size=1, max_size=8))
    load = bank.load(kind, *rows)
    adds_up(load, rows)
    sound()
    before = sizes()
    again = bank.load(kind, *rows)
    adds_up(again, rows)
    assert (again.loaded, again.updated, again.rejected) == (0, 0, load.rejected), "the second time nothing changes"
    assert sizes() == before
