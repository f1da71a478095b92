"""What happens to an instance's things when it stops: kept, hidden as tombstones, or deleted with it."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from hi.entity.models import Entity, EntityState, Location, StateHistory
from hi.integration import apply
from hi.integration.enums import ItemKind, RemovalCause, RemovalPolicy
from hi.integration.models import IntegrationInstance, IntegrationLink

HISTORY_BATCH = 500


def cleanup_entities(instance: IntegrationInstance) -> int:
    """By the instance's policy: hide what only it mirrors, to come back whole on activation, or keep it in sight.

    Returns how many things were removed.
    """
    if instance.removal_policy == RemovalPolicy.KEEP:
        return 0
    with transaction.atomic():
        live = [link for link in apply.read_known(instance) if link.removed_at is None]
        apply.tombstone(instance, live, cause=RemovalCause.DEACTIVATED, now=timezone.now())
    return sum(link.kind is ItemKind.ENTITY for link in live)


def purge(instance: IntegrationInstance) -> int:
    """Delete the instance and all that only it mirrors, history included. Returns how many things that were."""
    with transaction.atomic():
        state_ids = list(_only_here(EntityState, ItemKind.STATE, instance))
        entity_ids = list(_only_here(Entity, ItemKind.ENTITY, instance))
        location_ids = list(_only_here(Location, ItemKind.LOCATION, instance))
        instance.delete()
        EntityState.objects.filter(pk__in=state_ids).delete()
        Entity.objects.filter(pk__in=entity_ids).delete()
        Location.objects.filter(pk__in=location_ids).delete()
    # Another file on SQLite, so not part of the transaction; what a crash leaves behind belongs to no state.
    for begin in range(0, len(state_ids), HISTORY_BATCH):
        StateHistory.objects.filter(state_id__in=state_ids[begin : begin + HISTORY_BATCH]).delete()
    return len(entity_ids)


def _only_here(
    model: type[EntityState] | type[Entity] | type[Location], kind: ItemKind, instance: IntegrationInstance
) -> list[int]:
    links = IntegrationLink.objects.filter(**{f"{kind}_id": OuterRef("pk")})
    rows = model.objects.filter(Exists(links.filter(instance=instance))).exclude(
        Exists(links.exclude(instance=instance))
    )
    return list(rows.values_list("pk", flat=True))
