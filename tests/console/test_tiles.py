"""What a thing says in short: on its tile, at the top of its page, and in Home's last changes."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hi.entity.enums import ControlType, EntityStateType, Quality
from hi.entity.models import EntityState
from tests.factories import ControllerFactory, EntityStateFactory, LocationFactory, record

pytestmark = pytest.mark.database
T = EntityStateType


def add(state: EntityState, name: str, kind: str, value: str | None, **columns: object) -> EntityState:
    """One more state of the same thing."""
    return EntityStateFactory(
        entity=state.entity, is_primary=False, source_name=name, state_type=kind, value=value, **columns
    )


def context(browser: Client) -> str:
    found = re.search(r'<p class="tile-context">([^<]*)', browser.get("/things/").text)
    assert found
    return found[1]


def test_under_its_rooms_heading_a_tile_parts_the_rooms_name_from_its_own(browser: Client) -> None:
    kitchen = LocationFactory(source_name="Kitchen")
    EntityStateFactory(entity__source_name="Kitchen ceiling light", entity__source_location=kitchen)
    EntityStateFactory(entity__source_name="Kitchen", entity__source_location=kitchen)
    text = browser.get("/things/").text
    assert '<span class="tile-in">Kitchen </span>ceiling light</a>' in text
    assert ">Kitchen</a>" in text


def test_what_is_only_set_is_not_told_in_passing(browser: Client) -> None:
    lamp = EntityStateFactory(entity__source_name="Lamp", value="off")
    ControllerFactory(state=add(lamp, "Colour", T.COLOR_TEMPERATURE, "2631"), control=ControlType.NUMBER)
    assert context(browser).startswith("since ")
    add(lamp, "Power", T.POWER, "8", unit="W")
    assert context(browser) == "Power 8 W"


def test_a_player_tells_what_it_plays_and_a_blind_how_far_it_is_open(browser: Client) -> None:
    player = EntityStateFactory(entity__source_name="TV", state_type=T.MEDIA, value="playing")
    add(player, "Title", T.TEXT, "Evening news")
    assert context(browser) == "Evening news"
    player.entity.delete()
    blind = EntityStateFactory(entity__source_name="Blind", state_type=T.OPEN_CLOSE, value="open")
    position = add(blind, "Position", T.POSITION, "70", unit="%")
    add(blind, "Tilt", T.POSITION, "50", unit="%")
    assert context(browser) == "70 %"
    EntityState.objects.filter(pk=position.pk).update(value="100")
    assert context(browser).startswith("since ")


def test_the_weather_tells_how_warm_it_is(browser: Client) -> None:
    sky = EntityStateFactory(entity__source_name="Weather", state_type=T.STATUS, value="cloudy")
    add(sky, "Humidity", T.HUMIDITY, "71", unit="%")
    add(sky, "Temperature", T.TEMPERATURE, "12.1", unit="°C")
    assert context(browser) == "Temperature 12.1 °C"


def test_what_was_never_used_says_so(browser: Client) -> None:
    EntityStateFactory(entity__source_name="Film night", state_type=T.TRIGGER, value=None, quality=Quality.UNKNOWN)
    assert context(browser) == "not used yet"


def test_a_things_page_tells_at_its_top_what_its_tile_tells_and_nothing_twice(browser: Client) -> None:
    mode = EntityStateFactory(entity__source_name="Radiator", state_type=T.CLIMATE, value="heat")
    room = add(mode, "Room", T.TEMPERATURE, "21.2", unit="°C")
    target = add(mode, "Target", T.TEMPERATURE, "22.5", unit="°C")
    ControllerFactory(state=target, control=ControlType.NUMBER)
    record(room, ["20.9", "21.0", "21.2"], unit="°C")
    text = browser.get(f"/things/{mode.entity_id}/").text
    assert re.search(r'data-value="hero">21.2<span class="unit"> °C', text)
    assert "<span>heat to 22.5 °C</span>" in text
    assert "<polyline" in text
    assert re.findall(r'<li class="row state"><span class="row-name">([^<]+)', text) == ["Room", "Target"]


def test_what_changes_with_the_primary_state_is_told_in_its_line(browser: Client) -> None:
    lamp = EntityStateFactory(entity__source_name="Lamp", value="on")
    brightness = add(lamp, "Brightness", T.BRIGHTNESS, "62", unit="%")
    moment = timezone.now()
    record(brightness, ["62"], unit="%", end=moment)
    record(lamp, ["on"], end=moment)
    text = browser.get(f"/things/{lamp.entity_id}/").text
    [changes] = re.findall(r'id="changes-title".*?</section>', text, re.DOTALL)
    assert changes.count('<li class="row">') == 1
    assert "Brightness\u00a062\u00a0%" in changes


def test_home_lists_a_thing_once_and_nothing_that_says_nothing(browser: Client) -> None:
    now = timezone.now()
    lamp = EntityStateFactory(entity__source_name="Lamp", value="off", received_at=now)
    add(lamp, "Brightness", T.BRIGHTNESS, "62", received_at=now)
    add(lamp, "Hue", T.HUE, None, received_at=now)
    EntityStateFactory(entity__source_name="Door", value="on", received_at=now - timedelta(seconds=9))
    names = re.findall(r'id="recent-\d+" href="[^"]+">([^<]+)<', browser.get("/").text)
    assert names == ["Lamp", "Door"]
