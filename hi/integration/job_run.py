"""A job while a worker runs it: claim, progress, end, or back to the queue. Each is one guarded UPDATE of its row."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from hi.integration import exceptions, jobs, leases, metrics, quiet
from hi.integration.core.backoff import CLOCK_TOLERANCE, full_jitter
from hi.integration.enums import EXCLUSIVE_JOB_KINDS, JobStatus, JobTrigger
from hi.integration.job_log import JobLog
from hi.integration.models import IntegrationInstance, Job
from hi.utils.redact import redact
from hi.utils.update_returning import update_returning

PROGRESS_SECONDS = 0.2
# Work that takes longer raises WorkPaused where another attempt can go on.
SHIFT_SECONDS = 120
# Whatever still tells of progress then fails alone, before its worker is ended for it (HI_JOB_HARD_SECONDS).
LONGEST_SECONDS = 240
MAX_TRIES = 3


@dataclass(slots=True)
class Step:
    """One step of a job as the page shows it. `status`: running, ok or failed."""

    name: str
    status: str = "running"
    message: str = ""
    hint: str = ""
    milliseconds: int | None = None


class JobRun:
    """One attempt at one job. Whoever holds it is the only one that may write to the row: a late thread whose
    attempt has passed changes nothing."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.steps: list[Step] = []
        self.log = JobLog(job.log)
        self.begun_at = time.monotonic()
        self._told_at = 0.0

    @classmethod
    def claim(cls, job_id: str, attempt: int, worker: str = "") -> "JobRun | None":
        """Take the job for this worker; None if it has been taken, cancelled or deleted meanwhile, must wait, or
        another one of its instance is at work (whose end sends this one again). Call it outside of transactions."""
        now = timezone.now()
        ready = Job.objects.filter(
            Q(run_after=None) | Q(run_after__lte=now + CLOCK_TOLERANCE),
            pk=job_id,
            attempt=attempt,
            status=JobStatus.QUEUED,
        )
        try:
            claimed = update_returning(
                ready,
                status=JobStatus.RUNNING,
                attempt=attempt + 1,
                worker=worker,
                started_at=now,
                heartbeat_at=now,
                message="",
                hint="",
                steps=[],
            )
        except IntegrityError:
            return None
        if not claimed:
            return None
        (job,) = claimed
        metrics.job_began(job)
        return cls(job)

    @property
    def instance(self) -> IntegrationInstance:
        """The instance the job is about. Raises IntegrationError if it was deleted meanwhile."""
        with suppress(IntegrationInstance.DoesNotExist):
            if self.job.instance is not None:
                return self.job.instance
        raise exceptions.IntegrationError("The integration has been deleted meanwhile.")

    def check(self) -> None:
        """Raise JobEndedError unless the job is still at work in this attempt. Call it inside a writing transaction,
        after `leases.lock_instance`: until that ends nobody can cancel the job or give it to another worker."""
        if not own_row(self.job).select_for_update().exists():
            raise exceptions.JobEndedError("The job was cancelled or taken over; nothing more is done for it.")

    def phase(self, name: str, message: str = "") -> None:
        self._tell(phase=name, message=message or name, done=0, total=None)

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell how far the work is. Cheap to call often: written at most every 0.2 s, and at the end.

        Raises JobEndedError, as all that tells does, once the job has been cancelled or given to another worker.
        """
        if done < total and time.monotonic() - self._told_at < PROGRESS_SECONDS:
            return
        self._told_at = time.monotonic()
        told: dict[str, Any] = {"done": done, "total": total}
        self._tell(**told, **({"message": message} if message else {}))

    def step(self, name: str, action: Callable[[], str]) -> None:
        """Run one step and tell what it found, or why it failed and what to do. The action's error is passed on."""
        step = Step(name)
        self.steps.append(step)
        self.phase(name)
        begin = time.monotonic()
        try:
            step.message = action()
            step.status = "ok"
        except exceptions.IntegrationError as err:
            step.status, step.message, step.hint = "failed", redact(str(err)), redact(err.hint)
            raise
        finally:
            step.milliseconds = round((time.monotonic() - begin) * 1000)
            self._write(steps=[asdict(step) for step in self.steps])

    def succeed(self, message: str, result: dict[str, Any] | None = None) -> bool:
        """False, as for all that ends a run, if the row is no longer this run's: nothing was written."""
        return self._end(JobStatus.SUCCEEDED, message=message, result=result or {}, losses=0)

    def fail(self, message: str, *, hint: str = "", traceback: str = "") -> bool:
        # A library's error may quote an address with what it carried.
        return self._end(JobStatus.FAILED, message=redact(message), hint=redact(hint), error=redact(traceback))

    @property
    def is_last_try(self) -> bool:
        """A scheduled job's next slot is its next try; a person's and the source's are tried again soon."""
        asked = self.job.trigger in (JobTrigger.USER, JobTrigger.SOURCE)
        return not asked or self.job.kind not in EXCLUSIVE_JOB_KINDS or self.job.tries + 1 >= MAX_TRIES

    def may_try_again(self, err: exceptions.IntegrationError) -> bool:
        """Whether this failure is not the last word: something passing, and nothing else will try soon."""
        return err.transient and not isinstance(err, exceptions.BreakerOpenError) and not self.is_last_try

    def try_again(self, message: str, *, hint: str = "", after_seconds: float = 0.0) -> bool:
        """Back to the queue for a while, and for as long as the service wants to be left alone."""
        tries = self.job.tries + 1
        jitter = full_jitter(random.uniform, tries, first_seconds=2, cap_seconds=30)
        wait = timedelta(seconds=max(jitter, after_seconds))
        begins_at = timezone.now() + wait
        if self.job.instance_id is not None and (until := quiet.find_end(self.job.instance_id)):
            begins_at = max(begins_at, until)
        said = f"{redact(message)} Trying again ({tries + 1} of {MAX_TRIES})."
        return self._requeue(tries=tries, run_after=begins_at, message=said, hint=redact(hint))

    def is_shift_over(self) -> bool:
        return time.monotonic() - self.begun_at > SHIFT_SECONDS

    def pause(self, paused: "WorkPaused") -> bool:
        """Back to the queue with what `paused` saves, for an attempt that goes on from there."""
        return self._requeue(checkpoint=paused.checkpoint, losses=0, message=paused.message)

    def give_back(self, message: str) -> bool:
        """Back to the queue at once: this process ends."""
        return self._requeue(message=message)

    def _requeue(self, **values: Any) -> bool:
        return requeue(self.job, log=self.log.lines, **values)

    def _end(self, status: JobStatus, **values: Any) -> bool:
        won = self._write(status=status, ended_at=timezone.now(), log=self.log.lines, **values)
        if won:
            metrics.job_ended(self.job, status)
        return won

    def _tell(self, **values: Any) -> None:
        if time.monotonic() - self.begun_at > LONGEST_SECONDS:
            raise exceptions.ConnectionError(f"It took longer than {LONGEST_SECONDS // 60} minutes, so hi gave up.")
        if not self._write(**values):
            raise exceptions.JobEndedError("The job was cancelled or taken over; nothing more is done for it.")

    def _write(self, **values: Any) -> bool:
        values["heartbeat_at"] = timezone.now()
        if self.steps and "steps" not in values:
            values["steps"] = [asdict(step) for step in self.steps]
        return bool(own_row(self.job).update(**values))


class WorkPaused(Exception):
    """Long work has come to a place where another attempt can go on, which finds `checkpoint` on the job."""

    def __init__(self, checkpoint: dict[str, Any], message: str) -> None:
        super().__init__(message)
        self.checkpoint = checkpoint
        self.message = message


def own_row(job: Job) -> QuerySet[Job]:
    """The row as long as it is at work in the attempt that `job` was read in."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, status=JobStatus.RUNNING)


def requeue(job: Job, **values: Any) -> bool:
    """Put a job at work back into the queue, and free what it held. False if it is at work no more, or not here.

    If another one of its kind waits already, that one does the work, and this one ends.
    """
    freed = {"phase": "", "sent_at": None, "heartbeat_at": None, "run_after": None, **values}
    with transaction.atomic():
        try:
            with transaction.atomic():
                if not own_row(job).update(status=JobStatus.QUEUED, **freed):
                    return False
        except IntegrityError:
            ends: dict[str, Any] = {"message": "Another one that waits does its work."}
            if waiting := jobs.find_waiting(job):
                jobs.join(waiting, job)
                ends |= {"slot_at": None, "slots": 0, "slots_missed": 0}  # they have gone along
            jobs.end(job, JobStatus.CANCELLED, **ends)
        leases.release_of(job)
    return True


_lock = threading.Lock()
# By attempt: a late thread of an earlier one must not take its successor out.
_at_work: dict[tuple[UUID, int], JobRun] = {}


@contextmanager
def at_work(run: JobRun) -> Iterator[None]:
    """Let the process know that it works on this: `Keeper` keeps its row fresh."""
    with _lock:
        _at_work[run.job.pk, run.job.attempt] = run
    try:
        yield
    finally:
        with _lock:
            _at_work.pop((run.job.pk, run.job.attempt), None)


def list_at_work() -> list[JobRun]:
    with _lock:
        return list(_at_work.values())


def beat(runs: list[JobRun]) -> None:
    """Keep the rows fresh of what this process works on, and the tails of their logs: if it dies, they are all there
    is."""
    for run in runs:
        own_row(run.job).update(heartbeat_at=timezone.now(), log=run.log.lines)
