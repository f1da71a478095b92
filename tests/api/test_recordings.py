from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from hi.integration.media_links import MediaKind, MediaLink, read_path
from hi.integration.models import Recording
from tests.api.world import ROOT
from tests.factories import EntityFactory, InstanceFactory, RecordingFactory

pytestmark = pytest.mark.either_database
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_what_was_recorded_comes_newest_first_page_by_page_with_links_that_open(api: Client) -> None:
    entity, instance = EntityFactory(), InstanceFactory()
    kept = [
        RecordingFactory(entity=entity, instance=instance, began_at=NOON - timedelta(minutes=number // 2))
        for number in range(5)
    ]
    Recording.objects.filter(pk=kept[0].pk).update(ended_at=None, title="")
    RecordingFactory()  # of another thing
    address, after, found = f"{ROOT}/entities/{entity.pk}/recordings?limit=2&width=320", "", []
    while after is not None:
        page = api.get(f"{address}&after={after}").json()
        found, after = found + page["items"], page["next"]
    assert [one["id"] for one in found] == [kept[number].pk for number in (1, 0, 3, 2, 4)]
    assert found[1] | {"picture": "", "clip": "", "expires_at": ""} == {
        **{"id": kept[0].pk, "began_at": "2026-11-26T12:00:00.000000Z", "ended_at": None, "title": ""},
        **{"picture": "", "clip": "", "expires_at": ""},
    }
    assert found[4]["ended_at"] == "2026-11-26T11:58:20.000000Z"
    for one in found:
        assert read_path(one["picture"])[0] == MediaLink(MediaKind.RECORDING_PICTURE, one["id"], 320)
        assert read_path(one["clip"])[0] == MediaLink(MediaKind.RECORDING, one["id"], 320)


@pytest.mark.parametrize(("query", "status"), [("after=x", 400), ("width=1", 422), ("page=2", 422), ("limit=0", 422)])
def test_what_cannot_be_asked_for_is_refused(api: Client, query: str, status: int) -> None:
    assert api.get(f"{ROOT}/entities/{EntityFactory().pk}/recordings?{query}").status_code == status


def test_of_what_is_not_there_nothing_was_recorded(api: Client) -> None:
    assert api.get(f"{ROOT}/entities/4711/recordings").status_code == 404
    assert api.get(f"{ROOT}/entities/{EntityFactory().pk}/recordings").json() == {"items": [], "next": None}
