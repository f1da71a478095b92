"""A WebSocket that a listener lives on: one task drains it, for servers cut off who lets their messages wait."""

import asyncio
import time
from abc import abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Protocol, TypeVar

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from hi.integration import taping
from hi.integration.connection_errors import too_much_error
from hi.integration.listener import Listener, ListenerEvent
from hi.integration.product import Product
from hi.integration.reach import KNOWN, connect_async
from hi.integration.tls import Trust
from hi.integration.websocket import (
    MAX_MESSAGE_BYTES,
    Connect,
    Message,
    as_messages,
    decode_frame,
    tape_of,
    websocket_error,
    websocket_url,
)
from hi.utils import trace

ANSWER_SECONDS = 10.0
# Large homes pause up to 2 seconds; below 5 a pause looks like an end.
PING_SECONDS = 10.0
CLOSE_SECONDS = 1.0
START_SECONDS = 600.0
POLL_SECONDS = 1.0
BUFFER_FRAMES = 10_000

Result = TypeVar("Result")


class LiveTalk:
    """Requests out, and all that comes in, decoded by a task of its own. The ids are those of `WebSocketTalk`."""

    def __init__(self, url: str, socket: ClientConnection, limit: int, tape: taping.Blank = taping.BLANK) -> None:
        self._url = url
        self._tape = tape
        self._socket = socket
        self._limit = limit
        self._last_id = 0
        self._frames: deque[Any] = deque()
        self._news = asyncio.Event()
        self._end: Exception | None = None
        self._reader = asyncio.create_task(self._drain())

    async def stop(self) -> None:
        self._reader.cancel()
        await asyncio.wait({self._reader})

    async def send(self, message: Any) -> None:
        self._tape.said(message)
        await self._socket.send(orjson.dumps(message).decode())

    async def ask(self, **fields: Any) -> int:
        """Send a request; returns the id that its answers carry."""
        self._last_id += 1
        await self.send({"id": self._last_id, **fields})
        return self._last_id

    async def fetch(self, seconds: float, **fields: Any) -> Message:
        """The answer to a request. Only before any subscription: whatever else comes meanwhile is dropped."""
        async with asyncio.timeout(seconds):
            number = await self.ask(**fields)
            while True:
                for message in await self.take():
                    if message.get("id") == number:
                        return message

    async def receive(self, seconds: float) -> Any:
        """The next frame."""
        async with asyncio.timeout(seconds):
            await self._wait()
            return self._frames.popleft()

    async def take(self) -> list[Message]:
        """All messages that have come, at least one frame. What came before the end is given out before it."""
        await self._wait()
        messages = [message for frame in self._frames for message in as_messages(frame)]
        self._frames.clear()
        return messages

    async def _wait(self) -> None:
        while not self._frames:
            if self._end is not None:
                raise self._end
            self._news.clear()
            await self._news.wait()

    async def _drain(self) -> None:
        try:
            while True:
                data = await self._socket.recv()
                self._tape.heard(data)
                frame = decode_frame(self._url, data)
                if len(self._frames) >= self._limit:
                    self._frames.clear()
                    raise too_much_error(self._url)
                self._frames.append(frame)
                self._news.set()
        except Exception as err:  # noqa: BLE001 - passed on: whoever takes next raises it
            self._end = err
        finally:
            self._news.set()


class _Connection(ClientConnection):
    """Some servers end a connection with a frame, and leave TCP open for long."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.protocol.close_expected():
            self.transport.close()


@asynccontextmanager
async def open_live_websocket(
    url: str,
    path: str,
    trust: Trust = KNOWN,
    *,
    seconds: float,
    ping_seconds: float,
    product: Product,
    limit: int = BUFFER_FRAMES,
) -> AsyncIterator[LiveTalk]:
    """As `open_websocket`. The server is given up when no pong comes within `ping_seconds`, and with an error too when
    more than `limit` frames wait to be taken."""
    # Reading the authorities takes a tenth of a second, which other listeners on this loop shall not wait.
    context = await asyncio.to_thread(trust.build_context) if url.startswith("https:") else None
    place = websocket_url(url, path)
    try:
        with tape_of(place) as tape:
            async with Connect(
                place,
                sock=await connect_async(url, seconds),
                ssl=context,
                compression=None,
                additional_headers=trace.headers(),
                create_connection=_Connection,
                open_timeout=seconds,
                close_timeout=CLOSE_SECONDS,
                ping_interval=ping_seconds,
                ping_timeout=ping_seconds,
                max_size=MAX_MESSAGE_BYTES,
            ) as socket:
                talk = LiveTalk(url, socket, limit, tape)
                try:
                    yield talk
                finally:
                    await talk.stop()
    except (WebSocketException, OSError) as err:
        raise websocket_error(url, err, seconds, product) from err


class Mirror(Protocol):
    """What a listener makes of the messages: see `Latest`."""

    def take(self, message: Message, /) -> None: ...

    def report(self) -> list[ListenerEvent]: ...


class WebSocketListener(Listener):
    """A listener of what a server pushes over a WebSocket. A service says what it is, and how to `begin`. The keywords
    are limits that tests shorten."""

    product: ClassVar[Product]
    path: ClassVar[str]

    def __init__(
        self,
        config: Mapping[str, str],
        *,
        answer_seconds: float = ANSWER_SECONDS,
        ping_seconds: float = PING_SECONDS,
        start_seconds: float = START_SECONDS,
        poll_seconds: float = POLL_SECONDS,
        buffer_frames: int = BUFFER_FRAMES,
    ) -> None:
        super().__init__(config)
        self.url = config["url"]
        self.answer_seconds = answer_seconds
        self._ping_seconds = ping_seconds
        self._start_seconds = start_seconds
        self._poll_seconds = poll_seconds
        self._buffer_frames = buffer_frames

    @abstractmethod
    async def begin(self, talk: LiveTalk) -> Mirror:
        """Sign in and subscribe."""

    async def stream(self) -> AsyncGenerator[ListenerEvent, None]:
        async with open_live_websocket(
            self.url,
            self.path,
            Trust.of(self.config),
            seconds=self.answer_seconds,
            ping_seconds=self._ping_seconds,
            product=self.product,
            limit=self._buffer_frames,
        ) as talk:
            mirror = await self.begin(talk)
            while True:
                for message in await talk.take():
                    mirror.take(message)
                for event in mirror.report():
                    yield event

    async def wait_until_ready(self, look: Callable[[], Awaitable[Result | None]]) -> Result:
        """Look until the server has started: nothing may be concluded before, for only some of all may exist."""
        deadline = time.monotonic() + self._start_seconds
        while (found := await look()) is None:
            if time.monotonic() > deadline:
                raise self.product.still_starting(self.url, self._start_seconds)
            await asyncio.sleep(self._poll_seconds)
        return found
