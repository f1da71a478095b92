from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hi.entity.enums import EntityType, Quality
from hi.entity.models import EntityState
from hi.integration.enums import ItemKind
from hi.integration.models import IntegrationLink
from tests.api.world import NOON, ROOT, link, make_entity, make_instance, make_room, read_pages

pytestmark = pytest.mark.database


def names(answer: Any) -> list[str]:
    return [item["name"] for item in answer.json()["items"]]


def test_a_thing_tells_its_states_the_primary_one_first(api: Client) -> None:
    room = make_room("Kitchen")
    entity = make_entity("Lamp", make_instance(), source_location=room)
    switch, power = entity.states.order_by("pk")
    assert api.get(f"{ROOT}/entities").json() == {
        "items": [
            {
                "id": entity.pk,
                "name": "Lamp",
                "entity_type": "light",
                "location": "Kitchen",
                "location_id": room.pk,
                "removed_at": None,
                "states": [
                    {
                        "id": switch.pk,
                        "key": "light",
                        "name": "Lamp",
                        "value": "on",
                        "unit": "",
                        "quality": "good",
                        "state_type": "on_off",
                        "is_primary": True,
                        "source_changed_at": "2026-11-23T12:00:00.000000Z",
                        "received_at": "2026-11-23T12:00:00.000000Z",
                        "address": f"light.{entity.pk}",
                    },
                    {
                        "id": power.pk,
                        "key": "power",
                        "name": "Lamp power",
                        "value": None,
                        "unit": "W",
                        "quality": "unknown",
                        "state_type": "power",
                        "is_primary": False,
                        "source_changed_at": None,
                        "received_at": None,
                        "address": f"sensor.{entity.pk}",
                    },
                ],
            }
        ],
        "next": None,
    }


def test_one_thing_reads_as_in_the_list(api: Client) -> None:
    entity = make_entity("Lamp", make_instance())
    one = api.get(f"{ROOT}/entities/{entity.pk}").json()
    listed = api.get(f"{ROOT}/entities").json()["items"][0]
    assert {field: one[field] for field in listed} == listed


def test_what_the_user_calls_it_goes_first(api: Client) -> None:
    cellar = make_room("Cellar")
    make_entity("Lamp", user_name="Reading light", user_type=EntityType.OTHER, user_location=cellar)
    item = api.get(f"{ROOT}/entities").json()["items"][0]
    assert (item["name"], item["entity_type"], item["location"]) == ("Reading light", "other", "Cellar")


def test_a_removed_thing_is_not_listed_but_can_be_asked_for(api: Client) -> None:
    entity = make_entity("Lamp", removed_at=NOON)
    assert names(api.get(f"{ROOT}/entities")) == []
    assert api.get(f"{ROOT}/entities/{entity.pk}").json()["removed_at"] == "2026-11-23T12:00:00.000000Z"


def test_a_removed_state_is_not_told(api: Client) -> None:
    entity = make_entity("Lamp", make_instance())
    EntityState.objects.filter(key="power").update(removed_at=NOON)
    assert [state["key"] for state in api.get(f"{ROOT}/entities/{entity.pk}").json()["states"]] == ["light"]


def test_an_unavailable_state_has_no_value(api: Client) -> None:
    make_entity("Lamp")
    EntityState.objects.update(value=None, quality=Quality.UNAVAILABLE)
    state = api.get(f"{ROOT}/entities").json()["items"][0]["states"][0]
    assert (state["value"], state["quality"], state["address"]) == (None, "unavailable", None)


def test_a_tombstone_gives_no_address_and_the_oldest_link_speaks(api: Client) -> None:
    entity = make_entity("Lamp", make_instance())
    switch = entity.states.get(key="light")
    link(make_instance("Cabin"), ItemKind.STATE, "other", state=switch, address="light.other")
    first = api.get(f"{ROOT}/entities/{entity.pk}").json()["states"][0]
    assert first["address"] == f"light.{entity.pk}"
    IntegrationLink.objects.filter(address=f"light.{entity.pk}").update(removed_at=NOON)
    first = api.get(f"{ROOT}/entities/{entity.pk}").json()["states"][0]
    assert first["address"] == "light.other"


def test_pages_follow_without_holes_or_doubles_though_names_repeat(api: Client) -> None:
    for name in ["Bulb"] * 4 + ["Ampel", "Ölofen", "zebra", 'quo"te', "Straße", "Bulb"]:
        make_entity(name)
    whole = [item["id"] for item in api.get(f"{ROOT}/entities").json()["items"]]
    assert len(whole) == 10
    for limit in (1, 3, 4, 10):
        pages = list(read_pages(api, "/entities", limit=limit))
        assert [item["id"] for page in pages for item in page] == whole
        assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
        assert pages[-1]


def test_a_thing_that_goes_between_two_pages_hides_no_other(api: Client) -> None:
    things = [make_entity(name) for name in "ABCDE"]
    pages = read_pages(api, "/entities", limit=2)
    assert [item["name"] for item in next(pages)] == ["A", "B"]
    things[1].delete()
    assert [item["name"] for item in next(pages)] == ["C", "D"]


def test_things_are_found_by_words_type_and_integration(api: Client) -> None:
    house = make_instance("House")
    make_entity("Desk lamp", house, source_location=make_room("Office"))
    make_entity("Hall lamp", make_instance("Cabin"))
    make_entity("Fan", house, source_type=EntityType.FAN)
    assert names(api.get(f"{ROOT}/entities", {"search": "office LAMP"})) == ["Desk lamp"]
    assert names(api.get(f"{ROOT}/entities", {"type": "fan"})) == ["Fan"]
    assert names(api.get(f"{ROOT}/entities", {"integration": house.pk})) == ["Desk lamp", "Fan"]
    assert names(api.get(f"{ROOT}/entities", {"integration": str(house.pk), "type": "light"})) == ["Desk lamp"]
    assert names(api.get(f"{ROOT}/entities", {"integration": 2**62})) == []


def test_a_filter_holds_on_every_page(api: Client) -> None:
    house = make_instance("House")
    for number in range(5):
        make_entity(f"Lamp {number}", house)
        make_entity(f"Lamp {number}")
    pages = list(read_pages(api, "/entities", limit=2, integration=house.pk))
    assert [item["name"] for page in pages for item in page] == [f"Lamp {number}" for number in range(5)]


def test_a_page_has_100_things_unless_told_and_500_at_most(api: Client) -> None:
    for number in range(101):
        make_entity(f"Lamp {number:03}")
    assert len(names(api.get(f"{ROOT}/entities"))) == 100
    assert len(names(api.get(f"{ROOT}/entities", {"limit": 500}))) == 101
    for limit in (0, 501, -1, "many"):
        response = api.get(f"{ROOT}/entities", {"limit": limit})
        assert response.status_code == 422
        assert response.json()["field"] == "limit"


def test_the_number_of_statements_does_not_grow(api: Client) -> None:
    instance = make_instance()
    room = make_room("Kitchen")
    make_entity("Lamp", instance, source_location=room)
    api.get(f"{ROOT}/entities")  # notes the use of the token
    with CaptureQueriesContext(connection) as for_one:
        api.get(f"{ROOT}/entities")
    for number in range(40):
        make_entity(f"Lamp {number}", instance, source_location=room, user_location=room)
    with CaptureQueriesContext(connection) as for_many:
        assert (
            len(names(api.get(f"{ROOT}/entities", {"search": "kitchen lamp", "integration": str(instance.pk)}))) == 41
        )
    assert len(for_many) == len(for_one) == 4
