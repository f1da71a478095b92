"""Enqueueing jobs: the only place that sends tasks.

The row is inserted in the caller's transaction and its message sent after commit. A message that cannot be sent now
(Redis away) is no error: the row waits, and the sweep sends it.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from hi.accounts.models import User
from hi.integration import exceptions, metrics, quiet
from hi.integration.enums import EXCLUSIVE_JOB_KINDS, OPEN_JOB_STATUSES, JobKind, JobStatus, JobTrigger, LeaseRole
from hi.integration.models import IntegrationInstance, Job, Lease
from hi.utils import trace

logger = logging.getLogger(__name__)
ENQUEUE_ATTEMPTS = 5
# Of each group one is at work for an instance; constraints of the table see to it.
ONE_AT_A_TIME = (EXCLUSIVE_JOB_KINDS, (JobKind.TEST_CONNECTION,))
# A source that announces changes without end is read again at this pace, not faster.
SOURCE_PAUSE_SECONDS = 5
# What a schedule asked for is begun until the next slot, and this much later.
SLOT_GRACE_SECONDS = 60

# By name and not by import: tasks are above this module.
TASK_NAMES: dict[JobKind, str] = {
    JobKind.ACTIVATE: "hi.tasks.lifecycle.activate_integration",
    JobKind.DEACTIVATE: "hi.tasks.lifecycle.deactivate_integration",
    JobKind.TEST_CONNECTION: "hi.tasks.lifecycle.test_connection",
    JobKind.DELETE: "hi.tasks.lifecycle.delete_integration",
    JobKind.SYNC: "hi.tasks.sync.sync_entities",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """The slot of a schedule that a job is for, and how many before it passed without one."""

    at: datetime
    interval_seconds: int
    missed: int = 0


def enqueue(
    kind: JobKind,
    instance: IntegrationInstance,
    *,
    user: User | None = None,
    trigger: JobTrigger | None = None,
    arguments: dict[str, Any] | None = None,
    slot: Slot | None = None,
) -> Job:
    """Insert a job and send it after commit. Without a `trigger` it is the user's, or hi's own.

    If one of this kind already waits for the instance, that one is returned: the request joins it, and what it asks
    for is added.
    """
    job = Job(
        kind=kind,
        instance=instance,
        subject=instance.label,
        arguments=arguments or {},
        trigger=trigger or (JobTrigger.USER if user else JobTrigger.SYSTEM),
        requested_by=user,
        # A schedule has no click; its job begins a trace of its own.
        trace=trace.current() or trace.new(),
        message="Waiting for a worker.",
    )
    if job.trigger == JobTrigger.SOURCE and instance.last_sync_at is not None:
        job.run_after = min(instance.last_sync_at, job.created_at) + timedelta(seconds=SOURCE_PAUSE_SECONDS)
    if kind == JobKind.SYNC and job.trigger != JobTrigger.USER and (until := quiet.left_alone_until(instance)):
        job.run_after = max(job.run_after or until, until)
    if slot is not None:
        job.slot_at, job.slots, job.slots_missed = slot.at, 1, slot.missed
        job.expires_at = job.created_at + timedelta(seconds=slot.interval_seconds + SLOT_GRACE_SECONDS)
    for _attempt in range(ENQUEUE_ATTEMPTS):
        # On PostgreSQL two requests can insert at once; the constraint lets one win, and the other joins it.
        with suppress(IntegrityError), transaction.atomic():
            waiting = find_waiting(job)
            if waiting is not None:
                logger.info("trace %s joins job %s with trace %s", job.trace, waiting.pk, waiting.trace)
                join(waiting, job)
                return waiting
            job.save(force_insert=True)
            if slot is None:  # the leader sends those of its slots by itself
                _send_after_commit(job)
            return job
    raise exceptions.IntegrationError(f"{instance.label} is busy.", hint="Try again.")


def find_waiting(job: Job) -> Job | None:
    """The one of its kind that waits for the same instance, locked."""
    same = Job.objects.select_for_update().filter(instance_id=job.instance_id, kind=job.kind, status=JobStatus.QUEUED)
    return same.first()


def join(waiting: Job, job: Job) -> None:
    """Add to the waiting job what another request wants: the soonest time, the longest patience, all arguments."""
    hurries = waiting.run_after is not None and (job.run_after is None or job.run_after < waiting.run_after)
    if hurries:
        waiting.run_after = job.run_after
    waiting.arguments = {**waiting.arguments, **job.arguments}
    # Without an end unless both may end.
    both = (waiting.expires_at, job.expires_at)
    waiting.expires_at = max(at for at in both if at) if all(both) else None
    if job.trigger == JobTrigger.USER and waiting.trigger != JobTrigger.USER:
        waiting.trigger, waiting.requested_by = job.trigger, job.requested_by
    if job.slot_at is not None:
        # A job that goes back to the queue brings slots that are older than those of the one that waits.
        waiting.slot_at = max(waiting.slot_at or job.slot_at, job.slot_at)
        waiting.slots += job.slots
        waiting.slots_missed += job.slots_missed
    waiting.save()
    if hurries:
        _send_after_commit(waiting)


def is_due() -> Q:
    """The condition on jobs whose time has come."""
    return Q(run_after=None) | Q(run_after__lte=timezone.now())


def is_behind_another() -> Q:
    """The condition on jobs that wait for another one of their instance, not for a worker: its end sends them."""
    at_work = Job.objects.filter(instance=OuterRef("instance"), status=JobStatus.RUNNING, kind__in=EXCLUSIVE_JOB_KINDS)
    return Q(Exists(at_work), kind__in=EXCLUSIVE_JOB_KINDS)


def _send_after_commit(job: Job) -> None:
    if job.run_after is None or job.run_after <= timezone.now():
        transaction.on_commit(lambda: send(job))


def send(job: Job) -> bool:
    """Send the job's message, best effort. Sending twice is harmless: a worker claims the row by (id, attempt)."""
    signature = current_app.signature(TASK_NAMES[JobKind(job.kind)], args=[str(job.id), job.attempt])
    try:
        signature.apply_async(task_id=str(job.id))
    except (OperationalError, redis.RedisError) as err:
        logger.warning("job %s waits: the broker does not answer (%s)", job.id, err)
        return False
    metrics.message_sent(TASK_NAMES[JobKind(job.kind)])
    Job.objects.filter(pk=job.pk, status=JobStatus.QUEUED).update(sent_at=timezone.now())
    return True


def send_next(ended: Job) -> None:
    """Send what had to wait until this job of its instance ended."""
    kinds = next((kinds for kinds in ONE_AT_A_TIME if ended.kind in kinds), ())
    waiting = Job.objects.filter(is_due(), instance_id=ended.instance_id, status=JobStatus.QUEUED, kind__in=kinds)
    for job in waiting.only("kind", "attempt"):
        send(job)


def cancel_waiting(instance_id: int, *, reason: str) -> None:
    """End the instance's syncs and activations that no worker has begun; their messages will claim nothing."""
    _cancel(instance_id, (JobStatus.QUEUED,), reason)


def cancel_all(instance_id: int, *, reason: str) -> None:
    """End the instance's syncs and activations, those at work too: these can write nothing more from here on.

    Call it in the transaction that stops the instance, after `leases.lock_instance`.
    """
    _cancel(instance_id, OPEN_JOB_STATUSES, reason)
    Lease.objects.filter(instance_id=instance_id, role=LeaseRole.SYNC).delete()


def _cancel(instance_id: int, statuses: tuple[JobStatus, ...], reason: str) -> None:
    """At most four rows: one that waits and one at work of each kind."""
    open_jobs = Job.objects.filter(instance_id=instance_id, status__in=statuses, kind__in=EXCLUSIVE_JOB_KINDS)
    for job in open_jobs:
        end(job, JobStatus.CANCELLED, message=reason)


def end(job: Job, status: JobStatus, **values: Any) -> bool:
    """End a job that is open, from outside of the worker that may have it. False if it has ended."""
    ended = Job.objects.filter(pk=job.pk, status__in=OPEN_JOB_STATUSES).update(
        status=status, ended_at=timezone.now(), **values
    )
    if ended:
        metrics.job_ended(job, status)
    return bool(ended)
