"""What an entity says: its state, and the attributes that are aspects of the home, each a state of its own here.

One table is the truth for reading, for what can be set, and for the documentation. A feature is named by its entity:
address and key are the entity's with `#name` behind them.

It exists where the entity can have it (bits of `supported_features`, modes of colour), never by the moment's value: a
light that is off keeps its brightness, unknown until it is on. Where Home Assistant says that only by giving the
attribute a value, one value is enough: from then on it stays as long as its entity does.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from hi.entity.enums import ControlType, EntityStateType, Quality, StateCategory
from hi.integration.core.decode import clean_text
from hi.integration.core.values import StateValue
from hi.services.hass import mapping
from hi.services.hass.controls import DANGERS, ENTRANCES, PRESS, SUPPORTED_FEATURES, TOGGLE, Control, read_bits
from hi.services.hass.wire import CELSIUS, MAX_STATE, UNAVAILABLE, UNKNOWN, VALUE_ATTRIBUTES, HassState

SUPPORTED_COLOR_MODES = "supported_color_modes"

# From an attribute's value to hi's; None for whatever is not what it should be.
Read = Callable[[object], str | None]


def read_number(value: object) -> str | None:
    """The digits as they come. Some integrations send numbers as texts."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        is_number = math.isfinite(float(value))
    except (ValueError, OverflowError):
        return None
    return str(value).strip()[:MAX_STATE] if is_number else None


def read_text(value: object) -> str | None:
    return clean_text(value, MAX_STATE) if isinstance(value, str) and value else None


def read_flag(value: object) -> str | None:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) and value in ("on", "off") else None


def read_share(value: object) -> str | None:
    """0 to 1 as percent."""
    share = _number(value)
    return None if share is None else str(round(share * 100))


def read_level(value: object) -> str | None:
    """0 to 255 as percent; what is lit at all has one at least, as Home Assistant's own pages show it."""
    level = _number(value)
    return None if level is None else str(max(round(level / 2.55), 1 if level > 0 else 0))


def read_item(index: int) -> Read:
    def read(value: object) -> str | None:
        return read_number(value[index]) if isinstance(value, list) and len(value) > index else None

    return read


def _number(value: object) -> float | None:
    """Within a thousand, which is beyond what any of these scales has."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= 1000 else None


@dataclass(frozen=True, slots=True)
class Feature:
    """One attribute as a state. `unit_from` is the attribute that names the unit; a temperature with neither is in the
    home's. It exists for every entity of its domain, or where one of `bits`, `modes` and `if_seen` says so."""

    name: str
    label: str
    attribute: str
    state_type: EntityStateType
    read: Read = read_number
    unit: str = ""
    unit_from: str = ""
    category: StateCategory = StateCategory.PURPOSE
    bits: int = 0
    modes: frozenset[str] = frozenset()
    if_seen: bool = False
    control: Control | None = None

    @property
    def attributes(self) -> frozenset[str]:
        """All that its value is read with."""
        return frozenset({self.attribute, self.unit_from, SUPPORTED_FEATURES, SUPPORTED_COLOR_MODES})

    def is_sure(self, bits: int, modes: frozenset[str]) -> bool:
        """Whether an entity with these has it, whatever it shows now."""
        is_everywhere = not (self.bits or self.modes or self.if_seen)
        return is_everywhere or bits & self.bits > 0 or not self.modes.isdisjoint(modes)

    def get_unit(self, attributes: Mapping[str, Any], temperature_unit: str) -> str:
        if self.unit_from:
            return read_text(attributes.get(self.unit_from)) or ""
        return self.unit or (temperature_unit if self.state_type is S.TEMPERATURE else "")


S, C = EntityStateType, ControlType
F = Feature
DIAGNOSTIC = StateCategory.DIAGNOSTIC

COLORS = frozenset({"hs", "xy", "rgb", "rgbw", "rgbww"})
DIMMABLE = COLORS | {"brightness", "color_temp", "white"}
PERCENT = Control(C.NUMBER, minimum=0.0, maximum=100.0, step=1.0)
LIT = replace(PERCENT, minimum=1.0)  # at 0 it is off, and says no brightness
HUE = replace(PERCENT, maximum=360.0)
KELVIN = Control(
    C.NUMBER, minimum=("min_color_temp_kelvin", 2000.0), maximum=("max_color_temp_kelvin", 6500.0), step=1.0
)
TARGET = Control(C.NUMBER, minimum="min_temp", maximum="max_temp", step=("target_temp_step", 0.5))
TARGET_HUMIDITY = Control(C.NUMBER, minimum=("min_humidity", 0.0), maximum=("max_humidity", 100.0), step=1.0)
SPEED = replace(PERCENT, step=("percentage_step", 1.0))
DIRECTION = Control(C.CHOICE, words=(("forward", 0), ("reverse", 0)))


def _choice(name: str, label: str, bits: int, options: str, attribute: str = "") -> Feature:
    control = Control(C.CHOICE, options=options, needs=bits)
    return F(name, label, attribute or name, S.CHOICE, read_text, bits=bits, control=control)


def _position(name: str, attribute: str, bit: int, asks_first: frozenset[str]) -> Feature:
    """Some tell where they are and cannot be told."""
    control = replace(PERCENT, needs=bit, asks_first=asks_first)
    return F(name, name.capitalize(), attribute, S.POSITION, unit="%", bits=bit, if_seen=True, control=control)


def _seen(name: str, label: str, state_type: EntityStateType, unit: str = "", unit_from: str = "") -> Feature:
    return F(name, label, name, state_type, unit=unit, unit_from=unit_from, if_seen=True)


_TEMPERATURE = _seen("current_temperature", "Temperature", S.TEMPERATURE)
_HUMIDITY = _seen("current_humidity", "Humidity", S.HUMIDITY, "%")
_RUNS = (
    F("last_triggered", "Last run", "last_triggered", S.TIMESTAMP, read_text),
    F("run", "Run", "last_triggered", S.TRIGGER, read_text, control=PRESS),
)

FEATURES: Mapping[str, tuple[Feature, ...]] = {
    "light": (
        F("brightness", "Brightness", "brightness", S.BRIGHTNESS, read_level, "%", modes=DIMMABLE, control=LIT),
        F(
            "color_temp",
            "Colour temperature",
            "color_temp_kelvin",
            S.COLOR_TEMPERATURE,
            unit="K",
            modes=frozenset({"color_temp"}),
            control=KELVIN,
        ),
        F("hue", "Hue", "hs_color", S.HUE, read_item(0), "°", modes=COLORS, control=HUE),
        F("saturation", "Saturation", "hs_color", S.SATURATION, read_item(1), "%", modes=COLORS, control=PERCENT),
        _choice("effect", "Effect", 4, "effect_list"),
    ),
    "climate": (
        F("target_temperature", "Target", "temperature", S.TEMPERATURE, bits=1, control=TARGET),
        F("target_low", "Heat below", "target_temp_low", S.TEMPERATURE, bits=2, control=TARGET),
        F("target_high", "Cool above", "target_temp_high", S.TEMPERATURE, bits=2, control=TARGET),
        _TEMPERATURE,
        F("target_humidity", "Target humidity", "humidity", S.HUMIDITY, unit="%", bits=4, control=TARGET_HUMIDITY),
        _HUMIDITY,
        _choice("fan_mode", "Fan", 8, "fan_modes"),
        _choice("preset_mode", "Preset", 16, "preset_modes"),
        _choice("swing_mode", "Swing", 32, "swing_modes"),
        _choice("swing_horizontal_mode", "Horizontal swing", 512, "swing_horizontal_modes"),
        F("action", "Action", "hvac_action", S.STATUS, read_text, if_seen=True),
    ),
    "cover": (
        _position("position", "current_position", 4, ENTRANCES),
        _position("tilt", "current_tilt_position", 128, frozenset()),
    ),
    "valve": (_position("position", "current_position", 4, DANGERS),),
    "fan": (
        F("percentage", "Speed", "percentage", S.LEVEL, unit="%", bits=1, control=SPEED),
        _choice("preset_mode", "Preset", 8, "preset_modes"),
        F("oscillating", "Oscillation", "oscillating", S.ON_OFF, read_flag, bits=2, control=TOGGLE),
        F("direction", "Direction", "direction", S.CHOICE, read_text, bits=4, control=DIRECTION),
    ),
    "humidifier": (
        F("target_humidity", "Target humidity", "humidity", S.HUMIDITY, unit="%", control=TARGET_HUMIDITY),
        _HUMIDITY,
        _choice("mode", "Mode", 1, "available_modes"),
        F("action", "Action", "action", S.STATUS, read_text, if_seen=True),
    ),
    "water_heater": (
        F("target_temperature", "Target", "temperature", S.TEMPERATURE, bits=1, control=TARGET),
        _TEMPERATURE,
        F("away_mode", "Away mode", "away_mode", S.ON_OFF, read_flag, bits=4, control=TOGGLE),
    ),
    "vacuum": (
        _choice("fan_speed", "Suction", 32, "fan_speed_list"),
        F("battery", "Battery", "battery_level", S.BATTERY, unit="%", category=DIAGNOSTIC, bits=64),
    ),
    "media_player": (
        F(
            "volume",
            "Volume",
            "volume_level",
            S.LEVEL,
            read_share,
            "%",
            bits=4,
            if_seen=True,
            control=replace(PERCENT, needs=4),
        ),
        F("muted", "Muted", "is_volume_muted", S.ON_OFF, read_flag, bits=8, control=TOGGLE),
        # Some players say what they cannot be told.
        replace(_choice("source", "Source", 2048, "source_list"), if_seen=True),
        replace(_choice("sound_mode", "Sound mode", 65536, "sound_mode_list"), if_seen=True),
        # What can play, pause, skip or be given something to play has something that is played.
        F("title", "Title", "media_title", S.TEXT, read_text, bits=1 | 32 | 512 | 16384),
    ),
    "remote": (_choice("activity", "Activity", 4, "activity_list", "current_activity"),),
    "weather": (
        _seen("temperature", "Temperature", S.TEMPERATURE, unit_from="temperature_unit"),
        _seen("apparent_temperature", "Feels like", S.TEMPERATURE, unit_from="temperature_unit"),
        _seen("dew_point", "Dew point", S.TEMPERATURE, unit_from="temperature_unit"),
        _seen("humidity", "Humidity", S.HUMIDITY, "%"),
        _seen("pressure", "Pressure", S.PRESSURE, unit_from="pressure_unit"),
        _seen("wind_speed", "Wind speed", S.SPEED, unit_from="wind_speed_unit"),
        _seen("wind_gust_speed", "Gusts", S.SPEED, unit_from="wind_speed_unit"),
        _seen("wind_bearing", "Wind direction", S.ANGLE, "°"),
        _seen("cloud_coverage", "Clouds", S.LEVEL, "%"),
        _seen("visibility", "Visibility", S.DISTANCE, unit_from="visibility_unit"),
        _seen("uv_index", "UV index", S.NUMBER),
    ),
    "sun": (
        F("elevation", "Elevation", "elevation", S.ANGLE, unit="°"),
        F("azimuth", "Azimuth", "azimuth", S.ANGLE, unit="°"),
    ),
    "update": (
        F("installed_version", "Installed version", "installed_version", S.TEXT, read_text, category=DIAGNOSTIC),
        F("latest_version", "Latest version", "latest_version", S.TEXT, read_text, category=DIAGNOSTIC),
    ),
    "event": (F("event_type", "Kind", "event_type", S.CHOICE, read_text),),
    "automation": _RUNS,
    "script": _RUNS,
    "timer": (F("finishes_at", "Finishes", "finishes_at", S.TIMESTAMP, read_text),),
    "calendar": (F("next_event", "Next event", "message", S.TEXT, read_text),),
}


QUALITIES = {UNAVAILABLE: Quality.UNAVAILABLE, UNKNOWN: Quality.UNKNOWN}
# Every feature that any entity may have.
NAMES = frozenset(feature.name for features in FEATURES.values() for feature in features)
# domain -> the attributes that an entity's values are read with.
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    **{domain: VALUE_ATTRIBUTES.union(*(one.attributes for one in features)) for domain, features in FEATURES.items()},
    **dict.fromkeys(mapping.SECRETIVE, VALUE_ATTRIBUTES | {mapping.MODE}),
}


def find_features(domain: str, attributes: Mapping[str, Any]) -> Iterator[Feature]:
    """The features that this entity has."""
    return (feature for feature, _value in _read_features(domain, attributes))


def find_unseen_features(domain: str, attributes: Mapping[str, Any]) -> Iterator[Feature]:
    found = {*find_features(domain, attributes)}
    return (feature for feature in FEATURES.get(domain, ()) if feature.if_seen and feature not in found)


def _read_features(domain: str, attributes: Mapping[str, Any]) -> Iterator[tuple[Feature, str | None]]:
    for feature, is_sure in _sort_features(domain, read_bits(attributes), _color_modes(attributes)):
        value = feature.read(attributes.get(feature.attribute))
        if is_sure or value is not None:
            yield feature, value


@lru_cache(maxsize=2048)
def _sort_features(domain: str, bits: int, modes: frozenset[str]) -> tuple[tuple[Feature, bool], ...]:
    """What an entity with these can have, and whether it has it for sure. Asked at every change, of few kinds."""
    sure = ((feature, feature.is_sure(bits, modes)) for feature in FEATURES.get(domain, ()))
    return tuple((feature, is_sure) for feature, is_sure in sure if is_sure or feature.if_seen)


def _color_modes(attributes: Mapping[str, Any]) -> frozenset[str]:
    modes = attributes.get(SUPPORTED_COLOR_MODES)
    listed = modes if isinstance(modes, list) else ()
    return frozenset(mode for mode in listed if isinstance(mode, str) and mode in DIMMABLE)


def join_feature(name: str, feature: str) -> str:
    """The key or address of a feature, from that of its entity."""
    return f"{name}#{feature}"


def convert_state(state: HassState, temperature_unit: str = CELSIUS) -> list[StateValue]:
    """The values of an entity, first that of the state itself. `unavailable` and `unknown` are qualities and carry
    none; `temperature_unit` is the one in which the server gives temperatures without a unit."""
    domain, attributes = state.domain, state.attributes
    known = Quality.RESTORED if state.is_restored else Quality.GOOD
    value: str | None = None
    quality = QUALITIES.get(state.state, known)
    if quality is known:
        is_secret = mapping.is_secret(domain, attributes)
        value = mapping.HIDDEN if is_secret else mapping.normalise_state(domain, state.device_class, state.state)
    values = [StateValue(state.entity_id, value, mapping.normalise_unit(state.unit), quality, state.changed_at)]
    if domain not in FEATURES:
        return values
    is_gone = quality is Quality.UNAVAILABLE
    for feature, value in _read_features(domain, attributes):
        quality = Quality.UNAVAILABLE if is_gone else Quality.UNKNOWN if value is None else known
        unit = mapping.normalise_unit(feature.get_unit(attributes, temperature_unit))
        address = join_feature(state.entity_id, feature.name)
        # Attributes change without the state, and that only `updated_at` tells.
        values.append(StateValue(address, None if is_gone else value, unit, quality, state.updated_at))
    return values
