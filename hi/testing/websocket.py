"""One client's TCP connection to a simulated server that speaks over WebSockets too."""

import asyncio
from collections import deque
from typing import Any

from websockets.exceptions import InvalidHandshake
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as UpgradeRequest
from websockets.server import ServerProtocol

from hi.testing.connection import MAX_BODY_BYTES, HttpConnection, until_first
from hi.testing.core import ServerCore
from hi.testing.http import Request, plain

CLOSE_NORMAL = 1000


class WebSocketConnection(HttpConnection):
    """HTTP requests, or the upgrade and then frames of a WebSocket."""

    def __init__(self, core: ServerCore, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(core, reader, writer)
        self.pending: deque[bytes] = deque()
        """Messages the client was not given yet."""
        self._websocket = ServerProtocol(max_size=MAX_BODY_BYTES)
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._close_sent = asyncio.Event()
        self._parts: list[bytes] = []

    def has_websocket(self, path: str) -> bool:
        raise NotImplementedError

    def open(self, request: Request) -> None:
        """The WebSocket is open."""

    def receive(self, message: str | bytes) -> None:
        raise NotImplementedError

    def watches(self) -> list[Any]:
        """What goes on beside reading and writing; as soon as any of it ends, all does."""
        return []

    def closed(self) -> None:
        """After the last frame."""

    def linger_seconds(self) -> float:
        """How long TCP outlives a WebSocket that was closed from here."""
        return 0.0

    def send(self, message: bytes) -> None:
        """Queues a message."""
        if not self._closing.is_set():
            self.pending.append(message)
            self._wake.set()

    def close(self) -> None:
        """Sends what is pending, then a close frame."""
        self._closing.set()
        self.finish()
        self._wake.set()

    def next_frame(self) -> bytes:
        return self.pending.popleft()

    async def take_over(self, head: bytes, request: Request) -> bool:
        if not self.has_websocket(request.path) or "upgrade" not in request.headers:
            return False
        await self._serve_websocket(head, request)
        return True

    async def _serve_websocket(self, head: bytes, request: Request) -> None:
        if stopped := self.stopped(request):
            await self._write(stopped.encode(request))
            return
        self._websocket.receive_data(head)
        upgrade = next((one for one in self._websocket.events_received() if isinstance(one, UpgradeRequest)), None)
        if upgrade is None or isinstance(self._websocket.handshake_exc, InvalidHandshake):
            await self._write(plain(400).encode(request))
            return
        self._websocket.send_response(self._websocket.accept(upgrade))
        await self._flush()
        self.open(request)
        try:
            await until_first(self._read_frames(), self._write_frames(), *self.watches())
        finally:
            self.closed()
        if self._close_sent.is_set():
            await asyncio.sleep(self.linger_seconds())

    async def _read_frames(self) -> None:
        """Ends when the client is gone or the closing handshake is done."""
        while data := await self._reader.read(65536):
            await self._shared.flow.wait()
            self._websocket.receive_data(data)
            for event in self._websocket.events_received():
                if isinstance(event, Frame):
                    self._take(event)
            await self._flush()
            if self._websocket.close_expected():
                return

    def _take(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT) or self._closing.is_set():
            return
        is_text = frame.opcode is Opcode.TEXT or bool(self._parts)
        self._parts.append(bytes(frame.data))
        if frame.fin:
            message = b"".join(self._parts)
            self._parts.clear()
            self.receive(message.decode() if is_text else message)

    async def _write_frames(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            # What the loop has ready at this moment shares one frame.
            await asyncio.sleep(0)
            await self._shared.flow.wait()
            while self.pending:
                self._websocket.send_text(self.next_frame())
                await self._flush()
            if self._closing.is_set() and not self._close_sent.is_set():
                self._websocket.send_close(CLOSE_NORMAL)
                self._close_sent.set()
                await self._flush()

    async def _flush(self) -> None:
        for data in self._websocket.data_to_send():
            if data:
                await self._write(data)
