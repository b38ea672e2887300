"""`fairdue bench`: measures the budgets of docs/architecture.md and keeps them in bench/RESULTS.md.

Each measure is a function of a module in this package, `measure(quick: bool) -> list[Row]`; it runs in a process of its
own (so that its peak memory is its own) against the scratch database `bench` of a private server.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import perf_counter

import click

from fairdue.site import embedded

MEASURES = ("gate", "simulation", "import", "payments", "charges", "night", "next")
MODULES = {
    "gate": "gate",
    "simulation": "simulation",
    "import": "importing",
    "payments": "payments",
    "charges": "charges",
    "night": "night",
    "next": "next_case",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure: what, at which size, the figure with its unit, the budget, and whether it is kept."""

    work: str
    size: str
    figure: str
    budget: str = ""
    kept: bool | None = None


@contextmanager
def clock() -> Iterator[Callable[[], float]]:
    """`with clock() as seconds: …; seconds()` gives the seconds of the block."""
    start, end = perf_counter(), None
    yield lambda: (end or perf_counter()) - start
    end = perf_counter()


def percentile(seconds: list[float], share: int) -> float:
    """The smallest of `seconds` that at least `share` percent do not exceed."""
    ordered = sorted(seconds)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def machine() -> str:
    """The machine in one line: processor, cores, memory, systems."""
    cpu = platform.processor() or platform.machine()
    try:
        names = [
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ]
        cpu = names[0] if names else cpu
    except OSError:
        pass
    import psutil

    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, {system}"


def scratch(name: str = "bench", *, fresh: bool = True) -> None:
    """Point this process at an empty, migrated scratch database."""
    import psycopg
    from django.conf import settings as django_settings
    from django.db import connections
    from psycopg import sql

    base = embedded.start(embedded.home() / "bench-pg")
    if fresh:
        if django_settings.configured:
            connections.close_all()  # of the size measured before
        with psycopg.connect(base, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
    os.environ.pop("DATABASE_URL", None)
    embedded.ensure_database_url(name=name, folder=embedded.home() / "bench-pg")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairdue.site.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def run(*, only: tuple[str, ...] = (), quick: bool = False) -> int:
    """Measure everything (or `only`), print the table, write bench/RESULTS.md unless quick; 1 when a measure failed."""
    unknown = set(only) - set(MEASURES)
    if unknown:
        raise click.ClickException(f"unknown measure {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    results: dict[str, list[Row]] = {}
    failed = []
    for name in only or MEASURES:
        click.echo(f"measuring {name} …", err=True)
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "fairdue.site.bench", name, *(["--quick"] if quick else [])],
            stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            failed.append(name)
            continue
        results[name] = [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]
        click.echo(table(results[name]))
    if not quick:
        write(results)
    if failed:
        click.echo(f"failed: {', '.join(failed)}", err=True)
    return 1 if failed else 0


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    mark = {True: "yes", False: "**no**", None: ""}
    lines = ["| work | size | measured | budget | kept |", "|---|---|---|---|---|"]
    lines += [f"| {r.work} | {r.size} | {r.figure} | {r.budget} | {mark[r.kept]} |" for r in rows]
    return "\n".join(lines)


def write(results: dict[str, list[Row]]) -> None:
    """Keep the results: a measure that did not run this time keeps its figures of last time."""
    folder = Path(__file__).resolve().parents[4] / "bench"
    folder.mkdir(exist_ok=True)
    kept = folder / "results.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    now = datetime.now(UTC).strftime("%Y-%m-%d")
    for name, rows in results.items():
        known[name] = {"on": now, "machine": machine(), "rows": [asdict(row) for row in rows]}
    kept.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")
    text = [
        "# What was measured",
        "",
        "By `make bench` (or `fairdue bench --only NAME`). Figures are of the machine named with them.",
    ]
    for name in MEASURES:
        if name in known:
            rows = [Row(**row) for row in known[name]["rows"]]
            text += ["", f"## {name}", f"{known[name]['on']}, {known[name]['machine']}", "", table(rows)]
    (folder / "RESULTS.md").write_text("\n".join(text) + "\n")


def child(name: str, *, quick: bool) -> None:
    """Run one measure in this process and print its rows as the last line."""
    rows: list[Row] = import_module(f"fairdue.site.bench.{MODULES[name]}").measure(quick)
    print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))  # noqa: T201
