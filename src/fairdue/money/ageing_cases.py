"""Anyone's ageing cases, one JSON object a line in, one a line out: what `fairdue ageing` runs.

How to call::

    for result in age_cases(sys.stdin):            # reconfigure(encoding="utf-8", errors="replace") first
        print(json.dumps(result))                  # ASCII, so that an odd id cannot break the output
    # exit code 1 if any result has the key "error"

A line that cannot be answered yields `{"id", "line", "field", "error", "mend"}` in its place and the rest goes on.
The form and the meaning of the figures: docs/ageing.md.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import numpy as np

from fairdue.money.ageing import DELINQUENCY_BUCKETS, Aged, Buckets, Dues, Pauses, Receipts, age, paid_by, pause_faults
from fairdue.money.days import date_of, day_of, day_text

_BATCH = 5_000
_AMOUNT_MAX = 10**15
_TOTAL_MAX = 10**18
_GRACE_MAX = 3_650
_FIRST, _LAST = day_of(date(1900, 1, 1)), day_of(date(2999, 12, 31))
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_KNOWN = {"id", "schedule", "payments", "pauses", "grace_days", "as_of"}
_NOT_READ = {"source", "expect", "note"}


@dataclass(frozen=True, slots=True)
class _Case:
    id: str | int
    schedule: list[tuple[int, int, int]]  # due day, n, cents
    payments: list[tuple[int, int]]  # day, cents
    pauses: list[tuple[int, int]]  # start, end
    grace_days: int
    as_of: int


class _LineError(ValueError):
    """One thing wrong with a line: which field, what was found, how to mend it."""

    def __init__(self, field: str, why: str, mend: str) -> None:
        super().__init__(why)
        self.field, self.why, self.mend = field, why, mend


def age_cases(lines: Iterable[str], *, buckets: Buckets = DELINQUENCY_BUCKETS) -> Iterator[dict[str, Any]]:
    """One result a non-empty line, in their order; figures as in docs/ageing.md, or the line's error."""
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip("\ufeff \t\r\n"))
    while batch := list(islice(numbered, _BATCH)):
        read = [_read(number, line.lstrip("\ufeff")) for number, line in batch]
        answers = iter(_answers([case for case in read if isinstance(case, _Case)], buckets))
        for case in read:
            yield next(answers) if isinstance(case, _Case) else case


def _answers(cases: list[_Case], buckets: Buckets) -> Iterator[dict[str, Any]]:
    """Age all cases in one call on columns and put each back into words."""
    dues = [(i, n, due, cents) for i, case in enumerate(cases) for due, n, cents in case.schedule]
    paid = [(i, day, cents) for i, case in enumerate(cases) for day, cents in case.payments]
    as_of = np.array([case.as_of for case in cases], dtype=np.int32)
    account, n, due_on, due_cents = _columns(dues, 4)
    payer, paid_on, paid_cents = _columns(paid, 3)
    aged = age(
        Dues(account=account.astype(np.int32), due_on=due_on.astype(np.int32), cents=due_cents, n=n.astype(np.int32)),
        paid_by(
            Receipts(payer.astype(np.int32), paid_on.astype(np.int32), paid_on.astype(np.int32), paid_cents),
            accounts=len(cases),
            as_of=as_of,
        ),
        as_of=as_of,
        grace_days=np.array([case.grace_days for case in cases], dtype=np.int32),
        pauses=_pauses([(i, start, end) for i, case in enumerate(cases) for start, end in case.pauses]),
        buckets=buckets,
    )
    first_row = np.searchsorted(account, np.arange(len(cases) + 1))
    for i, case in enumerate(cases):
        yield _answer(case, aged, i, slice(int(first_row[i]), int(first_row[i + 1])))


def _answer(case: _Case, aged: Aged, i: int, rows: slice) -> dict[str, Any]:
    names = aged.buckets.names
    unpaid, codes = aged.due_unpaid[rows], aged.due_bucket[rows]
    by_bucket = {code: int(unpaid[codes == code].sum()) for code in np.unique(codes[aged.due_days[rows] > 0])}
    return {
        "id": case.id,
        "past_due_amount": int(aged.past_due[i]),
        "days_past_due": int(aged.days_past_due[i]),
        "delinquent_since": day_text(int(aged.delinquent_since[i])),
        "delinquent_days": int(aged.delinquent_days[i]),
        "bucket": names[aged.bucket[i]],
        "instalment_buckets": {names[code]: cents for code, cents in sorted(by_bucket.items())},
    }


def _columns(rows: Sequence[tuple[int, ...]], width: int) -> tuple[np.ndarray[Any, np.dtype[np.int64]], ...]:
    table = np.array(rows, dtype=np.int64).reshape(len(rows), width)
    return tuple(table[:, column] for column in range(width))


def _pauses(rows: list[tuple[int, int, int]]) -> Pauses:
    account, start, end = (column.astype(np.int32) for column in _columns(rows, 3))
    return Pauses(account=account, start=start, end=end)


def _read(number: int, line: str) -> "_Case | dict[str, Any]":
    """The case of a line, or the error that stands for it."""
    name: Any = None
    try:
        case = _object(line)
        name = case.get("id")
        return _case(case)
    except _LineError as fault:
        field = _writable(fault.field)
        text = f"line {number}, {field}: {fault.why}"
        shown = _writable(name) if isinstance(name, str) else name if isinstance(name, int) else None
        return {"id": shown, "line": number, "field": field, "error": text, "mend": fault.mend}


def _writable(text: str) -> str:
    """The text with half characters, which no file can hold, written out as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _object(line: str) -> dict[str, Any]:
    mend = 'write one JSON object a line: {"id": …, "schedule": […], …, "as_of": "2026-03-01"}'
    try:
        case = json.loads(line, object_pairs_hook=_without_doubles)
    except json.JSONDecodeError as error:
        raise _LineError("(line)", f"not JSON: {error.msg} at character {error.pos + 1}", mend) from None
    except RecursionError:
        raise _LineError("(line)", "nested too deep", mend) from None
    except _LineError:
        raise
    except ValueError:  # a number of more digits than Python converts
        raise _LineError("(line)", "a number has too many digits", mend) from None
    if not isinstance(case, dict):
        raise _LineError("(line)", f"a {type(case).__name__}, not an object", mend)
    return case


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        double = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise _LineError(double, "written twice in one object", "keep one of the two")
    return fields


def _case(case: dict[str, Any]) -> _Case:
    _only_known(case, _KNOWN | _NOT_READ, "")
    for field in ("id", "schedule", "as_of"):
        if field not in case:
            raise _LineError(field, "missing", f"add {field}")
    if not isinstance(case["id"], str | int) or isinstance(case["id"], bool):
        raise _LineError("id", f"{_shown(case['id'])} is no name", 'write a text or a number, e.g. "A-1"')
    schedule = [
        (_day(row, "due", where), _whole(row, "n", where, 0, 2**31 - 1), _whole(row, "amount", where, 0, _AMOUNT_MAX))
        for where, row in _rows(case, "schedule", {"n", "due", "amount"})
    ]
    if isinstance(case["id"], str) and case["id"] != _writable(case["id"]):
        raise _LineError("id", "it holds half a character", "write whole characters")
    twice = [n for n, times in Counter(n for _, n, _ in schedule).items() if times > 1]
    if twice:
        raise _LineError("schedule", f"instalment {twice[0]} is there twice", "give every instalment its own number")
    payments = [
        (_day(row, "date", where), _whole(row, "amount", where, -_AMOUNT_MAX, _AMOUNT_MAX))
        for where, row in _rows(case, "payments", {"date", "amount"})
    ]
    for field, total in (("schedule", sum(row[2] for row in schedule)), ("payments", sum(abs(c) for _, c in payments))):
        if total > _TOTAL_MAX:
            raise _LineError(field, "the amounts together are out of range", f"keep their sum below {_TOTAL_MAX}")
    grace = _whole(case, "grace_days", "", 0, _GRACE_MAX) if "grace_days" in case else 0
    return _Case(case["id"], schedule, payments, _read_pauses(case), grace, _day(case, "as_of", ""))


def _read_pauses(case: dict[str, Any]) -> list[tuple[int, int]]:
    pauses = [
        (_day(row, "start", where), _day(row, "end", where))
        for where, row in _rows(case, "pauses", {"start", "end"}, {"reason"})
    ]
    for row, why in pause_faults(_pauses([(0, start, end) for start, end in pauses])):
        start, end = (date_of(day) for day in pauses[row])
        mend = "pauses start before they end and do not overlap; one may start on the day another ends"
        raise _LineError(f"pauses[{row}]", f"{start} to {end}: {why}", mend)
    return pauses


def _rows(
    case: dict[str, Any], field: str, required: set[str], optional: frozenset[str] | set[str] = frozenset()
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of a list with its place (`payments[2].`); a missing list is empty."""
    rows = case.get(field, [])
    if not isinstance(rows, list):
        raise _LineError(field, f"{_shown(rows)} is no list", f'write "{field}": […]')
    for i, row in enumerate(rows):
        if not isinstance(row, dict):
            mend = f"write an object with {_listed(required)}"
            raise _LineError(f"{field}[{i}]", f"{_shown(row)} is no object", mend)
        _only_known(row, required | optional, f"{field}[{i}].")
        for name in sorted(required - row.keys()):
            raise _LineError(f"{field}[{i}].{name}", "missing", f"add {name}")
        yield f"{field}[{i}].", row


def _only_known(fields: dict[str, Any], known: set[str], where: str) -> None:
    for name in fields:
        if name not in known:
            raise _LineError(where + name, "unknown field", f"known here: {_listed(known)}")


def _day(row: dict[str, Any], field: str, where: str) -> int:
    text = row[field]
    try:
        if not isinstance(text, str) or not _ISO_DAY.fullmatch(text):
            raise ValueError("not of the form YYYY-MM-DD")
        day = day_of(date.fromisoformat(text))
        if not _FIRST <= day <= _LAST:
            raise ValueError("outside 1900 to 2999")
    except ValueError as error:
        mend = "write a day as YYYY-MM-DD, e.g. 2026-03-01"
        raise _LineError(where + field, f"{_shown(text)}: {error}", mend) from None
    return day


def _whole(row: dict[str, Any], field: str, where: str, least: int, most: int) -> int:
    number = row[field]
    if not isinstance(number, int) or isinstance(number, bool):
        raise _LineError(where + field, f"{_shown(number)} is no whole number", "write whole minor units, e.g. 25000")
    if not least <= number <= most:
        raise _LineError(where + field, f"{_shown(number)} is out of range", f"write a number from {least} to {most}")
    return number


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**40 else "a number of over 40 digits"
    return text if len(text) <= 60 else text[:57] + "…"
