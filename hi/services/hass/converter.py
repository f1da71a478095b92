"""From Home Assistant's payloads to hi's specs.

entity (Home Assistant)   one thing to read or set: a *state* here, with its sensor and controller
attribute                 where it is an aspect of the home, a state of its own: a feature (see `features`)
device                    what several entities belong to: an *entity* here; so is an entity without a device
service device            a device that is no hardware (the sun, a backup): an entity of type SERVICE
area, floor               places
registry row `id`         the one name that never changes: the state's key; `entity_id` is its address

42 of 126 entities of a demo home have no registry row: their key is "entity_id:…" until they get one, and then that
key is a former one of the row's.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from hi.entity.enums import EntityType, LocationKind, StateCategory
from hi.integration.core import decode
from hi.integration.core.specs import EntitySpec, LocationSpec, Quarantined, SensorSpec, StateSpec, Structure
from hi.integration.enums import ItemKind
from hi.integration.exceptions import DataValidationError
from hi.services.hass import mapping
from hi.services.hass.features import NAMES, find_features, find_unseen_features, join_feature
from hi.services.hass.naming import (
    assign_aspects,
    assign_feature_aspect,
    find_server_id,
    get_category,
    name_feature,
    name_state,
    name_thing,
    rank,
    state_key,
)
from hi.services.hass.wire import (
    MAX_KEY,
    HassArea,
    HassDevice,
    HassEntityEntry,
    HassFloor,
    HassHome,
    HassLabel,
    HassState,
    is_entity_id,
)

logger = logging.getLogger(__name__)
Row = TypeVar("Row")
_told: set[str] = set()


def convert_home(home: HassHome) -> Structure:
    """Everything that has a state now. A row that cannot be read is quarantined and spoils no other."""
    return _Conversion(home).build()


@dataclass(frozen=True, slots=True)
class _Bad:
    """A row that could not be read, with whatever says which one it is."""

    row: object
    path: str
    message: str

    def read_key(self, name: str) -> str:
        """The row's key, if at least that can be read; else empty."""
        value = self.row.get(name) if isinstance(self.row, Mapping) else None
        return value if isinstance(value, str) and len(value) <= MAX_KEY else ""


@dataclass(frozen=True, slots=True)
class _Table(Generic[Row]):
    """The rows of one list by their key, in the order of the list; `paths` says where each was."""

    rows: dict[str, Row]
    paths: dict[str, str]
    bad: tuple[_Bad, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One entity of Home Assistant: its state, and its row in the registry if it has one."""

    state: HassState
    entry: HassEntityEntry | None

    @property
    def key(self) -> str:
        return state_key(self.state.entity_id, self.entry.id if self.entry else "")

    @property
    def former_keys(self) -> tuple[str, ...]:
        return (state_key(self.state.entity_id),) if self.entry else ()


@dataclass(slots=True)
class _Conversion:
    home: HassHome
    quarantined: list[Quarantined] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    labels: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    def build(self) -> Structure:
        home = self.home
        if home.config.not_ready:
            self.reasons.append(home.config.not_ready)
        floors = _read(home.floor_registry, "floor_registry", HassFloor.from_wire, "floor_id")
        areas = _read(home.area_registry, "area_registry", HassArea.from_wire, "area_id")
        devices = _read(home.device_registry, "device_registry", HassDevice.from_wire, "id")
        entries = _read(home.entity_registry, "entity_registry", HassEntityEntry.from_wire, "entity_id")
        states = _read(home.states, "states", HassState.from_wire, "entity_id")
        labels = _read(home.label_registry, "label_registry", HassLabel.from_wire, "label_id")
        self.labels = {key: label.name for key, label in labels.rows.items()}
        self._protect(floors.bad, ItemKind.LOCATION, "floor:", "floor_id")
        self._protect(areas.bad, ItemKind.LOCATION, "area:", "area_id")
        self._protect(devices.bad, ItemKind.ENTITY, "", "id")
        self._protect(entries.bad, ItemKind.STATE, "", "id")
        self._protect_states(states.bad, entries)
        on_devices, alone = self._group(states, entries, devices)
        area_keys = {*areas.rows, *(bad.read_key("area_id") for bad in areas.bad)}
        things = [self._build_device(devices.rows[key], members, area_keys) for key, members in on_devices.items()]
        things += [self._build_alone(member, area_keys) for member in alone]
        return Structure(
            entities=tuple(things),
            locations=tuple(_locations(floors, areas)),
            complete=not self.reasons,
            incomplete_reason="; ".join(dict.fromkeys(self.reasons)),
            quarantined=tuple(self.quarantined),
            kept=frozenset(self.kept),
            source_version=home.config.version,
            server_id=find_server_id(devices.rows.values(), are_all=not (self.reasons or devices.bad)),
        )

    def _protect(self, bad_rows: Iterable[_Bad], kind: ItemKind, prefix: str, key_name: str) -> None:
        for bad in bad_rows:
            if key := bad.read_key(key_name):
                self._quarantine(kind, prefix + key, bad.path, bad.message)
            else:
                self.reasons.append(f"{bad.path} cannot be told from its neighbours")

    def _protect_states(self, bad_rows: Iterable[_Bad], entries: "_Table[HassEntityEntry]") -> None:
        for bad in bad_rows:
            if entity_id := bad.read_key("entity_id"):
                entry = entries.rows.get(entity_id)
                self._quarantine(ItemKind.STATE, state_key(entity_id, entry.id if entry else ""), bad.path, bad.message)
            else:
                self.reasons.append(f"{bad.path} cannot be told from its neighbours")

    def _quarantine(self, kind: ItemKind, key: str, path: str, message: str) -> None:
        self.quarantined.append(Quarantined(kind, key, path, message))
        if kind is ItemKind.STATE:
            self.kept |= {join_feature(key, name) for name in NAMES}

    def _group(
        self, states: "_Table[HassState]", entries: "_Table[HassEntityEntry]", devices: "_Table[HassDevice]"
    ) -> tuple[dict[str, list[Member]], list[Member]]:
        """Members by device in the order of their creation, and those without a device."""
        on_devices: dict[str, list[Member]] = {}
        alone: list[Member] = []
        bad_devices = {bad.read_key("id") for bad in devices.bad}
        # A state whose row cannot be read must not come under another key meanwhile.
        unreadable = dict.fromkeys(bad.read_key("entity_id") for bad in entries.bad)
        known = [entity_id for entity_id in entries.rows if entity_id in states.rows]
        known.sort(key=lambda entity_id: entries.rows[entity_id].created_at)  # a rename puts a row at the list's end
        loose = [entity_id for entity_id in states.rows if entity_id not in entries.rows | unreadable]
        nameless = [bad.path for bad in entries.bad if not is_entity_id(bad.read_key("entity_id"))]
        unsure = [f"{path} leaves open which entity it is of" for path in nameless]
        unsure += [] if self.home.is_settled else ["entities were being renamed there"]
        if unsure:
            self.reasons += unsure
            loose = []  # any of them could be a row's
        for entity_id in [*known, *loose]:
            member = Member(states.rows[entity_id], entries.rows.get(entity_id))
            if member.entry and member.entry.is_disabled:
                continue  # a state of before, not taken away yet
            device_id = member.entry.device_id if member.entry else ""
            if not device_id:
                alone.append(member)
            elif device_id in devices.rows:
                on_devices.setdefault(device_id, []).append(member)
            else:
                path = f"{entries.paths[entity_id]}.device_id"
                self._quarantine(ItemKind.STATE, member.key, path, "the device it belongs to cannot be read")
                if device_id not in bad_devices:
                    self.reasons.append("the device registry does not list every device that entities belong to")
        return {key: on_devices[key] for key in devices.rows if key in on_devices}, alone

    def _build_device(self, device: HassDevice, members: Sequence[Member], area_keys: set[str]) -> EntitySpec:
        primary = min(members, key=lambda member: rank(member.state, member.entry, device.name))
        name = name_thing(device.name, primary.state, primary.entry)
        own_keys = _own_keys(primary)
        area = device.area_id if device.area_id in area_keys else ""
        return EntitySpec(
            key=device.id,
            name=name,
            entity_type=EntityType.SERVICE if device.is_service else mapping.get_kind(primary.state.domain).entity_type,
            location_key=_area_key(area),
            details={mapping.DETAILS[name]: text for name, text in device.details.items()},
            labels=self._name_labels(device.labels, members),
            states=self._build_states(members, primary, name, area, area_keys),
            # Before it had a device it was a thing of its own.
            former_keys=own_keys,
        )

    def _build_alone(self, member: Member, area_keys: set[str]) -> EntitySpec:
        key, *former_keys = _own_keys(member)
        name = name_thing("", member.state, member.entry)
        area = member.entry.area_id if member.entry and member.entry.area_id in area_keys else ""
        return EntitySpec(
            key=key,
            name=name,
            entity_type=mapping.get_kind(member.state.domain).entity_type,
            location_key=_area_key(area),
            labels=self._name_labels((), [member]),
            states=self._build_states([member], member, name, area, area_keys),
            former_keys=tuple(former_keys),
        )

    def _name_labels(self, own: Iterable[str], members: Iterable[Member]) -> tuple[str, ...]:
        """Those of the thing and of what belongs to it, each once."""
        ids = dict.fromkeys([*own, *(label for member in members if member.entry for label in member.entry.labels)])
        return tuple(self.labels[label] for label in ids if label in self.labels)

    def _build_states(
        self, members: Sequence[Member], primary: Member, thing_name: str, thing_area: str, area_keys: set[str]
    ) -> tuple[StateSpec, ...]:
        ordered = [primary, *(member for member in members if member is not primary)]
        aspects = assign_aspects([(member.state, member.entry) for member in ordered], thing_name)
        taken = set(aspects)
        states = []
        for member, aspect in zip(ordered, aspects, strict=True):
            state, entry = member.state, member.entry
            _tell_generic(state.domain)
            area = entry.area_id if entry and entry.area_id in area_keys and entry.area_id != thing_area else ""
            state_class = decode.read_lenient_text(state.attributes, mapping.STATE_CLASS, max_length=30)
            main = StateSpec(
                key=member.key,
                address=state.entity_id,
                aspect=aspect,
                name=name_state(thing_name, state, entry),
                state_type=mapping.get_state_type(state.domain, state.attributes),
                is_primary=member is primary,
                category=get_category(entry),
                location_key=_area_key(area),
                family=state.domain,
                is_hidden=entry is not None and entry.is_hidden,
                sensor=SensorSpec(state.device_class, state_class, entry.precision if entry else None),
                controller=mapping.build_controller(state.domain, state.attributes),
                former_keys=member.former_keys,
            )
            states += [main, *_build_features(main, state, thing_name, taken)]
            self.kept |= {
                join_feature(key, feature.name)
                for feature in find_unseen_features(state.domain, state.attributes)
                for key in (member.key, *member.former_keys)
            }
        return tuple(states)


def _build_features(main: StateSpec, state: HassState, thing_name: str, taken: set[str]) -> Iterable[StateSpec]:
    """What the entity has beside its state, with the same place, family and sight."""
    for feature in find_features(state.domain, state.attributes):
        yield replace(
            main,
            key=join_feature(main.key, feature.name),
            address=join_feature(main.address, feature.name),
            aspect=assign_feature_aspect(feature.name, main.aspect, taken),
            name=name_feature(feature.label, main.name, thing_name),
            state_type=feature.state_type,
            is_primary=False,
            category=feature.category if main.category is StateCategory.PURPOSE else main.category,
            sensor=SensorSpec(),
            controller=feature.control.build(state.attributes) if feature.control else None,
            former_keys=tuple(join_feature(key, feature.name) for key in main.former_keys),
        )


def _own_keys(member: Member) -> tuple[str, ...]:
    """What a member is, or was, known by as a thing of its own: the newest first."""
    return tuple(f"entity:{key}" for key in (member.key, *member.former_keys))


def _area_key(area_id: str) -> str:
    return f"area:{area_id}" if area_id else ""


def _locations(floors: "_Table[HassFloor]", areas: "_Table[HassArea]") -> Iterable[LocationSpec]:
    for floor in floors.rows.values():
        yield LocationSpec(f"floor:{floor.floor_id}", floor.name, LocationKind.FLOOR, position=floor.level)
    known = {*floors.rows, *(bad.read_key("floor_id") for bad in floors.bad)}
    for area in areas.rows.values():
        parent = f"floor:{area.floor_id}" if area.floor_id and area.floor_id in known else ""
        yield LocationSpec(f"area:{area.area_id}", area.name, LocationKind.ROOM, parent_key=parent)


def _read(rows: Sequence[Any], path: str, from_wire: Callable[[object, str], Row], key_name: str) -> _Table[Row]:
    table: dict[str, Row] = {}
    paths: dict[str, str] = {}
    bad: list[_Bad] = []
    for index, row in enumerate(rows):
        where = f"{path}[{index}]"
        try:
            decoded = from_wire(row, where)
        except DataValidationError as err:
            bad.append(_Bad(row, err.path or where, str(err).removeprefix(f"{err.path}: ")))
        else:
            key = getattr(decoded, key_name)
            table[key], paths[key] = decoded, where
    return _Table(table, paths, tuple(bad))


def _tell_generic(domain: str) -> None:
    """Once a process for each kind that has no mapping of its own."""
    if domain not in mapping.DOMAINS and domain not in _told:
        _told.add(domain)
        logger.info("entities of the kind %r are read as plain texts", domain)
