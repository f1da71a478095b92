"""The databases of the models' tests: the first worker of a run makes the tables, the others copy them."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connection, connections
from django.test.utils import setup_databases

COPY = "hi_copy"


def make(folder: Path) -> None:
    """`folder` is one for all workers of a run."""
    with _alone(folder) as is_first:
        if not is_first:
            _take(folder)
        setup_databases(
            verbosity=0,
            interactive=False,
            keepdb=True,
            aliases={"default": False, "history": False},
            serialized_aliases=set(),
        )
        if is_first:
            _give(folder)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    done = folder / "databases.made"
    with (folder / "databases.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not done.exists()
        done.touch()


def _give(folder: Path) -> None:
    connections.close_all()
    if connection.vendor == "sqlite":
        for alias in connections:
            shutil.copyfile(connections[alias].settings_dict["NAME"], folder / alias)
    else:
        _copy(str(connection.settings_dict["NAME"]), COPY)


def _take(folder: Path) -> None:
    if connection.vendor == "sqlite":
        for alias in connections:
            shutil.copyfile(folder / alias, connections[alias].settings_dict["TEST"]["NAME"])
    else:
        _copy(COPY, connection.settings_dict["TEST"]["NAME"])


def _copy(source: str, target: str) -> None:
    with psycopg.connect(os.environ["HI_TEST_POSTGRES_URL"], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"'.encode())
