"""Looking at what hi stands on: databases, Redis, disk, keys. Nothing here raises, or takes above two seconds."""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from hi.backup import schedule
from hi.integration import routes
from hi.integration.health import bounded
from hi.integration.health.facts import BackupFacts, DatabaseFacts, DiskFacts, KeyFacts, RedisFacts
from hi.utils import crypto, keys, redis_client
from hi.utils.redact import redact

PATIENCE_SECONDS = 2.0


def aliases() -> tuple[str, ...]:
    return ("default", "history") if settings.HISTORY_IS_SEPARATE else ("default",)


def probe_databases() -> tuple[DatabaseFacts, ...]:
    asked = {alias: bounded.ask(lambda alias=alias: _probe_database(alias)) for alias in aliases()}  # type: ignore[misc]
    deadline = time.monotonic() + PATIENCE_SECONDS
    found = []
    for alias, answer in asked.items():
        try:
            found.append(answer.result(max(0.0, deadline - time.monotonic())))
        except TimeoutError:
            found.append(DatabaseFacts(alias, error=f"no answer within {PATIENCE_SECONDS:g} s"))
        except (DatabaseError, ImproperlyConfigured, OSError) as err:
            found.append(DatabaseFacts(alias, error=say(err)))
    return tuple(found)


def _probe_database(alias: str) -> DatabaseFacts:
    # A connection of its own: that of the caller may be in the middle of something, and belongs to its thread.
    connection = connections.create_connection(alias)
    path = Path(str(connection.settings_dict["NAME"])) if connection.vendor == "sqlite" else None
    if path is not None and not path.exists():
        # Connecting would create it.
        return DatabaseFacts(alias, error=f"{path} does not exist", absent=True)
    try:
        begin = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            took = (time.monotonic() - begin) * 1000
            version = _version(connection)
            if path is not None:
                return _sqlite_facts(alias, path, took, version)
            cursor.execute("SELECT pg_database_size(current_database())")
            return DatabaseFacts(alias, milliseconds=took, version=version, size_bytes=cursor.fetchone()[0])
    finally:
        connection.close()


def _version(connection: BaseDatabaseWrapper) -> str:
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, connection.vendor)
    return f"{name} {'.'.join(str(part) for part in connection.get_database_version())}"


def _sqlite_facts(alias: str, path: Path, took: float, version: str) -> DatabaseFacts:
    wal = path.with_name(path.name + "-wal")
    return DatabaseFacts(
        alias,
        milliseconds=took,
        version=version,
        size_bytes=path.stat().st_size,
        wal_bytes=wal.stat().st_size if wal.exists() else 0,
        # Without taking the write lock, which would hold up who really writes.
        writable=all(os.access(place, os.W_OK) for place in (path, path.parent)),
    )


def probe_redis() -> RedisFacts:
    try:
        with redis_client.connect() as client:
            begin = time.monotonic()
            client.ping()
            took = (time.monotonic() - begin) * 1000
            pipeline = client.pipeline(transaction=False)
            pipeline.info()
            for queue in routes.QUEUES:
                pipeline.llen(queue)
            info, *depths = pipeline.execute()
    except (redis.RedisError, OSError, ValueError) as err:
        return RedisFacts(error=say(err))
    return RedisFacts(
        milliseconds=took,
        version=str(info.get("valkey_version") or info.get("redis_version") or ""),
        memory_bytes=int(info.get("used_memory", 0)),
        memory_limit_bytes=int(info.get("maxmemory", 0)),
        keeps_on_disk=bool(info.get("aof_enabled")) or bool(info.get("rdb_saves")),
        write_failed=bool(info.get("aof_enabled")) and info.get("aof_last_write_status") != "ok",
        depths=dict(zip(routes.QUEUES, depths, strict=True)),
    )


def probe_disk() -> DiskFacts:
    folder: Path = settings.HI_DATA_DIR
    try:
        os.scandir(folder).close()  # tells a folder that may not be read
        usage = shutil.disk_usage(folder)
    except OSError as err:
        return DiskFacts(folder, error=err.strerror or str(err))
    return DiskFacts(folder, free_bytes=usage.free, total_bytes=usage.total)


def probe_backups() -> BackupFacts:
    facts = BackupFacts(settings.HI_BACKUP_DIR, settings.HI_BACKUP_HOURS, failure=schedule.last_failure())
    try:
        # It may be another machine's folder.
        return replace(facts, newest_at=bounded.ask(schedule.newest_at).result(PATIENCE_SECONDS))
    except TimeoutError:
        return replace(facts, error=f"no answer within {PATIENCE_SECONDS:g} s")
    except OSError as err:
        return replace(facts, error=err.strerror or str(err))


def probe_keys() -> KeyFacts:
    """Whether there are keys at all, and who may read them; whether they fit is for the database to say."""
    try:
        crypto.cipher(settings.HI_SECRET_KEYS)
        files = sorted(settings.HI_KEYS_DIR.iterdir()) if settings.HI_KEYS_DIR.is_dir() else []
        open_files = tuple(str(path) for path in files if path.is_file() and path.stat().st_mode & 0o077)
    except ImproperlyConfigured:
        word = "is not valid" if settings.HI_SECRET_KEYS else "is missing"
        return KeyFacts(error=f"The key that encrypts secrets ({settings.HI_KEYS_DIR / keys.SECRET_KEY}) {word}.")
    except OSError as err:
        return KeyFacts(error=f"{err.filename} can't be read ({err.strerror}).")
    return KeyFacts(readable_by_others=open_files)


def say(err: BaseException) -> str:
    """An error's first line, secrets taken out."""
    lines = redact(str(err)).strip().splitlines()
    return (lines[0].rstrip(".") if lines else "") or type(err).__name__
