"""A made-up portfolio of two creditors, as files: for the demo, for tests, and for benchmarks of any size.

The same seed gives the same files, byte for byte. Work goes in chunks: memory does not grow with the accounts.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from typing import IO, Literal

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from fairdue.intake.fields import Kind
from fairdue.intake.portfolio import dress
from fairdue.intake.portfolio.debts import debts
from fairdue.intake.portfolio.people import persons
from fairdue.intake.portfolio.talks import talks

FILES: tuple[Kind, ...] = ("accounts", "dues", "payments", "contacts")
CHUNK = 50_000
ACCOUNTS_PER_PERSON = 1.35
US_SHARE = 0.3
Format = Literal["csv", "parquet"]


@dataclass(frozen=True, slots=True)
class Creditor:
    """One of the two made-up creditors."""

    ref: str
    country: str
    encoding: str
    prefix: str


CREDITORS = (Creditor("cn-lender", "CN", "gb18030", "JJ"), Creditor("us-issuer", "US", "utf-8", "US"))


@dataclass(slots=True)
class Made:
    """What was written: for each creditor its mapping, its files by kind, and their rows."""

    folder: Path
    mappings: dict[str, Path] = field(default_factory=dict)
    files: dict[str, dict[Kind, Path]] = field(default_factory=dict)
    rows: dict[str, dict[Kind, int]] = field(default_factory=dict)


def generate(
    folder: Path,
    *,
    accounts: int,
    seed: int,
    as_of: date,
    contacts_per_account: float = 6.0,
    kinds: Sequence[Kind] = FILES,
    format: Format = "csv",
    us_share: float = US_SHARE,
    progress: Callable[[int], None] | None = None,
) -> Made:
    """Write the portfolio of `accounts` accounts as it stood on the morning of `as_of`.

    Under `folder`, a folder for each creditor with mapping.yaml and one file for each kind (the lender in GB18030 with
    Chinese headers, the issuer in UTF-8). `contacts_per_account` is about the mean over all accounts. `progress` is called
    with the number of accounts written since the last call.
    """
    made = Made(Path(folder))
    american = round(accounts * us_share)
    for place, (creditor, size) in enumerate(zip(CREDITORS, (accounts - american, american), strict=True)):
        home = made.folder / creditor.ref
        home.mkdir(parents=True, exist_ok=True)
        made.mappings[creditor.ref] = home / "mapping.yaml"
        made.mappings[creditor.ref].write_text(mapping_text(creditor.ref), encoding="utf-8")
        files = {kind: home / f"{kind}.{format}" for kind in kinds}
        made.files[creditor.ref], made.rows[creditor.ref] = files, dict.fromkeys(kinds, 0)
        writers = {kind: _Writer(path, creditor.encoding, format) for kind, path in files.items()}
        first_person = 0
        for start in range(0, max(size, 1), CHUNK):
            rng = np.random.default_rng([seed, place, start])
            many = min(CHUNK, size - start)
            heads = max(1, round(many / ACCOUNTS_PER_PERSON)) if many else 0
            frames = _chunk(rng, creditor, many, heads, start, first_person, contacts_per_account, as_of, kinds)
            first_person += heads
            for kind in kinds:
                writers[kind].write(frames[kind])
                made.rows[creditor.ref][kind] += len(frames[kind])
            if progress:
                progress(many)
        for writer in writers.values():
            writer.close()
    return made


def mapping_text(ref: str) -> str:
    """The mapping (YAML) of one of the made-up creditors."""
    return resources.files("fairdue.intake.portfolio").joinpath(f"{ref}.yaml").read_text("utf-8")


def _chunk(
    rng: np.random.Generator, creditor: Creditor, size: int, heads: int, first: int, first_person: int,
    per_account: float, as_of: date, kinds: Sequence[Kind],
) -> dict[Kind, pl.DataFrame]:  # fmt: skip
    country = creditor.country
    people = persons(rng, country=country, size=heads, first=first_person, year=as_of.year)
    owed = debts(rng, people, card=country == "US", as_of=as_of, size=size, prefix=creditor.prefix, first=first)
    frames: dict[Kind, pl.DataFrame] = {}
    if "accounts" in kinds:
        frames["accounts"] = dress.accounts(rng, people, owed, country=country)
    if "dues" in kinds:
        frames["dues"] = dress.dues(owed, country=country)
    if "payments" in kinds:
        frames["payments"] = dress.payments(owed, country=country)
    if "contacts" in kinds:
        said = talks(rng, people, owed, per_account=per_account, as_of=as_of, country=country)
        frames["contacts"] = dress.contacts(said, country=country)
    return frames


class _Writer:
    """Appends frames to one file."""

    def __init__(self, path: Path, encoding: str, format_: Format) -> None:
        self.path, self.encoding, self.format = path, encoding, format_
        self.file: IO[bytes] | None = None
        self.parquet: pq.ParquetWriter | None = None

    def write(self, frame: pl.DataFrame) -> None:
        if self.format == "parquet":
            table = frame.to_arrow()
            if self.parquet is None:
                self.parquet = pq.ParquetWriter(self.path, table.schema, compression="zstd")
            self.parquet.write_table(table)
            return
        first = self.file is None
        self.file = self.file or self.path.open("wb")
        if self.encoding == "utf-8":
            frame.write_csv(self.file, include_header=first)
            return
        text = io.BytesIO()
        frame.write_csv(text, include_header=first)
        self.file.write(text.getvalue().decode("utf-8").encode(self.encoding))

    def close(self) -> None:
        if self.file:
            self.file.close()
        if self.parquet:
            self.parquet.close()
