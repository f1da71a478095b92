"""The line that can be broken, on real sockets."""

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from websockets.exceptions import InvalidMessage, InvalidStatus
from websockets.sync.client import connect as open_websocket
from websockets.sync.server import serve as serve_websocket

from hi.testing.line import Line
from tests.raw_servers import serving

pytestmark = pytest.mark.wire


def echo(connection: socket.socket) -> None:
    while data := connection.recv(4096):
        connection.sendall(data)


@pytest.fixture
def line() -> Iterator[Line]:
    with serving(echo) as port, Line.running(target_port=port) as line:
        yield line


def connect(line: Line) -> socket.socket:
    return socket.create_connection(("127.0.0.1", line.port), timeout=5)


def says(connection: socket.socket, word: bytes) -> bytes:
    connection.sendall(word)
    return connection.recv(100)


def test_it_carries_both_ways(line: Line) -> None:
    with connect(line) as connection:
        assert says(connection, b"there and back") == b"there and back"


def test_a_cut_resets_what_is_open_and_serves_what_is_new(line: Line) -> None:
    with connect(line) as connection, connect(line) as later:
        assert says(connection, b"before") == b"before"
        assert says(later, b"before") == b"before"
        line.cut()
        for one in (connection, later):
            with pytest.raises(ConnectionResetError):
                says(one, b"after")
    with connect(line) as connection:
        assert says(connection, b"again") == b"again"


def knock(line: Line) -> bytes:
    with connect(line) as connection:
        return says(connection, b"hello")


def test_a_line_that_refuses_serves_nobody_until_it_is_healed(line: Line) -> None:
    line.refuse()
    with pytest.raises(ConnectionError):
        knock(line)
    line.heal()
    assert knock(line) == b"hello"


def test_a_stalled_line_accepts_is_silent_and_goes_on_where_it_was(line: Line) -> None:
    line.stall()
    with connect(line) as connection:
        connection.sendall(b"late")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(100)
        line.heal()
        connection.settimeout(5)
        assert connection.recv(100) == b"late"


class Hello(BaseHTTPRequestHandler):
    """Ends each connection politely, as HTTP/1.0 does."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[Line]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        with Line.running(target_port=server.server_address[1]) as line:
            yield line
        server.shutdown()
        thread.join()


def ask(line: Line) -> requests.Response:
    return requests.get(line.url, timeout=0.5)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_it_answers_in_the_servers_stead(web: Line, status: int) -> None:
    web.answer(status, headers={"Retry-After": "30"}, body=b"why not")
    answer = ask(web)
    assert (answer.status_code, answer.headers["Retry-After"], answer.content) == (status, "30", b"why not")
    assert web.answered == 1
    web.heal()
    assert ask(web).text == "hello"


def is_html(line: Line) -> bool:
    return "<h1>" in ask(line).text


def is_empty(line: Line) -> bool:
    return ask(line).content == b""


def fails(error: type[Exception]) -> Callable[[Line], bool]:
    def look(line: Line) -> bool:
        with pytest.raises(error):
            ask(line)
        return True

    return look


def never_ends(line: Line) -> bool:
    with requests.get(line.url, timeout=5, stream=True) as answer:
        return sum(len(next(answer.iter_content(2**20))) for _ in range(8)) >= 2**22


@pytest.mark.parametrize(
    ("fault", "is_so"),
    [
        (Line.html, is_html),
        (Line.empty, is_empty),
        (Line.truncate, fails(requests.exceptions.ChunkedEncodingError)),
        (Line.garbage, fails(requests.ConnectionError)),
        (Line.refuse, fails(requests.ConnectionError)),
        (Line.stall, fails(requests.ReadTimeout)),
        (Line.huge, never_ends),
    ],
)
def test_each_fault_is_so_until_it_is_healed(
    web: Line, fault: Callable[[Line], None], is_so: Callable[..., bool]
) -> None:
    fault(web)
    assert is_so(web)
    web.heal()
    assert ask(web).text == "hello"


def test_a_dripping_line_brings_a_byte_at_a_time(line: Line) -> None:
    line.drip()
    with connect(line) as connection:
        connection.sendall(b"drops")
        assert connection.recv(100) == b"d"


def test_it_counts_what_is_open(line: Line) -> None:
    with connect(line) as one, connect(line) as other:
        says(one, b"there")
        says(other, b"there")
        assert (line.connections, line.open) == (2, 2)
    says_nothing = threading.Event()
    for _ in range(200):
        if line.open == 0:
            return
        says_nothing.wait(0.01)
    raise AssertionError(f"{line.open} are open")


def test_a_websocket_passes_and_is_refused_as_all_else_is() -> None:
    with serve_websocket(lambda socket: [socket.send(word) for word in socket], "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with Line.running(target_port=server.socket.getsockname()[1]) as line:
            url = line.url.replace("http", "ws")
            with open_websocket(url) as talk:
                talk.send("there and back")
                assert talk.recv(5) == "there and back"
            line.answer(429)
            with pytest.raises(InvalidStatus):
                open_websocket(url)
            line.garbage()
            with pytest.raises(InvalidMessage):
                open_websocket(url)
        server.shutdown()
        thread.join()
