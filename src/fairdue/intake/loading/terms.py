"""What an accounts file says of the contract: accounts with a `charges_from` are charged by us every night from that day."""

from datetime import date
from decimal import Decimal
from typing import Final

import polars as pl

from fairdue.accounts.caps import cap_of
from fairdue.intake.fields import COMPOUNDINGS, DAY_COUNTS, PENALTY_ON
from fairdue.intake.loading.faults import Fault
from fairdue.intake.loading.session import Session
from fairdue.law.calc.figures import BeyondTable
from fairdue.money.interest import NO_CAP, RATE_MAX, Compounding, DayCount, PenaltyOn

_CODES: Final = {"act/365": DayCount.ACT_365, "act/360": DayCount.ACT_360, "30/360": DayCount.THIRTY_360}
assert tuple(_CODES) == DAY_COUNTS
assert tuple(each.name.lower() for each in Compounding) == COMPOUNDINGS
assert tuple(each.name.lower() for each in PenaltyOn) == PENALTY_ON
_COLUMNS: Final = "rate, penalty, late_fee, since, day_count, cap, cap_rate, late_fee_after, compounding, penalty_on"
_TERMS: Final = f"""
    insert into accounts_terms (account_id, {_COLUMNS}, fraction)
    select account_id, {_COLUMNS}, 0 from load_terms order by account_id
    on conflict (account_id) do update set ({_COLUMNS})
        = ({", ".join(f"excluded.{name}" for name in _COLUMNS.split(", "))})
"""  # noqa: S608
_ACCRUALS: Final = """
    insert into accounts_accrual (account_id, upto, interest_carry, penalty_carry, cap_carry, bearing, room, stale)
    select account_id, since - 1, 0, 0, 0, 0, 0, true from load_terms order by account_id
    on conflict (account_id) do update set stale = true
"""


def faults(good: pl.DataFrame) -> list[Fault]:
    """Rates beyond reason, and ceilings whose height on the day of the contract is not known."""
    found: dict[int, Fault] = {}
    for row in _charged(good).iter_rows(named=True):
        for field in ("rate", "penalty_rate"):
            if row[field] is not None and Decimal(row[field]) * 10_000 > RATE_MAX:
                found.setdefault(
                    row["row"], Fault(row["row"], "out_of_range", row[field], str(RATE_MAX // 10_000), field)
                )
        try:
            _cap(row["cost_cap"], row["opened_on"] or row["charges_from"])
        except BeyondTable as beyond:
            day = str(row["opened_on"] or row["charges_from"])
            found.setdefault(row["row"], Fault(row["row"], "out_of_range", day, beyond.why, "cost_cap"))
    return list(found.values())


def table(good: pl.DataFrame) -> pl.DataFrame | None:
    """The terms of the rows that say them, with account_id; None when none does."""
    rows = [
        (
            row["account_id"], _millionths(row["rate"]), _millionths(row["penalty_rate"]), row["late_fee"] or 0,
            row["charges_from"], int(_CODES[row["day_count"] or "act/365"]), row["cost_cap"] or "",
            _cap(row["cost_cap"], row["opened_on"] or row["charges_from"]), row["late_fee_after"] or 0,
            COMPOUNDINGS.index(row["compounding"] or "none"), PENALTY_ON.index(row["penalty_on"] or PENALTY_ON[0]),
        )
        for row in _charged(good).iter_rows(named=True)
    ]  # fmt: skip
    if not rows:
        return None
    kinds = {
        "account_id": pl.Int64, "rate": pl.Int64, "penalty": pl.Int64, "late_fee": pl.Int64, "since": pl.Date,
        "day_count": pl.Int64, "cap": pl.String, "cap_rate": pl.Int64, "late_fee_after": pl.Int64, "compounding": pl.Int64,
        "penalty_on": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=kinds, orient="row")


def apply(session: Session, terms: pl.DataFrame) -> None:
    """Write the terms down; what was charged before is told anew by the next night."""
    session.fill("load_terms", terms)
    session.execute(_TERMS, step="terms")
    session.execute(_ACCRUALS, step="terms")


def _charged(good: pl.DataFrame) -> pl.DataFrame:
    return good.filter(pl.col("charges_from").is_not_null())


def _millionths(percent: str | None) -> int:
    return int(Decimal(percent) * 10_000) if percent else 0


def _cap(name: str | None, contract_on: date) -> int:
    return cap_of(name, contract_on) if name else NO_CAP
