"""A job while a worker runs it: claim, progress, heartbeat, end. Each is one guarded UPDATE of its row."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone

from hi.integration import exceptions
from hi.integration.enums import JobStatus
from hi.integration.models import IntegrationInstance, Job
from hi.utils.redact import redact

HEARTBEAT_SECONDS = 10
PROGRESS_SECONDS = 0.2


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
        self._told_at = 0.0

    @classmethod
    def claim(cls, job_id: str, attempt: int) -> "JobRun | None":
        """Take the job for this worker; None if it has been taken, cancelled or deleted meanwhile."""
        now = timezone.now()
        won = Job.objects.filter(pk=job_id, attempt=attempt, status=JobStatus.QUEUED).update(
            status=JobStatus.RUNNING, attempt=attempt + 1, started_at=now, heartbeat_at=now, message="", steps=[]
        )
        return cls(Job.objects.select_related("instance").get(pk=job_id)) if won else None

    @property
    def instance(self) -> IntegrationInstance:
        """The instance the job is about. Raises IntegrationError if it was deleted meanwhile."""
        if self.job.instance is None:
            raise exceptions.IntegrationError("The integration was deleted before the job began.")
        return self.job.instance

    def phase(self, name: str, message: str = "") -> None:
        self._write(phase=name, message=message or name, done=0, total=None)

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell how far the work is. Cheap to call often: written at most every 0.2 s, and at the end."""
        if done < total and time.monotonic() - self._told_at < PROGRESS_SECONDS:
            return
        self._told_at = time.monotonic()
        told: dict[str, Any] = {"done": done, "total": total}
        self._write(**told, **({"message": message} if message else {}))

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
            step.status, step.message, step.hint = "failed", redact(str(err)), err.hint
            raise
        finally:
            step.milliseconds = round((time.monotonic() - begin) * 1000)
            self._write(steps=[asdict(step) for step in self.steps])

    def succeed(self, message: str, result: dict[str, Any] | None = None) -> None:
        self._end(JobStatus.SUCCEEDED, message=message, result=result or {})

    def fail(self, message: str, *, hint: str = "", traceback: str = "") -> None:
        # A library's error may quote an address with what it carried.
        self._end(JobStatus.FAILED, message=redact(message), hint=hint, error=redact(traceback))

    def beat(self) -> None:
        Job.objects.filter(pk=self.job.pk, attempt=self.job.attempt, status=JobStatus.RUNNING).update(
            heartbeat_at=timezone.now()
        )

    def _end(self, status: JobStatus, **values: Any) -> None:
        self._write(status=status, ended_at=timezone.now(), **values)

    def _write(self, **values: Any) -> None:
        values["heartbeat_at"] = timezone.now()
        if self.steps and "steps" not in values:
            values["steps"] = [asdict(step) for step in self.steps]
        Job.objects.filter(pk=self.job.pk, attempt=self.job.attempt, status=JobStatus.RUNNING).update(**values)


class Heartbeat:
    """Keeps a running job's row fresh from a thread of its own, so that a blocked call does not look like death."""

    def __init__(self, run: JobRun) -> None:
        self._run = run
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{run.job.pk}", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exc: object) -> None:
        self._ended.set()
        self._thread.join(timeout=5)

    def _beat(self) -> None:
        while not self._ended.wait(HEARTBEAT_SECONDS):
            close_old_connections()
            with suppress(DatabaseError):  # missing one beat is harmless; the next may succeed
                self._run.beat()
        connections.close_all()
