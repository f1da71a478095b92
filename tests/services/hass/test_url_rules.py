"""Where hi connects to, whatever is typed, resolved or answered; and that a token reaches no other server.

By every way in which it connects: a look, REST, a short WebSocket, the listener. The servers are real, each on a
loopback address of its own.
"""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from hi.integration import exceptions
from hi.integration.core.settings import clean_url
from hi.integration.reach import reach
from hi.services.hass.client import HassClient
from hi.services.hass.listener import HassListener
from tests.raw_servers import say_nothing, serving

pytestmark = pytest.mark.wire
TOKEN = "c4n4ry-t0ken"
HERE, THERE, ELSEWHERE = "127.0.0.1", "127.0.0.2", "127.0.0.3"


def look(url: str) -> None:
    reach(url, seconds=1)


def rest(url: str) -> None:
    with HassClient({"url": url, "token": TOKEN}, answer_seconds=1) as client:
        client.sign_in()


def talk(url: str) -> None:
    with HassClient({"url": url, "token": TOKEN}, answer_seconds=1) as client, client.open_session():
        pass


def listen(url: str) -> None:
    async def first_event() -> None:
        async with aclosing(HassListener({"url": url, "token": TOKEN}, answer_seconds=1).stream()) as stream:
            await anext(stream)

    asyncio.run(first_event())


WAYS = {"look": look, "rest": rest, "talk": talk, "listen": listen}
# What leads to where cloud machines keep their credentials, or to no machine: it is refused when it is typed, and where
# that were left out, no byte goes there.
FORBIDDEN = {
    "link-local": "http://169.254.169.254",
    "with a port": "http://169.254.169.254:8123",
    "with a dot at its end": "http://169.254.169.254.",
    "one decimal number": "http://2852039166",
    "hexadecimal": "http://0xA9FEA9FE",
    "hexadecimal, in parts": "http://0xa9.0xfe.0xa9.0xfe",
    "octal": "http://0251.0376.0251.0376",
    "three parts": "http://169.254.43518",
    "mixed": "http://0xa9.254.43518",
    "wide digits": "http://\uff11\uff16\uff19.254.169.254",
    "circled digits": "http://\u2460\u2465\u2468.254.169.254",
    "an ideographic dot": "http://169\u3002254\u3002169\u3002254",
    "IPv6, link-local": "http://[fe80::1]",
    "IPv6, of an interface": "http://[fe80::1%25eth0]",
    "IPv6, mapped": "http://[::ffff:169.254.169.254]",
    "IPv6, mapped, in hexadecimal": "http://[::ffff:a9fe:a9fe]",
    "IPv6, written out": "http://[0000:0000:0000:0000:0000:ffff:a9fe:a9fe]",
    "IPv6, compatible": "http://[::169.254.169.254]",
    "IPv6, translated": "http://[::ffff:0:a9fe:a9fe]",
    "IPv6, NAT64": "http://[64:ff9b::a9fe:a9fe]",
    "IPv6, a network's own NAT64": "http://[64:ff9b:1::a9fe:a9fe]",
    "IPv6, 6to4": "http://[2002:a9fe:a9fe::]",
    "IPv6, Teredo": "http://[2001:0:a9fe:a9fe::1]",
    "IPv6, a cloud's": "http://[fd00:ec2::254]",
    "IPv6, another cloud's": "http://[fd20:ce::254]",
    "a cloud's within shared addresses": "http://100.100.100.200",
    "a cloud's among reserved ones": "http://192.0.0.192",
    "unspecified": "http://0.0.0.0",
    "unspecified, short": "http://0",
    "IPv6, unspecified": "http://[::]",
    "multicast": "http://224.0.0.251",
    "IPv6, multicast": "http://[ff02::fb]",
    "broadcast": "http://255.255.255.255",
}
# What is no address of a server, or one that two readers could read in two ways: it is refused when it is typed.
NO_ADDRESS = {
    "a user's name": "http://127.0.0.1@169.254.169.254",
    "an empty user's name": "http://@127.0.0.2",
    "name and password": "http://user:secret@127.0.0.2",
    "a backslash before": "http://127.0.0.2\\@127.0.0.1",
    "a backslash within": "http://127.0.0.1\\.example.org",
    "a backslash behind": "http://127.0.0.1\\",
    "percent signs": "http://%31%36%39.254.169.254",
    "a percent sign": "http://127.0.0.1%00.example.org",
    "no host": "http:///path",
    "a port alone": "http://:8123",
    "port zero": "http://127.0.0.1:0",
    "a port too high": "http://127.0.0.1:65536",
    "a port below": "http://127.0.0.1:-1",
    "a port with a sign": "http://127.0.0.1:+80",
    "a port of wide digits": "http://127.0.0.1:\uff18\uff10",
    "a port in words": "http://127.0.0.1:http",
    "two ports": "http://127.0.0.1:80:81",
    "no closing bracket": "http://[::1",
    "a line break": "http://127.0.0.1\n.example.org",
    "a space": "http://127.0.0.1 .example.org",
    "a slash in disguise": "http://127.0.0.1\u2044.example.org",
    "a fullwidth slash": "http://127.0.0.1\uff0f.example.org",
    "an at sign in disguise": "http://127.0.0.1\uff20169.254.169.254",
    "a file": "file:///etc/passwd",
    "a scheme that is none": "gopher://127.0.0.1:6379/_FLUSHALL",
    "a script": "javascript://127.0.0.1/%0aalert(1)",
    "only a scheme": "https://",
}


@pytest.mark.parametrize("url", [*FORBIDDEN.values(), *NO_ADDRESS.values()], ids=[*FORBIDDEN, *NO_ADDRESS])
def test_what_may_not_be_typed(url: str) -> None:
    with pytest.raises(exceptions.ConfigurationError):
        clean_url(url)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_way_of_connecting_goes_where_none_may_go(
    way: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: tried.append(address))
    monkeypatch.setattr(
        asyncio.SelectorEventLoop, "sock_connect", lambda _self, _sock, address: tried.append(address), raising=False
    )
    for what, url in FORBIDDEN.items():
        with pytest.raises(exceptions.IntegrationError):
            way(url)
        assert tried == [], what


@dataclass
class Server:
    """Remembers all that it was sent, and answers each connection with the next of its answers, the last one again."""

    host: str
    answers: list[bytes] = field(default_factory=lambda: [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"])
    heard: list[bytes] = field(default_factory=list)
    holds: bool = False  # keeps the connection open
    port: int = 0

    def talk(self, connection: socket.socket) -> None:
        self.heard.append(connection.recv(65536))
        connection.sendall(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        if self.holds:
            say_nothing(connection)


@contextmanager
def running(*servers: Server, port: int = 0) -> Iterator[None]:
    """All on the same port, so that only the host tells one from the other."""
    with ExitStack() as stack:
        for server in servers:
            try:
                port = server.port = stack.enter_context(serving(server.talk, host=server.host, port=port))
            except OSError as err:  # some systems have one loopback address only
                pytest.skip(f"{server.host} cannot be listened on: {err}")
        yield


# What a server answers to send hi elsewhere. `HOST`: the server itself; `PORT`: that of all of them.
REDIRECTS = {
    "another host": "http://127.0.0.2:PORT/api/",
    "another host, without a scheme": "//127.0.0.2:PORT/api/",
    "another host by https": "https://127.0.0.2:PORT/api/",
    "another port": "http://HOST:9/api/",
    "no port": "http://HOST/api/",
    "another scheme": "https://HOST:PORT/api/",
    "link-local": "http://169.254.169.254/latest/meta-data/",
    "link-local, decimal": "http://2852039166/",
    "link-local, IPv6": "http://[::ffff:a9fe:a9fe]/",
    "another way to write loopback": "http://127.0.0.3:PORT/",
    "its name as a user's": "http://HOST:PORT@127.0.0.2:PORT/",
    "another as its user": "http://127.0.0.2@HOST:PORT/",
    "a backslash and itself": "http://127.0.0.2:PORT\\@HOST:PORT/",
    "itself and a backslash": "http://HOST:PORT\\@127.0.0.2:PORT/",
    "itself as a subdomain": "http://HOST.127.0.0.2:PORT/",
    "backslashes for slashes": "\\\\127.0.0.2:PORT\\api\\",
    "slashes and tabs": "/\t/127.0.0.2:PORT/api/",
    "a fragment before": "http://127.0.0.2:PORT#@HOST:PORT/",
    "a query before": "http://127.0.0.2:PORT?@HOST:PORT/",
    "a file": "file:///etc/passwd",
    "no address": "http://[::1/",
    "a port that is none": "http://HOST:99999/",
}
STATUSES = ("301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect")


@pytest.mark.parametrize("way", [rest, talk, listen])
def test_a_token_follows_no_redirect_to_another_server(way: Callable[[str], None]) -> None:
    here, others = Server(HERE), [Server(THERE), Server(ELSEWHERE)]
    with running(here, *others):
        for number, (what, target) in enumerate(REDIRECTS.items()):
            location = target.replace("HOST", HERE).replace("PORT", str(here.port))
            status = STATUSES[number % len(STATUSES)]
            here.answers = [f"HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()]
            with pytest.raises(exceptions.IntegrationError):
                way(f"http://{HERE}:{here.port}")
            assert [other.heard for other in others] == [[], []], what
    assert here.heard


def test_a_redirect_on_the_same_server_is_followed_with_the_token() -> None:
    here = Server(HERE)
    moved = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /moved/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    found = b'HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n{"message":"API running."}'
    here.answers = [moved, found]
    with running(here):
        rest(f"http://{HERE}:{here.port}")
    assert [TOKEN.encode() in heard for heard in here.heard] == [True, True]
    assert here.heard[1].startswith(b"GET /moved/ ")


def test_a_redirect_without_an_end_is_not_read() -> None:
    here = Server(HERE, holds=True)
    here.answers = [b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2/\r\n\r\n" + b"x" * 100]
    with running(here), pytest.raises(exceptions.ProtocolError, match="another server"):
        rest(f"http://{HERE}:{here.port}")


# Which addresses a name leads to, the first time it is asked for and each time after; and who may be connected to.
LINK_LOCAL = "169.254.169.254"
NAMES: dict[str, tuple[list[str], list[str], str]] = {
    "first of a home, then link-local": ([HERE], [LINK_LOCAL], HERE),
    "first of a home, then another": ([HERE], [THERE], HERE),
    "link-local": ([LINK_LOCAL], [HERE], ""),
    "link-local, mapped": (["::ffff:169.254.169.254"], [HERE], ""),
    "both, link-local first": ([LINK_LOCAL, HERE], [LINK_LOCAL], HERE),
    "both, link-local last": ([HERE, LINK_LOCAL], [LINK_LOCAL], HERE),
    "a cloud's": (["100.100.100.200"], [HERE], ""),
    "unspecified": (["0.0.0.0"], [HERE], ""),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_the_address_that_was_checked_is_the_one_that_is_connected_to(
    name: str, way: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, then, expected = NAMES[name]
    here, there = Server(HERE), Server(THERE)
    asked: list[str] = []

    def resolve(host: str, port: int, *_args: Any, **_kwargs: Any) -> list[Any]:
        asked.append(host)
        addresses = then if len(asked) > 1 else first
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    with running(here, there):
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        with pytest.raises(exceptions.IntegrationError) if way is not look or not expected else ExitStack():
            way(f"http://hub.example:{here.port}")
    assert asked == ["hub.example"]
    if way is not look:
        assert bool(here.heard) == bool(expected)
    assert there.heard == []


@pytest.mark.parametrize("way", [rest, talk, listen])
def test_no_proxy_of_the_machine_gets_the_token(way: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    here, proxy = Server(HERE), Server(THERE)
    with running(here, proxy):
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY", "ws_proxy"):
            monkeypatch.setenv(name, f"http://{THERE}:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(exceptions.IntegrationError):
            way(f"http://{HERE}:{here.port}")
    assert here.heard
    assert proxy.heard == []
