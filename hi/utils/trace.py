"""The id of what is being done: one from a click through its job to the requests that go out, in every log line."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Request-ID"
SHORT = 8
# As long as the column of a job. What a client sends ends in logs and in headers, so it gets no other characters.
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,32}")

_trace: ContextVar[str] = ContextVar("trace", default="")
_job: ContextVar[str] = ContextVar("job", default="")


def new() -> str:
    return uuid.uuid4().hex


def current() -> str:
    """Empty where nothing is bound."""
    return _trace.get()


def current_job() -> str:
    """The id of the job at work; empty outside of one."""
    return _job.get()


def headers() -> dict[str, str]:
    """What an outgoing request carries, so that the other side's log can be searched for it too."""
    return {HEADER: current()} if current() else {}


@contextmanager
def bind(trace: str = "", *, job: str = "") -> Iterator[str]:
    """Bind an id for the block and for the tasks started in it; a new one if `trace` is empty or not acceptable.

    A thread started in the block does not have it, unless it runs in a copy of the context.
    """
    bound = trace if _ACCEPTABLE.fullmatch(trace) else new()
    trace_before, job_before = _trace.set(bound), _job.set(job or _job.get())
    try:
        yield bound
    finally:
        _trace.reset(trace_before)
        _job.reset(job_before)
