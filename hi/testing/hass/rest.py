"""The REST side as plain functions: a request in, an answer out.

https://developers.home-assistant.io/docs/api/rest
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import orjson

from hi.testing.hass.core import Core
from hi.testing.hass.service_calls import call_service

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
WEBSOCKET_PATH = "/api/websocket"

SIGN_IN_PAGE = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Please sign in</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""

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
    body: bytes
    content_type: str = TEXT
    compressible: bool = False
    delay: float = 0.0
    """How long the client waits for it."""
    is_lost: bool = False
    """The line breaks instead."""

    def encode(self, request: Request | None = None) -> bytes:
        body, extra = self.body, ""
        accepted = request.headers.get("accept-encoding", "") if request else ""
        if self.compressible and "deflate" in accepted:
            body, extra = zlib.compress(body), "Content-Encoding: deflate\r\n"
        head = (
            f"HTTP/1.1 {self.status} {_phrase(self.status)}\r\nContent-Type: {self.content_type}\r\n{extra}"
            f"Content-Length: {len(body)}\r\nServer: \r\n\r\n"
        )
        return head.encode() + (b"" if request and request.method == "HEAD" else body)


def parse_head(head: bytes) -> Request:
    """Reads the first line and the headers; raises ValueError for what is no HTTP."""
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, version = first.split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError(f"not HTTP/1: {version}")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Request(method, target.partition("?")[0], headers)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def plain(status: int) -> Answer:
    """A bare status with the text a real server gives it."""
    return Answer(status, f"{status}: {_phrase(status)}".encode())


def _json(value: Any, status: int = 200, compressible: bool = True) -> Answer:
    return Answer(status, orjson.dumps(value), JSON, compressible)


def stopped_by_fault(core: Core) -> Answer | None:
    """The answer of a server that does not get as far as looking at the request."""
    if core.faults.html:
        return Answer(200, SIGN_IN_PAGE, "text/html; charset=utf-8")
    if core.faults.status is not None:
        return plain(core.faults.status)
    if core.faults.banned:
        return plain(403)
    return None


def answer(core: Core, request: Request) -> Answer:
    if stopped := stopped_by_fault(core):
        return stopped
    is_state = request.path.startswith("/api/states/")
    is_service = request.path.startswith("/api/services/") and request.path.count("/") == 4
    if request.path not in _PAGES and not is_state and not is_service:
        return plain(404)
    if request.method not in (("POST",) if is_service else ("GET", "HEAD")):
        return plain(405)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not core.check_token(token if scheme == "Bearer" else None):
        return plain(401)
    if is_service:
        return _call(core, request)
    if not is_state:
        return _json(_PAGES[request.path](core))
    state = core.home.states.get(request.path.removeprefix("/api/states/").lower())
    return _json(state.to_wire(), compressible=False) if state else _json({"message": "Entity not found."}, 404)


def _call(core: Core, request: Request) -> Answer:
    """A service that refuses gives no reason here: that is the WebSocket's."""
    domain, service = request.path.split("/")[3:]
    try:
        data = orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError:
        data = None
    if not isinstance(data, dict):
        return _json({"message": "Data should be valid JSON."}, 400)
    outcome = call_service(core, domain, service, data)
    if outcome.error is None:
        answered = _json([state.to_wire() for state in outcome.changed])
    elif outcome.error[0] in ("not_found", "invalid_format"):
        answered = plain(400)
    else:
        answered = Answer(500, b"500 Internal Server Error\n\nServer got itself in trouble")
    return replace(answered, delay=outcome.delay, is_lost=outcome.is_lost)


_PAGES: dict[str, Callable[[Core], Any]] = {
    "/api/": lambda core: {"message": "API running."},
    "/api/config": lambda core: core.config(),
    "/api/core/state": lambda core: {
        "state": core.home.core_state,
        "recorder_state": {"migration_in_progress": False, "migration_is_live": False},
    },
    "/simulated/calls": lambda core: core.calls,
    "/api/states": lambda core: core.faults.limit("get_states", [s.to_wire() for s in core.home.states.values()]),
}
