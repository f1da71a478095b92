"""What a sync would do, computed from plain data: no clock, no database.

`plan_sync` compares what is known with what a service says exists. The rules that no integration can break live here:
an incomplete answer removes nothing, an undecodable item protects itself, and a sudden large loss waits for a person.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hi.integration.core.specs import Item, Quarantined, Structure, flatten
from hi.integration.enums import ItemKind, RemovalCause

REMOVAL_WINDOW = timedelta(hours=24)
ALLOWED_REMOVALS = 2
ALLOWED_SHARE = 0.2

ItemKey = tuple[ItemKind, str]


@dataclass(frozen=True, slots=True)
class Known:
    """One link as the database has it."""

    kind: ItemKind
    key: str
    target_id: int
    parent_key: str = ""
    content_hash: str = ""
    removed_at: datetime | None = None
    removal_cause: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A known item that the service now describes otherwise, under the same or a newer key."""

    known: Known
    item: Item


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """The difference, in the order in which it can be applied."""

    create: tuple[Item, ...] = ()
    update: tuple[Change, ...] = ()
    reattach: tuple[Change, ...] = ()
    remove: tuple[Known, ...] = ()
    deselect: tuple[Known, ...] = ()
    blocked: tuple[Known, ...] = ()
    unchanged: int = 0

    @property
    def total(self) -> int:
        """How many of the items that the service described are mirrored."""
        return len(self.create) + len(self.update) + len(self.reattach) + self.unchanged

    @property
    def is_empty(self) -> bool:
        return not (self.create or self.update or self.reattach or self.remove or self.deselect)


def plan_sync(
    known: Iterable[Known],
    structure: Structure,
    *,
    now: datetime,
    approved: Collection[ItemKey] = (),
    left_out: Collection[ItemKey] = (),
    taken_away: Collection[ItemKey] = (),
) -> SyncPlan:
    """Compare. `approved` are keys whose removal a person has confirmed: they pass the brake if still missing.

    `left_out` are items of the structure that are not to be mirrored. What is mirrored of them goes at once where a
    person has `taken_away` it, or the thing it hangs on; what left by the source's doing is missing.
    """
    links = {_key(link): link for link in known}
    found = _match([item for item in flatten(structure) if _key(item) not in left_out], links)
    unseen = [link for key, link in links.items() if link.removed_at is None and key not in found.seen]
    deselect = tuple(link for link in unseen if not _with_thing(link).isdisjoint(taken_away))
    going = {_key(link) for link in deselect}
    missing = _missing([link for link in unseen if _key(link) not in going], links, found.seen, structure)
    staying = [link for key, link in links.items() if key not in going]
    remove, blocked = _brake(staying, missing, structure, now, approved)
    return SyncPlan(
        tuple(found.create), tuple(found.update), tuple(found.reattach), remove, deselect, blocked, found.unchanged
    )


def protect(structure: Structure, known: Iterable[Known]) -> set[ItemKey]:
    """What could not be read, the things that such states hang on, and the states that hang on such things."""
    unreadable = {_key(item) for item in structure.quarantined}
    states = [(_key(link), (ItemKind.ENTITY, link.parent_key)) for link in known if link.kind is ItemKind.STATE]
    things = {thing for state, thing in states if state in unreadable}
    return unreadable | things | {state for state, thing in states if thing in unreadable}


@dataclass(slots=True)
class _Found:
    """What the items are to the links; `seen` are the keys of the links that have an item."""

    create: list[Item] = field(default_factory=list)
    update: list[Change] = field(default_factory=list)
    reattach: list[Change] = field(default_factory=list)
    seen: set[ItemKey] = field(default_factory=set)
    unchanged: int = 0


def _match(items: Iterable[Item], links: Mapping[ItemKey, Known]) -> _Found:
    found = _Found()
    created: set[ItemKey] = set()
    unique: dict[ItemKey, Item] = {}
    for item in items:
        unique.setdefault(_key(item), item)  # a service that lists an item twice still has one of it
    for key, item in unique.items():
        link = _find(links, item, found.seen)
        if link is None:
            found.create.append(item)
            created.add(key)
            continue
        found.seen.add(_key(link))
        if link.removed_at is not None:
            found.reattach.append(Change(link, item))
        elif link.content_hash != item.content_hash or link.key != item.key or _hangs_on(item, created):
            found.update.append(Change(link, item))
        else:
            found.unchanged += 1
    return found


def _key(item: Item | Known | Quarantined) -> ItemKey:
    return item.kind, item.key


def _with_thing(link: Known) -> set[ItemKey]:
    """What a link goes with: itself, and for a state the thing that it hangs on."""
    return {_key(link), (ItemKind.ENTITY, link.parent_key)} if link.kind is ItemKind.STATE else {_key(link)}


def _hangs_on(item: Item, created: set[ItemKey]) -> bool:
    """Whether the item's place is only being created now, so that the item's row cannot know it yet."""
    place = item.parent_key if item.kind is ItemKind.LOCATION else item.fields["location_key"]
    return (ItemKind.LOCATION, place) in created


def _find(links: Mapping[ItemKey, Known], item: Item, taken: set[ItemKey]) -> Known | None:
    for key in (item.key, *item.former_keys):
        if (item.kind, key) in links and (item.kind, key) not in taken:
            return links[item.kind, key]
    return None


def _missing(
    unseen: Iterable[Known], links: Mapping[ItemKey, Known], seen: set[ItemKey], structure: Structure
) -> list[Known]:
    """Live links that a complete answer no longer has. A protected state keeps the thing it hangs on; a kept one needs
    a thing that stays."""
    if not structure.complete:
        return []
    protected = protect(structure, links.values())
    things = seen | protected
    protected |= {
        (ItemKind.STATE, key)
        for key in structure.kept
        if (link := links.get((ItemKind.STATE, key))) and (ItemKind.ENTITY, link.parent_key) in things
    }
    return [link for link in unseen if _key(link) not in protected]


def _brake(
    links: Collection[Known],
    missing: list[Known],
    structure: Structure,
    now: datetime,
    approved: Collection[ItemKey],
) -> tuple[tuple[Known, ...], tuple[Known, ...]]:
    """Split what is missing into what may go now and what waits for a person."""
    confirmed = [link for link in missing if _key(link) in approved]
    unconfirmed = [link for link in missing if _key(link) not in approved]
    too_many = any(
        _exceeds(_by_themselves(links, unconfirmed), _by_themselves(unconfirmed, unconfirmed), kind, now)
        for kind in (ItemKind.ENTITY, ItemKind.STATE)
    )
    if unconfirmed and (too_many or not structure.entities):
        return tuple(confirmed), tuple(unconfirmed)
    return tuple(missing), ()


def _by_themselves(links: Collection[Known], missing: Collection[Known]) -> list[Known]:
    """Without the states of things that go or went: however many these are, it is the thing that is missing."""
    things = {link.key for link in (*links, *missing) if link.kind is ItemKind.ENTITY and link.removed_at is not None}
    things |= {link.key for link in missing if link.kind is ItemKind.ENTITY}
    return [link for link in links if link.kind is not ItemKind.STATE or link.parent_key not in things]


def _exceeds(links: Collection[Known], missing: list[Known], kind: ItemKind, now: datetime) -> bool:
    """More than max(2, 20 %) of a kind gone within 24 hours, counting those that went before."""
    going = sum(link.kind is kind for link in missing)
    live = sum(link.kind is kind and link.removed_at is None for link in links)
    gone = sum(
        link.kind is kind
        and link.removal_cause == RemovalCause.MISSING
        and link.removed_at is not None
        and link.removed_at > now - REMOVAL_WINDOW
        for link in links
    )
    return going > 0 and gone + going > max(ALLOWED_REMOVALS, ALLOWED_SHARE * (live + gone))
