"""Home Assistant's payloads as it sends them, in its own words.

States and REST: https://developers.home-assistant.io/docs/api/rest
WebSocket commands and events: https://developers.home-assistant.io/docs/api/websocket
Registries: https://developers.home-assistant.io/docs/entity_registry_index and its neighbours device_registry_index,
    area_registry_index, floor_registry_index

What identifies or places a row must be readable, or `from_wire` raises DataValidationError; what is else is optional.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeGuard

from hi.integration.core import decode
from hi.integration.exceptions import DataValidationError

RUNNING = "RUNNING"
UNAVAILABLE = "unavailable"
UNKNOWN = "unknown"

# Home Assistant allows 255 characters; a key needs room for what hi puts before it, and must never be cut.
MAX_KEY = 200
MAX_STATE = 255

DEVICE_CLASS = "device_class"
UNIT = "unit_of_measurement"
RESTORED = "restored"
# What every state is read with.
VALUE_ATTRIBUTES = frozenset({DEVICE_CLASS, UNIT, RESTORED})
CELSIUS = "°C"

DETAILS = ("manufacturer", "model", "model_id", "sw_version", "hw_version", "serial_number")


@dataclass(frozen=True, slots=True)
class HassConfig:
    """What `get_config` and `/api/config` say of the server."""

    version: str
    location_name: str
    state: str
    recovery_mode: bool = False
    safe_mode: bool = False
    temperature_unit: str = CELSIUS

    @classmethod
    def from_wire(cls, data: object) -> "HassConfig":
        row = decode.read_mapping(data, "config")
        units = row["unit_system"] if isinstance(row.get("unit_system"), Mapping) else {}
        return cls(
            version=decode.read_text(row, "version", "config", max_length=40),
            location_name=decode.read_lenient_text(row, "location_name"),
            state=decode.read_lenient_text(row, "state") or RUNNING,
            recovery_mode=row.get("recovery_mode") is True,
            safe_mode=row.get("safe_mode") is True,
            temperature_unit=decode.read_lenient_text(units, "temperature", max_length=40) or CELSIUS,
        )

    @property
    def not_ready(self) -> str:
        """Why not everything in the home may be there now, as the end of a sentence; empty if it is."""
        if self.state != RUNNING:
            # Seen on a restart: 6 of 126 entities exist until the state is RUNNING.
            return f"Home Assistant is not fully started yet ({self.state})"
        if self.recovery_mode:
            return "Home Assistant runs in recovery mode, without most of the home"
        if self.safe_mode:
            return "Home Assistant runs in safe mode, without its custom integrations"
        return ""


@dataclass(frozen=True, slots=True)
class HassState:
    """One entity's state. `changed_at` is when the state itself changed, `updated_at` when that or an attribute did."""

    entity_id: str
    state: str
    changed_at: datetime
    updated_at: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_wire(cls, data: object, path: str) -> "HassState":
        row = decode.read_mapping(data, path)
        changed_at = decode.read_iso_time(row, "last_changed", path)
        return cls(
            entity_id=_entity_id(row.get("entity_id"), f"{path}.entity_id"),
            state=_state(row, "state", path),
            changed_at=changed_at,
            updated_at=decode.read_iso_time(row, "last_updated", path) if row.get("last_updated") else changed_at,
            attributes=decode.read_mapping(row.get("attributes"), f"{path}.attributes"),
        )

    @classmethod
    def from_short(cls, entity_id: str, data: object, kept: frozenset[str] = VALUE_ATTRIBUTES) -> "HassState":
        """As `subscribe_entities` adds an entity: `s` state, `a` attributes (only `kept` ones: a listener has
        thousands of entities in memory), `lc` last changed, `lu` last updated where that is later."""
        row = decode.read_mapping(data, entity_id)
        attributes = decode.read_mapping(row.get("a"), f"{entity_id}.a")
        changed_at = decode.read_epoch_time(row, "lc", entity_id)
        return cls(
            entity_id=_entity_id(entity_id, entity_id),
            state=_state(row, "s", entity_id),
            changed_at=changed_at,
            updated_at=decode.read_epoch_time(row, "lu", entity_id) if "lu" in row else changed_at,
            attributes={name: attributes[name] for name in kept if name in attributes},
        )

    def changed_by(self, data: object, kept: frozenset[str] = VALUE_ATTRIBUTES) -> "HassState":
        """As `subscribe_entities` changes it: `+` holds what is new (`lu` alone where only attributes are), `-` the
        names of attributes that went."""
        path = self.entity_id
        diff = decode.read_mapping(data, path)
        plus = decode.read_mapping(diff.get("+") or {}, f"{path}.+")
        minus = decode.read_mapping(diff.get("-") or {}, f"{path}.-")
        attributes = self.attributes
        added = decode.read_mapping(plus.get("a") or {}, f"{path}.+.a")
        removed = decode.read_list(minus.get("a") or [], f"{path}.-.a")
        if removed or not kept.isdisjoint(added):
            merged = {**{name: attributes[name] for name in attributes if name not in removed}, **added}
            attributes = {name: merged[name] for name in kept if name in merged}
        changed_at = decode.read_epoch_time(plus, "lc", f"{path}.+") if "lc" in plus else self.changed_at
        updated_at = changed_at if "lc" in plus else self.updated_at
        return HassState(
            entity_id=self.entity_id,
            state=_state(plus, "s", f"{path}.+") if "s" in plus else self.state,
            changed_at=changed_at,
            updated_at=decode.read_epoch_time(plus, "lu", f"{path}.+") if "lu" in plus else updated_at,
            attributes=attributes,
        )

    @property
    def domain(self) -> str:
        return self.entity_id.partition(".")[0]

    @property
    def device_class(self) -> str:
        return decode.read_lenient_text(self.attributes, DEVICE_CLASS, max_length=60)

    @property
    def unit(self) -> str:
        return decode.read_lenient_text(self.attributes, UNIT, max_length=40)

    @property
    def is_restored(self) -> bool:
        return self.attributes.get(RESTORED) is True


@dataclass(frozen=True, slots=True)
class HassEntityEntry:
    """One row of the entity registry. `id` never changes; `entity_id` is what the user may rename. `precision` is how
    many digits the user, else the integration, wants to see. Old servers do not tell `created_at`."""

    id: str
    entity_id: str
    name: str = ""
    original_name: str = ""
    has_entity_name: bool = False
    device_id: str = ""
    area_id: str = ""
    category: str = ""
    precision: int | None = None
    labels: tuple[str, ...] = ()
    is_hidden: bool = False
    is_disabled: bool = False
    created_at: float = 0.0

    @classmethod
    def from_wire(cls, data: object, path: str) -> "HassEntityEntry":
        row = decode.read_mapping(data, path)
        return cls(
            id=_key(row, "id", path),
            entity_id=_entity_id(row.get("entity_id"), f"{path}.entity_id"),
            name=decode.read_optional_text(row, "name", path),
            original_name=decode.read_optional_text(row, "original_name", path),
            has_entity_name=row.get("has_entity_name") is True,
            device_id=_optional_key(row, "device_id", path),
            area_id=_optional_key(row, "area_id", path),
            category=decode.read_lenient_text(row, "entity_category"),
            precision=_precision(row.get("options")),
            labels=decode.read_lenient_texts(row, "labels"),
            is_hidden=bool(row.get("hidden_by")),
            is_disabled=bool(row.get("disabled_by")),
            created_at=decode.read_optional_number(row, "created_at") or 0.0,
        )


@dataclass(frozen=True, slots=True)
class HassDevice:
    """One row of the device registry. A service (the sun, a backup) is a device too. `config_entries` are the ids of
    what brought it, `sun_entry` its own one where it is the sun."""

    id: str
    name: str = ""
    area_id: str = ""
    is_service: bool = False
    details: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    config_entries: tuple[str, ...] = ()
    sun_entry: str = ""

    @classmethod
    def from_wire(cls, data: object, path: str) -> "HassDevice":
        row = decode.read_mapping(data, path)
        return cls(
            id=_key(row, "id", path),
            name=decode.read_optional_text(row, "name_by_user", path) or decode.read_optional_text(row, "name", path),
            area_id=_optional_key(row, "area_id", path),
            is_service=row.get("entry_type") == "service",
            details={name: text for name in DETAILS if (text := decode.read_lenient_text(row, name))},
            labels=decode.read_lenient_texts(row, "labels"),
            config_entries=decode.read_lenient_texts(row, "config_entries"),
            sun_entry=_sun_entry(row.get("identifiers")),
        )


@dataclass(frozen=True, slots=True)
class HassArea:
    """One row of the area registry: a room, or something like one."""

    area_id: str
    name: str
    floor_id: str = ""

    @classmethod
    def from_wire(cls, data: object, path: str) -> "HassArea":
        row = decode.read_mapping(data, path)
        name = decode.read_text(row, "name", path)
        return cls(_key(row, "area_id", path), name, _optional_key(row, "floor_id", path))


@dataclass(frozen=True, slots=True)
class HassFloor:
    """One row of the floor registry. Not every floor has a level."""

    floor_id: str
    name: str
    level: int = 0

    @classmethod
    def from_wire(cls, data: object, path: str) -> "HassFloor":
        row = decode.read_mapping(data, path)
        level = decode.read_optional_number(row, "level") or 0
        name = decode.read_text(row, "name", path)
        return cls(_key(row, "floor_id", path), name, int(level) if abs(level) < 1000 else 0)


@dataclass(frozen=True, slots=True)
class HassLabel:
    """One row of the label registry: a word that people group things under."""

    label_id: str
    name: str

    @classmethod
    def from_wire(cls, data: object, path: str) -> "HassLabel":
        row = decode.read_mapping(data, path)
        return cls(_key(row, "label_id", path), decode.read_text(row, "name", path, max_length=60))


@dataclass(frozen=True, slots=True)
class HassHome:
    """All that one session reads: the lists as they came, so that one bad row spoils no other. `is_admin` is None where
    the server does not say; `is_settled` is False where entities were moving meanwhile."""

    config: HassConfig
    entity_registry: list[Any]
    device_registry: list[Any]
    area_registry: list[Any]
    floor_registry: list[Any]
    label_registry: list[Any]
    states: list[Any]
    is_admin: bool | None = None
    is_settled: bool = True


def _key(row: Mapping[str, Any], name: str, path: str) -> str:
    value = decode.read_text(row, name, path, max_length=MAX_KEY + 1)
    if len(value) > MAX_KEY:
        raise DataValidationError(f"longer than {MAX_KEY} characters", path=f"{path}.{name}")
    return value


def _optional_key(row: Mapping[str, Any], name: str, path: str) -> str:
    return _key(row, name, path) if row.get(name) else ""


def is_entity_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= MAX_KEY and all(value.partition("."))


def _entity_id(value: object, path: str) -> str:
    if not is_entity_id(value):
        raise DataValidationError("not an entity id", path=path)
    return value


def _state(row: Mapping[str, Any], name: str, path: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise DataValidationError(f"expected a text, got {type(value).__name__}", path=f"{path}.{name}")
    return decode.clean_text(value, MAX_STATE)


def _sun_entry(identifiers: object) -> str:
    pairs = identifiers if isinstance(identifiers, list) else ()
    return next((str(pair[1]) for pair in pairs if isinstance(pair, list) and pair[:1] == ["sun"] and pair[1:]), "")


def _precision(options: object) -> int | None:
    sensor = options.get("sensor") if isinstance(options, Mapping) else None
    if not isinstance(sensor, Mapping):
        return None
    for name in ("display_precision", "suggested_display_precision"):
        value = sensor.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 20:
            return value
    return None
