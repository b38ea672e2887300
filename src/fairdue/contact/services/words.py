"""From the gate's verdicts to values for screens and rows for the record."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fairdue.contact.services.answers import Reason
from fairdue.law import gate
from fairdue.law.clock import NEVER, zone_name

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LANGUAGES: Final = ("zh", "en")


def moment(minute: int | None) -> datetime | None:
    """A UTC minute as a datetime; None for never."""
    return None if minute is None or minute >= NEVER else _EPOCH + timedelta(minutes=int(minute))


def judged(verdicts: gate.Verdicts, row: int) -> dict[str, Any]:
    """The fields of `answers.Judged` for one row."""
    told = {lang: gate.explain(verdicts, row, lang) for lang in LANGUAGES}
    zones = [int(zone) for zone in verdicts.facts.zones[row] if zone >= 0]
    column = verdicts.facts.column
    return {
        "decision": int(verdicts.decision[row]),
        "headline": {lang: str(text["headline"]) for lang, text in told.items()},
        "reasons": _reasons(told),
        "duties": {lang: tuple(text["duties"]) for lang, text in told.items()},
        "earliest": moment(int(verdicts.earliest[row])),
        "until": moment(int(verdicts.until[row])) if verdicts.lawful[row] else None,
        "zone": zone_name(zones[0]) if zones else "UTC",
        **{name: int(_at(column(name), row)) for name in ("relation", "purpose", "channel")},
    }


def _at(column: Any, row: int) -> int:
    return int(column) if isinstance(column, int) else int(column[row])


def _reasons(told: Mapping[str, Mapping[str, Any]]) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            rule=zh["rule"],
            says={"zh": zh["says"], "en": en["says"]},
            cites=str(zh["cites"] or ""),
            level=str(zh["level"] or ""),
            cure={"zh": zh["cure"] or "", "en": en["cure"] or ""},
            earliest=moment(zh["earliest"]),
        )
        for zh, en in zip(told["zh"]["reasons"], told["en"]["reasons"], strict=True)
    )
