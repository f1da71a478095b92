import pytest
from django.test import Client
from django.utils import timezone

from hi.integration import place_edits
from tests.api.world import ROOT, make_entity, make_room, read_pages
from tests.factories import LocationFactory

pytestmark = pytest.mark.database


def test_places_tell_what_they_stand_in_and_how_much_is_in_them(api: Client) -> None:
    floor = LocationFactory(source_name="Ground floor", kind="floor")
    kitchen = LocationFactory(source_name="Kitchen", source_parent=floor)
    alcove = place_edits.add("Alcove", "room", kitchen.pk, None)
    make_entity("Lamp", source_location=kitchen)
    make_room("Lost")
    LocationFactory(source_name="Gone", removed_at=timezone.now())
    items = api.get(f"{ROOT}/locations").json()["items"]
    assert [item["name"] for item in items] == ["Ground floor", "Kitchen", "Alcove", "Lost"]
    assert items[1] == {
        "id": kitchen.pk,
        "name": "Kitchen",
        "kind": "room",
        "parent_id": floor.pk,
        "path": ["Ground floor"],
        "entity_count": 1,
        "is_own": False,
        "removed_at": None,
    }
    assert (items[2]["id"], items[2]["path"], items[2]["is_own"]) == (alcove.pk, ["Ground floor", "Kitchen"], True)


def test_pages_of_places_come_to_an_end(api: Client) -> None:
    LocationFactory.create_batch(5)
    pages = [[item["id"] for item in page] for page in read_pages(api, "/locations", limit="2")]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({pk for page in pages for pk in page}) == 5
