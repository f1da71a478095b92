"""What a service says exists: plain data between its converter and the plan.

A converter turns a service's payload into one `Structure`. Values are not in it: they have a writer of their own
(see `values.py`). Every spec flattens to one `Item`, which is all that the plan and its application know.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hi.entity.enums import ControlType, EntityStateType, EntityType, LocationKind, StateCategory
from hi.integration.enums import ItemKind


@dataclass(frozen=True, slots=True)
class LocationSpec:
    """A place. `position` orders places of one parent."""

    key: str
    name: str
    kind: LocationKind = LocationKind.ROOM
    parent_key: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class SensorSpec:
    """How a state is read: the service's finer class, what kind of number it is (`measurement`, `total`,
    `total_increasing`; empty for none), and the digits to show (None: as they come)."""

    device_class: str = ""
    state_class: str = ""
    precision: int | None = None


@dataclass(frozen=True, slots=True)
class ControllerSpec:
    """How a state is set, and within which bounds. `asks_first`: a person confirms each time; `code_format` is
    "number" or "text" where a code must go along, with all but the options `without_code`."""

    control: ControlType
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    options: tuple[str, ...] = ()
    asks_first: bool = False
    code_format: str = ""
    without_code: tuple[str, ...] = ()

    def needs_code(self, value: str) -> bool:
        return bool(self.code_format) and value not in self.without_code


@dataclass(frozen=True, slots=True)
class StateSpec:
    """One aspect of a thing.

    `key` is the service's stable identity of it; `address` the changeable name under which its values arrive;
    `aspect` names it within its thing. `former_keys` are identities it may have been known by before. `family` is the
    service's own word for what it is, by which people choose what to mirror; `is_hidden` is its wish to be left out of
    sight.
    """

    key: str
    address: str
    aspect: str
    name: str
    state_type: EntityStateType = EntityStateType.TEXT
    is_primary: bool = False
    category: StateCategory = StateCategory.PURPOSE
    location_key: str = ""
    family: str = ""
    is_hidden: bool = False
    sensor: SensorSpec | None = None
    controller: ControllerSpec | None = None
    former_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntitySpec:
    """A thing with its states. `details` are shown and nothing else: maker, model, version. `labels` are what the
    service groups it under, as people read them."""

    key: str
    name: str
    entity_type: EntityType = EntityType.OTHER
    location_key: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    states: tuple[StateSpec, ...] = ()
    former_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An item that could not be decoded: left out of the structure, but its key is protected from removal."""

    kind: ItemKind
    key: str
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Structure:
    """Everything a service says exists, with the proof whether that is everything.

    `complete` is False when anything may be missing (a page that failed, a server still starting, an item whose very
    key cannot be read): such a structure creates and updates, and removes nothing. `incomplete_reason` says why.
    `server_id` is what the server calls itself for good, empty where it has no such name. `kept` are keys of states
    that a service does not show all the time: one that is known stays as long as its thing, and none is made.
    """

    entities: tuple[EntitySpec, ...] = ()
    locations: tuple[LocationSpec, ...] = ()
    complete: bool = True
    incomplete_reason: str = ""
    quarantined: tuple[Quarantined, ...] = ()
    kept: frozenset[str] = frozenset()
    source_version: str = ""
    server_id: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing, state or place, as the plan compares and the database stores it."""

    kind: ItemKind
    key: str
    name: str
    parent_key: str
    address: str
    fields: Mapping[str, Any]
    former_keys: tuple[str, ...]
    content_hash: str


def flatten(structure: Structure) -> Iterator[Item]:
    """Places, then things, then states: parents before what hangs on them."""
    for location in structure.locations:
        fields = {"kind": location.kind, "position": location.position}
        yield _item(ItemKind.LOCATION, location.key, location.name, location.parent_key, "", fields, ())
    for entity in structure.entities:
        fields = {
            "entity_type": entity.entity_type,
            "location_key": entity.location_key,
            "details": dict(entity.details),
            "labels": list(entity.labels),
            "is_hidden": bool(entity.states) and all(state.is_hidden for state in entity.states),
        }
        yield _item(ItemKind.ENTITY, entity.key, entity.name, "", "", fields, entity.former_keys)
    for entity in structure.entities:
        for state in entity.states:
            fields = {
                "aspect": state.aspect,
                "state_type": state.state_type,
                "is_primary": state.is_primary,
                "category": state.category,
                "location_key": state.location_key,
                "is_hidden": state.is_hidden,
                "sensor": _as_dict(state.sensor) if state.sensor else None,
                "controller": _as_dict(state.controller) if state.controller else None,
            }
            yield _item(ItemKind.STATE, state.key, state.name, entity.key, state.address, fields, state.former_keys)


def _as_dict(spec: SensorSpec | ControllerSpec) -> dict[str, Any]:
    """Without the deep copies of `dataclasses.asdict`, which cost more than all else in reading a home."""
    return {name: getattr(spec, name) for name in spec.__slots__}


def _item(
    kind: ItemKind,
    key: str,
    name: str,
    parent_key: str,
    address: str,
    fields: Mapping[str, Any],
    former_keys: tuple[str, ...],
) -> Item:
    content = json.dumps([name, parent_key, address, fields], sort_keys=True, ensure_ascii=False)
    digest = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
    return Item(kind, key, name, parent_key, address, fields, former_keys, digest)
