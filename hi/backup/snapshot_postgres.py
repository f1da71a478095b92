"""Rows of PostgreSQL, each as SQLite would store it."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from hi.backup.tables import ROWS_AT_ONCE, Rows, Table, select_all


class PostgresSnapshot:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        connection.adapters.register_loader("timestamptz", _PlainTime)

    def rows(self, table: Table) -> Iterator[Rows]:
        with self._connection.cursor(name="backup") as cursor:
            cursor.execute(select_all(table).encode())
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield [tuple(_AS_STORED.get(type(value), _as_it_is)(value) for value in row) for row in rows]

    def last_id(self, table: Table) -> int:
        named = "SELECT pg_get_serial_sequence(%s, %s)"
        (sequence,) = self._fetch_one(named.encode(), (f'"{table.name}"', table.primary_key))
        newest = f"SELECT last_value, is_called FROM {sequence}"  # nosec B608 - PostgreSQL itself has just said it
        last, is_called = self._fetch_one(newest.encode())
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


def _as_it_is(value: Any) -> Any:
    return value


_AS_STORED: dict[type, Callable[[Any], Any]] = {
    bool: int,
    date: str,
    Decimal: float,
    UUID: lambda value: value.hex,
}
