"""`/jobs`: queued work and how it goes."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Router
from pydantic import AfterValidator, AwareDatetime, Field

from hi.api.auth import ApiRequest
from hi.api.errors import ApiProblem
from hi.api.paging import Cursor, PageQuery, RowId
from hi.api.schemas import JobOut, JobPage
from hi.integration import overview
from hi.integration.enums import JobStatus
from hi.integration.models import Job

router = Router(tags=["jobs"])
UtcMoment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
cursor: Cursor[tuple[datetime, UUID]] = Cursor(tuple[UtcMoment, UUID])


class JobQuery(PageQuery):
    status: JobStatus | None = None
    integration: RowId | None = Field(None, description="the id of the integration it is about")


@router.get("", response=JobPage)
def list_jobs(request: ApiRequest, query: Query[JobQuery]) -> JobPage:
    """Jobs, newest first."""
    statuses = (query.status,) if query.status else ()
    chosen = overview.JobFilter(statuses, query.integration, cursor.decode(query.after))
    jobs, following = overview.list_jobs(chosen, query.limit)
    return JobPage(items=[JobOut.build(job) for job in jobs], next=cursor.encode(following))


@router.get("/{uuid:job_id}", response=JobOut)
def get_job(request: ApiRequest, job_id: UUID) -> JobOut:
    """One job: ask again until `ended_at` is set."""
    try:
        return JobOut.build(Job.objects.defer("arguments", "error").get(pk=job_id))
    except Job.DoesNotExist as err:
        raise ApiProblem(404, f"There is no job {job_id}.") from err
