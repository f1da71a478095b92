"""What an entity has beside its state, checked against the captured demo home and the vendor's tables of bits."""

from itertools import chain
from typing import Any

import pytest

from hi.entity.enums import ControlType, EntityStateType, Quality, StateCategory
from hi.integration.core.specs import ControllerSpec, StateSpec
from hi.integration.core.values import StateValue
from hi.services.hass import aspects
from hi.services.hass.aspects import convert_state
from hi.services.hass.converter import convert_home
from hi.services.hass.wire import HassState
from tests.services.hass import captured

pytestmark = pytest.mark.pure
S, C = EntityStateType, ControlType


def values(row: dict[str, Any], unit: str = "°C") -> dict[str, StateValue]:
    """What the entity says beside its state, by the name of the feature."""
    _state, *found = convert_state(HassState.from_wire(row, "x"), unit)
    return {value.address.partition("#")[2]: value for value in found}


def shown(entity_id: str, **attributes: Any) -> dict[str, tuple[str | None, str]]:
    row = captured.state(entity_id)
    row = {**row, "attributes": {**row["attributes"], **attributes}}
    return {name: (value.value, value.unit) for name, value in values(row).items()}


def specs(*rows: dict[str, Any], **lists: Any) -> dict[str, StateSpec]:
    things = convert_home(captured.home(states=list(rows), **lists)).entities
    return {state.address: state for thing in things for state in thing.states}


def control(entity_id: str, feature: str) -> ControllerSpec | None:
    return specs(captured.state(entity_id))[f"{entity_id}#{feature}"].controller


UNKNOWN = (None, "%")


@pytest.mark.parametrize(
    ("entity_id", "expected"),
    [
        (
            "light.ceiling_lights",
            {
                "brightness": ("71", "%"),  # 180 of 255
                "color_temp": ("2631", "K"),
                "hue": ("28.55", "°"),
                "saturation": ("67.974", "%"),
            },
        ),
        (
            "light.bed_light",
            {
                "brightness": UNKNOWN,
                "color_temp": (None, "K"),
                "hue": (None, "°"),
                "saturation": UNKNOWN,
                "effect": (None, ""),
            },
        ),
        (
            "climate.heatpump",
            {"target_temperature": ("20.0", "°C"), "current_temperature": ("25.0", "°C"), "action": ("heating", "")},
        ),
        (
            "climate.ecobee",
            {
                "target_low": ("21", "°C"),
                "target_high": ("24", "°C"),
                "current_temperature": ("23", "°C"),
                "fan_mode": ("auto_low", ""),
                "preset_mode": ("home", ""),
                "swing_mode": ("auto", ""),
            },
        ),
        ("cover.kitchen_window", {}),
        ("cover.living_room_window", {"position": ("70", "%"), "tilt": ("50", "%")}),
        ("cover.pergola_roof", {"tilt": ("60", "%")}),
        ("fan.preset_only_limited_fan", {"preset_mode": (None, "")}),
        # Its 55 has no bit 8, whatever modes it lists.
        ("fan.living_room_fan", {"percentage": UNKNOWN, "oscillating": ("off", ""), "direction": ("forward", "")}),
        ("humidifier.hygrostat", {"target_humidity": ("50", "%"), "mode": ("home", "")}),
        (
            "humidifier.dehumidifier",
            {"target_humidity": ("54.2", "%"), "current_humidity": ("59.4", "%"), "action": ("drying", "")},
        ),
        ("water_heater.demo_water_heater", {"target_temperature": ("48.3", "°C"), "away_mode": ("off", "")}),
        ("vacuum.0_ground_floor", {"fan_speed": ("medium", ""), "battery": ("100", "%")}),
        ("vacuum.4_fourth_floor", {}),
        (
            "media_player.lounge_room",
            {
                "volume": ("100", "%"),
                "source": ("dvd", ""),
                "sound_mode": ("Music", ""),
                "title": ("Chapter 1", ""),
            },
        ),
        (
            "weather.demo_weather_south",
            {
                "temperature": ("21.6", "°C"),
                "humidity": ("92", "%"),
                "pressure": ("1099.0", "hPa"),
                "wind_speed": ("1.8", "km/h"),
            },
        ),
        ("sun.sun", {"elevation": ("-47.5", "°"), "azimuth": ("54.97", "°")}),
        ("update.demo_add_on", {"installed_version": ("1.0.0", ""), "latest_version": ("1.0.1", "")}),
        ("event.push_button_press", {"event_type": (None, "")}),
        ("automation.guest_light", {"last_triggered": (None, ""), "run": (None, "")}),
        ("timer.laundry", {"finishes_at": (None, "")}),
        ("calendar.calendar_2", {"next_event": ("Current Event", "")}),
        ("valve.orchard", {}),
        ("siren.siren", {}),
        ("sensor.outside_temperature", {}),
    ],
)
def test_captured_entities_have_what_they_can_have(entity_id: str, expected: dict[str, tuple[str | None, str]]) -> None:
    assert shown(entity_id) == expected


def test_a_volume_that_is_only_told_cannot_be_set() -> None:
    # 121265 has no bit 4.
    assert control("media_player.lounge_room", "volume") is None


@pytest.mark.parametrize(("there", "here"), [(0, "0"), (1, "1"), (2, "1"), (128, "50"), (254, "100"), (255, "100")])
def test_brightness_is_in_percent_and_never_none_while_there_is_light(there: int, here: str) -> None:
    assert shown("light.ceiling_lights", brightness=there)["brightness"] == (here, "%")


def test_a_light_that_can_only_be_switched_has_nothing_else() -> None:
    assert shown("light.ceiling_lights", supported_color_modes=["onoff"]) == {}
    assert set(shown("light.ceiling_lights", supported_color_modes=["brightness"])) == {"brightness"}
    assert set(shown("light.ceiling_lights", supported_color_modes=["rgbww"])) == {"brightness", "hue", "saturation"}


def test_temperatures_without_a_unit_are_in_that_of_the_home() -> None:
    assert values(captured.state("climate.heatpump"), "°F")["target_temperature"].unit == "°F"
    assert values(captured.state("weather.demo_weather_south"), "°F")["temperature"].unit == "°C", "it names its own"


def test_a_feature_is_as_old_as_the_last_update_of_its_entity() -> None:
    row = {**captured.state("light.ceiling_lights"), "last_updated": "2026-11-25T10:00:00+00:00"}
    state, brightness, *_ = convert_state(HassState.from_wire(row, "x"))

    assert state.source_changed_at.isoformat() == row["last_changed"]
    assert brightness.source_changed_at.isoformat() == row["last_updated"]


def test_what_is_unavailable_has_no_feature_with_a_value() -> None:
    row = {**captured.state("climate.hvac"), "state": "unavailable"}
    assert {value.quality for value in values(row).values()} == {Quality.UNAVAILABLE}
    assert {value.value for value in values(row).values()} == {None}


def test_a_restored_entity_says_so_of_its_features() -> None:
    row = captured.state("climate.heatpump")
    row = {**row, "attributes": {**row["attributes"], "restored": True}}
    assert values(row)["target_temperature"].quality is Quality.RESTORED


@pytest.mark.parametrize(
    "junk", [None, True, "", "loud", "\0", [], {}, [None], float("nan"), float("inf"), 10**400, "9" * 400, -1e308]
)
@pytest.mark.parametrize("domain", aspects.ASPECTS)
def test_a_bad_attribute_is_unknown_and_breaks_neither_its_entity_nor_another_feature(domain: str, junk: Any) -> None:
    rows = [row for row in captured.states() if row["entity_id"].startswith(f"{domain}.")]
    nothing = {**captured.state("sun.sun"), "entity_id": f"{domain}.a", "attributes": {"supported_features": 4}}
    row = rows[0] if rows else nothing
    before = values(row)
    for name in {feature.source for feature in aspects.ASPECTS[domain]}:
        bad = {**row, "attributes": {**row["attributes"], name: junk}}
        found = values(bad)
        touched = {feature.name for feature in aspects.ASPECTS[domain] if feature.source == name}
        assert {key: found[key] for key in found if key not in touched} == {
            key: before[key] for key in before if key not in touched
        }
        for key in touched & found.keys():
            assert len(found[key].value or "") <= 255
        assert len(specs(bad)) == len(found) + 1


def test_a_password_is_neither_shown_nor_remembered_nor_set() -> None:
    row = captured.state("text.password")
    kept = {name: row["attributes"][name] for name in row["attributes"] if name in aspects.KEPT["text"]}
    (value,) = convert_state(HassState.from_wire({**row, "attributes": kept}, "x"))

    assert row["state"] == "Hello world"
    assert (value.value, value.quality) == ("\N{BULLET}" * 6, Quality.GOOD)
    assert specs(row)["text.password"].controller is None
    assert specs(captured.state("text.text"))["text.text"].controller is not None


# How features are listed


def test_a_feature_is_named_by_its_entity() -> None:
    entry = captured.entry("light.a", id="abc", hidden_by="user")
    row = {**captured.state("light.ceiling_lights"), "entity_id": "light.a"}
    found = specs(row, entity_registry=[entry])

    state, brightness = found["light.a"], found["light.a#brightness"]
    assert (brightness.key, brightness.former_keys) == ("abc#brightness", ("entity_id:light.a#brightness",))
    assert (brightness.aspect, brightness.name, brightness.state_type) == ("brightness", "Brightness", S.BRIGHTNESS)
    assert (state.is_primary, brightness.is_primary) == (True, False)
    assert (brightness.family, brightness.is_hidden) == ("light", True)


def test_features_of_two_lights_of_a_thing_tell_which_is_meant() -> None:
    row = captured.state("light.ceiling_lights")
    found = specs(
        {**row, "entity_id": "light.a"},
        {**row, "entity_id": "light.b"},
        device_registry=[captured.device("d", name="Lamp", name_by_user=None)],
        entity_registry=[
            captured.entry("light.a", device_id="d", original_name=None, has_entity_name=True),
            captured.entry("light.b", device_id="d", original_name="Ring", has_entity_name=True),
        ],
    )

    assert [(found[f"light.{x}#hue"].aspect, found[f"light.{x}#hue"].name) for x in "ab"] == [
        ("hue", "Hue"),
        ("ring_hue", "Ring hue"),
    ]


def test_a_feature_of_a_diagnostic_entity_is_diagnostic() -> None:
    entry = captured.entry("update.demo_add_on", entity_category="config")
    found = specs(captured.state("update.demo_add_on"), entity_registry=[entry])

    assert found["update.demo_add_on#latest_version"].category is StateCategory.CONFIGURATION
    alone = specs(captured.state("vacuum.0_ground_floor"))
    assert alone["vacuum.0_ground_floor#battery"].category is StateCategory.DIAGNOSTIC
    assert alone["vacuum.0_ground_floor#fan_speed"].category is StateCategory.PURPOSE


@pytest.mark.parametrize(
    ("entity_id", "feature", "expected"),
    [
        ("light.ceiling_lights", "brightness", ControllerSpec(C.NUMBER, 1.0, 100.0, 1.0)),
        ("light.ceiling_lights", "color_temp", ControllerSpec(C.NUMBER, 2000.0, 6535.0, 1.0)),
        ("light.bed_light", "effect", ControllerSpec(C.CHOICE, options=("rainbow", "none"))),
        ("climate.hvac", "target_temperature", ControllerSpec(C.NUMBER, 7.0, 35.0, 0.5)),
        ("climate.hvac", "target_humidity", ControllerSpec(C.NUMBER, 30.0, 99.0, 1.0)),
        ("climate.hvac", "current_temperature", None),
        ("climate.hvac", "swing_horizontal_mode", ControllerSpec(C.CHOICE, options=("auto", "rangefull", "off"))),
        ("cover.hall_window", "position", ControllerSpec(C.NUMBER, 0.0, 100.0, 1.0)),
        ("fan.ceiling_fan", "percentage", ControllerSpec(C.NUMBER, 0.0, 100.0, 33.333333333333336)),
        ("fan.living_room_fan", "direction", ControllerSpec(C.CHOICE, options=("forward", "reverse"))),
        ("media_player.bedroom", "volume", ControllerSpec(C.NUMBER, 0.0, 100.0, 1.0)),
        ("media_player.browse", "sound_mode", None),
        ("media_player.lounge_room", "source", ControllerSpec(C.CHOICE, options=("dvd", "youtube"))),
        ("script.flash", "run", ControllerSpec(C.PRESS)),
        ("script.flash", "last_triggered", None),
    ],
)
def test_what_can_be_set_of_it_is_set_within_its_bounds(
    entity_id: str, feature: str, expected: ControllerSpec | None
) -> None:
    assert control(entity_id, feature) == expected


def test_a_position_that_is_only_told_cannot_be_set() -> None:
    row = captured.state("cover.kitchen_window")
    row = {**row, "attributes": {**row["attributes"], "current_position": 40}}

    found = specs(row)["cover.kitchen_window#position"]

    assert (found.state_type, found.controller) == (S.POSITION, None)


def test_the_position_of_a_garage_door_asks_first_too() -> None:
    row = captured.state("cover.hall_window")
    row = {**row, "attributes": {**row["attributes"], "device_class": "garage"}}
    found = specs(row)

    assert found["cover.hall_window"].controller.asks_first  # type: ignore[union-attr]
    assert found["cover.hall_window#position"].controller.asks_first  # type: ignore[union-attr]


# What does not show all the time


def test_what_was_seen_once_is_kept_while_its_entity_is() -> None:
    row = {**captured.state("climate.heatpump"), "state": "unavailable"}
    row = {**row, "attributes": {"hvac_modes": ["heat", "off"], "supported_features": 385}}
    structure = convert_home(captured.home(states=[row], entity_registry=[captured.entry("climate.heatpump", id="x")]))

    assert {"x#current_temperature", "entity_id:climate.heatpump#current_temperature", "x#action"} <= structure.kept
    assert not [key for key in structure.kept if key.endswith("#target_temperature")], "its bit says that it is there"


def test_what_cannot_be_read_keeps_all_its_features() -> None:
    row = {**captured.state("light.bed_light"), "state": 7}
    structure = convert_home(captured.home(states=[row]))

    assert {f"entity_id:light.bed_light#{one.name}" for one in chain(*aspects.ASPECTS.values())} <= structure.kept
