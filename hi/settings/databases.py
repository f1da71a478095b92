"""The two database aliases. `history` is apart so that the stream of values never contends with jobs for SQLite's one
write lock; on PostgreSQL, which locks rows, both name the same database."""

from pathlib import Path
from typing import Any

from hi.settings import env


def database_settings(url: str, data_dir: Path) -> tuple[dict[str, dict[str, Any]], bool]:
    """Django's DATABASES, and whether history is a database of its own."""
    if not url:
        return {
            "default": sqlite_database(data_dir / "db.sqlite3"),
            "history": sqlite_database(data_dir / "history.sqlite3"),
        }, True
    database = env.database_from_url(url)
    return {"default": database, "history": database | {"TEST": {"MIRROR": "default"}}}, False


def sqlite_database(path: Path) -> dict[str, Any]:
    """Django's settings of an SQLite file that several processes write to.

    IMMEDIATE takes the write lock when a transaction starts; the default upgrades a reader to a writer midway, which
    SQLite answers with "database is locked" at once, however long the timeout.
    """
    return {
        "ENGINE": "hi.utils.sqlite",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
