"""Verbs of intake: accept a file, preview it, load it whole, give back what was rejected."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from fairdue.accounts.models import Creditor
from fairdue.intake.fields import Kind
from fairdue.intake.mapping import Mapping
from fairdue.intake.models import Load
from fairdue.intake.problems import Language, Problem, RowError
from fairdue.staff.models import User

Progress = Callable[[int, int | None], None]
"""Called with (rows read so far, rows in all or None while unknown)."""


class Busy(Exception):
    """Another file of the same creditor and kind is being loaded; this one can be run when it is finished."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file as they would be understood. `problems` not empty: the file would be refused whole."""

    columns: list[str]
    rows: list[dict[str, Any]]  # canonical field → value, with "row"
    errors: list[RowError]
    warnings: list[RowError]
    problems: list[Problem]
    rows_seen: int = 0
    rejected: int = 0
    unused: list[str] = field(default_factory=list)
    format: str = ""
    encoding: str = ""


def accept(*, creditor: Creditor, kind: Kind, file: IO[bytes], name: str, mapping: str, by: User | None = None) -> Load:
    """Keep an uploaded file under MEDIA_ROOT/intake and note it. `mapping`: YAML text. Loads nothing."""
    raise NotImplementedError


def preview(*, path: Path, name: str, mapping: Mapping, rows: int = 20, language: Language = "en") -> Preview:
    """How the first `rows` rows of a file would be understood; writes nothing."""
    raise NotImplementedError


def run(*, load: Load, progress: Progress | None = None) -> Load:
    """Check, stage and apply a file: whole or not at all. A load that is done is returned as it is.

    Ends in DONE (rows may be rejected) or FAILED (`problem` says why). Raises Busy when another load of the same
    creditor and kind runs.
    """
    raise NotImplementedError


def load_file(
    *,
    path: Path,
    creditor_code: str,
    kind: Kind,
    mapping_path: Path | None = None,
    by: User | None = None,
    progress: Progress | None = None,
) -> Load:
    """accept() and run() for a file on disk. A creditor not known yet is made from the mapping file's own facts."""
    raise NotImplementedError


def check_file(*, path: Path, creditor_code: str, kind: Kind, mapping_path: Path | None = None) -> dict[str, Any]:
    """Read a whole file, loading nothing: columns, first rows as understood, counts, sums, problems; JSON-able.

    Keys: problem (text, empty if none), read, good, rejected, sums, sample, errors (first 100 sentences), format.
    """
    raise NotImplementedError
