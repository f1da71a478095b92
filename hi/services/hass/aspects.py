"""The attributes that are aspects of the home, each a state of its own beside that of its entity: as a table. And what
an entity says and takes, by this table and those of `kinds`.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from hi.entity.enums import ControlType, EntityStateType, Quality, StateCategory
from hi.integration.commander import Order, PreparedOrder
from hi.integration.core import controls, readings
from hi.integration.core.aspects import Aspect, Aspects
from hi.integration.core.controls import PERCENT, Attributes, Control, Filled, Word, number, press, same, switch, write
from hi.integration.core.decode import read_optional_number
from hi.integration.core.specs import ControllerSpec
from hi.integration.core.values import StateValue
from hi.integration.exceptions import OrderRefusedError
from hi.services.hass import kinds
from hi.services.hass.wire import CELSIUS, UNAVAILABLE, UNKNOWN, VALUE_ATTRIBUTES, HassState

S, C, A = EntityStateType, ControlType, Aspect
DIAGNOSTIC = StateCategory.DIAGNOSTIC

# Lamps round through colour spaces of their own.
COLOR_STEPS = 3.0
SUPPORTED_FEATURES = "supported_features"
SUPPORTED_COLOR_MODES = "supported_color_modes"
ABILITIES = frozenset({SUPPORTED_FEATURES, SUPPORTED_COLOR_MODES})
# What a light's modes of colour make it able to do, as bits above those of its supported features.
COLORED, TEMPERED, DIMMED = 1 << 40, 1 << 41, 1 << 42
COLORS = frozenset({"hs", "xy", "rgb", "rgbw", "rgbww"})
COLOR_MODES: Mapping[int, frozenset[str]] = {
    COLORED: COLORS,
    TEMPERED: frozenset({"color_temp"}),
    DIMMED: COLORS | {"brightness", "color_temp", "white"},
}


def _kelvin(value: str, _attributes: Attributes, _spec: ControllerSpec) -> Filled:
    given = round(float(value))
    # Lamps count in mired, and round by one of them.
    return Filled({"color_temp_kelvin": given}, (str(given),), max(1.0, given**2 / 1e6))


def _hue(value: str, attributes: Attributes, _spec: ControllerSpec) -> Filled:
    """The service takes hue and saturation together, so the other one goes along as it is."""
    given = float(value)
    # The circle ends where it begins, and a hue without saturation would be white.
    near = [given, *(given + turn for turn in (-360.0, 360.0) if -COLOR_STEPS <= given + turn <= 360 + COLOR_STEPS)]
    return Filled({"hs_color": [given, _present_color(attributes)[1] or 100.0]}, tuple(map(write, near)), COLOR_STEPS)


def _saturation(value: str, attributes: Attributes, _spec: ControllerSpec) -> Filled:
    return Filled({"hs_color": [_present_color(attributes)[0], float(value)]}, (value,), COLOR_STEPS)


def _present_color(attributes: Attributes) -> tuple[float, float]:
    color = attributes.get("hs_color")
    if isinstance(color, list) and len(color) == 2 and all(isinstance(part, int | float) for part in color):
        return float(color[0]), float(color[1])
    return 0.0, 100.0


def _temperature(value: str, attributes: Attributes, _spec: ControllerSpec) -> Filled:
    step = read_optional_number(attributes, "target_temp_step")
    # Without steps of its own it may count in whole degrees Fahrenheit.
    return Filled({"temperature": float(value)}, (value,), 0.3 if step is None else step / 2)


def _range_end(name: str, other_name: str, value: str, attributes: Attributes, spec: ControllerSpec) -> Filled:
    """One end of a range of temperatures: the service takes both, so the other one goes along as it is."""
    given, other = float(value), read_optional_number(attributes, other_name)
    if other is None:
        raise OrderRefusedError("It keeps no range of temperatures in its present mode.")
    if (given > other) if name == "target_temp_low" else (other > given):
        raise OrderRefusedError(f"The lower end of the range cannot be above the upper one, now {write(other)}.")
    return replace(_temperature(value, attributes, spec), data={name: given, other_name: other})


TARGET = Control(C.NUMBER, "set_temperature", _temperature, "min_temp", "max_temp", ("target_temp_step", 0.5))
TARGET_LOW = replace(TARGET, fill=partial(_range_end, "target_temp_low", "target_temp_high"))
TARGET_HIGH = replace(TARGET, fill=partial(_range_end, "target_temp_high", "target_temp_low"))
TO_HUMIDITY = number("humidity", whole=True)
HUMIDITY = Control(C.NUMBER, "set_humidity", TO_HUMIDITY, ("min_humidity", 0.0), ("max_humidity", 100.0), 1.0)
COLDEST, WARMEST = ("max_color_temp_kelvin", 6500.0), ("min_color_temp_kelvin", 2000.0)
KELVIN = Control(C.NUMBER, "turn_on", _kelvin, WARMEST, COLDEST, 1.0)
# At 0 it is off, and says no brightness. It is one of 256 levels, or of fewer.
BRIGHTNESS = replace(PERCENT, action="turn_on", fill=number("brightness_pct", tolerance=1.0), minimum=1.0)
HUE = replace(PERCENT, action="turn_on", fill=_hue, maximum=360.0)
SATURATION = replace(PERCENT, action="turn_on", fill=_saturation)
# A fan takes the next of its few speeds; players have steps of their own: one of 30 is 3 percent.
TO_SPEED = number("percentage", slack=1.0, whole=True)
SPEED = replace(PERCENT, action="set_percentage", fill=TO_SPEED, step=("percentage_step", 1.0))
VOLUME = replace(PERCENT, action="volume_set", fill=number("volume_level", tolerance=2.0, divisor=100.0), needs=4)
MUTE = switch("volume_mute", "is_volume_muted")
DIRECTION = Control(C.CHOICE, "set_direction", same("direction"), words=(Word("forward"), Word("reverse")))


def _choice(name: str, label: str, bits: int, options: str, service: str, **more: Any) -> Aspect:
    control = Control(C.CHOICE, service, same(name), options=options, needs=bits)
    return Aspect(name, label, S.CHOICE, readings.text, control=control, bits=bits, **more)


def _position(name: str, field: str, bits: int, service: str, **more: Any) -> Aspect:
    """Some tell where they are and cannot be told."""
    fill = number(field, tolerance=2.0, whole=True)
    control = replace(PERCENT, action=service, fill=fill, needs=bits, seconds=kinds.MOVING_SECONDS, **more)
    return Aspect(name, name.capitalize(), S.POSITION, readings.number, "%", control, bits, True, f"current_{field}")


def _seen(name: str, label: str, state_type: EntityStateType, unit: str = "", **more: Any) -> Aspect:
    return Aspect(name, label, state_type, unit=unit, if_seen=True, **more)


_WARMTH = A("color_temp", "Colour temperature", S.COLOR_TEMPERATURE, unit="K")
_TEMPERATURE = _seen("current_temperature", "Temperature", S.TEMPERATURE)
_HUMIDITY = _seen("current_humidity", "Humidity", S.HUMIDITY, "%")
_TARGET_HUMIDITY = A("target_humidity", "Target humidity", S.HUMIDITY, unit="%", control=HUMIDITY, attribute="humidity")
_LAST_RUN = A("last_triggered", "Last run", S.TIMESTAMP, readings.text)
_RUN = A("run", "Run", S.TRIGGER, readings.text, attribute="last_triggered")

ASPECTS: Mapping[str, Aspects] = {
    "light": Aspects(
        A("brightness", "Brightness", S.BRIGHTNESS, readings.level, "%", BRIGHTNESS, DIMMED),
        replace(_WARMTH, control=KELVIN, bits=TEMPERED, attribute="color_temp_kelvin"),
        A("hue", "Hue", S.HUE, readings.item(0), "°", HUE, COLORED, attribute="hs_color"),
        A("saturation", "Saturation", S.SATURATION, readings.item(1), "%", SATURATION, COLORED, attribute="hs_color"),
        _choice("effect", "Effect", 4, "effect_list", "turn_on"),
    ),
    "climate": Aspects(
        A("target_temperature", "Target", S.TEMPERATURE, control=TARGET, bits=1, attribute="temperature"),
        A("target_low", "Heat below", S.TEMPERATURE, control=TARGET_LOW, bits=2, attribute="target_temp_low"),
        A("target_high", "Cool above", S.TEMPERATURE, control=TARGET_HIGH, bits=2, attribute="target_temp_high"),
        _TEMPERATURE,
        replace(_TARGET_HUMIDITY, bits=4),
        _HUMIDITY,
        _choice("fan_mode", "Fan", 8, "fan_modes", "set_fan_mode"),
        _choice("preset_mode", "Preset", 16, "preset_modes", "set_preset_mode"),
        _choice("swing_mode", "Swing", 32, "swing_modes", "set_swing_mode"),
        _choice(
            "swing_horizontal_mode", "Horizontal swing", 512, "swing_horizontal_modes", "set_swing_horizontal_mode"
        ),
        A("action", "Action", S.STATUS, readings.text, if_seen=True, attribute="hvac_action"),
    ),
    "cover": Aspects(
        _position("position", "position", 4, "set_cover_position", asks_first=kinds.ENTRANCES),
        _position("tilt", "tilt_position", 128, "set_cover_tilt_position"),
    ),
    "valve": Aspects(_position("position", "position", 4, "set_valve_position", asks_first=kinds.DANGERS)),
    "fan": Aspects(
        A("percentage", "Speed", S.LEVEL, unit="%", control=SPEED, bits=1),
        _choice("preset_mode", "Preset", 8, "preset_modes", "set_preset_mode"),
        A("oscillating", "Oscillation", S.ON_OFF, readings.flag, control=switch("oscillate", "oscillating"), bits=2),
        A("direction", "Direction", S.CHOICE, readings.text, control=DIRECTION, bits=4),
    ),
    "humidifier": Aspects(
        _TARGET_HUMIDITY,
        _HUMIDITY,
        _choice("mode", "Mode", 1, "available_modes", "set_mode"),
        A("action", "Action", S.STATUS, readings.text, if_seen=True),
    ),
    "water_heater": Aspects(
        A("target_temperature", "Target", S.TEMPERATURE, control=TARGET, bits=1, attribute="temperature"),
        _TEMPERATURE,
        A("away_mode", "Away mode", S.ON_OFF, readings.flag, control=switch("set_away_mode", "away_mode"), bits=4),
    ),
    "vacuum": Aspects(
        _choice("fan_speed", "Suction", 32, "fan_speed_list", "set_fan_speed"),
        A("battery", "Battery", S.BATTERY, unit="%", bits=64, attribute="battery_level", category=DIAGNOSTIC),
    ),
    "media_player": Aspects(
        # Some players say what they cannot be told.
        A("volume", "Volume", S.LEVEL, readings.share, "%", VOLUME, 4, True, "volume_level"),
        A("muted", "Muted", S.ON_OFF, readings.flag, "", MUTE, 8, attribute="is_volume_muted"),
        _choice("source", "Source", 2048, "source_list", "select_source", if_seen=True),
        _choice("sound_mode", "Sound mode", 65536, "sound_mode_list", "select_sound_mode", if_seen=True),
        # What can play, pause, skip or be given something to play has something that is played.
        A("title", "Title", S.TEXT, readings.text, bits=1 | 32 | 512 | 16384, attribute="media_title"),
    ),
    "remote": Aspects(_choice("activity", "Activity", 4, "activity_list", "turn_on", attribute="current_activity")),
    "weather": Aspects(
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
    "sun": Aspects(A("elevation", "Elevation", S.ANGLE, unit="°"), A("azimuth", "Azimuth", S.ANGLE, unit="°")),
    "update": Aspects(
        A("installed_version", "Installed version", S.TEXT, readings.text, category=DIAGNOSTIC),
        A("latest_version", "Latest version", S.TEXT, readings.text, category=DIAGNOSTIC),
    ),
    "event": Aspects(A("event_type", "Kind", S.CHOICE, readings.text)),
    # It answers when its last step is done.
    "automation": Aspects(_LAST_RUN, replace(_RUN, control=press("trigger", lasts=True))),
    "script": Aspects(_LAST_RUN, replace(_RUN, control=press("turn_on"))),
    "timer": Aspects(A("finishes_at", "Finishes", S.TIMESTAMP, readings.text)),
    "calendar": Aspects(A("next_event", "Next event", S.TEXT, readings.text, attribute="message")),
}


QUALITIES = {UNAVAILABLE: Quality.UNAVAILABLE, UNKNOWN: Quality.UNKNOWN}
NONE = Aspects()
# Domain -> the attributes that an entity's values are read with.
KEPT: Mapping[str, frozenset[str]] = {
    **{domain: VALUE_ATTRIBUTES | ABILITIES | aspects.attributes for domain, aspects in ASPECTS.items()},
    **dict.fromkeys(kinds.SECRETIVE, VALUE_ATTRIBUTES | {kinds.MODE}),
}


def get_aspects(domain: str) -> Aspects:
    return ASPECTS.get(domain, NONE)


def read_bits(attributes: Attributes) -> int:
    """What the entity is able to do."""
    value, modes = attributes.get(SUPPORTED_FEATURES), attributes.get(SUPPORTED_COLOR_MODES)
    bits = value if isinstance(value, int) else 0
    listed = frozenset(mode for mode in modes if isinstance(mode, str)) if isinstance(modes, list) else None
    return bits | _read_modes(listed) if listed else bits


@lru_cache(maxsize=256)
def _read_modes(listed: frozenset[str]) -> int:
    return sum(bit for bit, modes in COLOR_MODES.items() if not modes.isdisjoint(listed))


def convert_state(state: HassState, temperature_unit: str = CELSIUS) -> list[StateValue]:
    """The values of an entity, first that of the state itself. `unavailable` and `unknown` are qualities and carry
    none; `temperature_unit` is the one in which the server gives temperatures without a unit."""
    domain, attributes, value = state.domain, state.attributes, None
    known = Quality.RESTORED if state.is_restored else Quality.GOOD
    quality = QUALITIES.get(state.state, known)
    if quality is known:
        is_secret = kinds.is_secret(domain, attributes)
        value = kinds.HIDDEN if is_secret else kinds.normalise_state(domain, state.device_class, state.state)
    values = [StateValue(state.entity_id, value, readings.unit(state.unit), quality, state.changed_at)]
    if domain in ASPECTS:
        known = quality if quality is Quality.UNAVAILABLE else known
        # Attributes change without the state, and that only `updated_at` tells.
        at, units, bits = state.updated_at, {S.TEMPERATURE: temperature_unit}, read_bits(attributes)
        values += ASPECTS[domain].convert(state.entity_id, attributes, bits, at, known, units)
    return values


def build_controller(domain: str, attributes: Attributes) -> ControllerSpec | None:
    """How the entity itself is set, within which bounds; None for what can only be read."""
    control = kinds.find_kind(domain, attributes).control
    return control.build(attributes, read_bits(attributes)) if control else None


def build_order(order: Order, attributes: Attributes) -> PreparedOrder:
    """The one call of a service that sets the value. Raises OrderRefusedError for what cannot be set, or takes no such
    value now."""
    entity_id, _, name = order.address.partition("#")
    domain, bits = entity_id.partition(".")[0], read_bits(attributes)
    own = kinds.find_kind(domain, attributes).control
    control = get_aspects(domain).find_control(name, attributes, bits) if name else own
    return controls.prepare(control, order, attributes, bits, domain, {"entity_id": entity_id})
