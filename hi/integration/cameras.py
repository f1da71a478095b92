"""Which states have pictures, and who shows them."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q, QuerySet

from hi.entity.enums import EntityStateType, Quality
from hi.entity.models import EntityState
from hi.integration import exceptions, status
from hi.integration.camera import CameraSource
from hi.integration.enums import ItemKind
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.media_links import MediaKind, MediaLink
from hi.integration.models import IntegrationInstance, IntegrationLink, Recording
from hi.integration.overview import links_of_states

# Some systems give a picture of a camera that sees nothing, which nobody can tell from one that does.
OFF = Q(state__value="off") | Q(state__quality=Quality.UNAVAILABLE)


def list_pictured(states: Iterable[EntityState]) -> dict[int, bool]:
    """The ids of those states that a camera stands behind, and whether what it records is shown. One statement, and
    none where no state is of that type."""
    links = links_of_states(
        state for state in states if state.state_type == EntityStateType.VIDEO and state.removed_at is None
    )
    return {
        pk: get_integration_gateway(link.instance.integration_type).has_recordings
        for pk, found in links.items()
        for link in found
        if _has_cameras(link.instance)
    }


class Shown(NamedTuple):
    """What an instance shows now, by what its service calls it: the state's address, or the recording's key."""

    instance: IntegrationInstance
    name: str


def find_shown(link: MediaLink) -> Shown | None:
    """What a link leads to; None while nobody shows it."""
    if link.kind in (MediaKind.RECORDING, MediaKind.RECORDING_PICTURE):
        kept = Recording.objects.filter(pk=link.row_id).select_related("instance")
        found = [Shown(one.instance, one.integration_key) for one in kept]
    else:
        links = _links().filter(state=link.row_id, state__state_type=EntityStateType.VIDEO).exclude(OFF)
        found = [Shown(one.instance, one.address) for one in links]
    return next((one for one in found if status.is_heard(one.instance) and _has_cameras(one.instance)), None)


def build_source(instance: IntegrationInstance) -> CameraSource:
    """Raises IntegrationError where the instance shows nothing."""
    source = get_integration_gateway(instance.integration_type).build_camera_source(instance)
    if source is None:
        raise exceptions.IntegrationError(f"{instance.label} shows no pictures.")
    return source


def _links() -> QuerySet[IntegrationLink]:
    live = IntegrationLink.objects.filter(kind=ItemKind.STATE, removed_at=None)
    return live.select_related("instance").order_by("pk")


def _has_cameras(instance: IntegrationInstance) -> bool:
    try:
        return get_integration_gateway(instance.integration_type).has_cameras
    except exceptions.IntegrationError:
        return False
