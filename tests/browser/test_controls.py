"""Setting what a home has: what is wanted is told apart from what is, and what came of it is told."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from hi.testing.hass import SimulatedHass
from tests.browser.console import Console

pytestmark = pytest.mark.browser
LIGHT, DIMMED, LOCK, ALARM, MESSAGE = (
    "light.garage_light",
    "light.kitchen_ceiling_light",
    "lock.front_door_lock",
    "alarm_control_panel.alarm",
    "text.hall_display_message",
)
TRANSPARENT = "rgba(0, 0, 0, 0)"


@pytest.fixture(autouse=True)
def as_it_was(source: SimulatedHass) -> Iterator[None]:
    before = source.states()
    yield
    for entity_id in (LIGHT, DIMMED, LOCK, ALARM, MESSAGE):
        source.set_state(entity_id, before[entity_id].state, **before[entity_id].attributes)


def expect_hollow(switch: Locator) -> None:
    expect(switch.locator(".switch-track")).to_have_css("background-color", TRANSPARENT)


def expect_filled(switch: Locator) -> None:
    expect(switch.locator(".switch-track")).not_to_have_css("background-color", TRANSPARENT)


def called(source: SimulatedHass) -> list[str]:
    return [f"{call['domain']}.{call['service']}" for call in source.calls]


@pytest.mark.parametrize("width", ["console", "phone"])
def test_a_switch_stays_hollow_until_the_light_says_that_it_is_on(
    width: str, request: pytest.FixtureRequest, source: SimulatedHass
) -> None:
    console: Console = request.getfixturevalue(width)
    source.set_state(LIGHT, "off")
    source.ignore_services()
    console.open("/things/?q=garage+light")
    tile = console.tile("Garage light")
    switch, value = tile.get_by_role("switch"), tile.locator(".tile-value")
    expect(switch).not_to_be_checked()
    with console.stays_loaded():
        switch.tap() if width == "phone" else switch.click()
        expect(console.waiting).to_be_visible()
        expect(switch).to_be_checked()
        expect_hollow(switch)
        expect(value).to_have_text("off", ignore_case=True)
        source.wait_for(lambda: called(source) == ["light.turn_on"], seconds=20)
        source.set_state(LIGHT, "on")
        expect(console.waiting).to_have_count(0)
        expect(switch).to_be_checked()
        expect_filled(switch)
        expect(value).to_have_text("on", ignore_case=True)
    assert console.scrolls_sideways_by() == 0


def test_a_refusal_springs_back_in_the_sources_own_words(console: Console, source: SimulatedHass) -> None:
    source.set_state(LIGHT, "off")
    source.fail_service("light.turn_on", "The bulb is loose.")
    console.open_thing("Garage light")
    switch = console.page.get_by_role("switch", name="Garage light")
    with console.stays_loaded():
        switch.click()
        expect(console.page.locator(".control-trouble")).to_contain_text("The bulb is loose.")
        expect(switch).not_to_be_checked()
        expect(console.waiting).to_have_count(0)


def test_a_slider_sends_where_the_arrows_leave_it(console: Console, source: SimulatedHass) -> None:
    source.set_state(DIMMED, "on", brightness=128)
    console.open_thing("Kitchen ceiling light")
    slider = console.page.get_by_role("slider", name="Brightness")
    expect(slider).to_have_value("50")
    slider.focus()
    with console.stays_loaded():
        for _press in range(3):
            console.page.keyboard.press("ArrowRight")
        value = console.page.locator(".state").filter(has=slider).locator(".row-value")
        expect(value).to_have_text(re.compile(r"^\s*53"))
        expect(console.waiting).to_have_count(0)
        expect(slider).to_have_value("53")
        expect(slider).to_be_focused()
    assert set(called(source)) == {"light.turn_on"}
    assert round(source.states()[DIMMED].attributes["brightness"] / 255 * 100) == 53


MOVE_WHEN_DRAWN_ANEW = """
    document.body.addEventListener("htmx:afterSwap", ({ target }) => {
        const slider = target.querySelector("[data-slider$=-field]");
        if (slider) setTimeout(() => {
            slider.value = 30;
            for (const name of ["input", "change"]) slider.dispatchEvent(new Event(name, { bubbles: true }));
        });
    }, { once: true });
"""


def test_a_slider_that_was_just_drawn_anew_is_heard(console: Console, source: SimulatedHass) -> None:
    source.set_state(DIMMED, "on", brightness=128)
    console.open_thing("Kitchen ceiling light")
    slider = console.page.get_by_role("slider", name="Brightness")
    expect(slider).to_have_value("50")
    console.page.evaluate(MOVE_WHEN_DRAWN_ANEW)
    slider.press("ArrowRight")
    expect(console.page.locator(".state").filter(has=slider).locator(".row-value")).to_have_text(re.compile(r"^\s*30"))


def test_a_lock_asks_first_and_escape_sends_nothing(console: Console, source: SimulatedHass) -> None:
    console.open("/things/?q=front+door+lock")
    tile = console.tile("Front door lock")
    with console.stays_loaded():
        tile.get_by_role("button", name=re.compile("Unlock")).click()
        expect(console.dialog).to_contain_text("Unlock Front door lock?")
        expect(console.dialog.get_by_role("button", name="Not now")).to_be_focused()
        console.page.keyboard.press("Escape")
        expect(console.dialog).to_have_count(0)
        expect(tile.get_by_role("button", name=re.compile("Unlock"))).to_be_focused()
        tile.get_by_role("button", name=re.compile("Unlock")).click()
        console.dialog.get_by_role("button", name="Unlock").click()
        expect(console.dialog).to_have_count(0)
        expect(tile.locator(".tile-value")).to_have_text("unlocked", ignore_case=True)
        expect(console.waiting).to_have_count(0)
    assert called(source) == ["lock.unlock"]


def test_an_alarm_takes_the_right_code_only(console: Console, source: SimulatedHass) -> None:
    console.open_thing("Alarm")
    with console.stays_loaded():
        console.button("Arm away").click()
        console.dialog.get_by_label("Code").fill("9999")
        console.dialog.get_by_role("button", name="Arm away").click()
        expect(console.page.locator(".control-trouble")).to_contain_text("Invalid alarm code provided")
        expect(console.page.locator(".hero-value")).to_have_text("disarmed", ignore_case=True)
        console.button("Arm away").click()
        expect(console.dialog.get_by_label("Code")).to_have_value("")
        console.dialog.get_by_label("Code").fill("1234")
        console.page.keyboard.press("Enter")
        expect(console.page.locator(".hero-value")).to_have_text("armed away", ignore_case=True)
    assert called(source) == ["alarm_control_panel.alarm_arm_away"] * 2


def test_what_somebody_types_is_left_alone_when_a_value_comes_in(console: Console, source: SimulatedHass) -> None:
    console.open_thing("Hall display")
    field = console.page.get_by_role("textbox", name=re.compile("Message|Hall display"))
    field.fill("Dinner at")
    with console.stays_loaded():
        source.set_state(MESSAGE, "Rain at noon")
        expect(console.page.locator(".value").filter(has_text="Rain at noon").first).to_be_visible()
        expect(field).to_be_focused()
        field.press_sequentially(" seven")
        expect(field).to_have_value("Dinner at seven")
        console.page.keyboard.press("Escape")
        expect(field).to_have_value("Rain at noon")
        field.fill("Dinner is ready")
        console.page.keyboard.press("Enter")
        source.wait_for(lambda: source.states()[MESSAGE].state == "Dinner is ready", seconds=20)
        expect(console.waiting).to_have_count(0)


def test_everything_is_done_by_keyboard_from_home_to_an_open_door(console: Console, source: SimulatedHass) -> None:
    keyboard = console.open("/").keyboard
    keyboard.press("Tab")
    expect(console.link("Skip to the content")).to_be_focused()
    console.tab_to(console.page.get_by_role("navigation", name="Main").get_by_role("link", name="Things"))
    keyboard.press("Enter")
    expect(console.heading("Things")).to_be_visible()
    keyboard.press("/")
    keyboard.type("front door lock")
    expect(console.page).to_have_url(re.compile(r"q=front(\+|%20)door(\+|%20)lock"))
    tile = console.tile("Front door lock")
    expect(console.page.locator("article.tile")).to_have_count(1)
    console.tab_to(tile.get_by_role("button", name=re.compile("Unlock")))
    keyboard.press("Enter")
    expect(console.dialog.get_by_role("button", name="Not now")).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(console.dialog.get_by_role("button", name="Unlock")).to_be_focused()
    keyboard.press("Enter")
    expect(tile.locator(".tile-value")).to_have_text("unlocked", ignore_case=True)
    expect(console.waiting).to_have_count(0)
    assert called(source) == ["lock.unlock"]
    expect(tile.get_by_role("button")).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(tile.get_by_role("link")).to_be_focused()
    keyboard.press("Enter")
    expect(console.heading("Front door lock")).to_be_visible()


def test_without_javascript_a_switch_and_what_asks_first_work_too(plain: Console, source: SimulatedHass) -> None:
    source.set_state(LIGHT, "off")
    plain.open_thing("Garage light")
    plain.page.get_by_role("switch", name="Garage light").click()
    source.wait_for(lambda: called(source) == ["light.turn_on"], seconds=20)
    plain.open_thing("Front door lock")
    plain.button("Unlock").first.click()
    expect(plain.heading("Unlock Front door lock?")).to_be_visible()
    plain.link("Not now").click()
    expect(plain.heading("Front door lock").first).to_be_visible()
    plain.button("Unlock").first.click()
    plain.button("Unlock").click()
    source.wait_for(lambda: called(source) == ["light.turn_on", "lock.unlock"], seconds=20)
