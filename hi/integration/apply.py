"""Writes a SyncPlan, inside the caller's transaction: a constant number of set-based statements, only changed rows.

Sync owns the `source_*` columns and what a state is; it never touches `user_*` columns nor values.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from hi.entity import places
from hi.entity.models import Controller, Entity, EntityState, Location, Sensor
from hi.integration import bulk
from hi.integration.core.plan import Change, ItemKey, Known, SyncPlan
from hi.integration.core.specs import Item
from hi.integration.enums import ItemKind, RemovalCause
from hi.integration.models import IntegrationInstance, IntegrationLink

Targets = dict[ItemKey, int]
# One code for three tables: their columns differ, what a sync does with them does not.
MODELS: dict[ItemKind, Any] = {
    ItemKind.LOCATION: Location,
    ItemKind.ENTITY: Entity,
    ItemKind.STATE: EntityState,
}


def read_known(instance: IntegrationInstance) -> list[Known]:
    """All links of an instance, tombstones included, in one SELECT."""
    rows = instance.links.values_list(
        "kind",
        "integration_key",
        "location_id",
        "entity_id",
        "state_id",
        "parent_key",
        "content_hash",
        "removed_at",
        "removal_cause",
    )
    return [
        Known(ItemKind(kind), key, location or entity or state, parent_key, content_hash, removed_at, cause)
        for kind, key, location, entity, state, parent_key, content_hash, removed_at, cause in rows
    ]


def read_names(links: Collection[Known]) -> dict[ItemKey, str]:
    """What people call the targets of these links."""
    names: dict[ItemKey, str] = {}
    for kind, model in MODELS.items():
        by_id = {link.target_id: (link.kind, link.key) for link in links if link.kind is kind}
        for pk, name in model.objects.filter(pk__in=by_id).values_list("pk", "name"):
            names[by_id[pk]] = name
    return names


def apply_plan(
    instance: IntegrationInstance,
    plan: SyncPlan,
    known: Iterable[Known],
    *,
    now: datetime,
    approved: Collection[ItemKey] = (),
) -> int:
    """Write the plan. Returns how many names of the user's were kept on rows whose source changed."""
    written = (*plan.create, *(change.item for change in (*plan.update, *plan.reattach)))
    kinds = {*(item.kind for item in written), *(link.kind for link in plan.remove)}
    changes_places = ItemKind.LOCATION in kinds
    if changes_places:
        places.lock_all()
    targets: Targets = {(link.kind, link.key): link.target_id for link in known}
    kept_names = 0
    for kind in ItemKind:
        changes = [change for change in (*plan.update, *plan.reattach) if change.known.kind is kind]
        targets.update({(kind, change.item.key): change.known.target_id for change in changes})
        for wave in _waves([item for item in plan.create if item.kind is kind], targets):
            _create(instance, kind, wave, targets)
        kept_names += _update(instance, kind, changes, targets)
    approved_links = [link for link in plan.remove if (link.kind, link.key) in approved]
    tombstone(instance, approved_links, cause=RemovalCause.APPROVED, now=now)
    missing_links = [link for link in plan.remove if (link.kind, link.key) not in approved]
    tombstone(instance, missing_links, cause=RemovalCause.MISSING, now=now)
    tombstone(instance, plan.deselect, cause=RemovalCause.DESELECTED, now=now)
    if changes_places:
        transaction.on_commit(places.settle_order, robust=True)
    return kept_names


def _waves(items: list[Item], targets: Targets) -> Iterable[list[Item]]:
    """Parents before children of the same kind (floors before rooms); an unknown parent holds nothing back."""
    waiting = items
    while waiting:
        coming = {item.key for item in waiting}
        ready = [item for item in waiting if item.parent_key not in coming or item.parent_key == item.key]
        if not ready:  # places that contain each other
            ready = waiting
        yield ready
        done = {item.key for item in ready}
        waiting = [item for item in waiting if item.key not in done]


def _create(instance: IntegrationInstance, kind: ItemKind, items: list[Item], targets: Targets) -> None:
    ids = bulk.insert(MODELS[kind], [_columns(item, targets) for item in items])
    targets.update({(kind, item.key): pk for item, pk in zip(items, ids, strict=True)})
    links = [
        {"instance_id": instance.pk, "kind": kind, f"{kind}_id": pk, **_link_columns(item)}
        for item, pk in zip(items, ids, strict=True)
    ]
    bulk.insert(IntegrationLink, links)
    if kind is ItemKind.STATE:
        for model, rows in _sensors_and_controllers(items, targets):
            bulk.insert(model, [{"state_id": pk, **fields} for pk, fields in rows.items() if fields])


def _update(instance: IntegrationInstance, kind: ItemKind, changes: list[Change], targets: Targets) -> int:
    if not changes:
        return 0
    changed = {
        change.known.target_id: {"id": change.known.target_id, **_columns(change.item, targets)} for change in changes
    }
    bulk.update(MODELS[kind], list(changed.values()))
    links = dict(instance.links.filter(kind=kind).values_list("integration_key", "pk"))
    bulk.update(IntegrationLink, [{"id": links[change.known.key], **_link_columns(change.item)} for change in changes])
    if kind is ItemKind.STATE:
        for model, rows in _sensors_and_controllers([change.item for change in changes], targets):
            model.objects.filter(state_id__in=[pk for pk, fields in rows.items() if not fields]).delete()
            given = [{"state_id": pk, **fields} for pk, fields in rows.items() if fields]
            bulk.upsert(model, given, unique="state_id")
    named = MODELS[kind].objects.filter(user_name__isnull=False).values_list("pk", flat=True)
    return len(changed.keys() & set(named))


def _link_columns(item: Item) -> dict[str, Any]:
    return {
        "integration_key": item.key,
        "parent_key": item.parent_key,
        "address": item.address,
        "content_hash": item.content_hash,
        "removed_at": None,
        "removal_cause": "",
    }


def _columns(item: Item, targets: Targets) -> dict[str, Any]:
    """The columns of an item's row that its source owns."""
    fields = item.fields
    place = targets.get((ItemKind.LOCATION, fields.get("location_key", "")))
    if item.kind is ItemKind.LOCATION:
        return {
            "source_name": item.name,
            "kind": fields["kind"],
            "source_parent_id": targets.get((ItemKind.LOCATION, item.parent_key)),
            "position": fields["position"],
            "removed_at": None,
        }
    if item.kind is ItemKind.ENTITY:
        return {
            "source_name": item.name,
            "source_type": fields["entity_type"],
            "source_location_id": place,
            "source_details": fields["details"],
            "source_labels": fields["labels"],
            "is_hidden": fields["is_hidden"],
            "removed_at": None,
        }
    return {
        "entity_id": targets[ItemKind.ENTITY, item.parent_key],
        "key": fields["aspect"],
        "source_name": item.name,
        "state_type": fields["state_type"],
        "category": fields["category"],
        "is_primary": fields["is_primary"],
        "is_hidden": fields["is_hidden"],
        "source_location_id": place,
        "removed_at": None,
    }


def _sensors_and_controllers(items: Collection[Item], targets: Targets) -> Iterable[tuple[Any, dict[int, Any]]]:
    """Each of the two tables with what its rows say, by the id of the state; None for a state without one."""
    for model, name in ((Sensor, "sensor"), (Controller, "controller")):
        yield model, {targets[ItemKind.STATE, item.key]: item.fields[name] for item in items}


def tombstone(instance: IntegrationInstance, removed: Collection[Known], *, cause: RemovalCause, now: datetime) -> None:
    """Turn links into tombstones, and hide their targets unless another live link still leads to them."""
    for kind in ItemKind:
        going = [link for link in removed if link.kind is kind]
        if not going:
            continue
        instance.links.filter(kind=kind, integration_key__in=[link.key for link in going]).update(
            removed_at=now, removal_cause=cause
        )
        elsewhere = IntegrationLink.objects.filter(removed_at=None, **{f"{kind}_id": OuterRef("pk")})
        MODELS[kind].objects.filter(pk__in=[link.target_id for link in going]).exclude(Exists(elsewhere)).update(
            removed_at=now
        )
