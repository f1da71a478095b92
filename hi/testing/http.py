"""HTTP as plain values: a request that came in, an answer that goes out."""

import zlib
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    """As it was sent: the path and the query, escaped."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """What a form holds; nothing if the body is something else."""
        if not self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def keep_alive(self) -> bool:
        return self.headers.get("connection", "").lower() != "close"

    @property
    def length(self) -> int:
        length = self.headers.get("content-length", "0")
        return int(length) if length.isdigit() else 0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    content_type: str | None = TEXT
    compressible: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    """How long the client waits for it."""
    is_lost: bool = False
    """The line breaks instead."""
    claimed: int | None = None
    """The length it says it has, if another than it has; the line ends where the body does."""
    until_end: bool = False
    """It says no length, and is over when the connection is."""
    stream: Callable[[], AsyncGenerator[bytes, None]] | None = None
    """What follows the body for as long as the client listens."""

    @property
    def ends_connection(self) -> bool:
        return self.until_end or self.stream is not None or self.claimed is not None

    def encode(self, request: Request | None = None) -> bytes:
        """The head and the body; a stream is left to who sends it."""
        body, lines = self.body, [f"HTTP/1.1 {self.status} {_phrase(self.status)}"]
        if self.content_type is not None:
            lines.append(f"Content-Type: {self.content_type}")
        accepted = request.headers.get("accept-encoding", "") if request else ""
        if self.compressible and "deflate" in accepted:
            body = zlib.compress(body)
            lines.append("Content-Encoding: deflate")
        if not self.until_end and self.stream is None:
            lines.append(f"Content-Length: {len(body) if self.claimed is None else self.claimed}")
        lines += [f"{name}: {value}" for name, value in (*self.headers, ("Server", ""))]
        head = "\r\n".join(lines) + "\r\n\r\n"
        return head.encode() + (b"" if request and request.method == "HEAD" else body)


def parse_head(head: bytes) -> Request:
    """Reads the first line and the headers; raises ValueError for what is no HTTP."""
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, version = first.split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError(f"not HTTP/1: {version}")
    pairs = (line.partition(":") for line in lines)
    return Request(method, target, {name.strip().lower(): value.strip() for name, _, value in pairs})


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def plain(status: int, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """A bare status with its name as the text."""
    return Answer(status, f"{status}: {_phrase(status)}".encode(), headers=headers)


def json_answer(value: Any, status: int = 200, content_type: str = JSON, compressible: bool = False) -> Answer:
    return Answer(status, orjson.dumps(value), content_type, compressible)
