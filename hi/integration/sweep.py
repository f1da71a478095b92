"""The sweep: every few seconds the leader finishes what a crash or a lost message left unfinished."""

import logging
from datetime import timedelta

import redis
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from hi.integration import jobs, leases, live_reports, processes, redis_client, routes, status, trouble
from hi.integration.enums import EXCLUSIVE_JOB_KINDS, JobKind, JobStatus, LeaseRole
from hi.integration.models import IntegrationInstance, Job, Lease

logger = logging.getLogger(__name__)
RESEND_SECONDS = 30
UNSENT_SECONDS = 2
# A queue as long as this holds enough; what waits behind it in the database is sent when it has shrunk.
MAX_QUEUE = 500


def sweep() -> None:
    _lose_silent_jobs()
    _end_expired_jobs()
    _free_expired_leases()
    for pk in IntegrationInstance.objects.filter(status__in=status.RUNNING_STATUSES).values_list("pk", flat=True):
        status.settle(pk)
    processes.forget_old()
    _send_waiting_jobs()


def _lose_silent_jobs() -> None:
    """Nothing is RUNNING that does not beat."""
    silent_since = timezone.now() - timedelta(seconds=settings.HI_JOB_LOST_SECONDS)
    for job in Job.objects.filter(status=JobStatus.RUNNING, heartbeat_at__lt=silent_since):
        trouble.lose(job, "Its worker died before it was done.")


def _end_expired_jobs() -> None:
    """What a schedule asked for long ago: the next slot asks anew."""
    Job.objects.filter(status=JobStatus.QUEUED, expires_at__lte=timezone.now()).update(
        status=JobStatus.CANCELLED, ended_at=timezone.now(), message="No worker had time for it; the next one will do."
    )


def _free_expired_leases() -> None:
    """A listener that died holds nothing back: its instance shows as cut off until another one takes over."""
    for lease in Lease.objects.filter(expires_at__lt=timezone.now()):
        held = leases.HeldLease(lease.instance_id, LeaseRole(lease.role), lease.epoch)
        if held.role is LeaseRole.LISTEN:
            live_reports.free_abandoned(held)
        else:
            leases.release(held)


def _send_waiting_jobs() -> None:
    """Send again what nobody has claimed: the message may be lost. A worker that has it twice claims it once."""
    waiting = _find_unclaimed()
    kinds = {JobKind(kind) for kind in waiting.order_by().values_list("kind", flat=True).distinct()}
    if not kinds:
        return
    try:
        rooms = _find_room({_queue_of(kind) for kind in kinds})
    except redis.RedisError as err:
        logger.warning("waiting jobs cannot be sent: Redis does not answer (%s)", err)
        return
    for queue, room in rooms.items():
        for job in waiting.filter(kind__in=[kind for kind in kinds if _queue_of(kind) == queue])[:room]:
            if not jobs.send(job):
                return  # the broker is away; the next sweep tries again


def _find_unclaimed() -> QuerySet[Job]:
    """Jobs that could begin, and whose message is late. Not those behind another one of their instance: its end sends
    them."""
    now = timezone.now()
    late = Q(sent_at=None, created_at__lt=now - timedelta(seconds=UNSENT_SECONDS)) | Q(
        sent_at__lt=now - timedelta(seconds=RESEND_SECONDS)
    )
    at_work = Job.objects.filter(instance=OuterRef("instance"), status=JobStatus.RUNNING, kind__in=EXCLUSIVE_JOB_KINDS)
    behind = Q(Exists(at_work), kind__in=EXCLUSIVE_JOB_KINDS)
    return Job.objects.filter(late, ~behind, status=JobStatus.QUEUED, run_after__lte=now).order_by("created_at")


def _find_room(queues: set[str]) -> dict[str, int]:
    """queue -> how many messages it may still take."""
    with redis_client.connect() as client:
        return {queue: max(0, MAX_QUEUE - int(client.llen(queue))) for queue in queues}


def _queue_of(kind: JobKind) -> str:
    return routes.queue_of(jobs.TASK_NAMES[kind])
