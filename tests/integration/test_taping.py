"""What is taped of a conversation, and when."""

import asyncio
from collections.abc import Iterator

import pytest

from hi.integration import exceptions, taping
from hi.integration.client import ApiClient
from hi.integration.taping import Recorder, Tape, running
from hi.services.hass.client import HassClient
from hi.services.hass.listener import HassListener
from hi.testing.hass import SimulatedHass, home

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def sim() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(home=home.small()) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _healed(sim: SimulatedHass) -> None:
    sim.heal()


def ask(sim: SimulatedHass, path: str = "/api/") -> None:
    with ApiClient(f"{sim.url}", headers={"Authorization": f"Bearer {sim.token}"}, retries=0, read_seconds=1) as client:
        client.exchange("GET", path)


def taped(recorder: Recorder) -> list[tuple[str, str, int]]:
    return [(tape.method, tape.path, tape.status) for tape in recorder.tapes]


def test_nothing_is_kept_where_nobody_records(sim: SimulatedHass) -> None:
    ask(sim)
    with running() as kept:
        assert taping.tape("/api/", "GET") is kept.tapes[0]
    assert taping.tape("/api/", "GET") is taping.BLANK


def test_a_request_is_kept_with_its_answer_whatever_that_is(sim: SimulatedHass) -> None:
    with running() as kept:
        ask(sim, "/api/?a=b")
        sim.fail(503, retry_after=9)
        ask(sim)
        sim.heal()
        sim.truncate()
        with pytest.raises(exceptions.ConnectionError):
            ask(sim)
    whole, failed, broken = kept.tapes
    assert taped(kept) == [("GET", "/api/?a=b", 200), ("GET", "/api/", 503), ("GET", "/api/", 0)]
    assert whole.body == b'{"message":"API running."}'
    assert failed.retry_after == 9
    assert broken.error.startswith("ConnectionError: ")
    assert sim.token not in repr(kept.tapes)


def test_a_conversation_is_kept_with_what_each_said_and_its_refusal(sim: SimulatedHass) -> None:
    with running() as kept:
        with HassClient({"url": sim.url, "token": sim.token}) as client, client.open_session():
            pass
        sim.fail(503, retry_after=9)
        with (
            pytest.raises(exceptions.ConnectionError),
            HassClient({"url": sim.url, "token": "x"}) as client,
            client.open_session(),
        ):
            pass
    told, refused = kept.tapes
    assert [message.is_ours for message in told.messages] == [False, True, False]
    assert told.messages[1].content == {"type": "auth", "access_token": sim.token}
    assert (refused.status, refused.retry_after, refused.messages) == (503, 9, [])


def test_what_a_listener_hears_on_tasks_of_its_own_is_kept_until_the_line_breaks(sim: SimulatedHass) -> None:
    async def listen() -> None:
        async for _event in HassListener({"url": sim.url, "token": sim.token}).stream():
            sim.cut()

    with running() as kept, pytest.raises(exceptions.ConnectionError):
        asyncio.run(listen())
    (tape,) = kept.tapes
    assert tape.path == "/api/websocket"
    assert sum(message.is_ours for message in tape.messages) >= 9
    assert tape.messages[-1].content is None, "the end is the service's"


def test_it_is_bounded_and_says_when_it_is_cut(sim: SimulatedHass) -> None:
    with running(max_bytes=100) as kept:
        ask(sim)
        ask(sim, "/api/config")
        ask(sim)
    assert kept.is_cut
    assert taped(kept) == [("GET", "/api/", 200), ("GET", "/api/config", 200)]
    assert [len(tape.body) for tape in kept.tapes] == [26, 0]
    assert kept.tapes[1].left_out > 100


def test_pictures_are_kept_by_their_size_alone() -> None:
    tape = Tape(Recorder(), "/camera", "GET")
    tape.answered(200, "image/jpeg", b"\xff\xd8 what a camera sees")
    assert (tape.body, tape.left_out) == (b"", 21)
