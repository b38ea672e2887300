"""Keys seen so far in one file: a duplicate is found wherever it stands, without keeping the keys themselves."""

from typing import Any

import numpy as np
import polars as pl

_Hashes = np.ndarray[Any, np.dtype[np.uint64]]
_Rows = np.ndarray[Any, np.dtype[np.int64]]


class SeenKeys:
    """Sorted runs of 64-bit hashes, merged as they grow: 24 bytes a key, a look-up is a binary search.

    A key counts as seen when two independent hashes agree: for 10,000,000 keys a false hit has a chance below 10⁻²⁴.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[_Hashes, _Hashes, _Rows]] = []

    def first_rows(self, keys: pl.Series, rows: pl.Series, candidates: pl.Series) -> pl.Series:
        """For each key the row that had it first, null where it is new; new keys among `candidates` are remembered."""
        frame = pl.DataFrame({"key": keys, "row": rows, "counts": candidates}).with_columns(
            hash=keys.hash(seed=11), check=keys.hash(seed=29)
        )
        hashes, checks = frame["hash"].to_numpy(), frame["check"].to_numpy()
        first = np.full(len(frame), -1, dtype=np.int64)
        for run_hashes, run_checks, run_rows in self._runs:
            place = np.minimum(np.searchsorted(run_hashes, hashes), len(run_hashes) - 1)
            hit = (run_hashes[place] == hashes) & (run_checks[place] == checks)
            first[hit] = run_rows[place[hit]]
        within = frame.filter("counts").group_by("key").agg(pl.col("row").min().alias("first"))
        here = frame.join(within, on="key", how="left", maintain_order="left")["first"]
        repeated = (here.is_not_null() & (here != frame["row"])).to_numpy()
        found = np.where(first >= 0, first, np.where(repeated, here.fill_null(-1).to_numpy(), -1))
        new = (found < 0) & candidates.to_numpy()
        self._remember(hashes[new], checks[new], rows.to_numpy()[new])
        answer = pl.Series("first", found)
        return answer.set((answer < 0) | ~candidates, None)

    def _remember(self, hashes: _Hashes, checks: _Hashes, rows: _Rows) -> None:
        if not len(hashes):
            return
        order = np.argsort(hashes, kind="stable")
        run = hashes[order], checks[order], rows[order]
        while self._runs and len(self._runs[-1][0]) <= 2 * len(run[0]):
            older = self._runs.pop()
            both = np.concatenate((older[0], run[0]))
            order = np.argsort(both, kind="stable")
            run = both[order], np.concatenate((older[1], run[1]))[order], np.concatenate((older[2], run[2]))[order]
        self._runs.append(run)
