"""One client's TCP connection: HTTP requests, or a session over a WebSocket."""

import asyncio
from typing import Any

from hi.testing.hass.core import Core
from hi.testing.hass.protocol import Session
from hi.testing.hass.rest import WEBSOCKET_PATH, answer
from hi.testing.http import Answer, Request, plain
from hi.testing.websocket import WebSocketConnection


class Connection(WebSocketConnection):
    def __init__(self, core: Core, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(core, reader, writer)
        self.core = core
        self._session = Session(core, self.send, self.close, self.abort)

    def answer(self, request: Request) -> Answer:
        return answer(self.core, request)

    def stopped(self, request: Request) -> Answer | None:
        return super().stopped(request) or (plain(403) if self.core.faults.banned else None)

    def finish(self) -> None:
        self._session.finish()

    def has_websocket(self, path: str) -> bool:
        return path == WEBSOCKET_PATH

    def open(self, request: Request) -> None:
        self.core.connections += 1
        self._session.start()

    def receive(self, message: str | bytes) -> None:
        self._session.receive(message)

    def watches(self) -> list[Any]:
        return [self._watch_login(), self._bound_closing()]

    def closed(self) -> None:
        self.core.connections -= 1

    def linger_seconds(self) -> float:
        return self.core.linger_seconds

    def send(self, message: bytes) -> None:
        """A client that lets too many messages wait is cut off, as the real server does."""
        super().send(message)
        if len(self.pending) >= self.core.max_pending:
            self.core.overflows += 1
            self.pending.clear()
            self.close()

    def next_frame(self) -> bytes:
        if not self._session.coalesce or len(self.pending) == 1:
            return super().next_frame()
        frame = b"[" + b",".join(self.pending) + b"]"
        self.pending.clear()
        return frame

    async def _watch_login(self) -> None:
        """Closes a client that says nothing."""
        await asyncio.sleep(self.core.auth_seconds)
        if not self._session.authenticated:
            self.close()
        await asyncio.Future()

    async def _bound_closing(self) -> None:
        """Gives a client that is being closed a limited time to take part in it."""
        await self._closing.wait()
        await asyncio.sleep(self.core.close_seconds)
        self.abort()
