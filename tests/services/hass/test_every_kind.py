"""Nothing falls to a generic text by oversight: neither what was captured, nor what Home Assistant documents."""

from collections.abc import Iterator
from typing import Any

import pytest

from hi.entity.enums import EntityStateType, EntityType
from hi.services.hass import kinds
from hi.services.hass.aspects import ASPECTS
from hi.services.hass.converter import convert_home
from tests.services.hass import captured
from tests.services.hass.controllers import build_controller
from tests.services.hass.free_texts import FREE_TEXTS

pytestmark = pytest.mark.pure

# https://developers.home-assistant.io/docs/core/entity, the kinds that integrations may bring, and
# https://www.home-assistant.io/integrations for those that Home Assistant itself brings.
DOMAINS = """
    ai_task air_quality alarm_control_panel alert assist_satellite automation binary_sensor button calendar
    camera climate conversation counter cover date datetime device_tracker event fan geo_location group
    humidifier image image_processing input_boolean input_button input_datetime input_number input_select
    input_text lawn_mower light lock media_player notify number person plant proximity remote scene schedule
    script select sensor siren stt sun switch tag text time timer todo tts update vacuum valve wake_word
    water_heater weather zone
"""
# https://developers.home-assistant.io/docs/core/entity/sensor#available-device-classes
SENSOR_CLASSES = """
    absolute_humidity apparent_power aqi area atmospheric_pressure battery blood_glucose_concentration
    carbon_dioxide carbon_monoxide conductivity current data_rate data_size date distance duration energy
    energy_distance energy_storage frequency gas humidity illuminance irradiance moisture monetary
    nitrogen_dioxide nitrogen_monoxide nitrous_oxide ozone ph pm1 pm10 pm25 pm4 power power_factor precipitation
    precipitation_intensity pressure reactive_energy reactive_power signal_strength sound_pressure speed
    sulphur_dioxide temperature temperature_delta timestamp volatile_organic_compounds
    volatile_organic_compounds_parts voltage volume volume_flow_rate volume_storage water weight wind_direction
    wind_speed
"""
# https://developers.home-assistant.io/docs/core/entity/binary-sensor#available-device-classes
BINARY_CLASSES = """
    battery battery_charging carbon_monoxide cold connectivity door garage_door gas heat light lock moisture
    motion moving occupancy opening plug power presence problem running safety smoke sound tamper update
    vibration window
"""


def walk(node: Any, key: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(entity_id, attributes) of every state in an exchange, whether in the long or in the short form."""
    if isinstance(node, list):
        for item in node:
            yield from walk(item, key)
    elif isinstance(node, dict):
        if isinstance(node.get("entity_id"), str) and "state" in node and isinstance(node.get("attributes"), dict):
            yield node["entity_id"], node["attributes"]
        elif "." in key and "s" in node and isinstance(node.get("a"), dict):
            yield key, node["a"]
        for name, value in node.items():
            yield from walk(value, name)


def all_captured() -> list[tuple[str, dict[str, Any]]]:
    return [found for path in sorted(captured.FOLDER.glob("*.json")) for found in walk(captured.load(path.stem))]


def domain_of(entity_id: str) -> str:
    return entity_id.partition(".")[0]


def test_every_captured_domain_is_known() -> None:
    states = all_captured()

    assert len({entity_id for entity_id, _attributes in states}) > 120
    assert {domain_of(entity_id) for entity_id, _attributes in states} <= kinds.KINDS.keys()


def test_a_captured_sensor_is_a_text_only_where_nothing_tells_what_it_measures() -> None:
    texts = [
        (entity_id, attributes)
        for entity_id, attributes in all_captured()
        if kinds.find_kind(domain_of(entity_id), attributes).state_type is EntityStateType.TEXT
    ]

    assert {domain_of(entity_id) for entity_id, _attributes in texts} <= FREE_TEXTS
    telling = {"device_class", "unit_of_measurement", "state_class"}
    assert [
        entity_id for entity_id, attributes in texts if entity_id.startswith("sensor.") and telling & {*attributes}
    ] == []


def test_every_captured_class_is_known() -> None:
    for entity_id, attributes in all_captured():
        domain, device_class = domain_of(entity_id), attributes.get("device_class")
        if domain in ("number", "sensor") and device_class:
            assert device_class in {"enum", *kinds.MEASURES}, entity_id
        if domain == "binary_sensor" and device_class:
            assert device_class in kinds.BINARY_CLASSES, entity_id


def test_every_documented_domain_is_known() -> None:
    assert {*DOMAINS.split()} <= kinds.KINDS.keys()


def test_every_documented_class_is_known() -> None:
    assert {*SENSOR_CLASSES.split()} <= kinds.MEASURES.keys()
    assert {*BINARY_CLASSES.split()} <= kinds.BINARY_CLASSES.keys()


def test_what_is_a_text_is_one_on_purpose() -> None:
    texts = {domain for domain, kind in kinds.KINDS.items() if kind.state_type is EntityStateType.TEXT}

    assert texts == FREE_TEXTS


def test_no_known_domain_is_any_other_thing() -> None:
    assert [domain for domain, kind in kinds.KINDS.items() if kind.entity_type is EntityType.OTHER] == []


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (["cover.a", "cover.b"], EntityStateType.OPEN_CLOSE),
        (["lock.a"], EntityStateType.LOCK),
        (["person.a", "device_tracker.b"], EntityStateType.PRESENCE),
        (["light.a", "cover.b"], EntityStateType.ON_OFF),
        (["light.a"], EntityStateType.ON_OFF),
        ([], EntityStateType.ON_OFF),
        ("light.a", EntityStateType.ON_OFF),
        ([None, 7, []], EntityStateType.ON_OFF),
    ],
)
def test_a_group_is_what_its_members_are(members: Any, expected: EntityStateType) -> None:
    assert kinds.find_kind("group", {"entity_id": members}).state_type is expected
    can_be_switched = build_controller("group", {"entity_id": members}) is not None
    assert can_be_switched == (expected is EntityStateType.ON_OFF)


def test_whatever_can_be_set_here_is_called_there() -> None:
    settable = {
        state.address: state.controller
        for thing in convert_home(captured.demo_home()).entities
        for state in thing.states
        if state.controller
    }

    assert len(settable) > 100
    for address, controller in settable.items():
        domain, name = address.partition(".")[0], address.partition("#")[2]
        own = kinds.find_kind(domain, captured.state(address.partition("#")[0])["attributes"]).control
        control = next((one.control for one in ASPECTS.get(domain, ()) if one.name == name), own)
        assert control is not None, address
        words = {one.word for one in control.words if one.action}
        assert words or (control.action and control.fill), address
        assert not words or set(controller.options) <= words, address
