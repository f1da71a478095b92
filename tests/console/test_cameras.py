"""Cameras on the pages: where their pictures stand, and where they lead."""

import re

import pytest
from django.test import Client

from hi.accounts.models import OpenSession
from hi.entity.models import EntityState
from hi.integration.media_links import MediaKind, MediaLink, read_path
from hi.integration.models import IntegrationInstance
from tests.factories import EntityStateFactory, InstanceFactory
from tests.media.camera import TOKEN, Camera
from tests.media.conftest import camera, lens, make_camera_state, state

__all__ = ["camera", "lens", "state"]
pytestmark = pytest.mark.either_database


def picture_of(state: EntityState) -> str:
    return f"/things/{state.entity_id}/states/{state.pk}/camera"


def test_a_tile_and_a_page_show_what_the_camera_sees(browser: Client, state: EntityState, camera: Camera) -> None:
    tile, page = browser.get("/things/").text, browser.get(f"/things/{state.entity_id}/").text
    assert f'src="{picture_of(state)}?width=320"' in tile
    assert f'alt="What {state.entity.name} sees"' in tile
    assert 'loading="lazy"' in tile
    assert f'src="{picture_of(state)}?width=640"' in page
    assert f'data-live="{picture_of(state)}?live"' in page
    assert "Watch live" in page
    for text in (tile, page):
        assert "console/cameras.js" in text
        assert camera.url not in text
        assert TOKEN not in text
    assert not camera.asked  # no page waits for it


@pytest.mark.parametrize(("asked", "kind", "width"), [("", "snapshot", 640), ("live&width=1280", "live", 1280)])
def test_the_address_leads_on_by_a_link_that_is_fresh(
    browser: Client, state: EntityState, asked: str, kind: str, width: int
) -> None:
    answer = browser.get(f"{picture_of(state)}?{asked}")
    assert answer.status_code == 302
    assert read_path(answer["Location"])[0] == MediaLink(MediaKind(kind), state.pk, width)
    assert "no-store" in answer["Cache-Control"]
    assert read_path(browser.get(f"{picture_of(state)}?width=5000")["Location"])[0].width == 640
    assert browser.get(picture_of(state).replace("/things/", "/things/9")).status_code == 404


def test_where_the_session_has_just_ended_there_is_no_picture(browser: Client, state: EntityState) -> None:
    browser.get("/")
    OpenSession.objects.all().delete()  # noted a moment ago, and so not again now
    assert browser.get(picture_of(state)).status_code == 404


def test_what_no_camera_stands_behind_shows_no_picture(browser: Client, lens: IntegrationInstance) -> None:
    lamp = make_camera_state(lens, state_type="on_off")
    elsewhere = make_camera_state(InstanceFactory())
    gone = make_camera_state(lens)
    gone.links.update(removed_at="2026-11-26T12:00Z")
    assert "data-picture" not in browser.get("/things/").text
    for dark in (lamp, elsewhere, gone):
        assert "data-picture" not in browser.get(f"/things/{dark.entity_id}/").text


def test_a_thing_with_several_cameras_shows_all_and_its_tile_the_first(browser: Client, state: EntityState) -> None:
    second = EntityStateFactory(entity=state.entity, state_type="video", source_name="Porch", is_primary=False)
    instance = state.links.get().instance
    second.links.create(instance=instance, kind="state", integration_key="second")
    assert re.findall(r'id="camera-(\d+)"', browser.get(f"/things/{state.entity_id}/").text) == [
        str(state.pk),
        str(second.pk),
    ]
    assert "<h2>Porch</h2>" in browser.get(f"/things/{state.entity_id}/").text
    tiles = browser.get("/things/").text
    assert picture_of(state) in tiles
    assert picture_of(second) not in tiles
