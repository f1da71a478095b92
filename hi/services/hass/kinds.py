"""What Home Assistant's kinds are in hi, as tables: what the entities of each domain are, and how they are set.

Kinds, and the bits of "Supported features": https://developers.home-assistant.io/docs/core/entity
Services and their fields: https://www.home-assistant.io/integrations/, the actions of each kind
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hi.entity.enums import ControlType, EntityStateType, EntityType
from hi.integration.core.controls import Attributes, Control, Word, number, press, same, unconfirmed, words
from hi.services.hass.wire import DEVICE_CLASS, UNIT

S, E, C = EntityStateType, EntityType, ControlType

STATE_CLASS = "state_class"
# A sensor with one of these measures a number, whatever its class.
NUMBER_MARKS = (STATE_CLASS, UNIT)
CODE = "code_format"
# Some of these hold passwords.
SECRETIVE = frozenset({"input_text", "text"})
MODE = "mode"
HIDDEN = "\N{BULLET}" * 6
# An awning or a gate moves for a minute or two; who arms an alarm is given time to leave.
MOVING_SECONDS = 120
ARMING_SECONDS = 300
# Who opens one of these lets people in; a blind does no harm.
ENTRANCES = (DEVICE_CLASS, frozenset({"door", "garage", "gate"}))
# Gas that nobody watches is a danger; water is what gardens are sprinkled with every day.
DANGERS = (DEVICE_CLASS, frozenset({"gas"}))


@dataclass(frozen=True, slots=True)
class Kind:
    """What the entities of one domain are here: the thing that has no more important one, and their state."""

    entity_type: EntityType
    state_type: EntityStateType
    control: Control | None = None


ON, OFF = Word("on", "turn_on", ("on",)), Word("off", "turn_off", ("off",))
TOGGLE = Control(C.TOGGLE, words=(ON, OFF))
NUMBER = Control(C.NUMBER, "set_value", number("value"), minimum="min", maximum="max", step="step")
TEXT = Control(C.TEXT, "set_value", same("value"), minimum="min", maximum="max")  # its length
COUNTER = replace(NUMBER, fill=number("value", whole=True), minimum="minimum", maximum="maximum")
CHOICE = Control(C.CHOICE, "select_option", same("option"), options="options")
CLIMATE = Control(C.MODE, "set_hvac_mode", same("hvac_mode"), options="hvac_modes")
HEATING = Control(C.MODE, "set_operation_mode", same("operation_mode"), options="operation_list", needs=2)
# A short one is off again before anybody has seen it on.
SCRIPT = words(C.TOGGLE, Word("on", "turn_on"), OFF)
GROUP = words(C.TOGGLE, *(replace(one, action=f"homeassistant.{one.action}") for one in (ON, OFF)))


def _arm(how: str, bit: int) -> Word:
    denied_by, code_if = ("triggered",), "code_arm_required"
    return Word(f"arm_{how}", f"alarm_arm_{how}", (f"armed_{how}",), bit, denied_by, ARMING_SECONDS, code_if=code_if)


# Domain, and a word that its entities take: what it calls, what they say then, the bit of the feature that it needs.
VERBS: tuple[tuple[str, Word], ...] = (
    # To let it go off is nothing that a page should do.
    ("alarm_control_panel", Word("disarm", "alarm_disarm", ("disarmed",))),
    *(("alarm_control_panel", _arm(*row)) for row in (("home", 1), ("away", 2), ("night", 4), ("vacation", 32))),
    ("alarm_control_panel", _arm("custom_bypass", 16)),
    ("cover", Word("open", "open_cover", ("open",), bit=1, seconds=MOVING_SECONDS)),
    ("cover", Word("closed", "close_cover", ("closed",), bit=2, seconds=MOVING_SECONDS)),
    ("cover", Word("stop", "stop_cover", ("open", "closed"), bit=8)),
    ("lawn_mower", Word("start_mowing", "start_mowing", ("mowing",), bit=1)),
    ("lawn_mower", Word("pause", "pause", ("paused",), bit=2)),
    ("lawn_mower", Word("dock", "dock", ("docked", "returning"), bit=4)),
    ("lock", Word("locked", "lock", ("locked",), denied_by=("jammed",))),
    ("lock", Word("unlocked", "unlock", ("unlocked",), denied_by=("jammed",))),
    ("lock", Word("open", "open", ("open",), bit=1, denied_by=("jammed",))),
    ("media_player", Word("play", "media_play", ("playing", "buffering"), bit=16384)),
    ("media_player", Word("pause", "media_pause", ("paused",), bit=1)),
    ("media_player", Word("stop", "media_stop", ("idle", "off", "on", "standby"), bit=4096)),
    ("media_player", Word("previous", "media_previous_track", bit=16)),
    ("media_player", Word("next", "media_next_track", bit=32)),
    ("media_player", Word("on", "turn_on", ("on", "idle", "playing", "paused", "buffering"), bit=128)),
    ("media_player", Word("off", "turn_off", ("off", "standby"), bit=256)),
    ("timer", Word("start", "start", ("active",))),
    ("timer", Word("pause", "pause", ("paused",))),
    ("timer", Word("cancel", "cancel", ("idle",))),
    ("timer", Word("finish", "finish", ("idle",))),
    ("update", Word("install", "install", bit=1, lasts=True)),
    ("vacuum", Word("start", "start", ("cleaning",), bit=8192)),
    ("vacuum", Word("pause", "pause", ("paused",), bit=4)),
    ("vacuum", Word("stop", "stop", ("idle", "docked"), bit=8)),
    ("vacuum", Word("return_to_base", "return_to_base", ("returning", "docked"), bit=16)),
    ("vacuum", Word("locate", "locate", bit=512)),
    ("vacuum", Word("clean_spot", "clean_spot", ("cleaning",), bit=1024)),
    ("valve", Word("open", "open_valve", ("open",), bit=1, seconds=MOVING_SECONDS)),
    ("valve", Word("closed", "close_valve", ("closed",), bit=2, seconds=MOVING_SECONDS)),
    ("valve", Word("stop", "stop_valve", ("open", "closed"), bit=8)),
)


def _verbs(control: ControlType, domain: str, **more: Any) -> Control:
    return Control(control, words=tuple(word for of, word in VERBS if of == domain), **more)


# A group of one of these kinds says its words; any other group is on or off.
GROUPED = frozenset({S.LOCK, S.OPEN_CLOSE, S.PRESENCE, S.PROBLEM})

# In the order in which the states of a thing compete for being its primary one, if none is its main feature.
KINDS: Mapping[str, Kind] = {
    "light": Kind(E.LIGHT, S.ON_OFF, TOGGLE),
    "climate": Kind(E.CLIMATE, S.CLIMATE, CLIMATE),
    "water_heater": Kind(E.WATER_HEATER, S.CLIMATE, HEATING),
    "lock": Kind(E.LOCK, S.LOCK, _verbs(C.LOCK, "lock", asks_first=True, code=CODE)),
    "alarm_control_panel": Kind(E.ALARM, S.STATUS, _verbs(C.ACTION, "alarm_control_panel", asks_first=True, code=CODE)),
    "cover": Kind(E.COVER, S.OPEN_CLOSE, _verbs(C.OPEN_CLOSE, "cover", asks_first=ENTRANCES)),
    "fan": Kind(E.FAN, S.ON_OFF, TOGGLE),
    "media_player": Kind(E.MEDIA_PLAYER, S.MEDIA, _verbs(C.PLAYER, "media_player")),
    "vacuum": Kind(E.VACUUM, S.STATUS, _verbs(C.ACTION, "vacuum")),
    "lawn_mower": Kind(E.LAWN_MOWER, S.STATUS, _verbs(C.ACTION, "lawn_mower")),
    "camera": Kind(E.CAMERA, S.VIDEO),
    "valve": Kind(E.VALVE, S.OPEN_CLOSE, _verbs(C.OPEN_CLOSE, "valve", asks_first=DANGERS)),
    "humidifier": Kind(E.HUMIDIFIER, S.ON_OFF, TOGGLE),
    "switch": Kind(E.SWITCH, S.ON_OFF, TOGGLE),
    "siren": Kind(E.SIREN, S.ON_OFF, replace(TOGGLE, needs=1 | 2)),
    "remote": Kind(E.REMOTE, S.ON_OFF, TOGGLE),
    "weather": Kind(E.WEATHER, S.STATUS),
    "sun": Kind(E.SERVICE, S.STATUS),
    "person": Kind(E.PERSON, S.PRESENCE),
    "plant": Kind(E.SENSOR, S.PROBLEM),
    "air_quality": Kind(E.SENSOR, S.CONCENTRATION),
    "binary_sensor": Kind(E.SENSOR, S.ON_OFF),
    "sensor": Kind(E.SENSOR, S.TEXT),
    "scene": Kind(E.SCENE, S.TRIGGER, press("turn_on")),
    "script": Kind(E.SCRIPT, S.ON_OFF, SCRIPT),
    "automation": Kind(E.AUTOMATION, S.ON_OFF, TOGGLE),
    "input_boolean": Kind(E.SETTING, S.ON_OFF, TOGGLE),
    **dict.fromkeys(("input_select", "select"), Kind(E.SETTING, S.CHOICE, CHOICE)),
    **dict.fromkeys(("input_number", "number"), Kind(E.SETTING, S.NUMBER, NUMBER)),
    **dict.fromkeys(("input_text", "text"), Kind(E.SETTING, S.TEXT, TEXT)),
    "input_datetime": Kind(E.SETTING, S.TEXT),
    "date": Kind(E.SETTING, S.DATE, Control(C.DATE, "set_value", same("date"))),
    "time": Kind(E.SETTING, S.TIME, Control(C.TIME, "set_value", same("time"))),
    # It will say the moment in UTC, and only the server knows how far that is from its own zone.
    "datetime": Kind(E.SETTING, S.TIMESTAMP, Control(C.DATETIME, "set_value", unconfirmed("datetime"))),
    "schedule": Kind(E.SETTING, S.ON_OFF),
    "timer": Kind(E.TIMER, S.STATUS, _verbs(C.ACTION, "timer")),
    "counter": Kind(E.COUNTER, S.NUMBER, COUNTER),
    **dict.fromkeys(("input_button", "button"), Kind(E.BUTTON, S.TRIGGER, press("press"))),
    "event": Kind(E.SENSOR, S.TRIGGER),
    "image": Kind(E.IMAGE, S.TIMESTAMP),
    "image_processing": Kind(E.SENSOR, S.TEXT),
    "calendar": Kind(E.CALENDAR, S.ON_OFF),
    "todo": Kind(E.LIST, S.NUMBER),
    "group": Kind(E.GROUP, S.ON_OFF, GROUP),
    "alert": Kind(E.AUTOMATION, S.STATUS),
    "device_tracker": Kind(E.TRACKER, S.PRESENCE),
    **dict.fromkeys(("geo_location", "proximity"), Kind(E.TRACKER, S.DISTANCE)),
    "zone": Kind(E.ZONE, S.NUMBER),
    "tag": Kind(E.SENSOR, S.TRIGGER),
    # It restarts the device, and no version can be taken back.
    "update": Kind(E.UPDATE, S.UPDATE, _verbs(C.ACTION, "update", asks_first=True)),
    "assist_satellite": Kind(E.SERVICE, S.STATUS),
    **dict.fromkeys(("ai_task", "conversation", "notify", "stt", "tts", "wake_word"), Kind(E.SERVICE, S.TRIGGER)),
}
# Everything else is a text that can be read.
GENERIC = Kind(E.OTHER, S.TEXT)
# An input_datetime, by whether it has a date and whether it has a time; with both it is a local time without a zone.
INPUT_TIMES: Mapping[tuple[bool, bool], Kind] = {
    (True, False): Kind(E.SETTING, S.DATE, Control(C.DATE, "set_datetime", same("date"))),
    (False, True): Kind(E.SETTING, S.TIME, Control(C.TIME, "set_datetime", same("time"))),
    (True, True): Kind(E.SETTING, S.TEXT, Control(C.DATETIME, "set_datetime", same("datetime"))),
}


DETECTED = "carbon_monoxide cold gas heat light moisture motion moving occupancy smoke sound vibration"
# State type -> what a binary sensor's `on` and `off` are called here, and the device classes that are of it.
BINARY: Mapping[EntityStateType, tuple[str, str, str]] = {
    S.LOW_BATTERY: ("low", "normal", "battery"),
    S.CHARGING: ("charging", "not_charging", "battery_charging"),
    S.CONNECTIVITY: ("connected", "disconnected", "connectivity"),
    S.DETECTION: ("detected", "clear", DETECTED),
    S.LOCK: ("unlocked", "locked", "lock"),
    S.ON_OFF: ("on", "off", "plug power running"),
    S.OPEN_CLOSE: ("open", "closed", "door garage_door opening window"),
    S.PRESENCE: ("home", "away", "presence"),
    S.PROBLEM: ("problem", "ok", "problem safety tamper"),
    S.UPDATE: ("available", "up_to_date", "update"),
}
BINARY_CLASSES = {name: of for of, (_on, _off, names) in BINARY.items() for name in names.split()}
BINARY_WORDS = {of: {"on": on, "off": off} for of, (on, off, _names) in BINARY.items()}

HYPHENED = "clear-night lightning-rainy snowy-rainy windy-variant"
# Domain -> what some of its states are called here.
WORDS: Mapping[str, Mapping[str, str]] = {
    **{domain: {"not_home": "away"} for domain in ("device_tracker", "group", "person")},
    "update": BINARY_WORDS[S.UPDATE],
    "weather": {"partlycloudy": "partly_cloudy", **{text: text.replace("-", "_") for text in HYPHENED.split()}},
}
# Device class -> state type, for sensors and numbers: those that are called alike, then the others. Some are numbers
# that no other word fits. A class that is not here is a plain number where a mark says so.
ALIKE = (
    "area battery conductivity current data_rate data_size date distance duration energy frequency humidity illuminance"
    " irradiance power precipitation pressure signal_strength speed temperature timestamp voltage volume weight"
)
CLASSES: Mapping[EntityStateType, str] = {
    S.ANGLE: "wind_direction",
    S.CONCENTRATION: "absolute_humidity blood_glucose_concentration carbon_dioxide carbon_monoxide nitrogen_dioxide"
    " nitrogen_monoxide nitrous_oxide ozone pm1 pm10 pm25 pm4 sulphur_dioxide volatile_organic_compounds"
    " volatile_organic_compounds_parts",
    S.ENERGY: "energy_storage reactive_energy",
    S.FLOW: "volume_flow_rate",
    S.HUMIDITY: "moisture",
    S.MONEY: "monetary",
    S.NUMBER: "aqi energy_distance ph power_factor",
    S.POWER: "apparent_power reactive_power",
    S.PRECIPITATION_RATE: "precipitation_intensity",
    S.PRESSURE: "atmospheric_pressure",
    S.SOUND: "sound_pressure",
    S.SPEED: "wind_speed",
    S.TEMPERATURE_DIFFERENCE: "temperature_delta",
    S.TIMESTAMP: "uptime",
    S.VOLUME: "gas volume_storage water",
}
MEASURES: Mapping[str, EntityStateType] = {
    **{name: EntityStateType(name) for name in ALIKE.split()},
    **{name: state_type for state_type, names in CLASSES.items() for name in names.split()},
}


def find_kind(domain: str, attributes: Attributes) -> Kind:
    """What an entity is. Without a control it can only be read."""
    kind, device_class = KINDS.get(domain, GENERIC), str(attributes.get(DEVICE_CLASS))
    if domain == "binary_sensor":
        return replace(kind, state_type=BINARY_CLASSES.get(device_class, S.ON_OFF))
    if domain in ("number", "input_number"):
        return replace(kind, state_type=MEASURES.get(device_class, S.NUMBER))
    if domain == "sensor" and device_class == "enum":
        return replace(kind, state_type=S.CHOICE if attributes.get("options") else S.TEXT)
    if domain == "sensor":
        is_number = any(attributes.get(mark) is not None for mark in NUMBER_MARKS)
        return replace(kind, state_type=MEASURES.get(device_class, S.NUMBER if is_number else S.TEXT))
    if domain == "input_datetime":
        return INPUT_TIMES.get((attributes.get("has_date") is True, attributes.get("has_time") is True), kind)
    if domain == "group" and isinstance(members := attributes.get("entity_id"), list):
        types = {KINDS.get(str(member).partition(".")[0], GENERIC).state_type for member in members}
        return Kind(kind.entity_type, types.pop()) if len(types) == 1 and types <= GROUPED else kind
    return replace(kind, control=None) if is_secret(domain, attributes) else kind


def normalise_state(domain: str, device_class: str, text: str) -> str:
    """The state's text in hi's words."""
    words = BINARY_WORDS[BINARY_CLASSES.get(device_class, S.ON_OFF)] if domain == "binary_sensor" else WORDS.get(domain)
    return words.get(text, text) if words else text


def is_secret(domain: str, attributes: Attributes) -> bool:
    """A password is no value to show and to remember, nor one that could be confirmed."""
    return domain in SECRETIVE and attributes.get(MODE) == "password"
