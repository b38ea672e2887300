"""The night run end to end, per step, with its memory: a first night, and the next one."""

import os
import resource
from datetime import UTC, date, datetime, time, timedelta

import psutil

from fairdue.site.bench import Row, clock, scratch

SECONDS_BUDGET = 120
GIB_BUDGET = 4.0


def measure(quick: bool) -> list[Row]:
    """100,000 accounts with 2,000,000 past attempts, then ten times as much; the last portfolio is kept for `next`."""
    sizes = [(20_000, 400_000)] if quick else [(100_000, 2_000_000), (1_000_000, 20_000_000)]
    rows = []
    for accounts, attempts in sizes:
        rows += _measure(accounts, attempts)
    return rows


def _measure(accounts: int, attempts: int) -> list[Row]:
    scratch("bench_night")
    from fairdue.site.bench import portfolio

    with clock() as filling:
        portfolio.fill(accounts=accounts, attempts=attempts)
    size = f"{accounts:,} accounts, {attempts:,} attempts"
    rows = [Row("portfolio made", size, f"{filling():.0f} s")]
    for which, day in (("first night", portfolio.DAY), ("next night", portfolio.DAY + timedelta(days=1))):
        rows += _night(which, day, size, budgeted=accounts >= 1_000_000)
    return rows


def _night(which: str, day: date, size: str, *, budgeted: bool) -> list[Row]:
    from fairdue.flows import night

    rows: list[Row] = []

    def note(step: str, counts: dict[str, object], seconds: float) -> None:
        rows.append(Row(f"{which}: {step}", size, f"{seconds:.1f} s"))

    now = datetime.combine(day, time(), UTC) - timedelta(hours=5, minutes=30)
    with clock() as seconds:
        run = night.run(day, now=now, progress=note)
    whole = seconds()
    gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    server = _server_gib()
    figure = f"{whole:.1f} s, {gib:.2f} + {server:.2f} GiB (here + database), {run.summary['items']:,} items"
    kept = whole <= SECONDS_BUDGET and gib + server <= GIB_BUDGET
    rows.append(
        Row(f"{which}: end to end", size, figure, f"≤ {SECONDS_BUDGET} s, ≤ {GIB_BUDGET:.0f} GiB" if budgeted else "",
            kept if budgeted else None)
    )  # fmt: skip
    return rows


def _server_gib() -> float:
    """Memory of this server's processes now, each shared page counted once per process that touched it alone (USS)."""
    from fairdue.site import embedded

    pid_file = embedded.home() / "bench-pg" / "postmaster.pid"
    if not pid_file.exists() or os.name != "posix":
        return 0.0
    server = psutil.Process(int(pid_file.read_text().split()[0]))
    return sum(process.memory_full_info().uss for process in (server, *server.children())) / 2**30
