"""Setting things on a real Home Assistant through the whole hub: the API asks, the state that follows confirms."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from tests.e2e.hub import RARELY, Hub, wait_until
from tests.real.server import Server

pytestmark = pytest.mark.real
# Every one changes what the one before has left.
ORDERS = [
    ("light.bed_light", "off"),
    ("light.bed_light", "on"),
    ("light.bed_light#brightness", "40"),
    ("light.bed_light#hue", "120"),
    ("light.bed_light#saturation", "60"),
    ("light.bed_light#color_temp", "4000"),
    ("climate.hvac", "heat"),
    ("climate.hvac", "cool"),
    ("climate.hvac#target_temperature", "23"),
    ("climate.hvac#fan_mode", "auto_low"),
    ("lock.front_door", "unlocked"),
    ("lock.front_door", "locked"),
    ("fan.living_room_fan", "on"),
    ("fan.living_room_fan#percentage", "40"),
    ("fan.living_room_fan#oscillating", "on"),
    ("select.speed", "ludicrous_speed"),
    ("select.speed", "light_speed"),
    ("number.volume", "17"),
    ("button.push", "press"),
    ("switch.ac", "off"),
    ("switch.ac", "on"),
    ("scene.evening", "press"),
    ("cover.kitchen_window", "open"),
    ("cover.living_room_window#position", "60"),
    ("cover.living_room_window#tilt", "40"),
]
# The demo's locks take two seconds, its covers a second for each tenth of their way.
SLOW = ("cover.", "lock.")
EXPIRES_AFTER = 10


@pytest.fixture(scope="module", autouse=True)
def _demo(server: Server) -> None:
    if not server.has("demo"):
        pytest.skip("only things of Home Assistant's demo integration are set")


@pytest.fixture(scope="module")
def states(hub: Hub, instance_id: int) -> dict[str, int]:
    """address -> id"""
    hub.sync_every(instance_id, RARELY)
    return {address: state["id"] for address, state in hub.states().items()}


@contextmanager
def frozen(hub: Hub, name: str) -> Iterator[None]:
    """The process is there and does nothing meanwhile."""
    container: Any = hub.nodes[name].container
    container.send(signal.SIGSTOP)
    try:
        yield
    finally:
        container.send(signal.SIGCONT)


def ask(hub: Hub, state_id: int, value: str) -> Any:
    return hub.post("commands", {"state": state_id, "value": value})


def set_state(hub: Hub, state_id: int, value: str) -> Any:
    return hub.wait_for_command(ask(hub, state_id, value), seconds=45)


def new_switch(hub: Hub, known: set[str]) -> tuple[str, int] | None:
    """(address, id) of one that was not there before and has its value."""
    switches = {address: state for address, state in hub.states().items() if address.startswith("switch.synth_")}
    found = (address for address in switches.keys() - known if switches[address]["value"] is not None)
    return next(((address, switches[address]["id"]) for address in found), None)


def value_here(hub: Hub, state_id: int) -> Any:
    return hub.query("SELECT value FROM entity_entitystate WHERE id = ?", state_id)[0][0]


def test_every_kind_of_thing_is_set_and_its_state_confirms(hub: Hub, server: Server, states: dict[str, int]) -> None:
    failed = {}
    for address, value in ORDERS:
        command = set_state(hub, states[address], value)
        if command["status"] != "CONFIRMED":
            failed[address, value] = command["status"], command["message"], value_here(hub, states[address])
    assert failed == {}
    there = server.states()
    assert there["lock.front_door"]["state"] == "locked"
    assert there["select.speed"]["state"] == "light_speed"
    assert there["climate.hvac"]["attributes"]["temperature"] == 23
    assert there["fan.living_room_fan"]["attributes"]["percentage"] == 40
    print(json.dumps(times(hub)))


def times(hub: Hub) -> dict[str, Any]:
    """Milliseconds from the request until the state had confirmed it, of what is done at once there."""
    rows = hub.query(
        "SELECT (julianday(command.ended_at) - julianday(command.created_at)) * 86400000, link.address"
        " FROM integration_command command JOIN integration_integrationlink link"
        " ON link.state_id = command.state_id WHERE command.status = 'CONFIRMED' ORDER BY 1"
    )
    took = [(round(milliseconds), address) for milliseconds, address in rows if not address.startswith(SLOW)]
    return {"confirmed": len(took), "p50_ms": took[len(took) // 2][0], "slowest": took[-3:]}


def test_what_lets_people_in_asks_first(hub: Hub, states: dict[str, int]) -> None:
    asks = dict(hub.query("SELECT state_id, asks_first FROM entity_controller"))
    wanted = {"lock.front_door", "lock.openable_lock", "cover.garage_door", "alarm_control_panel.security"}
    assert {address for address in wanted if not asks[states[address]]} == set()
    harmless = {
        "light.bed_light",
        "climate.hvac",
        "fan.living_room_fan",
        "select.speed",
        "number.volume",
        "button.push",
    }
    assert {address for address in harmless if asks[states[address]]} == set()


def test_what_was_removed_there_a_moment_before_fails_with_that_reason(hub: Hub, server: Server) -> None:
    if not server.has("hi_synth"):
        pytest.skip("what is removed there is the launcher's own")
    known = {address for address in hub.states() if address.startswith("switch.synth_")}
    server.call("hi_synth", "grow", count=10)
    address, state_id = wait_until(lambda: new_switch(hub, known), "a new switch is mirrored", 30)
    with frozen(hub, "listener"):  # or it would hear, and the API itself would say so
        with server.talk() as talk:
            talk.ask("config/entity_registry/remove", entity_id=address)
        command = set_state(hub, state_id, "on")
    assert command["status"] == "FAILED"
    assert command["message"] == f"Home Assistant has no {address}."

    def refusal() -> str:
        answer = hub.session.post(
            f"{hub.url}/api/v1/commands",
            json={"state": state_id, "value": "on"},
            headers={"Authorization": f"Bearer {hub.token}"},
            timeout=20,
        )
        return answer.text if answer.status_code == 409 else ""

    told = wait_until(refusal, "hi knows that it is gone", 30)
    assert "is not there any more" in told or "is unavailable" in told


def test_an_expired_command_is_never_sent(hub: Hub, server: Server, states: dict[str, int]) -> None:
    light, other = "light.office_rgbw_lights", "light.bed_light"
    before = server.request("GET", f"states/{light}")
    wish = "off" if before["state"] == "on" else "on"
    with frozen(hub, "control"):
        command = ask(hub, states[light], wish)
        time.sleep(EXPIRES_AFTER + 1)
    ended = hub.wait_for_command(command)
    assert (ended["status"], ended["sent_at"]) == ("EXPIRED", None)

    # The worker takes messages in their order: by now it has had that one.
    word = "off" if server.states()[other]["state"] == "on" else "on"
    assert set_state(hub, states[other], word)["status"] == "CONFIRMED"
    after = server.request("GET", f"states/{light}")
    assert (after["state"], after["last_reported"]) == (before["state"], before["last_reported"])


def test_the_same_key_asked_twice_is_one_call(hub: Hub, server: Server, states: dict[str, int]) -> None:
    def press() -> Any:
        answer = hub.session.post(
            f"{hub.url}/api/v1/commands",
            json={"state": states["button.push"], "value": "press"},
            headers={"Authorization": f"Bearer {hub.token}", "Idempotency-Key": "one press"},
            timeout=20,
        )
        assert answer.status_code == 202
        return answer.json()

    first = hub.wait_for_command(press())
    assert first["status"] == "CONFIRMED"
    pressed = server.request("GET", "states/button.push")["state"]
    assert hub.wait_for_command(press())["id"] == first["id"]
    assert server.request("GET", "states/button.push")["state"] == pressed


def test_a_refusal_comes_with_the_servers_own_reason(hub: Hub, states: dict[str, int]) -> None:
    text = states["text.text_with_only_lower_case_characters"]
    command = set_state(hub, text, "LOUD")
    assert command["status"] == "FAILED"
    assert "doesn't match pattern" in command["message"]


def test_what_the_controller_does_not_take_is_refused_at_once(hub: Hub, states: dict[str, int]) -> None:
    answer: requests.Response = hub.session.post(
        f"{hub.url}/api/v1/commands",
        json={"state": states["climate.heatpump#target_temperature"], "value": "99"},
        headers={"Authorization": f"Bearer {hub.token}"},
        timeout=20,
    )
    assert answer.status_code == 422
    assert "Choose between 7 and 35." in answer.text
