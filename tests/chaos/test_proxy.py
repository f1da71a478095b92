"""The line that can be broken, on real sockets."""

import socket
from collections.abc import Iterator

import pytest

from tests.chaos.proxy import Proxy
from tests.raw_servers import serving

pytestmark = pytest.mark.wire


def echo(connection: socket.socket) -> None:
    while data := connection.recv(4096):
        connection.sendall(data)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with serving(echo) as port, Proxy.running(port) as proxy:
        yield proxy


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=5)


def says(connection: socket.socket, word: bytes) -> bytes:
    connection.sendall(word)
    return connection.recv(100)


def test_it_carries_both_ways(proxy: Proxy) -> None:
    with connect(proxy) as connection:
        assert says(connection, b"there and back") == b"there and back"


def test_a_cut_resets_what_is_open_and_serves_what_is_new(proxy: Proxy) -> None:
    with connect(proxy) as connection, connect(proxy) as later:
        assert says(connection, b"before") == b"before"
        assert says(later, b"before") == b"before"
        proxy.cut()
        for one in (connection, later):
            with pytest.raises(ConnectionResetError):
                says(one, b"after")
    with connect(proxy) as connection:
        assert says(connection, b"again") == b"again"


def knock(proxy: Proxy) -> bytes:
    with connect(proxy) as connection:
        return says(connection, b"hello")


def test_a_line_that_refuses_serves_nobody_until_it_is_healed(proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(ConnectionError):
        knock(proxy)
    proxy.heal()
    assert knock(proxy) == b"hello"


def test_a_stalled_line_accepts_is_silent_and_goes_on_where_it_was(proxy: Proxy) -> None:
    proxy.stall()
    with connect(proxy) as connection:
        connection.sendall(b"late")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(100)
        proxy.heal()
        connection.settimeout(5)
        assert connection.recv(100) == b"late"
