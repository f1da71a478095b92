"""What failures do to an instance."""

from django.db import transaction
from django.utils import timezone

from hi.integration import exceptions, jobs, live, repairs, schedules, status
from hi.integration.enums import IntegrationStatus, RepairKind, RunOutcome
from hi.integration.models import IntegrationInstance, Job, SyncRun


def stop_refused(instance_id: int, err: exceptions.AuthenticationError) -> None:
    """The service confirmed that it refuses us. Trying again could end in a ban, so nothing does: no schedule, no
    listener, one card that names the setting to correct."""
    instance = IntegrationInstance.objects.get(pk=instance_id)
    with transaction.atomic():
        IntegrationInstance.objects.filter(pk=instance_id).update(
            live_since=None, live_lost_at=None, live_error="", sync_error=""
        )
        status.move(instance_id, IntegrationStatus.AUTH_FAILED, str(err))
        schedules.unschedule(instance_id)
        jobs.cancel_waiting(instance_id, reason="Cancelled: the sign-in was refused.")
        live.mark_stale(instance_id)
        repairs.open_repair(
            instance_id,
            RepairKind.AUTHENTICATION,
            cause=f"{instance.label} refused the sign-in: {err}",
            consequence="hi stopped after one attempt; everything keeps its last value, marked as old.",
            data={"field": err.field, "hint": err.hint},
        )


def record_failed_sync(instance_id: int, job: Job, err: exceptions.IntegrationError) -> None:
    """A sync that could not be done: shown until the next one succeeds; the mirror stays as it is."""
    now = timezone.now()
    SyncRun.objects.create(
        instance_id=instance_id,
        job=job,
        started_at=job.started_at or now,
        ended_at=now,
        outcome=RunOutcome.FAILED,
        message=str(err),
    )
    IntegrationInstance.objects.filter(pk=instance_id).update(sync_error=str(err))
    status.settle(instance_id)
