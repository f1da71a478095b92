"""From Home Assistant's payloads to hi's specs.

entity (Home Assistant)   one thing to read or set: a *state* here, with its sensor and controller
attribute                 where it is an aspect of the home, a state of its own (see `aspects`)
device                    what several entities belong to: an *entity* here; so is an entity without a device
service device            a device that is no hardware (the sun, a backup): an entity of type SERVICE
area, floor               places
registry row `id`         the one name that never changes: the state's key; `entity_id` is its address

Many entities have no registry row: their key is "entity_id:…" until they get one, and then a former one of the row's.

A user's names win over an integration's. `friendly_name` serves only where there is no registry row: while an
integration is not loaded (`restored`) Home Assistant shows another one, and a thing must not be renamed for that.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hi.entity.enums import HEALTH_STATE_TYPES, EntityStateType, EntityType, LocationKind, StateCategory
from hi.integration.core import decode
from hi.integration.core.aspects import join_all
from hi.integration.core.naming import choose_aspects, slug, without_thing, words
from hi.integration.core.rows import Doubts, Table, read_table
from hi.integration.core.specs import EntitySpec, LocationSpec, Quarantined, SensorSpec, StateSpec, Structure
from hi.integration.enums import ItemKind
from hi.services.hass import kinds, wire
from hi.services.hass.aspects import ASPECTS, get_aspects, read_bits
from hi.utils.once import info_once

by_address = "entity_id:{}".format
logger = logging.getLogger(__name__)
S = EntityStateType

CATEGORIES = {"diagnostic": StateCategory.DIAGNOSTIC, "config": StateCategory.CONFIGURATION}
# A class that says how a value is written and not what it is about names nothing.
VAGUE_CLASSES = frozenset({"date", "duration", "enum", "timestamp"})
RANKS: Mapping[str, int] = {domain: rank for rank, domain in enumerate(kinds.KINDS)}
# Down to the remotes they are what a thing is for: such a state needs no name but its thing's, and no other aspect.
PLAIN_DOMAINS = frozenset(domain for domain, rank in RANKS.items() if rank <= RANKS["remote"])
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
NO_ENTRY = wire.HassEntityEntry("", "")


@dataclass(frozen=True, slots=True)
class Member:
    """One entity of Home Assistant: its state, and its row in the registry; an empty one if it has none."""

    state: wire.HassState
    entry: wire.HassEntityEntry = NO_ENTRY

    @property
    def keys(self) -> tuple[str, ...]:
        """What it is known by, then what it was before it had a row."""
        return tuple(filter(None, (self.entry.id, by_address(self.state.entity_id))))

    @property
    def category(self) -> StateCategory:
        return CATEGORIES.get(self.entry.category, StateCategory.PURPOSE)

    @property
    def subject(self) -> str:
        """What its state is about, if its class says that."""
        return "" if self.state.device_class in VAGUE_CLASSES else self.state.device_class

    @property
    def object_id(self) -> str:
        return self.state.entity_id.partition(".")[2]

    def name_thing(self) -> str:
        """What it is called where it has no device."""
        friendly_name = "" if self.entry.id else decode.read_lenient_text(self.state.attributes, "friendly_name")
        return self.entry.name or self.entry.original_name or friendly_name or words(self.object_id)

    def name_state(self, thing_name: str) -> str:
        """Its name within its thing; where it has none of its own, its class in words, else the thing's name."""
        label = self.entry.name or self.get_label(thing_name)
        if label and label != thing_name:
            return label
        return thing_name if self.state.domain in PLAIN_DOMAINS else words(self.subject) or thing_name

    def get_label(self, thing_name: str) -> str:
        """The integration's name for it, without the device's name that older integrations put before it."""
        name = self.entry.original_name
        return name if self.entry.has_entity_name else without_thing(name, thing_name)

    def is_main_feature(self, thing_name: str) -> bool:
        """Whether it takes its device's name: by Home Assistant's own rules it is what the device is for."""
        name = self.entry.original_name
        return not name if self.entry.has_entity_name else name == thing_name != ""

    def rank(self, thing_name: str) -> tuple[bool, bool, bool, tuple[int, int]]:
        """How it competes for standing for its thing; the least wins: purpose before health, the main feature first,
        then as the tables say."""
        state_type = kinds.find_kind(self.state.domain, self.state.attributes).state_type
        is_purpose, is_health = self.category is StateCategory.PURPOSE, state_type in HEALTH_STATE_TYPES
        return not is_purpose, is_health, not self.is_main_feature(thing_name), self._rank_kind(state_type, thing_name)

    def _rank_kind(self, state_type: EntityStateType, thing_name: str) -> tuple[int, int]:
        domain = self.state.domain
        if domain not in ("binary_sensor", "sensor"):
            return RANKS.get(domain, len(RANKS)), 0
        if domain == "binary_sensor" and state_type is S.OPEN_CLOSE and OPENING_WORDS & {*thing_name.lower().split()}:
            return RANKS["binary_sensor"], 0
        kind = self.state.device_class if domain == "binary_sensor" else state_type
        named = (place for place, (of, those) in enumerate(SENSOR_ORDER) if of == domain and kind in those)
        return RANKS["binary_sensor"], next(named, SENSOR_ORDER.index((domain, frozenset())))

    def suggest_aspects(self, thing_name: str, *, is_alone: bool) -> Iterable[str]:
        """Short names within its thing, the best first. The original name stays when the user renames the entity or
        its id."""
        if self.state.domain in PLAIN_DOMAINS:
            yield self.state.domain
        yield slug(self.subject)
        if (label := self.get_label(thing_name)) != thing_name:
            yield slug(label)
        if not is_alone:
            yield slug(self.object_id).removeprefix(slug(thing_name)).strip("_")
        yield slug(self.state.domain) or "state"


def convert_home(home: wire.HassHome) -> Structure:
    """Everything that has a state now. A row that cannot be read is quarantined and spoils no other."""
    return _Conversion(home).build()


@dataclass(slots=True)
class _Conversion:
    home: wire.HassHome
    doubts: Doubts = field(default_factory=Doubts)
    kept: set[str] = field(default_factory=set)
    labels: Mapping[str, wire.HassLabel] = field(default_factory=dict)
    areas: frozenset[str] = frozenset()

    def build(self) -> Structure:
        home, doubts = self.home, self.doubts
        doubts.reasons += [home.config.not_ready] if home.config.not_ready else []
        floors = read_table(home.floor_registry, "floor_registry", wire.HassFloor.from_wire, "floor_id")
        areas = read_table(home.area_registry, "area_registry", wire.HassArea.from_wire, "area_id")
        devices = read_devices(home.device_registry)
        entries = read_table(home.entity_registry, "entity_registry", wire.HassEntityEntry.from_wire, "entity_id")
        states = read_table(home.states, "states", wire.HassState.from_wire, "entity_id")
        self.labels = read_table(home.label_registry, "label_registry", wire.HassLabel.from_wire, "label_id").rows
        self.areas = areas.keys
        ids = {name: entry.id for name, entry in entries.rows.items()}
        doubts.protect(floors.bad, ItemKind.LOCATION, "floor_id", "floor:{}".format)
        doubts.protect(areas.bad, ItemKind.LOCATION, "area_id", "area:{}".format)
        doubts.protect(devices.bad, ItemKind.ENTITY, "id")
        doubts.protect(entries.bad, ItemKind.STATE, "id")
        doubts.protect(states.bad, ItemKind.STATE, "entity_id", lambda name: ids.get(name) or by_address(name))
        loose = [Member(states.rows[name]) for name in self._find_loose(states, entries)]
        things = [self._build_thing(*group) for group in self._group(states, entries, devices, loose)]
        unread = [one.key for one in doubts.quarantined if one.kind is ItemKind.STATE]
        self.kept.update(*(join_all(unread, aspects) for aspects in ASPECTS.values()))
        return Structure(
            entities=tuple(things),
            locations=tuple(_locations(floors, areas)),
            kept=frozenset(self.kept),
            source_version=home.config.version,
            server_id=find_server_id(devices, is_ready=not doubts.reasons),
            **doubts.tell(),
        )

    def _find_loose(self, states: Table[wire.HassState], entries: Table[wire.HassEntityEntry]) -> list[str]:
        """The states without a row, if it is sure that they have none."""
        nameless = [bad.path for bad in entries.bad if not wire.is_entity_id(bad.read_key("entity_id"))]
        unsure = [f"{path} leaves open which entity it is of" for path in nameless]
        unsure += [] if self.home.is_settled else ["entities were being renamed there"]
        self.doubts.reasons += unsure
        # A state whose row cannot be read must not come under another key meanwhile.
        listed = entries.keys
        return [] if unsure else [name for name in states.rows if name not in listed]

    def _group(
        self,
        states: Table[wire.HassState],
        entries: Table[wire.HassEntityEntry],
        devices: Table[wire.HassDevice],
        loose: Iterable[Member],
    ) -> Iterable[tuple[list[Member], wire.HassDevice | None]]:
        """What belongs to one thing, in the order of its creation: a rename puts a row at the list's end."""
        groups: dict[str, list[Member]] = {key: [] for key in devices.rows}
        alone: list[Member] = []
        listed = devices.keys
        for entry in sorted(entries.rows.values(), key=lambda entry: entry.created_at):
            # A state of a disabled one is of before, and not taken away yet.
            if entry.is_disabled or entry.entity_id not in states.rows:
                continue
            member = Member(states.rows[entry.entity_id], entry)
            if entry.device_id in groups or not entry.device_id:
                groups.get(entry.device_id, alone).append(member)
                continue
            path, message = f"{entries.paths[entry.entity_id]}.device_id", "the device it belongs to cannot be read"
            self.doubts.quarantined.append(Quarantined(ItemKind.STATE, member.keys[0], path, message))
            if entry.device_id not in listed:
                self.doubts.reasons.append("the device registry does not list every device that entities belong to")
        yield from ((members, devices.rows[key]) for key, members in groups.items() if members)
        yield from (([member], None) for member in (*alone, *loose))

    def _build_thing(self, members: Sequence[Member], device: wire.HassDevice | None) -> EntitySpec:
        device_name = device.name if device else ""
        primary = min(members, key=lambda member: member.rank(device_name))
        entity_type = kinds.find_kind(primary.state.domain, primary.state.attributes).entity_type
        # Before it had a device it was a thing of its own, and before it had a row that went by its address.
        keys = [device.id] if device else []
        keys += [f"entity:{key}" for key in primary.keys]
        name, place = device_name or primary.name_thing(), self._locate(device or primary.entry)
        labels = [*(device.labels if device else ()), *(label for member in members for label in member.entry.labels)]
        ordered = [primary, *(member for member in members if member is not primary)]
        return EntitySpec(
            key=keys[0],
            name=name,
            entity_type=EntityType.SERVICE if device and device.is_service else entity_type,
            location_key=place,
            details=device.details if device else {},
            labels=tuple(self.labels[label].name for label in dict.fromkeys(labels) if label in self.labels),
            states=tuple(self._build_states(ordered, name, place)),
            former_keys=tuple(keys[1:]),
        )

    def _build_states(self, members: Sequence[Member], thing_name: str, thing_place: str) -> Iterable[StateSpec]:
        """Of the primary one first."""
        is_alone = len(members) == 1
        chosen = choose_aspects(member.suggest_aspects(thing_name, is_alone=is_alone) for member in members)
        taken = set(chosen)
        for member, aspect in zip(members, chosen, strict=True):
            state, entry = member.state, member.entry
            domain, attributes, bits = state.domain, state.attributes, read_bits(state.attributes)
            if domain not in kinds.KINDS:
                info_once(logger, "entities of the kind %r are read as plain texts", domain)
            state_class = decode.read_lenient_text(attributes, kinds.STATE_CLASS, max_length=30)
            kind, aspects, place = kinds.find_kind(domain, attributes), get_aspects(domain), self._locate(entry)
            main = StateSpec(
                key=member.keys[0],
                address=state.entity_id,
                aspect=aspect,
                name=member.name_state(thing_name),
                state_type=kind.state_type,
                is_primary=member is members[0],
                category=member.category,
                location_key=place if place != thing_place else "",
                family=domain,
                is_hidden=entry.is_hidden,
                sensor=SensorSpec(state.device_class, state_class, entry.precision),
                controller=kind.control.build(attributes, bits) if kind.control else None,
                former_keys=member.keys[1:],
            )
            yield main
            yield from aspects.build(main, thing_name, attributes, bits, taken)
            self.kept |= join_all(member.keys, aspects.find_unseen(attributes, bits))

    def _locate(self, row: wire.HassDevice | wire.HassEntityEntry) -> str:
        return f"area:{row.area_id}" if row.area_id and row.area_id in self.areas else ""


def _locations(floors: Table[wire.HassFloor], areas: Table[wire.HassArea]) -> Iterable[LocationSpec]:
    for floor in floors.rows.values():
        yield LocationSpec(f"floor:{floor.floor_id}", floor.name, LocationKind.FLOOR, position=floor.level)
    known = floors.keys
    for area in areas.rows.values():
        parent = f"floor:{area.floor_id}" if area.floor_id and area.floor_id in known else ""
        yield LocationSpec(f"area:{area.area_id}", area.name, LocationKind.ROOM, parent_key=parent)


def read_devices(rows: object) -> Table[wire.HassDevice]:
    return read_table(decode.read_lenient_list(rows), "device_registry", wire.HassDevice.from_wire, "id")


def find_server_id(devices: Table[wire.HassDevice], *, is_ready: bool) -> str:
    """No interface tells a server's own uuid. The Sun is set up by every installation on its first start, under an id
    drawn at random, and stays; where there is none, what was set up first serves as well. Ids of 32 digits are older
    than those that begin with their time. `is_ready`: without the Sun the others serve only if none is missing, for an
    id told wrong would look like another server."""
    if suns := [device.sun_entry for device in devices.rows.values() if device.sun_entry]:
        return min(suns)
    known = devices.rows.values() if is_ready and not devices.bad else ()
    entries = {entry for device in known for entry in device.config_entries}
    return min(entries, key=lambda entry: (len(entry) != 32, entry), default="")
