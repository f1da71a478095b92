"""What a cassette says, to whom and when."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from hi.integration.core.shared_parts import MARK, restore_parts, share_parts
from hi.testing.cassette import Cassette
from hi.testing.replay import ReplayServer

pytestmark = [pytest.mark.pure, pytest.mark.wire]

SAID: list[dict[str, Any]] = [
    {"method": "GET", "path": "/zm/a b", "query": {"x": "1", "y": "2", "token": "old"}, "status": 200, "json": [1]},
    {"method": "GET", "path": "/zm/a b", "query": {"x": "1", "y": "2", "token": "new"}, "status": 200, "json": [2]},
    {"method": "POST", "path": "/busy", "status": 429, "type": "text/html", "text": "no", "retry_after": 7.0},
    {"method": "GET", "path": "/broken", "error": "ConnectionError: …"},
    {"method": "GET", "path": "/slow", "status": 200, "type": "image/jpeg", "left_out": 40, "seconds": 0.2},
    {
        "path": "/ws",
        "messages": [
            {"at": 0.0, "json": {"type": "hello"}},
            {"at": 0.1, "out": {"type": "auth", "access_token": "stand-in"}},
            {"at": 0.1, "json": {"type": "auth_ok"}},
            {"at": 0.2, "out": {"id": 1, "type": "subscribe"}},
            {"at": 0.2, "json": {"id": 1, "type": "result"}},
            {"at": 0.3, "json": {"id": 1, "type": "event", "n": 1}},
            {"at": 0.4, "out": {"id": 2, "type": "get"}},
            {"at": 0.5, "json": [{"id": 2, "type": "result", "n": "first"}, {"id": 1, "type": "event", "n": 2}]},
            {"at": 0.6, "text": "no JSON"},
        ],
    },
    {
        "path": "/ws",
        "messages": [{"at": 0, "out": {"id": 9, "type": "get"}}, {"at": 0, "json": {"id": 9, "n": "last"}}],
    },
    {"path": "/ends", "messages": [{"at": 0, "out": {"type": "bye"}}, {"at": 0, "end": True}]},
    {"path": "/refused", "status": 403, "type": "text/plain", "text": "no"},
]  # fmt: skip


@contextmanager
def playing(tmp_path: Path, pace: float = 0.0) -> Iterator[ReplayServer]:
    path = tmp_path / "cassette.json"
    settings = {"url": "https://host-1:8123/zm", "token": "stand-in"}
    made = {"complete": True, "things": [], "values": {}, "later": {}}
    said, parts = share_parts(SAID)
    document = {
        **{"cassette": 1, "integration": "hass", "settings": settings, "made": made},
        **{"said": said, "parts": parts},
    }
    path.write_bytes(orjson.dumps(document))
    with Cassette.load(path).replaying(pace) as server:
        yield server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ReplayServer]:
    with playing(tmp_path) as server:
        yield server


@contextmanager
def talking(server: ReplayServer, path: str = "/ws") -> Iterator[ClientConnection]:
    with connect(f"ws://127.0.0.1:{server.port}{path}", proxy=None, open_timeout=5) as talk:
        yield talk


def say(talk: ClientConnection, **message: Any) -> None:
    talk.send(orjson.dumps(message).decode())


def hear(talk: ClientConnection) -> Any:
    return orjson.loads(talk.recv(5))


def test_a_person_enters_the_address_at_which_it_is_played(server: ReplayServer) -> None:
    assert server.settings == {"url": f"http://127.0.0.1:{server.port}/zm", "token": "stand-in"}


def test_answers_come_in_their_order_and_the_last_one_for_ever(server: ReplayServer) -> None:
    url = f"{server.settings['url']}/a%20b?y=2&token=of+today&x=1"
    assert [requests.get(url, timeout=5).json() for _time in range(3)] == [[1], [2], [2]]


def test_what_went_wrong_goes_wrong_again(server: ReplayServer) -> None:
    base = f"http://127.0.0.1:{server.port}"
    busy = requests.post(f"{base}/busy", timeout=5)
    assert (busy.status_code, busy.headers["Retry-After"], busy.text) == (429, "7", "no")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{base}/broken", timeout=5)
    with pytest.raises(InvalidStatus, match="403"), talking(server, "/refused"):
        pass
    with talking(server, "/ends") as talk:
        say(talk, type="bye")
        with pytest.raises(ConnectionClosed):
            hear(talk)
    assert server.unheard_of == []


def test_what_was_never_asked_for_is_named(server: ReplayServer) -> None:
    answer = requests.get(f"http://127.0.0.1:{server.port}/other?a=b", timeout=5)
    assert (answer.status_code, answer.text) == (404, "GET /other?a=b was not asked for when this was recorded.")
    with talking(server) as talk:
        hear(talk)
        say(talk, id=1, type="other")
        with pytest.raises(ConnectionClosed):
            hear(talk)
    assert server.unheard_of == ["GET /other?a=b", '{"type":"other"}']


def test_messages_are_answered_with_the_clients_ids_and_events_come_after_what_they_came_after(
    server: ReplayServer,
) -> None:
    with talking(server) as talk:
        assert hear(talk) == {"type": "hello"}
        say(talk, access_token="another", type="auth")
        assert hear(talk) == {"type": "auth_ok"}
        say(talk, id=41, type="subscribe")
        assert [hear(talk), hear(talk)] == [{"id": 41, "type": "result"}, {"id": 41, "type": "event", "n": 1}]
        say(talk, id=42, type="get")
        assert [hear(talk), hear(talk)] == [
            {"id": 42, "type": "result", "n": "first"},
            {"id": 41, "type": "event", "n": 2},
        ]
        assert talk.recv(5) == "no JSON"
        say(talk, id=43, type="get")
        assert hear(talk) == {"id": 43, "n": "last"}
    with talking(server) as talk:
        say(talk, id=1, type="get")
        assert hear(talk) == {"id": 1, "n": "last"}, "whoever comes later gets no less"


def test_it_takes_as_long_as_it_took_if_wanted(tmp_path: Path) -> None:
    with playing(tmp_path, pace=1.0) as server:
        begin = time.monotonic()
        assert requests.get(f"http://127.0.0.1:{server.port}/slow", timeout=5).content == b""
        assert time.monotonic() - begin >= 0.2
        with talking(server) as talk:
            hear(talk)
            say(talk, id=5, type="subscribe")
            hear(talk)
            begin = time.monotonic()
            hear(talk)
            assert time.monotonic() - begin >= 0.05


def test_a_file_that_is_no_cassette_is_none(tmp_path: Path) -> None:
    path = tmp_path / "diagnostics.json"
    path.write_text('{"made_at": 1}')
    with pytest.raises(ValueError, match="no cassette"):
        Cassette.load(path)


def test_what_stands_twice_in_it_is_written_once() -> None:
    long = [{"name": f"thing {number}"} for number in range(60)]
    data = [{"result": long}, {"id": 2, "result": list(long)}, {"result": long[:1]}]
    shared, parts = share_parts(data)
    assert shared == [{"result": {MARK: 0}}, {"id": 2, "result": {MARK: 0}}, {"result": long[:1]}]
    assert restore_parts(shared, parts) == data
