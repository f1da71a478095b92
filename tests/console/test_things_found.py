"""Finding things in a long list: rooms, labels, what is hidden, tiles or lines; and what a glance at a room tells."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hi.console.sparkline import draw_line
from hi.entity.enums import EntityStateType, EntityType, Quality
from hi.entity.models import Entity, EntityState
from hi.entity.recent_numbers import list_recent_numbers
from tests.console.test_things import TILE, shown
from tests.factories import EntityFactory, EntityStateFactory, LocationFactory, record

pytestmark = pytest.mark.database
T = EntityStateType


def tiles(browser: Client, **given: str) -> list[int]:
    return [int(pk) for pk in TILE.findall(browser.get("/things/", given).text)]


def test_a_room_is_chosen_from_those_that_have_things(browser: Client) -> None:
    attic, hall, empty = (LocationFactory(source_name=name) for name in ("Attic", "Hall", "Empty"))
    lamp = EntityFactory(source_location=attic)
    moved = EntityFactory(source_location=attic, user_location=hall)
    text = browser.get("/things/", {"room": str(attic.pk)}).text
    assert TILE.findall(text) == [str(lamp.pk)]
    assert f'<option value="{attic.pk}" selected>Attic' in text
    assert "Empty" not in text
    assert tiles(browser, room=str(hall.pk)) == [moved.pk]
    assert empty.pk
    assert len(tiles(browser, room="nonsense")) == 2


@pytest.mark.parametrize("words", ["camera", "Cameras", "gate camera"])
def test_a_search_finds_what_things_are_as_well(browser: Client, words: str) -> None:
    gate = EntityFactory(source_name="Gate", source_type=EntityType.CAMERA)
    EntityFactory(source_name="Gate", source_type=EntityType.SENSOR)
    EntityFactory(source_name="Hall", source_type=EntityType.LIGHT)
    assert tiles(browser, q=words) == [gate.pk]
    assert len(tiles(browser, q="gat")) == 2
    assert tiles(browser, q="ssss") == tiles(browser, q="cams") == []


@pytest.mark.parametrize("label", ["party", "für Gäste", 'with "quotes"', "日本", "100%", "a_b"])
def test_a_label_finds_what_its_source_gave_it_to(browser: Client, label: str) -> None:
    wanted = EntityFactory(source_labels=["other", label])
    EntityFactory(source_labels=["other", "aXb", "100 of them"])
    EntityFactory()
    assert tiles(browser, label=label) == [wanted.pk]
    assert "All labels" in browser.get("/things/").text


def test_what_is_hidden_shows_only_when_asked_for(browser: Client) -> None:
    shown_thing, hidden = EntityStateFactory().entity, EntityStateFactory(entity__is_hidden=True).entity
    text = browser.get("/things/").text
    assert TILE.findall(text) == [str(shown_thing.pk)]
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))
    assert "Hidden 1" in words
    assert "Lights on 1" in words
    assert "Search 1 thing" in text
    assert tiles(browser, hidden="1") == [hidden.pk]


def test_the_list_is_remembered(browser: Client) -> None:
    EntityFactory()
    assert "tiles-tiles" in browser.get("/things/").text
    assert "tiles-list" in browser.get("/things/", {"view": "list"}).text
    assert "tiles-list" in browser.get("/things/").text
    assert "tiles-tiles" in browser.get("/things/", {"view": "tiles"}).text
    assert "tiles-tiles" in browser.get("/things/").text
    assert "tiles-tiles" in browser.get("/things/", {"view": "<b>"}).text


def test_clearing_the_search_keeps_the_rest(browser: Client) -> None:
    text = browser.get("/things/", {"q": "nobody", "by": "type"}).text
    assert 'id="search-clear" href="/things/?by=type"' in text


def heading(browser: Client) -> str:
    found = re.search(r'class="climate num"[^>]*>(?:<input[^>]*>)?([^<]*)<', browser.get("/things/").text)
    return found[1] if found else ""


def thermometer(entity: Entity, value: str, kind: str = T.TEMPERATURE, unit: str = "°C") -> EntityState:
    return EntityStateFactory(entity=entity, is_primary=False, state_type=kind, value=value, unit=unit)


def test_a_room_says_how_warm_and_humid_it_is(browser: Client) -> None:
    room = LocationFactory()
    sensor = EntityFactory(source_type=EntityType.SENSOR, source_location=room)
    state = thermometer(sensor, "21.4")
    thermometer(sensor, "48", T.HUMIDITY, "%")
    assert heading(browser) == "21.4 °C · 48 %"
    # Another one, that may hang anywhere, does not contradict it.
    thermometer(EntityFactory(source_type=EntityType.SENSOR, source_location=room), "7.5")
    assert heading(browser) == "21.4 °C · 48 %"
    EntityState.objects.filter(pk=state.pk).update(quality=Quality.STALE)
    assert heading(browser) == "7.5 °C · 48 %"


@pytest.mark.parametrize("values", [["-18"], ["48.9"], ["20.1", "7.5"]])
def test_a_freezer_does_not_speak_for_its_room(browser: Client, values: list[str]) -> None:
    room = LocationFactory()
    for value in values:
        thermometer(EntityFactory(source_type=EntityType.SENSOR, source_location=room), value)
    assert heading(browser) == ""


def test_a_rooms_climate_keeps_up_to_date(browser: Client) -> None:
    room = LocationFactory()
    state = thermometer(EntityFactory(source_type=EntityType.SENSOR, source_location=room), "21.4")
    sent = shown(browser.get("/things/").text) | {"g": [f"{room.pk}.21.4 °C"]}
    assert browser.get("/things/live", sent).status_code == 204
    EntityState.objects.filter(pk=state.pk).update(value="22.0")
    text = browser.get("/things/live", sent).text
    assert f'id="climate-{room.pk}" hx-swap-oob="true"' in text
    assert "22.0 °C</span>" in text


def test_a_number_shows_its_course(browser: Client) -> None:
    state = EntityStateFactory(
        entity__source_type=EntityType.SENSOR, state_type=T.POWER, value="5", unit="W", source_changed_at=None
    )
    record(state, ["1", "2"])
    assert "<polyline" not in browser.get("/things/").text
    record(state, ["3", "1", "nonsense", None, "5"], end=timezone.now() - timedelta(minutes=5))
    assert re.search(r'<svg class="spark".*<polyline points="0.0,', browser.get("/things/").text)


def test_a_line_runs_from_edge_to_edge_and_needs_something_to_tell() -> None:
    now = timezone.now()
    moments = [now + timedelta(minutes=number) for number in range(4)]
    points = [
        tuple(map(float, point.split(",")))
        for point in draw_line(list(zip(moments, [0.0, 10.0, 5.0, 10.0], strict=True))).split()
    ]
    assert (points[0][0], points[-1][0]) == (0.0, 56.0)
    assert points[0][1] > points[2][1] > points[1][1] == points[3][1]
    assert draw_line(list(zip(moments, [3.0] * 4, strict=True))) == ""
    assert draw_line(list(zip(moments[:3], [1.0, 2.0, 3.0], strict=True))) == ""
    assert draw_line(list(zip(moments, [1.0, float("nan"), 2.0, 3.0], strict=True))) == ""


def test_recent_numbers_are_the_newest_of_each_state_of_a_day() -> None:
    first, second = EntityStateFactory(), EntityStateFactory()
    now = timezone.now()
    record(first, ["1", "2", "3", "4"], end=now)
    record(first, ["99"], end=now - timedelta(days=2))
    record(second, ["7", "unknown"], end=now)
    record(second, ["8"], end=now - timedelta(minutes=5), quality=Quality.STALE)
    found = list_recent_numbers([first.pk, second.pk, 4711], now, limit=3)
    assert {pk: [number for _at, number in numbers] for pk, numbers in found.items()} == {
        first.pk: [2.0, 3.0, 4.0],
        second.pk: [7.0],
    }
    assert list_recent_numbers([], now) == {}
