"""What sets what: from an address and a value in hi's words to one call of a service, as tables.

An address is an entity id, or "entity_id#feature" for what an entity has beside its state. What an entity takes is
read from its attributes of this moment: options, bounds, the bits of `supported_features`.

Services and feature bits: https://developers.home-assistant.io/docs/core/entity
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hi.integration.exceptions import OrderRefusedError
from hi.services.hass import values
from hi.services.hass.values import Attributes, Reader, choice, moment, number, refuse_word


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a service, and what confirms it (see `PreparedOrder`). With `lasts`, the service answers only when
    all is done, which may take minutes. `data` may hold a code."""

    domain: str
    service: str
    data: Mapping[str, Any] = field(repr=False)
    expected: tuple[str, ...] = ()
    tolerance: float = 0.0
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """One word that an address takes. A `service` of another domain is written with it; `needs` are the feature bits
    without which the entity cannot do it."""

    service: str
    expected: tuple[str, ...] = ()
    needs: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    takes_code: bool = False
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """An address that takes values of many kinds, which `read` reads."""

    service: str
    read: Reader
    needs: int = 0
    color_modes: frozenset[str] = frozenset()


def build_call(address: str, value: str, attributes: Attributes, code: str = "") -> Call:
    """The call that sets `value`. Raises OrderRefusedError for what cannot be set, or takes no such value now."""
    entity_id, mark, feature = address.partition("#")
    domain = entity_id.partition(".")[0]
    target = {"entity_id": entity_id}
    if verbs := VERBS.get(domain + mark + feature):
        verb = verbs.get(value)
        if verb is None:
            raise refuse_word(value, verbs)
        _require(attributes, verb.needs)
        data = {**target, **verb.data, **({"code": code} if code and verb.takes_code else {})}
        other_domain, _, service = verb.service.rpartition(".")
        return Call(other_domain or domain, service, data, verb.expected, lasts=verb.lasts)
    if setting := SETTINGS.get(domain + mark + feature):
        _require(attributes, setting.needs, setting.color_modes)
        reading = setting.read(value, attributes)
        return Call(domain, setting.service, {**target, **reading.data}, reading.expected, reading.tolerance)
    raise OrderRefusedError("This can only be read.")


def _require(attributes: Attributes, needs: int, color_modes: frozenset[str] = frozenset()) -> None:
    features, modes = attributes.get("supported_features"), attributes.get("supported_color_modes")
    if needs and (not isinstance(features, int) or features & needs != needs):
        raise OrderRefusedError("The thing itself cannot do that, or not any more.")
    if color_modes and not (isinstance(modes, list) and color_modes.intersection(map(str, modes))):
        raise OrderRefusedError("This light has no such setting.")


ON_OFF = {"on": Verb("turn_on", ("on",)), "off": Verb("turn_off", ("off",))}
PRESS = {"press": Verb("press")}

# Light color modes: which lamps can be dimmed, and which have a colour.
COLORED = frozenset({"hs", "rgb", "rgbw", "rgbww", "xy"})
DIMMED = COLORED | {"brightness", "color_temp", "white"}

# "domain" or "domain#feature" -> word -> what it calls.
VERBS: Mapping[str, Mapping[str, Verb]] = {
    "alarm_control_panel": {
        "disarm": Verb("alarm_disarm", ("disarmed",), takes_code=True),
        **{
            f"arm_{how}": Verb(f"alarm_arm_{how}", (f"armed_{how}", "arming", "pending"), bit, takes_code=True)
            for how, bit in {"home": 1, "away": 2, "night": 4, "custom_bypass": 16, "vacation": 32}.items()
        },
    },
    "automation": ON_OFF,
    # Answers when its last step is done.
    "automation#run": {"press": Verb("trigger", lasts=True)},
    "button": PRESS,
    "cover": {
        "open": Verb("open_cover", ("open", "opening"), 1),
        "closed": Verb("close_cover", ("closed", "closing"), 2),
        "stop": Verb("stop_cover", ("open", "closed"), 8),
    },
    "fan": ON_OFF,
    "fan#direction": {word: Verb("set_direction", (word,), 4, {"direction": word}) for word in ("forward", "reverse")},
    "fan#oscillating": {
        "on": Verb("oscillate", ("on",), 2, {"oscillating": True}),
        "off": Verb("oscillate", ("off",), 2, {"oscillating": False}),
    },
    "group": {"on": Verb("homeassistant.turn_on", ("on",)), "off": Verb("homeassistant.turn_off", ("off",))},
    "humidifier": ON_OFF,
    "input_boolean": ON_OFF,
    "input_button": PRESS,
    "lawn_mower": {
        "start_mowing": Verb("start_mowing", ("mowing",), 1),
        "pause": Verb("pause", ("paused",), 2),
        "dock": Verb("dock", ("docked", "returning"), 4),
    },
    "light": ON_OFF,
    "lock": {
        "locked": Verb("lock", ("locked", "locking"), takes_code=True),
        "unlocked": Verb("unlock", ("unlocked", "unlocking"), takes_code=True),
        "open": Verb("open", ("open", "opening"), 1, takes_code=True),
    },
    "media_player": {
        "play": Verb("media_play", ("playing", "buffering"), 16384),
        "pause": Verb("media_pause", ("paused",), 1),
        "stop": Verb("media_stop", ("idle", "off", "on", "standby"), 4096),
        "next": Verb("media_next_track", (), 32),
        "previous": Verb("media_previous_track", (), 16),
        "on": Verb("turn_on", ("on", "idle", "playing", "paused", "buffering"), 128),
        "off": Verb("turn_off", ("off", "standby"), 256),
    },
    "media_player#muted": {
        "on": Verb("volume_mute", ("on",), 8, {"is_volume_muted": True}),
        "off": Verb("volume_mute", ("off",), 8, {"is_volume_muted": False}),
    },
    "remote": ON_OFF,
    "scene": {"press": Verb("turn_on")},
    # A short one is off again before anybody has seen it on.
    "script": {"on": Verb("turn_on"), "off": Verb("turn_off", ("off",))},
    "script#run": {"press": Verb("turn_on")},
    "siren": {"on": Verb("turn_on", ("on",), 1), "off": Verb("turn_off", ("off",), 2)},
    "switch": ON_OFF,
    "timer": {
        "start": Verb("start", ("active",)),
        "pause": Verb("pause", ("paused",)),
        "cancel": Verb("cancel", ("idle",)),
        "finish": Verb("finish", ("idle",)),
    },
    "update": {"install": Verb("install", (), 1, lasts=True)},
    "vacuum": {
        "start": Verb("start", ("cleaning",), 8192),
        "pause": Verb("pause", ("paused",), 4),
        "stop": Verb("stop", ("idle", "docked"), 8),
        "return_to_base": Verb("return_to_base", ("returning", "docked"), 16),
        "locate": Verb("locate", (), 512),
        "clean_spot": Verb("clean_spot", ("cleaning",), 1024),
    },
    "valve": {
        "open": Verb("open_valve", ("open", "opening"), 1),
        "closed": Verb("close_valve", ("closed", "closing"), 2),
        "stop": Verb("stop_valve", ("open", "closed"), 8),
    },
    "water_heater#away_mode": {
        "on": Verb("set_away_mode", ("on",), 4, {"away_mode": True}),
        "off": Verb("set_away_mode", ("off",), 4, {"away_mode": False}),
    },
}

# "domain" or "domain#feature" -> how it takes a value.
SETTINGS: Mapping[str, Setting] = {
    "climate": Setting("set_hvac_mode", choice("hvac_mode", "hvac_modes")),
    "climate#fan_mode": Setting("set_fan_mode", choice("fan_mode", "fan_modes"), 8),
    "climate#preset_mode": Setting("set_preset_mode", choice("preset_mode", "preset_modes"), 16),
    "climate#swing_mode": Setting("set_swing_mode", choice("swing_mode", "swing_modes"), 32),
    "climate#swing_horizontal_mode": Setting(
        "set_swing_horizontal_mode", choice("swing_horizontal_mode", "swing_horizontal_modes"), 512
    ),
    "climate#target_temperature": Setting("set_temperature", values.temperature, 1),
    "climate#target_low": Setting("set_temperature", values.temperature_end("target_temp_low", "target_temp_high"), 2),
    "climate#target_high": Setting("set_temperature", values.temperature_end("target_temp_high", "target_temp_low"), 2),
    "climate#target_humidity": Setting("set_humidity", values.humidity, 4),
    "counter": Setting("set_value", number("value", "minimum", "maximum", step=None, whole=True)),
    "cover#position": Setting("set_cover_position", number("position", tolerance=2.0, whole=True), 4),
    "cover#tilt": Setting("set_cover_tilt_position", number("tilt_position", tolerance=2.0, whole=True), 128),
    "date": Setting("set_value", moment("date")),
    "datetime": Setting("set_value", values.moment_elsewhere),
    # A fan takes the next of its few speeds.
    "fan#percentage": Setting("set_percentage", number("percentage", step="percentage_step", slack=1.0, whole=True), 1),
    "fan#preset_mode": Setting("set_preset_mode", choice("preset_mode", "preset_modes"), 8),
    "humidifier#mode": Setting("set_mode", choice("mode", "available_modes"), 1),
    "humidifier#target_humidity": Setting("set_humidity", values.humidity),
    "input_datetime": Setting("set_datetime", values.moment_of_helper),
    "input_number": Setting("set_value", number("value", "min", "max", step="step")),
    "input_select": Setting("select_option", choice("option", "options")),
    "input_text": Setting("set_value", values.text),
    "light#brightness": Setting("turn_on", values.brightness, color_modes=DIMMED),
    "light#color_temp": Setting("turn_on", values.kelvin, color_modes=frozenset({"color_temp"})),
    "light#effect": Setting("turn_on", choice("effect", "effect_list"), 4),
    "light#hue": Setting("turn_on", values.hue, color_modes=COLORED),
    "light#saturation": Setting("turn_on", values.saturation, color_modes=COLORED),
    "media_player#sound_mode": Setting("select_sound_mode", choice("sound_mode", "sound_mode_list"), 65536),
    "media_player#source": Setting("select_source", choice("source", "source_list"), 2048),
    # Players have steps of their own: one of 30 is 3 percent.
    "media_player#volume": Setting("volume_set", number("volume_level", tolerance=2.0, per_unit=0.01), 4),
    "number": Setting("set_value", number("value", "min", "max", step="step")),
    "remote#activity": Setting("turn_on", choice("activity", "activity_list"), 4),
    "select": Setting("select_option", choice("option", "options")),
    "text": Setting("set_value", values.text),
    "time": Setting("set_value", moment("time")),
    "vacuum#fan_speed": Setting("set_fan_speed", choice("fan_speed", "fan_speed_list"), 32),
    "valve#position": Setting("set_valve_position", number("position", tolerance=2.0, whole=True), 4),
    "water_heater": Setting("set_operation_mode", choice("operation_mode", "operation_list"), 2),
    "water_heater#target_temperature": Setting("set_temperature", values.temperature, 1),
}
