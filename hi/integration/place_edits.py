"""What people change in the tree of places: their own names and places, what stands in what, and in which order.

As in `people.py`: checked, written and told in one transaction; each returns what takes it back.
"""

from collections.abc import Mapping

from django.db.models import Q

from hi.accounts.models import User
from hi.entity import places
from hi.entity.enums import LocationKind
from hi.entity.models import Entity, EntityState, Location
from hi.integration import audit, exceptions, people
from hi.integration.audit import Verb

MAX_PLACES = 1_000

# Place -> its number among its neighbours; None is where its source has it.
Positions = Mapping[int, int | None]


def edit(location: Location, given: Mapping[str, str | int], user: User | None) -> dict[str, str | int]:
    """Change what is given of name, parent_id and position (empty: as the source has it), all or nothing. Returns the
    same kind of mapping."""
    done: dict[str, str | int | None] = {}
    with places.changing():
        if "name" in given:
            done["name"] = people.call(location, str(given["name"]), user)
        if "parent_id" in given:
            position = people.lock(location).user_position
            done["parent_id"] = move(location, int(given["parent_id"]), user)
            if done["parent_id"] is not None:  # it is among others now, and its number went with that
                done["position"] = position
        if "position" in given:
            done["position"] = _set_position(location, given["position"], user)
    return {field: former for field, former in done.items() if former is not None}


def add(name: str, kind: str, parent_id: int, user: User | None) -> Location:
    """A place of your own, in another one or, with 0, in none."""
    name = people.clean_line(name, "name", people.MAX_NAME)
    if not name:
        raise exceptions.ConfigurationError("Give it a name.", field="name")
    if kind not in set(LocationKind):
        raise exceptions.ConfigurationError("Choose building, floor or room.", field="kind")
    with places.changing():
        if Location.objects.count() >= MAX_PLACES:
            raise exceptions.ConfigurationError(f"{MAX_PLACES} places are the most.", field="name")
        location = Location(kind=kind, source_name="", user_name=name)
        location.user_parent = _find_parent(location, parent_id)
        location.save()
        audit.record(user, Verb.ADDED, name, after=_words(location.user_parent))
    return location


def move(location: Location, parent_id: int, user: User | None) -> int | None:
    """Put a place into another one; 0 for where its source has it, or for one of your own, into none."""
    with places.changing():
        location = people.lock(location)
        before, was = location.user_parent_id or 0, location.parent
        parent = _find_parent(location, parent_id)
        location.user_parent = parent if parent and parent.pk != location.source_parent_id else None
        if before == (location.user_parent_id or 0):
            return None
        now = location.parent
        if now and places.stands_in(now.pk, location.pk):
            raise exceptions.ConfigurationError(
                f"{now.name} itself stands in {location.name}.", field="parent_id", hint="Move that one first."
            )
        location.user_position = None
        location.save(update_fields=["user_parent", "user_position"])
        audit.record(user, Verb.MOVED, str(location.name), before=_words(was), after=_words(now))
    return before


def _find_parent(location: Location, parent_id: int) -> Location | None:
    if not parent_id:
        return None
    parent = Location.objects.filter(pk=parent_id).first()
    if parent is None:
        raise exceptions.ConfigurationError("There is no such place.", field="parent_id")
    if places.KIND_RANKS.get(parent.kind, 0) > places.KIND_RANKS.get(location.kind, 0):
        raise exceptions.ConfigurationError(f"A {location.kind} cannot stand in a {parent.kind}.", field="parent_id")
    return parent


def shift(location: Location, by: int, user: User | None) -> Positions:
    """Up (-1) or down (1) among its neighbours of the same kind. Give `arrange` what it returns to take it back."""
    with places.changing():
        tree = {place.location.pk: place for place in places.read_tree()}
        if location.pk not in tree:
            return {}
        # Those that are left out of sight keep out of the way, too.
        row = [
            tree[pk].location
            for pk in tree[location.pk].siblings
            if pk in tree and tree[pk].location.kind == location.kind
        ]
        at = [one.pk for one in row].index(location.pk)
        to = at + by
        if by not in (-1, 1) or not 0 <= to < len(row):
            return {}
        row[at], row[to] = row[to], row[at]
        words = f"after {row[to - 1].name}" if to else "first"
        return arrange(location, {one.pk: number for number, one in enumerate(row)}, user, words)


def arrange(location: Location, positions: Positions, user: User | None, words: str = "") -> Positions:
    """Give a place and its neighbours these positions. Returns those that they had, where they had others."""
    with places.changing():
        row = Location.objects.in_bulk(positions).values()
        moved = [one for one in row if one.user_position != positions[one.pk]]
        former = {one.pk: one.user_position for one in moved}
        if not moved:
            return former
        for one in moved:
            one.user_position = positions[one.pk]
        Location.objects.bulk_update(moved, ["user_position"])
        audit.record(user, Verb.MOVED, str(location.name), after=words)
    return former


def _set_position(location: Location, position: str | int, user: User | None) -> str | int | None:
    location = people.lock(location)
    before = "" if location.user_position is None else location.user_position
    if str(before) == str(position):
        return None
    location.user_position = None if position == "" else int(position)
    location.save(update_fields=["user_position"])
    audit.record(user, Verb.MOVED, str(location.name))
    return before


def count_inside(location: Location) -> tuple[int, int]:
    """How many things and places go back to where their source has them once this place is deleted."""
    moved = Q(user_location=location)
    things = Entity.objects.filter(moved | Q(states__in=EntityState.objects.filter(moved))).distinct().count()
    return things, Location.objects.filter(user_parent=location).count()


def delete(location: Location, user: User | None) -> None:
    """Delete a place of your own; what stands in it goes back to where its source has it."""
    with places.changing():
        location = people.lock(location)
        if not location.is_own:
            raise exceptions.ConfigurationError(
                f"{location.source_name} is a source's: only that can remove it.", hint="Rename it, or move it."
            )
        things, inside = count_inside(location)
        name = str(location.name)
        location.delete()
        audit.record(user, Verb.REMOVED, name, before=f"{things} things, {inside} places")


def _words(location: Location | None) -> str:
    return str(location.name) if location else ""
