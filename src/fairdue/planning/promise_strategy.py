"""Reads planning/promises.yaml, or another file of that form, and refuses what cannot be meant.

    strategy = load_strategy()                    # of the file that comes with Fairdue, or of the path given
    step = next_steps(strategy, times=times, bucket=bucket, cents=cents, minor=100)     # int8 Next by row

StrategyError lists every fault at once, each with file, field, what was found and how to mend it.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import yaml

from fairdue.planning.columns import I8, I64

BUCKETS: Final = 8
CHANNELS: Final = ("email",)
"""Channels that send by themselves."""
Steps = tuple[tuple[int, int], ...]
"""(up to, percent), rising."""


class Next(IntEnum):
    """What follows a broken promise. Stored: members keep their numbers."""

    NONE = 0
    MESSAGE = 1
    CALL = 2
    PLAN = 3
    LEAD = 4


_WORDS: Final = {
    Next.MESSAGE: ("先发一条友好的提醒", "a friendly message first"),
    Next.CALL: ("友好致电，问清原因", "a friendly call, to hear why"),
    Next.PLAN: ("不再约承诺，按收支提出分期方案", "offer a plan by their budget, no further promise"),
    Next.LEAD: ("由主管先看，再决定下一步", "the lead looks at it before anything else"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of `broken`: it holds where each number is reached. amount: whole units of the currency."""

    times: int
    bucket: int
    amount: int
    next: Next


@dataclass(frozen=True, slots=True)
class Chances:
    """First judgement in percent, and how soon records outweigh it. by_size: of the greatest payment, in percent."""

    by_bucket: tuple[int, ...]
    by_size: Steps
    by_size_beyond: int
    by_size_never_paid: int
    by_days: Steps
    by_days_beyond: int
    house_prior: int
    own_prior: int
    late_percent: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Limits:
    """When a warning is given while a promise is taken; see the file."""

    open_most: int
    far_days: int
    paid_times: int
    income_percent: int
    broken_from: int


@dataclass(frozen=True, slots=True)
class Strategy:
    """The whole file."""

    promise_days_before: int
    instalment_days_before: int
    thanks_promise: bool
    thanks_instalment: bool
    thanks_plan: bool
    thanks_within_days: int
    a_day_most: int
    at_once_most: int
    broken: tuple[Line, ...]
    chance: Chances
    warnings: Limits


class StrategyError(ValueError):
    """`faults`: one sentence each, naming file, field, what was found and how to mend it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load_strategy(path: Path | None = None) -> Strategy:
    """The strategy of `path`, or of the file that comes with Fairdue. Raises StrategyError with every fault found."""
    return _load(path or Path(__file__).with_name("promises.yaml"))


def strategy() -> Strategy:
    """The strategy in force, read anew when the file has changed."""
    source = Path(__file__).with_name("promises.yaml")
    return _kept(source, source.stat().st_mtime_ns)


@cache
def _kept(source: Path, changed: int) -> Strategy:
    return _load(source)


def next_steps(strategy: Strategy, *, times: I64, bucket: I64 | I8, cents: I64, minor: int = 100) -> I8:
    """What follows by the first line that fits, for each broken promise; NONE where none was broken (times 0).

    times: promises broken so far, the last one included. minor: minor units in a unit of the currency.
    """
    lines = strategy.broken
    fits = [(times >= max(line.times, 1)) & (bucket >= line.bucket) & (cents >= line.amount * minor) for line in lines]
    steps = np.select(fits, [np.int8(line.next) for line in lines], default=np.int8(Next.NONE))
    return steps.astype(np.int8)


def next_text(step: int, times: int, lang: Literal["zh", "en"]) -> str:
    """A step in words with its reason, e.g. "Broken for the second time: …"; "" for NONE."""
    if step == Next.NONE:
        return ""
    words = _WORDS[Next(step)]
    if lang == "zh":
        return f"第 {times} 次未履行：{words[0]}"
    often = {1: "Broken once", 2: "Broken twice"}.get(times, f"Broken {times} times")
    return f"{often}: {words[1]}"


def _load(source: Path) -> Strategy:
    try:
        found = yaml.safe_load(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StrategyError([f"{source.name}: cannot be read: {error}; name a readable UTF-8 file"]) from None
    except yaml.YAMLError as error:
        where = str(getattr(error, "problem_mark", "")).strip() or "somewhere"
        raise StrategyError(
            [f"{source.name}: not YAML, {where}; compare with the file that comes with Fairdue"]
        ) from None
    return _Reader(source.name, found if isinstance(found, dict) else {}).strategy()


_SECTIONS: Final = {
    "reminders": ("promise_days_before", "instalment_days_before", "channel"),
    "thanks": ("promise", "instalment", "plan", "channel", "within_days"),
    "sending": ("a_day_most", "at_once_most"),
    "chance": (
        "by_bucket", "by_size", "by_size_beyond", "by_size_never_paid", "by_days", "by_days_beyond", "house_prior",
        "own_prior", "late_percent", "least", "most",
    ),
    "warnings": ("open_most", "far_days", "paid_times", "income_percent", "broken_from"),
}  # fmt: skip


class _Reader:
    """Takes the fields one by one and collects what is wrong with them."""

    def __init__(self, file: str, found: dict[str, Any]) -> None:
        self._file, self._found, self._faults = file, found, list[str]()

    def strategy(self) -> Strategy:
        self._names()
        read = Strategy(
            promise_days_before=self._whole("reminders.promise_days_before", 0, 30),
            instalment_days_before=self._whole("reminders.instalment_days_before", 0, 30),
            thanks_promise=self._yes("thanks.promise"),
            thanks_instalment=self._yes("thanks.instalment"),
            thanks_plan=self._yes("thanks.plan"),
            thanks_within_days=self._whole("thanks.within_days", 0, 30),
            a_day_most=self._whole("sending.a_day_most", 0, 1_000_000),
            at_once_most=self._whole("sending.at_once_most", 1, 10_000),
            broken=self._lines(),
            chance=self._chances(),
            warnings=Limits(
                open_most=self._whole("warnings.open_most", 0, 100),
                far_days=self._whole("warnings.far_days", 1, 60),
                paid_times=self._whole("warnings.paid_times", 1, 1_000),
                income_percent=self._whole("warnings.income_percent", 1, 1_000),
                broken_from=self._whole("warnings.broken_from", 1, 1_000),
            ),
        )
        for section in ("reminders", "thanks"):
            channel = self._get(f"{section}.channel")
            if channel not in CHANNELS:
                self._fault(f"{section}.channel", channel, f"write one of: {', '.join(CHANNELS)}")
        if self._faults:
            raise StrategyError(sorted(self._faults))
        return read

    def _chances(self) -> Chances:
        by_bucket = self._get("chance.by_bucket")
        if not isinstance(by_bucket, list) or len(by_bucket) != BUCKETS:
            self._fault("chance.by_bucket", by_bucket, f"write {BUCKETS} whole numbers, M0 to M7+")
            by_bucket = []
        chances = Chances(
            by_bucket=tuple(
                self._number(f"chance.by_bucket[{i}]", percent, 1, 99) for i, percent in enumerate(by_bucket)
            ),
            by_size=self._steps("chance.by_size", 100_000),
            by_size_beyond=self._whole("chance.by_size_beyond", -99, 99),
            by_size_never_paid=self._whole("chance.by_size_never_paid", -99, 99),
            by_days=self._steps("chance.by_days", 60),
            by_days_beyond=self._whole("chance.by_days_beyond", -99, 99),
            house_prior=self._whole("chance.house_prior", 1, 100_000),
            own_prior=self._whole("chance.own_prior", 1, 1_000),
            late_percent=self._whole("chance.late_percent", 0, 100),
            least=self._whole("chance.least", 1, 99),
            most=self._whole("chance.most", 1, 99),
        )
        if chances.least >= chances.most:
            self._fault("chance.least", chances.least, "make it smaller than chance.most")
        return chances

    def _lines(self) -> tuple[Line, ...]:
        found = self._found.get("broken")
        form = "write lines like {times: 2, next: plan}, the last one with `next` alone"
        if not isinstance(found, list) or not found:
            self._fault("broken", found, form)
            return ()
        lines = []
        for i, told in enumerate(found):
            name = f"broken[{i}]"
            if not isinstance(told, dict) or not {"next"} <= told.keys() <= {"next", "times", "bucket", "amount"}:
                self._fault(name, told, form)
                continue
            step = Next.__members__.get(str(told["next"]).upper(), Next.NONE)
            if step == Next.NONE:
                self._fault(f"{name}.next", told["next"], "write message, call, plan or lead")
            lines.append(Line(
                times=self._number(f"{name}.times", told.get("times", 1), 1, 1_000),
                bucket=self._number(f"{name}.bucket", told.get("bucket", 0), 0, BUCKETS - 1),
                amount=self._number(f"{name}.amount", told.get("amount", 0), 0, 10**9),
                next=step,
            ))  # fmt: skip
        last = found[-1]
        if isinstance(last, dict) and last.keys() != {"next"}:
            self._fault(
                f"broken[{len(found) - 1}]", last, "let the last line have no condition, so that one always fits"
            )
        return tuple(lines)

    def _steps(self, name: str, most: int) -> Steps:
        found, form = self._get(name), "write lines like {upto: 100, percent: 8}, upto rising"
        if not isinstance(found, list):
            self._fault(name, found, form)
            return ()
        steps: list[tuple[int, int]] = []
        for i, step in enumerate(found):
            if not isinstance(step, dict) or step.keys() != {"upto", "percent"}:
                self._fault(f"{name}[{i}]", step, form)
                continue
            upto = self._number(f"{name}[{i}].upto", step["upto"], 0, most)
            if steps and upto <= steps[-1][0]:
                self._fault(f"{name}[{i}].upto", upto, form)
            steps.append((upto, self._number(f"{name}[{i}].percent", step["percent"], -99, 99)))
        return tuple(steps)

    def _names(self) -> None:
        for section in self._found.keys() - {*_SECTIONS, "broken"}:
            self._fault(str(section), self._found[section], "remove it or mend its name")
        for section, names in _SECTIONS.items():
            told = self._found.get(section)
            if not isinstance(told, dict):
                continue
            for field in told.keys() - set(names):
                self._fault(f"{section}.{field}", told[field], "remove it or mend its name")

    def _get(self, name: str) -> Any:
        section, field = name.split(".")
        told = self._found.get(section)
        return told.get(field) if isinstance(told, dict) else None

    def _whole(self, name: str, least: int, most: int) -> int:
        return self._number(name, self._get(name), least, most)

    def _number(self, name: str, found: object, least: int, most: int) -> int:
        if isinstance(found, int) and not isinstance(found, bool) and least <= found <= most:
            return found
        self._fault(name, found, f"write a whole number from {least} to {most}")
        return least

    def _yes(self, name: str) -> bool:
        found = self._get(name)
        if not isinstance(found, bool):
            self._fault(name, found, "write true or false")
        return found is True

    def _fault(self, field: str, found: object, mend: str) -> None:
        told = "is missing" if found is None else f"is {str(found)[:40]!r}"
        self._faults.append(f"{self._file}: {field} {told}; {mend}")
