"""Setting things on a real Home Assistant, at the level of the commander: the demo integration's, which are nobody's.

Whether it was done is read from the server's own REST interface.
"""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from hi.integration import exceptions
from hi.integration.commander import Order, PreparedOrder
from hi.services.hass.hass_gateway import HassCommander
from tests.e2e.hub import wait_until
from tests.real.server import Server

pytestmark = pytest.mark.real

# What a code of the demo's alarm panel is.
CODE = "1234"
ATTRIBUTES = {
    "activity": "current_activity",
    "color_temp": "color_temp_kelvin",
    "position": "current_position",
    "target_high": "target_temp_high",
    "target_humidity": "humidity",
    "target_low": "target_temp_low",
    "target_temperature": "temperature",
    "tilt": "current_tilt_position",
}
# How what is not said as it is kept here is read.
READ: dict[str, Callable[[dict[str, Any]], Any]] = {
    "brightness": lambda attributes: round((attributes["brightness"] or 0) / 2.55),
    "hue": lambda attributes: attributes["hs_color"][0],
    "muted": lambda attributes: "on" if attributes["is_volume_muted"] else "off",
    "oscillating": lambda attributes: "on" if attributes["oscillating"] else "off",
    "saturation": lambda attributes: attributes["hs_color"][1],
    "volume": lambda attributes: round(attributes["volume_level"] * 100),
}

# In this order: each finds what the one before has left.
ORDERS = [
    ("light.bed_light", "off"),
    ("light.bed_light", "on"),
    ("light.bed_light#brightness", "40"),
    ("light.bed_light#brightness", "1"),
    ("light.bed_light#color_temp", "4000"),
    ("light.bed_light#color_temp", "6500"),
    ("light.bed_light#hue", "120"),
    ("light.bed_light#saturation", "60"),
    ("light.bed_light#hue", "359"),
    ("light.bed_light#effect", "rainbow"),
    ("light.office_rgbw_lights#hue", "200"),
    ("light.office_rgbw_lights#saturation", "35"),
    ("switch.ac", "on"),
    ("switch.ac", "off"),
    ("climate.hvac", "heat"),
    ("climate.hvac#target_temperature", "23"),
    ("climate.hvac#target_humidity", "45"),
    ("climate.hvac#fan_mode", "auto_low"),
    ("climate.hvac#swing_mode", "1"),
    ("climate.hvac#swing_horizontal_mode", "off"),
    ("climate.hvac", "off"),
    ("climate.heatpump#target_temperature", "21"),
    ("climate.ecobee#target_low", "20"),
    ("climate.ecobee#target_high", "25"),
    ("climate.ecobee#preset_mode", "eco"),
    ("cover.kitchen_window", "open"),
    ("cover.kitchen_window", "stop"),
    ("cover.living_room_window#position", "60"),
    ("cover.living_room_window#tilt", "40"),
    ("cover.garage_door", "open"),
    ("valve.front_garden", "closed"),
    ("lock.front_door", "unlocked"),
    ("lock.front_door", "locked"),
    ("lock.openable_lock", "open"),
    ("fan.living_room_fan", "on"),
    ("fan.living_room_fan#percentage", "40"),
    ("fan.living_room_fan#oscillating", "on"),
    ("fan.living_room_fan#direction", "reverse"),
    ("fan.preset_only_limited_fan#preset_mode", "sleep"),
    ("fan.living_room_fan", "off"),
    ("humidifier.humidifier", "off"),
    ("humidifier.humidifier#target_humidity", "55"),
    ("humidifier.hygrostat#mode", "eco"),
    ("water_heater.demo_water_heater", "gas"),
    ("water_heater.demo_water_heater#target_temperature", "50"),
    ("water_heater.demo_water_heater#away_mode", "on"),
    ("select.speed", "light_speed"),
    ("number.volume", "17"),
    ("number.pwm_1", "0.25"),
    ("text.text", "Hello from hi"),
    ("date.date", "2026-11-25"),
    ("time.time", "07:30:00"),
    ("datetime.date_and_time", "2026-11-24 07:30:00"),
    ("datetime.date_and_time", "2026-11-25 07:30:00"),
    ("button.push", "press"),
    ("siren.siren", "off"),
    ("siren.siren", "on"),
    ("vacuum.0_ground_floor", "start"),
    ("vacuum.0_ground_floor", "pause"),
    ("vacuum.0_ground_floor#fan_speed", "max"),
    ("vacuum.0_ground_floor", "return_to_base"),
    ("media_player.living_room", "pause"),
    ("media_player.living_room", "play"),
    ("media_player.living_room#volume", "35"),
    ("media_player.living_room#muted", "on"),
    ("media_player.living_room#sound_mode", "Movie"),
    ("media_player.lounge_room#source", "youtube"),
    ("media_player.living_room", "off"),
    ("media_player.living_room", "on"),
    ("alarm_control_panel.security", "disarm"),
    ("alarm_control_panel.security", "arm_away"),
    ("alarm_control_panel.security", "disarm"),
    ("input_boolean.guest_mode", "on"),
    ("input_select.house_mode", "Night"),
    ("input_number.target", "12.5"),
    ("input_text.note", "Buy milk"),
    ("input_datetime.wake_up", "06:45:00"),
    ("input_button.bell", "press"),
    ("scene.evening", "press"),
    ("script.flash", "on"),
    ("automation.guest_light", "off"),
    ("automation.guest_light#run", "press"),
    ("group.downstairs", "off"),
    ("timer.laundry", "start"),
    ("timer.laundry", "cancel"),
    ("counter.visits", "3"),
]


@pytest.fixture(scope="module", autouse=True)
def _demo(server: Server) -> None:
    if "demo" not in server.request("GET", "config")["components"]:
        pytest.skip("only things of Home Assistant's demo integration are set")


def read(server: Server, address: str) -> tuple[str, str]:
    """What the state says, and a mark of its last report."""
    entity_id, _, feature = address.partition("#")
    state = server.request("GET", f"states/{entity_id}")
    attributes, mark = state["attributes"], f"{state['last_reported']} {state['last_updated']}"
    if not feature or feature == "run":
        return state["state"], mark
    value = READ[feature](attributes) if feature in READ else attributes[ATTRIBUTES.get(feature, feature)]
    return str(value), mark


def is_confirmed(prepared: PreparedOrder, said: str) -> bool:
    try:
        near = any(abs(float(said) - float(one)) <= prepared.tolerance for one in prepared.expected)
    except ValueError:
        near = False
    return near or said in prepared.expected


def carry_out(server: Server, address: str, value: str, code: str = "") -> float:
    """Returns after how many seconds the state had confirmed the order."""
    mark = read(server, address)[1]
    begin = time.monotonic()
    with HassCommander({"url": server.url, "token": server.token}) as commander:
        prepared = commander.prepare(Order(address, value, code))
        commander.send(prepared)

    def is_done() -> bool:
        said, new_mark = read(server, address)
        return is_confirmed(prepared, said) if prepared.expected else new_mark != mark

    # The demo's covers take a second for each tenth of their way.
    wait_until(is_done, f"{address} is {value}", 15, lambda: f"{prepared} and it says {read(server, address)[0]}")
    return time.monotonic() - begin


def test_everything_that_the_demo_has_is_set_and_says_so(server: Server) -> None:
    seconds: dict[str, float] = {}
    failed: dict[str, str] = {}
    for address, value in ORDERS:
        try:
            seconds[f"{address} {value}"] = carry_out(server, address, value, code=CODE)
        except (AssertionError, exceptions.IntegrationError) as err:
            failed[f"{address} {value}"] = str(err)

    at_once = sorted(seconds.values())
    print(json.dumps({"orders": len(at_once), "median_seconds": round(at_once[len(at_once) // 2], 3)}))
    assert failed == {}


def test_an_update_is_installed(server: Server) -> None:
    waiting = [
        entity_id
        for entity_id, state in server.states().items()
        if entity_id.startswith("update.") and state["state"] == "on" and state["attributes"]["supported_features"] & 1
    ]
    if not waiting:
        pytest.skip("no update waits there")

    carry_out(server, waiting[0], "install")

    wait_until(lambda: read(server, waiting[0])[0] == "off", f"{waiting[0]} is installed", seconds=60)


@pytest.mark.parametrize(
    ("address", "value", "code", "reason"),
    [
        ("alarm_control_panel.security", "disarm", "9999", "Invalid alarm code provided"),
        ("light.bed_light#brightness", "0", "", "Choose between 1 and 100."),
        ("light.nope", "on", "", "Home Assistant has no light.nope."),
        ("cover.garage_door#position", "10", "", "cannot be set so"),
        ("climate.heatpump#target_temperature", "99", "", "Choose between 7 and 35."),
        ("text.text_with_only_lower_case_characters", "LOUD", "", "doesn't match pattern"),
    ],
)
def test_what_is_refused_comes_with_its_reason(
    server: Server, address: str, value: str, code: str, reason: str
) -> None:
    with (
        HassCommander({"url": server.url, "token": server.token}) as commander,
        pytest.raises(exceptions.OrderRefusedError) as caught,
    ):
        commander.send(commander.prepare(Order(address, value, code)))

    assert reason in str(caught.value)
