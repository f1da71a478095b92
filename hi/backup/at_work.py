"""Whether hi is running, and whether it holds anything yet: what decides if its database may be exchanged."""

import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.utils import timezone

from hi.backup import tables
from hi.backup.errors import BackupError, told_as
from hi.backup.migrated import applied_migrations
from hi.utils import folder_lock

logger = logging.getLogger(__name__)
# A process says every five seconds that it is there.
ALIVE = timedelta(seconds=20)
GRACE = timedelta(seconds=5)
UPGRADE_LOCK = 0x6869  # any number that no other program takes


@contextmanager
def nobody_else() -> Iterator[None]:
    """Nothing of hi runs here, and nothing is started meanwhile."""
    (settings.HI_DATA_DIR / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        lock = folder_lock.take_lock(settings.HI_DATA_DIR)
    except folder_lock.FolderTakenError:
        raise BackupError("hi is running: stop it first.") from None
    with closing(lock):
        if _list_at_work():
            raise BackupError("hi is running, or was until a moment ago: stop it, and wait for 20 seconds.")
        yield


@contextmanager
def one_upgrade_at_a_time() -> Iterator[None]:
    """Several machines may start a new version together on one PostgreSQL; the folder's lock keeps SQLite to one."""
    if connections["default"].vendor != "postgresql":
        yield
        return
    # One of its own: the lock ends with the connection, and the others are closed when tables are exchanged.
    with closing(connections.create_connection("default")) as own:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [UPGRADE_LOCK])
            if not cursor.fetchone()[0]:
                logger.warning("another machine brings the tables up to date: waiting for it")
                cursor.execute("SELECT pg_advisory_lock(%s)", [UPGRADE_LOCK])
        yield


def wait_for_rest() -> None:
    """Until nothing of hi is at work, for as long as one that ended unasked seems to be."""
    seconds = (ALIVE + GRACE).total_seconds()
    deadline = time.monotonic() + seconds
    if names := _list_at_work():
        # A warning, for the supervisor shows no less on the terminal, where somebody waits for the first page.
        logger.warning(
            "this version changes the tables: waiting for %s to end, for %g s at most", ", ".join(names), seconds
        )
    while _list_at_work():
        if time.monotonic() > deadline:
            raise BackupError(
                "This version changes the tables, and hi is at work here or on another machine: stop all of it, then"
                " start this version."
            )
        time.sleep(0.5)


def _list_at_work() -> list[str]:
    """Whose last word is recent: also on other machines and in containers, which know nothing of the folder's lock."""
    if "integration_process" not in _table_names():
        return []
    alive = apps.get_model("integration", "Process").objects.filter(seen_at__gt=timezone.now() - ALIVE)
    return list(alive.values_list("name", flat=True))


def _table_names() -> list[str]:
    with told_as("The database can't be used"):
        return connections["default"].introspection.table_names()


def has_tables() -> bool:
    return "django_migrations" in _table_names()


def is_empty() -> bool:
    """Nobody has signed in yet, and nothing is in it but what the first start makes."""
    if not has_tables():
        return True
    carried = {table.label: table for table in tables.describe(applied_migrations())}
    homely = [
        table
        for label, table in carried.items()
        if label.split(".")[0] in ("entity", "integration") and label != "integration.auditentry"  # a token was made
    ]
    if any(_has_rows(table) for table in homely):
        return False
    people = carried.get("accounts.user")
    return people is None or not _has_rows(people, "WHERE last_login IS NOT NULL")


def _has_rows(table: tables.Table, condition: str = "") -> bool:
    with connections[table.alias].cursor() as cursor:
        cursor.execute(f'SELECT 1 FROM "{table.name}" {condition} LIMIT 1')  # nosec B608 - as the migrations name it
        return cursor.fetchone() is not None
