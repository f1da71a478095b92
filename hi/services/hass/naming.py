"""What things and states are called, and which state stands for its thing. A user's names win over an integration's.

`friendly_name` serves only where there is no registry row: while an integration is not loaded (`restored`) Home
Assistant shows another one, and a thing must not be renamed for that.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from hi.entity.enums import EntityStateType, StateCategory
from hi.integration.exceptions import DataValidationError
from hi.services.hass import mapping
from hi.services.hass.wire import HassDevice, HassEntityEntry, HassState

MAX_NAME = 255
MAX_ASPECT = 60

# A class that says how a value is written and not what it is about names nothing.
VAGUE_CLASSES = frozenset({"date", "duration", "enum", "timestamp"})
# The domains that are what a thing is for: such a state needs no name but its thing's, and no aspect but its domain.
PLAIN_DOMAINS = frozenset(
    {
        "light",
        "climate",
        "water_heater",
        "lock",
        "alarm_control_panel",
        "cover",
        "fan",
        "media_player",
        "vacuum",
        "lawn_mower",
        "camera",
        "valve",
        "humidifier",
        "switch",
        "siren",
        "remote",
    }
)
CLASS_WORDS = {"aqi": "AQI", "ph": "pH", "pm1": "PM1", "pm10": "PM10", "pm25": "PM2.5", "pm4": "PM4"}

S = EntityStateType
# Said of the device and not of the home, whatever category the integration gave it.
HEALTH_TYPES = frozenset({S.BATTERY, S.CHARGING, S.LOW_BATTERY, S.SIGNAL_STRENGTH})
RANKS: Mapping[str, int] = {domain: rank for rank, domain in enumerate(mapping.DOMAINS)}

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
    ("binary_sensor", frozenset({"problem", "safety", "tamper", "update"})),
)
# With one of these words in its thing's name an opening is as good as what is detected.
OPENING_WORDS = frozenset({"contact", "door", "gate", "window"})


def rank(state: HassState, entry: HassEntityEntry | None, thing_name: str) -> tuple[bool, bool, bool, tuple[int, int]]:
    """How a state competes for standing for its thing; the least wins: purpose before health, the main feature first,
    then as the tables say."""
    is_purpose = get_category(entry) is StateCategory.PURPOSE
    is_health = mapping.get_state_type(state.domain, state.attributes) in HEALTH_TYPES
    return not is_purpose, is_health, not is_main_feature(thing_name, entry), _rank_kind(state, thing_name)


def get_category(entry: HassEntityEntry | None) -> StateCategory:
    return mapping.CATEGORIES.get(entry.category if entry else "", StateCategory.PURPOSE)


def _rank_kind(state: HassState, thing_name: str) -> tuple[int, int]:
    domain = state.domain
    if domain not in ("binary_sensor", "sensor"):
        return RANKS.get(domain, len(RANKS)), 0
    state_type = mapping.get_state_type(domain, state.attributes)
    if domain == "binary_sensor" and state_type is S.OPEN_CLOSE and OPENING_WORDS & {*thing_name.lower().split()}:
        return RANKS["binary_sensor"], 0
    kind = state.device_class if domain == "binary_sensor" else state_type
    named = (place for place, (of, kinds) in enumerate(SENSOR_ORDER) if of == domain and kind in kinds)
    return RANKS["binary_sensor"], next(named, SENSOR_ORDER.index((domain, frozenset())))


def state_key(entity_id: str, entry_id: str = "") -> str:
    """What a state is known by for good."""
    return entry_id or f"entity_id:{entity_id}"


def name_thing(device_name: str, state: HassState, entry: HassEntityEntry | None) -> str:
    """The device's name; for what has no device, its entity's."""
    own_name = (entry.name or entry.original_name) if entry else _friendly_name(state)
    return device_name or own_name or _words(_object_id(state))


def name_state(thing_name: str, state: HassState, entry: HassEntityEntry | None) -> str:
    """The entity's name within its thing; where it has none of its own, its class in words, else the thing's name."""
    label = entry.name or _original_label(thing_name, entry) if entry else ""
    if label and label != thing_name:
        return label
    if state.domain in PLAIN_DOMAINS:
        return thing_name
    device_class = "" if state.device_class in VAGUE_CLASSES else state.device_class
    return CLASS_WORDS.get(device_class) or _words(device_class) or thing_name


def is_main_feature(thing_name: str, entry: HassEntityEntry | None) -> bool:
    """Whether the entity takes its device's name: by Home Assistant's own rules it is what the device is for."""
    if entry is None:
        return False
    return not entry.original_name if entry.has_entity_name else entry.original_name == thing_name != ""


def assign_aspects(members: Sequence[tuple[HassState, HassEntityEntry | None]], thing_name: str) -> list[str]:
    """A short name for each member, unique within the thing; earlier members choose first."""
    taken: dict[str, None] = {}
    for state, entry in members:
        candidates = list(_candidates(state, entry, thing_name, is_alone=len(members) == 1))
        free = (candidate for candidate in candidates if candidate and candidate not in taken)
        aspect = next(free, "") or _numbered(candidates[-1], taken)
        taken[aspect] = None
    return list(taken)


def _candidates(state: HassState, entry: HassEntityEntry | None, thing_name: str, *, is_alone: bool) -> Iterable[str]:
    if state.domain in PLAIN_DOMAINS:
        yield state.domain
    if state.device_class not in VAGUE_CLASSES:
        yield _slug(state.device_class)
    label = _original_label(thing_name, entry) if entry else ""
    if label != thing_name:  # the original name stays when the user renames the entity or its id
        yield _slug(label)
    if not is_alone:
        yield _slug(_object_id(state)).removeprefix(_slug(thing_name)).strip("_")
    yield _slug(state.domain) or "state"


def assign_feature_aspect(name: str, of: str, taken: set[str]) -> str:
    """The aspect of a feature: its own name, else with that of the state it belongs to."""
    aspect = next((one for one in (name, f"{of}_{name}"[:MAX_ASPECT]) if one not in taken), "")
    taken.add(aspect := aspect or _numbered(name, taken))
    return aspect


def name_feature(label: str, state_name: str, thing_name: str) -> str:
    """Within its thing; of a state with a name of its own it is that state's: "Reading light brightness"."""
    return label if state_name == thing_name else f"{state_name} {label[:1].lower()}{label[1:]}"[:MAX_NAME]


def _numbered(base: str, taken: Iterable[str]) -> str:
    used = set(taken)
    number = 2
    while f"{base}_{number}" in used:
        number += 1
    return f"{base}_{number}"


def _original_label(thing_name: str, entry: HassEntityEntry) -> str:
    """The integration's name for the entity, without the device's name that older integrations put before it."""
    if entry.has_entity_name or not thing_name:
        return entry.original_name
    rest = entry.original_name.removeprefix(thing_name)
    is_whole_word = rest != entry.original_name and rest[:1] in " -:"
    return rest.lstrip(" -:") if is_whole_word else entry.original_name


def _friendly_name(state: HassState) -> str:
    name = state.attributes.get("friendly_name")
    return name[:MAX_NAME] if isinstance(name, str) else ""


def _object_id(state: HassState) -> str:
    return state.entity_id.partition(".")[2]


def _words(slug: str) -> str:
    text = slug.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:MAX_ASPECT].strip("_")


def find_server_id(devices: Iterable[HassDevice], *, are_all: bool) -> str:
    """No interface tells a server's own uuid. The Sun is set up by every installation on its first start, under an id
    drawn at random, and stays; where there is none, what was set up first serves as well. Ids of 32 digits are older
    than those that begin with their time. `are_all`: without the Sun the others serve only if none is missing, for an
    id told wrong would look like another server."""
    devices = list(devices)
    if suns := [device.sun_entry for device in devices if device.sun_entry]:
        return min(suns)
    entries = {entry for device in devices if are_all for entry in device.config_entries}
    return min(entries, key=lambda entry: (len(entry) != 32, entry), default="")


def read_server_id(rows: object, *, is_ready: bool) -> str:
    """`find_server_id` from the device registry as it was sent; `is_ready`: the server has all that it will have."""
    devices = []
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        try:
            devices.append(HassDevice.from_wire(row, f"device_registry[{number}]"))
        except DataValidationError:
            is_ready = False
    return find_server_id(devices, are_all=is_ready)
