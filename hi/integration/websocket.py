"""A WebSocket as an integration speaks over it: opened within a time, to where its address says, with errors of ours.

For short talks; a listener, which lives on a loop, opens its own.
"""

import logging
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import orjson
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, WebSocketException
from websockets.sync.client import ClientConnection, reconnect

from hi.integration import exceptions
from hi.integration.connection_errors import socket_error, tls_error
from hi.integration.reach import KNOWN, connect
from hi.integration.tls import Trust
from hi.utils import trace

logger = logging.getLogger(__name__)
CLOSE_SECONDS = 2.0
# The library's default of 1 MiB ends the connection; what one message says of a large home is more.
MAX_MESSAGE_BYTES = 64 * 1024 * 1024

# Closed at once, and what the network has not taken by then is thrown away.
AT_ONCE = struct.pack("ii", 1, 0)

Translate = Callable[[str, Exception, float], exceptions.IntegrationError]


class _Connect(reconnect):
    """Follows no redirect: it could lead a token to another server."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class WebSocketTalk:
    """JSON both ways. `seconds` is what errors say was waited."""

    def __init__(self, url: str, connection: ClientConnection, seconds: float, translate: Translate) -> None:
        self._url = url
        self._connection = connection
        self._seconds = seconds
        self._translate = translate

    def send(self, message: Any) -> None:
        try:
            self._connection.send(orjson.dumps(message).decode())
        except (WebSocketException, OSError) as err:
            raise self._translate(self._url, err, self._seconds) from err

    def receive(self, seconds: float) -> Any:
        """The next message. A ConnectionError of which a TimeoutError is the cause says that none came in time."""
        try:
            frame = self._connection.recv(timeout=max(seconds, 0.0))
        except TimeoutError as err:
            raise exceptions.ConnectionError(
                f"{self._url} did not finish its answer in time.", hint="The server or the network is overloaded."
            ) from err
        except (WebSocketException, OSError) as err:
            raise self._translate(self._url, err, self._seconds) from err
        return decode_frame(self._url, frame)


@contextmanager
def open_websocket(
    url: str, path: str, trust: Trust = KNOWN, *, seconds: float, translate: Translate
) -> Iterator[WebSocketTalk]:
    """`url` begins with http or https. `translate` makes errors of the socket and of `websockets` ours: with
    `websocket_error` at its end, it may know better what a server means.

    Nothing that was sent arrives after the end: TCP would go on for minutes with what a broken line held back, and a
    door that was given up would open when the line is mended.
    """
    place = websocket_url(url, path)
    plain = connect(url, seconds)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    try:
        with _Connect(
            place,
            sock=plain,
            ssl=trust.build_context() if url.startswith("https:") else None,
            compression=None,
            additional_headers=trace.headers(),
            open_timeout=seconds,
            close_timeout=CLOSE_SECONDS,
            ping_interval=None,
            max_size=MAX_MESSAGE_BYTES,
        ) as connection:
            logger.info("connected to %s", place)
            yield WebSocketTalk(url, connection, seconds, translate)
    except (WebSocketException, OSError) as err:
        raise translate(url, err, seconds) from err


def websocket_url(url: str, path: str) -> str:
    return f"ws{url.removeprefix('http')}{path}"


def decode_frame(url: str, frame: str | bytes) -> Any:
    try:
        return orjson.loads(frame)
    except orjson.JSONDecodeError as err:
        raise exceptions.ProtocolError(f"{url} sent something that is not JSON.") from err


def websocket_error(url: str, err: Exception, seconds: float) -> exceptions.IntegrationError:
    """An error of the socket or of `websockets` as one of ours."""
    place = urlsplit(url).netloc
    if isinstance(err, ssl.SSLError):
        return tls_error(place, err)
    if isinstance(err, ConnectionClosed) and err.rcvd is None and err.sent is not None:
        return exceptions.ConnectionError(f"{url} has stopped answering.", hint="See whether it is still running.")
    if isinstance(err, ConnectionClosed):
        # Also after a polite close: a restart, a revoked token and a slow reader may all close with code 1000.
        return exceptions.ConnectionError(f"{url} closed the connection.", hint="It may be restarting.")
    if isinstance(err, InvalidMessage) and isinstance(err.__cause__, EOFError):
        return socket_error(place, ConnectionResetError(), seconds)
    if isinstance(err, InvalidHandshake):
        return exceptions.ProtocolError(
            f"What listens at {place} does not speak the language of the web.", hint="Check the port."
        )
    if isinstance(err, OSError):
        return socket_error(place, err, seconds)
    return exceptions.ProtocolError(f"{url} broke the rules of a WebSocket.")
