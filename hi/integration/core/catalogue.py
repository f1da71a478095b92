"""All that a service offers to be mirrored: plain data in, plain data out.

It is remembered beside what is mirrored (`SourceCatalogue`), so that people choose from the whole, and what one answer
missed is not lost with it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

from hi.integration.core.plan import ItemKey
from hi.integration.core.specs import EntitySpec, Structure
from hi.integration.enums import ItemKind

NO_PLACE = ""


@dataclass(frozen=True, slots=True)
class Place:
    key: str
    name: str
    parent_key: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,)

    def renamed_to(self, _newer: "Place") -> "Place":
        return self


@dataclass(frozen=True, slots=True)
class Offer:
    """A thing as the service offers it: all that one chooses by. `families` counts its states by family. What is stored
    has no `former_keys`: with the offer, choices and decisions take on its newest key."""

    key: str
    name: str
    entity_type: str
    place_key: str = NO_PLACE
    state_places: tuple[str, ...] = ()
    families: Mapping[str, int] = field(default_factory=dict)
    former_keys: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Its key, then those that it may have been known by."""
        return (self.key, *self.former_keys)

    def renamed_to(self, newer: "Offer") -> "Offer":
        """The same, by the newer one's keys."""
        return replace(self, key=newer.key, former_keys=newer.former_keys)

    @property
    def state_count(self) -> int:
        return sum(self.families.values())


Row = TypeVar("Row", Place, Offer)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that a service offers, whether it is mirrored or not."""

    places: tuple[Place, ...] = ()
    offers: tuple[Offer, ...] = ()

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            tuple(Place(*row) for row in stored.get("places", ())),
            tuple(
                Offer(key, name, entity_type, place, tuple(state_places), families)
                for key, name, entity_type, place, state_places, families in stored.get("things", ())
            ),
        )

    def dump(self) -> dict[str, Any]:
        return {
            "places": [[place.key, place.name, place.parent_key] for place in self.places],
            "things": [
                [offer.key, offer.name, offer.entity_type, offer.place_key, list(offer.state_places), offer.families]
                for offer in self.offers
            ],
        }

    def inside(self) -> dict[str, frozenset[str]]:
        """Each place with all that it lies in, itself included."""
        parents = {place.key: place.parent_key for place in self.places}
        return {key: _climb(key, parents) for key in parents}


def describe_offers(structure: Structure) -> Catalogue:
    places = tuple(Place(place.key, place.name, place.parent_key) for place in structure.locations)
    return Catalogue(places, tuple(_describe(entity) for entity in structure.entities))


def merge(older: Catalogue, newer: Catalogue, *, complete: bool, protected: Collection[ItemKey]) -> Catalogue:
    """The newer catalogue, with the older one's word on all that the newer may only have missed: everything if it is
    not complete, or what was there but could not be read (`protected`)."""
    return Catalogue(
        tuple(_merge(older.places, newer.places, ItemKind.LOCATION, complete, protected)),
        tuple(_merge(older.offers, newer.offers, ItemKind.ENTITY, complete, protected)),
    )


def _describe(entity: EntitySpec) -> Offer:
    families: dict[str, int] = {}
    for state in entity.states:
        families[state.family] = families.get(state.family, 0) + 1
    places = {state.location_key for state in entity.states} - {entity.location_key, NO_PLACE}
    return Offer(
        entity.key,
        entity.name,
        entity.entity_type,
        entity.location_key,
        tuple(sorted(places)),
        families,
        entity.former_keys,
    )


def _merge(
    older: Iterable[Row], newer: Iterable[Row], kind: ItemKind, complete: bool, protected: Collection[ItemKey]
) -> Iterable[Row]:
    remembered = {row.key: row for row in older}
    for row in newer:
        former = [remembered.pop(key) for key in row.keys if key in remembered]
        is_sure = complete and not any((kind, key) in protected for key in row.keys)
        yield row if is_sure or not former else former[0].renamed_to(row)
    for row in remembered.values():
        if not complete or (kind, row.key) in protected:
            yield row


def _climb(key: str, parents: Mapping[str, str]) -> frozenset[str]:
    climbed: set[str] = set()
    while key and key not in climbed:  # places that contain each other end the climb too
        climbed.add(key)
        key = parents.get(key, "")
    return frozenset(climbed)
