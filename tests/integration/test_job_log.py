"""A job's tail of the log."""

import logging
import re
import threading

import pytest

from hi.integration.job_log import JobLog, capture
from hi.utils.redact import register_secret

pytestmark = pytest.mark.pure

CANARY = "c4n4ry-in-a-c0al-mine"
# The handler under test is on the root logger, where the settings put it.
logger = logging.getLogger("hi.work")


def test_what_is_logged_at_work_is_kept_with_its_time_and_level() -> None:
    log = JobLog()
    logger.warning("before")
    with capture(log):
        logger.warning("read %d rows", 7)
        logging.getLogger("library").error("gone")
    logger.warning("after")
    assert [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in log.lines] == [
        "WARNING hi.work: read 7 rows",
        "ERROR library: gone",
    ]


def test_the_time_is_utc() -> None:
    log = JobLog()
    record = logger.makeRecord("hi.work", logging.INFO, __file__, 1, "noon", (), None)
    record.created = 1767268800.9
    log.add(record)
    assert log.lines == ["12:00:00 INFO hi.work: noon"]


def test_only_the_last_lines_are_kept_and_long_ones_cut() -> None:
    log = JobLog(limit=3, length=40)
    with capture(log):
        for number in range(10):
            logger.warning("line %d %s", number, "x" * 100)
    assert [line.split(" line ")[1][0] for line in log.lines] == ["7", "8", "9"]
    assert {len(line) for line in log.lines} == {40}
    assert all(line.endswith("x…") for line in log.lines)


def test_no_secret_reaches_the_tail_not_even_where_the_line_is_cut() -> None:
    log = JobLog()
    register_secret(CANARY)
    with capture(log):
        logger.warning("token=%s", CANARY)
        logger.warning("%s%s", "x" * 270, CANARY)
        try:
            raise ValueError(f"http://user:{CANARY}@host failed")
        except ValueError:
            logger.exception("it ends")
    assert len(log.lines) == 3
    assert "c4n" not in "".join(log.lines)


def test_an_error_is_told_in_one_line() -> None:
    log = JobLog()
    with capture(log):
        try:
            raise ValueError("two\nlines")
        except ValueError:
            logger.exception("it ends")
    assert log.lines[0].endswith("ERROR hi.work: it ends ⏎ ValueError: two ⏎ lines")


def test_two_jobs_at_once_keep_their_lines_apart() -> None:
    logs = JobLog(), JobLog()
    both = threading.Barrier(2)

    def work(number: int) -> None:
        with capture(logs[number]):
            both.wait(5)
            logger.warning("from %d", number)

    threads = [threading.Thread(target=work, args=[number]) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line[-6:] for log in logs for line in log.lines] == ["from 0", "from 1"]


def test_a_record_that_cannot_be_formatted_does_not_end_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)  # else the standard library prints what went wrong
    log = JobLog()
    record = logger.makeRecord("hi.work", logging.WARNING, __file__, 1, "%d rows", ("many",), None)
    with capture(log):
        next(one for one in logging.getLogger().handlers if one.name == "job").handle(record)
    assert log.lines == []
