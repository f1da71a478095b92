"""Rules of the WebSocket beyond the shape of its messages."""

import json
import socket
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidStatus

from hi.testing.hass import SimulatedHass, home
from hi.testing.hass.core import Core
from hi.testing.hass.protocol import Session
from tests.testing.client import Client, open_socket

pytestmark = pytest.mark.wire

LIGHT = "light.kitchen_ceiling_light"


def test_an_id_must_increase_and_a_refused_one_does_not_count(client: Client) -> None:
    answers = []
    for number in (5, 5, 4, 6):
        client.socket.send(json.dumps({"id": number, "type": "ping"}))
        answers.append(client.receive())

    assert [answer.get("error", {}).get("code", answer["type"]) for answer in answers] == [
        "pong",
        "id_reuse",
        "id_reuse",
        "pong",
    ]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"type": "get_config", "extra": 1}, "extra keys not allowed. Got {'type': 'get_config', 'extra': 1, 'id': 1}"),
        ({"type": "subscribe_events", "event": "x"}, "extra keys not allowed @ data['event']. Got 'x'"),
        ({"type": "unsubscribe_events"}, "required key not provided @ data['subscription']. Got None"),
        (
            {"type": "subscribe_events", "event_type": 3},
            "expected str for dictionary value @ data['event_type']. Got 3",
        ),
    ],
)
def test_a_command_with_wrong_fields_is_invalid_format(client: Client, message: dict[str, Any], error: str) -> None:
    client.socket.send(json.dumps({**message, "id": 1}))

    assert client.receive()["error"] == {"code": "invalid_format", "message": error}


def test_a_frame_may_be_a_list_of_commands(client: Client) -> None:
    client.socket.send(json.dumps([{"id": 1, "type": "ping"}, {"id": 2, "type": "ping"}]))

    assert client.receive_many(2) == [{"id": 1, "type": "pong"}, {"id": 2, "type": "pong"}]
    assert len(client.frames) == 4


def test_text_that_is_no_json_ends_the_session_with_1000(client: Client) -> None:
    client.socket.send("hello")

    with pytest.raises(ConnectionClosedOK):
        client.receive()


def test_a_client_that_says_nothing_is_closed_with_1000() -> None:
    with SimulatedHass.running(home=home.small(), auth_seconds=0.03) as sim, open_socket(sim) as silent:
        silent.recv()
        with pytest.raises(ConnectionClosedOK) as closed:
            silent.recv(timeout=5)

    assert str(closed.value) == "received 1000 (OK); then sent 1000 (OK)"


def test_who_has_logged_in_may_be_silent() -> None:
    with SimulatedHass.running(home=home.small(), auth_seconds=0.03) as sim, Client(sim) as client:
        with pytest.raises(TimeoutError):
            client.receive(timeout=0.08)
        assert client.ask("ping")["type"] == "pong"


def test_wrong_logins_over_the_websocket_lead_to_a_ban_too() -> None:
    with SimulatedHass.running(home=home.small(), ban_after=2) as sim:
        for _ in range(2):
            with open_socket(sim) as connection:
                connection.recv()
                connection.send('{"type": "auth", "access_token": "x"}')
                assert "auth_invalid" in str(connection.recv())

        with pytest.raises(InvalidStatus) as refused, open_socket(sim):
            pass

    assert refused.value.response.status_code == 403


def test_a_rename_removes_and_adds_before_the_registry_tells(sim: SimulatedHass, client: Client) -> None:
    client.follow()
    client.ask("subscribe_events", event_type="entity_registry_updated")
    registry_id = sim.home.entities[LIGHT]["id"]

    sim.rename_entity(LIGHT, "light.kitchen_lamp")
    gone, came, told = client.receive_many(3)

    assert gone["event"] == {"r": [LIGHT]}
    assert list(came["event"]["a"]) == ["light.kitchen_lamp"]
    assert told["event"]["data"]["old_entity_id"] == LIGHT
    rows = {row["entity_id"]: row for row in client.ask("config/entity_registry/list")["result"]}
    assert rows["light.kitchen_lamp"]["id"] == registry_id
    assert LIGHT not in rows


def test_a_device_that_gets_a_name_names_its_entities(sim: SimulatedHass, client: Client) -> None:
    client.follow()
    client.ask("subscribe_events", event_type="device_registry_updated")

    sim.rename_device("Coffee machine", "Espresso")
    first, second, told = client.receive_many(3)

    names = [next(iter(event["event"]["c"].values()))["+"]["a"]["friendly_name"] for event in (first, second)]
    assert sorted(names) == ["Espresso", "Espresso Power"]
    assert told["event"]["data"]["changes"] == {"name_by_user": None}


def test_a_device_that_moves_says_where_it_was(sim: SimulatedHass, client: Client) -> None:
    client.ask("subscribe_events", event_type="device_registry_updated")

    sim.move_device("Coffee machine", "Hall")

    assert client.next_event()["data"]["changes"] == {"area_id": "kitchen"}


def test_only_the_entities_asked_for_are_told(sim: SimulatedHass, client: Client) -> None:
    client.send("subscribe_entities", entity_ids=["lock.front_door_lock"])
    client.receive_many(2)

    sim.set_state(LIGHT, "off")
    sim.set_state("lock.front_door_lock", "unlocked")

    assert list(client.next_event()["c"]) == ["lock.front_door_lock"]


def test_after_unsubscribing_nothing_more_comes(sim: SimulatedHass, client: Client) -> None:
    client.follow()

    assert client.ask("unsubscribe_events", subscription=1)["success"]
    sim.set_state(LIGHT, "off")

    assert client.ask("ping") == {"id": 3, "type": "pong"}


def test_the_same_state_again_is_no_event(sim: SimulatedHass, client: Client) -> None:
    client.follow()

    sim.set_state(LIGHT, "on")

    assert client.ask("ping")["type"] == "pong"


def test_frames_are_single_without_coalescing(sim: SimulatedHass, client: Client) -> None:
    client.follow()
    before = len(client.frames)

    sim.remove_device("Coffee machine")
    client.receive_many(2)

    assert [type(frame) for frame in client.frames[before:]] == [dict, dict]


def test_a_client_that_does_not_read_is_cut_off_and_its_messages_forgotten() -> None:
    noise = "x" * 200_000
    with SimulatedHass.running(home=home.small(), max_pending=30, close_seconds=0.05) as sim:
        with socket.create_connection(("127.0.0.1", sim.port)) as unread:
            unread.sendall(
                b"GET /api/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            for message in ({"type": "auth", "access_token": sim.token}, {"id": 1, "type": "subscribe_entities"}):
                # A client's frame with a mask of zeros.
                text = json.dumps(message).encode()
                unread.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)
            sim.wait_for(lambda: sim.commands["subscribe_entities"] == 1)
            for number in range(400):
                sim.set_state(LIGHT, "on", noise=noise + str(number))
                if sim.overflows:
                    break
            sim.wait_for(lambda: not sim.server.connections)

        assert sim.overflows == 1
        assert sim.connections == 0


def test_the_counters_tell_who_is_there(sim: SimulatedHass) -> None:
    with Client(sim) as client:
        client.ask("get_states")
        assert (sim.connections, sim.logins, sim.failed_logins) == (1, 1, 0)
        assert sim.commands == {"get_states": 1}
    sim.wait_for(lambda: sim.connections == 0)


def test_a_session_needs_no_socket() -> None:
    sent: list[bytes] = []
    closed: list[bool] = []
    session = Session(
        Core(home.small(), "secret"), sent.append, lambda: closed.append(True), lambda: closed.append(True)
    )

    session.start()
    session.receive('{"type": "auth", "access_token": "secret"}')
    session.receive('{"id": 1, "type": "ping"}')
    session.receive("no json")

    assert [json.loads(message)["type"] for message in sent] == ["auth_required", "auth_ok", "pong"]
    assert closed


def test_both_sides_may_begin_to_close(sim: SimulatedHass) -> None:
    with Client(sim) as client:
        client.socket.close(1000)
        with pytest.raises(ConnectionClosed):
            client.receive()
    sim.wait_for(lambda: not sim.server.connections)
