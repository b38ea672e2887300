"""Reads planning/weights.yaml (or another file of that form) and refuses what cannot be meant.

How to call: `load_weights()` or `load_weights(path)`; WeightsError lists every fault with file, field and cure.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Weights:
    """Checked weights; see planning/weights.yaml."""

    buckets: int


def load_weights(path: Path | None = None) -> Weights:
    """The weights of `path`, or of the file that comes with Fairdue."""
    raise NotImplementedError
