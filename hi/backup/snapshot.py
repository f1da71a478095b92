"""Reads whole tables as they were at one moment, while others go on writing.

A row comes as SQLite stores it: times as text in UTC, truth as 0 or 1, JSON as text, a UUID as 32 digits. PostgreSQL
takes all of that as input, so one format serves both.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import psycopg
from django.db import connections
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from hi.backup.tables import Table, aliases

Rows: TypeAlias = list[tuple[Any, ...]]
ROWS_AT_ONCE = 500


class Snapshot(Protocol):
    def rows(self, table: Table) -> Iterator[Rows]: ...

    def last_id(self, table: Table) -> int:
        """The highest number that was ever given to a row."""


@contextmanager
def take_snapshot() -> Iterator[Snapshot]:
    """Begin to read everything now."""
    connection = connections["default"]
    if connection.vendor == "sqlite":
        # History first: so it tells of no state that the other does not know, whose number a new one would get.
        opened = {alias: _open(Path(str(connections[alias].settings_dict["NAME"]))) for alias in reversed(aliases())}
        try:
            for file in opened.values():
                # In WAL mode a reader sees what was there when its transaction read first, and holds up no writer.
                file.execute("BEGIN")
                file.execute("SELECT COUNT(*) FROM sqlite_master")
            yield _SqliteSnapshot(opened)
        finally:
            for file in opened.values():
                file.close()
        return
    own = connections.create_connection("default")
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL timezone = 'UTC'")
            cursor.execute("SET LOCAL datestyle = 'ISO'")
        yield _PostgresSnapshot(own.connection)
    finally:
        own.close()


def _open(path: Path) -> sqlite3.Connection:
    # Not Django's connection, which would turn what is stored into Python's own types.
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=20)


class _SqliteSnapshot:
    def __init__(self, files: dict[str, sqlite3.Connection]) -> None:
        self._files = files

    def rows(self, table: Table) -> Iterator[Rows]:
        with closing(self._files[table.alias].execute(_select(table))) as cursor:
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield rows

    def last_id(self, table: Table) -> int:
        found = self._files[table.alias].execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table.name])
        return int((found.fetchone() or (0,))[0])


class _PostgresSnapshot:
    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        connection.adapters.register_loader("timestamptz", _PlainTime)

    def rows(self, table: Table) -> Iterator[Rows]:
        with self._connection.cursor(name="backup") as cursor:
            cursor.execute(_select(table).encode())
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield [tuple(_AS_STORED.get(type(value), _as_it_is)(value) for value in row) for row in rows]

    def last_id(self, table: Table) -> int:
        named = "SELECT pg_get_serial_sequence(%s, %s)"
        (sequence,) = self._fetch_one(named.encode(), (f'"{table.name}"', table.primary_key))
        last, is_called = self._fetch_one(f"SELECT last_value, is_called FROM {sequence}".encode())  # nosec B608
        return int(last) if is_called else 0

    def _fetch_one(self, statement: bytes, parameters: tuple[str, ...] = ()) -> tuple[Any, ...]:
        found = self._connection.execute(statement, parameters or None).fetchone()
        assert found is not None
        return tuple(found)


class _PlainTime(Loader):
    """A time as SQLite stores it, without making one of it first: a large history is little else."""

    def load(self, data: Buffer) -> str:
        text = str(data, "ascii").removesuffix("+00")
        return text if "." not in text else text.ljust(len("2026-11-26 01:20:18.123456"), "0")


def _select(table: Table) -> str:
    columns = ", ".join(f'"{column}"' for column in table.columns)
    return f'SELECT {columns} FROM "{table.name}" ORDER BY "{table.primary_key}"'  # nosec B608 - as the migrations name


def _as_it_is(value: Any) -> Any:
    return value


_AS_STORED: dict[type, Callable[[Any], Any]] = {
    bool: int,
    date: str,
    Decimal: str,
    UUID: lambda value: value.hex,
}
