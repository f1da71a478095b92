"""One thing, with everything about it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hi.entity.enums import ControlType, EntityStateType, Quality, StateCategory
from hi.entity.models import Entity, EntityState
from hi.entity.queries import list_history
from tests.factories import (
    ControllerFactory,
    EntityFactory,
    EntityStateFactory,
    InstanceFactory,
    LocationFactory,
    SensorFactory,
    mirror,
    record,
)

pytestmark = pytest.mark.database


@pytest.fixture
def thermometer() -> Entity:
    thing = EntityFactory(
        source_name="Thermometer",
        source_location=LocationFactory(source_name="Attic"),
        source_details={"Maker": "Acme"},
    )
    state = EntityStateFactory(
        entity=thing, state_type=EntityStateType.TEMPERATURE, value="21.44", unit="°C", source_name="Temperature"
    )
    SensorFactory(state=state, device_class="outdoor_air", precision=2)
    dial = EntityStateFactory(
        entity=thing,
        is_primary=False,
        category=StateCategory.CONFIGURATION,
        state_type=EntityStateType.NUMBER,
        value="3",
        source_name="Offset",
    )
    ControllerFactory(state=dial, control=ControlType.NUMBER, minimum=-5, maximum=5, step=0.5)
    record(state, ["20.0", "20.5", "21.0", "21.44"], unit="°C")
    mirror(thing, InstanceFactory(label="House"))
    return thing


def test_it_shows_value_place_bounds_origin_details_and_history(browser: Client, thermometer: Entity) -> None:
    text = browser.get(f"/things/{thermometer.pk}/").text
    assert re.search(r'data-value="hero">21\.44<span class="unit"> °C', text)
    for words in ("Attic", "outdoor air", 'min="-5" max="5" step="0.5"', "House", "Acme", "Last changes"):
        assert words in text
    state = thermometer.states.get(is_primary=True)
    assert f"<code>light.{state.pk}</code>" in text
    assert "<polyline" in text


def test_options_and_lost_values_are_told_in_words(browser: Client) -> None:
    state = EntityStateFactory(state_type=EntityStateType.CHOICE, value="eco_50")
    ControllerFactory(state=state, control=ControlType.CHOICE, options=["eco_50", "not_home"])
    record(state, ["eco_50"])
    record(state, [None], end=timezone.now() - timedelta(minutes=5), quality=Quality.UNAVAILABLE)
    text = browser.get(f"/things/{state.entity_id}/").text
    for words in ("eco 50", ">Eco 50<", ">Away<", "unavailable"):
        assert words in text
    assert "eco_50" not in re.sub(r"<[^>]*>", "", text)  # the buttons that set it send the source's own word


def test_a_poll_brings_nothing_until_the_value_changes(browser: Client, thermometer: Entity) -> None:
    text = browser.get(f"/things/{thermometer.pk}/").text
    url = re.search(r'id="thing-live"[^>]* hx-get="([^"]+)"', text)
    assert url
    headers = {"HX-Request": "true"}
    assert browser.get(url[1], headers=headers).status_code == 204
    EntityState.objects.filter(entity=thermometer, is_primary=True).update(value="30")
    answer = browser.get(url[1], headers=headers)
    assert "30.00" in answer.text
    assert "<html" not in answer.text


def test_without_a_value_it_says_why(browser: Client, thermometer: Entity) -> None:
    EntityState.objects.filter(entity=thermometer).update(value=None, quality=Quality.UNAVAILABLE)
    text = browser.get(f"/things/{thermometer.pk}/").text
    assert re.search(r'data-value="hero">—<', text)
    assert "unavailable since" in text


def test_a_thing_without_states_is_still_a_page(browser: Client) -> None:
    assert "nothing to read" in browser.get(f"/things/{EntityFactory().pk}/").text


def test_a_thing_that_no_source_has_says_so(browser: Client) -> None:
    thing = EntityFactory(removed_at=timezone.now())
    assert "No source has this thing any more" in browser.get(f"/things/{thing.pk}/").text


def test_a_thing_that_never_was_is_a_missing_page(browser: Client) -> None:
    assert browser.get("/things/999/").status_code == 404


def test_names_and_values_from_a_source_are_text_and_never_markup(browser: Client) -> None:
    state = EntityStateFactory(
        entity__source_name="<script>alert(1)</script>", state_type=EntityStateType.TEXT, value="<img src=x>"
    )
    for url in ("/", "/things/", f"/things/{state.entity_id}/"):
        text = browser.get(url).text
        assert "<script>alert" not in text
        assert "<img" not in text


def test_history_is_the_newest_of_all_asked_for(thermometer: Entity) -> None:
    first, other = thermometer.states.order_by("-is_primary")
    record(other, ["1", "2"])
    changes = list_history([first.pk, other.pk], 3)
    assert len(changes) == 3
    assert {change.value for change in changes} == {"21.44", "2", changes[2].value}
    assert changes == sorted(changes, key=lambda change: change.source_changed_at, reverse=True)
    assert list_history([]) == []


def test_a_thing_that_is_deleted_while_somebody_looks_takes_the_page_along(browser: Client) -> None:
    assert browser.get("/things/4711/").status_code == 404
    poll = browser.get("/things/4711/?v=1", headers={"HX-Request": "true"})
    assert (poll.status_code, poll.headers["HX-Redirect"]) == (200, "/things/4711/")
