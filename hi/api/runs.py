"""`/integrations/{id}/runs`: what syncs found and did."""

from datetime import datetime

from ninja import Query, Router

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.errors import ApiProblem
from hi.api.given import RowId, UtcMoment
from hi.api.integrations import find_instance
from hi.api.paging import Cursor, PageQuery, refuse_unknown
from hi.api.schemas.runs import RunOut, RunPage
from hi.integration import overview
from hi.integration.models import SyncRun

router = Router(tags=["integrations"])
cursor: Cursor[tuple[datetime, int]] = Cursor(tuple[UtcMoment, RowId])


@router.get("/{int:integration_id}/runs", auth=BearerToken(Permission.LOOK), response=RunPage)
def list_runs(request: ApiRequest, integration_id: int, page: Query[PageQuery]) -> RunPage:
    """Its syncs, newest first."""
    refuse_unknown(request, page)
    instance = find_instance(integration_id)
    found, following = overview.list_runs(instance.pk, page.limit, cursor.decode(page.after))
    return RunPage(items=[RunOut.build(run) for run in found], next=cursor.encode(following))


@router.get("/{int:integration_id}/runs/{int:run_id}", auth=BearerToken(Permission.LOOK), response=RunOut)
def get_run(request: ApiRequest, integration_id: int, run_id: int) -> RunOut:
    run = SyncRun.objects.filter(pk=run_id, instance=integration_id, instance__is_draft=False).first()
    if run is None:
        raise ApiProblem(404, f"There is no sync {run_id} of integration {integration_id}.")
    return RunOut.build(run)
