"""Reads hardship/policy.yaml: reviews, how far somebody may go alone, documents. PolicyError names the field."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from fairdue.hardship.models import Effect, File
from fairdue.staff.models import Role

FILE: Final = "hardship/policy.yaml"


class PolicyError(ValueError):
    """A mistake in the policy file."""

    def __init__(self, field: str, found: object, mend: str) -> None:
        super().__init__(f"{FILE}: {field}: found {found!r}; {mend}")


@dataclass(frozen=True, slots=True)
class Policy:
    """Days throughout. alone: role → kind of effect → the longest run granted alone."""

    review_days: int
    review_by_reason: Mapping[str, int]
    review_most: int
    asked_days: int
    soon_days: int
    alone: Mapping[str, Mapping[str, int]]
    back_days: int
    most_bytes: int
    most_files: int

    def review_after(self, reason: str) -> int:
        """After how many days a file of this reason is looked at again."""
        return self.review_by_reason.get(reason, self.review_days)

    def limit(self, role: str, kind: str) -> int:
        """How long somebody of this role may grant an effect alone; 0 = not at all. A plan has limits of its own."""
        return 10**6 if kind == Effect.Kind.PLAN else self.alone.get(role, {}).get(kind, 0)


@cache
def policy() -> Policy:
    """The policy of the file."""
    return read((files("fairdue.hardship") / "policy.yaml").read_text(encoding="utf-8"))


def read(text: str) -> Policy:
    """The policy of a text. Raises PolicyError."""
    whole = _part(yaml.safe_load(text), "file", {"review", "alone_days", "back_days", "evidence"})
    review = _part(whole["review"], "review", {"days", "by_reason", "most_days", "asked_days", "soon_days"})
    evidence = _part(whole["evidence"], "evidence", {"most_bytes", "most_files"})
    most = _days(review["most_days"], "review.most_days")
    reasons = _known(review["by_reason"], "review.by_reason", File.Reason.values)
    alone = _known(whole["alone_days"], "alone_days", Role.values)
    return Policy(
        review_days=_days(review["days"], "review.days", most),
        review_by_reason={key: _days(value, f"review.by_reason.{key}", most) for key, value in reasons.items()},
        review_most=most,
        asked_days=_days(review["asked_days"], "review.asked_days"),
        soon_days=_days(review["soon_days"], "review.soon_days"),
        alone={
            role: {
                kind: _days(days, f"alone_days.{role}.{kind}", 3660)
                for kind, days in _known(row, f"alone_days.{role}", Effect.Kind.values).items()
            }
            for role, row in alone.items()
        },
        back_days=_days(whole["back_days"], "back_days"),
        most_bytes=_days(evidence["most_bytes"], "evidence.most_bytes", 50_000_000),
        most_files=_days(evidence["most_files"], "evidence.most_files"),
    )


def _part(given: Any, field: str, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(given, dict) or given.keys() != names:
        raise PolicyError(field, given, f"give exactly {', '.join(sorted(names))}")
    return given


def _known(given: Any, field: str, names: list[str]) -> Mapping[str, Any]:
    if not isinstance(given, dict) or not given.keys() <= set(names):
        raise PolicyError(field, given, f"use some of {', '.join(names)}")
    return given


def _days(value: Any, field: str, most: int = 366) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise PolicyError(field, value, f"write a whole number from 1 to {most}")
    return value
