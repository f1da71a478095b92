"""What happens to an instance's things when it stops: kept, hidden as tombstones, or deleted with it."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hi.entity.models import Entity, EntityState, Location, StateHistory
from hi.integration import apply, files, leases
from hi.integration.enums import ItemKind, RemovalCause, RemovalPolicy
from hi.integration.job_run import JobRun, WorkPaused
from hi.integration.models import IntegrationInstance, IntegrationLink, Job

HISTORY_BATCH = 100


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


def delete_instance(instance: IntegrationInstance, run: JobRun) -> None:
    """Delete the instance and all that only it mirrors. What is left to do, its history, is noted on the job."""
    with transaction.atomic():
        leases.lock_instance(instance.pk)
        run.check()
        state_ids = list(EntityState.objects.filter(only_here(ItemKind.STATE, instance)).values_list("pk", flat=True))
        entity_ids = list(Entity.objects.filter(only_here(ItemKind.ENTITY, instance)).values_list("pk", flat=True))
        location_ids = list(
            Location.objects.filter(only_here(ItemKind.LOCATION, instance)).values_list("pk", flat=True)
        )
        kept_files = files.paths_of(Entity.objects.filter(only_here(ItemKind.ENTITY, instance)))
        instance.delete()
        EntityState.objects.filter(pk__in=state_ids).delete()
        Entity.objects.filter(pk__in=entity_ids).delete()
        Location.objects.filter(pk__in=location_ids).delete()
        files.remove_after_commit(kept_files)
        run.job.checkpoint = {"states": state_ids, "things": len(entity_ids)}
        Job.objects.filter(pk=run.job.pk).update(checkpoint=run.job.checkpoint)


def delete_history(run: JobRun) -> int:
    """Delete the history of the states that `delete_instance` noted, in several goes if it takes long.

    History is another file on SQLite, so not part of that transaction. Returns how many things it was about.
    """
    states, things = run.job.checkpoint["states"], run.job.checkpoint["things"]
    for begin in range(0, len(states), HISTORY_BATCH):
        if run.is_shift_over():
            raise WorkPaused({"states": states[begin:], "things": things}, "Deleting its history takes a while.")
        run.progress(begin, len(states), "Deleting its history.")
        StateHistory.objects.filter(state_id__in=states[begin : begin + HISTORY_BATCH]).delete()
    return int(things)


def only_here(kind: ItemKind, instance: IntegrationInstance) -> Q:
    """The condition on places, things or states (by `kind`) that this instance mirrors or mirrored, and no other."""
    links = IntegrationLink.objects.filter(kind=kind)
    return Q(pk__in=links.filter(instance=instance).values(kind)) & ~Q(
        pk__in=links.exclude(instance=instance).values(kind)
    )
