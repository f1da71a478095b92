"""The listening socket and its connections."""

import asyncio
import socket
import ssl
from collections.abc import Callable

from hi.testing.connection import HttpConnection
from hi.testing.core import ServerCore

LOOPBACK = "127.0.0.1"

Connect = Callable[[asyncio.StreamReader, asyncio.StreamWriter], HttpConnection]


class Server:
    """Listens on the loopback address, unless told another; can go away and come back on the same port."""

    def __init__(
        self, core: ServerCore, connect: Connect, tls: ssl.SSLContext | None = None, host: str = LOOPBACK
    ) -> None:
        self.core = core
        self.host = host
        self.port = 0
        self.connections: set[HttpConnection] = set()
        self._connect = connect
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._held: socket.socket | None = None

    @property
    def is_listening(self) -> bool:
        return self._listener is not None

    async def open(self, port: int = 0) -> None:
        """Raises OSError if the port is taken."""
        held, self._held = self._held or _bound_socket(self.host, port), None
        try:
            self._listener = await asyncio.start_server(self._serve, sock=held, ssl=self._tls)
        except OSError:
            held.close()
            raise
        self.port = held.getsockname()[1]
        self.core.url = f"{'https' if self._tls else 'http'}://{LOOPBACK}:{self.port}"

    def refuse(self) -> None:
        """Stops listening. The port stays bound, so that nobody else gets it and clients see it refuse."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            self._held = _bound_socket(self.host, self.port)

    async def close(self) -> None:
        """Ends everything at once, connections in use included."""
        if self._listener is not None:
            self._listener.close()
        if self._held is not None:
            self._held.close()
        self._listener = self._held = None
        self.abort_connections()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def abort_connections(self) -> None:
        for connection in tuple(self.connections):
            connection.abort()

    def close_connections(self) -> None:
        for connection in tuple(self.connections):
            connection.close()

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = self._connect(reader, writer)
        self.connections.add(connection)
        task = asyncio.create_task(connection.run())
        self._tasks.add(task)

        def forget(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            self.connections.discard(connection)

        task.add_done_callback(forget)


def _bound_socket(host: str, port: int) -> socket.socket:
    # Named as TCP, or asyncio would let Nagle hold back what a real server sends at once.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
