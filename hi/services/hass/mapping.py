"""What Home Assistant's kinds are in hi, as tables.

Normalisations, all of them:
- Two micro signs are in use for units: the Greek letter (U+03BC) becomes the micro sign (U+00B5).
- A binary sensor's `on` and `off` become the words of its state type (a door is open or closed, motion is detected or
  clear); what is neither stays as it is. An update is available or up to date. A person who is `not_home` is away;
  zones keep their names. The weather is written in one way. Every other state keeps its text: locks and covers speak
  hi's words already, numbers keep their digits.
- A text that is a password becomes six dots.
- `unavailable` and `unknown` become a quality (see `features.convert_state`).

Kinds: https://developers.home-assistant.io/docs/core/entity
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hi.entity.enums import ControlType, EntityStateType, EntityType, StateCategory
from hi.integration.core.specs import ControllerSpec
from hi.services.hass.controls import CONTROLS, read_input_time
from hi.services.hass.wire import DEVICE_CLASS, UNIT

STATE_CLASS = "state_class"
MEMBERS = "entity_id"  # of a group
MODE = "mode"
SECRETIVE = frozenset({"input_text", "text"})
HIDDEN = "\N{BULLET}" * 6
MICRO_SIGNS = str.maketrans("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")


@dataclass(frozen=True, slots=True)
class Kind:
    """What the entities of one domain are here: their state, and the thing that has no more important one."""

    state_type: EntityStateType
    entity_type: EntityType = EntityType.OTHER


S, E, C = EntityStateType, EntityType, ControlType

# In the order in which the states of a thing compete for being its primary one, if none is its main feature.
DOMAINS: Mapping[str, Kind] = {
    "light": Kind(S.ON_OFF, E.LIGHT),
    "climate": Kind(S.CLIMATE, E.CLIMATE),
    "water_heater": Kind(S.CLIMATE, E.WATER_HEATER),
    "lock": Kind(S.LOCK, E.LOCK),
    "alarm_control_panel": Kind(S.STATUS, E.ALARM),
    "cover": Kind(S.OPEN_CLOSE, E.COVER),
    "fan": Kind(S.ON_OFF, E.FAN),
    "media_player": Kind(S.MEDIA, E.MEDIA_PLAYER),
    "vacuum": Kind(S.STATUS, E.VACUUM),
    "lawn_mower": Kind(S.STATUS, E.LAWN_MOWER),
    "camera": Kind(S.VIDEO, E.CAMERA),
    "valve": Kind(S.OPEN_CLOSE, E.VALVE),
    "humidifier": Kind(S.ON_OFF, E.HUMIDIFIER),
    "switch": Kind(S.ON_OFF, E.SWITCH),
    "siren": Kind(S.ON_OFF, E.SIREN),
    "remote": Kind(S.ON_OFF, E.REMOTE),
    "weather": Kind(S.STATUS, E.WEATHER),
    "sun": Kind(S.STATUS, E.SERVICE),
    "person": Kind(S.PRESENCE, E.PERSON),
    "plant": Kind(S.PROBLEM, E.SENSOR),
    "air_quality": Kind(S.CONCENTRATION, E.SENSOR),
    "binary_sensor": Kind(S.ON_OFF, E.SENSOR),
    "sensor": Kind(S.TEXT, E.SENSOR),
    "scene": Kind(S.TRIGGER, E.SCENE),
    "script": Kind(S.ON_OFF, E.SCRIPT),
    "automation": Kind(S.ON_OFF, E.AUTOMATION),
    "input_boolean": Kind(S.ON_OFF, E.SETTING),
    "input_select": Kind(S.CHOICE, E.SETTING),
    "select": Kind(S.CHOICE, E.SETTING),
    "input_number": Kind(S.NUMBER, E.SETTING),
    "number": Kind(S.NUMBER, E.SETTING),
    "input_text": Kind(S.TEXT, E.SETTING),
    "text": Kind(S.TEXT, E.SETTING),
    "input_datetime": Kind(S.TEXT, E.SETTING),
    "date": Kind(S.DATE, E.SETTING),
    "time": Kind(S.TIME, E.SETTING),
    "datetime": Kind(S.TIMESTAMP, E.SETTING),
    "schedule": Kind(S.ON_OFF, E.SETTING),
    "timer": Kind(S.STATUS, E.TIMER),
    "counter": Kind(S.NUMBER, E.COUNTER),
    "input_button": Kind(S.TRIGGER, E.BUTTON),
    "button": Kind(S.TRIGGER, E.BUTTON),
    "event": Kind(S.TRIGGER, E.SENSOR),
    "image": Kind(S.TIMESTAMP, E.IMAGE),
    "image_processing": Kind(S.TEXT, E.SENSOR),
    "calendar": Kind(S.ON_OFF, E.CALENDAR),
    "todo": Kind(S.NUMBER, E.LIST),
    "group": Kind(S.ON_OFF, E.GROUP),
    "alert": Kind(S.STATUS, E.AUTOMATION),
    "device_tracker": Kind(S.PRESENCE, E.TRACKER),
    "geo_location": Kind(S.DISTANCE, E.TRACKER),
    "proximity": Kind(S.DISTANCE, E.TRACKER),
    "zone": Kind(S.NUMBER, E.ZONE),
    "tag": Kind(S.TRIGGER, E.SENSOR),
    "update": Kind(S.UPDATE, E.UPDATE),
    "assist_satellite": Kind(S.STATUS, E.SERVICE),
    "ai_task": Kind(S.TRIGGER, E.SERVICE),
    "conversation": Kind(S.TRIGGER, E.SERVICE),
    "notify": Kind(S.TRIGGER, E.SERVICE),
    "stt": Kind(S.TRIGGER, E.SERVICE),
    "tts": Kind(S.TRIGGER, E.SERVICE),
    "wake_word": Kind(S.TRIGGER, E.SERVICE),
}
# Everything else is a text that can be read.
GENERIC = Kind(S.TEXT)

# device_class -> state type, for binary sensors. One without a class is on or off.
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
    "plug": S.ON_OFF,
    "power": S.ON_OFF,
    "presence": S.PRESENCE,
    "problem": S.PROBLEM,
    "running": S.ON_OFF,
    "safety": S.PROBLEM,
    "smoke": S.DETECTION,
    "sound": S.DETECTION,
    "tamper": S.PROBLEM,
    "update": S.UPDATE,
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
    S.UPDATE: {"on": "available", "off": "up_to_date"},
}

# domain -> what some of its states are called here.
WORDS: Mapping[str, Mapping[str, str]] = {
    "device_tracker": {"not_home": "away"},
    "group": {"not_home": "away"},
    "person": {"not_home": "away"},
    "update": BINARY_WORDS[S.UPDATE],
    "weather": {
        "clear-night": "clear_night",
        "lightning-rainy": "lightning_rainy",
        "partlycloudy": "partly_cloudy",
        "snowy-rainy": "snowy_rainy",
        "windy-variant": "windy_variant",
    },
}

# device_class -> state type, for sensors and numbers. Some are numbers that no other word fits. A class that is not
# here is a plain number where a mark says so.
MEASURES: Mapping[str, EntityStateType] = {
    "absolute_humidity": S.CONCENTRATION,
    "apparent_power": S.POWER,
    "aqi": S.NUMBER,
    "area": S.AREA,
    "atmospheric_pressure": S.PRESSURE,
    "battery": S.BATTERY,
    "blood_glucose_concentration": S.CONCENTRATION,
    "carbon_dioxide": S.CONCENTRATION,
    "carbon_monoxide": S.CONCENTRATION,
    "conductivity": S.CONDUCTIVITY,
    "current": S.CURRENT,
    "data_rate": S.DATA_RATE,
    "data_size": S.DATA_SIZE,
    "date": S.DATE,
    "distance": S.DISTANCE,
    "duration": S.DURATION,
    "energy": S.ENERGY,
    "energy_distance": S.NUMBER,
    "energy_storage": S.ENERGY,
    "frequency": S.FREQUENCY,
    "gas": S.VOLUME,
    "humidity": S.HUMIDITY,
    "illuminance": S.ILLUMINANCE,
    "irradiance": S.IRRADIANCE,
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
    "pm4": S.CONCENTRATION,
    "power": S.POWER,
    "power_factor": S.NUMBER,
    "precipitation": S.PRECIPITATION,
    "precipitation_intensity": S.PRECIPITATION_RATE,
    "pressure": S.PRESSURE,
    "reactive_energy": S.ENERGY,
    "reactive_power": S.POWER,
    "signal_strength": S.SIGNAL_STRENGTH,
    "sound_pressure": S.SOUND,
    "speed": S.SPEED,
    "sulphur_dioxide": S.CONCENTRATION,
    "temperature": S.TEMPERATURE,
    "temperature_delta": S.TEMPERATURE_DIFFERENCE,
    "timestamp": S.TIMESTAMP,
    "uptime": S.TIMESTAMP,
    "volatile_organic_compounds": S.CONCENTRATION,
    "volatile_organic_compounds_parts": S.CONCENTRATION,
    "voltage": S.VOLTAGE,
    "volume": S.VOLUME,
    "volume_flow_rate": S.FLOW,
    "volume_storage": S.VOLUME,
    "water": S.VOLUME,
    "weight": S.WEIGHT,
    "wind_direction": S.ANGLE,
    "wind_speed": S.SPEED,
}

# Device registry field -> what people call it.
DETAILS: Mapping[str, str] = {
    "manufacturer": "Manufacturer",
    "model": "Model",
    "model_id": "Model number",
    "sw_version": "Firmware",
    "hw_version": "Hardware",
    "serial_number": "Serial number",
}

CATEGORIES: Mapping[str, StateCategory] = {
    "diagnostic": StateCategory.DIAGNOSTIC,
    "config": StateCategory.CONFIGURATION,
}

# What sets an input_datetime -> what it then says. Both at once are a local time without a zone: a text.
INPUT_TIMES: Mapping[ControlType | None, EntityStateType] = {C.DATE: S.DATE, C.TIME: S.TIME}
# A group of one of these kinds says its words; any other group is on or off.
GROUPED = frozenset({S.LOCK, S.OPEN_CLOSE, S.PRESENCE, S.PROBLEM})

# A sensor with one of these attributes measures a number, whatever its class.
NUMBER_MARKS = (STATE_CLASS, UNIT)


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
        return INPUT_TIMES.get(read_input_time(attributes), default)
    if domain == "group":
        return _group_type(attributes.get(MEMBERS)) or default
    if domain == "sensor":
        if known_class == "enum":
            return S.CHOICE if attributes.get("options") else S.TEXT
        is_number = any(attributes.get(name) is not None for name in NUMBER_MARKS)
        return MEASURES.get(known_class, S.NUMBER if is_number else default)
    return default


def build_controller(domain: str, attributes: Mapping[str, Any]) -> ControllerSpec | None:
    """How the entity itself is set, within which bounds; None for what can only be read."""
    if domain == "input_datetime":
        kind = read_input_time(attributes)
        return ControllerSpec(kind) if kind else None
    if (
        domain not in CONTROLS
        or is_secret(domain, attributes)
        or (domain == "group" and _group_type(attributes.get(MEMBERS)))
    ):
        return None
    return CONTROLS[domain].build(attributes)


def normalise_state(domain: str, device_class: str, text: str) -> str:
    """The state's text in hi's words."""
    if domain != "binary_sensor":
        return WORDS.get(domain, {}).get(text, text)
    return BINARY_WORDS.get(BINARY_CLASSES.get(device_class, S.ON_OFF), {}).get(text, text)


def is_secret(domain: str, attributes: Mapping[str, Any]) -> bool:
    """A password is no value to show and to remember, nor one that could be confirmed."""
    return domain in SECRETIVE and attributes.get(MODE) == "password"


def normalise_unit(unit: str) -> str:
    return unit.translate(MICRO_SIGNS)


def _group_type(members: object) -> EntityStateType | None:
    """The type of a group whose members are all of one kind that has words of its own."""
    names = members if isinstance(members, list) else []
    types = {get_kind(str(name).partition(".")[0]).state_type for name in names}
    return types.pop() if len(types) == 1 and types <= GROUPED else None
