"""From the gate's verdicts to values for screens and rows for the record."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fairdue.contact.services.answers import Reason
from fairdue.law import gate
from fairdue.law.clock import NEVER, minutes

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LANGUAGES: Final = ("zh", "en")


def moment(minute: int | None) -> datetime | None:
    """A UTC minute as a datetime; None for never."""
    return None if minute is None or minute >= NEVER else _EPOCH + timedelta(minutes=int(minute))


def judged(verdicts: gate.Verdicts, row: int) -> dict[str, Any]:
    """The fields of `answers.Judged` for one row."""
    told = {lang: gate.explain(verdicts, row, lang) for lang in LANGUAGES}
    zone = told["zh"]["zone"]
    column = verdicts.facts.column
    return {
        "decision": int(verdicts.decision[row]),
        "headline": {lang: str(text["headline"]) for lang, text in told.items()},
        "reasons": tuple(
            _reason(zh, en, zone) for zh, en in zip(told["zh"]["reasons"], told["en"]["reasons"], strict=True)
        ),
        "duties": {lang: tuple(str(duty["says"]) for duty in text["duties"]) for lang, text in told.items()},
        "earliest": moment(int(verdicts.earliest[row])),
        "until": moment(int(verdicts.until[row])) if verdicts.lawful[row] else None,
        "zone": zone,
        **{name: _at(column(name), row) for name in ("relation", "purpose", "channel")},
    }


def _at(column: Any, row: int) -> int:
    return int(column) if isinstance(column, int) else int(column[row])


def _reason(zh: Mapping[str, Any], en: Mapping[str, Any], zone: str) -> Reason:
    return Reason(
        rule=zh["rule"],
        says={"zh": zh["says"], "en": en["says"]},
        cites={"zh": zh["cites"], "en": en["cites"]},
        level=str(zh["level"]),
        cure={"zh": zh["cure"], "en": en["cure"]},
        earliest=moment(minutes(zh["earliest"], zone)) if zh["earliest"] else None,
    )
