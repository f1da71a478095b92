"""What guards a requests session: a total deadline, and connections to addresses of a home only.

`requests` only limits the silence between two bytes; a server that drips one byte of header a second would hold a
worker for ever. `Deadline` shuts the connection's socket when the time is over, whatever the connection is doing.
"""

import socket
import ssl
import threading
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from hi.integration import exceptions, reach
from hi.integration.tls import Trust

_local = threading.local()


class Deadline:
    """`with Deadline(seconds) as deadline:` guards the requests this thread makes meanwhile through a GuardedAdapter.

    `deadline.passed` tells afterwards whether it cut the connection.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self.connection: HTTPConnection | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "Deadline":
        _local.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._timer.cancel()
        _local.deadline = None

    def watch(self, connection: HTTPConnection) -> None:
        self.connection = connection
        if self.passed:  # a retry that began after the end
            raise TimeoutError("deadline passed")

    def _cut(self) -> None:
        self.passed = True
        sock = getattr(self.connection, "sock", None)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _watch(connection: HTTPConnection) -> None:
    deadline: Deadline | None = getattr(_local, "deadline", None)
    if deadline is not None:
        deadline.watch(connection)


def _open(connection: HTTPConnection) -> socket.socket:
    """As urllib3 does, but not to every address. A failure of the network stays one that urllib3 may repeat."""
    host = connection.host.strip("[]")
    seconds = connection.timeout if isinstance(connection.timeout, int | float) else reach.REACH_SECONDS
    try:
        opened = reach.connect(f"//{f'[{host}]' if ':' in host else host}:{connection.port}", seconds)
    except exceptions.ConnectionError as err:
        raise NewConnectionError(connection, str(err)) from err
    for option in connection.socket_options or ():
        opened.setsockopt(*option)
    return opened


class _GuardedHTTPConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _open(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _watch(self)
        super().request(*args, **kwargs)


class _GuardedHTTPSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _open(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _watch(self)
        super().request(*args, **kwargs)


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTPConnection


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPSConnection

    def _validate_conn(self, conn: Any) -> None:
        """As urllib3 does, without its warning: what is not verified is so by a person's choice, and shown as that."""
        if conn.is_closed:
            conn.connect()


class GuardedAdapter(HTTPAdapter):
    """An adapter whose connections lead into the home, to whom `trust` accepts, and can be cut by a Deadline."""

    def __init__(self, trust: Trust, **kwargs: Any) -> None:
        self._trust = trust
        self._context: ssl.SSLContext | None = None
        super().__init__(**kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        if host["scheme"] == "https":
            self._context = self._context or self._trust.build_context()
            pool["ssl_context"] = self._context
            # urllib3 writes into the context what it is told here.
            pool["cert_reqs"] = "CERT_NONE" if self._context.verify_mode == ssl.CERT_NONE else "CERT_REQUIRED"
        return host, pool

    def close(self) -> None:
        """urllib3 leaves sockets to the garbage collector, and so to whoever keeps an error that leads to them."""
        pools = self.poolmanager.pools
        for key in pools.keys():  # noqa: SIM118 - it can do nothing else
            pools[key].close()
        super().close()

    def cert_verify(self, *_args: Any, **_kwargs: Any) -> None:
        """The context has it all: requests would add the public authorities to any."""
