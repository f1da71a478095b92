"""A plain client of the WebSocket, which hides nothing from a test."""

import json
from collections import deque
from types import TracebackType
from typing import Any

from websockets.sync.client import ClientConnection, connect

from hi.testing.hass import SimulatedHass

Message = dict[str, Any]
PATIENCE_SECONDS = 5.0


def open_socket(sim: SimulatedHass, **options: Any) -> Any:
    """A connection that has not logged in, as a context manager."""
    return connect(sim.ws_url, proxy=None, compression=None, max_size=None, close_timeout=0.2, **options)


class Client:
    """Logs in on entering. Messages are single ones, whether they came in a list or not."""

    def __init__(self, sim: SimulatedHass, token: str | None = None, **options: Any) -> None:
        self._opening = open_socket(sim, **options)
        self.frames: list[Any] = []
        self._token = token or sim.token
        self._waiting: deque[Message] = deque()
        self._last_id = 0

    def __enter__(self) -> "Client":
        self.socket: ClientConnection = self._opening.__enter__()
        assert self.receive()["type"] == "auth_required"
        self.socket.send(json.dumps({"type": "auth", "access_token": self._token}))
        assert self.receive()["type"] == "auth_ok"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._opening.__exit__(kind, error, at)

    def send(self, kind: str, **fields: Any) -> int:
        self._last_id += 1
        self.socket.send(json.dumps({"id": self._last_id, "type": kind, **fields}))
        return self._last_id

    def receive(self, timeout: float = PATIENCE_SECONDS) -> Message:
        while not self._waiting:
            frame = json.loads(self.socket.recv(timeout=timeout))
            self.frames.append(frame)
            self._waiting.extend(frame if isinstance(frame, list) else [frame])
        return self._waiting.popleft()

    def receive_many(self, count: int) -> list[Message]:
        return [self.receive() for _ in range(count)]

    def ask(self, kind: str, **fields: Any) -> Message:
        """Sends a command and returns the next message."""
        self.send(kind, **fields)
        return self.receive()

    def follow(self) -> Message:
        """Subscribes to the entities and returns the first frame of them all."""
        assert self.ask("subscribe_entities")["success"]
        states: Message = self.receive()["event"]["a"]
        return states

    def next_event(self) -> Message:
        event: Message = self.receive()["event"]
        return event
