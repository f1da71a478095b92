"""Where a database is built before it takes the place of the one that is there: files beside SQLite's, a schema of its
own in PostgreSQL. Until then the old one is not touched, whatever happens."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connections, transaction
from django.db.utils import ConnectionHandler

from hi.backup.errors import BackupError
from hi.backup.migrated import aliases, applied_migrations
from hi.backup.tables import every_name

Databases: TypeAlias = Mapping[str, dict[str, Any]]
FOLDER = SCHEMA = "hi_restoring"
SEARCH_PATH = f"-c search_path={SCHEMA}"
QUICKLY = "PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF;"  # a file that is of no use until it is whole


class Site(Protocol):
    @property
    def databases(self) -> Databases:
        """To build in; point at them."""

    def begin(self) -> None:
        """Empty, whatever was left of an earlier attempt."""

    def move_in(self) -> None:
        """Take the place of the old databases."""

    def clear(self) -> None: ...


def present() -> Databases:
    return {alias: connections.settings[alias] for alias in ("default", "history")}


def complete(databases: dict[str, dict[str, Any]]) -> Databases:
    """With all that Django expects in its settings."""
    return ConnectionHandler(databases).settings


@contextmanager
def beside(databases: Databases) -> Iterator[Site]:
    """An empty place beside these. What has not moved in at the end goes."""
    site: Site = SqliteSite(databases) if _are_files(databases) else PostgresSite(databases)
    site.begin()
    try:
        yield site
    finally:
        with suppress(DatabaseError):  # a server that has gone; the next one begins with clearing
            site.clear()


@contextmanager
def pointed_at(databases: Databases) -> Iterator[None]:
    """Have both aliases mean other databases. For a process that does nothing else meanwhile."""
    before = present()
    _point(databases)
    try:
        yield
    finally:
        _point(before)


def _point(databases: Databases) -> None:
    for alias, database in databases.items():
        connections[alias].close()
        connections.settings[alias] = database
        del connections[alias]
    settings.HISTORY_IS_SEPARATE = _are_files(databases)
    ContentType.objects.clear_cache()


def _are_files(databases: Databases) -> bool:
    return bool(databases["default"]["NAME"] != databases["history"]["NAME"])


class SqliteSite:
    def __init__(self, databases: Databases) -> None:
        self._targets = {alias: Path(str(database["NAME"])) for alias, database in databases.items()}
        self._folder = self._targets["default"].parent / FOLDER
        self._files = {alias: self._folder / target.name for alias, target in self._targets.items()}
        self.databases = {
            alias: database
            | {"NAME": str(self._files[alias]), "OPTIONS": database["OPTIONS"] | {"init_command": QUICKLY}}
            for alias, database in databases.items()
        }

    def begin(self) -> None:
        self.clear()
        self._folder.mkdir(mode=0o700, parents=True)

    def move_in(self) -> None:
        for alias in aliases():
            connections[alias].close()
        for file in self._files.values():
            _flush(file)
        for target in self._targets.values():
            _fold(target)
        for alias, file in self._files.items():
            os.replace(file, self._targets[alias])
        for folder in {target.parent for target in self._targets.values()}:
            _flush(folder)

    def clear(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _fold(path: Path) -> None:
    """Put the write-ahead log into its file: left lying, it would be taken for that of the new one."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=2)) as file:
            file.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as err:
        raise BackupError(f"{path} is in use ({err}): stop what uses it.") from err


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class PostgresSite:
    def __init__(self, databases: Databases) -> None:
        self._target = databases
        self.databases = {alias: _with_search_path(database) for alias, database in databases.items()}

    def begin(self) -> None:
        self.clear()
        self._execute(f"CREATE SCHEMA {SCHEMA}")

    def move_in(self) -> None:
        """In one transaction: others see the old tables or the new ones."""
        with pointed_at(self._target), transaction.atomic():
            old = every_name(applied_migrations())
            with connections["default"].cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '30s'")
                cursor.execute("SELECT quote_ident(current_schema())")
                target = cursor.fetchone()[0]
                cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [SCHEMA])
                new = {name for (name,) in cursor.fetchall()}
                for name in sorted(old | new):
                    cursor.execute(f'DROP TABLE IF EXISTS {target}."{name}" CASCADE')
                for name in sorted(new):
                    cursor.execute(f'ALTER TABLE {SCHEMA}."{name}" SET SCHEMA {target}')
                cursor.execute(f"DROP SCHEMA {SCHEMA}")

    def clear(self) -> None:
        self._execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")

    def _execute(self, statement: str) -> None:
        with pointed_at(self._target), connections["default"].cursor() as cursor:
            cursor.execute(statement)


def _with_search_path(database: dict[str, Any]) -> dict[str, Any]:
    options = database["OPTIONS"]
    return database | {"OPTIONS": options | {"options": f"{options.get('options', '')} {SEARCH_PATH}".strip()}}
