"""What `/integrations/{id}/runs` answers."""

from uuid import UUID

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.integration.models import SyncRun


class QuarantinedOut(BaseModel):
    """Something of the source that could not be read, and that is left as it was."""

    kind: str
    key: str
    message: str


class RunOut(BaseModel):
    """One sync. Things, states and places are counted together."""

    id: int
    job_id: UUID | None = Field(description="null once the job is forgotten")
    outcome: str = Field(description="applied, held (removals wait for a person), partial, failed")
    message: str
    started_at: UtcTime
    ended_at: UtcTime
    created: int
    updated: int
    reattached: int = Field(description="what came back as the row it was")
    removed: int
    held: int = Field(description="removals that wait for a person")
    unchanged: int
    quarantined: list[QuarantinedOut]

    @classmethod
    def build(cls, run: SyncRun) -> "RunOut":
        return cls(
            id=run.pk,
            job_id=run.job_id,
            outcome=run.outcome,
            message=run.message,
            started_at=run.started_at,
            ended_at=run.ended_at,
            created=run.created,
            updated=run.updated,
            reattached=run.reattached,
            removed=run.removed,
            held=run.held,
            unchanged=run.unchanged,
            quarantined=[
                QuarantinedOut(kind=str(one.get("kind")), key=str(one.get("key")), message=str(one.get("message")))
                for one in run.quarantined
            ],
        )


class RunPage(BaseModel):
    items: list[RunOut]
    next: str | None
