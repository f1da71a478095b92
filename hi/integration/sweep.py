"""The sweep: every few seconds it finishes what a crash or a lost message left unfinished."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from hi.integration import jobs, leases, live_reports, status, trouble
from hi.integration.enums import JobStatus, LeaseRole
from hi.integration.models import IntegrationInstance, Job, Lease

logger = logging.getLogger(__name__)
RESEND_SECONDS = 30
UNSENT_SECONDS = 2
MAX_SENT_AT_ONCE = 500


def sweep() -> None:
    _end_lost_jobs()
    _free_expired_leases()
    _send_waiting_jobs()
    for pk in IntegrationInstance.objects.filter(status__in=status.RUNNING_STATUSES).values_list("pk", flat=True):
        status.settle(pk)


def _send_waiting_jobs() -> None:
    """Send again what nobody has claimed: the message may be lost. A worker that has it twice claims it once."""
    now = timezone.now()
    waiting = Job.objects.filter(status=JobStatus.QUEUED).filter(
        Q(sent_at=None, created_at__lt=now - timedelta(seconds=UNSENT_SECONDS))
        | Q(sent_at__lt=now - timedelta(seconds=RESEND_SECONDS))
    )
    for job in waiting.order_by("created_at")[:MAX_SENT_AT_ONCE]:
        if not jobs.send(job):
            return  # the broker is away; the next sweep tries again


def _end_lost_jobs() -> None:
    """End jobs whose worker has died: nothing is RUNNING that does not beat."""
    silent_since = timezone.now() - timedelta(seconds=settings.HI_JOB_LOST_SECONDS)
    for job in Job.objects.filter(status=JobStatus.RUNNING, heartbeat_at__lt=silent_since):
        ended = Job.objects.filter(
            pk=job.pk, attempt=job.attempt, status=JobStatus.RUNNING, heartbeat_at__lt=silent_since
        ).update(
            status=JobStatus.LOST,
            ended_at=timezone.now(),
            message="The worker died before it was done.",
            hint="Start it again.",
        )
        if ended:
            logger.warning("job %s (%s) is lost: its worker stopped beating", job.pk, job)
            trouble.give_up(job, "The worker died before it was done. Start it again.")


def _free_expired_leases() -> None:
    """A listener that died holds nothing back: its instance shows as cut off until another one takes over."""
    for lease in Lease.objects.filter(expires_at__lt=timezone.now()):
        leases.release(leases.HeldLease(lease.instance_id, LeaseRole(lease.role), lease.epoch))
        if lease.role == LeaseRole.LISTEN:
            live_reports.mark_lost(lease.instance_id, "The listener stopped; another one takes over.")
