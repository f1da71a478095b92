"""What the simulator says has the shape of what a real server was seen to say."""

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedOK

from hi.testing.hass import SimulatedHass, home
from hi.testing.hass.specs import DeviceSpec, sensor
from tests.testing.client import Client, open_socket
from tests.testing.shapes import captured, same_shape, same_shapes

pytestmark = pytest.mark.wire

DOOR = "binary_sensor.front_door"
LIGHT = "light.kitchen_ceiling_light"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("ws-ping", {}),
        ("ws-supported_features", {"features": {"coalesce_messages": 1}}),
        ("ws-get_config", {}),
        ("ws-get_states-head", {}),
        ("ws-entity_registry-list", {}),
        ("ws-device_registry-list", {}),
        ("ws-area_registry-list", {}),
        ("ws-floor_registry-list", {}),
        ("ws-label_registry-list", {}),
        ("ws-subscribe_events", {"event_type": "state_changed"}),
        ("ws-sub-entity_registry_updated", {"event_type": "entity_registry_updated"}),
        ("ws-sub-device_registry_updated", {"event_type": "device_registry_updated"}),
        ("ws-sub-area_registry_updated", {"event_type": "area_registry_updated"}),
        ("ws-err-unknown-command", {}),
        ("ws-err-unsubscribe-unknown", {"subscription": 9999}),
    ],
)
def test_a_command_is_answered_in_the_captured_shape(client: Client, name: str, fields: dict[str, Any]) -> None:
    exchange = captured(name)

    answer = client.ask(exchange["sent"]["type"], **fields)

    same_shape(answer, exchange["received"], free=("attributes", "options", "config_entries_subentries"))


@pytest.mark.parametrize("command", ["entity_registry", "device_registry", "area_registry", "floor_registry"])
def test_rows_of_the_whole_demo_home_have_the_captured_fields(command: str) -> None:
    with SimulatedHass.running(home=home.demo()) as sim, Client(sim) as client:
        answer = client.ask(f"config/{command}/list")

    assert len(answer["result"]) >= 3
    same_shape(answer, captured(f"ws-{command}-list")["received"], free=("options", "config_entries_subentries"))


@pytest.mark.parametrize("name", ["ws-err-id-reuse", "ws-err-no-id", "ws-err-unknown-command"])
def test_an_error_is_word_for_word_the_captured_one(client: Client, name: str) -> None:
    exchange = captured(name)
    client.ask("ping")

    client.socket.send(json.dumps({**exchange["sent"], **({"id": 2} if exchange["sent"].get("id", 0) > 1 else {})}))

    assert client.receive()["error"] == exchange["received"]["error"]


@pytest.mark.parametrize(
    "name", ["ws-auth-bad-token", "ws-auth-malformed", "ws-auth-command-first", "ws-auth-not-json", "ws-auth-binary"]
)
def test_a_failed_login_is_refused_in_the_captured_words_and_closed_with_1000(sim: SimulatedHass, name: str) -> None:
    exchange = captured(name)
    sent = b"\x01x" if name == "ws-auth-binary" else exchange["sent"]
    frames: list[str | bytes] = []

    with open_socket(sim) as socket:
        same_shape(json.loads(socket.recv()), exchange["received"][0])
        socket.send(sent)
        try:
            while True:
                frames.append(socket.recv(timeout=5))
        except ConnectionClosedOK as err:
            closed = str(err)

    assert closed == exchange["then"]["text"]
    assert [json.loads(frame) for frame in frames] == [json.loads(frame) for frame in exchange["then"]["frames"]]


def test_a_login_goes_as_captured(sim: SimulatedHass) -> None:
    with open_socket(sim) as socket:
        required = json.loads(socket.recv())
        socket.send(json.dumps({**captured("ws-auth-ok")["sent"], "access_token": sim.token}))
        received = [required, json.loads(socket.recv())]

    same_shapes(received, captured("ws-auth-ok")["received"])


def test_entities_are_followed_as_captured(sim: SimulatedHass, client: Client) -> None:
    client.send("subscribe_entities")
    received = client.receive_many(2)
    sim.set_state(LIGHT, "off", color_mode=None, brightness=None)
    sim.set_state(LIGHT, "on", color_mode="hs", brightness=125)
    sim.set_state("sensor.pushed", "2", by_user=True)
    sim.remove_state("sensor.pushed")
    received += client.receive_many(4)
    expected = captured("ws-subscribe_entities")["received"]

    for number in (0, 4, 5):
        same_shape(received[number], expected[number], free=("sensor.pushed",))
    for changed, change in zip(received[2:4], expected[2:4], strict=True):
        ours, theirs = changed["event"]["c"][LIGHT], change["event"]["c"]["light.kitchen_lights"]
        same_shape(ours, theirs, free=("a",))
        assert set(ours["+"]["a"]) == {"color_mode", "brightness"}
    same_shape(received[4]["event"]["a"], expected[4]["event"]["a"])
    first = expected[1]["event"]["a"].values()
    assert {frozenset(state) for state in received[1]["event"]["a"].values()} <= {frozenset(state) for state in first}


def test_a_subscription_to_some_entities_begins_as_captured(client: Client) -> None:
    client.send("subscribe_entities", entity_ids=[LIGHT, "light.nope"])
    received = client.receive_many(2)

    expected = captured("ws-subscribe_entities-some")["received"]
    same_shape(received[0], expected[0])
    assert list(received[1]["event"]["a"]) == [LIGHT]
    ours, theirs = received[1]["event"]["a"][LIGHT], expected[1]["event"]["a"]["light.bed_light"]
    same_shape(ours, {**theirs, "c": "an id"}, free=("a",))


def test_an_entity_that_goes_and_comes_back_is_told_as_captured(sim: SimulatedHass, client: Client) -> None:
    entity_id = "sensor.synth_00000_temperature"
    spec = sensor("temperature", "15.03")
    sim.add_device(DeviceSpec("Synth 00000", "Kitchen", "hi_synth", "hi", "Model 0", (spec,)))
    sim.set_state(entity_id, "15.03", seq=150)
    client.send("subscribe_entities", entity_ids=[entity_id])
    received = client.receive_many(2)
    sim.make_unavailable(entity_id)
    sim.make_available(entity_id)
    received += client.receive_many(2)

    # Our state was updated once more than it changed.
    received[1]["event"]["a"][entity_id].pop("lu")
    same_shapes(received, captured("ws-subscribe_entities-unavailable-and-back")["received"])


def test_unavailable_and_back_as_full_events_keeps_the_unit(sim: SimulatedHass, client: Client) -> None:
    client.ask("subscribe_events", event_type="state_changed")
    sim.make_unavailable("sensor.coffee_machine_power")
    sim.make_available("sensor.coffee_machine_power")
    received = client.receive_many(2)

    expected = captured("ws-event-unavailable-and-back")["received"][2:]
    same_shapes(received, expected, free=("attributes",))
    gone = received[0]["event"]["data"]["new_state"]
    assert gone["state"] == "unavailable"
    assert gone["attributes"]["unit_of_measurement"] == "W"


def test_a_new_entity_has_no_old_state_and_a_removed_one_no_new(sim: SimulatedHass, client: Client) -> None:
    client.ask("subscribe_events", event_type="state_changed")
    sim.set_state("sensor.pushed", "1", by_user=True)
    sim.set_state("sensor.pushed", "1", by_user=True)
    sim.remove_state("sensor.pushed")
    received = client.receive_many(2)

    expected = captured("ws-event-new-and-removed")["received"]
    same_shapes(received, expected)
    for ours, theirs in zip(received, expected, strict=True):
        for side in ("old_state", "new_state"):
            assert (ours["event"]["data"][side] is None) == (theirs["event"]["data"][side] is None)


def test_a_device_comes_and_goes_as_captured(sim: SimulatedHass, client: Client) -> None:
    client.send("subscribe_events")
    received = client.receive_many(1)
    sim.add_area("Synth area 010")
    spec = sensor("temperature", "20.0")
    sim.add_device(DeviceSpec("Synth 00010", "Synth area 010", "hi_synth", "hi", "Model 3", (spec,)))
    sim.remove_entity("sensor.synth_00010_temperature")
    received += client.receive_many(7)

    same_shapes(received, captured("ws-entity-added-and-removed")["received"], free=("attributes",))


def test_registry_changes_are_told_as_captured(sim: SimulatedHass, client: Client) -> None:
    for event_type in ("entity_registry_updated", "area_registry_updated"):
        client.ask("subscribe_events", event_type=event_type)
    sim.update_entity(LIGHT, name="Kitchen lamp")
    sim.rename_entity(LIGHT, "light.kitchen_lamp")
    sim.update_entity("switch.coffee_machine", disabled_by="user")
    sim.update_entity("switch.coffee_machine", disabled_by=None)
    sim.add_area("Attic")
    sim.rename_area("Attic", "Loft")
    sim.remove_area("Attic")
    received = client.receive_many(7)

    expected = captured("ws-registry-events")["received"]
    same_shapes(received, expected[:2] + expected[3:])


def test_what_happens_together_comes_in_one_frame_as_captured(sim: SimulatedHass, client: Client) -> None:
    client.ask("supported_features", features={"coalesce_messages": 1})
    client.ask("subscribe_events", event_type="state_changed")
    sim.rename_device("Kitchen thermostat", "Cooker thermostat")
    events = client.receive_many(2)

    frame = captured("ws-coalesced-frame")["received"]
    assert client.frames[-1] == events
    same_shape(events, frame, free=("attributes",))


def test_an_integration_that_did_not_load_shows_as_captured(sim: SimulatedHass) -> None:
    sim.make_unavailable("sensor.kitchen_thermostat_temperature", restored=True)

    state = sim.states()["sensor.kitchen_thermostat_temperature"].to_wire()
    example = captured("states-restored-integration-failed")["states"][0]
    same_shape(state, example)
    assert state["attributes"] == {**example["attributes"], "friendly_name": "Temperature"}


def test_attributes_are_those_a_real_entity_of_the_domain_has() -> None:
    real: dict[str, dict[str, list[Any]]] = {}
    for state in captured("states-all-demo")["states"]:
        domain = real.setdefault(state["entity_id"].partition(".")[0], {})
        for key, value in state["attributes"].items():
            domain.setdefault(key, []).append(value)
    # Seen elsewhere on real servers, though not on the captured one.
    real["automation"]["id"] = ["1"]
    real["button"]["device_class"] = ["restart"]
    real["valve"]["device_class"] = ["gas"]

    for state in home.demo().states.values():
        examples = real.get(state.domain)
        for key, value in state.attributes.items() if examples else ():
            assert examples is not None
            assert key in examples, f"{state.entity_id} has {key}"
            same_shape([value], examples[key], f"{state.entity_id}.{key}")
