"""Reads whole tables as they were at one moment, while others go on writing.

A row comes as SQLite stores it: times as text in UTC, truth as 0 or 1, JSON as text, a UUID as 32 digits. PostgreSQL
takes all of that as input, so one format serves both.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from django.db import connections

from hi.backup.migrated import aliases
from hi.backup.tables import ROWS_AT_ONCE, Rows, Table, select_all


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
    from hi.backup import snapshot_postgres  # not at the top: its driver is large, and few homes have PostgreSQL

    own = connections.create_connection("default")
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL timezone = 'UTC'")
            cursor.execute("SET LOCAL datestyle = 'ISO'")
        yield snapshot_postgres.PostgresSnapshot(own.connection)
    finally:
        own.close()


def _open(path: Path) -> sqlite3.Connection:
    # Not Django's connection, which would turn what is stored into Python's own types.
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=20)


class _SqliteSnapshot:
    def __init__(self, files: dict[str, sqlite3.Connection]) -> None:
        self._files = files

    def rows(self, table: Table) -> Iterator[Rows]:
        with closing(self._files[table.alias].execute(select_all(table))) as cursor:
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield rows

    def last_id(self, table: Table) -> int:
        found = self._files[table.alias].execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table.name])
        return int((found.fetchone() or (0,))[0])
