"""What is called for what: against the services that a real server publishes, and the states it was seen to have."""

from typing import Any

import pytest

from hi.entity.enums import ControlType
from hi.integration.commander import Order, PreparedOrder
from hi.integration.core.controls import Control
from hi.integration.exceptions import OrderRefusedError
from hi.services.hass.aspects import ASPECTS, build_order
from hi.services.hass.kinds import INPUT_TIMES, KINDS
from hi.testing.hass.service_table import SERVICES as SIMULATED
from tests.services.hass import captured

PUBLISHED: dict[str, Any] = captured.load("services")["services"]


def attributes(entity_id: str, **changes: Any) -> dict[str, Any]:
    """Those of the captured demo home."""
    return {**captured.state(entity_id)["attributes"], **changes}


def build(address: str, value: str, code: str = "", **changes: Any) -> PreparedOrder:
    return build_order(Order(address, value, code), attributes(address.partition("#")[0], **changes))


def refusal(address: str, value: str, **changes: Any) -> str:
    with pytest.raises(OrderRefusedError) as caught:
        build(address, value, **changes)
    return str(caught.value)


# Every row of the tables that says how something is set, by "domain" or "domain#aspect".
CONTROLS: dict[str, Control] = {
    **{domain: kind.control for domain, kind in KINDS.items() if kind.control},
    "input_datetime": INPUT_TIMES[False, True].control,
    **{f"{domain}#{one.name}": one.control for domain, row in ASPECTS.items() for one in row if one.control},
}

# (address, value, service, data beside the entity, expected)
SETS: list[tuple[str, str, str, dict[str, Any], tuple[str, ...]]] = [
    ("light.bed_light", "on", "light.turn_on", {}, ("on",)),
    ("light.bed_light", "off", "light.turn_off", {}, ("off",)),
    ("light.bed_light#brightness", "40", "light.turn_on", {"brightness_pct": 40.0}, ("40",)),
    ("light.bed_light#color_temp", "4000", "light.turn_on", {"color_temp_kelvin": 4000}, ("4000",)),
    ("light.kitchen_lights#hue", "120", "light.turn_on", {"hs_color": [120.0, 75.0]}, ("120",)),
    ("light.kitchen_lights#saturation", "20", "light.turn_on", {"hs_color": [345.0, 20.0]}, ("20",)),
    ("light.bed_light#effect", "rainbow", "light.turn_on", {"effect": "rainbow"}, ("rainbow",)),
    ("climate.hvac", "heat", "climate.set_hvac_mode", {"hvac_mode": "heat"}, ("heat",)),
    ("climate.hvac#target_temperature", "21.5", "climate.set_temperature", {"temperature": 21.5}, ("21.5",)),
    (
        "climate.ecobee#target_low",
        "20",
        "climate.set_temperature",
        {"target_temp_low": 20.0, "target_temp_high": 24.0},
        ("20",),
    ),
    (
        "climate.ecobee#target_high",
        "26",
        "climate.set_temperature",
        {"target_temp_low": 21.0, "target_temp_high": 26.0},
        ("26",),
    ),
    ("climate.hvac#target_humidity", "50", "climate.set_humidity", {"humidity": 50}, ("50",)),
    ("climate.hvac#fan_mode", "auto_low", "climate.set_fan_mode", {"fan_mode": "auto_low"}, ("auto_low",)),
    ("climate.hvac#swing_mode", "auto", "climate.set_swing_mode", {"swing_mode": "auto"}, ("auto",)),
    ("climate.ecobee#preset_mode", "eco", "climate.set_preset_mode", {"preset_mode": "eco"}, ("eco",)),
    ("lock.front_door", "unlocked", "lock.unlock", {}, ("unlocked",)),
    ("lock.front_door", "locked", "lock.lock", {}, ("locked",)),
    ("lock.openable_lock", "open", "lock.open", {}, ("open",)),
    ("cover.garage_door", "open", "cover.open_cover", {}, ("open",)),
    ("cover.kitchen_window", "closed", "cover.close_cover", {}, ("closed",)),
    ("cover.kitchen_window", "stop", "cover.stop_cover", {}, ("open", "closed")),
    ("cover.living_room_window#position", "30", "cover.set_cover_position", {"position": 30}, ("30",)),
    ("cover.living_room_window#tilt", "10", "cover.set_cover_tilt_position", {"tilt_position": 10}, ("10",)),
    ("valve.front_garden", "closed", "valve.close_valve", {}, ("closed",)),
    ("fan.living_room_fan", "on", "fan.turn_on", {}, ("on",)),
    ("fan.living_room_fan#percentage", "66", "fan.set_percentage", {"percentage": 66}, ("66",)),
    ("fan.preset_only_limited_fan#preset_mode", "sleep", "fan.set_preset_mode", {"preset_mode": "sleep"}, ("sleep",)),
    ("fan.living_room_fan#oscillating", "on", "fan.oscillate", {"oscillating": True}, ("on",)),
    ("fan.living_room_fan#direction", "reverse", "fan.set_direction", {"direction": "reverse"}, ("reverse",)),
    ("humidifier.humidifier", "off", "humidifier.turn_off", {}, ("off",)),
    ("humidifier.humidifier#target_humidity", "55", "humidifier.set_humidity", {"humidity": 55}, ("55",)),
    ("humidifier.hygrostat#mode", "eco", "humidifier.set_mode", {"mode": "eco"}, ("eco",)),
    (
        "water_heater.demo_water_heater",
        "gas",
        "water_heater.set_operation_mode",
        {"operation_mode": "gas"},
        ("gas",),
    ),
    (
        "water_heater.demo_water_heater#target_temperature",
        "50",
        "water_heater.set_temperature",
        {"temperature": 50.0},
        ("50",),
    ),
    ("water_heater.demo_water_heater#away_mode", "on", "water_heater.set_away_mode", {"away_mode": True}, ("on",)),
    ("vacuum.0_ground_floor", "start", "vacuum.start", {}, ("cleaning",)),
    ("vacuum.0_ground_floor", "return_to_base", "vacuum.return_to_base", {}, ("returning", "docked")),
    ("vacuum.0_ground_floor", "locate", "vacuum.locate", {}, ()),
    ("vacuum.0_ground_floor#fan_speed", "max", "vacuum.set_fan_speed", {"fan_speed": "max"}, ("max",)),
    ("media_player.lounge_room", "play", "media_player.media_play", {}, ("playing", "buffering")),
    ("media_player.lounge_room", "off", "media_player.turn_off", {}, ("off", "standby")),
    ("media_player.living_room#volume", "35", "media_player.volume_set", {"volume_level": 0.35}, ("35",)),
    ("media_player.living_room#muted", "on", "media_player.volume_mute", {"is_volume_muted": True}, ("on",)),
    (
        "media_player.lounge_room#source",
        "youtube",
        "media_player.select_source",
        {"source": "youtube"},
        ("youtube",),
    ),
    (
        "media_player.lounge_room#sound_mode",
        "Movie",
        "media_player.select_sound_mode",
        {"sound_mode": "Movie"},
        ("Movie",),
    ),
    ("siren.siren", "off", "siren.turn_off", {}, ("off",)),
    ("switch.ac", "on", "switch.turn_on", {}, ("on",)),
    ("select.speed", "light_speed", "select.select_option", {"option": "light_speed"}, ("light_speed",)),
    ("input_select.house_mode", "Away", "input_select.select_option", {"option": "Away"}, ("Away",)),
    ("number.pwm_1", "0.25", "number.set_value", {"value": 0.25}, ("0.25",)),
    ("input_number.target", "12.5", "input_number.set_value", {"value": 12.5}, ("12.5",)),
    ("text.text", "Hello", "text.set_value", {"value": "Hello"}, ("Hello",)),
    ("input_text.note", "Buy milk", "input_text.set_value", {"value": "Buy milk"}, ("Buy milk",)),
    ("date.date", "2026-11-25", "date.set_value", {"date": "2026-11-25"}, ("2026-11-25",)),
    ("time.time", "07:30", "time.set_value", {"time": "07:30:00"}, ("07:30:00",)),
    ("datetime.date_and_time", "2026-11-25 07:30:00", "datetime.set_value", {"datetime": "2026-11-25 07:30:00"}, ()),
    ("input_datetime.wake_up", "07:30:00", "input_datetime.set_datetime", {"time": "07:30:00"}, ("07:30:00",)),
    ("button.push", "press", "button.press", {}, ()),
    ("input_button.bell", "press", "input_button.press", {}, ()),
    ("scene.evening", "press", "scene.turn_on", {}, ()),
    ("script.flash", "on", "script.turn_on", {}, ()),
    ("script.flash#run", "press", "script.turn_on", {}, ()),
    ("automation.guest_light", "off", "automation.turn_off", {}, ("off",)),
    ("automation.guest_light#run", "press", "automation.trigger", {}, ()),
    ("input_boolean.guest_mode", "on", "input_boolean.turn_on", {}, ("on",)),
    ("group.downstairs", "off", "homeassistant.turn_off", {}, ("off",)),
    ("timer.laundry", "start", "timer.start", {}, ("active",)),
    ("counter.visits", "3", "counter.set_value", {"value": 3}, ("3",)),
    ("update.demo_add_on", "install", "update.install", {}, ()),
    ("alarm_control_panel.security", "arm_away", "alarm_control_panel.alarm_arm_away", {}, ("armed_away",)),
    ("alarm_control_panel.security", "disarm", "alarm_control_panel.alarm_disarm", {}, ("disarmed",)),
]


@pytest.mark.parametrize(("address", "value", "service", "data", "expected"), SETS)
def test_a_value_becomes_the_call_that_sets_it(
    address: str, value: str, service: str, data: dict[str, Any], expected: tuple[str, ...]
) -> None:
    order = build(address, value)

    assert order.call.action == service
    assert order.call.data == {"entity_id": address.partition("#")[0], **data}
    assert order.expected == expected


@pytest.mark.parametrize(
    ("address", "value", "seconds"),
    [
        ("lock.front_door", "unlocked", 30),
        ("cover.garage_door", "open", 120),
        ("cover.living_room_window#position", "30", 120),
        ("valve.front_garden", "closed", 120),
        ("alarm_control_panel.security", "arm_away", 300),
        ("alarm_control_panel.security", "disarm", 30),
    ],
)
def test_what_takes_its_time_is_waited_for(address: str, value: str, seconds: int) -> None:
    assert build(address, value).seconds == seconds


def test_every_row_is_tried_but_those_the_captured_home_has_nothing_of() -> None:
    tried = {address.partition(".")[0] + "".join(address.partition("#")[1:]) for address, *_rest in SETS}

    assert CONTROLS.keys() - tried == {
        "climate#swing_horizontal_mode",
        "lawn_mower",
        "remote",
        "remote#activity",
        "valve#position",
    }


def test_every_row_calls_services_that_the_server_publishes() -> None:
    actions = [
        (kind, one) for kind, row in CONTROLS.items() for one in (row.action, *(word.action for word in row.words))
    ]
    names = [one if "." in one else f"{kind.partition('#')[0]}.{one}" for kind, one in actions if one]

    assert [name for name in names if name.split(".")[1] not in PUBLISHED[name.split(".")[0]]] == []


def test_every_control_says_what_is_called_for_each_value_that_it_takes() -> None:
    for kind, control in CONTROLS.items():
        words = [one.word for one in control.words]
        takes_values = bool(control.action and control.fill)
        assert takes_values or control.words, kind
        assert takes_values or all(one.action for one in control.words), kind
        assert len(set(words)) == len(words), kind
        if control.words and control.type is ControlType.TOGGLE:
            assert words == ["on", "off"], kind


@pytest.mark.parametrize(("address", "value", "service", "data", "expected"), SETS)
def test_the_published_service_has_the_fields_that_are_sent(
    address: str, value: str, service: str, data: dict[str, Any], expected: tuple[str, ...]
) -> None:
    domain, _, name = service.partition(".")

    assert data.keys() <= set(PUBLISHED[domain][name]["fields"])
    assert set(PUBLISHED[domain][name]["required"]) <= data.keys()


def test_the_simulated_home_has_only_services_that_the_real_one_publishes() -> None:
    assert [name for name in SIMULATED if name.split(".")[1] not in PUBLISHED[name.split(".")[0]]] == []


@pytest.mark.parametrize(
    ("address", "value", "changes", "message"),
    [
        ("climate.heatpump#target_temperature", "99", {}, "Choose between 7 and 35."),
        ("climate.heatpump#target_temperature", "warm", {}, "This is not a number."),
        ("climate.heatpump#target_temperature", "nan", {}, "This is not a number."),
        ("climate.heatpump", "cool", {}, "Choose one of: heat, off."),
        ("climate.ecobee#target_temperature", "20", {"supported_features": 442}, "cannot be set so"),
        ("climate.ecobee#target_low", "25", {}, "The lower end of the range cannot be above the upper one, now 24."),
        ("climate.ecobee#target_high", "20", {}, "cannot be above"),
        ("climate.ecobee#target_low", "20", {"target_temp_high": None}, "keeps no range"),
        ("cover.garage_door#position", "30", {}, "cannot be set so"),
        ("cover.garage_door", "stop", {}, "Choose one of: open, closed."),
        ("cover.living_room_window#position", "101", {}, "Choose between 0 and 100."),
        ("light.bed_light#brightness", "50", {"supported_color_modes": ["onoff"]}, "cannot be set so"),
        ("light.office_rgbw_lights#color_temp", "3000", {}, "cannot be set so"),
        ("light.bed_light#color_temp", "1000", {}, "Choose between 2000 and 6535."),
        ("light.bed_light#hue", "361", {}, "Choose between 0 and 360."),
        ("light.bed_light#effect", "disco", {}, "Choose one of: rainbow, none."),
        ("lock.front_door", "open", {}, "Choose one of: locked, unlocked."),
        ("number.volume", "101", {}, "Choose between 0 and 100."),
        ("light.bed_light#brightness", "0", {}, "Choose between 1 and 100."),
        ("select.speed", "warp", {"options": []}, "There is nothing to choose from now."),
        ("text.text_with_1_to_5_characters", "too long", {}, "longer than 5 characters"),
        ("date.date", "25.11.2026", {}, "Write it like this: 2026-11-25."),
        ("time.time", "07:30:00+01:00", {}, "Write it like this: 07:30:00."),
        ("datetime.date_and_time", "2026-11-25T07:30:00Z", {}, "Write it like this: 2026-11-25 07:30:00."),
        ("update.demo_update_no_install", "install", {}, "cannot be set so"),
        ("vacuum.4_fourth_floor", "start", {}, "cannot be set so"),
        ("media_player.walkman#source", "dvd", {}, "cannot be set so"),
        ("sensor.outside_temperature", "20", {}, "cannot be set so"),
        ("light.bed_light#loudness", "20", {}, "cannot be set so"),
    ],
)
def test_what_an_entity_does_not_take_is_refused_with_the_reason(
    address: str, value: str, changes: dict[str, Any], message: str
) -> None:
    assert message in refusal(address, value, **changes)


def test_refusals_are_whole_sentences() -> None:
    told = [
        refusal("climate.heatpump", "cool"),
        refusal("cover.garage_door", "stop"),
        refusal("sensor.outside_temperature", "1"),
    ]

    assert [text for text in told if not (text[0].isupper() and text.endswith("."))] == []


def test_a_code_goes_to_what_asks_for_one_and_shows_nowhere() -> None:
    panel = build("alarm_control_panel.security", "disarm", code="1234")
    door = build("lock.front_door", "unlocked", code="1234")
    lamp = build("light.bed_light", "on", code="1234")

    assert panel.call.data["code"] == door.call.data["code"] == "1234"
    assert "code" not in lamp.call.data
    assert "1234" not in repr(panel)


@pytest.mark.parametrize(
    ("hs_color", "sent"),
    [([120, 30], [200.0, 30.0]), ([0, 0], [200.0, 100.0]), (None, [200.0, 100.0]), (["a"], [200.0, 100.0])],
)
def test_a_hue_keeps_the_saturation_it_finds_and_takes_all_where_there_is_none(
    hs_color: Any, sent: list[float]
) -> None:
    assert build("light.kitchen_lights#hue", "200", hs_color=hs_color).call.data["hs_color"] == sent


def test_a_hue_at_the_end_of_the_circle_is_confirmed_at_its_beginning() -> None:
    assert build("light.kitchen_lights#hue", "359").expected == ("359", "-1")
    assert build("light.kitchen_lights#hue", "1").expected == ("1", "361")
    assert build("light.kitchen_lights#hue", "180").expected == ("180",)


def rounded(level: int) -> float:
    """A brightness as the server keeps it, in percent: 0 to 255."""
    return round(255 * level / 100) / 2.55


def test_what_rounding_makes_of_a_value_confirms_it() -> None:
    for level in range(1, 101):
        call = build("light.bed_light#brightness", str(level))
        # Shown as whole percent.
        assert abs(round(rounded(level)) - level) <= call.tolerance

    for kelvin in (2000, 2700, 4000, 6500):
        call = build("light.bed_light#color_temp", str(kelvin))
        mired = round(1e6 / kelvin)
        assert abs(round(1e6 / mired) - kelvin) <= call.tolerance


@pytest.mark.parametrize(
    ("address", "value", "changes", "tolerance"),
    [
        ("number.volume", "12", {"step": 1}, 0.5),
        ("number.pwm_1", "0.2", {"step": 0.01}, 0.005),
        ("climate.hvac#target_temperature", "20", {"target_temp_step": 1}, 0.5),
        ("climate.hvac#target_temperature", "20", {"target_temp_step": 0.1}, 0.05),
        # A fan of three speeds takes the next one.
        ("fan.living_room_fan#percentage", "40", {}, 100 / 3),
        ("cover.living_room_window#position", "40", {}, 2.0),
    ],
)
def test_a_state_may_be_off_by_what_the_entity_rounds(
    address: str, value: str, changes: dict[str, Any], tolerance: float
) -> None:
    assert build(address, value, **changes).tolerance == pytest.approx(tolerance)


def test_what_answers_only_when_all_is_done_is_marked() -> None:
    assert build("update.demo_add_on", "install").call.lasts
    assert build("automation.guest_light#run", "press").call.lasts
    assert not build("light.bed_light", "on").call.lasts


@pytest.mark.parametrize(
    ("kind", "value", "attributes", "service", "data"),
    [
        ("lawn_mower.garden", "dock", {"supported_features": 7}, "lawn_mower.dock", {}),
        ("remote.tv", "on", {}, "remote.turn_on", {}),
        (
            "remote.tv#activity",
            "Film",
            {"supported_features": 4, "activity_list": ["Film"]},
            "remote.turn_on",
            {"activity": "Film"},
        ),
        ("valve.tap#position", "20", {"supported_features": 4}, "valve.set_valve_position", {"position": 20}),
        (
            "climate.hvac#swing_horizontal_mode",
            "auto",
            {"supported_features": 512, "swing_horizontal_modes": ["auto"]},
            "climate.set_swing_horizontal_mode",
            {"swing_horizontal_mode": "auto"},
        ),
        (
            "input_datetime.both",
            "2026-11-25 07:30",
            {"has_date": True, "has_time": True},
            "input_datetime.set_datetime",
            {"datetime": "2026-11-25 07:30:00"},
        ),
        (
            "input_datetime.day",
            "2026-11-25",
            {"has_date": True, "has_time": False},
            "input_datetime.set_datetime",
            {"date": "2026-11-25"},
        ),
    ],
)
def test_what_the_captured_home_has_nothing_of_is_called_as_published(
    kind: str, value: str, attributes: dict[str, Any], service: str, data: dict[str, Any]
) -> None:
    call = build_order(Order(kind, value), attributes).call
    domain, _, name = service.partition(".")

    assert (call.action, call.data) == (service, {"entity_id": kind.partition("#")[0], **data})
    assert data.keys() <= set(PUBLISHED[domain][name]["fields"])


@pytest.mark.parametrize("junk", [None, "text", 7, [], {}, [None], True])
def test_attributes_that_are_not_what_they_should_be_end_in_a_refusal_or_a_call(junk: Any) -> None:
    names = ("supported_features", "options", "hvac_modes", "hs_color", "min", "max", "step", "supported_color_modes")
    for kind in CONTROLS:
        domain, mark, feature = kind.partition("#")
        for value in ("on", "5", "open", ""):
            try:
                build_order(Order(f"{domain}.it{mark}{feature}", value), dict.fromkeys(names, junk))
            except OrderRefusedError:
                continue
