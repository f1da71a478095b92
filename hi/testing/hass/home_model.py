"""The simulated home itself: registries and states, and the bus that tells every change. No I/O."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hi.testing.hass.model import LASTING_ATTRIBUTES, UNAVAILABLE, Context, Event, Row, State, ulid

USER_ID = "42b6b9026ed84f4ba122ca78bb140066"
"""Who a change made by hand belongs to."""


class Home:
    """Registries by id, states by `entity_id`; every change is an `Event` to all `listeners`.

    Not thread-safe: a running server owns it, and its controls are the way in from other threads.
    """

    def __init__(self, name: str, seed: str = "home", clock: Callable[[], float] = time.time) -> None:
        self.name = name
        self.seed = seed
        self.clock = clock
        self.core_state = "RUNNING"
        self.floors: dict[str, Row] = {}
        self.areas: dict[str, Row] = {}
        self.labels: dict[str, Row] = {}
        self.devices: dict[str, Row] = {}
        self.entities: dict[str, Row] = {}
        self.states: dict[str, State] = {}
        self.lives: dict[str, str] = {}
        self.listeners: list[Callable[[Event], None]] = []
        self._available: dict[str, State] = {}
        self._unloaded: dict[str, State] = {}
        self._random = random.Random(seed)

    def context(self, by_user: bool = False) -> Context:
        return Context(ulid(self.clock(), self._random), USER_ID if by_user else None)

    def fire(self, event_type: str, data: Row) -> None:
        self._tell(Event(event_type, self.context(), self.clock(), data))

    def _tell(self, event: Event) -> None:
        for listener in tuple(self.listeners):
            listener(event)

    # States

    def set_state(
        self, entity_id: str, state: str, attributes: Mapping[str, Any], by_user: bool = False, force: bool = False
    ) -> bool:
        """Writes a state as it is given; False if nothing but `last_reported` moved."""
        now, old = self.clock(), self.states.get(entity_id)
        if old and old.state == state and dict(old.attributes) == dict(attributes) and not force:
            self.states[entity_id] = replace(old, last_reported=now)
            return False
        changed = old.last_changed if old and old.state == state and not force else now
        new = State(entity_id, state, dict(attributes), self.context(by_user), changed, now, now)
        self.states[entity_id] = new
        self._tell(Event("state_changed", new.context, now, old_state=old, new_state=new))
        return True

    def update_state(self, entity_id: str, state: str, by_user: bool = False, **attributes: Any) -> bool:
        """Writes a state over the attributes it has."""
        old = self.states.get(entity_id)
        return self.set_state(entity_id, state, {**(old.attributes if old else {}), **attributes}, by_user)

    def remove_state(self, entity_id: str) -> None:
        self._available.pop(entity_id, None)
        self._unloaded.pop(entity_id, None)
        if old := self.states.pop(entity_id, None):
            self._tell(Event("state_changed", self.context(), self.clock(), old_state=old))

    def make_unavailable(self, entity_id: str, restored: bool = False) -> None:
        """Keeps what describes the entity and drops what it measures.

        `restored` is the entity of an integration that did not load: even its friendly name is another.
        """
        state = self.states[entity_id]
        if state.state != UNAVAILABLE:
            self._available[entity_id] = state
        kept = {key: value for key, value in state.attributes.items() if key in LASTING_ATTRIBUTES}
        if restored:
            row = self.entities[entity_id]
            device = self.devices.get(row["device_id"] or "")
            kept = {"restored": True, **kept, "supported_features": kept.get("supported_features", 0)}
            kept["friendly_name"] = row["original_name"] or (device or row)["name"]
        self.set_state(entity_id, UNAVAILABLE, kept)

    def make_available(self, entity_id: str) -> None:
        before = self._available.pop(entity_id, None)
        if before and entity_id in self.states:
            self.set_state(entity_id, before.state, before.attributes)

    # Entities

    def add_entity(
        self, entity_id: str, state: str, attributes: Mapping[str, Any], row: Row | None, life: str = ""
    ) -> None:
        if row is not None:
            self.entities[entity_id] = row
            self.fire("entity_registry_updated", {"action": "create", "entity_id": entity_id})
            # The voice assistant's default for a new entity is written a moment later.
            exposed = {"action": "update", "entity_id": entity_id, "changes": {"options": {}}}
            self.fire("entity_registry_updated", exposed)
            if row["disabled_by"]:
                return
        if life:
            self.lives[entity_id] = life
        self.set_state(entity_id, state, attributes)

    def remove_entity(self, entity_id: str) -> None:
        self.remove_state(entity_id)
        if self.entities.pop(entity_id, None):
            self.fire("entity_registry_updated", {"action": "remove", "entity_id": entity_id})

    def rename_entity(self, old: str, new: str) -> None:
        """Gives an entity another `entity_id`; to its state that is a removal and an addition."""
        row = self.entities[new] = self.entities.pop(old)  # goes to the end, as there
        row |= {"entity_id": new, "modified_at": self.clock()}
        if old in self.lives:
            self.lives[new] = self.lives.pop(old)
        available = self._available.get(old)
        if state := self.states.get(old):
            self.remove_state(old)
            self.set_state(new, state.state, state.attributes)
        if available:
            self._available[new] = available
        data = {"action": "update", "entity_id": new, "changes": {"entity_id": old}, "old_entity_id": old}
        self.fire("entity_registry_updated", data)

    def update_entity(self, entity_id: str, **changes: Any) -> None:
        """Changes fields of the registry row: `name`, `area_id`, `hidden_by`, `disabled_by`, `labels` …"""
        row = self.entities[entity_id]
        before = {key: row[key] for key, value in changes.items() if row[key] != value}
        if not before:
            return
        row |= {**changes, "modified_at": self.clock()}
        if "disabled_by" in before and changes["disabled_by"]:
            self.remove_state(entity_id)
        self._refresh_name(entity_id)
        self.fire("entity_registry_updated", {"action": "update", "entity_id": entity_id, "changes": before})

    def label_entity(self, entity_id: str, *label_ids: str) -> None:
        self.update_entity(entity_id, labels=list(label_ids))

    def _refresh_name(self, entity_id: str) -> None:
        row, state = self.entities[entity_id], self.states.get(entity_id)
        device = self.devices.get(row["device_id"] or "")
        name = row["name"] or row["original_name"]
        if row["has_entity_name"] and device and not row["name"]:
            name = " ".join(part for part in (device["name_by_user"] or device["name"], name) if part)
        if state and name and "restored" not in state.attributes:
            self.set_state(entity_id, state.state, {**state.attributes, "friendly_name": name})

    # Devices and areas

    def identify(self, entry: str) -> None:
        """Sets the id under which the Sun was set up: by that a server is known."""
        for row in self.devices.values():
            if row["identifiers"][0][0] == "sun":
                row |= {"identifiers": [["sun", entry]], "config_entries": [entry], "primary_config_entry": entry}
                row["config_entries_subentries"] = {entry: [None]}

    def device_id(self, name_or_id: str) -> str:
        """The id of a device given by its id, its name or the user's name for it."""
        if name_or_id in self.devices:
            return name_or_id
        for key, row in self.devices.items():
            if name_or_id in (row["name"], row["name_by_user"]):
                return key
        raise KeyError(f"no device {name_or_id!r}")

    def entities_of(self, device_id: str) -> list[str]:
        return [key for key, row in self.entities.items() if row["device_id"] == device_id]

    def add_device(self, row: Row) -> None:
        self.devices[row["id"]] = row
        self.fire("device_registry_updated", {"action": "create", "device_id": row["id"]})

    def update_device(self, device_id: str, **changes: Any) -> None:
        """Changes fields of the row: `name_by_user`, `area_id`, `disabled_by` …; names follow in the states."""
        row = self.devices[device_id]
        before = {key: row[key] for key, value in changes.items() if row[key] != value}
        if not before:
            return
        row |= {**changes, "modified_at": self.clock()}
        for entity_id in self.entities_of(device_id):
            self._refresh_name(entity_id)
        self.fire("device_registry_updated", {"action": "update", "device_id": device_id, "changes": before})

    def remove_device(self, device_id: str) -> None:
        for entity_id in self.entities_of(device_id):
            self.remove_entity(entity_id)
        self.devices.pop(device_id)
        self.fire("device_registry_updated", {"action": "remove", "device_id": device_id})

    def add_area(self, row: Row) -> None:
        self.areas[row["area_id"]] = row
        self.fire("area_registry_updated", {"action": "create", "area_id": row["area_id"]})

    def update_area(self, area_id: str, **changes: Any) -> None:
        self.areas[area_id] |= {**changes, "modified_at": self.clock()}
        self.fire("area_registry_updated", {"action": "update", "area_id": area_id})

    def remove_area(self, area_id: str) -> None:
        self.areas.pop(area_id)
        for row in self.devices.values():
            row["area_id"] = None if row["area_id"] == area_id else row["area_id"]
        self.fire("area_registry_updated", {"action": "remove", "area_id": area_id})

    # Going down and coming back

    def unload(self, keep: int) -> None:
        """What a server that starts has: the registries, and only the first states. Nobody is told."""
        everything = {**self.states, **self._unloaded}
        self.states, self._unloaded = {}, everything
        self._load(list(everything)[:keep])

    def load(self) -> None:
        """Brings the rest of the states, each as a new one."""
        self._load(list(self._unloaded))

    def _load(self, entity_ids: list[str]) -> None:
        for entity_id in entity_ids:
            state = self._unloaded.pop(entity_id)
            self.set_state(entity_id, state.state, state.attributes)

    def set_core_state(self, core_state: str) -> None:
        self.core_state = core_state
        self.fire("core_config_updated", {})
        event_type = {"STARTING": "homeassistant_start", "RUNNING": "homeassistant_started"}.get(core_state)
        if event_type:
            self.fire(event_type, {})
