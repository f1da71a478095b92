"""The pages of places."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from hi.entity.models import Entity, Location
from hi.integration import people
from tests.console.test_thing_edits import undo
from tests.factories import EntityFactory, LocationFactory

pytestmark = pytest.mark.database


@pytest.fixture
def kitchen() -> Location:
    floor = LocationFactory(source_name="Ground floor", kind="floor")
    kitchen = LocationFactory(source_name="Kitchen", source_parent=floor)
    LocationFactory(source_name="Pantry", source_parent=floor)
    EntityFactory.create_batch(3, source_location=kitchen)
    return kitchen


def names(text: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'class="place-name"[^>]*>([^<]+)<', text)]


def options(text: str, field: str) -> list[str]:
    choice = re.search(rf'<select[^>]* name="{field}">(.*?)</select>', text, re.DOTALL)
    assert choice
    return [unescape(words) for words in re.findall(r"<option[^>]*>([^<]+)<", choice[1])]


def test_the_tree_tells_what_stands_in_what_and_how_much_is_in_it(browser: Client, kitchen: Location) -> None:
    text = browser.get("/places/").text
    assert names(text) == ["Ground floor", "Kitchen", "Pantry"]
    assert "3 things in its rooms" in text
    assert ">3 things</a>" in text
    assert '<span class="sr">room, in Ground floor:</span>' in text
    assert 'aria-current="page"' in text


def test_without_any_place_the_page_says_where_they_come_from(browser: Client) -> None:
    assert "Here will be your floors and rooms" in browser.get("/places/").text


def test_a_place_is_added_and_taken_back(browser: Client, kitchen: Location) -> None:
    given = {"name": "Alcove", "kind": "room", "parent_id": str(kitchen.pk)}
    text = browser.post("/places/", given, follow=True).text
    assert names(text) == ["Ground floor", "Kitchen", "Alcove", "Pantry"]
    assert "your own" in text
    assert names(undo(browser, text)) == ["Ground floor", "Kitchen", "Pantry"]


def test_a_refused_place_keeps_what_was_typed(browser: Client, kitchen: Location) -> None:
    given = {"name": "Wing", "kind": "floor", "parent_id": str(kitchen.pk)}
    answer = browser.post("/places/", given)
    assert answer.status_code == 422
    assert "A floor cannot stand in a room." in answer.text
    assert 'value="Wing"' in answer.text
    assert browser.post("/places/", {**given, "parent_id": "x"}).status_code == 422
    assert Location.objects.count() == 3


def test_a_place_is_renamed_moved_and_given_back_to_its_source(browser: Client, kitchen: Location) -> None:
    attic = LocationFactory(source_name="Top floor", kind="floor")
    url = f"/places/{kitchen.pk}/"
    choices = options(browser.get(url).text, "parent_id")
    assert choices[0] == "As its source says: Ground floor"
    assert "Top floor" in choices
    text = browser.post(url, {"name": "Galley", "parent_id": str(attic.pk)}, follow=True).text
    assert names(text) == ["Ground floor", "Pantry", "Top floor", "Galley"]
    assert names(undo(browser, text)) == ["Ground floor", "Kitchen", "Pantry", "Top floor"]
    browser.post(url, {"name": "Galley", "parent_id": str(attic.pk)})
    assert "As its source has it" in browser.get(url).text
    browser.post(url, {"name": "", "parent_id": "0", "position": ""})
    kitchen.refresh_from_db()
    assert (kitchen.name, kitchen.user_parent) == ("Kitchen", None)
    assert "As its source has it" not in browser.get(url).text


def test_what_stands_in_a_place_is_not_offered_to_hold_it(browser: Client, kitchen: Location) -> None:
    alcove = LocationFactory(source_name="Alcove", source_parent=kitchen)
    choices = options(browser.get(f"/places/{kitchen.pk}/").text, "parent_id")
    assert not any("Alcove" in words or words.endswith("› Kitchen") for words in choices)
    answer = browser.post(f"/places/{kitchen.pk}/", {"parent_id": str(alcove.pk)})
    assert answer.status_code == 422
    assert "Alcove itself stands in Kitchen." in answer.text


def test_places_change_their_order_with_and_without_scripts(browser: Client, kitchen: Location) -> None:
    text = browser.post(f"/places/{kitchen.pk}/shift", {"to": "down"}, follow=True).text
    assert names(text) == ["Ground floor", "Pantry", "Kitchen"]
    part = browser.post(f"/places/{kitchen.pk}/shift", {"to": "up"}, headers={"HX-Request": "true"}).text
    assert part.startswith('<div id="places">')
    assert names(part) == ["Ground floor", "Kitchen", "Pantry"]
    browser.post(f"/places/{kitchen.pk}/shift", {"to": "sideways"})
    assert names(browser.get("/places/").text) == ["Ground floor", "Kitchen", "Pantry"]


def test_undoing_a_step_leaves_the_order_to_the_source_again(browser: Client, kitchen: Location) -> None:
    text = browser.post(f"/places/{kitchen.pk}/shift", {"to": "down"}, follow=True).text
    assert names(undo(browser, text)) == ["Ground floor", "Kitchen", "Pantry"]
    assert not Location.objects.exclude(user_position=None).exists()
    for unreadable in ("x", "1", ":", f"{kitchen.pk}:-1", f"{kitchen.pk}:{10**12}", "²:³"):
        browser.post(f"/places/{kitchen.pk}/shift", {"positions": unreadable})
    assert names(browser.get("/places/").text) == ["Ground floor", "Kitchen", "Pantry"]


def test_the_number_of_things_leads_to_these_very_things(browser: Client, kitchen: Location) -> None:
    EntityFactory(source_name="Kitchen door", source_location=LocationFactory(source_name="Kitchen garden"))
    EntityFactory(source_name="Spare sensor", source_location=kitchen, is_hidden=True)
    row = re.search(r'<a class="quiet" href="([^"]+)">3 things</a>', browser.get("/places/").text)
    assert row
    listed = set(map(int, re.findall(r'href="/things/(\d+)/"', browser.get(unescape(row[1])).text)))
    assert listed == set(Entity.objects.filter(location_id=kitchen.pk, is_hidden=False).values_list("pk", flat=True))


def test_only_your_own_can_be_deleted_and_what_that_does_is_told_before(browser: Client, kitchen: Location) -> None:
    browser.post("/places/", {"name": "Annex", "kind": "floor", "parent_id": "0"})
    annex = Location.objects.get(user_name="Annex")
    people.put(EntityFactory(source_location=kitchen), annex.pk, None)
    asked = browser.get(f"/places/{annex.pk}/delete").text
    assert "1 thing in it: back to where the source has it" in asked
    assert browser.post(f"/places/{annex.pk}/delete").headers["Location"] == "/places/"
    assert not Location.objects.filter(pk=annex.pk).exists()
    assert browser.get(f"/places/{kitchen.pk}/delete").status_code == 404
    assert browser.post(f"/places/{kitchen.pk}/delete").status_code == 422
    assert Location.objects.filter(pk=kitchen.pk).exists()


def test_a_place_that_its_source_lost_says_so_while_things_are_in_it(browser: Client, kitchen: Location) -> None:
    Location.objects.filter(source_name__in=["Kitchen", "Pantry"]).update(removed_at=timezone.now())
    text = browser.get("/places/").text
    assert names(text) == ["Ground floor", "Kitchen"]
    assert "its source has it no more" in text
    assert "comes back whole" in browser.get(f"/places/{kitchen.pk}/").text
