"""`/entities/{id}/states/{id}/history`: what a state has been."""

from datetime import datetime

from ninja import Query, Router

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.entities import find_state
from hi.api.given import RowId, UtcMoment
from hi.api.paging import Cursor, PageQuery, refuse_unknown
from hi.api.schemas.history import ChangeOut, ChangePage
from hi.entity import queries

router = Router(tags=["entities"])
cursor: Cursor[tuple[datetime, int]] = Cursor(tuple[UtcMoment, RowId])


@router.get("/{int:entity_id}/states/{int:state_id}/history", auth=BearerToken(Permission.LOOK), response=ChangePage)
def list_history(request: ApiRequest, entity_id: int, state_id: int, page: Query[PageQuery]) -> ChangePage:
    """Each change of a state, as its source reported it, newest first."""
    refuse_unknown(request, page)
    find_state(entity_id, state_id)
    found, following = queries.list_changes(state_id, page.limit, cursor.decode(page.after))
    return ChangePage(items=[ChangeOut.build(change) for change in found], next=cursor.encode(following))
