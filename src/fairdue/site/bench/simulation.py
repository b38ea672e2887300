"""A million tries by adversarial collectors, judged again by the brute-force checker of the tests."""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from fairdue.site.bench import Row, clock


def measure(quick: bool) -> list[Row]:
    """Tries, what was allowed, and how much of it was unlawful: none, or the figure says so."""
    tries, households = (20_000, 250) if quick else (1_000_000, 4_000)
    with clock() as seconds:
        found = _simulate()(tries=tries, seed=1, households=households)
    size = f"{found.tries:,} tries, {households:,} households"
    figure = f"{found.allowed:,} allowed, {len(found.unlawful):,} unlawful, {seconds():.0f} s"
    return [Row("adversarial collectors, judged again by brute force", size, figure, "0 unlawful", not found.unlawful)]


def _simulate() -> Callable[..., Any]:
    """The simulation lives with the tests, beside its checker."""
    tests = Path(__file__).resolve().parents[4] / "tests"
    if not (tests / "law" / "adversaries.py").exists():
        raise SystemExit("the simulation is part of the tests: measure it in a checkout of the project")
    sys.path.insert(0, str(tests))
    simulate: Callable[..., Any] = import_module("law.adversaries").simulate
    return simulate
