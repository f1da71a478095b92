"""Which of what a service says exists is mirrored: plain data in, plain data out.

`Selection` is what people chose for one instance. Its three lists combine like this; an empty one leaves out nothing:

- `areas` narrows to the things in these places, or in places inside of them. A thing is in its own place and in those
  of its states. The key "" stands for things without a place.
- `families` narrows further, to the states of these families; a thing left without states is left out.
- `things` adds: a thing named here is mirrored whole, whatever its place and families. On its own it means these only.

Decisions about single things come first: what is ignored is left out, and what waits in the inbox is not mirrored yet.
Places are always mirrored: they are few, they are what one chooses by, and people put other things there.
What leaves a choice because the source says otherwise, people did not take away: it is a loss like any other.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from hi.integration.core.catalogue import NO_PLACE, Catalogue, Offer
from hi.integration.core.plan import ItemKey
from hi.integration.core.specs import Structure
from hi.integration.enums import Decision, ItemKind, NewThings


@dataclass(frozen=True, slots=True)
class Selection:
    """What people chose; see above."""

    areas: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        return cls(*(frozenset(stored.get(name) or ()) for name in ("areas", "families", "things")))

    def dump(self) -> dict[str, list[str]]:
        """As it is stored: without what is empty."""
        lists = {"areas": self.areas, "families": self.families, "things": self.things}
        return {name: sorted(keys) for name, keys in lists.items() if keys}

    @property
    def is_everything(self) -> bool:
        return not (self.areas or self.families or self.things)

    def names(self, offer: Offer) -> bool:
        return not self.things.isdisjoint(offer.keys)

    def takes_state(self, offer: Offer, family: str) -> bool:
        """Whether it mirrors a thing's states of this family, if it mirrors the thing."""
        return not self.families or family in self.families or self.names(offer)

    def renew(self, offers: Iterable[Offer]) -> Self:
        """The same choice, by the keys that its things have now."""
        newer = {former: offer.key for offer in offers for former in offer.former_keys if former in self.things}
        return replace(self, things=frozenset(newer.get(key, key) for key in self.things)) if newer else self


@dataclass(frozen=True, slots=True)
class Choice:
    """What comes of a `selection` and the decisions for all that is `offered`: what of the answer is left out, what of
    that waits for a person, and what people have taken away since the last sync."""

    selection: Selection
    offered: Catalogue
    left_out: frozenset[ItemKey]
    waiting: tuple[Offer, ...]
    taken_away: frozenset[ItemKey]


@dataclass(frozen=True, slots=True)
class Difference:
    """What another selection would add and remove; `states` of things that stay count too."""

    added: tuple[Offer, ...] = ()
    removed: tuple[Offer, ...] = ()
    states_added: int = 0
    states_removed: int = 0
    things_after: int = 0
    states_after: int = 0


def count_states(offer: Offer, selection: Selection, inside: Mapping[str, frozenset[str]]) -> int | None:
    """How many states of a thing a selection mirrors; None leaves the thing out."""
    if selection.is_everything or selection.names(offer):
        return offer.state_count
    if not (selection.areas or selection.families):
        return None  # only things were chosen, and not this one
    if selection.areas and not _is_inside(offer, selection.areas, inside):
        return None
    wanted = sum(count for family, count in offer.families.items() if selection.takes_state(offer, family))
    return wanted if wanted or not selection.families else None


def choose(
    structure: Structure,
    offered: Catalogue,
    selection: Selection,
    *,
    before: Selection,
    decisions: Mapping[str, Decision],
    new_things: NewThings,
    known: Collection[str],
    offered_before: Collection[str] | None,
) -> Choice:
    """`offered`: what is known to be, this answer included (see `merge`); `before`: the selection of the last sync;
    `decisions` go by the service's keys; `known`: things that are or were mirrored; `offered_before`: things that an
    earlier answer listed, None before the first complete one, to which nothing is new."""
    inside = offered.inside()
    left_out: set[ItemKey] = set()
    waiting: list[Offer] = []
    taken_away = _take_away(offered, selection, before, decisions)
    by_key = {offer.key: offer for offer in offered.offers}
    for entity in structure.entities:
        offer = by_key[entity.key]
        decision = decide(offer, decisions)
        is_chosen = decision is not Decision.IGNORED and count_states(offer, selection, inside) is not None
        if is_chosen and new_things is NewThings.ASK and _is_new(offer, decision, known, offered_before):
            waiting.append(offer)
            is_chosen = False
        if not is_chosen:
            left_out.add((ItemKind.ENTITY, entity.key))
        for state in entity.states:
            if not (is_chosen and selection.takes_state(offer, state.family)):
                left_out.add((ItemKind.STATE, state.key))
                if is_chosen and before.takes_state(offer, state.family):
                    taken_away |= {(ItemKind.STATE, key) for key in (state.key, *state.former_keys)}
    return Choice(selection, offered, frozenset(left_out), tuple(waiting), frozenset(taken_away))


def compare(catalogue: Catalogue, before: Selection, after: Selection, decisions: Mapping[str, Decision]) -> Difference:
    """What changing the selection would do. What is ignored or waits is not mirrored under either."""
    inside, is_same = catalogue.inside(), before == after
    added, removed, more, fewer, things, states = [], [], 0, 0, 0, 0
    for offer in catalogue.offers:
        if decide(offer, decisions) in (Decision.IGNORED, Decision.WAITING):
            continue
        new = count_states(offer, after, inside)
        old = new if is_same else count_states(offer, before, inside)
        if old is None and new is not None:
            added.append(offer)
        elif old is not None and new is None:
            removed.append(offer)
        more += max(0, (new or 0) - (old or 0))
        fewer += max(0, (old or 0) - (new or 0))
        things += new is not None
        states += new or 0
    return Difference(tuple(added), tuple(removed), more, fewer, things, states)


def decide(offer: Offer, decisions: Mapping[str, Decision]) -> Decision | None:
    return next((decisions[key] for key in offer.keys if key in decisions), None) if decisions else None


def list_unknown(selection: Selection, catalogue: Catalogue) -> Selection:
    """What a stored selection names and the service does not offer (any more): it chooses nothing."""
    if selection.is_everything:
        return selection
    families = {family for offer in catalogue.offers for family in offer.families}
    return Selection(
        selection.areas - {place.key for place in catalogue.places} - {NO_PLACE},
        selection.families - families,
        selection.things - {key for offer in catalogue.offers for key in offer.keys},
    )


def _take_away(
    offered: Catalogue, selection: Selection, before: Selection, decisions: Mapping[str, Decision]
) -> set[ItemKey]:
    """Things that people ignore, or that the selection of the last sync had and this one leaves out."""
    inside = offered.inside()

    def is_taken_away(offer: Offer) -> bool:
        if decide(offer, decisions) is Decision.IGNORED:
            return True
        return count_states(offer, selection, inside) is None and count_states(offer, before, inside) is not None

    return {(ItemKind.ENTITY, key) for offer in offered.offers if is_taken_away(offer) for key in offer.keys}


def _is_inside(offer: Offer, areas: Collection[str], inside: Mapping[str, frozenset[str]]) -> bool:
    places = [place for place in (offer.place_key, *offer.state_places) if place]
    if not places:
        return NO_PLACE in areas
    return any(not inside.get(place, frozenset({place})).isdisjoint(areas) for place in places)


def _is_new(
    offer: Offer, decision: Decision | None, known: Collection[str], offered_before: Collection[str] | None
) -> bool:
    if decision is Decision.APPROVED or any(key in known for key in offer.keys):
        return False
    if decision is Decision.WAITING:
        return True
    return offered_before is not None and not any(key in offered_before for key in offer.keys)
