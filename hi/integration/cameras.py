"""Which states have pictures, and who shows them."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from hi.entity.enums import EntityStateType, Quality
from hi.entity.models import EntityState
from hi.entity.models.entity_state import VIDEO
from hi.integration import exceptions, status
from hi.integration.camera import CameraSource
from hi.integration.discovery import find_integrations
from hi.integration.enums import DesiredState, ItemKind
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.media_links import MediaKind, MediaLink
from hi.integration.models import IntegrationInstance, IntegrationLink, Recording
from hi.integration.overview import links_of_states

# Of one thing.
MOST_CAMERAS = 4
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
        if _shows_cameras(link.instance.integration_type)
    }


def list_first(number: int) -> list[EntityState]:
    """What so many things see, in the order of their names, those out of sight left out: of each its first state that
    a camera stands behind, with its thing. One statement."""
    types, active = _list_types(), DesiredState.ACTIVE
    shown = _links().filter(state=OuterRef("pk"), instance__integration_type__in=types, instance__desired_state=active)
    states = EntityState.objects.filter(
        VIDEO, Exists(shown), is_hidden=False, entity__removed_at=None, entity__is_hidden=False
    ).select_related("entity")
    ordered = states.order_by("entity__name", "entity_id", "-is_primary", "name", "pk")
    first: dict[int, EntityState] = {}
    for state in ordered[: number * MOST_CAMERAS]:
        first.setdefault(state.entity_id, state)
    return list(first.values())[:number]


def _list_types() -> list[str]:
    return [name for name in find_integrations() if _shows_cameras(name)]


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
    heard = (one for one in found if status.is_heard(one.instance))
    return next((one for one in heard if _shows_cameras(one.instance.integration_type)), None)


def build_source(instance: IntegrationInstance) -> CameraSource:
    """Raises IntegrationError where the instance shows nothing."""
    source = get_integration_gateway(instance.integration_type).build_camera_source(instance)
    if source is None:
        raise exceptions.IntegrationError(f"{instance.label} shows no pictures.")
    return source


def _links() -> QuerySet[IntegrationLink]:
    live = IntegrationLink.objects.filter(kind=ItemKind.STATE, removed_at=None)
    return live.select_related("instance").order_by("pk")


def _shows_cameras(integration_type: str) -> bool:
    try:
        return get_integration_gateway(integration_type).has_cameras
    except exceptions.IntegrationError:
        return False
