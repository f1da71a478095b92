"""The sweep: every few seconds the leader finishes what a crash or a lost message left unfinished."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models import Q, QuerySet
from django.utils import timezone

from hi.integration import (
    command_sweep,
    commands,
    exceptions,
    gaps,
    jobs,
    leadership,
    leases,
    live_reports,
    processes,
    routes,
    status,
    trouble,
)
from hi.integration.core.silence import Silence
from hi.integration.enums import JobKind, JobStatus, JobTrigger, LeaseRole
from hi.integration.models import Command, Job, Lease
from hi.utils import redis_client

logger = logging.getLogger(__name__)
RESEND_SECONDS = 30
UNSENT_SECONDS = 2
# It looks every few seconds; what it has not watched for longer than this, it does not judge.
BLINK_SECONDS = 15
# A queue as long as this holds enough; what waits behind it in the database is sent when it has shrunk.
MAX_QUEUE = 500


class Sweeper:
    """Sweeps for whoever leads. It judges who has died by their silence as it has watched it, so keep it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._silence = Silence(clock)
        self._looked_at = clock()

    def sweep(self, leading: leadership.Leading) -> None:
        """Raises LeaseLostError as soon as another process leads, and DatabaseError while nothing can be swept."""
        self._watch()
        for part in (
            self._lose_silent_jobs,
            _end_expired_jobs,
            self._finish_commands,
            self._free_silent_leases,
            trouble.fail_abandoned,
            status.settle_all,
            gaps.begin_unheard,
            processes.forget_old,
            command_sweep.send_waiting,
            _send_waiting_jobs,
        ):
            leadership.check_still(leading)
            try:
                part()
            except (DatabaseError, InterfaceError, exceptions.LeaseLostError):
                raise
            except Exception:
                logger.exception("a part of the sweep failed; the others go on")

    def _watch(self) -> None:
        """Look at who works and listens, and forget those who have ended."""
        if self._clock() - self._looked_at > BLINK_SECONDS:
            # Nobody could say anything while the database was away, or this process stood still.
            self._silence = Silence(self._clock)
        self._looked_at = self._clock()
        self._jobs = list(Job.objects.filter(status=JobStatus.RUNNING))
        self._leases = list(Lease.objects.all())
        self._commands = list(commands.find_open().select_related("instance"))
        watched: list[Job | Lease | Command] = [*self._jobs, *self._leases, *self._commands]
        self._silence.keep(map(_who, watched))

    def _lose_silent_jobs(self) -> None:
        """Nothing is RUNNING that does not beat."""
        for job in self._jobs:
            if self._silence.seconds(_who(job), job.heartbeat_at) >= settings.HI_JOB_LOST_SECONDS:
                trouble.lose(job, "Its worker died before it was done.")

    def _finish_commands(self) -> None:
        for command in self._commands:
            command_sweep.finish(command, self._silence.seconds(_who(command), command.status))

    def _free_silent_leases(self) -> None:
        """A listener that died holds nothing back: its instance shows as cut off until another one takes over. A sync's
        lease is as alive as its job."""
        at_work = {str(job.pk) for job in Job.objects.filter(status=JobStatus.RUNNING)}
        for lease in self._leases:
            held = leases.HeldLease(lease.instance_id, LeaseRole(lease.role), lease.epoch)
            if held.role is LeaseRole.SYNC:
                if lease.holder not in at_work:
                    leases.release(held)
            # A third of its time is left for this to be noticed: what a dead one held moves within the whole.
            elif self._silence.seconds(_who(lease), lease.expires_at) >= settings.HI_LEASE_SECONDS * 2 / 3:
                live_reports.free_abandoned(held)


def _who(row: Job | Lease | Command) -> tuple[str, object, int]:
    if isinstance(row, Command):
        return "command", row.pk, 0
    return ("job", row.pk, row.attempt) if isinstance(row, Job) else ("lease", row.pk, row.epoch)


def _end_expired_jobs() -> None:
    """What a schedule asked for long ago: the next slot asks anew."""
    for job in Job.objects.filter(status=JobStatus.QUEUED, expires_at__lte=timezone.now()):
        jobs.end(job, JobStatus.CANCELLED, message="No worker had time for it; the next one will do.")


def send_slots() -> None:
    """Send the jobs that the leader has just inserted for schedules; what cannot be sent now, the sweep sends."""
    unsent = Job.objects.filter(jobs.is_due(), status=JobStatus.QUEUED, trigger=JobTrigger.SCHEDULE, sent_at=None)
    for job in unsent.order_by("created_at")[:MAX_QUEUE]:
        if not jobs.send(job):
            return


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
    """Jobs that could begin, and whose message is late."""
    now = timezone.now()
    unsent = Q(created_at__lt=now - timedelta(seconds=UNSENT_SECONDS)) | Q(created_at__gt=now)
    sent_long_ago = Q(sent_at__lt=now - timedelta(seconds=RESEND_SECONDS)) | Q(sent_at__gt=now)
    late = (Q(sent_at=None) & unsent) | sent_long_ago
    sendable = Job.objects.filter(jobs.is_due(), ~jobs.is_behind_another(), status=JobStatus.QUEUED)
    return sendable.filter(late, kind__in=jobs.TASK_NAMES).order_by("created_at")


def _find_room(queues: set[str]) -> dict[str, int]:
    """queue -> how many messages it may still take."""
    with redis_client.connect() as client:
        return {queue: max(0, MAX_QUEUE - int(client.llen(queue))) for queue in queues}


def _queue_of(kind: JobKind) -> str:
    return routes.queue_of(jobs.TASK_NAMES[kind])
