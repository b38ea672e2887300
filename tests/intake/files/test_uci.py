"""The 30,000 real card accounts go the general way, and our ageing agrees with the file as docs/uci.md says."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fairdue.intake import mapping
from fairdue.intake.checking import Checker
from fairdue.intake.fields import Kind
from fairdue.intake.portfolio import uci
from fairdue.intake.reading import open_file
from fairdue.money.ageing import Dues, age

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "examples/uci/uci_credit_card.csv.gz"


@pytest.fixture(scope="module")
def data() -> pl.DataFrame:
    return uci.read(SOURCE)


def days_past_due(data: pl.DataFrame, as_of: date) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    dues, payments = uci.schedule(data)
    paid = payments.filter(pl.col("paid_on") < as_of)
    totals = np.bincount(paid["account"], weights=paid["dollars"], minlength=len(data)).astype(np.int64)
    columns = Dues(
        account=dues["account"].cast(pl.Int32).to_numpy(),
        due_on=dues["due_on"].cast(pl.Int32).to_numpy(),
        cents=dues["dollars"].to_numpy(),
    )
    return age(columns, totals, as_of=(as_of - date(1970, 1, 1)).days).days_past_due.astype(np.int64)


def test_every_row_passes_the_general_intake(tmp_path: Path, data: pl.DataFrame) -> None:
    book = mapping.load(ROOT / "examples/uci/mapping.yaml")
    rows: dict[str, int] = {}
    money: dict[str, int] = {}
    for kind, path in uci.convert(SOURCE, tmp_path).items():
        checker = Checker(book.mappings[kind])
        for batch in open_file(path).batches():
            assert checker.check(batch).errors == []
        rows[kind] = checker.totals.rows_good
        money |= {f"{kind} {name}": cents for (name, _), cents in checker.totals.money_good.items()}
    assert rows["accounts"] == 30_000
    every_payment = sum(int(data[f"PAY_AMT{n}"].sum()) for n in range(1, 7))
    assert money["payments cents"] == every_payment * 100


def test_names_and_numbers_say_that_they_are_made_up(tmp_path: Path) -> None:
    accounts = pl.read_csv(uci.convert(SOURCE, tmp_path)["accounts"], infer_schema=False)
    assert accounts["Name"].str.contains("示例持卡人.*made up").all()
    assert accounts["E-mail"].str.ends_with("@example.com").all()
    assert accounts["Phone"].str.contains("^0990").all()


def test_the_share_that_agrees_is_the_one_in_the_document(data: pl.DataFrame) -> None:
    owes = data["BILL_AMT1"].to_numpy() > 0  # nothing is late on an account that owes nothing
    aged = np.where(owes, days_past_due(data, uci.AS_OF), 0)
    frame = pl.DataFrame({"external_ref": [f"UCI-{n:05}" for n in range(1, 30_001)], "days_past_due": aged})
    found = uci.compare(frame, SOURCE)
    document = (ROOT / "docs/uci.md").read_text("utf-8")
    assert f"{found.share:.2%}".replace("%", " %") in document
    written = {
        name.strip(): int(count.replace(",", ""))
        for name, count in re.findall(r"\| \*(.+?)\* \| ([\d,]+) \|", document)
    }
    assert written == {group.name: group.accounts for group in found.classes}
    assert sum(group.accounts for group in found.classes) == 30_000
    assert found.agreed == 25_534 + 2_175
    assert f"{found.late_agreed / 30_000:.2%}".replace("%", " %") in document


def test_two_per_cent_agrees_better_than_its_neighbours(data: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    nights = [date(2005, month, 1) for month in (6, 7, 8, 9, 10)]

    def share(per_cent: float) -> float:
        monkeypatch.setattr(uci, "MINIMUM_PER_CENT", per_cent)
        months = (uci.months_late(days_past_due(data, night)) for night in nights)
        return sum(uci.compare_months(data, late, month=n).share for n, late in enumerate(months)) / 5

    assert share(2) > max(share(1), share(3))


def test_moving_the_dates_changes_nothing_but_the_dates(tmp_path: Path) -> None:
    kinds: tuple[Kind, ...] = ("dues", "payments")
    then = uci.convert(SOURCE, tmp_path / "then")
    now = uci.convert(SOURCE, tmp_path / "now", as_of=date(2026, 11, 24))
    for kind in kinds:
        one, two = (pl.read_csv(files[kind], try_parse_dates=True) for files in (then, now))
        column = next(name for name, dtype in one.schema.items() if dtype == pl.Date)
        assert (two[column] - one[column]).unique().to_list() == [date(2026, 11, 24) - uci.AS_OF]
        assert one.drop(column).equals(two.drop(column))
