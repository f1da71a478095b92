"""Pictures, streams and what is not shown."""

from typing import Any

import pytest
import requests

from hi.testing.zoneminder import SimulatedZoneMinder
from tests.testing.zoneminder.client import login, send

pytestmark = pytest.mark.wire

ZMS = "/zm/cgi-bin/nph-zms"


def look(sim: SimulatedZoneMinder, path: str = ZMS, **query: Any) -> requests.Response:
    return send(sim, "GET", path, params={"token": login(sim)["access_token"]} | query, stream=True)


def size(jpeg: bytes) -> tuple[int, int]:
    at = jpeg.index(b"\xff\xc0") + 5
    return int.from_bytes(jpeg[at + 2 : at + 4]), int.from_bytes(jpeg[at : at + 2])


def frames(answer: requests.Response, count: int) -> list[tuple[list[bytes], bytes]]:
    """The heads and pictures a stream begins with."""
    received = b""
    for piece in answer.iter_content(4096):
        received += piece
        if received.count(b"--ZoneMinderFrame") > count:
            break
    parts = received.split(b"--ZoneMinderFrame\r\n")[1 : count + 1]
    return [(part.partition(b"\r\n\r\n")[0].split(b"\r\n"), part.partition(b"\r\n\r\n")[2][:-4]) for part in parts]


def test_a_snapshot_is_as_large_as_asked_for(sim: SimulatedZoneMinder) -> None:
    assert size(look(sim, mode="single", monitor=1).content) == (640, 480)
    assert size(look(sim, mode="single", monitor=1, scale=25).content) == (160, 120)


def test_a_missing_camera_is_a_picture_without_a_type(sim: SimulatedZoneMinder) -> None:
    answer = look(sim, mode="single", monitor=99)

    assert answer.status_code == 200
    assert "Content-Type" not in answer.headers
    assert size(answer.content) == (640, 480)


def test_a_live_stream_goes_on_and_shows_who_moves(sim: SimulatedZoneMinder) -> None:
    event_id = sim.begin_event(2)
    seen = []

    for _ in range(2):
        with look(sim, mode="jpeg", monitor=2, maxfps=30, scale=25) as answer:
            seen += frames(answer, 3)
        sim.advance(4)
    sim.end_event(event_id)

    for head, jpeg in seen:
        assert head[1] == b"Content-Length: %d" % len(jpeg)
        assert (jpeg[:2], jpeg[-2:]) == (b"\xff\xd8", b"\xff\xd9")
    assert len({jpeg for _, jpeg in seen}) > 1
    sim.wait_for(lambda: sim.connections == 0)


def test_an_event_can_be_seen_again_as_a_picture_and_as_a_stream(sim: SimulatedZoneMinder) -> None:
    event_id = sim.begin_event(2)
    sim.advance(10)
    sim.end_event(event_id)

    assert size(look(sim, "/zm/index.php", view="image", eid=event_id, fid="snapshot", width=320).content) == (320, 240)
    with look(sim, mode="jpeg", source="event", event=event_id, rate=400, maxfps=30, scale=25) as answer:
        assert len({jpeg for _, jpeg in frames(answer, 40)}) > 1  # of more than a second, however they are paced


@pytest.mark.parametrize("path", [ZMS, "/zm/index.php"])
@pytest.mark.parametrize("token", ["", "garbage"])
def test_without_a_good_token_nothing_is_shown(sim: SimulatedZoneMinder, path: str, token: str) -> None:
    event_id = sim.begin_event(1)

    answer = look(sim, path, mode="single", view="image", monitor=1, eid=event_id, token=token)

    assert answer.status_code == 403
    assert b"\xff\xd8" not in answer.content
    sim.end_event(event_id)


def test_who_may_see_one_monitor_sees_no_picture_of_another(sim: SimulatedZoneMinder) -> None:
    sim.add_user("restricted", "r", monitor_ids=frozenset({2}))
    token = login(sim, "restricted", "r")["access_token"]

    assert [look(sim, mode="single", monitor=n, scale=10, token=token).status_code for n in (1, 2)] == [403, 200]
