from typing import Any

import pytest

from hi.entity.enums import ControlType, EntityStateType
from hi.integration.core import controls, readings
from hi.services.hass import kinds
from tests.services.hass import captured
from tests.services.hass.controllers import build_controller

pytestmark = pytest.mark.pure
S = EntityStateType


@pytest.mark.parametrize(
    ("entity_id", "expected"),
    [
        ("light.bed_light", S.ON_OFF),
        ("switch.ac", S.ON_OFF),
        ("input_boolean.guest_mode", S.ON_OFF),
        ("binary_sensor.basement_floor_wet", S.DETECTION),
        ("binary_sensor.movement_backyard", S.DETECTION),
        ("binary_sensor.guests", S.PRESENCE),
        ("climate.heatpump", S.CLIMATE),
        ("cover.garage_door", S.OPEN_CLOSE),
        ("fan.ceiling_fan", S.ON_OFF),
        ("lock.front_door", S.LOCK),
        ("media_player.lounge_room", S.MEDIA),
        ("camera.demo_camera", S.VIDEO),
        ("scene.evening", S.TRIGGER),
        ("button.push", S.TRIGGER),
        ("input_button.bell", S.TRIGGER),
        ("number.pwm_1", S.NUMBER),
        ("number.temperature_setting", S.TEMPERATURE),
        ("input_number.target", S.NUMBER),
        ("select.speed", S.CHOICE),
        ("input_select.house_mode", S.CHOICE),
        ("input_text.note", S.TEXT),
        ("input_datetime.wake_up", S.TIME),
        ("sensor.outside_temperature", S.TEMPERATURE),
        ("sensor.outside_humidity", S.HUMIDITY),
        ("sensor.carbon_dioxide", S.CONCENTRATION),
        ("sensor.power_consumption", S.POWER),
        ("sensor.total_energy_mwh", S.ENERGY),
        ("sensor.total_gas_m3", S.VOLUME),
        ("sensor.sun_next_dawn", S.TIMESTAMP),
        ("sensor.thermostat", S.CHOICE),
        ("sensor.percent_target", S.NUMBER),
        ("sensor.not_known_yet", S.TEXT),
        ("vacuum.0_ground_floor", S.STATUS),
        ("weather.demo_weather_south", S.STATUS),
    ],
)
def test_captured_entities_have_their_type(entity_id: str, expected: EntityStateType) -> None:
    attributes = captured.state(entity_id)["attributes"]

    assert kinds.find_kind(entity_id.partition(".")[0], attributes).state_type is expected


@pytest.mark.parametrize(
    ("device_class", "on", "off"),
    [
        ("door", "open", "closed"),
        ("window", "open", "closed"),
        ("garage_door", "open", "closed"),
        ("opening", "open", "closed"),
        ("motion", "detected", "clear"),
        ("occupancy", "detected", "clear"),
        ("smoke", "detected", "clear"),
        ("moisture", "detected", "clear"),
        ("gas", "detected", "clear"),
        ("connectivity", "connected", "disconnected"),
        ("presence", "home", "away"),
        ("battery", "low", "normal"),
        ("battery_charging", "charging", "not_charging"),
        ("lock", "unlocked", "locked"),
        ("problem", "problem", "ok"),
        ("safety", "problem", "ok"),
        ("tamper", "problem", "ok"),
        ("running", "on", "off"),
        ("", "on", "off"),
        ("something new", "on", "off"),
    ],
)
def test_a_binary_sensor_speaks_in_words(device_class: str, on: str, off: str) -> None:
    # https://developers.home-assistant.io/docs/core/entity/binary-sensor says what on and off mean in each class.
    assert kinds.normalise_state("binary_sensor", device_class, "on") == on
    assert kinds.normalise_state("binary_sensor", device_class, "off") == off


@pytest.mark.parametrize(
    ("domain", "text"),
    [("light", "on"), ("lock", "jammed"), ("cover", "opening"), ("sensor", "on"), ("sensor", "not_home")],
)
def test_other_domains_keep_their_words(domain: str, text: str) -> None:
    assert kinds.normalise_state(domain, "door", text) == text


@pytest.mark.parametrize("domain", ["person", "device_tracker"])
def test_who_is_in_no_zone_is_away_and_a_zone_keeps_its_name(domain: str) -> None:
    # https://www.home-assistant.io/integrations/person: home, not_home, or the name of a zone.
    texts = ("home", "not_home", "Work", "Grandma's not_home")
    assert [kinds.normalise_state(domain, "", text) for text in texts] == ["home", "away", *texts[2:]]


def test_a_word_that_no_table_has_stays() -> None:
    assert kinds.normalise_state("binary_sensor", "door", "ajar") == "ajar"


def test_both_micro_signs_are_one() -> None:
    assert readings.unit("\u03bcg/m³") == readings.unit("\u00b5g/m³") == "\u00b5g/m³"


def test_a_number_is_set_within_its_bounds() -> None:
    controller = build_controller("number", captured.state("number.pwm_1")["attributes"])

    assert controller is not None
    assert controller.control is ControlType.NUMBER
    assert (controller.minimum, controller.maximum, controller.step) == (0.0, 1.0, 0.01)


@pytest.mark.parametrize(
    ("entity_id", "control", "options"),
    [
        ("select.speed", ControlType.CHOICE, ("light_speed", "ridiculous_speed", "ludicrous_speed")),
        ("climate.heatpump", ControlType.MODE, ("heat", "off")),
        ("light.bed_light", ControlType.TOGGLE, ()),
        ("lock.front_door", ControlType.LOCK, ("locked", "unlocked")),
        ("cover.garage_door", ControlType.OPEN_CLOSE, ("open", "closed")),
        ("media_player.bedroom", ControlType.PLAYER, ("play", "pause", "stop", "on", "off")),
        ("scene.evening", ControlType.PRESS, ()),
        ("input_text.note", ControlType.TEXT, ()),
    ],
)
def test_what_can_be_set_has_a_controller(entity_id: str, control: ControlType, options: tuple[str, ...]) -> None:
    controller = build_controller(entity_id.partition(".")[0], captured.state(entity_id)["attributes"])

    assert controller is not None
    assert (controller.control, controller.options) == (control, options)


@pytest.mark.parametrize(
    "entity_id", ["sensor.outside_humidity", "binary_sensor.guests", "camera.demo_camera", "sun.sun"]
)
def test_what_can_only_be_read_has_none(entity_id: str) -> None:
    assert build_controller(entity_id.partition(".")[0], captured.state(entity_id)["attributes"]) is None


def test_options_are_bounded_in_number_and_length() -> None:
    controller = build_controller("select", {"options": ["x" * 1000, 7, None] + ["y"] * 1000})

    assert controller is not None
    assert len(controller.options) <= controls.MAX_OPTIONS
    assert {type(option) for option in controller.options} == {str}
    assert max(map(len, controller.options)) == controls.MAX_OPTION_LENGTH


@pytest.mark.parametrize("attributes", [{"options": "abc"}, {"options": None}, {"options": [[]]}, {}])
def test_options_that_are_none_leave_a_choice_without_options(attributes: dict[str, Any]) -> None:
    controller = build_controller("select", attributes)

    assert controller is not None
    assert controller.options == ()


@pytest.mark.parametrize(
    ("domain", "attributes", "options"),
    [
        ("vacuum", {"supported_features": 8192 | 16}, ("start", "return_to_base")),
        ("vacuum", {"supported_features": 12412}, ("start", "pause", "stop", "return_to_base")),
        ("lawn_mower", {"supported_features": 7}, ("start_mowing", "pause", "dock")),
        ("alarm_control_panel", {"supported_features": 3}, ("disarm", "arm_home", "arm_away")),
        ("timer", {}, ("start", "pause", "cancel", "finish")),
        ("update", {"supported_features": 11}, ("install",)),
        ("lock", {"supported_features": 1}, ("locked", "unlocked", "open")),
        ("cover", {"supported_features": 11}, ("open", "closed", "stop")),
        ("valve", {"supported_features": 3}, ("open", "closed")),
    ],
)
def test_actions_are_those_that_the_entity_supports(
    domain: str, attributes: dict[str, Any], options: tuple[str, ...]
) -> None:
    controller = build_controller(domain, attributes)

    assert controller is not None
    assert controller.options == options


@pytest.mark.parametrize(
    "entity_id",
    ["update.demo_update_no_install", "vacuum.4_fourth_floor", "cover.pergola_roof", "siren.gone", "water_heater.gone"],
)
def test_what_supports_none_of_them_can_only_be_read(entity_id: str) -> None:
    known = [state for state in captured.states() if state["entity_id"] == entity_id]
    attributes = known[0]["attributes"] if known else {"supported_features": 4}

    assert build_controller(entity_id.partition(".")[0], attributes) is None


@pytest.mark.parametrize(
    ("domain", "attributes", "asks"),
    [
        ("lock", {}, True),
        ("alarm_control_panel", {}, True),
        ("update", {"supported_features": 1}, True),
        ("cover", {"supported_features": 3, "device_class": "garage"}, True),
        ("cover", {"supported_features": 3, "device_class": "gate"}, True),
        ("cover", {"supported_features": 3, "device_class": "blind"}, False),
        ("cover", {"supported_features": 3}, False),
        ("valve", {"supported_features": 3, "device_class": "gas"}, True),
        ("valve", {"supported_features": 3, "device_class": "water"}, False),
        ("light", {}, False),
    ],
)
def test_what_lets_people_in_or_cannot_be_taken_back_asks_first(
    domain: str, attributes: dict[str, Any], asks: bool
) -> None:
    controller = build_controller(domain, attributes)

    assert controller is not None
    assert controller.asks_first is asks


@pytest.mark.parametrize(
    ("domain", "there", "here"),
    [
        ("alarm_control_panel", "number", "number"),
        ("alarm_control_panel", "text", "text"),
        ("alarm_control_panel", None, ""),
        # https://developers.home-assistant.io/docs/core/entity/lock: a regular expression.
        ("lock", r"^\d{4}$", "number"),
        ("lock", r"^[0-9]{4,6}$", "number"),
        ("lock", r"^\w+$", "text"),
        ("lock", 7, ""),
        ("cover", "number", ""),
    ],
)
def test_a_code_goes_along_in_the_form_that_the_entity_names(domain: str, there: object, here: str) -> None:
    controller = build_controller(domain, {"code_format": there, "supported_features": 3})

    assert controller is not None
    assert controller.code_format == here


@pytest.mark.parametrize(("required", "free"), [(True, ()), (None, ()), (False, ("arm_home", "arm_away"))])
def test_a_panel_is_armed_without_a_code_where_it_says_so(required: object, free: tuple[str, ...]) -> None:
    attributes = {"code_format": "number", "code_arm_required": required, "supported_features": 3}
    controller = build_controller("alarm_control_panel", attributes)

    assert controller is not None
    assert (controller.code_format, controller.without_code) == ("number", free)


@pytest.mark.parametrize(
    ("attributes", "control", "state_type"),
    [
        ({"has_date": True, "has_time": False}, ControlType.DATE, S.DATE),
        ({"has_date": False, "has_time": True}, ControlType.TIME, S.TIME),
        ({"has_date": True, "has_time": True}, ControlType.DATETIME, S.TEXT),
    ],
)
def test_a_helper_for_moments_is_set_as_what_it_holds(
    attributes: dict[str, Any], control: ControlType, state_type: EntityStateType
) -> None:
    controller = build_controller("input_datetime", attributes)

    assert controller is not None
    assert controller.control is control
    assert kinds.find_kind("input_datetime", attributes).state_type is state_type


def test_bounds_that_are_no_numbers_are_left_out() -> None:
    controller = build_controller("number", {"min": float("nan"), "max": float("inf"), "step": "1"})

    assert controller is not None
    assert (controller.minimum, controller.maximum, controller.step) == (None, None, None)


def test_an_update_and_the_weather_speak_in_one_way() -> None:
    assert [kinds.normalise_state("update", "firmware", word) for word in ("on", "off")] == [
        "available",
        "up_to_date",
    ]
    assert kinds.normalise_state("weather", "", "partlycloudy") == "partly_cloudy"
    assert kinds.normalise_state("weather", "", "sunny") == "sunny"
