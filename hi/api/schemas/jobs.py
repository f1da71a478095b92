"""What `/jobs` answers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.integration.models import Job


class StepOut(BaseModel):
    """One step of a job. `status`: running, ok or failed."""

    name: str
    status: str
    message: str = ""
    hint: str = ""
    milliseconds: int | None = None


class JobOut(BaseModel):
    """One unit of queued work, from the moment it was asked for to its end."""

    id: UUID
    kind: str
    subject: str = Field(description="the integration's label at the time")
    integration_id: int | None = Field(description="null once the integration is deleted")
    status: str
    trigger: str
    created_at: UtcTime
    run_after: UtcTime | None = Field(description="not begun before")
    started_at: UtcTime | None
    ended_at: UtcTime | None
    wait_seconds: float = Field(description="from the request to its beginning, or so far")
    run_seconds: float | None = Field(description="from its last beginning to its end, or so far")
    acknowledged_at: UtcTime | None = Field(description="when somebody marked its failure as seen")
    attempt: int = Field(description="how often a worker has begun it")
    tries: int = Field(description="how often it failed and is or was tried again")
    losses: int = Field(description="how often its worker died, in a row")
    worker: str
    slot_at: UtcTime | None = Field(description="the schedule's slot it stands for")
    slots: int = Field(description="how many slots it stands for")
    slots_missed: int = Field(description="how many slots before it did not run")
    trace: str = Field(description="the id of all log lines on its way")
    phase: str
    done: int
    total: int | None
    message: str
    hint: str
    steps: list[StepOut]
    result: dict[str, Any]

    @classmethod
    def build(cls, job: Job) -> "JobOut":
        now = timezone.now()
        run = job.run(now)
        return cls(
            id=job.pk,
            kind=job.kind,
            subject=job.subject,
            integration_id=job.instance_id,
            status=job.status,
            trigger=job.trigger,
            created_at=job.created_at,
            run_after=job.run_after,
            started_at=job.started_at,
            ended_at=job.ended_at,
            wait_seconds=job.wait(now).total_seconds(),
            run_seconds=run.total_seconds() if run is not None else None,
            acknowledged_at=job.acknowledged_at,
            attempt=job.attempt,
            tries=job.tries,
            losses=job.losses,
            worker=job.worker,
            slot_at=job.slot_at,
            slots=job.slots,
            slots_missed=job.slots_missed,
            trace=job.trace,
            phase=job.phase,
            done=job.done,
            total=job.total,
            message=job.message,
            hint=job.hint,
            steps=[StepOut.model_validate(step) for step in job.steps],
            result=job.result,
        )


class JobPage(BaseModel):
    items: list[JobOut]
    next: str | None


class Acknowledged(BaseModel):
    """How many were marked now."""

    acknowledged: int
    acknowledged_at: UtcTime


class Unacknowledged(BaseModel):
    unacknowledged: int = Field(description="how many need a look again")
