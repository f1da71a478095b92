"""Two connections to one file, each with the settings that hi runs with."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, ProgrammingError, transaction
from django.db.utils import ConnectionHandler

from hi.settings.databases import sqlite_database
from hi.utils.sqlite import base

pytestmark = pytest.mark.wire


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[Any]:
    connections = ConnectionHandler({"default": sqlite_database(tmp_path / "db.sqlite3")})
    connection = connections["default"]
    monkeypatch.setattr(transaction, "connections", connections)
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE thing (name TEXT)")
        yield connection
        connection.close()


@pytest.fixture
def other(connection: Any) -> Iterator[sqlite3.Connection]:
    """Somebody else who writes."""
    path = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        yield other


def names(other: sqlite3.Connection) -> list[str]:
    return [name for (name,) in other.execute("SELECT name FROM thing")]


def let_go(other: sqlite3.Connection, seconds: float) -> threading.Timer:
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(seconds, other.rollback)
    timer.start()
    return timer


def test_a_transaction_begins_once_the_other_ends(connection: Any, other: sqlite3.Connection) -> None:
    timer = let_go(other, 0.2)

    with transaction.atomic(), connection.cursor() as cursor:
        assert not other.in_transaction
        cursor.execute("INSERT INTO thing VALUES (%s)", ["lamp"])

    timer.join()
    assert names(other) == ["lamp"]


def test_a_statement_of_its_own_waits_as_well_and_is_done_once(connection: Any, other: sqlite3.Connection) -> None:
    timer = let_go(other, 0.2)

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO thing VALUES (%s)", ["lamp"])

    timer.join()
    assert names(other) == ["lamp"]


def test_who_has_waited_long_looks_as_often_as_a_newcomer(
    connection: Any, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    def look_away(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 100:
            other.rollback()

    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(time, "sleep", look_away)
    with transaction.atomic():
        pass

    assert pauses == [base.LOOK_SECONDS] * 100


def test_a_lock_that_is_held_for_ever_is_told(
    connection: Any, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "WAIT_SECONDS", 0.1)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(OperationalError, match="locked"), transaction.atomic():
        pass

    other.rollback()
    with transaction.atomic():  # and the connection can be used again
        pass


def test_another_error_is_told_at_once(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: pytest.fail("it waited"))

    with pytest.raises(DatabaseError, match="no such table"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO furniture VALUES (1)")


def test_many_rows_need_a_transaction_as_half_of_them_cannot_be_repeated(
    connection: Any, other: sqlite3.Connection
) -> None:
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.executemany("INSERT INTO thing VALUES (%s)", [["lamp"], ["door"]])
    assert names(other) == []

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany("INSERT INTO thing VALUES (%s)", [["lamp"], ["door"]])
    assert names(other) == ["lamp", "door"]
