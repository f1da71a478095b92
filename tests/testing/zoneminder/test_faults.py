"""The simulator misbehaves as asked, and recovers when healed."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from hi.testing.zoneminder import SimulatedZoneMinder
from tests.testing.zoneminder.client import ask, get, login, send

pytestmark = pytest.mark.wire

Control = Callable[[SimulatedZoneMinder], None]


@pytest.mark.parametrize(
    ("break_it", "status", "text"),
    [
        (lambda sim: sim.fail(403), 403, "403"),
        (lambda sim: sim.fail(429, "host", retry_after=7), 429, "429"),
        (lambda sim: sim.fail(503, retry_after="Wed, 21 Oct 2026 07:28:00 GMT"), 503, "503"),
        (lambda sim: sim.fail(500, "monitors"), 200, '{"version"'),
        (lambda sim: sim.answer_html(), 200, "<!DOCTYPE"),
        (lambda sim: sim.empty(), 200, ""),
        (lambda sim: sim.database_down(), 200, ""),
        (lambda sim: sim.truncate(honest=True), 200, '{"versi'),
        (lambda sim: sim.drip(0.0001), 200, '{"version"'),
    ],
)
def test_a_fault_changes_the_answer_until_it_is_healed(
    sim: SimulatedZoneMinder, break_it: Control, status: int, text: str
) -> None:
    token = login(sim)["access_token"]
    break_it(sim)

    answer = get(sim, "host/getVersion.json", token)

    assert answer.status_code == status
    assert answer.text.startswith(text)
    assert bool(answer.text) == bool(text)
    sim.heal()
    assert ask(sim, "host/getVersion.json", token)["version"] == "1.36.33"


def test_a_body_that_is_shorter_than_it_says_or_longer_than_anybody_reads(sim: SimulatedZoneMinder) -> None:
    token = login(sim)["access_token"]
    sim.truncate("states")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(sim, "states.json", token)
    sim.huge("monitors")
    with get(sim, "monitors.json", token, stream=True) as answer:
        assert int(answer.headers["Content-Length"]) > 32 * 1024 * 1024


@pytest.mark.parametrize(
    ("break_it", "names"),
    [
        (lambda sim: sim.partial(2), ["Front door", "Driveway"]),
        (lambda sim: sim.nothing("monitors"), []),
        (lambda sim: sim.nothing("events"), ["Front door", "Driveway", "Garden", "Garage"]),
        (lambda sim: sim.duplicates(), ["Front door", "Driveway", "Garden", "Garage", "Front door", "Driveway"]),
        (lambda sim: sim.undecodable(), ["Front door", "Driveway", "Garden", "nonsense"]),
    ],
)
def test_a_list_is_told_wrongly(sim: SimulatedZoneMinder, break_it: Control, names: list[str]) -> None:
    break_it(sim)

    rows: list[dict[str, Any]] = ask(sim, "monitors.json")["monitors"]

    assert [row["Monitor"] if row["Monitor"] == "nonsense" else row["Monitor"]["Name"] for row in rows] == names


def test_a_failure_can_be_of_a_few_times(sim: SimulatedZoneMinder) -> None:
    token = login(sim)["access_token"]
    sim.fail(500, "getVersion", times=1)

    assert [get(sim, "host/getVersion.json", token).status_code for _ in range(2)] == [500, 200]


def test_a_stalled_server_accepts_and_says_nothing_and_a_cut_one_drops_who_waits(sim: SimulatedZoneMinder) -> None:
    token = login(sim)["access_token"]
    sim.stall()
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{sim.url}/api/host/getVersion.json", timeout=(1, 0.05))
    sim.unstall()
    with send(sim, "GET", "/zm/cgi-bin/nph-zms", params={"monitor": 1, "scale": 10, "token": token}, stream=True) as it:
        next(it.iter_content(100))
        assert sim.connections == 1
        sim.cut()
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            list(it.iter_content(10_000))
    sim.wait_for(lambda: sim.connections == 0)


def test_a_restart_refuses_and_comes_back_on_the_same_port_with_the_same_tokens(sim: SimulatedZoneMinder) -> None:
    port, token = sim.port, login(sim)["access_token"]

    sim.go_down()
    with pytest.raises(requests.ConnectionError):
        get(sim, "host/getVersion.json", token)
    sim.come_up()
    assert get(sim, "host/getVersion.json", token).status_code == 200
    sim.restart(down_seconds=0.02)
    time.sleep(0.01)
    sim.wait_for(lambda: sim.server.is_listening)

    assert sim.port == port
    assert get(sim, "host/getVersion.json", token).status_code == 200


def test_what_was_asked_for_is_counted_by_path() -> None:
    with SimulatedZoneMinder.running() as sim:
        get(sim, "monitors.json")

        assert sim.requests == 2
        assert sim.paths == {"/zm/api/host/login.json": 1, "/zm/api/monitors.json": 1}
