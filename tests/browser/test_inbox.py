"""New things that wait for somebody's word."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from hi.testing.hass import DeviceSpec, SimulatedHass, specs
from tests.browser.console import Console
from tests.e2e.hub import wait_until

pytestmark = pytest.mark.browser
WANTED, UNWANTED = "Fish tank heater", "Neighbour's kettle"


@pytest.fixture(autouse=True)
def as_it_was(console: Console, source: SimulatedHass, house: int) -> Iterator[None]:
    yield
    for name in (WANTED, UNWANTED):
        source.remove_device(name)
    console.open(f"/integrations/{house}/choose")
    console.page.get_by_role("radio", name="Mirror them").check()
    console.button("Save and sync").click()
    console.sees("Saved.")


def plug_in(source: SimulatedHass, name: str) -> None:
    source.add_device(DeviceSpec(name, "Living room", "shelly", "Shelly", "Plug S", (specs.switch(),)))


def names(console: Console) -> set[str]:
    return {thing["name"] for thing in console.hub.get_all("entities")}


def test_what_is_new_waits_until_it_is_approved_or_ignored_and_that_can_be_undone(
    console: Console, source: SimulatedHass, house: int
) -> None:
    console.open(f"/integrations/{house}/choose")
    console.page.get_by_role("radio", name="Ask me").check()
    console.button("Save and sync").click()
    console.sees("New things wait in the inbox.")
    plug_in(source, WANTED)
    plug_in(source, UNWANTED)
    console.open("/integrations/")
    with console.stays_loaded():
        badge = console.link("2 new things")
        expect(badge).to_be_visible()  # the source said that something is new, and a sync looked
    badge.click()
    assert not names(console) & {WANTED, UNWANTED}
    console.button(f"Approve {WANTED}").click()
    console.sees("1 thing is approved.")
    console.button(f"Ignore {UNWANTED}").click()
    console.sees("Ignored: 1")
    wait_until(lambda: WANTED in names(console), "what is approved is mirrored")
    console.open("/things/?q=fish+tank")
    expect(console.tile(WANTED)).to_be_visible()
    assert UNWANTED not in names(console)

    console.open(f"/integrations/{house}/inbox")
    console.button(f"Stop ignoring {UNWANTED}").click()
    expect(console.button(f"Approve {UNWANTED}")).to_be_visible()
    console.button(f"Approve {UNWANTED}").click()
    wait_until(lambda: UNWANTED in names(console), "what is ignored no more is mirrored")
