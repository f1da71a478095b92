"""One client's TCP connection: HTTP requests, or the upgrade and then frames of a WebSocket."""

import asyncio
from collections import deque

from websockets.exceptions import InvalidHandshake
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as UpgradeRequest
from websockets.server import ServerProtocol

from hi.testing.connection import MAX_BODY_BYTES, HttpConnection
from hi.testing.hass.core import Core
from hi.testing.hass.protocol import Session
from hi.testing.hass.rest import WEBSOCKET_PATH, answer
from hi.testing.http import Answer, Request, plain

CLOSE_NORMAL = 1000


class Connection(HttpConnection):
    def __init__(self, core: Core, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(core, reader, writer)
        self.core = core
        self.pending: deque[bytes] = deque()
        """Messages the client was not given yet."""
        self._websocket = ServerProtocol(max_size=MAX_BODY_BYTES)
        self._session = Session(core, self.send, self.close, self.abort)
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._close_sent = asyncio.Event()
        self._parts: list[bytes] = []

    def answer(self, request: Request) -> Answer:
        return answer(self.core, request)

    def stopped(self, request: Request) -> Answer | None:
        return super().stopped(request) or (plain(403) if self.core.faults.banned else None)

    def finish(self) -> None:
        self._session.finish()

    def send(self, message: bytes) -> None:
        """Queues a message. A client that lets too many wait is cut off, as the real server does."""
        if self._closing.is_set():
            return
        self.pending.append(message)
        if len(self.pending) >= self.core.max_pending:
            self.core.overflows += 1
            self.pending.clear()
            self.close()
        self._wake.set()

    def close(self) -> None:
        """Sends what is pending, then a close frame."""
        self._closing.set()
        self._session.finish()
        self._wake.set()

    async def take_over(self, head: bytes, request: Request) -> bool:
        if request.path != WEBSOCKET_PATH or "upgrade" not in request.headers:
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
        self.core.connections += 1
        self._session.start()
        tasks = {asyncio.create_task(self._read_frames()), asyncio.create_task(self._write_frames())}
        tasks.add(asyncio.create_task(self._watch_login()))
        tasks.add(asyncio.create_task(self._bound_closing()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.core.connections -= 1
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if self._close_sent.is_set():
            await asyncio.sleep(self.core.linger_seconds)

    async def _read_frames(self) -> None:
        """Ends when the client is gone or the closing handshake is done."""
        while data := await self._reader.read(65536):
            await self.core.flow.wait()
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
            self._session.receive(message.decode() if is_text else message)

    async def _write_frames(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            # What the loop has ready at this moment shares one frame.
            await asyncio.sleep(0)
            await self.core.flow.wait()
            while self.pending:
                self._websocket.send_text(self._next_frame())
                await self._flush()
            if self._closing.is_set() and not self._close_sent.is_set():
                self._websocket.send_close(CLOSE_NORMAL)
                self._close_sent.set()
                await self._flush()

    def _next_frame(self) -> bytes:
        if not self._session.coalesce or len(self.pending) == 1:
            return self.pending.popleft()
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

    async def _flush(self) -> None:
        for data in self._websocket.data_to_send():
            if data:
                await self._write(data)
