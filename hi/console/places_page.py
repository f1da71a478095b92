"""What the pages of places show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hi.console.row_addresses import address_of
from hi.console.thing_parts import Option
from hi.entity import places
from hi.entity.enums import LocationKind
from hi.entity.models import Location
from hi.entity.places import Place
from hi.integration import people

DEEPEST = 5
KIND_WORDS = {
    LocationKind.BUILDING: gettext_lazy("building"),
    LocationKind.FLOOR: gettext_lazy("floor"),
    LocationKind.ROOM: gettext_lazy("room"),
}

KIND_ICONS: dict[str, str] = {LocationKind.BUILDING: "house", LocationKind.FLOOR: "floor"}


@dataclass(frozen=True, slots=True)
class PlaceRow:
    place: Place
    kind: str
    indent: int
    things_url: str
    can_go_up: bool
    can_go_down: bool
    is_changed: bool  # by people, so that there is something to take back

    @property
    def key(self) -> str:
        return str(self.place.location.pk)

    @property
    def url(self) -> str:
        return address_of("place", self.place.location.pk)

    @property
    def shift_url(self) -> str:
        return address_of("place-shift", self.place.location.pk)

    @property
    def icon(self) -> str:
        return KIND_ICONS.get(self.place.location.kind, "door")


def build_tree(given: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The whole tree, and the form that adds to it, as it was sent."""
    tree = places.read_tree()
    given = given or {}
    shown = {place.location.pk: place for place in tree}
    rows = []
    for place in tree:
        location = place.location
        row = [pk for pk in place.siblings if pk in shown and shown[pk].location.kind == location.kind]
        rows.append(
            PlaceRow(
                place,
                kind=str(KIND_WORDS.get(LocationKind(location.kind), location.kind)),
                indent=min(place.depth, DEEPEST),
                things_url=f"{reverse('console:things')}?room={location.pk}",
                can_go_up=row[0] != location.pk,
                can_go_down=row[-1] != location.pk,
                is_changed=not location.is_own and _is_changed(location),
            )
        )
    chosen_kind, chosen = given.get("kind", LocationKind.ROOM), given.get("parent_id", "")
    return {
        "rows": rows,
        "kinds": [Option(kind, str(words), kind == chosen_kind) for kind, words in KIND_WORDS.items()],
        "parents": [Option(str(pk), one.full_name, str(pk) == chosen) for pk, one in shown.items()],
        "given": given,
        "max_name": people.MAX_NAME,
    }


def build_place(location: Location) -> dict[str, Any]:
    """One place with the places that it may be moved to."""
    tree = {place.location.pk: place for place in places.read_tree()}
    rank = places.KIND_RANKS.get(location.kind, 0)
    inside = _inside(location.pk, list(tree.values()))
    fitting = [
        place
        for pk, place in tree.items()
        if pk not in inside and places.KIND_RANKS.get(place.location.kind, 0) <= rank
    ]
    above = location.source_parent
    if location.is_own:
        words = _("Nothing: it stands at the top")
    elif above:
        words = _("As its source says: %(words)s") % {"words": above.name}
    else:
        words = _("As its source says: nothing")
    return {
        "location": location,
        "kind": str(KIND_WORDS.get(LocationKind(location.kind), location.kind)),
        "parents": [
            Option("0", words, location.user_parent_id is None),
            *(
                Option(str(one.location.pk), one.full_name, one.location.pk == location.user_parent_id)
                for one in fitting
            ),
        ],
        "is_changed": not location.is_own and _is_changed(location),
        "max_name": people.MAX_NAME,
    }


def _is_changed(location: Location) -> bool:
    return any(value is not None for value in (location.user_name, location.user_parent_id, location.user_position))


def _inside(location_id: int, tree: list[Place]) -> set[int]:
    """A place and what stands in it: none of these can hold it."""
    inside = {location_id}
    for place in tree:  # what stands in a place comes after it
        if place.parent_id in inside:
            inside.add(place.location.pk)
    return inside
