"""Values that pass the checks of the file but not the columns of the database: found before anything is written."""

import polars as pl

from fairdue.intake.fields import FIELDS, Kind
from fairdue.intake.loading.faults import Fault

LENGTHS: dict[Kind, dict[str, int]] = {
    "accounts": {
        "external_ref": 60, "placement_ref": 60, "name": 120, "contact1_name": 120, "contact2_name": 120,
        "contact3_name": 120, "region": 12, "phone_zones": 400, "phone2_zones": 400, "contact1_zones": 400,
        "contact2_zones": 400, "contact3_zones": 400,
    },
    "dues": {},
    "payments": {"reference": 80, "method": 20, "payer": 120},
    "bank": {"payer": 120},
    "contacts": {"reference": 80, "agent": 60, "note": 500},
}  # fmt: skip
"""Longest text the database keeps, where that is less than the file may hold; a test compares with the models."""

LARGEST: dict[Kind, dict[str, int]] = {"accounts": {"term_months": 32_767}, "dues": {}, "payments": {}, "bank": {},
                                       "contacts": {}}  # fmt: skip


def misfits(good: pl.DataFrame, kind: Kind) -> list[Fault]:
    """One fault per row that the database could not hold."""
    found: dict[int, Fault] = {}
    for field, limit in LENGTHS[kind].items():
        if FIELDS[kind][field].chars_max <= limit and not FIELDS[kind][field].derived:
            continue
        long = good.filter(pl.col(field).str.len_chars() > limit).select("row", field)
        for row, text in long.iter_rows():
            found.setdefault(row, Fault(row, "too_long_here", text, str(limit), field))
    for field, limit in LARGEST[kind].items():
        for row, number in good.filter(~pl.col(field).is_between(0, limit)).select("row", field).iter_rows():
            found.setdefault(row, Fault(row, "out_of_range", str(number), str(limit), field))
    return list(found.values())
