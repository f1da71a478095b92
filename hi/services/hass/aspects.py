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
from hi.integration.core.aspects import Aspect, Aspects, choice, group
from hi.integration.core.controls import PERCENT, Attributes, Control, Filled, Word, number, press, same, switch, write
from hi.integration.core.decode import read_optional_number, read_pair
from hi.integration.core.specs import ControllerSpec
from hi.integration.core.values import StateValue
from hi.integration.exceptions import OrderRefusedError
from hi.services.hass import kinds
from hi.services.hass.wire import CELSIUS, UNAVAILABLE, UNKNOWN, VALUE_ATTRIBUTES, HassState

S, C, A, R = EntityStateType, ControlType, Aspect, readings
DIAGNOSTIC = StateCategory.DIAGNOSTIC

# Lamps round through colour spaces of their own.
COLOR_STEPS = 3.0
FULL_RED = (0.0, 100.0)
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
    present = read_pair(attributes, "hs_color", FULL_RED)
    return Filled({"hs_color": [given, present[1] or 100.0]}, tuple(map(write, near)), COLOR_STEPS)


def _saturation(value: str, attributes: Attributes, _spec: ControllerSpec) -> Filled:
    hue = read_pair(attributes, "hs_color", FULL_RED)[0]
    return Filled({"hs_color": [hue, float(value)]}, (value,), COLOR_STEPS)


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
SWING_HORIZONTAL = "set_swing_horizontal_mode"
DIRECTION = Control(C.CHOICE, "set_direction", same("direction"), words=(Word("forward"), Word("reverse")))


def _position(name: str, field: str, bits: int, service: str, **more: Any) -> Aspect:
    """Some tell where they are and cannot be told."""
    fill = number(field, tolerance=2.0, whole=True)
    control = replace(PERCENT, action=service, fill=fill, needs=bits, seconds=kinds.MOVING_SECONDS, **more)
    return Aspect(name, name.capitalize(), S.POSITION, R.number, "%", control, bits, True, f"current_{field}")


_seen = partial(Aspect, if_seen=True)
_WARMTH = A("color_temp", "Colour temperature", S.COLOR_TEMPERATURE, unit="K")
_TEMPERATURE = _seen("current_temperature", "Temperature", S.TEMPERATURE)
_HUMIDITY = _seen("current_humidity", "Humidity", S.HUMIDITY, unit="%")
_TARGET_HUMIDITY = A("target_humidity", "Target humidity", S.HUMIDITY, unit="%", control=HUMIDITY, attribute="humidity")
_LAST_RUN = A("last_triggered", "Last run", S.TIMESTAMP, R.text)
_RUN = A("run", "Run", S.TRIGGER, R.text, attribute="last_triggered")

# Domain, and an aspect that its entities may have.
ASPECTS = group(
    ("light", A("brightness", "Brightness", S.BRIGHTNESS, R.level, "%", BRIGHTNESS, DIMMED)),
    ("light", replace(_WARMTH, control=KELVIN, bits=TEMPERED, attribute="color_temp_kelvin")),
    ("light", A("hue", "Hue", S.HUE, R.item(0), "°", HUE, COLORED, attribute="hs_color")),
    ("light", A("saturation", "Saturation", S.SATURATION, R.item(1), "%", SATURATION, COLORED, attribute="hs_color")),
    ("light", choice("effect", "Effect", 4, "effect_list", "turn_on")),
    ("climate", A("target_temperature", "Target", S.TEMPERATURE, control=TARGET, bits=1, attribute="temperature")),
    ("climate", A("target_low", "Heat below", S.TEMPERATURE, R.number, "", TARGET_LOW, 2, False, "target_temp_low")),
    ("climate", A("target_high", "Cool above", S.TEMPERATURE, R.number, "", TARGET_HIGH, 2, False, "target_temp_high")),
    ("climate", _TEMPERATURE),
    ("climate", replace(_TARGET_HUMIDITY, bits=4)),
    ("climate", _HUMIDITY),
    ("climate", choice("fan_mode", "Fan", 8, "fan_modes", "set_fan_mode")),
    ("climate", choice("preset_mode", "Preset", 16, "preset_modes", "set_preset_mode")),
    ("climate", choice("swing_mode", "Swing", 32, "swing_modes", "set_swing_mode")),
    ("climate", choice("swing_horizontal_mode", "Horizontal swing", 512, "swing_horizontal_modes", SWING_HORIZONTAL)),
    ("climate", A("action", "Action", S.STATUS, R.text, if_seen=True, attribute="hvac_action")),
    ("cover", _position("position", "position", 4, "set_cover_position", asks_first=kinds.ENTRANCES)),
    ("cover", _position("tilt", "tilt_position", 128, "set_cover_tilt_position")),
    ("valve", _position("position", "position", 4, "set_valve_position", asks_first=kinds.DANGERS)),
    ("fan", A("percentage", "Speed", S.LEVEL, unit="%", control=SPEED, bits=1)),
    ("fan", choice("preset_mode", "Preset", 8, "preset_modes", "set_preset_mode")),
    ("fan", A("oscillating", "Oscillation", S.ON_OFF, R.flag, control=switch("oscillate", "oscillating"), bits=2)),
    ("fan", A("direction", "Direction", S.CHOICE, R.text, control=DIRECTION, bits=4)),
    ("humidifier", _TARGET_HUMIDITY),
    ("humidifier", _HUMIDITY),
    ("humidifier", choice("mode", "Mode", 1, "available_modes", "set_mode")),
    ("humidifier", A("action", "Action", S.STATUS, R.text, if_seen=True)),
    ("water_heater", A("target_temperature", "Target", S.TEMPERATURE, control=TARGET, bits=1, attribute="temperature")),
    ("water_heater", _TEMPERATURE),
    ("water_heater", A("away_mode", "Away mode", S.ON_OFF, R.flag, "", switch("set_away_mode", "away_mode"), 4)),
    ("vacuum", choice("fan_speed", "Suction", 32, "fan_speed_list", "set_fan_speed")),
    ("vacuum", A("battery", "Battery", S.BATTERY, unit="%", bits=64, attribute="battery_level", category=DIAGNOSTIC)),
    # Some players say what they cannot be told.
    ("media_player", A("volume", "Volume", S.LEVEL, R.share, "%", VOLUME, 4, True, "volume_level")),
    ("media_player", A("muted", "Muted", S.ON_OFF, R.flag, "", MUTE, 8, attribute="is_volume_muted")),
    ("media_player", choice("source", "Source", 2048, "source_list", "select_source", if_seen=True)),
    ("media_player", choice("sound_mode", "Sound mode", 65536, "sound_mode_list", "select_sound_mode", if_seen=True)),
    # What can play, pause, skip or be given something to play has something that is played.
    ("media_player", A("title", "Title", S.TEXT, R.text, bits=1 | 32 | 512 | 16384, attribute="media_title")),
    ("remote", choice("activity", "Activity", 4, "activity_list", "turn_on", attribute="current_activity")),
    ("weather", _seen("temperature", "Temperature", S.TEMPERATURE, unit_from="temperature_unit")),
    ("weather", _seen("apparent_temperature", "Feels like", S.TEMPERATURE, unit_from="temperature_unit")),
    ("weather", _seen("dew_point", "Dew point", S.TEMPERATURE, unit_from="temperature_unit")),
    ("weather", _seen("humidity", "Humidity", S.HUMIDITY, unit="%")),
    ("weather", _seen("pressure", "Pressure", S.PRESSURE, unit_from="pressure_unit")),
    ("weather", _seen("wind_speed", "Wind speed", S.SPEED, unit_from="wind_speed_unit")),
    ("weather", _seen("wind_gust_speed", "Gusts", S.SPEED, unit_from="wind_speed_unit")),
    ("weather", _seen("wind_bearing", "Wind direction", S.ANGLE, unit="°")),
    ("weather", _seen("cloud_coverage", "Clouds", S.LEVEL, unit="%")),
    ("weather", _seen("visibility", "Visibility", S.DISTANCE, unit_from="visibility_unit")),
    ("weather", _seen("uv_index", "UV index", S.NUMBER)),
    ("sun", A("elevation", "Elevation", S.ANGLE, unit="°")),
    ("sun", A("azimuth", "Azimuth", S.ANGLE, unit="°")),
    ("update", A("installed_version", "Installed version", S.TEXT, R.text, category=DIAGNOSTIC)),
    ("update", A("latest_version", "Latest version", S.TEXT, R.text, category=DIAGNOSTIC)),
    ("event", A("event_type", "Kind", S.CHOICE, R.text)),
    # It answers when its last step is done.
    ("automation", _LAST_RUN),
    ("automation", replace(_RUN, control=press("trigger", lasts=True))),
    ("script", _LAST_RUN),
    ("script", replace(_RUN, control=press("turn_on"))),
    ("timer", A("finishes_at", "Finishes", S.TIMESTAMP, R.text)),
    ("calendar", A("next_event", "Next event", S.TEXT, R.text, attribute="message")),
)
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
    values = [StateValue(state.entity_id, value, R.unit(state.unit), quality, state.changed_at)]
    if domain in ASPECTS:
        known = quality if quality is Quality.UNAVAILABLE else known
        # Attributes change without the state, and that only `updated_at` tells.
        at, units, bits = state.updated_at, {S.TEMPERATURE: temperature_unit}, read_bits(attributes)
        values += ASPECTS[domain].convert(state.entity_id, attributes, bits, at, known, units)
    return values


def build_order(order: Order, attributes: Attributes) -> PreparedOrder:
    """The one call of a service that sets the value. Raises OrderRefusedError for what cannot be set, or takes no such
    value now."""
    entity_id, _, name = order.address.partition("#")
    domain, bits = entity_id.partition(".")[0], read_bits(attributes)
    own = kinds.find_kind(domain, attributes).control
    control = get_aspects(domain).find_control(name, attributes, bits) if name else own
    return controls.prepare(control, order, attributes, bits, domain, {"entity_id": entity_id})
