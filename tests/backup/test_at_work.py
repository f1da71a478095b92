"""Tables are changed by one machine alone, and while nothing is at work on them."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from hi.backup import at_work, making, migrated, upgrading
from hi.backup.errors import BackupError
from tests.factories import ProcessFactory


@pytest.mark.database
def test_while_something_is_at_work_nothing_is_upgraded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_work, "ALIVE", timedelta(0))
    monkeypatch.setattr(at_work, "GRACE", timedelta(seconds=0.1))
    monkeypatch.setattr(migrated, "is_between_two", lambda: pytest.fail("it began"))
    monkeypatch.setattr(making, "make_backup", lambda *_args: pytest.fail("it began"))
    ProcessFactory(seen_at=timezone.now() + timedelta(minutes=1))
    with pytest.raises(BackupError, match=r"^This version changes the tables, and hi is at work here or on another"):
        upgrading.upgrade()


@pytest.mark.database
def test_one_that_has_crashed_is_waited_out_and_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(at_work, "ALIVE", timedelta(seconds=0.5))
    ProcessFactory(name="web@here", seen_at=timezone.now())
    at_work.wait_for_rest()
    assert "waiting for web@here to end, for 5.5 s at most" in caplog.text
    caplog.clear()
    at_work.wait_for_rest()
    assert caplog.text == ""


@pytest.mark.database(transaction=True)
def test_of_two_machines_one_upgrades_after_the_other(caplog: pytest.LogCaptureFixture) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is of one machine, and its folder is locked")
    began, deeds = threading.Event(), []

    def other() -> None:
        began.set()
        with at_work.one_upgrade_at_a_time():
            deeds.append("other")
        connections.close_all()

    with at_work.one_upgrade_at_a_time():
        thread = threading.Thread(target=other)
        thread.start()
        began.wait(5)
        thread.join(0.5)
        deeds.append("first")
    thread.join(5)
    assert deeds == ["first", "other"]
    assert caplog.text.count("another machine brings the tables up to date: waiting for it") == 1
