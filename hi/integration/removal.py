"""What happens to an instance's things when it stops: kept, hidden as tombstones, or deleted with it."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
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
        state_ids = list(EntityState.objects.filter(only_here(ItemKind.STATE, instance)).values_list("pk", flat=True))
        entity_ids = list(Entity.objects.filter(only_here(ItemKind.ENTITY, instance)).values_list("pk", flat=True))
        location_ids = list(
            Location.objects.filter(only_here(ItemKind.LOCATION, instance)).values_list("pk", flat=True)
        )
        instance.delete()
        EntityState.objects.filter(pk__in=state_ids).delete()
        Entity.objects.filter(pk__in=entity_ids).delete()
        Location.objects.filter(pk__in=location_ids).delete()
    # Another file on SQLite, so not part of the transaction; what a crash leaves behind belongs to no state.
    for begin in range(0, len(state_ids), HISTORY_BATCH):
        StateHistory.objects.filter(state_id__in=state_ids[begin : begin + HISTORY_BATCH]).delete()
    return len(entity_ids)


def only_here(kind: ItemKind, instance: IntegrationInstance) -> Q:
    """The condition on places, things or states (by `kind`) that this instance mirrors or mirrored, and no other."""
    links = IntegrationLink.objects.filter(**{kind: OuterRef("pk")})
    return Q(Exists(links.filter(instance=instance))) & ~Q(Exists(links.exclude(instance=instance)))
