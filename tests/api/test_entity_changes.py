"""What programs may change of a thing: the same as people on its page, under the same rules."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hi.accounts.models import User
from hi.entity.models import Entity
from hi.integration import files
from hi.integration.models import AuditEntry
from tests.api.world import ROOT, make_entity, make_instance, make_room

pytestmark = pytest.mark.database


@pytest.fixture
def lamp() -> Entity:
    return make_entity("Lamp", make_instance(), source_location=make_room("Kitchen"))


def change(api: Client, path: str, body: dict[str, Any], method: str = "patch") -> Any:
    return getattr(api, method)(f"{ROOT}{path}", body, content_type="application/json")


def test_a_thing_is_named_typed_placed_and_noted_and_null_gives_it_back(api: Client, user: User, lamp: Entity) -> None:
    cellar = make_room("Cellar")
    body = {"name": "Mine", "entity_type": "fan", "location_id": cellar.pk, "notes": "E27"}
    one = change(api, f"/entities/{lamp.pk}", body).json()
    assert (one["name"], one["entity_type"], one["location"], one["notes"]) == ("Mine", "fan", "Cellar", "E27")
    assert one["user"] == {"name": "Mine", "entity_type": "fan", "location_id": cellar.pk}
    assert one["source"] == {"name": "Lamp", "entity_type": "light", "location_id": lamp.source_location_id}
    assert set(AuditEntry.objects.values_list("who", flat=True)) == {user.username}
    back = change(api, f"/entities/{lamp.pk}", dict.fromkeys(body)).json()
    assert (back["name"], back["entity_type"], back["location"], back["notes"]) == ("Lamp", "light", "Kitchen", "")


def test_what_is_left_out_stays(api: Client, lamp: Entity) -> None:
    change(api, f"/entities/{lamp.pk}", {"name": "Mine"})
    assert change(api, f"/entities/{lamp.pk}", {"notes": "E27"}).json()["name"] == "Mine"
    assert change(api, f"/entities/{lamp.pk}", {}).json()["notes"] == "E27"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"entity_type": "spaceship"}, "entity_type"),
        ({"location_id": 987_654}, "location_id"),
        ({"location_id": 0}, "location_id"),
        ({"nmae": "Mine"}, "nmae"),
    ],
)
def test_what_cannot_be_is_a_problem_at_its_field(api: Client, lamp: Entity, body: dict[str, Any], field: str) -> None:
    answer = change(api, f"/entities/{lamp.pk}", body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not AuditEntry.objects.exists()


def test_facts_are_put_and_deleted_by_name(api: Client, lamp: Entity) -> None:
    path = f"/entities/{lamp.pk}/attributes/Filter%20changed"
    assert change(api, path, {"value": "May"}, "put").json()["attributes"] == {"Filter changed": "May"}
    assert change(api, path, {"value": "June"}, "put").json()["attributes"] == {"Filter changed": "June"}
    assert change(api, path, {"value": " "}, "put").status_code == 422
    assert api.delete(f"{ROOT}{path}").json()["attributes"] == {}
    assert api.delete(f"{ROOT}{path}").status_code == 404
    assert api.delete(f"{ROOT}/entities/{lamp.pk}/attributes/a%00b").status_code == 422


def test_files_are_listed(api: Client, lamp: Entity, tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    row = files.attach(lamp, SimpleUploadedFile("manual.pdf", b"%PDF-1.4"), None)
    (listed,) = api.get(f"{ROOT}/entities/{lamp.pk}").json()["files"]
    assert {key: listed[key] for key in ("id", "name", "content_type", "size")} == {
        "id": row.pk, "name": "manual.pdf", "content_type": "application/pdf", "size": 8,
    }  # fmt: skip


def test_what_is_not_there_cannot_be_changed(api: Client) -> None:
    assert change(api, "/entities/4711", {"name": "Mine"}).status_code == 404
    assert Client().patch(f"{ROOT}/entities/4711").status_code == 401
