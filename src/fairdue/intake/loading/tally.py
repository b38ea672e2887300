"""Every row ends once, and the money adds up: what was read = loaded + updated + unchanged + rejected."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from fairdue.intake.checking import NO_CURRENCY, Totals
from fairdue.intake.fields import FIELDS
from fairdue.intake.loading.ends import ENDS
from fairdue.intake.mapping import Mapping
from fairdue.intake.problems import RowError


def money_fields(mapping: Mapping) -> list[str]:
    """The money columns the file brings, in order."""
    return [name for name, spec in FIELDS[mapping.kind].items() if spec.type == "money" and name in mapping.fields]


@dataclass(slots=True)
class Tally:
    """Counts and sums of one load. `money`: (field, currency, end) → minor units; rows of unknown currency under "?"."""

    mapping: Mapping
    rows: Counter[str] = field(default_factory=Counter)
    money: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, good: pl.DataFrame, ends: pl.Series) -> None:
        """Count the checked rows of a batch by their ends."""
        named = money_fields(self.mapping)
        grouped = (
            good.select(pl.col("currency").fill_null(NO_CURRENCY), *named)
            .with_columns(ends.alias("end"))
            .group_by("end", "currency")
            .agg(pl.len(), pl.col(named).sum())
        )
        for line in grouped.iter_rows(named=True):
            self.rows[line["end"]] += line["len"]
            for name in named:
                self.money[name, line["currency"], line["end"]] += int(line[name])

    def reject(self, errors: list[RowError]) -> None:
        """Count faults by their code."""
        self.faults.update(error.code for error in errors)

    def close(self, totals: Totals) -> dict[str, Any]:
        """Add what checking refused, prove that everything adds up, and give Load.sums."""
        self.rows["rejected"] += totals.rows_rejected
        for (name, currency), cents in totals.money_rejected.items():
            self.money[name, currency, "rejected"] += cents
        assert sum(self.rows.values()) == totals.rows_read, f"rows lost: {dict(self.rows)} of {totals.rows_read}"
        read: Counter[tuple[str, str]] = Counter()
        for (name, currency, _), cents in self.money.items():
            read[name, currency] += cents
        for key, cents in totals.money_read.items():
            assert read[key] == cents, f"money lost: {key} {read[key]} of {cents}"
        return {
            "money": [
                {"field": name, "currency": currency, "read": cents}
                | {end: self.money[name, currency, end] for end in ENDS}
                for (name, currency), cents in sorted(read.items())
                if cents
            ],
            "faults": dict(self.faults.most_common()),
            "unreadable": {name: cells for name, cells in totals.unreadable.items() if cells},
        }
