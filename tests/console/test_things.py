"""The list of things: groups, pages, filters, and polls that bring only what changed."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hi.entity.enums import ControlType, EntityStateType, EntityType, Quality
from hi.entity.grouping import Grouping, list_grouped
from hi.entity.models import Entity, EntityState
from hi.entity.places import settle_order
from hi.entity.queries import EntityFilter, glance_at
from hi.integration.enums import IntegrationStatus
from hi.integration.models import IntegrationInstance, IntegrationLink
from tests.factories import (
    ControllerFactory,
    EntityFactory,
    EntityStateFactory,
    InstanceFactory,
    LocationFactory,
    mirror,
)

pytestmark = pytest.mark.database
TILE = re.compile(r'<article class="tile[^"]*" id="thing-(\d+)"')


@pytest.fixture
def home() -> list[Entity]:
    """Forty things in seven places on two floors, some with the same names, some of no place and no source."""
    floors = [
        LocationFactory(source_name="Upstairs", kind="floor", position=1),
        LocationFactory(source_name="Downstairs", kind="floor", position=0),
    ]
    rooms = [LocationFactory(source_name=f"room {number % 4}", source_parent=floors[number % 2]) for number in range(6)]
    rooms += [LocationFactory(source_name="Garden", user_parent=floors[0])]
    houses = [InstanceFactory(label="same label"), InstanceFactory(label="same label")]
    kinds = [EntityType.LIGHT, EntityType.SENSOR, "a kind of a later version"]
    things = []
    for number in range(40):
        place = None if number % 9 == 8 else rooms[number % 7]
        moved = {"user_location": rooms[0]} if number % 11 == 5 else {}
        name = f"{'Lamp' if number % 3 else 'lamp'} {number % 5}"
        thing = EntityFactory(source_name=name, source_type=kinds[number % 3], source_location=place, **moved)
        EntityStateFactory(entity=thing)
        if number % 7:
            mirror(thing, houses[number % 2])
            if number % 6 == 0:
                mirror(thing, houses[(number + 1) % 2])
        things.append(thing)
    return things


@pytest.mark.parametrize("grouping", Grouping)
@pytest.mark.parametrize("limit", [1, 7, 39, 40, 500])
def test_pages_have_no_holes_and_no_doubles(home: list[Entity], grouping: Grouping, limit: int) -> None:
    whole = list_grouped(EntityFilter(), grouping, limit=500)
    assert whole.following is None
    read: list[Any] = []
    cursor = None
    for _page in range(100):
        page = list_grouped(EntityFilter(), grouping, cursor, limit)
        assert page.total == len(home)
        read += page.rows
        cursor = page.following
        if cursor is None:
            break
    assert [row.entity.pk for row in read] == [row.entity.pk for row in whole.rows]
    assert sorted(row.entity.pk for row in read) == sorted(thing.pk for thing in home)


@pytest.mark.parametrize("grouping", Grouping)
def test_a_group_is_never_torn_apart(home: list[Entity], grouping: Grouping) -> None:
    rows = list_grouped(EntityFilter(), grouping, limit=500).rows
    groups = [(row.group_id, row.group_name) for row in rows]
    assert len(set(groups)) == sum(before != after for before, after in zip([None, *groups], groups, strict=False))


def test_floors_come_in_their_order_and_what_has_no_room_comes_last(home: list[Entity]) -> None:
    settle_order()
    rows = list_grouped(EntityFilter(), Grouping.ROOM, limit=500).rows
    places = [row.entity.location for row in rows]
    floors = [place.parent.source_name if place and place.parent else "" for place in places]
    assert list(dict.fromkeys(floors)) == ["Downstairs", "Upstairs", ""]


def test_show_more_leads_through_all_things(
    browser: Client, monkeypatch: pytest.MonkeyPatch, home: list[Entity]
) -> None:
    monkeypatch.setattr("hi.console.views.things.PAGE", 15)
    url, seen = "/things/", []
    while url:
        text = browser.get(url).text
        seen += TILE.findall(text)
        more = re.search(r'id="more-link" href="([^"]+)"', text)
        url = more[1].replace("&amp;", "&") if more else ""
    assert sorted(map(int, seen)) == sorted(thing.pk for thing in home)


def test_a_page_that_begins_inside_a_group_says_so(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hi.console.views.things.PAGE", 1)
    room = LocationFactory(source_name="Attic")
    for _ in range(2):
        EntityFactory(source_location=room)
    more = re.search(r'id="more-link" href="([^"]+)"', browser.get("/things/").text)
    assert more
    assert "continued" in browser.get(more[1]).text
    heading = re.compile(r'tiles-group">\s*Attic')
    assert heading.search(browser.get(more[1]).text)
    assert not heading.search(browser.get(more[1], headers={"HX-Request": "true"}).text)


@pytest.mark.parametrize("after", ["nonsense", "W10", "WzEsMiwzXQ", "WyJhIiwiYiIsImMiLCJkIiwiZSJd", "%00", "é"])
def test_an_unreadable_place_to_go_on_begins_at_the_beginning(browser: Client, home: list[Entity], after: str) -> None:
    assert len(TILE.findall(browser.get("/things/", {"after": after}).text)) == 40


def test_words_find_things_by_name_and_by_room(browser: Client) -> None:
    attic = LocationFactory(source_name="Attic")
    lamp = EntityFactory(source_name="Reading lamp", source_location=attic)
    moved = EntityFactory(source_name="Floor lamp", source_location=attic, user_location=LocationFactory())
    found = TILE.findall(browser.get("/things/", {"q": "attic LAMP"}).text)
    assert found == [str(lamp.pk)]
    assert moved.pk != lamp.pk


def test_what_nobody_is_called_says_so(browser: Client) -> None:
    response = browser.get("/things/", {"q": "<b>nobody</b>"})
    assert "Nothing fits" in response.text
    assert "&lt;b&gt;nobody" in response.text


def test_without_any_thing_the_page_says_what_would_be_here(browser: Client) -> None:
    text = browser.get("/things/").text
    assert "Here will be everything in your home" in text
    assert "/integrations/add" in text


def test_quick_filters_count_and_select(browser: Client) -> None:
    lamp_on = EntityStateFactory().entity
    EntityStateFactory(value="off")
    window = EntityStateFactory(
        entity__source_type=EntityType.SENSOR, state_type=EntityStateType.OPEN_CLOSE, value="open"
    ).entity
    old = EntityStateFactory(value="off", quality=Quality.STALE).entity
    gone = EntityStateFactory(entity__removed_at=timezone.now()).entity
    text = re.sub(r"<[^>]+>", "", browser.get("/things/").text)
    assert "Lights on 1" in text
    assert "Open 1" in text
    assert "Not fresh 1" in text
    for quick, thing in (("lights", lamp_on), ("open", window), ("stale", old)):
        assert TILE.findall(browser.get("/things/", {"show": quick}).text) == [str(thing.pk)]
    assert f"thing-{gone.pk}" not in text


def shown(text: str) -> dict[str, list[str]]:
    """What a page sends with each poll."""
    pairs = re.findall(r'<input type="hidden" name="(t|c|n|k|e|by|show|q)" value="([^"]*)"', text)
    sent: dict[str, list[str]] = {}
    for name, value in pairs:
        sent.setdefault(name, []).append(value)
    return sent


def test_a_poll_with_an_id_written_oddly_brings_the_tile(browser: Client, home: list[Entity]) -> None:
    answer = browser.get("/things/live", {"t": f"0{home[0].pk}.x"})
    assert f'id="thing-{home[0].pk}"' in answer.text


def test_a_poll_brings_nothing_while_nothing_changes(browser: Client, home: list[Entity]) -> None:
    assert browser.get("/things/live", shown(browser.get("/things/").text)).status_code == 204


def test_a_poll_brings_only_the_tile_that_changed(browser: Client, home: list[Entity]) -> None:
    page = browser.get("/things/").text
    EntityState.objects.filter(entity=home[3]).update(value="a new word", received_at=timezone.now())
    text = browser.get("/things/live", shown(page)).text
    assert TILE.findall(text) == [str(home[3].pk)]
    assert "a new word" in text
    assert text.count("hx-swap-oob") == 1 + ("chips" in text)
    assert browser.get("/things/live", shown(page) | shown(text)).status_code in {200, 204}


def test_a_value_that_grew_old_is_a_change(browser: Client) -> None:
    state = EntityStateFactory()
    page = browser.get("/things/").text
    EntityState.objects.filter(pk=state.pk).update(quality=Quality.STALE)
    text = browser.get("/things/live", shown(page)).text
    assert "dot-old" in text
    assert "Not fresh" in text


def test_a_thing_that_went_leaves_the_page(browser: Client) -> None:
    thing, _other = EntityStateFactory().entity, EntityStateFactory()
    page = browser.get("/things/").text
    Entity.objects.filter(pk=thing.pk).update(removed_at=timezone.now())
    assert f'<article id="thing-{thing.pk}" hx-swap-oob="delete">' in browser.get("/things/live", shown(page)).text


def news(text: str) -> str:
    found = re.search(r'id="news-link"[^>]*>([^<]+)<', text)
    return found[1] if found else ""


def test_what_is_new_is_offered_and_not_pushed_in(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hi.console.views.things.PAGE", 3)
    things = [EntityStateFactory(value="off").entity for _ in range(5)]
    sent = shown(browser.get("/things/").text)
    assert browser.get("/things/live", sent).status_code == 204
    for words in ("1 new thing: show", "2 new things: show"):
        EntityStateFactory(value="off")
        text = browser.get("/things/live", sent).text
        assert (news(text), TILE.findall(text)) == (words, [])
        sent |= {name: value for name, value in shown(text).items() if name in "nk"}
        assert browser.get("/things/live", sent).status_code == 204
    Entity.objects.filter(pk=things[0].pk).update(removed_at=timezone.now())
    text = browser.get("/things/live", sent).text
    assert f'id="thing-{things[0].pk}" hx-swap-oob="delete"' in text
    assert news(text) == "2 new things: show"
    # More of the old ones go than are new: there is nothing left to say.
    Entity.objects.filter(pk__in=[thing.pk for thing in things[1:]]).update(removed_at=timezone.now())
    assert news(browser.get("/things/live", sent).text) == ""


def test_what_comes_to_fit_a_filter_is_offered_too(browser: Client) -> None:
    EntityStateFactory()
    other = EntityStateFactory(value="off")
    sent = shown(browser.get("/things/", {"show": "lights"}).text)
    EntityState.objects.filter(pk=other.pk).update(value="on")
    assert news(browser.get("/things/live", sent).text) == "1 more thing fits: show"


def test_the_first_thing_turns_an_empty_page_into_a_list_by_itself(browser: Client, porch: str) -> None:
    page = browser.get("/things/").text
    assert browser.get("/things/live", shown(page)).status_code == 204
    house = InstanceFactory(label="House", integration_type=porch, status=IntegrationStatus.ACTIVATING)
    reading = browser.get("/things/live", shown(page))
    assert "House is being read. What is found appears here by itself." in reading.text
    thing = EntityStateFactory().entity
    answer = browser.get("/things/live", shown(reading.text))
    assert TILE.findall(answer.text) == [str(thing.pk)]
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reselect"]) == ("#results", "#results")
    Entity.objects.filter(pk=thing.pk).update(removed_at=timezone.now())
    IntegrationInstance.objects.filter(pk=house.pk).update(status=IntegrationStatus.ACTIVE)
    assert "No connected system is mirrored now" in browser.get("/things/live", shown(answer.text)).text


def test_a_page_adds_no_more_tiles_than_a_poll_can_keep_up_to_date(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hi.console.views.things.PAGE", 2)
    monkeypatch.setattr("hi.console.views.things.MOST_SHOWN", 4)
    for _ in range(7):
        EntityStateFactory()
    url, added = "/things/", []
    while True:
        more = re.search(r'id="more-link" href="([^"]+)"( hx-get)?', browser.get(url).text)
        if more is None:
            break
        url = more[1].replace("&amp;", "&")
        added.append(bool(more[2]))
    assert added == [True, True, False]


def test_a_thermostat_tells_how_warm_it_is_and_what_it_makes_of_it(browser: Client) -> None:
    mode = EntityStateFactory(entity__source_name="Radiator", state_type=EntityStateType.CLIMATE, value="heat")
    for name, kind, value, unit in (
        ("Air", "humidity", "47", "%"),
        ("Room", "temperature", "21.2", "°C"),
        ("Target", "temperature", "22.5", "°C"),
    ):
        state = EntityStateFactory(
            entity=mode.entity, is_primary=False, source_name=name, state_type=kind, value=value, unit=unit
        )
    ControllerFactory(state=state, control=ControlType.NUMBER)
    text = browser.get("/things/").text
    assert re.search(r'class="value"[^>]*>21.2<span class="unit"> °C<', text)
    assert re.search(r'tile-context">heat to 22.5 °C<', text)
    EntityState.objects.filter(pk=mode.pk).update(value="off")
    assert re.search(r'tile-context">off<', browser.get("/things/").text)


def test_a_lamp_that_is_on_tells_how_bright(browser: Client) -> None:
    lamp = EntityStateFactory(entity__source_name="Lamp")
    EntityStateFactory(
        entity=lamp.entity, is_primary=False, state_type=EntityStateType.BRIGHTNESS, value="62", unit="%"
    )
    assert re.search(r'tile-on.*class="value"[^>]*>62<span class="unit"> %<', browser.get("/things/").text, re.S)
    EntityState.objects.filter(pk=lamp.pk).update(value="off")
    assert re.search(r'class="value"[^>]*>off<', browser.get("/things/").text)


@pytest.mark.parametrize("asked", [["x"], ["1"], ["a.b"], ["99999999999999999999.x"], ["-1.x"], ["²."], [".."]])
def test_a_poll_for_nonsense_is_harmless(browser: Client, asked: list[str]) -> None:
    assert browser.get("/things/live", {"t": asked}).status_code in {200, 204}


def test_a_thing_of_two_systems_stands_once_with_the_one_connected_first() -> None:
    first, second = InstanceFactory(label="Zeta"), InstanceFactory(label="Alpha")
    both, other, nobodys = (EntityFactory(source_name=name) for name in ("Both", "Other", "Nobody's"))
    for thing, houses in ((both, (second, first)), (other, (second,))):
        for house in houses:
            mirror(thing, house)
    rows = list_grouped(EntityFilter(), Grouping.INTEGRATION).rows
    assert [(row.group_name, row.entity) for row in rows] == [("Alpha", other), ("Zeta", both), ("", nobodys)]
    IntegrationLink.objects.filter(instance=first).update(removed_at=timezone.now())
    rows = list_grouped(EntityFilter(), Grouping.INTEGRATION).rows
    assert [(row.group_name, row.entity) for row in rows] == [("Alpha", both), ("Alpha", other), ("", nobodys)]


def test_what_concerns_only_the_inner_health_of_a_thing_is_not_read_for_its_tile() -> None:
    lamp = EntityStateFactory(entity__source_name="Lamp")
    kept = [(EntityStateType.POWER, "purpose"), (EntityStateType.LOW_BATTERY, "diagnostic")]
    for state_type, category in (
        *kept,
        (EntityStateType.TEMPERATURE, "diagnostic"),
        (EntityStateType.TEXT, "configuration"),
    ):
        EntityStateFactory(entity=lamp.entity, is_primary=False, state_type=state_type, category=category)
    (thing,) = glance_at([lamp.entity.pk])
    assert [state.state_type for state in thing.states.all()] == [
        lamp.state_type,
        EntityStateType.LOW_BATTERY,
        EntityStateType.POWER,
    ]


def test_a_tile_tells_in_one_line_what_matters_most(browser: Client) -> None:
    lamp = EntityStateFactory(entity__source_name="Lamp")
    EntityStateFactory(
        entity=lamp.entity,
        is_primary=False,
        source_name="Lamp Power",
        state_type=EntityStateType.POWER,
        value="7.25",
        unit="W",
    )
    assert "Power 7.25 W" in browser.get("/things/").text
    EntityStateFactory(
        entity=lamp.entity, is_primary=False, state_type=EntityStateType.LOW_BATTERY, value="low", category="diagnostic"
    )
    assert "battery low" in browser.get("/things/").text
