"""A WebSocket as an integration speaks over it: opened within a time, to where its address says, with errors of ours.

For short talks; a listener, which lives on a loop, opens one of `live_websocket.py`.
"""

import asyncio
import logging
import socket
import ssl
import struct
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus, WebSocketException

from hi.integration import exceptions, reach, taping
from hi.integration.client import ApiClient
from hi.integration.connection_errors import socket_error, tls_error, too_slow_error
from hi.integration.core.backoff import read_retry_after
from hi.integration.product import Product
from hi.integration.reach import KNOWN
from hi.integration.tls import Trust
from hi.utils import trace

logger = logging.getLogger(__name__)
CLOSE_SECONDS = 2.0
# The library's default of 1 MiB ends the connection; what one message says of a large home is more.
MAX_MESSAGE_BYTES = 64 * 1024 * 1024

# Closed at once, and what the network has not taken by then is thrown away.
AT_ONCE = struct.pack("ii", 1, 0)

Result = TypeVar("Result")
Message = Mapping[str, Any]


class Connect(connect):
    """Follows no redirect: it could lead a token to another server."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class WebSocketTalk:
    """JSON both ways. `seconds` is how long sending may take, and what errors say was waited.

    Many systems number what they are asked: `ask` sends a request under the next `id`, which its answers carry. A
    frame may hold one message or a list of them.
    """

    def __init__(
        self,
        url: str,
        connection: ClientConnection,
        runner: asyncio.Runner,
        seconds: float,
        product: Product,
        tape: taping.Blank = taping.BLANK,
    ) -> None:
        self.url = url
        self._tape = tape
        self._connection = connection
        self._runner = runner
        self._seconds = seconds
        self._product = product
        self._ids = count(1)

    def send(self, message: Any) -> None:
        self._tape.said(message)
        text = orjson.dumps(message).decode()
        try:
            self._runner.run(_within(self._seconds, self._connection.send(text)))
        except (WebSocketException, OSError) as err:
            raise websocket_error(self.url, err, self._seconds, self._product) from err

    def receive(self, seconds: float) -> Any:
        """The next message. A ConnectionError of which a TimeoutError is the cause says that none came in time."""
        try:
            frame = self._runner.run(_within(max(seconds, 0.0), self._connection.recv()))
        except TimeoutError as err:
            raise exceptions.ConnectionError(
                f"{self.url} did not finish its answer in time.", hint="The server or the network is overloaded."
            ) from err
        except (WebSocketException, OSError) as err:
            raise websocket_error(self.url, err, self._seconds, self._product) from err
        self._tape.heard(frame)
        return decode_frame(self.url, frame)

    def ask(self, **fields: Any) -> int:
        """Send a request; returns the id that its answers carry."""
        number = next(self._ids)
        self.send({"id": number, **fields})
        return number

    def wait(self, seconds: float, **fields: Any) -> Message:
        """The next message with these fields. Whatever comes before it is dropped."""
        deadline = time.monotonic() + seconds
        while True:
            for message in as_messages(self.receive(deadline - time.monotonic())):
                if all(message.get(name) == value for name, value in fields.items()):
                    return message

    def ask_all(self, requests: Mapping[str, Message], seconds: float) -> dict[str, Message]:
        """The answer to each request, by the name that it has here; they are sent at once."""
        deadline = time.monotonic() + seconds
        names = {self.ask(**fields): name for name, fields in requests.items()}
        answers: dict[str, Message] = {}
        while len(answers) < len(names):
            for message in as_messages(self.receive(deadline - time.monotonic())):
                if name := names.get(message.get("id", 0)):
                    answers[name] = message
        return answers


async def _within(seconds: float, work: Coroutine[Any, Any, Result]) -> Result:
    async with asyncio.timeout(seconds):
        return await work


@contextmanager
def open_websocket(
    url: str, path: str, trust: Trust = KNOWN, *, seconds: float, product: Product
) -> Iterator[WebSocketTalk]:
    """`url` begins with http or https, `product` is what should be there.

    Nothing that was sent arrives after the end: TCP would go on for minutes with what a broken line held back, and a
    door that was given up would open when the line is mended.
    """
    place = websocket_url(url, path)
    # A loop of its own rather than the library's thread that reads: TLS may be read and written by one thread at a
    # time, and now and then both hung for ever.
    try:
        with tape_of(place) as tape, reach.connect(url, seconds) as plain, asyncio.Runner() as runner:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.setblocking(False)
            connecting = Connect(
                place,
                sock=plain,
                ssl=trust.build_context() if url.startswith("https:") else None,
                compression=None,
                additional_headers=trace.headers(),
                open_timeout=seconds,
                close_timeout=CLOSE_SECONDS,
                ping_interval=None,
                max_size=MAX_MESSAGE_BYTES,
            )
            connection = runner.run(connecting.__aenter__())
            logger.info("connected to %s", place)
            try:
                yield WebSocketTalk(url, connection, runner, seconds, product, tape)
            finally:
                runner.run(connection.close())
    except (WebSocketException, OSError) as err:
        raise websocket_error(url, err, seconds, product) from err


@contextmanager
def explained(url: str, path: str, trust: Trust, product: Product, *, seconds: float) -> Iterator[None]:
    """Around a first talk, in which no credentials are sent: raises a better reason for its failure than it has
    itself, if a look finds one."""
    try:
        yield
    except exceptions.AccessDeniedError as err:
        with (
            suppress(exceptions.AuthenticationError, exceptions.ConnectionError),
            ApiClient(url, trust, retries=0, read_seconds=seconds, deadline_seconds=2 * seconds) as plain,
        ):
            try:
                plain.get_json(path)
            except exceptions.ProtocolError:  # no ban: only the WebSocket is refused, as by servers that have none
                raise product.missing(url, 403) from err
        raise
    except exceptions.IntegrationError as err:
        if isinstance(err.__cause__, TimeoutError):
            if reach.begins_to_answer(url, trust):
                raise too_slow_error(url, seconds) from err
        elif url.startswith("http:") and reach.speaks_tls(url, seconds=min(seconds, 2.0)):
            raise exceptions.ConnectionError(
                f"{urlsplit(url).netloc} speaks https only.", hint="Begin the address with https:// instead."
            ) from err
        raise


def websocket_url(url: str, path: str) -> str:
    return f"ws{url.removeprefix('http')}{path}"


def tape_of(place: str) -> taping.Blank:
    return taping.tape(urlsplit(place).path)


def decode_frame(url: str, frame: str | bytes) -> Any:
    try:
        return orjson.loads(frame)
    except orjson.JSONDecodeError as err:
        raise exceptions.ProtocolError(f"{url} sent something that is not JSON.") from err


def as_messages(frame: Any) -> list[Message]:
    """The messages of a frame: one, or a list of them."""
    return [message for message in (frame if isinstance(frame, list) else [frame]) if isinstance(message, Mapping)]


def websocket_error(url: str, err: Exception, seconds: float, product: Product) -> exceptions.IntegrationError:
    """An error of the socket or of `websockets` as one of ours."""
    place = urlsplit(url).netloc
    if isinstance(err, InvalidStatus):
        status, headers = err.response.status_code, err.response.headers
        wait = read_retry_after(headers.get("Retry-After", ""))
        return product.no_websocket(url, status, headers.get("Content-Type", ""), wait)
    if isinstance(err, InvalidMessage) and "HTTP/1.0" in str(err.__cause__):
        return product.web_page(url)  # a server of pages: nothing that speaks over WebSockets speaks that
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
