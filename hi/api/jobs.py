"""`/jobs`: queued work and how it goes."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router
from pydantic import BaseModel, Field

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.errors import ApiProblem
from hi.api.given import Given, GivenId, GivenMoment, RowId, UtcMoment
from hi.api.paging import MAX_LIMIT, Cursor, PageQuery, refuse_unknown
from hi.api.schemas.jobs import Acknowledged, JobOut, JobPage, Unacknowledged
from hi.integration import job_lists, operations
from hi.integration.enums import JobKind, JobStatus, JobTrigger
from hi.integration.job_lists import JobFilter
from hi.integration.models import Job

router = Router(tags=["jobs"])
cursor: Cursor[tuple[datetime, UUID]] = Cursor(tuple[UtcMoment, UUID])


class JobChoice(BaseModel):
    status: JobStatus | None = None
    integration: RowId | None = Field(None, description="the id of the integration it is about")
    kind: JobKind | None = None
    trigger: JobTrigger | None = Field(None, description="who or what asked for it")
    since: GivenMoment | None = Field(None, description="asked for at or after this moment")

    def build_filter(self, *, needs_look: bool = False, after: tuple[datetime, UUID] | None = None) -> JobFilter:
        return JobFilter(
            statuses=(self.status,) if self.status else (),
            needs_look=needs_look,
            kind=self.kind,
            instance_id=self.integration,
            trigger=self.trigger,
            since=self.since,
            after=after,
        )


class JobQuery(JobChoice, PageQuery):
    needs_look: bool = Field(False, description="only those that failed or got lost and that nobody acknowledged")


class Acknowledgement(JobChoice, Given):
    """Which of the jobs that need a look; with nothing given all."""

    integration: GivenId | None = None
    ids: list[UUID] | None = Field(None, min_length=1, max_length=MAX_LIMIT)
    seen_at: GivenMoment | None = Field(None, description="only those that had ended by then; now, if left out")


@router.get("", auth=BearerToken(Permission.LOOK), response=JobPage)
def list_jobs(request: ApiRequest, query: Query[JobQuery]) -> JobPage:
    """Jobs, newest first. A page of several filters may be short, or empty, and still have a next one."""
    refuse_unknown(request, query)
    chosen = query.build_filter(needs_look=query.needs_look, after=cursor.decode(query.after))
    found, following = job_lists.list_jobs(chosen, query.limit)
    return JobPage(items=[JobOut.build(job) for job in found], next=cursor.encode(following))


@router.post("/acknowledge", auth=BearerToken(Permission.RUN), response=Acknowledged)
def acknowledge_jobs(request: ApiRequest, body: Acknowledgement) -> Acknowledged:
    """Mark jobs that failed or got lost as seen."""
    seen_at = body.seen_at or timezone.now()
    number, at = job_lists.acknowledge(body.build_filter(), seen_at=seen_at, ids=body.ids)
    return Acknowledged(acknowledged=number, acknowledged_at=at)


class TakingBack(Given):
    acknowledged_at: GivenMoment = Field(description="as `acknowledge` answered it")


@router.post("/unacknowledge", auth=BearerToken(Permission.RUN), response=Unacknowledged)
def unacknowledge_jobs(request: ApiRequest, body: TakingBack) -> Unacknowledged:
    """Take back what was marked as seen at one moment."""
    return Unacknowledged(unacknowledged=job_lists.unacknowledge(body.acknowledged_at))


@router.get("/{uuid:job_id}", auth=BearerToken(Permission.LOOK), response=JobOut)
def get_job(request: ApiRequest, job_id: UUID) -> JobOut:
    """One job: ask again until `ended_at` is set."""
    return JobOut.build(_find(job_id))


@router.post("/{uuid:job_id}/cancel", auth=BearerToken(Permission.RUN), response=JobOut)
def cancel_job(request: ApiRequest, job_id: UUID) -> JobOut:
    """End a job that waits or runs. What it has written so far stays."""
    job = _find(job_id)
    if not operations.cancel(job, request.auth.user):
        job = _find(job_id)
        ended = job.ended_at is not None
        raise ApiProblem(409, "This job has ended already." if ended else f"A job of kind {job.kind} is not cancelled.")
    return JobOut.build(_find(job_id))


def _find(job_id: UUID) -> Job:
    try:
        return Job.objects.defer("arguments", "error", "log", "checkpoint").get(pk=job_id)
    except Job.DoesNotExist as err:
        raise ApiProblem(404, f"There is no job {job_id}.") from err
