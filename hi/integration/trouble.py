"""What failures do to an instance."""

import logging
import random
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from hi.integration import (
    command_ends,
    configuration,
    exceptions,
    gaps,
    jobs,
    leases,
    live,
    metrics,
    repairs,
    schedules,
    status,
)
from hi.integration.enums import (
    OPEN_JOB_STATUSES,
    IntegrationStatus,
    JobKind,
    JobStatus,
    RepairKind,
    RunOutcome,
)
from hi.integration.job_run import own_row, requeue
from hi.integration.models import IntegrationInstance, Job, SyncRun
from hi.integration.models.job import OPEN_JOBS
from hi.utils.redact import redact

logger = logging.getLogger(__name__)
MAX_LOSSES = 3
# Lost twice, a job may have taken down the worker of all that ran beside it: from then on they begin apart.
APART_SECONDS = 10
# What a sync may end by without having failed: somebody else tells it, or there is nothing to tell.
TOLD_OTHERWISE = (
    exceptions.AuthenticationError,
    exceptions.LeaseLostError,
    exceptions.NotRunningError,
    exceptions.SecretLostError,
    exceptions.WrongServerError,
)
NOT_LIVE = {"live_since": None, "live_lost_at": None, "live_error": ""}


def stop_refused(instance_id: int, err: exceptions.AuthenticationError, config_revision: int) -> bool:
    """The service confirmed that it refuses us. Trying again could end in a ban, so nothing does: no schedule, no
    listener, one card that names the setting to correct.

    False, with nothing stopped, if the settings have been changed since `config_revision` was tried.
    """
    reason = redact(str(err))
    with transaction.atomic():
        leases.lock_instance(instance_id)
        instance = IntegrationInstance.objects.get(pk=instance_id)
        if instance.config_revision != config_revision:
            return False
        if not _stop(instance_id, IntegrationStatus.AUTH_FAILED, reason, "the sign-in was refused"):
            return True  # it has been stopped meanwhile
        repairs.open_repair(
            instance_id,
            RepairKind.AUTHENTICATION,
            cause=f"{instance.label} refused the sign-in: {reason}",
            consequence="hi stopped after one attempt; everything keeps its last value, marked as old.",
            data={"field": err.field, "hint": err.hint},
        )
    return True


def stop_wrong_server(instance_id: int, err: exceptions.WrongServerError) -> None:
    """Another home must not replace the mirrored one unnoticed, by its values neither: nothing goes on until a person
    has said which it is."""
    with transaction.atomic():
        leases.lock_instance(instance_id)
        if not _stop(instance_id, IntegrationStatus.FAILED, str(err), "another server answers"):
            return
        repairs.open_repair(
            instance_id,
            RepairKind.SERVER_CHANGED,
            cause=str(err),
            consequence="hi wrote nothing and stopped; everything keeps its last value, marked as old.",
            data={"server_id": err.server_id, "twin": err.twin_id},
        )


def stop_secret_lost(instance_id: int) -> None:
    """No key fits a stored secret: of this instance nothing goes on until a person has given it anew. Does nothing if
    that has happened meanwhile."""
    with transaction.atomic():
        leases.lock_instance(instance_id)
        instance = IntegrationInstance.objects.get(pk=instance_id)
        lost = configuration.list_lost(instance)
        reason = "A stored secret cannot be read any more."
        if not lost or not _stop(instance_id, IntegrationStatus.FAILED, reason, "a stored secret is lost"):
            return
        repairs.open_repair(
            instance_id,
            RepairKind.SECRET_LOST,
            cause=f"A secret of {instance.label} cannot be read any more: the key it was encrypted with is missing.",
            consequence="hi stopped; everything keeps its last value, marked as old. Nothing else is affected.",
            data={"fields": lost},
        )


def _stop(instance_id: int, to: IntegrationStatus, reason: str, because: str) -> bool:
    """No schedule, no listener, no waiting job or command. False if the instance does not run any more."""
    if not status.move(instance_id, to, reason):
        return False
    leases.revoke(instance_id)
    IntegrationInstance.objects.filter(pk=instance_id).update(**NOT_LIVE, sync_error="")
    gaps.begin(instance_id, reason)
    schedules.unschedule(instance_id)
    jobs.cancel_waiting(instance_id, reason=f"Cancelled: {because}.")
    command_ends.cancel_waiting(instance_id, reason=f"Not sent: {because}.")
    live.mark_stale(instance_id)
    return True


def _record_failed_sync(job: Job, message: str, err: exceptions.IntegrationError | None) -> None:
    """A sync that could not be done: shown until the next one succeeds; the mirror stays as it is."""
    if isinstance(err, TOLD_OTHERWISE):
        return
    assert job.instance_id is not None
    now = timezone.now()
    SyncRun.objects.create(
        instance_id=job.instance_id,
        job=job,
        started_at=job.started_at or now,
        ended_at=now,
        outcome=RunOutcome.FAILED,
        message=message,
    )
    metrics.sync_runs_total.labels(RunOutcome.FAILED).inc()
    if not isinstance(err, exceptions.BreakerOpenError):  # that one knows no cause; the one before it did
        IntegrationInstance.objects.filter(status.wanted(), pk=job.instance_id).update(sync_error=message)
    status.settle(job.instance_id)


def lose(job: Job, message: str) -> None:
    """The job's worker died or hangs, or lost the database. It waits for another attempt, so work must be safe to
    repeat; what takes its worker down again and again is LOST after the third time."""
    if job.losses + 1 < MAX_LOSSES:
        waits = timedelta(seconds=random.uniform(0, APART_SECONDS)) if job.losses else None
        values = {"message": f"{message} Trying again.", "run_after": waits and timezone.now() + waits}
        if requeue(job, losses=F("losses") + 1, **values):
            logger.warning("job %s (%s) is lost and waits for another attempt: %s", job.pk, job, message)
        return
    ended = own_row(job).update(
        status=JobStatus.LOST,
        losses=F("losses") + 1,
        ended_at=timezone.now(),
        message=f"{message} That was the {MAX_LOSSES}rd time, so hi does not try again.",
        hint="Look into the log of the worker, then start it again.",
    )
    if ended:
        metrics.job_ended(job, JobStatus.LOST)
        logger.warning("job %s (%s) is lost for good: %s", job.pk, job, message)
        give_up(job, f"{message} Start it again.")


def give_up(job: Job, reason: str, err: exceptions.IntegrationError | None = None) -> None:
    """A job ended without being done, by `err` if it knew why: free what it still holds, tell what it means, and move
    an instance that would wait for it for ever."""
    if job.instance_id is None:
        return
    if job.kind == JobKind.SYNC:
        _record_failed_sync(job, reason, err)
    if isinstance(err, exceptions.SecretLostError):
        stop_secret_lost(job.instance_id)
    with transaction.atomic():
        leases.lock_instance(job.instance_id)
        leases.release_of(job)
        others = Job.objects.filter(
            instance_id=job.instance_id,
            kind__in=[JobKind.ACTIVATE, JobKind.DEACTIVATE, JobKind.DELETE],
            status__in=OPEN_JOB_STATUSES,
        )
        if job.kind in (JobKind.SYNC, JobKind.TEST_CONNECTION) or others.exclude(pk=job.pk).exists():
            return
        _fail(job.instance_id, reason)


def fail_abandoned() -> None:
    """An instance between two statuses whose job has ended: its worker died before it could say so."""
    at_it = Job.objects.filter(
        OPEN_JOBS,
        instance=OuterRef("pk"),
        kind__in=[JobKind.ACTIVATE, JobKind.DEACTIVATE, JobKind.DELETE],
    )
    going_up = Q(status=IntegrationStatus.ACTIVATING, live_since=None, live_lost_at=None)
    abandoned = IntegrationInstance.objects.filter(
        going_up | Q(status=IntegrationStatus.DEACTIVATING), ~Exists(at_it), is_draft=False
    )
    for pk in abandoned.values_list("pk", flat=True):
        with transaction.atomic():
            leases.lock_instance(pk)
            if abandoned.filter(pk=pk).exists():
                _fail(pk, "It was interrupted. Try again.")


def _fail(instance_id: int, reason: str) -> None:
    if status.move(instance_id, IntegrationStatus.FAILED, reason):
        schedules.unschedule(instance_id)
        IntegrationInstance.objects.filter(pk=instance_id).update(**NOT_LIVE)
        gaps.begin(instance_id, reason)
