"""What is logged while a job is at work, kept for the job's page."""

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from hi.utils.redact import LINE_END, redact

MAX_LINES = 60
MAX_LENGTH = 300


class JobLog:
    """The last lines of one job, in UTC and with secrets taken out. `lines`: those of its earlier attempts."""

    def __init__(self, lines: Iterable[str] = (), limit: int = MAX_LINES, length: int = MAX_LENGTH) -> None:
        self._lines: deque[str] = deque(lines, maxlen=limit)
        self._length = length

    @property
    def lines(self) -> list[str]:
        return list(self._lines)

    def add(self, record: logging.LogRecord) -> None:
        at = datetime.fromtimestamp(record.created, UTC)
        text = f"{at:%H:%M:%S} {record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1] is not None:
            # The error alone: its traceback is in the log file, and would fill the line.
            text += f"\n{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        # Redacted while it is whole: half a secret would not be recognised.
        line = redact(text).replace("\r", "").replace("\n", LINE_END)
        self._lines.append(line if len(line) <= self._length else f"{line[: self._length - 1]}…")


_log: ContextVar[JobLog | None] = ContextVar("job_log", default=None)


@contextmanager
def capture(log: JobLog) -> Iterator[None]:
    """Keep in `log` what is logged in the block, here and in tasks started by it."""
    before = _log.set(log)
    try:
        yield
    finally:
        _log.reset(before)


class JobLogHandler(logging.Handler):
    """Hands each record to the log of the job at work, if there is one. On the root logger, once a process."""

    def emit(self, record: logging.LogRecord) -> None:
        log = _log.get()
        if log is None:
            return
        try:
            log.add(record)
        except Exception:  # noqa: BLE001 - like every handler: a record that cannot be formatted must not end the work
            self.handleError(record)
