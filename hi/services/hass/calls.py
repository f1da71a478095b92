"""What sets what: from an address and a value in hi's words to one call of a service, as tables.

An address is an entity id, or "entity_id#feature" for what an entity has beside its state. What an entity takes is
what its controller, built of its attributes of this moment, says.

Services and their fields: https://www.home-assistant.io/integrations/, the actions of each kind
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hi.entity.enums import ControlType
from hi.integration.commander import CONFIRM_SECONDS
from hi.integration.core.decode import read_optional_number
from hi.integration.core.orders import clean_order
from hi.integration.core.specs import ControllerSpec
from hi.integration.exceptions import ConfigurationError, OrderRefusedError
from hi.services.hass.controls import ARMING_SECONDS, CONTROLS, MOVING_SECONDS
from hi.services.hass.features import find_features
from hi.services.hass.mapping import build_controller

Attributes = Mapping[str, Any]
# Lamps round through colour spaces of their own.
COLOR_STEPS = 3.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a service, and what confirms it (see `PreparedOrder`). With `lasts`, the service answers only when
    all is done, which may take minutes. `data` may hold a code."""

    domain: str
    service: str
    data: Mapping[str, Any] = field(repr=False)
    expected: tuple[str, ...] = ()
    tolerance: float = 0.0
    denied_by: tuple[str, ...] = ()
    seconds: int = CONFIRM_SECONDS
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """One word that an address takes. A `service` of another domain is written with it."""

    service: str
    expected: tuple[str, ...] = ()
    denied_by: tuple[str, ...] = ()
    seconds: int = CONFIRM_SECONDS
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as the service's data, and what the state will say once it is so."""

    data: Mapping[str, Any]
    expected: tuple[str, ...]
    tolerance: float = 0.0


# From a value that the controller takes, and the entity's attributes.
Reader = Callable[[str, Attributes, ControllerSpec], Reading]


@dataclass(frozen=True, slots=True)
class Setting:
    """An address that takes values of many kinds, which `read` reads."""

    service: str
    read: Reader
    seconds: int = CONFIRM_SECONDS


def build_call(address: str, value: str, attributes: Attributes, code: str = "") -> Call:
    """The call that sets `value`. Raises OrderRefusedError for what cannot be set, or takes no such value now."""
    entity_id, mark, feature = address.partition("#")
    domain = entity_id.partition(".")[0]
    kind, target = domain + mark + feature, {"entity_id": entity_id}
    controller = _find_controller(domain, feature, attributes)
    if controller is None:
        raise OrderRefusedError("The thing itself cannot be set so, or not any more.")
    try:
        value = clean_order(controller, value)
    except ConfigurationError as err:
        raise OrderRefusedError(str(err)) from err
    if verb := VERBS.get(kind, {}).get(value):
        other, _, service = verb.service.rpartition(".")
        data = {**target, "code": code} if code and CONTROLS[domain].takes_code else target
        return Call(other or domain, service, data, verb.expected, 0.0, verb.denied_by, verb.seconds, verb.lasts)
    setting = SETTINGS[kind]
    reading = setting.read(value, attributes, controller)
    data = {**target, **reading.data}
    return Call(domain, setting.service, data, reading.expected, reading.tolerance, seconds=setting.seconds)


def _find_controller(domain: str, feature: str, attributes: Attributes) -> ControllerSpec | None:
    if not feature:
        return build_controller(domain, attributes)
    control = next((one.control for one in find_features(domain, attributes) if one.name == feature), None)
    return control.build(attributes) if control else None


def same(name: str) -> Reader:
    """The value as it is."""
    return lambda value, _attributes, _controller: Reading({name: value}, (value,))


def flag(name: str) -> Reader:
    return lambda value, _attributes, _controller: Reading({name: value == "on"}, (value,))


def number(
    name: str, *, tolerance: float = 0.0, slack: float = 0.5, whole: bool = False, divisor: float = 1.0
) -> Reader:
    """A number, of which `divisor` are one in the service's terms. The state may then be off by `tolerance`, or by
    `slack` of the entity's own steps if that is more."""

    def read(value: str, _attributes: Attributes, controller: ControllerSpec) -> Reading:
        given: float = round(float(value)) if whole else float(value)
        within = max(tolerance, slack * (controller.step or 0.0))
        return Reading({name: given if divisor == 1.0 else given / divisor}, (_write(given),), within)

    return read


def kelvin(value: str, _attributes: Attributes, _controller: ControllerSpec) -> Reading:
    given = round(float(value))
    # Lamps count in mired, and round by one of them.
    return Reading({"color_temp_kelvin": given}, (str(given),), max(1.0, given**2 / 1e6))


def hue(value: str, attributes: Attributes, _controller: ControllerSpec) -> Reading:
    """The service takes hue and saturation together, so the other one goes along as it is."""
    given = float(value)
    # The circle ends where it begins, and a hue without saturation would be white.
    near = [given, *(given + turn for turn in (-360.0, 360.0) if -COLOR_STEPS <= given + turn <= 360 + COLOR_STEPS)]
    data = {"hs_color": [given, _present_color(attributes)[1] or 100.0]}
    return Reading(data, tuple(map(_write, near)), COLOR_STEPS)


def saturation(value: str, attributes: Attributes, _controller: ControllerSpec) -> Reading:
    return Reading({"hs_color": [_present_color(attributes)[0], float(value)]}, (value,), COLOR_STEPS)


def temperature(value: str, attributes: Attributes, _controller: ControllerSpec) -> Reading:
    step = read_optional_number(attributes, "target_temp_step")
    # Without steps of its own it may count in whole degrees Fahrenheit.
    return Reading({"temperature": float(value)}, (value,), 0.3 if step is None else step / 2)


def temperature_end(name: str, other_name: str) -> Reader:
    """One end of a range of temperatures: the service takes both, so the other one goes along as it is."""

    def read(value: str, attributes: Attributes, controller: ControllerSpec) -> Reading:
        given, other = float(value), read_optional_number(attributes, other_name)
        if other is None:
            raise OrderRefusedError("It keeps no range of temperatures in its present mode.")
        low, high = (given, other) if name == "target_temp_low" else (other, given)
        if low > high:
            raise OrderRefusedError(f"The lower end of the range cannot be above the upper one, now {_write(other)}.")
        within = temperature(value, attributes, controller).tolerance
        return Reading({name: given, other_name: other}, (value,), within)

    return read


def moment_elsewhere(value: str, _attributes: Attributes, _controller: ControllerSpec) -> Reading:
    """Its state will say it in UTC, and only the server knows how far that is from its own zone."""
    return Reading({"datetime": value}, ())


def moment_of_helper(value: str, _attributes: Attributes, controller: ControllerSpec) -> Reading:
    names = {ControlType.DATE: "date", ControlType.TIME: "time"}
    return Reading({names.get(controller.control, "datetime"): value}, (value,))


def _present_color(attributes: Attributes) -> tuple[float, float]:
    color = attributes.get("hs_color")
    if isinstance(color, list) and len(color) == 2 and all(isinstance(part, int | float) for part in color):
        return float(color[0]), float(color[1])
    return 0.0, 100.0


def _write(given: float) -> str:
    return str(int(given)) if given == int(given) else str(given)


ON_OFF = {"on": Verb("turn_on", ("on",)), "off": Verb("turn_off", ("off",))}
PRESS = {"press": Verb("press")}

# "domain" or "domain#feature" -> word -> what it calls.
VERBS: Mapping[str, Mapping[str, Verb]] = {
    "alarm_control_panel": {
        "disarm": Verb("alarm_disarm", ("disarmed",)),
        **{
            f"arm_{how}": Verb(f"alarm_arm_{how}", (f"armed_{how}",), ("triggered",), ARMING_SECONDS)
            for how in ("home", "away", "night", "custom_bypass", "vacation")
        },
    },
    "automation": ON_OFF,
    # Answers when its last step is done.
    "automation#run": {"press": Verb("trigger", lasts=True)},
    "button": PRESS,
    "cover": {
        "open": Verb("open_cover", ("open",), seconds=MOVING_SECONDS),
        "closed": Verb("close_cover", ("closed",), seconds=MOVING_SECONDS),
        "stop": Verb("stop_cover", ("open", "closed")),
    },
    "fan": ON_OFF,
    "group": {"on": Verb("homeassistant.turn_on", ("on",)), "off": Verb("homeassistant.turn_off", ("off",))},
    "humidifier": ON_OFF,
    "input_boolean": ON_OFF,
    "input_button": PRESS,
    "lawn_mower": {
        "start_mowing": Verb("start_mowing", ("mowing",)),
        "pause": Verb("pause", ("paused",)),
        "dock": Verb("dock", ("docked", "returning")),
    },
    "light": ON_OFF,
    "lock": {
        "locked": Verb("lock", ("locked",), ("jammed",)),
        "unlocked": Verb("unlock", ("unlocked",), ("jammed",)),
        "open": Verb("open", ("open",), ("jammed",)),
    },
    "media_player": {
        "play": Verb("media_play", ("playing", "buffering")),
        "pause": Verb("media_pause", ("paused",)),
        "stop": Verb("media_stop", ("idle", "off", "on", "standby")),
        "next": Verb("media_next_track"),
        "previous": Verb("media_previous_track"),
        "on": Verb("turn_on", ("on", "idle", "playing", "paused", "buffering")),
        "off": Verb("turn_off", ("off", "standby")),
    },
    "remote": ON_OFF,
    "scene": {"press": Verb("turn_on")},
    # A short one is off again before anybody has seen it on.
    "script": {"on": Verb("turn_on"), "off": Verb("turn_off", ("off",))},
    "script#run": {"press": Verb("turn_on")},
    "siren": {"on": Verb("turn_on", ("on",)), "off": Verb("turn_off", ("off",))},
    "switch": ON_OFF,
    "timer": {
        "start": Verb("start", ("active",)),
        "pause": Verb("pause", ("paused",)),
        "cancel": Verb("cancel", ("idle",)),
        "finish": Verb("finish", ("idle",)),
    },
    "update": {"install": Verb("install", lasts=True)},
    "vacuum": {
        "start": Verb("start", ("cleaning",)),
        "pause": Verb("pause", ("paused",)),
        "stop": Verb("stop", ("idle", "docked")),
        "return_to_base": Verb("return_to_base", ("returning", "docked")),
        "locate": Verb("locate"),
        "clean_spot": Verb("clean_spot", ("cleaning",)),
    },
    "valve": {
        "open": Verb("open_valve", ("open",), seconds=MOVING_SECONDS),
        "closed": Verb("close_valve", ("closed",), seconds=MOVING_SECONDS),
        "stop": Verb("stop_valve", ("open", "closed")),
    },
}

# "domain" or "domain#feature" -> how it takes a value.
SETTINGS: Mapping[str, Setting] = {
    "climate": Setting("set_hvac_mode", same("hvac_mode")),
    "climate#fan_mode": Setting("set_fan_mode", same("fan_mode")),
    "climate#preset_mode": Setting("set_preset_mode", same("preset_mode")),
    "climate#swing_mode": Setting("set_swing_mode", same("swing_mode")),
    "climate#swing_horizontal_mode": Setting("set_swing_horizontal_mode", same("swing_horizontal_mode")),
    "climate#target_temperature": Setting("set_temperature", temperature),
    "climate#target_low": Setting("set_temperature", temperature_end("target_temp_low", "target_temp_high")),
    "climate#target_high": Setting("set_temperature", temperature_end("target_temp_high", "target_temp_low")),
    "climate#target_humidity": Setting("set_humidity", number("humidity", whole=True)),
    "counter": Setting("set_value", number("value", whole=True)),
    "cover#position": Setting("set_cover_position", number("position", tolerance=2.0, whole=True), MOVING_SECONDS),
    "cover#tilt": Setting(
        "set_cover_tilt_position", number("tilt_position", tolerance=2.0, whole=True), MOVING_SECONDS
    ),
    "date": Setting("set_value", same("date")),
    "datetime": Setting("set_value", moment_elsewhere),
    "fan#direction": Setting("set_direction", same("direction")),
    "fan#oscillating": Setting("oscillate", flag("oscillating")),
    # A fan takes the next of its few speeds.
    "fan#percentage": Setting("set_percentage", number("percentage", slack=1.0, whole=True)),
    "fan#preset_mode": Setting("set_preset_mode", same("preset_mode")),
    "humidifier#mode": Setting("set_mode", same("mode")),
    "humidifier#target_humidity": Setting("set_humidity", number("humidity", whole=True)),
    "input_datetime": Setting("set_datetime", moment_of_helper),
    "input_number": Setting("set_value", number("value")),
    "input_select": Setting("select_option", same("option")),
    "input_text": Setting("set_value", same("value")),
    "light#brightness": Setting("turn_on", number("brightness_pct", tolerance=1.0)),  # of 256 levels, or fewer
    "light#color_temp": Setting("turn_on", kelvin),
    "light#effect": Setting("turn_on", same("effect")),
    "light#hue": Setting("turn_on", hue),
    "light#saturation": Setting("turn_on", saturation),
    "media_player#muted": Setting("volume_mute", flag("is_volume_muted")),
    "media_player#sound_mode": Setting("select_sound_mode", same("sound_mode")),
    "media_player#source": Setting("select_source", same("source")),
    # Players have steps of their own: one of 30 is 3 percent.
    "media_player#volume": Setting("volume_set", number("volume_level", tolerance=2.0, divisor=100.0)),
    "number": Setting("set_value", number("value")),
    "remote#activity": Setting("turn_on", same("activity")),
    "select": Setting("select_option", same("option")),
    "text": Setting("set_value", same("value")),
    "time": Setting("set_value", same("time")),
    "vacuum#fan_speed": Setting("set_fan_speed", same("fan_speed")),
    "valve#position": Setting("set_valve_position", number("position", tolerance=2.0, whole=True), MOVING_SECONDS),
    "water_heater": Setting("set_operation_mode", same("operation_mode")),
    "water_heater#away_mode": Setting("set_away_mode", flag("away_mode")),
    "water_heater#target_temperature": Setting("set_temperature", temperature),
}
