"""The part of a file that tells of places and things: people's own names, kinds, places, notes and facts.

Rows that are as the file says are not written. Places are few, and are edited one by one; things may be thousands.
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
from hi.integration.people_at_once import Additions, Told

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
        if not isinstance(parent, Absent) and (parent.pk if parent else None) != location.user_parent_id:
            was = str(location.parent or "")
            if place_edits.move(location, parent.pk if parent else 0, self.user) is not None:
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
        additions = Additions(self.user)
        for key, entry in things.items():
            entity = found.get(key)
            if entity is None:
                self._wait_for(label, f"thing {key}", entry.name)
                continue
            shown = str(entity.name)
            with told_of(entry.line, THINGS, label, key):
                self._edit_thing(additions, entity, entry, facts.setdefault(entity.pk, {}), shown)
            for state_key, state_entry in entry.states.items():
                state = states.get(state_key)
                if state is None:
                    self._wait_for(label, f"state {state_key} of {shown}", state_entry.name)
                    continue
                with told_of(state_entry.line, THINGS, label, key, "states", state_key):
                    self._edit_named(additions, state, state_entry, f"{shown} / {state.name}")
        additions.write()

    def _find(self, label: str, kind: ItemKind, keys: Iterable[str], model: type[Row]) -> dict[str, Row]:
        """Locked, with their places."""
        if label not in self.instances:
            return {}
        links = IntegrationLink.objects.filter(instance=self.instances[label], kind=kind)
        ids: dict[str, int] = {}
        for part in _in_parts(list(keys)):
            ids |= dict(links.filter(integration_key__in=part).values_list("integration_key", f"{kind}_id"))
        rows: dict[int, Row] = {}
        related = ["user_location", "source_location", *(["entity"] if kind is ItemKind.STATE else [])]
        locked = model._default_manager.select_related(*related).select_for_update(of=("self",), no_key=True)
        for some in _in_parts(sorted(set(ids.values()))):
            rows |= {row.pk: row for row in locked.filter(pk__in=some).order_by("pk")}
        return {key: rows[pk] for key, pk in ids.items() if pk in rows}

    def _edit_thing(
        self, additions: Additions, entity: Entity, entry: ThingEntry, facts: dict[str, str], shown: str
    ) -> None:
        self._edit_named(additions, entity, entry, shown)
        if not isinstance(entry.kind, Absent):
            self._tell(shown, "kind", additions.set_type(entity, entry.kind or ""))
        if not isinstance(entry.notes, Absent):
            self._tell(shown, "notes", additions.write_notes(entity, entry.notes))
        for name, value in entry.facts.items():
            self._tell(shown, f"fact: {name}", additions.note_fact(entity, name, value, facts))

    def _edit_named(
        self, additions: Additions, row: Entity | EntityState, entry: ThingEntry | StateEntry, subject: str
    ) -> None:
        if not isinstance(entry.name, Absent):
            self._tell(subject, "name", additions.call(row, entry.name or ""))
        place = self._resolve(entry.place, subject)
        if not isinstance(place, Absent):
            self._tell(subject, "place", additions.put(row, place))

    def _tell(self, subject: str, what: str, told: Told) -> None:
        if told is not None:
            self.outcome.change(THINGS, subject, what, *map(_first, told))

    # Both.

    def _resolve(self, ref: PlaceRef | Absent | None, subject: str) -> Location | Absent | None:
        """A place, None for "as the source says"; ABSENT, too, where its source has not told of it yet."""
        if isinstance(ref, Absent):
            return ABSENT
        if ref is None:
            return None
        place = self._places.get((ref.integration, ref.key)) if ref.integration else self.own.get(ref.key)
        if place is None:
            self._wait_for(ref.integration, f"place {ref.key}, for {subject}", None)
            return ABSENT
        return place

    def _wait_for(self, label: str, what: str, name: str | Absent | None) -> None:
        called = f" ({name})" if isinstance(name, str) else ""
        told = f"{label}: {what}{called}"
        if told not in self.outcome.pending:
            self.outcome.pending.append(told)


def _refs(document: Document) -> Iterable[PlaceRef]:
    return (ref for _path, ref in list_place_refs(document))


def _other_name(row: Location, name: str | Absent | None) -> str | None:
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
