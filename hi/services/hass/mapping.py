"""What Home Assistant's kinds are in hi, as tables.

Normalisations, all of them:
- Two micro signs are in use for units: the Greek letter (U+03BC) becomes the micro sign (U+00B5).
- A binary sensor's `on` and `off` become the words of its state type (a door is open or closed, motion is detected or
  clear); what is neither stays as it is. A person who is `not_home` is away; zones keep their names. Every other state
  keeps its text: locks and covers speak hi's words already, numbers keep their digits.
- `unavailable` and `unknown` become a quality (see `converter.convert_state`).

Kinds: https://developers.home-assistant.io/docs/core/entity
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hi.entity.enums import ControlType, EntityStateType, EntityType, StateCategory
from hi.integration.core.decode import read_optional_number
from hi.integration.core.specs import ControllerSpec
from hi.services.hass.wire import DEVICE_CLASS, UNIT

MAX_OPTIONS = 200
MAX_OPTION_LENGTH = 255
MICRO_SIGNS = str.maketrans("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")


@dataclass(frozen=True, slots=True)
class Kind:
    """What the entities of one domain are here. `options`, `minimum`, … name the attributes with the bounds."""

    state_type: EntityStateType
    entity_type: EntityType = EntityType.OTHER
    control: ControlType | None = None
    options: str = ""
    minimum: str = ""
    maximum: str = ""
    step: str = ""


S, E, C = EntityStateType, EntityType, ControlType

# In the order in which the states of a thing compete for being its primary one, if none is its main feature.
DOMAINS: Mapping[str, Kind] = {
    "light": Kind(S.ON_OFF, E.LIGHT, C.TOGGLE),
    "climate": Kind(S.CLIMATE, E.CLIMATE, C.MODE, options="hvac_modes"),
    "lock": Kind(S.LOCK, E.LOCK, C.LOCK),
    "cover": Kind(S.OPEN_CLOSE, E.COVER, C.OPEN_CLOSE),
    "fan": Kind(S.ON_OFF, E.FAN, C.TOGGLE),
    "media_player": Kind(S.MEDIA, E.MEDIA_PLAYER, C.PLAYER),
    "camera": Kind(S.VIDEO, E.CAMERA),
    "valve": Kind(S.OPEN_CLOSE),
    "humidifier": Kind(S.ON_OFF, E.CLIMATE),
    "switch": Kind(S.ON_OFF, E.SWITCH, C.TOGGLE),
    "siren": Kind(S.ON_OFF),
    "weather": Kind(S.TEXT, E.WEATHER),
    "person": Kind(S.TEXT, E.PERSON),
    "binary_sensor": Kind(S.ON_OFF, E.SENSOR),
    "sensor": Kind(S.TEXT, E.SENSOR),
    "scene": Kind(S.TRIGGER, E.SCENE, C.PRESS),
    "input_boolean": Kind(S.ON_OFF, E.SETTING, C.TOGGLE),
    "input_select": Kind(S.CHOICE, E.SETTING, C.CHOICE, options="options"),
    "select": Kind(S.CHOICE, E.SETTING, C.CHOICE, options="options"),
    "input_number": Kind(S.NUMBER, E.SETTING, C.NUMBER, minimum="min", maximum="max", step="step"),
    "number": Kind(S.NUMBER, E.SETTING, C.NUMBER, minimum="min", maximum="max", step="step"),
    "input_text": Kind(S.TEXT, E.SETTING, C.TEXT, minimum="min", maximum="max"),  # its length
    "input_datetime": Kind(S.TEXT, E.SETTING, C.TEXT),
    "input_button": Kind(S.TRIGGER, E.BUTTON, C.PRESS),
    "button": Kind(S.TRIGGER, E.BUTTON, C.PRESS),
    "event": Kind(S.TRIGGER, E.SENSOR),
    "automation": Kind(S.ON_OFF),
    "update": Kind(S.ON_OFF),
    "device_tracker": Kind(S.TEXT),
}
# Everything else is a text that can be read.
GENERIC = Kind(S.TEXT)
RANKS: Mapping[str, int] = {domain: rank for rank, domain in enumerate(DOMAINS)}

# device_class -> state type, for binary sensors. The rest is on or off.
BINARY_CLASSES: Mapping[str, EntityStateType] = {
    "battery": S.LOW_BATTERY,
    "battery_charging": S.CHARGING,
    "carbon_monoxide": S.DETECTION,
    "cold": S.DETECTION,
    "connectivity": S.CONNECTIVITY,
    "door": S.OPEN_CLOSE,
    "garage_door": S.OPEN_CLOSE,
    "gas": S.DETECTION,
    "heat": S.DETECTION,
    "light": S.DETECTION,
    "lock": S.LOCK,
    "moisture": S.DETECTION,
    "motion": S.DETECTION,
    "moving": S.DETECTION,
    "occupancy": S.DETECTION,
    "opening": S.OPEN_CLOSE,
    "presence": S.PRESENCE,
    "problem": S.PROBLEM,
    "safety": S.PROBLEM,
    "smoke": S.DETECTION,
    "sound": S.DETECTION,
    "tamper": S.PROBLEM,
    "vibration": S.DETECTION,
    "window": S.OPEN_CLOSE,
}

# state type -> what a binary sensor's `on` and `off` are called here.
BINARY_WORDS: Mapping[EntityStateType, Mapping[str, str]] = {
    S.LOW_BATTERY: {"on": "low", "off": "normal"},
    S.CHARGING: {"on": "charging", "off": "not_charging"},
    S.CONNECTIVITY: {"on": "connected", "off": "disconnected"},
    S.DETECTION: {"on": "detected", "off": "clear"},
    S.LOCK: {"on": "unlocked", "off": "locked"},
    S.OPEN_CLOSE: {"on": "open", "off": "closed"},
    S.PRESENCE: {"on": "home", "off": "away"},
    S.PROBLEM: {"on": "problem", "off": "ok"},
}

# domain -> what some of its states are called here.
WORDS: Mapping[str, Mapping[str, str]] = {"device_tracker": {"not_home": "away"}, "person": {"not_home": "away"}}

# device_class -> state type, for sensors and numbers. Other classes are plain numbers where a mark says so.
MEASURES: Mapping[str, EntityStateType] = {
    "apparent_power": S.POWER,
    "aqi": S.NUMBER,
    "atmospheric_pressure": S.PRESSURE,
    "battery": S.BATTERY,
    "blood_glucose_concentration": S.CONCENTRATION,
    "carbon_dioxide": S.CONCENTRATION,
    "carbon_monoxide": S.CONCENTRATION,
    "current": S.CURRENT,
    "date": S.DATE,
    "duration": S.DURATION,
    "energy": S.ENERGY,
    "energy_storage": S.ENERGY,
    "gas": S.VOLUME,
    "humidity": S.HUMIDITY,
    "illuminance": S.ILLUMINANCE,
    "moisture": S.HUMIDITY,
    "monetary": S.MONEY,
    "nitrogen_dioxide": S.CONCENTRATION,
    "nitrogen_monoxide": S.CONCENTRATION,
    "nitrous_oxide": S.CONCENTRATION,
    "ozone": S.CONCENTRATION,
    "ph": S.NUMBER,
    "pm1": S.CONCENTRATION,
    "pm10": S.CONCENTRATION,
    "pm25": S.CONCENTRATION,
    "power": S.POWER,
    "power_factor": S.NUMBER,
    "pressure": S.PRESSURE,
    "reactive_power": S.POWER,
    "signal_strength": S.SIGNAL_STRENGTH,
    "speed": S.SPEED,
    "sulphur_dioxide": S.CONCENTRATION,
    "temperature": S.TEMPERATURE,
    "timestamp": S.TIMESTAMP,
    "volatile_organic_compounds": S.CONCENTRATION,
    "volatile_organic_compounds_parts": S.CONCENTRATION,
    "voltage": S.VOLTAGE,
    "volume": S.VOLUME,
    "volume_storage": S.VOLUME,
    "water": S.VOLUME,
    "wind_speed": S.SPEED,
}

CATEGORIES: Mapping[str, StateCategory] = {
    "diagnostic": StateCategory.DIAGNOSTIC,
    "config": StateCategory.CONFIGURATION,
}

# Said of the device and not of the home, whatever category the integration gave it.
HEALTH_TYPES = frozenset({S.BATTERY, S.CHARGING, S.LOW_BATTERY, S.SIGNAL_STRENGTH})

# Which of several sensors is the primary one, best first: what it detects, what it does, whether it runs, all else that
# is measured, what is ajar or warm, when something was, what is wrong. Classes of binary sensors, types of sensors; an
# empty row is for those that no other one of its domain names.
SENSOR_ORDER: tuple[tuple[str, frozenset[str]], ...] = (
    ("binary_sensor", frozenset({"carbon_monoxide", "gas", "moisture", "motion", "occupancy", "presence", "smoke"})),
    ("sensor", frozenset({S.CHOICE, S.CONCENTRATION, S.POWER, S.TEMPERATURE})),
    ("binary_sensor", frozenset({"running"})),
    ("sensor", frozenset()),
    ("binary_sensor", frozenset()),
    ("sensor", frozenset({S.DATE, S.DURATION, S.TIMESTAMP})),
    ("binary_sensor", frozenset({"problem", "safety", "tamper"})),
)
# With one of these words in its thing's name an opening is as good as what is detected.
OPENING_WORDS = frozenset({"contact", "door", "gate", "window"})

# (has_date, has_time) of an input_datetime. Both at once are a local time without a zone: a text.
INPUT_TIMES: Mapping[tuple[bool, bool], EntityStateType] = {(True, False): S.DATE, (False, True): S.TIME}

# A sensor with one of these attributes measures a number, whatever its class.
NUMBER_MARKS = ("state_class", UNIT)


def get_kind(domain: str) -> Kind:
    return DOMAINS.get(domain, GENERIC)


def get_state_type(domain: str, attributes: Mapping[str, Any]) -> EntityStateType:
    device_class = attributes.get(DEVICE_CLASS)
    known_class = device_class if isinstance(device_class, str) else ""
    default = get_kind(domain).state_type
    if domain == "binary_sensor":
        return BINARY_CLASSES.get(known_class, default)
    if domain in ("number", "input_number"):
        return MEASURES.get(known_class, default)
    if domain == "input_datetime":
        return INPUT_TIMES.get((attributes.get("has_date") is True, attributes.get("has_time") is True), default)
    if domain == "sensor":
        if known_class == "enum":
            return S.CHOICE if attributes.get("options") else S.TEXT
        is_number = any(attributes.get(name) is not None for name in NUMBER_MARKS)
        return MEASURES.get(known_class, S.NUMBER if is_number else default)
    return default


def get_rank(domain: str, attributes: Mapping[str, Any], thing_name: str) -> tuple[int, int]:
    """How a state competes for being its thing's primary one: the least wins."""
    if domain not in ("binary_sensor", "sensor"):
        return RANKS.get(domain, len(RANKS)), 0
    state_type = get_state_type(domain, attributes)
    if domain == "binary_sensor" and state_type is S.OPEN_CLOSE and OPENING_WORDS & {*thing_name.lower().split()}:
        return RANKS["binary_sensor"], 0
    kind = str(attributes.get(DEVICE_CLASS)) if domain == "binary_sensor" else state_type
    named = (place for place, (of, kinds) in enumerate(SENSOR_ORDER) if of == domain and kind in kinds)
    return RANKS["binary_sensor"], next(named, SENSOR_ORDER.index((domain, frozenset())))


def build_controller(domain: str, attributes: Mapping[str, Any]) -> ControllerSpec | None:
    """How the entity is set, with the bounds it names; None for what can only be read."""
    kind = get_kind(domain)
    if kind.control is None:
        return None
    return ControllerSpec(
        control=kind.control,
        minimum=read_optional_number(attributes, kind.minimum),
        maximum=read_optional_number(attributes, kind.maximum),
        step=read_optional_number(attributes, kind.step),
        options=_options(attributes.get(kind.options)),
    )


def normalise_state(domain: str, device_class: str, text: str) -> str:
    """The state's text in hi's words."""
    if domain != "binary_sensor":
        return WORDS.get(domain, {}).get(text, text)
    return BINARY_WORDS.get(BINARY_CLASSES.get(device_class, S.ON_OFF), {}).get(text, text)


def normalise_unit(unit: str) -> str:
    return unit.translate(MICRO_SIGNS)


def _options(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(option[:MAX_OPTION_LENGTH] for option in value[:MAX_OPTIONS] if isinstance(option, str))
