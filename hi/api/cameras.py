"""`/entities/{id}/states/{id}/camera`: what a camera sees."""

from typing import Annotated, Literal

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import BeforeValidator, Field

from hi.accounts.roles import Permission
from hi.accounts.viewers import Viewer
from hi.api.auth import ApiRequest, BearerToken
from hi.api.entities import find_state
from hi.api.errors import ApiProblem
from hi.api.paging import refuse_unknown
from hi.api.schemas.cameras import CameraOut
from hi.integration import cameras
from hi.integration.media_links import MediaKind, MediaLink, build_url, find_end

router = Router(tags=["entities"])


class CameraQuery(Schema):
    width: Annotated[Literal[320, 640, 1280], BeforeValidator(int)] = Field(
        640, description="how wide pictures are wanted, in pixels"
    )


@router.get("/{int:entity_id}/states/{int:state_id}/camera", auth=BearerToken(Permission.LOOK), response=CameraOut)
def get_camera(request: ApiRequest, entity_id: int, state_id: int, query: Query[CameraQuery]) -> CameraOut:
    """Where what a camera sees can be had, for a minute, without a token. 503 is a camera that is off now."""
    refuse_unknown(request, query)
    state = find_state(entity_id, state_id)
    if not cameras.list_pictured([state]):
        raise ApiProblem(404, f"No camera stands behind state {state_id}.")
    now, viewer = timezone.now(), Viewer.of_token(request.auth)
    snapshot, stream = (
        build_url(MediaLink(kind, state_id, query.width), viewer, now) for kind in (MediaKind.SNAPSHOT, MediaKind.LIVE)
    )
    return CameraOut(snapshot=snapshot, stream=stream, expires_at=find_end(now))
