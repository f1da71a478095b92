"""`/activity`: who did what, and when."""

from datetime import datetime

from ninja import Query, Router
from pydantic import Field

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.given import RowId, UtcMoment
from hi.api.paging import Cursor, PageQuery, refuse_unknown
from hi.api.schemas.activity import ActivityOut, ActivityPage
from hi.integration import audit

router = Router(tags=["activity"])
cursor: Cursor[tuple[datetime, int]] = Cursor(tuple[UtcMoment, RowId])


class ActivityQuery(PageQuery):
    limit: int = Field(100, ge=1, le=audit.MOST)
    entity: RowId | None = Field(None, description="the id of the thing it was done to")
    integration: RowId | None = None
    user: RowId | None = Field(None, description="the id of who did it")


@router.get("", auth=BearerToken(Permission.LOOK), response=ActivityPage)
def list_activity(request: ApiRequest, query: Query[ActivityQuery]) -> ActivityPage:
    """What people did, newest first."""
    refuse_unknown(request, query)
    chosen = audit.AuditFilter(
        user_id=query.user, entity_id=query.entity, instance_id=query.integration, after=cursor.decode(query.after)
    )
    entries, following = audit.list_entries(chosen, query.limit)
    return ActivityPage(items=[ActivityOut.build(entry) for entry in entries], next=cursor.encode(following))
