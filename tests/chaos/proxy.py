"""A TCP proxy between the hub and a source: the line that can be cut, refused or frozen, whatever the two ends do."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

CHUNK = 65536
CALL_SECONDS = 10.0
# Closing with this sends a reset, as a pulled cable's router does, not a polite end.
RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Serves in a thread of its own. Every control has taken effect when it returns; `heal` undoes them all."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = 0
        self._refuses = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Reset every connection; new ones are served."""
        self._call(self._reset_all)

    def refuse(self) -> None:
        """Reset every connection, and every new one."""

        def refuse() -> None:
            self._refuses = True
            self._reset_all()

        self._call(refuse)

    def stall(self) -> None:
        """Go on accepting, and carry nothing either way."""
        self._call(self._flow.clear)

    def heal(self) -> None:
        def heal() -> None:
            self._refuses = False
            self._flow.set()

        self._call(heal)

    @classmethod
    @contextlib.contextmanager
    def running(cls, target_port: int) -> Iterator["Proxy"]:
        proxy, ready = cls(target_port), threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(proxy._serve(ready)), name="proxy", daemon=True)
        thread.start()
        if not ready.wait(CALL_SECONDS):
            raise RuntimeError("the proxy did not start")
        try:
            yield proxy
        finally:
            proxy._call(proxy._stop.set)
            thread.join(CALL_SECONDS)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stop, self._flow = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self._flow.set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()
        self._reset_all()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._connect(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        far: asyncio.StreamWriter | None = None
        try:
            if self._refuses:
                return
            far_reader, far = await asyncio.open_connection("127.0.0.1", self.target_port)
            self._writers.add(far)
            ways = [asyncio.create_task(self._carry(*way)) for way in ((reader, far), (far_reader, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except OSError:
            pass  # the source itself refuses: so does the line
        finally:
            for end in (writer, far):
                if end is not None:
                    self._reset(end)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._flow.wait()
                writer.write(data)
                await writer.drain()

    def _reset_all(self) -> None:
        for writer in tuple(self._writers):
            self._reset(writer)

    def _reset(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        if not writer.transport.is_closing() and (raw := writer.get_extra_info("socket")) is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()

    def _call(self, function: Callable[[], object]) -> None:
        async def call() -> None:
            function()

        asyncio.run_coroutine_threadsafe(call(), self._loop).result(CALL_SECONDS)
