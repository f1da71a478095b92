"""The simulator misbehaves as asked, and recovers when healed."""

import json
import ssl
import time
from collections.abc import Callable

import pytest
import requests
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.sync.client import connect

from hi.testing.hass import Home, SimulatedHass, home
from hi.testing.tls import self_signed_context
from tests.testing.client import Client, open_socket
from tests.testing.shapes import captured
from tests.testing.test_rest import get

pytestmark = pytest.mark.wire

LIGHT = "light.kitchen_ceiling_light"


def test_a_cut_connection_ends_without_a_close_frame(sim: SimulatedHass, client: Client) -> None:
    sim.cut()

    with pytest.raises(ConnectionClosedError) as closed:
        client.receive()

    assert str(closed.value) == "no close frame received or sent"
    sim.wait_for(lambda: sim.connections == 0)
    with Client(sim) as again:
        assert again.ask("ping")["type"] == "pong"


def test_a_stalled_server_accepts_and_never_answers(sim: SimulatedHass, client: Client) -> None:
    sim.stall()

    client.send("ping")
    with pytest.raises(TimeoutError):
        client.receive(timeout=0.05)
    with pytest.raises(requests.ReadTimeout):
        requests.get(sim.url + "/api/", timeout=(1, 0.05))

    sim.unstall()
    assert client.receive()["type"] == "pong"


def test_a_keepalive_ping_of_a_stalled_server_goes_unanswered(sim: SimulatedHass) -> None:
    with Client(sim, ping_interval=0.05, ping_timeout=0.05) as client:
        sim.stall()
        with pytest.raises(ConnectionClosedError) as closed:
            client.receive()
        sim.unstall()

    assert "keepalive ping timeout" in str(closed.value)


def test_a_failing_server_fails_requests_and_upgrades_until_healed(sim: SimulatedHass) -> None:
    sim.fail(503)

    answer = get(sim, "/api/")
    assert (answer.status_code, answer.text) == (503, "503: Service Unavailable")
    with pytest.raises(InvalidStatus) as refused, open_socket(sim):
        pass
    assert refused.value.response.status_code == 503

    sim.heal()
    assert get(sim, "/api/").status_code == 200


def test_a_page_instead_of_json_is_answered_with_200(sim: SimulatedHass) -> None:
    sim.answer_html()

    answer = get(sim, "/api/config")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    with pytest.raises(InvalidStatus), open_socket(sim):
        pass


def test_a_failure_can_be_of_one_path_and_of_a_few_times_and_say_when_to_come_back(sim: SimulatedHass) -> None:
    sim.fail(429, "states", retry_after=3, times=2)

    answers = [get(sim, path) for path in ("/api/config", "/api/states", "/api/states", "/api/states")]

    assert [answer.status_code for answer in answers] == [200, 429, 429, 200]
    assert answers[1].headers["Retry-After"] == "3"


@pytest.mark.parametrize(
    ("break_it", "shown"),
    [
        (lambda sim: sim.nothing(), []),
        (lambda sim: sim.partial(2), ["on", "off"]),
        (lambda sim: sim.duplicates("get_states"), ["on", "off", "12", "on", "off"]),
        (lambda sim: sim.undecodable(), ["on", "off", "nonsense"]),
        (lambda sim: sim.undecodable("config/entity_registry/list"), ["on", "off", "12"]),
    ],
)
def test_a_list_is_told_wrongly(break_it: Callable[[SimulatedHass], None], shown: list[str]) -> None:
    with SimulatedHass.running(home=Home("Three")) as sim:
        for number, state in enumerate(("on", "off", "12")):
            sim.set_state(f"sensor.number_{number}", state)
        break_it(sim)

        assert [row["state"] for row in get(sim, "/api/states").json()] == shown
        with Client(sim) as client:
            assert [row["state"] for row in client.ask("get_states")["result"]] == shown


def test_a_clock_that_is_wrong_shows_in_what_changes_until_it_is_healed(sim: SimulatedHass) -> None:
    sim.skew_clock(-3600)
    sim.set_state(LIGHT, "off")
    assert sim.states()[LIGHT].last_changed < time.time() - 3000

    sim.heal()
    sim.set_state(LIGHT, "on")

    assert sim.states()[LIGHT].last_changed > time.time() - 3000


def test_another_version_is_told_everywhere(sim: SimulatedHass) -> None:
    sim.set_version("2026.2.3")

    assert get(sim, "/api/config").json()["version"] == "2026.2.3"
    with open_socket(sim) as socket:
        assert json.loads(socket.recv())["ha_version"] == "2026.2.3"


def test_a_body_can_be_missing_cut_or_endless(sim: SimulatedHass) -> None:
    sim.empty("config")
    assert (get(sim, "/api/config").status_code, get(sim, "/api/config").content) == (200, b"")
    sim.truncate("states", honest=True)
    with pytest.raises(requests.JSONDecodeError):
        get(sim, "/api/states").json()
    sim.truncate("states")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(sim, "/api/states")
    sim.huge("core")
    assert len(get(sim, "/api/core/state").content) > 32 * 1024 * 1024


def test_a_dripping_server_is_slow_and_still_right(sim: SimulatedHass) -> None:
    sim.drip(0.0002)

    answer = get(sim, "/api/")

    assert answer.json() == {"message": "API running."}
    assert answer.elapsed.total_seconds() > 0.02


def test_a_partial_answer_has_the_first_rows_of_every_list(sim: SimulatedHass, client: Client) -> None:
    sim.partial(2)

    for command in ("get_states", "config/entity_registry/list", "config/device_registry/list"):
        assert len(client.ask(command)["result"]) == 2
    assert len(get(sim, "/api/states").json()) == 2


def test_a_partial_answer_can_be_for_one_command(sim: SimulatedHass, client: Client) -> None:
    sim.partial(0, "config/device_registry/list")

    assert client.ask("config/device_registry/list")["result"] == []
    assert len(client.ask("config/entity_registry/list")["result"]) > 5


def test_a_command_can_be_refused(sim: SimulatedHass, client: Client) -> None:
    sim.refuse_command("config/entity_registry/list")

    answer = client.ask("config/entity_registry/list")

    assert answer["error"] == {"code": "unauthorized", "message": "Unauthorized"}


def test_a_refused_token_leaves_who_is_in(sim: SimulatedHass, client: Client) -> None:
    sim.refuse_token()

    assert client.ask("ping")["type"] == "pong"
    assert get(sim, "/api/").status_code == 401
    with open_socket(sim) as other:
        other.recv()
        other.send(json.dumps({"type": "auth", "access_token": sim.token}))
        assert json.loads(other.recv())["type"] == "auth_invalid"


def test_a_revoked_token_closes_with_1000_as_captured(sim: SimulatedHass, client: Client) -> None:
    sim.revoke_token()

    with pytest.raises(ConnectionClosedOK) as closed:
        client.receive()

    assert str(closed.value) == captured("ws-token-revoked")["then"]["text"]


def test_a_banned_client_is_refused_the_upgrade_as_captured(sim: SimulatedHass) -> None:
    sim.ban()

    with pytest.raises(InvalidStatus) as refused, open_socket(sim):
        pass

    assert str(refused.value) == captured("ws-while-banned")["text"]


def test_healing_ends_every_fault(sim: SimulatedHass) -> None:
    sim.ban()
    sim.refuse_token()
    sim.partial(1)
    sim.drip()
    sim.stall()

    sim.heal()

    assert len(get(sim, "/api/states").json()) == len(sim.states())


def test_a_restart_refuses_then_starts_with_a_few_entities_then_runs(sim: SimulatedHass) -> None:
    before = sim.states()
    with Client(sim) as client:
        sim.go_down()
        with pytest.raises(ConnectionClosedOK):
            client.receive()
    with pytest.raises(requests.ConnectionError):
        get(sim, "/api/config")

    sim.come_up(entities=3)
    assert get(sim, "/api/config").json()["state"] == "NOT_RUNNING"
    with Client(sim) as client:
        assert len(client.follow()) == 3
        assert len(client.ask("config/entity_registry/list")["result"]) == len(sim.home.entities)
        client.ask("subscribe_events", event_type="homeassistant_started")
        sim.finish_starting()
        arrived = client.receive_many(len(before) - 3)
        assert client.next_event()["event_type"] == "homeassistant_started"

    assert all(list(message["event"]) == ["a"] for message in arrived)
    assert get(sim, "/api/config").json()["state"] == "RUNNING"
    after = sim.states()
    assert {key: state.state for key, state in after.items()} == {key: state.state for key, state in before.items()}
    assert all(after[key].last_changed >= before[key].last_changed for key in after)


def test_a_restart_by_the_clock_comes_back_on_the_same_port(sim: SimulatedHass) -> None:
    port, count = sim.port, len(sim.states())

    sim.restart(down_seconds=0.1, starting_seconds=0.6)
    seen = []

    def is_running() -> bool:
        try:
            seen.append(str(get(sim, "/api/config").json()["state"]))
        except requests.ConnectionError:
            seen.append("refused")
        return seen[-1] == "RUNNING"

    sim.wait_for(is_running)

    assert list(dict.fromkeys(seen)) == ["refused", "NOT_RUNNING", "STARTING", "RUNNING"]
    assert (sim.port, len(sim.states())) == (port, count)


def test_what_is_set_while_the_home_is_down_stays(sim: SimulatedHass) -> None:
    sim.go_down()
    sim.set_state(LIGHT, "off")
    sim.come_up()
    sim.finish_starting()

    assert sim.states()[LIGHT].state == "off"


def test_a_self_signed_certificate_is_refused_unless_trusted() -> None:
    context, certificate = self_signed_context()
    with SimulatedHass.running(home=home.small(), tls=context) as sim:
        assert sim.url.startswith("https://")
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(sim.url + "/api/", timeout=5)

        trusting = ssl.create_default_context(cadata=certificate.decode())
        with connect(sim.ws_url, ssl=trusting, proxy=None) as socket:
            assert json.loads(socket.recv())["type"] == "auth_required"


def test_a_port_that_is_taken_is_an_error(sim: SimulatedHass) -> None:
    with pytest.raises(OSError, match="in use"), SimulatedHass.running(home=home.small(), port=sim.port):
        pass
