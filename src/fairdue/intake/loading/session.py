"""The loading transaction: statements and COPY on Django's own connection, from two threads by turns."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from time import perf_counter
from typing import Any

import polars as pl
import psycopg
from django.db import connection

Params = Mapping[str, Any]

_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "text",
    pl.Int64: "bigint",
    pl.Int32: "integer",
    pl.Int16: "smallint",
    pl.Int8: "smallint",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "timestamptz",
    pl.Binary: "bytea",
}


class Session:
    """One open transaction. One thread prepares a batch while the other applies the one before; `seconds` per step."""

    def __init__(self) -> None:
        assert connection.in_atomic_block, "a load is one transaction"
        assert isinstance(connection.connection, psycopg.Connection)
        self._connection = connection.connection
        self._lock = Lock()
        self.seconds: dict[str, float] = {}
        self._may_trust = bool(
            self._one("select has_parameter_privilege('session_replication_role', 'set')")
        )

    def execute(self, query: str, params: Params | None = None, *, step: str = "") -> int:
        """Run one statement; the number of rows it touched. `step` names what its time is booked under."""
        started = perf_counter()
        with self._lock, self._connection.cursor() as cursor:
            cursor.execute(query.encode(), params)
            touched = cursor.rowcount
        self.book(step, started)
        return touched

    def rows(self, query: str, params: Params | None = None, *, step: str = "") -> list[tuple[Any, ...]]:
        """The rows of a query."""
        started = perf_counter()
        with self._lock, self._connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
            cursor.execute(query.encode(), params)
            found = cursor.fetchall()
        self.book(step, started)
        return found

    def fill(self, table: str, frame: pl.DataFrame) -> None:
        """Empty the temporary table `table`, made on first use after the frame's own columns, and COPY the frame in."""
        started = perf_counter()
        columns = ", ".join(f'"{name}" {_TYPES[type(kind)]}' for name, kind in frame.schema.items())
        binary = [name for name, kind in frame.schema.items() if kind == pl.Binary]
        hex_ = (("\\x" + pl.col(name).bin.encode("hex")).alias(name) for name in binary)
        text = frame.with_columns(hex_).write_csv(
            include_header=False, datetime_format="%Y-%m-%dT%H:%M:%S%.6f+00:00", date_format="%Y-%m-%d"
        )
        with self._lock, self._connection.cursor() as cursor:
            cursor.execute(f"create temporary table if not exists {table} ({columns}) on commit drop".encode())
            cursor.execute(f"truncate {table}".encode())
            with cursor.copy(f"copy {table} from stdin (format csv)".encode()) as copy:
                copy.write(text)
            cursor.execute(f"analyze {table}".encode())
        self.book(f"copy {table}", started)

    @contextmanager
    def trusted(self) -> Iterator[None]:
        """Insert rows whose parents this transaction has made or locked, without a look-up per row and foreign key.

        A million accounts bring some ten million such look-ups, at about 10 µs each more than everything else. What is
        inserted inside is verified by sets before the commit (run.verify). Triggers do not fire inside: balances must be
        written along. Where the database role may not set session_replication_role, nothing is skipped.
        """
        if not self._may_trust:
            yield
            return
        self.execute("set local session_replication_role = replica")
        yield
        self.execute("set local session_replication_role = origin")

    @property
    def triggers_fire(self) -> bool:
        """Whether triggers fire inside trusted(): then balances follow the transfers by themselves."""
        return not self._may_trust

    def _one(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def book(self, step: str, started: float) -> None:
        """Book the time since `started` (perf_counter) under `step`."""
        if step:
            self.seconds[step] = self.seconds.get(step, 0.0) + perf_counter() - started
