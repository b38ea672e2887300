"""The 30,000 card accounts of the UCI file as a creditor's files, and how our ageing compares with the file's own.

Source: I-Cheng Yeh, "Default of Credit Card Clients", UCI Machine Learning Repository, CC BY 4.0. What the columns
mean, why the due is two per cent, and every class of disagreement: docs/uci.md. Identities are made up and say so.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from fairdue.intake.fields import Kind
from fairdue.intake.problems import Said

AS_OF = date(2005, 10, 1)
"""The day after the last payment the file knows of. Statuses of August speak of this day (docs/uci.md)."""
MINIMUM_PER_CENT = 2
BILL_MONTHS = ("6", "5", "4", "3", "2", "1")
"""Suffixes of BILL_AMT and PAY_AMT from April to September 2005."""
STATUS_COLUMNS = ("PAY_6", "PAY_5", "PAY_4", "PAY_3", "PAY_2", "PAY_0")
OLDER_MAX = 8
"""Most dues of before April that are carried in: the file's status stops at eight months."""
PAID_ON_DAY, DUE_ON_DAY = 10, 15
REFERENCE = ["EDUCATION", "MARRIAGE", "AGE", *STATUS_COLUMNS, "class"]

Money = np.ndarray[Any, np.dtype[np.int64]]


def read(source: Path) -> pl.DataFrame:
    """The file as whole numbers (`1.00E+05` is 100000, exactly), gzip or plain. 30,000 rows."""
    data = gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes()
    frame = pl.read_csv(data, infer_schema=False)
    return frame.select(pl.all().cast(pl.Float64).cast(pl.Int64))


def convert(source: Path, folder: Path, *, as_of: date = AS_OF) -> dict[Kind, Path]:
    """Write accounts.csv, dues.csv and payments.csv for examples/uci/mapping.yaml; kind → path.

    `as_of`: the night the files are made for. Every date moves by the same number of days, so that 1 October 2005
    becomes `as_of` and everything ages as it did.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = read(source)
    shift = (as_of - AS_OF).days
    dues, payments = schedule(data)
    refs = _refs(data)
    frames: dict[Kind, pl.DataFrame] = {
        "accounts": _accounts(data, refs, shift),
        "dues": dues.select(
            pl.lit(refs).gather(pl.col("account")).alias("Account"),
            pl.col("n").alias("No"),
            _moved("due_on", shift).alias("Due date"),
            pl.col("dollars").alias("Amount due NT$"),
            pl.col("what").alias("What"),
        ),
        "payments": payments.select(
            pl.lit(refs).gather(pl.col("account")).alias("Account"),
            (pl.lit(refs).gather(pl.col("account")) + "-" + pl.col("month").cast(pl.String).str.zfill(2)).alias(
                "Reference"
            ),
            _moved("paid_on", shift).alias("Paid on"),
            pl.col("dollars").alias("Paid NT$"),
        ),
    }
    paths: dict[Kind, Path] = {}
    for kind, frame in frames.items():
        paths[kind] = folder / f"{kind}.csv"
        frame.write_csv(paths[kind])
    return paths


def schedule(data: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Dues (account, n, due_on, dollars, what) and payments (account, month, paid_on, dollars), dates of 2005.

    The bill of a month asks for two per cent of its balance, due on the 15th of the next month; the payment the file
    puts in that next month is dated the 10th. What is paid above everything asked for repays the balance: it becomes
    a due of its own on the day it is paid, for on a card it does not pay the next minimum in advance. Accounts that
    are already late in April bring older dues with them.
    """
    bills = np.stack([np.maximum(data[f"BILL_AMT{m}"].to_numpy(), 0) for m in BILL_MONTHS], axis=1)
    paid = np.stack([data[f"PAY_AMT{m}"].to_numpy() for m in BILL_MONTHS], axis=1)
    minimum = bills * MINIMUM_PER_CENT // 100
    older = _older_dues(data["PAY_6"].to_numpy(), minimum[:, 0], paid[:, 1])
    rows = [_rows(older[:, i], _day(4 - (OLDER_MAX - 1 - i), DUE_ON_DAY), "before April") for i in range(OLDER_MAX)]
    # April's payment was for bills we do not have. It must not pay the dues brought forward, so it comes before them.
    behind = (older > 0).any(axis=1)
    first_older = np.where(behind, OLDER_MAX - (older > 0).sum(axis=1), OLDER_MAX)
    for place in range(OLDER_MAX + 1):
        mine = (first_older == place) & (paid[:, 0] > 0)
        day = (
            _day(4, PAID_ON_DAY) if place == OLDER_MAX else _day(4 - (OLDER_MAX - 1 - place), DUE_ON_DAY) - timedelta(1)
        )
        rows.append(_rows(np.where(mine, paid[:, 0], 0), day, "paid in April"))
    open_dues = older.sum(axis=1)
    for place in range(6):
        rows.append(_rows(minimum[:, place], _day(5 + place, DUE_ON_DAY), "minimum"))
        if place == 5:
            break  # September's bill falls due in October, after the last payment known
        open_dues = open_dues + minimum[:, place]
        above = np.maximum(paid[:, place + 1] - open_dues, 0)
        rows.append(_rows(above, _day(5 + place, PAID_ON_DAY), "above the minimum"))
        open_dues = np.maximum(open_dues - paid[:, place + 1], 0)
    dues = pl.concat(rows).sort("account", "due_on", maintain_order=True)
    dues = dues.with_columns(n=pl.int_range(1, pl.len() + 1).over("account"))
    payments = pl.concat(
        _rows(paid[:, i], _day(4 + i, PAID_ON_DAY), "").with_columns(month=pl.lit(4 + i)) for i in range(6)
    ).sort("account", "due_on")
    return dues, payments.rename({"due_on": "paid_on"}).drop("what")


def _older_dues(april: Money, minimum: Money, paid_in_may: Money) -> Money:
    """Dues of before April, one column a month, the latest last.

    A first missed bill is status 2, so status k is k - 2 bills older than April's. Who paid in May and is late all the
    same had as many more open as the payment could cover (three at most).
    """
    due = np.maximum(minimum, 1)
    covered = np.where(minimum > 0, np.minimum(paid_in_may // due, 3), 0)
    count = np.where(april >= 2, np.minimum(april - 2 + covered, OLDER_MAX), 0)
    places = np.arange(OLDER_MAX)
    return np.where(OLDER_MAX - places <= count[:, None], due[:, None], 0)


def _rows(dollars: Money, day: date, what: str) -> pl.DataFrame:
    account = np.flatnonzero(dollars)
    return pl.DataFrame({"account": account, "dollars": dollars[account]}).select(
        "account", "dollars", due_on=pl.lit(day), what=pl.lit(what)
    )


def _day(month: int, day: int) -> date:
    """Month 4 is April 2005; months before January are of 2004."""
    return date(2005 + (month - 1) // 12, (month - 1) % 12 + 1, day)


def _refs(data: pl.DataFrame) -> pl.Series:
    return ("UCI-" + data["ID"].cast(pl.String).str.zfill(5)).alias("Account")


def _moved(column: str, shift: int) -> pl.Expr:
    return pl.col(column) + pl.duration(days=shift)


def _accounts(data: pl.DataFrame, refs: pl.Series, shift: int) -> pl.DataFrame:
    """The account file. Phones are of Taiwan's personal-number range 099, which was hardly ever sold."""
    number = data["ID"].cast(pl.String).str.zfill(5)
    limit = AS_OF + timedelta(days=shift)
    return pl.DataFrame(
        {
            "Account": refs,
            "Name": "示例持卡人 " + number + " (made up)",
            "Phone": "0990000000".removesuffix("00000") + number,
            "E-mail": "holder" + number + "@example.com",
            "Address": "示例路 " + number + " 号 (made up)",
            "Sex": data["SEX"],
            "Limit NT$": data["LIMIT_BAL"],
            "Balance NT$": pl.select(pl.max_horizontal(pl.lit(data["BILL_AMT1"]), 0)).to_series(),
            "Placed on": pl.Series([limit - timedelta(days=1)]).new_from_index(0, len(data)),
            "Placement": pl.Series([f"UCI-{limit:%Y%m}"]).new_from_index(0, len(data)),
            **{name: data[name] for name in REFERENCE},
        }
    )


# ── comparison ──


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of agreement or disagreement and how many accounts are of it."""

    name: str
    says: Said
    accounts: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Our ageing on the night of `as_of` against the file's status of August (PAY_2).

    table: rows file (0, 1, 2, … months late), columns ours, cells accounts. agreed: accounts with the same number.
    late_agreed: accounts where both say late or both say not late.
    """

    accounts: int
    agreed: int
    late_agreed: int
    table: pl.DataFrame
    classes: list[Group]

    @property
    def share(self) -> float:
        """Share of accounts where both name the same number of months."""
        return self.agreed / self.accounts


def months_late(days_past_due: Money) -> Money:
    """The file's scale: it counts the month of the bill itself, so a first missed bill (M1, 1 to 30 days) is 2."""
    return np.where(days_past_due > 0, (days_past_due + 29) // 30 + 1, 0)


def compare(days_past_due: Mapping[str, int] | pl.DataFrame, source: Path) -> Comparison:
    """Compare with the source file. `days_past_due`: by external_ref ("UCI-00001"), as a mapping or a frame with
    columns external_ref and days_past_due, on the night the files were made for. Missing accounts count as 0."""
    data = read(source)
    if not isinstance(days_past_due, pl.DataFrame):
        pairs = list(days_past_due.items())
        days_past_due = pl.DataFrame(pairs, schema={"external_ref": pl.String, "days_past_due": pl.Int64}, orient="row")
    aged = pl.DataFrame({"external_ref": _refs(data)}).join(
        days_past_due.select("external_ref", "days_past_due"), on="external_ref", how="left", maintain_order="left"
    )
    ours = months_late(aged["days_past_due"].fill_null(0).cast(pl.Int64).to_numpy())
    return compare_months(data, ours, month=4)


def compare_months(data: pl.DataFrame, ours: Money, *, month: int) -> Comparison:
    """Compare months late with the status of the bill of `month` (0 = April … 4 = August)."""
    status = data[STATUS_COLUMNS[month]].to_numpy()
    file = np.maximum(status, 0)
    pairs = pl.DataFrame({"file": file, "ours": ours})
    table = (
        pairs.group_by("file", "ours")
        .len()
        .sort("ours")
        .pivot("ours", index="file", values="len")
        .sort("file")
        .fill_null(0)
    )
    masks = _classes(data, file, ours, month)
    assert np.sum([mask.sum() for _, _, mask in masks]) == len(file), "a class is missing, or two overlap"
    return Comparison(
        accounts=len(file),
        agreed=int((file == ours).sum()),
        late_agreed=int(((file > 0) == (ours > 0)).sum()),
        table=table,
        classes=[Group(name, says, int(mask.sum())) for name, says, mask in masks],
    )


def _classes(data: pl.DataFrame, file: Money, ours: Money, month: int) -> list[tuple[str, Said, Any]]:
    """Every account in exactly one class: (name, explanation, mask)."""
    bill = data[f"BILL_AMT{BILL_MONTHS[month]}"].to_numpy()
    before = data[STATUS_COLUMNS[month - 1]].to_numpy() if month else np.zeros(len(file), dtype=np.int64)
    both = (file >= 2) & (ours > 0)
    missed = (file >= 2) & (ours == 0)
    return [
        ("agree, not late", Said("都说没有逾期", "both say not late"), (file == 0) & (ours == 0)),
        ("agree, same months", Said("都说逾期，月数相同", "both say late, the same months"), both & (file == ours)),
        (
            "still behind",
            Said(
                "上月已逾期，本月付了最低还款额：银行认为仍未补上（滞纳金、先前欠额），我们按 2% 认为已补上",
                "late the month before and paid again: to the bank not enough to catch up (older arrears and late fees "
                "are not in the file), to a minimum of 2 % enough",
            ),
            missed & (bill > 0) & (before >= 2),
        ),
        (
            "more was asked",
            Said(
                "上月未逾期，本月付了 2% 以上仍标为逾期：该户的最低还款额更高，或在到期日之后才付",
                "not late before, paid 2 % or more, yet marked late: this account's minimum was higher, or it paid "
                "after the due date within the month",
            ),
            missed & (bill > 0) & (before < 2),
        ),
        (
            "no bill",
            Said("账单为零或贷方余额，却标为逾期：文件自相矛盾", "marked late though the bill is nil or in credit"),
            missed & (bill <= 0),
        ),
        (
            "marked current",
            Said(
                "有账单、付款不足 2%，却标为未逾期：文件没有说明原因（可能有分期、争议或退货）",
                "a bill, less than 2 % paid, yet marked current: the file does not say why "
                "(instalments, a dispute, a refund)",
            ),
            (file == 0) & (ours > 0),
        ),
        (
            "count stands still",
            Said(
                "都说逾期，我们的月数更多：长期不付，文件的月数却不增加或退回 2",
                "both late, ours longer: nothing is paid for months, yet the file's count stands still "
                "or falls back to 2",
            ),
            both & (ours > file),
        ),
        (
            "count runs ahead",
            Said(
                "都说逾期，我们的月数更少：付款先冲最早的账单，2% 的最低额较快冲完",
                "both late, ours shorter: payments go to the oldest bill first, and dues of 2 % are soon covered",
            ),
            both & (ours < file),
        ),
        (
            "one month",
            Said(
                "文件写 1：八月之前几乎不用，含义不明", "the file says 1: hardly used before September, meaning unclear"
            ),
            file == 1,
        ),
    ]
