"""The way of pictures through the web process: from the media process to the browser, piece by piece, without waiting
in Django. Nothing of the browser's request goes along but the link, and nothing of the answer but what is listed here.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any
from urllib.parse import quote

import h11

from hi.integration.file_response import SANDBOX
from hi.integration.media_links import PREFIX
from hi.media.address import connect
from hi.media.exchange import (
    SILENT_SECONDS,
    Headers,
    Receive,
    Send,
    answer_without_picture,
    begin,
    end,
    go_on,
    until_gone,
)

logger = logging.getLogger(__name__)
PASSED_ON = (b"content-type", b"content-length", b"retry-after", b"allow")
ADDED: Headers = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", SANDBOX.encode()),
]
CONNECT_SECONDS = 2.0
# What the media process says of a silent camera comes a little later.
LATE_SECONDS = 5.0
PIECE = 64 * 1024


class MediaProxy:
    def __init__(self) -> None:
        self._is_away = False

    async def answer(self, scope: dict[str, Any], receive: Receive, send: Send) -> bool:
        """Answer a request for a picture; False for any other."""
        if not scope["path"].startswith(PREFIX):
            return False
        await until_gone(receive, self._carry(scope["method"], scope["path"], _Passage(send)))
        return True

    async def _carry(self, method: str, path: str, passage: "_Passage") -> None:
        try:
            async with _ask(method, path) as events:
                async for event in events:
                    await passage.carry(event)
            self._note("")
        except (OSError, TimeoutError, h11.RemoteProtocolError) as err:
            self._note(str(err) or type(err).__name__)
            await passage.break_off()

    def _note(self, trouble: str) -> None:
        """Told when it is lost, and when it is back."""
        if bool(trouble) == self._is_away:
            return
        self._is_away = bool(trouble)
        if trouble:
            logger.warning("the media process does not answer: %s", trouble)
        else:
            logger.info("the media process answers again")


class _Passage:
    """One answer on its way."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._has_begun = False

    async def break_off(self) -> None:
        """Nothing more comes."""
        if self._has_begun:
            await end(self._send)
        else:
            await answer_without_picture(self._with_headers, 503)

    async def carry(self, event: h11.Response | h11.Data | h11.EndOfMessage) -> None:
        if isinstance(event, h11.Response):
            self._has_begun = True
            told = [(name, value) for name, value in event.headers if name in PASSED_ON]
            await begin(self._with_headers, event.status_code, told)
        elif isinstance(event, h11.Data):
            await go_on(self._send, bytes(event.data))
        else:
            await end(self._send)

    async def _with_headers(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *ADDED]}
        await self._send(message)


@asynccontextmanager
async def _ask(method: str, path: str) -> AsyncIterator[AsyncIterator[Any]]:
    async with asyncio.timeout(CONNECT_SECONDS):
        reader, writer = await connect()
    try:
        async with aclosing(_exchange(method, path, reader, writer)) as events:
            yield events
    finally:
        writer.close()


async def _exchange(
    method: str, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> AsyncGenerator[Any, None]:
    """The events of the answer, as h11 tells them, to its end."""
    connection = h11.Connection(h11.CLIENT)
    request = h11.Request(method=method, target=quote(path), headers=[("Host", "media"), ("Connection", "close")])
    writer.write((connection.send(request) or b"") + (connection.send(h11.EndOfMessage()) or b""))
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            async with asyncio.timeout(SILENT_SECONDS + LATE_SECONDS):
                connection.receive_data(await reader.read(PIECE))
        elif isinstance(event, h11.Response | h11.Data | h11.EndOfMessage):
            yield event
            if isinstance(event, h11.EndOfMessage):
                return
