"""The two database aliases. `history` is apart so that the stream of values never contends with jobs for SQLite's one
write lock; on PostgreSQL, which locks rows, both name the same database."""

from pathlib import Path
from typing import Any

from hi.settings import env


def database_settings(url: str, data_dir: Path, keep_seconds: int = 0) -> tuple[dict[str, dict[str, Any]], bool]:
    """Django's DATABASES, and whether history is a database of its own."""
    if not url:
        return {
            "default": sqlite_database(data_dir / "db.sqlite3", keep_seconds),
            "history": sqlite_database(data_dir / "history.sqlite3", keep_seconds),
        }, True
    database = env.database_from_url(url) | {"CONN_MAX_AGE": keep_seconds}
    return {"default": database, "history": database | {"TEST": {"MIRROR": "default"}}}, False


def sqlite_database(path: Path, keep_seconds: int = 0) -> dict[str, Any]:
    """Django's settings of an SQLite file that several processes write to.

    IMMEDIATE takes the write lock when a transaction starts; the default upgrades a reader to a writer midway, which
    SQLite answers with "database is locked" at once, however long the timeout.
    """
    return {
        "ENGINE": "hi.utils.sqlite",
        "NAME": str(path),
        "CONN_MAX_AGE": keep_seconds,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
