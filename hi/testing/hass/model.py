"""The words of the simulated home: states, contexts, events and their ids, without any I/O."""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
"""A registry row or a message, with the keys of the wire."""

UNAVAILABLE = "unavailable"

# What an unavailable entity keeps: what describes it, not what it measures.
LASTING_ATTRIBUTES = frozenset(
    {
        "assumed_state",
        "attribution",
        "available_modes",
        "device_class",
        "editable",
        "effect_list",
        "entity_picture",
        "event_types",
        "fan_modes",
        "fan_speed_list",
        "friendly_name",
        "hvac_modes",
        "icon",
        "max",
        "max_color_temp_kelvin",
        "max_humidity",
        "max_mireds",
        "max_temp",
        "min",
        "min_color_temp_kelvin",
        "min_humidity",
        "min_mireds",
        "min_temp",
        "mode",
        "operation_list",
        "options",
        "pattern",
        "preset_modes",
        "sound_mode_list",
        "source_list",
        "state_class",
        "step",
        "supported_color_modes",
        "supported_features",
        "swing_modes",
        "target_temp_step",
        "unit_of_measurement",
    }
)

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _base32(number: int, digits: int) -> str:
    return "".join(_CROCKFORD[(number >> (5 * place)) & 31] for place in reversed(range(digits)))


def stable_id(*parts: str) -> str:
    """32 hex digits, the same for the same parts in every process."""
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:32]


def stable_ulid(*parts: str) -> str:
    """26 characters as the ids of config entries have, the same for the same parts in every process."""
    return "01" + _base32(int(stable_id(*parts), 16), 24)


def ulid(now: float, source: random.Random) -> str:
    return _base32(int(now * 1000), 10) + _base32(source.getrandbits(80), 16)


def isoformat(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def slugify(name: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in name.lower().replace("'", "_"))
    return "_".join(words.split())


@dataclass(frozen=True, slots=True)
class Context:
    """Who caused a change; `user_id` is None for the home itself."""

    id: str
    user_id: str | None = None

    def to_wire(self) -> Row:
        return {"id": self.id, "parent_id": None, "user_id": self.user_id}


@dataclass(frozen=True, slots=True)
class State:
    """One entity's state. Times are epoch seconds."""

    entity_id: str
    state: str
    attributes: Mapping[str, Any]
    context: Context
    last_changed: float
    last_updated: float
    last_reported: float

    @property
    def domain(self) -> str:
        return self.entity_id.partition(".")[0]

    @property
    def kind(self) -> str:
        """`domain.device_class`, or the domain alone where there is none."""
        device_class = self.attributes.get("device_class")
        return f"{self.domain}.{device_class}" if device_class else self.domain

    def to_wire(self) -> Row:
        return {
            "entity_id": self.entity_id,
            "state": self.state,
            "attributes": dict(self.attributes),
            "last_changed": isoformat(self.last_changed),
            "last_reported": isoformat(self.last_reported),
            "last_updated": isoformat(self.last_updated),
            "context": self.context.to_wire(),
        }


@dataclass(frozen=True, slots=True)
class Event:
    """What the bus carries. A `state_changed` has its two states apart from `data`."""

    event_type: str
    context: Context
    time_fired: float
    data: Row = field(default_factory=dict)
    old_state: State | None = None
    new_state: State | None = None

    @property
    def entity_id(self) -> str:
        """The entity of a `state_changed`; empty for any other event."""
        state = self.new_state or self.old_state
        return state.entity_id if state else ""

    def to_wire(self) -> Row:
        data = self.data
        if self.event_type == "state_changed":
            data = {
                "entity_id": self.entity_id,
                "old_state": self.old_state.to_wire() if self.old_state else None,
                "new_state": self.new_state.to_wire() if self.new_state else None,
            }
        return {
            "event_type": self.event_type,
            "data": data,
            "origin": "LOCAL",
            "time_fired": isoformat(self.time_fired),
            "context": self.context.to_wire(),
        }
