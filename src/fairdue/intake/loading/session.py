"""The loading transaction: statements and COPY on Django's own connection, from two threads by turns."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, get_ident
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


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows written for COPY in the thread that has time for it."""

    columns: str
    text: bytes
    rows: int

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "Lines":
        """CSV as COPY takes it: null is empty, an empty text is quoted, bytes are hexadecimal."""
        binary = [name for name, kind in frame.schema.items() if kind == pl.Binary]
        hexed = (("\\x" + pl.col(name).bin.encode("hex")).alias(name) for name in binary)
        text = io.BytesIO()
        frame.with_columns(hexed).write_csv(
            text, include_header=False, datetime_format="%Y-%m-%dT%H:%M:%S%.6f+00:00", date_format="%Y-%m-%d"
        )
        return cls(", ".join(f'"{name}"' for name in frame.columns), text.getvalue(), len(frame))


class Session:
    """One open transaction. One thread prepares a batch while the other applies the one before; `seconds` per step."""

    def __init__(self) -> None:
        assert connection.in_atomic_block, "a load is one transaction"
        assert isinstance(connection.connection, psycopg.Connection)
        self._connection = connection.connection
        self._lock, self._next, self._owner = Lock(), Lock(), 0
        self._pools: dict[str, list[int]] = {}
        self._trusting = 0
        self.seconds: dict[str, float] = {}
        tables = ("load_row", "load_point", "load_contact", "load_plan", "load_around", "load_restated", "load_terms")
        for table in tables:  # of an earlier load in the same transaction
            self.execute(f"drop table if exists pg_temp.{table}")
        self._may_trust = bool(self._one("select has_parameter_privilege('session_replication_role', 'set')"))

    def execute(self, query: str, params: Params | None = None, *, step: str = "") -> int:
        """Run one statement; the number of rows it touched. `step` names what its time is booked under."""
        started = perf_counter()
        with self.turn(), self._connection.cursor() as cursor:
            cursor.execute(query.encode(), params)
            touched = cursor.rowcount
        self.book(step, started)
        return touched

    def rows(self, query: str, params: Params | None = None, *, step: str = "") -> list[tuple[Any, ...]]:
        """The rows of a query. Parameters travel apart from the text: long arrays are welcome."""
        started = perf_counter()
        with self.turn(), psycopg.Cursor(self._connection) as cursor:
            cursor.execute(query.encode(), params)
            found = cursor.fetchall()
        self.book(step, started)
        return found

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The connection for one thread, for as long as the block lasts: who waits comes before who has just had it."""
        if self._owner == get_ident():
            yield
            return
        with self._next:
            self._lock.acquire()
        self._owner = get_ident()
        try:
            yield
        finally:
            self._owner = 0
            self._lock.release()

    def stock(self, table: str, count: int) -> None:
        """See to it that `count` fresh ids of a table are at hand."""
        pool = self._pools.setdefault(table, [])
        if len(pool) < count:
            query = f"select array_agg(nextval('{table}_id_seq')) from generate_series(1, {max(2 * count, 1000)})"  # noqa: S608
            pool[:0] = reversed(self._one(query))

    def ids(self, table: str, count: int) -> pl.Series:
        """`count` fresh ids of a table, ascending."""
        self.stock(table, count)
        pool = self._pools[table]
        taken = [pool.pop() for _ in range(count)]
        return pl.Series(taken, dtype=pl.Int64)

    def fill(self, table: str, frame: pl.DataFrame) -> None:
        """Empty the temporary table `table`, made on first use after the frame's own columns, and COPY the frame in."""
        columns = ", ".join(f'"{name}" {_TYPES[type(kind)]}' for name, kind in frame.schema.items())
        self.execute(f"create temporary table if not exists {table} ({columns}) on commit drop; truncate {table}")
        self.copy(table, Lines.of(frame))
        self.execute(f"analyze {table}")

    def copy(self, table: str, lines: "Lines") -> None:
        """COPY rows into a table; columns not named take their defaults."""
        if not lines.rows:
            return
        started = perf_counter()
        with self.turn(), self._connection.cursor() as cursor:
            with cursor.copy(f"copy {table} ({lines.columns}) from stdin (format csv)".encode()) as copy:
                copy.write(lines.text)
            assert cursor.rowcount == lines.rows, "COPY lost a row"
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
        self._trust(1)
        yield
        self._trust(-1)

    def _trust(self, more: int) -> None:
        # The two threads may be inside at once: the first one in and the last one out turn the switch.
        with self.turn():
            self._trusting += more
            if self._trusting == (more > 0):
                self.execute(f"set local session_replication_role = {'replica' if self._trusting else 'origin'}")

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
