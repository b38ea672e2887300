"""The story of one load: read, check, stage and apply batch after batch, inside the caller's one transaction.

Two threads share the work: while the database applies a batch, Python reads, checks and seals the next one.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from fairdue.intake.batches import Batch
from fairdue.intake.checking import Checked, Checker, unused_directions
from fairdue.intake.fields import Kind
from fairdue.intake.loading import accounts, bank, contacts, dues, payments, verifying
from fairdue.intake.loading.ends import Ended, Loader, Prepared, Setting
from fairdue.intake.loading.faults import row_error
from fairdue.intake.loading.returns import Returns
from fairdue.intake.loading.session import Session
from fairdue.intake.loading.tally import Tally
from fairdue.intake.mapping import missing_columns
from fairdue.intake.problems import FileRefused, Language
from fairdue.intake.reading import Reading, open_file

LOADERS: dict[Kind, Callable[[Setting], Loader]] = {
    "accounts": accounts.Accounts,
    "dues": dues.Dues,
    "payments": payments.Payments,
    "bank": bank.Bank,
    "contacts": contacts.Contacts,
}

Step = Callable[[str, Tally, int], None]
"""Told (what is being done, the tally so far, rows read)."""


@dataclass(slots=True)
class Loaded:
    """What a load did. `rows`: end → rows; `sums`: Load.sums; `seconds`: step → time; `rejected_path`: "" if none."""

    rows: dict[str, int]
    read: int
    sums: dict[str, Any]
    seconds: dict[str, float] = field(default_factory=dict)
    rejected_path: str = ""


@dataclass(slots=True)
class _Batch:
    batch: Batch
    checked: Checked
    prepared: Prepared


def load(path: Path, *, setting: Setting, rejected: Path, language: Language, tell: Step) -> Loaded:
    """Load `path` whole, within the caller's transaction. Rejected rows go to `rejected`.

    Raises FileRefused when the file or its mapping cannot be used at all, or is damaged in the middle.
    """
    reading = opened(path, setting)
    returns = Returns(rejected)
    work = _Work(setting, returns, language, tell)
    try:
        for batch in _timed(reading, work.session):
            work.take(batch)
        work.settle()
        if reading.problems:
            raise FileRefused(reading.problems)
        return work.close()
    except BaseException:
        work.abandon()
        returns.drop()
        raise


def opened(path: Path, setting: Setting) -> Reading:
    """The file opened as its mapping says. Raises FileRefused for what is wrong with the file or its columns."""
    mapping = setting.mapping
    reading = open_file(
        path, encoding=mapping.encoding, separator=mapping.separator, sheet=mapping.sheet, header_row=mapping.header_row
    )
    problems = reading.problems or missing_columns(mapping, reading.columns, name=setting.name)
    if problems:
        raise FileRefused(problems)
    return reading


def _timed(reading: Reading, session: Session) -> Any:
    batches = reading.batches()
    while True:
        started = perf_counter()
        batch = next(batches, None)
        session.book("read", started)
        if batch is None:
            return
        yield batch


class _Work:
    """The load at work: one batch in the hands of the database, the next on the bench."""

    def __init__(self, setting: Setting, returns: Returns, language: Language, tell: Step) -> None:
        self.session = Session()
        self._marks = verifying.marks(self.session)
        self._checker = Checker(setting.mapping, language=language, as_of=setting.today)
        self._loader = LOADERS[setting.mapping.kind](setting)
        self._setting, self._returns, self._language, self._tell = setting, returns, language, tell
        self._tally = Tally(setting.mapping)
        self._read = 0
        self._database = ThreadPoolExecutor(1, thread_name_prefix="intake")
        self._running: Future[Ended] | None = None
        self._last: _Batch | None = None

    def take(self, batch: Batch) -> None:
        """Check and prepare a batch, wait for the one before, hand this one over. Raises FileRefused."""
        started = perf_counter()
        unused = unused_directions(batch, self._setting.mapping, name=self._setting.name)
        if unused:
            raise FileRefused(unused)
        checked = self._checker.check(batch)
        self.session.book("check", started)
        started = perf_counter()
        prepared = self._loader.prepare(checked.good, self.session)
        self.session.book("prepare", started)
        self.settle()
        self._last = _Batch(batch, checked, prepared)
        self._running = self._database.submit(self._loader.apply, prepared, self.session)

    def settle(self) -> None:
        """Wait for the batch in the database; count and return its rows."""
        if self._running is None or self._last is None:
            return
        started = perf_counter()
        ended = self._running.result()
        self.session.book("wait", started)
        last, self._running, self._last = self._last, None, None
        self._tally.add(last.checked.good, ended.ends_of(last.checked.good["row"]))
        faults = [row_error(fault, self._setting.mapping) for fault in ended.faults]
        errors = sorted([*last.checked.errors, *faults], key=lambda error: error.row)
        self._tally.reject(errors)
        self._returns.add(last.batch, errors, self._language)
        self._read += len(last.batch.frame)
        self._tell("rows", self._tally, self._read)

    def close(self) -> Loaded:
        """Finish, prove that rows and money add up and that every new row has its parents."""
        self._tell("finishing", self._tally, self._read)
        self._loader.finish(self.session)
        verifying.verify(self.session, self._marks)
        sums = self._tally.close(self._checker.totals)
        assert self._returns.rows == self._tally.rows["rejected"], "a rejected row was not returned"
        self._database.shutdown()
        seconds = {step: round(spent, 2) for step, spent in self.session.seconds.items()}
        return Loaded(dict(self._tally.rows), self._checker.totals.rows_read, sums, seconds, self._returns.close())

    def abandon(self) -> None:
        """Wait until the database is left alone, so that the transaction can be rolled back."""
        self._database.shutdown(cancel_futures=True)
