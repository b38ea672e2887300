"""Import: a file of a million accounts, end to end, and the same file again."""

import resource
import tempfile
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from fairdue.site.bench import Row, clock, scratch

SECONDS_BUDGET, GIB_BUDGET = 120, 1.0
AS_OF = date(2026, 3, 2)


def measure(quick: bool) -> list[Row]:
    """Accounts with persons, contact points, relations, cases and opening transfers, in a GB18030 CSV file."""
    size = 20_000 if quick else 1_000_000
    scratch()
    from fairdue.intake import services

    with tempfile.TemporaryDirectory() as folder:
        with get_context("spawn").Pool(1) as elsewhere:  # the memory measured is that of loading alone
            path, mapping = elsewhere.apply(make, (Path(folder), size))
        rows = []
        for which in ("first load", "the same file again"):
            with clock() as seconds:
                load = services.load_file(path=path, creditor_code="cn-lender", kind="accounts", mapping_path=mapping)
            took, gib = seconds(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            assert load.status == "done", load.problem
            ends = f"{load.loaded:,} loaded, {load.unchanged:,} unchanged, {load.rejected:,} rejected"
            rows.append(
                Row(
                    f"import, {which}", f"{load.rows_read:,} rows ({ends})",
                    f"{took:.1f} s, {load.rows_read / took:,.0f} rows/s, {gib:.2f} GiB",
                    f"≤ {SECONDS_BUDGET} s, ≤ {GIB_BUDGET:.0f} GiB", took <= SECONDS_BUDGET and gib <= GIB_BUDGET,
                )
            )  # fmt: skip
    return rows


def make(folder: Path, size: int) -> tuple[Path, Path]:
    """The file and its mapping."""
    from fairdue.intake import portfolio

    made = portfolio.generate(folder, accounts=size, seed=1, as_of=AS_OF, kinds=("accounts",), us_share=0.0)
    return made.files["cn-lender"]["accounts"], made.mappings["cn-lender"]
