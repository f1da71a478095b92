"""ApiClient against servers that answer whatever they like; what any service may do to it is in its conformance."""

import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hi.integration import exceptions
from hi.integration.client import ApiClient
from hi.integration.tls import TlsMode, Trust
from hi.testing.tls import self_signed_context

pytestmark = pytest.mark.wire


class Handler(BaseHTTPRequestHandler):
    """`/status/N` answers so, `/moved/N` leads to `/N`, `/later/N` is 429 with N to wait, `/stream` comes in pieces,
    `/drip` with a header that never ends, and else what was sent comes back."""

    asked: list[str]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def _answer(self) -> None:
        type(self).asked.append(f"{self.command} {self.path}")
        _root, kind, word = f"{self.path.partition('?')[0]}/".split("/")[:3]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(int(word) if kind == "status" else {"later": 429, "moved": 307}.get(kind, 200))
        if kind == "moved":
            self.send_header("Location", f"/{word}")
        if kind == "later":
            self.send_header("Retry-After", word.replace("_", " "))
        if kind != "stream":
            self.send_header("Content-Length", str(len(body)))
        if kind == "drip":
            self._drip()
        self.end_headers()
        if kind == "stream":
            for number in range(3):
                self.wfile.write(f"piece {number};".encode())
                time.sleep(0.4)
        else:
            self.wfile.write(body)

    def _drip(self) -> None:
        self.flush_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b"x")
                time.sleep(0.05)

    def log_message(self, *_arguments: object) -> None:
        """Nothing to say."""


@contextmanager
def server() -> Iterator[tuple[str, list[str]]]:
    class Own(Handler):
        asked: list[str] = []

    with ThreadingHTTPServer(("127.0.0.1", 0), Own) as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", Own.asked
        running.shutdown()


def test_a_form_is_sent_as_one_and_whatever_comes_back_is_given_out() -> None:
    with server() as (url, asked), ApiClient(url) as client:
        answer = client.exchange("POST", "/echo?token=t", {"user": "Jörg", "pass": "a&b"})
    assert (answer.status, answer.body) == (200, b"user=J%C3%B6rg&pass=a%26b")
    assert asked == ["POST /echo?token=t"]


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        *(("7", 7.0), ("86400", 600.0), ("9" * 400, 600.0), ("soon", 0.0), ("%C2%B2", 0.0)),
        *(("Thu,_01_Jan_1970_00:00:00_GMT", 0.0), ("Mon,_23_Nov_99999999999_12:05:00_GMT", 0.0)),
    ],
)
def test_who_is_asked_to_wait_asks_once_and_says_for_how_long(word: str, seconds: float) -> None:
    with server() as (url, asked), ApiClient(url) as client, pytest.raises(exceptions.ConnectionError) as caught:
        client.get_json(f"/later/{word}")
    assert caught.value.retry_after == seconds
    assert len(asked) == 1


def test_a_server_in_trouble_is_asked_again_but_nothing_is_sent_twice() -> None:
    with server() as (url, asked), ApiClient(url) as client:
        assert client.exchange("GET", "/status/503").status == 503
        for method in ("POST", "PUT"):
            assert client.exchange(method, "/status/503", {"do": "it"}).status == 503
    assert asked == ["GET /status/503"] * 3 + ["POST /status/503", "PUT /status/503"]


def break_off(listening: socket.socket, context: ssl.SSLContext, read: list[bytes]) -> None:
    """Take one request after the other over TLS, and answer it with what is no TLS."""
    with suppress(OSError):
        while True:
            raw, _address = listening.accept()
            with context.wrap_socket(raw, server_side=True) as secure:
                read.append(secure.recv(4096).split(b" ")[0])
                with socket.socket(fileno=os.dup(secure.fileno())) as bare:
                    bare.sendall(bytes(64))


def test_an_order_goes_out_once_where_tls_breaks_after_it_was_read() -> None:
    context, certificate = self_signed_context()
    read: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as far_end:
        far_end.submit(break_off, listening, context, read)
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        with ApiClient(url, Trust(TlsMode.AUTHORITY, certificate.decode())) as client:
            for method in ("PUT", "GET"):
                with pytest.raises(exceptions.ConnectionError):
                    client.exchange(method, "/")
        listening.shutdown(socket.SHUT_RDWR)
    assert read == [b"PUT"] + [b"GET"] * 3


def test_an_order_is_not_sent_elsewhere() -> None:
    with server() as (url, asked), ApiClient(url) as client:
        with pytest.raises(exceptions.ProtocolError, match="sent elsewhere"):
            client.exchange("PUT", "/moved/there", {"value": "on"})
        assert client.exchange("GET", "/moved/there").status == 200
    assert asked == ["PUT /moved/there", "GET /moved/there", "GET /there"]


def test_an_error_that_somebody_keeps_keeps_no_socket() -> None:
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as far_end:
        accepted = far_end.submit(listening.accept)
        far_end.submit(lambda: accepted.result()[0].sendall(refusal))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with ApiClient(url) as client, pytest.raises(exceptions.AccessDeniedError) as kept, client.open_stream("/"):
            pass
        with accepted.result()[0] as theirs:
            theirs.settimeout(5)
            while theirs.recv(4096):  # what was asked, and then the end
                pass
    assert kept.value.__traceback__ is not None


def test_a_stream_is_given_out_as_it_comes_and_its_end_is_an_error() -> None:
    """However long it takes: the deadline is that of its beginning."""
    with server() as (url, _asked), ApiClient(url, deadline_seconds=1.0) as client:
        got: list[bytes] = []
        with (
            pytest.raises(exceptions.ConnectionError, match="ended the stream"),
            client.open_stream("/stream") as pieces,
        ):
            got.extend(pieces)
        assert b"".join(got) == b"piece 0;piece 1;piece 2;"
        with pytest.raises(exceptions.AccessDeniedError), client.open_stream("/status/403"):
            pass
        with pytest.raises(exceptions.ConnectionError, match="too slowly"), client.open_stream("/drip"):
            pass
