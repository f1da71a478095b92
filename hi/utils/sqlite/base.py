"""SQLite lets one connection write at a time, and whoever waits sleeps ever longer, in the end for 100 ms each time.
Where several workers write without a pause, one of them finds the lock taken for seconds, though it is free every few
milliseconds. Here everybody looks again after the same short time, so that each has the same chance; the worker of
scheduled syncs looks less often, so that it lets others go first.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base

WAIT_SECONDS = 20.0
LOOK_SECONDS = 0.005
LOOK_SECONDS_OF_SCHEDULED_SYNCS = 0.025


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        # Another process may be putting the file in order after a crash.
        return wait_for_lock(lambda: super(DatabaseWrapper, self).get_new_connection(conn_params | {"timeout": 0}))

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)


class Cursor(base.SQLiteCursorWrapper):
    """Only what begins a transaction, or is one, can meet another writer; it has done nothing yet and is repeated."""

    def execute(self, query: str, params: Any = None) -> Any:
        def once() -> Any:
            return super(Cursor, self).execute(query, params)

        return once() if self.connection.in_transaction else wait_for_lock(once)

    def executemany(self, query: str, param_list: Any) -> Any:
        """Needs a transaction: without one it could not be repeated, as part of it would be written already."""
        if not self.connection.in_transaction:
            raise sqlite3.ProgrammingError("executemany needs a transaction.")
        return super().executemany(query, param_list)


def wait_for_lock(once: Callable[[], Any]) -> Any:
    """What it returns, as soon as nobody else holds the lock. Raises sqlite3.OperationalError after WAIT_SECONDS."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return once()
        except sqlite3.OperationalError as err:
            if err.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(LOOK_SECONDS_OF_SCHEDULED_SYNCS if os.environ.get("HI_ROLE") == "worker" else LOOK_SECONDS)
