"""A living home on the screen: values change where they stand, things are found, colours follow the wish."""

import re

import pytest
from playwright.sync_api import expect

from hi.testing.hass import SimulatedHass
from tests.browser.console import Console

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("house")]


def test_a_value_changes_on_the_list_and_on_the_things_page_without_loading(
    console: Console, source: SimulatedHass
) -> None:
    source.set_state("light.garage_light", "off")
    console.open("/things/?q=garage+light")
    tile = console.tile("Garage light")
    expect(tile.locator(".tile-value")).to_have_text("off", ignore_case=True)
    with console.stays_loaded():
        source.set_state("light.garage_light", "on")
        expect(tile.locator(".tile-value")).to_have_text("on", ignore_case=True)
    tile.get_by_role("link").click()
    value = console.page.locator(".hero-value")
    expect(value).to_have_text("on", ignore_case=True)
    with console.stays_loaded():
        source.set_state("light.garage_light", "off")
        expect(value).to_have_text("off", ignore_case=True)


def test_a_source_that_is_away_is_told_and_comes_back_without_loading(console: Console, source: SimulatedHass) -> None:
    console.open("/")
    expect(console.heading("Everything is alright.")).to_be_visible()
    with console.stays_loaded():
        source.go_down()
        expect(console.heading("reconnecting")).to_be_visible()
        source.come_up()
        source.finish_starting()
        expect(console.heading("Everything is alright.")).to_be_visible()


def test_searching_narrows_the_list_as_one_types_and_can_be_sent_as_an_address(console: Console) -> None:
    console.open("/things/")
    with console.stays_loaded():
        console.page.get_by_label("Search things by name or room").press_sequentially("kitchen ceiling")
        expect(console.page.locator("article.tile")).to_have_count(1)
        expect(console.page).to_have_url(re.compile(r"/things/\?.*\bq=kitchen(\+|%20)ceiling"))
    console.page.reload()
    expect(console.page.locator("article.tile")).to_have_count(1)


def test_show_more_adds_the_rest_of_the_list_each_thing_once(console: Console) -> None:
    console.open("/things/")
    tiles = console.page.locator("article.tile")
    expect(tiles).to_have_count(48)
    with console.stays_loaded():
        console.link("Show more").click()
        expect(tiles).to_have_count(96)
        console.link("Show more").click()
        expect(console.link("Show more")).to_have_count(0)
    total = sum(1 for _thing in console.hub.get_all("entities"))
    ids = tiles.evaluate_all("tiles => tiles.map(tile => tile.id)")
    assert len(ids) == len(set(ids)) == total > 48


def test_the_theme_that_somebody_chooses_stays(console: Console) -> None:
    console.page.emulate_media(color_scheme="light")
    console.open("/")
    background = "getComputedStyle(document.body).backgroundColor"
    light = console.page.evaluate(background)
    console.button("Dark").click()
    expect(console.page.locator("html")).to_have_attribute("data-theme", "dark")
    assert console.page.evaluate(background) != light
    console.open("/things/")
    expect(console.page.locator("html")).to_have_attribute("data-theme", "dark")
