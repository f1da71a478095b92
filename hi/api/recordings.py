"""`/entities/{id}/recordings`: what its cameras saw."""

from datetime import datetime

from django.utils import timezone
from ninja import Query, Router

from hi.accounts.roles import Permission
from hi.accounts.viewers import Viewer
from hi.api.auth import ApiRequest, BearerToken
from hi.api.cameras import CameraQuery
from hi.api.entities import find_entity
from hi.api.given import RowId, UtcMoment
from hi.api.paging import Cursor, PageQuery, refuse_unknown
from hi.api.schemas.cameras import RecordingOut, RecordingPage
from hi.integration import recordings

router = Router(tags=["entities"])
cursor: Cursor[tuple[datetime, int]] = Cursor(tuple[UtcMoment, RowId])


class RecordingQuery(PageQuery, CameraQuery):
    pass


@router.get("/{int:entity_id}/recordings", auth=BearerToken(Permission.LOOK), response=RecordingPage)
def list_recordings(request: ApiRequest, entity_id: int, query: Query[RecordingQuery]) -> RecordingPage:
    """What was recorded of a thing, newest first, with where it can be seen for a minute, without a token. There, 503
    is a recording that its source does not show now, or has deleted."""
    refuse_unknown(request, query)
    find_entity(entity_id)
    found, following = recordings.list_recordings(entity_id, query.limit, cursor.decode(query.after))
    now, viewer = timezone.now(), Viewer.of_token(request.auth)
    items = [RecordingOut.build(recording, query.width, viewer, now) for recording in found]
    return RecordingPage(items=items, next=cursor.encode(following))
