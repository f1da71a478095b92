"""Recorder: what hi and a service say to each other, word for word, while somebody records it.

Whoever speaks to a service tells a tape of it; without a recorder that is a blank one, which keeps nothing. What is
kept holds secrets: `cassette.py` takes them out before anything is written.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed, InvalidStatus

from hi.integration.core.backoff import read_retry_after

MAX_BYTES = 20 * 1024 * 1024
# Of these only the size is kept: what cameras see is nobody's business.
PICTURES = ("image/", "video/", "audio/", "multipart/")


class Blank:
    """The tape of one exchange or conversation that nobody records."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        """What went wrong belongs to it."""

    def answered(self, status: int, content_type: str, body: bytes = b"", retry_after: float = 0.0) -> None:
        """What came back over HTTP."""

    def said(self, message: Any) -> None:
        """hi sent a message over a WebSocket."""

    def heard(self, frame: str | bytes) -> None:
        """A frame came, as it is."""


@dataclass
class Message:
    """Of a conversation: who said it, and after how many seconds. One without content is the service's hanging up."""

    at: float
    is_ours: bool
    content: Any


@dataclass
class Tape(Blank):
    """One exchange over HTTP (with a `method`), or one conversation over a WebSocket, which has no answer unless it was
    refused."""

    recorder: "Recorder"
    path: str
    method: str = ""
    form: Mapping[str, str] | None = None
    at: float = 0.0
    seconds: float = 0.0
    status: int = 0
    content_type: str = ""
    retry_after: float = 0.0
    body: bytes = b""
    left_out: int = 0
    error: str = ""
    messages: list[Message] = field(default_factory=list)

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self.seconds = self.recorder.clock() - self.at
        if not isinstance(err, Exception):
            return
        self.error = f"{type(err).__name__}: {err}"
        for one in _chain(err):
            if isinstance(one, InvalidStatus):
                refusal, wait = one.response, one.response.headers.get("Retry-After", "")
                content_type = refusal.headers.get("Content-Type", "")
                self.answered(refusal.status_code, content_type, bytes(refusal.body or b""), read_retry_after(wait))
            elif isinstance(one, ConnectionClosed):
                self._keep(None, False, 0)

    def answered(self, status: int, content_type: str, body: bytes = b"", retry_after: float = 0.0) -> None:
        self.status, self.content_type, self.retry_after = status, content_type, retry_after
        if content_type.lower().startswith(PICTURES) or not self.recorder.has_room(len(body)):
            self.left_out = len(body)
        else:
            self.body = body

    def said(self, message: Any) -> None:
        self._keep(message, True, 0)

    def heard(self, frame: str | bytes) -> None:
        self._keep(frame, False, len(frame))

    def _keep(self, content: Any, is_ours: bool, size: int) -> None:
        if self.recorder.has_room(size):
            self.messages.append(Message(self.recorder.clock() - self.at, is_ours, content))


class Recorder:
    """All tapes in the order in which they began. When it is full it keeps no more, and `is_cut`."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.tapes: list[Tape] = []
        self.is_cut = False
        self._left = max_bytes
        self._began = time.monotonic()

    def clock(self) -> float:
        return time.monotonic() - self._began

    def begin(self, path: str, method: str, form: Mapping[str, str] | None) -> Blank:
        if self.is_cut:
            return BLANK
        self.tapes.append(Tape(self, path, method, form, self.clock()))
        return self.tapes[-1]

    def has_room(self, size: int) -> bool:
        self.is_cut |= size > self._left
        self._left -= size
        return not self.is_cut


BLANK = Blank()
_recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


@contextmanager
def running(max_bytes: int = MAX_BYTES) -> Iterator[Recorder]:
    """Of the block, and of the tasks and threads that are begun in it with its context."""
    recorder = Recorder(max_bytes)
    before = _recorder.set(recorder)
    try:
        yield recorder
    finally:
        _recorder.reset(before)


def tape(path: str, method: str = "", form: Mapping[str, str] | None = None) -> Blank:
    """For one exchange, or without a method for one conversation."""
    recorder = _recorder.get()
    return BLANK if recorder is None else recorder.begin(path, method, form)


def _chain(err: BaseException | None) -> Iterator[BaseException]:
    while err is not None:
        yield err
        err = err.__cause__ or err.__context__
