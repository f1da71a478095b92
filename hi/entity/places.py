"""The tree of places: buildings, floors, rooms, as sources give it and people change it.

There are few of them, so the tree is read whole, in two statements, and walked here. `rank` is what lists of things
sort by: the number of a place in the whole tree, written anew whenever the tree changes.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import BigIntegerField, Count
from django.db.models.functions import Coalesce

from hi.entity.enums import LocationKind
from hi.entity.models import Entity, Location

# From the outside in: nothing stands in what comes after it.
KIND_RANKS: dict[str, int] = {kind: rank for rank, kind in enumerate(LocationKind)}


@dataclass(frozen=True, slots=True)
class Place:
    """A place where it stands in the tree. `things` counts those in it alone, `all_things` those in its rooms as well,
    both as lists show them: without hidden ones; `path` names what is above it, outermost first."""

    location: Location
    depth: int
    path: tuple[str, ...]
    parent_id: int | None
    things: int
    all_things: int
    siblings: tuple[int, ...]

    @property
    def is_gone(self) -> bool:
        return self.location.removed_at is not None

    @property
    def full_name(self) -> str:
        return " › ".join((*self.path, str(self.location.name)))


def read_tree() -> list[Place]:
    """Every place in the order of the tree. What its sources lost is left out unless something is still in it."""
    locations = list(Location.objects.all())
    parents = parents_of(locations)
    placed = list(_walk(locations, parents, _count_things()))
    used: set[int | None] = set()
    for place in reversed(placed):  # what stands in a place comes after it
        if place.things or not place.is_gone or place.location.pk in used:
            used |= {place.location.pk, place.parent_id}
    return [place for place in placed if place.location.pk in used]


def list_names(kept: int | None = None) -> dict[int, str]:
    """Every place that is there, and `kept` even if it is not, by its full name, in the order of the tree."""
    locations = list(Location.objects.all())
    placed = _walk(locations, parents_of(locations), {})
    return {place.location.pk: place.full_name for place in placed if not place.is_gone or place.location.pk == kept}


def _count_things() -> dict[int, int]:
    where = Coalesce("user_location_id", "source_location_id", output_field=BigIntegerField())
    live = Entity.objects.filter(removed_at=None, is_hidden=False).annotate(where=where).filter(where__isnull=False)
    return dict(live.values_list("where").annotate(number=Count("pk")).order_by())


def parents_of(locations: list[Location]) -> dict[int, int | None]:
    """Place -> what it stands in. A source that has two places contain each other leaves one of them at the top."""
    parents = {location.pk: location.user_parent_id or location.source_parent_id for location in locations}
    for pk, above in parents.items():
        if above not in parents or _leads_to(above, pk, parents):
            parents[pk] = None
    return parents


def _leads_to(begin: int | None, target: int, parents: dict[int, int | None]) -> bool:
    """Whether going up from one place reaches another; a circle that does not hold it ends the search."""
    seen = set()
    while begin is not None and begin not in seen:
        if begin == target:
            return True
        seen.add(begin)
        begin = parents.get(begin)
    return False


def get_path(location_id: int) -> tuple[str, ...]:
    """What it stands in, outermost first, and itself at the end."""
    locations = Location.objects.in_bulk()
    parents = parents_of(list(locations.values()))
    names: list[str] = []
    at: int | None = location_id
    while at is not None:
        names.insert(0, str(locations[at].name))
        at = parents[at]
    return tuple(names)


def stands_in(location_id: int, other_id: int) -> bool:
    """Whether a place is another, or stands in it, however deep."""
    return _leads_to(location_id, other_id, parents_of(list(Location.objects.all())))


def _walk(locations: list[Location], parents: dict[int, int | None], counted: dict[int, int]) -> Iterator[Place]:
    totals = _add_up(parents, counted)
    inside: dict[int | None, list[Location]] = defaultdict(list)
    for location in sorted(locations, key=_order):
        inside[parents[location.pk]].append(location)
    waiting: list[tuple[Location, tuple[str, ...]]] = [(location, ()) for location in reversed(inside[None])]
    siblings = {parent_id: tuple(location.pk for location in beside) for parent_id, beside in inside.items()}
    while waiting:
        location, path = waiting.pop()
        parent_id = parents[location.pk]
        things = counted.get(location.pk, 0)
        yield Place(location, len(path), path, parent_id, things, totals.get(location.pk, 0), siblings[parent_id])
        waiting += [(below, (*path, str(location.name))) for below in reversed(inside[location.pk])]


def _add_up(parents: dict[int, int | None], counted: dict[int, int]) -> dict[int, int]:
    """What is in each place, however deep."""
    totals: dict[int, int] = defaultdict(int)
    for pk, things in counted.items():
        at: int | None = pk
        while at is not None:
            totals[at] += things
            at = parents.get(at)
    return totals


def _order(location: Location) -> tuple[int, int, str, int]:
    position = location.position if location.user_position is None else location.user_position
    return KIND_RANKS.get(location.kind, 0), position, str(location.name).casefold(), location.pk


def lock_all() -> None:
    """What everybody who changes places begins with: all of them, in one order, so that no two wait for each other.

    Not their keys: a sync that puts a thing into a place refers to it, and would wait too.
    """
    list(Location.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@contextmanager
def changing() -> Iterator[None]:
    """A transaction in which the tree changes: one at a time, and numbered anew at its end."""
    with transaction.atomic():
        lock_all()
        yield
        Location.objects.bulk_update(_renumber(), ["rank"])


def settle_order() -> None:
    """Number all places anew; locks and writes only if one has moved."""
    if _renumber():
        with changing():
            pass


def _renumber() -> list[Location]:
    """Those whose number is another now, with it."""
    locations = list(Location.objects.all())
    placed = enumerate(_walk(locations, parents_of(locations), {}), 1)
    moved = [(rank, place.location) for rank, place in placed if place.location.rank != rank]
    for rank, location in moved:
        location.rank = rank
    return [location for _rank, location in moved]
