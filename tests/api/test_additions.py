"""Files, names of states, what is ignored, and the tree of places."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from hi.entity.models import Entity, EntityFile, Location
from hi.integration.core.catalogue import Catalogue, Offer, Place
from hi.integration.enums import Decision, JobKind
from hi.integration.models import InboxItem, IntegrationInstance, Job, SourceCatalogue
from tests.api.world import ROOT, make_entity, make_instance, make_job, make_room, read_pages

pytestmark = pytest.mark.database


@pytest.fixture
def house() -> IntegrationInstance:
    return make_instance()


@pytest.fixture
def lamp(house: IntegrationInstance) -> Entity:
    return make_entity("Lamp", house, source_location=make_room("Kitchen"))


def send(api: Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return getattr(api, method)(f"{ROOT}{path}", body or {}, content_type="application/json")


async def read(answer: Any) -> bytes:
    return b"".join([piece async for piece in answer.streaming_content])


def test_a_file_comes_back_as_it_was_and_runs_nowhere(api: Client, lamp: Entity) -> None:
    page = b"<script>alert(1)</script>"
    answer = api.post(f"{ROOT}/entities/{lamp.pk}/files", {"file": SimpleUploadedFile("ä manual.html", page)})
    assert answer.status_code == 201
    kept = answer.json()
    path = f"/entities/{lamp.pk}/files/{kept['id']}"
    file = api.get(ROOT + path)
    assert (async_to_sync(read)(file), file["Content-Type"]) == (page, "application/octet-stream")
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert send(api, "delete", path).json()["files"] == []
    assert not EntityFile.objects.exists()
    assert api.get(ROOT + path).status_code == 404


def test_a_file_that_cannot_be_kept_is_refused(api: Client, lamp: Entity) -> None:
    answer = api.post(f"{ROOT}/entities/{lamp.pk}/files", {"file": SimpleUploadedFile("empty.txt", b"")})
    assert answer.status_code == 422
    assert send(api, "post", f"/entities/{lamp.pk}/files").status_code == 422
    answer = api.generic("POST", f"{ROOT}/entities/{lamp.pk}/files", b"x", "multipart/form-data")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_a_state_is_named_and_null_gives_it_back(api: Client, lamp: Entity) -> None:
    state = lamp.states.order_by("pk")[0]
    path = f"/entities/{lamp.pk}/states/{state.pk}"
    assert send(api, "patch", path, {"name": "Main"}).json()["states"][0]["name"] == "Main"
    assert send(api, "patch", path, {"name": None}).json()["states"][0]["name"] == "Lamp"
    assert send(api, "patch", f"/entities/{make_entity('Other').pk}/states/{state.pk}", {}).status_code == 404


def test_a_thing_is_ignored_until_that_is_taken_back(api: Client, lamp: Entity) -> None:
    assert send(api, "post", f"/entities/{lamp.pk}/ignore").status_code == 200
    assert InboxItem.objects.get().decision == Decision.IGNORED
    assert Job.objects.filter(kind=JobKind.SYNC).exists()
    assert send(api, "post", f"/entities/{lamp.pk}/unignore").status_code == 200
    assert InboxItem.objects.get().decision == Decision.WAITING
    assert send(api, "post", f"/entities/{make_entity('Nowhere').pk}/ignore").status_code == 409


def test_places_are_added_moved_named_and_deleted(api: Client) -> None:
    floor = send(api, "post", "/locations", {"name": "Attic", "kind": "floor"})
    assert floor.status_code == 201
    room = send(api, "post", "/locations", {"name": "Study", "parent_id": floor.json()["id"]}).json()
    assert (room["path"], room["is_own"]) == (["Attic"], True)
    path = f"/locations/{room['id']}"
    assert send(api, "patch", path, {"name": "Office", "parent_id": None}).json()["path"] == []
    other = send(api, "post", "/locations", {"name": "Bath"}).json()
    assert send(api, "post", f"{path}/shift", {"to": "up"}).status_code == 200
    names = [place["name"] for place in api.get(f"{ROOT}/locations").json()["items"]]
    assert set(names) == {"Attic", "Office", "Bath"}
    assert Location.objects.get(pk=room["id"]).user_position is not None
    assert send(api, "patch", path, {"position": None}).status_code == 200
    assert Location.objects.get(pk=room["id"]).user_position is None
    assert send(api, "patch", path, {"position": 1}).status_code == 422
    assert send(api, "delete", path).status_code == 204
    assert send(api, "delete", path).status_code == 404
    assert send(api, "patch", f"/locations/{other['id']}", {"parent_id": other["id"]}).status_code == 422
    assert send(api, "delete", f"/locations/{make_room('Kitchen').pk}").status_code == 422


def test_what_a_source_offers_is_read_in_pages_and_a_choice_is_told_before_it_is_made(
    api: Client, house: IntegrationInstance
) -> None:
    offered = tuple(
        Offer(f"lamp-{number}", f"Lamp {number}", "light", "attic", (), {"light": 1}) for number in range(3)
    )
    SourceCatalogue.objects.create(instance=house, content=Catalogue((Place("attic", "Attic"),), offered).dump())
    path = f"/integrations/{house.pk}"
    pages = [[one["key"] for one in page] for page in read_pages(api, f"{path}/offers", limit=2)]
    assert pages == [["lamp-0", "lamp-1"], ["lamp-2"]]
    told = send(api, "post", f"{path}/selection/preview", {"things": ["lamp-1"]}).json()
    assert (sorted(told["things_removed"]), told["things_after"]) == (["Lamp 0", "Lamp 2"], 1)
    assert api.get(f"{ROOT}{path}/selection").json()["things"] == []
    assert send(api, "post", f"{path}/offers/ignore", {"key": "lamp-2"}).json() == {"decided": 1}
    assert send(api, "post", f"{path}/offers/ignore", {"key": "gone"}).json() == {"decided": 0}


def test_what_was_marked_as_seen_is_taken_back_by_its_moment(api: Client) -> None:
    make_job(status="FAILED", ended_at=timezone.now())
    marked = send(api, "post", "/jobs/acknowledge").json()
    assert marked["acknowledged"] == 1
    taken = send(api, "post", "/jobs/unacknowledge", {"acknowledged_at": marked["acknowledged_at"]})
    assert taken.json() == {"unacknowledged": 1}
