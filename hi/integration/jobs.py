"""Enqueueing jobs: the only place that sends tasks.

The row is inserted in the caller's transaction and its message sent after commit. A message that cannot be sent now
(Redis away) is no error: the row waits, and the sweep sends it.
"""

import logging
from contextlib import suppress
from typing import Any

from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from hi.accounts.models import User
from hi.integration import exceptions
from hi.integration.enums import JobKind, JobStatus, JobTrigger
from hi.integration.models import IntegrationInstance, Job

logger = logging.getLogger(__name__)
ENQUEUE_ATTEMPTS = 5

# By name and not by import: tasks are above this module.
TASK_NAMES: dict[JobKind, str] = {
    JobKind.ACTIVATE: "hi.tasks.lifecycle.activate_integration",
    JobKind.DEACTIVATE: "hi.tasks.lifecycle.deactivate_integration",
    JobKind.TEST_CONNECTION: "hi.tasks.lifecycle.test_connection",
    JobKind.DELETE: "hi.tasks.lifecycle.delete_integration",
    JobKind.SYNC: "hi.tasks.sync.sync_entities",
}


def enqueue(
    kind: JobKind,
    instance: IntegrationInstance,
    *,
    user: User | None = None,
    trigger: JobTrigger | None = None,
    arguments: dict[str, Any] | None = None,
) -> Job:
    """Insert a job and send it after commit. Without a `trigger` it is the user's, or hi's own.

    If one of this kind already waits for the instance, that one is returned: the request joins it, and its arguments
    are added.
    """
    job = Job(
        kind=kind,
        instance=instance,
        subject=instance.label,
        arguments=arguments or {},
        trigger=trigger or (JobTrigger.USER if user else JobTrigger.SYSTEM),
        requested_by=user,
        message="Waiting for a worker.",
    )
    for _attempt in range(ENQUEUE_ATTEMPTS):
        # On PostgreSQL two requests can insert at once; the constraint lets one win, and the other joins it.
        with suppress(IntegrityError), transaction.atomic():
            waiting = _join_waiting(job)
            if waiting is not None:
                return waiting
            job.save(force_insert=True)
            transaction.on_commit(lambda: send(job))
            return job
    raise exceptions.IntegrationError(f"{instance.label} is busy.", hint="Try again.")


def _join_waiting(job: Job) -> Job | None:
    waiting = (
        Job.objects.select_for_update().filter(instance=job.instance, kind=job.kind, status=JobStatus.QUEUED).first()
    )
    if waiting is not None and job.arguments:
        waiting.arguments = {**waiting.arguments, **job.arguments}
        waiting.save(update_fields=["arguments"])
    return waiting


def send(job: Job) -> bool:
    """Send the job's message, best effort. Sending twice is harmless: a worker claims the row by (id, attempt)."""
    signature = current_app.signature(TASK_NAMES[JobKind(job.kind)], args=[str(job.id), job.attempt])
    try:
        signature.apply_async(task_id=str(job.id))
    except OperationalError as err:
        logger.warning("job %s waits: the broker does not answer (%s)", job.id, err)
        return False
    Job.objects.filter(pk=job.pk, status=JobStatus.QUEUED).update(sent_at=timezone.now())
    return True


def cancel_waiting(instance_id: int, *, reason: str) -> int:
    """End the instance's jobs that no worker has begun; their messages, if any, will claim nothing."""
    return Job.objects.filter(
        instance_id=instance_id, status=JobStatus.QUEUED, kind__in=[JobKind.SYNC, JobKind.ACTIVATE]
    ).update(status=JobStatus.CANCELLED, ended_at=timezone.now(), message=reason)
