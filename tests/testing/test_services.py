"""Services of the simulated home answer as captured, and the home changes as a real one was seen to."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed

from hi.testing.hass import SimulatedHass, home
from hi.testing.hass.services import ALARM_CODE
from hi.testing.hass.specs import EntitySpec, cover, lock, other
from tests.testing.client import Client, Message
from tests.testing.shapes import captured, same_shape

pytestmark = pytest.mark.wire

LIGHT = "light.kitchen_ceiling_light"


@pytest.fixture
def sim() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(home=home.small(), pace=0.01) as simulator:
        yield simulator


def post(sim: SimulatedHass, path: str, data: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {sim.token}"}
    with requests.Session() as session:
        session.trust_env = False
        return session.post(sim.url + path, headers=headers, data=json.dumps(data), timeout=5)


def call(client: Client, service: str, entity_id: str, **data: Any) -> Message:
    domain, _, name = service.partition(".")
    answer = client.ask("call_service", domain=domain, service=name, service_data={"entity_id": entity_id, **data})
    while "success" not in answer:
        answer = client.receive()
    return answer


@pytest.mark.parametrize(
    ("name", "path", "data"),
    [
        ("rest-service-turn-on", "light/turn_on", {"entity_id": LIGHT, "brightness": 120}),
        ("rest-service-missing-entity", "light/turn_on", {"entity_id": "light.nope"}),
        ("rest-service-unknown", "light/nope", {}),
        ("rest-service-bad-data", "light/turn_on", {"entity_id": LIGHT, "brightness": "much"}),
        ("rest-bad-json", "light/turn_on", None),
    ],
)
def test_a_call_over_rest_is_answered_as_captured(sim: SimulatedHass, name: str, path: str, data: Any) -> None:
    expected = captured(name)["response"]

    answer = post(sim, f"/api/services/{path}", data)

    assert answer.status_code == expected["status"]
    assert answer.headers["Content-Type"] == expected["headers"]["Content-Type"]
    if isinstance(expected["body"], str):
        assert answer.text == expected["body"]
    else:
        same_shape(answer.json(), expected["body"], free=("attributes",))


def test_over_rest_a_service_that_refuses_gives_no_reason(sim: SimulatedHass) -> None:
    answer = post(sim, "/api/services/climate/set_temperature", {"entity_id": "climate.kitchen_thermostat"})
    assert answer.status_code == 200

    far = {"entity_id": "climate.kitchen_thermostat", "temperature": 999}
    answer = post(sim, "/api/services/climate/set_temperature", far)

    # As seen on 2025.4.4, whatever the service said.
    assert (answer.status_code, answer.text) == (500, "500 Internal Server Error\n\nServer got itself in trouble")


@pytest.mark.parametrize("name", ["ws-call-missing-entity", "ws-err-service-not-found"])
def test_a_call_is_answered_in_the_captured_shape(client: Client, name: str) -> None:
    exchange = captured(name)
    fields = {key: value for key, value in exchange["sent"].items() if key not in ("id", "type")}

    same_shape(
        client.ask("call_service", **fields),
        {**exchange["received"], "error": {"code": "", "message": ""}}
        if "error" in exchange["received"]
        else exchange["received"],
    )


def test_errors_carry_the_code_and_the_words_of_a_real_server(sim: SimulatedHass) -> None:
    sim.add_entity(cover(None, "garage").but(name="Garage door"), platform="mqtt")
    with Client(sim) as client:
        told = {
            "ws-err-service-not-found": call(client, "light.nope", LIGHT),
            "ws-err-service-validation": call(client, "light.turn_on", LIGHT, brightness="much"),
            "ws-err-unsupported-by-entity": call(client, "cover.set_cover_position", "cover.garage_door", position=10),
        }

    real = {name: captured(name)["received"]["error"] for name in told}
    assert {name: answer["error"] for name, answer in told.items()} == {
        name: {key: error[key] for key in ("code", "message")} for name, error in real.items()
    }


def test_a_light_is_dimmed_and_coloured_and_its_event_has_the_captured_shape(client: Client) -> None:
    events, answer = [captured("ws-call_service-and-event")["received"][index] for index in (0, 1)]
    subscription = client.ask("subscribe_events", event_type="state_changed")
    client.send("call_service", domain="light", service="turn_on", service_data={"entity_id": LIGHT, "brightness": 125})

    # The event may come first, as captured.
    first, second = sorted(client.receive_many(2), key=lambda message: str(message["type"]))

    assert subscription["success"]
    same_shape(first, events, free=("attributes",))
    same_shape(second, answer)
    assert first["event"]["data"]["new_state"]["attributes"]["brightness"] == 125
    assert first["event"]["context"] == second["result"]["context"]


def test_colour_and_white_exclude_each_other(sim: SimulatedHass, client: Client) -> None:
    call(client, "light.turn_on", LIGHT, hs_color=[345, 75])
    colored = sim.states()[LIGHT].attributes
    call(client, "light.turn_on", LIGHT, color_temp_kelvin=2631)
    white = sim.states()[LIGHT].attributes

    # Both pairs are those of ws-call_service-and-event and of the captured ceiling lights.
    assert (colored["color_mode"], colored["color_temp_kelvin"]) == ("hs", None)
    assert (colored["hs_color"], colored["rgb_color"]) == ([345, 75], [255, 64, 112])
    assert (white["color_mode"], white["color_temp_kelvin"], white["color_temp"]) == ("color_temp", 2631, 380)
    assert white["hs_color"] == pytest.approx([28.55, 67.974], abs=2)


def test_a_light_at_no_brightness_is_off(sim: SimulatedHass, client: Client) -> None:
    call(client, "light.turn_on", LIGHT, brightness_pct=0)

    state = sim.states()[LIGHT]
    assert (state.state, state.attributes["brightness"]) == ("off", None)


@pytest.mark.parametrize(
    ("spec", "service", "data", "on_its_way", "end"),
    [
        (cover(0, "blind"), "open_cover", {}, "opening", ("open", 100)),
        (cover(70), "set_cover_position", {"position": 20}, "closing", ("open", 20)),
        (cover(None, "garage"), "open_cover", {}, "opening", ("open", None)),
        (lock(), "unlock", {}, "unlocking", ("unlocked", None)),
        (other("valve", None, "open", supported_features=3), "close_valve", {}, "closing", ("closed", None)),
    ],
)
def test_what_moves_is_on_its_way_first(
    spec: EntitySpec, service: str, data: dict[str, Any], on_its_way: str, end: tuple[str, Any]
) -> None:
    with SimulatedHass.running(home=home.small(), pace=0.05) as sim, Client(sim) as client:
        entity_id = sim.add_entity(spec.but(name="It"))
        call(client, f"{spec.domain}.{service}", entity_id, **data)
        assert sim.states()[entity_id].state == on_its_way
        sim.wait_for(lambda: sim.states()[entity_id].state == end[0])

        assert sim.states()[entity_id].attributes.get("current_position") == end[1]


def test_a_newer_call_takes_the_place_of_what_still_moves(sim: SimulatedHass, client: Client) -> None:
    entity_id = sim.add_entity(cover(0).but(name="It"))
    sim.core.pace = 0.02
    call(client, "cover.open_cover", entity_id)
    call(client, "cover.stop_cover", entity_id)
    stopped = sim.states()[entity_id]
    with pytest.raises(TimeoutError):
        sim.wait_for(lambda: sim.states()[entity_id] != stopped, seconds=0.3)

    assert stopped.state == "open"


def test_an_alarm_panel_wants_its_code(sim: SimulatedHass, client: Client) -> None:
    panel = other("alarm_control_panel", "Alarm", "armed_away", code_format="number", supported_features=63)
    entity_id = sim.add_entity(panel)

    refused = call(client, "alarm_control_panel.alarm_disarm", entity_id, code="0000")
    taken = call(client, "alarm_control_panel.alarm_disarm", entity_id, code=ALARM_CODE)

    assert refused["error"] == {
        "code": "service_validation_error",
        "message": "Validation error: Invalid alarm code provided",
    }
    assert taken["success"]
    assert sim.states()[entity_id].state == "disarmed"


def test_a_group_is_switched_with_its_members() -> None:
    with SimulatedHass.running(home=home.demo()) as sim, Client(sim) as client:
        call(client, "homeassistant.turn_off", "group.downstairs_lights")
        states = sim.states()

    assert states["group.downstairs_lights"].state == "off"
    assert {states[member].state for member in states["group.downstairs_lights"].attributes["entity_id"]} == {"off"}


def test_what_is_unavailable_is_passed_over_and_the_call_succeeds(sim: SimulatedHass, client: Client) -> None:
    sim.make_unavailable(LIGHT)

    assert call(client, "light.turn_off", LIGHT)["success"]
    assert sim.states()[LIGHT].state == "unavailable"


def test_a_service_fails_with_the_reason_it_was_given(sim: SimulatedHass, client: Client) -> None:
    sim.fail_service("light.turn_off", "The lamp does not answer.")

    failed = call(client, "light.turn_off", LIGHT)

    assert failed["error"] == {"code": "home_assistant_error", "message": "The lamp does not answer."}
    assert sim.states()[LIGHT].state == "on"
    sim.heal()
    assert call(client, "light.turn_off", LIGHT)["success"]


def test_a_slow_service_acts_at_once_and_answers_later(sim: SimulatedHass, client: Client) -> None:
    sim.slow_services(0.3)

    client.send("call_service", domain="light", service="turn_off", service_data={"entity_id": LIGHT})

    sim.wait_for(lambda: sim.states()[LIGHT].state == "off", seconds=0.25)
    assert client.receive()["success"]


def test_an_answer_is_lost_after_the_call_was_carried_out(sim: SimulatedHass, client: Client) -> None:
    sim.lose_answers()

    with pytest.raises(ConnectionClosed):
        call(client, "light.turn_off", LIGHT)
    with pytest.raises(requests.ConnectionError):
        post(sim, "/api/services/light/turn_on", {"entity_id": LIGHT, "brightness": 7})

    assert sim.states()[LIGHT].attributes["brightness"] == 7
    assert [(one["service"], one["service_data"]["entity_id"]) for one in sim.calls] == [
        ("turn_off", LIGHT),
        ("turn_on", LIGHT),
    ]


def test_a_service_that_is_told_to_do_nothing_succeeds(sim: SimulatedHass, client: Client) -> None:
    sim.ignore_services()

    assert call(client, "light.turn_off", LIGHT)["success"]
    assert sim.states()[LIGHT].state == "on"


def test_calls_are_counted_for_other_processes_too(sim: SimulatedHass, client: Client) -> None:
    call(client, "light.turn_off", LIGHT)
    post(sim, "/api/services/light/nope", {})

    with requests.Session() as session:
        session.trust_env = False
        told = session.get(f"{sim.url}/simulated/calls", headers={"Authorization": f"Bearer {sim.token}"}, timeout=5)

    assert told.json() == sim.calls
    assert [one["service"] for one in told.json()] == ["turn_off", "nope"]
