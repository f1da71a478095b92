"""How a talk over a WebSocket ends."""

import asyncio
import socket
import threading
from typing import Any, cast

import pytest
from websockets.http11 import Request
from websockets.server import ServerProtocol

from hi.integration import exceptions
from hi.integration.live_websocket import LiveTalk
from hi.integration.product import Product
from hi.integration.websocket import open_websocket
from tests.raw_servers import serving

pytestmark = pytest.mark.wire
SECONDS = 10
PORCH = Product("Porch", 80, "key", "Ask for a new one.")


def accept(connection: socket.socket) -> None:
    protocol = ServerProtocol()
    protocol.receive_data(connection.recv(4096))
    [request] = protocol.events_received()
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    connection.sendall(b"".join(protocol.data_to_send()))


def give_up(port: int) -> None:
    """Send more than the other end takes without reading, and close when no answer comes."""
    with open_websocket(f"http://127.0.0.1:{port}", "/", seconds=SECONDS, product=PORCH) as talk:
        talk.send("x" * 100_000)
        with pytest.raises(exceptions.ConnectionError):
            talk.receive(0.1)


def test_what_the_line_still_holds_when_a_talk_is_given_up_never_arrives() -> None:
    is_given_up, has_read = threading.Event(), threading.Event()
    ends: list[str] = []

    def hang_then_read(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        accept(connection)
        is_given_up.wait(SECONDS)
        try:
            while connection.recv(65536):
                pass
            ends.append("read to its end")
        except ConnectionResetError:
            ends.append("cut off")
        has_read.set()

    with serving(hang_then_read) as port:
        give_up(port)
        is_given_up.set()
        assert has_read.wait(SECONDS)
    assert ends == ["cut off"]


def test_an_error_that_nobody_thought_of_ends_the_wait() -> None:
    class Broken:
        async def recv(self) -> str:
            raise RuntimeError("a bug in a library")

    async def run() -> None:
        talk = LiveTalk("http://porch", cast(Any, Broken()), 10)
        try:
            with pytest.raises(RuntimeError, match="a bug"):
                await asyncio.wait_for(talk.take(), 1)
        finally:
            await talk.stop()

    asyncio.run(run())
