"""Puts the rows of a backup into tables that are of its own migrations: one transaction a database."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import orjson
from django.db import DatabaseError, connections, transaction

from hi.backup.archive import ROWS, Archive, read_part, reading, walk
from hi.backup.errors import BackupError, first_line
from hi.backup.migrated import aliases
from hi.backup.tables import NOT_CARRIED, Table


def load(archive: Archive, tables: Sequence[Table]) -> None:
    """What migrations have put into the tables goes. A table that was carried once and is not any more is left out, and
    one that was not is empty."""
    by_label = {table.label: table for table in tables if table.label in archive.tables}
    for label, found in archive.tables.items():
        expected = set(by_label[label].columns) if label in by_label else None
        if label not in NOT_CARRIED and set(found.columns) != expected:
            raise BackupError(f"{archive.path} is damaged: its {label} is not that of its time.")
    loaded = dict.fromkeys(by_label, 0)
    with ExitStack() as stack:
        for alias in aliases():
            stack.enter_context(transaction.atomic(using=alias))
        for table in tables:
            _execute(table, f"DELETE FROM {_quoted(table.name)}")  # nosec B608 - as the migrations name it
        with reading(archive.path):
            for name, file, size in walk(archive.path):
                label = name.split("/")[1] if name.startswith(ROWS) else ""
                if label in by_label:
                    table = by_label[label]
                    rows = [orjson.loads(line) for line in read_part(file, size).splitlines()]
                    _insert(table, archive.tables[table.label].columns, rows)
                    loaded[table.label] += len(rows)
        for table in by_label.values():
            if table.numbers_itself:
                _go_on_numbering(table, archive.tables[table.label].last_id)
    if loaded != {label: archive.tables[label].rows for label in by_label}:
        raise BackupError(f"{archive.path} is damaged: it has fewer or more rows than it says.")
    for table in tables:
        if connections[table.alias].vendor == "postgresql":
            _execute(table, f"ANALYZE {_quoted(table.name)}")  # or the first minutes are slow


def _insert(table: Table, columns: Sequence[str], rows: list[list[Any]]) -> None:
    names = ", ".join(map(_quoted, columns))
    connection = connections[table.alias]
    try:
        # Django itself wraps no errors of COPY.
        with connection.wrap_database_errors, connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                marks = ", ".join(["%s"] * len(columns))
                statement = f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({marks})"  # nosec B608 - quoted
                cursor.executemany(statement, rows)
                return
            with cursor.copy(f"COPY {_quoted(table.name)} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
    except DatabaseError as err:
        raise BackupError(f"The database does not take what was in {table.label}: {first_line(err)}.") from err


def _go_on_numbering(table: Table, last: int) -> None:
    """Numbers that were given once are not given again, also those of rows that have been deleted since."""
    if connections[table.alias].vendor == "sqlite":
        _execute(table, "DELETE FROM sqlite_sequence WHERE name = %s", table.name)
        _execute(table, "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", table.name, last)
    elif last:
        sequence = "pg_get_serial_sequence(%s, %s)"
        _execute(table, f"SELECT setval({sequence}, %s)", _quoted(table.name), table.primary_key, last)


def _execute(table: Table, statement: str, *parameters: str | int) -> None:
    with connections[table.alias].cursor() as cursor:
        cursor.execute(statement, parameters or None)


def _quoted(name: str) -> str:
    return f'"{name}"'
