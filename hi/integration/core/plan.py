"""What a sync would do, computed from plain data: no clock, no database.

`plan_sync` compares what is known with what a service says exists. The rules that no integration can break live here:
an incomplete answer removes nothing, an undecodable item protects itself, and a sudden large loss waits for a person.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hi.integration.core.specs import Item, Structure, flatten
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
) -> SyncPlan:
    """Compare. `approved` are keys whose removal a person has confirmed: they pass the brake if still missing.
    `left_out` are items of the structure that people chose not to mirror: what is mirrored of them goes at once."""
    links = {(link.kind, link.key): link for link in known}
    create: list[Item] = []
    update: list[Change] = []
    reattach: list[Change] = []
    described: set[ItemKey] = set()
    seen: set[ItemKey] = set()
    created: set[ItemKey] = set()
    unchanged = 0
    items = list(flatten(structure))
    for item in items:
        if (item.kind, item.key) in left_out:
            continue
        if (item.kind, item.key) in described:
            continue  # a service that lists an item twice still has one of it
        described.add((item.kind, item.key))
        link = _find(links, item, seen)
        if link is None:
            create.append(item)
            created.add((item.kind, item.key))
            continue
        seen.add((link.kind, link.key))
        if link.removed_at is not None:
            reattach.append(Change(link, item))
        elif link.content_hash != item.content_hash or link.key != item.key or _hangs_on(item, created):
            update.append(Change(link, item))
        else:
            unchanged += 1
    deselect = _deselected(links, [item for item in items if (item.kind, item.key) in left_out], seen)
    missing = _missing(links, seen, structure)
    staying = [link for link in links.values() if link not in deselect]
    remove, blocked = _brake(staying, missing, structure, now, approved)
    return SyncPlan(tuple(create), tuple(update), tuple(reattach), remove, tuple(deselect), blocked, unchanged)


def _deselected(links: Mapping[ItemKey, Known], left_out: Iterable[Item], seen: set[ItemKey]) -> dict[Known, None]:
    """What is mirrored of the items that people left out, with all that hangs on such a thing. Marks it as seen."""
    going: dict[Known, None] = {}
    for item in left_out:
        link = _find(links, item, seen)
        if link is not None:
            seen.add((link.kind, link.key))
            if link.removed_at is None:
                going[link] = None
    things = {link.key for link in going if link.kind is ItemKind.ENTITY}
    for key, link in links.items():
        if link.kind is ItemKind.STATE and link.parent_key in things and key not in seen and link.removed_at is None:
            seen.add(key)
            going[link] = None
    return going


def _hangs_on(item: Item, created: set[ItemKey]) -> bool:
    """Whether the item's place is only being created now, so that the item's row cannot know it yet."""
    place = item.parent_key if item.kind is ItemKind.LOCATION else item.fields["location_key"]
    return (ItemKind.LOCATION, place) in created


def _find(links: Mapping[ItemKey, Known], item: Item, taken: set[ItemKey]) -> Known | None:
    for key in (item.key, *item.former_keys):
        if (item.kind, key) in links and (item.kind, key) not in taken:
            return links[item.kind, key]
    return None


def _missing(links: Mapping[ItemKey, Known], seen: set[ItemKey], structure: Structure) -> list[Known]:
    """Live links that a complete answer no longer has. A protected state keeps the thing it hangs on; a kept one needs
    a thing that stays."""
    if not structure.complete:
        return []
    protected = {(item.kind, item.key) for item in structure.quarantined}
    protected |= {
        (ItemKind.ENTITY, link.parent_key)
        for key, link in links.items()
        if link.kind is ItemKind.STATE and key in protected
    }
    things = seen | protected
    protected |= {
        (ItemKind.STATE, key)
        for key in structure.kept
        if (link := links.get((ItemKind.STATE, key))) and (ItemKind.ENTITY, link.parent_key) in things
    }
    return [link for key, link in links.items() if link.removed_at is None and key not in seen and key not in protected]


def _brake(
    links: Collection[Known],
    missing: list[Known],
    structure: Structure,
    now: datetime,
    approved: Collection[ItemKey],
) -> tuple[tuple[Known, ...], tuple[Known, ...]]:
    """Split what is missing into what may go now and what waits for a person."""
    confirmed = [link for link in missing if (link.kind, link.key) in approved]
    unconfirmed = [link for link in missing if (link.kind, link.key) not in approved]
    too_many = any(_exceeds(links, unconfirmed, kind, now) for kind in (ItemKind.ENTITY, ItemKind.STATE))
    if unconfirmed and (too_many or not structure.entities):
        return tuple(confirmed), tuple(unconfirmed)
    return tuple(missing), ()


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
