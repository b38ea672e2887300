"""The rows behind a figure as CSV: no names of borrowers, every line signed with whose export it is."""

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from fairdue.law import codes

MOST: Final = 50_000
"""So many rows at most; the head says when there are more."""

_Column = tuple[str, Callable[[Any], Any]]
COLUMNS: Final[dict[str, tuple[_Column, ...]]] = {
    "accounts": (
        ("account", lambda row: row.account.external_ref),
        ("creditor", lambda row: row.account.creditor.code),
        ("bucket", lambda row: row.bucket),
        ("days_past_due", lambda row: row.days_past_due),
        ("past_due", lambda row: row.past_due),
        ("balance", lambda row: row.balance),
        ("currency", lambda row: row.account.currency),
    ),
    "rolls": (
        ("account", lambda line: line["account"].external_ref),
        ("creditor", lambda line: line["account"].creditor.code),
        ("bucket", lambda line: line["rolled"].bucket),
        ("balance", lambda line: line["rolled"].cents),
        ("bucket_later", lambda line: line["rolled"].later),
        ("currency", lambda line: line["account"].currency),
    ),
    "promises": (
        ("promise", lambda row: row.pk),
        ("account", lambda row: row.account.external_ref if row.account else ""),
        ("creditor", lambda row: row.case.creditor.code),
        ("made_on", lambda row: row.made_on),
        ("due_on", lambda row: row.due_on),
        ("status", lambda row: row.status),
        ("promised", lambda row: row.cents),
        ("received", lambda row: row.received),
        ("bucket_when_made", lambda row: row.bucket),
        ("currency", lambda row: row.currency),
    ),
    "plans": (
        ("plan", lambda row: row.pk),
        ("account", lambda row: row.account.external_ref),
        ("creditor", lambda row: row.case.creditor.code),
        ("kind", lambda row: row.kind),
        ("agreed_on", lambda row: row.starts_on),
        ("status", lambda row: row.status),
        ("turned_on", lambda row: row.turned_on),
        ("total", lambda row: row.total),
        ("let_go", lambda row: row.discount),
        ("received", lambda row: row.paid),
        ("burden_percent", lambda row: row.burden),
        ("past_due_again_on", lambda row: getattr(row, "fell_on", None)),
        ("currency", lambda row: row.currency),
    ),
    "calls": (
        ("attempt", lambda line: line["call"].pk),
        ("at", lambda line: line["call"].happened_at.isoformat(timespec="seconds")),
        ("creditor", lambda line: line["call"].creditor.code),
        ("account", lambda line: line["call"].account.external_ref if line["call"].account else ""),
        ("relation", lambda line: codes.Relation(line["call"].relation).name.lower()),
        ("result", lambda line: codes.Result(line["result"]).name.lower()),
    ),
    "payments": (
        ("payment", lambda row: row.pk),
        ("account", lambda row: row.account.external_ref),
        ("creditor", lambda row: row.account.creditor.code),
        ("day", lambda row: row.happened_on),
        ("reference", lambda row: row.reference),
        ("kind", lambda row: row.kind),
        ("cents", lambda row: row.cents),
        ("currency", lambda row: row.currency),
    ),
}
"""What a line says by kind of rows. Money is in minor units, as whole numbers."""


class _Line:
    """A file of one line: what csv writes comes back."""

    def write(self, text: str) -> str:
        """Give the line back."""
        return text


def lines(what: str, rows: Iterable[Any], *, head: list[str], mark: str) -> Iterator[str]:
    """CSV lines: `head` as comments, a header, a line for each row ending with the watermark `mark`."""
    writer, columns = csv.writer(_Line()), COLUMNS[what]
    yield "\ufeff"
    for line in head:
        yield str(writer.writerow([f"# {line}"]))
    yield str(writer.writerow([*(name for name, _of in columns), "export"]))
    for row in rows:
        yield str(writer.writerow([*(_safe(of(row)) for _name, of in columns), mark]))


def _safe(value: Any) -> Any:
    """Text a spreadsheet would run as a formula is kept a text; nothing is an empty cell."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
