"""Reads planning/weights.yaml, or another file of that form, and refuses what cannot be meant.

How to call: `load_weights()` or `load_weights(path)`. WeightsError lists every fault at once, each with file, field,
what was found and how to mend it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Steps = tuple[tuple[int, int], ...]  # (within so many days, percent), rising

_PERCENT = (0, 1_000)
_SHARE = (0, 100)
_DAYS = (0, 3_650)
_MINUTES = (1, 480)
_BY_BUCKET = {
    "ability.unknown_percent": _SHARE,
    "chance.by_bucket_percent": _SHARE,
    "cadence.days_by_bucket": (1, 3_650),
}
_STEPS = ("willingness.last_payment", "willingness.last_reached")
_WHOLE: dict[str, tuple[int, int]] = {
    "buckets": (2, 20),
    "ability.income_share_percent": _SHARE,
    "ability.recent_payments_percent": _PERCENT,
    "chance.least_percent": _SHARE,
    "chance.most_percent": _SHARE,
    "willingness.all_promises_kept_percent": (100, 1_000),
    "willingness.no_promise_kept_percent": _SHARE,
    "willingness.promises_prior": (1, 100),
    "willingness.all_calls_answered_percent": (100, 1_000),
    "willingness.no_call_answered_percent": _SHARE,
    "willingness.calls_prior": (1, 100),
    "willingness.last_payment_longer_percent": _PERCENT,
    "willingness.last_reached_longer_percent": _PERCENT,
    "urgency.callback_due_percent": _PERCENT,
    "urgency.promise_due_percent": _PERCENT,
    "urgency.promise_soon_days": _DAYS,
    "urgency.promise_soon_percent": _PERCENT,
    "urgency.promise_broken_days": _DAYS,
    "urgency.promise_broken_percent": _PERCENT,
    "urgency.newly_overdue_days": _DAYS,
    "urgency.newly_overdue_percent": _PERCENT,
    "urgency.rolls_soon_days": _DAYS,
    "urgency.rolls_soon_percent": _PERCENT,
    "urgency.limitation_near_days": _DAYS,
    "urgency.limitation_near_percent": _PERCENT,
    "urgency.placement_ending_days": _DAYS,
    "urgency.placement_ending_percent": _PERCENT,
    "urgency.never_contacted_percent": _PERCENT,
    "urgency.cadence_due_percent": _PERCENT,
    "cadence.least_gap_days": (1, 3_650),
    "cadence.follow_up_from_bucket": (0, 20),
    "cadence.letter_after_unanswered_calls": (1, 1_000),
    "file.proof_bar_percent": _SHARE,
    "file.repair_percent": _SHARE,
    "minutes.remind": _MINUTES,
    "minutes.call": _MINUTES,
    "minutes.follow_up": _MINUTES,
    "minutes.promise_follow_up": _MINUTES,
    "minutes.call_back": _MINUTES,
    "minutes.letter": _MINUTES,
    "minutes.repair": _MINUTES,
    "value.least_cents": (1, 10**9),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """Checked weights by their dotted name in the file, e.g. `whole["urgency.rolls_soon_days"]`."""

    whole: dict[str, int]
    by_bucket: dict[str, tuple[int, ...]]
    steps: dict[str, Steps]

    @property
    def buckets(self) -> int:
        """How many buckets the lists by bucket speak of."""
        return self.whole["buckets"]


class WeightsError(ValueError):
    """`faults`: one sentence each, naming file, field, what was found and how to mend it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load_weights(path: Path | None = None) -> Weights:
    """The weights of `path`, or of the file that comes with Fairdue. Raises WeightsError with every fault found."""
    source = path or Path(__file__).with_name("weights.yaml")
    try:
        found = yaml.safe_load(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsError([f"{source.name}: cannot be read: {error}; name a readable UTF-8 file"]) from None
    except yaml.YAMLError as error:
        where = str(getattr(error, "problem_mark", "")).strip() or "somewhere"
        raise WeightsError(
            [f"{source.name}: not YAML, {where}; compare with the file that comes with Fairdue"]
        ) from None
    return _Reader(source.name, _flat(found)).weights()


def _flat(found: object) -> dict[str, Any]:
    """Sections and fields as dotted names."""
    if not isinstance(found, dict):
        return {}
    flat: dict[str, Any] = {}
    for section, fields in found.items():
        if isinstance(fields, dict):
            flat |= {f"{section}.{field}": value for field, value in fields.items()}
        else:
            flat[str(section)] = fields
    return flat


class _Reader:
    """Takes the fields one by one and collects what is wrong with them."""

    def __init__(self, file: str, flat: dict[str, Any]) -> None:
        self._file, self._flat, self._faults = file, flat, list[str]()

    def weights(self) -> Weights:
        known = {*_WHOLE, *_BY_BUCKET, *_STEPS}
        for name in self._flat.keys() - known:
            self._fault(name, "is no weight", "remove it or mend its name")
        whole = {name: self._whole(name, self._flat.get(name), *limits) for name, limits in _WHOLE.items()}
        by_bucket = {name: self._list(name, whole["buckets"], *limits) for name, limits in _BY_BUCKET.items()}
        steps = {name: self._steps(name) for name in _STEPS}
        if whole["chance.least_percent"] > whole["chance.most_percent"]:
            self._fault("chance.least_percent", "is above chance.most_percent", "make it the smaller of the two")
        if whole["cadence.follow_up_from_bucket"] > whole["buckets"]:
            self._fault("cadence.follow_up_from_bucket", "is beyond the last bucket", f"write 0 to {whole['buckets']}")
        if self._faults:
            raise WeightsError(sorted(self._faults))
        return Weights(whole, by_bucket, steps)

    def _fault(self, field: str, why: str, mend: str) -> None:
        self._faults.append(f"{self._file}: {field} {why}; {mend}")

    def _whole(self, name: str, found: object, least: int, most: int) -> int:
        if found is None:
            self._fault(name, "is missing", f"write a whole number from {least} to {most}")
        elif not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
            self._fault(name, f"is {str(found)[:40]!r}", f"write a whole number from {least} to {most}")
        else:
            return found
        return least

    def _list(self, name: str, length: int, least: int, most: int) -> tuple[int, ...]:
        found = self._flat.get(name)
        if not isinstance(found, list) or len(found) != length:
            self._fault(name, "is no list with one entry a bucket", f"write {length} whole numbers")
            return ()
        return tuple(self._whole(f"{name}[{i}]", entry, least, most) for i, entry in enumerate(found))

    def _steps(self, name: str) -> Steps:
        found = self._flat.get(name)
        form = "write lines like {within_days: 30, percent: 120}, days rising"
        if not isinstance(found, list):
            self._fault(name, "is no list of steps", form)
            return ()
        steps: list[tuple[int, int]] = []
        for i, step in enumerate(found):
            if not isinstance(step, dict) or step.keys() != {"within_days", "percent"}:
                self._fault(f"{name}[{i}]", f"is {str(step)[:40]!r}", form)
                continue
            days = self._whole(f"{name}[{i}].within_days", step["within_days"], *_DAYS)
            if steps and days <= steps[-1][0]:
                self._fault(f"{name}[{i}].within_days", "does not rise", form)
            steps.append((days, self._whole(f"{name}[{i}].percent", step["percent"], *_PERCENT)))
        return tuple(steps)
