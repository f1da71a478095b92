"""What things and states are called. A user's names win over an integration's.

`friendly_name` serves only where there is no registry row: while an integration is not loaded (`restored`) Home
Assistant shows another one, and a thing must not be renamed for that.
"""

import re
from collections.abc import Iterable, Sequence

from hi.services.hass.wire import HassEntityEntry, HassState

MAX_NAME = 255
MAX_ASPECT = 60

# A class that says how a value is written and not what it is about names nothing.
VAGUE_CLASSES = frozenset({"date", "duration", "enum", "timestamp"})
# The domains that are what a thing is for: such a state needs no name but its thing's, and no aspect but its domain.
PLAIN_DOMAINS = frozenset(
    {"light", "climate", "lock", "cover", "fan", "media_player", "camera", "switch", "valve", "siren", "humidifier"}
)
CLASS_WORDS = {"aqi": "AQI", "ph": "pH", "pm1": "PM1", "pm10": "PM10", "pm25": "PM2.5"}


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
