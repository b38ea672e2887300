"""Columns between PostgreSQL and NumPy, a million rows at a time, without a row ever becoming a Python object.

    found = read("select account_id, due_on - date '1970-01-01', cents from accounts_due", "i8 i4 i8")
    with temporary("moved", {"account_id": ids, "cents": cents}):       # COPY into a temporary table
        execute("update ... from moved ...")

`read` packs all rows into one array per column inside the database: a message per row would cost more than the query.
Text is read by `read_text`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection

Column = npt.NDArray[Any]

EPOCH: Final = date(1970, 1, 1)
DAY_SQL: Final = "date '1970-01-01'"
"""`day - DAY_SQL` is a day number in a query."""

_TYPES: Final = {"i2": "int2", "i4": "int4", "i8": "int8", "f8": "float8"}
_COPIED: Final = {"i": "bigint", "f": "double precision", "b": "boolean"}
_ARRAY_HEAD: Final = 20  # dimensions, flags, element type, length, lower bound: four bytes each
_COPY_HEAD: Final = 19


def execute(query: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> int:
    """Run one statement; the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return int(cursor.rowcount)


def read(query: str, types: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> list[Column]:
    """The columns of `query`, each of the type named (`i2 i4 i8 f8`, one per column), in the query's order.

    No value may be null. One call holds all rows in memory on both sides: slice a table of tens of millions.
    """
    kinds = types.split()
    names = [f"c{n}" for n in range(len(kinds))]
    packed = ", ".join(f"array_agg({name}::{_TYPES[kind]})" for name, kind in zip(names, kinds, strict=True))
    record = _copied(
        f"copy (select {packed} from ({query}) as q({', '.join(names)})) to stdout (format binary)", params
    )  # noqa: S608
    return [_values(array, kind) for array, kind in zip(_arrays(record, len(kinds)), kinds, strict=True)]


def read_text(query: str, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """Rows of a query whose result is short (code tables, users), as tuples."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())


@contextmanager
def temporary(name: str, columns: Mapping[str, Column]) -> Iterator[str]:
    """A temporary table holding `columns` (bigint, double precision or boolean), gone with the block."""
    fields = ", ".join(f"{field} {_COPIED[column.dtype.kind]}" for field, column in columns.items())
    execute(f"create temporary table {name} ({fields}) on commit drop")
    copy_in(name, columns)
    execute(f"analyze {name}")
    yield name
    execute(f"drop table {name}")


def copy_in(table: str, columns: Mapping[str, Column]) -> None:
    """Append NumPy columns to `table` (its columns bigint, double precision, boolean: as `temporary` makes them)."""
    with connection.cursor() as cursor:
        with cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin (format binary)") as copy:  # type: ignore[attr-defined]
            copy.write(_head())
            size = len(next(iter(columns.values())))
            for start in range(0, size, 100_000):
                copy.write(_records([column[start : start + 100_000] for column in columns.values()]))
            copy.write(b"\xff\xff")


def day_numbers(days: Sequence[date | None], missing: int) -> Column:
    """int32 days since 1970-01-01; `missing` where there is none."""
    return np.array([missing if day is None else (day - EPOCH).days for day in days], dtype=np.int32)


def _copied(query: str, params: Sequence[Any] | Mapping[str, Any] | None) -> memoryview:
    """The one record of a COPY, without the format's head and tail."""
    with connection.cursor() as cursor:
        bound = psycopg.ClientCursor(connection.connection).mogrify(query, params) if params else query
        with cursor.copy(bound) as copy:  # type: ignore[attr-defined]
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


def _head() -> bytes:
    return b"PGCOPY\n\xff\r\n\x00" + bytes(8)


def _records(columns: Sequence[Column]) -> bytes:
    """Binary COPY records: every field not null, integers as bigint."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for n, column in enumerate(columns):
        layout += [(f"length{n}", ">i4"), (f"value{n}", {"i": ">i8", "f": ">f8", "b": "u1"}[column.dtype.kind])]
    records = np.empty(len(columns[0]), dtype=np.dtype(layout))
    records["fields"] = len(columns)
    for n, column in enumerate(columns):
        records[f"length{n}"] = 1 if column.dtype.kind == "b" else 8
        records[f"value{n}"] = column
    return records.tobytes()
