"""What goes back to the creditor runs nothing when it is opened, and can be sent in again as it is."""

import io
from pathlib import Path

import polars as pl
import pytest

from fairdue.intake import mapping
from fairdue.intake.checking import Checker
from fairdue.intake.reading import open_file
from fairdue.intake.writing import neutralised, write_rejected

BOOK = mapping.parse(
    """
creditor: {ref: bank}
defaults: {currency: CNY, country: CN, dates: [YYYY-MM-DD]}
payments:
  columns: {account_ref: a, reference: r, happened_on: d, cents: c, payer: p}
"""
)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("\tx", "'\tx"),
        ("-12.50", "-12.50"),
        ("+86 138-1234-5678", "+86 138-1234-5678"),
        ("张三", "张三"),
        (None, None),
    ],
)
def test_only_what_a_spreadsheet_would_run_is_changed(cell: str | None, written: str | None) -> None:
    assert neutralised(pl.DataFrame({"x": [cell]}, schema={"x": pl.String}))["x"][0] == written


def test_returned_rows_are_corrected_and_sent_in_again(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("a,r,d,c,p\nA1,=R1,2026-02-30,100,张三\nA2,R2,2026-03-01,5,\n")
    rejected = [Checker(BOOK.mappings["payments"], language="zh").check(b).rejected for b in open_file(path).batches()]
    out = io.BytesIO()
    assert write_rejected(rejected[0], out, first=True) == 1
    back = tmp_path / "back.csv"
    text = out.getvalue().decode("utf-8-sig")
    assert text.splitlines()[0] == "a,r,d,c,p,row,error"
    assert "2026 年 2 月只有 28 天" in text
    back.write_text(text.replace("2026-02-30", "2026-02-28"))
    (again,) = (Checker(BOOK.mappings["payments"]).check(batch) for batch in open_file(back).batches())
    assert again.good.select("reference", "cents", "payer").rows() == [("=R1", 10_000, "张三")]
    assert again.rejected.columns == ["a", "r", "d", "c", "p", "row", "error"]
