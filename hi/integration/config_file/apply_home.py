"""The part of a file that tells of places and things: people's own names, kinds, places, notes and facts.

Rows that are as the file says are not touched, not even locked: a file may name thousands of things.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from hi.accounts.models import User
from hi.entity.models import Entity, EntityAttribute, EntityState, Location
from hi.integration import people, place_edits
from hi.integration.config_file.checking import Instances, list_place_refs
from hi.integration.config_file.document import (
    ABSENT,
    Absent,
    Document,
    PlaceEntry,
    PlaceRef,
    StateEntry,
    ThingEntry,
)
from hi.integration.config_file.nodes import FileError
from hi.integration.config_file.outcome import Outcome, told_of
from hi.integration.enums import ItemKind
from hi.integration.models import IntegrationLink

PLACES, THINGS = "places", "things"
AT_ONCE = 400
MOST_SHOWN = 60
Row = TypeVar("Row", Entity, EntityState)
Key = TypeVar("Key", str, int)


class HomePart:
    """What is looked up once for the whole file. Call its methods inside the file's transaction."""

    def __init__(self, instances: Instances, own: Mapping[str, Location], user: User, outcome: Outcome) -> None:
        self.instances, self.own = instances, dict(own)
        self.user, self.outcome = user, outcome
        self._places: dict[tuple[str, str], Location] = {}

    # Places.

    def apply_places(self, document: Document) -> None:
        for label in {ref.integration for ref in _refs(document) if ref.integration} | set(document.mirrored_places):
            self._read_places(label)
        for name, entry in document.own_places.items():
            if name not in self.own:
                with told_of(entry.line, PLACES, "own", name):
                    assert entry.kind is not ABSENT
                    self.own[name] = place_edits.add(name, entry.kind, 0, self.user)
                self.outcome.add(PLACES, name, f"a {entry.kind} of your own")
        edits = [
            (("own", name), self.own[name], entry) for name, entry in document.own_places.items()
        ] + [
            (("mirrored", label, key), self._places[label, key], entry)
            for label, entries in document.mirrored_places.items()
            for key, entry in entries.items()
            if self._is_there(label, key, entry)
        ]  # fmt: skip
        self._edit_places(edits)

    def _read_places(self, label: str) -> None:
        if label in self.instances:
            links = self.instances[label].links.filter(kind=ItemKind.LOCATION).select_related("location")
            self._places |= {(label, link.integration_key): link.location for link in links if link.location}

    def _is_there(self, label: str, key: str, entry: PlaceEntry) -> bool:
        if (label, key) in self._places:
            return True
        self._wait_for(label, f"place {key}", entry.name)
        return False

    def _edit_places(self, edits: Sequence[tuple[tuple[str, ...], Location, PlaceEntry]]) -> None:
        """Of places that change places with each other, one can only move once the other has."""
        waiting = list(edits)
        while waiting:
            refused: list[FileError] = []
            left = []
            for path, location, entry in waiting:
                try:
                    with told_of(entry.line, PLACES, *path):
                        self._edit_place(location, entry)
                except FileError as err:
                    refused.append(err)
                    left.append((path, location, entry))
            if len(left) == len(waiting):
                raise FileError([problem for err in refused for problem in err.problems])
            waiting = left

    def _edit_place(self, location: Location, entry: PlaceEntry) -> None:
        location.refresh_from_db()
        shown = str(location.name)
        if (name := _other_name(location, entry.name)) is not None:
            people.call(location, name, self.user)
            location.refresh_from_db()
            self.outcome.change(PLACES, shown, "name", shown, location.name)
        parent = self._resolve(entry.inside, shown)
        if not isinstance(parent, Absent) and (parent or None) != location.user_parent_id:
            was = str(location.parent or "")
            if place_edits.move(location, parent, self.user) is not None:
                location.refresh_from_db()
                self.outcome.change(PLACES, shown, "stands in", was, location.parent or "")
        if entry.position is not ABSENT and entry.position != location.user_position:
            was_at = location.user_position
            place_edits.edit(location, {"position": "" if entry.position is None else entry.position}, self.user)
            self.outcome.change(PLACES, shown, "position", _or_source(was_at), _or_source(entry.position))

    # Things.

    def apply_things(self, label: str, things: Mapping[str, ThingEntry]) -> None:
        keys = list(things)
        for begin in range(0, len(keys), AT_ONCE):
            self._apply_some(label, {key: things[key] for key in keys[begin : begin + AT_ONCE]})

    def _apply_some(self, label: str, things: Mapping[str, ThingEntry]) -> None:
        found = self._find(label, ItemKind.ENTITY, things, Entity)
        states = self._find(label, ItemKind.STATE, [key for one in things.values() for key in one.states], EntityState)
        facts: dict[int, dict[str, str]] = {}
        noted = EntityAttribute.objects.filter(entity__in=[entity.pk for entity in found.values()])
        for pk, name, value in noted.values_list("entity", "name", "value"):
            facts.setdefault(pk, {})[name] = value
        for key, entry in things.items():
            entity = found.get(key)
            if entity is None:
                self._wait_for(label, f"thing {key}", entry.name)
                continue
            with told_of(entry.line, THINGS, label, key):
                shown = self._edit_thing(entity, entry, facts.get(entity.pk, {}))
            for state_key, state_entry in entry.states.items():
                state = states.get(state_key)
                if state is None:
                    self._wait_for(label, f"state {state_key} of {shown}", state_entry.name)
                    continue
                with told_of(state_entry.line, THINGS, label, key, "states", state_key):
                    self._edit_named(state, state_entry, f"{shown} / {state.name}")

    def _find(self, label: str, kind: ItemKind, keys: Iterable[str], model: type[Row]) -> dict[str, Row]:
        if label not in self.instances:
            return {}
        links = IntegrationLink.objects.filter(instance=self.instances[label], kind=kind)
        ids: dict[str, int] = {}
        for part in _in_parts(list(keys)):
            ids |= dict(links.filter(integration_key__in=part).values_list("integration_key", f"{kind}_id"))
        rows: dict[int, Row] = {}
        for some in _in_parts(list(ids.values())):
            rows |= model._default_manager.in_bulk(some)
        return {key: rows[pk] for key, pk in ids.items() if pk in rows}

    def _edit_thing(self, entity: Entity, entry: ThingEntry, facts: Mapping[str, str]) -> str:
        """Returns what it is called in what is told of it: as it was before."""
        shown = str(entity.name)
        self._edit_named(entity, entry, shown)
        kind = entry.kind
        if not isinstance(kind, Absent) and (kind if kind != entity.source_type else None) != entity.user_type:
            was = entity.entity_type
            if people.set_type(entity, kind or "", self.user) is not None:
                self.outcome.change(THINGS, shown, "kind", was, kind or entity.source_type)
        if not isinstance(entry.notes, Absent):
            notes = people.clean_text(entry.notes, "notes", people.MAX_NOTES)
            if notes != entity.user_notes:
                people.write_notes(entity, notes, self.user)
                self.outcome.change(THINGS, shown, "notes", _first(entity.user_notes), _first(notes))
        for name, value in entry.facts.items():
            name = people.clean_line(name, "name", people.MAX_FACT_NAME)
            before = facts.get(name, "")
            if people.clean_text(value, "value", people.MAX_FACT) != before:
                people.note_fact(entity, name, value, self.user)
                self.outcome.change(THINGS, shown, f"fact: {name}", _first(before), _first(value))
        return shown

    def _edit_named(self, row: Entity | EntityState, entry: ThingEntry | StateEntry, subject: str) -> None:
        name, was = _other_name(row, entry.name), str(row.name)
        if name is not None and people.call(row, name, self.user) is not None:
            self.outcome.change(THINGS, subject, "name", was, name or row.source_name)
        place = self._resolve(entry.place, subject)
        if isinstance(place, Absent) or (place if place != row.source_location_id else 0) == (
            row.user_location_id or 0
        ):
            return
        stood = str(row.user_location or row.source_location or "")
        if people.put(row, place, self.user) is not None:
            now = Location.objects.filter(pk=place).first() or row.source_location
            self.outcome.change(THINGS, subject, "place", stood, now or "")

    # Both.

    def _resolve(self, ref: PlaceRef | Absent | None, subject: str) -> int | Absent:
        """The id of a place, 0 for "as the source says"; ABSENT, too, where its source has not told of it yet."""
        if isinstance(ref, Absent):
            return ABSENT
        if ref is None:
            return 0
        place = self._places.get((ref.integration, ref.key)) if ref.integration else self.own.get(ref.key)
        if place is None:
            self._wait_for(ref.integration, f"place {ref.key}, for {subject}", None)
            return ABSENT
        return place.pk

    def _wait_for(self, label: str, what: str, name: str | Absent | None) -> None:
        called = f" ({name})" if isinstance(name, str) else ""
        told = f"{label}: {what}{called}"
        if told not in self.outcome.pending:
            self.outcome.pending.append(told)


def _refs(document: Document) -> Iterable[PlaceRef]:
    return (ref for _path, ref in list_place_refs(document))


def _other_name(row: Entity | EntityState | Location, name: str | Absent | None) -> str | None:
    """The name that the file gives it, where it has another; its source's own is none of people's."""
    if isinstance(name, Absent):
        return None
    wanted = people.clean_line(name or "", "name", people.MAX_NAME)
    return wanted if (wanted if wanted != row.source_name else "") != (row.user_name or "") else None


def _in_parts(keys: Sequence[Key]) -> Iterable[Sequence[Key]]:
    """A statement takes so many parameters only."""
    return (keys[begin : begin + AT_ONCE] for begin in range(0, len(keys), AT_ONCE))


def _first(text: str) -> str:
    line = text.strip().split("\n")[0]
    return line if len(line) <= MOST_SHOWN and "\n" not in text.strip() else f"{line[:MOST_SHOWN].rstrip()} …"


def _or_source(position: int | None) -> str:
    return "as its source says" if position is None else str(position)
