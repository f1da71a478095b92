"""Home Assistant's payloads as it sends them, in its own words.

States and REST: https://developers.home-assistant.io/docs/api/rest
WebSocket commands and events: https://developers.home-assistant.io/docs/api/websocket
Registries: https://developers.home-assistant.io/docs/entity_registry_index and those of device, area and floor
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeGuard

from hi.integration.core import decode, wire
from hi.integration.exceptions import DataValidationError

RUNNING = "RUNNING"
UNAVAILABLE = "unavailable"
UNKNOWN = "unknown"
CELSIUS = "°C"

DEVICE_CLASS = "device_class"
UNIT = "unit_of_measurement"
RESTORED = "restored"
# What every state is read with.
VALUE_ATTRIBUTES = frozenset({DEVICE_CLASS, UNIT, RESTORED})

# What the device registry says for people to read, and what they call it.
DETAILS: Mapping[str, str] = {
    "manufacturer": "Manufacturer",
    "model": "Model",
    "model_id": "Model number",
    "sw_version": "Firmware",
    "hw_version": "Hardware",
    "serial_number": "Serial number",
}


def is_entity_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= decode.MAX_KEY and all(value.partition("."))


def _entity_id(row: Mapping[str, Any], name: str, path: str) -> str:
    value = row.get(name)
    if not is_entity_id(value):
        raise DataValidationError("not an entity id", path=f"{path}.{name}")
    return value


def _precision(row: Mapping[str, Any], name: str, _path: str) -> int | None:
    sensor = decode.read_lenient_mapping(decode.read_lenient_mapping(row.get(name)).get("sensor"))
    values = (sensor.get("display_precision"), sensor.get("suggested_display_precision"))
    return next((one for one in values if type(one) is int and 0 <= one <= 20), None)


def _sun_entry(row: Mapping[str, Any], name: str, _path: str) -> str:
    pairs = map(decode.read_lenient_list, decode.read_lenient_list(row.get(name)))
    return next((str(pair[1]) for pair in pairs if pair[:1] == ["sun"] and pair[1:]), "")


@dataclass(frozen=True, slots=True)
class HassConfig(wire.Payload):
    """What `get_config` and `/api/config` say of the server."""

    version: str = wire.text(max_length=40)
    location_name: str = wire.lenient_text()
    state: str = wire.lenient_text(otherwise=RUNNING)
    recovery_mode: bool = wire.flag()
    safe_mode: bool = wire.flag()
    temperature_unit: str = wire.text_within("unit_system", "temperature", otherwise=CELSIUS)

    @property
    def not_ready(self) -> str:
        """Why not everything in the home may be there now, as the end of a sentence; empty if it is."""
        if self.state != RUNNING:
            # Seen on a restart: 6 of 126 entities exist until the state is RUNNING.
            return f"Home Assistant is not fully started yet ({self.state})"
        if self.recovery_mode:
            return "Home Assistant runs in recovery mode, without most of the home"
        return "Home Assistant runs in safe mode, without its custom integrations" if self.safe_mode else ""


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
        entity_id, state = _entity_id(row, "entity_id", path), decode.read_text(row, "state", path, may_be_empty=True)
        changed_at = decode.read_iso_time(row, "last_changed", path)
        updated_at = decode.read_iso_time(row, "last_updated", path) if row.get("last_updated") else changed_at
        attributes = decode.read_mapping(row.get("attributes"), f"{path}.attributes")
        return cls(entity_id, state, changed_at, updated_at, attributes)

    @classmethod
    def from_short(cls, entity_id: str, data: object, kept: frozenset[str] = VALUE_ATTRIBUTES) -> "HassState":
        """As `subscribe_entities` adds an entity: `s` state, `a` attributes (only `kept` ones: a listener has
        thousands of entities in memory), `lc` last changed, `lu` last updated where that is later."""
        if not is_entity_id(entity_id):
            raise DataValidationError("not an entity id", path=entity_id)
        row = decode.read_mapping(data, entity_id)
        given = decode.read_mapping(row.get("a"), f"{entity_id}.a")
        state = decode.read_text(row, "s", entity_id, may_be_empty=True)
        changed_at = decode.read_epoch_time(row, "lc", entity_id)
        updated_at = decode.read_epoch_time(row, "lu", entity_id) if "lu" in row else changed_at
        return cls(entity_id, state, changed_at, updated_at, {name: given[name] for name in kept if name in given})

    def changed_by(self, data: object, kept: frozenset[str] = VALUE_ATTRIBUTES) -> "HassState":
        """As `subscribe_entities` changes it: `+` holds what is new (`lu` alone where only attributes are), `-` the
        names of attributes that went."""
        path = f"{self.entity_id}.+"
        diff = decode.read_mapping(data, self.entity_id)
        plus = decode.read_mapping(diff.get("+") or {}, path)
        minus = decode.read_mapping(diff.get("-") or {}, f"{self.entity_id}.-")
        added = decode.read_mapping(plus.get("a") or {}, f"{path}.a")
        removed = decode.read_list(minus.get("a") or [], f"{self.entity_id}.-.a")
        attributes = self.attributes
        if removed or not kept.isdisjoint(added):
            merged = {**{name: attributes[name] for name in attributes if name not in removed}, **added}
            attributes = {name: merged[name] for name in kept if name in merged}
        state, changed_at, updated_at = self.state, self.changed_at, self.updated_at
        if "s" in plus:
            state = decode.read_text(plus, "s", path, may_be_empty=True)
        if "lc" in plus:
            changed_at = updated_at = decode.read_epoch_time(plus, "lc", path)
        if "lu" in plus:
            updated_at = decode.read_epoch_time(plus, "lu", path)
        return HassState(self.entity_id, state, changed_at, updated_at, attributes)

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
class HassEntityEntry(wire.Payload):
    """One row of the entity registry. `id` never changes; `entity_id` is what the user may rename. `precision` is how
    many digits the user, else the integration, wants to see. Old servers do not tell `created_at`."""

    id: str = wire.key()
    entity_id: str = wire.read_by(_entity_id)
    name: str = wire.optional_text()
    original_name: str = wire.optional_text()
    has_entity_name: bool = wire.flag()
    device_id: str = wire.optional_key()
    area_id: str = wire.optional_key()
    category: str = wire.lenient_text("entity_category")
    precision: int | None = wire.read_by(_precision, "options", default=None)
    labels: tuple[str, ...] = wire.texts()
    is_hidden: bool = wire.presence("hidden_by")
    is_disabled: bool = wire.presence("disabled_by")
    created_at: float = wire.number()


@dataclass(frozen=True, slots=True)
class HassDevice(wire.Payload):
    """One row of the device registry. A service (the sun, a backup) is a device too. `config_entries` are the ids of
    what brought it, `sun_entry` its own one where it is the sun."""

    id: str = wire.key()
    name: str = wire.first_text("name_by_user", "name")
    area_id: str = wire.optional_key()
    is_service: bool = wire.says("entry_type", "service")
    details: Mapping[str, str] = wire.named_texts(DETAILS)
    labels: tuple[str, ...] = wire.texts()
    config_entries: tuple[str, ...] = wire.texts()
    sun_entry: str = wire.read_by(_sun_entry, "identifiers", default="")


@dataclass(frozen=True, slots=True)
class HassArea(wire.Payload):
    """One row of the area registry: a room, or something like one."""

    area_id: str = wire.key()
    name: str = wire.text()
    floor_id: str = wire.optional_key()


@dataclass(frozen=True, slots=True)
class HassFloor(wire.Payload):
    """One row of the floor registry. Not every floor has a level."""

    floor_id: str = wire.key()
    name: str = wire.text()
    level: int = wire.integer(limit=1000)


@dataclass(frozen=True, slots=True)
class HassLabel(wire.Payload):
    """One row of the label registry: a word that people group things under."""

    label_id: str = wire.key()
    name: str = wire.text(max_length=60)


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
