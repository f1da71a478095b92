"""One client's TCP connection to a simulated server."""

import asyncio
import socket
import struct
from collections.abc import Coroutine
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

from hi.testing.core import ServerCore
from hi.testing.http import Answer, Request, parse_head

MAX_BODY_BYTES = 4 * 1024 * 1024
_RESET = struct.pack("ii", 1, 0)


async def until_first(*works: Coroutine[Any, Any, Any]) -> None:
    """Until one of them ends, which ends all."""
    tasks = {asyncio.create_task(work) for work in works}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class HttpConnection:
    """Serves one client until either side ends it; `run` never raises but for cancellation."""

    def __init__(self, core: ServerCore, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._shared = core
        self._reader = reader
        self._writer = writer
        self._socket: socket.socket = writer.get_extra_info("socket")  # one of TLS that has ended tells it no more
        self._write_lock = asyncio.Lock()

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def stopped(self, request: Request) -> Answer | None:
        """What is answered without a look at what is asked for."""
        return self._shared.faults.stop(request)

    async def take_over(self, head: bytes, request: Request) -> bool:
        """Goes on in another protocol, and says when that is over."""
        return False

    def finish(self) -> None:
        """Lets go of what the connection held."""

    async def run(self) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                await self._serve_http()
        finally:
            self.finish()
            # Not abort(): what was written must still arrive.
            self._writer.close()

    def abort(self) -> None:
        """Ends the TCP connection at once, and with a reset: without one a body of no known length would seem whole."""
        self.finish()
        with suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._writer.transport.abort()

    def close(self) -> None:
        """Ends the connection when what was written has been sent."""
        self.finish()
        self._writer.close()

    async def _serve_http(self) -> None:
        while True:
            head = await self._reader.readuntil(b"\r\n\r\n")
            await self._shared.flow.wait()
            request = parse_head(head)
            self._shared.requests += 1
            self._shared.paths[request.path] += 1
            self._shared.methods[request.method] += 1
            if await self.take_over(head, request):
                return
            if request.length:
                body = await self._reader.readexactly(min(request.length, MAX_BODY_BYTES))
                request = replace(request, body=body)
            answered = self._shared.faults.spoil(request, self.stopped(request) or self.answer(request))
            await asyncio.sleep(answered.delay)
            await self._shared.flow.wait()
            if answered.is_lost:
                self.abort()
                return
            await self._write(answered.encode(request))
            if answered.stream is not None:
                await self._write_stream(answered)
            if answered.ends_connection or not request.keep_alive:
                return

    async def _write_stream(self, answered: Answer) -> None:
        """Ends when there is no more of it, or when the client is gone."""
        await until_first(self._write_pieces(answered), self._reader.read())

    async def _write_pieces(self, answered: Answer) -> None:
        assert answered.stream is not None
        async with aclosing(answered.stream()) as pieces:
            async for piece in pieces:
                await self._shared.flow.wait()
                await self._write(piece)

    async def _write(self, data: bytes) -> None:
        pause = self._shared.faults.drip_seconds
        async with self._write_lock:
            for piece in [data] if not pause else [data[at : at + 1] for at in range(len(data))]:
                self._writer.write(piece)
                await self._writer.drain()
                if pause:
                    await asyncio.sleep(pause)
