"""Columns between PostgreSQL and NumPy, a million rows at a time, without a row ever becoming a Python object.

    ids, due_on, cents = read("select account_id, due_on - date '1970-01-01', cents from accounts_due", "i8 i4 i8")
    with handed_over("moved", {"account_id": ids, "cents": cents}) as moved:
        moved.execute("update … set … from {moved} where …")

`read` packs all rows into one array per column inside the database: a message per row would cost more than the query.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

Column = npt.NDArray[Any]
Params = Mapping[str, Any]
Statement = tuple[str, Params | Sequence[Any]]
"""A query and its parameters."""

EPOCH: Final = date(1970, 1, 1)
NO_DAY: Final = -(2**31)
"""No such day, as in money and planning."""
FEW: Final = 500
"""Up to here a statement takes its rows as parameters; beyond, by COPY into a temporary table."""

_TYPES: Final = {"i2": "int2", "i4": "int4", "i8": "int8", "f8": "float8"}
_COPIED: Final = {"i": "bigint", "f": "double precision", "b": "boolean"}
_ARRAY_HEAD: Final = 20  # dimensions, flags, element type, length, lower bound: four bytes each
_COPY_HEAD: Final = 19
_ROWS_A_MESSAGE: Final = 50_000
_PREPARED_AFTER: Final = 4


def execute(query: str, params: Params | Sequence[Any] | None = None) -> int:
    """Run one statement; the number of rows it touched."""
    with _cursor() as cursor:
        cursor.execute(query, params)
        return int(cursor.rowcount)


def rows(query: str, params: Params | Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows of a query whose result is short (users, creditors, one account), as tuples."""
    with _cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())


def together(*statements: Statement) -> list[list[tuple[Any, ...]]]:
    """Run statements in one trip to the database; the rows of each, none for one that gives none.

    A trip costs more than a small statement where the database and we take turns on idle cores. The first error stops
    those after it.
    """
    if not statements:
        return []
    with connection.wrap_database_errors:
        cursors = [_cursor() for _ in statements]
        with connection.connection.pipeline():
            for cursor, (query, params) in zip(cursors, statements, strict=True):
                cursor.execute(query, params)
        return [list(cursor.fetchall()) if cursor.description else [] for cursor in cursors]


def insert(*new: Model) -> None:
    """Write new rows, of several tables if need be, in one statement; what the database fills in by itself is left to it.

    A key that was not given is not read back. For the few places where every round trip counts; else use the model.
    """
    params: dict[str, Any] = {}
    for n, row in enumerate(new):
        for field in _written(type(row), row.pk is not None):
            value = field.get_db_prep_save(getattr(row, field.attname), connection)
            # Numbers as text: their size would decide the type sent, and a new type is planned anew.
            params[f"{field.column}{n}"] = str(value) if isinstance(value, int) else value
    execute(_inserts(tuple((type(row), row.pk is not None) for row in new)), params)


@cache
def _written(model: type[Model], keyed: bool) -> tuple[Any, ...]:
    """The fields of a new row that have a value of ours."""
    fields = model._meta.concrete_fields
    return tuple(f for f in fields if not f.has_db_default() and (keyed or not f.primary_key))


@cache
def _inserts(new: tuple[tuple[type[Model], bool], ...]) -> str:
    parts = []
    for n, (model, keyed) in enumerate(new):
        names = [field.column for field in _written(model, keyed)]
        quoted = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(f"%({name}{n})s" for name in names)
        parts.append(f"insert into {model._meta.db_table} ({quoted}) values ({values})")  # noqa: S608
    before = ", ".join(f"w{n} as ({part})" for n, part in enumerate(parts[:-1]))
    return f"with {before} {parts[-1]}" if before else parts[-1]


def _cursor() -> CursorWrapper:
    """A cursor of Django's connection that sends parameters apart from the text, so that the database plans a statement
    said often only once: half the time of a payment was planning."""
    ours = connections[DEFAULT_DB_ALIAS]
    ours.ensure_connection()
    session = ours.connection
    session.prepare_threshold = _PREPARED_AFTER
    cursor: Any = psycopg.Cursor(session)
    return ours.make_debug_cursor(cursor) if ours.queries_logged else ours.make_cursor(cursor)


def read(query: str, types: str, params: Params | None = None, *, few: bool = False) -> list[Column]:
    """The columns of `query`, each of the type named (`i2 i4 i8 f8`, one per column), in the query's order.

    No value may be null: coalesce in the query. One call holds all its rows in memory on both sides: slice a table of
    tens of millions. `few` promises a handful of rows and takes the shorter way.
    """
    kinds = types.split()
    names = [f"c{n}" for n in range(len(kinds))]
    packed = ", ".join(f"array_agg({name}::{_TYPES[kind]})" for name, kind in zip(names, kinds, strict=True))
    whole = f"select {packed} from ({query}) as q({', '.join(names)})"  # noqa: S608
    if few:
        found = rows(whole, params)[0]
        return [np.array(values or [], dtype=f"<{kind}") for values, kind in zip(found, kinds, strict=True)]
    record = _copied(f"copy ({whole}) to stdout (format binary)", params)
    return [_values(array, kind) for array, kind in zip(_arrays(record, len(kinds)), kinds, strict=True)]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """NumPy columns that statements can name as a table: `{name}` in the text of `execute` stands for them."""

    name: str
    source: str
    params: Params

    def execute(self, query: str, params: Params | None = None) -> int:
        """Run one statement over the columns; the number of rows it touched."""
        return execute(*self.statement(query, params))

    def rows(self, query: str, params: Params | None = None) -> list[tuple[Any, ...]]:
        """`rows` over the columns."""
        return rows(*self.statement(query, params))

    def statement(self, query: str, params: Params | None = None) -> tuple[str, Params]:
        """A statement over the columns, for `together`."""
        return query.replace("{" + self.name + "}", self.source), {**self.params, **(params or {})}

    def read(self, query: str, types: str, params: Params | None = None) -> list[Column]:
        """`read` over the columns."""
        source, known = self.statement(query, params)
        return read(source, types, known, few=bool(self.params))


@contextmanager
def handed_over(name: str, columns: Mapping[str, Column]) -> Iterator[HandedOver]:
    """Give `columns` (bigint, double precision or boolean) to the database; inside a transaction."""
    fields = {field: _COPIED[column.dtype.kind] for field, column in columns.items()}
    if len(next(iter(columns.values()))) <= FEW:
        arrays = ", ".join(f"%({name}_{field})s::{kind}[]" for field, kind in fields.items())
        # As text: a list of numbers would be sent as smallint[] today and bigint[] tomorrow, and planned anew each time.
        params = {f"{name}_{field}": _as_text(column) for field, column in columns.items()}
        yield HandedOver(name, f"unnest({arrays}) as {name}({', '.join(fields)})", params)
        return
    columns_of_it = ", ".join(f"{field} {kind}" for field, kind in fields.items())
    execute(f"create temporary table {name} ({columns_of_it}) on commit drop")
    copy_in(name, columns)
    execute(f"analyze {name}")
    yield HandedOver(name, name, {})
    execute(f"drop table {name}")


def _as_text(column: Column) -> str:
    """A PostgreSQL array literal."""
    return "{" + ",".join(str(value).lower() for value in column.tolist()) + "}"


def copy_in(table: str, columns: Mapping[str, Column]) -> None:
    """Append NumPy columns to `table` by COPY. Integers are sent as bigint: for other types, pass through a query."""
    text = f"copy {table} ({', '.join(columns)}) from stdin (format binary)"
    with connection.cursor() as cursor, cursor.copy(text) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
        for start in range(0, len(next(iter(columns.values()))), _ROWS_A_MESSAGE):
            copy.write(_records([column[start : start + _ROWS_A_MESSAGE] for column in columns.values()]))
        copy.write(b"\xff\xff")


def _copied(query: str, params: Params | None) -> memoryview:
    """The one record of a COPY, without the format's head and tail."""
    with connection.cursor() as cursor:
        bound = psycopg.ClientCursor(connection.connection).mogrify(query, params) if params else query
        with cursor.copy(bound) as copy:
            parts = [bytes(message) for message in copy]
    whole = parts[0] if len(parts[0]) > _COPY_HEAD else parts[0] + parts[1]
    return memoryview(whole)[_COPY_HEAD:]


def _arrays(record: memoryview, count: int) -> list[memoryview]:
    """The fields of one record, each a packed array; an aggregate over no rows is null and gives an empty one."""
    at, found = 2, []
    for _ in range(count):
        length = max(int.from_bytes(record[at : at + 4], "big", signed=True), 0)
        found.append(record[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def _values(array: memoryview, kind: str) -> Column:
    if not len(array):
        return np.empty(0, dtype=f"<{kind}")
    assert int.from_bytes(array[4:8], "big") == 0, "a null came into a packed column; coalesce it in the query"
    body = np.frombuffer(array[_ARRAY_HEAD:], dtype=np.dtype([("length", ">i4"), ("value", f">{kind}")]))
    return body["value"].astype(f"<{kind}")


def _records(columns: Sequence[Column]) -> bytes:
    """Binary COPY records, no field null, every integer a bigint."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for n, column in enumerate(columns):
        layout += [(f"length{n}", ">i4"), (f"value{n}", {"i": ">i8", "f": ">f8", "b": "u1"}[column.dtype.kind])]
    records = np.empty(len(columns[0]), dtype=np.dtype(layout))
    records["fields"] = len(columns)
    for n, column in enumerate(columns):
        records[f"length{n}"] = 1 if column.dtype.kind == "b" else 8
        records[f"value{n}"] = column
    return records.tobytes()
