"""`/integrations`: what is connected, and the actions that end in a job."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router

from hi.accounts.models import User
from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.description import describe_accepted
from hi.api.errors import ApiProblem
from hi.api.given import RowId
from hi.api.paging import Cursor, PageQuery, refuse_unknown
from hi.api.schemas.integrations import IntegrationDetail, IntegrationOut, IntegrationPage
from hi.api.schemas.jobs import JobOut
from hi.integration import operations, overview
from hi.integration.diagnostics import build_diagnostics
from hi.integration.models import IntegrationInstance, Job

router = Router(tags=["integrations"])
cursor: Cursor[int] = Cursor(RowId)

ACCEPTED = {"responses": {202: describe_accepted("job", "get_job", "cancel_job")}}


@router.get("", auth=BearerToken(Permission.LOOK), response=IntegrationPage)
def list_integrations(request: ApiRequest, page: Query[PageQuery]) -> IntegrationPage:
    """Every configured connection, oldest first."""
    refuse_unknown(request, page)
    after = cursor.decode(page.after) or 0
    # A home has a handful: all are read, at the same price for any number.
    found = sorted(overview.list_instances(), key=lambda item: item.instance.pk)
    rest = [item for item in found if item.instance.pk > after]
    items = [IntegrationOut.build(item) for item in rest[: page.limit]]
    return IntegrationPage(items=items, next=cursor.encode(items[-1].id) if len(rest) > page.limit else None)


@router.get("/{int:integration_id}", auth=BearerToken(Permission.LOOK), response=IntegrationDetail)
def get_integration(request: ApiRequest, integration_id: int) -> IntegrationDetail:
    """One, with its settings; of secrets only which are stored."""
    return IntegrationDetail.build(_find(integration_id, drafts=True))


@router.get("/{int:integration_id}/diagnostics", auth=BearerToken(Permission.CONNECT), response=dict[str, Any])
def get_diagnostics(request: ApiRequest, integration_id: int) -> dict[str, Any]:
    """What helps to find out what is wrong, to show to somebody else: no secret, no name, no host."""
    return build_diagnostics(find_instance(integration_id, drafts=True))


@router.post(
    "/{int:integration_id}/sync", auth=BearerToken(Permission.RUN), response={202: JobOut}, openapi_extra=ACCEPTED
)
def sync_integration(request: ApiRequest, integration_id: int, response: HttpResponse) -> JobOut:
    """Read the structure of the source again. A request joins a sync that already waits."""
    return _accept(request, response, operations.sync_now, integration_id)


@router.post(
    "/{int:integration_id}/test", auth=BearerToken(Permission.RUN), response={202: JobOut}, openapi_extra=ACCEPTED
)
def test_connection(request: ApiRequest, integration_id: int, response: HttpResponse) -> JobOut:
    """Test the connection; the job's `steps` tell each part of it."""
    return _accept(request, response, operations.test_connection, integration_id, drafts=True)


@router.post(
    "/{int:integration_id}/activate",
    auth=BearerToken(Permission.CONNECT),
    response={202: JobOut},
    openapi_extra=ACCEPTED,
)
def activate_integration(request: ApiRequest, integration_id: int, response: HttpResponse) -> JobOut:
    """Test the connection, sync, and keep the mirror live."""
    return _accept(request, response, operations.activate, integration_id, drafts=True)


@router.post(
    "/{int:integration_id}/deactivate",
    auth=BearerToken(Permission.CONNECT),
    response={202: JobOut},
    openapi_extra=ACCEPTED,
)
def deactivate_integration(request: ApiRequest, integration_id: int, response: HttpResponse) -> JobOut:
    """Stop mirroring; what was mirrored is removed or kept as the integration's policy says."""
    return _accept(request, response, operations.deactivate, integration_id)


def _accept(
    request: ApiRequest,
    response: HttpResponse,
    action: Callable[[IntegrationInstance, User], Job],
    integration_id: int,
    *,
    drafts: bool = False,
) -> JobOut:
    job = action(find_instance(integration_id, drafts=drafts), request.auth.user)
    response["Location"] = reverse("api:get_job", args=[job.pk])
    return JobOut.build(job)


def find_instance(integration_id: int, *, drafts: bool = False) -> IntegrationInstance:
    """Raises ApiProblem where there is none, or without `drafts` a draft only."""
    return _find(integration_id, drafts=drafts).instance


def _find(integration_id: int, *, drafts: bool = False) -> overview.InstanceOverview:
    try:
        found = overview.get_instance(integration_id)
    except IntegrationInstance.DoesNotExist:
        found = None
    # A draft is nothing yet but settings that are tried.
    if found is None or (found.instance.is_draft and not drafts):
        raise ApiProblem(404, f"There is no integration {integration_id}.")
    return found
