from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hi.entity.models import EntityState
from hi.integration.media_links import MediaKind, MediaLink, read_path
from tests.api.world import ROOT
from tests.factories import InstanceFactory
from tests.media.conftest import camera, lens, make_camera_state, state

__all__ = ["camera", "lens", "state"]
pytestmark = pytest.mark.either_database


def address(state: EntityState) -> str:
    return f"{ROOT}/entities/{state.entity_id}/states/{state.pk}/camera"


@pytest.mark.parametrize("width", [320, 640, 1280])
def test_a_program_is_given_links_to_what_a_camera_sees(api: Client, state: EntityState, width: int) -> None:
    given = api.get(address(state), {} if width == 640 else {"width": width}).json()
    assert read_path(given["snapshot"])[0] == MediaLink(MediaKind.SNAPSHOT, state.pk, width)
    assert read_path(given["stream"])[0] == MediaLink(MediaKind.LIVE, state.pk, width)
    ends_in = datetime.fromisoformat(given["expires_at"]) - timezone.now()
    assert timedelta(seconds=55) < ends_in <= timedelta(seconds=60)


@pytest.mark.parametrize("query", ["width=100000", "width=wide", "height=320"])
def test_another_width_there_is_not(api: Client, state: EntityState, query: str) -> None:
    assert api.get(f"{address(state)}?{query}").status_code == 422


@pytest.mark.usefixtures("lens")
def test_where_no_camera_stands_behind_a_state_there_is_no_link(api: Client, state: EntityState) -> None:
    for other in (make_camera_state(InstanceFactory()), make_camera_state(InstanceFactory(), state_type="on_off")):
        assert api.get(address(other)).status_code == 404
    EntityState.objects.filter(pk=state.pk).update(removed_at=timezone.now())
    assert api.get(address(state)).status_code == 404
