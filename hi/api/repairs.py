"""`/repairs`: what needs a person, and the deeds that mend it."""

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router
from pydantic import Field

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.errors import ApiProblem
from hi.api.given import Given, PlainText, RowId
from hi.api.integrations import ACCEPTED
from hi.api.paging import Cursor, PageQuery, refuse_unknown
from hi.api.schemas.jobs import JobOut
from hi.api.schemas.repairs import RepairOut, RepairPage
from hi.integration import choosing, operations
from hi.integration.models import Job, Repair

router = Router(tags=["repairs"])
cursor: Cursor[int] = Cursor(RowId)


class RepairQuery(PageQuery):
    integration: RowId | None = Field(None, description="the id of the integration it is about")


class Approval(Given):
    seen_at: PlainText = Field(max_length=40, description="its `updated_at`: nobody approves what changed since")


@router.get("", auth=BearerToken(Permission.LOOK), response=RepairPage)
def list_repairs(request: ApiRequest, query: Query[RepairQuery]) -> RepairPage:
    """What is open now, oldest first."""
    refuse_unknown(request, query)
    found = Repair.objects.filter(closed_at=None, pk__gt=cursor.decode(query.after) or 0).order_by("pk")
    if query.integration is not None:
        found = found.filter(instance=query.integration)
    rows = list(found[: query.limit + 1])
    shown = rows[: query.limit]
    following = cursor.encode(shown[-1].pk) if len(rows) > query.limit else None
    return RepairPage(items=[RepairOut.build(row) for row in shown], next=following)


@router.post(
    "/{int:repair_id}/approve", auth=BearerToken(Permission.DECIDE), response={202: JobOut}, openapi_extra=ACCEPTED
)
def approve_removals(request: ApiRequest, repair_id: int, body: Approval, response: HttpResponse) -> JobOut:
    """Of a `removal_review`: remove what is still missing then, by a sync."""
    return _tell(operations.approve_removals(_find(repair_id), body.seen_at, request.auth.user), response)


@router.post(
    "/{int:repair_id}/accept", auth=BearerToken(Permission.CONNECT), response={202: JobOut}, openapi_extra=ACCEPTED
)
def accept_server(request: ApiRequest, repair_id: int, response: HttpResponse) -> JobOut:
    """Of `server_changed`: the server that answers now is the new one."""
    return _tell(choosing.accept_server(_find(repair_id), request.auth.user), response)


def _find(repair_id: int) -> Repair:
    try:
        return Repair.objects.select_related("instance").get(pk=repair_id)
    except Repair.DoesNotExist as err:
        raise ApiProblem(404, f"There is no repair {repair_id}.") from err


def _tell(job: Job, response: HttpResponse) -> JobOut:
    response["Location"] = reverse("api:get_job", args=[job.pk])
    return JobOut.build(job)
