"""What every process of hi does beside its work: say that it is there, and keep the jobs that it works on fresh.

One thread a process. It also sees what the work itself cannot: a job that hangs beyond any time-out, and a worker that
is connected to Redis but hears nothing any more. Both end the process, which whoever started it starts again.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import redis
from celery import current_app
from celery.utils.nodenames import worker_direct
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connections
from django.utils import timezone
from kombu.exceptions import OperationalError

from hi.integration import command_sweep, job_run, metrics, processes, trouble, watching
from hi.integration.enums import JobStatus, ProcessRole
from hi.integration.health import recent
from hi.integration.models import Job, Process

logger = logging.getLogger(__name__)
BEAT_SECONDS = 5.0
TELL_SECONDS = 15.0
METRICS_SECONDS = 10.0
CANARY_SECONDS = 60.0
HEALTH_SECONDS = 10.0
WATCHED_SECONDS = 3.0
# The other processes begin together with this one; until they have said so, nothing is missing.
STARTING_SECONDS = 30.0
# A worker that has free hands, and has heard nothing for this long after calling itself, is deaf.
DEAF_SECONDS = 150.0
CANARY = "hi.tasks.maintenance.canary"


class Keeper:
    def __init__(self, role: ProcessRole, name: str = "", slots: int = 0) -> None:
        """`slots`: how many jobs a worker runs at once; 0 for a process that is none."""
        self.role = role
        self.name = name or processes.name_of(role)
        self.slots = slots
        self._began_at = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._unheard_since: float | None = None
        self._called_at: datetime | None = None

    def start(self) -> None:
        try:
            processes.enlist(self.name, self.role, self.slots)
            self.inherit()
        except (DatabaseError, InterfaceError) as err:
            logger.warning("%s cannot reach the database yet: %s", self.name, err)
        self._thread.start()
        atexit.register(self.stop)

    def inherit(self) -> None:
        """What an earlier process of this name was at work on is lost, and known at once."""
        for job in Job.objects.filter(status=JobStatus.RUNNING, worker=self.name):
            trouble.lose(job, "Its worker died before it was done.")
        command_sweep.inherit(self.name)

    def stop(self) -> None:
        """Say goodbye. A second one does no harm."""
        self._ended.set()
        self._thread.join(1)
        with suppress(DatabaseError, InterfaceError):  # then its silence tells
            processes.withdraw(self.name)

    def give_back(self) -> None:
        """Put what this process works on back into the queue; its threads can write nothing for it from here on."""
        for run in job_run.list_at_work():
            run.give_back("Its worker was stopped; another one goes on.")
            logger.info("job %s (%s) is given back", run.job.pk, run.job)

    def _run(self) -> None:
        duties: list[tuple[float, Callable[[], None]]] = [(BEAT_SECONDS, self._beat), (TELL_SECONDS, self._tell)]
        if self.role is ProcessRole.WEB:  # which is asked for its figures itself, and whose pages say how hi is
            duties += [(HEALTH_SECONDS, self._look), (WATCHED_SECONDS, watching.tell)]
        else:
            duties.append((METRICS_SECONDS, lambda: metrics.publish(self.name)))
        if self.slots:
            duties.append((CANARY_SECONDS, self._call_itself))
        due = {duty: 0.0 for _seconds, duty in duties}
        while not self._ended.wait(1):
            try:
                for seconds, duty in duties:
                    if time.monotonic() >= due[duty]:
                        due[duty] = time.monotonic() + seconds
                        duty()
            except (DatabaseError, InterfaceError) as err:
                logger.warning("%s could not say that it is there: %s", self.name, err)
                close_old_connections()
            except Exception:
                # Without this thread everything that the process works on would soon look dead.
                logger.exception("%s stumbled over its own duties", self.name)
        connections.close_all()

    def _beat(self) -> None:
        runs = job_run.list_at_work()
        if runs:
            job_run.beat(runs)
        for run in runs:
            if time.monotonic() - run.begun_at > settings.HI_JOB_HARD_SECONDS:
                logger.critical("job %s (%s) hangs; this worker ends", run.job.pk, run.job)
                trouble.lose(run.job, f"It hung for more than {settings.HI_JOB_HARD_SECONDS:g} seconds.")
                self._end_process()

    def _tell(self) -> None:
        is_known = processes.tell(self.name, len(job_run.list_at_work()))
        if not is_known and not self._ended.is_set():  # or who has just said goodbye would be back
            processes.enlist(self.name, self.role, self.slots)

    def _look(self) -> None:
        if time.monotonic() - self._began_at > STARTING_SECONDS:
            recent.look()

    def _call_itself(self) -> None:
        """Send a canary to this worker's own queue, and look whether the one before has arrived."""
        if self._is_deaf():
            logger.critical("%s hears nothing from Redis any more; this worker ends", self.name)
            self._end_process()
        try:
            current_app.signature(CANARY).apply_async(
                queue=worker_direct(self.name), expires=CANARY_SECONDS, retry=False
            )
        except (OperationalError, redis.RedisError):
            self._called_at = self._unheard_since = None  # Redis is away: nobody can hear anything
            return
        metrics.message_sent(CANARY)
        self._called_at = self._called_at or timezone.now()

    def _is_deaf(self) -> bool:
        if self._called_at is None or len(job_run.list_at_work()) >= self.slots:
            self._unheard_since = None
            return False
        heard = Process.objects.filter(name=self.name, heard_at__gte=self._called_at).exists()
        self._called_at = None if heard else self._called_at
        if heard:
            self._unheard_since = None
            return False
        self._unheard_since = self._unheard_since or time.monotonic()
        return time.monotonic() - self._unheard_since > DEAF_SECONDS - CANARY_SECONDS

    def _end_process(self) -> None:
        try:
            self.give_back()
        finally:
            logging.shutdown()
            os._exit(os.EX_SOFTWARE)
