"""The id of what is being done stands in the handshake of each session."""

import asyncio
import contextlib
import re
import socket

import pytest

from hi.integration import exceptions
from hi.services.hass.client import HassClient
from hi.services.hass.listener import HassListener
from hi.utils import trace
from tests.raw_servers import http, serving

pytestmark = pytest.mark.wire


class Refusal:
    """Reads each handshake, keeps its id and sends everybody away."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def talk(self, connection: socket.socket) -> None:
        head = connection.recv(4096).decode()
        self.ids += re.findall(r"(?im)^X-Request-ID: (.*?)\r$", head)
        connection.sendall(http("404 Not Found", "", "text/plain"))


def test_the_clients_session_carries_the_id() -> None:
    source = Refusal()
    with (
        serving(source.talk) as port,
        HassClient({"url": f"http://127.0.0.1:{port}", "token": "a-token"}, answer_seconds=2) as client,
        trace.bind("the-click"),
        pytest.raises(exceptions.ProtocolError),
    ):
        client.fetch_home()
    assert source.ids == ["the-click"]


def test_the_listeners_session_carries_the_id() -> None:
    source = Refusal()

    async def listen(url: str) -> None:
        async with contextlib.aclosing(HassListener({"url": url, "token": "a-token"}).stream()) as stream:
            await anext(stream)

    with serving(source.talk) as port, trace.bind("the-session"), pytest.raises(exceptions.ProtocolError):
        asyncio.run(listen(f"http://127.0.0.1:{port}"))
    assert source.ids == ["the-session"]
